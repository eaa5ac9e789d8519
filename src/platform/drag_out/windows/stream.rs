//! The bytes of a file that is dragged, as the target reads them: an `IStream` that only can be read.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use windows::Win32::Foundation::{FILETIME, S_FALSE, S_OK, STG_E_INVALIDFUNCTION, STG_E_INVALIDPOINTER};
use windows::Win32::Foundation::{STG_E_ACCESSDENIED, STG_E_READFAULT};
use windows::Win32::System::Com::{
    ISequentialStream_Impl, IStream, IStream_Impl, LOCKTYPE, STATFLAG, STATFLAG_NONAME, STATSTG, STGC, STGM_READ,
    STGTY_STREAM, STREAM_SEEK, STREAM_SEEK_CUR, STREAM_SEEK_END, STREAM_SEEK_SET,
};
use windows::Win32::UI::Shell::SHStrDupW;
use windows_core::{HRESULT, HSTRING, Ref, Result, implement};

use super::descriptor::{Item, file_time};
use crate::platform::files::{Contents, Files};

/// Bytes that are handed from one stream to another at once.
const CHUNK: u32 = 256 << 10;

/// What all streams of a file share.
struct Shared {
    files: Arc<dyn Files>,
    item: Item,
    /// Open from the first read on: a target may ask for the streams of a thousand files before it reads one.
    contents: OnceLock<Arc<dyn Contents>>,
}

impl Shared {
    fn contents(&self) -> std::io::Result<&dyn Contents> {
        if self.contents.get().is_none() {
            let opened = self.files.open(self.item.node)?;
            return Ok(&**self.contents.get_or_init(|| opened));
        }
        self.contents.get().map(|contents| &**contents).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

/// A file that is dragged, open at some place.
#[implement(IStream)]
pub(super) struct FileStream {
    shared: Arc<Shared>,
    position: AtomicU64,
}

impl FileStream {
    /// The bytes of `item` from the start on.
    pub(super) fn open(files: Arc<dyn Files>, item: Item) -> IStream {
        let shared = Arc::new(Shared { files, item, contents: OnceLock::new() });
        Self { shared, position: AtomicU64::new(0) }.into()
    }

    fn size(&self) -> u64 {
        self.shared.item.attributes.size
    }

    /// Reads as much as fits in `buf` or is left, and goes on behind it. What cannot be read is an error, and never a
    /// shorter file: the target would take that for the whole.
    fn read(&self, buf: &mut [u8]) -> std::io::Result<usize> {
        let start = self.position.load(Ordering::Relaxed);
        let left = usize::try_from(self.size().saturating_sub(start)).unwrap_or(usize::MAX);
        let len = buf.len().min(left);
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..len).filter(|rest| !rest.is_empty()) {
            match self.shared.contents()?.read_at(start.saturating_add(done as u64), rest)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                read => done = done.saturating_add(read),
            }
        }
        self.position.store(start.saturating_add(done as u64), Ordering::Relaxed);
        Ok(done)
    }
}

impl ISequentialStream_Impl for FileStream_Impl {
    fn Read(&self, pv: *mut c_void, cb: u32, pcbread: *mut u32) -> HRESULT {
        if pv.is_null() {
            return STG_E_INVALIDPOINTER;
        }
        let wanted = cb as usize;
        // SAFETY: the caller of `Read` owns `cb` bytes at `pv`, and lends them for the call. They may not have been
        // written yet, so they are before they become a slice.
        let buf = unsafe {
            pv.cast::<u8>().write_bytes(0, wanted);
            std::slice::from_raw_parts_mut(pv.cast::<u8>(), wanted)
        };
        let (read, result) = match self.read(buf) {
            Ok(read) if read < wanted => (read, S_FALSE),
            Ok(read) => (read, S_OK),
            Err(_) => (0, STG_E_READFAULT),
        };
        if !pcbread.is_null() {
            // SAFETY: it is null or a place for the count, by the contract of `Read`.
            unsafe { pcbread.write(u32::try_from(read).unwrap_or(cb)) };
        }
        result
    }

    fn Write(&self, _: *const c_void, _: u32, _: *mut u32) -> HRESULT {
        STG_E_ACCESSDENIED
    }
}

impl IStream_Impl for FileStream_Impl {
    fn Seek(&self, dlibmove: i64, dworigin: STREAM_SEEK, plibnewposition: *mut u64) -> Result<()> {
        let from = match dworigin {
            STREAM_SEEK_SET => 0,
            STREAM_SEEK_CUR => self.position.load(Ordering::Relaxed),
            STREAM_SEEK_END => self.size(),
            _ => return Err(STG_E_INVALIDFUNCTION.into()),
        };
        // From the start the distance counts as unsigned.
        let to = match dworigin {
            STREAM_SEEK_SET => Some(dlibmove.cast_unsigned()),
            _ => from.checked_add_signed(dlibmove),
        };
        let to = to.ok_or(STG_E_INVALIDFUNCTION)?;
        self.position.store(to, Ordering::Relaxed);
        if !plibnewposition.is_null() {
            // SAFETY: it is null or a place for the position, by the contract of `Seek`.
            unsafe { plibnewposition.write(to) };
        }
        Ok(())
    }

    fn SetSize(&self, _: u64) -> Result<()> {
        Err(STG_E_ACCESSDENIED.into())
    }

    fn CopyTo(&self, pstm: Ref<IStream>, cb: u64, pcbread: *mut u64, pcbwritten: *mut u64) -> Result<()> {
        let target = pstm.ok()?;
        let mut buf = vec![0; CHUNK as usize];
        let (mut read, mut written) = (0_u64, 0_u64);
        while read < cb {
            let len = usize::try_from(cb - read).unwrap_or(usize::MAX).min(buf.len());
            let chunk = buf.get_mut(..len).unwrap_or_default();
            let got = self.read(chunk).map_err(|_| windows_core::Error::from(STG_E_READFAULT))?;
            if got == 0 {
                break;
            }
            read += got as u64;
            let mut put = 0;
            // SAFETY: the buffer holds at least `got` bytes, which is at most its length and so fits.
            unsafe { target.Write(chunk.as_ptr().cast(), got as u32, Some(&raw mut put)).ok()? };
            written += u64::from(put);
        }
        for (place, count) in [(pcbread, read), (pcbwritten, written)] {
            if !place.is_null() {
                // SAFETY: both are null or places for a count, by the contract of `CopyTo`.
                unsafe { place.write(count) };
            }
        }
        Ok(())
    }

    fn Commit(&self, _: &STGC) -> Result<()> {
        Ok(())
    }

    fn Revert(&self) -> Result<()> {
        Ok(())
    }

    fn LockRegion(&self, _: u64, _: u64, _: &LOCKTYPE) -> Result<()> {
        Err(STG_E_INVALIDFUNCTION.into())
    }

    fn UnlockRegion(&self, _: u64, _: u64, _: u32) -> Result<()> {
        Err(STG_E_INVALIDFUNCTION.into())
    }

    fn Stat(&self, pstatstg: *mut STATSTG, grfstatflag: &STATFLAG) -> Result<()> {
        if pstatstg.is_null() {
            return Err(STG_E_INVALIDPOINTER.into());
        }
        let mut status = STATSTG {
            r#type: STGTY_STREAM.0.cast_unsigned(),
            cbSize: self.size(),
            grfMode: STGM_READ,
            ..STATSTG::default()
        };
        if let Some(time) = self.shared.item.attributes.modified.and_then(file_time) {
            status.mtime = FILETIME { dwLowDateTime: time as u32, dwHighDateTime: (time >> 32) as u32 };
        }
        if *grfstatflag != STATFLAG_NONAME {
            let path = &self.shared.item.path;
            let name = HSTRING::from(path.rsplit('\\').next().unwrap_or(path));
            // SAFETY: the name ends with a NUL and lives through the call. The copy belongs to the caller.
            status.pwcsName = unsafe { SHStrDupW(&name)? };
        }
        // SAFETY: it is not null, and so a place for the answer, by the contract of `Stat`.
        unsafe { pstatstg.write(status) };
        Ok(())
    }

    fn Clone(&self) -> Result<IStream> {
        let position = AtomicU64::new(self.position.load(Ordering::Relaxed));
        Ok(FileStream { shared: self.shared.clone(), position }.into())
    }
}
