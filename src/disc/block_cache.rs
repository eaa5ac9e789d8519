//! The block of a packed file that was unpacked last, as most reads ask for the next bytes of the same one.

use std::sync::{Mutex, PoisonError};

use super::Result;

/// Number and bytes of the block that was unpacked last. Shared by all readers of a file.
#[derive(Debug, Default)]
pub(in crate::disc) struct BlockCache(Mutex<Option<(u64, Vec<u8>)>>);

impl BlockCache {
    /// Copies bytes of the block with this number to `buf`, from the byte `inner` of it on, and says how many; `unpack`
    /// gives the block when it is another one than last time.
    pub(in crate::disc) fn read(
        &self,
        number: u64,
        inner: u64,
        buf: &mut [u8],
        unpack: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<usize> {
        // A poisoned lock holds a whole block all the same: it is stored in one step.
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.as_ref().is_none_or(|(cached, _)| *cached != number) {
            *cache = Some((number, unpack()?));
        }
        let bytes = cache.as_ref().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
        let rest = usize::try_from(inner).ok().and_then(|inner| bytes.get(inner..)).unwrap_or_default();
        let len = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        Ok(len)
    }
}
