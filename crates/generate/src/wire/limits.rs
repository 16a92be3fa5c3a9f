//! When a server wishes to be asked again, as its headers say it.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Nothing that says more is believed.
const LONGEST: f64 = 400.0 * 86_400.0;

/// The wait that the headers ask for, if they do.
///
/// `retry-after-ms` and `retry-after` are wishes; where there is neither, the limits' resets tell
/// when there is room again: of those that have nothing left, or else of all, the latest.
pub(super) fn after(headers: &[(String, String)]) -> Option<Duration> {
    let header =
        |name: &str| headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.trim());
    if let Some(milliseconds) = header("retry-after-ms").and_then(number) {
        return seconds(milliseconds / 1000.0);
    }
    let sent = header("date").and_then(date);
    if let Some(wish) = header("retry-after") {
        let until = || Some(date(wish)?.duration_since(sent?).as_secs_f64().max(0.0));
        return number(wish).or_else(until).and_then(seconds);
    }
    let mut exhausted = Vec::new();
    let mut all = Vec::new();
    for (name, value) in headers {
        let Some(of) = name.strip_prefix("x-ratelimit-reset") else { continue };
        let Some(wait) = reset(value.trim(), sent) else { continue };
        all.push(wait);
        if header(&format!("x-ratelimit-remaining{of}")).and_then(number) == Some(0.0) {
            exhausted.push(wait);
        }
    }
    exhausted.into_iter().max().or(all.into_iter().max())
}

/// A reset: `6m0s`, seconds, or a moment in seconds or milliseconds since 1970.
fn reset(value: &str, sent: Option<Timestamp>) -> Option<Duration> {
    let Some(number) = number(value) else { return spelled(value) };
    if number < 1e9 {
        return seconds(number);
    }
    let moment = if number < 1e12 { number } else { number / 1000.0 };
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
    let sent = sent?.as_second() as f64;
    seconds((moment - sent).max(0.0))
}

/// A duration as Go and Protocol Buffers write it: `120ms`, `45.8s`, `1h2m3s`.
pub(super) fn spelled(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount = number(&rest[..digits])?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += amount
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    if text.is_empty() { None } else { seconds(total) }
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

fn number(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain { text.parse().ok() } else { None }
}

fn seconds(amount: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(amount.min(LONGEST)).ok()
}
