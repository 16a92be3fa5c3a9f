//! In what one request differs from another, field by field.

use std::fmt;

use serde_json::Value;

use crate::ledger::lines;

/// One field in which two requests differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where, as in `input[0].content[0].text`.
    pub field: String,
    /// In what way.
    pub change: Change,
}

/// In what way a field differs. Values are as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It has another value.
    Value {
        /// What was recorded.
        recorded: String,
        /// What is there now.
        now: String,
    },
    /// It was recorded, and is not there now.
    Gone(String),
    /// It is there now, and was not recorded.
    New(String),
    /// Its text differs in these lines: `- recorded`, `+ now`.
    Lines(Vec<String>),
    /// The same JSON is written in other bytes.
    Spelling,
    /// What was recorded cannot be had, for this reason.
    Unknown(String),
}

/// A text that is longer, or has more than one line, is compared line by line.
const ONE_LINE: usize = 100;

/// Lines that are shown of one text.
const LINES_SHOWN: usize = 12;

/// Characters that are shown of a value or a line.
const WIDTH: usize = 160;

/// In what a body differs from the recorded one.
pub(crate) fn between(recorded: &[u8], now: &[u8]) -> Vec<Difference> {
    let mut found = Vec::new();
    if recorded == now {
        return found;
    }
    match (serde_json::from_slice(recorded), serde_json::from_slice(now)) {
        (Ok(recorded), Ok(now)) => {
            compare(String::new(), &recorded, &now, &mut found);
            if found.is_empty() {
                found.push(Difference { field: "body".to_owned(), change: Change::Spelling });
            }
        }
        _ => {
            let [recorded, now] = [recorded, now].map(String::from_utf8_lossy);
            let change = Change::Lines(lines::changed(&recorded, &now));
            found.push(Difference { field: "body".to_owned(), change });
        }
    }
    found
}

fn compare(field: String, recorded: &Value, now: &Value, found: &mut Vec<Difference>) {
    match (recorded, now) {
        (recorded, now) if recorded == now => {}
        (Value::Object(left), Value::Object(right)) => {
            let inner = |name: &str| match field.as_str() {
                "" => name.to_owned(),
                field => format!("{field}.{name}"),
            };
            for (name, value) in left {
                one_or_both(inner(name), Some(value), right.get(name), found);
            }
            for (name, value) in right.iter().filter(|(name, _)| !left.contains_key(*name)) {
                one_or_both(inner(name), None, Some(value), found);
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            for at in 0..left.len().max(right.len()) {
                one_or_both(format!("{field}[{at}]"), left.get(at), right.get(at), found);
            }
        }
        (Value::String(left), Value::String(right)) if is_long(left) || is_long(right) => {
            found.push(Difference { field, change: Change::Lines(lines::changed(left, right)) });
        }
        (recorded, now) => {
            let change = Change::Value { recorded: recorded.to_string(), now: now.to_string() };
            found.push(Difference { field: named(field), change });
        }
    }
}

fn one_or_both(
    field: String,
    recorded: Option<&Value>,
    now: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    let change = match (recorded, now) {
        (Some(recorded), Some(now)) => return compare(field, recorded, now, found),
        (Some(recorded), None) => Change::Gone(recorded.to_string()),
        (None, Some(now)) => Change::New(now.to_string()),
        (None, None) => return,
    };
    found.push(Difference { field, change });
}

fn is_long(text: &str) -> bool {
    text.len() > ONE_LINE || text.contains('\n')
}

fn named(field: String) -> String {
    if field.is_empty() { "body".to_owned() } else { field }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}: ", shown(&self.field))?;
        match &self.change {
            Change::Value { recorded, now } => {
                write!(f, "recorded {}, now {}", shown(recorded), shown(now))
            }
            Change::Gone(recorded) => write!(f, "recorded {}, now not there", shown(recorded)),
            Change::New(now) => write!(f, "not recorded, now {}", shown(now)),
            Change::Spelling => f.write_str("the same JSON, in other bytes"),
            Change::Unknown(why) => f.write_str(why),
            Change::Lines(lines) => {
                f.write_str("other lines")?;
                for line in lines.iter().take(LINES_SHOWN) {
                    write!(f, "\n    {}", shown(line))?;
                }
                match lines.len().saturating_sub(LINES_SHOWN) {
                    0 => Ok(()),
                    more => write!(f, "\n    and {more} more"),
                }
            }
        }
    }
}

/// Short enough for a terminal, and without what would command it.
fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { c.escape_default().collect() } else { c.to_string() };
    let mut shown: String = text.chars().take(WIDTH).map(plain).collect();
    if text.chars().nth(WIDTH).is_some() {
        shown.push('…');
    }
    shown
}
