//! What a call is given and what it answers.

use serde::{Deserialize, Serialize};

use crate::identity::Identity;

/// The event of every function.
#[derive(Deserialize)]
pub struct Event {
    pub bucket: String,
    pub key: String,
    pub output_bucket: String,
    pub output_key: String,
}

/// What the contract has a function return.
#[derive(Serialize)]
pub struct Returned {
    pub bucket: String,
    pub key: String,
    pub content_type: &'static str,
    pub width: u32,
    pub height: u32,
}

/// The envelope that the client takes off again: who answered, beside what.
#[derive(Serialize)]
pub struct Answer<'a> {
    pub photofinish: &'a Identity,
    pub value: Returned,
}
