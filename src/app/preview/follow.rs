//! The preview follows the selection of the list, and its wishes become jobs with tickets.

use std::sync::Arc;

use super::{Ask, PreviewState, Selected, Slot, Wish};
use crate::app::model::Rows;
use crate::app::state::{Disc, Ticket, Trouble};
use crate::app::work::{Effect, Work};
use crate::disc::Image;
use crate::job::{Output, PreviewSubject, Progress};
use crate::preview::Mode;
use crate::preview::hex::ROW;

impl PreviewState {
    /// True when `ticket` stands for a job of the preview.
    pub(in crate::app) fn owns(&self, ticket: Ticket) -> bool {
        self.tickets.iter().any(|(known, _)| *known == ticket)
    }

    /// Gives up everything that is on its way.
    pub(in crate::app) fn abandon(&mut self, out: &mut Vec<Effect>) {
        out.extend(self.tickets.drain(..).map(|(ticket, _)| Effect::Abandon(ticket)));
    }

    /// Looks at what is selected now, if that is something else than before.
    pub(in crate::app) fn follow(&mut self, disc: &Disc, next: &mut dyn FnMut() -> Ticket, out: &mut Vec<Effect>) {
        let listing = &disc.listing;
        let (item, count, bytes) = (listing.single(), listing.selection.len() as u64, listing.selection.bytes());
        // Of one it matters which; of several, how many and how large they are.
        let known = self.key.as_ref().is_some_and(|(rows, known, sums)| {
            rows.identity() == listing.rows.identity() && *known == item && *sums == [count, bytes]
        });
        if known {
            return;
        }
        let mut asks = Vec::new();
        self.select(selected(disc, item, count, bytes), &mut asks);
        self.key = Some((listing.rows.clone(), item, [count, bytes]));
        self.carry(asks, next, out);
        if let (Rows::Found(index, hits), Some(item)) = (&listing.rows, item) {
            let hit = usize::try_from(item).ok().and_then(|item| hits.get(item));
            let Some(entry) = hit.and_then(|hit| index.entry(*hit)) else { return };
            self.holder = usize::try_from(entry.position).unwrap_or(usize::MAX);
            let ticket = next();
            self.tickets.push((ticket, Slot::Holder));
            out.push(Effect::Start(ticket, Work::ReadFolder(disc.tree.clone(), entry.folder)));
        }
    }

    /// The selection counts as new when it is looked at the next time.
    pub(in crate::app) fn forget(&mut self) {
        self.key = None;
    }

    /// Looks at something else than what is selected.
    pub(in crate::app) fn look_at(
        &mut self,
        subject: PreviewSubject,
        next: &mut dyn FnMut() -> Ticket,
        out: &mut Vec<Effect>,
    ) {
        let mut asks = Vec::new();
        self.turn_to(subject, None, &mut asks);
        self.carry(asks, next, out);
    }

    /// Shows bytes of the image: offset and length.
    pub(in crate::app) fn show_bytes(
        &mut self,
        image: &Arc<Image>,
        (offset, length): (u64, u64),
        next: &mut dyn FnMut() -> Ticket,
        out: &mut Vec<Effect>,
    ) {
        let mut asks = Vec::new();
        if !matches!(&self.selected, Selected::One(PreviewSubject::Image(shown)) if Arc::ptr_eq(shown, image)) {
            self.turn_to(PreviewSubject::Image(image.clone()), Some(Mode::Hex), &mut asks);
        }
        self.chosen = Some(Mode::Hex);
        self.pointed = Some((offset, offset.saturating_add(length.max(1) - 1)));
        // Some rows before it show where it begins.
        self.hex_at = offset.saturating_sub(2 * ROW);
        self.want_view(&mut asks);
        self.carry(asks, next, out);
    }

    /// Carries out a wish of the user.
    pub(in crate::app) fn wish(&mut self, wish: Wish, next: &mut dyn FnMut() -> Ticket, out: &mut Vec<Effect>) {
        let mut asks = Vec::new();
        self.update(wish, &mut asks);
        self.carry(asks, next, out);
    }

    /// A job of the preview has ended well.
    pub(in crate::app) fn done(
        &mut self,
        disc: &Disc,
        ticket: Ticket,
        output: Output,
        next: &mut dyn FnMut() -> Ticket,
        out: &mut Vec<Effect>,
    ) {
        let Some(slot) = self.take(ticket) else { return };
        let mut asks = Vec::new();
        match output {
            Output::Folder(read) => {
                let key = self.key.take();
                let subject =
                    PreviewSubject::Entry { tree: disc.tree.clone(), folder: read.folder, index: self.holder };
                self.select(Selected::One(subject), &mut asks);
                self.key = key;
            }
            Output::Previewed(previewed) => self.receive(slot, Ok(*previewed), &mut asks),
            // No job of the preview answers anything else.
            _ => {}
        }
        self.carry(asks, next, out);
    }

    /// A job of the preview could not be done.
    pub(in crate::app) fn failed(
        &mut self,
        ticket: Ticket,
        trouble: Trouble,
        next: &mut dyn FnMut() -> Ticket,
        out: &mut Vec<Effect>,
    ) {
        let Some(slot) = self.take(ticket) else { return };
        let slot = if slot == Slot::Holder { Slot::Open } else { slot };
        let mut asks = Vec::new();
        self.receive(slot, Err(trouble), &mut asks);
        self.carry(asks, next, out);
    }

    /// A job of the preview tells how far it is.
    pub(in crate::app) fn progressed(&mut self, ticket: Ticket, progress: &Progress) {
        let slot = self.tickets.iter().find(|(known, _)| *known == ticket).map(|(_, slot)| *slot);
        if let (Some(slot), Some(fraction)) = (slot, progress.fraction()) {
            self.progress(slot, fraction);
        }
    }

    fn take(&mut self, ticket: Ticket) -> Option<Slot> {
        let at = self.tickets.iter().position(|(known, _)| *known == ticket)?;
        Some(self.tickets.remove(at).1)
    }

    /// Turns what is asked for into jobs; one in a slot takes the place of the one before.
    fn carry(&mut self, asks: Vec<Ask>, next: &mut dyn FnMut() -> Ticket, out: &mut Vec<Effect>) {
        for ask in asks {
            let (Ask::Start(slot, _) | Ask::Abandon(slot)) = &ask;
            while let Some(at) = self.tickets.iter().position(|(_, known)| known == slot) {
                out.push(Effect::Abandon(self.tickets.remove(at).0));
            }
            if let Ask::Start(slot, job) = ask {
                let ticket = next();
                self.tickets.push((ticket, slot));
                out.push(Effect::Start(ticket, Work::Preview(Box::new(job))));
            }
        }
    }
}

fn selected(disc: &Disc, item: Option<u32>, count: u64, bytes: u64) -> Selected {
    let index = item.and_then(|item| usize::try_from(item).ok());
    match (index, &disc.listing.rows) {
        (None, _) if count == 0 => Selected::Nothing,
        (None, _) => Selected::Several { count, bytes },
        (Some(index), Rows::Folder(folder, _)) => {
            Selected::One(PreviewSubject::Entry { tree: disc.tree.clone(), folder: folder.clone(), index })
        }
        (Some(index), Rows::Parts(image, group)) => {
            Selected::One(PreviewSubject::Part { image: image.clone(), group: *group, index })
        }
        // Its folder has to be read first.
        (Some(_), Rows::Found(..)) => Selected::Found,
    }
}
