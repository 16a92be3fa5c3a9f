//! Telling the Runtime API why there will be no calls.

use bytes::Bytes;
use hyper::Request;
use lambda_runtime::Diagnostic;

use crate::failure::Failure;
use crate::transport::Transport;

/// Reports a failed set-up; the process is to end after it. Whoever cannot be told this has the
/// log and the exit status.
pub async fn report(failure: &Failure) {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let diagnostic =
        Diagnostic { error_type: failure.kind().to_owned(), error_message: failure.to_string() };
    let body = serde_json::to_vec(&diagnostic).unwrap_or_default();
    let request = Request::post(format!("http://{api}/2018-06-01/runtime/init/error"))
        .header("Lambda-Runtime-Function-Error-Type", failure.kind())
        .body(Bytes::from(body).into());
    if let Ok(request) = request {
        let _ = Transport::plain().send(request).await;
    }
}
