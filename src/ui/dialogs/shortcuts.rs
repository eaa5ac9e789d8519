//! All keys at a glance.

use egui::{RichText, ScrollArea, Ui};

use crate::app::Command;
use crate::app::shortcut::Shortcut;
use crate::ui::theme::{self, Theme};

/// Keys of the table and the tree, which are no commands of their own.
const LIST_KEYS: [(&str, &str); 8] = [
    ("↑ ↓  Page Up  Page Down  Home  End", "Move through the list"),
    ("Shift + the same", "Select what lies between"),
    ("Ctrl + the same", "Move without selecting"),
    ("Ctrl+Space", "Select or deselect the row"),
    ("Letters", "Go to the name that begins so"),
    ("Esc", "Leave the search, select nothing"),
    ("→ ←", "Open or close a branch of the tree"),
    ("Tab", "To the next part of the window"),
];

pub(super) fn shortcuts_ui(ui: &mut Ui, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    ui.heading("Keyboard shortcuts");
    ui.add_space(theme::GROUP);
    let commands = Command::ALL.into_iter().filter_map(|command| command.info());
    let commands = commands.filter(|info| !info.shortcuts.is_empty()).map(|info| {
        let keys: Vec<String> = info.shortcuts.iter().copied().map(Shortcut::text).collect();
        (keys.join("  "), info.text.trim_end_matches('…').to_owned())
    });
    let keys = LIST_KEYS.iter();
    let rows: Vec<(String, String)> =
        commands.chain(keys.map(|(keys, what)| ((*keys).to_owned(), (*what).to_owned()))).collect();
    let height = (ui.ctx().content_rect().height() - 220.0).max(120.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        let half = rows.len().div_ceil(2);
        ui.columns(2, |columns| {
            for (at, (column, rows)) in columns.iter_mut().zip([&rows[..half], &rows[half..]]).enumerate() {
                egui::Grid::new(("keys", at)).num_columns(2).spacing([theme::GROUP, 6.0]).show(column, |ui| {
                    for (keys, what) in rows {
                        ui.label(what);
                        ui.add(egui::Label::new(RichText::new(keys).size(12.0).color(theme.text_dim)).wrap());
                        ui.end_row();
                    }
                });
            }
        });
    });
    super::close_row(ui, out);
}
