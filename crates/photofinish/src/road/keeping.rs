//! What rejected functions made, kept in the study directory beside what was asked for, so that
//! a person can look at it and the report can show it.

use std::path::{Path, PathBuf};

use photofinish_report::Picture;
use photofinish_study::record::Verification;
use photofinish_study::{Deployment, Name};
use photofinish_verify::{Difference, Judge};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::road::opening::unusable;

/// So many of one function of one deployment are kept.
const MOST: usize = 2;
const ABOUT: &str = "about.json";

/// What a kept output is of.
#[derive(Serialize, Deserialize)]
struct About {
    deployment: String,
    function: Name,
    input: String,
    reason: String,
    words: String,
}

/// The folder of rejected outputs in a study directory.
pub(crate) struct Kept(PathBuf);

impl Kept {
    pub(crate) fn of(directory: &Path) -> Self {
        Self(directory.join("rejected"))
    }

    /// Keeps an output beside the reference's of the same input.
    pub(crate) fn keep(
        &self,
        judge: &Judge,
        verification: &Verification,
        given: &[u8],
        output: &[u8],
    ) -> Result<(), Failure> {
        let Verification { deployment, function, input, .. } = verification;
        let folder = self.folder(verification);
        let kept =
            folder.parent().map_or(0, |all| std::fs::read_dir(all).map_or(0, Iterator::count));
        if kept >= MOST && !folder.exists() {
            return Ok(());
        }
        let expected = judge.reference(function, given).map_err(|error| Failure::usage(&error))?;
        let limits = photofinish_imaging::Limits::default();
        let difference = Difference::between(&expected, output, limits)
            .map_err(|error| Failure::usage(&error))?;
        let about = About {
            deployment: deployment.to_string(),
            function: function.clone(),
            input: input.to_string(),
            reason: verification.reason.as_deref().unwrap_or_default().to_owned(),
            words: difference.words,
        };
        let about = serde_json::to_vec_pretty(&about).map_err(|error| Failure::usage(&error))?;
        let files = [
            ("output", Some(output)),
            ("expected.png", Some(difference.expected.as_slice())),
            ("found.png", difference.found.as_deref()),
            ("difference.png", difference.difference.as_deref()),
            (ABOUT, Some(about.as_slice())),
        ];
        std::fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
        for (name, bytes) in files {
            let path = folder.join(name);
            if let Some(bytes) = bytes {
                std::fs::write(&path, bytes).map_err(|error| unusable(&path, &error))?;
            }
        }
        Ok(())
    }

    fn folder(&self, verification: &Verification) -> PathBuf {
        let Verification { deployment, function, input, .. } = verification;
        let deployment = deployment.to_string().replace('/', "-");
        self.0.join(deployment).join(function.as_str()).join(&**input)
    }

    /// Copies what an earlier study kept of a check that still stands.
    pub(crate) fn take_over(&self, from: &Self, check: &Verification) -> Result<(), Failure> {
        let (there, here) = (from.folder(check), self.folder(check));
        let Ok(files) = std::fs::read_dir(&there) else { return Ok(()) };
        std::fs::create_dir_all(&here).map_err(|error| unusable(&here, &error))?;
        for file in files.flatten() {
            let copy = here.join(file.file_name());
            std::fs::copy(file.path(), &copy).map_err(|error| unusable(&copy, &error))?;
        }
        Ok(())
    }

    /// Everything that was kept of rejections that still stand, in the order of its names.
    pub(crate) fn pictures(&self, standing: &[&Verification]) -> Result<Vec<Picture>, Failure> {
        let mut pictures = Vec::new();
        for deployment in folders(&self.0) {
            for function in folders(&deployment) {
                for input in folders(&function) {
                    pictures.extend(picture(&input, standing)?);
                }
            }
        }
        Ok(pictures)
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn picture(folder: &Path, standing: &[&Verification]) -> Result<Option<Picture>, Failure> {
    let path = folder.join(ABOUT);
    let bytes = std::fs::read(&path).map_err(|error| unusable(&path, &error))?;
    let about: About = serde_json::from_slice(&bytes).map_err(|error| Failure::usage(&error))?;
    let deployment: Deployment =
        about.deployment.parse().map_err(|error| Failure::usage(&error))?;
    let stands = standing.iter().any(|row| {
        !row.accepted
            && *row.deployment == deployment
            && row.function == about.function
            && *row.input == *about.input
    });
    if !stands {
        return Ok(None);
    }
    let png = |name: &str| std::fs::read(folder.join(name)).ok();
    Ok(Some(Picture {
        contestant: deployment.contestant,
        architecture: deployment.target.architecture,
        function: about.function,
        input: about.input,
        expected: png("expected.png").unwrap_or_default(),
        found: png("found.png"),
        difference: png("difference.png"),
        words: format!("{}. {}", about.reason, about.words),
    }))
}
