//! What never stands in a ledger, whoever hands it over: a second net behind the sender's own.

const REDACTED: &str = "redacted";

/// Headers without the values that open doors.
pub(crate) fn without_values(headers: &[(String, String)]) -> Vec<(String, String)> {
    let kept = |(name, value): &(String, String)| {
        let value = if is_secret_header(name) { REDACTED } else { value };
        (name.clone(), value.to_owned())
    };
    headers.iter().map(kept).collect()
}

fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("authorization")
        || name.ends_with("api-key")
        || name.ends_with("-token")
        || matches!(name.as_str(), "cookie" | "set-cookie")
}

/// An address without a user, a password, or a key among its parameters.
pub(crate) fn without_keys(url: &str) -> String {
    let (place, parameters) = match url.split_once('?') {
        Some((place, parameters)) => (place, Some(parameters)),
        None => (url, None),
    };
    let mut kept = without_user(place);
    if let Some(parameters) = parameters {
        let parameters: Vec<String> = parameters.split('&').map(without_value).collect();
        kept.push('?');
        kept.push_str(&parameters.join("&"));
    }
    kept
}

fn without_user(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("://") else { return place.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{REDACTED}{}", &rest[at..]),
        None => place.to_owned(),
    }
}

fn without_value(parameter: &str) -> String {
    let name = parameter.split('=').next().unwrap_or_default();
    let known = ["key", "api_key", "api-key", "apikey", "token", "access_token"];
    if known.contains(&name.to_ascii_lowercase().as_str()) {
        format!("{name}={REDACTED}")
    } else {
        parameter.to_owned()
    }
}
