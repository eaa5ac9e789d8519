//! Files on the clipboard, and the events of everything that is offered to other programs.

use wayland_client::protocol::wl_data_source::{self, WlDataSource};
use wayland_client::{Connection, Dispatch, QueueHandle};

use super::super::DragEvent;
use super::served::Served;
use super::state::State;

/// What is on the clipboard, until it is dropped.
pub(super) struct Copied(WlDataSource);

impl Drop for Copied {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

impl State {
    /// Puts something on the clipboard of the seat that was used last.
    pub(super) fn copy(&mut self, served: Served) -> Result<(), String> {
        let manager = self.manager.as_ref().ok_or("This desktop has no clipboard for files")?;
        let used = self.seats.iter().filter_map(|seat| Some((seat.device.as_ref()?, seat.input?)));
        let (device, (_, serial)) = used.max_by_key(|(_, (when, _))| *when).ok_or("The window has no keyboard")?;
        let source = manager.create_data_source(&self.queue, served.clone());
        served.types().for_each(|mime| source.offer(mime.to_owned()));
        device.set_selection(Some(&source), serial);
        // What was there before is gone without a word to the compositor's clipboard: the new one took its place.
        if self.copied.replace(Copied(source)).is_some() {
            self.tell(DragEvent::CopyReplaced);
        }
        Ok(())
    }

    fn was_replaced(&mut self, source: &WlDataSource) {
        if self.copied.as_ref().is_some_and(|copied| copied.0 == *source) {
            self.copied = None;
            self.tell(DragEvent::CopyReplaced);
        }
    }
}

impl Dispatch<WlDataSource, Served> for State {
    fn event(
        state: &mut Self,
        source: &WlDataSource,
        event: wl_data_source::Event,
        served: &Served,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_data_source::Event::Send { mime_type, fd } => served.send(&mime_type, fd),
            wl_data_source::Event::Target { mime_type } => state.target_wants(source, mime_type.is_some()),
            wl_data_source::Event::Action { dnd_action } => state.target_would(source, dnd_action),
            wl_data_source::Event::DndDropPerformed => state.was_dropped(source),
            wl_data_source::Event::DndFinished => state.was_finished(source),
            wl_data_source::Event::Cancelled => {
                state.was_cancelled(source);
                state.was_replaced(source);
            }
            _ => {}
        }
    }
}
