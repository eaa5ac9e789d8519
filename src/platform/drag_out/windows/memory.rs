//! Data that is handed over in memory of the system (`HGLOBAL`).

use std::mem::ManuallyDrop;
use std::slice;

use windows::Win32::Foundation::{E_OUTOFMEMORY, GlobalFree, HGLOBAL};
use windows::Win32::System::Com::{STGMEDIUM, STGMEDIUM_0, TYMED_HGLOBAL};
use windows::Win32::System::Memory::{GMEM_MOVEABLE, GlobalAlloc, GlobalLock, GlobalSize, GlobalUnlock};
use windows_core::Result;

/// A medium with a copy of `bytes`, which belongs to whoever gets it.
pub(super) fn medium(bytes: &[u8]) -> Result<STGMEDIUM> {
    // SAFETY: it asks for memory and gives none away.
    let global = unsafe { GlobalAlloc(GMEM_MOVEABLE, bytes.len().max(1))? };
    // SAFETY: `global` was made above, and nobody else knows it yet.
    let place = unsafe { GlobalLock(global) };
    if place.is_null() {
        // SAFETY: as above; it is not used again.
        unsafe { GlobalFree(Some(global))? };
        return Err(E_OUTOFMEMORY.into());
    }
    // SAFETY: the memory holds at least as many bytes, and is locked until they are there. Unlocking says “not locked
    // any more” as if it were an error.
    unsafe {
        place.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        GlobalUnlock(global).unwrap_or_default();
    }
    Ok(STGMEDIUM {
        tymed: TYMED_HGLOBAL.0.cast_unsigned(),
        u: STGMEDIUM_0 { hGlobal: global },
        pUnkForRelease: ManuallyDrop::new(None),
    })
}

/// A copy of the first `limit` bytes in `global`.
///
/// # Safety
///
/// It is memory of the system that nobody frees meanwhile.
pub(super) unsafe fn bytes(global: HGLOBAL, limit: usize) -> Vec<u8> {
    // SAFETY: the caller says that it is memory of the system.
    let place = unsafe { GlobalLock(global) };
    if place.is_null() {
        return Vec::new();
    }
    // SAFETY: it is locked, and holds at least as many bytes as its size says.
    unsafe {
        let bytes = slice::from_raw_parts(place.cast::<u8>(), GlobalSize(global).min(limit)).to_vec();
        GlobalUnlock(global).unwrap_or_default();
        bytes
    }
}
