//! A function as Lambda would run it, without a sandbox: AWS's own runtime interface client in
//! the real Python 3.14, a Runtime API that hands it events, and an S3 that keeps objects.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use photofinish_runtimes::Runtime;
use serde_json::Value;

/// What the client said about one invocation, or about initialisation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Response(Value),
    Error(Value),
    InitError(Value),
}

impl Outcome {
    /// What a function returned through the inspector, and the inspector's attributes.
    pub(crate) fn inspected(&self) -> (&Value, &Value) {
        match self {
            Self::Response(body) if body.get("photofinish").is_some() => {
                (&body["value"], &body["photofinish"])
            }
            other => panic!("no envelope: {other:?}"),
        }
    }
}

/// How long the S3 takes for a body, each way.
pub(crate) const DELAY: Duration = Duration::from_millis(40);

#[derive(Default)]
struct Shared {
    events: Vec<String>,
    objects: BTreeMap<String, Vec<u8>>,
}

/// Runs `code` as `lambda_function.py` with an event for each outcome wanted. The environment
/// comes on top of Lambda's; `modules` are folders beside those of the runtime.
pub(crate) fn run(
    runtime: &Runtime,
    code: &str,
    environment: &[(&str, &str)],
    modules: &[&Path],
    wanted: usize,
) -> Vec<Outcome> {
    let task = tempfile::Builder::new().prefix("task").tempdir().unwrap();
    std::fs::write(task.path().join("lambda_function.py"), code).unwrap();
    run_in(runtime, task.path(), environment, modules, wanted)
}

/// The same for a folder that is there.
pub(crate) fn run_in(
    runtime: &Runtime,
    task: &Path,
    environment: &[(&str, &str)],
    modules: &[&Path],
    wanted: usize,
) -> Vec<Outcome> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, outcomes) = channel();
    let shared = Arc::new(Mutex::new(Shared::default()));
    shared.lock().unwrap().events = (1..=wanted).rev().map(|n| format!(r#"{{"n":{n}}}"#)).collect();
    shared.lock().unwrap().objects.insert("/bucket/in".to_owned(), vec![7; 300_000]);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (shared, sender) = (Arc::clone(&shared), sender.clone());
            std::thread::spawn(move || serve(&stream, &shared, &sender));
        }
    });
    let child = start(runtime, task, environment, modules, &address);
    let ended = collect(&outcomes, wanted);
    stop(child);
    ended
}

fn start(
    runtime: &Runtime,
    task: &Path,
    environment: &[(&str, &str)],
    modules: &[&Path],
    address: &str,
) -> Child {
    let mut python_path: Vec<PathBuf> = modules.iter().map(|path| (*path).to_owned()).collect();
    python_path.push(runtime.var_runtime.clone());
    let variables: BTreeMap<&str, &str> = environment.iter().copied().collect();
    let endpoint = format!("http://{address}");
    let mut command = runtime.unconfined();
    command.arg(runtime.var_runtime.join("bootstrap.py"));
    command.current_dir(task).env("LAMBDA_TASK_ROOT", task);
    command.env("_HANDLER", "lambda_function.lambda_handler");
    command.env("LAMBDA_RUNTIME_DIR", &runtime.var_runtime);
    command.env("PYTHONPATH", std::env::join_paths(python_path).unwrap());
    command.env("AWS_LAMBDA_RUNTIME_API", address);
    command.env("AWS_ENDPOINT_URL_S3", endpoint);
    command.env("AWS_EXECUTION_ENV", "AWS_Lambda_python3.14");
    command.env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0123");
    command.env("AWS_LAMBDA_FUNCTION_NAME", "resize");
    command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512");
    command.env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    command.env("AWS_REGION", "us-east-1").env("AWS_DEFAULT_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    command.envs(variables);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn collect(outcomes: &Receiver<Outcome>, wanted: usize) -> Vec<Outcome> {
    let mut ended = Vec::new();
    while ended.len() < wanted {
        let outcome = outcomes
            .recv_timeout(Duration::from_secs(60))
            .unwrap_or_else(|_| panic!("the function stopped answering after {ended:?}"));
        let initialised = !matches!(outcome, Outcome::InitError(_));
        ended.push(outcome);
        if !initialised {
            break;
        }
    }
    ended
}

fn stop(mut child: Child) {
    // It may have ended by itself, as after a failed initialisation.
    let _ = child.kill();
    child.wait().unwrap();
}

struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

fn serve(stream: &TcpStream, shared: &Mutex<Shared>, outcomes: &Sender<Outcome>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(request) = read_request(&mut reader, stream) {
        let answered = if request.path.starts_with("/2018-06-01/runtime/") {
            runtime_api(&request, stream, shared, outcomes)
        } else {
            s3(&request, &mut stream, shared)
        };
        if answered.is_none() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>, mut stream: &TcpStream) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "expect" => stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, body })
}

fn runtime_api(
    request: &Request,
    stream: &TcpStream,
    shared: &Mutex<Shared>,
    outcomes: &Sender<Outcome>,
) -> Option<()> {
    if request.path.ends_with("/invocation/next") {
        let Some(event) = shared.lock().unwrap().events.pop() else {
            // Nothing more: the client waits until it is stopped.
            std::thread::sleep(Duration::from_secs(60));
            return None;
        };
        let headers = "Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 4000000000000\r\n\
                       Lambda-Runtime-Invoked-Function-Arn: arn\r\nContent-Type: application/json\r\n";
        return answer(stream, "200 OK", headers, event.as_bytes());
    }
    let body = serde_json::from_slice(&request.body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&request.body).into_owned()));
    let outcome = match () {
        () if request.path.ends_with("/init/error") => Outcome::InitError(body),
        () if request.path.ends_with("/error") => Outcome::Error(body),
        () => Outcome::Response(body),
    };
    answer(stream, "202 Accepted", "", b"{}")?;
    outcomes.send(outcome).ok()
}

fn s3(request: &Request, stream: &mut &TcpStream, shared: &Mutex<Shared>) -> Option<()> {
    let path = request.path.split('?').next()?.to_owned();
    if request.method == "PUT" {
        std::thread::sleep(DELAY);
        shared.lock().unwrap().objects.insert(path, request.body.clone());
        return answer(stream, "200 OK", "ETag: \"x\"\r\n", b"");
    }
    let found = shared.lock().unwrap().objects.get(&path).cloned();
    let Some(content) = found else {
        let body = b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>";
        return answer(stream, "404 Not Found", "Content-Type: application/xml\r\n", body);
    };
    // The headers at once and the body late: a download lasts until its body is there.
    let (length, checksum) = (content.len(), checksum(&content));
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nx-amz-checksum-crc32: {checksum}\r\n\r\n"
    )
    .ok()?;
    std::thread::sleep(DELAY);
    stream.write_all(&content).ok()
}

fn answer(mut stream: &TcpStream, status: &str, headers: &str, body: &[u8]) -> Option<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n").ok()?;
    stream.write_all(body).ok()
}

/// CRC-32 as S3 states it, by which boto3 checks a body while it is read.
fn checksum(content: &[u8]) -> String {
    let mut crc = u32::MAX;
    for byte in content {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    STANDARD.encode((!crc).to_be_bytes())
}
