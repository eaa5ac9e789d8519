//! Back, forward, up, the path, and the search box.

use egui::{Key, Rect, Sense, TextEdit, TextStyle, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::menu::is_enabled;
use super::theme::{self, Theme};
use super::{icons, widgets};
use crate::app::place::{Crumb, Place};
use crate::app::state::{Disc, Indexing};
use crate::app::{Command, State};
use crate::disc::text;

/// Height of the toolbar.
pub const HEIGHT: f32 = 44.0;

const SEARCH_WIDTH: f32 = 240.0;

/// What the toolbar remembers between two frames.
#[derive(Default)]
pub struct ToolbarView {
    search_focused: u64,
}

/// The widget in which searches are typed.
pub fn search_id() -> egui::Id {
    egui::Id::unique("search")
}

/// Draws the toolbar of an open image.
pub fn toolbar_ui(ui: &mut Ui, view: &mut ToolbarView, state: &State, disc: &Disc, out: &mut Vec<Command>) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (icon, command) in
            [(icons::BACK, Command::Back), (icons::FORWARD, Command::Forward), (icons::UP, Command::Up)]
        {
            let tooltip = widgets::command_tooltip(&command);
            let response = widgets::icon_button(ui, icon, command.text(), is_enabled(state, &command));
            if response.on_hover_text(tooltip).clicked() {
                out.push(command);
            }
        }
        ui.add_space(theme::PADDING);
        let room = (ui.available_width() - SEARCH_WIDTH - theme::GROUP).max(80.0);
        breadcrumb(ui, disc, room, out);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| search_box(ui, view, state, disc, out));
    });
}

/// A part of the path that fits, or stands for those that do not.
enum Part<'a> {
    Disc,
    Gap(&'a [Crumb]),
    Folder(usize, &'a Crumb),
}

fn breadcrumb(ui: &mut Ui, disc: &Disc, room: f32, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(room, 28.0), Sense::hover());
    let size = theme::size_of(ui, TextStyle::Body);
    let width = |ui: &Ui, name: &str, strong: bool| {
        let font = if strong { theme::strong_id(size) } else { theme::body_id(size) };
        let galley = ui.painter().layout_no_wrap(text::display(name).into_owned(), font, theme.text);
        (galley.size().x + 2.0 * theme::PADDING).min(240.0)
    };
    let crumbs = disc.place.crumbs();
    let group = match disc.place {
        Place::Parts(group) => Some(group),
        Place::Folder(_) => None,
    };
    let arrow = 16.0;
    let root = disc.name();
    let root_width = width(ui, &root, crumbs.is_empty()) + 22.0;
    // From the end backwards: where one is matters more than how one came there.
    let mut used = root_width;
    let mut first = crumbs.len();
    for (at, crumb) in crumbs.iter().enumerate().rev() {
        let more = width(ui, &crumb.name, at + 1 == crumbs.len()) + arrow;
        let gap = if at > 0 { 28.0 + arrow } else { 0.0 };
        if used + more + gap > room && first < crumbs.len() {
            break;
        }
        used += more;
        first = at;
    }
    let mut parts = vec![Part::Disc];
    if first > 0 {
        parts.push(Part::Gap(&crumbs[..first]));
    }
    parts.extend(crumbs.iter().enumerate().skip(first).map(|(at, crumb)| Part::Folder(at, crumb)));
    let mut x = rect.left();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            let separator = Rect::from_min_size(pos2(x, rect.top()), vec2(arrow, rect.height()));
            widgets::paint_icon(ui.painter(), separator, icons::COLLAPSED, 16.0, theme.text_dim);
            x += arrow;
        }
        let left = rect.right() - x;
        x += match part {
            Part::Disc => {
                let last = crumbs.is_empty() && group.is_none();
                let at = Rect::from_min_size(pos2(x, rect.top()), vec2(root_width.min(left), rect.height()));
                if crumb_button(ui, at, &root, last, Some(icons::DISC)) {
                    out.push(Command::Go(Place::root()));
                }
                at.width()
            }
            Part::Gap(hidden) => {
                let at = Rect::from_min_size(pos2(x, rect.top()), vec2(28.0, rect.height()));
                gap(ui, at, hidden, out);
                28.0
            }
            Part::Folder(index, crumb) => {
                let last = index + 1 == crumbs.len();
                let wide = width(ui, &crumb.name, last).min(left.max(24.0));
                let at = Rect::from_min_size(pos2(x, rect.top()), vec2(wide, rect.height()));
                if crumb_button(ui, at, &crumb.name, last, None) {
                    out.push(Command::Go(Place::Folder(crumbs[..=*index].into())));
                }
                wide
            }
        };
    }
    if let Some(group) = group {
        let separator = Rect::from_min_size(pos2(x, rect.top()), vec2(arrow, rect.height()));
        widgets::paint_icon(ui.painter(), separator, icons::COLLAPSED, 16.0, theme.text_dim);
        let wide = width(ui, group.label(), true);
        let at = Rect::from_min_size(pos2(x + arrow, rect.top()), vec2(wide, rect.height()));
        if crumb_button(ui, at, group.label(), true, None) {
            out.push(Command::Go(Place::Parts(group)));
        }
    }
}

fn crumb_button(ui: &mut Ui, rect: Rect, name: &str, last: bool, icon: Option<&str>) -> bool {
    let theme = Theme::of(ui);
    let shown = text::display(name);
    let response = ui.interact(rect, ui.scope_id().with(("crumb", rect.left() as i32, name)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, format!("Path: {shown}")));
    if response.hovered() {
        let fill = if response.is_pointer_button_down_on() { theme.pressed } else { theme.hover };
        ui.painter().rect_filled(rect, theme::ROUNDING, fill);
    }
    widgets::focus_ring(ui, &response, rect);
    let mut left = rect.left() + theme::PADDING;
    if let Some(icon) = icon {
        let at = Rect::from_center_size(pos2(left + 8.0, rect.center().y), vec2(16.0, 16.0));
        widgets::paint_icon(ui.painter(), at, icon, 18.0, theme.text_dim);
        left += 22.0;
    }
    let size = theme::size_of(ui, TextStyle::Body);
    let font = if last { theme::strong_id(size) } else { theme::body_id(size) };
    let color = if last { theme.text } else { theme.text_dim };
    let galley = widgets::line_keeping_ends(ui.painter(), &shown, font, color, rect.right() - 6.0 - left);
    widgets::paint_left(ui.painter(), rect, left, galley, color);
    response.on_hover_text(shown).clicked()
}

/// The folders in the middle of a long path, as a menu.
fn gap(ui: &mut Ui, rect: Rect, hidden: &[Crumb], out: &mut Vec<Command>) {
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt("gap"));
    let button = egui::Button::new("…").frame_when_inactive(false).min_size(rect.size());
    egui::containers::menu::MenuButton::from_button(button).ui(&mut child, |ui| {
        for at in 0..hidden.len() {
            let name = text::display(&hidden[at].name).into_owned();
            if ui.add(egui::Button::new(name).truncate()).clicked() {
                out.push(Command::Go(Place::Folder(hidden[..=at].into())));
                ui.close();
            }
        }
    });
}

fn search_box(ui: &mut Ui, view: &mut ToolbarView, state: &State, disc: &Disc, out: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let mut query = disc.search.query.clone();
    let id = search_id();
    let mut edit = TextEdit::singleline(&mut query)
        .id(id)
        .hint_text("Search this disc")
        .desired_width(SEARCH_WIDTH)
        .min_size(vec2(SEARCH_WIDTH, 28.0))
        .align(egui::Align2::LEFT_CENTER)
        .margin(egui::Margin { left: 30, right: 28, top: 4, bottom: 4 });
    if disc.search.is_active() {
        edit = edit.text_color(theme.text);
    }
    let response = ui.add(edit);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::SearchInput, true, "Search this disc");
        info.current_text_value = Some(query.clone());
        info
    });
    let rect = response.rect;
    let glass = Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), vec2(16.0, 16.0));
    widgets::paint_icon(ui.painter(), glass, icons::SEARCH, 18.0, theme.text_dim);
    if view.search_focused != state.focus_search {
        view.search_focused = state.focus_search;
        response.request_focus();
        let mut edit = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        let all = egui::text::CCursorRange::two(
            egui::text::CCursor::default(),
            egui::text::CCursor::new(query.chars().count()),
        );
        edit.cursor.set_char_range(Some(all));
        edit.store(ui.ctx(), id);
    }
    let waiting = disc.search.ticket.is_some()
        || disc.search.is_active() && matches!(disc.index, Indexing::None | Indexing::Running(..));
    let end = Rect::from_center_size(pos2(rect.right() - 15.0, rect.center().y), vec2(20.0, 20.0));
    if disc.search.is_active() {
        let clear = ui.interact(end, id.with("clear"), Sense::click());
        clear.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Leave the search"));
        if waiting && !clear.hovered() {
            widgets::paint_spinner(ui, end.shrink(3.0));
        } else {
            if clear.hovered() {
                ui.painter().rect_filled(end, 10.0, theme.hover);
            }
            widgets::paint_icon(ui.painter(), end, icons::CLOSE, 16.0, theme.text_dim);
        }
        if clear.on_hover_cursor(egui::CursorIcon::Default).clicked() {
            query.clear();
            out.push(Command::Search(String::new()));
        }
    }
    if response.changed() {
        out.push(Command::Search(query.clone()));
    }
    if response.has_focus() || response.lost_focus() {
        let (escape, down) = ui.input(|input| {
            (input.key_pressed(Key::Escape), input.key_pressed(Key::ArrowDown) || input.key_pressed(Key::Enter))
        });
        if escape {
            out.push(Command::Search(String::new()));
        }
        if escape || down {
            ui.memory_mut(|memory| memory.request_focus(super::table::focus_id()));
        }
        if down && disc.listing.cursor.is_none() {
            out.push(Command::Step(crate::app::model::Step::First, crate::app::model::Selecting::Only));
        }
    }
}
