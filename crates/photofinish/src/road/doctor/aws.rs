//! What an AWS account lets a study do, and whose are the names that it would use. It looks, and
//! makes nothing.

use std::collections::BTreeMap;

use photofinish_cloud::{
    ACTIONS, Account, Cloud, Kind, LAMBDA_SERVICE, Owned, Place, Room, STATES_SERVICE, Sort, Survey,
};
use photofinish_study::{Architecture, Packaging};

use super::{Finding, disk::size};
use crate::arguments;
use crate::failure::Failure;
use crate::road::opening::Opened;
use crate::road::{block_on, deploying};

/// What the functions of Python variants run on.
const RUNTIME: &str = "python3.14";
/// New accounts start with so many calls at a time: enough for a study, slowly.
const NEW_ACCOUNT: u32 = 10;
/// One pass and the cold starts beside it.
const LEAST: u32 = 5;
/// Room for the layers and functions of a study such as the bundled ones.
const CODE: u64 = 500 << 20;

/// Everything that can be known of the account; what depends on a study only with one.
pub(super) fn examine(arguments: &arguments::Doctor) -> Result<Vec<Finding>, Failure> {
    let opened = match &arguments.study {
        Some(study) => {
            let on = Some(photofinish_study::Platform::Aws);
            let study = arguments::Study { study: study.clone(), out: None, on, json: false };
            Some(Opened::read(&study)?)
        }
        None => None,
    };
    let named = opened.as_ref().and_then(Opened::region);
    let place = Place::Aws { region: arguments.region.clone().or(named) };
    block_on(async {
        let cloud = match Cloud::connect(&place).await {
            Ok(cloud) => cloud,
            Err(error) => return Ok(vec![refused("credentials", &error)]),
        };
        Ok(look(&cloud, opened.as_ref()).await)
    })
}

async fn look(cloud: &Cloud, opened: Option<&Opened>) -> Vec<Finding> {
    let account = match cloud.account().await {
        Ok(account) => account,
        Err(error) => return vec![refused("credentials", &error)],
    };
    let mut findings = vec![
        Finding::fine("credentials", format!("account {}, {}", account.id, account.arn)),
        Finding::fine("region", cloud.region()),
    ];
    match cloud.room().await {
        Ok(room) => findings.extend([concurrency(room, at_once(opened)), code(room)]),
        Err(error) => findings.push(refused("Lambda", &error)),
    }
    findings.push(runtime(cloud).await);
    if let Some(opened) = opened {
        findings.push(names(cloud, opened).await);
    }
    findings.extend(permissions(cloud, &account, opened).await);
    findings
}

/// The most passes that a study lets be under way at once; each is one call at a time.
fn at_once(opened: Option<&Opened>) -> u32 {
    let targets = opened.into_iter().flat_map(|opened| &opened.study.targets);
    targets.map(|target| target.concurrency).max().unwrap_or(1)
}

fn concurrency(room: Room, at_once: u32) -> Finding {
    const WHAT: &str = "concurrency";
    let found =
        format!("{} calls at a time, {} of them unreserved", room.concurrency, room.unreserved);
    let mend = "ask for more under Service Quotas, Lambda, Concurrent executions";
    if room.unreserved < at_once {
        let found = format!("{found}; the study asks for {at_once} passes at once");
        Finding::lacking(WHAT, found, "lower `concurrency` in the study's target")
    } else if room.unreserved < LEAST {
        Finding::lacking(WHAT, format!("{found}; a pass needs {LEAST}"), mend)
    } else if room.concurrency <= NEW_ACCOUNT {
        let found = format!("{found}: a new account's; calls of other functions crowd a race out");
        Finding::without(WHAT, found, mend)
    } else {
        Finding::fine(WHAT, found)
    }
}

fn code(room: Room) -> Finding {
    const WHAT: &str = "code storage";
    let left = room.code_limit.saturating_sub(room.code_used);
    let found = format!("{} of {} left", size(left), size(room.code_limit));
    if left < CODE {
        let mend =
            "delete old functions and versions of layers, or `photofinish destroy --expired`";
        return Finding::without(WHAT, found, mend);
    }
    Finding::fine(WHAT, found)
}

async fn runtime(cloud: &Cloud) -> Finding {
    const WHAT: &str = "runtime";
    let mut unknown = Vec::new();
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        match cloud.knows_runtime(RUNTIME, architecture).await {
            Ok(true) => {}
            Ok(false) => unknown.push(architecture.as_str()),
            Err(error) => {
                let mend = "allow lambda:ListLayers, or see at the first deployment";
                return Finding::without(WHAT, format!("not known: {error}"), mend);
            }
        }
    }
    if unknown.is_empty() {
        let found = format!("{RUNTIME} is a known name here; that it starts, only a call shows");
        return Finding::fine(WHAT, found);
    }
    let found = format!("{RUNTIME} is not known here on {}", unknown.join(" and "));
    Finding::lacking(WHAT, found, "choose another region in the study's target")
}

/// What is there already under the study's names, and whose it is.
async fn names(cloud: &Cloud, opened: &Opened) -> Finding {
    const WHAT: &str = "names";
    let prefix = deploying::prefix(opened);
    let owned = Owned { prefix: prefix.clone(), tag: None };
    let survey = match cloud.survey(&owned, &Sort::ALL).await {
        Ok(survey) => survey,
        Err(error) => return refused(WHAT, &error),
    };
    if let Some(first) = survey.unknown().first() {
        let found = format!("not known of {}: {}", first.what, first.why);
        return Finding::without(WHAT, found, "allow the calls that list and read tags");
    }
    let mut others = survey.found().filter(|(_, tags)| {
        tags.get("photofinish").is_some_and(|study| study != opened.study.name.as_str())
    });
    if let Some((resource, tags)) = others.next() {
        let study = tags.get("photofinish").map_or("?", String::as_str);
        let found = format!("{resource} is of study {study}");
        return Finding::lacking(WHAT, found, "rename this study");
    }
    Finding::fine(WHAT, counted(&survey, &prefix))
}

fn counted(survey: &Survey, prefix: &str) -> String {
    if survey.found().len() == 0 {
        return format!("nothing named {prefix}* is there");
    }
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, tags) in survey.found() {
        let end = tags.get(photofinish_cloud::EXPIRES_TAG).map_or("?", String::as_str);
        *ends.entry(end).or_default() += 1;
    }
    let ends: Vec<String> = ends.iter().map(|(end, n)| format!("{n} until {end}")).collect();
    format!("this study's own, as it was deployed before: {}", ends.join(", "))
}

/// Sort by sort: what the policies deny by name.
async fn permissions(cloud: &Cloud, account: &Account, opened: Option<&Opened>) -> Vec<Finding> {
    let prefix = opened.map_or_else(|| "pf-any-00000000-".to_owned(), deploying::prefix);
    let role_is_given = opened.and_then(deploying::given_role).is_some();
    let mut findings = Vec::new();
    let watched = opened.is_none_or(|opened| opened.study.budget.is_some());
    let imaged = opened.is_none_or(|opened| {
        opened.study.targets.iter().any(|target| target.package == Packaging::Image)
    });
    // A study's own run chains; those of `process` have executions and map runs, and need no study.
    let with_machines = opened.is_none_or(|opened| opened.study.has_machines());
    let asked = |sort: &str| match sort {
        "budgets" | "alarms" | "topics" => watched,
        "repositories" => imaged,
        "state machines" | "machines' role" => with_machines,
        "executions" | "map runs" => opened.is_none(),
        _ => true,
    };
    for (sort, actions) in ACTIONS.into_iter().filter(|(sort, _)| asked(sort)) {
        let what = match sort {
            "functions" => "may: functions",
            "state machines" => "may: machines",
            "executions" => "may: executions",
            "map runs" => "may: map runs",
            "layers" => "may: layers",
            "repositories" => "may: repositories",
            "objects" => "may: objects",
            "buckets" => "may: buckets",
            "roles" => "may: roles",
            "machines' role" => "may: hand over",
            "budgets" => "may: budgets",
            "alarms" => "may: alarms",
            "topics" => "may: topics",
            _ => "may: logs",
        };
        let actions: Vec<&str> = actions
            .iter()
            .copied()
            .filter(|action| sort != "roles" || !role_is_given || *action == "iam:PassRole")
            .collect();
        let resource = resource(sort, account, cloud.region(), &prefix, opened);
        let service = if sort == "machines' role" { STATES_SERVICE } else { LAMBDA_SERVICE };
        let finding = match cloud.denied(account, &actions, &resource, service).await {
            Ok(denied) if denied.is_empty() => {
                Finding::fine(what, format!("all {} actions on {resource}", actions.len()))
            }
            Ok(denied) => Finding::lacking(
                what,
                format!("denied on {resource}: {}", denied.join(", ")),
                "have them allowed: docs/aws.md holds the whole policy",
            ),
            Err(error) => Finding::without(
                what,
                format!("not known: {error}"),
                "use a user's or a role's credentials and allow iam:SimulatePrincipalPolicy, or see \
                 at the first deployment",
            ),
        };
        findings.push(finding);
    }
    findings
}

/// A resource of each sort as a study would name it: policies may allow just those.
fn resource(
    sort: &str,
    account: &Account,
    region: &str,
    prefix: &str,
    opened: Option<&Opened>,
) -> String {
    let Account { id, partition, .. } = account;
    match sort {
        "functions" => format!("arn:{partition}:lambda:{region}:{id}:function:{prefix}x"),
        "layers" => format!("arn:{partition}:lambda:{region}:{id}:layer:{prefix}x"),
        "state machines" => format!("arn:{partition}:states:{region}:{id}:stateMachine:{prefix}x"),
        "executions" => format!("arn:{partition}:states:{region}:{id}:execution:{prefix}x:1"),
        "map runs" => format!("arn:{partition}:states:{region}:{id}:mapRun:{prefix}x/batches:1"),
        "repositories" => format!("arn:{partition}:ecr:{region}:{id}:repository/{prefix}images"),
        "objects" => format!("arn:{partition}:s3:::{prefix}work/x"),
        "buckets" => format!("arn:{partition}:s3:::{prefix}work"),
        "roles" => match opened.and_then(deploying::given_role) {
            Some(role) => role.to_owned(),
            None => format!("arn:{partition}:iam::{id}:role/{prefix}role"),
        },
        "machines' role" => format!("arn:{partition}:iam::{id}:role/{prefix}states"),
        "budgets" => format!("arn:{partition}:budgets::{id}:budget/{prefix}budget"),
        // AWS keeps its bills, and so what watches them, in one region.
        "alarms" => format!("arn:{partition}:cloudwatch:us-east-1:{id}:alarm:{prefix}charges"),
        "topics" => format!("arn:{partition}:sns:us-east-1:{id}:{prefix}charges"),
        _ => format!("arn:{partition}:logs:{region}:{id}:log-group:/aws/lambda/{prefix}x"),
    }
}

fn refused(what: &'static str, error: &photofinish_cloud::Error) -> Finding {
    let mend = match error.kind() {
        Kind::MissingCredentials => {
            "`aws configure`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
             and AWS_REGION"
        }
        Kind::AccessDenied => "get current credentials (`aws sso login` where they come from SSO)",
        Kind::Network | Kind::Timeout => "check the network, a proxy, and the region's name",
        Kind::MissingCertificates => "install the package `ca-certificates`, or set SSL_CERT_FILE",
        _ => "the message says what AWS wants",
    };
    Finding::lacking(what, error.to_string(), mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_in_the_book_allows_what_a_study_does_and_no_wildcard() {
        let book = include_str!("../../../../../docs/aws.md");
        let policy = book.split("```json").nth(1).and_then(|rest| rest.split("```").next());
        let policy: serde_json::Value = serde_json::from_str(policy.unwrap()).unwrap();
        let statements = policy["Statement"].as_array().unwrap();
        let allowed: Vec<&str> = statements
            .iter()
            .flat_map(|statement| statement["Action"].as_array().unwrap())
            .map(|action| action.as_str().unwrap())
            .collect();
        for action in ACTIONS.iter().flat_map(|(_, actions)| *actions) {
            assert!(allowed.contains(action), "docs/aws.md does not allow {action}");
        }
        assert!(allowed.iter().all(|action| !action.contains('*')), "{allowed:?}");
    }
}
