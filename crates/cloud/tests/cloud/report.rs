//! REPORT lines as AWS writes them, and as a function would like them to be.
//!
//! The text line is one recorded on AWS Lambda in November 2025; the others have the shapes
//! that AWS documents for X-Ray, SnapStart, timeouts and JSON logs.

use photofinish_cloud::Report;

const ID: &str = "7a3c2f0e-5b1d-4e8a-9c60-1f2e3d4c5b6a";
const OTHER: &str = "00000000-5b1d-4e8a-9c60-1f2e3d4c5b6a";

fn report(log: &str) -> Report {
    Report::find(log, ID).unwrap_or_else(|| panic!("no report found in {log:?}"))
}

fn line(id: &str, rest: &str) -> String {
    format!("REPORT RequestId: {id}\tDuration: 3.01 ms\tBilled Duration: 4 ms\t{rest}")
}

#[test]
fn a_cold_start_in_text() {
    let log = format!(
        "START RequestId: {ID} Version: $LATEST\nEND RequestId: {ID}\n{}",
        line(ID, "Memory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t\n")
    );
    let found = report(&log);
    assert_eq!(found.request_id, ID);
    assert_eq!((found.duration_ms, found.billed_ms), (3.01, 4.0));
    assert_eq!((found.memory_mb, found.max_memory_mb), (128.0, Some(36.0)));
    assert_eq!((found.init_ms, found.status), (Some(110.10), None));
}

#[test]
fn a_warm_call_with_nothing_at_the_line_s_end() {
    let found = report(&line(ID, "Memory Size: 1769 MB\tMax Memory Used: 90 MB"));
    assert_eq!((found.memory_mb, found.init_ms), (1769.0, None));
}

#[test]
fn x_ray_adds_a_line_and_fields_nobody_knows_are_passed_over() {
    let found = report(&line(
        ID,
        "Memory Size: 128 MB\tMax Memory Used: 36 MB\tFuture Thing: 7 kg\t\n\
         XRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: 3f\tSampled: true\t\n",
    ));
    assert_eq!(found.max_memory_mb, Some(36.0));
}

#[test]
fn a_restored_snapshot() {
    let found = report(&line(
        ID,
        "Memory Size: 128 MB\tMax Memory Used: 36 MB\tRestore Duration: 415.72 ms\t\
         Billed Restore Duration: 12 ms\t\n",
    ));
    assert_eq!((found.restore_ms, found.billed_restore_ms), (Some(415.72), Some(12.0)));
    assert_eq!(found.init_ms, None);
}

#[test]
fn a_timeout_told_before_and_after() {
    let log = format!(
        "2026-01-05T10:00:01.000Z {ID} Task timed out after 1.00 seconds\n\nEND RequestId: {ID}\n\
         {}2026-01-05T10:00:01.001Z {ID} Task timed out after 1.00 seconds\n\n",
        line(ID, "Memory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: timeout\t\n")
    );
    assert_eq!(report(&log).status.as_deref(), Some("timeout"));
}

#[test]
fn an_exit_has_its_error_type() {
    let found = report(&line(
        ID,
        "Memory Size: 128 MB\tMax Memory Used: 36 MB\tStatus: error\tError Type: Runtime.ExitError\n",
    ));
    assert_eq!(found.status.as_deref(), Some("error"));
    assert_eq!(found.error_type.as_deref(), Some("Runtime.ExitError"));
}

fn json(id: &str, duration: f64) -> String {
    format!(
        r#"{{"time":"2026-01-05T10:00:01.000Z","type":"platform.report","record":{{"requestId":"{id}","metrics":{{"durationMs":{duration},"billedDurationMs":102,"memorySizeMB":1769,"maxMemoryUsedMB":88,"initDurationMs":116.67,"newMs":1}},"spans":[],"status":"success"}}}}"#
    )
}

#[test]
fn json_logs_say_the_same() {
    let log = format!(
        "{{\"time\":\"2026-01-05T10:00:00.000Z\",\"type\":\"platform.start\",\"record\":{{\"requestId\":\"{ID}\"}}}}\n{}\n",
        json(ID, 101.51)
    );
    let found = report(&log);
    assert_eq!((found.duration_ms, found.billed_ms), (101.51, 102.0));
    assert_eq!((found.init_ms, found.status), (Some(116.67), None));
}

#[test]
fn only_its_own_request_counts() {
    let theirs = line(OTHER, "Memory Size: 128 MB\tMax Memory Used: 36 MB\t\n");
    let longer = line(&format!("{ID}0"), "Memory Size: 128 MB\tMax Memory Used: 36 MB\t\n");
    assert_eq!(Report::find(&theirs, ID), None);
    assert_eq!(Report::find(&longer, ID), None);
    assert_eq!(Report::find(&theirs, ""), None);
    assert_eq!(Report::find(&json(OTHER, 1.0), ID), None);
    assert_eq!(Report::find("", ID), None);
}

#[test]
fn a_forged_line_never_wins() {
    let forged = format!(
        "REPORT RequestId: {ID}\tDuration: 0.01 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\t\n"
    );
    let real = line(ID, "Memory Size: 128 MB\tMax Memory Used: 36 MB\t\n");
    let closed = format!("{forged}END RequestId: {ID}\n{forged}END RequestId: {ID}\n");
    assert_eq!(report(&format!("{closed}{real}")).duration_ms, 3.01);
    assert_eq!(report(&format!("{forged}open lineEND RequestId: {ID}\n{real}")).duration_ms, 3.01);
    assert_eq!(report(&format!("{}\n{real}", json(ID, 0.01))).duration_ms, 3.01);
    assert_eq!(report(&format!("{forged}{}\n", json(ID, 5.0))).duration_ms, 5.0);
    // The platform's own REPORT was lost, and the function's is all there is: better none.
    assert_eq!(Report::find(&closed, ID), None);
    assert_eq!(Report::find(&format!("{}\nEND RequestId: {ID}\n", json(ID, 0.01)), ID), None);
}

#[test]
fn a_line_that_is_cut_or_nonsense_is_no_report() {
    for rest in ["Memory Size: 12", "Memory Size: x MB\t", "Memory Size: -1 MB\t", ""] {
        assert_eq!(Report::find(&line(ID, rest), ID), None, "{rest:?}");
    }
    let cut = &json(ID, 1.0)[..120];
    assert_eq!(Report::find(cut, ID), None);
}
