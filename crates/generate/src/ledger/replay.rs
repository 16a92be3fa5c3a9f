//! Answers from the record instead of from a provider.
//!
//! A recorded response answers a request if it was given for the same task, and the bytes of the
//! body and the operation are the same. Where the server was does not matter: whoever replays a
//! published study has other addresses in the environment, and base addresses end anywhere in a
//! path (`/v1`, `/gateway/openai/v1`, nothing). So the operation is the last segment of the path,
//! with its parameters: `responses`, `completions`, `MODEL:generateContent`. Headers do not count,
//! nor do keys.

use std::fmt;

use crate::attempt::{Request, Response};
use crate::ledger::difference::{self, Change, Difference};
use crate::ledger::entry::{Arrival, Intent, IntentId, Kept, Task};
use crate::ledger::records::Records;
use crate::ledger::secrets::without_keys;

/// What the record says to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Replay {
    /// The last good response that was recorded for it.
    Hit(Response),
    /// None was.
    Miss(Miss),
}

/// A request that the record has no response to.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// The answer that was wanted.
    pub task: Task,
    /// The recorded request that is nearest to it.
    pub nearest: Option<Nearest>,
}

/// The recorded request that is nearest to one that was not.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Its entry.
    pub intent: IntentId,
    /// The answer that it wanted.
    pub task: Task,
    /// In what it differs; nothing, if only the task does or no good response came.
    pub differences: Vec<Difference>,
    /// Why there is no response to it that could be used.
    pub unanswered: Option<Unanswered>,
}

/// Why a recorded request has no good response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing is known of what became of it.
    InDoubt,
    /// No response came, for this reason.
    Failed(String),
    /// A response of this status came.
    Status(u16),
    /// A good response came, but its bytes cannot be had, for this reason.
    Lost(String),
}

impl Records {
    /// The response that was recorded for this request, or what the record has instead.
    #[must_use]
    pub fn replay(&self, task: &Task, request: &Request) -> Replay {
        let of_task = self.intents().filter(|(_, intent)| intent.task == *task);
        let same = of_task.filter(|(_, intent)| is_same(intent, request));
        let came = |response: &_| matches!(response, Ok(_) | Err(Unanswered::Lost(_)));
        match same.map(|(id, _)| self.good_response(id)).rfind(came) {
            Some(Ok(response)) => Replay::Hit(response),
            _ => Replay::Miss(Miss { task: task.clone(), nearest: self.nearest(task, request) }),
        }
    }

    fn good_response(&self, intent: IntentId) -> Result<Response, Unanswered> {
        let outcome = self.outcome(intent).ok_or(Unanswered::InDoubt)?;
        let received = match &outcome.arrival {
            Arrival::Failure(reason) => return Err(Unanswered::Failed(reason.clone())),
            Arrival::Response(received) if !(200..300).contains(&received.status) => {
                return Err(Unanswered::Status(received.status));
            }
            Arrival::Response(received) => received,
        };
        let body = self.body(&received.body).map_err(Unanswered::Lost)?;
        Ok(Response { status: received.status, headers: received.headers.clone(), body })
    }

    /// Of the same task if there is any, else of the same function; then the one with the fewest
    /// differences; then the last.
    fn nearest(&self, task: &Task, request: &Request) -> Option<Nearest> {
        let distance = |intent: &Intent| {
            let recorded = &intent.task;
            let [contestant, function, repair] = [
                recorded.contestant != task.contestant,
                recorded.function != task.function,
                recorded.repair != task.repair,
            ];
            (function, contestant || repair)
        };
        let least = self.intents().map(|(_, intent)| distance(intent)).min()?;
        let near = self.intents().filter(|(_, intent)| distance(intent) == least);
        let compared = near.map(|(id, intent)| (id, intent, self.differences(intent, request)));
        let (id, intent, differences) =
            compared.min_by_key(|(id, _, found)| (found.len(), std::cmp::Reverse(*id)))?;
        Some(Nearest {
            intent: id,
            task: intent.task.clone(),
            differences,
            unanswered: self.good_response(id).err(),
        })
    }

    fn differences(&self, intent: &Intent, request: &Request) -> Vec<Difference> {
        let recorded = operation(&intent.request.url);
        let now = without_keys(&request.url);
        let mut found = Vec::new();
        if recorded != operation(&now) {
            let change = Change::Value { recorded, now: operation(&now) };
            found.push(Difference { field: "operation".to_owned(), change });
        }
        match self.body(&intent.request.body) {
            Ok(body) => found.extend(difference::between(&body, &request.body)),
            Err(why) => {
                found.push(Difference { field: "body".to_owned(), change: Change::Unknown(why) });
            }
        }
        found
    }
}

fn is_same(intent: &Intent, request: &Request) -> bool {
    let sent = &intent.request;
    sent.body == Kept::of(&request.body)
        && operation(&sent.url) == operation(&without_keys(&request.url))
}

/// The last segment of an address's path, with its parameters.
fn operation(url: &str) -> String {
    let (place, parameters) = match url.split_once('?') {
        Some((place, parameters)) => (place, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let path = place.split_once("://").map_or(place, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    format!("{last}{parameters}")
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(nearest) = &self.nearest else {
            return write!(f, "nothing is recorded, so not {} either", self.task);
        };
        let number = nearest.intent.number();
        if nearest.task != self.task {
            write!(f, "nothing is recorded for {}; entry {number}, ", self.task)?;
            write!(f, "for {}, is the nearest request", nearest.task)?;
        } else if nearest.differences.is_empty() {
            write!(f, "the same request is recorded for {} as entry {number}", self.task)?;
        } else {
            write!(f, "another request is recorded for {} as entry {number}", self.task)?;
        }
        if let Some(unanswered) = &nearest.unanswered {
            write!(f, ", without a response to use: {unanswered}")?;
        }
        if nearest.differences.is_empty() {
            return Ok(());
        }
        write!(f, "; it differs in")?;
        nearest.differences.iter().try_for_each(|difference| write!(f, "\n{difference}"))
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InDoubt => f.write_str("what became of it was never written"),
            Self::Failed(reason) => f.write_str(reason),
            Self::Status(status) => write!(f, "its status was {status}"),
            Self::Lost(why) => f.write_str(why),
        }
    }
}
