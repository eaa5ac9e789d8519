//! The small picture under the pointer while something is dragged.

/// A picture of what is dragged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Pixels; a multiple of `scale`.
    pub width: u32,
    /// Pixels; a multiple of `scale`.
    pub height: u32,
    /// Pixels of the picture in one point of the screen.
    pub scale: u32,
    /// Red, green, blue and alpha of each pixel, row by row from the top; colours are not multiplied with alpha.
    pub rgba: Vec<u8>,
}

#[cfg(any(target_os = "linux", windows))]
impl Label {
    /// Largest width and height that is shown, in pixels.
    const LARGEST: u32 = 2048;

    /// Blue, green, red and alpha of each pixel, where colours are multiplied with alpha: what Wayland calls `ARGB8888`,
    /// and Windows a bitmap with alpha.
    pub(super) fn bgra(&self) -> Vec<u8> {
        let (pixels, _) = self.rgba.as_chunks::<4>();
        let bytes = pixels.iter().flat_map(|&[red, green, blue, alpha]| {
            let part = |colour: u8| {
                let part = (u16::from(colour) * u16::from(alpha) + 127) / 255;
                u8::try_from(part).unwrap_or(u8::MAX)
            };
            [part(blue), part(green), part(red), alpha]
        });
        bytes.collect()
    }

    /// The rows of pixels, from the top.
    #[cfg(target_os = "linux")]
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = usize::try_from(self.width).unwrap_or(usize::MAX).saturating_mul(4).max(4);
        self.rgba.chunks_exact(bytes)
    }

    /// True when the numbers fit to one another.
    pub(super) fn is_sound(&self) -> bool {
        let good = |pixels: u32| (1..=Self::LARGEST).contains(&pixels) && pixels.is_multiple_of(self.scale.max(1));
        let bytes = u64::from(self.width) * u64::from(self.height) * 4;
        self.scale > 0 && good(self.width) && good(self.height) && u64::try_from(self.rgba.len()) == Ok(bytes)
    }
}

#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_do_not_fit_are_seen() {
        let good = Label { width: 4, height: 2, scale: 2, rgba: vec![0; 32] };
        assert!(good.is_sound());
        assert!(!Label { scale: 0, ..good.clone() }.is_sound());
        assert!(!Label { scale: 3, ..good.clone() }.is_sound());
        assert!(!Label { width: 0, ..good.clone() }.is_sound());
        assert!(!Label { width: 1 << 30, ..good.clone() }.is_sound());
        assert!(!Label { rgba: vec![0; 31], ..good }.is_sound());
    }

    #[test]
    fn colours_are_multiplied_with_alpha() {
        let bgra = |rgba: &[u8]| Label { width: 1, height: 1, scale: 1, rgba: rgba.to_vec() }.bgra();
        assert_eq!(bgra(&[255, 0, 128, 255]), [128, 0, 255, 255]);
        assert_eq!(bgra(&[255, 100, 0, 128]), [0, 50, 128, 128]);
        assert_eq!(bgra(&[255, 255, 255, 0]), [0; 4]);
    }
}
