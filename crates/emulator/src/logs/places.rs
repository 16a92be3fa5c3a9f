//! Where log groups and streams lie in the data folder.
//!
//! The group `/aws/lambda/NAME` is the folder `NAME`; a group of another name is a folder of that
//! name behind `@`, with its slashes written `%2F`. A stream is a file of its name with hyphens
//! for slashes, and beside it what was written when: see [`super::times`].

use std::path::{Path, PathBuf};

const OF_FUNCTIONS: &str = "/aws/lambda/";
const OTHER: char = '@';
const ENDING: &str = ".log";
/// `2026/11/24/`, which every stream's name begins with.
const DATE: usize = 11;

/// The folder of all groups.
pub(crate) fn groups(data: &Path) -> PathBuf {
    data.join("logs")
}

/// The folder of a group.
pub(crate) fn group(data: &Path, name: &str) -> PathBuf {
    let plain = |rest: &&str| !rest.is_empty() && !rest.contains(['/', '.', '#', OTHER]);
    let folder = match name.strip_prefix(OF_FUNCTIONS).filter(plain) {
        Some(function) => function.to_owned(),
        None => format!("{OTHER}{}", name.replace('/', "%2F")),
    };
    groups(data).join(folder)
}

/// The group of a folder.
pub(crate) fn group_name(folder: &str) -> String {
    match folder.strip_prefix(OTHER) {
        Some(name) => name.replace("%2F", "/"),
        None => format!("{OF_FUNCTIONS}{folder}"),
    }
}

/// The file of a stream.
pub(crate) fn stream(data: &Path, group_name: &str, name: &str) -> PathBuf {
    group(data, group_name).join(format!("{}{ENDING}", name.replace('/', "-")))
}

/// The stream of a file, if it is one.
pub(crate) fn stream_name(file: &str) -> Option<String> {
    let name = file.strip_suffix(ENDING)?;
    let (date, rest) = name.split_at_checked(DATE)?;
    Some(format!("{}{rest}", date.replace('-', "/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_streams_are_found_under_their_names_again() {
        let data = Path::new("/data");
        for name in ["/aws/lambda/f", "/aws/lambda/f-g_1", "/mine/of/all", "f", "/aws/lambda/a.b"] {
            let folder = group(data, name);
            assert_eq!(folder.parent(), Some(groups(data).as_path()), "{name}");
            let folder = folder.file_name().expect("a name").to_string_lossy().into_owned();
            assert_eq!(group_name(&folder), name);
        }
        for name in ["2026/11/24/[$LATEST]8f50", "2026/11/24/f-g[$LATEST]8f50"] {
            let file = stream(data, "g", name);
            let file = file.file_name().expect("a name").to_string_lossy().into_owned();
            assert_eq!(stream_name(&file).as_deref(), Some(name));
        }
        assert_eq!(stream_name("2026-11-24-[$LATEST]8f50.times"), None);
    }
}
