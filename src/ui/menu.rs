//! The menu bar and the context menus, made from the commands.

use egui::{Button, MenuBar, Ui};

use crate::app::model::{Column, Rows};
use crate::app::state::Disc;
use crate::app::{Command, State};
use crate::disc::tree::TreeKind;

/// True when `command` means something in the present state.
pub fn is_enabled(state: &State, command: &Command) -> bool {
    let disc = state.disc();
    let selected = disc.is_some_and(|disc| !disc.listing.selection.is_empty());
    match command {
        Command::Extract | Command::ExtractAll | Command::ImageProperties | Command::Find | Command::Reload => {
            disc.is_some()
        }
        Command::ToggleTree | Command::TogglePreview => disc.is_some(),
        Command::CopyName | Command::CopyPath => selected,
        Command::SelectAll | Command::InvertSelection => disc.is_some_and(|disc| !disc.listing.is_empty()),
        Command::Back => disc.is_some_and(|disc| disc.history.can_go_back() || disc.search.is_active()),
        Command::Forward => disc.is_some_and(|disc| disc.history.can_go_forward()),
        Command::Up => disc.is_some_and(|disc| disc.place.parent().is_some() || disc.search.is_active()),
        Command::OpenItem => disc.is_some_and(|disc| disc.listing.cursor.is_some()),
        Command::ShowInFolder => disc
            .is_some_and(|disc| matches!(disc.listing.rows, Rows::Found(..)) && disc.listing.cursor_item().is_some()),
        _ => true,
    }
}

/// The menu bar.
pub fn menu_bar(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| {
            items(ui, state, &[Command::Open, Command::OpenSample], out);
            ui.separator();
            items(ui, state, &[Command::Extract, Command::ExtractAll], out);
            ui.separator();
            items(ui, state, &[Command::Reload, Command::ImageProperties], out);
            ui.separator();
            items(ui, state, &[Command::CloseWindow], out);
        });
        ui.menu_button("Edit", |ui| {
            items(ui, state, &[Command::CopyName, Command::CopyPath], out);
            ui.separator();
            items(ui, state, &[Command::SelectAll, Command::InvertSelection], out);
            ui.separator();
            items(ui, state, &[Command::Find], out);
        });
        ui.menu_button("View", |ui| {
            items(ui, state, &[Command::Back, Command::Forward, Command::Up], out);
            ui.separator();
            if let Some(disc) = state.disc() {
                ui.menu_button("File names", |ui| trees_menu(ui, disc, out));
                if disc.image.sessions().len() > 1 {
                    ui.menu_button("Session", |ui| sessions_menu(ui, disc, out));
                }
                ui.menu_button("Columns", |ui| columns_menu(ui, state, out));
                ui.separator();
            }
            check(ui, state, &Command::ToggleTree, !state.hidden.tree, out);
            check(ui, state, &Command::TogglePreview, !state.hidden.preview, out);
            ui.separator();
            items(ui, state, &[Command::ZoomIn, Command::ZoomOut, Command::ZoomReset], out);
        });
        ui.menu_button("Tools", |ui| items(ui, state, &[Command::Palette, Command::Settings], out));
        ui.menu_button("Help", |ui| items(ui, state, &[Command::Shortcuts, Command::About], out));
    });
}

/// The context menu of what is selected in the table.
pub fn item_menu(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    ui.set_min_width(220.0);
    roomy(ui);
    let mut commands = vec![Command::OpenItem];
    if matches!(disc.listing.rows, Rows::Found(..)) {
        commands.push(Command::ShowInFolder);
    }
    for command in commands {
        item(ui, &command, true, out);
    }
    ui.separator();
    item(ui, &Command::Extract, true, out);
    ui.separator();
    item(ui, &Command::CopyName, true, out);
    item(ui, &Command::CopyPath, true, out);
}

/// Which columns the table has.
pub fn columns_menu(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    ui.set_min_width(180.0);
    for column in Column::OPTIONAL {
        let mut shown = state.columns.is_shown(column);
        if ui.checkbox(&mut shown, column.label()).clicked() {
            out.push(Command::ToggleColumn(column));
        }
    }
}

/// Which of the image's trees names the files.
pub fn trees_menu(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    ui.set_min_width(180.0);
    for tree in disc.image.trees() {
        let kind = tree.kind();
        if ui.radio(kind == disc.tree.kind(), tree_text(kind)).clicked() {
            out.push(Command::UseTree(kind));
            ui.close();
        }
    }
}

/// Which session is open.
pub fn sessions_menu(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    ui.set_min_width(180.0);
    for session in disc.image.sessions().iter().rev() {
        let name = crate::disc::text::display(&session.volume_id);
        let text = format!("{}. {name}", session.number);
        if ui.radio(session.number == disc.image.session(), text).clicked() {
            out.push(Command::OpenSession(session.number));
            ui.close();
        }
    }
}

fn tree_text(kind: TreeKind) -> String {
    let what = match kind {
        TreeKind::RockRidge => "POSIX names, permissions, links",
        TreeKind::Joliet => "Unicode names",
        TreeKind::Iso9660 => "short names",
        TreeKind::Iso9660Enhanced => "long names",
    };
    format!("{} ({what})", kind.label())
}

fn items(ui: &mut Ui, state: &State, commands: &[Command], out: &mut Vec<Command>) {
    ui.set_min_width(240.0);
    roomy(ui);
    for command in commands {
        item(ui, command, is_enabled(state, command), out);
    }
}

fn item(ui: &mut Ui, command: &Command, enabled: bool, out: &mut Vec<Command>) {
    let Some(info) = command.info() else { return };
    let mut button = Button::new(info.text);
    if let Some(shortcut) = info.shortcuts.first() {
        button = button.shortcut_text(shortcut.text());
    }
    if ui.add_enabled(enabled, button).on_hover_text(info.tooltip).clicked() {
        out.push(command.clone());
        ui.close();
    }
}

fn check(ui: &mut Ui, state: &State, command: &Command, mut checked: bool, out: &mut Vec<Command>) {
    let Some(info) = command.info() else { return };
    ui.add_enabled_ui(is_enabled(state, command), |ui| {
        let tooltip = super::widgets::command_tooltip(command);
        if ui.checkbox(&mut checked, info.text).on_hover_text(tooltip).clicked() {
            out.push(command.clone());
            ui.close();
        }
    });
}

/// Room around the entries of menus.
fn roomy(ui: &mut Ui) {
    ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
    ui.spacing_mut().item_spacing.y = 0.0;
}
