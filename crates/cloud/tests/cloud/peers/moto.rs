//! moto: an independent implementation of the AWS APIs, without any code execution.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use photofinish_cloud::Endpoint;
use tempfile::TempDir;

use super::{Judge, role};

const MOTO: &str = "5.2.1";

/// Makes a key and a certificate for 127.0.0.1 that nobody but itself vouches for.
const SELF_SIGNED: &str = r"
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'moto')])
address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address('127.0.0.1'))])
now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
    .public_key(key.public_key()).serial_number(x509.random_serial_number())
    .not_valid_before(now - day).not_valid_after(now + day)
    .add_extension(address, False).sign(key, hashes.SHA256()))
pem = serialization.Encoding.PEM
open(sys.argv[1], 'wb').write(key.private_bytes(pem,
    serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
open(sys.argv[2], 'wb').write(certificate.public_bytes(pem))
";

/// A running moto server; it ends with this value.
pub(crate) struct Moto {
    child: Child,
    port: u16,
    scheme: &'static str,
    judge: Option<Judge>,
    _certificates: Option<TempDir>,
}

impl Moto {
    /// Installs moto where it is missing, and starts it behind a judge of every request.
    pub(crate) fn start() -> Self {
        let mut moto = Self::start_with(&[]);
        moto.judge = Some(Judge::over(&moto.endpoint()));
        moto
    }

    /// The same without a judge, with more environment variables for the server.
    pub(crate) fn start_with(environment: &[(&str, &str)]) -> Self {
        let (child, port) = spawn(|server| {
            server.envs(environment.iter().copied());
        });
        Self { child, port, scheme: "http", judge: None, _certificates: None }
    }

    /// The same over TLS, with a certificate of its own making, whose file is given too.
    pub(crate) fn start_with_tls() -> (Self, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
        run(
            Command::new(installed().with_file_name("python"))
                .args(["-c", SELF_SIGNED])
                .args([&key, &certificate]),
            "the cryptography package that moto brings",
        );
        let (child, port) = spawn(|server| {
            server.arg("-c").arg(&certificate).arg("-k").arg(&key);
        });
        (
            Self { child, port, scheme: "https", judge: None, _certificates: Some(folder) },
            certificate,
        )
    }

    /// From here on every call, of whatever function, is answered with its own payload. (Without
    /// Docker moto runs no code, and in this mode it loses sight of layers.)
    pub(crate) fn echo(&self) {
        role::post(self.port, "/moto-api/config", "", r#"{"lambda":{"use_docker":false}}"#);
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        let own = self.unjudged();
        self.judge.as_ref().map_or(own.clone(), |judge| judge.endpoint(own))
    }

    /// The same past the judge, for what would only keep it busy.
    pub(crate) fn unjudged(&self) -> Endpoint {
        Endpoint {
            url: format!("{}://127.0.0.1:{}", self.scheme, self.port),
            region: "us-east-1".to_owned(),
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "not-a-secret".to_owned(),
        }
    }

    /// Makes a role that Lambda may assume and gives its ARN.
    pub(crate) fn role(&self, name: &str) -> String {
        role::make(self.port, name);
        format!("arn:aws:iam::123456789012:role/{name}")
    }
}

fn spawn(also: impl FnOnce(&mut Command)) -> (Child, u16) {
    let server = installed();
    let port = free_port();
    let mut command = Command::new(&server);
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    also(&mut command);
    let child = command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", server.display()));
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "moto does not begin to listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    (child, port)
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port where nothing listened a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("it has an address").port()
}

/// The server's executable, in a virtual environment of its own in the user's cache.
fn installed() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let venvs = cache.expect("HOME or XDG_CACHE_HOME is set").join("photofinish/venvs");
    fs::create_dir_all(&venvs).unwrap_or_else(|e| panic!("cannot make {}: {e}", venvs.display()));
    let lock = File::create(venvs.join("moto.lock")).expect("the cache can be written");
    lock.lock().expect("the cache can be locked");
    let venv = venvs.join(format!("moto-{MOTO}"));
    if !venv.join("complete").exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv), "python3-venv");
        run(
            Command::new(venv.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--no-input"])
                .arg(format!("moto[server]=={MOTO}")),
            "the Python package index",
        );
        mark(&venv);
    }
    venv.join("bin/moto_server")
}

fn mark(venv: &Path) {
    fs::write(venv.join("complete"), MOTO).expect("the cache can be written");
}

fn run(command: &mut Command, needs: &str) {
    let told = command.output().unwrap_or_else(|error| {
        panic!("this test runs against moto {MOTO} and needs {needs}: {command:?}: {error}")
    });
    assert!(
        told.status.success(),
        "this test runs against moto {MOTO} and needs {needs}: {command:?} says\n{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
}
