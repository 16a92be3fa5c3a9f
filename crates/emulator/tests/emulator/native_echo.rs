//! A runtime in a few lines, for a story: tells where it runs and what it was given.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("the Runtime API's address");
    loop {
        let path = "/2018-06-01/runtime/invocation";
        let (head, event) = ask(&api, &format!("GET {path}/next"), "");
        let id = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("lambda-runtime-aws-request-id").then(|| value.trim())
        });
        let id = id.expect("a request id");
        let architecture = std::env::consts::ARCH;
        let answer = format!("{{\"architecture\": \"{architecture}\", \"event\": {event}}}");
        ask(&api, &format!("POST {path}/{id}/response"), &answer);
    }
}

/// One request; gives the answer's head and body.
fn ask(api: &str, what: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(api).expect("a connection");
    let length = body.len();
    write!(
        stream,
        "{what} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .expect("to ask");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("HTTP");
    (head.to_owned(), body.to_owned())
}
