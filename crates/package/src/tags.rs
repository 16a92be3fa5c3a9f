//! What a wheel's file name says it is for.

use photofinish_study::Architecture;

use crate::audit::GlibcVersion;
use crate::error::Error;

/// Whether a wheel's name says that it is for CPython 3.14 on Linux of this architecture, with
/// this C library or an older one.
pub(crate) fn check_tags(
    file: &str,
    architecture: Architecture,
    glibc: GlibcVersion,
) -> Result<(), Error> {
    let unfit = |why: String| Error::WheelTags { file: file.to_owned(), wanted: architecture, why };
    let stem =
        file.strip_suffix(".whl").ok_or_else(|| unfit("its name does not end in .whl".into()))?;
    let parts: Vec<&str> = stem.rsplitn(4, '-').collect();
    let [platforms, abis, pythons, _] = parts[..] else {
        return Err(unfit("its name has no tags".into()));
    };
    if !is_for_python314(pythons, abis) {
        return Err(unfit(format!("it is for {pythons}-{abis}")));
    }
    let machine = match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    };
    let fits =
        |tag: &str| tag == "any" || manylinux(tag, machine).is_some_and(|needs| needs <= glibc);
    if platforms.split('.').any(fits) {
        return Ok(());
    }
    Err(unfit(format!("it is for {platforms}")))
}

fn is_for_python314(pythons: &str, abis: &str) -> bool {
    let has = |list: &str, tag: &str| list.split('.').any(|one| one == tag);
    let stable = |tag: &str| {
        let minor = tag.strip_prefix("cp3").and_then(|minor| minor.parse::<u32>().ok());
        minor.is_some_and(|minor| minor <= 14)
    };
    (has(pythons, "cp314") && has(abis, "cp314"))
        || (has(abis, "abi3") && pythons.split('.').any(stable))
        || (has(abis, "none") && (has(pythons, "py3") || has(pythons, "py314")))
}

/// The glibc that a platform tag promises to need, if it is one for this machine.
fn manylinux(tag: &str, machine: &str) -> Option<GlibcVersion> {
    let system = tag.strip_suffix(machine)?.strip_suffix('_')?;
    let minor = match system {
        "manylinux1" => 5,
        "manylinux2010" => 12,
        "manylinux2014" => 17,
        other => other.strip_prefix("manylinux_2_")?.parse().ok()?,
    };
    Some(GlibcVersion { major: 2, minor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::LAMBDA_GLIBC;

    #[test]
    fn wheels_for_other_machines_pythons_and_systems_are_told_by_their_names() {
        let check = |file| check_tags(file, Architecture::X86_64, LAMBDA_GLIBC);
        let why = |file| check(file).unwrap_err().to_string();
        check("pillow-13.0.0-cp314-cp314-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl").unwrap();
        check("six-1.17.0-py2.py3-none-any.whl").unwrap();
        check("x-1-cp39-abi3-manylinux2014_x86_64.whl").unwrap();
        assert!(why("pillow-13.0.0-cp314-cp314-manylinux_2_28_aarch64.whl").contains("aarch64"));
        assert!(why("pillow-13.0.0-cp313-cp313-manylinux_2_28_x86_64.whl").contains("cp313"));
        assert!(why("pillow-13.0.0-cp314-cp314t-manylinux_2_28_x86_64.whl").contains("cp314t"));
        assert!(why("pillow-13.0.0-cp314-cp314-musllinux_1_2_x86_64.whl").contains("musllinux"));
        assert!(why("x-1-cp314-cp314-manylinux_2_39_x86_64.whl").contains("manylinux_2_39"));
        assert!(why("x-1.whl").contains("tags"));
    }
}
