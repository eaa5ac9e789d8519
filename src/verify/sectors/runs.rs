//! Runs of bad sectors, in the order of the disc.

use crate::disc::limits;

/// What is wrong with a sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Its code does not match its bytes.
    Differs,
    /// It does not begin as a sector does, though the file system has it.
    NoSector,
    /// It could not be read.
    Unread,
    /// It is right, but not the one that should follow. Addresses count sectors from the start of the disc.
    Order { expected: u64, found: u64 },
}

/// Sectors side by side with the same trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) trouble: Trouble,
}

/// All runs, of which the first are listed.
#[derive(Debug, Default)]
pub(super) struct Runs {
    listed: Vec<Run>,
    more: u64,
    sectors: u64,
    jumps: u64,
}

impl Runs {
    /// Adds the next bad sector.
    pub(super) fn add(&mut self, number: u64, trouble: Trouble) {
        self.add_many(number, 1, trouble);
    }

    /// Adds the next bad sectors.
    pub(super) fn add_many(&mut self, first: u64, count: u64, trouble: Trouble) {
        if matches!(trouble, Trouble::Order { .. }) {
            self.jumps = self.jumps.saturating_add(1);
        } else {
            self.sectors = self.sectors.saturating_add(count);
        }
        if let Some(last) = self.listed.last_mut()
            && last.trouble == trouble
            && last.first.saturating_add(last.count) == first
        {
            last.count = last.count.saturating_add(count);
        } else if self.listed.len() < limits::BAD_PLACES {
            self.listed.push(Run { first, count, trouble });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Those that are listed, the first first.
    pub(super) fn listed(&self) -> &[Run] {
        &self.listed
    }

    /// How many more there are.
    pub(super) fn more(&self) -> u64 {
        self.more
    }

    /// Bad sectors in all.
    pub(super) fn sectors(&self) -> u64 {
        self.sectors
    }

    /// Places where the next sector is another one than should be.
    pub(super) fn jumps(&self) -> u64 {
        self.jumps
    }
}
