//! One execution of a state machine, started once and waited for.
//!
//! The state machines are Express ones, and an execution is synchronous: its output is the answer
//! to the request that started it, so that a turnaround is measured as the client's own is, by one
//! clock and without the pauses of asking again. A Standard one would have to be asked for its end,
//! keeps a history that has nothing which the output does not have, and costs a state transition
//! for each task, many times what an Express execution of some seconds does.

use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sfn::config::timeout::TimeoutConfig;
use aws_sdk_sfn::config::{
    Builder, ConfigBag, Intercept, RuntimeComponents, StalledStreamProtectionConfig,
};
use aws_sdk_sfn::error::BoxError;
use aws_sdk_sfn::operation::RequestId as _;
use aws_sdk_sfn::operation::start_sync_execution::StartSyncExecutionOutput;
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::SyncExecutionStatus;
use photofinish_study::Event;
use photofinish_study::record::Execution;

use super::LinkCalled;
use crate::connection::{CONNECT_TIMEOUT, Cloud};
use crate::error::{Error, Kind, Place};
use crate::invoke::{Delivery, FunctionError, InvokeError, delivery};
use crate::wall_clock::rfc3339_ms;

/// The longest that an Express execution may take.
const LONGEST: Duration = Duration::from_secs(300);

/// An execution that came to an end, good or bad.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The platform's name for it.
    pub name: Option<String>,
    /// Its calls in order; the last is the one that failed, if one did.
    pub steps: Vec<LinkCalled>,
    /// Set if the execution failed as a whole, and nothing is known of its calls.
    pub failure: Option<FunctionError>,
    /// What the platform says of it.
    pub execution: Execution,
    /// When the request was sent, by the monotonic clock.
    pub sent: Instant,
    /// From request sent to response received, by the same.
    pub client: Duration,
}

/// A client for executions: like that for invocations it has no time limit of its own.
pub(crate) fn executor(config: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let config = Builder::from(config)
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(OwnHost);
    Client::from_conf(config.build())
}

impl Cloud {
    /// Has a state machine call its functions one after the other, with these events, and waits
    /// for the end. Started once: trying again is the caller's to decide and to write down.
    /// `timeout` is each function's own.
    pub async fn execute(
        &self,
        machine: &str,
        events: &[Event],
        timeout: Duration,
    ) -> Result<Executed, InvokeError> {
        let request = self
            .executor
            .start_sync_execution()
            .state_machine_arn(machine)
            .input(super::input(events));
        let functions = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let patience =
            timeout.saturating_mul(functions).min(LONGEST) + self.persistence.patience.call_margin;
        let started_at = rfc3339_ms(std::time::SystemTime::now());
        let sent = Instant::now();
        let answer = tokio::time::timeout(patience, request.send()).await;
        let client = sent.elapsed();
        let at = Place::new("execute", format!("state machine `{machine}`"));
        let failed = |error, delivery, request_id| InvokeError {
            error,
            delivery,
            started_at: started_at.clone(),
            sent,
            client,
            request_id,
        };
        match answer {
            Ok(Ok(answer)) => executed(answer, sent, client).map_err(|cause| {
                let error = Error::new(at, Kind::Other, cause);
                failed(error, Delivery::InDoubt, None)
            }),
            Ok(Err(error)) => {
                let request_id = error.request_id().map(str::to_owned);
                Err(failed(Error::from_sdk(at, &error), delivery(&error), request_id))
            }
            Err(_) => {
                let cause = format!("no answer in {} s", client.as_secs());
                let error = Error::new(at, Kind::Timeout, cause);
                Err(failed(error, Delivery::InDoubt, None))
            }
        }
    }
}

fn executed(
    answer: StartSyncExecutionOutput,
    sent: Instant,
    client: Duration,
) -> Result<Executed, String> {
    let succeeded = answer.status == SyncExecutionStatus::Succeeded;
    let output = answer.output().filter(|_| succeeded);
    let steps = output.map(super::steps).transpose();
    let steps = steps.map_err(|error| format!("its output is not a chain's: {error}"))?;
    let word = answer.error().unwrap_or(answer.status.as_str());
    let failure = (!succeeded)
        .then(|| FunctionError::read(word, answer.cause().unwrap_or_default().as_bytes()));
    Ok(Executed {
        steps: steps.unwrap_or_default(),
        failure,
        execution: execution(&answer),
        name: answer.name,
        sent,
        client,
    })
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds and megabytes of one execution")]
fn execution(answer: &StartSyncExecutionOutput) -> Execution {
    let ms = |moment: &DateTime| moment.to_millis().ok();
    let ends = Option::zip(ms(&answer.start_date), ms(&answer.stop_date));
    let billed = answer.billing_details();
    Execution {
        duration_ms: ends.map(|(start, stop)| stop.saturating_sub(start).max(0) as f64),
        billed_ms: billed.map(|billed| billed.billed_duration_in_milliseconds() as f64),
        memory_mb: billed.map(|billed| billed.billed_memory_used_in_mb() as f64),
    }
}

/// AWS has a host of its own for synchronous executions, whose name begins with `sync-`. The SDK
/// puts that before any other endpoint, too, where it names nobody.
#[derive(Debug)]
struct OwnHost;

impl Intercept for OwnHost {
    fn name(&self) -> &'static str {
        "OwnHost"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(endpoint) = elsewhere(request.uri()) {
            request.set_uri(endpoint)?;
        }
        Ok(())
    }
}

/// The address without the prefix, where it is not AWS's own.
fn elsewhere(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest.strip_prefix("sync-")?;
    (!host.starts_with("states.") && !host.starts_with("states-fips."))
        .then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_awss_own_host_has_a_name_for_synchronous_executions() {
        let aws = "https://sync-states.us-east-1.amazonaws.com/";
        assert_eq!(elsewhere(aws), None);
        assert_eq!(elsewhere("https://sync-states-fips.us-east-1.amazonaws.com/"), None);
        let loopback = elsewhere("http://sync-127.0.0.1:4566/");
        assert_eq!(loopback.as_deref(), Some("http://127.0.0.1:4566/"));
    }
}
