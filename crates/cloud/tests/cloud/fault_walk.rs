//! Whatever call fails, and however: teardown leaves nothing, and every request was one that AWS
//! would have taken.

use photofinish_cloud::{Cloud, Error, FunctionSpec, Kind, Owned};

use crate::against_moto::{ON_MOTO, connect, function, layer, owned, tags};
use crate::ground::{account, role};
use crate::images::repository;
use crate::peers::{DockerRegistry, Fault, Judge, Moto};

/// The call was not carried out; each call meets one of these, and then the answer that is lost.
const UNDONE: [Fault; 3] = [Fault::Cut, Fault::Broken, Fault::Throttled];

async fn deploy(cloud: &Cloud, spec: &FunctionSpec) -> Result<(), Error> {
    cloud.ensure_repository(&account(), &repository("pf-quick-images")).await?;
    cloud.ensure_private_bucket("pf-quick-objects", &tags(), 2).await?;
    cloud.put_object("pf-quick-objects", "inputs/a", &b"picture"[..], "image/png").await?;
    let mut spec = spec.clone();
    spec.layers = vec![cloud.publish_layer(&layer("pf-quick-thing", b"1")).await?.arn];
    spec.role = cloud.ensure_role(&role("pf-quick-role")).await?;
    cloud.ensure_log_group(&spec.name, &tags()).await?;
    cloud.deploy_function(&spec).await?;
    cloud.replace_sandboxes(&spec.name, "1", &[]).await?;
    Ok(())
}

async fn nothing_is_left(cloud: &Cloud, after: &str) {
    let every_tag = Owned { tag: None, ..owned("pf-quick-") };
    let survey = cloud.survey(&every_tag, &ON_MOTO).await.expect("looked for");
    assert_eq!((survey.found().len(), survey.unknown().len()), (0, 0), "after {after}: {survey:?}");
}

#[tokio::test]
async fn any_call_may_fail_in_any_way_and_teardown_leaves_nothing() {
    let moto = Moto::start_with(&[]);
    let server = DockerRegistry::start();
    let mut judge = Judge::over_with_images(&moto.endpoint(), &server.url);
    let cloud = connect(judge.endpoint(moto.endpoint())).await;
    let spec = function("pf-quick-resize", &moto.role("runner"));

    judge.inject(Fault::Broken, 0);
    deploy(&cloud, &spec).await.expect("deployed");
    let (deploying, _) = judge.sent();
    cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("destroyed");
    let (calls, _) = judge.sent();
    nothing_is_left(&cloud, "no fault").await;
    assert!(deploying > 8 && calls > deploying + 5, "{deploying} of {calls} calls");

    for at in 1..=calls {
        for fault in [UNDONE[at % UNDONE.len()], Fault::Lost] {
            judge.inject(fault, at);
            let deployed = deploy(&cloud, &spec).await;
            let removal = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("tried");
            let (_, met) = judge.sent();
            let after = format!("{fault:?} at call {at}, {}", met.expect("a call meets the fault"));
            if let Err(error) = deployed {
                let clear = matches!(error.kind(), Kind::Network | Kind::Unavailable);
                assert!(clear, "after {after}: {error}");
            }
            if !removal.is_complete() {
                let again = cloud.destroy(&owned("pf-quick-"), &ON_MOTO).await.expect("tried");
                assert!(again.is_complete(), "after {after}: {:?}", again.remained);
            }
            nothing_is_left(&cloud, &after).await;
        }
    }
}
