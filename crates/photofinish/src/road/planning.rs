//! `plan`: what a study would do, before anything runs.

use photofinish_generate::Provider;
use photofinish_study::{Architecture, Deployment, Name, Platform};

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::progress::counted;
use crate::road::contestants::Authored;
use crate::road::generating::estimate;
use crate::road::opening::Opened;
use crate::road::{piloting, platform, spending};

/// Prints the plan.
pub(crate) fn plan(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let opened = Opened::read(arguments)?;
    platform::refuse_what_is_not_built(&opened)?;
    if arguments.json {
        println!("{:#}", as_json(&opened, writing(&opened)?, piloted(&opened)?));
    } else {
        print(&opened)?;
    }
    Ok(Answer::Yes)
}

/// What the pilot in the study's directory says of the rest of the race; null without one.
fn piloted(opened: &Opened) -> Result<serde_json::Value, Failure> {
    let Some(expected) = piloting::in_directory(opened)? else {
        return Ok(serde_json::Value::Null);
    };
    Ok(serde_json::json!({
        "seconds": expected.time.map(|time| time.as_secs()),
        "usd": expected.cost.map(|cost| cost.usd),
        "usd_low": expected.cost.and_then(|cost| cost.interval).map(|ends| ends.low),
        "usd_high": expected.cost.and_then(|cost| cost.interval).map(|ends| ends.high),
        "rounds": expected.cost.map(|cost| cost.rounds),
    }))
}

fn as_json(opened: &Opened, writing: Vec<String>, pilot: serde_json::Value) -> serde_json::Value {
    let plan = &opened.plan;
    let racing = racing(opened);
    let parts = Parts::of(opened);
    let names = |items: Vec<String>| serde_json::Value::from(items);
    let told = |part: &[&Deployment]| names(part.iter().map(ToString::to_string).collect());
    serde_json::json!({
        "study": opened.study.name.as_str(),
        "fingerprint": opened.lock.fingerprint().as_str(),
        "deployments": told(&parts.raced),
        "beside": told(&parts.beside),
        "verified_only": told(&parts.verified),
        "functions": names(plan.functions.iter().map(|f| f.name.to_string()).collect()),
        "images": names(plan.images.iter().map(|i| i.name.to_string()).collect()),
        "flows": names(opened.study.flow.iter().map(ToString::to_string).collect()),
        "orchestrations": names(
            opened.study.orchestration.iter().map(ToString::to_string).collect()
        ),
        "executions": plan.total_executions(racing),
        "rounds": plan.counts.rounds,
        "passes_per_deployment_and_flow": plan.counts.passes,
        "cold_starts": plan.total_cold_starts(racing),
        "passes": plan.total_passes(racing),
        "invocations": plan.total_invocations(racing),
        "guessed_seconds": plan.guess(racing).as_secs(),
        "pilot": pilot,
        "to_be_written": names(writing),
        "never_had": names(never_had(opened)),
        "missing": names(missing(opened)),
    })
}

fn print(opened: &Opened) -> Result<(), Failure> {
    let (plan, study) = (&opened.plan, &opened.study);
    println!("Study `{}`: {}\n", study.name, opened.application.description);
    let row = |what: &str, value: String| println!("{what:<13} {value}");
    let join = |items: Vec<String>| items.join(", ");
    let racing = racing(opened);
    let Parts { raced, beside, verified } = Parts::of(opened);
    row("functions", join(plan.functions.iter().map(|f| f.name.to_string()).collect()));
    row("images", join(plan.images.iter().map(|i| i.name.to_string()).collect()));
    row("deployments", format!("{} of {} functions", raced.len(), plan.functions.len()));
    raced.iter().for_each(|deployment| row("", deployment.to_string()));
    for (number, deployment) in beside.iter().enumerate() {
        let what = if number == 0 { "beside them" } else { "" };
        row(what, format!("{deployment}, not judged"));
    }
    if !verified.is_empty() {
        row("verified only", format!("{}, not raced", counted(verified.len(), "deployment")));
        by_variant(&verified).into_iter().for_each(|words| row("", words));
    }
    row("flows", join(study.flow.iter().map(ToString::to_string).collect()));
    if study.has_machines() {
        let by = join(study.orchestration.iter().map(ToString::to_string).collect());
        let executions = plan.total_executions(racing);
        row("called by", format!("{by}: {executions} executions of state machines"));
    }
    if study.spike {
        row("spike", "deployed and called once; nothing is raced".to_owned());
    } else {
        let counts = plan.counts;
        row(
            "race",
            format!(
                "{} rounds × {} blocks = {} passes of each deployment in each flow ({} asked for)",
                counts.rounds, counts.blocks, counts.passes, study.passes
            ),
        );
        row(
            "apart",
            format!(
                "{} warm-up passes a round, {} passes with stage times",
                counts.warm_up, counts.stages
            ),
        );
        row(
            "in all",
            format!(
                "{} passes, {} invocations, {} cold starts",
                plan.total_passes(racing),
                plan.total_invocations(racing),
                plan.total_cold_starts(racing)
            ),
        );
        if counts.pilot > 0 {
            row(
                "pilot",
                format!(
                    "{} before it, {} passes of each deployment, in no verdict",
                    counted(counts.pilot as usize, "round"),
                    plan.pilot_passes()
                ),
            );
        }
        let told = piloting::in_directory(opened)?.and_then(|expected| expected.time);
        row(
            "time",
            match told {
                Some(time) => format!("about {} more, by the pilot", minutes(time)),
                None => format!("about {}, a guess before a pilot", minutes(plan.guess(racing))),
            },
        );
    }
    if let Some(words) = spending::foreseen(opened)? {
        row("running it", words);
    }
    if let Some(words) = checked_only(opened) {
        row("checked only", words);
    }
    for (number, words) in writing(opened)?.into_iter().enumerate() {
        row(if number == 0 { "to be written" } else { "" }, words);
    }
    for (number, words) in never_had(opened).into_iter().enumerate() {
        row(if number == 0 { "never had" } else { "" }, words);
    }
    if let Some(words) = budget(opened)? {
        row("budget", words);
    }
    row("directory", opened.directory.display().to_string());
    let missing = missing(opened);
    if !missing.is_empty() {
        println!("\nMissing to run it:");
        missing.iter().for_each(|lack| println!("  - {lack}"));
    }
    if plan.counts.rounds < 8 && !study.spike {
        println!("\nFewer than 8 rounds: every verdict will be \"undecided: too few rounds\".");
    }
    Ok(())
}

/// The deployments of a plan by what becomes of them.
struct Parts<'a> {
    /// Raced and judged.
    raced: Vec<&'a Deployment>,
    /// Raced and shown, never judged.
    beside: Vec<&'a Deployment>,
    /// Further samples and rounds of repairs: verified, and not raced.
    verified: Vec<&'a Deployment>,
}

impl<'a> Parts<'a> {
    fn of(opened: &'a Opened) -> Self {
        let study = &opened.study;
        let (racing, verified): (Vec<_>, Vec<_>) =
            opened.plan.deployments.iter().partition(|d| study.is_raced(&d.contestant));
        let (beside, raced) = racing.into_iter().partition(|d| study.is_beside(&d.contestant));
        Self { raced, beside, verified }
    }
}

/// So many deployments of each variant, in the order of the study: a line for each.
fn by_variant(deployments: &[&Deployment]) -> Vec<String> {
    let mut counts: Vec<(&Name, usize)> = Vec::new();
    for deployment in deployments {
        let variant = &deployment.contestant.variant;
        match counts.iter_mut().find(|(counted, _)| *counted == variant) {
            Some((_, count)) => *count += 1,
            None => counts.push((variant, 1)),
        }
    }
    counts.into_iter().map(|(variant, count)| format!("{count} of {variant}")).collect()
}

/// How many deployments are raced on this machine.
fn racing(opened: &Opened) -> usize {
    opened.plan.deployments.iter().filter(|deployment| opened.races_here(deployment)).count()
}

/// What must be there before the study can be run, and is not.
fn missing(opened: &Opened) -> Vec<String> {
    let mut lacks = Vec::new();
    let lacking: Vec<&Authored> = opened.sources.iter().filter(|a| !a.missing.is_empty()).collect();
    let alike = |one: &Authored, other: &Authored| {
        one.contestant.variant == other.contestant.variant && one.missing == other.missing
    };
    for samples in lacking.chunk_by(|one, other| alike(one, other)) {
        let authored = samples[0];
        let whose = match samples {
            [_] => authored.contestant.to_string(),
            [.., last] => format!("{} to {}", authored.contestant, last.contestant.sample),
            [] => continue,
        };
        let functions: Vec<&str> = authored.missing.iter().map(Name::as_str).collect();
        let key = authored.model().and_then(key_of);
        let is_set = |key: &&str| std::env::var_os(key).is_some();
        let how = match key {
            Some(keys) if !keys.iter().any(is_set) => format!(
                "{} is not set: `photofinish generate` asks once it is; or paste them: \
                 `photofinish import`",
                keys.join(" or ")
            ),
            _ => "`photofinish generate` asks for them".to_owned(),
        };
        lacks.push(format!("answers of {whose} for {}; {how}", functions.join(", ")));
    }
    let targets: Vec<_> = opened.study.all_targets().collect();
    if targets.iter().any(|target| target.platform == Platform::Aws) {
        let is_set = |key: &str| std::env::var_os(key).is_some();
        if !is_set("AWS_ACCESS_KEY_ID") && !is_set("AWS_PROFILE") {
            let lack = "an AWS account: neither AWS_ACCESS_KEY_ID nor AWS_PROFILE is set";
            lacks.push(lack.to_owned());
        }
    }
    lacks
}

/// What this machine does with an architecture that it is not, if the study has one.
fn checked_only(opened: &Opened) -> Option<String> {
    let deployments = opened.plan.deployments.iter();
    let foreign = deployments.map(|deployment| deployment.target).find(|target| {
        target.platform == Platform::Local
            && Some(target.architecture) != Architecture::of_this_machine()
    })?;
    Some(format!("{} is checked under qemu here, and not raced", foreign.architecture))
}

/// Where a provider's key is looked for, if it must have one.
fn key_of(model: &str) -> Option<&'static [&'static str]> {
    let (provider, _) = Provider::and_model(model)?;
    provider.base_url().map(|_| provider.key_variables())
}

/// What the answers that are missing may cost, before anybody is asked.
fn writing(opened: &Opened) -> Result<Vec<String>, Failure> {
    Ok(estimate(opened)?.iter().map(ToString::to_string).collect())
}

/// The answers that patience ended before: they are asked for again, and the study can do without.
fn never_had(opened: &Opened) -> Vec<String> {
    let failed = |authored: &Authored| {
        let told = authored.never_had().map(|record| {
            let why = record.why.as_deref().unwrap_or("nobody knows why");
            format!("{} {}: {why}; asked again", authored.contestant, record.function)
        });
        told.collect::<Vec<String>>()
    };
    opened.sources.iter().flat_map(failed).collect()
}

/// What the study's budget does to what is to be written, where it may not be enough for all.
fn budget(opened: &Opened) -> Result<Option<String>, Failure> {
    let bounds = estimate(opened)?;
    let (Some(budget), false) = (&opened.study.budget, bounds.is_empty()) else { return Ok(None) };
    let limit = budget.limit_usd;
    let most: f64 = bounds.iter().filter_map(|bound| bound.at_most).sum();
    let unpriced = bounds.iter().filter(|bound| bound.at_most.is_none()).count();
    if most <= limit && unpriced == 0 {
        return Ok(Some(format!("${limit:.2}, enough for the most that writing can cost")));
    }
    let mut words = format!("${limit:.2}; ");
    if most > limit {
        words += &format!(
            "writing may cost up to ${most:.2}, so not all may be had: asking stops before an \
             answer that could pass the budget, and what was had is kept"
        );
    }
    if unpriced > 0 {
        let joint = if most > limit { "; " } else { "" };
        words += &format!("{joint}it cannot count {}", counted(unpriced, "model"));
        words += " whose price is not known here";
    }
    Ok(Some(words))
}

/// A length of time as people say it.
pub(crate) fn minutes(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=90 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
