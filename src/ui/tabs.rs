//! What the middle of the window shows: the files, how the disc starts, or whether it is whole.

use egui::{Rect, Sense, TextStyle, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::theme::{self, Theme};
use super::widgets;
use crate::app::Command;
use crate::app::boot::Tab;
use crate::app::state::Disc;

/// Height of the row of tabs.
const HEIGHT: f32 = 32.0;

/// Draws the row of tabs.
pub(super) fn tabs_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    ui.painter().rect_filled(bar, 0.0, theme.raised);
    ui.painter().hline(bar.x_range(), bar.bottom() - 0.5, theme.separator());
    let size = theme::size_of(ui, TextStyle::Body);
    let mut left = bar.left() + theme::GRID;
    for tab in Tab::ALL {
        let (name, command) = match tab {
            Tab::Files => ("Files", Command::ShowFiles),
            Tab::Boot => ("Boot", Command::ShowBoot),
            Tab::Integrity => ("Integrity", Command::ShowIntegrity),
        };
        let chosen = disc.tab == tab;
        let color = if chosen { theme.text } else { theme.text_dim };
        let font = if chosen { theme::strong_id(size) } else { theme::body_id(size) };
        let galley = ui.painter().layout_no_wrap(name.to_owned(), font, color);
        // As wide as the stronger of its looks, so that nothing moves when it is chosen.
        let widest = ui.painter().layout_no_wrap(name.to_owned(), theme::strong_id(size), color).size().x;
        let rect = Rect::from_min_size(pos2(left, bar.top()), vec2(widest + 2.0 * theme::GROUP, HEIGHT));
        left = rect.right();
        let response = ui.interact(rect, egui::Id::unique(("tab", name)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, chosen, name));
        if response.hovered() && !chosen {
            ui.painter().rect_filled(rect.shrink2(vec2(2.0, 4.0)), theme::ROUNDING, theme.hover);
        }
        let at = pos2(rect.center().x - galley.size().x / 2.0, (rect.center().y - galley.size().y / 2.0).round());
        ui.painter().galley(at, galley, color);
        if chosen {
            let line = Rect::from_min_max(
                pos2(rect.left() + theme::GROUP, rect.bottom() - 2.0),
                pos2(rect.right() - theme::GROUP, rect.bottom()),
            );
            ui.painter().rect_filled(line, 1.0, theme.accent);
        }
        widgets::focus_ring(ui, &response, rect.shrink(2.0));
        let tooltip = widgets::command_tooltip(&command);
        if response.on_hover_text(tooltip).clicked() {
            out.push(command);
        }
    }
}
