//! Teardown: everything of a name and mark is found and deleted, and what remains is said.

use std::fmt;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};
use crate::layer::carries;

/// Whose resources are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// How all their names begin; it ends with `-`, so that no longer name is meant by chance.
    pub prefix: String,
    /// A tag that they carry besides; what does not is left alone.
    pub tag: Option<(String, String)>,
}

/// Something that was made and can be deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// A function.
    Function(String),
    /// One version of a layer.
    LayerVersion {
        /// The layer.
        name: String,
        /// The version's number.
        version: i64,
    },
    /// The objects of a bucket.
    Objects {
        /// The bucket.
        bucket: String,
        /// How many.
        count: u64,
    },
    /// A bucket.
    Bucket(String),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(f, "function `{name}`"),
            Self::LayerVersion { name, version } => write!(f, "layer `{name}` version {version}"),
            Self::Objects { bucket, count } => write!(f, "{count} objects of bucket `{bucket}`"),
            Self::Bucket(name) => write!(f, "bucket `{name}`"),
        }
    }
}

/// Something that could not be deleted, or not even be looked for.
#[derive(Debug)]
pub struct Remained {
    /// What it is, in words.
    pub what: String,
    /// Why it is still there.
    pub why: Error,
}

/// What a teardown did.
#[derive(Debug, Default)]
pub struct Removal {
    /// Gone now.
    pub removed: Vec<Resource>,
    /// Still there, or unknown: to be tried again.
    pub remained: Vec<Remained>,
}

impl Removal {
    /// Whether nothing is left.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.remained.is_empty()
    }

    fn failed(&mut self, what: impl Into<String>, why: Error) {
        self.remained.push(Remained { what: what.into(), why });
    }
}

impl Cloud {
    /// Deletes everything that is owned, what uses before what is used: functions, layers,
    /// objects, buckets. One failure does not stop the rest. Safe to repeat.
    pub async fn destroy(&self, owned: &Owned) -> Result<Removal, Error> {
        if owned.prefix.len() < 4 || !owned.prefix.ends_with('-') {
            let at = Place::new("destroy", format!("everything named `{}…`", owned.prefix));
            let cause = "a prefix has three characters or more and ends with `-`";
            return Err(Error::new(at, Kind::Other, cause));
        }
        let mut removal = Removal::default();
        self.destroy_functions(owned, &mut removal).await;
        self.destroy_layers(owned, &mut removal).await;
        self.destroy_buckets(owned, &mut removal).await;
        Ok(removal)
    }

    async fn destroy_functions(&self, owned: &Owned, removal: &mut Removal) {
        let names = match self.functions(&owned.prefix).await {
            Ok(names) => names,
            Err(why) => return removal.failed(format!("functions `{}…`", owned.prefix), why),
        };
        for name in names {
            let gone = match self.function_is_owned(owned, &name).await {
                Ok(true) => self.delete_function(&name).await,
                Ok(false) => Ok(false),
                Err(why) => Err(why),
            };
            match gone {
                Ok(true) => removal.removed.push(Resource::Function(name)),
                Ok(false) => {}
                Err(why) => removal.failed(format!("function `{name}`"), why),
            }
        }
    }

    async fn function_is_owned(&self, owned: &Owned, name: &str) -> Result<bool, Error> {
        let Some((key, value)) = &owned.tag else { return Ok(true) };
        let found = self.find_function(name).await?;
        Ok(found.is_some_and(|found| found.tags.get(key) == Some(value)))
    }

    async fn destroy_layers(&self, owned: &Owned, removal: &mut Removal) {
        let names = match self.layers(&owned.prefix).await {
            Ok(names) => names,
            Err(why) => return removal.failed(format!("layers `{}…`", owned.prefix), why),
        };
        for name in names {
            match self.layer_versions(&name).await {
                Ok(versions) => {
                    for version in versions {
                        let tag = owned.tag.as_ref();
                        if tag.is_none_or(|(key, value)| carries(&version, key, value)) {
                            self.destroy_version(&name, version.version(), removal).await;
                        }
                    }
                }
                Err(why) => removal.failed(format!("layer `{name}`"), why),
            }
        }
    }

    async fn destroy_version(&self, name: &str, version: i64, removal: &mut Removal) {
        let layer = Resource::LayerVersion { name: name.to_owned(), version };
        match self.delete_layer_version(name, version).await {
            Ok(()) => removal.removed.push(layer),
            Err(why) => removal.failed(layer.to_string(), why),
        }
    }

    async fn destroy_buckets(&self, owned: &Owned, removal: &mut Removal) {
        let buckets = match self.buckets(&owned.prefix).await {
            Ok(buckets) => buckets,
            Err(why) => return removal.failed(format!("buckets `{}…`", owned.prefix), why),
        };
        for bucket in buckets {
            if let Err(why) = self.destroy_bucket(owned, &bucket, removal).await {
                removal.failed(format!("bucket `{bucket}`"), why);
            }
        }
    }

    async fn destroy_bucket(
        &self,
        owned: &Owned,
        bucket: &str,
        removal: &mut Removal,
    ) -> Result<(), Error> {
        if let Some((key, value)) = &owned.tag
            && self.bucket_tags(bucket).await?.get(key) != Some(value)
        {
            return Ok(());
        }
        let count = self.empty_bucket(bucket).await?;
        if count > 0 {
            removal.removed.push(Resource::Objects { bucket: bucket.to_owned(), count });
        }
        if self.delete_bucket(bucket).await? {
            removal.removed.push(Resource::Bucket(bucket.to_owned()));
        }
        Ok(())
    }
}
