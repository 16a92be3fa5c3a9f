//! Models' answers: what they are asked, what is missing without them, and answers taken in by
//! hand, which are never shown as if it were known who wrote them.

use crate::desk::{Desk, small};

fn with_model() -> Desk {
    let text = small().replace("source = \"pillow\"", "model = \"openai:gpt-5\"");
    Desk::with(&text.replace("name = \"pillow\"", "name = \"gpt-5\""))
}

/// An answer as a chat window gives it, around the bundled code of a function.
fn answer(desk: &Desk, function: &str) -> String {
    desk.bundled_variant("pillow", "copied", &[function]);
    let code = desk.read(&format!("copied/{function}/lambda_function.py"));
    format!("Here is the function.\r\n\r\n```python\r\n{code}```\r\n\r\nIt needs Pillow.\r\n")
}

#[test]
fn a_study_without_answers_is_planned_and_says_what_is_missing() {
    let desk = with_model();
    let came = desk.run(&["plan", "study.toml"]).expect(0);
    let missing = "answers of gpt-5/1 for greyscale, resize; OPENAI_API_KEY is not set";
    assert!(came.stdout.contains(missing), "{}", came.stdout);
    desk.run(&["run", "study.toml"]).expect(3).says(&[
        "gpt-5/1 greyscale is not written yet: there is no key for openai; set OPENAI_API_KEY",
        "photofinish import study.toml --variant gpt-5/1 --function greyscale FILE",
    ]);
    assert!(!desk.path("results/study/journal.sqlite").exists());
}

#[test]
fn what_is_asked_for_names_the_libraries_and_the_formats() {
    let desk = with_model();
    let came = desk.run(&["generate", "study.toml", "--show"]).expect(0);
    for words in ["Pillow 13.0.0", "boto3 1.44.5", "800x600", "===== resize ====="] {
        assert!(came.stdout.contains(words), "{words}: {}", came.stdout);
    }
    assert!(!came.stdout.contains("{{") && !came.stdout.contains("===== depth"), "{}", came.stdout);
    desk.run(&["generate", "study.toml"]).expect(3).says(&["OPENAI_API_KEY", "--show"]);
}

#[test]
fn pasted_answers_are_raced_under_the_badge_that_nobody_checked_who_wrote_them() {
    let desk = with_model();
    for function in ["greyscale", "resize"] {
        desk.write("answer.txt", &answer(&desk, function));
        let arguments =
            ["import", "study.toml", "--variant", "gpt-5", "--function", function, "answer.txt"];
        let came = desk.run(&arguments).expect(0);
        assert!(came.stdout.contains("model unverified"), "{}", came.stdout);
        assert!(desk.run(&arguments).expect(0).stdout.contains("there already"));
    }
    let kept = desk.read("results/study/generations/gpt-5/1/answers/resize.txt");
    assert_eq!(kept, answer(&desk, "resize"), "an answer is kept as it was received");
    let came = desk.run(&["run", "study.toml"]).expect(0);
    assert!(came.stdout.contains("MODEL UNVERIFIED"), "{}", came.stdout);
    let rows = desk.table("study", "invocations");
    assert!(rows.iter().all(|row| row["model"] == "openai:gpt-5"));
    let page = desk.read("results/study/report/index.html");
    assert!(page.contains("model unverified") && page.contains("What the models were asked"));
}

#[test]
fn what_cannot_be_an_answer_is_refused_with_the_reason() {
    let desk = with_model();
    let import = |variant: &str, function: &str, file: &str| {
        let to = ["--variant", variant, "--function", function, file];
        desk.run(&[&["import", "study.toml"][..], &to].concat())
    };
    desk.write("prose.txt", "I cannot help with that.");
    import("gpt-5/1", "resize", "prose.txt").expect(2).says(&["nothing in it defines"]);
    desk.write("half.txt", "```python\ndef lambda_handler(event, context):\n");
    import("gpt-5/1", "resize", "half.txt").expect(2).says(&["cut off"]);
    import("gpt-5/1", "resize", "none.txt").expect(2).says(&["none.txt", "or -"]);
    import("gpt5", "resize", "half.txt").expect(2).says(&["did you mean `gpt-5/1`?"]);
    import("gpt-5/2", "resize", "half.txt").expect(2).says(&["gpt-5/1"]);
    import("gpt-5/1", "resise", "half.txt").expect(2).says(&["did you mean `resize`?"]);

    desk.write("one.py", "def lambda_handler(event, context):\n    return 1\n");
    desk.write("two.py", "def lambda_handler(event, context):\n    return 2\n");
    import("gpt-5/1", "resize", "one.py").expect(0);
    import("gpt-5/1", "resize", "two.py").expect(2).says(&["--replace"]);
    let code = "results/study/generations/gpt-5/1/code/resize/lambda_function.py";
    assert!(desk.read(code).contains("return 1"));

    let own = Desk::small();
    own.write("one.py", "def lambda_handler(event, context):\n    return 1\n");
    let to = ["--variant", "pillow", "--function", "resize", "one.py"];
    let came = own.run(&[&["import", "study.toml"][..], &to].concat()).expect(2);
    came.says(&["no variant of study.toml has a model"]);
}

#[test]
fn the_proposals_study_plans_as_six_deployments_and_runs_here_on_demand() {
    let study = concat!(env!("CARGO_MANIFEST_DIR"), "/../../studies/tcss562.toml");
    let desk = Desk::small();
    let came = desk.run(&["plan", study, "--json"]).expect(0);
    let plan: serde_json::Value = serde_json::from_str(&came.stdout).unwrap();
    assert_eq!(plan["deployments"].as_array().unwrap().len(), 6, "the first samples are raced");
    assert_eq!(plan["beside"].as_array().unwrap().len(), 2);
    assert_eq!(plan["verified_only"].as_array().unwrap().len(), 3 * 9, "once each");
    assert_eq!(plan["functions"].as_array().unwrap().len(), 5);
    assert!(plan["passes_per_deployment_and_flow"].as_u64().unwrap() >= 100);
    let missing = plan["missing"].to_string();
    for lack in ["OPENAI_API_KEY", "GEMINI_API_KEY", "an AWS account", "deepseek-v3.2/1 to 10"] {
        assert!(missing.contains(lack), "{lack}: {missing}");
    }
    let came = desk.run(&["plan", study, "--on", "local"]).expect(0);
    let budget = "$5.00; writing may cost up to $";
    assert!(came.stdout.contains(budget), "{}", came.stdout);
    assert!(came.stdout.contains("it cannot count 1 model whose price is not known here"));
    assert!(came.stdout.contains("gpt-5/1@local/x86_64/1769"), "{}", came.stdout);
    assert!(came.stdout.contains("results/tcss562-local"), "{}", came.stdout);
    let short = "27 deployments, not raced\n              9 of gpt-5\n";
    assert!(came.stdout.contains(short), "{}", came.stdout);
}
