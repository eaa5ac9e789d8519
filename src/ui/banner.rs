//! Lines across the top of the window: what has to be said above everything else.

use egui::{Frame, Margin, Panel, Ui};

use super::format::{self, Units};
use super::theme::{self, Theme};
use super::{icons, widgets};
use crate::app::state::{Disc, Tone};
use crate::app::{Command, State};

/// Says that the image is not whole.
pub(super) fn cut_off_ui(ui: &mut Ui, disc: &Disc, units: Units) {
    if disc.missing() == 0 {
        return;
    }
    let have = format::size(disc.image.source().len(), units);
    let all = format::size(disc.image.declared_size(), units);
    let text =
        format!("This image is cut off: {have} of {all} are there. Files marked “cut off” or “missing” are not whole.");
    Banner::new("cut off", Tone::Warn, &text).show(ui, &mut Vec::new());
}

/// Shows what was wrong with the settings, and all messages.
pub(super) fn messages_ui(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    if let Some(notice) = &state.settings_notice {
        let banner = Banner::new("settings", Tone::Warn, notice);
        Banner { dismiss: Some(Command::DismissNotice), ..banner }.show(ui, out);
    }
    for message in &state.messages {
        let banner = Banner::new(message.id(), message.tone, &message.text);
        let dismiss = Some(Command::DismissMessage(message.id()));
        Banner { details: &message.details, action: message.action.as_ref(), dismiss, ..banner }.show(ui, out);
    }
}

struct Banner<'a> {
    id: egui::Id,
    tone: Tone,
    text: &'a str,
    /// More, to be copied.
    details: &'a str,
    /// What the user may do about it, and its name.
    action: Option<&'a (&'static str, Command)>,
    /// Takes it away.
    dismiss: Option<Command>,
}

impl<'a> Banner<'a> {
    fn new(id: impl std::hash::Hash + std::fmt::Debug, tone: Tone, text: &'a str) -> Self {
        Self { id: egui::Id::unique(("banner", id)), tone, text, details: "", action: None, dismiss: None }
    }

    fn show(self, ui: &mut Ui, out: &mut Vec<Command>) {
        let theme = Theme::of(ui);
        let (icon, color, ground) = match self.tone {
            Tone::Ok => (icons::DONE, theme.ok, theme.raised),
            Tone::Warn => (icons::WARNING, theme.warn, theme.warn_surface),
            Tone::Bad => (icons::ERROR, theme.bad, theme.bad_surface),
        };
        let frame = Frame::new().fill(ground).inner_margin(Margin::symmetric(12, 4));
        Panel::top(self.id).frame(frame).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(icon).font(theme::icon_id(18.0)).color(color));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    self.buttons(ui, out);
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(egui::RichText::new(self.text).color(theme.text)).truncate());
                    });
                });
            });
        });
    }

    fn buttons(&self, ui: &mut Ui, out: &mut Vec<Command>) {
        if let Some(dismiss) = &self.dismiss
            && widgets::icon_button(ui, icons::CLOSE, "Dismiss", true).clicked()
        {
            out.push(dismiss.clone());
        }
        if let Some((name, command)) = self.action
            && ui.button(*name).clicked()
        {
            out.push(command.clone());
            out.extend(self.dismiss.clone());
        }
        if !self.details.is_empty() && ui.button("Copy details").on_hover_text(self.details).clicked() {
            out.push(Command::CopyText(self.details.to_owned()));
        }
    }
}
