//! Which of the image's trees lists the files: the switch in the status bar and its menu.

use egui::accesskit::Role;
use egui::{Popup, Ui, WidgetInfo};

use super::{icons, menu};
use crate::app::Command;
use crate::app::state::Disc;
use crate::disc::tree::{TreeId, TreeKind};

/// The switch in the status bar; only a name where there is nothing to choose.
pub(super) fn switch_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    let label = disc.tree_id().label();
    if disc.image.trees().len() < 2 {
        ui.weak(label).on_hover_text("How this disc lists its files. It has no other list of them");
        return;
    }
    let button = egui::Button::new(format!("{label}  {}", icons::EXPANDED)).frame_when_inactive(false);
    let response = ui.add(button).on_hover_text("This disc lists its files in several ways: choose one");
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("File tree: {label}")));
    Popup::menu(&response).show(|ui| menu_ui(ui, disc, out));
}

/// All trees of the image, to choose one.
pub(super) fn menu_ui(ui: &mut Ui, disc: &Disc, out: &mut Vec<Command>) {
    ui.set_min_width(180.0);
    menu::roomy(ui);
    for tree in disc.image.trees() {
        let id = disc.image.id_of(tree.as_ref());
        if menu::choice(ui, &description(disc, id), id == disc.tree_id(), Role::MenuItemRadio) {
            out.push(Command::UseTree(id));
            ui.close();
        }
    }
}

/// The name of a tree, and what it is good for.
fn description(disc: &Disc, id: TreeId) -> String {
    let what = match id.kind {
        TreeKind::RockRidge => "long names, permissions, links",
        TreeKind::Joliet | TreeKind::Iso9660Enhanced | TreeKind::Fat => "long names",
        TreeKind::Iso9660 => "short names",
        TreeKind::Udf => "long names, precise times",
        TreeKind::Hfs => "names as on old Macs",
        TreeKind::HfsPlus => "names as on Macs",
    };
    match (disc.image.partition_of(id), disc.image.boot_image_of(id)) {
        (Some(partition), _) => format!("{} in {} {} ({what})", id.label(), partition.scheme.label(), partition.number),
        (None, Some(boot)) => format!("{} in boot image {} ({what})", id.label(), boot.number),
        (None, None) => format!("{} ({what})", id.label()),
    }
}
