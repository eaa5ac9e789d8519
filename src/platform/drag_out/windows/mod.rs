//! Windows: OLE, which asks for the bytes when a target wants them.
//!
//! [`DoDragDrop`] runs a loop of its own until the button is up, in which the window is not drawn; it comes back with
//! what became of the drag. The target may read for long after, and holds the data object until it is done; the reads
//! come through the message loop of the window. What is copied is read when it is pasted, so it goes with the window:
//! handing it to the system at the end would read all of it.
//!
//! All of it runs under Wine in the tests, dragged out of the window into one of another process too, which reads at once
//! or, as Explorer does, when the drag is over. Explorer itself was never seen to take anything.

#![expect(
    unsafe_code,
    reason = "OLE is COM, which is made of pointers; no library offers drags of files that do not exist"
)]

mod data_object;
mod descriptor;
mod drop_source;
mod memory;
mod picture;
mod stream;
#[cfg(test)]
mod tests;

use std::ffi::c_void;
use std::marker::PhantomData;

use windows::Win32::Foundation::{DRAGDROP_S_CANCEL, DRAGDROP_S_DROP, S_OK};
use windows::Win32::System::Com::IDataObject;
use windows::Win32::System::Ole::{
    DROPEFFECT_COPY, DROPEFFECT_NONE, DoDragDrop, IDropSource, OleInitialize, OleSetClipboard, OleUninitialize,
};
use windows::Win32::UI::Shell::IDataObjectAsyncCapability;
use windows_core::{HRESULT, Interface as _};

use self::data_object::DataObject;
use self::drop_source::DropSource;
use super::{Backend, DragEvent, Ended, FilesNeeded, Offer};

/// The thread's use of OLE; winit has its own.
struct Use {
    initialized: bool,
    /// It belongs to one thread.
    _thread: PhantomData<*const ()>,
}

impl Use {
    fn begin() -> Self {
        // SAFETY: the argument is reserved. It fails on a thread that shares its objects with others, and then so do
        // drags, with their own word on it.
        let initialized = unsafe { OleInitialize(None) }.is_ok();
        Self { initialized, _thread: PhantomData }
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        if self.initialized {
            // SAFETY: it was begun on this very thread.
            unsafe { OleUninitialize() };
        }
    }
}

/// Drags of a window on Windows.
pub(super) struct Windows {
    events: Vec<DragEvent>,
    /// What was copied last, as long as nobody copies anything else.
    copied: Option<IDataObject>,
    /// The last field: what is above goes before it.
    _use: Use,
}

impl Windows {
    pub(super) fn new() -> Self {
        Self { events: Vec::new(), copied: None, _use: Use::begin() }
    }
}

/// Drags `offer` until the button is up.
fn drag(offer: &Offer) -> Ended {
    let data = match data(offer, None) {
        Ok(data) => data,
        Err(sentence) => return Ended::Failed(sentence),
    };
    if let Some(label) = &offer.label {
        // A drag without its picture is better than none.
        picture::attach(label, &data).unwrap_or_default();
    }
    let source: IDropSource = DropSource.into();
    let mut effect = DROPEFFECT_NONE;
    // SAFETY: both objects live through the call, and `effect` has room for the answer.
    let result = unsafe { DoDragDrop(&data, &source, DROPEFFECT_COPY, &raw mut effect) };
    match result {
        DRAGDROP_S_DROP if effect != DROPEFFECT_NONE || is_read(&data) => Ended::Accepted,
        DRAGDROP_S_DROP | DRAGDROP_S_CANCEL => Ended::Cancelled,
        error => Ended::Failed(format!("Windows does not drag this: {}", error.message())),
    }
}

/// True while a target reads in a thread of its own. It says what it has done only when it is through.
fn is_read(data: &IDataObject) -> bool {
    let capability = data.cast::<IDataObjectAsyncCapability>();
    // SAFETY: it is an interface of an object of ours.
    capability.is_ok_and(|capability| unsafe { capability.InOperation() }.is_ok_and(|reads| reads.as_bool()))
}

fn data(offer: &Offer, text: Option<&str>) -> Result<IDataObject, String> {
    let items = descriptor::items(&*offer.files)?;
    if items.is_empty() {
        return Err("There is nothing here that Windows can drag or copy".to_owned());
    }
    Ok(DataObject::new(offer.files.clone(), items, offer.zone, text).into())
}

/// True as long as `data` is what is copied.
fn is_copied(data: &IDataObject) -> bool {
    // The one in the crate calls “no” a success, and does not tell it from “yes”.
    windows_core::link!("ole32.dll" "system" fn OleIsCurrentClipboard(data: *mut c_void) -> HRESULT);
    // SAFETY: the object lives through the call.
    unsafe { OleIsCurrentClipboard(data.as_raw()) == S_OK }
}

impl Backend for Windows {
    fn files_needed(&self) -> FilesNeeded {
        FilesNeeded::Never
    }

    fn begin(&mut self, offer: Offer) {
        self.events.push(DragEvent::Ended(drag(&offer)));
    }

    fn files_are_ready(&mut self, _: bool) {}

    /// A drag is over before anybody could give it up here: the loop of the system hears Esc.
    fn cancel(&mut self) {}

    fn copy(&mut self, offer: Offer, text: String) -> Result<(), String> {
        let data = data(&offer, Some(&text))?;
        // SAFETY: the clipboard keeps the object as long as it needs it.
        unsafe { OleSetClipboard(&data) }
            .map_err(|error| format!("Windows does not copy this: {}", error.message()))?;
        self.copied = Some(data);
        Ok(())
    }

    fn poll(&mut self) -> Vec<DragEvent> {
        if self.copied.as_ref().is_some_and(|data| !is_copied(data)) {
            self.copied = None;
            self.events.push(DragEvent::CopyReplaced);
        }
        std::mem::take(&mut self.events)
    }

    fn swallows_release(&self) -> bool {
        true
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        if self.copied.take().is_some_and(|data| is_copied(&data)) {
            // SAFETY: it empties the clipboard, which holds nothing but the files of this window.
            unsafe { OleSetClipboard(None::<&IDataObject>) }.unwrap_or_default();
        }
    }
}
