//! Wheels come from the index that pip is set up for, and only if their hashes are right.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};

use photofinish_runtimes::{Architecture, Cache, Silent, python314};

const CONTENT: &[u8] = b"not really a wheel";
/// The SHA-256 of `CONTENT`.
const DIGEST: &str = "5012353aa6a0734b468ac4dcad5b802e70382f41303f87cfe89d223e3a6be654";

/// A package index on loopback that answers every page alike, and remembers who asked.
struct Index {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Index {
    fn start(kind: &'static str, page: String) -> Self {
        Self::start_after(0, kind, page)
    }

    /// One that hangs up on the first few.
    fn start_after(faults: usize, kind: &'static str, page: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten().skip(faults) {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().unwrap().unwrap();
                let head = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
                let login =
                    head.filter(|line| line.starts_with("Authorization")).collect::<String>();
                seen.lock().unwrap().push(format!("{first} {login}"));
                let body = if first.contains(".whl") { CONTENT } else { page.as_bytes() };
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
                     Connection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(body);
            }
        });
        Self { address, requests }
    }

    fn url(&self) -> String {
        format!("http://someone:s%40cret@{}/simple/", self.address)
    }
}

fn json_page(digest: &str) -> String {
    let file = |name: &str| {
        format!(
            r#"{{"filename":"{name}","url":"../../files/{name}","hashes":{{"sha256":"{digest}"}}}}"#
        )
    };
    let names = [
        "some_thing-1.0-cp314-cp314-manylinux_2_39_x86_64.whl",
        "some_thing-1.0-cp314-cp314-manylinux_2_28_x86_64.whl",
        "some_thing-1.0-cp314-cp314-manylinux_2_17_x86_64.whl",
        "some_thing-1.0-cp313-cp313-manylinux_2_28_x86_64.whl",
        "some_thing-1.0-cp314-cp314t-manylinux_2_28_x86_64.whl",
        "some_thing-1.0-py3-none-any.whl",
        "some_thing-1.1-py3-none-any.whl",
    ];
    format!(r#"{{"files":[{}]}}"#, names.map(file).join(","))
}

/// Runs the script that fetches for x86_64, set up by these variables alone.
fn fetch(environment: &[(&str, &str)], into: &Path) -> Output {
    let here = Architecture::of_this_machine().expect("the tests run on x86_64 or arm64");
    let runtime = python314(&Cache::of_user().unwrap(), here, None, &Silent).unwrap();
    let request = format!(
        r#"{{"wheels":[{{"name":"Some.thing","version":"1.0"}}],"machine":"x86_64","glibc":34,
            "into":"{}","certificates":"{}"}}"#,
        into.display(),
        runtime.root.join("etc/ssl/certs/ca-certificates.crt").display()
    );
    let mut python = runtime.unconfined();
    python.args(["-c", include_str!("../python/fetch.py")]).env_clear();
    python.env("HOME", into).envs(environment.iter().copied());
    python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const JSON: &str = "application/vnd.pypi.simple.v1+json";

#[test]
fn the_best_wheel_that_the_target_can_load_is_taken_with_the_indexs_login() {
    let into = tempfile::tempdir().unwrap();
    let index = Index::start(JSON, json_page(DIGEST));
    let ended = fetch(&[("PIP_INDEX_URL", &index.url())], into.path());
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let file = "some_thing-1.0-cp314-cp314-manylinux_2_28_x86_64.whl";
    assert!(text(&ended.stdout).contains(file) && text(&ended.stdout).contains(DIGEST));
    assert_eq!(std::fs::read(into.path().join(file)).unwrap(), CONTENT);
    let requests = index.requests.lock().unwrap().clone();
    assert!(requests[0].starts_with("GET /simple/some-thing/ "), "{requests:?}");
    // someone:s@cret
    assert!(requests.iter().all(|one| one.contains("Basic c29tZW9uZTpzQGNyZXQ=")), "{requests:?}");
}

#[test]
fn an_index_that_hangs_up_is_asked_again() {
    let into = tempfile::tempdir().unwrap();
    let index = Index::start_after(2, JSON, json_page(DIGEST));
    let ended = fetch(&[("PIP_INDEX_URL", &index.url())], into.path());
    assert!(ended.status.success(), "{}", text(&ended.stderr));
}

#[test]
fn an_older_index_answers_in_html() {
    let into = tempfile::tempdir().unwrap();
    let link = format!(r#"<a href="/f/some_thing-1.0-py3-none-any.whl#sha256={DIGEST}">x</a>"#);
    let index = Index::start("text/html", link);
    let ended = fetch(&[("PIP_INDEX_URL", &index.url())], into.path());
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    assert!(into.path().join("some_thing-1.0-py3-none-any.whl").exists());
}

#[test]
fn a_file_with_another_hash_or_with_none_stated_is_refused() {
    let into = tempfile::tempdir().unwrap();
    let lying = Index::start(JSON, json_page(&"0".repeat(64)));
    let ended = fetch(&[("PIP_INDEX_URL", &lying.url())], into.path());
    let why = text(&ended.stderr);
    assert!(!ended.status.success() && why.contains("the index states 0000"), "{why}");
    let page = r#"<a href="some_thing-1.0-py3-none-any.whl">x</a>"#.to_owned();
    let silent = Index::start("text/html", page);
    let ended = fetch(&[("PIP_INDEX_URL", &silent.url())], into.path());
    assert!(text(&ended.stderr).contains("states no SHA-256"), "{}", text(&ended.stderr));
}

#[test]
fn a_folder_of_wheels_serves_without_any_index() {
    let (into, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let environment = [("PIP_FIND_LINKS", folder.path().to_str().unwrap()), ("PIP_NO_INDEX", "1")];
    let ended = fetch(&environment, into.path());
    let why = text(&ended.stderr);
    assert!(why.contains("Some.thing 1.0: no wheel for CPython 3.14 on x86_64"), "{why}");
    std::fs::write(folder.path().join("some_thing-1.0-py3-none-any.whl"), CONTENT).unwrap();
    let ended = fetch(&environment, into.path());
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    assert!(text(&ended.stdout).contains(DIGEST), "{}", text(&ended.stdout));
}
