//! What contradicts something else.

use egui::{Label, Ui};

use super::super::theme::{self, Theme};
use super::super::{icons, widgets};
use super::place_link;
use crate::app::Command;
use crate::boot::study::Study;
use crate::disc::{Severity, text};

/// Draws the findings; nothing where there is none.
pub(super) fn findings_ui(ui: &mut Ui, study: &Study, out: &mut Vec<Command>) {
    let findings = study.report.findings.items();
    if findings.is_empty() {
        return;
    }
    super::title(ui, "Findings", |_| {});
    let theme = Theme::of(ui);
    for finding in findings {
        let (icon, color) = match finding.severity {
            Severity::Info => (icons::INFO, theme.accent),
            Severity::Warning => (icons::WARNING, theme.warn),
            Severity::Error => (icons::ERROR, theme.bad),
        };
        ui.horizontal_top(|ui| {
            widgets::line_icon(ui, icon, color);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add(Label::new(text::display(&finding.message)).wrap());
                ui.horizontal(|ui| {
                    ui.label(egui::RichText::new(finding.structure).small().color(theme.text_dim));
                    place_link(ui, finding.offset, 1, out);
                });
            });
        });
        ui.add_space(theme::GRID);
    }
}
