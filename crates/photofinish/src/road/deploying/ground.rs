//! What functions stand on: names, tags, buckets and a role, before any of them is deployed.

use jiff::{SignedDuration, Timestamp};
use photofinish_cloud::{
    Account, Cloud, EXPIRES_TAG, FunctionRights, LAMBDA_SERVICE, Objects, RoleSpec, Tags,
};
use photofinish_journal::Reader;
use photofinish_study::{Digest, Platform, TargetChoice};

use super::{guard, noted, prefix};
use crate::failure::{Failure, Told};
use crate::road::Site;
use crate::road::opening::Opened;

/// A role that the embedded platform takes at its word.
const LOCAL_ROLE: &str = "arn:aws:iam::000000000000:role/photofinish";
/// Objects of a pass are wanted for as long as the pass; after so many days they are forgotten.
const OBJECT_DAYS: u16 = 2;
/// A pass is one call after another; what runs beside it is cold starts that overlap.
const LEAST_CONCURRENCY: u32 = 5;
/// The fact in the journal that says until when everything is wanted.
pub(crate) const EXPIRES: (&str, &str) = ("aws", "expires");

/// Where functions are put, and what they may do there.
pub(super) struct Ground {
    pub(super) prefix: String,
    pub(super) bucket: String,
    pub(super) destination: String,
    pub(super) role: String,
    pub(super) tags: Tags,
    pub(super) platform: Platform,
    /// Whose things all this is, on AWS.
    pub(super) account: Option<Account>,
}

impl Ground {
    /// Lays it: what is there already is made as it should be.
    pub(super) async fn lay(site: &Site<'_>, cloud: &Cloud) -> Result<Self, Failure> {
        match site.opened.platform() {
            Platform::Local => Self::local(site, cloud).await,
            Platform::Aws => Self::on_aws(site, cloud).await,
        }
    }

    async fn local(site: &Site<'_>, cloud: &Cloud) -> Result<Self, Failure> {
        let Site { opened, journal, .. } = *site;
        let [bucket, destination] = super::buckets(opened);
        let no_tags = Tags::new();
        for bucket in [&bucket, &destination] {
            let made = cloud.ensure_bucket(bucket, &no_tags);
            noted(journal, "ensure-bucket", bucket, made).await?;
        }
        let tags = Tags::from([("photofinish".to_owned(), opened.study.name.to_string())]);
        let (prefix, role) = (prefix(opened), LOCAL_ROLE.to_owned());
        Ok(Self {
            prefix,
            bucket,
            destination,
            role,
            tags,
            platform: Platform::Local,
            account: None,
        })
    }

    async fn on_aws(site: &Site<'_>, cloud: &Cloud) -> Result<Self, Failure> {
        let Site { opened, journal, .. } = *site;
        let account = preflight(site, cloud).await?;
        let prefix = prefix(opened);
        let [bucket, destination] = aws_buckets(opened, &account, cloud.region());
        let tags = tags(site)?;
        guard::set(site, cloud, &account, &tags).await?;
        for bucket in [&bucket, &destination] {
            let made = cloud.ensure_private_bucket(bucket, &tags, OBJECT_DAYS);
            noted(journal, "ensure-bucket", bucket, made).await?;
        }
        let role = match given_role(opened) {
            Some(role) => role.to_owned(),
            None => {
                let mut reads = vec![Objects::all_of(&bucket)];
                let mut writes = vec![Objects::all_of(&bucket), Objects::all_of(&destination)];
                if let Some(reach) = &opened.reach {
                    reads.push(reach.reads.clone());
                    writes.push(reach.writes.clone());
                }
                let rights = FunctionRights {
                    account: &account,
                    region: cloud.region(),
                    prefix: &prefix,
                    reads: &reads,
                    writes: &writes,
                };
                let spec = RoleSpec {
                    name: format!("{prefix}role"),
                    service: LAMBDA_SERVICE.to_owned(),
                    policy: rights.policy(),
                    tags: tags.clone(),
                };
                noted(journal, "ensure-role", &spec.name, cloud.ensure_role(&spec)).await?
            }
        };
        let (platform, account) = (Platform::Aws, Some(account));
        Ok(Self { prefix, bucket, destination, role, tags, platform, account })
    }
}

/// What everything of a study carries on AWS.
pub(crate) fn tags(site: &Site<'_>) -> Result<Tags, Failure> {
    Ok(Tags::from([
        ("photofinish".to_owned(), site.opened.study.name.to_string()),
        ("photofinish:id".to_owned(), prefix(site.opened).trim_end_matches('-').to_owned()),
        (EXPIRES_TAG.to_owned(), expiry(site)?),
    ]))
}

/// The study's buckets on AWS. Their names are the whole world's, so the account and region are
/// in them; the same study finds them again without having to remember.
fn aws_buckets(opened: &Opened, account: &Account, region: &str) -> [String; 2] {
    let place = Digest::of(format!("{}/{region}", account.id).as_bytes());
    let place = &place.as_str()[..8];
    super::buckets(opened).map(|name| format!("{name}-{place}"))
}

/// The role that the study names, if it does.
pub(crate) fn given_role(opened: &Opened) -> Option<&str> {
    opened.study.targets.iter().find_map(|target| target.role.as_deref())
}

/// What is cheap to know before anything is made: whose credentials these are, and whether the
/// account lets so many functions run.
async fn preflight(site: &Site<'_>, cloud: &Cloud) -> Result<Account, Failure> {
    let doctor = format!("`{}` looks at everything", site.opened.command("doctor --aws"));
    let missing = |error: photofinish_cloud::Error| Failure::provider(&error).hint(&doctor);
    let account = cloud.account().await.map_err(missing)?;
    site.progress.say("account", &format!("{} in {}", account.arn, cloud.region()));
    let room = cloud.room().await.map_err(missing)?;
    if room.unreserved < LEAST_CONCURRENCY {
        let message = format!(
            "account {} may run {} functions at a time in {}, and a pass needs {LEAST_CONCURRENCY}",
            account.id,
            room.unreserved,
            cloud.region()
        );
        let hint = "ask for more under Service Quotas, Lambda, Concurrent executions, or release \
                    what is reserved for other functions";
        return Err(Failure::Lacking(Told::words(message, Some(hint))));
    }
    Ok(account)
}

/// Until when everything is wanted. It is said once and kept to, so that what carries it is not
/// made anew by each command; but not once less than half of the time is left.
fn expiry(site: &Site<'_>) -> Result<String, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let days =
        site.opened.study.targets.first().map_or(1, |target: &TargetChoice| target.keep_days);
    let wanted = SignedDuration::from_hours(24 * i64::from(days));
    let facts = Reader::of(site.journal).facts().map_err(failed)?;
    let told = facts.iter().rev().find(|f| (f.subject.as_str(), f.key.as_str()) == EXPIRES);
    let now = Timestamp::now();
    if let Some(told) = told
        && let Ok(end) = told.value.parse::<Timestamp>()
        && (wanted / 2..=wanted).contains(&end.duration_since(now))
    {
        return Ok(told.value.clone());
    }
    let end = now.saturating_add(wanted).unwrap_or(Timestamp::MAX);
    let text = format!("{end:.0}");
    site.journal.note(EXPIRES.0, EXPIRES.1, &text).map_err(failed)?;
    Ok(text)
}
