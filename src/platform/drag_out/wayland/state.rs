//! What the thread knows: the compositor's globals, the seats, the drag under way, and what is on the clipboard.

use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wayland_client::protocol::wl_buffer::WlBuffer;
use wayland_client::protocol::wl_compositor::WlCompositor;
use wayland_client::protocol::wl_data_device_manager::WlDataDeviceManager;
use wayland_client::protocol::wl_registry::{self, WlRegistry};
use wayland_client::protocol::wl_shm::WlShm;
use wayland_client::protocol::wl_shm_pool::WlShmPool;
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::{Connection, Dispatch, QueueHandle, delegate_noop};

use super::super::{DragEvent, Ended};
use super::clipboard::Copied;
use super::drag::Drag;
use super::drop_in::Reading;
use super::mailbox::Mailbox;
use super::pipe::Pipe;
use super::seat::Seat;

/// Actions, and the end of a drag, are known from this version on; every compositor of the last years has it.
const DATA_DEVICE_VERSION: u32 = 3;
/// Seats say farewell properly from this version on.
const SEAT_VERSION: u32 = 5;
/// Buffers have a scale from 3 on; from 5 on they may not be attached beside the origin.
const COMPOSITOR_VERSION: u32 = 4;

/// All of it, on the thread.
pub(super) struct State {
    pub(super) queue: QueueHandle<Self>,
    /// The surface of the window.
    pub(super) window: WlSurface,
    mailbox: Arc<Mailbox>,
    pub(super) compositor: Option<WlCompositor>,
    pub(super) shm: Option<WlShm>,
    pub(super) manager: Option<WlDataDeviceManager>,
    pub(super) seats: Vec<Seat>,
    /// The drag whose end was not told yet.
    pub(super) drag: Option<Drag>,
    /// One that was dropped: the target may ask for its list as long as it likes.
    pub(super) dropped: Option<Drag>,
    pub(super) copied: Option<Copied>,
    /// What was dropped on the window, and is not read to its end.
    pub(super) reading: Option<Reading>,
    /// Text that is pasted, and not read to its end.
    pub(super) pasting: Option<Pipe>,
}

impl State {
    pub(super) fn new(queue: QueueHandle<Self>, window: WlSurface, mailbox: Arc<Mailbox>) -> Self {
        Self {
            queue,
            window,
            mailbox,
            compositor: None,
            shm: None,
            manager: None,
            seats: Vec::new(),
            drag: None,
            dropped: None,
            copied: None,
            reading: None,
            pasting: None,
        }
    }

    pub(super) fn tell(&self, event: DragEvent) {
        self.mailbox.put(event);
    }

    pub(super) fn tell_text(&self, text: String) {
        self.mailbox.put_text(text);
    }

    /// The seat whose global has this name.
    pub(super) fn seat(&mut self, name: u32) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.name == name)
    }

    /// Does what is due, and says how long nothing will be.
    pub(super) fn keep_time(&mut self, now: Instant) -> Option<Duration> {
        let due = [self.drag_due(now), self.reading_due(now), self.pasting_due(now)];
        due.into_iter().flatten().min().map(|due| due.saturating_duration_since(now))
    }

    /// The pipes that bring what was dropped on the window, and what is pasted.
    pub(super) fn pipes(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let dropped = self.reading.as_ref().map(|reading| &reading.pipe);
        [dropped, self.pasting.as_ref()].into_iter().flatten().map(Pipe::fd)
    }

    /// No more events come.
    pub(super) fn connection_lost(&mut self) {
        self.end(Ended::Failed("The connection to the desktop is lost".to_owned()));
    }
}

impl Dispatch<WlRegistry, ()> for State {
    fn event(
        state: &mut Self,
        registry: &WlRegistry,
        event: wl_registry::Event,
        (): &(),
        _: &Connection,
        queue: &QueueHandle<Self>,
    ) {
        match event {
            wl_registry::Event::Global { name, interface, version } => match interface.as_str() {
                "wl_compositor" => {
                    state.compositor = Some(registry.bind(name, version.min(COMPOSITOR_VERSION), queue, ()));
                }
                "wl_shm" => state.shm = Some(registry.bind(name, 1, queue, ())),
                "wl_data_device_manager" if version >= DATA_DEVICE_VERSION => {
                    let manager = registry.bind(name, DATA_DEVICE_VERSION, queue, ());
                    for seat in &mut state.seats {
                        seat.listen_to_drops(&manager, queue);
                    }
                    state.manager = Some(manager);
                }
                "wl_seat" => {
                    let mut seat = Seat::new(name, registry.bind(name, version.min(SEAT_VERSION), queue, name));
                    if let Some(manager) = &state.manager {
                        seat.listen_to_drops(manager, queue);
                    }
                    state.seats.push(seat);
                }
                _ => {}
            },
            wl_registry::Event::GlobalRemove { name } => state.remove_seat(name),
            _ => {}
        }
    }
}

delegate_noop!(State: ignore WlCompositor);
delegate_noop!(State: ignore WlShm);
delegate_noop!(State: ignore WlShmPool);
delegate_noop!(State: ignore WlBuffer);
delegate_noop!(State: ignore WlSurface);
delegate_noop!(State: ignore WlDataDeviceManager);
