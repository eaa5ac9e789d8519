//! macOS: AppKit, to which files are promised and which asks for them at the place where they were dropped.
//!
//! This was only compiled and linted, and never run: there was no Mac. Each call was held against Apple's pages on
//! `NSFilePromiseProvider` and its delegate, `beginDraggingSession(with:event:source:)`, `NSDraggingItem`,
//! `NSDraggingSource`, `NSPasteboardItem` and `applicationShouldTerminate(_:)`, the headers that objc2 quotes, and what
//! winit 0.30 does with the events of the mouse.
//!
//! Every item at the top is a promise of its own; a folder is written with all that is in it. Unlike elsewhere the
//! target names the place and the program writes, in a thread of the system, some time after the drop. What is copied
//! must be files that are there: Apple knows promises for drags, and other programs found that Finder pastes none.

#![expect(unsafe_code, reason = "AppKit is made of objects of Objective-C; no library offers promises of files")]

mod keeping;
mod promise;
mod source;

use std::path::PathBuf;
use std::ptr::NonNull;
use std::time::Duration;

use objc2::rc::Retained;
use objc2::runtime::{AnyObject, ProtocolObject};
use objc2::{AllocAnyThread, MainThreadMarker};
use objc2_app_kit::{
    NSApplication, NSDraggingItem, NSEvent, NSEventModifierFlags, NSEventType, NSImage, NSImageNameFolder,
    NSPasteboard, NSPasteboardItem, NSPasteboardTypeFileURL, NSPasteboardTypeString, NSPasteboardWriting, NSView,
    NSWorkspace,
};
use objc2_foundation::{NSArray, NSInteger, NSPoint, NSProcessInfo, NSRect, NSSize, NSString, NSURL};
use raw_window_handle::AppKitWindowHandle;

use self::promise::FilePromise;
use self::source::DraggingSource;
use super::{Backend, DragEvent, Ended, FilesNeeded, Offer, Paths, Waker};
use crate::platform::files::{Files, Node, NodeKind};

/// Points of an edge of an icon under the pointer.
const ICON: f64 = 32.0;

/// Icons that are fanned out; those of further items lie on the last one.
const FAN: u32 = 8;

/// Something at the top that is dragged.
struct Item {
    name: String,
    node: Node,
    is_folder: bool,
}

impl Item {
    /// What stands behind the last dot of its name.
    fn extension(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// Waits until what was dropped is written, but not longer than `at_most`.
pub(super) fn wait_until_delivered(at_most: Duration) {
    keeping::wait(at_most);
}

/// Drags of a window on macOS.
pub(super) struct MacOs {
    main_thread: MainThreadMarker,
    view: Retained<NSView>,
    source: Retained<DraggingSource>,
    events: Vec<DragEvent>,
    /// The count of the pasteboard when something was copied to it.
    copied: Option<NSInteger>,
}

impl MacOs {
    /// `None` where there is no view, or this is not the main thread.
    pub(super) fn new(window: AppKitWindowHandle, waker: Waker) -> Option<Self> {
        let main_thread = MainThreadMarker::new()?;
        let view: NonNull<NSView> = window.ns_view.cast();
        // SAFETY: the handle leads to the view of a window that is there, and this is its thread.
        let view = unsafe { Retained::retain(view.as_ptr()) }?;
        let source = DraggingSource::new(main_thread, waker);
        keeping::delay_quitting(main_thread);
        Some(Self { main_thread, view, source, events: Vec::new(), copied: None })
    }

    fn start(&self, offer: &Offer) -> Result<(), Ended> {
        if NSEvent::pressedMouseButtons() & 1 == 0 {
            return Err(Ended::Cancelled);
        }
        let items = top(&*offer.files)?;
        let event = self.event().ok_or_else(|| failed("The mouse is not over the window"))?;
        let at = self.view.convertPoint_fromView(event.locationInWindow(), None);
        let dragged = (0_u32..).zip(&items).map(|(place, item)| {
            let provider = FilePromise::provider(item, offer.deliver.clone());
            let writer: &ProtocolObject<dyn NSPasteboardWriting> = ProtocolObject::from_ref(&*provider);
            let dragged = NSDraggingItem::initWithPasteboardWriter(NSDraggingItem::alloc(), writer);
            let shift = f64::from(place.min(FAN)) * 4.0;
            let corner = NSPoint::new(at.x - ICON / 2.0 + shift, at.y - ICON / 2.0 + shift);
            let icon = icon(item);
            let icon: Option<&AnyObject> = icon.as_ref().map(|icon| (**icon).as_ref());
            // SAFETY: what is shown is a picture, which is one of the types that are allowed.
            unsafe { dragged.setDraggingFrame_contents(NSRect::new(corner, NSSize::new(ICON, ICON)), icon) };
            dragged
        });
        let dragged: Vec<Retained<NSDraggingItem>> = dragged.collect();
        let dragged = NSArray::from_retained_slice(&dragged);
        let source = ProtocolObject::from_ref(&*self.source);
        // It comes back at once, and the drag begins at the next turn of the loop: winit is not called while it is called.
        self.view.beginDraggingSessionWithItems_event_source(&dragged, &event, source);
        Ok(())
    }

    /// The event of the mouse that began it, whose place is where the icons hang. The window is drawn some time after, so
    /// it may not be the current one any more; then one is made that says the same, as Chromium does.
    fn event(&self) -> Option<Retained<NSEvent>> {
        let window = self.view.window()?;
        let current = NSApplication::sharedApplication(self.main_thread).currentEvent();
        let is_ours = |event: &Retained<NSEvent>| {
            matches!(event.r#type(), NSEventType::LeftMouseDown | NSEventType::LeftMouseDragged)
                && event.windowNumber() == window.windowNumber()
        };
        current.filter(is_ours).or_else(|| {
            NSEvent::mouseEventWithType_location_modifierFlags_timestamp_windowNumber_context_eventNumber_clickCount_pressure(
                NSEventType::LeftMouseDragged,
                window.mouseLocationOutsideOfEventStream(),
                NSEventModifierFlags::empty(),
                NSProcessInfo::processInfo().systemUptime(),
                window.windowNumber(),
                None,
                0,
                1,
                1.0,
            )
        })
    }
}

fn failed(sentence: &str) -> Ended {
    Ended::Failed(sentence.to_owned())
}

/// The files and folders at the top. Symbolic links are left out, as they are by extracting.
fn top(files: &dyn Files) -> Result<Vec<Item>, Ended> {
    let mut items = Vec::new();
    let listed = files.list(Node::ROOT, 0, &mut |_, name, node, attributes| {
        if attributes.kind != NodeKind::Link {
            items.push(Item { name: name.to_owned(), node, is_folder: attributes.kind == NodeKind::Folder });
        }
        true
    });
    listed.map_err(|error| failed(&format!("What is dragged could not be read: {error}")))?;
    if items.is_empty() { Err(failed("There is nothing here that can be dragged")) } else { Ok(items) }
}

/// The icon that Finder will show for it, or nearly.
#[expect(deprecated, reason = "what shall be used instead knows no file names, and needs macOS 11")]
fn icon(item: &Item) -> Option<Retained<NSImage>> {
    if item.is_folder {
        // SAFETY: it is a constant of AppKit.
        return NSImage::imageNamed(unsafe { NSImageNameFolder });
    }
    Some(NSWorkspace::sharedWorkspace().iconForFileType(&NSString::from_str(item.extension())))
}

/// The address of a file or folder that is there.
fn url(path: &PathBuf) -> Option<Retained<NSURL>> {
    if path.is_dir() { NSURL::from_directory_path(path) } else { NSURL::from_file_path(path) }
}

/// A file or folder to be pasted.
fn pasteboard_item(url: &NSURL) -> Option<Retained<NSPasteboardItem>> {
    let item = NSPasteboardItem::new();
    // SAFETY: it is a constant of AppKit.
    let kind = unsafe { NSPasteboardTypeFileURL };
    item.setString_forType(&*url.absoluteString()?, kind).then_some(item)
}

impl Backend for MacOs {
    fn files_needed(&self) -> FilesNeeded {
        FilesNeeded::Never
    }

    fn begin(&mut self, offer: Offer) {
        if let Err(ended) = self.start(&offer) {
            self.events.push(DragEvent::Ended(ended));
        }
    }

    fn files_are_ready(&mut self, _: bool) {}

    /// AppKit hears Esc for itself, and has no way to end a drag.
    fn cancel(&mut self) {}

    fn paste_needs_files(&self) -> bool {
        true
    }

    fn copy(&mut self, offer: Offer, text: String) -> Result<(), String> {
        let Paths::Ready(paths) = &offer.paths else {
            return Err("There are no copies that could be pasted: drag the files, or use Extract".to_owned());
        };
        let items: Vec<_> = paths.iter().filter_map(url).filter_map(|url| pasteboard_item(&url)).collect();
        // The text is a second form of the first file: as an item of its own it would be pasted beside the files.
        let text_form = items.first().map(|first| {
            // SAFETY: it is a constant of AppKit.
            first.setString_forType(&NSString::from_str(&text), unsafe { NSPasteboardTypeString })
        });
        let items: Vec<Retained<ProtocolObject<dyn NSPasteboardWriting>>> =
            items.into_iter().map(ProtocolObject::from_retained).collect();
        let pasteboard = NSPasteboard::generalPasteboard();
        pasteboard.clearContents();
        if text_form != Some(true) || !pasteboard.writeObjects(&NSArray::from_retained_slice(&items)) {
            return Err("macOS does not copy this".to_owned());
        }
        self.copied = Some(pasteboard.changeCount());
        Ok(())
    }

    fn poll(&mut self) -> Vec<DragEvent> {
        self.events.extend(self.source.take_ended().map(DragEvent::Ended));
        if self.copied.is_some_and(|count| count != NSPasteboard::generalPasteboard().changeCount()) {
            self.copied = None;
            self.events.push(DragEvent::CopyReplaced);
        }
        std::mem::take(&mut self.events)
    }

    fn swallows_release(&self) -> bool {
        true
    }
}
