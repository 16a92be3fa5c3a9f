//! Which Debian mirror this machine uses, and how it reaches it.

use std::fs;
use std::process::Command;

use crate::command;

/// Debian's own, for a machine whose apt names none.
const PUBLIC: &str = "http://deb.debian.org/debian";
/// Settings of apt that say how to fetch, by the beginning of their names.
const FETCHING: [&str; 9] = [
    "Acquire::http",
    "Acquire::https",
    "Acquire::ftp",
    "Acquire::tor",
    "Acquire::Retries",
    "Acquire::Queue-Mode",
    "Acquire::ForceIPv",
    // A frozen or archived mirror needs these; they stand only where the host says so.
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
];
/// Credentials for mirrors, which apt reads by itself.
const CREDENTIALS: [&str; 2] = ["Dir::Etc::netrc", "Dir::Etc::netrcparts"];

/// The mirror of this machine's own apt sources, if it has one of Debian.
pub(super) fn of_this_machine() -> String {
    let mut apt = Command::new("apt-get");
    apt.args(["indextargets", "--no-release-info", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"]);
    let targets = command::output(&mut apt, "ask apt for its sources").unwrap_or_default();
    choose(&targets, is_debian()).unwrap_or(PUBLIC).to_owned()
}

/// From lines of `site suite component`: a site that says it is Debian's, or, on Debian itself,
/// the first that is neither for security updates nor somebody else's.
fn choose(targets: &str, on_debian: bool) -> Option<&str> {
    let sites: Vec<&str> = targets
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (site, suite, component) = (words.next()?, words.next()?, words.next()?);
            (component == "main" && !suite.contains("security")).then_some(site)
        })
        .collect();
    let named = sites.iter().find(|site| site.trim_end_matches('/').ends_with("/debian"));
    let first = sites.first().filter(|_| on_debian);
    named.or(first).copied()
}

fn is_debian() -> bool {
    let text = fs::read_to_string("/etc/os-release").unwrap_or_default();
    text.lines().any(|line| line == "ID=debian")
}

/// The host's settings on fetching, as lines of an apt configuration.
pub(super) fn fetching_settings() -> String {
    let all = command::output(Command::new("apt-config").arg("dump"), "read apt's settings")
        .unwrap_or_default();
    let mut text = relevant(&all);
    for key in CREDENTIALS {
        let leaf = if key.ends_with("parts") { "auth.conf.d" } else { "auth.conf" };
        text.push_str(&format!("{key} \"/etc/apt/{leaf}\";\n"));
    }
    text
}

fn relevant(dump: &str) -> String {
    let wanted = |line: &&str| FETCHING.iter().any(|beginning| line.starts_with(beginning));
    dump.lines().filter(wanted).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_keeps_to_its_own_mirror() {
        let near = "http://mirror.example/debian-security bookworm-security main\n\
                    http://mirror.example/debian bookworm main\n";
        assert_eq!(choose(near, true), Some("http://mirror.example/debian"));
        assert_eq!(choose(near, false), Some("http://mirror.example/debian"));
        let renamed = "https://files.example/proxy/apt-bookworm bookworm main\n";
        assert_eq!(choose(renamed, true), Some("https://files.example/proxy/apt-bookworm"));
        assert_eq!(choose(renamed, false), None);
        assert_eq!(choose("http://archive.example/ubuntu noble main\n", false), None);
        assert_eq!(choose("", true), None);
    }

    #[test]
    fn only_settings_on_fetching_are_taken_over() {
        let dump = "APT::Update::Post-Invoke:: \"rm -f x\";\nAcquire::http::Proxy \"http://p:1\";\n\
                    Acquire::Check-Valid-Until \"false\";\nAcquire::AllowInsecureRepositories \"1\";\n";
        let kept = relevant(dump);
        assert_eq!(
            kept,
            "Acquire::http::Proxy \"http://p:1\";\nAcquire::Check-Valid-Until \"false\";\n"
        );
    }
}
