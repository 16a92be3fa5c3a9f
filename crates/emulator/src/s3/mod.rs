//! S3: the protocol is `s3s`'s, the disk is ours.

mod access;
mod api;
mod conditions;
mod desk;
mod download;
mod listing;
mod multipart;
mod multipart_api;
mod object_file;
mod part_sums;
mod quick_md5;
mod quota;
mod refusals;
mod shapes;
mod store;
mod upload;

use std::sync::Arc;

use access::Access;
pub use access::GuestAccess;
use quota::Writer;
pub(crate) use store::ObjectStore;

use http::{Request, Response};
use hyper::body::Incoming;
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};

use crate::connection;
use crate::credentials::Credentials;

/// S3 for the holder of the control plane's key pair: all buckets.
pub(crate) fn for_clients(
    store: Arc<ObjectStore>,
    credentials: &Credentials,
    region: &str,
) -> S3Service {
    let mut builder = S3ServiceBuilder::new(api::Api::new(store, region, Writer::Holder));
    builder.set_auth(auth(credentials));
    builder.set_access(Access { region: region.to_owned(), guest: None });
    builder.build()
}

/// S3 for one sandbox: its own key pair, and the buckets it may reach.
pub(crate) fn for_guest(
    store: Arc<ObjectStore>,
    credentials: &Credentials,
    region: &str,
    access: &GuestAccess,
) -> S3Service {
    let mut builder = S3ServiceBuilder::new(api::Api::new(store, region, Writer::Function));
    builder.set_auth(auth(credentials));
    builder.set_access(Access { region: region.to_owned(), guest: Some(access.clone()) });
    builder.build()
}

/// Answers one request of a connection.
pub(crate) async fn answer(
    s3: &S3Service,
    request: Request<Incoming>,
) -> Result<Response<s3s::Body>, s3s::HttpError> {
    let brings_body = connection::brings_body(request.headers());
    let response = s3.call(request.map(s3s::Body::from)).await?;
    Ok(connection::end_if_refused(brings_body, response))
}

/// Knows one key pair.
struct OneKey(Credentials);

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.0.access_key_id() {
            return Ok(SecretKey::from(self.0.secret_access_key()));
        }
        Err(s3_error!(
            InvalidAccessKeyId,
            "The AWS Access Key Id you provided does not exist in our records."
        ))
    }
}

fn auth(credentials: &Credentials) -> OneKey {
    OneKey(credentials.clone())
}
