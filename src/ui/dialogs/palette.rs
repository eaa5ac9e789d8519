//! The command palette: every command by its name.

use egui::{
    Context, Frame, Id, Key, Margin, Modal, Rect, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, accesskit::Role, vec2,
};

use crate::app::{Command, State};
use crate::ui::menu::is_enabled;
use crate::ui::theme::{self, Theme};
use crate::ui::widgets;

/// What is typed in the palette.
#[derive(Default)]
pub(super) struct PaletteView {
    query: String,
    row: usize,
    opened: bool,
}

/// Draws the palette.
pub(super) fn palette_ui(ctx: &Context, view: &mut PaletteView, state: &State, out: &mut Vec<Command>) {
    let theme = super::theme_of(ctx);
    let width = 520.0_f32.min(ctx.content_rect().width() - 80.0);
    let frame = Frame::popup(&ctx.global_style()).fill(theme.raised).inner_margin(Margin::same(8)).corner_radius(10.0);
    let area = Modal::default_area(Id::unique("palette")).anchor(egui::Align2::CENTER_TOP, vec2(0.0, 72.0));
    let response =
        Modal::new(Id::unique("palette")).area(area).backdrop_color(theme.veil).frame(frame).show(ctx, |ui| {
            ui.set_width(width);
            let found = matching(&view.query, state);
            let (up, down, enter) = ui.input_mut(|input| {
                let mut key = |key| input.consume_key(egui::Modifiers::NONE, key);
                (key(Key::ArrowUp), key(Key::ArrowDown), key(Key::Enter))
            });
            let last = found.len().saturating_sub(1);
            view.row = view.row.saturating_add(usize::from(down)).saturating_sub(usize::from(up)).min(last);
            let field = ui.add(
                TextEdit::singleline(&mut view.query)
                    .hint_text("Type the name of a command")
                    .desired_width(f32::INFINITY)
                    .margin(Margin::symmetric(8, 6)),
            );
            field.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Command palette"));
            if !view.opened {
                view.opened = true;
                field.request_focus();
            }
            if field.changed() {
                view.row = 0;
            }
            ui.add_space(theme::GRID);
            let found = matching(&view.query, state);
            ScrollArea::vertical().max_height(12.0 * 32.0).auto_shrink([false, true]).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (at, command) in found.iter().enumerate() {
                    if row_ui(ui, command, at == view.row, up || down) {
                        out.push(Command::CloseDialog);
                        out.push(command.clone());
                    }
                }
                if found.is_empty() {
                    ui.add_space(theme::PADDING);
                    ui.vertical_centered(|ui| ui.weak("No command has this name"));
                    ui.add_space(theme::PADDING);
                }
            });
            if let Some(command) = found.get(view.row).filter(|_| enter) {
                out.push(Command::CloseDialog);
                out.push(command.clone());
            }
        });
    if response.should_close() {
        out.push(Command::CloseDialog);
    }
}

/// The commands that mean something now and whose names hold the letters of `query` in this order.
fn matching(query: &str, state: &State) -> Vec<Command> {
    let mut found: Vec<(usize, Command)> = Command::ALL
        .into_iter()
        .filter(|command| *command != Command::Palette && is_enabled(state, command))
        .filter_map(|command| Some((rank(command.text(), query)?, command)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, command)| command).collect()
}

/// How well `query` fits `name`: 0 is best; `None` when it does not.
fn rank(name: &str, query: &str) -> Option<usize> {
    let (name, query) = (name.to_lowercase(), query.trim().to_lowercase());
    if name.starts_with(&query) {
        return Some(0);
    }
    if name.split_whitespace().any(|word| word.starts_with(&query)) {
        return Some(1);
    }
    if name.contains(&query) {
        return Some(2);
    }
    let mut letters = name.chars();
    query
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .all(|letter| letters.any(|other| other == letter))
        .then_some(3)
}

fn row_ui(ui: &mut Ui, command: &Command, selected: bool, scroll: bool) -> bool {
    let Some(info) = command.info() else { return false };
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, selected, info.text));
    if selected {
        ui.painter().rect_filled(rect, theme::ROUNDING, theme.selection);
        if scroll {
            response.scroll_to_me(None);
        }
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::ROUNDING, theme.hover);
    }
    // The scroll bar floats above the right end.
    let inner = Rect::from_min_max(rect.min + vec2(theme::PADDING, 0.0), rect.max - vec2(16.0, 0.0));
    let galley = widgets::line(ui.painter(), info.text, theme::body_id(13.0), theme.text, inner.width());
    let after = inner.left() + galley.size().x + theme::GROUP;
    widgets::paint_left(ui.painter(), rect, inner.left(), galley, theme.text);
    let keys = info.shortcuts.first().map(|shortcut| shortcut.text()).unwrap_or_default();
    let keys = widgets::line(ui.painter(), &keys, theme::body_id(12.0), theme.text_dim, 160.0);
    let keys_left = inner.right() - keys.size().x;
    widgets::paint_left(ui.painter(), rect, keys_left, keys, theme.text_dim);
    let room = Rect::from_x_y_ranges(after..=keys_left - theme::GROUP, rect.y_range());
    if room.width() > 60.0 {
        let galley = widgets::line(ui.painter(), info.tooltip, theme::body_id(12.0), theme.text_dim, room.width());
        widgets::paint_left(ui.painter(), rect, after, galley, theme.text_dim);
    }
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_are_enough_and_beginnings_come_first() {
        assert_eq!(rank("Extract everything…", "ext"), Some(0));
        assert_eq!(rank("Extract everything…", "every"), Some(1));
        assert_eq!(rank("Extract everything…", "act"), Some(2));
        assert_eq!(rank("Extract everything…", "exall"), None);
        assert_eq!(rank("Extract everything…", "exev"), Some(3));
        let all = matching("", &State::default());
        assert!(all.contains(&Command::Open) && !all.contains(&Command::Extract), "only what means something now");
    }
}
