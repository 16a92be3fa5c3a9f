//! S3: the protocol is `s3s`'s, the disk is ours.

mod access;
mod api;
mod listing;
mod object_file;
mod store;
mod upload;

use std::sync::Arc;

pub use access::GuestAccess;
pub(crate) use store::ObjectStore;

use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};

use crate::credentials::Credentials;

/// S3 for the holder of the control plane's key pair: all buckets.
pub(crate) fn for_clients(
    store: Arc<ObjectStore>,
    credentials: &Credentials,
    region: &str,
) -> S3Service {
    let mut builder = S3ServiceBuilder::new(api::Api::new(store, region));
    builder.set_auth(auth(credentials));
    builder.build()
}

/// S3 for one sandbox: its own key pair, and the buckets it may reach.
pub(crate) fn for_guest(
    store: Arc<ObjectStore>,
    credentials: &Credentials,
    region: &str,
    access: &GuestAccess,
) -> S3Service {
    let mut builder = S3ServiceBuilder::new(api::Api::new(store, region));
    builder.set_auth(auth(credentials));
    builder.set_access(access.clone());
    builder.build()
}

fn auth(credentials: &Credentials) -> SimpleAuth {
    SimpleAuth::from_single(credentials.access_key_id(), credentials.secret_access_key())
}
