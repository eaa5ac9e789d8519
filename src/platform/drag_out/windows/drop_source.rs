//! When a drag ends, and what the pointer looks like meanwhile.

use windows::Win32::Foundation::{DRAGDROP_S_CANCEL, DRAGDROP_S_DROP, DRAGDROP_S_USEDEFAULTCURSORS, S_OK};
use windows::Win32::System::Ole::{DROPEFFECT, IDropSource, IDropSource_Impl};
use windows::Win32::System::SystemServices::{MK_LBUTTON, MK_RBUTTON, MODIFIERKEYS_FLAGS};
use windows_core::{BOOL, HRESULT, implement};

/// The side of the window that is dragged from.
#[implement(IDropSource)]
pub(super) struct DropSource;

impl IDropSource_Impl for DropSource_Impl {
    fn QueryContinueDrag(&self, fescapepressed: BOOL, grfkeystate: MODIFIERKEYS_FLAGS) -> HRESULT {
        let down = |button: MODIFIERKEYS_FLAGS| grfkeystate.0 & button.0 != 0;
        if fescapepressed.as_bool() || down(MK_RBUTTON) {
            DRAGDROP_S_CANCEL
        } else if down(MK_LBUTTON) {
            S_OK
        } else {
            DRAGDROP_S_DROP
        }
    }

    fn GiveFeedback(&self, _: DROPEFFECT) -> HRESULT {
        DRAGDROP_S_USEDEFAULTCURSORS
    }
}
