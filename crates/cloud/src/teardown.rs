//! Teardown: everything of a name and mark is found and deleted, and what remains is said.
//!
//! Each sort of thing has one place: a member of [`Sort`] in the order of dependency, a member of
//! [`Resource`], and a module in `teardown/` that says how things of that sort are found and
//! deleted. The survey comes first and changes nothing, so that it can be shown.

mod buckets;
mod functions;
mod layers;
mod log_groups;
mod money;
mod repositories;
mod roles;
mod state_machines;

use std::fmt;

use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// The tag that says after which moment, in RFC 3339 and UTC, a thing may be swept away.
pub const EXPIRES_TAG: &str = "photofinish:expires";

/// Whose resources are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// How all their names begin; it ends with `-`, so that no longer name is meant by chance.
    pub prefix: String,
    /// A tag that they carry besides; what does not is left alone.
    pub tag: Option<(String, String)>,
}

/// A sort of thing that a study makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// State machines, with what they are doing.
    StateMachine,
    /// Functions.
    Function,
    /// Versions of layers.
    Layer,
    /// Repositories with the images in them.
    Repository,
    /// Groups of logs.
    LogGroup,
    /// Buckets with the objects in them.
    Bucket,
    /// Roles.
    Role,
    /// Billing alarms.
    Alarm,
    /// Topics by which alarms are told.
    Topic,
    /// Budgets.
    Budget,
}

impl Sort {
    /// Every sort, what uses before what is used.
    pub const ALL: [Self; 10] = [
        Self::StateMachine,
        Self::Function,
        Self::Layer,
        Self::Repository,
        Self::LogGroup,
        Self::Bucket,
        Self::Role,
        Self::Alarm,
        Self::Topic,
        Self::Budget,
    ];

    /// The sorts that the embedded platform has.
    pub const EMBEDDED: [Self; 3] = [Self::Function, Self::Layer, Self::Bucket];

    /// What several of them are called.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::StateMachine => "state machines",
            Self::Function => "functions",
            Self::Layer => "layers",
            Self::Repository => "repositories",
            Self::LogGroup => "log groups",
            Self::Bucket => "buckets",
            Self::Role => "roles",
            Self::Alarm => "billing alarms",
            Self::Topic => "topics",
            Self::Budget => "budgets",
        }
    }

    /// Everything of this sort whose name begins so; nothing is changed.
    async fn find(self, cloud: &Cloud, prefix: &str, marks: Marks) -> Result<Vec<Found>, Error> {
        match self {
            Self::StateMachine => state_machines::find(cloud, prefix, marks).await,
            Self::Function => functions::find(cloud, prefix, marks).await,
            Self::Layer => layers::find(cloud, prefix).await,
            Self::Repository => repositories::find(cloud, prefix, marks).await,
            Self::LogGroup => log_groups::find(cloud, prefix, marks).await,
            Self::Bucket => buckets::find(cloud, prefix, marks).await,
            Self::Role => roles::find(cloud, prefix, marks).await,
            Self::Alarm => money::find_alarms(cloud, prefix, marks).await,
            Self::Topic => money::find_topics(cloud, prefix, marks).await,
            Self::Budget => money::find_budgets(cloud, prefix, marks).await,
        }
    }
}

/// Something that was made and can be deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// A state machine, by its ARN.
    StateMachine {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    },
    /// A function.
    Function(String),
    /// One version of a layer.
    LayerVersion {
        /// The layer.
        name: String,
        /// The version's number.
        version: i64,
    },
    /// A repository with its images.
    Repository(String),
    /// A group of logs.
    LogGroup(String),
    /// The objects of a bucket.
    Objects {
        /// The bucket.
        bucket: String,
        /// How many.
        count: u64,
    },
    /// A bucket.
    Bucket(String),
    /// A role with its policies.
    Role(String),
    /// A billing alarm.
    Alarm(String),
    /// A topic with its subscriptions, by its ARN.
    Topic(String),
    /// A budget with its notifications.
    Budget(String),
}

impl Resource {
    /// Deletes it with what it holds, and gives what is gone now; nothing if there was none.
    async fn remove(&self, cloud: &Cloud, removed: &mut Vec<Self>) -> Result<(), Error> {
        let was_there = match self {
            Self::StateMachine { name, arn } => cloud.delete_state_machine(arn, name).await?,
            Self::Function(name) => cloud.delete_function(name).await?,
            Self::LayerVersion { name, version } => {
                cloud.delete_layer_version(name, *version).await?;
                true
            }
            Self::Repository(name) => cloud.delete_repository(name).await?,
            Self::LogGroup(name) => cloud.delete_log_group(name).await?,
            Self::Objects { bucket, .. } => return buckets::empty(cloud, bucket, removed).await,
            Self::Bucket(name) => {
                buckets::empty(cloud, name, removed).await?;
                cloud.delete_bucket(name).await?
            }
            Self::Role(name) => cloud.delete_role(name).await?,
            Self::Alarm(name) => cloud.delete_alarm(name).await?,
            Self::Topic(arn) => cloud.delete_topic(arn).await?,
            Self::Budget(name) => cloud.delete_budget(&cloud.account().await?, name).await?,
        };
        if was_there {
            removed.push(self.clone());
        }
        Ok(())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StateMachine { name, .. } => write!(f, "state machine `{name}`"),
            Self::Function(name) => write!(f, "function `{name}`"),
            Self::LayerVersion { name, version } => write!(f, "layer `{name}` version {version}"),
            Self::Repository(name) => write!(f, "repository `{name}` with its images"),
            Self::LogGroup(name) => write!(f, "log group `{name}`"),
            Self::Objects { bucket, count } => write!(f, "{count} objects of bucket `{bucket}`"),
            Self::Bucket(name) => write!(f, "bucket `{name}`"),
            Self::Role(name) => write!(f, "role `{name}`"),
            Self::Alarm(name) => write!(f, "billing alarm `{name}`"),
            Self::Topic(arn) => write!(f, "topic `{arn}`"),
            Self::Budget(name) => write!(f, "budget `{name}`"),
        }
    }
}

/// Something of ours by its name, with the tags that it carries.
#[derive(Debug)]
struct Made {
    resource: Resource,
    tags: Tags,
}

/// Whether tags are asked for: it takes a call for each thing, and not every implementation has
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    Read,
    Unread,
}

/// Something of ours, unless what it is marked with could not be read.
type Found = Result<Made, Remained>;

/// What was found, with the tags that were read; nothing if it went in between.
fn found(resource: Resource, tags: Result<Option<Tags>, Error>) -> Option<Found> {
    match tags {
        Ok(Some(tags)) => Some(Ok(Made { resource, tags })),
        Ok(None) => None,
        Err(why) => Some(Err(Remained { what: resource.to_string(), why })),
    }
}

/// What was found; nothing of it has been deleted.
#[derive(Debug, Default)]
pub struct Survey {
    made: Vec<Made>,
    unknown: Vec<Remained>,
}

impl Survey {
    /// What was found, in the order in which it would be deleted.
    pub fn found(&self) -> impl ExactSizeIterator<Item = (&Resource, &Tags)> {
        self.made.iter().map(|made| (&made.resource, &made.tags))
    }

    /// What could not be looked for.
    #[must_use]
    pub fn unknown(&self) -> &[Remained] {
        &self.unknown
    }

    /// Leaves alone what does not say by [`EXPIRES_TAG`] that it was wanted until before `now`.
    #[must_use]
    pub fn expired(mut self, now: &str) -> Self {
        self.made.retain(|made| made.tags.get(EXPIRES_TAG).is_some_and(|end| is_past(end, now)));
        self
    }
}

/// Whether one moment lies before another; both in UTC, cut to the second. What is no moment is
/// never past.
fn is_past(end: &str, now: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let second = |text: &str| -> Option<String> {
        let head = text.strip_suffix('Z')?.get(..SHAPE.len())?;
        let same = head.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            mark => byte == *mark,
        });
        same.then(|| head.to_owned())
    };
    match (second(end), second(now)) {
        (Some(end), Some(now)) => end < now,
        _ => false,
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
}

impl Cloud {
    /// Deletes everything of these sorts that is owned, what uses before what is used. One
    /// failure does not stop the rest. Safe to repeat.
    pub async fn destroy(&self, owned: &Owned, sorts: &[Sort]) -> Result<Removal, Error> {
        let marks = if owned.tag.is_some() { Marks::Read } else { Marks::Unread };
        Ok(self.remove(self.look_for(owned, sorts, marks).await?).await)
    }

    /// Looks for everything of these sorts that is owned, and changes nothing.
    pub async fn survey(&self, owned: &Owned, sorts: &[Sort]) -> Result<Survey, Error> {
        self.look_for(owned, sorts, Marks::Read).await
    }

    async fn look_for(&self, owned: &Owned, sorts: &[Sort], marks: Marks) -> Result<Survey, Error> {
        if owned.prefix.len() < 4 || !owned.prefix.ends_with('-') {
            let at = Place::new("destroy", format!("everything named `{}…`", owned.prefix));
            let cause = "a prefix has four characters or more and ends with `-`";
            return Err(Error::new(at, Kind::Other, cause));
        }
        let mut survey = self.look(&owned.prefix, sorts, marks).await;
        if let Some((key, value)) = &owned.tag {
            survey.made.retain(|made| made.tags.get(key) == Some(value));
        }
        Ok(survey)
    }

    /// Looks for everything of these sorts, of any study, that begins with `prefix` and says
    /// that it was wanted until before `now`.
    pub async fn survey_expired(&self, prefix: &str, now: &str, sorts: &[Sort]) -> Survey {
        self.look(prefix, sorts, Marks::Read).await.expired(now)
    }

    async fn look(&self, prefix: &str, sorts: &[Sort], marks: Marks) -> Survey {
        let mut survey = Survey::default();
        let mut sorts = sorts.to_vec();
        sorts.sort_unstable();
        sorts.dedup();
        for sort in sorts {
            match sort.find(self, prefix, marks).await {
                Ok(all) => {
                    for found in all {
                        match found {
                            Ok(made) => survey.made.push(made),
                            Err(unknown) => survey.unknown.push(unknown),
                        }
                    }
                }
                Err(why) => {
                    let what = format!("{} `{prefix}…`", sort.plural());
                    survey.unknown.push(Remained { what, why });
                }
            }
        }
        survey
    }

    /// Deletes what a survey found. One failure does not stop the rest.
    pub async fn remove(&self, survey: Survey) -> Removal {
        let mut removal = Removal { removed: Vec::new(), remained: survey.unknown };
        for Made { resource, .. } in survey.made {
            if let Err(why) = resource.remove(self, &mut removal.removed).await {
                removal.remained.push(Remained { what: resource.to_string(), why });
            }
        }
        removal
    }
}

#[cfg(test)]
mod tests {
    use super::is_past;

    #[test]
    fn only_a_moment_that_is_over_is_past() {
        let now = "2026-11-25T03:00:00.123Z";
        for over in ["2026-11-25T02:59:59Z", "2025-12-31T23:59:59.999Z"] {
            assert!(is_past(over, now), "{over}");
        }
        let kept = ["2026-11-25T03:00:00Z", "2027-01-01T00:00:00Z", "", "2025", "never", "0"];
        for kept in kept.into_iter().chain(["2025-01-01T00:00:00+09:00", "2025-01-01 00:00:00Z"]) {
            assert!(!is_past(kept, now), "{kept}");
        }
        assert!(!is_past("2025-01-01T00:00:00Z", "now"));
    }
}
