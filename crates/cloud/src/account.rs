//! Whose credentials these are.

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// An account, and who speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its twelve digits.
    pub id: String,
    /// The part of AWS that it belongs to, as ARNs have it: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The ARN of the user or role that the credentials are of.
    pub arn: String,
}

impl Cloud {
    /// Whose credentials these are; the one call that nobody can be forbidden.
    pub async fn account(&self) -> Result<Account, Error> {
        let sts = aws_sdk_sts::Client::new(&self.config);
        let here = Place::new("ask for the owner of", "these credentials");
        let answer = self
            .persist(here.clone(), || async {
                let sent = sts.get_caller_identity().send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let (Some(id), Some(arn)) = (answer.account, answer.arn) else {
            return Err(Error::new(here, Kind::Other, "the answer names nobody"));
        };
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        Ok(Account { id, partition, arn })
    }
}
