//! Binary files: for the right machine, and content with the C library that the target has.

use std::fmt;

use object::Endianness;
use object::elf;
use object::read::elf::{ElfFile64, FileHeader as _, ProgramHeader as _};
use photofinish_study::Architecture;

use crate::error::Error;

/// A version of glibc, by which its symbols are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlibcVersion {
    /// Always 2 so far.
    pub major: u32,
    /// The release.
    pub minor: u32,
}

impl fmt::Display for GlibcVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The glibc of Amazon Linux 2023, on which Lambda's python3.14 runs.
pub const LAMBDA_GLIBC: GlibcVersion = GlibcVersion { major: 2, minor: 34 };

/// Whether a file may go into a layer for `architecture`; a file that is no ELF file always may.
pub fn audit_elf(
    file: &str,
    content: &[u8],
    architecture: Architecture,
    glibc: GlibcVersion,
) -> Result<(), Error> {
    if !content.starts_with(&elf::ELFMAG) {
        return Ok(());
    }
    let broken = |source| Error::BrokenElf { file: file.to_owned(), source };
    let (machine, loader) = match architecture {
        Architecture::X86_64 => (elf::EM_X86_64, "/lib64/ld-linux-x86-64.so.2"),
        Architecture::Arm64 => (elf::EM_AARCH64, "/lib/ld-linux-aarch64.so.1"),
    };
    let wrong = |found| Error::WrongMachine { file: file.to_owned(), found, wanted: architecture };
    // A 32-bit file cannot be read as a 64-bit one, so its class comes first.
    if content.get(4) == Some(&1) {
        return Err(wrong("a 32-bit machine".to_owned()));
    }
    let parsed = Elf::parse(content).map_err(broken)?;
    let found = parsed.elf_header().e_machine(parsed.endian());
    if found != machine {
        return Err(wrong(machine_name(found)));
    }
    if let Some(asked) = loader_of(&parsed).map_err(broken)?
        && asked != loader
    {
        return Err(Error::WrongLoader { file: file.to_owned(), found: asked, wanted: loader });
    }
    let newest = newest_glibc(&parsed).map_err(broken)?;
    match newest {
        Some((needs, library)) if needs > glibc => {
            Err(Error::NewerLibc { file: file.to_owned(), needs, library, has: glibc })
        }
        _ => Ok(()),
    }
}

type Elf<'data> = ElfFile64<'data, Endianness>;

fn machine_name(machine: elf::Machine) -> String {
    match machine {
        elf::EM_X86_64 => "x86_64".to_owned(),
        elf::EM_AARCH64 => "arm64".to_owned(),
        other => format!("machine {} of ELF's list", other.0),
    }
}

/// The loader that a program asks for; a library asks for none.
fn loader_of(parsed: &Elf<'_>) -> object::read::Result<Option<String>> {
    for segment in parsed.elf_program_headers() {
        if let Some(path) = segment.interpreter(parsed.endian(), parsed.data())? {
            return Ok(Some(String::from_utf8_lossy(path).into_owned()));
        }
    }
    Ok(None)
}

/// The newest version of glibc by which a needed symbol is marked, and of which library.
fn newest_glibc(parsed: &Elf<'_>) -> object::read::Result<Option<(GlibcVersion, String)>> {
    let endian = parsed.endian();
    let sections = parsed.elf_section_table();
    let Some((mut needs, link)) = sections.gnu_verneed(endian, parsed.data())? else {
        return Ok(None);
    };
    let strings = sections.strings(endian, parsed.data(), link)?;
    let mut newest = None;
    while let Some((need, mut versions)) = needs.next()? {
        while let Some(version) = versions.next()? {
            let name = String::from_utf8_lossy(version.name(endian, strings)?);
            if let Some(found) = GlibcVersion::of_symbol(&name)
                && newest.as_ref().is_none_or(|(so_far, _)| found > *so_far)
            {
                let library = String::from_utf8_lossy(need.file(endian, strings)?);
                newest = Some((found, library.into_owned()));
            }
        }
    }
    Ok(newest)
}

impl GlibcVersion {
    /// From a symbol's version such as `GLIBC_2.34` or `GLIBC_2.2.5`.
    fn of_symbol(name: &str) -> Option<Self> {
        let mut numbers = name.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some(Self { major, minor }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbols_mark_is_a_version_only_if_it_is_glibcs() {
        let version = |major, minor| Some(GlibcVersion { major, minor });
        assert_eq!(GlibcVersion::of_symbol("GLIBC_2.2.5"), version(2, 2));
        assert_eq!(GlibcVersion::of_symbol("GLIBC_2.38"), version(2, 38));
        assert_eq!(GlibcVersion::of_symbol("GLIBC_PRIVATE"), None);
        assert_eq!(GlibcVersion::of_symbol("GLIBCXX_3.4.30"), None);
        assert!(version(2, 4) < version(2, 34));
    }
}
