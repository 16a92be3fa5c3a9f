//! Each API's requests and responses, against files in the shapes of the providers' documents.

use std::path::PathBuf;
use std::time::Duration;

use photofinish_generate::{
    Cause, Ending, Fault, Provider, Question, Reply, Response, Speaker, Turn, Usage,
};

const CODE: &str = "```python\nprint(1)\n```";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire")
}

fn response(provider: Provider, name: &str) -> Response {
    let file = folder().join(provider.as_str()).join(format!("{name}.http"));
    let text = std::fs::read_to_string(&file).expect("a golden file");
    let (head, body) = text.split_once("\n\n").expect("a blank line after the headers");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": "));
    Response {
        status: status.parse().expect("a number"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.as_bytes().to_owned(),
    }
}

fn read(provider: Provider, name: &str) -> Result<Reply, Fault> {
    provider.read(&response(provider, name))
}

fn reply(provider: Provider, name: &str) -> Reply {
    read(provider, name).unwrap_or_else(|fault| panic!("{provider}/{name}: {fault}"))
}

fn fatal(provider: Provider, name: &str) -> (Cause, String) {
    match read(provider, name) {
        Err(Fault::Fatal { cause, said }) => (cause, said),
        other => panic!("{provider}/{name}: {other:?}"),
    }
}

fn later(provider: Provider, name: &str) -> (Option<f64>, bool) {
    match read(provider, name) {
        Err(Fault::Later { after, busy, .. }) => (after.map(|after| after.as_secs_f64()), busy),
        other => panic!("{provider}/{name}: {other:?}"),
    }
}

fn usage(input: u64, cached: u64, output: u64, reasoning: u64) -> Usage {
    Usage {
        input: Some(input),
        cached: Some(cached),
        output: Some(output),
        reasoning: Some(reasoning),
    }
}

fn turn(speaker: Speaker, text: &str) -> Turn {
    Turn { speaker, text: text.to_owned() }
}

fn question(model: &str, effort: Option<&str>) -> Question {
    let turns = vec![
        turn(Speaker::User, "Write “greyscale”.\n"),
        turn(Speaker::Model, CODE),
        turn(Speaker::User, "It is too dark."),
    ];
    Question {
        model: model.to_owned(),
        turns,
        effort: effort.map(str::to_owned),
        max_output_tokens: 32_000,
    }
}

#[test]
fn each_api_is_asked_in_its_own_words() {
    let asked = [
        (Provider::OpenAi, "gpt-5", Some("high"), "/v1/responses"),
        (
            Provider::Gemini,
            "gemini-3.1-pro-preview",
            Some("high"),
            "/v1beta/models/gemini-3.1-pro-preview:generateContent",
        ),
        (Provider::DeepSeek, "deepseek-flash", Some("high"), "/chat/completions"),
        (Provider::Compatible, "gemma", Some("high"), "/chat/completions"),
    ];
    for (provider, model, effort, path) in asked {
        let base_url = provider.base_url().unwrap_or("http://127.0.0.1:8080/v1/");
        let request = provider.request(base_url, &question(model, effort));
        assert!(request.url.ends_with(path), "{}", request.url);
        assert!(!request.url.trim_start_matches("https://").contains("//8"), "{}", request.url);
        let golden = std::fs::read(folder().join(provider.as_str()).join("request.json"));
        let golden = golden.expect("a golden file");
        assert_eq!(
            String::from_utf8_lossy(&request.body),
            String::from_utf8_lossy(golden.trim_ascii_end()),
            "{provider}"
        );
        assert_eq!(request, provider.request(base_url, &question(model, effort)));
        let key = request.headers.iter().filter(|(_, value)| value == "redacted").count();
        assert_eq!(key, 1, "{:?}", request.headers);
    }
}

#[test]
fn what_is_not_asked_for_is_not_sent() {
    let body = |provider: Provider, effort| {
        let request = provider.request("http://127.0.0.1:1", &question("m", effort));
        String::from_utf8(request.body).unwrap()
    };
    for provider in Provider::ALL {
        let plain = body(provider, None);
        assert!(!plain.contains("reasoning") && !plain.contains("thinking"), "{plain}");
        assert!(!plain.contains("temperature"), "{plain}");
    }
    assert!(body(Provider::DeepSeek, Some("none")).contains(r#""thinking":{"type":"disabled"}"#));
}

#[test]
fn a_models_name_cannot_lead_to_another_path() {
    let request = Provider::Gemini.request("http://127.0.0.1:1", &question("../../x?key=y", None));
    assert_eq!(
        request.url,
        "http://127.0.0.1:1/v1beta/models/..%2F..%2Fx%3Fkey%3Dy:generateContent"
    );
}

#[test]
fn answers_are_read_without_their_thoughts() {
    let openai = reply(Provider::OpenAi, "answer");
    assert_eq!((openai.text.as_str(), &openai.ending), (CODE, &Ending::Complete));
    assert_eq!(openai.served.as_deref(), Some("gpt-5-2025-08-07"));
    assert_eq!(openai.usage, usage(1200, 1024, 900, 640));

    let gemini = reply(Provider::Gemini, "answer");
    assert_eq!((gemini.text.as_str(), &gemini.ending), (CODE, &Ending::Complete));
    assert_eq!(gemini.served.as_deref(), Some("gemini-3.1-pro-preview"));
    // 418 written and 438 thought are billed together.
    assert_eq!(gemini.usage, usage(1340, 1024, 856, 438));

    // After blank lines that kept the connection alive.
    let deepseek = reply(Provider::DeepSeek, "answer");
    assert_eq!((deepseek.text.as_str(), &deepseek.ending), (CODE, &Ending::Complete));
    assert_eq!(deepseek.usage, usage(1340, 1280, 900, 500));

    let compatible = reply(Provider::Compatible, "answer");
    assert_eq!(compatible.text, CODE);
    let counted = Usage { input: Some(12), output: Some(40), ..Usage::default() };
    assert_eq!(compatible.usage, counted);
}

#[test]
fn an_answer_in_pieces_is_put_together_and_asides_are_left_out() {
    assert_eq!(reply(Provider::OpenAi, "commentary").text, CODE);
    assert_eq!(reply(Provider::Compatible, "parts").text, CODE);
    assert_eq!(reply(Provider::Compatible, "thoughts-in-the-text").text.trim(), CODE);
    assert_eq!(reply(Provider::Compatible, "nothing-but-thoughts").text, "");
}

#[test]
fn what_is_missing_is_left_out_and_not_made_up() {
    for provider in [Provider::OpenAi, Provider::Gemini, Provider::Compatible] {
        let sparse = reply(provider, "sparse");
        assert_eq!((sparse.text.as_str(), sparse.served), ("x = 1", None), "{provider}");
        assert_eq!(sparse.usage, Usage::default(), "{provider}");
    }
    // One of two names for what was cached is enough.
    assert_eq!(reply(Provider::DeepSeek, "cut-off").usage, usage(1340, 1280, 900, 500));
}

#[test]
fn truncation_and_refusal_are_endings() {
    let endings = [
        (Provider::OpenAi, "cut-off", Ending::CutOff("max_output_tokens".into())),
        (Provider::OpenAi, "filtered", Ending::Refused("content_filter".into())),
        (Provider::OpenAi, "refusal", Ending::Refused("I cannot help with that.".into())),
        (Provider::Gemini, "cut-off", Ending::CutOff("MAX_TOKENS".into())),
        (Provider::Gemini, "filtered", Ending::Refused("SAFETY".into())),
        (Provider::Gemini, "blocked", Ending::Refused("PROHIBITED_CONTENT".into())),
        (Provider::DeepSeek, "cut-off", Ending::CutOff("length".into())),
        (Provider::Compatible, "refusal", Ending::Refused("No.".into())),
    ];
    for (provider, name, ending) in endings {
        assert_eq!(reply(provider, name).ending, ending, "{provider}/{name}");
    }
    let thought = reply(Provider::Gemini, "cut-off").usage;
    assert_eq!((thought.output, thought.reasoning), (Some(32_000), Some(32_000)));
}

#[test]
fn what_no_waiting_mends_is_told_by_its_kind() {
    let kinds = [
        (Provider::OpenAi, "bad-key", Cause::BadKey),
        (Provider::OpenAi, "no-quota", Cause::NoQuota),
        (Provider::OpenAi, "retired", Cause::NoSuchModel),
        (Provider::OpenAi, "refused-content", Cause::RefusedContent),
        (Provider::OpenAi, "bad-request", Cause::BadRequest),
        (Provider::Gemini, "bad-key", Cause::BadKey),
        (Provider::Gemini, "limited-for-the-day", Cause::NoQuota),
        (Provider::Gemini, "retired", Cause::NoSuchModel),
        (Provider::Gemini, "bad-request", Cause::BadRequest),
        (Provider::DeepSeek, "bad-key", Cause::BadKey),
        (Provider::DeepSeek, "no-balance", Cause::NoBalance),
        (Provider::DeepSeek, "retired", Cause::NoSuchModel),
        (Provider::DeepSeek, "refused-content", Cause::RefusedContent),
        (Provider::Compatible, "moderated", Cause::RefusedContent),
        (Provider::Compatible, "no-such-model", Cause::NoSuchModel),
        (Provider::Compatible, "plain-error", Cause::BadRequest),
        (Provider::Compatible, "no-such-path", Cause::NoSuchPlace),
        (Provider::Compatible, "page", Cause::NoSuchPlace),
        (Provider::Compatible, "moved", Cause::NoSuchPlace),
    ];
    for (provider, name, cause) in kinds {
        let (told, said) = fatal(provider, name);
        assert_eq!(told, cause, "{provider}/{name}: {said}");
        assert!(said.contains("HTTP status"), "{provider}/{name}: {said}");
        assert!(!said.contains('\n') && said.chars().count() < 340, "{provider}/{name}: {said}");
    }
    assert_eq!(fatal(Provider::Compatible, "plain-error").1, "prompt too long (HTTP status 400)");
}

#[test]
fn a_servers_wish_is_read_wherever_it_stands() {
    let wishes = [
        // What has nothing left counts, not what comes soonest.
        (Provider::OpenAi, "limited", Some(360.0), true),
        (Provider::OpenAi, "limited-with-a-wish", Some(7.0), true),
        (Provider::OpenAi, "limited-until-a-date", Some(90.0), true),
        (Provider::OpenAi, "server-error", None, false),
        (Provider::OpenAi, "failed", None, false),
        (Provider::Gemini, "limited", Some(45.8), true),
        (Provider::Gemini, "exhausted", None, true),
        (Provider::Gemini, "overloaded", None, false),
        (Provider::Gemini, "listed-error", None, false),
        (Provider::DeepSeek, "busy", None, true),
        (Provider::DeepSeek, "interrupted", None, false),
        (Provider::Compatible, "limited-until-a-moment", Some(12.0), true),
        (Provider::Compatible, "hidden-error", None, false),
        (Provider::Compatible, "gateway", None, false),
    ];
    for (provider, name, after, busy) in wishes {
        assert_eq!(later(provider, name), (after, busy), "{provider}/{name}");
    }
}

#[test]
fn a_wish_in_words_that_mean_nothing_is_no_wish() {
    let limited = response(Provider::OpenAi, "limited-with-a-wish");
    let with = |name: &str, value: &str| {
        let mut limited = limited.clone();
        limited.headers = vec![(name.to_owned(), value.to_owned())];
        match Provider::OpenAi.read(&limited) {
            Err(Fault::Later { after, .. }) => after,
            other => panic!("{other:?}"),
        }
    };
    for senseless in ["", "soon", "-5", "NaN", "inf", "1e3", "5 s", "1.2.3", "9d9", "s", "µ"] {
        assert_eq!(with("retry-after", senseless), None, "{senseless}");
        assert_eq!(with("x-ratelimit-reset-requests", senseless), None, "{senseless}");
    }
    assert_eq!(with("retry-after-ms", "1500"), Some(Duration::from_millis(1500)));
    assert_eq!(
        with("x-ratelimit-reset-tokens", "1h2m3.5s"),
        Some(Duration::from_millis(3_723_500))
    );
    // However much is asked for, it is a wait and not an overflow.
    assert!(with("retry-after", &"9".repeat(400)).is_some());
}

#[test]
fn what_is_no_answer_is_unreadable_and_says_why() {
    let reasons = [
        (Provider::DeepSeek, "gave-up", "the body is empty"),
        (Provider::DeepSeek, "truncated", "not whole JSON"),
        (Provider::Compatible, "page-as-answer", "not whole JSON"),
        (Provider::OpenAi, "empty", "`output`"),
        (Provider::Gemini, "empty", "candidates"),
        (Provider::Compatible, "empty", "choices"),
    ];
    for (provider, name, reason) in reasons {
        let read = if name == "empty" {
            provider.read(&Response { status: 200, headers: Vec::new(), body: b"{}".to_vec() })
        } else {
            read(provider, name)
        };
        match read {
            Err(Fault::Unreadable(why)) => assert!(why.contains(reason), "{why}"),
            other => panic!("{provider}/{name}: {other:?}"),
        }
    }
}

#[test]
fn what_failed_is_counted_all_the_same() {
    let interrupted = response(Provider::DeepSeek, "interrupted");
    assert_eq!(Provider::DeepSeek.usage(&interrupted), usage(1340, 1280, 900, 500));
    let page = response(Provider::Compatible, "gateway");
    assert_eq!(Provider::Compatible.usage(&page), Usage::default());
}

#[test]
fn a_servers_words_cannot_command_a_terminal() {
    let body = r#"{"error":{"message":"\u001b[2J\u001b]0;owned\u0007red\r\nherring"}}"#;
    let response = Response { status: 400, headers: Vec::new(), body: body.into() };
    let fault = Provider::Compatible.read(&response).unwrap_err().to_string();
    assert!(!fault.contains(char::is_control), "{fault:?}");
    assert!(fault.contains("red herring"), "{fault:?}");
}
