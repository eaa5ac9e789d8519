//! The picture under the pointer. The shell keeps it in the data object and shows it over every window that takes part,
//! as those of Explorer do, and the desktop.
//!
//! Wine has the bitmap, and nothing that shows it: how it looks was never seen.

use std::ffi::c_void;

use windows::Win32::Foundation::{COLORREF, E_INVALIDARG, E_OUTOFMEMORY, POINT, SIZE};
use windows::Win32::Graphics::Gdi::{
    BI_RGB, BITMAPINFO, BITMAPINFOHEADER, CreateDIBSection, DIB_RGB_COLORS, DeleteObject, HBITMAP,
};
use windows::Win32::System::Com::{CLSCTX_INPROC_SERVER, CoCreateInstance, IDataObject};
use windows::Win32::UI::Shell::{CLSID_DragDropHelper, IDragSourceHelper, SHDRAGIMAGE};
use windows_core::Result;

use super::super::Label;

/// Points from the tip of the pointer to the picture, to the right and down.
const OFFSET: (i32, i32) = (14, 10);

/// No colour stands for what is seen through: that is what alpha is for.
const NO_KEY: COLORREF = COLORREF(0xFFFF_FFFF);

/// Has the shell show `label` while `data` is dragged.
pub(super) fn attach(label: &Label, data: &IDataObject) -> Result<()> {
    // SAFETY: it makes an object of a class of the system.
    let helper: IDragSourceHelper = unsafe { CoCreateInstance(&CLSID_DragDropHelper, None, CLSCTX_INPROC_SERVER)? };
    let bitmap = bitmap(label)?;
    let scale = number(label.scale)?;
    let image = SHDRAGIMAGE {
        sizeDragImage: SIZE { cx: number(label.width)?, cy: number(label.height)? },
        ptOffset: POINT { x: -OFFSET.0 * scale, y: -OFFSET.1 * scale },
        hbmpDragImage: bitmap,
        crColorKey: NO_KEY,
    };
    // SAFETY: picture and data live through the call. The bitmap is the shell's from then on, but not when that fails.
    unsafe {
        helper.InitializeFromBitmap(&raw const image, data).inspect_err(|_| {
            // There is nothing else to do with it.
            let _deleted = DeleteObject(bitmap.into());
        })
    }
}

fn number(value: u32) -> Result<i32> {
    i32::try_from(value).map_err(|_| E_INVALIDARG.into())
}

/// The pixels as a bitmap, which belongs to whoever gets it.
pub(super) fn bitmap(label: &Label) -> Result<HBITMAP> {
    if !label.is_sound() {
        return Err(E_INVALIDARG.into());
    }
    let pixels = label.bgra();
    let info = BITMAPINFO {
        bmiHeader: BITMAPINFOHEADER {
            biSize: size_of::<BITMAPINFOHEADER>() as u32,
            biWidth: number(label.width)?,
            // Less than nothing: the first row is at the top.
            biHeight: -number(label.height)?,
            biPlanes: 1,
            biBitCount: 32,
            biCompression: BI_RGB.0,
            ..BITMAPINFOHEADER::default()
        },
        ..BITMAPINFO::default()
    };
    let mut place: *mut c_void = std::ptr::null_mut();
    // SAFETY: what it is told lives through the call. The place has room for four bytes of each pixel, which is how many
    // a sound label has.
    unsafe {
        let bitmap = CreateDIBSection(None, &raw const info, DIB_RGB_COLORS, &raw mut place, None, 0)?;
        if place.is_null() {
            return Err(E_OUTOFMEMORY.into());
        }
        place.cast::<u8>().copy_from_nonoverlapping(pixels.as_ptr(), pixels.len());
        Ok(bitmap)
    }
}
