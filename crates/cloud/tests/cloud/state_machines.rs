//! State machines: made, kept, run, stopped and removed; and what they may do.

use std::time::Duration;

use photofinish_cloud::{
    Account, BatchRights, Batches, Cloud, ExecutionStatus, Kind, MachineRights, Owned, Patience,
    Resource, Sort, StateMachineSpec, Step, Tags, Workflow,
};
use photofinish_study::Architecture;
use serde_json::{Value, json};

use crate::against_moto::{code, connect, function};
use crate::peers::{Act, Judge, MiniStack, Moto, Script};

const SOON: Duration = Duration::from_millis(100);

fn tags(end: &str) -> Tags {
    [("photofinish", "quick"), ("photofinish:expires", end)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

fn waits(seconds: u32) -> String {
    let states = json!({"wait": {"Type": "Wait", "Seconds": seconds, "End": true}});
    json!({"StartAt": "wait", "States": states}).to_string()
}

fn machine(definition: String, role: &str) -> StateMachineSpec {
    StateMachineSpec {
        name: "pf-quick-process".to_owned(),
        definition,
        role: role.to_owned(),
        workflow: Workflow::Standard,
        tags: tags("2026-12-01T00:00:00Z"),
    }
}

fn ours() -> Owned {
    let tag = Some(("photofinish".to_owned(), "quick".to_owned()));
    Owned { prefix: "pf-quick-".to_owned(), tag }
}

#[test]
fn a_state_machine_may_call_its_functions_and_follow_its_own_batches() {
    let account = Account {
        id: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        arn: "arn:aws:iam::123456789012:user/student".to_owned(),
    };
    let batches = BatchRights {
        machine: "pf-quick-process",
        label: "batches",
        bucket: "pf-quick-work",
        reads: "batches/",
        writes: "results/",
    };
    let rights = MachineRights {
        account: &account,
        region: "us-east-1",
        functions: &["pf-quick-greyscale", "pf-quick-resize"],
        batches: Some(batches),
    };
    let policy: Value = serde_json::from_str(&rights.policy()).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    let allowed = |action: &str| -> String {
        let allows = |one: &Value| {
            one == action || one.as_array().is_some_and(|some| some.contains(&json!(action)))
        };
        let found = statements.iter().find(|statement| allows(&statement["Action"]));
        found.map(|statement| statement["Resource"].to_string()).unwrap_or_default()
    };
    let functions = "arn:aws:lambda:us-east-1:123456789012:function:pf-quick-";
    assert_eq!(
        allowed("lambda:InvokeFunction"),
        json!([format!("{functions}greyscale"), format!("{functions}resize")]).to_string()
    );
    let states = "arn:aws:states:us-east-1:123456789012";
    let children = format!("{states}:execution:pf-quick-process/batches:*");
    assert_eq!(allowed("states:RedriveExecution"), json!(children).to_string());
    assert_eq!(
        allowed("states:StartExecution"),
        json!(format!("{states}:stateMachine:pf-quick-process")).to_string()
    );
    assert_eq!(allowed("s3:PutObject"), json!("arn:aws:s3:::pf-quick-work/results/*").to_string());
    assert!(!rights.policy().contains("s3:*") && !rights.policy().contains("\"*\""));
    let alone = MachineRights { batches: None, ..rights };
    assert!(!alone.policy().contains("states:"), "a machine of steps starts nothing");
}

#[tokio::test]
async fn a_state_machine_is_made_once_changed_where_it_differs_and_removed() {
    for peer in ["moto", "MiniStack"] {
        let (moto, ministack);
        let (endpoint, role) = if peer == "moto" {
            moto = Moto::start();
            (moto.endpoint(), moto.role("runner"))
        } else {
            ministack = MiniStack::start();
            (ministack.endpoint(), ministack.role("runner"))
        };
        let cloud = connect(endpoint).await;
        let account = cloud.account().await.expect(peer);
        let mut spec = machine(waits(1), &role);
        let made = cloud.ensure_state_machine(&account, &spec).await.expect(peer);
        assert_eq!(cloud.ensure_state_machine(&account, &spec).await.expect(peer), made);
        spec.definition = waits(2);
        spec.tags = tags("2026-12-02T00:00:00Z");
        assert_eq!(cloud.ensure_state_machine(&account, &spec).await.expect(peer), made);
        let survey = cloud.survey(&ours(), &[Sort::StateMachine]).await.expect(peer);
        let found: Vec<_> =
            survey.found().map(|(resource, tags)| (resource.clone(), tags.clone())).collect();
        let resource = Resource::StateMachine { name: spec.name.clone(), arn: made.clone() };
        assert_eq!(found, [(resource.clone(), spec.tags.clone())], "{peer}");
        let survey =
            cloud.survey_expired("pf-", "2026-12-01T12:00:00Z", &[Sort::StateMachine]).await;
        assert_eq!(survey.found().len(), 0, "{peer}: its end was moved");

        let stranger = StateMachineSpec {
            tags: Tags::from([("photofinish".to_owned(), "other".to_owned())]),
            ..spec.clone()
        };
        let error = cloud.ensure_state_machine(&account, &stranger).await.expect_err(peer);
        assert!(error.to_string().contains("somebody else made"), "{error}");
        let removal = cloud.destroy(&ours(), &[Sort::StateMachine]).await.expect(peer);
        assert!(removal.is_complete(), "{peer}: {:?}", removal.remained);
        assert_eq!(removal.removed, [resource], "{peer}");
        let again = cloud.destroy(&ours(), &[Sort::StateMachine]).await.expect(peer);
        assert!(again.removed.is_empty() && again.is_complete(), "{peer}: {again:?}");
    }
}

#[tokio::test]
async fn an_execution_is_one_by_its_name_and_ends_when_it_is_stopped() {
    let ministack = MiniStack::start();
    let cloud = connect(ministack.endpoint()).await;
    let account = cloud.account().await.expect("told");
    let spec = machine(waits(600), &ministack.role("runner"));
    let machine = cloud.ensure_state_machine(&account, &spec).await.expect("made");
    let started = cloud.start_execution(&machine, "run-1", "{}").await.expect("started");
    let again = cloud.start_execution(&machine, "run-1", "{}").await.expect("it is the same");
    assert_eq!(started, again);
    let other = cloud.start_execution(&machine, "run-1", r#"{"other": 1}"#).await;
    assert_eq!(other.expect_err("it is another").code(), Some("ExecutionAlreadyExists"));
    let running = cloud.running_executions(&machine).await.expect("listed");
    assert_eq!(running, std::slice::from_ref(&started));

    cloud.stop_execution(&started, "enough").await.expect("stopped");
    let execution = cloud.execution_ended(&started, SOON, |_, _| {}).await.expect("over");
    assert_eq!(execution.status, ExecutionStatus::Aborted);
    cloud.stop_execution(&started, "enough").await.expect("nothing to stop");
    assert_eq!(cloud.running_executions(&machine).await.expect("listed"), [""; 0]);
    let nobody = cloud.execution(&started.replace("run-1", "run-2")).await.expect("looked");
    assert_eq!(nobody, None);
}

#[tokio::test]
async fn a_state_machine_that_is_at_work_is_stopped_before_it_is_deleted() {
    let described = |status: &str| {
        let machine = json!({
            "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:pf-quick-process",
            "name": "pf-quick-process", "definition": "{}", "type": "STANDARD", "status": status,
            "roleArn": "arn:aws:iam::123456789012:role/r", "creationDate": 1.0,
        });
        Act::answer(200, machine.to_string())
    };
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:pf-quick-process";
    let execution = json!({
        "executionArn": arn.replace("stateMachine", "execution") + ":run-1", "name": "run-1",
        "stateMachineArn": arn, "status": "RUNNING", "startDate": 1.0,
    });
    let gone = json!({"__type": "StateMachineDoesNotExist", "message": "gone"});
    let script = Script::play([
        Act::answer(200, json!({"stateMachines": [{
            "stateMachineArn": arn, "name": "pf-quick-process", "type": "STANDARD", "creationDate": 1.0,
        }]}).to_string()),
        described("ACTIVE"),
        Act::answer(200, json!({"executions": [execution]}).to_string()),
        Act::answer(200, json!({"stopDate": 2.0}).to_string()),
        Act::answer(200, "{}"),
        described("DELETING"),
        Act::answer(400, gone.to_string()),
    ]);
    let judge = Judge::over(&script.endpoint());
    let cloud = connect(judge.endpoint(script.endpoint())).await;
    let owned = Owned { tag: None, ..ours() };
    let removal = cloud.destroy(&owned, &[Sort::StateMachine]).await.expect("destroyed");
    assert!(removal.is_complete() && removal.removed.len() == 1, "{removal:?}");
    assert_eq!(script.requests().len(), 7, "{:?}", script.requests());
}

#[tokio::test]
async fn a_role_that_was_just_made_is_waited_for() {
    let young = json!({
        "__type": "AccessDeniedException",
        "message": "Neither the global service principal states.amazonaws.com, nor the regional one \
                    is authorized to assume the provided role.",
    });
    let nobody = json!({"__type": "StateMachineDoesNotExist", "message": "there is none"});
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:pf-quick-process";
    let made = json!({"stateMachineArn": arn, "creationDate": 1.0});
    let script = Script::play([
        Act::answer(400, nobody.to_string()),
        Act::answer(400, young.to_string()),
        Act::answer(200, made.to_string()),
    ]);
    let judge = Judge::over(&script.endpoint());
    let cloud = connect(judge.endpoint(script.endpoint())).await;
    let cloud = cloud.with_patience(Patience::default());
    let account = Account {
        id: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        arn: "arn:aws:iam::123456789012:user/student".to_owned(),
    };
    let spec = machine(waits(1), "arn:aws:iam::123456789012:role/pf-quick-states");
    assert_eq!(cloud.ensure_state_machine(&account, &spec).await.expect("made"), arn);
}

#[tokio::test]
async fn what_did_not_succeed_is_redriven_once_whatever_becomes_of_the_answer() {
    let broken = json!({"__type": "InternalServerError", "message": "broken"});
    let script = Script::play([
        Act::answer(500, broken.to_string()),
        Act::answer(200, json!({"redriveDate": 1.0}).to_string()),
        Act::answer(
            400,
            json!({"__type": "ExecutionNotRedrivable", "message": "it succeeded"}).to_string(),
        ),
    ]);
    let judge = Judge::over(&script.endpoint());
    let cloud = connect(judge.endpoint(script.endpoint())).await;
    let cloud = cloud.with_patience(Patience::default());
    let execution = "arn:aws:states:us-east-1:123456789012:execution:pf-quick-process:run-1";
    cloud.redrive_execution(execution).await.expect("redriven");
    let error = cloud.redrive_execution(execution).await.expect_err("it succeeded");
    assert_eq!(error.kind(), Kind::Other);
    let token = |body: &String| -> Value {
        serde_json::from_str::<Value>(body).expect("JSON")["clientToken"].clone()
    };
    let tokens: Vec<Value> = script.bodies().iter().map(token).collect();
    assert!(
        tokens[0].is_string() && tokens[0] == tokens[1] && tokens[1] != tokens[2],
        "{tokens:?}"
    );
}

const HALVES: &str = "
import boto3

def lambda_handler(event, context):
    s3 = boto3.client('s3')
    body = s3.get_object(Bucket=event['bucket'], Key=event['key'])['Body'].read()
    if body == b'odd':
        raise ValueError('it is odd ' * 1000)
    s3.put_object(Bucket=event['output_bucket'], Key=event['output_key'], Body=body + b'!')
    return {'key': event['output_key']}
";

/// Two steps over images whose keys are `in/ID`.
fn steps(functions: &[String]) -> Vec<Step> {
    let payload = |from: Value, to: &str| {
        let mut payload = json!({
            "bucket": "pf-quick-work", "output_bucket": "pf-quick-work",
            "output_key.$": format!("States.Format('{to}/{{}}', $.id)"),
        });
        payload["key.$"] = from;
        payload
    };
    let payloads = [
        ("first", payload(json!("$.key"), "between")),
        ("second", payload(json!("States.Format('between/{}', $.id)"), "out")),
    ];
    payloads
        .into_iter()
        .zip(functions)
        .map(|((name, payload), function)| Step {
            name: name.to_owned(),
            function: function.clone(),
            payload,
            timeout: Duration::from_secs(30),
        })
        .collect()
}

async fn batches_in_place(cloud: &Cloud, ministack: &MiniStack) -> String {
    let role = ministack.role("runner");
    cloud.ensure_bucket("pf-quick-work", &Tags::new()).await.expect("made");
    let mut arns = Vec::new();
    for name in ["pf-quick-first", "pf-quick-second"] {
        let mut spec = function(name, &role);
        (spec.architecture, spec.code) = (Architecture::X86_64, code(HALVES).into());
        arns.push(cloud.deploy_function(&spec).await.expect("deployed").arn);
    }
    let steps = steps(&arns);
    let batches = Batches {
        steps: &steps,
        label: "batches",
        at_once: 2,
        images_at_once: 2,
        bucket: "pf-quick-work",
        results: "results/",
    };
    let account = cloud.account().await.expect("told");
    let spec = machine(batches.definition(), &role);
    cloud.ensure_state_machine(&account, &spec).await.expect("made")
}

#[tokio::test]
async fn batches_run_and_an_image_that_fails_takes_no_other_with_it() {
    let ministack = MiniStack::start();
    let cloud = connect(ministack.endpoint()).await;
    let machine = batches_in_place(&cloud, &ministack).await;
    let ids = ["a", "b", "c", "d", "e"];
    for id in ids {
        let body = if id == "c" { &b"odd"[..] } else { b"even" };
        cloud
            .put_object("pf-quick-work", &format!("in/{id}"), body, "text/plain")
            .await
            .expect("put");
    }
    let image = |id: &&str| json!({"id": id, "key": format!("in/{id}")});
    let batches: Vec<Value> = ids
        .chunks(2)
        .map(|some| json!({"images": some.iter().map(image).collect::<Vec<_>>()}))
        .collect();
    let text = Value::from(batches).to_string();
    cloud
        .put_object("pf-quick-work", "batches/1.json", text, "application/json")
        .await
        .expect("put");
    let input = json!({"bucket": "pf-quick-work", "batches": "batches/1.json"}).to_string();
    let execution = cloud.start_execution(&machine, "run-1", &input).await.expect("started");
    let mut last = None;
    let ended = cloud
        .execution_ended(&execution, SOON, |_, runs| last = runs.first().cloned())
        .await
        .expect("over");
    assert_eq!(ended.status, ExecutionStatus::Succeeded, "{ended:?}");
    let items = last.expect("there is a map run").items;
    assert_eq!((items.succeeded, items.total, items.over()), (3, 3, 3));

    let results = cloud.results(ended.output.as_deref().unwrap_or_default()).await.expect("read");
    assert_eq!(results.batches, []);
    let failed = &results.failed[..];
    assert_eq!((failed.len(), failed[0].id.as_str(), failed[0].step.as_str()), (1, "c", "first"));
    // On AWS the error bears the name of the function's own; MiniStack has one name for all.
    let said = failed[0].message();
    assert!(said.starts_with("it is odd it is odd"), "{failed:?}");
    assert!(failed[0].cause.len() <= 1000, "a cause is cut, so that a batch's fit into its output");
    let out = cloud.list_objects("pf-quick-work", "out/").await.expect("listed");
    assert_eq!(out, ["out/a", "out/b", "out/d", "out/e"]);
    let object = cloud.get_object("pf-quick-work", "out/e").await.expect("read");
    assert_eq!(object.bytes, b"even!!"[..], "it went through both steps");
}

/// Step Functions developer guide, "ResultWriter (Map)": the shape of the manifest and its files.
#[tokio::test]
async fn what_a_result_writer_wrote_is_read_batch_by_batch() {
    let ministack = MiniStack::start();
    let cloud = connect(ministack.endpoint()).await;
    cloud.ensure_bucket("pf-quick-work", &Tags::new()).await.expect("made");
    let folder = "results/6dbfba93-bcff-410b-9b5c-abf41ae9eddb";
    let child = |status: &str, ids: [&str; 2], more: Value| {
        let images = ids.map(|id| json!({"id": id, "key": format!("in/{id}")}));
        let mut child = json!({
            "ExecutionArn": "arn:aws:states:us-east-1:123456789012:execution:m/batches:1",
            "Input": json!({"images": images}).to_string(), "InputDetails": {"Included": true},
            "Name": "1", "StartDate": "2026-11-25T00:00:00.000Z", "Status": status,
            "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m/batches",
            "StopDate": "2026-11-25T00:00:01.000Z",
        });
        child.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("one"));
        child
    };
    let failure = json!({"id": "b", "step": "resize", "error": "ValueError",
                         "cause": r#"{"errorMessage": "it is odd", "errorType": "Val"#});
    let output = json!({"Output": json!([{}, failure]).to_string()});
    let timeout = json!({"Error": "States.Timeout", "Cause": "it took five minutes"});
    let files = [
        ("SUCCEEDED_0.json", json!([child("SUCCEEDED", ["a", "b"], output)])),
        ("FAILED_0.json", json!([child("TIMED_OUT", ["c", "d"], timeout)])),
        (
            "manifest.json",
            json!({
                "DestinationBucket": "pf-quick-work",
                "MapRunArn": "arn:aws:states:us-east-1:123456789012:mapRun:m/batches:1",
                "ResultFiles": {
                    "FAILED": [{"Key": format!("{folder}/FAILED_0.json"), "Size": 1}],
                    "PENDING": [],
                    "SUCCEEDED": [{"Key": format!("{folder}/SUCCEEDED_0.json"), "Size": 1}],
                },
            }),
        ),
    ];
    for (name, content) in files {
        let key = format!("{folder}/{name}");
        cloud
            .put_object("pf-quick-work", &key, content.to_string(), "application/json")
            .await
            .expect("put");
    }
    let details = json!({"Bucket": "pf-quick-work", "Key": format!("{folder}/manifest.json")});
    let output = json!({"MapRunArn": "arn:aws:states:…", "ResultWriterDetails": details});
    let results = cloud.results(&output.to_string()).await.expect("read");
    assert_eq!(results.failed.len(), 1);
    assert_eq!(results.failed[0].message(), "it is odd", "the cause was cut behind it");
    assert_eq!((results.failed[0].id.as_str(), results.failed[0].step.as_str()), ("b", "resize"));
    assert_eq!(results.batches.len(), 1);
    assert_eq!(results.batches[0].ids, ["c", "d"]);
    assert_eq!(results.batches[0].error, "States.Timeout");
}
