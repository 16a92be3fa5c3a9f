//! `plan`: what a study would do, before anything runs.

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::road::opening::Opened;

/// Prints the plan.
pub(crate) fn plan(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let opened = Opened::read(arguments)?;
    if arguments.json {
        println!("{:#}", as_json(&opened));
    } else {
        print(&opened);
    }
    Ok(Answer::Yes)
}

fn as_json(opened: &Opened) -> serde_json::Value {
    let plan = &opened.plan;
    let names = |items: Vec<String>| serde_json::Value::from(items);
    serde_json::json!({
        "study": opened.study.name.as_str(),
        "fingerprint": opened.lock.fingerprint().as_str(),
        "deployments": names(plan.deployments.iter().map(ToString::to_string).collect()),
        "functions": names(plan.functions.iter().map(|f| f.name.to_string()).collect()),
        "images": names(plan.images.iter().map(|i| i.name.to_string()).collect()),
        "flows": names(opened.study.flow.iter().map(ToString::to_string).collect()),
        "rounds": plan.counts.rounds,
        "passes_per_deployment_and_flow": plan.counts.passes,
        "cold_starts": plan.total_cold_starts(),
        "passes": plan.total_passes(),
        "invocations": plan.total_invocations(),
        "guessed_seconds": plan.guess().as_secs(),
    })
}

fn print(opened: &Opened) {
    let (plan, study) = (&opened.plan, &opened.study);
    println!("Study `{}`: {}\n", study.name, opened.application.description);
    let row = |what: &str, value: String| println!("{what:<12} {value}");
    let join = |items: Vec<String>| items.join(", ");
    row("functions", join(plan.functions.iter().map(|f| f.name.to_string()).collect()));
    row("images", join(plan.images.iter().map(|i| i.name.to_string()).collect()));
    row("deployments", join(plan.deployments.iter().map(ToString::to_string).collect()));
    row("flows", join(study.flow.iter().map(ToString::to_string).collect()));
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
                plan.total_passes(),
                plan.total_invocations(),
                plan.total_cold_starts()
            ),
        );
        row("time", format!("about {}, a guess before a pilot", minutes(plan.guess())));
    }
    row("directory", opened.directory.display().to_string());
    if plan.counts.rounds < 8 && !study.spike {
        println!("\nFewer than 8 rounds: every verdict will be \"undecided: too few rounds\".");
    }
}

/// A length of time as people say it.
pub(crate) fn minutes(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=90 => format!("{} s", seconds.max(1)),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
