//! What must hold of any response, whoever sent it.

use std::time::Duration;

use photofinish_generate::{Ending, Fault, Provider, Response};

/// The most that is believed of a wait, and a little.
const LONGEST_WAIT: Duration = Duration::from_secs(401 * 86_400);

/// Reads an input as the golden files are written: a status, headers, a blank line, the body.
/// Whatever it says, it is read the same way twice, what is quoted of it is one short line, and
/// only success is a reply.
pub fn holds(provider: Provider, input: &[u8]) {
    let response = response(input);
    let read = provider.read(&response);
    assert_eq!(read, provider.read(&response));
    let counted = provider.usage(&response);
    match read {
        Ok(reply) => {
            assert!((200..300).contains(&response.status));
            assert_eq!(reply.usage, counted);
            if let (Some(output), Some(reasoning)) = (counted.output, counted.reasoning)
                && provider == Provider::Gemini
            {
                assert!(output >= reasoning, "thoughts are part of what is billed");
            }
            assert_ne!(reply.ending, Ending::CutOff("stop".to_owned()));
        }
        Err(fault) => {
            let told = fault.to_string();
            assert!(!told.contains(char::is_control), "{told:?}");
            assert!(told.chars().count() < 500, "{told:?}");
            if let Fault::Later { after: Some(after), .. } = fault {
                assert!(after < LONGEST_WAIT);
            }
        }
    }
}

fn response(input: &[u8]) -> Response {
    let end = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
    let (head, body) = input.split_at(end);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Response {
        status: status.unwrap_or(200),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: body.strip_prefix(b"\n\n").unwrap_or(body).to_owned(),
    }
}
