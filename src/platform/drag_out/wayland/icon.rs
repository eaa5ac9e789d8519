//! The picture under the pointer: a surface with one buffer in shared memory.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use rustix::fs::{MemfdFlags, memfd_create};
use wayland_client::protocol::wl_buffer::WlBuffer;
use wayland_client::protocol::wl_compositor::WlCompositor;
use wayland_client::protocol::wl_shm::{Format, WlShm};
use wayland_client::protocol::wl_surface::{self, WlSurface};
use wayland_client::{Proxy, QueueHandle};

use super::super::Label;
use super::state::State;

/// Where the picture lies, in points right of and below the tip of the pointer.
const OFFSET: (i32, i32) = (14, 10);

/// The picture, until it is dropped.
pub(super) struct Icon {
    surface: WlSurface,
    buffer: WlBuffer,
    scale: i32,
}

impl Icon {
    /// Makes the picture of a sound label. It is seen after [`show`](Self::show).
    pub(super) fn new(
        label: &Label,
        compositor: &WlCompositor,
        shm: &WlShm,
        queue: &QueueHandle<State>,
    ) -> io::Result<Self> {
        let number = |value: u32| i32::try_from(value).map_err(io::Error::other);
        let pixels = label.bgra();
        let mut file = File::from(memfd_create("drag-icon", MemfdFlags::CLOEXEC)?);
        file.write_all(&pixels)?;
        let (width, height, scale) = (number(label.width)?, number(label.height)?, number(label.scale)?);
        let pool = shm.create_pool(file.as_fd(), i32::try_from(pixels.len()).map_err(io::Error::other)?, queue, ());
        let buffer = pool.create_buffer(0, width, height, width * 4, Format::Argb8888, queue, ());
        pool.destroy();
        Ok(Self { surface: compositor.create_surface(queue, ()), buffer, scale })
    }

    pub(super) fn surface(&self) -> &WlSurface {
        &self.surface
    }

    /// Paints it. To be called after the drag has begun: before, the surface has no meaning.
    pub(super) fn show(&self) {
        if self.surface.version() >= wl_surface::REQ_SET_BUFFER_SCALE_SINCE {
            self.surface.set_buffer_scale(self.scale);
        }
        let (right, down) = OFFSET;
        self.surface.attach(Some(&self.buffer), right, down);
        self.surface.damage(0, 0, i32::MAX, i32::MAX);
        self.surface.commit();
    }
}

impl Drop for Icon {
    fn drop(&mut self) {
        self.surface.destroy();
        self.buffer.destroy();
    }
}
