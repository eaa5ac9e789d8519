//! How two trees of the image differ.

use egui::accesskit::Role;
use egui::{Align, Color32, ComboBox, Layout, RichText, Ui, WidgetInfo, vec2};

use super::rows::{self, RowsView};
use crate::app::Command;
use crate::app::compare::{CompareWish, Comparing};
use crate::app::model::differences::{Differences, Group, Line};
use crate::app::model::kind;
use crate::app::state::Disc;
use crate::disc::compare::Aspect;
use crate::disc::text::display;
use crate::disc::time::Timestamp;
use crate::disc::tree::{Kind, TreeId};
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, pages, table, widgets};

pub(super) fn compare_ui(
    ui: &mut Ui,
    view: &mut RowsView,
    disc: &Disc,
    comparing: &Comparing,
    units: Units,
    out: &mut Vec<Command>,
) {
    ui.heading("Compare trees");
    ui.add_space(theme::PADDING);
    choice(ui, disc, comparing, out);
    ui.add_space(theme::PADDING);
    status(ui, comparing, out);
    ui.add_space(theme::GRID);
    let size = vec2(ui.available_width(), (ui.ctx().content_rect().height() - 330.0).clamp(72.0, 480.0));
    match &comparing.found {
        Some(found) if !found.is_empty() => {
            let done = rows::rows_ui(ui, view, "Differences", found.len(), size, |ui, rect, row| {
                line_ui(ui, rect, found, row, units)
            });
            match done.chosen.and_then(|row| found.line(row)) {
                Some(Line::Heading(group)) => out.push(Command::Compare(CompareWish::Fold(group))),
                Some(Line::Finding(group, at)) => {
                    if let Some((tree, path)) = found.place(group, at, disc.tree_id()) {
                        out.push(Command::Reveal(tree, path.to_owned()));
                    }
                }
                None => {}
            }
        }
        found => {
            let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
            ui.painter().rect_filled(rect, theme::ROUNDING, Theme::of(ui).surface);
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect));
            nothing_to_list(&mut child, comparing, found.as_ref());
        }
    }
    super::buttons(ui, |ui| {
        if widgets::plain_button(ui, "Close").clicked() {
            out.push(Command::CloseDialog);
        }
        let found = comparing.found.as_ref().filter(|found| !found.is_empty());
        ui.add_enabled_ui(found.is_some(), |ui| {
            if widgets::plain_button(ui, "Copy as text").clicked()
                && let Some(found) = found
            {
                out.push(Command::CopyText(as_text(found, units)));
            }
        });
        if let Some(found) = found {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let comparison = &found.compared().comparison;
                let what = "parts could not be compared";
                rows::notes(ui, comparison.unlisted, &comparison.diagnostics, what);
            });
        }
    });
}

/// Which trees, and how closely.
fn choice(ui: &mut Ui, disc: &Disc, comparing: &Comparing, out: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        let [left, right] = comparing.trees;
        tree_combo(ui, disc, "Compare this tree", false, left, out);
        ui.label("with");
        tree_combo(ui, disc, "With this tree", true, right, out);
        ui.add_space(theme::GROUP);
        let mut contents = comparing.contents;
        let response = ui.checkbox(&mut contents, "Contents too");
        if response.on_hover_text("Read files that lie in two places, to tell whether their bytes differ").changed() {
            out.push(Command::Compare(CompareWish::Contents(contents)));
        }
        ui.add_space(theme::PADDING);
        let mut names = comparing.names;
        let response = ui.checkbox(&mut names, "Different names too");
        if response.on_hover_text("List what differs in nothing but its name").changed() {
            out.push(Command::Compare(CompareWish::Names(names)));
        }
    });
}

fn tree_combo(ui: &mut Ui, disc: &Disc, name: &str, right: bool, chosen: TreeId, out: &mut Vec<Command>) {
    let combo = ComboBox::from_id_salt(name).selected_text(chosen.label()).width(150.0).icon(widgets::combo_icon);
    let response = combo.show_ui(ui, |ui| {
        for tree in disc.image.trees() {
            let id = disc.image.id_of(tree.as_ref());
            if ui.selectable_label(id == chosen, id.label()).clicked() {
                out.push(Command::Compare(CompareWish::Tree(right, id)));
            }
        }
    });
    let label = format!("{name}: {}", chosen.label());
    response.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
}

/// One line of one height: what is going on, or what was found.
fn status(ui: &mut Ui, comparing: &Comparing, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let size = vec2(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_height(size.y);
        if let Some(running) = &comparing.running {
            if running.since.elapsed() >= pages::PATIENCE {
                widgets::spinner(ui, 16.0, "Comparing");
                let entries = running.progress.as_ref().map_or(0, |progress| progress.done);
                let far = if entries > 0 {
                    format!(": {}", format::count(entries, "entry", "entries"))
                } else {
                    String::new()
                };
                ui.label(RichText::new(format!("Comparing{far}")).color(theme.text_dim));
                if ui.button("Stop").clicked() {
                    out.push(Command::Compare(CompareWish::Stop));
                }
            } else {
                ui.ctx().request_repaint_after(pages::PATIENCE);
            }
        } else if let Some(found) = &comparing.found {
            ui.label(RichText::new(summary(found)).color(theme.text_dim));
        } else if ui.button("Compare").clicked() {
            out.push(Command::Compare(CompareWish::Again));
        }
    });
}

/// How many entries both trees have.
fn summary(found: &Differences) -> String {
    let comparison = &found.compared().comparison;
    let both = format::count(comparison.matched, "entry is in both", "entries are in both");
    match comparison.renamed {
        0 => both,
        1 => format!("{both}, 1 of them under another name"),
        many => format!("{both}, {} of them under other names", format::number(many)),
    }
}

fn nothing_to_list(ui: &mut Ui, comparing: &Comparing, found: Option<&Differences>) {
    if let Some(trouble) = &comparing.trouble {
        pages::nothing_ui(ui, icons::ERROR, "The trees could not be compared", &trouble.sentence);
    } else if let Some(found) = found {
        let more = match found.compared().options.contents {
            true => "Nothing is missing or different in either of them",
            false => "Nothing is missing in either of them; contents were not compared",
        };
        let title = match found.compared().comparison.diagnostics.is_empty() {
            true => "The trees show the same files",
            false => "As far as they can be read, the trees show the same files",
        };
        pages::nothing_ui(ui, icons::DONE, title, more);
    } else if comparing.running.is_none() {
        pages::nothing_ui(ui, icons::STOP, "The comparison was stopped", "");
    }
}

fn line_ui(ui: &Ui, rect: egui::Rect, found: &Differences, row: usize, units: Units) -> String {
    match found.line(row) {
        Some(Line::Heading(group)) => {
            let count = format::number(found.count(group) as u64);
            rows::heading(ui, rect, &title(found, group), &count, Some(found.is_folded(group)))
        }
        Some(Line::Finding(group, at)) => {
            let (path, more) = words(found, group, at, units).unwrap_or_default();
            rows::finding(ui, rect, icon(ui, found, group, at), &path, &more)
        }
        None => String::new(),
    }
}

fn title(found: &Differences, group: Group) -> String {
    let [left, right] = found.compared().trees.map(TreeId::label);
    match group {
        Group::OnlyLeft => format!("Only in {left}"),
        Group::OnlyRight => format!("Only in {right}"),
        Group::Different => "In both, but not alike".to_owned(),
        Group::Elsewhere => format!("In another folder in {right}"),
        Group::Names => "Under different names".to_owned(),
    }
}

/// The icon of what stands alone; of pairs only their paths are known.
fn icon(ui: &Ui, found: &Differences, group: Group, at: usize) -> (&'static str, Color32) {
    let comparison = &found.compared().comparison;
    let lone = match group {
        Group::OnlyLeft => comparison.only_left.get(at),
        Group::OnlyRight => comparison.only_right.get(at),
        Group::Different => None,
        Group::Elsewhere | Group::Names => return ("", Color32::TRANSPARENT),
    };
    let path = found.place(group, at, found.compared().trees[0]).map_or("", |(_, path)| path);
    let kind = lone.map_or(Kind::File, |lone| lone.kind);
    let (_, shape) = kind::of(kind, path.rsplit('/').next().unwrap_or(path));
    table::icon(shape, Theme::of(ui))
}

/// The path of a finding, and what there is to say of it.
fn words(found: &Differences, group: Group, at: usize, units: Units) -> Option<(String, String)> {
    let comparison = &found.compared().comparison;
    let lone = match group {
        Group::OnlyLeft => comparison.only_left.get(at)?,
        Group::OnlyRight => comparison.only_right.get(at)?,
        Group::Different => {
            let difference = comparison.differences.get(at)?;
            let aspects: Vec<_> = difference.aspects.iter().map(|aspect| aspect_text(found, aspect, units)).collect();
            return Some((display(&difference.paths.left).into_owned(), aspects.join("; ")));
        }
        Group::Elsewhere | Group::Names => {
            let list = if group == Group::Names { &comparison.names } else { &comparison.elsewhere };
            let pair = list.get(at)?;
            return Some((display(&pair.left).into_owned(), format!("→ {}", display(&pair.right))));
        }
    };
    let what = match (lone.size, lone.kind) {
        (Some(size), _) => format::size(size, units),
        (None, Kind::Folder) if lone.inside > 0 => {
            format!("folder with {}", format::count(lone.inside, "entry", "entries"))
        }
        (None, kind) => kind_text(kind).to_owned(),
    };
    Some((display(&lone.path).into_owned(), what))
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Folder => "folder",
        Kind::Symlink => "link",
        Kind::CharDevice | Kind::BlockDevice => "device",
        Kind::Fifo => "named pipe",
        Kind::Socket => "socket",
    }
}

/// In what two entries differ: the left one's value first.
fn aspect_text(found: &Differences, aspect: &Aspect, units: Units) -> String {
    let [left, right] = found.compared().trees.map(TreeId::label);
    let both = |one: String, two: String| format!("{one} in {left}, {two} in {right}");
    let sizes = |one: u64, two: u64| {
        let (short, other) = (format::size(one, units), format::size(two, units));
        // Sizes that only differ in their last digits are told to the last one.
        if short == other {
            both(format::size(one, Units::Bytes), format::size(two, Units::Bytes))
        } else {
            both(short, other)
        }
    };
    let moments = |one: &Option<Timestamp>, two: &Option<Timestamp>| {
        let [short, other] = [one, two].map(|moment| moment.map_or("no date".to_owned(), |moment| moment.short()));
        if short == other {
            let [one, two] = [one, two].map(|moment| moment.map_or(String::new(), |moment| moment.to_string()));
            both(one, two)
        } else {
            both(short, other)
        }
    };
    match aspect {
        Aspect::Kind(one, two) => both(kind_text(*one).to_owned(), kind_text(*two).to_owned()),
        Aspect::Packing(one, two) => format!("packed, as only one says: {}", sizes(*one, *two)),
        Aspect::Size(one, two) => sizes(*one, *two),
        Aspect::Modified(one, two) => format!("changed {}", moments(one, two)),
        Aspect::Content => "the same size, but other bytes".to_owned(),
    }
}

fn as_text(found: &Differences, units: Units) -> String {
    let mut text = String::new();
    for group in Group::ALL.into_iter().filter(|group| found.count(*group) > 0) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{} ({})\n", title(found, group), found.count(group)));
        for (path, more) in (0..found.count(group)).filter_map(|at| words(found, group, at, units)) {
            text.push_str(&format!("  {path}: {more}\n"));
        }
    }
    for note in found.compared().comparison.diagnostics.items() {
        text.push_str(&format!("{}\n", display(&note.to_string())));
    }
    text
}
