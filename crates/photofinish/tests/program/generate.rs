//! Functions written by a model: asked for, kept, checked, replayed, repaired, and judged.

use crate::author::{Asked, Author};
use crate::desk::{Came, Desk, small};

/// The code of a bundled function, as a model may answer.
fn right(function: &str) -> String {
    let path = format!(
        "{}/../assets/applications/image-pipeline/variants/pillow/{function}/lambda_function.py",
        env!("CARGO_MANIFEST_DIR")
    );
    format!("```python\n{}```\n", std::fs::read_to_string(path).unwrap())
}

/// Right but for the size that it makes.
fn wrong(function: &str) -> String {
    right(function).replace("(800, 600)", "(801, 600)").replace("800, 600", "801, 600")
}

fn study(author: &Author, more: &str) -> Desk {
    let model = format!("model = \"compatible:tiny\"\nbase_url = \"{}\"", author.base_url);
    let text = small()
        .replace("name = \"pillow\"\nsource = \"pillow\"", &format!("name = \"tiny\"\n{model}"));
    Desk::with(&format!("{text}\n{more}"))
}

/// A run without anybody's keys in the environment but this one.
fn run(desk: &Desk, arguments: &[&str]) -> Came {
    let mut command = desk.command(arguments);
    for key in ["OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "DEEPSEEK_API_KEY"] {
        command.env_remove(key);
    }
    command.env("COMPATIBLE_API_KEY", KEY);
    Came::from(command.output().unwrap())
}

const KEY: &str = "sk-test-0123456789-never-on-disk";

#[test]
fn answers_are_asked_for_once_and_kept_with_their_bytes() {
    let author = Author::writing(|asked: &Asked| (200, right(&asked.function)));
    let desk = study(&author, "");
    let came = run(&desk, &["generate", "study.toml"]).expect(0);
    assert!(came.stderr.contains("2 answers of compatible:tiny"), "{}", came.stderr);
    let mut functions: Vec<String> = author.asked().into_iter().map(|it| it.function).collect();
    functions.sort();
    assert_eq!(functions, ["greyscale", "resize"]);
    assert!(author.asked().iter().all(|it| it.key.as_deref() == Some(&format!("Bearer {KEY}"))));
    let kept = desk.read("results/study/generations/tiny/1/answers/resize.txt");
    assert_eq!(kept, right("resize"));

    let came = run(&desk, &["generate", "study.toml"]).expect(0);
    assert!(came.stderr.contains("every answer is there"), "{}", came.stderr);
    assert_eq!(author.asked().len(), 2);

    let came = run(&desk, &["generate", "study.toml", "--verify"]).expect(0);
    assert!(
        came.stdout.contains("as received, and so is the code out of it: 2 answers"),
        "{}",
        came.stdout
    );
    assert!(came.stdout.contains("ledger: 4 entries"), "{}", came.stdout);
    let came = run(&desk, &["generate", "study.toml", "--show"]).expect(0);
    assert_eq!(came.stdout.matches("this text and nothing else").count(), 2, "{}", came.stdout);
    assert_no_key(&desk.path("results"));
}

fn assert_no_key(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            assert_no_key(&entry.path());
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            assert!(!found, "{} holds the key", entry.path().display());
        }
    }
}

#[test]
fn what_was_changed_afterwards_is_found() {
    let author = Author::writing(|asked: &Asked| (200, right(&asked.function)));
    let desk = study(&author, "");
    run(&desk, &["generate", "study.toml"]).expect(0);
    let code = "results/study/generations/tiny/1/code/resize/lambda_function.py";
    let before = desk.read(code);
    desk.write(code, &before.replace("800", "802"));
    let came = run(&desk, &["generate", "study.toml", "--verify"]).expect(1);
    assert!(
        came.stdout.contains("tiny/1 resize: the code is not what its answer contains"),
        "{}",
        came.stdout
    );
    desk.write(code, &before);
    let ledger = "results/study/generations/ledger/ledger.jsonl";
    let lines = desk.read(ledger);
    desk.write(ledger, &lines.replacen("\"took_ms\":", "\"took_ms\":1", 1));
    let came = run(&desk, &["generate", "study.toml", "--verify"]).expect(1);
    assert!(came.stdout.contains("broken: "), "{}", came.stdout);
}

#[test]
fn a_published_study_is_replayed_without_its_author() {
    let author = Author::writing(|asked: &Asked| (200, right(&asked.function)));
    let desk = study(&author, "");
    let came = run(&desk, &["generate", "study.toml", "--replay"]).expect(1);
    assert!(came.stdout.contains("2 answers missing"), "{}", came.stdout);
    run(&desk, &["generate", "study.toml"]).expect(0);
    let code = "results/study/generations/tiny/1/code/resize/lambda_function.py";
    let before = desk.read(code);
    std::fs::remove_dir_all(desk.path("results/study/generations/tiny")).unwrap();
    let came = run(&desk, &["generate", "study.toml", "--replay"]).expect(0);
    assert!(came.stdout.contains("2 answers put back"), "{}", came.stdout);
    assert_eq!(desk.read(code), before);
    let came = run(&desk, &["generate", "study.toml", "--replay"]).expect(0);
    assert!(came.stdout.contains("2 answers replayed from ledger.jsonl"), "{}", came.stdout);
    assert_eq!(author.asked().len(), 2, "nobody was asked again");

    let other = desk.read("study.toml").replace("[[target]]", "[[target]]\n");
    desk.write("study.toml", &other.replace("base_url", "effort = \"high\"\nbase_url"));
    let came = run(&desk, &["generate", "study.toml", "--replay"]).expect(1);
    assert!(came.stdout.contains("reasoning_effort"), "{}", came.stdout);
}

#[test]
fn an_answer_without_code_is_an_outcome_and_not_asked_for_again() {
    let author = Author::writing(|asked: &Asked| match asked.function.as_str() {
        "resize" => (200, "I would rather not.".to_owned()),
        other => (200, right(other)),
    });
    let desk = study(&author, "");
    run(&desk, &["generate", "study.toml"]).expect(1);
    let came = run(&desk, &["verify", "study.toml"]).expect(1);
    assert!(
        came.stderr.contains("resize: the answer has no code: nothing in it defines"),
        "{}",
        came.stderr
    );
    assert_eq!(author.asked().len(), 2);
}

#[test]
fn what_was_wrong_goes_back_to_its_author_and_the_rounds_are_never_mixed() {
    let author = Author::writing(|asked: &Asked| match (asked.function.as_str(), asked.turns) {
        ("resize", 1) => (200, wrong("resize")),
        (function, _) => (200, right(function)),
    });
    let desk = study(&author, "[generate]\nrepairs = 2\n");
    let came = run(&desk, &["run", "study.toml"]).expect(1);
    let asked = author.asked();
    assert_eq!(asked.len(), 3, "two first answers and one repair: {}", came.stderr);
    let repair = asked.iter().find(|asked| asked.turns == 2).unwrap();
    assert_eq!(repair.function, "resize");
    assert!(repair.said.contains("801x600"), "{}", repair.said);
    let rows = desk.table("study", "generations");
    let of = |sample: &str| -> Vec<(&str, &str)> {
        let rows = rows.iter().filter(|row| row["sample"] == sample);
        rows.map(|row| (row["function"].as_str(), row["verdict"].as_str())).collect()
    };
    assert_eq!(of("1"), [("greyscale", "accepted"), ("resize", "rejected")]);
    assert_eq!(of("1+r1"), [("resize", "accepted")]);
    let raced = desk.table("study", "invocations");
    assert!(raced.iter().all(|row| row["sample"] == "1"), "a repaired answer was raced");
    let page = desk.read("results/study/report/index.html");
    assert!(page.contains("Written by models") && page.contains("tiny-2026-01-01"));
    run(&desk, &["generate", "study.toml", "--verify"]).expect(0);
    run(&desk, &["generate", "study.toml", "--replay"]).expect(0);
}

#[test]
fn a_bad_key_a_retired_model_and_a_budget_each_stop_with_their_own_code() {
    let author = Author::writing(|_: &Asked| (401, "Incorrect API key provided".to_owned()));
    let desk = study(&author, "[generate]\nat_once = 1\n");
    run(&desk, &["generate", "study.toml"])
        .expect(5)
        .says(&["the key is not valid", "run it again"]);
    assert_eq!(author.asked().len(), 1, "nobody else is asked with the same key");

    let text = desk.read("study.toml");
    desk.write("study.toml", &text.replace("compatible:tiny", "gemini:gemini-3-pro-preview"));
    run(&desk, &["generate", "study.toml"])
        .expect(2)
        .says(&["retired since 2026-03-09", "gemini:gemini-3.1-pro-preview"]);

    desk.write(
        "study.toml",
        &format!(
            "{}\n[budget]\nlimit_usd = 0.01\n",
            text.replace("compatible:tiny", "openai:gpt-6.1-sol")
        ),
    );
    run(&desk, &["generate", "study.toml"]).expect(4).says(&["budget of $0.01", "limit_usd"]);
    assert_eq!(author.asked().len(), 1);
}

#[test]
fn a_function_that_was_never_written_is_told_in_the_report_with_what_follows_from_it() {
    let author = Author::writing(|asked: &Asked| match asked.function.as_str() {
        "greyscale" => (200, "I would rather not.".to_owned()),
        other => (200, right(other)),
    });
    let desk = study(&author, "");
    let text = desk.read("study.toml");
    desk.write("study.toml", &text.replace("[\"chained\"]", "[\"chained\", \"isolated\"]"));
    let came = run(&desk, &["run", "study.toml"]).expect(1);
    let rows = desk.table("study", "generations");
    let row = |function: &str| rows.iter().find(|row| row["function"] == function).unwrap();
    assert_eq!(
        (&*row("greyscale")["ending"], &*row("greyscale")["verdict"]),
        ("no-code", "rejected")
    );
    assert!(
        row("greyscale")["reason"].starts_with("the answer has no code: nothing in it defines")
    );
    assert_eq!(row("resize")["verdict"], "accepted", "it is right on its own");
    let checks = desk.table("study", "verification");
    let check = checks.iter().find(|row| row["function"] == "greyscale").unwrap();
    assert_eq!((&*check["verdict"], &*check["input"]), ("rejected", "no input"));
    let calls = desk.table("study", "invocations");
    assert!(calls.iter().all(|row| row["function"] == "resize" && row["flow"] == "isolated"));
    assert!(!calls.is_empty(), "what is right on its own is raced on its own");
    let page = desk.read("results/study/report/index.html");
    for said in ["the answer has no code", "1 without code that could be taken"] {
        assert!(page.contains(said), "{said}");
    }
    assert!(came.stdout.contains("the answer has no code"), "{}", came.stdout);
}

#[test]
fn what_failed_for_good_ends_the_command_and_alone_is_asked_again() {
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_broken = std::sync::Arc::clone(&broken);
    let author = Author::writing(move |asked: &Asked| {
        let broken = is_broken.load(std::sync::atomic::Ordering::Relaxed);
        match (asked.function.as_str(), broken) {
            ("resize", true) => (401, "Incorrect API key provided".to_owned()),
            (function, _) => (200, right(function)),
        }
    });
    let desk = study(&author, "[generate]\nat_once = 1\n");
    run(&desk, &["generate", "study.toml"]).expect(5).says(&["every answer that was had is kept"]);
    let kept = "results/study/generations/tiny/1/answers/greyscale.txt";
    assert_eq!(desk.read(kept), right("greyscale"));
    broken.store(false, std::sync::atomic::Ordering::Relaxed);
    run(&desk, &["generate", "study.toml"]).expect(0);
    let asked: Vec<String> = author.asked().into_iter().map(|it| it.function).collect();
    assert_eq!(asked, ["greyscale", "resize", "resize"]);
    let came = run(&desk, &["generate", "study.toml", "--verify"]).expect(0);
    assert!(came.stdout.contains("ledger: 6 entries"), "the failure is recorded: {}", came.stdout);
}

#[test]
fn that_patience_ended_is_recorded_and_asked_again() {
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_broken = std::sync::Arc::clone(&broken);
    let author = Author::writing(move |asked: &Asked| {
        let broken = is_broken.load(std::sync::atomic::Ordering::Relaxed);
        match (asked.function.as_str(), broken) {
            ("resize", true) => (503, "overloaded".to_owned()),
            (function, _) => (200, right(function)),
        }
    });
    let desk = study(&author, "[generate]\nat_once = 1\ndeadline_s = 1\n");
    run(&desk, &["generate", "study.toml"]).expect(5).says(&[
        "gave up after 2 attempts",
        "overloaded",
        "run it again to ask again",
    ]);
    let record = || -> serde_json::Value {
        let record = desk.read("results/study/generations/tiny/1/answers/resize.json");
        serde_json::from_str(&record).unwrap()
    };
    assert_eq!(
        (record()["ending"].as_str(), record()["attempts"].as_u64()),
        (Some("failed"), Some(2))
    );
    let came = run(&desk, &["plan", "study.toml"]).expect(0);
    assert!(came.stdout.contains("to be written 1 answer of compatible:tiny"), "{}", came.stdout);
    assert!(came.stdout.contains("never had     tiny/1 resize: gave up after"), "{}", came.stdout);
    let came = run(&desk, &["generate", "study.toml", "--verify"]).expect(0);
    assert!(came.stdout.contains("1 answer never had"), "{}", came.stdout);
    let came = run(&desk, &["generate", "study.toml", "--replay"]).expect(0);
    assert!(came.stdout.contains("1 answer without a text, then as now"), "{}", came.stdout);

    let came = run(&desk, &["verify", "study.toml"]).expect(1);
    assert!(came.stderr.contains("resize: no answer was had: gave up"), "{}", came.stderr);

    broken.store(false, std::sync::atomic::Ordering::Relaxed);
    run(&desk, &["generate", "study.toml"]).expect(0);
    assert_eq!(desk.read("results/study/generations/tiny/1/answers/resize.txt"), right("resize"));
    assert_eq!(
        (record()["ending"].as_str(), record()["attempts"].as_u64()),
        (Some("complete"), Some(3)),
        "the attempts that failed are counted with it"
    );
    let asked: Vec<String> = author.asked().into_iter().map(|it| it.function).collect();
    assert_eq!(asked, ["greyscale", "resize", "resize", "resize"]);
    run(&desk, &["generate", "study.toml", "--replay"]).expect(0);
}

#[test]
fn a_question_that_is_refused_is_an_outcome_that_can_be_replayed() {
    let author = Author::writing(|asked: &Asked| match asked.function.as_str() {
        "resize" => (400, "we do not speak of pictures".to_owned()),
        other => (200, right(other)),
    });
    let desk = study(&author, "[generate]\nrepairs = 1\n");
    run(&desk, &["generate", "study.toml"]).expect(1);
    let came = run(&desk, &["verify", "study.toml"]).expect(1);
    assert!(came.stderr.contains("the model refused: we do not speak"), "{}", came.stderr);
    run(&desk, &["generate", "study.toml"]).expect(0);
    assert_eq!(author.asked().len(), 2, "a refusal is not asked for again, nor to be repaired");
    run(&desk, &["generate", "study.toml", "--verify"]).expect(0);
    run(&desk, &["generate", "study.toml", "--replay"]).expect(0);
}

#[test]
fn a_published_directory_is_replayed_from_another_folder_with_nobody_there() {
    let author = Author::writing(|asked: &Asked| (200, right(&asked.function)));
    let desk = study(&author, "");
    run(&desk, &["generate", "study.toml"]).expect(0);
    let other =
        Desk::with(&desk.read("study.toml").replace(&author.base_url, "http://127.0.0.1:9/v1"));
    copy(&desk.path("results"), &other.path("results"));
    let offline = |arguments: &[&str]| {
        let mut command = other.command(arguments);
        for key in ["OPENAI", "GEMINI", "GOOGLE", "DEEPSEEK", "COMPATIBLE"] {
            command.env_remove(format!("{key}_API_KEY"));
        }
        Came::from(command.output().unwrap())
    };
    let came = offline(&["generate", "study.toml", "--replay"]).expect(0);
    assert!(came.stdout.contains("2 answers replayed from ledger.jsonl"), "{}", came.stdout);
    offline(&["generate", "study.toml", "--verify"]).expect(0);
    assert_eq!(author.asked().len(), 2, "nobody was asked again");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => assert!(std::fs::copy(&from, &to).is_ok()),
        }
    }
}

#[test]
fn what_two_models_were_sent_is_proved_to_be_the_same() {
    let author = Author::writing(|asked: &Asked| (200, right(&asked.function)));
    let desk = study(&author, "");
    let second = format!(
        "[[variant]]\nname = \"other\"\nmodel = \"compatible:other\"\nbase_url = \"{}\"\n\n[[target]]",
        author.base_url
    );
    desk.write("study.toml", &desk.read("study.toml").replacen("[[target]]", &second, 1));
    run(&desk, &["generate", "study.toml"]).expect(0);
    let came = run(&desk, &["generate", "study.toml", "--show"]).expect(0);
    let sent: Vec<Vec<&str>> = came
        .stdout
        .lines()
        .filter(|line| line.ends_with("this text and nothing else"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let of = |function: &str| -> Vec<(&str, &str)> {
        let of = sent.iter().filter(|words| words[0] == function);
        of.map(|words| (words[1], words[2])).collect()
    };
    for function in ["greyscale", "resize"] {
        let [(one, hash), (two, same)] = of(function)[..] else { panic!("{}", came.stdout) };
        assert_eq!((one, two, hash), ("tiny", "other", same));
    }
}

#[test]
fn whoever_reads_the_prompts_may_stop_reading() {
    let author = Author::writing(|asked: &Asked| (200, right(&asked.function)));
    let desk = study(&author, "");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = desk.command(&["generate", "study.toml", "--show"]);
    let came = command.stdout(writer).output().unwrap();
    let said = String::from_utf8_lossy(&came.stderr);
    assert_eq!((came.status.code(), &*said), (Some(0), ""));
}
