//! The menu bar and the context menus, made from the commands.

use egui::containers::menu::SubMenuButton;
use egui::{Button, MenuBar, RichText, Ui, WidgetInfo, accesskit::Role};

use super::{icons, theme, trees};
use crate::app::boot::Tab;
use crate::app::model::{Column, Rows};
use crate::app::state::Disc;
use crate::app::{Command, State};

/// True when `command` means something in the present state.
pub fn is_enabled(state: &State, command: &Command) -> bool {
    let disc = state.disc();
    let selected = disc.is_some_and(|disc| !disc.listing.selection.is_empty());
    match command {
        Command::Extract | Command::ExtractAll | Command::ImageProperties | Command::Find | Command::Reload => {
            disc.is_some()
        }
        Command::ShowFiles | Command::ShowBoot | Command::ShowIntegrity => disc.is_some(),
        Command::ShowIdentity => disc.is_some_and(|disc| disc.identity().is_some()),
        Command::ToggleTree | Command::TogglePreview => disc.is_some(),
        Command::Mount => state.outlets.mount.is_some() && disc.is_some_and(|disc| disc.mounted.is_none()),
        Command::Unmount => disc.is_some_and(|disc| disc.mounted.is_some()),
        Command::CompareTrees => disc.is_some_and(|disc| disc.image.trees().len() > 1),
        Command::FindUnseen => disc.is_some(),
        Command::ToggleDeleted => disc.is_some_and(|disc| disc.keeps_deleted),
        Command::Copy | Command::CopyName | Command::CopyPath => selected,
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
            // Where nothing can be mounted, nobody is told of it.
            if state.outlets.mount.is_some() {
                items(ui, state, &[Command::Mount, Command::Unmount], out);
                ui.separator();
            }
            items(ui, state, &[Command::Reload, Command::ShowIdentity, Command::ImageProperties], out);
            ui.separator();
            items(ui, state, &[Command::CloseWindow], out);
        });
        ui.menu_button("Edit", |ui| {
            items(ui, state, &[Command::Copy, Command::CopyName, Command::CopyPath], out);
            ui.separator();
            items(ui, state, &[Command::SelectAll, Command::InvertSelection], out);
            ui.separator();
            items(ui, state, &[Command::Find], out);
        });
        ui.menu_button("View", |ui| {
            items(ui, state, &[Command::Back, Command::Forward, Command::Up], out);
            ui.separator();
            if let Some(disc) = state.disc() {
                submenu(ui, "File tree", |ui| trees::menu_ui(ui, disc, out));
                if disc.image.sessions().len() > 1 {
                    submenu(ui, "Session", |ui| sessions_menu(ui, disc, out));
                }
                submenu(ui, "Columns", |ui| columns_menu(ui, state, out));
                ui.separator();
            }
            if let Some(disc) = state.disc() {
                let tabs = [
                    (Command::ShowFiles, Tab::Files),
                    (Command::ShowBoot, Tab::Boot),
                    (Command::ShowIntegrity, Tab::Integrity),
                ];
                for (command, tab) in tabs {
                    item(ui, &command, true, Some(disc.tab == tab), out);
                }
                ui.separator();
            }
            for (command, shown) in [
                (Command::ToggleTree, !state.hidden.tree),
                (Command::TogglePreview, !state.hidden.preview),
                (Command::ToggleDeleted, state.show_deleted),
            ] {
                item(ui, &command, is_enabled(state, &command), Some(shown), out);
            }
            ui.separator();
            items(ui, state, &[Command::ZoomIn, Command::ZoomOut, Command::ZoomReset], out);
        });
        ui.menu_button("Tools", |ui| {
            items(ui, state, &[Command::CompareTrees, Command::FindUnseen], out);
            ui.separator();
            items(ui, state, &[Command::Palette, Command::Settings], out);
        });
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
        item(ui, &command, true, None, out);
    }
    ui.separator();
    item(ui, &Command::Extract, true, None, out);
    ui.separator();
    item(ui, &Command::Copy, true, None, out);
    item(ui, &Command::CopyName, true, None, out);
    item(ui, &Command::CopyPath, true, None, out);
}

/// Which columns the table has.
pub fn columns_menu(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    ui.set_min_width(180.0);
    roomy(ui);
    for column in Column::OPTIONAL {
        let shown = state.columns.is_shown(column);
        if choice(ui, column.label(), shown, Role::MenuItemCheckBox) {
            out.push(Command::ToggleColumn(column));
        }
    }
}

/// Which session is open.
pub fn sessions_menu(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    ui.set_min_width(180.0);
    roomy(ui);
    for session in disc.image.sessions().iter().rev() {
        if choice(ui, &session.label(), session.number == disc.image.session(), Role::MenuItemRadio) {
            out.push(Command::OpenSession(session.number));
            ui.close();
        }
    }
}

fn items(ui: &mut Ui, state: &State, commands: &[Command], out: &mut Vec<Command>) {
    ui.set_min_width(240.0);
    roomy(ui);
    for command in commands {
        item(ui, command, is_enabled(state, command), None, out);
    }
}

/// An entry with its shortcut; one that can be on or off has a check mark behind its name when it is on.
fn item(ui: &mut Ui, command: &Command, enabled: bool, checked: Option<bool>, out: &mut Vec<Command>) {
    let Some(info) = command.info() else { return };
    let mut button = Button::new(info.text);
    if checked == Some(true) {
        button = Button::new((info.text, RichText::new(icons::CHECK).font(theme::icon_id(16.0))));
    }
    if let Some(shortcut) = info.shortcuts.first() {
        button = button.shortcut_text(shortcut.text());
    }
    let response = ui.add_enabled(enabled, button);
    if let Some(checked) = checked {
        response.widget_info(|| WidgetInfo::selected(Role::MenuItemCheckBox, enabled, checked, info.text));
    }
    if response.on_hover_text(info.tooltip).clicked() {
        out.push(command.clone());
        ui.close();
    }
}

/// One of several to choose from: the check mark stands in a column of its own.
pub(super) fn choice(ui: &mut Ui, text: &str, chosen: bool, role: Role) -> bool {
    let color = if chosen { ui.visuals().text_color() } else { egui::Color32::TRANSPARENT };
    let mark = RichText::new(icons::CHECK).font(theme::icon_id(16.0)).color(color);
    let response = ui.add(Button::new((mark, text)));
    response.widget_info(|| WidgetInfo::selected(role, true, chosen, text));
    response.clicked()
}

fn submenu(ui: &mut Ui, text: &str, contents: impl FnOnce(&mut Ui)) {
    let arrow = RichText::new(icons::COLLAPSED).font(theme::icon_id(16.0));
    let button = Button::new(text).right_text(arrow);
    let (response, _) = SubMenuButton::from_button(button).ui(ui, contents);
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, text));
}

/// Room around the entries of menus.
pub(super) fn roomy(ui: &mut Ui) {
    ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
    // With an icon or without, all are of one height.
    ui.spacing_mut().interact_size.y = 26.0;
    ui.spacing_mut().item_spacing.y = 0.0;
}
