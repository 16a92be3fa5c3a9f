//! Who one is to a registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

/// What a registry is shown. Its text is in no message and no log.
#[derive(Clone)]
pub(crate) enum Credential {
    /// Nothing yet: some registries give everybody a token for the asking.
    Nobody,
    /// A header that says it.
    Header(HeaderValue),
}

impl Credential {
    /// User and password in base64, as ECR hands them out.
    pub(crate) fn basic(token: &str) -> Option<Self> {
        let decoded = STANDARD.decode(token).ok()?;
        decoded.contains(&b':').then(|| Self::header(&format!("Basic {token}"))).flatten()
    }

    /// A token that a registry's own service gave.
    pub(super) fn bearer(token: &str) -> Option<Self> {
        Self::header(&format!("Bearer {token}"))
    }

    fn header(text: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(text).ok()?;
        value.set_sensitive(true);
        Some(Self::Header(value))
    }
}

/// What a registry asks for where it lets nobody in: `Bearer realm="…",service="…",scope="…"`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) realm: String,
    pub(super) service: Option<String>,
    pub(super) scope: Option<String>,
}

impl Challenge {
    pub(super) fn read(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        let mut rest = rest.trim_start();
        while let Some((name, after)) = rest.split_once('=') {
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_once(',').unwrap_or((after, "")),
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value.to_owned()),
                "service" => service = Some(value.to_owned()),
                "scope" => scope = Some(value.to_owned()),
                _ => {}
            }
            rest = after.trim_start_matches([',', ' ']);
        }
        Some(Self { realm: realm?, service, scope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_as_registries_write_it() {
        let docker = "Bearer realm=\"https://auth.docker.io/token\",\
                      service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"";
        let read = Challenge::read(docker).unwrap();
        assert_eq!(read.realm, "https://auth.docker.io/token");
        assert_eq!(read.service.as_deref(), Some("registry.docker.io"));
        assert_eq!(read.scope.as_deref(), Some("repository:a/b:pull,push"));
        let bare =
            Challenge::read("bearer  realm=https://public.ecr.aws/token/, service=x").unwrap();
        assert_eq!((bare.realm.as_str(), bare.scope), ("https://public.ecr.aws/token/", None));
        assert_eq!(Challenge::read("Basic realm=\"x\""), None);
        assert_eq!(Challenge::read("Bearer service=\"x\""), None);
    }

    #[test]
    fn what_ecr_hands_out_is_a_user_and_a_password() {
        assert!(Credential::basic("QVdTOnNlY3JldA==").is_some());
        assert!(Credential::basic("bm9ib2R5").is_none());
        assert!(Credential::basic("not base64").is_none());
    }
}
