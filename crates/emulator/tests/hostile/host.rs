//! What an attack is told of its host, so that it knows where to go: a file, a port, an abstract
//! socket, the emulator itself. Whoever reaches one of them has escaped.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Stands in a file that everyone on the host may read.
const SECRET: &str = "the host's own words, which no guest reads";

/// The baits.
pub struct Host {
    folder: TempDir,
    tcp: TcpListener,
    unix: UnixListener,
    abstracted: String,
}

impl Host {
    pub fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        open_to_all(folder.path(), 0o777);
        std::fs::write(folder.path().join("secret"), SECRET).expect("a file");
        open_to_all(&folder.path().join("secret"), 0o666);
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        tcp.set_nonblocking(true).expect("a flag");
        let abstracted =
            folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let address = SocketAddr::from_abstract_name(&abstracted).expect("a name");
        let unix = UnixListener::bind_addr(&address).expect("an abstract socket");
        unix.set_nonblocking(true).expect("a flag");
        Self { folder, tcp, unix, abstracted }
    }

    /// What the attack finds in its event.
    pub fn told(&self, endpoint: &str, data: &Path) -> Value {
        json!({
            "folder": self.folder.path(),
            "secret": self.folder.path().join("secret"),
            "port": self.tcp.local_addr().expect("an address").port(),
            "abstract": self.abstracted,
            "endpoint": endpoint,
            "data": data,
            "pid": std::process::id(),
        })
    }

    /// Nobody came, nothing was read, nothing was changed.
    pub fn check(&self, told: &str) -> Result<(), String> {
        if self.tcp.accept().is_ok() {
            return Err("it reached a port of the host".to_owned());
        }
        if self.unix.accept().is_ok() {
            return Err("it reached an abstract socket of the host".to_owned());
        }
        if told.contains(SECRET) {
            return Err("it read a file of the host".to_owned());
        }
        let left = std::fs::read_dir(self.folder.path()).expect("the folder").count();
        let secret = std::fs::read_to_string(self.folder.path().join("secret"));
        if left != 1 || secret.ok().as_deref() != Some(SECRET) {
            return Err("it changed the host's files".to_owned());
        }
        Ok(())
    }
}

fn open_to_all(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
}
