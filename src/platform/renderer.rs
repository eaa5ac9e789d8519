//! What draws the window, and in which order it is tried.

/// A way of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renderer {
    /// OpenGL: starts fastest, and works on old drivers.
    Glow,
    /// Vulkan, Metal or Direct3D 12.
    Wgpu,
}

impl Renderer {
    /// The name on the command line and in the settings.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Glow => "glow",
            Self::Wgpu => "wgpu",
        }
    }

    /// The one with this name.
    pub fn from_slug(slug: &str) -> Option<Self> {
        [Self::Glow, Self::Wgpu].into_iter().find(|renderer| renderer.slug() == slug)
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Glow => Self::Wgpu,
            Self::Wgpu => Self::Glow,
        }
    }
}

/// The renderers in the order in which they are tried. The first is what the user wants, else what suits the system:
/// remote desktops of Windows and computers without a graphics card draw through Direct3D's own software, which OpenGL
/// has not; macOS gave up OpenGL; on Linux it starts faster and asks for less.
pub fn order(wanted: Option<Renderer>) -> [Renderer; 2] {
    let native = if cfg!(any(windows, target_os = "macos")) { Renderer::Wgpu } else { Renderer::Glow };
    let first = wanted.unwrap_or(native);
    [first, first.other()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wish_comes_first_and_the_other_is_still_tried() {
        assert_eq!(order(Some(Renderer::Wgpu)), [Renderer::Wgpu, Renderer::Glow]);
        assert_eq!(order(Some(Renderer::Glow)), [Renderer::Glow, Renderer::Wgpu]);
    }
}
