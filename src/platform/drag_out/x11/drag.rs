//! One drag, from the press to the end.

use std::time::{Duration, Instant};

use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt as _, KeyButMask, PropMode, Timestamp};
use x11rb::wrapper::ConnectionExt as _;

use super::News;
use super::connection::X;
use super::label::LabelWindow;
use super::target::{self, Target};
use crate::platform::drag_out::{DragEvent, Ended, Offer, Paths};

/// The position is told again after so long, moved or not: targets that load what is offered in the background accept
/// only at a later one.
const AGAIN: Duration = Duration::from_millis(100);

/// A target that has not answered for so long is told the next position all the same.
const ANSWER: Duration = Duration::from_millis(500);

/// How long a target has to accept after the button was released.
const DECISION: Duration = Duration::from_millis(600);

/// How long a target has to say that it is done. It may be copying a large file until then.
const FINISH: Duration = Duration::from_secs(20);

/// A drag that is under way.
pub(super) struct Drag {
    /// Files are made after the drop.
    later: bool,
    label: Option<LabelWindow>,
    /// The server's time of the start; `None` before it is known.
    time: Option<Timestamp>,
    phase: Phase,
    pointer: (i16, i16),
    target: Option<Over>,
    /// What the window was told last: that a target accepts, or none.
    told: bool,
    looked: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The button is down.
    Held,
    /// The button was released, and the target has yet to accept.
    Released(Instant),
    /// The target accepted, and waits while the files are made.
    Waiting,
    /// The files are there.
    Ready,
    /// The target has been told to take them.
    Dropped(Instant),
    /// It is over.
    Over(End),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Accepted,
    Cancelled,
    Vanished,
}

/// The window under the pointer.
struct Over {
    target: Target,
    accepts: bool,
    /// When the position was told that has not been answered.
    unanswered: Option<Instant>,
    /// When and where the position was told last.
    told: Option<(Instant, (i16, i16))>,
}

impl Drag {
    /// Prepares a drag of `offer`; it starts when the server has told the time.
    pub(super) fn begin(x: &X, offer: Offer) -> Result<Self, ConnectionError> {
        x.ask_for_time()?;
        let label = offer.label.as_ref().filter(|label| label.is_sound());
        let label = label.map(|label| LabelWindow::new(x, label)).transpose()?;
        Ok(Self {
            later: matches!(offer.paths, Paths::Later(_)),
            label,
            time: None,
            phase: Phase::Held,
            pointer: (0, 0),
            target: None,
            told: false,
            looked: None,
        })
    }

    /// The server has told the time, and the selection is ours.
    pub(super) fn start(&mut self, x: &X, time: Timestamp) -> Result<(), ConnectionError> {
        if self.time.is_none() {
            self.time = Some(time);
            let (source, atoms) = (x.source, &x.atoms);
            // Some targets look here even for a single form.
            for (property, value) in
                [(atoms.XdndTypeList, atoms.URI_LIST), (atoms.XdndActionList, atoms.XdndActionCopy)]
            {
                x.connection.change_property32(PropMode::REPLACE, source, property, AtomEnum::ATOM, &[value])?;
            }
        }
        Ok(())
    }

    /// The files that were wanted are there, or cannot be had.
    pub(super) fn files_are_ready(&mut self, ready: bool) {
        if self.phase == Phase::Waiting {
            self.phase = if ready { Phase::Ready } else { Phase::Over(End::Cancelled) };
        }
    }

    /// Gives it up, unless it is too late.
    pub(super) fn cancel(&mut self) {
        if !matches!(self.phase, Phase::Dropped(_) | Phase::Over(_)) {
            self.phase = Phase::Over(End::Cancelled);
        }
    }

    /// Takes in what the target says.
    pub(super) fn hear(&mut self, x: &X, message: &ClientMessageEvent) {
        let Some(over) = &mut self.target else { return };
        let [about, flags, _, _, action] = message.data.as_data32();
        if about != over.target.window {
            return;
        }
        if message.type_ == x.atoms.XdndStatus {
            over.unanswered = None;
            // A target that wants to move or link would do that to a temporary file: it is offered a copy only.
            over.accepts = flags & 1 != 0 && action == x.atoms.XdndActionCopy;
        } else if message.type_ == x.atoms.XdndFinished && matches!(self.phase, Phase::Dropped(_)) {
            // Only version 5 says whether it worked.
            let refused = over.target.version >= 5 && flags & 1 == 0;
            self.phase = Phase::Over(if refused { End::Cancelled } else { End::Accepted });
        }
    }

    /// Goes on; says how it ended once it has.
    pub(super) fn tick(&mut self, x: &X, news: &News) -> Result<Option<Ended>, ConnectionError> {
        let Some(time) = self.time else { return Ok(None) };
        match self.phase {
            Phase::Held => self.follow(x, time)?,
            Phase::Released(since) => {
                if self.accepts() && self.is_answered() {
                    self.phase = if self.later { Phase::Waiting } else { Phase::Ready };
                    if self.later {
                        news.tell(DragEvent::FilesWanted);
                    }
                } else if self.target.is_none() || since.elapsed() > DECISION {
                    self.phase = Phase::Over(End::Cancelled);
                } else {
                    self.tell_position(x, time)?;
                }
            }
            Phase::Waiting => {}
            Phase::Ready => self.drop_on_target(x, time)?,
            Phase::Dropped(since) if since.elapsed() > FINISH => self.phase = Phase::Over(End::Accepted),
            Phase::Dropped(_) | Phase::Over(_) => {}
        }
        if self.phase == Phase::Held && self.told != self.accepts() {
            self.told = self.accepts();
            news.tell(DragEvent::OverTarget(self.told));
        }
        let Phase::Over(end) = self.phase else { return Ok(None) };
        Ok(Some(match end {
            End::Accepted => Ended::Accepted,
            End::Cancelled => Ended::Cancelled,
            End::Vanished => {
                Ended::Failed("The program that the files were dropped on has closed its window".to_owned())
            }
        }))
    }

    /// Leaves the target, if it has not got the drop, and takes the label away.
    pub(super) fn end(mut self, x: &X) -> Result<(), ConnectionError> {
        if self.phase != Phase::Over(End::Accepted) {
            self.leave(x)?;
        }
        if let Some(label) = self.label.take() {
            label.close(x)?;
        }
        Ok(())
    }

    fn accepts(&self) -> bool {
        self.target.as_ref().is_some_and(|over| over.accepts)
    }

    fn is_answered(&self) -> bool {
        self.target.as_ref().is_some_and(|over| over.unanswered.is_none())
    }

    /// Looks where the pointer is, and whether the button is still down.
    fn follow(&mut self, x: &X, time: Timestamp) -> Result<(), ConnectionError> {
        let pointer = match x.connection.query_pointer(x.screen.root)?.reply() {
            Ok(pointer) => pointer,
            Err(ReplyError::ConnectionError(error)) => return Err(error),
            Err(ReplyError::X11Error(_)) => return Ok(()),
        };
        let place = (pointer.root_x, pointer.root_y);
        let moved = self.looked.is_none() || self.pointer != place;
        self.pointer = place;
        if !moved && self.looked.is_some_and(|looked| looked.elapsed() < AGAIN) {
            return self.released(pointer.mask);
        }
        self.looked = Some(Instant::now());
        if let Some(label) = &mut self.label {
            label.follow(x, place)?;
        }
        let found = target::at(x, place)?;
        if found != self.target.as_ref().map(|over| over.target) {
            self.leave(x)?;
            if let Some(target) = found {
                enter(x, target)?;
                self.target = Some(Over { target, accepts: false, unanswered: None, told: None });
            }
        }
        self.tell_position(x, time)?;
        self.released(pointer.mask)
    }

    fn released(&mut self, mask: KeyButMask) -> Result<(), ConnectionError> {
        if !mask.contains(KeyButMask::BUTTON1) {
            self.phase = Phase::Released(Instant::now());
        }
        Ok(())
    }

    /// Tells the target where the pointer is, when it wants to hear it.
    fn tell_position(&mut self, x: &X, time: Timestamp) -> Result<(), ConnectionError> {
        let Some(over) = &mut self.target else { return Ok(()) };
        let stuck = over.unanswered.is_none_or(|since| since.elapsed() > ANSWER);
        let news = over.told.is_none_or(|(when, place)| place != self.pointer || when.elapsed() > AGAIN);
        if stuck && news {
            let place = u32::from(self.pointer.0.cast_unsigned()) << 16 | u32::from(self.pointer.1.cast_unsigned());
            let data = [x.source, 0, place, time, x.atoms.XdndActionCopy];
            x.send(over.target.receiver, over.target.window, x.atoms.XdndPosition, data)?;
            over.unanswered = Some(Instant::now());
            over.told = Some((Instant::now(), self.pointer));
        }
        Ok(())
    }

    fn drop_on_target(&mut self, x: &X, time: Timestamp) -> Result<(), ConnectionError> {
        let Some(over) = &self.target else { return Ok(()) };
        // Making the files may have taken minutes.
        if !target::exists(x, over.target.receiver)? {
            self.target = None;
            self.phase = Phase::Over(End::Vanished);
            return Ok(());
        }
        x.send(over.target.receiver, over.target.window, x.atoms.XdndDrop, [x.source, 0, time, 0, 0])?;
        self.phase = Phase::Dropped(Instant::now());
        if let Some(label) = self.label.take() {
            label.close(x)?;
        }
        Ok(())
    }

    /// Tells the target that the drag goes elsewhere.
    fn leave(&mut self, x: &X) -> Result<(), ConnectionError> {
        match self.target.take() {
            Some(over) => x.send(over.target.receiver, over.target.window, x.atoms.XdndLeave, [x.source, 0, 0, 0, 0]),
            None => Ok(()),
        }
    }
}

/// Tells a target what comes.
fn enter(x: &X, target: Target) -> Result<(), ConnectionError> {
    let data = [x.source, target.version << 24, x.atoms.URI_LIST, 0, 0];
    x.send(target.receiver, target.window, x.atoms.XdndEnter, data)
}
