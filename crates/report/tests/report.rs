//! A report says what happened, whatever the words in it, and says it the same way every time.

use std::sync::Arc;

use photofinish_analyse::{Family, Rejection, Verdict, VerdictRow};
use photofinish_report::{FunctionInfo, ReportData, Source, html, terminal, write_tables};
use photofinish_study::record::{Invocation, Pass, Position, Status, Verification};
use photofinish_study::{
    Architecture, Contestant, Deployment, Flow, Name, Phase, Platform, State, Target,
};

const HOSTILE: &str = "\"</script><script>alert(1)</script><img src=x onerror=alert(2)>\n,'";

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn deployment(variant: &str) -> Deployment {
    Deployment {
        contestant: Contestant { variant: name(variant), sample: 1 },
        target: Target {
            platform: Platform::Local,
            architecture: Architecture::X86_64,
            memory_mb: 1769,
        },
    }
}

/// A study of two, one of them rejected, with hostile words wherever words may stand.
fn data() -> ReportData {
    let (one, two) = (deployment("one"), deployment("two"));
    let at = Position {
        pass: 1,
        session: 1,
        round: 1,
        block: 1,
        position: 1,
        phase: Phase::Race,
        flow: Flow::Chained,
        deployment: Arc::new(one.clone()),
        model: None,
        image: name("coffee"),
    };
    let verdict = |verdict, ratio: Option<f64>, reason: &str| VerdictRow {
        family: Family::Pipeline,
        metric: "duration",
        flow: Flow::Chained,
        function: name("pipeline"),
        left: one.to_string(),
        right: two.to_string(),
        ratio,
        ci_low: ratio.map(|ratio| ratio * 0.9),
        ci_high: ratio.map(|ratio| ratio * 1.1),
        rounds: 12,
        n_left: 36,
        n_right: 36,
        p: ratio.map(|_| 0.0002),
        p_adjusted: ratio.map(|_| 0.0004),
        verdict,
        reason: reason.to_owned(),
    };
    ReportData {
        study: "small".to_owned(),
        description: HOSTILE.to_owned(),
        demonstration: true,
        local: true,
        flows: vec![Flow::Chained],
        functions: vec![FunctionInfo { name: name("greyscale"), kind: "CPU-intensive".to_owned() }],
        deployments: vec![one.clone(), two.clone()],
        authors: vec![("one/1".to_owned(), HOSTILE.to_owned())],
        summary: Vec::new(),
        verdicts: vec![
            verdict(Verdict::Faster, Some(0.25), ""),
            verdict(Verdict::Undecided, Some(1.01), "too few rounds: 2, at least 8 are needed"),
            verdict(Verdict::Rejected, None, HOSTILE),
        ],
        cost: Vec::new(),
        verification: vec![Verification {
            deployment: Arc::new(two.clone()),
            function: name("greyscale"),
            flow: Flow::Isolated,
            input: HOSTILE.into(),
            accepted: false,
            reason: Some(HOSTILE.into()),
            metric: "size".into(),
            value: None,
            limit: None,
            output_sha256: None,
        }],
        rejections: vec![Rejection {
            deployment: two,
            function: Some(name("greyscale")),
            reason: HOSTILE.to_owned(),
        }],
        invocations: vec![Invocation {
            at: Arc::new(at.clone()),
            function: name("greyscale"),
            state: Some(State::Warm),
            started_at: "2026-11-24T12:00:00.000Z".into(),
            client_ms: Some(0.1 + 0.2),
            duration_ms: Some(1.0 / 3.0),
            billed_ms: Some(1.0),
            init_ms: None,
            max_memory_mb: Some(60.0),
            cpu_ms: None,
            import_ms: None,
            download_ms: None,
            compute_ms: None,
            upload_ms: None,
            input_bytes: Some(7),
            output_bytes: None,
            s3_requests: None,
            sandbox: Some(HOSTILE.into()),
            cpu_model: None,
            status: Status(HOSTILE.into()),
            error: Some(HOSTILE.into()),
            output_sha256: None,
            cost_usd: Some(1.5e-9),
        }],
        passes: vec![Pass {
            at,
            state: None,
            started_at: "2026-11-24T12:00:00.000Z".into(),
            turnaround_s: None,
            status: Status("in doubt".into()),
        }],
        facts: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
        sources: vec![Source {
            contestant: "one/1".to_owned(),
            function: name("greyscale"),
            code: HOSTILE.to_owned(),
        }],
        contract: HOSTILE.to_owned(),
        reproduce: vec![HOSTILE.to_owned()],
    }
}

#[test]
fn words_of_strangers_stay_words() {
    let page = html(&data());
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(!page.contains("<script") && !page.contains("<img"), "markup came through");
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn the_page_needs_no_network_and_is_the_same_every_time() {
    let page = html(&data());
    for outside in ["http:", "https:", "//", "@import", "url("] {
        let found = page.find(outside).map(|at| &page[at.saturating_sub(40)..at + 10]);
        assert_eq!(found, None, "{outside}");
    }
    assert_eq!(page, html(&data()));
}

#[test]
fn the_terminal_says_verdicts_rejections_and_what_they_are_worth() {
    let text = terminal(&data(), None);
    for words in [
        "a demonstration, too small to be quoted; measured on the embedded local platform",
        "one/1 is 4.00 × faster than two/1 on the pipeline (95 %: 3.64 to 4.44; p < 0.001; 12 rounds",
        "undecided: too few rounds: 2, at least 8 are needed: one/1 against two/1",
        "two/1: greyscale rejected: ",
        "1 of 1 calls failed or are in doubt",
    ] {
        assert!(text.contains(words), "`{words}` is missing in:\n{text}");
    }
}

#[test]
fn numbers_and_hostile_words_come_back_from_csv_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    write_tables(&data(), folder.path()).unwrap();
    let mut reader = csv::Reader::from_path(folder.path().join("invocations.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |column: &str| {
        row.get(headers.iter().position(|header| header == column).unwrap()).unwrap().to_owned()
    };
    assert_eq!(cell("client_ms").parse::<f64>().unwrap(), 0.1 + 0.2);
    assert_eq!(cell("duration_ms").parse::<f64>().unwrap(), 1.0 / 3.0);
    assert_eq!(cell("cost_usd").parse::<f64>().unwrap(), 1.5e-9);
    assert_eq!((cell("error").as_str(), cell("init_ms").as_str()), (HOSTILE, ""));
    for table in ["passes", "summary", "verification", "verdicts", "cost"] {
        assert!(folder.path().join(format!("{table}.csv")).is_file(), "{table}");
    }
}
