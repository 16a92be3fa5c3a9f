//! Who races: a lane, and which of its functions were accepted.

use std::collections::HashSet;

use photofinish_study::{Flow, Lane, LaneFunction, Name, Orchestration};

/// One deployment as it is raced.
#[derive(Debug, Clone)]
pub struct Racer {
    /// Whose code, where, under which names.
    pub lane: Lane,
    /// Functions whose outputs passed the contract when they were given the reference's.
    pub accepted: HashSet<Name>,
    /// Whether every output of its own chain passed.
    pub chain_accepted: bool,
    /// How many passes may be under way at once while one of its own is.
    pub concurrency: u32,
}

impl Racer {
    /// The functions that race in this flow: in a chain all or none, isolated each on its own.
    #[must_use]
    pub fn racing(&self, flow: Flow) -> Vec<&LaneFunction> {
        let accepted = |function: &&LaneFunction| self.accepted.contains(&function.name);
        match flow {
            Flow::Chained if self.chain_accepted => self.lane.functions.iter().collect(),
            Flow::Chained => Vec::new(),
            Flow::Isolated => self.lane.functions.iter().filter(accepted).collect(),
        }
    }

    /// The functions that race in this flow by this orchestration: only a chain has a machine.
    pub(crate) fn entered(&self, flow: Flow, orchestration: Orchestration) -> Vec<&LaneFunction> {
        match (orchestration, flow, &self.lane.machine) {
            (Orchestration::Client, ..) | (_, Flow::Chained, Some(_)) => self.racing(flow),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use photofinish_study::{
        Architecture, Contestant, Deployment, Digest, Platform, Sample, Target,
    };

    use super::*;

    #[test]
    fn one_rejected_function_ends_the_chain_but_not_the_others() {
        let name = |text: &str| Name::new(text).unwrap();
        let function = |text: &str| LaneFunction {
            name: name(text),
            deployed_as: text.to_owned(),
            extension: "png".to_owned(),
            package: Digest::of(b"code"),
        };
        let target = Target {
            platform: Platform::Local,
            architecture: Architecture::X86_64,
            memory_mb: 1769,
        };
        let contestant = Contestant { variant: name("v"), sample: Sample::first(1) };
        let racer = Racer {
            lane: Lane {
                absent: Vec::new(),
                machine: Some("arn".to_owned()),
                deployment: Arc::new(Deployment { contestant, target }),
                functions: vec![function("resize"), function("rotate")],
            },
            accepted: HashSet::from([name("resize")]),
            chain_accepted: false,
            concurrency: 1,
        };
        assert!(racer.racing(Flow::Chained).is_empty());
        let machine = Orchestration::StepFunctions;
        assert!(racer.entered(Flow::Chained, machine).is_empty());
        let whole = Racer { chain_accepted: true, ..racer.clone() };
        assert_eq!(whole.entered(Flow::Chained, machine).len(), 2);
        assert!(whole.entered(Flow::Isolated, machine).is_empty(), "a machine runs a chain");
        let isolated: Vec<&str> =
            racer.racing(Flow::Isolated).iter().map(|function| function.name.as_str()).collect();
        assert_eq!(isolated, ["resize"]);
    }
}
