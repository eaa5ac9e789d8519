//! The connection and the surface of winit's window, used by a second event queue.

use raw_window_handle::{WaylandDisplayHandle, WaylandWindowHandle};
use wayland_client::backend::{Backend, ObjectId};
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::{Connection, Proxy};

/// winit's connection and surface; nothing if the handle is of something else than a surface.
#[expect(unsafe_code, reason = "the connection is winit's, and is known by its address only")]
pub(super) fn join(window: WaylandWindowHandle, display: WaylandDisplayHandle) -> Option<(Connection, WlSurface)> {
    // SAFETY: the handle is of a window that lives, so it points to its `wl_display`. winit closes that after the window
    // is gone, and whoever owns the window owns the thread that uses this: it is joined before.
    let backend = unsafe { Backend::from_foreign_display(display.display.as_ptr().cast()) };
    let connection = Connection::from_backend(backend);
    // SAFETY: as above, the handle points to the `wl_surface` of a window that lives. winit makes it by this very
    // library, which marks the identity as dead when the surface is destroyed, so that no request can reach it then.
    let surface = unsafe { ObjectId::from_ptr(WlSurface::interface(), window.surface.as_ptr().cast()) }.ok()?;
    let surface = WlSurface::from_id(&connection, surface).ok()?;
    Some((connection, surface))
}
