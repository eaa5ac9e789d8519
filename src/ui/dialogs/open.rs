//! Whether to open a file that may do harm.

use egui::{Label, RichText, Ui};

use crate::app::Command;
use crate::app::transfer::OpenRequest;
use crate::disc::text;
use crate::extract::danger;
use crate::ui::theme::{self, Theme};
use crate::ui::{icons, widgets};

pub(super) fn open_ui(ui: &mut Ui, request: &OpenRequest, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let what = request.danger.words();
    ui.horizontal(|ui| {
        ui.label(RichText::new(icons::WARNING).font(theme::icon_id(24.0)).color(theme.warn));
        ui.heading(format!("Open {what} from this disc?"));
    });
    ui.add_space(theme::PADDING);
    let name = text::display(&request.name);
    ui.add(Label::new(RichText::new(&*name).font(theme::strong_id(13.0))).wrap().selectable(true));
    ui.add_space(theme::GRID);
    let kind = match danger::extension(&request.name) {
        Some(extension) => format!("Its real ending is “.{}”: it is {what}.", text::display(extension)),
        None => format!("It has no ending, but its content is that of {what}."),
    };
    ui.add(Label::new(kind).wrap());
    ui.add_space(theme::GRID);
    let advice =
        "It can do whatever you can do on this computer. Open it only if you trust where this disc comes from.";
    ui.add(Label::new(RichText::new(advice).color(theme.text_dim)).wrap());
    super::buttons(ui, |ui| {
        if widgets::primary_button(ui, "Do not open").clicked() {
            out.push(Command::CloseDialog);
        }
        if widgets::plain_button(ui, "Open").clicked() {
            out.push(Command::OpenAnyway);
        }
    });
}
