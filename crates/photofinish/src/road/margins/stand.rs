//! The stand: the local platform with the layers in place, on which each implementation is
//! deployed, called, judged and removed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use photofinish_cloud::{Cloud, FunctionSpec, LayerSpec, LogFormat, Tags, Zip};
use photofinish_emulator::GuestAccess;
use photofinish_package::{Package, check_function, zip_directory};
use photofinish_runtimes::{Cache, WheelSet};
use photofinish_study::{Architecture, Function, VariantFolder};
use photofinish_verify::{ANSWER, Attempt, Fixture, Judgement, Mutant, Outcome, Output};
use photofinish_verify::{Prepared, Tested};
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::road::packing::{self, PythonOf};
use crate::road::platform::{Local, Start};

/// Where inputs and outputs lie.
const BUCKETS: [&str; 2] = ["pf-margins-work", "pf-margins-destination"];
/// A role that the embedded platform takes at its word.
const ROLE: &str = "arn:aws:iam::000000000000:role/photofinish";
/// A whole core, as Lambda gives it.
const MEMORY_MB: u32 = 1769;
/// How long one call may take: nothing is raced, and loops over pixels are slow.
const PATIENCE: Duration = Duration::from_secs(60);
/// What has failed so often in a row is called no more.
const FAILURES: usize = 2;

/// The inputs of one function: for each draw, fixtures that are ready for judging.
pub(super) type Inputs = Vec<Vec<(Fixture, Prepared)>>;

/// The layers that some implementation imports from.
pub(super) type Layers = BTreeMap<&'static str, Package>;

/// Packs every layer that is asked for.
pub(super) fn pack_layers(
    mutants: &[Mutant],
    python: &PythonOf,
    progress: Progress,
) -> Result<Layers, Failure> {
    let cache = Cache::of_user().map_err(|error| Failure::lacking(&error))?;
    let asked = |set: &WheelSet| {
        mutants.iter().any(|mutant| mutant.layers.iter().any(|layer| layer == set.as_str()))
    };
    let sets = WheelSet::LAYERS.into_iter().filter(asked);
    sets.map(|set| {
        let (runtime, architecture) = (&python.runtime, python.architecture);
        let layer = packing::layer(&cache, runtime, architecture, set.as_str(), progress)?;
        Ok((set.as_str(), layer))
    })
    .collect()
}

/// The platform, the layers, and where code is zipped.
pub(super) struct Stand {
    local: Local,
    bench: Arc<Bench>,
    /// Holds everything that the platform keeps.
    _folder: tempfile::TempDir,
}

/// What every trial needs.
struct Bench {
    cloud: Cloud,
    architecture: Architecture,
    layers: Layers,
    arns: BTreeMap<&'static str, String>,
    code: tempfile::TempDir,
    quick: bool,
}

impl Stand {
    pub(super) async fn set_up(
        python: PythonOf,
        layers: Layers,
        quick: bool,
    ) -> Result<Self, Failure> {
        let temporary = || tempfile::tempdir().map_err(|error| Failure::lacking(&error));
        let (folder, code) = (temporary()?, temporary()?);
        let architecture = python.architecture;
        let start = Start {
            data: folder.path(),
            durable: false,
            port: 0,
            address: None,
            guest_access: GuestAccess::Buckets(BUCKETS.map(str::to_owned).into()),
            pythons: &[python],
        };
        let (local, _) = Local::start(start).await?;
        let cloud = local.connect().await?;
        for bucket in BUCKETS {
            let made = cloud.ensure_bucket(bucket, &Tags::new()).await;
            made.map_err(|error| Failure::provider(&error))?;
        }
        let arns = publish(&cloud, &layers, architecture).await?;
        let bench = Arc::new(Bench { cloud, architecture, layers, arns, code, quick });
        Ok(Self { local, bench, _folder: folder })
    }

    pub(super) async fn take_down(self) -> Result<(), Failure> {
        self.local.stop().await
    }

    /// Tries implementations of one function, as many at once as there are cores; gives, for each
    /// draw, what became of each in their order.
    pub(super) async fn try_each(
        &self,
        function: &Function,
        is_last: bool,
        mutants: Vec<Mutant>,
        inputs: Arc<Inputs>,
        tell: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Vec<Vec<Tested>>, Failure> {
        let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let output_bucket = if is_last { BUCKETS[1] } else { BUCKETS[0] };
        let mut waiting = mutants.into_iter().enumerate();
        let mut under_way = JoinSet::new();
        let mut tried = BTreeMap::new();
        loop {
            while under_way.len() < at_once
                && let Some((place, mutant)) = waiting.next()
            {
                let (bench, inputs) = (Arc::clone(&self.bench), Arc::clone(&inputs));
                let function = function.clone();
                under_way.spawn(async move {
                    let tested = bench.try_one(&function, output_bucket, mutant, &inputs).await;
                    (place, tested)
                });
            }
            let Some(ended) = under_way.join_next().await else { break };
            let (place, tested) =
                ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            tried.insert(place, tested?);
            tell(tried.len() as u64);
        }
        let by_draw = |draw: usize| tried.values().map(|tested| tested[draw].clone()).collect();
        Ok((0..inputs.len()).map(by_draw).collect())
    }
}

async fn publish(
    cloud: &Cloud,
    layers: &Layers,
    architecture: Architecture,
) -> Result<BTreeMap<&'static str, String>, Failure> {
    let mut arns = BTreeMap::new();
    for (&name, layer) in layers {
        let spec = LayerSpec {
            name: format!("pf-margins-{name}"),
            content: Zip::new(layer.bytes.clone()),
            architectures: vec![architecture],
            runtimes: vec!["python3.14".to_owned()],
            tags: Tags::new(),
            staging_bucket: Some(BUCKETS[0].to_owned()),
        };
        let published = cloud.publish_layer(&spec).await;
        arns.insert(name, published.map_err(|error| Failure::provider(&error))?.arn);
    }
    Ok(arns)
}

impl Bench {
    /// Deploys one implementation, calls it on every input, and removes it with its sandbox.
    async fn try_one(
        &self,
        function: &Function,
        output_bucket: &str,
        mutant: Mutant,
        inputs: &Inputs,
    ) -> Result<Vec<Tested>, Failure> {
        let spec = self.spec(&mutant)?;
        let deployed = self.cloud.deploy_function(&spec).await;
        deployed.map_err(|error| Failure::provider(&error))?;
        let attempt = Attempt {
            cloud: &self.cloud,
            deployed_as: &spec.name,
            function: &function.name,
            extension: &function.extension,
            bucket: BUCKETS[0],
            output_bucket,
            timeout: PATIENCE,
        };
        let judged = self.judge_all(&attempt, inputs).await?;
        let deleted = self.cloud.delete_function(&spec.name).await;
        deleted.map_err(|error| Failure::provider(&error))?;
        let tested = |judged| Tested { mutant: mutant.clone(), judged };
        Ok(judged.into_iter().map(tested).collect())
    }

    /// What the judge says, for each draw and each of its fixtures.
    async fn judge_all(
        &self,
        attempt: &Attempt<'_>,
        inputs: &Inputs,
    ) -> Result<Vec<Vec<(Arc<str>, Judgement)>>, Failure> {
        let mut failures = 0;
        let mut all = Vec::new();
        for fixtures in inputs {
            let mut judged = Vec::new();
            for (fixture, prepared) in fixtures {
                if failures == FAILURES {
                    let given_up = Judgement::rejected(ANSWER, "it had failed before");
                    judged.push((Arc::clone(&fixture.name), given_up));
                    continue;
                }
                let outcome = attempt.on(&fixture.bytes).await;
                let outcome = outcome.map_err(|error| Failure::provider(&error))?.outcome;
                let judgement = judge(prepared, &outcome);
                failures = if matches!(outcome, Outcome::Failed(_)) { failures + 1 } else { 0 };
                let is_over = self.quick && !judgement.accepted;
                judged.push((Arc::clone(&fixture.name), judgement));
                if is_over {
                    break;
                }
            }
            all.push(judged);
        }
        Ok(all)
    }

    fn spec(&self, mutant: &Mutant) -> Result<FunctionSpec, Failure> {
        let folder = self.code.path().join(mutant.to_string());
        let code = write(&folder, &mutant.code).and_then(|()| {
            let packed = zip_directory(&folder).map_err(|error| Failure::usage(&error))?;
            let layers: Vec<&Package> =
                mutant.layers.iter().filter_map(|name| self.layers.get(&**name)).collect();
            check_function(&packed, &layers).map_err(|error| Failure::usage(&error))?;
            Ok(packed)
        })?;
        Ok(FunctionSpec {
            name: mutant.to_string().replace('/', "-"),
            runtime: "python3.14".to_owned(),
            handler: "lambda_function.lambda_handler".to_owned(),
            architecture: self.architecture,
            memory_mb: MEMORY_MB,
            timeout: PATIENCE,
            tmp_mb: 512,
            environment: BTreeMap::new(),
            layers: mutant.layers.iter().map(|name| self.arns[&**name].clone()).collect(),
            code: Zip::new(code.bytes).into(),
            staging_bucket: Some(BUCKETS[0].to_owned()),
            role: ROLE.to_owned(),
            tags: Tags::new(),
            log_format: LogFormat::Text,
        })
    }
}

/// Judging takes a core for a while, so the other trials' calls go on elsewhere.
fn judge(prepared: &Prepared, outcome: &Outcome) -> Judgement {
    tokio::task::block_in_place(|| match outcome {
        Outcome::Failed(reason) => Judgement::rejected(ANSWER, reason),
        Outcome::Wrote(object) => prepared
            .judge(&Output { bytes: &object.bytes, content_type: object.content_type.as_deref() }),
    })
}

fn write(folder: &Path, code: &str) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| Failure::lacking(&error);
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    std::fs::write(folder.join(VariantFolder::PYTHON_FILE), code).map_err(unwritable)
}
