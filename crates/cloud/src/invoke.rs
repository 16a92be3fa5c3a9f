//! One call of one function, sent once.

use std::time::{Duration, Instant, SystemTime};

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::RequestId as _;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{InvocationType, LogType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place, causes};
use crate::report::Report;
use crate::wall_clock::rfc3339_ms;

/// What is to be called, and with what.
#[derive(Debug, Clone)]
pub struct Call {
    /// The function's name or ARN.
    pub function: String,
    /// The event, as JSON.
    pub payload: Bytes,
    /// The function's own time limit.
    pub timeout: Duration,
}

/// A call that was answered, by the function or by its failure.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// The platform's id for this invocation.
    pub request_id: String,
    /// What the function returned, or the account of its failure.
    pub payload: Bytes,
    /// Set if the function failed.
    pub function_error: Option<FunctionError>,
    /// The platform's REPORT, if the log's tail still had it.
    pub report: Option<Report>,
    /// The end of the log, at most 4 KB on AWS.
    pub log_tail: String,
    /// When the request was sent: wall clock, RFC 3339 in milliseconds, UTC.
    pub started_at: String,
    /// The same moment by the monotonic clock.
    pub sent: Instant,
    /// From request sent to response received, by the monotonic clock.
    pub client: Duration,
    /// The version that ran.
    pub executed_version: Option<String>,
}

/// How a function failed, in its own or the platform's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// Such as `ValueError`, `Sandbox.Timedout` or `Runtime.ExitError`.
    pub error_type: String,
    /// What it says.
    pub message: String,
}

/// Whether a failed call can have run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It never left this machine, so it did not run.
    NotSent,
    /// The service refused it, so it did not run.
    Refused,
    /// It was sent and nobody knows what became of it: it may have run, and may be charged.
    InDoubt,
}

/// A call without an answer.
#[derive(Debug, thiserror::Error)]
#[error("{error}{}", doubt(*.delivery))]
pub struct InvokeError {
    /// What went wrong.
    #[source]
    pub error: Error,
    /// Whether it can have run.
    pub delivery: Delivery,
    /// When it was tried: wall clock, RFC 3339 in milliseconds, UTC.
    pub started_at: String,
    /// The same moment by the monotonic clock.
    pub sent: Instant,
    /// How long it took to fail.
    pub client: Duration,
    /// The platform's id for it, if there was an answer with one.
    pub request_id: Option<String>,
}

impl InvokeError {
    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.error.kind()
    }
}

fn doubt(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::NotSent => " (not sent)",
        Delivery::Refused => " (refused)",
        Delivery::InDoubt => " (in doubt: it may have run)",
    }
}

impl Cloud {
    /// Calls a function and waits for its answer. Sent once: trying again is the caller's to
    /// decide and to write down.
    pub async fn invoke(&self, call: &Call) -> Result<Invoked, InvokeError> {
        let request = self
            .invoker
            .invoke()
            .function_name(&call.function)
            .invocation_type(InvocationType::RequestResponse)
            .log_type(LogType::Tail)
            .payload(Blob::new(call.payload.to_vec()));
        let wall = SystemTime::now();
        let sent = Instant::now();
        let answer = tokio::time::timeout(
            call.timeout + self.persistence.patience.call_margin,
            request.send(),
        )
        .await;
        let client = sent.elapsed();
        let started_at = rfc3339_ms(wall);
        let at = Place::function("invoke", &call.function);
        match answer {
            Ok(Ok(answer)) => Ok(answered(answer, started_at, sent, client)),
            Ok(Err(error)) => Err(InvokeError {
                delivery: delivery(&error),
                request_id: error.request_id().map(str::to_owned),
                error: Error::from_sdk(at, &error),
                started_at,
                sent,
                client,
            }),
            Err(_) => Err(InvokeError {
                delivery: Delivery::InDoubt,
                request_id: None,
                error: Error::new(
                    at,
                    Kind::Timeout,
                    format!("no answer in {} s", client.as_secs()),
                ),
                started_at,
                sent,
                client,
            }),
        }
    }
}

fn answered(answer: InvokeOutput, started_at: String, sent: Instant, client: Duration) -> Invoked {
    let request_id = answer.request_id().unwrap_or_default().to_owned();
    let tail = answer.log_result().and_then(|tail| STANDARD.decode(tail).ok()).unwrap_or_default();
    let log_tail = String::from_utf8_lossy(&tail).into_owned();
    let failed = answer.function_error().map(str::to_owned);
    let executed_version = answer.executed_version().map(str::to_owned);
    let payload = Bytes::from(answer.payload.map(Blob::into_inner).unwrap_or_default());
    Invoked {
        report: Report::find(&log_tail, &request_id),
        function_error: failed.map(|word| FunctionError::read(&word, &payload)),
        request_id,
        payload,
        log_tail,
        started_at,
        sent,
        client,
        executed_version,
    }
}

impl FunctionError {
    pub(crate) fn read(word: &str, payload: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Account {
            #[serde(rename = "errorType")]
            error_type: Option<String>,
            #[serde(rename = "errorMessage")]
            message: Option<String>,
        }
        let account = serde_json::from_slice::<Account>(payload)
            .unwrap_or(Account { error_type: None, message: None });
        Self {
            error_type: account.error_type.unwrap_or_else(|| word.to_owned()),
            message: account
                .message
                .unwrap_or_else(|| String::from_utf8_lossy(payload).chars().take(1000).collect()),
        }
    }
}

pub(crate) fn delivery<E>(error: &SdkError<E, HttpResponse>) -> Delivery
where
    E: std::error::Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Delivery::NotSent,
        SdkError::DispatchFailure(failure) => {
            // The invoker has no time limit but the one on connecting.
            if failure.is_user() || failure.is_timeout() || never_connected(error) {
                Delivery::NotSent
            } else {
                Delivery::InDoubt
            }
        }
        SdkError::ServiceError(answer) if answer.raw().status().as_u16() < 500 => Delivery::Refused,
        _ => Delivery::InDoubt,
    }
}

fn never_connected(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
    })
}
