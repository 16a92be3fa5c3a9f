//! `deploy` and `destroy`: buckets, a role, layers and functions, in place by name.

mod ground;
mod guard;
mod images;
mod machines;
mod nothing;
mod removing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use photofinish_cloud::{Cloud, Code, FunctionSpec, LayerSpec, LogFormat, Zip};
use photofinish_journal::Journal;
use photofinish_study::{
    Architecture, Deployment, Digest, Lane, LaneFunction, Language, Lock, Name, Packaging, Platform,
};

pub(crate) use self::ground::{EXPIRES, given_role, tags};
pub(crate) use self::removing::{destroy, take_down};

use self::ground::Ground;
use self::images::Shelf;
use crate::failure::Failure;
use crate::progress::counted;
use crate::road::Site;
use crate::road::opening::Opened;

/// What is in place.
pub(crate) struct Deployed {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) bucket: String,
    pub(crate) destination: String,
    /// The function that does nothing, where there is a distance to measure by it.
    pub(crate) nothing: Option<String>,
}

/// Lambda's own limit.
const NAME_LIMIT: usize = 64;
/// So many functions are deployed at a time: the five of a deployment. All of Lambda's control
/// plane takes 15 requests a second from an account; what it refuses is sent again later.
const AT_A_TIME: usize = 5;

/// The beginning of the name of everything that a study makes.
pub(crate) fn prefix(opened: &Opened) -> String {
    prefix_of(&opened.study.name, &opened.lock)
}

fn prefix_of(study: &Name, lock: &Lock) -> String {
    let study: String = study.as_str().chars().take(20).collect();
    let study = study.replace(['.', '_'], "-");
    format!("pf-{study}-{}-", &lock.fingerprint().as_str()[..8])
}

/// Where inputs and intermediate pictures lie, and where the last function writes.
pub(crate) fn buckets(opened: &Opened) -> [String; 2] {
    ["work", "destination"].map(|name| format!("{}{name}", prefix(opened)))
}

/// A function's name on the platform: readable where it fits, told apart by a hash where not.
fn function_name(prefix: &str, deployment: &Deployment, function: &str) -> String {
    let (contestant, target) = (&deployment.contestant, &deployment.target);
    let name = format!(
        "{prefix}{}-{}-{}-{}-{function}",
        contestant.variant, contestant.sample, target.architecture, target.memory_mb
    )
    .replace(['.', '+'], "-");
    if name.len() <= NAME_LIMIT {
        return name;
    }
    let digest = Digest::of(name.as_bytes());
    let hash = &digest.as_str()[..10];
    let room = NAME_LIMIT - hash.len() - 1;
    format!("{}-{hash}", &name[..room])
}

/// Makes whatever is not as it should be.
pub(crate) async fn deploy(site: &Site<'_>, cloud: &Cloud) -> Result<Deployed, Failure> {
    let Site { opened, journal, packed, progress, .. } = *site;
    let ground = Ground::lay(site, cloud).await?;
    let layers = publish_layers(site, cloud, &ground).await?;
    let shelf = Shelf::fill(site, cloud, &ground).await?;
    let mut wanted = Vec::new();
    let mut lanes = Vec::new();
    let here = opened.plan.deployments.iter().filter(|deployment| {
        // AWS runs what this machine could not.
        deployment.target.platform == Platform::Aws || packed.runs(deployment)
    });
    for deployment in here {
        let contestant = &deployment.contestant;
        let authored = opened.authored(contestant);
        let architecture = deployment.target.architecture;
        journal.deployment(deployment, authored.model()).map_err(|error| Failure::usage(&error))?;
        let kit = packed.kit(contestant);
        let mut functions = Vec::new();
        for function in authored.present(&opened.plan) {
            let (code, package) = handed_over(site, &shelf, deployment, &function.name)?;
            let spec = FunctionSpec {
                name: function_name(&ground.prefix, deployment, function.name.as_str()),
                runtime: kit.runtime().to_owned(),
                handler: kit.handler(&function.name),
                architecture,
                memory_mb: deployment.target.memory_mb,
                timeout: Duration::from_secs(u64::from(opened.study.timeout_s)),
                tmp_mb: 512,
                environment: environment(kit.language, ground.platform),
                layers: match code {
                    Code::Image(_) => Vec::new(),
                    Code::Zip(_) => {
                        let of = |name: &&'static str| layers[&(*name, architecture)].clone();
                        kit.layers.iter().map(of).collect()
                    }
                },
                code,
                staging_bucket: Some(ground.bucket.clone()),
                role: ground.role.clone(),
                tags: ground.tags.clone(),
                log_format: LogFormat::Text,
            };
            functions.push(LaneFunction {
                name: function.name.clone(),
                deployed_as: spec.name.clone(),
                extension: function.extension.clone(),
                package,
            });
            wanted.push(spec);
        }
        let absent =
            opened.plan.functions.iter().filter_map(|function| {
                Some((function.name.clone(), authored.absent(&function.name)?))
            });
        let absent = absent.collect();
        let deployment = Arc::new(deployment.clone());
        lanes.push(Lane { deployment, functions, machine: None, absent });
    }
    for some in wanted.chunks(AT_A_TIME) {
        // Each is waited for, even if another failed: a call that is cut off may still be obeyed.
        let done = some.iter().map(|spec| put_in_place(site, cloud, &ground, spec));
        join_all(done).await.into_iter().collect::<Result<(), Failure>>()?;
    }
    machines::deploy(site, cloud, &ground, &mut lanes).await?;
    let nothing = nothing::deploy(site, cloud, &ground).await?;
    let functions: usize = lanes.iter().map(|lane| lane.functions.len()).sum();
    progress.say(
        "deploy",
        &format!(
            "{} of {} in place",
            counted(functions, "function"),
            counted(lanes.len(), "deployment")
        ),
    );
    Ok(Deployed { lanes, bucket: ground.bucket, destination: ground.destination, nothing })
}

/// What one function's code is on the deployment's target, and the hash of all that answers.
fn handed_over(
    site: &Site<'_>,
    shelf: &Shelf,
    deployment: &Deployment,
    function: &Name,
) -> Result<(Code, Digest), Failure> {
    let Site { opened, packed, .. } = *site;
    let (contestant, target) = (&deployment.contestant, &deployment.target);
    if !opened.wants_image(target) {
        let code = packed.code(contestant, function, target.architecture);
        let fingerprint = packed.fingerprint(contestant, function, target.architecture);
        return Ok((Zip::new(code.bytes.clone()).into(), fingerprint));
    }
    let (image, sha256) = shelf.image(site, deployment, function)?;
    Ok((Code::Image(image), sha256))
}

/// One function, with the group that it logs into made before it where nobody else may make one.
async fn put_in_place(
    site: &Site<'_>,
    cloud: &Cloud,
    ground: &Ground,
    spec: &FunctionSpec,
) -> Result<(), Failure> {
    let journal = site.journal;
    if ground.platform == Platform::Aws {
        let made = cloud.ensure_log_group(&spec.name, &ground.tags);
        noted(journal, "ensure-log-group", &spec.name, made).await?;
    }
    noted(journal, "deploy-function", &spec.name, cloud.deploy_function(spec)).await?;
    Ok(())
}

fn environment(language: Language, platform: Platform) -> BTreeMap<String, String> {
    if language != Language::Python {
        return BTreeMap::new();
    }
    [
        ("PHOTOFINISH_HANDLER", "lambda_function.lambda_handler"),
        ("PHOTOFINISH_INSPECTOR", "identity"),
        ("PHOTOFINISH_PLATFORM", platform.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

async fn publish_layers(
    site: &Site<'_>,
    cloud: &Cloud,
    ground: &Ground,
) -> Result<BTreeMap<(&'static str, Architecture), String>, Failure> {
    let Site { opened, journal, packed, .. } = *site;
    let mut arns = BTreeMap::new();
    // Images have their layers in them.
    let zips = |architecture| opened.wants(Packaging::Zip, architecture);
    for (&(layer, architecture), package) in
        packed.layers.iter().filter(|((_, architecture), _)| zips(*architecture))
    {
        let spec = LayerSpec {
            name: format!("{}{layer}-{architecture}", ground.prefix),
            content: Zip::new(package.bytes.clone()),
            architectures: vec![architecture],
            runtimes: vec!["python3.14".to_owned()],
            tags: ground.tags.clone(),
            staging_bucket: Some(ground.bucket.clone()),
        };
        let published =
            noted(journal, "publish-layer", &spec.name, cloud.publish_layer(&spec)).await?;
        arns.insert((layer, architecture), published.arn);
    }
    Ok(arns)
}

/// One effect on the platform, with its intent and its outcome in the journal.
pub(crate) async fn noted<T>(
    journal: &Journal,
    operation: &str,
    subject: &str,
    effect: impl Future<Output = Result<T, photofinish_cloud::Error>>,
) -> Result<T, Failure> {
    let intent = journal.intend(operation, subject).map_err(|error| Failure::usage(&error))?;
    let outcome = effect.await;
    let status = outcome.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
    journal.conclude(intent, &status, None).map_err(|error| Failure::usage(&error))?;
    outcome.map_err(|error| Failure::provider(&error))
}

#[cfg(test)]
mod tests {
    use photofinish_study::{Contestant, Name, Platform, Sample, Target};

    use super::*;

    #[test]
    fn a_function_name_fits_lambda_and_stays_unlike_others() {
        let deployment = |variant: &str| Deployment {
            contestant: Contestant {
                variant: Name::new(variant).unwrap(),
                sample: Sample::first(1),
            },
            target: Target {
                platform: Platform::Local,
                architecture: Architecture::X86_64,
                memory_mb: 1769,
            },
        };
        let short = function_name("pf-quick-12345678-", &deployment("pillow"), "resize");
        assert_eq!(short, "pf-quick-12345678-pillow-1-x86_64-1769-resize");
        let long = "a-very-long-name-of-a-model-3.1-preview";
        let one = function_name("pf-quick-12345678-", &deployment(long), "resize");
        let two = function_name("pf-quick-12345678-", &deployment(long), "rotate");
        assert!(one.len() <= NAME_LIMIT && two.len() <= NAME_LIMIT && one != two);
    }
}
