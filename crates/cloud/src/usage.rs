//! What calls came to that somebody else made: by the REPORT lines in a function's log group.

use std::collections::HashSet;

use aws_sdk_cloudwatchlogs::Client;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};
use crate::logs::log_group;
use crate::report::Report;

/// How REPORT lines begin.
const REPORT: &str = "REPORT RequestId: ";

/// What a function's calls came to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// How many were reported.
    pub calls: u64,
    /// What is charged for, together, in milliseconds.
    pub billed_ms: f64,
    /// How many of them found no sandbox ready.
    pub inits: u64,
}

impl Cloud {
    /// What the calls of a function came to since a moment, as far as its log tells yet: lines come
    /// seconds late. A hundred thousand calls are some ten pages.
    pub async fn usage(&self, function: &str, since_ms: i64) -> Result<Usage, Error> {
        let here = Place::function("read the reports of", function);
        let client = Client::new(&self.config);
        let (mut usage, mut seen) = (Usage::default(), HashSet::new());
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let sent = client
                        .filter_log_events()
                        .log_group_name(log_group(function))
                        .filter_pattern(format!("\"{}\"", REPORT.trim_end()))
                        .start_time(since_ms)
                        .set_next_token(from.clone())
                        .send()
                        .await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            let page = match page {
                Ok(page) => page,
                // The group is made by the first line that is written to it.
                Err(error) if error.kind() == Kind::NotFound => return Ok(usage),
                Err(error) => return Err(error),
            };
            for message in page.events().iter().filter_map(|event| event.message()) {
                let Some(report) = reported(message) else { continue };
                if seen.insert(report.request_id.clone()) {
                    usage.calls += 1;
                    usage.billed_ms += report.billed_ms;
                    usage.inits += u64::from(report.init_ms.is_some());
                }
            }
            from = page.next_token().map(str::to_owned);
            if from.is_none() {
                return Ok(usage);
            }
        }
    }
}

fn reported(line: &str) -> Option<Report> {
    let id = line.strip_prefix(REPORT)?.split(['\t', ' ']).next()?;
    Report::find(line, id)
}
