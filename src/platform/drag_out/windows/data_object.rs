//! What is dragged or copied, as a target asks for it: an `IDataObject`.
//!
//! The target gets a list of files, and for each of them a stream that is read straight from the image when it wants
//! the bytes. Nothing is unpacked before, and nothing lies in a temporary folder.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use windows::Win32::Foundation::{
    DATA_S_SAMEFORMATETC, DV_E_DVASPECT, DV_E_FORMATETC, DV_E_LINDEX, DV_E_TYMED, E_NOTIMPL, E_POINTER,
    OLE_E_ADVISENOTSUPPORTED, S_OK,
};
use windows::Win32::System::Com::{
    DATADIR_GET, DVASPECT_CONTENT, FORMATETC, IAdviseSink, IBindCtx, IDataObject_Impl, IEnumFORMATETC, IEnumSTATDATA,
    IStream, STGMEDIUM, STGMEDIUM_0, TYMED, TYMED_HGLOBAL, TYMED_ISTREAM,
};
use windows::Win32::System::DataExchange::RegisterClipboardFormatW;
use windows::Win32::System::Ole::{CF_UNICODETEXT, DROPEFFECT_COPY, ReleaseStgMedium};
use windows::Win32::UI::Shell::{
    CFSTR_FILECONTENTS, CFSTR_FILEDESCRIPTORW, CFSTR_PREFERREDDROPEFFECT, CFSTR_ZONEIDENTIFIER,
    IDataObjectAsyncCapability_Impl, SHCreateStdEnumFmtEtc,
};
use windows_core::{BOOL, HRESULT, PCWSTR, Ref, Result, implement};

use super::descriptor::{self, Item};
use super::memory;
use super::stream::FileStream;
use crate::platform::files::Files;

/// Bytes that a target may leave here of each kind, such as the words beside the pointer.
const LEFT_BYTES: usize = 4 << 20;

/// How many kinds of data a target may leave.
const LEFT_KINDS: usize = 64;

/// The numbers of the formats.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats {
    pub(super) descriptor: u16,
    pub(super) contents: u16,
    pub(super) preferred_effect: u16,
    pub(super) zone: u16,
}

impl Formats {
    /// The numbers that the system has for them; it gives out one where there was none.
    pub(super) fn register() -> Self {
        Self {
            descriptor: register(CFSTR_FILEDESCRIPTORW),
            contents: register(CFSTR_FILECONTENTS),
            preferred_effect: register(CFSTR_PREFERREDDROPEFFECT),
            zone: register(CFSTR_ZONEIDENTIFIER),
        }
    }
}

fn register(name: PCWSTR) -> u16 {
    // SAFETY: the name is a constant that ends with a NUL. Formats with names have numbers from 0xC000 to 0xFFFF.
    unsafe { RegisterClipboardFormatW(name) as u16 }
}

/// Data that is handed over in memory.
struct Datum {
    format: u16,
    bytes: Vec<u8>,
}

/// What a target or the shell has left.
struct Left {
    format: u16,
    what: Medium,
}

enum Medium {
    Bytes(Vec<u8>),
    /// Where the shell keeps the picture under the pointer.
    Stream(IStream),
}

impl Left {
    fn tymed(&self) -> i32 {
        match self.what {
            Medium::Bytes(_) => TYMED_HGLOBAL.0,
            Medium::Stream(_) => TYMED_ISTREAM.0,
        }
    }
}

/// What is dragged or copied.
#[implement(windows::Win32::System::Com::IDataObject, windows::Win32::UI::Shell::IDataObjectAsyncCapability)]
pub(super) struct DataObject {
    formats: Formats,
    files: Arc<dyn Files>,
    items: Vec<Item>,
    /// In the order in which targets should prefer them; the streams come behind the first.
    data: Vec<Datum>,
    /// What targets and the shell have left here.
    left: Mutex<Vec<Left>>,
    asynchronous: AtomicBool,
    operating: AtomicBool,
}

impl DataObject {
    /// Offers `items` of `files`, marked as coming from `zone`, and `text` beside them.
    pub(super) fn new(files: Arc<dyn Files>, items: Vec<Item>, zone: Option<u32>, text: Option<&str>) -> Self {
        let formats = Formats::register();
        let mut data = vec![
            Datum { format: formats.descriptor, bytes: descriptor::descriptor(&items) },
            Datum { format: formats.preferred_effect, bytes: DROPEFFECT_COPY.0.to_le_bytes().to_vec() },
        ];
        if let Some(zone) = zone {
            // The name stands in the system's headers, and nowhere is written what heeds it. It costs nothing.
            data.push(Datum { format: formats.zone, bytes: zone.to_le_bytes().to_vec() });
        }
        if let Some(text) = text {
            // Lines of text on Windows end so.
            let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
            let bytes = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            data.push(Datum { format: CF_UNICODETEXT.0, bytes });
        }
        Self {
            formats,
            files,
            items,
            data,
            left: Mutex::new(Vec::new()),
            // The target reads in a thread of its own, so that both windows stay alive.
            asynchronous: AtomicBool::new(true),
            operating: AtomicBool::new(false),
        }
    }

    /// The formats that can be had, in the order of preference.
    fn offered(&self) -> Vec<FORMATETC> {
        let mut offered = Vec::new();
        for Datum { format, .. } in &self.data {
            offered.push(format_of(*format, TYMED_HGLOBAL.0));
            if *format == self.formats.descriptor {
                offered.push(format_of(self.formats.contents, TYMED_ISTREAM.0));
            }
        }
        offered.extend(self.left().iter().map(|left| format_of(left.format, left.tymed())));
        offered
    }

    fn left(&self) -> std::sync::MutexGuard<'_, Vec<Left>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether, and if not why not, `wanted` can be had.
    fn check(&self, wanted: &FORMATETC) -> HRESULT {
        let mut found = DV_E_FORMATETC;
        for offered in self.offered().iter().filter(|offered| offered.cfFormat == wanted.cfFormat) {
            if offered.tymed & wanted.tymed == 0 {
                found = DV_E_TYMED;
            } else if wanted.dwAspect != DVASPECT_CONTENT.0 {
                found = DV_E_DVASPECT;
            } else {
                return S_OK;
            }
        }
        found
    }

    /// The stream of the file with this place in the list.
    fn contents(&self, index: i32) -> Result<STGMEDIUM> {
        // Some targets leave the place out when there is only one.
        let index = if index == -1 && self.items.len() == 1 { 0 } else { index };
        let item = usize::try_from(index).ok().and_then(|index| self.items.get(index));
        let item = item.filter(|item| !item.is_folder()).ok_or(DV_E_LINDEX)?;
        Ok(medium_of(FileStream::open(self.files.clone(), item.clone())))
    }
}

/// A medium with `stream`, which belongs to whoever gets it.
pub(super) fn medium_of(stream: IStream) -> STGMEDIUM {
    STGMEDIUM {
        tymed: TYMED_ISTREAM.0.cast_unsigned(),
        u: STGMEDIUM_0 { pstm: ManuallyDrop::new(Some(stream)) },
        pUnkForRelease: ManuallyDrop::new(None),
    }
}

fn format_of(format: u16, tymed: i32) -> FORMATETC {
    FORMATETC {
        cfFormat: format,
        ptd: std::ptr::null_mut(),
        dwAspect: DVASPECT_CONTENT.0,
        lindex: -1,
        tymed: tymed.cast_unsigned(),
    }
}

impl IDataObject_Impl for DataObject_Impl {
    fn GetData(&self, pformatetcin: *const FORMATETC) -> Result<STGMEDIUM> {
        // SAFETY: it is null or leads to a format that lives through the call, by the contract of `GetData`.
        let wanted = unsafe { pformatetcin.as_ref() }.ok_or(E_POINTER)?;
        self.check(wanted).ok()?;
        if wanted.cfFormat == self.formats.contents {
            return self.contents(wanted.lindex);
        }
        if let Some(datum) = self.data.iter().find(|datum| datum.format == wanted.cfFormat) {
            return memory::medium(&datum.bytes);
        }
        let left = self.left();
        match &left.iter().find(|left| left.format == wanted.cfFormat).ok_or(DV_E_FORMATETC)?.what {
            Medium::Bytes(bytes) => memory::medium(bytes),
            Medium::Stream(stream) => Ok(medium_of(stream.clone())),
        }
    }

    fn GetDataHere(&self, _: *const FORMATETC, _: *mut STGMEDIUM) -> Result<()> {
        Err(E_NOTIMPL.into())
    }

    fn QueryGetData(&self, pformatetc: *const FORMATETC) -> HRESULT {
        // SAFETY: as in `GetData`.
        unsafe { pformatetc.as_ref() }.map_or(E_POINTER, |wanted| self.check(wanted))
    }

    fn GetCanonicalFormatEtc(&self, pformatectin: *const FORMATETC, pformatetcout: *mut FORMATETC) -> HRESULT {
        // SAFETY: as in `GetData`.
        let Some(format) = (unsafe { pformatectin.as_ref() }) else { return E_POINTER };
        if pformatetcout.is_null() {
            return E_POINTER;
        }
        // SAFETY: it is not null, and so a place for the answer.
        unsafe { pformatetcout.write(FORMATETC { ptd: std::ptr::null_mut(), ..*format }) };
        DATA_S_SAMEFORMATETC
    }

    fn SetData(&self, pformatetc: *const FORMATETC, pmedium: *const STGMEDIUM, frelease: BOOL) -> Result<()> {
        // SAFETY: both are null or lead to what lives through the call, by the contract of `SetData`.
        let (format, medium) = unsafe { (pformatetc.as_ref(), pmedium.as_ref()) };
        let (format, medium) = (format.ok_or(E_POINTER)?, medium.ok_or(E_POINTER)?);
        let offered = self.data.iter().any(|datum| datum.format == format.cfFormat);
        if offered || format.cfFormat == self.formats.contents {
            return Err(DV_E_FORMATETC.into());
        }
        // SAFETY: `tymed` says what it is, and it stays the caller's until the end of the call.
        let what = match TYMED(medium.tymed.cast_signed()) {
            TYMED_HGLOBAL => Medium::Bytes(unsafe { memory::bytes(medium.u.hGlobal, LEFT_BYTES) }),
            TYMED_ISTREAM => Medium::Stream(unsafe { (*medium.u.pstm).clone() }.ok_or(E_POINTER)?),
            _ => return Err(DV_E_TYMED.into()),
        };
        let mut left = self.left();
        left.retain(|datum| datum.format != format.cfFormat);
        if left.len() >= LEFT_KINDS {
            return Err(DV_E_FORMATETC.into());
        }
        left.push(Left { format: format.cfFormat, what });
        if frelease.as_bool() {
            // SAFETY: the caller gave the medium away, and it is not used any more.
            unsafe { ReleaseStgMedium(pmedium.cast_mut()) };
        }
        Ok(())
    }

    fn EnumFormatEtc(&self, dwdirection: u32) -> Result<IEnumFORMATETC> {
        if dwdirection != DATADIR_GET.0.cast_unsigned() {
            return Err(E_NOTIMPL.into());
        }
        // SAFETY: the list is copied.
        unsafe { SHCreateStdEnumFmtEtc(&self.offered()) }
    }

    fn DAdvise(&self, _: *const FORMATETC, _: u32, _: Ref<IAdviseSink>) -> Result<u32> {
        Err(OLE_E_ADVISENOTSUPPORTED.into())
    }

    fn DUnadvise(&self, _: u32) -> Result<()> {
        Err(OLE_E_ADVISENOTSUPPORTED.into())
    }

    fn EnumDAdvise(&self) -> Result<IEnumSTATDATA> {
        Err(OLE_E_ADVISENOTSUPPORTED.into())
    }
}

impl IDataObjectAsyncCapability_Impl for DataObject_Impl {
    fn SetAsyncMode(&self, fdoopasync: BOOL) -> Result<()> {
        self.asynchronous.store(fdoopasync.as_bool(), Ordering::Relaxed);
        Ok(())
    }

    fn GetAsyncMode(&self) -> Result<BOOL> {
        Ok(self.asynchronous.load(Ordering::Relaxed).into())
    }

    fn StartOperation(&self, _: Ref<IBindCtx>) -> Result<()> {
        self.operating.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn InOperation(&self) -> Result<BOOL> {
        Ok(self.operating.load(Ordering::Relaxed).into())
    }

    fn EndOperation(&self, _: HRESULT, _: Ref<IBindCtx>, _: u32) -> Result<()> {
        self.operating.store(false, Ordering::Relaxed);
        Ok(())
    }
}
