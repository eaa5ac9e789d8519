//! What is offered, for the programs that ask for it (ICCCM §2): the selection of the drag, and the clipboard.

use x11rb::errors::ConnectionError;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, EventMask, PropMode, SELECTION_NOTIFY_EVENT, SelectionClearEvent,
    SelectionNotifyEvent, SelectionRequestEvent, Timestamp,
};
use x11rb::wrapper::ConnectionExt as _;

use super::connection::X;
use crate::platform::drag_out::uri_list;
use crate::platform::drag_out::{Offer, Paths};

/// Bytes of the largest answer. Only the items at the top are listed, so that it takes a hundred thousand of them.
const LARGEST: usize = 12 << 20;

/// One offer, in all the forms in which it can be had.
pub(super) struct Served {
    selection: Atom,
    /// Since when it is ours; `None` before the server has told the time.
    since: Option<Timestamp>,
    forms: Vec<(Atom, Vec<u8>)>,
}

impl Served {
    /// What a drag offers. No text: editors would take the paths for it.
    pub(super) fn dragged(x: &X, offer: &Offer) -> Self {
        let forms = vec![(x.atoms.URI_LIST, uri_list::write(paths(offer)).into_bytes())];
        Self { selection: x.atoms.XdndSelection, since: None, forms }
    }

    /// What a copy offers.
    pub(super) fn copied(x: &X, offer: &Offer, text: &str) -> Self {
        let paths = paths(offer);
        let forms = vec![
            (x.atoms.GNOME_COPIED_FILES, copied_files(paths).into_bytes()),
            (x.atoms.URI_LIST, uri_list::write(paths).into_bytes()),
            (x.atoms.UTF8_STRING, text.as_bytes().to_vec()),
            (x.atoms.TEXT_PLAIN_UTF8, text.as_bytes().to_vec()),
        ];
        Self { selection: x.atoms.CLIPBOARD, since: None, forms }
    }

    /// The selection by which it is had.
    pub(super) fn selection(&self) -> Atom {
        self.selection
    }

    /// Takes the selection at the server's `time`, once.
    pub(super) fn own(&mut self, x: &X, time: Timestamp) -> Result<(), ConnectionError> {
        if self.since.is_none() {
            self.since = Some(time);
            x.connection.set_selection_owner(x.source, self.selection, time)?;
        }
        Ok(())
    }

    /// True when another program has taken the selection since.
    pub(super) fn is_lost(&self, clear: &SelectionClearEvent) -> bool {
        // Times wrap around.
        let newer = self.since.is_some_and(|since| clear.time.wrapping_sub(since) < 1 << 31);
        clear.selection == self.selection && newer
    }

    fn form(&self, kind: Atom) -> Option<&[u8]> {
        self.forms.iter().find(|(form, _)| *form == kind).map(|(_, bytes)| bytes.as_slice())
    }
}

fn paths(offer: &Offer) -> &[std::path::PathBuf] {
    match &offer.paths {
        Paths::Ready(paths) | Paths::Later(paths) => paths,
        Paths::None => &[],
    }
}

/// The list that the file managers of GNOME and their relatives look for before any other: what to do, and the URIs.
fn copied_files(paths: &[std::path::PathBuf]) -> String {
    let uris = paths.iter().map(|path| uri_list::uri(path));
    std::iter::once("copy".to_owned()).chain(uris).collect::<Vec<_>>().join("\n")
}

/// Answers a program that asks for what is offered; refuses where that is nothing.
pub(super) fn answer(x: &X, request: &SelectionRequestEvent, served: Option<&Served>) -> Result<(), ConnectionError> {
    // Old programs name no property: they mean that of the form.
    let property = if request.property == x11rb::NONE { request.target } else { request.property };
    let given = match served {
        Some(served) if request.target == x.atoms.MULTIPLE => multiple(x, request, property, served)?,
        Some(served) => convert(x, request.requestor, request.target, property, served)?,
        None => false,
    };
    let notify = SelectionNotifyEvent {
        response_type: SELECTION_NOTIFY_EVENT,
        sequence: 0,
        time: request.time,
        requestor: request.requestor,
        selection: request.selection,
        target: request.target,
        property: if given { property } else { x11rb::NONE },
    };
    x.connection.send_event(false, request.requestor, EventMask::NO_EVENT, notify)?;
    Ok(())
}

/// Puts one form of what is offered into a property of the program that wants it; false when there is no such form.
fn convert(x: &X, requestor: u32, form: Atom, property: Atom, served: &Served) -> Result<bool, ConnectionError> {
    let connection = &x.connection;
    if form == x.atoms.TARGETS {
        let mut forms = vec![x.atoms.TARGETS, x.atoms.TIMESTAMP, x.atoms.MULTIPLE];
        forms.extend(served.forms.iter().map(|(form, _)| *form));
        connection.change_property32(PropMode::REPLACE, requestor, property, AtomEnum::ATOM, &forms)?;
    } else if form == x.atoms.TIMESTAMP {
        let since = [served.since.unwrap_or(x11rb::CURRENT_TIME)];
        connection.change_property32(PropMode::REPLACE, requestor, property, AtomEnum::INTEGER, &since)?;
    } else if let Some(bytes) = served.form(form).filter(|bytes| bytes.len() <= LARGEST) {
        connection.change_property8(PropMode::REPLACE, requestor, property, form, bytes)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Answers several wishes at once (ICCCM §2.6.2): `property` lists form and property of each.
fn multiple(x: &X, request: &SelectionRequestEvent, property: Atom, served: &Served) -> Result<bool, ConnectionError> {
    let wishes = x.connection.get_property(false, request.requestor, property, x.atoms.ATOM_PAIR, 0, 64)?;
    let Ok(wishes) = wishes.reply() else { return Ok(false) };
    let mut wishes: Vec<Atom> = wishes.value32().map(Iterator::collect).unwrap_or_default();
    for wish in wishes.chunks_exact_mut(2) {
        if let [form, into] = wish
            && (*form == x.atoms.MULTIPLE || !convert(x, request.requestor, *form, *into, served)?)
        {
            *into = x11rb::NONE;
        }
    }
    let connection = &x.connection;
    connection.change_property32(PropMode::REPLACE, request.requestor, property, x.atoms.ATOM_PAIR, &wishes)?;
    Ok(true)
}
