//! What the head of a Linux program says of it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use photofinish_study::Architecture;

/// A program's head and the table that follows it lie within so many bytes.
const HEAD: u64 = 4096;
/// The kind of table entry that names a loader for shared libraries.
const INTERPRETER: u32 = 3;

/// The head of a 64-bit little-endian program.
pub(crate) struct Elf {
    machine: u16,
    has_interpreter: bool,
}

impl Elf {
    /// `None` for a file that is no such program.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let mut head = Vec::new();
        File::open(path).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
        Self::of_bytes(&head)
    }

    fn of_bytes(head: &[u8]) -> Option<Self> {
        if !head.starts_with(b"\x7fELF\x02\x01") {
            return None;
        }
        let table = usize::try_from(u64::from_le_bytes(array(head, 32)?)).ok()?;
        let size = usize::from(u16::from_le_bytes(array(head, 54)?));
        let count = usize::from(u16::from_le_bytes(array(head, 56)?));
        let mut has_interpreter = false;
        for index in 0..count {
            let at = table.checked_add(index.checked_mul(size)?)?;
            has_interpreter |= u32::from_le_bytes(array(head, at)?) == INTERPRETER;
        }
        Some(Self { machine: u16::from_le_bytes(array(head, 18)?), has_interpreter })
    }

    /// Whether it runs without a library of the system.
    pub(crate) fn is_static(&self) -> bool {
        !self.has_interpreter
    }

    /// What it runs on.
    pub(crate) fn architecture(&self) -> Option<Architecture> {
        match self.machine {
            62 => Some(Architecture::X86_64),
            183 => Some(Architecture::Arm64),
            _ => None,
        }
    }
}

fn array<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<[u8; LENGTH]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a program for a machine, with a table of entries of these kinds.
    fn head(machine: u16, kinds: &[u32]) -> Vec<u8> {
        let mut head = vec![0; 64 + 56 * kinds.len()];
        head[..6].copy_from_slice(b"\x7fELF\x02\x01");
        head[18..20].copy_from_slice(&machine.to_le_bytes());
        head[32] = 64;
        head[54] = 56;
        head[56] = u8::try_from(kinds.len()).unwrap();
        for (index, kind) in kinds.iter().enumerate() {
            head[64 + 56 * index..][..4].copy_from_slice(&kind.to_le_bytes());
        }
        head
    }

    #[test]
    fn a_program_without_a_loader_is_static() {
        let elf = Elf::of_bytes(&head(62, &[6, 1, 1, 2])).unwrap();
        assert_eq!((elf.is_static(), elf.architecture()), (true, Some(Architecture::X86_64)));
        let elf = Elf::of_bytes(&head(183, &[6, 3, 1, 2])).unwrap();
        assert_eq!((elf.is_static(), elf.architecture()), (false, Some(Architecture::Arm64)));
        assert_eq!(Elf::of_bytes(&head(8, &[1])).unwrap().architecture(), None);
    }

    #[test]
    fn what_is_no_program_or_cut_off_is_none() {
        assert!(Elf::of_bytes(b"#!/bin/sh\n").is_none());
        let whole = head(62, &[6, 1]);
        assert!(Elf::of_bytes(&whole[..64]).is_none());
        let mut far = whole;
        far[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(Elf::of_bytes(&far).is_none());
    }
}
