//! Functions that are broken: each is told why, and the next call works.

use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::json;

use crate::python::Python;
use crate::stage::{Stage, Stories, files};

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut stories = Stories::new("broken", python);
    stories.add("an_exception_is_told_with_its_type_and_trace", exception);
    stories.add("exit_and_crash_are_told_and_the_next_call_works", exits);
    stories.add("a_function_that_never_returns_is_ended_at_its_timeout", timeout);
    stories.add("a_flood_of_output_keeps_the_report", flood);
    stories.add("an_answer_that_is_too_large_is_refused", too_large);
    stories.add("code_that_cannot_be_loaded_says_why", init_errors);
    stories.add("a_function_that_takes_all_memory_is_ended", out_of_memory);
    stories.add("a_forged_report_comes_before_the_real_one", forged_report);
    stories.add("the_runtime_api_takes_one_answer_to_the_right_request", runtime_api);
    stories.add("an_init_that_takes_too_long_begins_again_within_the_call", slow_init);
    stories.add("a_function_that_hoards_connections_harms_no_one_else", hoard);
    stories.told
}

async fn exception(stage: Stage) {
    let fail = "def lambda_handler(event, context):\n    raise ValueError('no good')\n";
    stage.client.deploy("fail", fail, &[]).await;
    let failed = stage.client.invoke("fail", &json!({})).await;
    assert_eq!(failed.failure(), ("ValueError".to_owned(), "no good".to_owned()));
    assert!(
        failed.answer.json()["stackTrace"][0]
            .as_str()
            .is_some_and(|trace| trace.contains("lambda_function.py"))
    );
    assert!(failed.log.contains("[ERROR] ValueError: no good"), "{}", failed.log);
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
        ("crash", "Runtime exited with error: signal: segmentation fault"),
    ] {
        let ended = stage.client.invoke("end", &json!({"how": how})).await;
        let (kind, told) = ended.failure();
        assert_eq!(kind, "Runtime.ExitError", "{how}: {told}");
        assert!(told.ends_with(message), "{how}: {told}");
        assert!(ended.log.contains("last words\n"), "{how}: {}", ended.log);
        assert!(ended.report().contains("Status: error\tError Type: Runtime.ExitError"), "{how}");
        let next = stage.client.invoke("end", &json!({"how": "not at all"})).await;
        assert_eq!((next.value(), next.was_cold()), (json!("alive"), true), "after {how}");
    }
}

async fn timeout(stage: Stage) {
    let hang = "
import boto3, time
s3 = boto3.client('s3')
def lambda_handler(event, context):
    print('going to sleep')
    while event.get('hang'):
        time.sleep(2)
        s3.put_object(Bucket='marks', Key='late', Body=b'')
    return context.get_remaining_time_in_millis()
";
    stage.client.s3("PUT", "/marks", "", &[]).await;
    stage.client.deploy("hang", hang, &[("Timeout", json!(1))]).await;
    let left = stage.client.invoke("hang", &json!({})).await.value();
    assert!(left.as_i64().is_some_and(|left| left > 0 && left <= 1000), "{left}");
    let hung = stage.client.invoke("hang", &json!({"hang": true})).await;
    let (kind, message) = hung.failure();
    assert_eq!(kind, "Sandbox.Timedout");
    assert!(message.ends_with("Error: Task timed out after 1.00 seconds"), "{message}");
    assert!(
        hung.log.contains("going to sleep\n")
            && hung.log.contains("Task timed out after 1.00 seconds\n"),
        "{}",
        hung.log
    );
    assert!(hung.report().ends_with("\tStatus: timeout"), "{}", hung.report());
    assert!(
        hung.report().contains("Duration: 1000.00 ms\tBilled Duration: 1000 ms"),
        "{}",
        hung.report()
    );
    let late = stage.client.s3("HEAD", "/marks/late", "", &[]).await;
    assert_eq!(late.status, 404, "it went on after its timeout");
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
    assert!(shouted.log.contains("more bytes of output were not kept"), "{}", shouted.log);
    shouted.report();
    let kept: u64 = files(&stage.folder.path().join("logs"))
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
        stage.client.invoke("large", &json!({"size": most})).await.value().as_str().map(str::len),
        Some(most)
    );
    let refused = stage.client.invoke("large", &json!({"size": 7_000_000})).await;
    assert_eq!(refused.failure().0, "Function.ResponseSizeTooLarge");
    assert_eq!(stage.client.invoke("large", &json!({"size": 1})).await.value(), "x");
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
        stage.client.deploy(name, python, &[("Handler", json!(handler))]).await;
        let failed = stage.client.invoke(name, &json!({})).await;
        let (told_kind, told) = failed.failure();
        assert_eq!(told_kind, kind, "{name}: {told}");
        assert!(told.contains(message), "{name}: {told}");
        assert!(
            failed.report().contains(&format!("Status: error\tError Type: {kind}")),
            "{name}: {}",
            failed.report()
        );
        assert!(failed.log.contains("INIT_REPORT Init Duration: "), "{name}: {}", failed.log);
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
    stage.client.deploy("eat", eat, &[("MemorySize", json!(128))]).await;
    let ended = stage.client.invoke("eat", &json!({"eat": true})).await;
    assert_eq!(ended.failure().0, "Runtime.OutOfMemory", "{ended:?}");
    assert!(
        ended.report().contains("Memory Size: 128 MB\tMax Memory Used: 128 MB"),
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
    assert!(forged.was_cold() && !forged.report().contains("Duration: 0.01 ms"), "{forged:?}");
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
    assert_eq!(told, json!([[400, "InvalidRequestID"], [403, "InvalidStateTransition"], 403, 404]));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let log: String = files(&stage.folder.path().join("logs"))
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a log"))
        .collect();
    assert!(log.contains("second [403, 'InvalidStateTransition']"), "{log}");
}

async fn slow_init(stage: Stage) {
    let sleep = "
import time
time.sleep(60)
def lambda_handler(event, context):
    pass
";
    stage.client.deploy("sleep", sleep, &[("Timeout", json!(1))]).await;
    let slept = stage.client.invoke("sleep", &json!({})).await;
    assert_eq!(slept.failure().0, "Sandbox.Timedout");
    assert!(slept.report().ends_with("Status: timeout"), "{}", slept.report());
    let logs: String = files(&stage.folder.path().join("logs"))
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a log"))
        .collect();
    assert!(logs.contains("Phase: init\tStatus: timeout\n"), "{logs}");
}

async fn hoard(stage: Stage) {
    // A connection may be late once or twice; after that no more are to be had.
    let hoard = "
import socket
kept = []
def lambda_handler(event, context):
    late = 0
    while len(kept) < 900 and late < 4:
        try:
            kept.append(socket.create_connection(('127.0.0.1', 9002), timeout=2))
        except TimeoutError:
            late += 1
    return len(kept)
";
    let other = "def lambda_handler(event, context):\n    return 'works'\n";
    stage.client.deploy("hoard", hoard, &[("Timeout", json!(30))]).await;
    stage.client.deploy("other", other, &[]).await;
    assert!(stage.client.invoke("hoard", &json!({})).await.value().as_u64() >= Some(64));
    assert_eq!(stage.client.invoke("other", &json!({})).await.value(), "works");
    let open = std::fs::read_dir("/proc/self/fd").expect("descriptors").count();
    assert!(open < 400, "{open} descriptors of ours are open");
}
