//! Gemini's `generateContent`. Source: the API reference, `POST /v1beta/models/ID:generateContent`.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::fault::{Cause, Fault, Refusal};
use super::json::{at, list, number, text};
use super::{Wire, limits};
use crate::attempt::{Ending, Question, Reply, Speaker, Usage};

/// What a model's id may hold as it is.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Endings that are the filter's doing.
const FILTERED: [&str; 6] =
    ["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"];

pub(super) struct GenerateContent;

impl Wire for GenerateContent {
    fn path(&self, model: &str) -> String {
        let id = model.strip_prefix("models/").unwrap_or(model);
        format!("/v1beta/models/{}:generateContent", utf8_percent_encode(id, IN_PATHS))
    }

    fn body(&self, question: &Question) -> Value {
        let turns: Vec<Value> = question
            .turns
            .iter()
            .map(|turn| {
                let role = match turn.speaker {
                    Speaker::User => "user",
                    Speaker::Model => "model",
                };
                json!({"role": role, "parts": [{"text": turn.text}]})
            })
            .collect();
        let mut settings = json!({"maxOutputTokens": question.max_output_tokens});
        if let Some(effort) = &question.effort {
            settings["thinkingConfig"] = json!({"thinkingLevel": effort, "includeThoughts": false});
        }
        json!({"contents": turns, "generationConfig": settings})
    }

    fn key_header(&self) -> (&'static str, &'static str) {
        ("x-goog-api-key", "")
    }

    fn reply(&self, answer: &Value) -> Result<Reply, Fault> {
        let candidate = list(answer, "candidates").first();
        let ending = match candidate {
            Some(candidate) => ending(text(candidate, "finishReason")),
            None => match text(answer, "promptFeedback.blockReason") {
                Some(reason) => Ending::Refused(reason.to_owned()),
                None => return Err(Fault::Unreadable("it has no candidates".to_owned())),
            },
        };
        let parts = candidate.map_or(&[][..], |candidate| list(candidate, "content.parts"));
        let is_thought = |part: &&Value| at(part, "thought").and_then(Value::as_bool) == Some(true);
        let said = parts.iter().filter(|part| !is_thought(part));
        Ok(Reply {
            text: said.filter_map(|part| text(part, "text")).collect(),
            ending,
            served: text(answer, "modelVersion").map(str::to_owned),
            usage: self.usage(answer),
        })
    }

    fn usage(&self, answer: &Value) -> Usage {
        let count = |name: &str| number(at(answer, "usageMetadata")?, name);
        let reasoning = count("thoughtsTokenCount");
        let candidates = count("candidatesTokenCount");
        // Thoughts are billed as output and not among the candidates' tokens. Counts of nothing
        // are left out of the JSON.
        let output = match (candidates, reasoning) {
            (None, None) => None,
            (said, thought) => Some(said.unwrap_or(0).saturating_add(thought.unwrap_or(0))),
        };
        Usage {
            input: count("promptTokenCount"),
            cached: count("cachedContentTokenCount"),
            output,
            reasoning,
        }
    }

    fn cause(&self, refusal: &Refusal<'_>) -> Option<Fault> {
        let details = list(refusal.error, "details");
        if details.iter().any(|detail| text(detail, "reason") == Some("API_KEY_INVALID")) {
            return Some(refusal.fatal(Cause::BadKey));
        }
        if refusal.status != 429 {
            return None;
        }
        let quotas = details.iter().flat_map(|detail| list(detail, "violations"));
        let mut named = quotas.filter_map(|violation| text(violation, "quotaId"));
        if named.any(|quota| quota.contains("PerDay")) {
            return Some(refusal.fatal(Cause::NoQuota));
        }
        Some(refusal.later(retry_delay(details).or(refusal.after)))
    }
}

fn ending(reason: Option<&str>) -> Ending {
    match reason {
        None | Some("STOP") => Ending::Complete,
        Some(reason) if FILTERED.contains(&reason) => Ending::Refused(reason.to_owned()),
        Some(reason) => Ending::CutOff(reason.to_owned()),
    }
}

/// Google asks for a wait in the body, not in a header.
fn retry_delay(details: &[Value]) -> Option<Duration> {
    details.iter().find_map(|detail| limits::spelled(text(detail, "retryDelay")?))
}
