//! A study's state in words and as JSON.

use photofinish_journal::Holder;

use super::found::{Found, Page, Part, Tried, Wanted};

/// One stage that is still to be done, and what it would do.
struct Next {
    command: &'static str,
    would: String,
}

pub(super) fn print(wanted: &Wanted, found: &Found) {
    let row = |what: &str, text: &str| println!("{what:<10} {text}");
    row("study", &format!("{} in {}", wanted.lock.study.name, wanted.directory.display()));
    match found.holder {
        Holder::Nobody => {}
        Holder::Process(Some(pid)) => row("in use", &format!("by process {pid}, right now")),
        Holder::Process(None) => row("in use", "by another photofinish, right now"),
    }
    match &found.last {
        None => row("last", "nothing was done yet"),
        Some((run, written)) => row(
            "last",
            &format!("`{}`, begun {}, last heard of {written}", run.command, run.started_at),
        ),
    }
    row("packaged", &packaged(found));
    row("deployed", &of(found.deployed, functions_wanted(wanted, found), "functions"));
    for tried in &found.deployments {
        row("verified", &format!("{}: {}", tried.deployment, trial(tried)));
    }
    if !wanted.lock.study.spike {
        let rounds = wanted.lock.counts.rounds;
        for raced in &found.flows {
            row("raced", &format!("{}: {} of {rounds} rounds", raced.flow, raced.rounds));
        }
        if found.cut_short > 0 {
            let all = found.flows.iter().all(|raced| raced.rounds >= rounds as usize);
            let then = match (all, found.holder) {
                (true, _) => "and run anew since",
                (false, Holder::Nobody) => "to be run anew",
                (false, Holder::Process(_)) => "or under way",
            };
            row("cut short", &format!("{} rounds, {then}", found.cut_short));
        }
        row("report", page(found.report));
    }
    let doubt = match found.holder {
        Holder::Nobody => "in doubt",
        Holder::Process(_) => "in doubt or under way",
    };
    row("calls", &format!("{} in the journal, {} of them {doubt}", found.calls, found.doubtful));
    for unfinished in &found.unfinished {
        row("in doubt", unfinished);
    }
    let next = next(wanted, found);
    if next.is_empty() {
        row("next", "nothing: all of it is done");
    }
    for Next { command, would } in next {
        row("next", &format!("photofinish {command} {}: {would}", wanted.named));
    }
}

pub(super) fn as_json(wanted: &Wanted, found: &Found) -> serde_json::Value {
    let deployments: Vec<serde_json::Value> = found
        .deployments
        .iter()
        .map(|tried| {
            let rejected = tried.rejected.iter();
            let rejected: serde_json::Map<String, serde_json::Value> =
                rejected.map(|(name, why)| (name.to_string(), why.as_str().into())).collect();
            serde_json::json!({
                "deployment": tried.deployment.to_string(),
                "is_run": tried.part != Part::Packed,
                "is_raced": tried.part == Part::Whole,
                "accepted": tried.accepted,
                "rejected": rejected,
                "tried": tried.is_done(&wanted.functions),
            })
        })
        .collect();
    let rounds: serde_json::Map<String, serde_json::Value> =
        found.flows.iter().map(|raced| (raced.flow.to_string(), raced.rounds.into())).collect();
    let next: Vec<serde_json::Value> = next(wanted, found)
        .into_iter()
        .map(|next| serde_json::json!({"command": next.command, "would": next.would}))
        .collect();
    serde_json::json!({
        "study": wanted.lock.study.name.as_str(),
        "directory": wanted.directory.display().to_string(),
        "in_use": found.holder != Holder::Nobody,
        "in_use_by": match found.holder { Holder::Process(pid) => pid, Holder::Nobody => None },
        "last_command": found.last.as_ref().map(|(run, _)| &*run.command),
        "last_begun": found.last.as_ref().map(|(run, _)| &*run.started_at),
        "last_written": found.last.as_ref().map(|(_, written)| &**written),
        "packaged_functions": found.packaged.map(|(functions, _)| functions),
        "deployed_functions": found.deployed,
        "deployments": deployments,
        "rounds_planned": wanted.lock.counts.rounds,
        "rounds_done": rounds,
        "rounds_cut_short": found.cut_short,
        "stages_done": found.stages,
        "invocations": found.calls,
        "invocations_in_doubt": found.doubtful,
        "effects_in_doubt": found.unfinished,
        "report": page(found.report),
        "next": next,
    })
}

/// None where the lock alone does not tell how many functions the application has.
fn functions_wanted(wanted: &Wanted, found: &Found) -> Option<usize> {
    let functions = Some(wanted.functions.len()).filter(|&count| count > 0)?;
    let deployments = found.deployments.iter().filter(|tried| tried.part != Part::Packed);
    Some(functions * deployments.count())
}

fn of(count: usize, wanted: Option<usize>, what: &str) -> String {
    match (count, wanted) {
        (0, _) => "nothing".to_owned(),
        (count, Some(wanted)) => format!("{count} of {wanted} {what}"),
        (count, None) => format!("{count} {what}"),
    }
}

fn packaged(found: &Found) -> String {
    found.packaged.map_or_else(
        || "nothing".to_owned(),
        |(functions, layers)| format!("{functions} functions and {layers} layers"),
    )
}

fn trial(tried: &Tried) -> String {
    if tried.part == Part::Packed {
        return "packed, and not run on this machine".to_owned();
    }
    if tried.functions.is_empty() {
        return "not tried yet".to_owned();
    }
    let mut text = format!("{} outputs accepted", tried.accepted);
    match tried.part {
        Part::Checked => text.push_str(" under an emulator, so not raced"),
        Part::Verified => text.push_str(", verified only"),
        Part::Whole | Part::Packed => {}
    }
    for (function, reason) in &tried.rejected {
        text.push_str(&format!("; rejected in {function}: {reason}"));
    }
    text
}

fn page(page: Page) -> &'static str {
    match page {
        Page::Missing => "none yet",
        Page::Outdated => "older than what was journalled last",
        Page::UpToDate => "written",
    }
}

/// The stages that have something to do, in the order of the road.
fn next(wanted: &Wanted, found: &Found) -> Vec<Next> {
    let mut all = Vec::new();
    if found.packaged.is_none() {
        let would = "sets Python up, and packs functions and layers".to_owned();
        all.push(Next { command: "package", would });
    }
    let functions = functions_wanted(wanted, found);
    if functions.map_or(found.deployed == 0, |all| found.deployed < all) {
        let would = match functions {
            Some(all) => format!("puts {} functions in place", all - found.deployed),
            None => "puts the functions in place".to_owned(),
        };
        all.push(Next { command: "deploy", would });
    }
    let untried = found.deployments.iter().filter(|tried| !tried.is_done(&wanted.functions));
    match untried.count() {
        0 => {}
        count => {
            let would = format!("tries {count} of {} deployments", found.deployments.len());
            all.push(Next { command: "verify", would });
        }
    }
    if wanted.lock.study.spike {
        return all;
    }
    let counts = wanted.lock.counts;
    let runnable = found.flows.iter().filter(|raced| found.may_race(raced.flow));
    let left = runnable.map(|raced| (counts.rounds as usize).saturating_sub(raced.rounds)).max();
    let stages = counts.stages > 0 && !found.stages && left.is_some();
    let left = left.unwrap_or(0);
    if left > 0 || stages {
        let mut would = format!("runs {left} of {} rounds", counts.rounds);
        if stages {
            would.push_str(" and the passes with stage times");
        }
        all.push(Next { command: "measure", would });
    }
    if found.report != Page::UpToDate || !all.is_empty() {
        let would = "computes the tables and writes the page".to_owned();
        all.push(Next { command: "report", would });
    }
    all
}
