//! Promises that are being kept. The program does not end in the middle of one, and the system does not slow it down.

use std::mem;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use block2::RcBlock;
use objc2::rc::Retained;
use objc2::runtime::{AnyObject, Imp, NSObjectProtocol, ProtocolObject, Sel};
use objc2::{MainThreadMarker, sel};
use objc2_app_kit::{NSApplication, NSApplicationTerminateReply};
use objc2_foundation::{
    NSActivityOptions, NSDate, NSDefaultRunLoopMode, NSOperationQueue, NSProcessInfo, NSQualityOfService, NSRunLoop,
    ns_string,
};

use crate::platform::app_delegate;

/// How long other programs are listened to at once.
const TURN: Duration = Duration::from_millis(50);

/// How long they are listened to after the last promise was kept, so that they hear of it.
const FAREWELL: Duration = Duration::from_millis(500);

static QUEUE: OnceLock<Retained<NSOperationQueue>> = OnceLock::new();

/// Where promises are kept, one after the other: a disc is read from its start to its end.
pub(super) fn queue() -> &'static Retained<NSOperationQueue> {
    QUEUE.get_or_init(|| {
        let queue = NSOperationQueue::new();
        queue.setMaxConcurrentOperationCount(1);
        // Somebody waits for it.
        queue.setQualityOfService(NSQualityOfService::UserInitiated);
        queue
    })
}

/// True while promises wait to be kept, or are.
#[expect(deprecated, reason = "what shall be used instead needs macOS 10.15, and the queue is nobody else's")]
fn is_busy() -> bool {
    QUEUE.get().is_some_and(|queue| queue.operationCount() > 0)
}

/// Waits until all promises that were asked for are kept, but not longer than `at_most`. There is no window any more.
pub(super) fn wait(at_most: Duration) {
    let listen = || {
        let soon = NSDate::dateWithTimeIntervalSinceNow(TURN.as_secs_f64());
        // SAFETY: it is a constant of Foundation.
        let mode = unsafe { NSDefaultRunLoopMode };
        if !NSRunLoop::currentRunLoop().runMode_beforeDate(mode, &soon) {
            thread::sleep(TURN);
        }
    };
    if !is_busy() {
        return;
    }
    let started = Instant::now();
    while is_busy() && started.elapsed() < at_most {
        listen();
    }
    let kept = Instant::now();
    while kept.elapsed() < FAREWELL {
        listen();
    }
}

type ShouldTerminate = extern "C-unwind" fn(NonNull<AnyObject>, Sel, NonNull<AnyObject>) -> NSApplicationTerminateReply;

/// Lets the delegate answer `applicationShouldTerminate:`, which is asked when the user quits the program or logs out:
/// then the program ends without closing its window first.
pub(super) fn delay_quitting(main_thread: MainThreadMarker) {
    // SAFETY: the function takes what the types say: the object and the selector, then an application; it gives back one
    // of the numbers that AppKit knows, without a sign.
    unsafe {
        let method = mem::transmute::<ShouldTerminate, Imp>(should_terminate);
        app_delegate::add_method(main_thread, sel!(applicationShouldTerminate:), method, c"Q@:@");
    }
}

extern "C-unwind" fn should_terminate(
    _: NonNull<AnyObject>,
    _: Sel,
    _: NonNull<AnyObject>,
) -> NSApplicationTerminateReply {
    if !is_busy() {
        return NSApplicationTerminateReply::TerminateNow;
    }
    let end = || {
        if let Some(main_thread) = MainThreadMarker::new() {
            NSApplication::sharedApplication(main_thread).replyToApplicationShouldTerminate(true);
        }
    };
    let tell = move || {
        // SAFETY: the block holds nothing.
        unsafe { NSOperationQueue::mainQueue().addOperationWithBlock(&RcBlock::new(end)) };
    };
    // SAFETY: the block holds nothing. Its turn comes when all that are there before it are done.
    unsafe { queue().addOperationWithBlock(&RcBlock::new(tell)) };
    NSApplicationTerminateReply::TerminateLater
}

/// While it lives, the system neither sleeps nor slows the program down because its window is hidden.
pub(super) struct Activity(Retained<ProtocolObject<dyn NSObjectProtocol>>);

impl Activity {
    pub(super) fn begin() -> Self {
        let reason = ns_string!("Writing files that were dragged");
        Self(NSProcessInfo::processInfo().beginActivityWithOptions_reason(NSActivityOptions::UserInitiated, reason))
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        // SAFETY: it is what began the activity.
        unsafe { NSProcessInfo::processInfo().endActivity(&self.0) };
    }
}
