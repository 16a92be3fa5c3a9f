//! The wall clock's time as it is written down.

use std::time::{Duration, UNIX_EPOCH};

use photofinish_cloud::rfc3339_ms;

#[test]
fn milliseconds_are_always_three_digits_so_that_times_sort_as_text() {
    // 2026-11-24T11:20:20Z, as `date -u -d @1795519220` says.
    let second = UNIX_EPOCH + Duration::from_secs(1_795_519_220);
    let written = [0, 7, 70, 999].map(|ms| rfc3339_ms(second + Duration::from_millis(ms)));
    assert_eq!(
        written,
        [
            "2026-11-24T11:20:20.000Z",
            "2026-11-24T11:20:20.007Z",
            "2026-11-24T11:20:20.070Z",
            "2026-11-24T11:20:20.999Z",
        ]
    );
}
