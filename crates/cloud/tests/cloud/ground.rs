//! What functions stand on: buckets, roles and groups of logs, and what is known of an account
//! before anything is made.

use photofinish_cloud::{
    Account, EXPIRES_TAG, FunctionRights, Kind, Objects, Resource, RoleSpec, STATES_SERVICE, Tags,
};
use photofinish_study::Architecture;

use crate::against_moto::{ON_MOTO, connect, function, layer, owned, tags};
use crate::peers::{Act, MiniStack, Moto, Script};

pub(crate) fn account() -> Account {
    Account {
        id: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        arn: "arn:aws:iam::123456789012:user/student".to_owned(),
    }
}

/// A role that a study's functions run as.
pub(crate) fn role(name: &str) -> RoleSpec {
    let tags = tags().into_iter().chain([("photofinish".to_owned(), "quick".to_owned())]);
    let rights = FunctionRights {
        account: &account(),
        region: "us-east-1",
        prefix: "pf-quick-",
        reads: &[Objects::all_of("pf-quick-work")],
        writes: &["pf-quick-work", "pf-quick-destination"].map(Objects::all_of),
    };
    RoleSpec {
        name: name.to_owned(),
        service: "lambda.amazonaws.com".to_owned(),
        policy: rights.policy(),
        tags: tags.collect(),
    }
}

#[test]
fn a_function_may_do_four_things_in_its_own_places() {
    let policy: serde_json::Value = serde_json::from_str(&role("r").policy).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    let texts = |value: &serde_json::Value| -> Vec<String> {
        let one = value.as_str().map(str::to_owned);
        let many = value.as_array().into_iter().flatten().filter_map(|text| text.as_str());
        one.into_iter().chain(many.map(str::to_owned)).collect()
    };
    let actions: Vec<String> = statements.iter().flat_map(|s| texts(&s["Action"])).collect();
    let four = ["s3:GetObject", "s3:PutObject", "logs:CreateLogStream", "logs:PutLogEvents"];
    assert_eq!(actions, four);
    for place in statements.iter().flat_map(|statement| texts(&statement["Resource"])) {
        assert!(place.contains("pf-quick-"), "{place} is not the study's own");
    }
    for statement in statements.iter().filter(|s| texts(&s["Action"])[0].starts_with("s3:")) {
        let owner = &statement["Condition"]["StringEquals"]["aws:ResourceAccount"];
        assert_eq!(owner, "123456789012");
    }
}

#[tokio::test]
async fn the_ground_is_laid_twice_and_taken_up_once() {
    for peer in ["moto", "MiniStack"] {
        let (moto, ministack);
        let endpoint = if peer == "moto" {
            moto = Moto::start();
            moto.endpoint()
        } else {
            ministack = MiniStack::start();
            ministack.endpoint()
        };
        let cloud = connect(endpoint).await;
        let mut arns = Vec::new();
        for _ in 0..2 {
            cloud.ensure_private_bucket("pf-quick-work", &tags(), 2).await.expect(peer);
            arns.push(cloud.ensure_role(&role("pf-quick-role")).await.expect(peer));
            cloud.ensure_log_group("pf-quick-resize", &tags()).await.expect(peer);
        }
        assert_eq!(arns[0], arns[1]);
        cloud.put_object("pf-quick-work", "a", &b"x"[..], "text/plain").await.expect("put");
        cloud.deploy_function(&function("pf-quick-resize", &arns[0])).await.expect("deployed");
        let removal = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
        assert!(removal.is_complete(), "{peer}: {:?}", removal.remained);
        let all = [
            Resource::Function("pf-quick-resize".to_owned()),
            Resource::LogGroup("/aws/lambda/pf-quick-resize".to_owned()),
            Resource::Objects { bucket: "pf-quick-work".to_owned(), count: 1 },
            Resource::Bucket("pf-quick-work".to_owned()),
            Resource::Role("pf-quick-role".to_owned()),
        ];
        assert_eq!(removal.removed, all, "{peer}");
        let again = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
        assert!(again.is_complete() && again.removed.is_empty(), "{peer}: {again:?}");
    }
}

#[tokio::test]
async fn a_role_that_somebody_else_made_is_left_alone() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    moto.role("pf-quick-role");
    let error = cloud.ensure_role(&role("pf-quick-role")).await.expect_err("it is not ours");
    assert!(error.to_string().contains("somebody else made"), "{error}");
    let removal = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
    assert!(removal.is_complete() && removal.removed.is_empty(), "{removal:?}");
}

#[tokio::test]
async fn only_what_has_expired_is_swept() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    let until = |end: &str| -> Tags {
        tags().into_iter().chain([(EXPIRES_TAG.to_owned(), end.to_owned())]).collect()
    };
    let ends = [("pf-old-", "2026-11-20T00:00:00Z"), ("pf-new-", "2026-12-20T00:00:00Z")];
    for (prefix, end) in ends {
        let named = |rest: &str| format!("{prefix}{rest}");
        cloud.ensure_private_bucket(&named("work"), &until(end), 2).await.expect("made");
        let mut wanted = role(&named("role"));
        wanted.tags.insert(EXPIRES_TAG.to_owned(), end.to_owned());
        let arn = cloud.ensure_role(&wanted).await.expect("made");
        cloud.ensure_log_group(&named("resize"), &until(end)).await.expect("made");
        let mut thing = layer(&named("thing"), b"1");
        thing.tags = until(end);
        cloud.publish_layer(&thing).await.expect("published");
        let mut spec = function(&named("resize"), &arn);
        spec.tags = until(end);
        cloud.deploy_function(&spec).await.expect("deployed");
    }
    cloud.ensure_bucket("pf-untagged-work", &Tags::new()).await.expect("made");

    let swept = cloud.survey_expired("pf-", "2026-11-25T00:00:00Z", &ON_MOTO).await;
    assert_eq!(swept.found().len(), 5, "{swept:?}");
    assert!(swept.found().all(|(resource, _)| resource.to_string().contains("pf-old-")));
    assert_eq!(cloud.functions("pf-").await.expect("listed").len(), 2, "looking removes nothing");
    let removal = cloud.remove(swept).await;
    assert!(removal.is_complete() && removal.removed.len() == 5, "{removal:?}");
    let left = cloud.survey_expired("pf-", "2027-11-25T00:00:00Z", &ON_MOTO).await;
    assert_eq!(left.found().len(), 5, "{left:?}");
    let mut buckets = cloud.buckets("pf-").await.expect("listed");
    buckets.sort();
    assert_eq!(buckets, ["pf-new-work", "pf-untagged-work"]);
}

#[tokio::test]
async fn a_bucket_of_another_account_is_told_and_not_waited_for() {
    let taken = "<Error><Code>BucketAlreadyExists</Code><Message>taken</Message></Error>";
    let none = "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>";
    let script = Script::play([Act::answer(409, taken), Act::answer(200, none)]);
    let cloud = connect(script.endpoint()).await;
    let error = cloud.ensure_private_bucket("pf-quick-work", &tags(), 2).await;
    let error = error.expect_err("it is another's");
    assert_eq!(error.kind(), Kind::Other);
    assert!(error.to_string().contains("another account"), "{error}");
    assert_eq!(script.requests().len(), 2, "{:?}", script.requests());
}

#[tokio::test]
async fn what_an_account_has_room_for_is_known_before_anything_is_made() {
    let ministack = MiniStack::start();
    let cloud = connect(ministack.endpoint()).await;
    let account = cloud.account().await.expect("somebody");
    assert_eq!((account.id.len(), account.partition.as_str()), (12, "aws"));
    let room = cloud.room().await.expect("told");
    assert!(room.concurrency >= room.unreserved && room.code_limit > room.code_used, "{room:?}");
    assert!(cloud.knows_runtime("python3.14", Architecture::Arm64).await.expect("told"));
}

#[tokio::test]
async fn a_denied_action_is_named() {
    let result = |action: &str, decision: &str| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName>\
             <EvalDecision>{decision}</EvalDecision></member>"
        )
    };
    let answer = format!(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{}{}\
         </EvaluationResults><IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>\
         </SimulatePrincipalPolicyResponse>",
        result("iam:CreateRole", "implicitDeny"),
        result("iam:PassRole", "allowed"),
    );
    let script = Script::play([Act::answer(200, answer)]);
    let cloud = connect(script.endpoint()).await;
    let actions = ["iam:CreateRole", "iam:PassRole"];
    let role = "arn:aws:iam::123456789012:role/pf-quick-role";
    let denied = cloud.denied(&account(), &actions, role, STATES_SERVICE).await;
    assert_eq!(denied.expect("simulated"), ["iam:CreateRole"]);
    let asked = script.bodies().pop().expect("a request");
    assert!(asked.contains("states.amazonaws.com"), "{asked}");
}
