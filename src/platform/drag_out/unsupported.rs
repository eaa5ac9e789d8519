//! Where nothing can be dragged: every drag ends at once, and says why.

use super::{Backend, DragEvent, Ended, FilesNeeded, Offer};

/// No window system that drags are known for.
pub(super) struct Unsupported {
    why: &'static str,
    events: Vec<DragEvent>,
}

impl Unsupported {
    pub(super) fn new(why: &'static str) -> Self {
        Self { why, events: Vec::new() }
    }
}

impl Backend for Unsupported {
    fn files_needed(&self) -> FilesNeeded {
        FilesNeeded::Never
    }

    fn begin(&mut self, _: Offer) {
        self.events.push(DragEvent::Ended(Ended::Failed(self.why.to_owned())));
    }

    fn files_are_ready(&mut self, _: bool) {}

    fn cancel(&mut self) {}

    fn copy(&mut self, _: Offer, _: String) -> Result<(), String> {
        Err(self.why.to_owned())
    }

    fn poll(&mut self) -> Vec<DragEvent> {
        std::mem::take(&mut self.events)
    }

    fn swallows_release(&self) -> bool {
        false
    }
}
