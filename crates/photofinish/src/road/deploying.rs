//! `deploy` and `destroy`: buckets, layers and functions, in place by name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use photofinish_cloud::{Cloud, FunctionSpec, LayerSpec, LogFormat, Owned, Sort, Tags, Zip};
use photofinish_journal::Journal;
use photofinish_study::{Architecture, Deployment, Digest, Lane, LaneFunction, Language, Platform};

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::progress::counted;
use crate::road::Site;
use crate::road::opening::Opened;
use crate::road::platform::Host;

/// What is in place.
pub(crate) struct Deployed {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) bucket: String,
    pub(crate) destination: String,
}

/// A role that the embedded platform takes at its word.
const LOCAL_ROLE: &str = "arn:aws:iam::000000000000:role/photofinish";
/// Lambda's own limit.
const NAME_LIMIT: usize = 64;

/// The beginning of the name of everything that a study makes.
fn prefix(opened: &Opened) -> String {
    let study: String = opened.study.name.as_str().chars().take(20).collect();
    let study = study.replace(['.', '_'], "-");
    format!("pf-{study}-{}-", &opened.lock.fingerprint().as_str()[..8])
}

/// Where inputs and intermediate pictures lie, and where the last function writes.
pub(crate) fn buckets(opened: &Opened) -> [String; 2] {
    ["work", "destination"].map(|name| format!("{}{name}", prefix(opened)))
}

fn tags(opened: &Opened) -> Tags {
    Tags::from([("photofinish".to_owned(), opened.study.name.to_string())])
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
    let prefix = prefix(opened);
    let [bucket, destination] = buckets(opened);
    for bucket in [&bucket, &destination] {
        noted(journal, "ensure-bucket", bucket, cloud.ensure_bucket(bucket, &Tags::new())).await?;
    }
    let layers = publish_layers(site, cloud, &prefix).await?;
    let mut lanes = Vec::new();
    let here = opened.plan.deployments.iter().filter(|deployment| packed.runs(deployment));
    for deployment in here {
        let contestant = &deployment.contestant;
        let authored = opened.authored(contestant);
        let architecture = deployment.target.architecture;
        journal.deployment(deployment, authored.model()).map_err(|error| Failure::usage(&error))?;
        let kit = packed.kit(contestant);
        let mut functions = Vec::new();
        for function in authored.present(&opened.plan) {
            let code = packed.code(contestant, &function.name, architecture);
            let spec = FunctionSpec {
                name: function_name(&prefix, deployment, function.name.as_str()),
                runtime: kit.runtime().to_owned(),
                handler: kit.handler(&function.name),
                architecture,
                memory_mb: deployment.target.memory_mb,
                timeout: Duration::from_secs(u64::from(opened.study.timeout_s)),
                tmp_mb: 512,
                environment: environment(kit.language),
                layers: kit
                    .layers
                    .iter()
                    .map(|name| layers[&(*name, architecture)].clone())
                    .collect(),
                code: Zip::new(code.bytes.clone()),
                staging_bucket: Some(bucket.clone()),
                role: LOCAL_ROLE.to_owned(),
                tags: tags(opened),
                log_format: LogFormat::Text,
            };
            noted(journal, "deploy-function", &spec.name, cloud.deploy_function(&spec)).await?;
            functions.push(LaneFunction {
                name: function.name.clone(),
                deployed_as: spec.name,
                extension: function.extension.clone(),
                package: packed.fingerprint(contestant, &function.name, architecture),
            });
        }
        let absent =
            opened.plan.functions.iter().filter_map(|function| {
                Some((function.name.clone(), authored.absent(&function.name)?))
            });
        let absent = absent.collect();
        lanes.push(Lane { deployment: Arc::new(deployment.clone()), functions, absent });
    }
    let functions: usize = lanes.iter().map(|lane| lane.functions.len()).sum();
    progress.say(
        "deploy",
        &format!(
            "{} of {} in place",
            counted(functions, "function"),
            counted(lanes.len(), "deployment")
        ),
    );
    Ok(Deployed { lanes, bucket, destination })
}

fn environment(language: Language) -> BTreeMap<String, String> {
    if language != Language::Python {
        return BTreeMap::new();
    }
    [
        ("PHOTOFINISH_HANDLER", "lambda_function.lambda_handler"),
        ("PHOTOFINISH_INSPECTOR", "identity"),
        ("PHOTOFINISH_PLATFORM", "local"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

async fn publish_layers(
    site: &Site<'_>,
    cloud: &Cloud,
    prefix: &str,
) -> Result<BTreeMap<(&'static str, Architecture), String>, Failure> {
    let Site { opened, journal, packed, .. } = *site;
    let mut arns = BTreeMap::new();
    for (&(layer, architecture), package) in &packed.layers {
        let spec = LayerSpec {
            name: format!("{prefix}{layer}-{architecture}"),
            content: Zip::new(package.bytes.clone()),
            architectures: vec![architecture],
            runtimes: vec!["python3.14".to_owned()],
            tags: tags(opened),
            staging_bucket: Some(format!("{prefix}work")),
        };
        let published =
            noted(journal, "publish-layer", &spec.name, cloud.publish_layer(&spec)).await?;
        arns.insert((layer, architecture), published.arn);
    }
    Ok(arns)
}

/// One effect on the platform, with its intent and its outcome in the journal.
async fn noted<T>(
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

/// Removes everything of a study from its platform, and lists it.
pub(crate) fn destroy(work: &arguments::Work) -> Result<Answer, Failure> {
    let opened = Opened::read(&work.study)?;
    let journal = opened.journal("destroy")?;
    let owned = Owned { prefix: prefix(&opened), tag: None };
    let removal = super::block_on(async {
        let host = Host::at_rest(&opened).await?;
        let cloud = host.connect().await?;
        let sorts = match opened.platform() {
            Platform::Local => &Sort::EMBEDDED[..],
            Platform::Aws => &Sort::ALL[..],
        };
        let destroyed = cloud.destroy(&owned, sorts);
        let removal = noted(&journal, "destroy", &owned.prefix, destroyed).await;
        host.stop().await?;
        removal
    })?;
    for resource in &removal.removed {
        println!("removed {resource}");
    }
    for remained in &removal.remained {
        println!("remained {}: {}", remained.what, remained.why);
    }
    if removal.removed.is_empty() && removal.remained.is_empty() {
        println!("nothing of {}* is there", owned.prefix);
    }
    journal.close().map_err(|error| Failure::usage(&error))?;
    Ok(if removal.is_complete() { Answer::Yes } else { Answer::No })
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
