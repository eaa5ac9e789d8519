//! A drag out of the window.

use std::time::{Duration, Instant};

use wayland_client::WEnum;
use wayland_client::protocol::wl_data_device_manager::DndAction;
use wayland_client::protocol::wl_data_source::WlDataSource;

use super::super::{DragEvent, Ended, Label};
use super::icon::Icon;
use super::served::Served;
use super::state::State;

/// How long the window waits for a target to say that it has what was dropped. Some ask the user first, and a window
/// that takes no new drag meanwhile would seem broken.
const WAITS_FOR_TARGET: Duration = Duration::from_secs(2);
/// How long a target that says nothing may still ask for the list.
const SERVES_TARGET: Duration = Duration::from_secs(60);

/// Something on its way.
pub(super) struct Drag {
    source: WlDataSource,
    /// Under the pointer; none where the compositor shows none.
    _icon: Option<Icon>,
    /// The name of the seat that drags.
    pub(super) seat: u32,
    /// The compositor has taken the pointer from the window.
    has_pointer: bool,
    /// The program under the pointer wants one of the types.
    wanted: bool,
    /// It would copy.
    copies: bool,
    over_target: bool,
    dropped: Option<Instant>,
}

impl Drop for Drag {
    fn drop(&mut self) {
        self.source.destroy();
    }
}

impl State {
    /// Starts a drag by the seat whose primary button is down.
    pub(super) fn begin(&mut self, served: Served, label: &Label) {
        self.end(Ended::Cancelled);
        match self.start(served, label) {
            Ok(drag) => self.drag = Some(drag),
            Err(ended) => self.tell(DragEvent::Ended(ended)),
        }
    }

    fn start(&self, served: Served, label: &Label) -> Result<Drag, Ended> {
        let manager = self.manager.as_ref().ok_or_else(|| failed("This desktop has no way to drag files"))?;
        let pressed = self.seats.iter().filter_map(|seat| Some((seat, seat.device.as_ref()?, seat.press?)));
        let Some((seat, device, press)) = pressed.max_by_key(|(.., press)| press.since) else {
            let has_pressed = self.seats.iter().any(|seat| seat.has_pressed);
            return Err(if has_pressed {
                // It was a flick, or the files took longer than the user.
                Ended::Cancelled
            } else {
                failed("Files can be dragged out with a mouse or a touchpad only")
            });
        };
        let queue = &self.queue;
        let source = manager.create_data_source(queue, served.clone());
        served.types().for_each(|mime| source.offer(mime.to_owned()));
        source.set_actions(DndAction::Copy);
        let parts = self.compositor.as_ref().zip(self.shm.as_ref());
        // A drag without its picture is better than none.
        let icon = parts.and_then(|(compositor, shm)| Icon::new(label, compositor, shm, queue).ok());
        device.start_drag(Some(&source), &self.window, icon.as_ref().map(Icon::surface), press.serial);
        icon.iter().for_each(Icon::show);
        Ok(Drag {
            source,
            _icon: icon,
            seat: seat.name,
            has_pointer: false,
            wanted: false,
            copies: false,
            over_target: false,
            dropped: None,
        })
    }

    /// Ends the drag under way and says how, if there is one. One that was dropped is still served.
    pub(super) fn end(&mut self, how: Ended) {
        if let Some(drag) = self.drag.take() {
            if drag.dropped.is_some() && how == Ended::Accepted {
                self.dropped = Some(drag);
            }
            self.tell(DragEvent::Ended(how));
        }
    }

    /// Gives the drag up, unless the target has it already.
    pub(super) fn cancel(&mut self) {
        if self.drag.as_ref().is_some_and(|drag| drag.dropped.is_none()) {
            self.end(Ended::Cancelled);
        }
    }

    /// The pointer has left the window: if a drag was begun, it is under way.
    pub(super) fn drag_has_pointer(&mut self, seat: u32) {
        if let Some(drag) = self.drag.as_mut().filter(|drag| drag.seat == seat) {
            drag.has_pointer = true;
        }
    }

    /// The primary button was released over the window. A compositor that had begun the drag would have kept that for
    /// itself; it did not, because the button was up before it was asked. Weston and Mutter say no more than this.
    pub(super) fn released(&mut self, seat: u32) {
        if self.drag.as_ref().is_some_and(|drag| drag.seat == seat && !drag.has_pointer) {
            self.end(Ended::Cancelled);
        }
    }

    /// Gives up waiting for targets that say nothing, and says when to look again.
    pub(super) fn drag_due(&mut self, now: Instant) -> Option<Instant> {
        let mut due = None;
        if let Some(dropped) = self.drag.as_ref().and_then(|drag| drag.dropped) {
            due = Some(dropped + WAITS_FOR_TARGET).filter(|due| *due > now);
            if due.is_none() {
                // What became of it is not known, but the button is up, and the target wanted it.
                self.end(Ended::Accepted);
            }
        }
        if let Some(dropped) = self.dropped.as_ref().and_then(|drag| drag.dropped) {
            let end = dropped + SERVES_TARGET;
            if end <= now {
                self.dropped = None;
            } else {
                due = Some(due.map_or(end, |due| due.min(end)));
            }
        }
        due
    }

    /// The drag under way, if it is that of `source`.
    fn drag_of(&mut self, source: &WlDataSource) -> Option<&mut Drag> {
        self.drag.as_mut().filter(|drag| drag.source == *source)
    }

    /// The program under the pointer wants one of the types, or none.
    pub(super) fn target_wants(&mut self, source: &WlDataSource, wanted: bool) {
        if let Some(drag) = self.drag_of(source) {
            (drag.has_pointer, drag.wanted) = (true, wanted);
            self.tell_target();
        }
    }

    /// What the program under the pointer would do.
    pub(super) fn target_would(&mut self, source: &WlDataSource, action: WEnum<DndAction>) {
        if let Some(drag) = self.drag_of(source) {
            drag.has_pointer = true;
            drag.copies = matches!(action, WEnum::Value(action) if action.contains(DndAction::Copy));
            self.tell_target();
        }
    }

    fn tell_target(&mut self) {
        let Some(drag) = &mut self.drag else { return };
        let over_target = drag.wanted && drag.copies;
        if over_target != drag.over_target && drag.dropped.is_none() {
            drag.over_target = over_target;
            self.tell(DragEvent::OverTarget(over_target));
        }
    }

    /// The button was released over something that wants the items.
    pub(super) fn was_dropped(&mut self, source: &WlDataSource) {
        if let Some(drag) = self.drag_of(source) {
            drag.dropped = Some(Instant::now());
        }
    }

    /// The target has got it.
    pub(super) fn was_finished(&mut self, source: &WlDataSource) {
        if self.drag_of(source).is_some() {
            self.end(Ended::Accepted);
        }
        self.forget_dropped(source);
    }

    /// Nobody wanted it, or it went wrong over there.
    pub(super) fn was_cancelled(&mut self, source: &WlDataSource) {
        if self.drag_of(source).is_some() {
            self.end(Ended::Cancelled);
        }
        self.forget_dropped(source);
    }

    fn forget_dropped(&mut self, source: &WlDataSource) {
        if self.dropped.as_ref().is_some_and(|drag| drag.source == *source) {
            self.dropped = None;
        }
    }
}

fn failed(why: &str) -> Ended {
    Ended::Failed(why.to_owned())
}
