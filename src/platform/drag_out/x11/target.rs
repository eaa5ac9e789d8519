//! Which window under the pointer takes drags.

use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, Window};

use super::connection::X;

/// The version of XDND that is spoken, and the oldest one that is understood: 3 was the first with actions.
const VERSION: u32 = 5;
const OLDEST: u32 = 3;

/// Windows in windows that are looked through.
const DEPTH: usize = 32;

/// A window that takes drags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// The window that messages are about.
    pub(super) window: Window,
    /// The window that gets them: another one where it has a proxy.
    pub(super) receiver: Window,
    /// The version of the protocol that both speak.
    pub(super) version: u32,
}

/// The window at a place of the screen that takes drags; `None` over windows that do not, and over our own.
pub(super) fn at(x: &X, place: (i16, i16)) -> Result<Option<Target>, ConnectionError> {
    let root = x.screen.root;
    let mut window = root;
    for _ in 0..DEPTH {
        let reply = x.connection.translate_coordinates(root, window, place.0, place.1)?.reply();
        // A window that was there a moment ago may be gone.
        let child = lenient(reply)?.map_or(x11rb::NONE, |reply| reply.child);
        if child == x11rb::NONE || child == x.program {
            return Ok(None);
        }
        window = child;
        if let Some(target) = aware(x, window)? {
            return Ok(Some(target));
        }
    }
    Ok(None)
}

/// True while the window exists.
pub(super) fn exists(x: &X, window: Window) -> Result<bool, ConnectionError> {
    Ok(lenient(x.connection.get_window_attributes(window)?.reply())?.is_some())
}

/// The window as a target, if it, or a proxy that stands for it, says that it is one.
fn aware(x: &X, window: Window) -> Result<Option<Target>, ConnectionError> {
    let proxy = number(x, window, x.atoms.XdndProxy, AtomEnum::WINDOW)?;
    let receiver = match proxy {
        // A real proxy names itself; one that does not was left behind by a program that died.
        Some(proxy) if number(x, proxy, x.atoms.XdndProxy, AtomEnum::WINDOW)? == Some(proxy) => proxy,
        _ => window,
    };
    let version = number(x, receiver, x.atoms.XdndAware, AtomEnum::ATOM)?;
    let version = version.filter(|version| *version >= OLDEST).map(|version| version.min(VERSION));
    Ok(version.map(|version| Target { window, receiver, version }))
}

/// The first number of a property.
fn number(x: &X, window: Window, property: u32, kind: AtomEnum) -> Result<Option<u32>, ConnectionError> {
    let reply = lenient(x.connection.get_property(false, window, property, kind, 0, 1)?.reply())?;
    Ok(reply.and_then(|reply| reply.value32()?.next()))
}

/// Nothing where the window is gone; an error only where the connection is.
fn lenient<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, ConnectionError> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(error),
    }
}
