//! What the environment may and may not decide. Each story runs in a process of its own, since
//! a process has one environment.

use std::process::Command;

use crate::peers::{Moto, free_port};
use photofinish_cloud::{Cloud, Endpoint, Kind, Place};

const CHILD: &str = "PHOTOFINISH_TEST_CHILD";

/// Runs one test of this file again, alone, with just these variables.
fn in_surroundings(test: &str, variables: &[(&str, &str)]) {
    let this = std::env::current_exe().expect("this test has a file");
    let told = Command::new(this)
        .args(["--exact", &format!("surroundings::{test}"), "--nocapture"])
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .env(CHILD, "1")
        .output()
        .expect("a test can be run");
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(
        told.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&told.stderr)
    );
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

fn aws() -> Place {
    Place::Aws { region: None }
}

#[tokio::test]
async fn without_credentials_aws_is_not_even_asked() {
    if !is_child() {
        in_surroundings(
            "without_credentials_aws_is_not_even_asked",
            &[("AWS_REGION", "us-east-1")],
        );
        return;
    }
    let error = Cloud::connect(&aws()).await.expect_err("there are no credentials");
    assert_eq!(error.kind(), Kind::MissingCredentials);
    assert!(error.to_string().contains("AWS_ACCESS_KEY_ID"), "{error}");
}

#[tokio::test]
async fn without_a_region_nobody_guesses_one() {
    if !is_child() {
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
        in_surroundings("without_a_region_nobody_guesses_one", &keys);
        return;
    }
    let error = Cloud::connect(&aws()).await.expect_err("there is no region");
    assert!(error.to_string().contains("AWS_REGION"), "{error}");
    let named = Place::Aws { region: Some("eu-west-1".to_owned()) };
    assert_eq!(Cloud::connect(&named).await.expect("made").region(), "eu-west-1");
}

#[tokio::test]
async fn aws_takes_keys_region_and_endpoint_of_the_environment() {
    if !is_child() {
        let moto = Moto::start();
        in_surroundings(
            "aws_takes_keys_region_and_endpoint_of_the_environment",
            &[
                ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
                ("AWS_REGION", "us-east-1"),
                ("AWS_ENDPOINT_URL", &moto.endpoint().url),
            ],
        );
        return;
    }
    let cloud = Cloud::connect(&aws()).await.expect("made");
    assert!(cloud.functions("pf-").await.expect("listed").is_empty());
}

#[tokio::test]
async fn a_local_endpoint_is_reached_whatever_the_environment_says() {
    if !is_child() {
        let moto = Moto::start();
        let nowhere = format!("http://127.0.0.1:{}", free_port());
        in_surroundings(
            "a_local_endpoint_is_reached_whatever_the_environment_says",
            &[
                ("URL", &moto.endpoint().url),
                ("AWS_ENDPOINT_URL", &nowhere),
                ("AWS_ENDPOINT_URL_LAMBDA", &nowhere),
                ("AWS_ENDPOINT_URL_S3", &nowhere),
                ("AWS_PROFILE", "none-such"),
                ("AWS_REGION", "mars-north-1"),
                ("AWS_USE_FIPS_ENDPOINT", "true"),
                ("HTTP_PROXY", &nowhere),
                ("http_proxy", &nowhere),
                ("SSL_CERT_FILE", "/nonexistent"),
            ],
        );
        return;
    }
    let cloud = Cloud::connect(&Place::Endpoint(Endpoint {
        url: std::env::var("URL").expect("given"),
        region: "us-east-1".to_owned(),
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_key: "not-a-secret".to_owned(),
    }))
    .await
    .expect("made");
    assert!(cloud.functions("pf-").await.expect("listed").is_empty());
    assert!(cloud.buckets("pf-").await.expect("listed").is_empty());
}

#[tokio::test]
async fn a_machine_without_certificates_is_told_so() {
    if !is_child() {
        in_surroundings(
            "a_machine_without_certificates_is_told_so",
            &[
                ("AWS_ACCESS_KEY_ID", "a"),
                ("AWS_SECRET_ACCESS_KEY", "b"),
                ("AWS_REGION", "us-east-1"),
                ("SSL_CERT_FILE", "/nonexistent"),
                ("SSL_CERT_DIR", "/nonexistent"),
            ],
        );
        return;
    }
    let error = Cloud::connect(&aws()).await.expect_err("there are no certificates");
    assert_eq!(error.kind(), Kind::MissingCertificates);
    assert!(error.to_string().contains("ca-certificates"), "{error}");
}

#[tokio::test]
async fn over_tls_only_who_the_platform_trusts_is_believed() {
    if !is_child() {
        let (moto, authority) = Moto::start_with_tls();
        let url = moto.endpoint().url;
        let test = "over_tls_only_who_the_platform_trusts_is_believed";
        let authority = authority.to_str().expect("a path of ours");
        in_surroundings(test, &[("URL", &url), ("SSL_CERT_FILE", authority), ("TRUSTED", "1")]);
        let (_other, others) = Moto::start_with_tls();
        let others = others.to_str().expect("a path of ours");
        in_surroundings(test, &[("URL", &url), ("SSL_CERT_FILE", others)]);
        return;
    }
    let cloud = Cloud::connect(&Place::Endpoint(Endpoint {
        url: std::env::var("URL").expect("given"),
        region: "us-east-1".to_owned(),
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_key: "not-a-secret".to_owned(),
    }))
    .await
    .expect("made");
    let listed = cloud.functions("pf-").await;
    if std::env::var_os("TRUSTED").is_some() {
        assert!(listed.expect("trusted").is_empty());
    } else {
        let error = listed.expect_err("nobody vouches for it");
        assert_eq!(error.kind(), Kind::Network);
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}
