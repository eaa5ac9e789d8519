//! The connection of the thread, the window that stands for it, and the names of things.

use std::os::fd::{AsFd, BorrowedFd};

use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectError, ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, PropertyNotifyEvent,
    Screen, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

x11rb::atom_manager! {
    /// The names that the protocols use.
    pub(super) Atoms: AtomsCookie {
        ATOM_PAIR,
        CLIPBOARD,
        ISOSCOPE_TIME: b"_ISOSCOPE_TIME",
        MULTIPLE,
        TARGETS,
        TEXT_PLAIN_UTF8: b"text/plain;charset=utf-8",
        TIMESTAMP,
        URI_LIST: b"text/uri-list",
        GNOME_COPIED_FILES: b"x-special/gnome-copied-files",
        UTF8_STRING,
        XdndActionCopy,
        XdndActionList,
        XdndAware,
        XdndDrop,
        XdndEnter,
        XdndFinished,
        XdndLeave,
        XdndPosition,
        XdndProxy,
        XdndSelection,
        XdndStatus,
        XdndTypeList,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_DND,
    }
}

/// Why the connection cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoConnection {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Reply(#[from] ReplyError),
    #[error(transparent)]
    Id(#[from] ReplyOrIdError),
}

/// A connection with the one window that owns selections and sends and gets messages.
pub(super) struct X {
    pub(super) connection: RustConnection,
    pub(super) screen: Screen,
    pub(super) atoms: Atoms,
    /// The window that stands for the thread: never shown.
    pub(super) source: Window,
    /// The window that the user sees.
    pub(super) program: Window,
}

impl X {
    /// Connects to the server that the program's window is on.
    pub(super) fn connect(program: Window) -> Result<Self, NoConnection> {
        let (connection, screen) = RustConnection::connect(None)?;
        let screen = connection.setup().roots.get(screen).cloned().ok_or(ConnectError::InvalidScreen)?;
        let atoms = Atoms::new(&connection)?.reply()?;
        let source = connection.generate_id()?;
        let aux = CreateWindowAux::new().override_redirect(1).event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(0, source, screen.root, -8, -8, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?.check()?;
        Ok(Self { connection, screen, atoms, source, program })
    }

    /// The next event, if one has come.
    pub(super) fn next_event(&self) -> Result<Option<Event>, ConnectionError> {
        self.connection.poll_for_event()
    }

    /// Sends what is waiting to be sent.
    pub(super) fn flush(&self) -> Result<(), ConnectionError> {
        self.connection.flush()
    }

    /// Has the server send its time, which the protocols want, as an event.
    pub(super) fn ask_for_time(&self) -> Result<(), ConnectionError> {
        let property = self.atoms.ISOSCOPE_TIME;
        self.connection.change_property8(PropMode::APPEND, self.source, property, AtomEnum::STRING, &[])?;
        Ok(())
    }

    /// True for the event that [`ask_for_time`](Self::ask_for_time) brings.
    pub(super) fn is_time(&self, notify: &PropertyNotifyEvent) -> bool {
        notify.window == self.source && notify.atom == self.atoms.ISOSCOPE_TIME
    }

    /// Sends a message of the protocol about the window `about` to `receiver`, which may stand for it.
    pub(super) fn send(
        &self,
        receiver: Window,
        about: Window,
        kind: u32,
        data: [u32; 5],
    ) -> Result<(), ConnectionError> {
        let message = ClientMessageEvent::new(32, about, kind, data);
        self.connection.send_event(false, receiver, EventMask::NO_EVENT, message)?;
        Ok(())
    }
}

impl AsFd for X {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.connection.stream().as_fd()
    }
}
