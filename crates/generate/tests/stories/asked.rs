//! Asking servers on loopback that answer late, wrongly or not at all. No story waits: its clock
//! runs as fast as it is told to sleep.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use photofinish_generate::{
    Access, Attempt, Cause, Client, Clock, Failure, Fault, NoAccess, Patience, Provider, Question,
    Recorder, Reply, Request, Speaker, Turn, Unrecorded, WhyNot,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const KEY: &str = "sk-proj-a/secret+key_0123456789";

/// A clock whose time passes only while someone sleeps; at night nobody wakes.
#[derive(Default)]
struct Sundial {
    now: Mutex<Duration>,
    sleeps: Mutex<Vec<Duration>>,
    night: AtomicBool,
    asleep: Notify,
}

impl Clock for Sundial {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    fn written(&self) -> String {
        format!("2026-11-24T12:00:00.000Z+{}", self.now().as_millis())
    }

    fn sleep(&self, length: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        if self.night.load(Ordering::Relaxed) {
            self.asleep.notify_one();
            return Box::pin(std::future::pending());
        }
        *self.now.lock().unwrap() += length;
        self.sleeps.lock().unwrap().push(length);
        Box::pin(tokio::task::yield_now())
    }
}

/// Writes everything down, and may be unable to.
#[derive(Default)]
struct Diary {
    full: bool,
    lines: Vec<String>,
    attempts: Vec<Attempt>,
}

impl Recorder for Diary {
    fn intent(&mut self, request: &Request, sent_at: &str) -> Result<(), Unrecorded> {
        if self.full {
            return Err("the disk is full".into());
        }
        assert!(!request.body.is_empty() && sent_at.starts_with("2026-11-24"));
        self.lines.push("intent".to_owned());
        Ok(())
    }

    fn outcome(&mut self, attempt: &Attempt) -> Result<(), Unrecorded> {
        let outcome = attempt.outcome.as_ref().map(|response| response.status);
        self.lines.push(outcome.map_or("nothing".to_owned(), |status| status.to_string()));
        self.attempts.push(attempt.clone());
        Ok(())
    }

    fn pause(&mut self, _length: Duration, _why: &Fault) {
        self.lines.push("pause".to_owned());
    }
}

/// A server that gives these bytes, one after the other to each connection, and keeps what it got.
struct Server {
    address: String,
    got: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn giving(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = whole_request(&mut stream).await;
                kept.lock().unwrap().push(request);
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.shutdown().await.ok();
            }
        });
        Self { address, got }
    }

    fn times_asked(&self) -> usize {
        self.got.lock().unwrap().len()
    }
}

async fn whole_request(stream: &mut tokio::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return text;
        }
    }
}

fn http(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn answer() -> String {
    http(
        200,
        "",
        r#"{"model":"m-1","choices":[{"message":{"content":"x = 1"},"finish_reason":"stop"}]}"#,
    )
}

fn question() -> Question {
    Question {
        model: "m".to_owned(),
        turns: vec![Turn { speaker: Speaker::User, text: "Write it.".to_owned() }],
        effort: None,
        max_output_tokens: 100,
    }
}

fn environment(variable: &str) -> Option<String> {
    variable.ends_with("_API_KEY").then(|| KEY.to_owned())
}

fn client(address: &str, clock: &Arc<Sundial>) -> Client {
    let access = Access::find(Provider::Compatible, Some(address), &environment).ok().unwrap();
    Client::with_clock(access, Patience::default(), 2, Arc::clone(clock) as Arc<dyn Clock>).unwrap()
}

struct Asked {
    result: Result<Reply, Failure>,
    diary: Diary,
    clock: Arc<Sundial>,
    server: Server,
}

async fn ask(answers: Vec<String>) -> Asked {
    let clock = Arc::new(Sundial::default());
    let server = Server::giving(answers).await;
    let mut diary = Diary::default();
    let result = client(&server.address, &clock).ask(&question(), &mut diary).await;
    Asked { result, diary, clock, server }
}

#[tokio::test]
async fn an_answer_is_recorded_before_it_is_asked_for_and_after_it_came() {
    let asked = ask(vec![answer()]).await;
    assert_eq!(asked.result.unwrap().text, "x = 1");
    assert_eq!(asked.diary.lines, ["intent", "200"]);
    let sent = &asked.server.got.lock().unwrap()[0];
    assert!(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{sent}");
    assert!(sent.contains(&format!("authorization: Bearer {KEY}\r\n")), "{sent}");
    assert!(sent.contains("user-agent: photofinish\r\n"), "{sent}");
    let recorded = &asked.diary.attempts[0].request;
    let body = sent.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(body.as_bytes(), recorded.body, "what is recorded is what was sent");
}

#[tokio::test]
async fn a_server_that_asks_for_a_wait_gets_it() {
    let limited = http(429, "retry-after: 30\r\n", r#"{"error":{"message":"slow down"}}"#);
    let asked = ask(vec![limited.clone(), limited, answer()]).await;
    assert!(asked.result.is_ok());
    assert_eq!(
        asked.diary.lines,
        ["intent", "429", "pause", "intent", "429", "pause", "intent", "200"]
    );
    let sleeps = asked.clock.sleeps.lock().unwrap();
    assert_eq!(sleeps.len(), 2);
    assert!(sleeps.iter().all(|slept| *slept >= Duration::from_secs(30)), "{sleeps:?}");
    assert!(sleeps.iter().all(|slept| *slept < Duration::from_secs(40)), "{sleeps:?}");
}

#[tokio::test]
async fn pauses_grow_while_a_server_is_broken_and_end() {
    let broken = http(500, "", r#"{"error":{"message":"oh"}}"#);
    let asked = ask(vec![broken; 9]).await;
    let failure = asked.result.unwrap_err();
    assert_eq!(failure.attempts, 5);
    assert!(matches!(failure.why, WhyNot::GaveUp { attempts: 5, .. }), "{failure}");
    assert_eq!(asked.server.times_asked(), 5);
    let sleeps = asked.clock.sleeps.lock().unwrap();
    for (nth, slept) in sleeps.iter().enumerate() {
        let most = Duration::from_secs(2 << nth);
        assert!(*slept >= most / 2 && *slept <= most, "{sleeps:?}");
    }
    assert_eq!(sleeps.len(), 4);
}

#[tokio::test]
async fn what_no_waiting_mends_is_asked_once() {
    for (status, cause) in [
        (400, Cause::BadRequest),
        (401, Cause::BadKey),
        (402, Cause::NoBalance),
        (404, Cause::NoSuchPlace),
        (302, Cause::NoSuchPlace),
    ] {
        let asked = ask(vec![http(status, "location: /elsewhere\r\n", "{}"), answer()]).await;
        let failure = asked.result.unwrap_err();
        assert!(
            matches!(failure.why, WhyNot::Fatal { cause: told, .. } if told == cause),
            "{failure}"
        );
        assert_eq!((asked.server.times_asked(), failure.attempts), (1, 1));
        assert!(asked.clock.sleeps.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_wait_beyond_all_patience_is_not_begun() {
    let limited = http(429, "retry-after: 86400\r\n", "{}");
    let asked = ask(vec![limited, answer()]).await;
    let failure = asked.result.unwrap_err();
    assert!(matches!(failure.why, WhyNot::TooLong { asked, .. } if asked.as_secs() == 86_400));
    assert!(failure.to_string().contains("a wait of 86400 s, longer than the 2700 s"), "{failure}");
    assert!(asked.clock.sleeps.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_busy_server_is_asked_until_the_deadline() {
    let asked = ask(vec![http(429, "", "{}"); 80]).await;
    let failure = asked.result.unwrap_err();
    let WhyNot::GaveUp { attempts, waited, .. } = failure.why else { panic!("{failure}") };
    assert!(attempts > 5, "{attempts}");
    assert_eq!(waited, Patience::default().deadline);
}

#[tokio::test]
async fn answers_that_break_off_are_attempts_that_gave_nothing() {
    let half = "HTTP/1.1 200 Said\r\ncontent-length: 400\r\n\r\n{\"choices\":[{\"mes".to_owned();
    let asked = ask(vec![half, String::new(), answer()]).await;
    assert!(asked.result.is_ok());
    assert_eq!(
        asked.diary.lines,
        ["intent", "nothing", "pause", "intent", "nothing", "pause", "intent", "200"]
    );
    let why = asked.diary.attempts[0].outcome.clone().unwrap_err();
    assert!(why.starts_with("the answer (HTTP status 200) broke off after"), "{why}");
}

#[tokio::test]
async fn nonsense_is_asked_again_and_blank_lines_are_waited_through() {
    let page = http(200, "", "<html>please sign in</html>");
    let late = answer().replace("\r\n\r\n{", "\r\n\r\n\n\n\n{").replace(
        &format!("content-length: {}", answer().split_once("\r\n\r\n").unwrap().1.len()),
        &format!("content-length: {}", answer().split_once("\r\n\r\n").unwrap().1.len() + 3),
    );
    let asked = ask(vec![page, late]).await;
    assert_eq!(asked.result.unwrap().text, "x = 1");
    assert_eq!(asked.diary.attempts[1].outcome.as_ref().unwrap().body[..4], *b"\n\n\n{");
}

#[tokio::test]
async fn a_key_that_comes_back_is_in_nothing_that_is_kept() {
    let json = KEY.replace('/', "\\/");
    let percent = KEY.replace('/', "%2F").replace('+', "%2B");
    let body = format!(r#"{{"error":{{"message":"bad key {KEY} {json} {percent} end"}}}}"#);
    let asked =
        ask(vec![http(401, &format!("x-echo: Bearer {KEY}\r\nset-cookie: a=b\r\n"), &body)]).await;
    let failure = asked.result.unwrap_err();
    let told = format!("{failure} {failure:?} {:?}", asked.diary.attempts);
    assert!(!told.contains("secret"), "{told}");
    assert!(told.contains("bad key redacted redacted redacted end"), "{told}");
    let response = asked.diary.attempts[0].outcome.as_ref().unwrap();
    let text = String::from_utf8(response.body.clone()).unwrap();
    assert!(!text.contains("secret"), "{text}");
    assert!(response.headers.contains(&("x-echo".to_owned(), "Bearer redacted".to_owned())));
    assert!(response.headers.iter().all(|(name, _)| name != "set-cookie"));
    let key =
        asked.diary.attempts[0].request.headers.iter().find(|(name, _)| name == "authorization");
    assert_eq!(key.unwrap().1, "redacted");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_sent() {
    let clock = Arc::new(Sundial::default());
    let server = Server::giving(vec![answer()]).await;
    let mut diary = Diary { full: true, ..Diary::default() };
    let failure = client(&server.address, &clock).ask(&question(), &mut diary).await.unwrap_err();
    assert!(failure.to_string().ends_with("cannot be recorded: the disk is full"), "{failure}");
    assert_eq!((server.times_asked(), failure.attempts), (0, 0));
}

#[tokio::test]
async fn whoever_is_told_to_wait_speaks_for_all() {
    let limited = http(429, "retry-after: 30\r\n", "{}");
    let clock = Arc::new(Sundial::default());
    let server = Server::giving(vec![limited, answer()]).await;
    let client = client(&server.address, &clock);
    let (mut one, mut other) = (Diary::default(), Diary::default());
    clock.night.store(true, Ordering::Relaxed);
    let question = question();
    tokio::select! {
        result = client.ask(&question, &mut one) => panic!("{result:?}"),
        () = clock.asleep.notified() => {}
    }
    clock.night.store(false, Ordering::Relaxed);
    client.ask(&question, &mut other).await.unwrap();
    assert_eq!(one.lines, ["intent", "429", "pause"]);
    assert_eq!(*clock.sleeps.lock().unwrap(), [Duration::from_secs(30)]);
    assert_eq!(other.attempts[0].sent_at, "2026-11-24T12:00:00.000Z+30000");
}

#[tokio::test]
async fn waiting_behind_others_costs_a_question_none_of_its_time() {
    let limited = |seconds| http(429, &format!("retry-after: {seconds}\r\n"), "{}");
    let clock = Arc::new(Sundial::default());
    let server = Server::giving(vec![limited(2000), limited(1000), answer()]).await;
    let client = client(&server.address, &clock);
    let (mut one, mut other) = (Diary::default(), Diary::default());
    clock.night.store(true, Ordering::Relaxed);
    let question = question();
    tokio::select! {
        result = client.ask(&question, &mut one) => panic!("{result:?}"),
        () = clock.asleep.notified() => {}
    }
    clock.night.store(false, Ordering::Relaxed);
    // 2000 s behind the other and 1000 s of its own are more than the deadline's 2700.
    client.ask(&question, &mut other).await.unwrap();
    assert_eq!(other.lines, ["intent", "429", "pause", "intent", "200"]);
}

#[tokio::test]
async fn a_kill_while_waiting_leaves_an_intent_without_an_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&address, &Arc::default());
    let mut diary = Diary::default();
    let received = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        whole_request(&mut stream).await;
        stream
    };
    let question = question();
    tokio::select! {
        result = client.ask(&question, &mut diary) => panic!("{result:?}"),
        _stream = received => {}
    }
    assert_eq!(diary.lines, ["intent"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let clock = Arc::new(Sundial::default());
    let mut diary = Diary::default();
    let failure = client(&address, &clock).ask(&question(), &mut diary).await.unwrap_err();
    assert!(failure.to_string().contains("the server cannot be reached"), "{failure}");
    assert_eq!(diary.attempts.len(), 5);
}

#[test]
fn an_address_is_the_studys_or_the_variables_or_the_usual_one() {
    let set = |variable: &str| match variable {
        "OPENAI_BASE_URL" => Some(" https://proxy.example/openai/v1/ ".to_owned()),
        other => environment(other),
    };
    let find = |provider, base_url| Access::find(provider, base_url, &set).ok().unwrap();
    let base_url = |provider, given| find(provider, given).base_url().to_owned();
    assert_eq!(base_url(Provider::OpenAi, Some("http://127.0.0.1:9/v1")), "http://127.0.0.1:9/v1");
    assert_eq!(base_url(Provider::OpenAi, None), "https://proxy.example/openai/v1");
    assert_eq!(base_url(Provider::DeepSeek, None), "https://api.deepseek.com");
    assert_eq!(base_url(Provider::Gemini, None), "https://generativelanguage.googleapis.com");
}

#[test]
fn only_an_address_of_this_machine_costs_nothing() {
    let is_here = |address| {
        let found = Access::find(Provider::Compatible, Some(address), &environment);
        found.ok().unwrap().is_on_this_machine()
    };
    for here in
        ["http://127.0.0.1:9/v1", "http://localhost", "http://[::1]:9/v1", "http://127.9.9.9"]
    {
        assert!(is_here(here), "{here}");
    }
    for elsewhere in
        ["http://127.0.0.1.example.org/v1", "https://localhost.example.org", "http://10.0.0.1:9"]
    {
        assert!(!is_here(elsewhere), "{elsewhere}");
    }
}

#[test]
fn a_missing_key_or_address_is_told_with_what_to_set() {
    let nothing = |_: &str| None;
    let told = |provider, base_url, environment: &dyn Fn(&str) -> Option<String>| {
        Access::find(provider, base_url, environment).err().unwrap().to_string()
    };
    assert_eq!(
        told(Provider::Gemini, None, &nothing),
        "there is no key for gemini; set GEMINI_API_KEY or GOOGLE_API_KEY"
    );
    assert_eq!(
        told(Provider::Compatible, None, &nothing),
        "nothing says where compatible is; give a base_url, or set COMPATIBLE_BASE_URL"
    );
    // A server of one's own may need none.
    let own = Access::find(Provider::OpenAi, Some("http://127.0.0.1:9"), &nothing).ok().unwrap();
    assert!(!own.has_key());
    // So short a word stands in answers, too: it can be neither left there nor taken out.
    let short = |_: &str| Some("secret".to_owned());
    let fault = told(Provider::Compatible, Some("http://127.0.0.1:9"), &short);
    assert!(fault.starts_with("COMPATIBLE_API_KEY cannot be a key: it has fewer than 8"));
    assert!(!fault.contains("secret"), "{fault}");
    let broken = |_: &str| Some("sk-secret\nx".to_owned());
    let fault = told(Provider::OpenAi, Some("http://127.0.0.1:9"), &broken);
    assert!(fault.starts_with("OPENAI_API_KEY cannot be a key") && !fault.contains("secret"));
}

#[test]
fn an_address_that_holds_a_secret_or_leads_nowhere_is_refused_without_being_quoted() {
    for (address, why) in [
        ("http://me:secret@127.0.0.1:9", "user's name or password"),
        ("https://gateway.example/v1?key=secret", "before any `?`"),
        ("ftp://secret.example", "begin with https://"),
        ("secret", "relative URL"),
    ] {
        let fault = Access::find(Provider::Compatible, Some(address), &environment).err().unwrap();
        assert!(matches!(fault, NoAccess::NotAnAddress { place: "base_url", .. }), "{fault}");
        let told = fault.to_string();
        assert!(told.contains(why) && !told.contains("secret"), "{told}");
    }
}

/// A server with a certificate that nobody has signed but itself.
fn self_signed() -> String {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/nobody.key")).unwrap();
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/nobody.crt")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![certificate], key)
    .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let _ = session.complete_io(&mut { stream });
        }
    });
    address
}

#[tokio::test]
async fn a_certificate_that_cannot_be_verified_is_not_asked_again() {
    let clock = Arc::new(Sundial::default());
    let mut diary = Diary::default();
    let result = client(&self_signed(), &clock).ask(&question(), &mut diary).await;
    let failure = result.unwrap_err();
    assert!(matches!(&failure.why, WhyNot::Fatal { cause: Cause::Untrusted, .. }), "{failure}");
    assert_eq!((failure.attempts, clock.sleeps.lock().unwrap().len()), (1, 0));
    let told = failure.to_string();
    assert!(told.contains("SSL_CERT_FILE") && told.contains("certificate"), "{told}");
    assert!(diary.attempts[0].outcome.is_err(), "what came of it is recorded all the same");
}
