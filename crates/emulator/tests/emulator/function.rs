//! Functions as clients handle them: created from a few lines of Python, awaited, invoked.

use std::io::{Cursor, Write};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::client::{Answer, Client};
use crate::python::ARCHITECTURE;

pub const FUNCTIONS: &str = "/2015-03-31/functions";

/// A function that tells what it was given.
pub const ECHO: &str = "
import os
def lambda_handler(event, context):
    print('hello from', context.aws_request_id)
    return {'event': event, 'stream': context.log_stream_name, 'value': os.environ.get('VALUE'),
            'memory': context.memory_limit_in_mb, 'arn': context.invoked_function_arn}
";

/// A zip of these files.
pub fn zip<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    // A program among them must be one.
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    for (name, text) in files {
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(text.as_ref()).expect("its text");
    }
    writer.finish().expect("an archive").into_inner()
}

/// The request that creates a function of one Python file.
pub fn creation(name: &str, python: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "python3.14",
        "Architectures": [ARCHITECTURE],
        "Role": "arn:aws:iam::000000000000:role/functions",
        "Handler": "lambda_function.lambda_handler",
        "Timeout": 10,
        "MemorySize": 1769,
        "Code": {"ZipFile": STANDARD.encode(zip(&[("lambda_function.py", python)]))},
    })
}

impl Client {
    /// Creates a function, with settings changed, and waits until it is active.
    pub async fn deploy(&self, name: &str, python: &str, settings: &[(&str, Value)]) {
        let mut request = creation(name, python);
        for (key, value) in settings {
            request[*key] = value.clone();
        }
        let created = self.lambda("POST", FUNCTIONS, &request).await;
        assert_eq!(created.status, 201, "{created:?}");
        self.settled(name).await;
    }

    /// Waits as an SDK's waiters do. Returns the configuration.
    pub async fn settled(&self, name: &str) -> Value {
        for _ in 0..600 {
            let shown = self
                .lambda("GET", &format!("{FUNCTIONS}/{name}/configuration"), &Value::Null)
                .await
                .json();
            if shown["State"] != "Pending" && shown["LastUpdateStatus"] != "InProgress" {
                assert_eq!(
                    (&shown["State"], &shown["LastUpdateStatus"]),
                    (&json!("Active"), &json!("Successful")),
                    "{shown}"
                );
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} is not active after 30 s");
    }

    pub async fn invoke(&self, name: &str, event: &Value) -> Invoked {
        let headers = [("x-amz-log-type", "Tail")];
        let answer = self
            .lambda_with(
                "POST",
                &format!("{FUNCTIONS}/{name}/invocations"),
                Bytes::from(event.to_string()),
                &headers,
            )
            .await;
        let log =
            answer.header("x-amz-log-result").map(|log| STANDARD.decode(log).expect("base64"));
        Invoked { log: String::from_utf8_lossy(&log.unwrap_or_default()).into_owned(), answer }
    }
}

/// What an invocation gave.
#[derive(Debug)]
pub struct Invoked {
    pub answer: Answer,
    pub log: String,
}

impl Invoked {
    /// The function's value; it must not have failed.
    pub fn value(&self) -> Value {
        assert_eq!(
            (self.answer.status.as_u16(), self.answer.header("x-amz-function-error")),
            (200, None),
            "{self:?}"
        );
        self.answer.json()
    }

    /// The error's type and message; it must have failed as functions fail.
    pub fn failure(&self) -> (String, String) {
        assert_eq!(
            (self.answer.status.as_u16(), self.answer.header("x-amz-function-error")),
            (200, Some("Unhandled")),
            "{self:?}"
        );
        let body = self.answer.json();
        let field = |name: &str| body[name].as_str().unwrap_or("none").to_owned();
        (field("errorType"), field("errorMessage"))
    }

    /// The REPORT line, which must be the last and the only one of ours.
    pub fn report(&self) -> &str {
        let last = self.log.lines().next_back().unwrap_or("");
        let id = self.answer.header("x-amzn-requestid").expect("a request id");
        assert!(last.starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{self:?}");
        last
    }

    pub fn was_cold(&self) -> bool {
        self.report().contains("Init Duration: ")
    }
}
