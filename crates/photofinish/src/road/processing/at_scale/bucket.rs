//! Folders of buckets, the pictures in them, and which have an output.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;

use photofinish_cloud::{Cloud, Kind};
use photofinish_study::Digest;

use crate::failure::{Failure, Told};

/// A folder of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) bucket: String,
    /// How the keys in it begin: nothing, or something that ends with `/`.
    pub(super) prefix: String,
}

impl Folder {
    /// Reads `s3://BUCKET/FOLDER`.
    pub(super) fn parse(text: &Path) -> Result<Self, Failure> {
        let shown = text.display().to_string();
        let wrong = |why: &str| {
            let message = format!("{shown} is no folder of a bucket: {why}");
            let hint = "with --on aws IN and OUT are written s3://BUCKET/FOLDER";
            Failure::Usage(Told::words(message, Some(hint)))
        };
        let rest = text.to_str().and_then(|text| text.strip_prefix("s3://"));
        let rest = rest.ok_or_else(|| wrong("it does not begin with s3://"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(plain) {
            return Err(wrong("no bucket can have that name"));
        }
        // A policy that names it must mean it alone.
        if prefix.contains(['*', '?', '$']) {
            return Err(wrong("`*`, `?` and `$` mean something in a policy"));
        }
        let prefix = prefix.trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }

    /// Whether what is in this folder is in the other one too.
    pub(super) fn lies_in(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.prefix.starts_with(&other.prefix)
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// One picture to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    /// What tells it apart in keys: of a length, whatever its own key is.
    pub(super) id: String,
    /// Its key.
    pub(super) key: String,
    /// Its output's key.
    pub(super) output: String,
}

/// A picture without an output, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) key: String,
    pub(super) reason: String,
}

/// What lies in the two folders.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) pictures: Vec<Picture>,
    pub(super) refused: Vec<Refused>,
    /// How many keys name no JPEG.
    pub(super) passed_over: usize,
    /// The keys of the outputs that are there.
    pub(super) there: HashSet<String>,
}

impl Listing {
    /// Lists both; a thousand keys are one request.
    pub(super) async fn read(
        cloud: &Cloud,
        from: &Folder,
        into: &Folder,
        extension: &str,
    ) -> Result<Self, Failure> {
        let mut listing = Self::pair(listed(cloud, from).await?, from, into, extension);
        listing.there = keys(cloud, into).await?;
        Ok(listing)
    }

    /// Pairs each picture with the place of its output.
    fn pair(keys: Vec<String>, from: &Folder, into: &Folder, extension: &str) -> Self {
        let mut listing = Self::default();
        let mut outputs: HashMap<String, String> = HashMap::new();
        for key in keys {
            let Some(stem) = stem(&key).and_then(|stem| stem.strip_prefix(&from.prefix)) else {
                listing.passed_over += 1;
                continue;
            };
            let output = format!("{}{stem}.{extension}", into.prefix);
            if let Some(first) = outputs.get(&output) {
                let reason = format!("{first} goes to the same {output}; rename one of them");
                listing.refused.push(Refused { key, reason });
                continue;
            }
            outputs.insert(output.clone(), key.clone());
            let id = Digest::of(key.as_bytes()).as_str()[..32].to_owned();
            listing.pictures.push(Picture { id, key, output });
        }
        listing
    }
}

/// A JPEG's key without its ending.
fn stem(key: &str) -> Option<&str> {
    let (stem, ending) = key.rsplit_once('.')?;
    let is_jpeg = ["jpg", "jpeg"].iter().any(|jpeg| ending.eq_ignore_ascii_case(jpeg));
    (is_jpeg && !stem.is_empty() && !stem.ends_with('/')).then_some(stem)
}

/// The keys in a folder.
pub(super) async fn keys(cloud: &Cloud, folder: &Folder) -> Result<HashSet<String>, Failure> {
    Ok(listed(cloud, folder).await?.into_iter().collect())
}

async fn listed(cloud: &Cloud, folder: &Folder) -> Result<Vec<String>, Failure> {
    cloud.list_objects(&folder.bucket, &folder.prefix).await.map_err(|error| match error.kind() {
        Kind::NotFound => {
            let message = format!("there is no bucket {} in this account", folder.bucket);
            let hint = "make it in the region of the functions; photofinish makes none of yours";
            Failure::Usage(Told::words(message, Some(hint)))
        }
        _ => Failure::provider(&error).hint(format!(
            "allow s3:ListBucket on {}, which must be in {}",
            folder.bucket,
            cloud.region()
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(text: &str) -> Folder {
        Folder::parse(Path::new(text)).unwrap()
    }

    #[test]
    fn a_folder_is_a_bucket_and_a_whole_part_of_a_key() {
        assert_eq!(folder("s3://holiday/2026").prefix, "2026/");
        assert_eq!(folder("s3://holiday").prefix, "");
        assert_eq!(folder("s3://holiday/2026//").to_string(), "s3://holiday/2026/");
        for wrong in ["pictures", "s3://", "s3://Holiday/2026", "s3://holiday/a*", "https://a"] {
            assert!(Folder::parse(Path::new(wrong)).is_err(), "{wrong}");
        }
        let (all, year) = (folder("s3://holiday"), folder("s3://holiday/2026"));
        assert!(year.lies_in(&all) && all.lies_in(&all) && !all.lies_in(&year));
        assert!(!folder("s3://holiday/2026-out").lies_in(&year));
    }

    #[test]
    fn pictures_are_paired_with_outputs_and_no_two_with_one() {
        let (from, into) = (folder("s3://inbox/year"), folder("s3://outbox/png"));
        let keys =
            ["year/", "year/a.JPG", "year/a.jpeg", "year/b/c.d.jpg", "year/n.txt", "year/.jpg"];
        let keys = keys.map(str::to_owned).to_vec();
        let listing = Listing::pair(keys, &from, &into, "png");
        let outputs: Vec<&str> = listing.pictures.iter().map(|one| one.output.as_str()).collect();
        assert_eq!(outputs, ["png/a.png", "png/b/c.d.png"]);
        assert_eq!(listing.passed_over, 3);
        assert_eq!(listing.refused[0].key, "year/a.jpeg");
        assert!(listing.refused[0].reason.starts_with("year/a.JPG goes to the same png/a.png"));
        assert_ne!(listing.pictures[0].id, listing.pictures[1].id);
    }
}
