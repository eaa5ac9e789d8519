//! The folders that were listed last, so that a folder is not read for each of its entries, within a bounded memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::listing::Listing;
use crate::disc::{Error, Result};

/// What a folder weighs beside its entries.
const FOLDER_WEIGHT: usize = 16;

/// A folder that is being read or was read. Whoever wants it meanwhile waits for the one that reads it.
type Cell = Arc<OnceLock<Result<Arc<Listing>>>>;

struct Slot {
    cell: Cell,
    used: u64,
    weight: usize,
}

#[derive(Default)]
struct Slots {
    by_folder: HashMap<u32, Slot>,
    /// Folders by when they were used, the one that was not for the longest time first.
    by_use: BTreeMap<u64, u32>,
    clock: u64,
    weight: usize,
}

/// Listings by the numbers of their folders.
pub(super) struct Cache {
    slots: Mutex<Slots>,
    limit: usize,
}

impl Cache {
    /// Keeps so many entries.
    pub(super) fn new(limit: usize) -> Self {
        Self { slots: Mutex::default(), limit }
    }

    /// The listing of `folder`, by `read` if it is not there. What could not be read is tried again the next time.
    pub(super) fn get(&self, folder: u32, read: impl FnOnce() -> Result<Listing>) -> Result<Arc<Listing>> {
        let cell = self.lock().cell(folder);
        let mut own = false;
        let listing = cell.get_or_init(|| {
            own = true;
            read().map(Arc::new)
        });
        if own {
            let removed = match listing {
                Ok(listing) => self.lock().weigh(folder, &cell, listing.len() + FOLDER_WEIGHT, self.limit),
                Err(_) => self.lock().forget(folder, &cell).into_iter().collect(),
            };
            // A large folder takes a while to be dropped: not while others wait.
            drop(removed);
        }
        listing.as_ref().map(Arc::clone).map_err(Error::clone)
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    /// The cell of `folder`, which is now the one that was used last.
    fn cell(&mut self, folder: u32) -> Cell {
        let last = self.clock;
        let slot = self.by_folder.entry(folder).or_insert_with(|| Slot { cell: Cell::default(), used: 0, weight: 0 });
        if slot.used != last || last == 0 {
            self.clock += 1;
            self.by_use.remove(&slot.used);
            slot.used = self.clock;
            self.by_use.insert(slot.used, folder);
        }
        slot.cell.clone()
    }

    /// Notes what a folder weighs that was read, and takes out what is too much.
    fn weigh(&mut self, folder: u32, cell: &Cell, weight: usize, limit: usize) -> Vec<Slot> {
        let Some(slot) = self.by_folder.get_mut(&folder).filter(|slot| Arc::ptr_eq(&slot.cell, cell)) else {
            return Vec::new();
        };
        slot.weight = weight;
        self.weight += weight;
        let mut removed = Vec::new();
        while self.weight > limit {
            // What was just read is wanted, however large it is. What is being read weighs nothing yet.
            let Some((_, oldest)) = self.by_use.iter().find(|(_, other)| **other != folder) else { break };
            removed.extend(self.take(*oldest));
        }
        removed
    }

    fn forget(&mut self, folder: u32, cell: &Cell) -> Option<Slot> {
        self.by_folder.get(&folder).filter(|slot| Arc::ptr_eq(&slot.cell, cell))?;
        self.take(folder)
    }

    fn take(&mut self, folder: u32) -> Option<Slot> {
        let slot = self.by_folder.remove(&folder)?;
        self.by_use.remove(&slot.used);
        self.weight -= slot.weight;
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cache: &Cache, folder: u32, reads: &mut u32) {
        let listing = cache.get(folder, || {
            *reads += 1;
            Ok(Listing::default())
        });
        assert_eq!(listing.unwrap().len(), 0);
    }

    #[test]
    fn what_was_not_used_for_the_longest_time_goes_first() {
        let cache = Cache::new(3 * FOLDER_WEIGHT);
        let mut reads = 0;
        for folder in [1, 2, 3, 1, 1, 4, 1, 3] {
            read(&cache, folder, &mut reads);
        }
        // 2 gave way to 4.
        assert_eq!(reads, 4);
        read(&cache, 2, &mut reads);
        assert_eq!(reads, 5);
        let slots = cache.lock();
        assert_eq!((slots.by_folder.len(), slots.by_use.len(), slots.weight), (3, 3, 3 * FOLDER_WEIGHT));
    }

    #[test]
    fn a_folder_that_is_too_large_is_kept_alone_and_an_error_is_not() {
        let cache = Cache::new(1);
        let mut reads = 0;
        read(&cache, 1, &mut reads);
        read(&cache, 1, &mut reads);
        assert_eq!(reads, 1);
        let failing = cache.get(2, || Err(Error::damaged("directory", 0, "No")));
        assert!(failing.is_err());
        read(&cache, 2, &mut reads);
        read(&cache, 1, &mut reads);
        assert_eq!((reads, cache.lock().by_folder.len()), (3, 1));
    }
}
