//! By whom the passes of a study are run.

use toml::Spanned;

use crate::place::{InputError, Source};
use crate::words::{Flow, Orchestration};

/// By whom where nothing is said.
pub(crate) fn by_the_client() -> Vec<Orchestration> {
    vec![Orchestration::Client]
}

pub(crate) fn is_by_the_client(orchestration: &[Orchestration]) -> bool {
    orchestration == [Orchestration::Client]
}

/// By whom, checked: the client always, and a state machine only where there is a chain.
pub(crate) fn orchestration(
    source: &Source,
    given: Option<Spanned<Vec<Orchestration>>>,
    flow: &[Flow],
) -> Result<Vec<Orchestration>, InputError> {
    let Some(given) = given else { return Ok(by_the_client()) };
    let mut chosen = given.get_ref().clone();
    chosen.sort();
    chosen.dedup();
    if chosen.first() != Some(&Orchestration::Client) || chosen.len() != given.get_ref().len() {
        return Err(source
            .error(given.span(), "`orchestration` must name the client, and nobody twice")
            .help("write `orchestration = [\"client\", \"step-functions\"]`, or leave it out"));
    }
    if chosen.len() > 1 && !flow.contains(&Flow::Chained) {
        return Err(source
            .error(given.span(), "a state machine runs a chain, and `flow` has no chained passes")
            .help("write `flow = [\"chained\", \"isolated\"]`, or leave `orchestration` out"));
    }
    Ok(chosen)
}
