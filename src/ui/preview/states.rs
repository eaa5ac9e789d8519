//! What the pane shows where there are no bytes to look at.

use egui::{Align, Layout, RichText, Ui};

use super::super::format::{self, Units};
use super::super::theme::{self, Theme};
use super::super::{icons, widgets};
use crate::app::Command;
use crate::job::FolderCounts;

/// An icon, a sentence, and what else there is to say.
pub(super) fn message(ui: &mut Ui, icon: &str, sentence: &str, more: &str) {
    lines(ui, icon, sentence, &[more.to_owned()]);
}

fn lines(ui: &mut Ui, icon: &str, sentence: &str, more: &[String]) {
    let theme = Theme::of(ui);
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space((ui.available_height() * 0.3).max(theme::GROUP));
        ui.label(RichText::new(icon).font(theme::icon_id(32.0)).color(theme.text_dim));
        ui.add_space(theme::GRID);
        ui.add(egui::Label::new(RichText::new(sentence).color(theme.text)).wrap());
        for line in more.iter().filter(|line| !line.is_empty()) {
            ui.add(egui::Label::new(RichText::new(line).small().color(theme.text_dim)).wrap());
        }
    });
}

/// Several things are selected.
pub(super) fn several(ui: &mut Ui, count: u64, bytes: u64, units: Units) {
    let sentence = format!("{} selected", format::count(count, "item", "items"));
    let more = if bytes > 0 { format!("{} in files", format::size(bytes, units)) } else { String::new() };
    lines(ui, icons::LAYERS, &sentence, &[more]);
}

/// What a folder holds.
pub(super) fn folder(ui: &mut Ui, counts: &FolderCounts, units: Units) {
    let FolderCounts { folders, files, others, bytes, incomplete } = *counts;
    if folders == 0 && files == 0 && others == 0 {
        return message(ui, icons::FOLDER, "The folder is empty", "");
    }
    let mut parts = Vec::new();
    if folders > 0 {
        parts.push(format::count(folders, "folder", "folders"));
    }
    if files > 0 {
        parts.push(format::count(files, "file", "files"));
    }
    if others > 0 {
        parts.push(format::count(others, "link or device", "links and devices"));
    }
    let mut more = Vec::new();
    if bytes > 0 {
        more.push(format!("{} in its own files", format::size(bytes, units)));
    } else if files > 0 {
        more.push("All of its own files are empty".to_owned());
    }
    if incomplete > 0 {
        more.push(format!("{} not complete", format::count(incomplete, "file is", "files are")));
    }
    lines(ui, icons::FOLDER, &parts.join(", "), &more);
}

/// Where a link leads.
pub(super) fn link(ui: &mut Ui, target: &str, out: &mut Vec<Command>) {
    let shown = crate::disc::text::display(target);
    lines(ui, icons::LINK, "A link to", &[shown.to_string()]);
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space(theme::GRID);
        if widgets::plain_button(ui, "Copy target").clicked() {
            out.push(Command::CopyText(shown.to_string()));
        }
    });
}
