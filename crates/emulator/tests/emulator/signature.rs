//! The front door: who is let in, and what the others are told.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use libtest_mimic::Trial;
use photofinish_emulator::Credentials;
use serde_json::Value;

use crate::stage::Stage;
use crate::story;

const LIST: &str = "/2015-03-31/functions";

pub fn stories() -> Vec<Trial> {
    vec![
        story("signature::a_signed_request_is_let_in", signed_request),
        story("signature::an_unsigned_request_is_not", unsigned_request),
        story("signature::an_unknown_key_is_told_so", unknown_key),
        story("signature::a_wrong_secret_does_not_match", wrong_secret),
        story(
            "signature::an_old_signature_has_expired_and_a_future_one_is_not_current",
            clock_skew,
        ),
        story("signature::another_body_under_the_same_signature_does_not_match", other_body),
        story(
            "signature::another_path_query_or_header_under_the_same_signature_does_not_match",
            other_target,
        ),
        story("signature::another_region_or_service_is_refused", other_scope),
        story("signature::a_header_that_is_no_signature_is_refused", malformed),
        story("signature::s3_refuses_the_same", s3),
        story("signature::a_service_that_is_not_here_is_named", other_service),
    ]
}

async fn signed_request() {
    let stage = Stage::set().await;
    let answer = stage.client.lambda("GET", &format!("{LIST}?MaxItems=5"), &Value::Null).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), serde_json::json!({"Functions": []}));
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
}

async fn unsigned_request() {
    let stage = Stage::set().await;
    let answer = stage.client.send(stage.client.unsigned("GET", LIST, Bytes::new())).await;
    assert_eq!(answer.error(), (403, "MissingAuthenticationTokenException"));
}

async fn unknown_key() {
    let stage = Stage::set().await;
    let mut client = stage.client.clone();
    client.credentials =
        Credentials::new("AKIAUNKNOWN", stage.emulator.credentials().secret_access_key());
    assert_eq!(
        client.lambda("GET", LIST, &Value::Null).await.error(),
        (403, "UnrecognizedClientException")
    );
}

async fn wrong_secret() {
    let stage = Stage::set().await;
    let mut client = stage.client.clone();
    client.credentials = Credentials::new(stage.emulator.credentials().access_key_id(), "wrong");
    assert_eq!(
        client.lambda("GET", LIST, &Value::Null).await.error(),
        (403, "InvalidSignatureException")
    );
}

async fn clock_skew() {
    let stage = Stage::set().await;
    let mut client = stage.client.clone();
    for (away, allowed) in [(280, true), (320, false)] {
        client.time = SystemTime::now() - Duration::from_secs(away);
        let answer = client.lambda("GET", LIST, &Value::Null).await;
        assert_eq!(answer.status == 200, allowed, "{away} s old: {answer:?}");
        assert_eq!(answer.text().contains("Signature expired"), !allowed);
        client.time = SystemTime::now() + Duration::from_secs(away);
        let answer = client.lambda("GET", LIST, &Value::Null).await;
        assert_eq!(answer.status == 200, allowed, "{away} s ahead: {answer:?}");
        assert_eq!(answer.text().contains("not yet current"), !allowed);
    }
}

async fn other_body() {
    let stage = Stage::set().await;
    let client = &stage.client;
    let signed =
        client.signed("lambda", "POST", LIST, Bytes::from_static(b"{\"FunctionName\":\"a\"}"), &[]);
    let (parts, _) = signed.into_parts();
    let forged = http::Request::from_parts(
        parts,
        http_body_util::Full::new(Bytes::from_static(b"{\"FunctionName\":\"b\"}")),
    );
    assert_eq!(client.send(forged).await.error(), (403, "InvalidSignatureException"));
    let stated = [(
        "x-amz-content-sha256",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    )];
    let answer = client.lambda_with("POST", LIST, Bytes::from_static(b"{}"), &stated).await;
    assert_eq!(answer.error(), (403, "InvalidSignatureException"));
}

async fn other_target() {
    let stage = Stage::set().await;
    let client = &stage.client;
    for target in ["/2015-03-31/functions/a", "/2015-03-31/functions?MaxItems=1"] {
        let mut request = client.signed("lambda", "GET", LIST, Bytes::new(), &[]);
        *request.uri_mut() = target.parse().expect("a target");
        assert_eq!(
            client.send(request).await.error(),
            (403, "InvalidSignatureException"),
            "{target}"
        );
    }
    let mut request =
        client.signed("lambda", "GET", LIST, Bytes::new(), &[("x-amz-log-type", "None")]);
    request.headers_mut().insert("x-amz-log-type", "Tail".parse().expect("a value"));
    assert_eq!(client.send(request).await.error(), (403, "InvalidSignatureException"));
    let mut request = client.signed("lambda", "GET", LIST, Bytes::new(), &[]);
    *request.method_mut() = http::Method::POST;
    assert_eq!(client.send(request).await.error(), (403, "InvalidSignatureException"));
}

async fn other_scope() {
    let stage = Stage::set().await;
    let mut client = stage.client.clone();
    client.region = "eu-west-1".to_owned();
    let answer = client.lambda("GET", LIST, &Value::Null).await;
    assert_eq!(answer.error(), (403, "InvalidSignatureException"));
    // A signature for S3 does not open Lambda: S3 takes the path for a bucket's.
    let answer = stage.client.s3("GET", LIST, Bytes::new(), &[]).await;
    assert!(answer.text().contains("NoSuchBucket"), "{answer:?}");
}

async fn malformed() {
    let stage = Stage::set().await;
    for value in [
        "Bearer x",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
    ] {
        let mut request = stage.client.unsigned("GET", LIST, Bytes::new());
        request.headers_mut().insert("authorization", value.parse().expect("a value"));
        assert_eq!(
            stage.client.send(request).await.error(),
            (403, "IncompleteSignatureException"),
            "{value}"
        );
    }
}

async fn s3() {
    let stage = Stage::set().await;
    let unsigned = stage.client.send(stage.client.unsigned("GET", "/", Bytes::new())).await;
    assert_eq!(unsigned.status, 403, "{unsigned:?}");
    let mut client = stage.client.clone();
    client.credentials = Credentials::new(stage.emulator.credentials().access_key_id(), "wrong");
    assert!(
        client.s3("GET", "/", Bytes::new(), &[]).await.text().contains("SignatureDoesNotMatch")
    );
    client.credentials = Credentials::new("AKIAUNKNOWN", "wrong");
    assert!(client.s3("GET", "/", Bytes::new(), &[]).await.text().contains("InvalidAccessKeyId"));
    let mut client = stage.client.clone();
    client.time = SystemTime::now() - Duration::from_secs(3600);
    assert!(client.s3("GET", "/", Bytes::new(), &[]).await.text().contains("RequestTimeTooSkewed"));
    let signed = stage.client.signed("s3", "PUT", "/bucket", Bytes::from_static(b"a"), &[]);
    let (parts, _) = signed.into_parts();
    let forged =
        http::Request::from_parts(parts, http_body_util::Full::new(Bytes::from_static(b"b")));
    assert!(!stage.client.send(forged).await.status.is_success());
}

async fn other_service() {
    let stage = Stage::set().await;
    let request = stage.client.signed("iam", "POST", "/", Bytes::new(), &[]);
    let answer = stage.client.send(request).await;
    assert_eq!(answer.error(), (501, "UnsupportedOperation"));
    assert!(answer.text().contains("iam"));
}
