//! A study's calls in the layouts that the users of other tools know, for the scripts that they
//! have. What a layout asks for and was not measured is left out or empty, never made up;
//! `docs/export.md` says which.

mod saaf;
mod sebs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use photofinish_study::record::Invocation;
use photofinish_study::{Architecture, Deployment, Flow, Name, Orchestration, Phase, Platform};

use crate::file;

photofinish_study::word! {
    /// Whose layout.
    Layout, "layout":
    /// Of FaaS Runner, with the attributes of SAAF.
    Saaf = "saaf",
    /// Of SeBS's experiment perf-cost.
    Sebs = "sebs",
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Where, below the folder of the export.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A call that has no place in a layout, by what it is.
pub type LeftOut = BTreeMap<&'static str, usize>;

/// The files of an export, and how many calls have no place in it.
#[must_use]
pub fn export(layout: Layout, study: &str, calls: &[Invocation]) -> (Vec<Exported>, LeftOut) {
    let by_the_client = |call: &&Invocation| call.at.orchestration == Orchestration::Client;
    let own: Vec<Invocation> = calls.iter().filter(by_the_client).cloned().collect();
    let (files, mut left_out) = match layout {
        Layout::Saaf => saaf::files(study, &own),
        Layout::Sebs => sebs::files(study, &own),
    };
    if own.len() < calls.len() {
        left_out.insert("called by a state machine", calls.len() - own.len());
    }
    (files, left_out)
}

/// Writes an export below a folder.
pub fn write(folder: &Path, files: &[Exported]) -> Result<(), file::WriteError> {
    files.iter().try_for_each(|exported| file::write(&folder.join(&exported.path), &exported.bytes))
}

/// What has tables of its own in both layouts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    deployment: Arc<Deployment>,
    flow: Flow,
}

impl Series {
    fn of(call: &Invocation) -> Self {
        Self { deployment: Arc::clone(&call.at.deployment), flow: call.at.flow }
    }

    /// A name for files: `gpt-5_1_aws_arm64_chained`.
    fn name(&self) -> String {
        let Deployment { contestant, target } = &*self.deployment;
        let (variant, sample) = (&contestant.variant, contestant.sample);
        let (platform, architecture) = (target.platform, target.architecture);
        format!("{variant}_{sample}_{platform}_{architecture}_{}", self.flow)
    }

    fn memory_mb(&self) -> u32 {
        self.deployment.target.memory_mb
    }
}

/// Calls by what they have in common, in the order of that.
fn grouped<'a, K: Ord>(
    calls: impl IntoIterator<Item = &'a Invocation>,
    key: impl Fn(&Invocation) -> K,
) -> BTreeMap<K, Vec<&'a Invocation>> {
    let mut groups: BTreeMap<K, Vec<&Invocation>> = BTreeMap::new();
    for call in calls {
        groups.entry(key(call)).or_default().push(call);
    }
    groups
}
