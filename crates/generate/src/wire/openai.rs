//! OpenAI's Responses. Source: the API reference, `POST /v1/responses`.

use serde_json::{Value, json};

use super::fault::{Cause, Fault, Refusal, quote};
use super::json::{at, list, number, text};
use super::{Wire, json};
use crate::attempt::{Ending, Question, Reply, Speaker, Usage};

pub(super) struct Responses;

impl Wire for Responses {
    fn path(&self, _model: &str) -> String {
        "/responses".to_owned()
    }

    fn body(&self, question: &Question) -> Value {
        let turns: Vec<Value> = question
            .turns
            .iter()
            .map(|turn| {
                let (role, kind) = match turn.speaker {
                    Speaker::User => ("user", "input_text"),
                    Speaker::Model => ("assistant", "output_text"),
                };
                json!({"role": role, "content": [{"type": kind, "text": turn.text}]})
            })
            .collect();
        let mut body = json!({"model": question.model, "input": turns});
        if let Some(effort) = &question.effort {
            body["reasoning"] = json!({"effort": effort});
        }
        body["max_output_tokens"] = question.max_output_tokens.into();
        body["store"] = false.into();
        body
    }

    fn reply(&self, answer: &Value) -> Result<Reply, Fault> {
        let status = text(answer, "status");
        match status {
            None | Some("completed" | "incomplete") => {}
            Some("failed" | "cancelled") => return Err(failed(answer)),
            Some(other) => {
                let why = format!("it is `{}`, not finished", quote(other));
                return Err(Fault::Unreadable(why));
            }
        }
        if at(answer, "output").is_none_or(|output| !output.is_array()) {
            return Err(Fault::Unreadable("it has no `output`".to_owned()));
        }
        let said = parts(answer, "output_text", "text");
        let refusal = parts(answer, "refusal", "refusal");
        let ending = if status == Some("incomplete") {
            match text(answer, "incomplete_details.reason") {
                Some("content_filter") => Ending::Refused("content_filter".to_owned()),
                reason => Ending::CutOff(reason.unwrap_or("incomplete").to_owned()),
            }
        } else if refusal.is_empty() {
            Ending::Complete
        } else {
            Ending::Refused(refusal)
        };
        Ok(Reply {
            text: said,
            ending,
            served: text(answer, "model").map(str::to_owned),
            usage: self.usage(answer),
        })
    }

    fn usage(&self, answer: &Value) -> Usage {
        Usage {
            input: number(answer, "usage.input_tokens"),
            cached: number(answer, "usage.input_tokens_details.cached_tokens"),
            output: number(answer, "usage.output_tokens"),
            reasoning: number(answer, "usage.output_tokens_details.reasoning_tokens"),
        }
    }

    fn cause(&self, _refusal: &Refusal<'_>) -> Option<Fault> {
        None
    }
}

/// What the messages hold of one kind of part. A message marked as commentary is no answer.
fn parts(answer: &Value, kind: &str, key: &str) -> String {
    let messages = list(answer, "output").iter().filter(|item| {
        text(item, "type") == Some("message") && text(item, "phase") != Some("commentary")
    });
    let parts = messages.flat_map(|message| list(message, "content"));
    let parts = parts.filter(|part| text(part, "type") == Some(kind));
    parts.filter_map(|part| text(part, key)).collect()
}

/// A response that was begun and failed.
fn failed(answer: &Value) -> Fault {
    let said = match text(answer, "error.message") {
        Some(message) => quote(message),
        None => "it failed without a reason".to_owned(),
    };
    let fatal = |cause| Fault::Fatal { cause, said: said.clone() };
    match json::text(answer, "error.code") {
        Some("rate_limit_exceeded") => Fault::Later { after: None, busy: true, said },
        Some("insufficient_quota") => fatal(Cause::NoQuota),
        Some("invalid_prompt" | "content_policy_violation") => fatal(Cause::RefusedContent),
        Some("model_not_found") => fatal(Cause::NoSuchModel),
        _ => Fault::Later { after: None, busy: false, said },
    }
}
