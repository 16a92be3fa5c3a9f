//! Layers: each version is a thing of its own, with its tags in its description.

use super::{Found, Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;
use crate::layer::tags_of;

pub(super) async fn find(cloud: &Cloud, prefix: &str) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for name in cloud.layers(prefix).await? {
        for version in cloud.layer_versions(&name).await? {
            let resource =
                Resource::LayerVersion { name: name.clone(), version: version.version() };
            all.push(Ok(Made { resource, tags: tags_of(&version) }));
        }
    }
    Ok(all)
}
