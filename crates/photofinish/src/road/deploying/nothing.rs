//! A function that does nothing, by whose calls the client's distance from the platform is measured.

use std::collections::BTreeMap;
use std::time::Duration;

use photofinish_cloud::{Cloud, FunctionSpec, LogFormat, Zip};
use photofinish_package::zip_directory;
use photofinish_study::{Architecture, Platform};

use super::ground::Ground;
use super::put_in_place;
use crate::failure::Failure;
use crate::road::Site;
use crate::road::opening::unusable;

/// Puts it in place, and gives its name; on this machine there is no distance to measure.
pub(super) async fn deploy(
    site: &Site<'_>,
    cloud: &Cloud,
    ground: &Ground,
) -> Result<Option<String>, Failure> {
    if ground.platform == Platform::Local {
        return Ok(None);
    }
    let folder = site.opened.directory.join("packages/nothing");
    let file = folder.join("lambda_function.py");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&file, photofinish_assets::NOTHING))
        .map_err(|error| unusable(&file, &error))?;
    let package = zip_directory(&folder).map_err(|error| Failure::usage(&error))?;
    let architectures = site.opened.architectures();
    let spec = FunctionSpec {
        name: format!("{}nothing", ground.prefix),
        runtime: "python3.14".to_owned(),
        handler: "lambda_function.lambda_handler".to_owned(),
        architecture: architectures.first().copied().unwrap_or(Architecture::X86_64),
        memory_mb: 128,
        timeout: Duration::from_secs(3),
        tmp_mb: 512,
        environment: BTreeMap::new(),
        layers: Vec::new(),
        code: Zip::new(package.bytes),
        staging_bucket: Some(ground.bucket.clone()),
        role: ground.role.clone(),
        tags: ground.tags.clone(),
        log_format: LogFormat::Text,
    };
    put_in_place(site, cloud, ground, &spec).await?;
    Ok(Some(spec.name))
}
