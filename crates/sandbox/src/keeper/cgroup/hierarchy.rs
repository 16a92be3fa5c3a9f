//! Which cgroup hierarchies are mounted, and where in them this process may build.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Controller, Version};

/// A mounted hierarchy with the controllers it is in charge of.
#[derive(Debug)]
pub(super) struct Hierarchy {
    pub(super) version: Version,
    pub(super) controllers: Vec<Controller>,
    /// Where a directory could be made, best first.
    pub(super) places: Vec<PathBuf>,
}

impl Hierarchy {
    pub(super) fn find() -> Vec<Hierarchy> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut found: Vec<Hierarchy> = Vec::new();
        for mount in mounts.lines().filter_map(Mount::parse) {
            let Some(mut hierarchy) = mount.hierarchy(&own) else {
                continue;
            };
            // The same hierarchy may be mounted twice.
            hierarchy.controllers.retain(|controller| {
                found.iter().all(|other| !other.controllers.contains(controller))
            });
            if !hierarchy.controllers.is_empty() {
                found.push(hierarchy);
            }
        }
        found
    }
}

/// What a line of `/proc/self/mountinfo` says about a cgroup mount.
struct Mount<'a> {
    root: &'a str,
    point: &'a str,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Mount<'a>> {
        let (mount, kind) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let mut kind = kind.split(' ');
        let (root, point) = (mount.next()?, mount.next()?);
        let (kind, options) = (kind.next()?, kind.nth(1)?);
        matches!(kind, "cgroup" | "cgroup2").then_some(Mount { root, point, kind, options })
    }

    fn hierarchy(&self, own: &str) -> Option<Hierarchy> {
        let point = Path::new(self.point);
        if self.kind == "cgroup" {
            let controllers: Vec<Controller> = Controller::ALL
                .into_iter()
                .filter(|c| self.options.split(',').any(|option| option == c.name()))
                .collect();
            let first = controllers.first()?;
            let own = own_path(own, |names| names.split(',').any(|n| n == first.name()))?;
            return Some(Hierarchy {
                version: Version::One,
                controllers,
                places: vec![self.inside(own)],
            });
        }
        let own = self.inside(own_path(own, str::is_empty)?);
        let offered = fs::read_to_string(own.join("cgroup.controllers")).ok()?;
        let mut controllers: Vec<Controller> = Controller::ALL
            .into_iter()
            .filter(|c| offered.split_whitespace().any(|name| name == c.name()))
            .collect();
        if !controllers.is_empty() {
            // Version 2 counts CPU time in every cgroup.
            controllers.push(Controller::CpuAccount);
        }
        let mut places = vec![own.clone()];
        places.extend(own.parent().filter(|p| p.starts_with(point)).map(Path::to_path_buf));
        places.push(point.to_path_buf());
        places.dedup();
        Some(Hierarchy { version: Version::Two, controllers, places })
    }

    /// Where a path of the hierarchy is in the file system.
    fn inside(&self, path: &str) -> PathBuf {
        let below = Path::new(path).strip_prefix(self.root).unwrap_or(Path::new(""));
        Path::new(self.point).join(below)
    }
}

/// The path on the line of `/proc/self/cgroup` whose controllers are `wanted`.
fn own_path(own: &str, wanted: impl Fn(&str) -> bool) -> Option<&str> {
    own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (names, path) = (parts.next()?, parts.next()?);
        wanted(names).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str =
        "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct";
    const SYSTEMD: &str =
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    #[test]
    fn controllers_mounted_together_share_a_hierarchy() {
        let mount = Mount::parse(HYBRID).expect("a cgroup mount");
        let own = "4:memory:/jobs/7\n1:cpu,cpuacct:/jobs/8\n0::/\n";
        let hierarchy = mount.hierarchy(own).expect("a hierarchy");
        assert_eq!(hierarchy.version, Version::One);
        assert_eq!(hierarchy.controllers, [Controller::Cpu, Controller::CpuAccount]);
        assert_eq!(hierarchy.places, [PathBuf::from("/sys/fs/cgroup/cpu/jobs/8")]);
    }

    #[test]
    fn a_container_sees_its_part_of_the_tree_as_the_whole() {
        let line = "40 31 0:36 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids";
        let mount = Mount::parse(line).expect("a cgroup mount");
        assert_eq!(mount.inside("/docker/abc/job"), Path::new("/sys/fs/cgroup/pids/job"));
    }

    #[test]
    fn other_mounts_are_no_hierarchies() {
        assert!(Mount::parse("22 27 0:21 / /proc rw,relatime - proc proc rw").is_none());
        let mount = Mount::parse(SYSTEMD).expect("a cgroup mount");
        // A cgroup of the second version that is not on this machine.
        assert!(mount.hierarchy("0::/no/such/cgroup\n").is_none());
    }
}
