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
                found
                    .iter()
                    .all(|other| !other.controllers.contains(controller))
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
        matches!(kind, "cgroup" | "cgroup2").then_some(Mount {
            root,
            point,
            kind,
            options,
        })
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
        places.extend(
            own.parent()
                .filter(|p| p.starts_with(point))
                .map(Path::to_path_buf),
        );
        places.push(point.to_path_buf());
        places.dedup();
        Some(Hierarchy {
            version: Version::Two,
            controllers,
            places,
        })
    }

    /// Where a path of the hierarchy is in the file system.
    fn inside(&self, path: &str) -> PathBuf {
        let below = Path::new(path)
            .strip_prefix(self.root)
            .unwrap_or(Path::new(""));
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
