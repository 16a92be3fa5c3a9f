//! REPORT lines that did not come with their answers: they are in the function's log group, some
//! seconds later.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_cloudwatchlogs::Client;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};
use crate::report::Report;

/// How far back a call can lie that is looked for.
const RECENT: Duration = Duration::from_secs(3600);

impl Cloud {
    /// Looks for the REPORT of a recent call in its function's logs, until it is there or patience
    /// ends; without it, nothing.
    pub async fn find_report(
        &self,
        function: &str,
        request_id: &str,
    ) -> Result<Option<Report>, Error> {
        let at = Place::function("find the report of a call of", function);
        let mut attempts = self.attempts(at.clone());
        loop {
            let log = self.persist(at.clone(), || self.log_of(&at, function, request_id)).await?;
            if let Some(report) = Report::find(&log, request_id) {
                return Ok(Some(report));
            }
            if !attempts.pause("the platform has not written it yet").await {
                return Ok(None);
            }
        }
    }

    /// Every line of the log that names this request.
    async fn log_of(&self, at: &Place, function: &str, request_id: &str) -> Result<String, Error> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = since.saturating_sub(RECENT).as_millis();
        let mut pages = Client::new(&self.config)
            .filter_log_events()
            .log_group_name(format!("/aws/lambda/{function}"))
            .filter_pattern(format!("\"{request_id}\""))
            .start_time(i64::try_from(since).unwrap_or_default())
            .into_paginator()
            .send();
        let mut log = String::new();
        while let Some(page) = pages.next().await {
            let page = match page.map_err(|error| Error::from_sdk(at.clone(), &error)) {
                Ok(page) => page,
                // The group is made by the first line that is written to it.
                Err(error) if error.kind() == Kind::NotFound => break,
                Err(error) => return Err(error),
            };
            for event in page.events() {
                log.push_str(event.message().unwrap_or_default().trim_end_matches('\n'));
                log.push('\n');
            }
        }
        Ok(log)
    }
}
