//! Chat completions, as DeepSeek and many others speak them. Sources: DeepSeek's API reference,
//! `POST /chat/completions`; OpenAI's, from which the others take it.

use serde_json::{Value, json};

use super::Wire;
use super::fault::{Cause, Fault, Refusal, quote};
use super::json::{at, list, number, text};
use crate::attempt::{Ending, Question, Reply, Speaker, Usage};

/// Whose dialect it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chat {
    DeepSeek,
    Compatible,
}

impl Wire for Chat {
    fn path(&self, _model: &str) -> String {
        "/chat/completions".to_owned()
    }

    fn body(&self, question: &Question) -> Value {
        let turns: Vec<Value> = question
            .turns
            .iter()
            .map(|turn| {
                let role = match turn.speaker {
                    Speaker::User => "user",
                    Speaker::Model => "assistant",
                };
                json!({"role": role, "content": turn.text})
            })
            .collect();
        let mut body = json!({"model": question.model, "messages": turns});
        match (self, question.effort.as_deref()) {
            (_, None) => {}
            (Self::DeepSeek, Some("none")) => body["thinking"] = json!({"type": "disabled"}),
            (Self::DeepSeek, Some(effort)) => {
                body["thinking"] = json!({"type": "enabled"});
                body["reasoning_effort"] = effort.into();
            }
            (Self::Compatible, Some(effort)) => body["reasoning_effort"] = effort.into(),
        }
        body["max_tokens"] = question.max_output_tokens.into();
        body["stream"] = false.into();
        body
    }

    fn reply(&self, answer: &Value) -> Result<Reply, Fault> {
        let Some(choice) = list(answer, "choices").first() else {
            return Err(Fault::Unreadable("it has no choices".to_owned()));
        };
        let mut said = content(choice);
        if *self == Self::Compatible {
            said = without_thoughts(said);
        }
        let refusal = text(choice, "message.refusal").filter(|refusal| !refusal.is_empty());
        let ending = match (text(choice, "finish_reason"), refusal) {
            (_, Some(refusal)) => Ending::Refused(refusal.to_owned()),
            (Some("content_filter"), None) => Ending::Refused("content_filter".to_owned()),
            (Some("insufficient_system_resource" | "error"), None) => {
                return Err(broken_off(choice));
            }
            (None | Some("stop" | "eos"), None) => Ending::Complete,
            (Some(limit), None) => Ending::CutOff(limit.to_owned()),
        };
        Ok(Reply {
            text: said,
            ending,
            served: text(answer, "model").map(str::to_owned),
            usage: self.usage(answer),
        })
    }

    fn usage(&self, answer: &Value) -> Usage {
        let cached = number(answer, "usage.prompt_tokens_details.cached_tokens");
        Usage {
            input: number(answer, "usage.prompt_tokens"),
            cached: cached.or_else(|| number(answer, "usage.prompt_cache_hit_tokens")),
            output: number(answer, "usage.completion_tokens"),
            reasoning: number(answer, "usage.completion_tokens_details.reasoning_tokens"),
        }
    }

    fn cause(&self, refusal: &Refusal<'_>) -> Option<Fault> {
        let cause = match refusal.status {
            400 if refusal.mentions(&["model not exist"]) => Cause::NoSuchModel,
            400 if refusal.mentions(&["content exists risk"]) => Cause::RefusedContent,
            // A gateway's moderation says 403, with its reasons beside.
            403 if at(refusal.error, "metadata.reasons").is_some() => Cause::RefusedContent,
            _ => return None,
        };
        Some(refusal.fatal(cause))
    }
}

/// The message's text; some servers give it as a list of parts.
fn content(choice: &Value) -> String {
    match text(choice, "message.content") {
        Some(content) => content.to_owned(),
        None => {
            let parts = list(choice, "message.content").iter();
            parts.filter_map(|part| text(part, "text")).collect()
        }
    }
}

/// A server that does not tell thoughts apart leaves them at the head of the answer. What is
/// never closed is all thought.
fn without_thoughts(content: String) -> String {
    let Some(thoughts) = content.trim_start().strip_prefix("<think>") else { return content };
    thoughts.split_once("</think>").map_or("", |(_, answer)| answer).to_owned()
}

fn broken_off(choice: &Value) -> Fault {
    let reason = text(choice, "error.message").or_else(|| text(choice, "finish_reason"));
    Fault::Later { after: None, busy: false, said: quote(reason.unwrap_or_default()) }
}
