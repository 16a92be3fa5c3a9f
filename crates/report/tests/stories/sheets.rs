//! What is written reads back the same, and what is wrong is named.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use photofinish_analyse::Rejection;
use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::summary::{SummaryRow, summarise};
use photofinish_analyse::verdict::{Verdict, judge};
use photofinish_report::sheet::{self, Row, ScoreRow, Scored, VerificationRow};
use photofinish_study::record::{Generation, Invocation, Pass};
use photofinish_study::{Architecture, Contestant, Flow, Orchestration, Phase, Sample, State};

use crate::duel::duel;
use crate::simulated::{Script, name};

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");

#[track_caller]
fn reads_back<R: Row + PartialEq + Debug>(rows: &[R]) {
    assert!(!rows.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let path = sheet::write(folder.path(), rows).unwrap();
    assert_eq!(path.file_name().unwrap(), R::FILE);
    assert_eq!(sheet::read::<R>(&path).unwrap(), rows);
    let left_over = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left_over, 1, "the part file is gone");
}

fn script() -> Script {
    Script { flows: vec![Flow::Chained, Flow::Isolated], ..duel(2, 8, 100.0, 130.0) }
}

#[test]
fn every_sheet_reads_back_as_it_was_written() {
    let script = script();
    let rows = script.run();
    let planned = script.planned();
    reads_back(&rows.invocations);
    reads_back(&rows.passes);
    let summary = summarise(rows.race(), &planned);
    reads_back(&summary);
    let book = PriceBook::parse("book", BOOK).unwrap();
    let costing = Costing { book, assumptions: Assumptions::default() };
    reads_back(&costs(&summary, &planned, &[], &costing).rows);
    let rejection = Rejection {
        deployment: planned.deployments[1].clone(),
        function: name("greyscale"),
        reason: "block 3, 4 is \"too, bright\"\nby 12".into(),
    };
    reads_back(&judge(rows.race(), &planned, &[], Some((&summary, &costing))));
    reads_back(&judge(rows.race(), &planned, &[rejection], None));
}

#[test]
fn what_a_state_machine_adds_reads_back_in_every_sheet_that_has_it() {
    let data = crate::demo::orchestrated();
    reads_back(&data.invocations);
    reads_back(&data.passes);
    reads_back(&data.orchestrations);
    reads_back(&data.costs.rows);
    assert!(data.costs.rows.iter().all(|row| row.machine.is_some()));
    let calls = String::from_utf8(sheet::to_bytes(&data.invocations)).unwrap();
    assert!(calls.lines().last().unwrap().ends_with(",step-functions"), "the last column");
    // A file from before there were state machines is the client's.
    let shorter: String = String::from_utf8(sheet::to_bytes(&data.passes[..1]))
        .unwrap()
        .lines()
        .map(|line| line.split(',').take(17).collect::<Vec<_>>().join(",") + "\r\n")
        .collect();
    let read = sheet::from_bytes::<Pass>(Path::new("passes.csv"), shorter.as_bytes()).unwrap();
    assert_eq!(read[0], data.passes[0]);
    assert_eq!(read[0].at.orchestration, Orchestration::Client);
}

#[test]
fn odd_numbers_and_hostile_texts_survive() {
    let rows = script().run();
    let mut call = rows.invocations[0].clone();
    let mut calls = Vec::new();
    for number in [0.1 + 0.2, 1e-300, 5e-324, 1.0 / 3.0, 123_456_789.123_456_79, f64::MAX, 0.0, 7.0]
    {
        call.duration_ms = Some(number);
        call.client_ms = None;
        call.error = Some("=cmd|' /C calc'!A0,\"x\"\r\n<script>\u{1F980}".into());
        call.input_bytes = Some(u64::MAX);
        calls.push(call.clone());
    }
    reads_back(&calls);
    let text = String::from_utf8(sheet::to_bytes(&calls)).unwrap();
    assert!(text.contains(",0.30000000000000004,") && text.contains(",1e-300,"), "{text}");
}

#[test]
fn a_model_stands_in_invocations_and_passes_have_no_column_for_it() {
    let mut rows = script().run();
    let mut at = rows.passes[0].at.clone();
    at.model = Some("openai:gpt-5".into());
    rows.invocations[0].at = Arc::new(at.clone());
    rows.passes[0].at = at;
    reads_back(&rows.invocations[..2]);
    let bytes = sheet::to_bytes(&rows.passes[..1]);
    let read = sheet::from_bytes::<Pass>(Path::new("passes.csv"), &bytes).unwrap();
    assert_eq!(read[0].at.model, None);
}

#[test]
fn a_second_sample_is_named_where_there_is_no_column_for_it() {
    let row = |sample| VerificationRow {
        contestant: Contestant { variant: name("gpt-5"), sample: Sample::first(sample) },
        architecture: Architecture::Arm64,
        function: name("depth"),
        input: "harbour".into(),
        accepted: sample == 1,
        reason: (sample > 1).then(|| "pixel 3, 4 is 9 off".into()),
        metric: "max_error".into(),
        value: Some(9.0),
        limit: None,
    };
    reads_back(&[row(1), row(2)]);
    let text = String::from_utf8(sheet::to_bytes(&[row(1), row(2)])).unwrap();
    assert!(text.contains("\ngpt-5,arm64,depth,harbour,accepted,,"), "{text}");
    assert!(text.contains("\ngpt-5/2,arm64,depth,harbour,rejected,"), "{text}");
}

#[test]
fn answers_and_scores_read_back_the_same() {
    let written = crate::demo::authored().written;
    reads_back(&written.generations);
    let scores = ScoreRow::of(&written.scores);
    reads_back(&scores);
    let rows = |measure| scores.iter().filter(|row| row.measure == measure).count();
    assert_eq!(rows(Scored::PassAtK), 3 * 6 * 2 * (3 + 1), "first answers thrice, repaired once");
    assert!(rows(Scored::EffAtK) > 0 && rows(Scored::UsdPerRight) > 0);
}

#[test]
fn an_answer_s_faults_are_named_with_their_line_and_column() {
    let mut rows = crate::demo::authored().written.generations;
    rows.truncate(1);
    let text = String::from_utf8(sheet::to_bytes(&rows)).unwrap();
    assert!(text.contains("\ngpt-5,1,0,greyscale,openai:gpt-5.6-sol,gpt-5.6-sol,yes,"), "{text}");
    for (from, to, said) in [
        ("gpt-5,1,0", "gpt-5,1+r1,0", "column `repair`: is 0, but `sample` says 1+r1"),
        ("gpt-5,1,0", "gpt-5,0,0", "column `sample`: `0`: `0` is no sample"),
        (",yes,", ",maybe,", "column `as_asked`: `maybe`: is neither yes nor no"),
        (",accepted,", ",fine,", "column `verdict`: `fine`: is none of accepted, rejected"),
        (",complete,", ",done,", "column `ending`: `done`: `done` is no ending"),
        (",high,api,", ",high,fax,", "column `origin`: `fax`: `fax` is no origin"),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        let bad = text.replacen(from, to, 1);
        let path = Path::new("generations.csv");
        let fault = sheet::from_bytes::<Generation>(path, bad.as_bytes()).unwrap_err().to_string();
        assert!(fault.contains("line 2") && fault.contains(said), "{fault}");
    }
    let short = "variant,sample,function,model,origin,ending,attempts,verdict\n\
                 gpt-5,2+r1,depth,openai:gpt-5,pasted,complete,1,rejected\n";
    let read = sheet::from_bytes::<Generation>(Path::new("g.csv"), short.as_bytes()).unwrap();
    assert_eq!((read[0].repair(), read[0].usd, read[0].is_right()), (1, None, Some(false)));
}

#[test]
fn the_headings_are_the_promised_ones() {
    let heading = |columns: &[&str]| columns.join(",");
    assert_eq!(
        heading(Invocation::COLUMNS),
        "pass,session,round,block,position,phase,flow,variant,model,sample,function,platform,\
         architecture,memory_mb,image,state,started_at,client_ms,duration_ms,billed_ms,init_ms,\
         max_memory_mb,cpu_ms,import_ms,download_ms,compute_ms,upload_ms,input_bytes,output_bytes,\
         s3_requests,sandbox,cpu_model,status,error,output_sha256,cost_usd,sent_ms,orchestration"
    );
    assert_eq!(
        heading(Pass::COLUMNS),
        "pass,session,round,block,position,phase,flow,variant,sample,platform,architecture,\
         memory_mb,image,state,started_at,turnaround_s,status,orchestration,execution_ms,\
         execution_billed_ms,execution_memory_mb"
    );
    assert_eq!(
        heading(SummaryRow::COLUMNS),
        "variant,sample,platform,architecture,memory_mb,flow,function,image,metric,unit,state,\
         rounds,n,mean,sd,cv,sd_raw,cv_raw,median,p95,p99,ci_low,ci_high"
    );
    assert_eq!(
        heading(Verdict::COLUMNS),
        "family,metric,flow,function,left,right,ratio,ci_low,ci_high,rounds,n_left,n_right,p,\
         p_adjusted,verdict,reason"
    );
    assert_eq!(
        heading(VerificationRow::COLUMNS),
        "variant,architecture,function,input,verdict,reason,metric,value,limit"
    );
    assert_eq!(
        heading(Generation::COLUMNS),
        "variant,sample,repair,function,model,served,as_asked,stands_for,effort,origin,ending,\
         attempts,input_tokens,cached_tokens,output_tokens,reasoning_tokens,cost_usd,seconds,lines,\
         complexity,missing_imports,seen,verdict,reason"
    );
    assert_eq!(
        heading(ScoreRow::COLUMNS),
        "variant,repair,function,basis,measure,k,n,right,value,ci_low,ci_high"
    );
    assert_eq!(
        heading(photofinish_analyse::cost::CostRow::COLUMNS),
        "variant,platform,architecture,memory_mb,images,compute_usd,init_usd,requests_usd,s3_usd,\
         logs_usd,transfer_usd,total_usd,ci_low,ci_high,price_date,express_usd,standard_usd,\
         orchestrated_usd,orchestrated_ci_low,orchestrated_ci_high"
    );
}

#[test]
fn columns_are_found_by_name_and_others_may_stand_beside() {
    let rows = script().run();
    let bytes = sheet::to_bytes(&rows.passes[..2]);
    let text = String::from_utf8(bytes).unwrap();
    let turned: String = text
        .lines()
        .map(|line| line.rsplit(',').chain([" extra"]).collect::<Vec<_>>().join(",") + "\r\n")
        .collect();
    let turned = turned.replacen(",pass,", ", pass ,", 1);
    let bytes = [b"\xEF\xBB\xBF", turned.as_bytes()].concat();
    assert_eq!(
        sheet::from_bytes::<Pass>(Path::new("theirs.csv"), &bytes).unwrap(),
        rows.passes[..2]
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let rows = script().run();
    let good = String::from_utf8(sheet::to_bytes(&rows.passes[..2])).unwrap();
    let message = |text: &str| {
        let read = sheet::from_bytes::<Pass>(Path::new("theirs.csv"), text.as_bytes());
        read.unwrap_err().to_string()
    };
    assert_eq!(
        message(&good.replacen("warm-up", "warmup", 1)),
        "theirs.csv, line 2, column `phase`: `warmup`: `warmup` is no phase; it is one of pilot, \
         warm-up, stages, race"
    );
    assert!(
        message(&good.replace("turnaround_s", "turnaround"))
            .starts_with("theirs.csv, line 1: there is no column `turnaround_s`; needed are pass,")
    );
    assert!(message("").contains("there is no column `pass`"));
    assert!(message(&good.replacen(",ok", "", 1)).starts_with("theirs.csv is no table"));
    assert!(message(&good.replacen(",ok", ",", 1)).contains("`status`: is empty"));
    let missing = sheet::read::<Pass>(Path::new("/nowhere/passes.csv")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot open /nowhere/passes.csv"));
}

#[test]
fn measurements_of_other_tools_may_lack_what_those_do_not_know() {
    let needed = "pass,round,flow,variant,function,platform,architecture,memory_mb,image";
    let text = format!("{needed},duration_ms\n7,2,isolated,v,f,aws,arm64,512,cat,12.5\n");
    let read = sheet::from_bytes::<Invocation>(Path::new("theirs.csv"), text.as_bytes()).unwrap();
    let [call] = &read[..] else { panic!("{read:?}") };
    assert_eq!((call.at.phase, call.state), (Phase::Race, Some(State::Warm)));
    assert_eq!((call.at.session, call.at.deployment.contestant.sample), (1, Sample::first(1)));
    assert!(call.status.is_ok());
    assert_eq!((call.duration_ms, call.billed_ms, call.sent_ms), (Some(12.5), None, None));

    // A column that is there must be filled in, but for figures.
    let with = |column: &str, cell: &str| {
        let text = text.replacen("duration_ms\n", &format!("duration_ms,{column}\n"), 1);
        let text = text.replacen("12.5\n", &format!("12.5,{cell}\n"), 1);
        sheet::from_bytes::<Invocation>(Path::new("theirs.csv"), text.as_bytes())
    };
    for column in ["phase", "sample", "status", "session"] {
        let fault = with(column, "").unwrap_err().to_string();
        assert!(fault.contains("line 2") && fault.contains(column), "{fault}");
    }
    assert_eq!(with("state", "").unwrap()[0].state, None);
    for cell in ["NaN", "inf", "-1", "1,5"] {
        assert!(with("billed_ms", cell).is_err(), "{cell}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("report");
    std::fs::write(&in_the_way, "a file").unwrap();
    let error = sheet::write::<Pass>(&in_the_way, &[]).unwrap_err().to_string();
    assert!(error.starts_with("cannot write") && error.contains("report"), "{error}");
}
