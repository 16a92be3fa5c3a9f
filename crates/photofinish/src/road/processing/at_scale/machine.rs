//! The state machine of one command: what becomes of a picture, and what the machine may do.

use std::time::Duration;

use photofinish_cloud::{
    Account, BatchRights, Batches, Cloud, MachineRights, RoleSpec, STATES_SERVICE,
    StateMachineSpec, Step, Workflow,
};
use photofinish_study::{Lane, LaneFunction};
use serde_json::{Value, json};

use super::Work;
use super::batches::Shape;
use crate::failure::Failure;
use crate::road::Site;
use crate::road::deploying::{self, noted};

/// The label of the Map state, which is in the names of all its children.
const LABEL: &str = "batches";
/// The folders of the work bucket in which batches, what passes between functions, and results lie.
pub(super) const BATCHES: &str = "batches/";
const PASSES: &str = "passes";
const RESULTS: &str = "results/";

/// Makes the role and the machine, or gives them what is wanted now; its ARN.
pub(super) async fn put_in_place(
    site: &Site<'_>,
    cloud: &Cloud,
    lane: &Lane,
    bucket: &str,
    work: &Work<'_>,
    shape: Shape,
) -> Result<String, Failure> {
    let Site { opened, journal, .. } = *site;
    let account = cloud.account().await.map_err(|error| Failure::provider(&error))?;
    let prefix = deploying::prefix(opened);
    let name = format!("{prefix}process");
    let tags = deploying::tags(site)?;
    let role = match deploying::given_role(opened) {
        Some(role) => role.to_owned(),
        None => {
            let functions: Vec<&str> =
                lane.functions.iter().map(|function| function.deployed_as.as_str()).collect();
            let batches = BatchRights {
                machine: &name,
                label: LABEL,
                bucket,
                reads: BATCHES,
                writes: RESULTS,
            };
            let rights = MachineRights {
                account: &account,
                region: cloud.region(),
                functions: &functions,
                batches: Some(batches),
            };
            let spec = RoleSpec {
                name: format!("{prefix}states"),
                service: STATES_SERVICE.to_owned(),
                policy: rights.policy(),
                tags: tags.clone(),
            };
            noted(journal, "ensure-role", &spec.name, cloud.ensure_role(&spec)).await?
        }
    };
    let steps = steps(lane, &account, cloud.region(), bucket, work);
    let batches = Batches {
        steps: &steps,
        label: LABEL,
        at_once: shape.batches_at_once,
        images_at_once: u32::try_from(shape.in_a_batch).unwrap_or(u32::MAX),
        bucket,
        results: RESULTS,
    };
    let definition = batches.definition();
    let spec = StateMachineSpec { name, definition, role, workflow: Workflow::Standard, tags };
    let made = cloud.ensure_state_machine(&account, &spec);
    noted(journal, "ensure-state-machine", &spec.name, made).await
}

/// What each function is given: the first reads the picture where it lies, the last writes where
/// its output is wanted, and between them lies the work bucket.
fn steps(lane: &Lane, account: &Account, region: &str, bucket: &str, work: &Work<'_>) -> Vec<Step> {
    let Account { id, partition, .. } = account;
    let between = |function: &LaneFunction| {
        format!("States.Format('{PASSES}/{{}}/{}.{}', $.id)", function.name, function.extension)
    };
    let mut given: (Value, Value) = (json!(work.from.bucket), json!("$.key"));
    let last = lane.functions.len().saturating_sub(1);
    let mut steps = Vec::new();
    for (place, function) in lane.functions.iter().enumerate() {
        let (output_bucket, output_key) = if place == last {
            (json!(work.into.bucket), json!("$.output"))
        } else {
            (json!(bucket), json!(between(function)))
        };
        let payload = json!({
            "bucket": given.0,
            "key.$": given.1,
            "output_bucket": output_bucket,
            "output_key.$": output_key,
        });
        steps.push(Step {
            name: function.name.to_string(),
            function: format!(
                "arn:{partition}:lambda:{region}:{id}:function:{}",
                function.deployed_as
            ),
            payload,
            timeout: Duration::from_secs(u64::from(work.opened.study.timeout_s)),
        });
        given = (output_bucket, output_key);
    }
    steps
}
