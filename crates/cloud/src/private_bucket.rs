//! A bucket on AWS: private, encrypted, in the hands of one account, and forgetful.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// After so many days an upload that was never finished is forgotten.
const UPLOAD_DAYS: i32 = 1;

fn at(doing: &'static str, bucket: &str) -> Place {
    Place::new(doing, format!("bucket `{bucket}`"))
}

fn built<T, E: ToString>(at: &Place, part: Result<T, E>) -> Result<T, Error> {
    part.map_err(|error| Error::new(at.clone(), Kind::Other, error.to_string()))
}

impl Cloud {
    /// Makes a bucket as [`Cloud::ensure_bucket`] does, and sees to it that nobody else can read
    /// it, whatever policy or list should say otherwise; that objects are encrypted and belong to
    /// the account; and that they are forgotten after so many days.
    pub async fn ensure_private_bucket(
        &self,
        bucket: &str,
        tags: &Tags,
        object_days: u16,
    ) -> Result<(), Error> {
        self.ensure_bucket(bucket, tags).await?;
        self.block_public_access(bucket).await?;
        self.own_objects(bucket).await?;
        self.encrypt(bucket).await?;
        self.forget_after(bucket, object_days).await
    }

    async fn block_public_access(&self, bucket: &str) -> Result<(), Error> {
        let here = at("close to the public", bucket);
        let closed = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        self.just_made(here.clone(), || async {
            self.s3
                .put_public_access_block()
                .bucket(bucket)
                .public_access_block_configuration(closed.clone())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    async fn own_objects(&self, bucket: &str) -> Result<(), Error> {
        let here = at("own the objects of", bucket);
        let rule = OwnershipControlsRule::builder()
            .object_ownership(ObjectOwnership::BucketOwnerEnforced)
            .build();
        let rule = built(&here, rule)?;
        let controls = built(&here, OwnershipControls::builder().rules(rule).build())?;
        self.just_made(here.clone(), || async {
            self.s3
                .put_bucket_ownership_controls()
                .bucket(bucket)
                .ownership_controls(controls.clone())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    async fn encrypt(&self, bucket: &str) -> Result<(), Error> {
        let here = at("encrypt", bucket);
        let by_s3 = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::Aes256)
            .build();
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(built(&here, by_s3)?)
            .build();
        let all = ServerSideEncryptionConfiguration::builder().rules(rule).build();
        let all = built(&here, all)?;
        self.just_made(here.clone(), || async {
            self.s3
                .put_bucket_encryption()
                .bucket(bucket)
                .server_side_encryption_configuration(all.clone())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    async fn forget_after(&self, bucket: &str, days: u16) -> Result<(), Error> {
        let here = at("limit the age of the objects of", bucket);
        let rule = LifecycleRule::builder()
            .id("photofinish")
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .expiration(LifecycleExpiration::builder().days(i32::from(days.max(1))).build())
            .abort_incomplete_multipart_upload(
                AbortIncompleteMultipartUpload::builder()
                    .days_after_initiation(UPLOAD_DAYS)
                    .build(),
            )
            .build();
        let rules = BucketLifecycleConfiguration::builder().rules(built(&here, rule)?).build();
        let rules = built(&here, rules)?;
        self.just_made(here.clone(), || async {
            self.s3
                .put_bucket_lifecycle_configuration()
                .bucket(bucket)
                .lifecycle_configuration(rules.clone())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }
}
