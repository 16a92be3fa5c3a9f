//! The registry of models: the bundled one, and ones with mistakes.

use photofinish_generate::{Found, Provider, Registry, Standing, Usage};

const TODAY: &str = "2026-11-24";

fn bundled() -> Registry {
    Registry::from_text("models-2026-11.toml", photofinish_assets::MODELS).unwrap()
}

#[test]
fn the_bundled_registry_is_of_the_day_that_it_says() {
    let registry = bundled();
    assert_eq!(registry.date, photofinish_assets::MODELS_DATE);
    assert_eq!(registry.name, "models-2026-11");
    for model in registry.models() {
        assert!(!model.source.is_empty() && !model.title.is_empty(), "{}", model.id);
    }
}

#[test]
fn a_retired_model_offers_its_successor() {
    let registry = bundled();
    let gone = registry.askable(Provider::Gemini, "gemini-3-pro-preview", TODAY).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "`gemini:gemini-3-pro-preview` is retired since 2026-03-09; name its successor instead: \
         model = \"gemini:gemini-3.1-pro-preview\""
    );
    let next = registry.find(Provider::Gemini, "gemini-3.1-pro-preview", TODAY);
    assert!(matches!(next, Found::Known(model) if model.standing == Standing::Unconfirmed));
}

#[test]
fn a_model_is_there_until_the_day_on_which_it_ends() {
    let registry = bundled();
    let gpt_5 = |day| registry.find(Provider::OpenAi, "gpt-5", day);
    assert!(matches!(gpt_5("2026-12-10T23:59:59.999Z"), Found::Known(model)
        if model.ends.as_deref() == Some("2026-12-11")));
    assert!(matches!(gpt_5("2026-12-11"), Found::Retired { successor: Some("gpt-6.1-sol"), .. }));
    // A snapshot goes with it.
    let snapshot = registry.askable(Provider::OpenAi, "gpt-5-2025-08-07", "2026-12-12");
    assert_eq!(snapshot.unwrap_err().id, "gpt-5-2025-08-07");
}

#[test]
fn a_model_that_nobody_wrote_down_may_be_asked() {
    let registry = bundled();
    assert_eq!(registry.find(Provider::Compatible, "gemma-3-270m", TODAY), Found::Unknown);
    assert_eq!(registry.askable(Provider::Compatible, "gemma-3-270m", TODAY), Ok(None));
    // The same id with another provider is another model.
    assert_eq!(registry.find(Provider::DeepSeek, "gpt-5", TODAY), Found::Unknown);
}

#[test]
fn another_model_than_asked_for_is_noticed() {
    let registry = bundled();
    let same = |asked, served| registry.is_same(Provider::OpenAi, asked, served);
    assert!(same("gpt-5", "gpt-5") && same("gpt-5", "gpt-5-2025-08-07"));
    assert!(same("gpt-6.1-sol", "gpt-6.1-sol-2026-09-29"));
    assert!(!same("gpt-5", "gpt-5-mini") && !same("gpt-5", "gpt-5.6-sol"));
    let deepseek = |asked, served| registry.is_same(Provider::DeepSeek, asked, served);
    assert!(!deepseek("deepseek-chat", "deepseek-flash"));
    assert!(deepseek("deepseek-flash", "DeepSeek-V4.1-Flash-1017"));
}

#[test]
fn an_effort_that_a_model_does_not_take_is_told_before_it_is_asked() {
    let registry = bundled();
    let Found::Known(model) = registry.find(Provider::OpenAi, "gpt-6.1-sol", TODAY) else {
        panic!("gpt-6.1-sol is there")
    };
    assert_eq!(model.takes("high"), Ok(()));
    let fault = model.takes("minimal").unwrap_err().to_string();
    assert!(fault.starts_with("`gpt-6.1-sol` does not take the effort `minimal`; it takes low,"));
}

#[test]
fn answers_cost_what_their_tokens_cost() {
    let registry = bundled();
    let price = |provider, id| {
        let Found::Known(model) = registry.find(provider, id, TODAY) else { panic!("{id}") };
        model.price.clone().unwrap()
    };
    let usage = |input, cached, output| Usage {
        input: Some(input),
        cached,
        output: Some(output),
        reasoning: Some(output),
    };
    let near = |cost: Option<f64>, expected: f64| {
        let cost = cost.unwrap();
        assert!((cost - expected).abs() < 1e-12, "{cost} instead of {expected}");
    };
    let tuesday = "2026-11-24T12:00:00Z";
    // 200,000 fresh at 1.25, 800,000 cached at 0.125, 100,000 written at 10 a million.
    let gpt_5 = price(Provider::OpenAi, "gpt-5");
    near(gpt_5.cost(&usage(1_000_000, Some(800_000), 100_000), tuesday), 0.25 + 0.1 + 1.0);
    near(gpt_5.cost(&usage(1_000_000, None, 0), tuesday), 1.25);
    // Where the price of what is cached is not known, it is reckoned as fresh.
    let gemini = price(Provider::Gemini, "gemini-3.1-pro-preview");
    near(gemini.cost(&usage(100_000, Some(100_000), 0), tuesday), 0.2);
    assert_eq!(gemini.cost(&usage(200_001, None, 0), tuesday), None);
    assert_eq!(gemini.at_most(200_001, 0), None);
    // Twice as much in dear hours; those of a weekend are not.
    let flash = price(Provider::DeepSeek, "deepseek-flash");
    let million = usage(1_000_000, None, 1_000_000);
    near(flash.cost(&million, "2026-11-24T05:59:59.999Z"), 0.75);
    near(flash.cost(&million, "2026-11-24T06:00:00.000Z"), 1.5);
    near(flash.cost(&million, "2026-11-24T09:59:59.999Z"), 1.5);
    near(flash.cost(&million, "2026-11-28T07:00:00.000Z"), 0.75);
    near(flash.cost(&million, "some time"), 1.5);
    near(flash.at_most(1_000_000, 1_000_000), 1.5);
    // What was not counted has no cost that one could name.
    assert_eq!(flash.cost(&Usage::default(), tuesday), None);
}

#[test]
fn a_mistake_in_a_registry_is_placed() {
    let head = "format = 1\nname = \"m\"\ndate = \"2026-11-24\"\ncurrency = \"USD\"\n";
    let model = "[[model]]\nprovider = \"openai\"\nid = \"a\"\ntitle = \"A\"\nsource = \"s\"\n\
                 status = \"sourced\"\n";
    let price = "[model.price]\noutput = 1\nsource = \"s\"\nstatus = \"sourced\"\n";
    let mistakes = [
        (head.replace("= 1", "= 2"), "m.toml:1:10: this is format 2"),
        (head.replace("USD", "EUR"), "m.toml:4:12: prices must be in USD"),
        (head.replace("11-24", "13-24"), "m.toml:3:8: `2026-13-24` is no day"),
        (format!("{head}{model}{model}"), "m.toml:13:6: `openai:a` stands twice"),
        (format!("{head}{model}ends = \"soon\"\n"), "m.toml:11:8: `soon` is no day"),
        (
            format!("{head}{model}successor = \"b\"\n"),
            "m.toml:11:13: `openai:b` is not in the registry",
        ),
        (format!("{head}{model}pric = 3\n"), "m.toml:11:1: unknown field `pric`"),
        (
            format!("{head}{model}{price}input = -1\n"),
            "m.toml:11:1: `input` must be a price from 0",
        ),
        (
            format!("{head}{model}{price}input = 1\npeak = {{ factor = 2, hours_utc = [[4, 1]] }}"),
            "m.toml:11:1: `peak.hours_utc` must list pairs",
        ),
    ];
    for (text, told) in mistakes {
        let fault = Registry::from_text("m.toml", &text).unwrap_err().to_string();
        assert!(fault.starts_with(told), "{fault}\ninstead of {told}");
    }
}
