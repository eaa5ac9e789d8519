//! Files that the system tells the running program to open.
//!
//! On macOS a double click does not start a program with arguments: the system sends the running one an event, and
//! starts it first where need be. winit has nothing for it, so the missing method is added to its delegate. That can be
//! done only when the delegate is there and before the first event comes, which is when the application says that it is
//! about to finish launching.
//!
//! Other systems start the program with arguments; there these functions do nothing. What is here for macOS was only
//! compiled and never run; it was held against Apple's pages on `NSApplicationDelegate` and `NSNotificationCenter`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Wakes the window, so that it calls [`take`].
pub type Waker = Arc<dyn Fn() + Send + Sync>;

struct Queue {
    paths: Vec<PathBuf>,
    waker: Option<Waker>,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { paths: Vec::new(), waker: None });

fn queue() -> std::sync::MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to listen. To be called on the main thread before the window is opened: the files that the program was
/// started for come before there is a window.
pub fn listen() {
    #[cfg(target_os = "macos")]
    macos::listen();
}

/// Calls `waker` whenever there is something to take.
pub fn wake_with(waker: Waker) {
    let mut queue = queue();
    let waiting = !queue.paths.is_empty();
    queue.waker = Some(waker.clone());
    drop(queue);
    if waiting {
        waker();
    }
}

/// The files that are to be opened, in their order, each once.
pub fn take() -> Vec<PathBuf> {
    std::mem::take(&mut queue().paths)
}

#[cfg(any(test, target_os = "macos"))]
fn push(paths: impl IntoIterator<Item = PathBuf>) {
    let mut queue = queue();
    queue.paths.extend(paths);
    let waker = queue.waker.clone();
    drop(queue);
    if let Some(waker) = waker {
        waker();
    }
}

#[cfg(target_os = "macos")]
#[expect(unsafe_code, reason = "a method is called by the runtime of Objective-C, which is made of pointers")]
mod macos {
    use std::mem;
    use std::ptr::NonNull;
    use std::sync::Once;

    use block2::RcBlock;
    use objc2::runtime::{AnyObject, Imp, Sel};
    use objc2::{MainThreadMarker, sel};
    use objc2_app_kit::NSApplicationWillFinishLaunchingNotification;
    use objc2_foundation::{NSArray, NSNotification, NSNotificationCenter, NSURL};

    use crate::platform::app_delegate;

    pub(super) fn listen() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let block = RcBlock::new(|_: NonNull<NSNotification>| add_method());
            let center = NSNotificationCenter::defaultCenter();
            // SAFETY: the name is a constant of AppKit, any object may send it, and without a queue the block is called
            // on the thread that does, which is the main one. The center keeps the block as long as the program runs.
            unsafe {
                let name = NSApplicationWillFinishLaunchingNotification;
                center.addObserverForName_object_queue_usingBlock(Some(name), None, None, &block);
            }
        });
    }

    type OpenUrls = extern "C-unwind" fn(NonNull<AnyObject>, Sel, NonNull<AnyObject>, NonNull<NSArray<NSURL>>);

    /// Lets the delegate answer `application:openURLs:`.
    fn add_method() {
        let Some(main_thread) = MainThreadMarker::new() else { return };
        // SAFETY: the function takes what the types say: the object and the selector, then an application and a list of
        // addresses; it gives nothing back.
        unsafe {
            let method = mem::transmute::<OpenUrls, Imp>(open_urls);
            app_delegate::add_method(main_thread, sel!(application:openURLs:), method, c"v@:@@");
        }
    }

    extern "C-unwind" fn open_urls(
        _: NonNull<AnyObject>,
        _: Sel,
        _: NonNull<AnyObject>,
        urls: NonNull<NSArray<NSURL>>,
    ) {
        // SAFETY: AppKit calls the method with a list of addresses, which lives through the call.
        let urls = unsafe { urls.as_ref() };
        super::push(urls.iter().filter(|url| url.isFileURL()).filter_map(|url| url.to_file_path()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn files_wait_for_the_window_and_wake_it() {
        listen();
        assert_eq!(take(), Vec::<PathBuf>::new());
        push(["one.iso".into(), "two.iso".into()]);
        let woken = Arc::new(AtomicUsize::new(0));
        let counter = woken.clone();
        wake_with(Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        }));
        assert_eq!(woken.load(Ordering::Relaxed), 1, "what came before the window");
        assert_eq!(take(), [PathBuf::from("one.iso"), PathBuf::from("two.iso")]);
        push(["three.iso".into()]);
        assert_eq!(woken.load(Ordering::Relaxed), 2);
        assert_eq!(take(), [PathBuf::from("three.iso")]);
        assert_eq!(take(), Vec::<PathBuf>::new());
    }
}
