//! The side of the window that is dragged from: what may be done with the items, and how it ended.

use std::cell::RefCell;

use objc2::rc::Retained;
use objc2::runtime::NSObjectProtocol;
use objc2::{DefinedClass, MainThreadMarker, MainThreadOnly, define_class, msg_send};
use objc2_app_kit::{NSDragOperation, NSDraggingContext, NSDraggingSession, NSDraggingSource};
use objc2_foundation::{NSObject, NSPoint};

use crate::platform::drag_out::{Ended, Waker};

/// What the source knows.
pub(super) struct Known {
    ended: RefCell<Option<Ended>>,
    waker: Waker,
}

define_class!(
    // SAFETY: NSObject may be subclassed, and this class has no method `dealloc`.
    #[unsafe(super = NSObject)]
    #[thread_kind = MainThreadOnly]
    #[name = "IsoscopeDraggingSource"]
    #[ivars = Known]
    pub(super) struct DraggingSource;

    // SAFETY: the protocol asks for nothing more.
    unsafe impl NSObjectProtocol for DraggingSource {}

    // SAFETY: the methods have the types of the protocol.
    unsafe impl NSDraggingSource for DraggingSource {
        #[unsafe(method(draggingSession:sourceOperationMaskForDraggingContext:))]
        fn operations(&self, _: &NSDraggingSession, context: NSDraggingContext) -> NSDragOperation {
            // Nothing is dropped where it came from.
            if context == NSDraggingContext::OutsideApplication { NSDragOperation::Copy } else { NSDragOperation::None }
        }

        #[unsafe(method(draggingSession:endedAtPoint:operation:))]
        fn ended(&self, _: &NSDraggingSession, _: NSPoint, operation: NSDragOperation) {
            let ended = if operation == NSDragOperation::None { Ended::Cancelled } else { Ended::Accepted };
            let Known { ended: place, waker } = self.ivars();
            *place.borrow_mut() = Some(ended);
            waker();
        }

        #[unsafe(method(ignoreModifierKeysForDraggingSession:))]
        fn ignores_modifier_keys(&self, _: &NSDraggingSession) -> bool {
            true
        }
    }
);

impl DraggingSource {
    pub(super) fn new(main_thread: MainThreadMarker, waker: Waker) -> Retained<Self> {
        let this = Self::alloc(main_thread).set_ivars(Known { ended: RefCell::new(None), waker });
        // SAFETY: `init` of NSObject takes nothing and gives the object back.
        unsafe { msg_send![super(this), init] }
    }

    /// How the drag ended, said once.
    pub(super) fn take_ended(&self) -> Option<Ended> {
        self.ivars().ended.borrow_mut().take()
    }
}
