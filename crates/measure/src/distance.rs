//! The client's own distance from the platform, measured before each block, off every pass's clock.

use std::time::Duration;

use photofinish_cloud::{Call, Cloud};
use photofinish_journal::Distance;

/// A function that does nothing is given little time for it.
const TIMEOUT: Duration = Duration::from_secs(3);

/// One call of the function that does nothing, and one HEAD to the bucket. What fails is not
/// known, and stops no race.
pub(crate) async fn measure(cloud: &Cloud, nothing: &str, bucket: &str) -> Distance {
    let call =
        Call { function: nothing.to_owned(), payload: b"{}".as_slice().into(), timeout: TIMEOUT };
    let called = cloud.invoke(&call).await.ok().filter(|called| called.function_error.is_none());
    // A cold start is no distance.
    let report = called.as_ref().and_then(|called| called.report.clone());
    let warm = called.filter(|_| report.as_ref().is_none_or(|report| report.init_ms.is_none()));
    Distance {
        call: warm.map(|called| called.client),
        call_duration_ms: report.map(|report| report.duration_ms),
        head: cloud.time_head(bucket).await.ok(),
    }
}
