//! What is said of a function without touching what it runs: tags and reserved concurrency; and
//! what the account may have and has.

use super::code;
use super::protocol::{AccountLimit, AccountSettings, AccountUsage, Concurrency, Tags};
use super::service::{Lambda, lock};
use crate::archive::UNZIPPED_LIMIT;
use crate::fault::Fault;
use crate::invocation::CONCURRENCY;

/// So much of the account's concurrency cannot be reserved.
const LEFT_UNRESERVED: u32 = 100;
const TAGS: usize = 50;

impl Lambda {
    pub(crate) fn put_function_concurrency(
        &self,
        name: &str,
        request: Concurrency,
    ) -> Result<Concurrency, Fault> {
        let name = self.function(name)?.name;
        let asked = request.reserved_concurrent_executions;
        if self.reserved_beside(&name).saturating_add(asked) > CONCURRENCY - LEFT_UNRESERVED {
            return Err(Fault::invalid_parameter(format!(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [{LEFT_UNRESERVED}]."
            )));
        }
        self.amend(&name, |record| record.reserved_concurrency = Some(asked))?;
        Ok(request)
    }

    pub(crate) fn get_function_concurrency(&self, name: &str) -> Result<serde_json::Value, Fault> {
        let reserved = self.function(name)?.reserved_concurrency;
        Ok(reserved.map_or_else(
            || serde_json::json!({}),
            |count| serde_json::json!({"ReservedConcurrentExecutions": count}),
        ))
    }

    pub(crate) fn delete_function_concurrency(&self, name: &str) -> Result<(), Fault> {
        self.amend(name, |record| record.reserved_concurrency = None)
    }

    /// Nobody's signature is asked for here, and so it is said of each function. Terraform asks.
    pub(crate) fn get_function_code_signing_config(
        &self,
        name: &str,
    ) -> Result<serde_json::Value, Fault> {
        self.function(name).map(|_| serde_json::json!({}))
    }

    pub(crate) fn tag_resource(&self, arn: &str, request: Tags) -> Result<(), Fault> {
        let mut tags = self.function(arn)?.tags;
        tags.extend(request.tags);
        if tags.len() > TAGS {
            return Err(Fault::invalid_parameter(format!(
                "Maximum number of tags on a resource is {TAGS}"
            )));
        }
        self.amend(arn, |record| record.tags = tags)
    }

    pub(crate) fn untag_resource(&self, arn: &str, keys: &[String]) -> Result<(), Fault> {
        self.amend(arn, |record| record.tags.retain(|key, _| !keys.contains(key)))
    }

    pub(crate) fn list_tags(&self, arn: &str) -> Result<Tags, Fault> {
        Ok(Tags { tags: self.function(arn)?.tags })
    }

    pub(crate) fn account_settings(&self) -> AccountSettings {
        AccountSettings {
            account_limit: AccountLimit {
                total_code_size: self.code_storage,
                code_size_unzipped: UNZIPPED_LIMIT,
                code_size_zipped: code::DIRECT_UPLOAD_LIMIT,
                concurrent_executions: CONCURRENCY,
                unreserved_concurrent_executions: CONCURRENCY
                    .saturating_sub(self.reserved_beside("")),
            },
            account_usage: AccountUsage {
                total_code_size: self.code_stored(),
                function_count: lock(&self.functions).len(),
            },
        }
    }

    /// Refuses a package that the account has no room for. What it replaces still counts, since it
    /// is kept until the new one is in its place.
    pub(super) fn check_code_storage(&self, further: u64) -> Result<(), Fault> {
        if self.code_stored().saturating_add(further) > self.code_storage {
            return Err(Fault::new(
                "CodeStorageExceededException",
                http::StatusCode::BAD_REQUEST,
                "Code storage limit exceeded.",
            ));
        }
        Ok(())
    }

    fn code_stored(&self) -> u64 {
        let functions: u64 =
            lock(&self.functions).values().map(|record| record.code.zip_bytes).sum();
        functions + lock(&self.layers).zip_bytes()
    }

    fn reserved_beside(&self, name: &str) -> u32 {
        let functions = lock(&self.functions);
        let others = functions.values().filter(|record| record.name != name);
        others.filter_map(|record| record.reserved_concurrency).sum()
    }
}
