//! Files out of Debian packages, a root file system most of all, by the machine's apt with a
//! state of its own.
//!
//! Nothing is installed and nobody need be root: apt resolves against an empty system, checks
//! the archive's signature with Debian's keyring, downloads, and the packages are unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use photofinish_study::Architecture;
use tempfile::TempDir;

use crate::command;
use crate::error::Error;
use crate::manifest::{DebianPackage, sha256_of};
use crate::progress::Progress;

mod mirror;

/// The first Debian suite that has Python 3.14.
pub(crate) const SUITE: &str = "forky";
/// What is asked for; apt adds what these need. Nothing pulls libstdc++6, yet Pillow's AVIF and
/// the runtime interface client need it; base-files links /bin and /lib into /usr.
pub(crate) const WANTED: [&str; 4] = ["python3.14", "libstdc++6", "ca-certificates", "base-files"];
/// Programs that this way needs.
const PROGRAMS: [&str; 3] = ["apt-get", "dpkg-deb", "tar"];
const KEYRINGS: [&str; 2] = [
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
];
/// Folders of packages that no guest reads.
const LEFT_OUT: [&str; 4] =
    ["./usr/share/man", "./usr/share/locale", "./usr/share/lintian", "./usr/share/info"];

/// Whether this machine has apt and its companions.
pub(crate) fn has_programs() -> bool {
    PROGRAMS.iter().all(|program| command::is_installed(program))
}

/// A root that was just unpacked.
pub(crate) struct Unpacked {
    pub(crate) packages: Vec<DebianPackage>,
    pub(crate) source: String,
}

/// Unpacks Python 3.14 and what it needs into the empty folder `root`.
pub(crate) fn unpack(
    root: &Path,
    architecture: Architecture,
    progress: &dyn Progress,
) -> Result<Unpacked, Error> {
    let (_state, apt, mirror) = prepared(architecture)?;
    progress.step(&format!("reading the package list of Debian {SUITE} ({architecture})"));
    apt.run(&["update"], "read Debian's package list")?;
    progress.step(&format!("fetching Python 3.14 for {architecture} as Debian packages"));
    let mut install = vec!["install", "--download-only", "--assume-yes"];
    install.extend(WANTED);
    apt.run(&install, "fetch Debian packages")?;
    let files = apt.downloaded()?;
    progress.step(&format!("unpacking {} Debian packages", files.len()));
    let mut packages = Vec::new();
    for file in &files {
        packages.push(described(file)?);
        let without = LEFT_OUT.map(|folder| format!("--exclude={folder}/*"));
        unpack_one(file, root, &without.each_ref().map(String::as_str))?;
    }
    write_certificates(root)?;
    Ok(Unpacked { packages, source: format!("Debian {SUITE} from {mirror}") })
}

/// An apt of its own in a folder that passes, and the mirror it fetches from.
fn prepared(architecture: Architecture) -> Result<(TempDir, Apt, String), Error> {
    let keyring = keyring()?;
    let mirror = mirror::of_this_machine();
    let state =
        tempfile::tempdir().map_err(Error::file("make a folder in", std::env::temp_dir()))?;
    let apt = Apt::set_up(state.path(), &keyring, &mirror, architecture)?;
    Ok((state, apt, mirror))
}

/// Fetches one package that needs no other, for this machine to use itself, and puts one file of
/// it into `folder`.
pub(crate) fn take(
    package: &str,
    member: &str,
    architecture: Architecture,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let (_state, apt, mirror) = prepared(architecture)?;
    progress.step(&format!("reading the package list of Debian {SUITE} ({architecture})"));
    apt.run(&["update"], "read Debian's package list")?;
    progress.step(&format!("fetching {package} as a Debian package from {mirror}"));
    apt.run(&["download", package], "fetch a Debian package")?;
    let depth = Path::new(member).components().count() - 1;
    let strip = format!("--strip-components={depth}");
    for file in apt.downloaded()? {
        unpack_one(&file, folder, &[&strip, member])?;
    }
    Ok(())
}

/// What Debian's signatures are checked with.
pub(crate) fn keyring() -> Result<PathBuf, Error> {
    KEYRINGS.iter().map(PathBuf::from).find(|path| path.is_file()).ok_or_else(|| {
        Error::missing(
            "Debian's archive keyring is not here, so its packages cannot be checked",
            "apt-get install debian-archive-keyring",
        )
    })
}

/// An apt that looks at nothing of the host but how it reaches its mirrors.
struct Apt {
    configuration: PathBuf,
    archives: PathBuf,
}

impl Apt {
    fn set_up(
        state: &Path,
        keyring: &Path,
        mirror: &str,
        architecture: Architecture,
    ) -> Result<Self, Error> {
        let archives = state.join("archives");
        for folder in ["lists/partial", "archives/partial", "none"] {
            let folder = state.join(folder);
            fs::create_dir_all(&folder).map_err(Error::file("make the folder", &folder))?;
        }
        let debian_name = match architecture {
            Architecture::X86_64 => "amd64",
            Architecture::Arm64 => "arm64",
        };
        let source = format!(
            "deb [arch={debian_name} signed-by={}] {mirror} {SUITE} main\n",
            keyring.display()
        );
        let text = configuration(state, debian_name);
        for (name, text) in
            [("sources.list", source), ("status", String::new()), ("apt.conf", text)]
        {
            let path = state.join(name);
            fs::write(&path, text).map_err(Error::file("write", &path))?;
        }
        Ok(Self { configuration: state.join("apt.conf"), archives })
    }

    fn run(&self, arguments: &[&str], doing: &str) -> Result<(), Error> {
        let mut apt = Command::new("apt-get");
        apt.arg("--quiet").args(arguments);
        apt.env("APT_CONFIG", &self.configuration).env("LC_ALL", "C.UTF-8");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        // Where `download` puts what it fetches.
        apt.current_dir(&self.archives);
        // apt takes a failed update for a success when an older list would do.
        apt.args(["-o", "APT::Update::Error-Mode=any"]);
        command::output(&mut apt, doing).map(drop)
    }

    fn downloaded(&self) -> Result<Vec<PathBuf>, Error> {
        let broken = || Error::file("list", &self.archives);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.archives).map_err(broken())? {
            let path = entry.map_err(broken())?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The settings of our apt: the host's ways of fetching (proxies, retries, credentials), and
/// nothing else of the host: no hooks, no pins, no other sources, no installed packages.
fn configuration(state: &Path, debian_name: &str) -> String {
    let state = state.display();
    // What stands later wins, so this is for a host that says nothing about it.
    let mut text = "Acquire::Retries \"3\";\n".to_owned() + &mirror::fetching_settings();
    for (key, value) in [
        ("Dir::State::Lists", format!("{state}/lists")),
        ("Dir::State::status", format!("{state}/status")),
        ("Dir::State::extended_states", format!("{state}/extended_states")),
        ("Dir::Cache", state.to_string()),
        ("Dir::Cache::Archives", format!("{state}/archives")),
        ("Dir::Etc::Main", "/dev/null".to_owned()),
        ("Dir::Etc::Parts", format!("{state}/none")),
        ("Dir::Etc::SourceList", format!("{state}/sources.list")),
        ("Dir::Etc::SourceParts", format!("{state}/none")),
        ("Dir::Etc::Preferences", "/dev/null".to_owned()),
        ("Dir::Etc::PreferencesParts", format!("{state}/none")),
        ("Dir::Etc::Trusted", "/dev/null".to_owned()),
        ("Dir::Etc::TrustedParts", format!("{state}/none")),
        ("APT::Architecture", debian_name.to_owned()),
        ("APT::Install-Recommends", "false".to_owned()),
        ("APT::Get::AllowUnauthenticated", "false".to_owned()),
        ("APT::Sandbox::User", String::new()),
        ("Acquire::AllowInsecureRepositories", "false".to_owned()),
        ("Acquire::Languages", "none".to_owned()),
        ("Debug::NoLocking", "true".to_owned()),
    ] {
        text.push_str(&format!("{key} \"{value}\";\n"));
    }
    text.push_str(&format!("APT::Architectures {{ \"{debian_name}\"; }};\n"));
    text
}

/// Name and version stand in a package's file name, with `%3a` for the colon of an epoch.
fn described(file: &Path) -> Result<DebianPackage, Error> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().replace("%3a", ":");
    let mut parts = stem.split('_');
    let (name, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    Ok(DebianPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        sha256: sha256_of(file)?,
    })
}

/// `what` tells tar which files, as arguments of it.
fn unpack_one(file: &Path, root: &Path, what: &[&str]) -> Result<(), Error> {
    let doing = format!("unpack {}", file.file_name().unwrap_or_default().to_string_lossy());
    let failed = |program: &str, outcome: String| Error::Program {
        doing: doing.clone(),
        program: program.to_owned(),
        outcome,
        output: String::new(),
    };
    let mut reader = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed("dpkg-deb", format!("did not start: {error}")))?;
    let archive = reader.stdout.take().expect("stdout is piped");
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--no-same-owner", "--keep-directory-symlink", "--directory"]).arg(root);
    tar.args(what);
    let unpacked = tar.stdin(archive).status();
    let read = reader.wait().map_err(|error| failed("dpkg-deb", error.to_string()))?;
    let unpacked = unpacked.map_err(|error| failed("tar", format!("did not start: {error}")))?;
    for (program, status) in [("tar", unpacked), ("dpkg-deb", read)] {
        if !status.success() {
            return Err(failed(program, format!("ended with {status}")));
        }
    }
    Ok(())
}

/// Puts the certificates into one file, as the package's own script does on installation.
fn write_certificates(root: &Path) -> Result<(), Error> {
    let folder = root.join("usr/share/ca-certificates/mozilla");
    let listing = fs::read_dir(&folder).map_err(Error::file("list", &folder))?;
    let mut files: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut bundle = String::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(Error::file("read", &file))?;
        bundle.push_str(text.trim_end());
        bundle.push('\n');
    }
    let path = root.join("etc/ssl/certs/ca-certificates.crt");
    let parent = path.parent().expect("the path has folders");
    fs::create_dir_all(parent).map_err(Error::file("make the folder", parent))?;
    fs::write(&path, bundle).map_err(Error::file("write", &path))
}
