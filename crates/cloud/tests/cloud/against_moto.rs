//! The client against moto, which took its notion of the AWS APIs from elsewhere.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::peers::{Moto, free_port};
use bytes::Bytes;
use photofinish_cloud::{
    Call, Change, Cloud, Delivery, Endpoint, FunctionSpec, Kind, LayerSpec, LogFormat, Owned,
    Patience, Place, ROUND_VARIABLE, Resource, Sort, Zip,
};
use photofinish_study::Architecture;

fn zipped(name: &str, content: &[u8]) -> Zip {
    let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    file.start_file(name, stored).expect("a zip takes a file");
    file.write_all(content).expect("a zip takes bytes");
    Zip::new(file.finish().expect("a zip can be finished").into_inner())
}

pub(crate) fn code(text: &str) -> Zip {
    zipped("lambda_function.py", text.as_bytes())
}

pub(crate) fn tags() -> BTreeMap<String, String> {
    BTreeMap::from([("photofinish-study".to_owned(), "quick".to_owned())])
}

/// Every sort but the one whose protocol moto does not serve.
pub(crate) const ON_MOTO: [Sort; 9] = [
    Sort::StateMachine,
    Sort::Function,
    Sort::Layer,
    Sort::Repository,
    Sort::LogGroup,
    Sort::Bucket,
    Sort::Role,
    Sort::Topic,
    Sort::Budget,
];

pub(crate) fn owned(prefix: &str) -> Owned {
    let tag = Some(("photofinish-study".to_owned(), "quick".to_owned()));
    Owned { prefix: prefix.to_owned(), tag }
}

pub(crate) fn function(name: &str, role: &str) -> FunctionSpec {
    FunctionSpec {
        name: name.to_owned(),
        runtime: "python3.14".to_owned(),
        handler: "lambda_function.lambda_handler".to_owned(),
        architecture: Architecture::Arm64,
        memory_mb: 1769,
        timeout: Duration::from_secs(30),
        tmp_mb: 512,
        environment: BTreeMap::from([("REAL_HANDLER".to_owned(), "a.b".to_owned())]),
        layers: Vec::new(),
        code: code("def lambda_handler(event, context): return event").into(),
        staging_bucket: None,
        role: role.to_owned(),
        tags: tags(),
        log_format: LogFormat::Text,
    }
}

pub(crate) fn layer(name: &str, content: &[u8]) -> LayerSpec {
    LayerSpec {
        name: name.to_owned(),
        content: zipped("python/thing.py", content),
        architectures: vec![Architecture::Arm64, Architecture::X86_64],
        runtimes: vec!["python3.14".to_owned()],
        tags: tags(),
        staging_bucket: None,
    }
}

pub(crate) fn hasty() -> Patience {
    Patience {
        deadline: Duration::from_secs(2),
        first_pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(100),
        attempts_when_broken: 2,
        call_margin: Duration::from_secs(10),
    }
}

pub(crate) async fn connect(endpoint: Endpoint) -> Cloud {
    let cloud = Cloud::connect(&Place::Endpoint(endpoint)).await.expect("clients can be made");
    cloud.with_patience(hasty())
}

#[tokio::test]
async fn what_is_deployed_is_changed_only_where_it_differs() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    let role = moto.role("runner");

    let first = cloud.publish_layer(&layer("pf-quick-pillow", b"1")).await.expect("published");
    let again = cloud.publish_layer(&layer("pf-quick-pillow", b"1")).await.expect("found");
    assert!(!first.reused && again.reused);
    assert_eq!(first.arn, again.arn);
    let other = cloud.publish_layer(&layer("pf-quick-pillow", b"2")).await.expect("published");
    assert_ne!(first.arn, other.arn);

    let mut spec = function("pf-quick-resize", &role);
    spec.layers = vec![first.arn, other.arn.clone()];
    let made = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(made.changes, [Change::Created]);
    assert_eq!(made.code_sha256, spec.code.sha256());

    let same = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(same.changes, []);
    assert_eq!(same.revision, made.revision);

    spec.memory_mb = 1024;
    spec.environment.insert("MORE".to_owned(), "1".to_owned());
    let changed = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(changed.changes, [Change::Configuration]);

    spec.code = code("def lambda_handler(event, context): return 2").into();
    let changed = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(changed.changes, [Change::Code]);
    assert_ne!(changed.code_sha256, made.code_sha256);

    spec.layers = vec![other.arn];
    spec.tags.insert("expires".to_owned(), "2026-12-31".to_owned());
    let changed = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(changed.changes, [Change::Configuration, Change::Tags]);
    assert_eq!(cloud.deploy_function(&spec).await.expect("deployed").changes, []);
}

#[tokio::test]
async fn sandboxes_are_replaced_without_touching_the_deployment() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    let spec = function("pf-quick-depth", &moto.role("runner"));
    cloud.deploy_function(&spec).await.expect("deployed");

    let one = cloud.replace_sandboxes(&spec.name, "1-1", &[]).await.expect("replaced");
    let two = cloud.replace_sandboxes(&spec.name, "1-2", &[]).await.expect("replaced");
    let same = cloud.replace_sandboxes(&spec.name, "1-2", &[]).await.expect("replaced");
    assert_eq!((one.marker.as_str(), two.marker.as_str()), ("1-1", "1-2"));
    assert_ne!(same.marker, two.marker, "the same marker again would replace nothing");

    assert_eq!(cloud.deploy_function(&spec).await.expect("deployed").changes, []);
    let mut larger = spec.clone();
    larger.memory_mb = 3008;
    cloud.deploy_function(&larger).await.expect("deployed");
    let again = cloud.replace_sandboxes(&spec.name, "1-2", &[]).await.expect("replaced");
    assert_eq!(again.marker, "1-2~3", "{ROUND_VARIABLE} was lost by a deployment");

    let missing = cloud.replace_sandboxes("pf-quick-none", "1", &[]).await.expect_err("not there");
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_call_is_answered_or_refused() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    let mut call = Call {
        function: "pf-quick-none".to_owned(),
        payload: Bytes::from_static(br#"{"key":"a"}"#),
        timeout: Duration::from_secs(30),
    };
    let refused = cloud.invoke(&call).await.expect_err("there is no such function");
    assert_eq!((refused.kind(), refused.delivery), (Kind::NotFound, Delivery::Refused));
    assert!(refused.to_string().contains("pf-quick-none"), "{refused}");

    let spec = function("pf-quick-convert", &moto.role("runner"));
    cloud.deploy_function(&spec).await.expect("deployed");
    moto.echo();
    call.function = spec.name;
    let answer = cloud.invoke(&call).await.expect("answered");
    assert_eq!(answer.function_error, None);
    assert_eq!(answer.payload, call.payload);
    assert!(!answer.request_id.is_empty());
    assert_eq!(answer.report, None, "moto writes no REPORT");
    assert_eq!(answer.started_at.len(), "2026-11-24T12:00:00.000Z".len());
}

#[tokio::test]
async fn a_zip_too_large_for_a_request_goes_by_way_of_s3() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    let mut spec = function("pf-quick-large", &moto.role("runner"));
    let mut filler = vec![0_u8; Zip::DIRECT_LIMIT];
    filler[7] = 1;
    spec.code = zipped("lambda_function.py", &filler).into();
    let refused = cloud.deploy_function(&spec).await.expect_err("no staging bucket was named");
    assert!(refused.to_string().contains("staging bucket"), "{refused}");

    cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect("made");
    spec.staging_bucket = Some("pf-quick-objects".to_owned());
    let made = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(made.code_sha256, spec.code.sha256());
    let mut large = layer("pf-quick-large", &filler);
    large.staging_bucket.clone_from(&spec.staging_bucket);
    cloud.publish_layer(&large).await.expect("published");
}

#[tokio::test]
async fn objects_come_back_as_they_went() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect("made");
    cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect("kept");
    let key = "outputs/ä b+c%20/1.png";
    cloud.put_object("pf-quick-objects", key, &b"picture"[..], "image/png").await.expect("put");
    let object = cloud.get_object("pf-quick-objects", key).await.expect("got");
    assert_eq!(object.bytes, b"picture"[..]);
    assert_eq!(object.content_type.as_deref(), Some("image/png"));
    let head = cloud.head_object("pf-quick-objects", key).await.expect("asked");
    assert_eq!(head.map(|head| head.size), Some(7));
    assert_eq!(cloud.list_objects("pf-quick-objects", "outputs/").await.expect("listed"), [key]);
    assert_eq!(cloud.head_object("pf-quick-objects", "none").await.expect("asked"), None);
    let missing = cloud.get_object("pf-quick-objects", "none").await.expect_err("not there");
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[tokio::test]
async fn teardown_leaves_nothing_of_ours_and_everything_of_others() {
    let moto = Moto::start();
    let cloud = connect(moto.endpoint()).await;
    let role = moto.role("runner");
    cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect("made");
    let filling = connect(moto.unjudged()).await;
    for n in 0..1005 {
        let key = format!("{n:04}");
        filling.put_object("pf-quick-objects", &key, &b"x"[..], "text/plain").await.expect("put");
    }
    cloud.publish_layer(&layer("pf-quick-pillow", b"1")).await.expect("published");
    cloud.publish_layer(&layer("pf-quick-pillow", b"2")).await.expect("published");
    cloud.deploy_function(&function("pf-quick-resize", &role)).await.expect("deployed");
    let mut others = function("pf-quick-2-resize", &role);
    others.tags = BTreeMap::from([("photofinish-study".to_owned(), "quick-2".to_owned())]);
    cloud.deploy_function(&others).await.expect("deployed");

    let removal = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
    assert!(removal.is_complete(), "{:?}", removal.remained);
    assert_eq!(
        removal.removed,
        [
            Resource::Function("pf-quick-resize".to_owned()),
            Resource::LayerVersion { name: "pf-quick-pillow".to_owned(), version: 2 },
            Resource::LayerVersion { name: "pf-quick-pillow".to_owned(), version: 1 },
            Resource::Objects { bucket: "pf-quick-objects".to_owned(), count: 1005 },
            Resource::Bucket("pf-quick-objects".to_owned()),
        ]
    );
    let again = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
    assert!(again.is_complete() && again.removed.is_empty(), "{again:?}");
    assert_eq!(cloud.functions("pf-").await.expect("listed"), ["pf-quick-2-resize"]);
    for careless in ["", "pf-quick", "---"] {
        assert!(cloud.destroy(&owned(careless), &ON_MOTO).await.is_err(), "`{careless}` was taken");
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_waited_for_and_what_was_made_before_is_removed() {
    let moto = Moto::start();
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = told.clone();
    let cloud = connect(moto.endpoint()).await.with_listener(move |wait| {
        hears.lock().expect("nobody panicked").push(wait.clone());
    });
    cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect("made");
    cloud.publish_layer(&layer("pf-quick-pillow", b"1")).await.expect("published");
    let nobody = "arn:aws:iam::123456789012:role/nobody";
    let error = cloud.deploy_function(&function("pf-quick-resize", nobody)).await;
    assert_eq!(error.expect_err("there is no such role").kind(), Kind::Conflict);
    let waits = told.lock().expect("nobody panicked").clone();
    assert!(waits.len() > 2 && waits[0].why.contains("role"), "{waits:?}");

    let removal = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
    assert!(removal.is_complete(), "{:?}", removal.remained);
    assert_eq!(removal.removed.len(), 2);
}

#[tokio::test]
async fn keys_that_nobody_knows_are_refused_and_never_shown() {
    let moto = Moto::start_with(&[("INITIAL_NO_AUTH_ACTION_COUNT", "0")]);
    let endpoint = Endpoint { secret_key: "hush-hush".to_owned(), ..moto.endpoint() };
    assert!(!format!("{endpoint:?}").contains("hush-hush"));
    let cloud = connect(endpoint).await;
    let lambda = cloud.functions("pf-").await.expect_err("the key is unknown");
    assert_eq!(lambda.kind(), Kind::AccessDenied, "{lambda}");
    let s3 = cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect_err("unknown");
    assert_eq!(s3.kind(), Kind::AccessDenied, "{s3}");
    for error in [lambda, s3] {
        assert!(!format!("{error} {error:?}").contains("hush-hush"), "{error:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_sent() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let cloud = connect(Endpoint {
        url,
        region: "us-east-1".to_owned(),
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_key: "not-a-secret".to_owned(),
    })
    .await;
    let error = cloud.functions("pf-").await.expect_err("nobody listens");
    assert_eq!(error.kind(), Kind::Network, "{error}");
    let call = Call {
        function: "pf-quick-resize".to_owned(),
        payload: Bytes::from_static(b"{}"),
        timeout: Duration::from_secs(1),
    };
    let error = cloud.invoke(&call).await.expect_err("nobody listens");
    assert_eq!((error.kind(), error.delivery), (Kind::Network, Delivery::NotSent), "{error}");
    let removal = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("tried");
    assert_eq!(removal.remained.len(), ON_MOTO.len());
}
