//! A window that takes what is dropped on it, as Explorer does: by `IDropTarget`, from a process of its own.

use std::cell::Cell;
use std::ffi::c_void;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use windows::Win32::Foundation::{E_FAIL, E_UNEXPECTED, HWND, POINTL, S_OK};
use windows::Win32::System::Com::{DVASPECT_CONTENT, FORMATETC, IDataObject, TYMED_HGLOBAL, TYMED_ISTREAM};
use windows::Win32::System::DataExchange::RegisterClipboardFormatW;
use windows::Win32::System::Memory::{GlobalLock, GlobalSize, GlobalUnlock};
use windows::Win32::System::Ole::{
    DROPEFFECT, DROPEFFECT_COPY, DROPEFFECT_NONE, IDropTarget, IDropTarget_Impl, OleInitialize, RegisterDragDrop,
    ReleaseStgMedium,
};
use windows::Win32::System::SystemServices::MODIFIERKEYS_FLAGS;
use windows::Win32::UI::Shell::{CFSTR_FILECONTENTS, CFSTR_FILEDESCRIPTORW, IDataObjectAsyncCapability};
use windows_core::{Interface as _, Ref, Result, implement};
use windows_sys::Win32::Foundation::RECT;
use windows_sys::Win32::UI::WindowsAndMessaging as user;

/// Bytes of a `FILEDESCRIPTORW`, and where in it stand its attributes, its size and its name.
const DESCRIPTOR: usize = 592;
const ATTRIBUTES: usize = 36;
const SIZE: usize = 64;
const NAME: usize = 72;

/// One entry of what was dropped: its path with `/`, and its bytes; a folder has none.
pub(crate) type Item = (String, Option<Vec<u8>>);

/// What the window hears.
#[derive(Debug)]
pub(crate) enum Heard {
    Entered,
    Left,
    Dropped(Vec<Item>),
    Failed(String),
}

/// The window. It lives as long as the process.
pub(crate) struct Target {
    heard: Receiver<Heard>,
}

impl Target {
    /// A window at a place of the screen.
    pub(crate) fn open(place: RECT) -> Self {
        let (say, heard) = bounded(1000);
        let (shown, is_shown) = bounded(1);
        let thread = std::thread::Builder::new().name("target".to_owned());
        thread.spawn(move || run(place, say, &shown)).unwrap();
        is_shown.recv_timeout(Duration::from_secs(60)).expect("the window of the target opens");
        Self { heard }
    }

    /// What it hears next.
    pub(crate) fn hears(&self) -> Heard {
        self.heard.recv_timeout(Duration::from_secs(60)).expect("the target hears something")
    }

    /// True when it hears nothing for a while.
    pub(crate) fn hears_nothing(&self) -> bool {
        self.heard.recv_timeout(Duration::from_secs(2)).is_err()
    }
}

fn run(place: RECT, say: Sender<Heard>, shown: &Sender<()>) {
    let name: Vec<u16> = "drop here\0".encode_utf16().collect();
    let class: Vec<u16> = "STATIC\0".encode_utf16().collect();
    let (width, height) = (place.right - place.left, place.bottom - place.top);
    let style = user::WS_POPUP | user::WS_VISIBLE;
    // SAFETY: the names live through the call; everything else may be absent. The thread owns the window and everything
    // that is registered for it, and reads its messages as long as the process lives.
    unsafe {
        let none = std::ptr::null_mut;
        let window = user::CreateWindowExW(
            user::WS_EX_TOPMOST,
            class.as_ptr(),
            name.as_ptr(),
            style,
            place.left,
            place.top,
            width,
            height,
            none(),
            none(),
            none(),
            std::ptr::null(),
        );
        assert!(!window.is_null(), "no window");
        OleInitialize(None).unwrap();
        let target: IDropTarget = Taker { say, turn: Cell::new(0) }.into();
        RegisterDragDrop(HWND(window.cast::<c_void>()), &target).unwrap();
        shown.send(()).unwrap();
        let mut message = std::mem::zeroed();
        while user::GetMessageW(&raw mut message, none(), 0, 0) > 0 {
            user::DispatchMessageW(&raw const message);
        }
    }
}

#[implement(IDropTarget)]
struct Taker {
    say: Sender<Heard>,
    /// Drops until now.
    turn: Cell<usize>,
}

impl IDropTarget_Impl for Taker_Impl {
    fn DragEnter(
        &self,
        data: Ref<IDataObject>,
        _: MODIFIERKEYS_FLAGS,
        _: &POINTL,
        effect: *mut DROPEFFECT,
    ) -> Result<()> {
        let files = descriptor();
        // SAFETY: the object and the format live through the call, and the caller has room for the effect.
        unsafe {
            *effect = if data.ok()?.QueryGetData(&raw const files) == S_OK { DROPEFFECT_COPY } else { DROPEFFECT_NONE };
        }
        self.say.send(Heard::Entered).map_err(|_| E_UNEXPECTED.into())
    }

    fn DragOver(&self, _: MODIFIERKEYS_FLAGS, _: &POINTL, effect: *mut DROPEFFECT) -> Result<()> {
        // SAFETY: the caller has room for it.
        unsafe { *effect = DROPEFFECT_COPY };
        Ok(())
    }

    fn DragLeave(&self) -> Result<()> {
        self.say.send(Heard::Left).map_err(|_| E_UNEXPECTED.into())
    }

    fn Drop(&self, data: Ref<IDataObject>, _: MODIFIERKEYS_FLAGS, _: &POINTL, effect: *mut DROPEFFECT) -> Result<()> {
        let data = data.ok()?;
        // Every second drop is read as Explorer reads, when the drag is long over.
        let later = self.turn.replace(self.turn.get() + 1) % 2 == 1;
        // SAFETY: the caller has room for the effect.
        unsafe { *effect = DROPEFFECT_COPY };
        if later { read_later(data, &self.say) } else { tell(items(data), &self.say) }
    }
}

fn tell(items: Result<Vec<Item>>, say: &Sender<Heard>) -> Result<()> {
    let heard = match items {
        Ok(items) => Heard::Dropped(items),
        Err(error) => Heard::Failed(error.message()),
    };
    say.send(heard).map_err(|_| E_UNEXPECTED.into())
}

/// Leaves the reading to a message of its own, and tells the source that it goes on until then.
fn read_later(data: &IDataObject, say: &Sender<Heard>) -> Result<()> {
    let capability: IDataObjectAsyncCapability = data.cast()?;
    // SAFETY: they are methods of an object of the source.
    unsafe {
        if !capability.GetAsyncMode()?.as_bool() {
            return Err(E_FAIL.into());
        }
        capability.StartOperation(None)?;
    }
    let pending = Box::new(Pending { data: data.clone(), say: say.clone() });
    PENDING.set(Some(pending));
    // SAFETY: a timer without a window calls back in this very thread.
    unsafe { user::SetTimer(std::ptr::null_mut(), 0, 300, Some(read_now)) };
    Ok(())
}

struct Pending {
    data: IDataObject,
    say: Sender<Heard>,
}

thread_local! {
    static PENDING: Cell<Option<Box<Pending>>> = const { Cell::new(None) };
}

unsafe extern "system" fn read_now(_: *mut c_void, _: u32, timer: usize, _: u32) {
    // SAFETY: it is the timer that has just called.
    unsafe { user::KillTimer(std::ptr::null_mut(), timer) };
    let Some(pending) = PENDING.take() else { return };
    let items = items(&pending.data);
    let capability = pending.data.cast::<IDataObjectAsyncCapability>();
    // SAFETY: it is a method of an object of the source.
    let ended = capability.and_then(|capability| unsafe { capability.EndOperation(S_OK, None, DROPEFFECT_COPY.0) });
    tell(ended.and(items), &pending.say).unwrap();
}

fn format(name: windows_core::PCWSTR, index: i32, medium: i32) -> FORMATETC {
    // SAFETY: the name is a constant.
    let format = unsafe { RegisterClipboardFormatW(name) };
    FORMATETC {
        cfFormat: u16::try_from(format).unwrap(),
        ptd: std::ptr::null_mut(),
        dwAspect: DVASPECT_CONTENT.0,
        lindex: index,
        tymed: medium.cast_unsigned(),
    }
}

fn descriptor() -> FORMATETC {
    format(CFSTR_FILEDESCRIPTORW, -1, TYMED_HGLOBAL.0)
}

/// Everything that `data` lists, with its bytes.
fn items(data: &IDataObject) -> Result<Vec<Item>> {
    let list = list(data)?;
    let (count, rest) = list.split_at_checked(4).ok_or(E_FAIL)?;
    let count = u32::from_le_bytes(count.try_into().map_err(|_| E_FAIL)?) as usize;
    assert!(rest.len() >= count * DESCRIPTOR, "{} bytes for {count} files", rest.len());
    rest.chunks_exact(DESCRIPTOR).take(count).enumerate().map(|(at, entry)| item(data, at, entry)).collect()
}

fn list(data: &IDataObject) -> Result<Vec<u8>> {
    let wanted = descriptor();
    // SAFETY: the format lives through the call; the memory is locked while it is read, and then given back.
    unsafe {
        let mut medium = data.GetData(&raw const wanted)?;
        let memory = medium.u.hGlobal;
        let list = std::slice::from_raw_parts(GlobalLock(memory).cast::<u8>(), GlobalSize(memory)).to_vec();
        GlobalUnlock(memory).unwrap_or_default();
        ReleaseStgMedium(&raw mut medium);
        Ok(list)
    }
}

fn item(data: &IDataObject, at: usize, entry: &[u8]) -> Result<Item> {
    let number = |at: usize| u32::from_le_bytes(entry[at..at + 4].try_into().unwrap());
    let units = entry[NAME..].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let name: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    let path = String::from_utf16_lossy(&name).replace('\\', "/");
    if number(ATTRIBUTES) & 0x10 != 0 {
        return Ok((path, None));
    }
    let size = u64::from(number(SIZE)) << 32 | u64::from(number(SIZE + 4));
    let bytes = contents(data, i32::try_from(at).unwrap())?;
    assert_eq!(bytes.len() as u64, size, "{path}");
    Ok((path, Some(bytes)))
}

fn contents(data: &IDataObject, at: i32) -> Result<Vec<u8>> {
    let wanted = format(CFSTR_FILECONTENTS, at, TYMED_ISTREAM.0);
    let mut bytes = Vec::new();
    // SAFETY: the format lives through the call; the stream is given back when all of it was read into room that is there.
    unsafe {
        let mut medium = data.GetData(&raw const wanted)?;
        let stream = (*medium.u.pstm).clone().ok_or(E_FAIL)?;
        let mut part = vec![0_u8; 1 << 16];
        loop {
            let mut read = 0;
            stream.Read(part.as_mut_ptr().cast(), 1 << 16, Some(&raw mut read)).ok()?;
            if read == 0 {
                break;
            }
            bytes.extend_from_slice(&part[..read as usize]);
        }
        drop(stream);
        ReleaseStgMedium(&raw mut medium);
    }
    Ok(bytes)
}
