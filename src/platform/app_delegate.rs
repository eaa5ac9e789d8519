//! The delegate of the application on macOS. It is winit's and has to stay that, as winit panics when there is another one;
//! methods that its class does not have can be added.
//!
//! This was only compiled and never run. Other programs with winit 0.30 do the same; which methods its class has was looked
//! up in its source (`platform_impl/macos/app_state.rs`).

#![expect(unsafe_code, reason = "classes of the runtime of Objective-C are made of pointers")]

use std::ffi::CStr;

use objc2::runtime::{AnyClass, AnyObject, Imp, Sel};
use objc2::{MainThreadMarker, ffi};
use objc2_app_kit::NSApplication;

/// Adds a method to the class of the delegate. Nothing happens where there is no delegate, or where its class has the
/// method by now.
///
/// # Safety
///
/// `method` has to take and give what AppKit expects of `selector`, and `types` has to say that.
pub(super) unsafe fn add_method(main_thread: MainThreadMarker, selector: Sel, method: Imp, types: &CStr) {
    let Some(delegate) = NSApplication::sharedApplication(main_thread).delegate() else { return };
    let delegate: &AnyObject = (*delegate).as_ref();
    let class: *const AnyClass = delegate.class();
    // SAFETY: the class is one of the runtime's, which last as long as the program and may get methods at any time. What
    // it gets was vouched for.
    unsafe { ffi::class_addMethod(class.cast_mut(), selector, method, types.as_ptr()) };
}
