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

#[cfg(target_os = "linux")]
impl Label {
    /// Largest width and height that is shown, in pixels.
    const LARGEST: u32 = 2048;

    /// The rows of pixels, from the top.
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

#[cfg(all(test, target_os = "linux"))]
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
}
