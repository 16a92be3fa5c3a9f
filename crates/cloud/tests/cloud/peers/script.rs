//! A server that reads from a script: what no well-behaved implementation can be made to do.

use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use photofinish_cloud::Endpoint;

/// What the server does with one request, once it has read it.
#[derive(Clone)]
pub(crate) enum Act {
    /// Answers, and keeps the connection.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Answers, and then closes a connection that the client thinks is kept.
    AnswerAndLeave { status: u16, body: String },
    /// Closes the connection without a word.
    Leave,
    /// Keeps the connection and says nothing.
    Silence,
}

impl Act {
    pub(crate) fn answer(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, headers: Vec::new(), body: body.into() }
    }

    /// An error as Lambda has them: the type in a header, the message in the body.
    pub(crate) fn refuse(status: u16, error: &'static str, message: &str) -> Self {
        Self::Answer {
            status,
            headers: vec![("x-amzn-errortype", error.to_owned())],
            body: format!(r#"{{"message":"{message}"}}"#),
        }
    }
}

/// A server that does one act after another, and keeps the first line of each request and its body.
pub(crate) struct Script {
    port: u16,
    requests: Arc<Mutex<Vec<(String, String)>>>,
}

impl Script {
    pub(crate) fn play(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("it has an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let acts: Arc<Mutex<_>> = Arc::new(Mutex::new(acts.into_iter().collect::<Vec<_>>()));
        acts.lock().expect("new").reverse();
        let seen = requests.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (acts, seen) = (acts.clone(), seen.clone());
                std::thread::spawn(move || serve(&connection, &acts, &seen));
            }
        });
        Self { port, requests }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: format!("http://127.0.0.1:{}", self.port),
            region: "us-east-1".to_owned(),
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "not-a-secret".to_owned(),
        }
    }

    /// Method and path of every request that arrived whole.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen(|(line, _)| line.clone())
    }

    /// What was in the body of each of them.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.seen(|(_, body)| body.clone())
    }

    fn seen(&self, part: impl Fn(&(String, String)) -> String) -> Vec<String> {
        self.requests.lock().expect("nobody panicked").iter().map(part).collect()
    }
}

fn serve(connection: &TcpStream, acts: &Mutex<Vec<Act>>, seen: &Mutex<Vec<(String, String)>>) {
    let mut reader = BufReader::new(connection);
    while let Some(request) = request(&mut reader) {
        seen.lock().expect("nobody panicked").push(request);
        let act = acts.lock().expect("nobody panicked").pop();
        match act.expect("the script is long enough") {
            Act::Answer { status, headers, body } => say(connection, status, &headers, &body),
            Act::AnswerAndLeave { status, body } => {
                say(connection, status, &[], &body);
                return;
            }
            Act::Leave => return,
            Act::Silence => std::thread::sleep(Duration::from_secs(30)),
        }
    }
}

fn request(reader: &mut impl std::io::BufRead) -> Option<(String, String)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let words: Vec<&str> = first.split(' ').collect();
    let line = format!("{} {}", words[0], words[1].split('?').next().unwrap_or_default());
    Some((line, String::from_utf8_lossy(&body).into_owned()))
}

fn say(mut to: &TcpStream, status: u16, headers: &[(&'static str, String)], body: &str) {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let _ = write!(
        to,
        "HTTP/1.1 {status} said\r\ncontent-type: application/json\r\n\
         x-amzn-requestid: 7a3c2f0e-5b1d-4e8a-9c60-1f2e3d4c5b6a\r\n{headers}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
}
