//! Images on their way to the functions that are made of them: on this machine the platform reads
//! the study's own layout; on AWS they are pushed to a repository of the study's.

use std::collections::BTreeSet;

use photofinish_cloud::{Blob, Cloud, ImageCode, ImageUpload, Pushed, Repository, RepositorySpec};
use photofinish_package::Image;
use photofinish_study::{Deployment, Digest, Name};

use super::ground::Ground;
use super::noted;
use crate::failure::Failure;
use crate::progress::counted;
use crate::road::Site;
use crate::road::opening::unusable;
use crate::road::packing::images_of;

/// Where functions find their images.
pub(super) enum Shelf {
    /// In the study's directory.
    Layout,
    /// In a repository, where each has been pushed to.
    Repository(Repository),
}

impl Shelf {
    /// Puts the images of the study where its functions find them.
    pub(super) async fn fill(
        site: &Site<'_>,
        cloud: &Cloud,
        ground: &Ground,
    ) -> Result<Self, Failure> {
        let Some(account) = ground.account.as_ref().filter(|_| site.packed.images().len() > 0)
        else {
            return Ok(Self::Layout);
        };
        let Site { journal, packed, progress, .. } = *site;
        let spec = RepositorySpec {
            name: format!("{}images", ground.prefix),
            functions: ground.prefix.clone(),
            tags: ground.tags.clone(),
        };
        let made = cloud.ensure_repository(account, &spec);
        let repository = noted(journal, "ensure-repository", &spec.name, made).await?;
        let (mut seen, mut all) = (BTreeSet::new(), Pushed::default());
        for image in packed.images().filter(|image| seen.insert(image.sha256().clone())) {
            let (upload, digest) = (upload(image), image.digest());
            let pushed = repository.registry.push(&upload);
            all += noted(journal, "push-image", &digest, pushed).await?;
        }
        let images = counted(all.images, "image");
        let megabytes = all.bytes as f64 / 1e6;
        progress.say(
            "push",
            &format!(
                "{images} pushed to {}, {megabytes:.1} MB in all; the rest was there",
                spec.name
            ),
        );
        Ok(Self::Repository(repository))
    }

    /// The image of one function on a deployment's target.
    pub(super) fn image(
        &self,
        site: &Site<'_>,
        deployment: &Deployment,
        function: &Name,
    ) -> Result<(ImageCode, Digest), Failure> {
        let (contestant, target) = (&deployment.contestant, &deployment.target);
        let image = site.packed.image(contestant, function, target.architecture);
        let sha256 = image.sha256().clone();
        let uri = match self {
            Self::Repository(repository) => format!("{}@{}", repository.uri, image.digest()),
            Self::Layout => {
                let layout = images_of(site.opened);
                let whole =
                    std::path::absolute(&layout).map_err(|error| unusable(&layout, &error))?;
                format!("oci:{}:{sha256}", whole.display())
            }
        };
        Ok((ImageCode { uri, sha256: sha256.to_string() }, sha256))
    }
}

/// The image as a registry takes it, tagged by its own hash as in the study's layout.
fn upload(image: &Image) -> ImageUpload {
    let blob = |blob: &photofinish_package::Blob| {
        Blob::new(blob.digest(), blob.media_type, blob.bytes.clone())
    };
    ImageUpload {
        blobs: image.blobs().map(blob).collect(),
        manifest: blob(&image.manifest),
        tag: image.sha256().to_string(),
    }
}
