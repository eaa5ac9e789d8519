//! X11: the source of a drag after the XDND protocol, version 5, and the owner of the clipboard for files.
//!
//! A thread with a connection of its own does it, so that the window goes on. It grabs neither pointer nor keyboard: as
//! long as the button is down, winit's own grab brings every motion, the release and the Esc key to the window, which is
//! then in no state that it would not be in without a drag. Where the pointer is, is asked every few milliseconds.
//!
//! Seen to work with PCManFM, Thunar, Nautilus and Dolphin, see `tests/drag_x11.rs`.

mod connection;
mod drag;
mod label;
mod selection;
mod target;

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::Window;

use self::connection::X;
use self::drag::Drag;
use self::selection::Served;
use super::{Backend, DragEvent, Ended, FilesNeeded, Offer, Waker};

/// How often the pointer is looked at while something is dragged.
const TICK: Duration = Duration::from_millis(8);

/// Events that may wait for the window.
const EVENTS: usize = 256;

/// What the window wants from the thread.
enum Order {
    Begin(Box<Offer>),
    FilesAreReady(bool),
    Cancel,
    Copy(Box<Offer>, String),
}

/// The drags of one window on an X server.
pub(super) struct X11 {
    window: Window,
    waker: Waker,
    thread: Option<Thread>,
    /// Events of what never reached the thread.
    unsent: Vec<DragEvent>,
}

struct Thread {
    orders: Sender<Order>,
    events: Receiver<DragEvent>,
    /// A byte here makes the thread look at its orders; its end makes the thread end.
    bell: Option<UnixStream>,
    handle: Option<JoinHandle<()>>,
}

impl X11 {
    /// The drags of `window`. Nothing is connected before the first one.
    pub(super) fn new(window: Window, waker: Waker) -> Self {
        Self { window, waker, thread: None, unsent: Vec::new() }
    }

    fn order(&mut self, order: Order) -> Result<(), String> {
        if self.thread.as_ref().is_none_or(Thread::has_ended) {
            self.thread = Some(Thread::start(self.window, self.waker.clone())?);
        }
        let Some(thread) = &mut self.thread else { return Ok(()) };
        // The queue is as long as orders can ever come between two looks; the bell is full only if it has not been heard.
        let sent = thread.orders.try_send(order).is_ok();
        if let Some(bell) = &mut thread.bell {
            drop(bell.write(&[1]));
        }
        if sent { Ok(()) } else { Err("The X server does not answer".to_owned()) }
    }
}

impl Backend for X11 {
    fn files_needed(&self) -> FilesNeeded {
        FilesNeeded::AfterDrop
    }

    fn begin(&mut self, offer: Offer) {
        if let Err(why) = self.order(Order::Begin(Box::new(offer))) {
            self.unsent.push(DragEvent::Ended(Ended::Failed(why)));
        }
    }

    fn files_are_ready(&mut self, ready: bool) {
        // Without a thread there is no drag that waits for it.
        self.order(Order::FilesAreReady(ready)).unwrap_or_default();
    }

    fn cancel(&mut self) {
        self.order(Order::Cancel).unwrap_or_default();
    }

    fn copy(&mut self, offer: Offer, text: String) -> Result<(), String> {
        self.order(Order::Copy(Box::new(offer), text))
    }

    fn poll(&mut self) -> Vec<DragEvent> {
        let mut events = std::mem::take(&mut self.unsent);
        if let Some(thread) = &self.thread {
            events.extend(thread.events.try_iter());
        }
        events
    }

    fn swallows_release(&self) -> bool {
        false
    }
}

impl Thread {
    fn start(window: Window, waker: Waker) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("The X server cannot be reached: {error}");
        let x = X::connect(window).map_err(|error| failed(&error))?;
        let (bell, ear) = UnixStream::pair().map_err(|error| failed(&error))?;
        bell.set_nonblocking(true).and_then(|()| ear.set_nonblocking(true)).map_err(|error| failed(&error))?;
        let (orders, received) = crossbeam_channel::bounded(64);
        let (sender, events) = crossbeam_channel::bounded(EVENTS);
        let mut worker =
            Worker { x, orders: received, ear, news: News { sender, waker }, drag: None, dragged: None, copied: None };
        let thread = std::thread::Builder::new().name("xdnd".to_owned());
        let handle = thread.spawn(move || worker.run()).map_err(|error| failed(&error))?;
        Ok(Self { orders, events, bell: Some(bell), handle: Some(handle) })
    }

    fn has_ended(&self) -> bool {
        self.handle.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(handle) = self.handle.take() {
            drop(handle.join());
        }
    }
}

/// How the thread tells the window.
struct News {
    sender: Sender<DragEvent>,
    waker: Waker,
}

impl News {
    fn tell(&self, event: DragEvent) {
        // What the pointer is over changes often; how a drag ended must always find room.
        if matches!(event, DragEvent::OverTarget(_)) && self.sender.len() > EVENTS / 2 {
            return;
        }
        drop(self.sender.try_send(event));
        (self.waker)();
    }
}

/// The thread.
struct Worker {
    x: X,
    orders: Receiver<Order>,
    ear: UnixStream,
    news: News,
    drag: Option<Drag>,
    /// What was dragged last: targets may ask again after the drop.
    dragged: Option<Served>,
    /// What is on the clipboard.
    copied: Option<Served>,
}

impl Worker {
    fn run(&mut self) {
        if let Err(error) = self.work()
            && self.drag.take().is_some()
        {
            let why = format!("The connection to the X server was lost: {error}");
            self.news.tell(DragEvent::Ended(Ended::Failed(why)));
        }
    }

    fn work(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        loop {
            while let Some(event) = self.x.next_event()? {
                self.handle(&event)?;
            }
            while let Ok(order) = self.orders.try_recv() {
                self.obey(order)?;
            }
            if let Some(drag) = &mut self.drag
                && let Some(ended) = drag.tick(&self.x, &self.news)?
            {
                self.end(ended)?;
            }
            self.x.flush()?;
            if !self.wait()? {
                return Ok(());
            }
        }
    }

    /// Waits for the server, for an order, or for the next look at the pointer; false when the window is gone.
    fn wait(&mut self) -> Result<bool, Box<dyn std::error::Error>> {
        let time = self.drag.as_ref().map(|_| Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() });
        let mut waiting = [
            PollFd::from_borrowed_fd(self.x.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.ear.as_fd(), PollFlags::IN),
        ];
        match poll(&mut waiting, time.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut rings = [0; 64];
        match self.ear.read(&mut rings) {
            Ok(0) => Ok(false),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    fn obey(&mut self, order: Order) -> Result<(), Box<dyn std::error::Error>> {
        match order {
            Order::Begin(offer) => {
                let served = Served::dragged(&self.x, &offer);
                self.drag = Some(Drag::begin(&self.x, *offer)?);
                self.dragged = Some(served);
            }
            Order::FilesAreReady(ready) => {
                if let Some(drag) = &mut self.drag {
                    drag.files_are_ready(ready);
                }
            }
            Order::Cancel => {
                if let Some(drag) = &mut self.drag {
                    drag.cancel();
                }
            }
            Order::Copy(offer, text) => {
                self.copied = Some(Served::copied(&self.x, &offer, &text));
                self.x.ask_for_time()?;
            }
        }
        Ok(())
    }

    fn handle(&mut self, event: &Event) -> Result<(), Box<dyn std::error::Error>> {
        match event {
            Event::PropertyNotify(notify) if self.x.is_time(notify) => {
                if let Some(copied) = &mut self.copied {
                    copied.own(&self.x, notify.time)?;
                }
                if let Some(drag) = &mut self.drag {
                    if let Some(dragged) = &mut self.dragged {
                        dragged.own(&self.x, notify.time)?;
                    }
                    drag.start(&self.x, notify.time)?;
                }
            }
            Event::SelectionRequest(request) => {
                let served = [&self.dragged, &self.copied].into_iter().flatten();
                let served = served.into_iter().find(|served| served.selection() == request.selection);
                selection::answer(&self.x, request, served)?;
            }
            Event::SelectionClear(clear) => {
                if self.copied.as_ref().is_some_and(|copied| copied.is_lost(clear)) {
                    self.copied = None;
                    self.news.tell(DragEvent::CopyReplaced);
                }
                if self.dragged.as_ref().is_some_and(|dragged| dragged.is_lost(clear)) {
                    self.dragged = None;
                }
            }
            Event::ClientMessage(message) => {
                if let Some(drag) = &mut self.drag {
                    drag.hear(&self.x, message);
                }
            }
            // Windows of other programs come and go: what was sent to one that is gone is an error, and no trouble.
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, ended: Ended) -> Result<(), Box<dyn std::error::Error>> {
        if let Some(drag) = self.drag.take() {
            drag.end(&self.x)?;
        }
        self.news.tell(DragEvent::OverTarget(false));
        self.news.tell(DragEvent::Ended(ended));
        Ok(())
    }
}
