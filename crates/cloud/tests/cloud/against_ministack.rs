//! The client against MiniStack, where functions really run.

use std::time::Duration;

use bytes::Bytes;
use photofinish_cloud::{Call, Change, Sort};
use photofinish_study::Architecture;

use crate::against_moto::{code, connect, function, layer, owned, tags};
use crate::peers::MiniStack;

const COPIES: &str = "
import boto3, thing

def lambda_handler(event, context):
    s3 = boto3.client('s3')
    got = s3.get_object(Bucket=event['bucket'], Key=event['key'])
    s3.put_object(Bucket=event['bucket'], Key=event['output_key'], Body=got['Body'].read() + thing.MORE,
                  ContentType=got['ContentType'])
    return {'key': event['output_key']}
";

#[tokio::test]
async fn what_is_deployed_runs_and_is_gone_afterwards() {
    let ministack = MiniStack::start();
    let cloud = connect(ministack.endpoint()).await;
    cloud.ensure_bucket("pf-quick-objects", &tags()).await.expect("made");
    cloud.put_object("pf-quick-objects", "a", &b"picture"[..], "image/png").await.expect("put");
    let published = cloud.publish_layer(&layer("pf-quick-thing", b"MORE = b'!'")).await;
    let layer = published.expect("published");

    let mut spec = function("pf-quick-copy", &ministack.role("runner"));
    (spec.architecture, spec.code, spec.layers) =
        (Architecture::X86_64, code(COPIES).into(), vec![layer.arn]);
    let made = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(made.changes, [Change::Created]);
    let mut call = Call {
        function: spec.name.clone(),
        payload: Bytes::from_static(
            br#"{"bucket": "pf-quick-objects", "key": "a", "output_key": "b"}"#,
        ),
        timeout: Duration::from_secs(30),
    };
    let answer = cloud.invoke(&call).await.expect("answered");
    assert_eq!(answer.function_error, None, "{:?}", answer.payload);
    let object = cloud.get_object("pf-quick-objects", "b").await.expect("got");
    assert_eq!(object.bytes, b"picture!"[..]);
    assert_eq!(object.content_type.as_deref(), Some("image/png"));
    assert_eq!(answer.report, None, "MiniStack writes REPORT to the log group only");

    call.payload = Bytes::from_static(br#"{"bucket": "pf-quick-objects", "key": "a"}"#);
    let answer = cloud.invoke(&call).await.expect("answered");
    let error = answer.function_error.expect("it fails");
    assert!(error.message.contains("output_key"), "{error:?}");

    let removal = cloud.destroy(&owned("pf-quick-"), &Sort::ALL).await.expect("destroyed");
    assert!(removal.is_complete(), "{:?}", removal.remained);
    assert_eq!(removal.removed.len(), 4, "{:?}", removal.removed);
    assert_eq!(cloud.functions("pf-").await.expect("listed"), Vec::<String>::new());
}
