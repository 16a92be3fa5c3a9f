//! Key pairs: the control plane's, and one for each sandbox.

use std::fmt;

use crate::error::Error;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// An access key, its secret, and for a sandbox a session token too.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl Credentials {
    /// A key pair that the caller has chosen.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
        }
    }

    /// A new random key pair, as a user's.
    pub fn random() -> Result<Self, Error> {
        Ok(Self::new(format!("AKIA{}", symbols(16)?), symbols(40)?))
    }

    /// A new random key pair with a session token, as a role's.
    pub(crate) fn random_session() -> Result<Self, Error> {
        Ok(Self {
            access_key_id: format!("ASIA{}", symbols(16)?),
            secret_access_key: symbols(40)?,
            session_token: Some(symbols(128)?),
        })
    }

    /// The key that may be shown.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The key that may not.
    pub fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }

    /// The session token of a sandbox's key pair.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"(not shown)")
            .finish()
    }
}

fn symbols(count: usize) -> Result<String, Error> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).map_err(Error::Randomness)?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let credentials = Credentials::random_session().expect("random bytes");
        let shown = format!("{credentials:?}");
        assert!(shown.contains(credentials.access_key_id()));
        assert!(!shown.contains(credentials.secret_access_key()));
        assert!(!shown.contains(credentials.session_token().expect("a session has a token")));
    }
}
