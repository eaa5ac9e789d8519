//! The tree on the left.

use egui::accesskit::Role;
use egui::{EventFilter, Id, Key, Rect, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::theme::{self, Theme};
use super::{icons, widgets};
use crate::app::Command;
use crate::app::model::Step;
use crate::app::model::tree::{Branch, Node, NodeId};
use crate::app::state::Disc;
use crate::app::transfer::DragFrom;
use crate::disc::part::PartGroup;
use crate::disc::text;

/// Indentation of one level.
const INDENT: f32 = 16.0;

/// What the tree remembers between two frames.
#[derive(Default)]
pub struct FoldersView {
    revealed: u64,
    offset: f32,
}

/// The widget that has the keyboard while the tree is used.
pub fn focus_id() -> Id {
    Id::unique("tree of folders")
}

/// Draws the tree.
pub fn folders_ui(ui: &mut Ui, view: &mut FoldersView, disc: &Disc, out: &mut Vec<Command>) {
    let body = ui.available_rect_before_wrap();
    let id = focus_id();
    let response = ui.interact(body, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, "Folders"));
    if response.clicked() {
        response.request_focus();
    }
    let layer = ui.layer_id();
    let focused = ui.memory(|memory| memory.has_focus(id) && memory.is_above_modal_layer(layer));
    if focused {
        keys(ui, disc, id, out);
    }
    let folders = &disc.folders;
    if view.revealed != folders.reveal {
        view.revealed = folders.reveal;
        if let Some(row) = folders.cursor.and_then(|cursor| folders.row(cursor)) {
            let (top, bottom) = (row as f32 * theme::ROW, (row + 1) as f32 * theme::ROW);
            view.offset = view.offset.min(top).max(bottom + theme::PADDING - body.height()).max(0.0);
        }
    }
    let output = ScrollArea::vertical().auto_shrink(false).vertical_scroll_offset(view.offset).show_viewport(
        ui,
        |ui, viewport| {
            ui.set_min_height(folders.visible().len() as f32 * theme::ROW + theme::PADDING);
            let top = ui.max_rect().top();
            let first = (viewport.min.y / theme::ROW).floor().max(0.0) as usize;
            let last = (viewport.max.y / theme::ROW).ceil().max(0.0) as usize;
            for (row, node) in folders.visible().iter().enumerate().take(last + 1).skip(first) {
                let rect = Rect::from_min_size(
                    pos2(body.left(), top + row as f32 * theme::ROW),
                    vec2(body.width(), theme::ROW),
                );
                if let Some(shown) = folders.node(*node) {
                    node_ui(ui, rect, disc, *node, shown, focused, out);
                }
            }
        },
    );
    view.offset = output.state.clamped_offset().y;
}

fn node_ui(ui: &mut Ui, rect: Rect, disc: &Disc, id: NodeId, node: &Node, focused: bool, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let folders = &disc.folders;
    let response = ui.interact(rect, focus_id().with(id), Sense::CLICK | Sense::DRAG);
    let current = folders.current == Some(id);
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, current, format!("Tree: {}", node.label)));
    let ground = rect.shrink2(vec2(4.0, 0.0));
    if current {
        let fill = if focused { theme.selection } else { theme.selection_idle };
        ui.painter().rect_filled(ground, 4.0, fill);
    } else if response.hovered() {
        ui.painter().rect_filled(ground, 4.0, theme.hover);
    }
    if focused && folders.cursor == Some(id) && !current {
        ui.painter().rect_stroke(ground, 4.0, theme.focus_ring(), egui::StrokeKind::Inside);
    }
    let left = rect.left() + theme::PADDING + f32::from(node.depth.min(64)) * INDENT;
    let arrow = Rect::from_min_size(pos2(left, rect.center().y - 8.0), vec2(16.0, 16.0));
    if node.can_expand() {
        let icon = if node.expanded { icons::EXPANDED } else { icons::COLLAPSED };
        widgets::paint_icon(ui.painter(), arrow, icon, 18.0, theme.text_dim);
        let arrow_response = ui.interact(arrow.expand(3.0), focus_id().with((id, "arrow")), Sense::CLICK);
        arrow_response.widget_info(|| {
            let verb = if node.expanded { "Close" } else { "Open" };
            WidgetInfo::labeled(Role::DisclosureTriangle, true, format!("{verb} the branch {}", node.label))
        });
        if arrow_response.clicked() {
            out.push(Command::TreeExpand(id, !node.expanded));
        }
    }
    let (icon, color) = match node.branch {
        Branch::Files => (icons::DISC, theme.text_dim),
        Branch::Folder(_) if node.expanded => (icons::FOLDER_OPEN, theme.folder),
        Branch::Folder(_) => (icons::FOLDER, theme.folder),
        // What can be opened has the colour of folders.
        Branch::Part(group, at) if !group.trees(&disc.image, at).is_empty() => (part_icon(group), theme.folder),
        Branch::Parts(group) | Branch::Part(group, _) => (part_icon(group), theme.text_dim),
        Branch::Sessions | Branch::Session(_) => (icons::LAYERS, theme.text_dim),
        Branch::More(_) => (icons::MORE, theme.text_dim),
    };
    let at = Rect::from_min_size(pos2(left + 18.0, rect.center().y - 8.0), vec2(16.0, 16.0));
    widgets::paint_icon(ui.painter(), at, icon, 18.0, color);
    let text_left = at.right() + 6.0;
    let size = theme::size_of(ui, TextStyle::Body);
    let font = if node.depth == 0 { theme::strong_id(size) } else { theme::body_id(size) };
    let room = rect.right() - theme::PADDING - text_left;
    let galley = widgets::line_keeping_ends(ui.painter(), &node.label, font, theme.text, room);
    widgets::paint_left(ui.painter(), rect, text_left, galley, theme.text);
    let response = match part_tooltip(disc, node.branch) {
        Some(tooltip) => response.on_hover_text(tooltip),
        None => response,
    };
    if response.drag_started_by(egui::PointerButton::Primary) {
        out.push(Command::Drag(DragFrom::Node(id)));
    }
    if response.double_clicked() {
        out.push(Command::TreeExpand(id, !node.expanded));
    } else if response.clicked() {
        ui.memory_mut(|memory| memory.request_focus(focus_id()));
        out.push(Command::TreeGo(id));
    }
}

fn part_icon(group: PartGroup) -> &'static str {
    match group {
        PartGroup::BootImages => icons::CHIP,
        PartGroup::Partitions => icons::PARTITION,
    }
}

/// What a part is, and what opening it shows.
fn part_tooltip(disc: &Disc, branch: Branch) -> Option<String> {
    let Branch::Part(group, at) = branch else { return None };
    let part = group.get(&disc.image, at)?;
    let what = format!("{}, {}", part.label(), text::size(part.extent().length));
    Some(match group.trees(&disc.image, at).first().map(|tree| tree.label()) {
        Some(tree) => format!("{what}\nShows the files in it: {tree}"),
        None => what,
    })
}

fn keys(ui: &Ui, disc: &Disc, id: Id, out: &mut Vec<Command>) {
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, escape: false, tab: false };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let folders = &disc.folders;
    let Some(cursor) = folders.cursor else { return };
    let Some(node) = folders.node(cursor) else { return };
    let pressed = |key| ui.input(|input| input.key_pressed(key) && input.modifiers.is_none());
    for (key, step) in [
        (Key::ArrowDown, Step::By(1)),
        (Key::ArrowUp, Step::By(-1)),
        (Key::PageDown, Step::By(15)),
        (Key::PageUp, Step::By(-15)),
        (Key::Home, Step::First),
        (Key::End, Step::Last),
    ] {
        if pressed(key) {
            out.push(Command::TreeStep(step));
        }
    }
    if pressed(Key::ArrowRight) && node.can_expand() {
        out.push(if node.expanded { Command::TreeStep(Step::By(1)) } else { Command::TreeExpand(cursor, true) });
    }
    if pressed(Key::ArrowLeft) {
        if node.expanded {
            out.push(Command::TreeExpand(cursor, false));
        } else if let Some(row) = folders.parent(cursor).and_then(|parent| folders.row(parent)) {
            let here = folders.row(cursor).unwrap_or(row);
            out.push(Command::TreeStep(Step::By(-isize::try_from(here.saturating_sub(row)).unwrap_or(0))));
        }
    }
    if pressed(Key::Enter) || pressed(Key::Space) {
        out.push(Command::TreeGo(cursor));
    }
}
