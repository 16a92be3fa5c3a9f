//! S3: what goes in comes out, and nothing gets out of its bucket.

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use libtest_mimic::Trial;

use crate::stage::{Stage, files};
use crate::story;

pub fn stories() -> Vec<Trial> {
    vec![
        story("objects::an_object_comes_back_as_it_went_in", round_trip),
        story("objects::a_large_object_comes_back_whole_and_in_parts", ranges),
        story("objects::a_key_cannot_leave_its_bucket", traversal),
        story("objects::objects_are_there_after_a_restart", restart),
        story("objects::a_bucket_may_have_any_name", any_name),
        story("objects::nothing_is_left_of_what_is_replaced", replaced),
        story("objects::a_wrong_checksum_is_refused_and_nothing_is_kept", wrong_checksum),
        story("objects::a_write_can_be_conditional", conditional),
        story("objects::a_bucket_with_objects_is_not_deleted", buckets),
        story("objects::a_deletion_can_be_conditional", conditional_deletion),
        story("objects::a_bucket_is_emptied_by_its_versions", versions),
        story("objects::an_upload_can_be_completed_again", completed_again),
        story("objects::buckets_are_listed_page_by_page", pages_of_buckets),
        story("objects::who_has_an_object_already_is_told_which", not_modified),
        story("objects::missing_things_are_said_to_be_missing", missing),
    ]
}

async fn with_bucket() -> Stage {
    let stage = Stage::set().await;
    assert_eq!(stage.client.s3("PUT", "/bucket", Bytes::new(), &[]).await.status, 200);
    stage
}

async fn round_trip() {
    let stage = with_bucket().await;
    let headers =
        [("content-type", "image/png"), ("x-amz-meta-author", "me"), ("cache-control", "no-cache")];
    let put = stage.client.s3("PUT", "/bucket/a/b%20c.png", "picture", &headers).await;
    assert_eq!(put.status, 200, "{put:?}");
    // The MD5 of "picture", from md5sum.
    assert_eq!(put.header("etag"), Some("\"5456fc54c74a297ce994998c2873b370\""));
    for method in ["GET", "HEAD"] {
        let got = stage.client.s3(method, "/bucket/a/b%20c.png", Bytes::new(), &[]).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.body, if method == "GET" { "picture" } else { "" });
        for (name, value) in [
            ("content-type", "image/png"),
            ("x-amz-meta-author", "me"),
            ("cache-control", "no-cache"),
            ("content-length", "7"),
        ] {
            assert_eq!(got.header(name), Some(value), "{method} {name}");
        }
        assert_eq!(got.header("etag"), put.header("etag"));
    }
    let copy = stage
        .client
        .s3("PUT", "/bucket/copy", Bytes::new(), &[("x-amz-copy-source", "/bucket/a/b%20c.png")])
        .await;
    assert_eq!(copy.status, 200, "{copy:?}");
    let copied = stage.client.s3("GET", "/bucket/copy", Bytes::new(), &[]).await;
    assert_eq!(
        (copied.text().as_str(), copied.header("content-type")),
        ("picture", Some("image/png"))
    );
    let listed =
        stage.client.s3("GET", "/bucket?list-type=2&prefix=a%2F", Bytes::new(), &[]).await.text();
    assert!(
        listed.contains("<Key>a/b c.png</Key>") && !listed.contains("<Key>copy</Key>"),
        "{listed}"
    );
    assert_eq!(stage.client.s3("DELETE", "/bucket/copy", Bytes::new(), &[]).await.status, 204);
    assert_eq!(stage.client.s3("GET", "/bucket/copy", Bytes::new(), &[]).await.status, 404);
}

async fn ranges() {
    let stage = with_bucket().await;
    let bytes: Vec<u8> = (0..3_500_000_u32).map(|i| (i % 251) as u8).collect();
    assert_eq!(stage.client.s3("PUT", "/bucket/large", bytes.clone(), &[]).await.status, 200);
    assert_eq!(stage.client.s3("GET", "/bucket/large", Bytes::new(), &[]).await.body, bytes);
    for (asked, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1000000-2999999", 1_000_000, 3_000_000),
        ("bytes=3499999-", 3_499_999, 3_500_000),
        ("bytes=-5", 3_499_995, 3_500_000),
    ] {
        let part = stage.client.s3("GET", "/bucket/large", Bytes::new(), &[("range", asked)]).await;
        assert_eq!(part.status, 206, "{asked}");
        assert_eq!(part.body, bytes[from..to], "{asked}");
        assert_eq!(
            part.header("content-range"),
            Some(format!("bytes {from}-{}/3500000", to - 1).as_str())
        );
    }
    let beyond =
        stage.client.s3("GET", "/bucket/large", Bytes::new(), &[("range", "bytes=3500000-")]).await;
    assert_eq!(beyond.status, 416, "{beyond:?}");
}

async fn traversal() {
    let stage = with_bucket().await;
    let before = outside(stage.folder.path());
    let keys = [
        "../escaped",
        "../../escaped",
        "..%2F..%2Fescaped",
        "%2Fetc%2Fescaped",
        "a/../../escaped",
        "%2e%2e/escaped",
        "./escaped",
        "//escaped",
    ];
    for (number, key) in keys.iter().enumerate() {
        let body = number.to_string();
        let put = stage.client.s3("PUT", &format!("/bucket/{key}"), body.clone(), &[]).await;
        if put.status.is_success() {
            let got = stage.client.s3("GET", &format!("/bucket/{key}"), Bytes::new(), &[]).await;
            assert_eq!(got.text(), body, "{key}");
        }
        assert_eq!(outside(stage.folder.path()), before, "{key} wrote outside its bucket");
    }
    for bucket in ["..", "%2e%2e", ".", "a..b", "_part", "UPPER"] {
        let made = stage.client.s3("PUT", &format!("/{bucket}"), Bytes::new(), &[]).await;
        assert!(!made.status.is_success(), "{bucket}: {made:?}");
    }
}

/// Everything of the data folder that is not in the bucket.
fn outside(data: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with("objects/bucket") {
                continue;
            }
            if path.is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

async fn restart() {
    let stage = with_bucket().await;
    stage.client.s3("PUT", "/bucket/kept", "bytes", &[("content-type", "text/plain")]).await;
    stage.client.s3("PUT", "/bucket/deleted", "bytes", &[]).await;
    stage.client.s3("DELETE", "/bucket/deleted", Bytes::new(), &[]).await;
    let old = stage.emulator.credentials();
    let stage = stage.restart().await;
    assert_ne!(old, stage.emulator.credentials(), "keys are new at each start");
    let got = stage.client.s3("GET", "/bucket/kept", Bytes::new(), &[]).await;
    assert_eq!((got.text().as_str(), got.header("content-type")), ("bytes", Some("text/plain")));
    assert_eq!(stage.client.s3("GET", "/bucket/deleted", Bytes::new(), &[]).await.status, 404);
}

/// What stands beside the buckets in their folder is in no bucket's way.
async fn any_name() {
    let stage = with_bucket().await;
    let beside = std::fs::read_dir(stage.folder.path().join("objects")).expect("a folder");
    let mut names: Vec<_> = beside
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "bucket")
        .collect();
    names.extend(["part", "parts", "objects", "tmp", "bucket.json"].map(str::to_owned));
    let mut made = Vec::new();
    for name in names {
        if stage.client.s3("PUT", &format!("/{name}"), Bytes::new(), &[]).await.status == 200 {
            let put = stage.client.s3("PUT", &format!("/{name}/key"), name.clone(), &[]).await;
            assert_eq!(put.status, 200, "{put:?}");
            made.push(name);
        }
    }
    assert!(made.contains(&"part".to_owned()), "{made:?}");
    let stage = stage.restart().await;
    for name in made {
        let got = stage.client.s3("GET", &format!("/{name}/key"), Bytes::new(), &[]).await;
        assert_eq!(got.text(), name, "{got:?}");
    }
}

/// Nobody waits for old bytes to be given back, but they are.
async fn replaced() {
    let stage = with_bucket().await;
    let old = "old".repeat(100_000);
    for body in [&old, "new", &old, "newest"] {
        let put = stage.client.s3("PUT", "/bucket/key", body.to_owned(), &[]).await;
        assert_eq!(put.status, 200, "{put:?}");
        let got = stage.client.s3("GET", "/bucket/key", Bytes::new(), &[]).await;
        assert_eq!(got.text(), body);
    }
    let objects = stage.folder.path().join("objects");
    let held = || files(&objects).into_iter().filter(|file| !file.ends_with("bucket.json")).count();
    let limit = Instant::now() + Duration::from_secs(20);
    while held() > 1 {
        assert!(Instant::now() < limit, "what was replaced is still there: {:?}", files(&objects));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let stage = stage.restart().await;
    let got = stage.client.s3("GET", "/bucket/key", Bytes::new(), &[]).await;
    assert_eq!(got.text(), "newest");
}

async fn wrong_checksum() {
    let stage = with_bucket().await;
    for header in
        [("x-amz-checksum-crc32", "AAAAAA=="), ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]
    {
        let put = stage.client.s3("PUT", "/bucket/bad", "bytes", &[header]).await;
        assert_eq!(put.status, 400, "{put:?}");
        assert!(put.text().contains("BadDigest"), "{put:?}");
    }
    assert_eq!(stage.client.s3("GET", "/bucket/bad", Bytes::new(), &[]).await.status, 404);
    // The CRC-32 of "123456789" is CBF43926, the check value of its specification.
    let good = [("x-amz-checksum-crc32", "y/Q5Jg==")];
    assert_eq!(stage.client.s3("PUT", "/bucket/good", "123456789", &good).await.status, 200);
    let got = stage
        .client
        .s3("GET", "/bucket/good", Bytes::new(), &[("x-amz-checksum-mode", "ENABLED")])
        .await;
    assert_eq!(got.header("x-amz-checksum-crc32"), Some("y/Q5Jg=="));
}

async fn conditional() {
    let stage = with_bucket().await;
    let absent = [("if-none-match", "*")];
    let first = stage.client.s3("PUT", "/bucket/once", "1", &absent).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(stage.client.s3("PUT", "/bucket/once", "2", &absent).await.status, 412);
    let etag = first.header("etag").expect("an ETag").to_owned();
    assert_eq!(
        stage
            .client
            .s3("GET", "/bucket/once", Bytes::new(), &[("if-none-match", &etag)])
            .await
            .status,
        304
    );
    assert_eq!(
        stage.client.s3("PUT", "/bucket/once", "2", &[("if-match", &etag)]).await.status,
        200
    );
    assert_eq!(
        stage.client.s3("PUT", "/bucket/once", "3", &[("if-match", &etag)]).await.status,
        412
    );
    assert_eq!(stage.client.s3("GET", "/bucket/once", Bytes::new(), &[]).await.text(), "2");
}

async fn buckets() {
    let stage = with_bucket().await;
    stage.client.s3("PUT", "/bucket/a", "1", &[]).await;
    let refused = stage.client.s3("DELETE", "/bucket", Bytes::new(), &[]).await;
    assert!(refused.status == 409 && refused.text().contains("BucketNotEmpty"), "{refused:?}");
    let body =
        "<Delete><Object><Key>a</Key></Object><Object><Key>not there</Key></Object></Delete>";
    let deleted = stage.client.s3("POST", "/bucket?delete", body, &[]).await;
    assert!(deleted.text().contains("<Deleted><Key>a</Key></Deleted>"), "{deleted:?}");
    assert_eq!(stage.client.s3("DELETE", "/bucket", Bytes::new(), &[]).await.status, 204);
    assert_eq!(stage.client.s3("HEAD", "/bucket", Bytes::new(), &[]).await.status, 404);
    assert!(
        !stage
            .client
            .s3("GET", "/", Bytes::new(), &[])
            .await
            .text()
            .contains("<Name>bucket</Name>")
    );
}

async fn missing() {
    let stage = with_bucket().await;
    let key = stage.client.s3("GET", "/bucket/none", Bytes::new(), &[]).await;
    assert!(key.status == 404 && key.text().contains("NoSuchKey"), "{key:?}");
    let bucket = stage.client.s3("PUT", "/nowhere/none", "bytes", &[]).await;
    assert!(bucket.status == 404 && bucket.text().contains("NoSuchBucket"), "{bucket:?}");
    let operation = stage.client.s3("GET", "/bucket?website", Bytes::new(), &[]).await;
    assert!(
        operation.status == 501 && operation.text().contains("NotImplemented"),
        "{operation:?}"
    );
}

async fn conditional_deletion() {
    let stage = with_bucket().await;
    stage.client.s3("PUT", "/bucket/a", "picture", &[]).await;
    let delete = async |etag: &str| {
        stage.client.s3("DELETE", "/bucket/a", Bytes::new(), &[("if-match", etag)]).await.status
    };
    assert_eq!(delete("\"another\"").await, 412);
    assert_eq!(stage.client.s3("HEAD", "/bucket/a", Bytes::new(), &[]).await.status, 200);
    let sized = [("x-amz-if-match-size", "7")];
    let by_size = stage.client.s3("DELETE", "/bucket/a", Bytes::new(), &sized).await;
    assert_eq!(by_size.status, 501, "passed over it would delete what was not meant: {by_size:?}");
    assert_eq!(delete("\"5456fc54c74a297ce994998c2873b370\"").await, 204);
    assert_eq!(stage.client.s3("HEAD", "/bucket/a", Bytes::new(), &[]).await.status, 404);
    assert_eq!(delete("\"another\"").await, 204, "what is not there is as good as deleted");
}

async fn versions() {
    let stage = with_bucket().await;
    for key in ["a", "b/1", "b/2"] {
        stage.client.s3("PUT", &format!("/bucket/{key}"), key, &[]).await;
    }
    let listed = async |query: &str| {
        stage.client.s3("GET", &format!("/bucket?{query}"), Bytes::new(), &[]).await.text()
    };
    let first = listed("versions&max-keys=2").await;
    for part in [
        "<Key>a</Key>",
        "<VersionId>null</VersionId>",
        "<IsLatest>true</IsLatest>",
        "<NextKeyMarker>b/1</NextKeyMarker>",
        "<NextVersionIdMarker>null</NextVersionIdMarker>",
    ] {
        assert!(first.contains(part), "{part} in {first}");
    }
    let second = listed("versions&key-marker=b%2F1&version-id-marker=null").await;
    assert!(second.contains("<Key>b/2</Key>") && !second.contains("<Key>b/1</Key>"), "{second}");
    for key in ["a", "b/1", "b/2"] {
        let path = format!("/bucket/{key}?versionId=null");
        assert_eq!(stage.client.s3("DELETE", &path, Bytes::new(), &[]).await.status, 204);
    }
    assert_eq!(stage.client.s3("DELETE", "/bucket", Bytes::new(), &[]).await.status, 204);
}

/// Whoever did not hear the first answer asks again.
async fn completed_again() {
    let stage = with_bucket().await;
    let begun = stage.client.s3("POST", "/bucket/whole?uploads", Bytes::new(), &[]).await.text();
    let id = between(&begun, "<UploadId>", "</UploadId>");
    let part = format!("/bucket/whole?partNumber=1&uploadId={id}");
    let part = stage.client.s3("PUT", &part, "picture", &[]).await;
    let etag = part.header("etag").expect("an ETag").to_owned();
    let list = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    let path = format!("/bucket/whole?uploadId={id}");
    let first = stage.client.s3("POST", &path, list.clone(), &[]).await;
    let second = stage.client.s3("POST", &path, list.clone(), &[]).await;
    assert_eq!((first.status, first.text()), (second.status, second.text()));
    assert_eq!(first.status, 200);
    // Another object is there meanwhile: the upload has not become that one.
    stage.client.s3("PUT", "/bucket/whole", "another", &[]).await;
    let third = stage.client.s3("POST", &path, list, &[]).await;
    assert_eq!(third.status, 404, "{third:?}");
}

async fn pages_of_buckets() {
    let stage = Stage::set().await;
    for bucket in ["one", "other", "two"] {
        stage.client.s3("PUT", &format!("/{bucket}"), Bytes::new(), &[]).await;
    }
    let listed = async |query: &str| {
        stage.client.s3("GET", &format!("/{query}"), Bytes::new(), &[]).await.text()
    };
    let first = listed("?max-buckets=2").await;
    assert!(first.contains("<Name>other</Name>") && !first.contains("<Name>two</Name>"), "{first}");
    let token = between(&first, "<ContinuationToken>", "</ContinuationToken>");
    let second = listed(&format!("?continuation-token={token}&max-buckets=2")).await;
    assert!(second.contains("<Name>two</Name>") && !second.contains("other"), "{second}");
    assert!(!second.contains("ContinuationToken"), "there are no more: {second}");
    let named = listed("?prefix=o").await;
    assert!(named.contains("<Name>one</Name>") && !named.contains("<Name>two</Name>"), "{named}");
}

async fn not_modified() {
    let stage = with_bucket().await;
    let headers =
        [("expires", "Wed, 21 Oct 2026 07:28:00 GMT"), ("content-encoding", "deflate, gzip")];
    let put = stage.client.s3("PUT", "/bucket/a", "picture", &headers).await;
    let etag = put.header("etag").expect("an ETag").to_owned();
    let got = stage.client.s3("GET", "/bucket/a", Bytes::new(), &[]).await;
    for (name, value) in headers {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
    let known = [("if-none-match", etag.as_str())];
    let same = stage.client.s3("GET", "/bucket/a", Bytes::new(), &known).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (304, Some(etag.as_str())));
    assert_eq!(same.header("last-modified"), got.header("last-modified"));
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    found.unwrap_or_else(|| panic!("{start} in {text}")).0
}
