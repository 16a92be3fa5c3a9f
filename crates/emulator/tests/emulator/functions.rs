//! Functions that are sound, from deployment to deletion.

use std::time::Duration;

use libtest_mimic::Trial;
use photofinish_emulator::GuestAccess;
use serde_json::{Value, json};

use crate::function::{ECHO, FUNCTIONS, creation, zip};
use crate::python::{ARCHITECTURE, Python};
use crate::stage::{Stage, Stories};

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut stories = Stories::new("functions", python);
    stories.add("the_first_call_is_cold_and_the_second_warm", cold_and_warm);
    stories.add("an_update_is_seen_by_the_next_call_in_a_new_sandbox", updates);
    stories.add("two_calls_at_once_use_two_sandboxes", concurrency);
    stories.add("functions_are_there_after_a_restart", restart);
    stories.add("a_function_reads_and_writes_objects", objects);
    stories.add("a_function_has_no_way_to_the_control_plane", no_control_plane);
    stories.add("layers_are_merged_in_their_order", layers);
    stories.add("the_environment_is_lambdas", environment);
    stories.add("reserved_concurrency_of_zero_refuses", reserved);
    stories.add("bad_requests_are_refused_in_lambdas_words", validation);
    stories.add("the_record_of_invocations_names_each_once", record);
    stories.add("a_call_goes_on_when_its_caller_has_gone", caller_gone);
    stories.add("only_the_buckets_that_are_allowed_are_reached", allowed_buckets);
    stories.add("functions_are_listed_in_pages", paging);
    stories.told
}

async fn cold_and_warm(stage: Stage) {
    stage
        .client
        .deploy("echo", ECHO, &[("Environment", json!({"Variables": {"VALUE": "1"}}))])
        .await;
    let first = stage.client.invoke("echo", &json!({"a": [1, "ü"]})).await;
    let value = first.value();
    assert_eq!(value["event"], json!({"a": [1, "ü"]}));
    assert_eq!((&value["value"], &value["memory"]), (&json!("1"), &json!("1769")));
    assert_eq!(value["arn"], "arn:aws:lambda:us-east-1:000000000000:function:echo");
    assert!(first.was_cold(), "{first:?}");
    let id = first.answer.header("x-amzn-requestid").expect("an id").to_owned();
    for line in [
        format!("START RequestId: {id} Version: $LATEST\n"),
        format!("hello from {id}\n"),
        format!("END RequestId: {id}\n"),
    ] {
        assert!(first.log.contains(&line), "{line} in {}", first.log);
    }
    assert_eq!(first.answer.header("x-amz-executed-version"), Some("$LATEST"));
    let second = stage.client.invoke("echo", &json!({})).await;
    assert!(!second.was_cold(), "{second:?}");
    assert_eq!(second.value()["stream"], value["stream"]);
}

async fn updates(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[]).await;
    let first = stage.client.invoke("echo", &json!({})).await.value();
    let path = format!("{FUNCTIONS}/echo/configuration");
    let changed = stage
        .client
        .lambda("PUT", &path, &json!({"Environment": {"Variables": {"VALUE": "2"}}}))
        .await;
    assert_eq!(changed.json()["LastUpdateStatus"], "InProgress", "{changed:?}");
    stage.client.settled("echo").await;
    let second = stage.client.invoke("echo", &json!({})).await;
    assert!(second.was_cold());
    assert_eq!(second.value()["value"], "2");
    assert_ne!(second.value()["stream"], first["stream"]);
    let code =
        creation("x", "def lambda_handler(event, context):\n    return 'new code'\n")["Code"]
            .clone();
    let before = stage.client.settled("echo").await;
    let changed = stage.client.lambda("PUT", &format!("{FUNCTIONS}/echo/code"), &code).await.json();
    assert_ne!(
        (&changed["CodeSha256"], &changed["RevisionId"]),
        (&before["CodeSha256"], &before["RevisionId"])
    );
    stage.client.settled("echo").await;
    assert_eq!(stage.client.invoke("echo", &json!({})).await.value(), "new code");
}

async fn concurrency(stage: Stage) {
    let meet = "
import time
def lambda_handler(event, context):
    time.sleep(0.5)
    return context.log_stream_name
";
    stage.client.deploy("meet", meet, &[]).await;
    let event = json!({});
    let (one, two) =
        tokio::join!(stage.client.invoke("meet", &event), stage.client.invoke("meet", &event));
    assert_ne!(one.value(), two.value());
    assert!(one.was_cold() && two.was_cold());
    let third = stage.client.invoke("meet", &event).await;
    assert!(!third.was_cold());
}

async fn restart(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[("Tags", json!({"team": "a"}))]).await;
    let before = stage.client.settled("echo").await;
    let stream = stage.client.invoke("echo", &json!({})).await.value()["stream"].clone();
    let stage = stage.restart().await;
    assert_eq!(stage.client.settled("echo").await, before);
    let shown = stage.client.lambda("GET", &format!("{FUNCTIONS}/echo"), &Value::Null).await.json();
    assert_eq!(shown["Tags"], json!({"team": "a"}));
    let again = stage.client.invoke("echo", &json!({})).await;
    assert!(again.was_cold(), "no sandbox outlives its process");
    assert_ne!(again.value()["stream"], stream);
}

async fn objects(stage: Stage) {
    let copy = "
import boto3
s3 = boto3.client('s3')
def lambda_handler(event, context):
    body = s3.get_object(Bucket='pictures', Key='in')['Body'].read()
    s3.put_object(Bucket='pictures', Key='out', Body=body.upper(), ContentType='text/plain')
    denied = []
    for call in (s3.list_buckets, lambda: s3.create_bucket(Bucket='mine')):
        try:
            call()
        except Exception as error:
            denied.append(error.response['Error']['Code'])
    return denied
";
    stage.client.s3("PUT", "/pictures", "", &[]).await;
    stage.client.s3("PUT", "/pictures/in", "bytes", &[]).await;
    stage.client.deploy("copy", copy, &[]).await;
    assert_eq!(
        stage.client.invoke("copy", &json!({})).await.value(),
        json!(["AccessDenied", "AccessDenied"])
    );
    let out = stage.client.s3("GET", "/pictures/out", "", &[]).await;
    assert_eq!((out.text().as_str(), out.header("content-type")), ("BYTES", Some("text/plain")));
}

async fn no_control_plane(stage: Stage) {
    let port = stage.emulator.endpoint().rsplit(':').next().expect("a port").to_owned();
    let reach = format!(
        "
import boto3, os, socket
def lambda_handler(event, context):
    try:
        socket.create_connection(('127.0.0.1', {port}), timeout=1)
        return 'the host is reached'
    except OSError:
        pass
    try:
        boto3.client('lambda', region_name='us-east-1').list_functions()
        return 'functions are listed'
    except Exception as error:
        return type(error).__name__
"
    );
    stage.client.deploy("reach", &reach, &[]).await;
    let told = stage.client.invoke("reach", &json!({})).await.value();
    assert_eq!(told, "ClientError", "an answer, and it is a refusal");
    // What it was given for S3 is not known outside either.
    let leak = "
import os
def lambda_handler(event, context):
    return [os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY']]
";
    stage.client.deploy("leak", leak, &[]).await;
    let keys = stage.client.invoke("leak", &json!({})).await.value();
    let mut thief = stage.client.clone();
    thief.credentials = photofinish_emulator::Credentials::new(
        keys[0].as_str().expect("a key"),
        keys[1].as_str().expect("a key"),
    );
    assert_eq!(
        thief.lambda("GET", FUNCTIONS, &Value::Null).await.error(),
        (403, "UnrecognizedClientException")
    );
    assert_eq!(thief.s3("GET", "/", "", &[]).await.status, 403);
}

async fn layers(stage: Stage) {
    use base64::Engine;
    let mut arns = Vec::new();
    for (name, text) in [("one", "who = 'one'\nonly = 1\n"), ("two", "who = 'two'\n")] {
        let content = zip(&[("python/who.py", text), (&format!("python/only_{name}.py"), "")]);
        let content = base64::engine::general_purpose::STANDARD.encode(content);
        let path = format!("/2018-10-31/layers/{name}/versions");
        let request =
            json!({"Content": {"ZipFile": content}, "CompatibleArchitectures": [ARCHITECTURE]});
        let published = stage.client.lambda("POST", &path, &request).await;
        assert_eq!(published.status, 201, "{published:?}");
        arns.push(published.json()["LayerVersionArn"].as_str().expect("an ARN").to_owned());
    }
    let use_them = "
import who, only_one, only_two
def lambda_handler(event, context):
    return [who.who, hasattr(who, 'only')]
";
    stage.client.deploy("layered", use_them, &[("Layers", json!(arns))]).await;
    assert_eq!(stage.client.invoke("layered", &json!({})).await.value(), json!(["two", false]));
    let deleted =
        stage.client.lambda("DELETE", "/2018-10-31/layers/one/versions/1", &Value::Null).await;
    assert_eq!(deleted.status, 204);
    let gone = stage.client.lambda("GET", "/2018-10-31/layers/one/versions/1", &Value::Null).await;
    assert_eq!(gone.error(), (404, "ResourceNotFoundException"));
    let stage = stage.restart().await;
    assert_eq!(
        stage.client.invoke("layered", &json!({})).await.value(),
        json!(["two", false]),
        "a deleted layer goes on working"
    );
}

async fn environment(stage: Stage) {
    let tell = "
import os, socket
def lambda_handler(event, context):
    unwritable = []
    for path in ('/var/task/x', '/opt/x', '/var/runtime/x', '/x'):
        try:
            open(path, 'w')
        except OSError:
            unwritable.append(path)
    open('/tmp/x', 'w').write('x')
    return {'environment': dict(os.environ), 'directory': os.getcwd(), 'unwritable': unwritable}
";
    stage.client.deploy("tell", tell, &[("MemorySize", json!(512))]).await;
    let told = stage.client.invoke("tell", &json!({})).await.value();
    assert_eq!(told["directory"], "/var/task");
    assert_eq!(told["unwritable"].as_array().map(Vec::len), Some(4), "{told}");
    // The names and values of an execution environment of python3.14, recorded on Lambda in January 2026.
    for (name, value) in [
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.14"),
        ("AWS_LAMBDA_FUNCTION_NAME", "tell"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/tell"),
        ("AWS_REGION", "us-east-1"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("_HANDLER", "lambda_function.lambda_handler"),
        ("TZ", ":UTC"),
    ] {
        assert_eq!(told["environment"][name], value, "{name}");
    }
    for host in ["HOME", "USER", "CARGO_HOME", "PYTHONUNBUFFERED"] {
        assert!(told["environment"][host].is_null(), "{host} is the host's");
    }
}

async fn reserved(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[]).await;
    let path = "/2017-10-31/functions/echo/concurrency";
    let put = stage.client.lambda("PUT", path, &json!({"ReservedConcurrentExecutions": 0})).await;
    assert_eq!(put.json(), json!({"ReservedConcurrentExecutions": 0}));
    let refused = stage.client.invoke("echo", &json!({})).await;
    assert_eq!(refused.answer.error(), (429, "TooManyRequestsException"));
    assert_eq!(stage.client.lambda("DELETE", path, &Value::Null).await.status, 204);
    stage.client.invoke("echo", &json!({})).await.value();
}

async fn validation(stage: Stage) {
    let invalid = "InvalidParameterValueException";
    let long = json!({"Variables": {"LONG": "x".repeat(4100)}});
    let layer = "arn:aws:lambda:us-east-1:000000000000:layer:x:1";
    for (key, value, kind, message) in [
        ("Runtime", json!("python2.7"), invalid, "enum value set"),
        ("Runtime", json!("java21"), invalid, "was not given"),
        ("MemorySize", json!(127), "ValidationException", "greater than or equal to 128"),
        ("MemorySize", json!(10_241), "ValidationException", "less than or equal to 10240"),
        ("Timeout", json!(901), "ValidationException", "less than or equal to 900"),
        ("Timeout", json!(0), "ValidationException", "greater than or equal to 1"),
        ("Handler", json!("a b"), "ValidationException", "handler"),
        ("FunctionName", json!("../x"), "ValidationException", "functionName"),
        ("Role", json!("me"), "ValidationException", "role"),
        ("Architectures", json!(["mips"]), "ValidationException", "enum value set"),
        ("Environment", json!({"Variables": {"AWS_REGION": "x"}}), invalid, "reserved keys"),
        ("Environment", long, invalid, "exceeded the 4KB limit"),
        ("Layers", json!([layer]), invalid, "does not exist"),
        ("Layers", json!([layer, layer, layer, layer, layer, layer]), invalid, "limit of 5 layers"),
        (
            "EphemeralStorage",
            json!({"Size": 511}),
            "ValidationException",
            "greater than or equal to 512",
        ),
        ("Code", json!({}), invalid, "source for function code"),
        ("Code", json!({"ZipFile": "bm90IGEgemlw"}), invalid, "Could not unzip uploaded file"),
        ("Code", json!({"S3Bucket": "none", "S3Key": "none"}), invalid, "NoSuchBucket"),
        ("PackageType", json!("Image"), invalid, "Handler or Runtime"),
        ("Publish", json!(true), "UnsupportedOperation", "published versions"),
    ] {
        let mut request = creation("bad", ECHO);
        request[key] = value.clone();
        let refused = stage.client.lambda("POST", FUNCTIONS, &request).await;
        assert_eq!(refused.error().1, kind, "{key} {value}: {refused:?}");
        assert!(refused.text().contains(message), "{key} {value}: {refused:?}");
    }
    stage.client.deploy("good", ECHO, &[]).await;
    let again = stage.client.lambda("POST", FUNCTIONS, &creation("good", ECHO)).await;
    assert_eq!(again.error(), (409, "ResourceConflictException"));
    let missing = stage.client.invoke("missing", &json!({})).await;
    assert_eq!(missing.answer.error(), (404, "ResourceNotFoundException"));
    let not_json = stage
        .client
        .lambda_with("POST", &format!("{FUNCTIONS}/good/invocations"), "{".into(), &[])
        .await;
    assert_eq!(not_json.error(), (400, "InvalidRequestContentException"));
    let dry = stage
        .client
        .lambda_with(
            "POST",
            &format!("{FUNCTIONS}/good/invocations"),
            "{}".into(),
            &[("x-amz-invocation-type", "DryRun")],
        )
        .await;
    assert_eq!(dry.status, 204);
}

async fn record(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[]).await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let invoked = stage.client.invoke("echo", &json!({"number": number})).await;
        ids.push(invoked.answer.header("x-amzn-requestid").expect("an id").to_owned());
    }
    let text =
        std::fs::read_to_string(stage.folder.path().join("invocations.jsonl")).expect("the record");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for (number, id) in ids.iter().enumerate() {
        let of: Vec<&Value> =
            lines.iter().filter(|line| line["request_id"] == id.as_str()).collect();
        let [started, finished] = of[..] else { panic!("{id}: {of:?}") };
        assert_eq!(
            (&started["event"], &finished["event"]),
            (&json!("started"), &json!("finished"))
        );
        assert_eq!(
            (&finished["outcome"], &finished["cold"]),
            (&json!("success"), &json!(number == 0))
        );
        assert_eq!(started["payload_sha256"], finished["payload_sha256"]);
        assert!(
            finished["sandbox"].as_str().is_some_and(|stream| stream.contains("/[$LATEST]")),
            "{finished}"
        );
    }
    assert_eq!(lines.len(), 6);
}

async fn caller_gone(stage: Stage) {
    let slow = "
import boto3, time
s3 = boto3.client('s3')
def lambda_handler(event, context):
    s3.put_object(Bucket='marks', Key='begun', Body=b'')
    time.sleep(1)
    s3.put_object(Bucket='marks', Key='ended', Body=b'')
";
    stage.client.s3("PUT", "/marks", "", &[]).await;
    stage.client.deploy("slow", slow, &[]).await;
    let client = stage.client.clone();
    let call = tokio::spawn(async move { client.invoke("slow", &json!({})).await });
    wait_for(&stage, "/marks/begun").await;
    call.abort();
    wait_for(&stage, "/marks/ended").await;
    for _ in 0..100 {
        let text = std::fs::read_to_string(stage.folder.path().join("invocations.jsonl"))
            .expect("the record");
        if text
            .lines()
            .any(|line| line.contains("\"finished\"") && line.contains("\"outcome\":\"success\""))
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the record does not know how the call ended");
}

async fn wait_for(stage: &Stage, object: &str) {
    for _ in 0..200 {
        if stage.client.s3("HEAD", object, "", &[]).await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{object} has not come");
}

async fn allowed_buckets(stage: Stage) {
    let stage = stage.allowing(GuestAccess::Buckets(["mine".to_owned()].into())).await;
    for bucket in ["mine", "other"] {
        stage.client.s3("PUT", &format!("/{bucket}"), "", &[]).await;
        stage.client.s3("PUT", &format!("/{bucket}/a"), "secret", &[]).await;
    }
    let reach = "
import boto3
s3 = boto3.client('s3')
def told(call, **arguments):
    try:
        call(**arguments)
        return 'done'
    except Exception as error:
        return error.response['Error']['Code']
def lambda_handler(event, context):
    return [told(s3.get_object, Bucket='mine', Key='a'),
            told(s3.get_object, Bucket='other', Key='a'),
            told(s3.list_objects_v2, Bucket='other'),
            told(s3.put_object, Bucket='other', Key='b', Body=b''),
            told(s3.copy_object, Bucket='mine', Key='b', CopySource='other/a'),
            told(s3.copy_object, Bucket='other', Key='b', CopySource='mine/a'),
            told(s3.delete_object, Bucket='other', Key='a')]
";
    stage.client.deploy("reach", reach, &[]).await;
    let told = stage.client.invoke("reach", &json!({})).await.value();
    assert_eq!(told[0], "done");
    for refused in &told.as_array().expect("a list")[1..] {
        assert_eq!(refused, "AccessDenied", "{told}");
    }
    assert_eq!(stage.client.s3("GET", "/other/a", "", &[]).await.text(), "secret");
}

async fn paging(stage: Stage) {
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        stage.client.deploy(name, ECHO, &[]).await;
    }
    let (mut seen, mut marker) = (Vec::new(), String::new());
    loop {
        let page = stage
            .client
            .lambda("GET", &format!("{FUNCTIONS}?MaxItems=2{marker}"), &Value::Null)
            .await
            .json();
        let shown = page["Functions"].as_array().expect("a list").clone();
        assert!(shown.len() <= 2);
        seen.extend(
            shown
                .iter()
                .map(|function| function["FunctionName"].as_str().expect("a name").to_owned()),
        );
        match page["NextMarker"].as_str() {
            Some(next) => marker = format!("&Marker={next}"),
            None => break,
        }
    }
    assert_eq!(seen, names);
}
