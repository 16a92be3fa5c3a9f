//! The feasibility spike: one function, one layer, one call. Does Pillow load, and which versions?

use std::time::Duration;

use photofinish_cloud::{Call, Cloud, Invoked};
use photofinish_study::{Event, Lane, LaneFunction};
use photofinish_verify::Output;

use crate::failure::{Answer, Failure};
use crate::road::Site;
use crate::road::deploying::Deployed;
use crate::road::verifying::Reference;

/// Calls the first function of each deployment once and says what came of it.
pub(crate) async fn answer(
    site: &Site<'_>,
    deployed: &Deployed,
    cloud: &Cloud,
) -> Result<Answer, Failure> {
    let mut answer = Answer::Yes;
    for lane in &deployed.lanes {
        let Some(function) = lane.functions.first() else {
            for (function, reason) in &lane.absent {
                println!("{} {function}: {reason}", lane.deployment);
            }
            answer = Answer::No;
            continue;
        };
        // The stages mode reports the versions of what the function imported.
        let mode = [("PHOTOFINISH_INSPECTOR", "stages")];
        cloud
            .replace_sandboxes(&function.deployed_as, "spike", &mode)
            .await
            .map_err(|error| Failure::provider(&error))?;
        let (event, invoked) = call(site, deployed, cloud, function).await?;
        answer = answer.worse(tell(site.reference, cloud, lane, function, &event, &invoked).await?);
    }
    Ok(answer)
}

async fn call(
    site: &Site<'_>,
    deployed: &Deployed,
    cloud: &Cloud,
    function: &LaneFunction,
) -> Result<(Event, Invoked), Failure> {
    let Site { opened, journal, reference, .. } = *site;
    let event = Event {
        bucket: deployed.bucket.clone(),
        key: "spike/input".to_owned(),
        output_bucket: deployed.destination.clone(),
        output_key: format!("spike/output.{}", function.extension),
    };
    let picture = &reference.pictures[0];
    cloud
        .put_object(&event.bucket, &event.key, picture.bytes.to_vec(), "image/jpeg")
        .await
        .map_err(|error| Failure::provider(&error))?;
    let payload = serde_json::to_vec(&event).map_err(|error| Failure::usage(&error))?;
    let call = Call {
        function: function.deployed_as.clone(),
        payload: payload.into(),
        timeout: Duration::from_secs(u64::from(opened.study.timeout_s)),
    };
    let effect = journal.intend("spike", &call.function).map_err(|error| Failure::usage(&error))?;
    let invoked = cloud.invoke(&call).await;
    let status = invoked.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
    journal.conclude(effect, &status, None).map_err(|error| Failure::usage(&error))?;
    Ok((event, invoked.map_err(|error| Failure::provider(&error))?))
}

async fn tell(
    reference: &Reference,
    cloud: &Cloud,
    lane: &Lane,
    function: &LaneFunction,
    event: &Event,
    invoked: &Invoked,
) -> Result<Answer, Failure> {
    let target = lane.deployment.target;
    if let Some(error) = &invoked.function_error {
        println!(
            "no: {} on {target} failed: {}: {}",
            function.name, error.error_type, error.message
        );
        return Ok(Answer::No);
    }
    let payload: serde_json::Value = serde_json::from_slice(&invoked.payload).unwrap_or_default();
    let version = |key: &str| payload["photofinish"][key].as_str().unwrap_or("?").to_owned();
    let object = cloud
        .get_object(&event.output_bucket, &event.output_key)
        .await
        .map_err(|error| Failure::provider(&error))?;
    let output = Output { bytes: &object.bytes, content_type: object.content_type.as_deref() };
    let judgement = reference
        .judge
        .judge(&function.name, &reference.pictures[0].bytes, &output)
        .map_err(|error| Failure::usage(&error))?;
    println!(
        "yes: Pillow {} loads from its layer on Python {} ({target}), boto3 {}",
        version("pillowVersion"),
        version("pythonVersion"),
        version("boto3Version"),
    );
    if let Some(report) = &invoked.report {
        println!(
            "     {} answered in {:.1} ms after {:.1} ms of init, with at most {:.0} MB of memory",
            function.name,
            report.duration_ms,
            report.init_ms.unwrap_or(0.0),
            report.max_memory_mb.unwrap_or(0.0),
        );
    }
    if judgement.accepted {
        println!("     its output passes the contract");
        Ok(Answer::Yes)
    } else {
        println!("     its output is rejected: {}", judgement.reason.unwrap_or_default());
        Ok(Answer::No)
    }
}
