//! How much of a disc is read to say how it starts.

use crate::disc::limits;
use crate::disc::tree::TreeKind;

/// Bytes that one entry of a folder costs: a file entry of UDF has a block of its own, the others lie side by side.
const UDF_ENTRY: u64 = 2048;
const OTHER_ENTRY: u64 = 128;

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// What a window can show at once: some megabytes of a disc of any size. Programs in far places are not found, and of
    /// large ones the signatures are not checked.
    Quick,
    /// All folders, and all programs with their signatures, within ceilings that no real disc reaches.
    Whole,
}

/// What may still be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    /// Bytes of folders in which files are looked for.
    pub(super) folders: u64,
    /// Bytes of programs that are searched for their names.
    pub(super) searched: u64,
    /// Bytes of programs of which digests are made.
    pub(super) digested: u64,
}

impl Effort {
    pub(super) fn allowance(self) -> Allowance {
        match self {
            Self::Quick => Allowance { folders: 2 << 20, searched: 3 << 20, digested: 8 << 20 },
            Self::Whole => {
                Allowance { folders: u64::MAX, searched: limits::BOOT_SEARCHED, digested: limits::BOOT_DIGESTED }
            }
        }
    }
}

impl Allowance {
    /// Takes off what the entries of a folder cost. False when that is more than there was.
    pub(super) fn pay_for_entries(&mut self, kind: TreeKind, entries: usize) -> bool {
        let each = if kind == TreeKind::Udf { UDF_ENTRY } else { OTHER_ENTRY };
        let cost = each.saturating_mul(entries as u64);
        let enough = cost <= self.folders;
        self.folders = self.folders.saturating_sub(cost);
        enough
    }

    /// Takes off the digest of so many bytes, if there is that much left.
    pub(super) fn pay_for_digest(&mut self, bytes: u64) -> bool {
        let left = self.digested.checked_sub(bytes);
        self.digested = left.unwrap_or(self.digested);
        left.is_some()
    }
}
