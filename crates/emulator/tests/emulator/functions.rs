//! Functions, sound and broken, from deployment to deletion.

use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::function::{FUNCTIONS, creation, zip};
use crate::python::Python;
use crate::stage::Stage;
use crate::story;

const ECHO: &str = "
import os
def lambda_handler(event, context):
    print('hello from', context.aws_request_id)
    return {'event': event, 'stream': context.log_stream_name, 'value': os.environ.get('VALUE'),
            'memory': context.memory_limit_in_mb, 'arn': context.invoked_function_arn}
";

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut tell =
        |name: &str, tale: fn(Stage) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
            let python = python.clone();
            trials.push(story(&format!("functions::{name}"), move || async move {
                tale(Stage::with(&python).await).await
            }));
        };
    tell("the_first_call_is_cold_and_the_second_warm", |stage| {
        Box::pin(cold_and_warm(stage))
    });
    tell(
        "an_update_is_seen_by_the_next_call_in_a_new_sandbox",
        |stage| Box::pin(updates(stage)),
    );
    tell("two_calls_at_once_use_two_sandboxes", |stage| {
        Box::pin(concurrency(stage))
    });
    tell("functions_are_there_after_a_restart", |stage| {
        Box::pin(restart(stage))
    });
    tell("a_function_reads_and_writes_objects", |stage| {
        Box::pin(objects(stage))
    });
    tell("a_function_has_no_way_to_the_control_plane", |stage| {
        Box::pin(no_control_plane(stage))
    });
    tell("layers_are_merged_in_their_order", |stage| {
        Box::pin(layers(stage))
    });
    tell("the_environment_is_lambdas", |stage| {
        Box::pin(environment(stage))
    });
    tell("an_exception_is_told_with_its_type_and_trace", |stage| {
        Box::pin(exception(stage))
    });
    tell("exit_and_crash_are_told_and_the_next_call_works", |stage| {
        Box::pin(exits(stage))
    });
    tell(
        "a_function_that_never_returns_is_ended_at_its_timeout",
        |stage| Box::pin(timeout(stage)),
    );
    tell("a_flood_of_output_keeps_the_report", |stage| {
        Box::pin(flood(stage))
    });
    tell("an_answer_that_is_too_large_is_refused", |stage| {
        Box::pin(too_large(stage))
    });
    tell("code_that_cannot_be_loaded_says_why", |stage| {
        Box::pin(init_errors(stage))
    });
    tell("a_function_that_takes_all_memory_is_ended", |stage| {
        Box::pin(out_of_memory(stage))
    });
    tell("a_forged_report_comes_before_the_real_one", |stage| {
        Box::pin(forged_report(stage))
    });
    tell(
        "the_runtime_api_takes_one_answer_to_the_right_request",
        |stage| Box::pin(runtime_api(stage)),
    );
    tell("reserved_concurrency_of_zero_refuses", |stage| {
        Box::pin(reserved(stage))
    });
    tell("bad_requests_are_refused_in_lambdas_words", |stage| {
        Box::pin(validation(stage))
    });
    tell("the_record_of_invocations_names_each_once", |stage| {
        Box::pin(record(stage))
    });
    trials
}

async fn cold_and_warm(stage: Stage) {
    stage
        .client
        .deploy(
            "echo",
            ECHO,
            &[("Environment", json!({"Variables": {"VALUE": "1"}}))],
        )
        .await;
    let first = stage.client.invoke("echo", &json!({"a": [1, "ü"]})).await;
    let value = first.value();
    assert_eq!(value["event"], json!({"a": [1, "ü"]}));
    assert_eq!(
        (&value["value"], &value["memory"]),
        (&json!("1"), &json!("1769"))
    );
    assert_eq!(
        value["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:echo"
    );
    assert!(first.was_cold(), "{first:?}");
    let id = first
        .answer
        .header("x-amzn-requestid")
        .expect("an id")
        .to_owned();
    for line in [
        format!("START RequestId: {id} Version: $LATEST\n"),
        format!("hello from {id}\n"),
        format!("END RequestId: {id}\n"),
    ] {
        assert!(first.log.contains(&line), "{line} in {}", first.log);
    }
    assert_eq!(
        first.answer.header("x-amz-executed-version"),
        Some("$LATEST")
    );
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
        .lambda(
            "PUT",
            &path,
            &json!({"Environment": {"Variables": {"VALUE": "2"}}}),
        )
        .await;
    assert_eq!(
        changed.json()["LastUpdateStatus"],
        "InProgress",
        "{changed:?}"
    );
    stage.client.settled("echo").await;
    let second = stage.client.invoke("echo", &json!({})).await;
    assert!(second.was_cold());
    assert_eq!(second.value()["value"], "2");
    assert_ne!(second.value()["stream"], first["stream"]);
    let code = creation(
        "x",
        "def lambda_handler(event, context):\n    return 'new code'\n",
    )["Code"]
        .clone();
    let before = stage.client.settled("echo").await;
    let changed = stage
        .client
        .lambda("PUT", &format!("{FUNCTIONS}/echo/code"), &code)
        .await
        .json();
    assert_ne!(
        (&changed["CodeSha256"], &changed["RevisionId"]),
        (&before["CodeSha256"], &before["RevisionId"])
    );
    stage.client.settled("echo").await;
    assert_eq!(
        stage.client.invoke("echo", &json!({})).await.value(),
        "new code"
    );
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
    let (one, two) = tokio::join!(
        stage.client.invoke("meet", &event),
        stage.client.invoke("meet", &event)
    );
    assert_ne!(one.value(), two.value());
    assert!(one.was_cold() && two.was_cold());
    let third = stage.client.invoke("meet", &event).await;
    assert!(!third.was_cold());
}

async fn restart(stage: Stage) {
    stage
        .client
        .deploy("echo", ECHO, &[("Tags", json!({"team": "a"}))])
        .await;
    let before = stage.client.settled("echo").await;
    let stream = stage.client.invoke("echo", &json!({})).await.value()["stream"].clone();
    let stage = stage.restart().await;
    assert_eq!(stage.client.settled("echo").await, before);
    let shown = stage
        .client
        .lambda("GET", &format!("{FUNCTIONS}/echo"), &Value::Null)
        .await
        .json();
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
    assert_eq!(
        (out.text().as_str(), out.header("content-type")),
        ("BYTES", Some("text/plain"))
    );
}

async fn no_control_plane(stage: Stage) {
    let port = stage
        .emulator
        .endpoint()
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
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
        let content = zip(&[
            ("python/who.py", text),
            (&format!("python/only_{name}.py"), ""),
        ]);
        let content = base64::engine::general_purpose::STANDARD.encode(content);
        let path = format!("/2018-10-31/layers/{name}/versions");
        let request =
            json!({"Content": {"ZipFile": content}, "CompatibleArchitectures": ["x86_64"]});
        let published = stage.client.lambda("POST", &path, &request).await;
        assert_eq!(published.status, 201, "{published:?}");
        arns.push(
            published.json()["LayerVersionArn"]
                .as_str()
                .expect("an ARN")
                .to_owned(),
        );
    }
    let use_them = "
import who, only_one, only_two
def lambda_handler(event, context):
    return [who.who, hasattr(who, 'only')]
";
    stage
        .client
        .deploy("layered", use_them, &[("Layers", json!(arns))])
        .await;
    assert_eq!(
        stage.client.invoke("layered", &json!({})).await.value(),
        json!(["two", false])
    );
    let deleted = stage
        .client
        .lambda("DELETE", "/2018-10-31/layers/one/versions/1", &Value::Null)
        .await;
    assert_eq!(deleted.status, 204);
    let gone = stage
        .client
        .lambda("GET", "/2018-10-31/layers/one/versions/1", &Value::Null)
        .await;
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
    stage
        .client
        .deploy("tell", tell, &[("MemorySize", json!(512))])
        .await;
    let told = stage.client.invoke("tell", &json!({})).await.value();
    assert_eq!(told["directory"], "/var/task");
    assert_eq!(
        told["unwritable"].as_array().map(Vec::len),
        Some(4),
        "{told}"
    );
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

async fn exception(stage: Stage) {
    let fail = "def lambda_handler(event, context):\n    raise ValueError('no good')\n";
    stage.client.deploy("fail", fail, &[]).await;
    let failed = stage.client.invoke("fail", &json!({})).await;
    assert_eq!(
        failed.failure(),
        ("ValueError".to_owned(), "no good".to_owned())
    );
    assert!(
        failed.answer.json()["stackTrace"][0]
            .as_str()
            .is_some_and(|trace| trace.contains("lambda_function.py"))
    );
    assert!(
        failed.log.contains("[ERROR] ValueError: no good"),
        "{}",
        failed.log
    );
    failed.report();
    assert!(
        !stage.client.invoke("fail", &json!({})).await.was_cold(),
        "a sandbox outlives an exception"
    );
}

async fn exits(stage: Stage) {
    let end = "
import ctypes, os, signal, sys
def lambda_handler(event, context):
    print('last words')
    match event['how']:
        case 'exit': os._exit(3)
        case 'zero': os._exit(0)
        case 'kill': os.kill(os.getpid(), signal.SIGKILL)
        case 'crash': ctypes.string_at(0)
    return 'alive'
";
    stage.client.deploy("end", end, &[]).await;
    for (how, message) in [
        ("exit", "Runtime exited with error: exit status 3"),
        ("zero", "Runtime exited without providing a reason"),
        ("kill", "Runtime exited with error: signal: killed"),
        (
            "crash",
            "Runtime exited with error: signal: segmentation fault",
        ),
    ] {
        let ended = stage.client.invoke("end", &json!({"how": how})).await;
        let (kind, told) = ended.failure();
        assert_eq!(kind, "Runtime.ExitError", "{how}: {told}");
        assert!(told.ends_with(message), "{how}: {told}");
        assert!(ended.log.contains("last words\n"), "{how}: {}", ended.log);
        assert!(
            ended
                .report()
                .contains("Status: error\tError Type: Runtime.ExitError"),
            "{how}"
        );
        let next = stage
            .client
            .invoke("end", &json!({"how": "not at all"}))
            .await;
        assert_eq!(
            (next.value(), next.was_cold()),
            (json!("alive"), true),
            "after {how}"
        );
    }
}

async fn timeout(stage: Stage) {
    let hang = "
import time
def lambda_handler(event, context):
    print('going to sleep')
    while event.get('hang'):
        time.sleep(100)
    return context.get_remaining_time_in_millis()
";
    stage
        .client
        .deploy("hang", hang, &[("Timeout", json!(1))])
        .await;
    let left = stage.client.invoke("hang", &json!({})).await.value();
    assert!(
        left.as_i64().is_some_and(|left| left > 0 && left <= 1000),
        "{left}"
    );
    let hung = stage.client.invoke("hang", &json!({"hang": true})).await;
    let (kind, message) = hung.failure();
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(
        message.ends_with("Error: Task timed out after 1.00 seconds"),
        "{message}"
    );
    assert!(
        hung.log.contains("going to sleep\n")
            && hung.log.contains("Task timed out after 1.00 seconds\n"),
        "{}",
        hung.log
    );
    assert!(
        hung.report().ends_with("\tStatus: timeout"),
        "{}",
        hung.report()
    );
    assert!(
        hung.report()
            .contains("Duration: 1000.00 ms\tBilled Duration: 1000 ms"),
        "{}",
        hung.report()
    );
    assert!(stage.client.invoke("hang", &json!({})).await.was_cold());
}

async fn flood(stage: Stage) {
    let shout = "
import sys
def lambda_handler(event, context):
    for _ in range(200):
        sys.stdout.write('x' * 65536)
    sys.stdout.buffer.write(b'\\xff\\xfe\\x00 the end')
    sys.stdout.flush()
    return 'done'
";
    stage.client.deploy("shout", shout, &[]).await;
    let shouted = stage.client.invoke("shout", &json!({})).await;
    assert_eq!(shouted.value(), "done");
    assert!(shouted.log.contains("the end\n"), "{}", shouted.log);
    assert!(
        shouted.log.contains("more bytes of output were not kept"),
        "{}",
        shouted.log
    );
    shouted.report();
    let kept: u64 = walk(&stage.folder.path().join("logs"))
        .iter()
        .map(|path| path.metadata().expect("a log").len())
        .sum();
    assert!(kept < 2 << 20, "{kept} bytes of logs");
}

async fn too_large(stage: Stage) {
    let large = "def lambda_handler(event, context):\n    return 'x' * event['size']\n";
    stage.client.deploy("large", large, &[]).await;
    let most = 6 * 1024 * 1024;
    assert_eq!(
        stage
            .client
            .invoke("large", &json!({"size": most}))
            .await
            .value()
            .as_str()
            .map(str::len),
        Some(most)
    );
    let refused = stage
        .client
        .invoke("large", &json!({"size": 7_000_000}))
        .await;
    assert_eq!(refused.failure().0, "Function.ResponseSizeTooLarge");
    assert_eq!(
        stage
            .client
            .invoke("large", &json!({"size": 1}))
            .await
            .value(),
        "x"
    );
    let request = json!({"size": 1, "padding": "x".repeat(7_000_000)});
    let refused = stage.client.invoke("large", &request).await;
    assert_eq!(refused.answer.error(), (413, "RequestTooLargeException"));
}

async fn init_errors(stage: Stage) {
    for (name, python, handler, kind, message) in [
        (
            "import",
            "import not_there\n",
            "lambda_function.lambda_handler",
            "Runtime.ImportModuleError",
            "No module named 'not_there'",
        ),
        (
            "module",
            "",
            "elsewhere.lambda_handler",
            "Runtime.ImportModuleError",
            "No module named 'elsewhere'",
        ),
        (
            "missing",
            "x = 1\n",
            "lambda_function.lambda_handler",
            "Runtime.HandlerNotFound",
            "Handler 'lambda_handler' missing",
        ),
        (
            "syntax",
            "def (\n",
            "lambda_function.lambda_handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error",
        ),
        (
            "raise",
            "raise RuntimeError('at import')\n",
            "lambda_function.lambda_handler",
            "RuntimeError",
            "at import",
        ),
        (
            "exit",
            "import os\nos._exit(7)\n",
            "lambda_function.lambda_handler",
            "Runtime.ExitError",
            "exit status 7",
        ),
    ] {
        stage
            .client
            .deploy(name, python, &[("Handler", json!(handler))])
            .await;
        let failed = stage.client.invoke(name, &json!({})).await;
        let (told_kind, told) = failed.failure();
        assert_eq!(told_kind, kind, "{name}: {told}");
        assert!(told.contains(message), "{name}: {told}");
        assert!(
            failed
                .report()
                .contains(&format!("Status: error\tError Type: {kind}")),
            "{name}: {}",
            failed.report()
        );
        assert!(
            failed.log.contains("INIT_REPORT Init Duration: "),
            "{name}: {}",
            failed.log
        );
    }
}

async fn out_of_memory(stage: Stage) {
    let eat = "
def lambda_handler(event, context):
    eaten = []
    while event.get('eat'):
        eaten.append(bytearray(b'x' * 10_000_000))
    return 'fed'
";
    stage
        .client
        .deploy("eat", eat, &[("MemorySize", json!(128))])
        .await;
    let ended = stage.client.invoke("eat", &json!({"eat": true})).await;
    assert_eq!(ended.failure().0, "Runtime.OutOfMemory", "{ended:?}");
    assert!(
        ended
            .report()
            .contains("Memory Size: 128 MB\tMax Memory Used: 12"),
        "{}",
        ended.report()
    );
    assert_eq!(stage.client.invoke("eat", &json!({})).await.value(), "fed");
}

async fn forged_report(stage: Stage) {
    let forge = "
def lambda_handler(event, context):
    print(f'END RequestId: {context.aws_request_id}')
    print(f'REPORT RequestId: {context.aws_request_id}\\tDuration: 0.01 ms\\tBilled Duration: 1 ms', end='')
";
    stage.client.deploy("forge", forge, &[]).await;
    let forged = stage.client.invoke("forge", &json!({})).await;
    assert!(
        forged.was_cold() && !forged.report().contains("Duration: 0.01 ms"),
        "{forged:?}"
    );
}

async fn runtime_api(stage: Stage) {
    let meddle = "
import http.client, json
def post(path, body=b'1'):
    connection = http.client.HTTPConnection('127.0.0.1', 9001)
    connection.request('POST', '/2018-06-01/runtime/' + path, body)
    answer = connection.getresponse()
    return [answer.status, json.loads(answer.read())['errorType'] if answer.status >= 400 else '']
def get(path):
    connection = http.client.HTTPConnection('127.0.0.1', 9001)
    connection.request('GET', path)
    return connection.getresponse().status
def lambda_handler(event, context):
    told = [post('invocation/00000000-0000-0000-0000-000000000000/response'), post('init/error'), get('/2018-06-01/runtime/invocation/next'), get('/')]
    told.append(post(f'invocation/{context.aws_request_id}/response', json.dumps(told).encode()))
    print('second', post(f'invocation/{context.aws_request_id}/response'))
";
    stage.client.deploy("meddle", meddle, &[]).await;
    let told = stage.client.invoke("meddle", &json!({})).await.value();
    assert_eq!(
        told,
        json!([
            [400, "InvalidRequestID"],
            [403, "InvalidStateTransition"],
            403,
            404
        ])
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    let log: String = walk(&stage.folder.path().join("logs"))
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a log"))
        .collect();
    assert!(
        log.contains("second [403, 'InvalidStateTransition']"),
        "{log}"
    );
}

async fn reserved(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[]).await;
    let path = "/2017-10-31/functions/echo/concurrency";
    let put = stage
        .client
        .lambda("PUT", path, &json!({"ReservedConcurrentExecutions": 0}))
        .await;
    assert_eq!(put.json(), json!({"ReservedConcurrentExecutions": 0}));
    let refused = stage.client.invoke("echo", &json!({})).await;
    assert_eq!(refused.answer.error(), (429, "TooManyRequestsException"));
    assert_eq!(
        stage
            .client
            .lambda("DELETE", path, &Value::Null)
            .await
            .status,
        204
    );
    stage.client.invoke("echo", &json!({})).await.value();
}

async fn validation(stage: Stage) {
    let invalid = "InvalidParameterValueException";
    let long = json!({"Variables": {"LONG": "x".repeat(4100)}});
    let layer = "arn:aws:lambda:us-east-1:000000000000:layer:x:1";
    for (key, value, kind, message) in [
        ("Runtime", json!("python2.7"), invalid, "enum value set"),
        ("Runtime", json!("java21"), invalid, "was not given"),
        (
            "MemorySize",
            json!(127),
            "ValidationException",
            "greater than or equal to 128",
        ),
        (
            "MemorySize",
            json!(10_241),
            "ValidationException",
            "less than or equal to 10240",
        ),
        (
            "Timeout",
            json!(901),
            "ValidationException",
            "less than or equal to 900",
        ),
        (
            "Timeout",
            json!(0),
            "ValidationException",
            "greater than or equal to 1",
        ),
        ("Handler", json!("a b"), "ValidationException", "handler"),
        (
            "FunctionName",
            json!("../x"),
            "ValidationException",
            "functionName",
        ),
        ("Role", json!("me"), "ValidationException", "role"),
        (
            "Architectures",
            json!(["mips"]),
            "ValidationException",
            "enum value set",
        ),
        (
            "Environment",
            json!({"Variables": {"AWS_REGION": "x"}}),
            invalid,
            "reserved keys",
        ),
        ("Environment", long, invalid, "exceeded the 4KB limit"),
        ("Layers", json!([layer]), invalid, "does not exist"),
        (
            "Layers",
            json!([layer, layer, layer, layer, layer, layer]),
            invalid,
            "limit of 5 layers",
        ),
        (
            "EphemeralStorage",
            json!({"Size": 511}),
            "ValidationException",
            "greater than or equal to 512",
        ),
        ("Code", json!({}), invalid, "source for function code"),
        (
            "Code",
            json!({"ZipFile": "bm90IGEgemlw"}),
            invalid,
            "Could not unzip uploaded file",
        ),
        (
            "Code",
            json!({"S3Bucket": "none", "S3Key": "none"}),
            invalid,
            "NoSuchBucket",
        ),
        (
            "PackageType",
            json!("Image"),
            "UnsupportedOperation",
            "container images",
        ),
        (
            "Publish",
            json!(true),
            "UnsupportedOperation",
            "published versions",
        ),
    ] {
        let mut request = creation("bad", ECHO);
        request[key] = value.clone();
        let refused = stage.client.lambda("POST", FUNCTIONS, &request).await;
        assert_eq!(refused.error().1, kind, "{key} {value}: {refused:?}");
        assert!(
            refused.text().contains(message),
            "{key} {value}: {refused:?}"
        );
    }
    stage.client.deploy("good", ECHO, &[]).await;
    let again = stage
        .client
        .lambda("POST", FUNCTIONS, &creation("good", ECHO))
        .await;
    assert_eq!(again.error(), (409, "ResourceConflictException"));
    let missing = stage.client.invoke("missing", &json!({})).await;
    assert_eq!(missing.answer.error(), (404, "ResourceNotFoundException"));
    let not_json = stage
        .client
        .lambda_with(
            "POST",
            &format!("{FUNCTIONS}/good/invocations"),
            "{".into(),
            &[],
        )
        .await;
    assert_eq!(not_json.error(), (400, "InvalidRequestContentException"));
    let event = stage
        .client
        .lambda_with(
            "POST",
            &format!("{FUNCTIONS}/good/invocations"),
            "{}".into(),
            &[("x-amz-invocation-type", "Event")],
        )
        .await;
    assert_eq!(event.error(), (501, "UnsupportedOperation"));
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
        let invoked = stage
            .client
            .invoke("echo", &json!({"number": number}))
            .await;
        ids.push(
            invoked
                .answer
                .header("x-amzn-requestid")
                .expect("an id")
                .to_owned(),
        );
    }
    let text =
        std::fs::read_to_string(stage.folder.path().join("invocations.jsonl")).expect("the record");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    for (number, id) in ids.iter().enumerate() {
        let of: Vec<&Value> = lines
            .iter()
            .filter(|line| line["request_id"] == id.as_str())
            .collect();
        let [started, finished] = of[..] else {
            panic!("{id}: {of:?}")
        };
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
            finished["sandbox"]
                .as_str()
                .is_some_and(|stream| stream.contains("/[$LATEST]")),
            "{finished}"
        );
    }
    assert_eq!(lines.len(), 6);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(walk(&path))
        } else {
            found.push(path)
        }
    }
    found
}
