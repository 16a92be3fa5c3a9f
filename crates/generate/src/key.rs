//! Keys: read from the environment, put into one header, and shown to nobody.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderValue;

use crate::attempt::Response;

/// What stands where a key was.
pub(crate) const REDACTED: &str = "redacted";

/// What is shorter is refused: it could stand in an answer by chance, so that neither leaving it
/// there nor taking it out would be right. No provider's key is so short.
const SHORTEST_SECRET: usize = 8;

/// What addresses write as `%` and two digits.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A secret. It has neither `Debug` nor `Display`, so that it cannot slip into a message.
pub(crate) struct Key(String);

impl Key {
    /// Takes a key as it stands in the environment.
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it holds blanks, control characters or letters beyond ASCII");
        }
        if text.len() < SHORTEST_SECRET {
            return Err(
                "it has fewer than 8 characters, so that it could not be taken out of what \
                        comes back without altering answers; unset it where a server wants no \
                        key, and give your own server a longer one",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The header's value, marked so that nothing prints it.
    pub(crate) fn header(&self, prefix: &str) -> HeaderValue {
        let text = format!("{prefix}{}", self.0);
        let mut value = HeaderValue::from_str(&text).expect("a key is graphic ASCII");
        value.set_sensitive(true);
        value
    }

    /// The same response without the key, should the server have sent it back.
    pub(crate) fn redact(&self, response: &mut Response) {
        response.body = self.redact_bytes(std::mem::take(&mut response.body));
        for (_, value) in &mut response.headers {
            *value = self.redact_text(value);
        }
    }

    /// The same text without the key.
    pub(crate) fn redact_text(&self, text: &str) -> String {
        self.forms().iter().fold(text.to_owned(), |text, form| text.replace(form, REDACTED))
    }

    fn redact_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.forms().iter().fold(bytes, |bytes, form| without(bytes, form.as_bytes()))
    }

    /// As it is, and as JSON and addresses may write it.
    fn forms(&self) -> Vec<String> {
        let quoted = serde_json::Value::from(self.0.as_str()).to_string();
        let json = quoted[1..quoted.len() - 1].to_owned();
        let slashes = json.replace('/', "\\/");
        let percent = utf8_percent_encode(&self.0, ESCAPED).to_string();
        let mut forms = vec![self.0.clone(), json, slashes, percent];
        forms.dedup();
        forms
    }
}

fn without(bytes: Vec<u8>, secret: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
        kept.extend_from_slice(&rest[..at]);
        kept.extend_from_slice(REDACTED.as_bytes());
        rest = &rest[at + secret.len()..];
    }
    if kept.is_empty() {
        return bytes;
    }
    kept.extend_from_slice(rest);
    kept
}
