//! Reading ahead of a program that reads a file from front to back: the kernel itself looks no further ahead in a mount
//! than 128 KiB.

#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disc::Source;

/// Bytes that the system is asked to have ready while the ones before them are handed over.
#[cfg(target_os = "linux")]
const WINDOW: u64 = 8 << 20;

/// How far the system was asked to read ahead in one file.
#[derive(Debug, Default)]
pub(super) struct ReadAhead {
    #[cfg(target_os = "linux")]
    end: AtomicU64,
}

impl ReadAhead {
    /// Notes that the bytes from `start` to `end` were read, and has the system read on, if that is where it goes on.
    #[cfg(target_os = "linux")]
    pub(super) fn note(&self, source: &dyn Source, start: u64, end: u64) {
        let ahead = self.end.load(Ordering::Relaxed);
        // Requests of several threads come in any order, but never far from each other.
        if start > ahead.saturating_add(WINDOW / 8) || end.saturating_add(2 * WINDOW) < ahead {
            // Somebody who reads here and there, and may read on from here.
            self.end.store(end, Ordering::Relaxed);
            return;
        }
        let ahead = ahead.max(end);
        if end.saturating_add(WINDOW / 2) >= ahead
            && let Some(backing) = source.backing(ahead)
        {
            let len = WINDOW.min(backing.extent.length);
            let advice = rustix::fs::Advice::WillNeed;
            // What the system makes of it changes nothing of what is read.
            rustix::fs::fadvise(backing.file, backing.extent.offset, NonZeroU64::new(len), advice).unwrap_or_default();
            self.end.store(ahead.saturating_add(len), Ordering::Relaxed);
        }
    }

    /// Other systems read ahead as they like.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn note(&self, _: &dyn Source, _: u64, _: u64) {}
}
