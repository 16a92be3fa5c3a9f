//! Looking into JSON that may lack anything: what is absent or of another kind is simply none.

use serde_json::Value;

/// Reads a body. Blank lines before it keep a connection alive and mean nothing.
pub(super) fn read(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("the body is empty".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| format!("the body is not whole JSON: {error}"))
}

/// The value below keys that are written with dots between.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// The text there.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path)?.as_str()
}

/// The whole number there.
pub(super) fn number(value: &Value, path: &str) -> Option<u64> {
    at(value, path)?.as_u64()
}

/// The list there; an empty one if there is none.
pub(super) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
