//! Dragging files out of the window, copying them for another program to paste, and what is dropped on the window where
//! the window's own library does not say so.
//!
//! egui and winit have no source of drags, so this is ours: one file for each window system behind [`Backend`]. The
//! window calls [`DragOut::begin`] while the button is down, and hears what became of it from [`DragOut::poll`]. At most
//! one drag is under way. Whatever happens it ends with exactly one [`DragEvent::Ended`].
//!
//! What can be dragged differs: on Windows and macOS the target asks for the bytes when it wants them ([`Offer::files`],
//! [`Offer::deliver`]); on X11 and Wayland it gets the paths of files ([`Offer::paths`]), which lie in a mounted image or
//! in a private folder.

mod label;
#[cfg(target_os = "macos")]
mod macos;
mod unsupported;
#[cfg(target_os = "linux")]
mod uri_list;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(windows)]
mod windows;
#[cfg(target_os = "linux")]
mod x11;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

#[cfg(target_os = "linux")]
use raw_window_handle::RawDisplayHandle;
use raw_window_handle::{HasDisplayHandle, HasWindowHandle, RawWindowHandle};

use super::files::Files;
pub use super::files::{Deliver, FilesNeeded, Paths};
pub use label::Label;
use unsupported::Unsupported;

/// What is dragged or copied.
#[derive(Clone)]
pub struct Offer {
    /// What it is in words, for the label under the pointer, such as `3 items`.
    pub what: String,
    /// How much it is, such as `12.5 MB`; empty where that is not known.
    pub size: String,
    /// Both in a picture, for window systems where they are not written otherwise.
    pub label: Option<Label>,
    /// The items, at the top of a tree that is read when a target asks.
    pub files: Arc<dyn Files>,
    /// Writes items where a target wants them.
    pub deliver: Arc<dyn Deliver>,
    /// Where the items are for programs that want paths.
    pub paths: Paths,
    /// The image came from the internet, and so does everything in it (Windows: `ZoneId` 3 or 4).
    pub zone: Option<u32>,
}

/// What happens to a drag, and what is dropped on the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DragEvent {
    /// The pointer is over something that would take the items, or no longer is.
    OverTarget(bool),
    /// The items were dropped; the target gets them when [`DragOut::files_are_ready`] says that they are there.
    FilesWanted,
    /// The drag is over, and the window is as before.
    Ended(Ended),
    /// Something that could be opened is over the window, or no longer is (Wayland).
    Hovering(bool),
    /// These files were dropped on the window (Wayland).
    Opened(Vec<PathBuf>),
    /// What was copied before is no longer on the clipboard: its files are not needed any more.
    CopyReplaced,
}

/// Text on the clipboard, where the window's own library must leave it to us (Wayland). It can outlive the window.
pub trait TextClipboard: Send + Sync {
    /// Puts text on the clipboard.
    fn copy(&self, text: String);

    /// Asks for the text on the clipboard. The window is woken when it is there.
    fn ask(&self);

    /// What was asked for and has come since the last call. Never blocks.
    fn take(&self) -> Vec<String>;
}

/// True where the window's library shall not see to text on the clipboard: where winit will open the window on Wayland.
pub fn has_own_text() -> bool {
    let set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
    cfg!(target_os = "linux") && (set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET"))
}

/// How a drag ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// A target took the items. It may still be copying.
    Accepted,
    /// Nobody took them, or the user gave up.
    Cancelled,
    /// It could not be done: one sentence.
    Failed(String),
}

/// One window system.
trait Backend {
    /// When files must exist to be dragged.
    fn files_needed(&self) -> FilesNeeded;

    /// Starts a drag while the primary button is down. [`Paths::Later`] is given only where files are needed after the
    /// drop.
    fn begin(&mut self, offer: Offer);

    /// The files that were wanted are there, or cannot be had: then the target is told that nothing comes.
    fn files_are_ready(&mut self, ready: bool);

    /// Gives the drag up.
    fn cancel(&mut self);

    /// What is [copied](Self::copy) must be files that exist, whatever is needed to drag them.
    fn paste_needs_files(&self) -> bool {
        false
    }

    /// Puts an offer on the clipboard, beside `text` for programs that want text. Says why not, if it cannot.
    fn copy(&mut self, offer: Offer, text: String) -> Result<(), String>;

    /// The clipboard for text, where it is ours to see to.
    fn text(&self) -> Option<Arc<dyn TextClipboard>> {
        None
    }

    /// What has happened since the last call. Never blocks.
    fn poll(&mut self) -> Vec<DragEvent>;

    /// The system swallows the release of the button that ends a drag: the window has to be told of it.
    fn swallows_release(&self) -> bool;
}

/// Wakes the window, so that it calls [`DragOut::poll`].
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The drags of one window.
pub struct DragOut {
    backend: Box<dyn Backend>,
    dragging: bool,
}

impl DragOut {
    /// Finds out which window system the window is on. Never fails: where nothing can be dragged, [`begin`](Self::begin)
    /// says so.
    pub fn new(window: &(impl HasWindowHandle + HasDisplayHandle), waker: Waker) -> Self {
        Self { backend: backend(window, waker), dragging: false }
    }

    /// One that can drag nothing, for windows that are on no screen.
    pub fn unsupported() -> Self {
        Self { backend: Box::new(Unsupported::new("This window is on no screen")), dragging: false }
    }

    /// When files must exist to be dragged.
    pub fn files_needed(&self) -> FilesNeeded {
        self.backend.files_needed()
    }

    /// What is [copied](Self::copy) must be files that exist, whatever is needed to drag them.
    pub fn paste_needs_files(&self) -> bool {
        self.backend.paste_needs_files()
    }

    /// True from [`begin`](Self::begin) until [`DragEvent::Ended`].
    pub fn is_dragging(&self) -> bool {
        self.dragging
    }

    /// Starts a drag while the primary button is down.
    pub fn begin(&mut self, offer: Offer) {
        if !self.dragging {
            self.dragging = true;
            self.backend.begin(offer);
        }
    }

    /// Answers [`DragEvent::FilesWanted`].
    pub fn files_are_ready(&mut self, ready: bool) {
        self.backend.files_are_ready(ready);
    }

    /// Gives the drag up. It ends as any other.
    pub fn cancel(&mut self) {
        if self.dragging {
            self.backend.cancel();
        }
    }

    /// Puts an offer on the clipboard, beside `text` for programs that want text. Says why not, if it cannot.
    pub fn copy(&mut self, offer: Offer, text: String) -> Result<(), String> {
        self.backend.copy(offer, text)
    }

    /// The clipboard for text, where it is ours to see to.
    pub fn text(&self) -> Option<Arc<dyn TextClipboard>> {
        self.backend.text()
    }

    /// What has happened since the last call. Never blocks.
    pub fn poll(&mut self) -> Vec<DragEvent> {
        let events = self.backend.poll();
        if events.iter().any(|event| matches!(event, DragEvent::Ended(_))) {
            self.dragging = false;
        }
        events
    }

    /// The system swallows the release of the button that ends a drag: the window has to be told of it.
    pub fn swallows_release(&self) -> bool {
        self.backend.swallows_release()
    }
}

/// Waits until what was dropped is written, where this program does that (macOS), but not longer than `at_most`. To be
/// called when there is no window any more.
pub fn wait_until_delivered(at_most: Duration) {
    #[cfg(target_os = "macos")]
    macos::wait_until_delivered(at_most);
    #[cfg(not(target_os = "macos"))]
    let _ = at_most;
}

fn backend(window: &(impl HasWindowHandle + HasDisplayHandle), waker: Waker) -> Box<dyn Backend> {
    let (Ok(handle), Ok(display)) = (window.window_handle(), window.display_handle()) else {
        return Box::new(Unsupported::new("This window is on no screen"));
    };
    match (handle.as_raw(), display.as_raw()) {
        #[cfg(target_os = "linux")]
        (RawWindowHandle::Xlib(handle), _) => match u32::try_from(handle.window) {
            Ok(window) => Box::new(x11::X11::new(window, waker)),
            Err(_) => Box::new(Unsupported::new("This window has no place on the X server")),
        },
        #[cfg(target_os = "linux")]
        (RawWindowHandle::Wayland(window), RawDisplayHandle::Wayland(display)) => {
            match wayland::Wayland::new(window, display, waker) {
                Some(wayland) => Box::new(wayland),
                None => Box::new(Unsupported::new("The desktop cannot be asked to drag files")),
            }
        }
        #[cfg(windows)]
        (RawWindowHandle::Win32(_), _) => Box::new(windows::Windows::new()),
        #[cfg(target_os = "macos")]
        (RawWindowHandle::AppKit(view), _) => match macos::MacOs::new(view, waker) {
            Some(backend) => Box::new(backend),
            None => Box::new(Unsupported::new("This window is on no screen")),
        },
        _ => {
            drop(waker);
            Box::new(Unsupported::new("Files cannot be dragged out of windows on this system"))
        }
    }
}
