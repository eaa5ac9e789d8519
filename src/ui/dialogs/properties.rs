//! What the image says about itself.

use egui::{Label, RichText, ScrollArea, Ui};

use crate::app::Command;
use crate::app::state::Disc;
use crate::disc::{text, tree::DetailGroup};
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};

/// Width of the places of the fields, in points.
const PLACE: f32 = 104.0;

pub(super) fn properties_ui(ui: &mut Ui, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let groups = groups(disc, units);
    ui.horizontal(|ui| {
        ui.heading("Image properties");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button(format!("{} Copy all", icons::COPY)).clicked() {
                out.push(Command::CopyText(as_text(&groups)));
            }
        });
    });
    ui.add_space(theme::PADDING);
    let height = (ui.ctx().content_rect().height() - 260.0).max(120.0);
    ScrollArea::vertical()
        .max_height(height)
        .auto_shrink([false, true])
        .content_margin(egui::Margin { right: 16, ..egui::Margin::ZERO })
        .show(ui, |ui| {
            for (at, group) in groups.iter().enumerate() {
                let id = egui::Id::unique(("property group", at, &group.title, group.fields.len()));
                widgets::where_seen(ui, id, |ui| group_ui(ui, group, theme));
            }
        });
    super::close_row(ui, out);
}

fn group_ui(ui: &mut Ui, group: &DetailGroup, theme: &Theme) {
    ui.add_space(theme::PADDING);
    ui.label(RichText::new(text::display(&group.title)).font(theme::strong_id(13.0)));
    ui.separator();
    for field in &group.fields {
        ui.horizontal_top(|ui| {
            let label = Label::new(RichText::new(field.label).color(theme.text_dim)).wrap();
            ui.allocate_ui(egui::vec2(180.0, theme::ROW), |ui| {
                ui.set_width(180.0);
                ui.add(label);
            });
            let value = text::display(&field.value);
            let value = if value.trim().is_empty() { "–".into() } else { value };
            let room = (ui.available_width() - PLACE - theme::PADDING).max(80.0);
            ui.allocate_ui(egui::vec2(room, 0.0), |ui| {
                ui.set_width(room);
                ui.add(Label::new(value.as_ref()).wrap().selectable(true));
            });
            if let Some(offset) = field.offset {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                    let text = RichText::new(format!("byte {}", format::number(offset)));
                    ui.label(text.font(theme::tabular_id(11.0)).color(theme.text_dim));
                });
            }
        });
    }
}

/// The image's own fields, after what is known of its file.
fn groups(disc: &Disc, units: Units) -> Vec<DetailGroup> {
    let mut file = DetailGroup::new("Image");
    file.add("Name", disc.name(), None);
    if let Some(folder) = disc.origin.path().and_then(|path| path.parent()) {
        file.add("Folder", folder.to_string_lossy(), None);
    }
    let len = disc.image.source().len();
    file.add("Size", format!("{} ({} bytes)", format::size(len, units), format::number(len)), None);
    file.add("Container", disc.image.container(), None);
    file.add("Formats", disc.image.formats().join(", "), None);
    if let Some(index) = disc.index.get() {
        let totals = index.totals();
        let files = format::count(totals.files, "file", "files");
        let folders = format::count(totals.folders, "folder", "folders");
        file.add("Contents", format!("{files} in {folders}, {}", format::size(totals.bytes, units)), None);
    }
    let mut groups = vec![file];
    groups.extend(disc.image.details());
    groups
}

fn as_text(groups: &[DetailGroup]) -> String {
    let mut lines = Vec::new();
    for group in groups {
        lines.push(text::display(&group.title).into_owned());
        lines.extend(group.fields.iter().map(|field| format!("  {}: {}", field.label, text::display(&field.value))));
    }
    lines.join("\n")
}
