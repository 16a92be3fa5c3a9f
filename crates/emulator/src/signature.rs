//! Signature Version 4 as the front door of Lambda and of the logs checks it: the request is signed
//! again with the secret we know, and the two signatures are compared.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::HeaderMap;
use http::request::Parts;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::credentials::Credentials;
use crate::fault::Fault;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const AMZ_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");
const SKEW: Duration = Duration::from_secs(5 * 60);
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/// An `Authorization` header, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authorization<'a> {
    access_key_id: &'a str,
    date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// The header of a request, or `None` where it has none.
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Option<Self>, Fault> {
        let Some(value) = headers.get(http::header::AUTHORIZATION) else {
            return Ok(None);
        };
        let incomplete = |what: &str| {
            Fault::forbidden(
                "IncompleteSignatureException",
                format!("Authorization header requires {what}."),
            )
        };
        let text = value.to_str().map_err(|_| incomplete("printable characters"))?;
        let fields = text
            .strip_prefix(ALGORITHM)
            .ok_or_else(|| incomplete("the algorithm AWS4-HMAC-SHA256"))?;
        let field = |name: &str| {
            fields
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| incomplete(&format!("'{name}' parameter")))
        };
        let scope: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = scope[..] else {
            return Err(incomplete("a Credential of KEY/DATE/REGION/SERVICE/aws4_request"));
        };
        Ok(Some(Self {
            access_key_id,
            date,
            region,
            service,
            signed_headers: field("SignedHeaders")?.split(';').collect(),
            signature: field("Signature")?,
        }))
    }
}

/// Whom the front door lets in.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
}

impl Verifier {
    /// Lets the request pass if it was signed with our key pair, for this service
    /// and region, within five minutes of now, over this very body.
    pub(crate) fn verify(
        &self,
        service: &str,
        parts: &Parts,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), Fault> {
        let Some(authorization) = Authorization::of(&parts.headers)? else {
            return Err(Fault::forbidden(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ));
        };
        if authorization.access_key_id != self.credentials.access_key_id() {
            return Err(Fault::forbidden(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ));
        }
        self.check_scope(service, &authorization)?;
        let time = signing_time(&parts.headers, &authorization)?;
        check_skew(time, now)?;
        check_body_hash(&parts.headers, body)?;
        let expected = self.signature(parts, body, &authorization, time)?;
        if bool::from(expected.as_bytes().ct_eq(authorization.signature.as_bytes())) {
            Ok(())
        } else {
            Err(Fault::forbidden("InvalidSignatureException", MISMATCH))
        }
    }

    fn check_scope(&self, service: &str, authorization: &Authorization<'_>) -> Result<(), Fault> {
        if authorization.region != self.region {
            return Err(Fault::forbidden(
                "InvalidSignatureException",
                format!(
                    "Credential should be scoped to a valid region: this emulator's is '{}'.",
                    self.region
                ),
            ));
        }
        if authorization.service != service {
            return Err(Fault::forbidden(
                "InvalidSignatureException",
                format!("Credential should be scoped to correct service: '{service}'."),
            ));
        }
        // A signature that leaves the host out could be carried to another server.
        if !authorization.signed_headers.contains(&"host") {
            return Err(Fault::forbidden(
                "InvalidSignatureException",
                "'Host' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        Ok(())
    }

    fn signature(
        &self,
        parts: &Parts,
        body: &[u8],
        authorization: &Authorization<'_>,
        time: SystemTime,
    ) -> Result<String, Fault> {
        let mismatch = || Fault::forbidden("InvalidSignatureException", MISMATCH);
        let mut headers = Vec::new();
        for name in &authorization.signed_headers {
            // The signer adds the date by itself, from the time it is given.
            if *name == "x-amz-date" {
                continue;
            }
            let mut values = parts.headers.get_all(*name).iter().peekable();
            if values.peek().is_none() {
                return Err(mismatch());
            }
            for value in values {
                headers.push((*name, value.to_str().map_err(|_| mismatch())?));
            }
        }
        let identity = SigningCredentials::new(
            self.credentials.access_key_id(),
            self.credentials.secret_access_key(),
            None,
            None,
            "photofinish",
        )
        .into();
        let mut settings = SigningSettings::default();
        settings.excluded_headers = None;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(authorization.region)
            .name(authorization.service)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|error| Fault::service(format!("cannot sign: {error}")))?
            .into();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        // The signer takes the host from the header; this one only makes the URI whole.
        let uri = format!("http://localhost{target}");
        let request = SignableRequest::new(
            parts.method.as_str(),
            uri,
            headers.into_iter(),
            SignableBody::Bytes(body),
        )
        .map_err(|_| mismatch())?;
        let (_, signature) = sign(request, &params).map_err(|_| mismatch())?.into_parts();
        Ok(signature)
    }
}

fn signing_time(
    headers: &HeaderMap,
    authorization: &Authorization<'_>,
) -> Result<SystemTime, Fault> {
    let invalid = || {
        Fault::forbidden(
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    };
    let text =
        headers.get("x-amz-date").and_then(|value| value.to_str().ok()).ok_or_else(invalid)?;
    let time = PrimitiveDateTime::parse(text, AMZ_DATE).map_err(|_| invalid())?;
    if !text.starts_with(authorization.date) || authorization.date.len() != 8 {
        return Err(Fault::forbidden(
            "InvalidSignatureException",
            format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{text}'.",
                authorization.date
            ),
        ));
    }
    Ok(time.assume_utc().into())
}

fn check_skew(signed: SystemTime, now: SystemTime) -> Result<(), Fault> {
    let stamp = |time: SystemTime| {
        OffsetDateTime::from(time)
            .format(AMZ_DATE)
            .unwrap_or_else(|_| "an impossible time".to_owned())
    };
    let refuse = |message: String| Err(Fault::forbidden("InvalidSignatureException", message));
    let (at, server) = (stamp(signed), stamp(now));
    match now.duration_since(signed) {
        Ok(age) if age > SKEW => refuse(format!(
            "Signature expired: {at} is now earlier than {} ({server} - 5 min.)",
            stamp(now - SKEW)
        )),
        Err(ahead) if ahead.duration() > SKEW => refuse(format!(
            "Signature not yet current: {at} is still later than {} ({server} + 5 min.)",
            stamp(now + SKEW)
        )),
        _ => Ok(()),
    }
}

/// The hash a client states must be the body's. The body itself is always part
/// of what is signed, so this only gives the clearer message.
fn check_body_hash(headers: &HeaderMap, body: &[u8]) -> Result<(), Fault> {
    let Some(stated) = headers.get("x-amz-content-sha256") else {
        return Ok(());
    };
    if stated.as_bytes() == hex::encode(Sha256::digest(body)).as_bytes() {
        Ok(())
    } else {
        Err(Fault::forbidden("InvalidSignatureException", MISMATCH))
    }
}
