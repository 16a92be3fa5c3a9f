//! Roles that Lambda may assume, made before there is a client for them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Has the peer at a port make a role.
pub(crate) fn make(port: u16, name: &str) {
    let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A\
                 %22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22\
                 %7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
    let form = format!(
        "Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={trust}"
    );
    let signed = "content-type: application/x-www-form-urlencoded\r\n\
                  authorization: AWS4-HMAC-SHA256 \
                  Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/iam/aws4_request, \
                  SignedHeaders=host, Signature=0\r\n";
    let answer = post(port, "/", signed, &form);
    assert!(answer.contains(" 200 "), "no role could be made: {answer}");
}

/// Sends one request and gives the whole answer.
pub(crate) fn post(port: u16, path: &str, headers: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("the peer listens");
    write!(
        connection,
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{headers}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the peer takes requests");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the peer answers");
    answer
}
