//! Seats: which buttons are down over the window, and the serials of what the user does.

use std::time::Instant;

use wayland_client::protocol::wl_data_device::WlDataDevice;
use wayland_client::protocol::wl_data_device_manager::WlDataDeviceManager;
use wayland_client::protocol::wl_keyboard::{self, WlKeyboard};
use wayland_client::protocol::wl_pointer::{self, ButtonState, WlPointer};
use wayland_client::protocol::wl_seat::{self, Capability, WlSeat};
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::{Connection, Dispatch, Proxy, QueueHandle, WEnum};

use super::super::Ended;
use super::drop_in::Incoming;
use super::state::State;
use super::text::Selection;

/// The primary button (`linux/input-event-codes.h`); compositors turn the buttons round for those who want it so.
const BTN_LEFT: u32 = 0x110;

/// A pointer and a keyboard that belong together.
pub(super) struct Seat {
    /// The name of its global; the user data of all objects of the seat.
    pub(super) name: u32,
    seat: WlSeat,
    pointer: Option<WlPointer>,
    keyboard: Option<WlKeyboard>,
    pub(super) device: Option<WlDataDevice>,
    /// The pointer is over the window, and not over its decoration or a menu.
    over_window: bool,
    /// The primary button is down since then.
    pub(super) press: Option<Press>,
    /// It has been down at some time.
    pub(super) has_pressed: bool,
    /// The serial of what the user did last in the window, and when.
    pub(super) input: Option<(Instant, u32)>,
    /// What other programs drag over the window.
    pub(super) incoming: Option<Incoming>,
    /// What is on the clipboard.
    pub(super) selection: Option<Selection>,
}

/// The primary button is down.
#[derive(Clone, Copy)]
pub(super) struct Press {
    pub(super) since: Instant,
    pub(super) serial: u32,
}

impl Seat {
    pub(super) fn new(name: u32, seat: WlSeat) -> Self {
        Self {
            name,
            seat,
            pointer: None,
            keyboard: None,
            device: None,
            over_window: false,
            press: None,
            has_pressed: false,
            input: None,
            incoming: None,
            selection: None,
        }
    }

    /// Asks to be told of what is dragged over the window, and of what is copied.
    pub(super) fn listen_to_drops(&mut self, manager: &WlDataDeviceManager, queue: &QueueHandle<State>) {
        if self.device.is_none() {
            self.device = Some(manager.get_data_device(&self.seat, queue, self.name));
        }
    }

    fn has_input(&mut self, serial: u32) {
        self.input = Some((Instant::now(), serial));
    }

    fn set_pointer(&mut self, there: bool, queue: &QueueHandle<State>) {
        match (there, self.pointer.take()) {
            (true, None) => self.pointer = Some(self.seat.get_pointer(queue, self.name)),
            (true, kept) => self.pointer = kept,
            (false, gone) => {
                gone.iter().for_each(release_pointer);
                (self.over_window, self.press) = (false, None);
            }
        }
    }

    fn set_keyboard(&mut self, there: bool, queue: &QueueHandle<State>) {
        match (there, self.keyboard.take()) {
            (true, None) => self.keyboard = Some(self.seat.get_keyboard(queue, self.name)),
            (true, kept) => self.keyboard = kept,
            (false, gone) => gone.iter().for_each(release_keyboard),
        }
    }
}

/// The first version of a pointer or keyboard that can be given back; older ones live as long as the connection.
const RELEASE_SINCE: u32 = 3;

fn release_pointer(pointer: &WlPointer) {
    if pointer.version() >= RELEASE_SINCE {
        pointer.release();
    }
}

fn release_keyboard(keyboard: &WlKeyboard) {
    if keyboard.version() >= RELEASE_SINCE {
        keyboard.release();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        (self.incoming, self.selection) = (None, None);
        self.pointer.iter().for_each(release_pointer);
        self.keyboard.iter().for_each(release_keyboard);
        self.device.iter().for_each(WlDataDevice::release);
        if self.seat.version() >= wl_seat::REQ_RELEASE_SINCE {
            self.seat.release();
        }
    }
}

impl State {
    /// A seat is gone, and a drag by it.
    pub(super) fn remove_seat(&mut self, name: u32) {
        self.seats.retain(|seat| seat.name != name);
        if self.drag.as_ref().is_some_and(|drag| drag.seat == name) {
            self.end(Ended::Cancelled);
        }
    }

    fn is_window(&self, surface: &WlSurface) -> bool {
        surface.id() == self.window.id()
    }
}

impl Dispatch<WlSeat, u32> for State {
    fn event(
        state: &mut Self,
        _: &WlSeat,
        event: wl_seat::Event,
        name: &u32,
        _: &Connection,
        queue: &QueueHandle<Self>,
    ) {
        let wl_seat::Event::Capabilities { capabilities: WEnum::Value(capabilities) } = event else { return };
        if let Some(seat) = state.seat(*name) {
            seat.set_pointer(capabilities.contains(Capability::Pointer), queue);
            seat.set_keyboard(capabilities.contains(Capability::Keyboard), queue);
        }
    }
}

impl Dispatch<WlPointer, u32> for State {
    fn event(
        state: &mut Self,
        _: &WlPointer,
        event: wl_pointer::Event,
        name: &u32,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_pointer::Event::Enter { surface, .. } => {
                let over_window = state.is_window(&surface);
                if let Some(seat) = state.seat(*name) {
                    seat.over_window = over_window;
                }
            }
            wl_pointer::Event::Leave { .. } => {
                if let Some(seat) = state.seat(*name) {
                    (seat.over_window, seat.press) = (false, None);
                }
                state.drag_has_pointer(*name);
            }
            wl_pointer::Event::Button { serial, button, state: button_state, .. } => {
                let Some(seat) = state.seat(*name) else { return };
                seat.has_input(serial);
                if button != BTN_LEFT {
                    return;
                }
                if button_state == WEnum::Value(ButtonState::Pressed) {
                    seat.press = seat.over_window.then(|| Press { since: Instant::now(), serial });
                    seat.has_pressed |= seat.over_window;
                } else {
                    seat.press = None;
                    state.released(*name);
                }
            }
            _ => {}
        }
    }
}

impl Dispatch<WlKeyboard, u32> for State {
    fn event(
        state: &mut Self,
        _: &WlKeyboard,
        event: wl_keyboard::Event,
        name: &u32,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        let Some(seat) = state.seat(*name) else { return };
        if let wl_keyboard::Event::Enter { serial, .. } | wl_keyboard::Event::Key { serial, .. } = event {
            seat.has_input(serial);
        }
    }
}
