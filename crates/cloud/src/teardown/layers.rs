//! Layers: each version is a thing of its own, with its tags in its description.

use super::{Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;
use crate::layer::tags_of;

pub(super) async fn find(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for name in cloud.layers(prefix).await? {
        for version in cloud.layer_versions(&name).await? {
            let resource =
                Resource::LayerVersion { name: name.clone(), version: version.version() };
            made.push(Made { resource, tags: tags_of(&version) });
        }
    }
    Ok(made)
}
