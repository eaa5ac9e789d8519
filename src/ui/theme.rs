//! The look in one place: colours, type and spacing for light and dark. Nothing else names a colour or a font size.

use std::sync::Arc;

use egui::epaint::Shadow;
use egui::style::{NumericColorSpace, ScrollStyle, WidgetVisuals};
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Vec2, Visuals, vec2};

/// One step of the grid, in points. Distances are multiples of it.
pub const GRID: f32 = 4.0;
/// Padding of panes and cells.
pub const PADDING: f32 = 8.0;
/// Between groups.
pub const GROUP: f32 = 12.0;
/// Height of a row in the table, the tree and the bars' controls.
pub const ROW: f32 = 24.0;
/// Rounding of controls.
pub const ROUNDING: u8 = 6;
/// Width and height of an icon in a row.
pub const ICON: f32 = 16.0;

/// Semantic colours. What a widget means decides its token, never how the token happens to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    /// True for the dark one.
    pub dark: bool,
    /// Where content stands: table, preview, text.
    pub surface: Color32,
    /// What frames content: bars, tree, dialogs, menus.
    pub raised: Color32,
    /// Fields to type in, tracks of progress bars.
    pub sunken: Color32,
    /// Separators and outlines.
    pub line: Color32,
    /// Around what can be ticked, typed into or pressed.
    pub outline: Color32,
    /// Text to be read.
    pub text: Color32,
    /// Text that only accompanies.
    pub text_dim: Color32,
    /// The one accent: focus, progress, primary buttons, links.
    pub accent: Color32,
    /// Text on [`accent`](Self::accent).
    pub on_accent: Color32,
    /// Behind what is selected.
    pub selection: Color32,
    /// Behind what is selected in a pane without the keyboard focus.
    pub selection_idle: Color32,
    /// Behind what the pointer is over.
    pub hover: Color32,
    /// Behind what is being pressed.
    pub pressed: Color32,
    /// All is well.
    pub ok: Color32,
    /// Something to know.
    pub warn: Color32,
    /// Something is wrong.
    pub bad: Color32,
    /// Folders, told apart by their warm grey-blue.
    pub folder: Color32,
    /// Names in coloured text; strings, numbers, words and comments there have tokens that exist anyway.
    pub code_name: Color32,
    /// Types, tags and sections in coloured text.
    pub code_type: Color32,
    /// Behind what is good to know.
    pub info_surface: Color32,
    /// Behind banners that warn.
    pub warn_surface: Color32,
    /// Behind banners that tell of failure.
    pub bad_surface: Color32,
    /// Under transparent pictures, with [`checker_b`](Self::checker_b).
    pub checker_a: Color32,
    /// See [`checker_a`](Self::checker_a).
    pub checker_b: Color32,
    /// The shimmer of a disc, used sparingly: from the inside of the ring to the outside.
    pub iridescence: [Color32; 4],
    /// Behind dialogs.
    pub veil: Color32,
}

const fn rgb(code: u32) -> Color32 {
    let [_, r, g, b] = code.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

/// The light theme.
pub static LIGHT: Theme = Theme {
    dark: false,
    surface: rgb(0xffffff),
    raised: rgb(0xf4f5f6),
    sunken: rgb(0xe9ebed),
    line: rgb(0xdcdfe2),
    outline: rgb(0xb3bac2),
    text: rgb(0x1b1e22),
    text_dim: rgb(0x5a626b),
    accent: rgb(0x2463c4),
    on_accent: rgb(0xffffff),
    selection: rgb(0xdae8fc),
    selection_idle: rgb(0xe4e7ea),
    hover: rgb(0xeceef0),
    pressed: rgb(0xdfe2e6),
    ok: rgb(0x1c6e37),
    warn: rgb(0x855000),
    bad: rgb(0xb3261e),
    folder: rgb(0x4a7ab8),
    code_name: rgb(0x7a3a9a),
    code_type: rgb(0x0f6370),
    info_surface: rgb(0xedf3fb),
    warn_surface: rgb(0xfdf3dc),
    bad_surface: rgb(0xfce9e7),
    checker_a: rgb(0xffffff),
    checker_b: rgb(0xe3e5e8),
    iridescence: [rgb(0x8fb7e8), rgb(0x9fd3c4), rgb(0xe3d3a0), rgb(0xc9a9d8)],
    veil: Color32::from_rgba_premultiplied(8, 9, 10, 82),
};

/// The dark theme.
pub static DARK: Theme = Theme {
    dark: true,
    surface: rgb(0x1b1d20),
    raised: rgb(0x24272b),
    sunken: rgb(0x151719),
    line: rgb(0x363a40),
    outline: rgb(0x565d66),
    text: rgb(0xe6e8eb),
    text_dim: rgb(0xa3abb4),
    accent: rgb(0x82b1f5),
    on_accent: rgb(0x0e1a2b),
    selection: rgb(0x263b5b),
    selection_idle: rgb(0x33383f),
    hover: rgb(0x2b2f34),
    pressed: rgb(0x363b42),
    ok: rgb(0x74c78d),
    warn: rgb(0xe6b450),
    bad: rgb(0xf5918a),
    folder: rgb(0x8ab0de),
    code_name: rgb(0xcfa8f0),
    code_type: rgb(0x7cc7cf),
    info_surface: rgb(0x212a36),
    warn_surface: rgb(0x362d1a),
    bad_surface: rgb(0x3b2422),
    checker_a: rgb(0x2a2d31),
    checker_b: rgb(0x3a3e43),
    iridescence: [rgb(0x6f9fd8), rgb(0x78b8a6), rgb(0xcdb878), rgb(0xae88c2)],
    veil: Color32::from_rgba_premultiplied(0, 0, 0, 130),
};

impl Theme {
    /// The theme that `ui` is drawn in.
    pub fn of(ui: &egui::Ui) -> &'static Self {
        if ui.visuals().dark_mode { &DARK } else { &LIGHT }
    }

    /// The theme of all that is drawn in a context.
    pub fn of_context(context: &egui::Context) -> &'static Self {
        if context.theme() == egui::Theme::Dark { &DARK } else { &LIGHT }
    }

    /// The ring of the keyboard focus.
    pub fn focus_ring(&self) -> Stroke {
        Stroke::new(1.5, self.accent)
    }

    /// Separators, one step from the surface.
    pub fn separator(&self) -> Stroke {
        Stroke::new(1.0, self.line)
    }

    fn visuals(&self) -> Visuals {
        let mut visuals = if self.dark { Visuals::dark() } else { Visuals::light() };
        let rounding = CornerRadius::same(ROUNDING);
        let widget = |fill: Color32, stroke: Color32, text: Color32| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(1.0, stroke),
            corner_radius: rounding,
            fg_stroke: Stroke::new(1.0, text),
            expansion: 0.0,
        };
        visuals.widgets.noninteractive = widget(self.surface, self.line, self.text);
        let control = if self.dark { self.hover } else { self.surface };
        visuals.widgets.inactive = widget(control, self.outline, self.text);
        visuals.widgets.hovered = widget(self.hover, self.outline, self.text);
        visuals.widgets.active = widget(self.pressed, self.accent, self.text);
        visuals.widgets.open = widget(self.pressed, self.outline, self.text);
        visuals.selection.bg_fill = self.selection;
        // Also the frame of the field that is typed into.
        visuals.selection.stroke = Stroke::new(1.5, self.accent);
        visuals.override_text_color = None;
        visuals.weak_text_color = Some(self.text_dim);
        visuals.hyperlink_color = self.accent;
        visuals.faint_bg_color = self.raised;
        visuals.extreme_bg_color = self.sunken;
        visuals.text_edit_bg_color = Some(self.surface);
        visuals.code_bg_color = self.sunken;
        visuals.warn_fg_color = self.warn;
        visuals.error_fg_color = self.bad;
        visuals.window_corner_radius = CornerRadius::same(10);
        visuals.window_fill = self.raised;
        visuals.window_stroke = self.separator();
        let shadow =
            |y, blur, alpha| Shadow { offset: [0, y], blur, spread: 0, color: Color32::from_black_alpha(alpha) };
        visuals.window_shadow = shadow(8, 24, if self.dark { 120 } else { 48 });
        visuals.popup_shadow = shadow(4, 12, if self.dark { 96 } else { 36 });
        visuals.menu_corner_radius = CornerRadius::same(8);
        visuals.panel_fill = self.raised;
        visuals.text_cursor.stroke = Stroke::new(1.5, self.accent);
        visuals.numeric_color_space = NumericColorSpace::GammaByte;
        visuals.striped = false;
        visuals.indent_has_left_vline = false;
        visuals
    }

    fn style(&self, scale: f32) -> Style {
        let mut style = Style { visuals: self.visuals(), ..Style::default() };
        style.text_styles = [
            (TextStyle::Small, body_id(12.0 * scale)),
            (TextStyle::Body, body_id(13.0 * scale)),
            (TextStyle::Button, body_id(13.0 * scale)),
            (TextStyle::Heading, strong_id(15.0 * scale)),
            (TextStyle::Monospace, FontId::new(12.5 * scale, FontFamily::Monospace)),
        ]
        .into();
        let spacing = &mut style.spacing;
        spacing.item_spacing = vec2(PADDING, GRID);
        spacing.button_padding = vec2(10.0, GRID);
        spacing.interact_size = vec2(ROW, ROW);
        spacing.menu_margin = Margin::same(4);
        spacing.window_margin = Margin::same(16);
        spacing.icon_width = 16.0;
        spacing.icon_width_inner = 8.0;
        spacing.combo_width = 120.0;
        spacing.tooltip_width = 420.0;
        spacing.scroll = ScrollStyle {
            bar_width: 10.0,
            floating_width: 6.0,
            handle_min_length: 24.0,
            dormant_handle_opacity: 0.35,
            active_handle_opacity: 0.5,
            interact_handle_opacity: 0.8,
            dormant_background_opacity: 0.0,
            active_background_opacity: 0.0,
            interact_background_opacity: 0.4,
            foreground_color: true,
            ..ScrollStyle::floating()
        };
        // Rows of another folder stand in the same places: that is no mistake.
        #[cfg(debug_assertions)]
        {
            style.debug.warn_if_rect_changes_id = false;
        }
        style.animation_time = 0.12;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.5;
        style
    }
}

/// Ordinary text of `size` points.
pub fn body_id(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Semi-bold text of `size` points.
pub fn strong_id(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("strong".into()))
}

/// Text whose figures have one width, so that columns of numbers line up.
pub fn tabular_id(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("tabular".into()))
}

/// Icons from [`icons`](super::icons).
pub fn icon_id(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("icons".into()))
}

/// Size of the text of a style as the user set it, in points.
pub fn size_of(ui: &egui::Ui, style: TextStyle) -> f32 {
    ui.style().text_styles.get(&style).map_or(13.0, |id| id.size)
}

/// Installs fonts and both styles; `scale` is the user's factor for text, 1 by default.
pub fn install(ctx: &egui::Context, scale: f32) {
    ctx.set_fonts(fonts());
    install_styles(ctx, scale);
}

/// Installs both styles, such as after a change of the text size.
pub fn install_styles(ctx: &egui::Context, scale: f32) {
    ctx.set_style_of(egui::Theme::Light, LIGHT.style(scale));
    ctx.set_style_of(egui::Theme::Dark, DARK.style(scale));
}

fn fonts() -> egui::FontDefinitions {
    use egui::FontData;
    let mut fonts = egui::FontDefinitions::empty();
    let mut add = |name: &str, data: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(data)));
    };
    add("inter", include_bytes!("../../assets/fonts/Inter-Regular.otf"));
    add("inter-strong", include_bytes!("../../assets/fonts/Inter-SemiBold.otf"));
    add("inter-tabular", include_bytes!("../../assets/fonts/InterTabular-Regular.otf"));
    add("jetbrains-mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"));
    add("symbols", include_bytes!("../../assets/fonts/MaterialSymbolsRounded.ttf"));
    let families: [(FontFamily, &[&str]); 5] = [
        (FontFamily::Proportional, &["inter", "symbols"]),
        (FontFamily::Monospace, &["jetbrains-mono", "inter", "symbols"]),
        (FontFamily::Name("strong".into()), &["inter-strong", "symbols"]),
        (FontFamily::Name("tabular".into()), &["inter-tabular", "inter", "symbols"]),
        (FontFamily::Name("icons".into()), &["symbols", "inter"]),
    ];
    for (family, names) in families {
        fonts.families.insert(family, names.iter().map(|name| (*name).to_owned()).collect());
    }
    fonts
}

/// Size of a square button with only an icon.
pub fn icon_button_size() -> Vec2 {
    vec2(28.0, 28.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.1).
    fn luminance(color: Color32) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(color.r()) + 0.7152 * part(color.g()) + 0.0722 * part(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn all_text_is_readable_on_all_that_it_stands_on() {
        for theme in [&LIGHT, &DARK] {
            let grounds = [
                ("surface", theme.surface),
                ("raised", theme.raised),
                ("sunken", theme.sunken),
                ("selection", theme.selection),
                ("selection_idle", theme.selection_idle),
                ("hover", theme.hover),
                ("pressed", theme.pressed),
                ("info_surface", theme.info_surface),
                ("warn_surface", theme.warn_surface),
                ("bad_surface", theme.bad_surface),
            ];
            for (ground, behind) in grounds {
                for (name, text) in [("text", theme.text), ("text_dim", theme.text_dim)] {
                    let ratio = contrast(text, behind);
                    assert!(ratio >= 4.5, "{name} on {ground}, dark: {}, is {ratio:.2}", theme.dark);
                }
            }
            for (name, text) in [("accent", theme.accent), ("ok", theme.ok), ("warn", theme.warn), ("bad", theme.bad)] {
                for (ground, behind) in &grounds[..2] {
                    let ratio = contrast(text, *behind);
                    assert!(ratio >= 4.5, "{name} on {ground}, dark: {}, is {ratio:.2}", theme.dark);
                }
            }
            for (text, behind) in [
                (theme.on_accent, theme.accent),
                (theme.warn, theme.warn_surface),
                (theme.bad, theme.bad_surface),
                (theme.warn, theme.selection),
                (theme.bad, theme.selection),
                (theme.accent, theme.info_surface),
                (theme.accent, theme.hover),
                (theme.accent, theme.selection),
                (theme.code_name, theme.surface),
                (theme.code_name, theme.selection),
                (theme.code_type, theme.surface),
                (theme.code_type, theme.selection),
                (theme.ok, theme.selection),
            ] {
                assert!(contrast(text, behind) >= 4.5, "{text:?} on {behind:?}");
            }
            assert!(contrast(theme.folder, theme.surface) >= 3.0, "a shape, not text");
        }
    }
}
