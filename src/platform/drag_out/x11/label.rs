//! The label that follows the pointer: a small window that no click and no drop ever meets.

use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::errors::ConnectionError;
use x11rb::protocol::shape::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, CreateWindowAux, ImageOrder, PropMode,
    Rectangle, Visualtype, Window, WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

use super::connection::X;
use crate::platform::drag_out::Label;

/// Between the tip of the pointer and the label, in points.
const OFFSET: (u32, u32) = (14, 18);

/// Pixels of the largest label: what fits into one request of any server.
const LARGEST: usize = 60_000;

/// The window of the label.
pub(super) struct LabelWindow {
    window: Window,
    offset: (i16, i16),
    shown: bool,
}

impl LabelWindow {
    /// Makes the window, which is shown when it first follows the pointer.
    pub(super) fn new(x: &X, label: &Label) -> Result<Self, ConnectionError> {
        let (connection, screen) = (&x.connection, &x.screen);
        let window = connection.generate_id().map_err(|_| ConnectionError::UnknownError)?;
        let (width, height) = (size(label.width), size(label.height));
        let aux = CreateWindowAux::new().override_redirect(1).background_pixel(screen.white_pixel).save_under(1);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(
            x11rb::COPY_DEPTH_FROM_PARENT,
            window,
            screen.root,
            0,
            0,
            width,
            height,
            0,
            class,
            0,
            &aux,
        )?;
        let (property, kind) = (x.atoms._NET_WM_WINDOW_TYPE, x.atoms._NET_WM_WINDOW_TYPE_DND);
        connection.change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &[kind])?;
        if connection.extension_information(shape::X11_EXTENSION_NAME)?.is_some() {
            // Nothing meets it, and what is clear at its corners is not part of it.
            let nothing = ClipOrdering::UNSORTED;
            connection.shape_rectangles(shape::SO::SET, shape::SK::INPUT, nothing, window, 0, 0, &[])?;
            let solid = solid(label);
            connection.shape_rectangles(shape::SO::SET, shape::SK::BOUNDING, nothing, window, 0, 0, &solid)?;
        }
        paint(x, window, label)?;
        let offset = |by: u32| i16::try_from(by.saturating_mul(label.scale)).unwrap_or(i16::MAX);
        Ok(Self { window, offset: (offset(OFFSET.0), offset(OFFSET.1)), shown: false })
    }

    /// Moves to the pointer.
    pub(super) fn follow(&mut self, x: &X, pointer: (i16, i16)) -> Result<(), ConnectionError> {
        let place = (pointer.0.saturating_add(self.offset.0), pointer.1.saturating_add(self.offset.1));
        let aux = ConfigureWindowAux::new().x(i32::from(place.0)).y(i32::from(place.1));
        let aux = aux.stack_mode(x11rb::protocol::xproto::StackMode::ABOVE);
        x.connection.configure_window(self.window, &aux)?;
        if !self.shown {
            self.shown = true;
            x.connection.map_window(self.window)?;
        }
        Ok(())
    }

    /// Takes it away.
    pub(super) fn close(self, x: &X) -> Result<(), ConnectionError> {
        x.connection.destroy_window(self.window)?;
        Ok(())
    }
}

fn size(pixels: u32) -> u16 {
    u16::try_from(pixels).unwrap_or(u16::MAX).max(1)
}

/// The pixels that are not clear, as rectangles of one line each.
fn solid(label: &Label) -> Vec<Rectangle> {
    let line = |(y, row): (usize, &[u8])| {
        let opaque = |pixel: &[u8]| pixel.get(3).is_some_and(|alpha| *alpha > 127);
        let first = row.chunks_exact(4).position(opaque)?;
        let last = row.chunks_exact(4).rposition(opaque)?;
        let number = |at: usize| i16::try_from(at).ok();
        let width = u16::try_from(last.saturating_sub(first).saturating_add(1)).ok()?;
        Some(Rectangle { x: number(first)?, y: number(y)?, width, height: 1 })
    };
    label.rows().enumerate().filter_map(line).collect()
}

/// Makes the picture the background of the window, so that the server paints it whenever that is needed.
fn paint(x: &X, window: Window, label: &Label) -> Result<(), ConnectionError> {
    let (connection, screen) = (&x.connection, &x.screen);
    let setup = connection.setup();
    let visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
    let Some(visual) = visuals.into_iter().find(|visual| visual.visual_id == screen.root_visual) else { return Ok(()) };
    let pixels = label.rgba.len() / 4;
    // Screens of fewer colours get a plain label.
    let is_true_color =
        [visual.red_mask, visual.green_mask, visual.blue_mask].iter().all(|mask| mask.count_ones() == 8);
    if !is_true_color || pixels > LARGEST {
        return Ok(());
    }
    let data = pack(label, visual, setup.image_byte_order);
    let id = || connection.generate_id().map_err(|_| ConnectionError::UnknownError);
    let (pixmap, gc) = (id()?, id()?);
    let (width, height, depth) = (size(label.width), size(label.height), screen.root_depth);
    connection.create_pixmap(depth, pixmap, window, width, height)?;
    connection.create_gc(gc, pixmap, &CreateGCAux::new())?;
    let format = x11rb::protocol::xproto::ImageFormat::Z_PIXMAP;
    connection.put_image(format, pixmap, gc, width, height, 0, 0, 0, depth, &data)?;
    let aux = x11rb::protocol::xproto::ChangeWindowAttributesAux::new().background_pixmap(pixmap);
    connection.change_window_attributes(window, &aux)?;
    connection.free_gc(gc)?;
    connection.free_pixmap(pixmap)?;
    Ok(())
}

/// The pixels as the server wants them: 32 bits each.
fn pack(label: &Label, visual: &Visualtype, order: ImageOrder) -> Vec<u8> {
    let place = |value: u8, mask: u32| u32::from(value) << mask.trailing_zeros();
    let pack = |pixel: &[u8]| match pixel {
        [red, green, blue, _] => {
            let pixel =
                place(*red, visual.red_mask) | place(*green, visual.green_mask) | place(*blue, visual.blue_mask);
            if order == ImageOrder::LSB_FIRST { pixel.to_le_bytes() } else { pixel.to_be_bytes() }
        }
        _ => [0; 4],
    };
    label.rgba.chunks_exact(4).flat_map(pack).collect()
}
