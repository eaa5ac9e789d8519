//! Where to extract to, and what will happen there.

use egui::{Align, Label, Layout, RichText, ScrollArea, TextEdit, Ui};

use crate::app::Command;
use crate::app::extraction::ExtractDialog;
use crate::disc::text;
use crate::extract::plan::Options;
use crate::extract::{OnConflict, Plan};
use crate::job::Planned;
use crate::ui::format::{self, Units};
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, pages, widgets};

/// Renamed and skipped entries that are listed before the work; the report lists them all.
const LISTED: usize = 100;

/// Height of the plan's summary: it does not jump when the plan changes.
const SUMMARY: f32 = 132.0;

pub(super) fn extract_ui(ui: &mut Ui, dialog: &ExtractDialog, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let field_id = egui::Id::unique("destination");
    // Enter means Extract, unless another button has the keyboard.
    let elsewhere = [field_id, crate::ui::table::focus_id(), crate::ui::folders::focus_id()];
    let enter = ui.input(|input| input.key_pressed(egui::Key::Enter))
        && ui.memory(|memory| memory.focused().is_none_or(|id| elsewhere.contains(&id)));
    ui.heading(format!("Extract {}", dialog.what));
    ui.add_space(theme::GROUP);

    ui.label(RichText::new("To this folder").color(theme.text_dim));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::plain_button(ui, "Choose…").clicked() {
                out.push(Command::ChooseDestination);
            }
            let mut destination = dialog.destination.clone();
            let field = TextEdit::singleline(&mut destination)
                .id(field_id)
                .desired_width(ui.available_width())
                .hint_text("A folder on this computer")
                .margin(egui::Margin::symmetric(8, 6));
            let response = ui.add(field);
            response.widget_info(|| {
                let mut info = egui::WidgetInfo::labeled(egui::accesskit::Role::TextInput, true, "Destination folder");
                info.current_text_value = Some(destination.clone());
                info
            });
            if response.changed() {
                out.push(Command::ExtractTo(destination));
            }
        });
    });
    ui.add_space(theme::PADDING);
    ui.label(RichText::new("When a name is there already").color(theme.text_dim));
    ui.horizontal(|ui| {
        for (answer, label) in [
            (OnConflict::KeepBoth, "Keep both"),
            (OnConflict::Skip, "Skip the new one"),
            (OnConflict::Replace, "Replace the old one"),
        ] {
            if widgets::radio(ui, dialog.options.on_conflict == answer, label).clicked() {
                out.push(Command::ExtractOptions(Options { on_conflict: answer, ..dialog.options }));
            }
        }
    });
    ui.add_space(theme::PADDING);
    ui.separator();
    ui.add_space(theme::GRID);
    ui.allocate_ui(egui::vec2(ui.available_width(), SUMMARY), |ui| {
        ui.set_min_height(SUMMARY);
        summary(ui, dialog, units, out);
    });

    let enough = dialog.plan.as_ref().is_some_and(|planned| planned.plan.room().suffices());
    super::buttons(ui, |ui| {
        ui.add_enabled_ui(enough, |ui| {
            let button = widgets::primary_button(ui, "Extract");
            if button.clicked() || enough && enter {
                out.push(Command::StartExtraction);
            }
        });
        if widgets::plain_button(ui, "Cancel").clicked() {
            out.push(Command::CloseDialog);
        }
    });
}

fn summary(ui: &mut Ui, dialog: &ExtractDialog, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    if let Some(trouble) = &dialog.trouble {
        ui.horizontal_top(|ui| {
            widgets::line_icon(ui, icons::ERROR, theme.bad);
            ui.add(Label::new(RichText::new(&trouble.sentence).color(theme.text)).wrap());
        });
    } else if let Some(planned) = &dialog.plan {
        plan_ui(ui, planned, dialog, units, out);
    } else if let Some((_, since)) = dialog.planning {
        pages::waiting_ui(ui, since, "Looking at what there is to extract");
    } else {
        ui.weak("Type or choose a folder");
    }
}

fn plan_ui(ui: &mut Ui, planned: &Planned, dialog: &ExtractDialog, units: Units, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let plan: &Plan = &planned.plan;
    let totals = plan.totals();
    let files = format::count(totals.files, "file", "files");
    let folders = match totals.folders {
        0 => String::new(),
        folders => format!(" in {}", format::count(folders, "folder", "folders")),
    };
    ui.label(RichText::new(format!("{files}{folders}, {}", format::size(totals.bytes, units))).strong());
    let room = plan.room();
    if let Some(free) = room.free {
        let (needed, free) = (format::size(room.needed, units), format::size(free, units));
        match room.suffices() {
            true => ui.weak(format!("{free} are free there")),
            false => line(ui, icons::ERROR, theme.bad, &format!("This needs {needed}, but only {free} are free there")),
        };
    }
    for (number, one, many) in [
        (totals.renamed, "item gets another name", "items get other names"),
        (totals.replaced, "item replaces a file that is there", "items replace files that are there"),
        (totals.skipped - totals.damaged.min(totals.skipped), "item is left out", "items are left out"),
        (
            totals.damaged,
            "file is not whole on this image, and is left out",
            "files are not whole on this image, and are left out",
        ),
        (
            totals.rescued,
            "file is not whole on this image: what can be read is kept",
            "files are not whole on this image: what can be read is kept",
        ),
    ] {
        if number > 0 {
            line(ui, icons::WARNING, theme.warn, &format::count(number, one, many));
        }
    }
    choices(ui, plan, dialog.options, out);
    if let Some(sentence) = plan.over_budget() {
        line(ui, icons::WARNING, theme.warn, sentence);
    }
    if planned.leftovers > 0 {
        let text = format::count(planned.leftovers as u64, "unfinished file", "unfinished files");
        let mut remove = dialog.remove_leftovers;
        let label = format!("Remove {text} of an earlier extraction that was interrupted");
        if ui.checkbox(&mut remove, label).changed() {
            out.push(Command::RemoveLeftovers(remove));
        }
    }
    if totals.renamed + totals.skipped + totals.replaced + totals.rescued > 0 {
        egui::CollapsingHeader::new("Which ones")
            .id_salt("which")
            .icon(widgets::fold_icon)
            .show(ui, |ui| which(ui, plan));
    }
}

fn which(ui: &mut Ui, plan: &Plan) {
    ScrollArea::vertical().max_height(180.0).auto_shrink([false, true]).show(ui, |ui| {
        let entries = plan.renamed().chain(plan.replaced()).chain(plan.rescued()).chain(plan.skipped());
        for at in entries.take(LISTED) {
            let from = plan.from_path(at);
            ui.label(text::display(&from).as_ref());
            let reason = plan.reason(at).unwrap_or_default();
            let to = plan.to_path(at);
            let changed = plan.entry(at).is_some_and(|entry| !entry.changes.is_empty()) && to != from;
            let why = if changed { format!("→ {}   {reason}", text::display(&to)) } else { reason };
            ui.label(RichText::new(why).small().weak());
        }
        let all = plan.totals();
        let more = (all.renamed + all.replaced + all.rescued + all.skipped).saturating_sub(LISTED as u64);
        if more > 0 {
            ui.weak(format!("{} more", format::number(more)));
        }
    });
}

/// What can be done about entries that are left out, where there are any.
fn choices(ui: &mut Ui, plan: &Plan, options: Options, out: &mut Vec<Command>) {
    let totals = plan.totals();
    let (mut keep_damaged, mut links) = (options.keep_damaged, options.links);
    let mut changed = false;
    if totals.damaged > 0 || totals.rescued > 0 || keep_damaged {
        let text = "Keep what can be read of damaged files";
        let response = ui.checkbox(&mut keep_damaged, text);
        changed |= response.on_hover_text("As NAME.damaged, with a list of what is missing beside it").changed();
    }
    if cfg!(unix) && (totals.links > 0 || links) {
        let response = ui.checkbox(&mut links, "Make symbolic links that stay inside the folder");
        changed |= response.on_hover_text("After everything else; links that lead elsewhere are left out").changed();
    }
    if changed {
        out.push(Command::ExtractOptions(Options { keep_damaged, links, ..options }));
    }
}

fn line(ui: &mut Ui, icon: &str, color: egui::Color32, text: &str) -> egui::Response {
    ui.horizontal_top(|ui| {
        widgets::line_icon(ui, icon, color);
        ui.add(Label::new(text).wrap());
    })
    .response
}
