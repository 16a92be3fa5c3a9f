//! A model on loopback: a server of chat completions whose answers a story decides.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What was asked: the function that the prompt names, and how many turns the user had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) function: String,
    pub(crate) turns: usize,
    /// The last thing that the user said.
    pub(crate) said: String,
    /// The header that carries the key.
    pub(crate) key: Option<String>,
}

/// A server that lasts as long as the test's process.
pub(crate) struct Author {
    pub(crate) base_url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Author {
    /// Answers each question with what `write` says: the status, and the text of the answer.
    pub(crate) fn writing(write: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (write, log) = (Arc::new(write), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (write, log) = (Arc::clone(&write), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*write, &log));
            }
        });
        Self { base_url, asked }
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, write: &dyn Fn(&Asked) -> (u16, String), log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut key) = (0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.trim().is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => key = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let turns: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|turn| turn["role"] == "user")
        .map(|turn| turn["content"].as_str().unwrap())
        .collect();
    let (_, rest) = turns[0].split_once("This one is `").unwrap();
    let asked = Asked {
        function: rest.split_once('`').unwrap().0.to_owned(),
        turns: turns.len(),
        said: turns.last().unwrap().to_string(),
        key,
    };
    log.lock().unwrap().push(asked.clone());
    let (status, text) = write(&asked);
    let answer = if status == 200 {
        json!({
            "model": "tiny-2026-01-01",
            "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 300},
        })
    } else {
        let code = match status {
            401 => "invalid_api_key",
            400 => "content_policy_violation",
            _ => "server_error",
        };
        json!({"error": {"message": text, "code": code}})
    };
    let answer = answer.to_string();
    let _ = write!(
        reader.get_mut(),
        "HTTP/1.1 {status} Whatever\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{answer}",
        answer.len()
    );
}
