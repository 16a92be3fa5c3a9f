//! The whole road on a small study: what it leaves, what a second run reuses, what the tables say.

use std::collections::HashSet;

use photofinish_journal::Reader;

use crate::desk::{Desk, small};

const INVOCATIONS: &str = "pass,session,round,block,position,phase,flow,variant,model,sample,function,platform,architecture,memory_mb,image,state,started_at,client_ms,duration_ms,billed_ms,init_ms,max_memory_mb,cpu_ms,import_ms,download_ms,compute_ms,upload_ms,input_bytes,output_bytes,s3_requests,sandbox,cpu_model,status,error,output_sha256,cost_usd,sent_ms,orchestration";
const PASSES: &str = "pass,session,round,block,position,phase,flow,variant,sample,platform,architecture,memory_mb,image,state,started_at,turnaround_s,status,orchestration,execution_ms,execution_billed_ms,execution_memory_mb";
const SUMMARY: &str = "variant,sample,platform,architecture,memory_mb,flow,function,image,metric,unit,state,rounds,n,mean,sd,cv,sd_raw,cv_raw,median,p95,p99,ci_low,ci_high";
const VERIFICATION: &str = "variant,architecture,function,input,verdict,reason,metric,value,limit";
const VERDICTS: &str = "family,metric,flow,function,left,right,ratio,ci_low,ci_high,rounds,n_left,n_right,p,p_adjusted,verdict,reason";

#[test]
fn a_study_goes_from_pictures_to_a_report_and_is_not_done_twice() {
    let both = small()
        .replace("[\"chained\"]", "[\"chained\", \"isolated\"]")
        .replace("[[target]]", "[[variant]]\nname = \"plain\"\nsource = \"plain\"\n\n[[target]]");
    let desk = Desk::with(&both);
    let came = desk.run(&["run", "study.toml"]).expect(0);
    assert!(came.stdout.contains("pillow") && came.stdout.contains("plain"), "{}", came.stdout);
    assert!(
        came.stdout.contains("undecided: ") && came.stdout.contains("too few rounds"),
        "{}",
        came.stdout
    );
    assert!(came.stdout.contains("report/index.html"), "{}", came.stdout);

    for (name, columns) in [
        ("invocations", INVOCATIONS),
        ("passes", PASSES),
        ("summary", SUMMARY),
        ("verification", VERIFICATION),
        ("verdicts", VERDICTS),
    ] {
        let text = desk.read(&format!("results/study/report/data/{name}.csv"));
        assert_eq!(text.lines().next(), Some(columns), "{name}.csv");
    }
    let invocations = desk.table("study", "invocations");
    assert!(invocations.iter().all(|row| row["status"] == "ok"), "a call failed");
    let race: Vec<_> = invocations.iter().filter(|row| row["phase"] == "race").collect();
    // 2 deployments × 2 flows × 2 passes × 2 functions.
    assert_eq!(race.len(), 16);
    assert!(race.iter().all(|row| row["state"] == "warm"), "a race call was not warm");
    let sandboxes: HashSet<&str> = race.iter().map(|row| row["sandbox"].as_str()).collect();
    // One fresh sandbox for each function of each deployment in each round.
    assert_eq!(sandboxes.len(), 2 * 2 * 2);
    let stages: Vec<_> = invocations.iter().filter(|row| row["phase"] == "stages").collect();
    assert!(!stages.is_empty());
    assert!(stages.iter().all(|row| !row["compute_ms"].is_empty() && !row["upload_ms"].is_empty()));
    assert!(race.iter().all(|row| row["compute_ms"].is_empty()), "stage times in the race");
    let cold = invocations.iter().filter(|row| row["state"] == "cold");
    assert!(cold.clone().count() >= 8 && cold.clone().all(|row| !row["init_ms"].is_empty()));

    let page = desk.read("results/study/report/index.html");
    assert!(page.contains("<html") && page.contains("too few rounds"));
    for outside in ["src=\"http", "href=\"http", "<script src", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }

    let again = desk.run(&["run", "study.toml"]).expect(0);
    again.says(&["unchanged", "--fresh starts again"]);
    assert_eq!(desk.table("study", "invocations").len(), invocations.len());

    let removed = desk.run(&["destroy", "study.toml"]).expect(0);
    assert!(removed.stdout.contains("removed function"), "{}", removed.stdout);
    let nothing = desk.run(&["destroy", "study.toml"]).expect(0);
    assert!(nothing.stdout.contains("nothing of"), "{}", nothing.stdout);
}

#[test]
fn a_fresh_run_puts_the_earlier_results_aside() {
    let desk = Desk::small();
    desk.run(&["package", "study.toml"]).expect(0);
    desk.run(&["package", "study.toml", "--fresh"]).expect(0).says(&["earlier results are in"]);
    let earlier = std::fs::read_dir(desk.path("results/study/earlier")).unwrap();
    let kept: Vec<_> = earlier.flatten().map(|entry| entry.path()).collect();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].join("journal.sqlite").is_file() && kept[0].join("packages").is_dir());
}

#[test]
fn changed_code_is_checked_anew_and_what_is_the_same_is_not() {
    let desk = Desk::with(
        &small().replace("[[target]]", "[[variant]]\nname = \"own\"\nsource = \"own\"\n[[target]]"),
    );
    desk.bundled_variant("pillow", "own", &["greyscale", "resize"]);
    desk.run(&["verify", "study.toml"]).expect(0);
    let path = "own/resize/lambda_function.py";
    desk.write(path, &format!("# Better than before.\n{}", desk.read(path)));
    let came = desk.run(&["verify", "study.toml"]).expect(0);
    came.says(&[
        "changed",
        "variant own/1 has other contents",
        "checks of unchanged code are taken over",
    ]);
    let reader = Reader::open(&desk.path("results/study")).unwrap();
    let effects = reader.effects().unwrap();
    let called: Vec<&str> = effects
        .iter()
        .filter(|effect| &*effect.operation == "verify")
        .map(|effect| &*effect.subject)
        .collect();
    assert!(called.iter().any(|of| of.contains("own-1") && of.contains("resize on tiny")));
    // A chain is run again for its bytes; on a fixture only what is new is called.
    let only_new = called.iter().filter(|of| of.contains(" on tiny"));
    assert!(only_new.clone().all(|of| of.contains("own-1") && of.contains("resize")), "{called:?}");
    let functions: HashSet<String> =
        reader.verifications().unwrap().iter().map(|(row, _)| row.function.to_string()).collect();
    assert_eq!(functions.len(), 2, "what was taken over stands in the new journal");
}

#[test]
fn other_prices_and_badges_are_no_other_race() {
    let desk = Desk::small();
    desk.run(&["run", "study.toml"]).expect(0);
    let before = desk.table("study", "cost");
    let text = format!("{}\n[cost]\nretention_days = 30\n", small());
    desk.write("study.toml", &text.replace("passes = 2", "demonstration = true\npasses = 2"));
    desk.run(&["run", "study.toml"]).expect(0).says(&["unchanged"]);
    assert!(desk.read("results/study/study.lock.toml").contains("retention_days = 30"));
    let after = desk.table("study", "cost");
    assert_eq!(before[0]["compute_usd"], after[0]["compute_usd"]);
    assert_ne!(before[0]["s3_usd"], after[0]["s3_usd"]);
}

#[test]
fn packages_are_the_same_bytes_in_another_folder() {
    let (one, two) = (Desk::small(), Desk::small());
    for desk in [&one, &two] {
        desk.run(&["package", "study.toml"]).expect(0);
    }
    let manifest = "results/study/packages/manifest.json";
    assert_eq!(one.read(manifest), two.read(manifest));
}

#[test]
fn a_plan_says_what_would_run_before_anything_does() {
    let desk = Desk::small();
    let came = desk.run(&["plan", "study.toml"]).expect(0);
    assert!(came.stdout.contains("2 rounds × 1 blocks = 2 passes"), "{}", came.stdout);
    assert!(!desk.path("results").exists(), "a plan wrote something");
    let json = desk.run(&["plan", "study.toml", "--json"]).expect(0);
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(plan["cold_starts"], 6);
}

#[test]
fn the_spike_answers_whether_pillow_loads_and_which_versions() {
    let text = small()
        .replace("passes = 2", "spike = true")
        .replace("[\"greyscale\", \"resize\"]", "[\"greyscale\"]");
    let desk = Desk::with(&text);
    let came = desk.run(&["run", "study.toml"]).expect(0);
    assert!(came.stdout.starts_with("yes: Pillow "), "{}", came.stdout);
    assert!(came.stdout.contains("on Python 3.14"), "{}", came.stdout);
    assert!(came.stdout.contains("passes the contract"), "{}", came.stdout);
}
