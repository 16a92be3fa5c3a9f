//! The page: complete, the same every time, and proof against what it shows.

use photofinish_analyse::Part;
use photofinish_report::page::{self, render};
use photofinish_report::{Badge, Facts, ReportData, Source, Text};
use photofinish_study::Orchestration;
use photofinish_study::record::Status as RecordStatus;

use crate::demo;
use crate::simulated::name;

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(render(&demo::whole()), render(&demo::whole()));
    let folder = tempfile::tempdir().unwrap();
    let data = demo::quick();
    let path = page::write(folder.path(), &data).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), render(&data));
}

#[test]
fn it_reaches_for_nothing_outside_itself() {
    let page = render(&demo::whole()).replace(" src=\"data:image/png;base64,", "");
    for reach in ["http:", "https:", "//cdn", "<script", "@import", "url(", " src=", "<iframe"] {
        assert!(!page.contains(reach), "{reach}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_local_study_says_so_beside_its_numbers() {
    let page = render(&demo::quick());
    assert!(page.contains("measured on the embedded local platform; not AWS"));
    assert!(page.contains("(projection)") && page.contains("A projection: "));
    assert!(page.contains("pillow/1 is 24.1 × faster than plain/1 on the pipeline ["), "{page}");
    assert!(page.contains("Cost: a projection from local durations"));
    assert!(!page.contains("x86 against ARM"), "one architecture has nothing to compare");
}

#[test]
fn what_a_state_machine_adds_has_a_table_of_its_own_and_changes_no_other() {
    let data = demo::orchestrated();
    let page = render(&data);
    let section = page.split("What a state machine adds</h2>").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    assert!(section.contains("Exploratory: no verdict rests on this"), "{section}");
    assert!(section.contains(">1.250<"), "the ratio: {section}");
    // 100,000 executions of 300 ms at 64 MB; five functions are five transitions.
    assert!(section.contains(">$0.1313<") && section.contains(">$12.50<"), "{section}");
    let mut alone = data.clone();
    alone.orchestrations.clear();
    alone.passes.retain(|pass| pass.at.orchestration == Orchestration::Client);
    alone.invocations.retain(|call| call.at.orchestration == Orchestration::Client);
    let without = render(&alone);
    assert!(!without.contains("What a state machine adds"));
    let of = |page: &str, title: &str| {
        let rest = page.split(&format!("{title}</h2>")).nth(1).unwrap().to_owned();
        rest.split("</section>").next().unwrap().to_owned()
    };
    for title in ["Verdict", "Turnaround of the pipeline", "Every measurement", "Run order"] {
        assert_eq!(of(&page, title), of(&without, title), "{title}");
    }
}

#[test]
fn a_rejected_function_shows_its_reason_and_no_time() {
    let mut data = demo::large();
    let page = render(&data);
    assert!(page.contains("turned counter-clockwise: block (3, 4) is 118 levels off"));
    assert!(page.contains("deepseek-v3.2/1@arm64 is rejected in rotate: not compared there"));
    assert!(page.contains("x86 against ARM"));
    let wrong = data.summary.iter().find(|row| {
        row.part.to_string() == "rotate"
            && row.deployment.contestant.variant == name("deepseek-v3.2")
            && row.metric.as_str() == "duration"
            && row.images.to_string() == "all"
    });
    let wrong = wrong.unwrap().clone();
    let times = ["duration", "turnaround", "compute"];
    for row in data.summary.iter_mut().filter(|row| {
        row.deployment == wrong.deployment
            && (row.part == wrong.part || row.part == Part::Pipeline)
            && times.contains(&row.metric.as_str())
    }) {
        (row.mean, row.median) = (987_654.0, 987_654.0);
    }
    assert!(!render(&data).contains("987,654"), "a time of a rejected function is shown");
}

#[test]
fn every_section_of_a_whole_study_is_there() {
    let page = render(&demo::large());
    for anchor in [
        "verdict",
        "runtime",
        "turnaround",
        "cost",
        "architectures",
        "correctness",
        "charts",
        "stages",
        "order",
        "cold",
        "missing",
        "method",
        "appendix",
    ] {
        assert!(page.contains(&format!("<h2 id=\"{anchor}\">")), "{anchor}");
        assert!(page.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
    }
    let charts = page.matches("<svg class=\"strips\"").count();
    assert_eq!(charts, 3 * (5 + 1), "for each function and the pipeline, one for each picture");
    assert_eq!(page.matches("<svg class=\"curves\"").count(), charts);
    assert!(page.contains("× timeout"));
    assert!(
        page.contains("deepseek-v3.2/1@arm64 isolated 11 of 12. The others are shown, not tested.")
    );
    assert!(page.contains("USD 0.005 for 1000 PUT request ("), "prices with their sources");
    assert!(page.contains("from memory; unconfirmed)"), "and how far they can be trusted");
}

const HOSTILE: &str = "</pre></style><script>alert(1)</script>\"'><img onerror=x>&amp;\u{202E}\0";

/// A study whose every free text is hostile.
fn hostile() -> ReportData {
    let mut data = demo::large();
    let bad = || HOSTILE.to_owned();
    data.study = bad();
    data.badges.push(Badge::Warning(bad()));
    data.notes = vec![bad()];
    data.commands = vec![bad()];
    data.facts = vec![Facts { heading: bad(), rows: vec![(bad(), bad())] }];
    data.texts = vec![Text { title: bad(), body: bad() }];
    let function = name("depth");
    data.sources = vec![Source { variant: bad(), function, file: bad(), code: bad() }];
    for row in &mut data.verification {
        row.reason = Some(HOSTILE.into());
        row.metric = HOSTILE.into();
        row.input = HOSTILE.into();
    }
    data.verdicts.iter_mut().for_each(|verdict| verdict.reason = bad());
    data.costs.unpriced.iter_mut().for_each(|lack| lack.reason = bad());
    data.cpu_models.values_mut().for_each(|models| models.push((HOSTILE.into(), 1)));
    for row in &mut data.attempts {
        row.failed.insert(HOSTILE.into(), 1);
    }
    data.passes.iter_mut().for_each(|pass| pass.status = RecordStatus(HOSTILE.into()));
    data.costs.rows.iter_mut().for_each(|row| row.price_date = bad());
    data.badges.push(Badge::ModelUnverified(bad()));
    data.labels = data.planned.functions.iter().map(|function| (function.clone(), bad())).collect();
    data.pictures = demo::whole().pictures;
    for picture in &mut data.pictures {
        (picture.input, picture.words) = (bad(), bad());
    }
    data
}

#[test]
fn hostile_texts_stay_texts() {
    let page = render(&hostile());
    let escaped = "&lt;/pre&gt;&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;";
    assert!(page.matches(escaped).count() > 20);
    for broken in ["<script", "<img onerror", "\"'>", "\u{202E}", "\0"] {
        assert!(!page.contains(broken), "{broken}");
    }
    assert_eq!((page.matches("<style>").count(), page.matches("</style>").count()), (1, 1));
    assert_eq!(page.matches("<pre>").count(), page.matches("</pre>").count());
}

#[test]
fn a_study_with_nothing_in_it_still_has_a_page() {
    let page = render(&ReportData { study: "empty".into(), ..ReportData::default() });
    assert!(page.contains("<h1>empty</h1>") && page.ends_with("</html>"));
    assert!(page.contains("There is nobody to be compared with"));
}
