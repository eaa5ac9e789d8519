//! The answer: one sentence, and a grid of computers and media that can be read at a glance.

use egui::{Label, Rect, RichText, Sense, TextStyle, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::super::theme::{self, Theme};
use super::super::widgets;
use super::{Seen, mark, place_link, state_of};
use crate::app::Command;
use crate::app::boot::{BootWish, Pick};
use crate::boot::verdict::summary::Summary;
use crate::boot::verdict::{Boots, Firmware, Medium, Verdict};
use crate::disc::text;

const ROW: f32 = 32.0;
const CELL: f32 = 148.0;

pub(super) fn verdicts_ui(ui: &mut Ui, seen: &Seen<'_>, out: &mut Vec<Command>) {
    let study = seen.study;
    let theme = Theme::of(ui);
    let summary = Summary::new(&study.verdicts, &study.report);
    let (icon, color) = mark(theme, state_of(summary.boots));
    let size = theme::size_of(ui, TextStyle::Heading) + 3.0;
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(28.0, size * 1.4), Sense::hover());
        widgets::paint_icon(ui.painter(), rect, icon, 26.0, color);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
            if !seen.is_picture {
                actions(ui, out);
            }
            if seen.is_first_look {
                widgets::spinner(ui, 16.0, "Looking at all programs").on_hover_text("Looking at all programs");
            }
            ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                ui.add(Label::new(RichText::new(&summary.sentence).font(theme::strong_id(size))).wrap());
                if let Some(stick) = &summary.stick {
                    ui.add(Label::new(RichText::new(text::display(stick)).color(theme.text_dim)).wrap());
                }
            });
        });
    });
    ui.add_space(theme::GROUP);
    grid(ui, seen, out);
    if let Some(Pick::Verdict(at)) = seen.pick
        && let Some(verdict) = study.verdicts.get(at)
    {
        ui.add_space(theme::PADDING);
        reasons(ui, verdict, out);
    }
}

/// What can be done with all of it.
fn actions(ui: &mut Ui, out: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = theme::PADDING;
    if ui.button("Copy as text").on_hover_text("Copy all that is known of how the disc starts").clicked() {
        out.push(Command::Boot(BootWish::CopyText));
    }
    if ui.button("Save picture…").on_hover_text("Save the answer and the way as a picture, PNG or SVG").clicked() {
        out.push(Command::Boot(BootWish::ChoosePicture));
    }
}

/// One row for each kind of computer, one column for each medium.
fn grid(ui: &mut Ui, seen: &Seen<'_>, out: &mut Vec<Command>) {
    let verdicts = &seen.study.verdicts;
    let theme = Theme::of(ui);
    let small = theme::size_of(ui, TextStyle::Small);
    let body = theme::size_of(ui, TextStyle::Body);
    let width = ui.available_width();
    let label_width = (width - 2.0 * CELL).clamp(120.0, 340.0);
    let columns = [(Medium::Optical, "From a disc"), (Medium::Usb, "From a stick, as it is")];
    let (head, _) = ui.allocate_exact_size(vec2(label_width + 2.0 * CELL, 24.0), Sense::hover());
    for (at, (_, name)) in columns.iter().enumerate() {
        let left = head.left() + label_width + at as f32 * CELL + theme::PADDING;
        let galley = widgets::line(ui.painter(), name, theme::body_id(small), theme.text_dim, CELL - theme::PADDING);
        widgets::paint_left(ui.painter(), head, left, galley, theme.text_dim);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut kinds: Vec<(Firmware, &str, Option<bool>)> = Vec::new();
    for verdict in verdicts {
        let kind = (verdict.firmware, verdict.arch, verdict.secure_boot);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    for (firmware, arch, secure_boot) in kinds {
        let (row, _) = ui.allocate_exact_size(vec2(label_width + 2.0 * CELL, ROW), Sense::hover());
        ui.painter().hline(row.x_range(), row.top(), theme.separator());
        let (name, more) = computer(firmware, arch, secure_boot);
        let galley = widgets::line(ui.painter(), name, theme::body_id(body), theme.text, label_width);
        let used = galley.size().x;
        widgets::paint_left(ui.painter(), row, row.left(), galley, theme.text);
        let room = label_width - used - theme::PADDING;
        if room > 40.0 {
            let galley = widgets::line(ui.painter(), more, theme::body_id(small), theme.text_dim, room);
            widgets::paint_left(ui.painter(), row, row.left() + used + theme::PADDING, galley, theme.text_dim);
        }
        for (at, (medium, column)) in columns.iter().enumerate() {
            let found = verdicts.iter().enumerate().find(|(_, verdict)| {
                let kind = (verdict.firmware, verdict.arch, verdict.secure_boot);
                kind == (firmware, arch, secure_boot) && verdict.medium == *medium
            });
            let Some((number, verdict)) = found else { continue };
            let left = row.left() + label_width + at as f32 * CELL;
            let rect = Rect::from_min_size(pos2(left, row.top()), vec2(CELL, ROW)).shrink2(vec2(2.0, 3.0));
            cell(ui, seen, rect, number, verdict, &format!("{name}, {column}"), out);
        }
    }
    ui.add_space(theme::GRID);
}

fn cell(
    ui: &mut Ui,
    seen: &Seen<'_>,
    rect: Rect,
    number: usize,
    verdict: &Verdict,
    name: &str,
    out: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let word = match verdict.boots {
        Boots::Yes => "Starts",
        Boots::No => "Does not start",
        Boots::Unknown if verdict.depends => "Starts on some",
        Boots::Unknown => "Cannot be told",
    };
    let response = ui.interact(rect, egui::Id::unique(("verdict", number)), Sense::click());
    let chosen = seen.pick == Some(Pick::Verdict(number));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, format!("{name}: {word}")));
    if chosen {
        ui.painter().rect_filled(rect, theme::ROUNDING, theme.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::ROUNDING, theme.hover);
    }
    widgets::focus_ring(ui, &response, rect);
    let (icon, color) = mark(theme, state_of(verdict.boots));
    // Nobody is told in red that a disc for PCs is for no other computer.
    let color = if is_for_others(&seen.study.verdicts, verdict) { theme.text_dim } else { color };
    let at = Rect::from_min_size(pos2(rect.left() + 6.0, rect.center().y - 9.0), vec2(18.0, 18.0));
    widgets::paint_icon(ui.painter(), at, icon, 18.0, color);
    let size = theme::size_of(ui, TextStyle::Body);
    let room = rect.right() - at.right() - 8.0;
    let galley = widgets::line(ui.painter(), word, theme::body_id(size), color, room);
    widgets::paint_left(ui.painter(), rect, at.right() + 6.0, galley, color);
    if response.on_hover_text(text::display(&verdict.why)).clicked() {
        out.push(Command::Boot(BootWish::Pick((!chosen).then_some(Pick::Verdict(number)))));
    }
}

/// True for other computers than PCs where nothing of the disc is for them.
fn is_for_others(verdicts: &[Verdict], verdict: &Verdict) -> bool {
    let mut alike = verdicts.iter().filter(|other| other.arch == verdict.arch);
    !matches!(verdict.arch, "x86" | "x64") && alike.all(|other| other.boots == Boots::No)
}

/// Which computer, and which those are.
fn computer(firmware: Firmware, arch: &str, secure_boot: Option<bool>) -> (&'static str, &'static str) {
    match (firmware, arch, secure_boot) {
        (Firmware::Bios, ..) => ("PC with a BIOS", "up to about 2012, or “legacy” mode"),
        (Firmware::Uefi, "x64", Some(true)) => ("PC with UEFI and Secure Boot", "as new PCs are sold"),
        (Firmware::Uefi, "x64", _) => ("PC with UEFI", "Secure Boot off"),
        (Firmware::Uefi, "ia32", Some(true)) => ("32-bit UEFI and Secure Boot", "a few small PCs and tablets"),
        (Firmware::Uefi, "ia32", _) => ("32-bit UEFI", "a few small PCs and tablets"),
        (Firmware::Uefi, "aa64", Some(true)) => ("ARM with UEFI and Secure Boot", "64-bit"),
        (Firmware::Uefi, "aa64", _) => ("ARM with UEFI", "64-bit, Secure Boot off"),
        (Firmware::Uefi, "arm", Some(true)) => ("32-bit ARM with UEFI and Secure Boot", ""),
        (Firmware::Uefi, "arm", _) => ("32-bit ARM with UEFI", "Secure Boot off"),
        (Firmware::Uefi, "riscv64", Some(true)) => ("RISC-V with UEFI and Secure Boot", "64-bit"),
        (Firmware::Uefi, "riscv64", _) => ("RISC-V with UEFI", "64-bit, Secure Boot off"),
        (Firmware::Uefi, "loongarch64", Some(true)) => ("LoongArch with UEFI and Secure Boot", "64-bit"),
        (Firmware::Uefi, "loongarch64", _) => ("LoongArch with UEFI", "64-bit, Secure Boot off"),
        (Firmware::Uefi, _, Some(true)) => ("Another computer with UEFI and Secure Boot", ""),
        (Firmware::Uefi, ..) => ("Another computer with UEFI", "Secure Boot off"),
    }
}

/// Why, and what that rests on.
fn reasons(ui: &mut Ui, verdict: &Verdict, out: &mut Vec<Command>) {
    super::super::card::card(ui, |ui| {
        super::sentence(ui, state_of(verdict.boots), &text::display(&verdict.why));
        if verdict.evidence.is_empty() {
            return;
        }
        ui.add_space(theme::GRID);
        let theme = Theme::of(ui);
        for evidence in &verdict.evidence {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = theme::PADDING;
                ui.add_space(26.0);
                ui.label(RichText::new(evidence.structure).small().color(theme.text_dim));
                ui.label(RichText::new(text::display(&evidence.says)).small());
                place_link(ui, evidence.offset, 1, out);
            });
        }
    });
}
