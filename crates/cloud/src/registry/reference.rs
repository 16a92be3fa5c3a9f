//! How images are named: `HOST/REPOSITORY:TAG`, or `@sha256:…` instead of a tag.

use std::fmt;
use std::net::IpAddr;

use super::sha256_in;

/// What a reference is without a registry: Docker's own, as everywhere.
const USUAL_HOST: &str = "docker.io";
const USUAL_SERVER: &str = "registry-1.docker.io";

/// An image in a registry, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    host: String,
    repository: String,
    /// A tag, or a digest.
    version: String,
}

/// A text that names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no image: {why}")]
pub struct BadReference {
    text: String,
    why: &'static str,
}

impl Reference {
    /// Reads one. What stands before the first `/` is a registry where it looks like a host;
    /// without a tag it is `latest`.
    pub fn new(text: &str) -> Result<Self, BadReference> {
        let bad = |why| BadReference { text: text.to_owned(), why };
        let (name, version) = match text.rsplit_once('@') {
            Some((name, digest)) if sha256_in(digest).is_some() => {
                // A tag beside a digest says nothing more.
                (untagged(name).0, digest)
            }
            Some(_) => return Err(bad("what follows `@` is no sha256 digest")),
            None => {
                let (name, tag) = untagged(text);
                (name, tag.unwrap_or("latest"))
            }
        };
        let (host, repository) = match name.split_once('/') {
            Some((host, rest)) if looks_like_a_host(host) => (host, rest.to_owned()),
            Some(_) => (USUAL_HOST, name.to_owned()),
            None => (USUAL_HOST, format!("library/{name}")),
        };
        let digest = version.starts_with("sha256:");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !digest && (version.is_empty() || version.len() > 128 || !version.bytes().all(plain)) {
            return Err(bad("a tag has letters, digits, `.`, `_` and `-`"));
        }
        let part = |part: &str| {
            let plain = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)
            };
            part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.bytes().all(plain)
        };
        if !repository.split('/').all(part) {
            return Err(bad("a repository has small letters, digits, `.`, `_`, `-` and `/`"));
        }
        if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte)) {
            return Err(bad("what stands before the first `/` is no host"));
        }
        let (host, version) = (host.to_owned(), version.to_owned());
        Ok(Self { host, repository, version })
    }

    /// The registry, with its port where it names one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository's name in the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag or the digest.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The server: https, but for what is on this very machine.
    pub(super) fn url(&self) -> String {
        let server = if self.host == USUAL_HOST { USUAL_SERVER } else { &self.host };
        let scheme = if is_loopback(host_alone(server)) { "http" } else { "https" };
        format!("{scheme}://{server}")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.version.starts_with("sha256:") { '@' } else { ':' };
        write!(f, "{}/{}{mark}{}", self.host, self.repository, self.version)
    }
}

/// A colon before the last slash is a port's, not a tag's.
fn untagged(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    }
}

fn looks_like_a_host(text: &str) -> bool {
    text == "localhost" || text.contains(['.', ':'])
}

fn host_alone(server: &str) -> &str {
    match server.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => server.split(':').next().unwrap_or(server),
    }
}

/// Whether a host is this very machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_named_as_everywhere() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let cases = [
            (
                "public.ecr.aws/lambda/python:3.14".to_owned(),
                "https://public.ecr.aws",
                "lambda/python",
                "3.14",
            ),
            ("127.0.0.1:5000/a".to_owned(), "http://127.0.0.1:5000", "a", "latest"),
            ("[::1]:5000/a:1".to_owned(), "http://[::1]:5000", "a", "1"),
            ("localhost/a/b".to_owned(), "http://localhost", "a/b", "latest"),
            ("python:3.14".to_owned(), "https://registry-1.docker.io", "library/python", "3.14"),
            ("amazon/x".to_owned(), "https://registry-1.docker.io", "amazon/x", "latest"),
            (format!("r.example/a:1@{digest}"), "https://r.example", "a", digest.as_str()),
        ];
        for (text, url, repository, version) in cases {
            let read = Reference::new(&text).unwrap();
            assert_eq!(read.url(), url, "{text}");
            assert_eq!((read.repository(), read.version()), (repository, version), "{text}");
            assert_eq!(Reference::new(&read.to_string()), Ok(read), "{text}");
        }
        for bad in
            ["", "a b", "r.example/A", "r.example/a:", "r.example/a@sha256:12", "r.example/../a"]
        {
            let error = Reference::new(bad).expect_err(bad).to_string();
            assert!(error.contains("names no image"), "{error}");
        }
    }
}
