//! The way from the firmware to the kernel as a picture: one card for each step, from left to right.

use egui::epaint::CubicBezierShape;
use egui::{
    Color32, Label, Painter, Pos2, Rect, RichText, ScrollArea, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui, Vec2,
    WidgetInfo, accesskit::Role, pos2, vec2,
};

use super::super::theme::{self, Theme};
use super::super::{icons, widgets};
use super::{Seen, mark, quiet_link};
use crate::app::Command;
use crate::app::boot::{BootWish, Pick};
use crate::boot::chain::{Chain, Link, Stage, State, Step, Target};
use crate::disc::text;

const CARD: Vec2 = vec2(172.0, 66.0);

/// Between two cards of one column.
const BELOW: f32 = 14.0;

/// Between two columns, the links of which say nothing or something.
const BESIDE: f32 = 36.0;
const BESIDE_WITH_WORDS: f32 = 92.0;

pub(super) fn chain_ui(ui: &mut Ui, seen: &Seen<'_>, out: &mut Vec<Command>) {
    let chain = &seen.study.chain;
    if chain.steps.is_empty() {
        return;
    }
    super::title(ui, "How it starts", |_| {});
    let picture = Picture::new(chain);
    let chosen = match seen.pick {
        Some(Pick::Step(at)) => Some(at),
        _ => None,
    };
    if seen.is_picture {
        // There is room for all of it.
        steps_ui(ui, chain, &picture, chosen, out);
    } else {
        ScrollArea::horizontal().id_salt("chain").show(ui, |ui| steps_ui(ui, chain, &picture, chosen, out));
    }
    if let Some(step) = chosen.and_then(|at| chain.steps.get(at)) {
        explanation(ui, step, out);
    }
}

/// The links, and over them the cards, each of which can be chosen.
fn steps_ui(ui: &mut Ui, chain: &Chain, picture: &Picture, chosen: Option<usize>, out: &mut Vec<Command>) {
    let (rect, _) = ui.allocate_exact_size(picture.size + vec2(4.0, 12.0), Sense::hover());
    let origin = rect.min + vec2(2.0, 2.0);
    picture.paint_links(ui.painter(), Theme::of(ui), chain, origin);
    for (at, step) in chain.steps.iter().enumerate() {
        let Some(place) = picture.cards.get(at) else { continue };
        let rect = place.translate(origin.to_vec2());
        let response = ui.interact(rect, egui::Id::unique(("step", at)), Sense::click());
        let is_chosen = chosen == Some(at);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, spoken(step)));
        paint_card(ui.painter(), Theme::of(ui), step, rect, is_chosen, response.hovered());
        widgets::focus_ring(ui, &response, rect);
        let response = if step.notes.is_empty() { response } else { response.on_hover_text(tooltip(step)) };
        if response.clicked() {
            out.push(Command::Boot(BootWish::Pick((!is_chosen).then_some(Pick::Step(at)))));
        }
    }
}

fn spoken(step: &Step) -> String {
    let state = match step.state {
        State::Good => "",
        State::Doubtful => ", cannot be told",
        State::Broken => ", does not go on",
    };
    text::display(&format!("{}, {}{state}", step.title, step.place)).into_owned()
}

fn tooltip(step: &Step) -> String {
    let lines = [&step.title, &step.place].into_iter().chain(&step.notes).filter(|line| !line.is_empty());
    lines.map(|line| text::display(line).into_owned()).collect::<Vec<_>>().join("\n")
}

/// What is known of the step that was chosen, and where it stands.
fn explanation(ui: &mut Ui, step: &Step, out: &mut Vec<Command>) {
    super::super::card::card(ui, |ui| {
        let theme = Theme::of(ui);
        let (icon, color) = mark(theme, step.state);
        ui.horizontal_top(|ui| {
            widgets::line_icon(ui, icon, color);
            ui.vertical(|ui| {
                let size = theme::size_of(ui, TextStyle::Body);
                let title = RichText::new(text::display(&step.title)).font(theme::strong_id(size));
                ui.add(Label::new(title).wrap());
                ui.add(Label::new(RichText::new(text::display(&step.place)).color(theme.text_dim)).wrap());
                for note in step.notes.iter().filter(|note| !note.is_empty()) {
                    ui.add(Label::new(text::display(note)).wrap());
                }
                if let Some(Target::File { tree, path }) = &step.target
                    && quiet_link(ui, "Show it among the files").clicked()
                {
                    out.push(Command::Reveal(*tree, path.clone()));
                }
                if let Some(Target::Bytes { offset, length }) = &step.target {
                    super::place_link(ui, *offset, *length, out);
                }
            });
        });
    });
}

/// Where everything stands.
pub(super) struct Picture {
    /// The card of each step, from the upper left corner of the picture.
    cards: Vec<Rect>,
    pub(super) size: Vec2,
}

impl Picture {
    pub(super) fn new(chain: &Chain) -> Self {
        const STAGES: [Stage; 7] = [
            Stage::Firmware,
            Stage::Structure,
            Stage::Loader,
            Stage::SecondLoader,
            Stage::ThirdLoader,
            Stage::Menu,
            Stage::Kernel,
        ];
        let mut cards = vec![Rect::ZERO; chain.steps.len()];
        let (mut left, mut size) = (0.0_f32, Vec2::ZERO);
        for stage in STAGES {
            let in_column = |at: &usize| chain.steps.get(*at).is_some_and(|step| step.stage == stage);
            let mut column: Vec<usize> = (0..chain.steps.len()).filter(in_column).collect();
            if column.is_empty() {
                continue;
            }
            let into = || chain.links.iter().filter(|link| in_column(&link.to));
            if left > 0.0 {
                let has_words = into().any(|link| !link.label.is_empty());
                left += if has_words { BESIDE_WITH_WORDS } else { BESIDE };
            }
            // Each as high as what leads to it, so that few links cross.
            let wish = |at: usize| {
                let from: Vec<f32> = chain
                    .links
                    .iter()
                    .filter(|link| link.to == at)
                    .filter_map(|link| Some(cards.get(link.from)?.top()))
                    .collect();
                if from.is_empty() { 0.0 } else { from.iter().sum::<f32>() / from.len() as f32 }
            };
            let mut wished: Vec<(f32, usize)> = column.drain(..).map(|at| (wish(at), at)).collect();
            wished.sort_by(|one, other| one.0.total_cmp(&other.0));
            let mut top = 0.0_f32;
            for (wish, at) in wished {
                let y = wish.max(top).round();
                if let Some(card) = cards.get_mut(at) {
                    *card = Rect::from_min_size(pos2(left, y), CARD);
                }
                top = y + CARD.y + BELOW;
            }
            left += CARD.x;
            size = vec2(left, size.y.max(top - BELOW));
        }
        Self { cards, size }
    }

    fn paint_links(&self, painter: &Painter, theme: &Theme, chain: &Chain, origin: Pos2) {
        for link in &chain.links {
            let (Some(from), Some(to)) = (self.cards.get(link.from), self.cards.get(link.to)) else { continue };
            let (from, to) = (from.right_center() + origin.to_vec2(), to.left_center() + origin.to_vec2());
            paint_link(painter, theme, link, from, to);
        }
    }
}

/// A curve with an arrow; a way that cannot be gone is broken up and has a mark.
fn paint_link(painter: &Painter, theme: &Theme, link: &Link, from: Pos2, to: Pos2) {
    let color = match link.state {
        State::Good => theme.outline,
        State::Doubtful => theme.warn,
        State::Broken => theme.bad,
    };
    let stroke = Stroke::new(1.5, color);
    // Bends in the room before the card: links over several columns go straight up to there.
    let bend = ((to.x - from.x) * 0.5).clamp(12.0, 48.0);
    let end = to - vec2(5.0, 0.0);
    let curve = CubicBezierShape::from_points_stroke(
        [from, from + vec2(bend, 0.0), end - vec2(bend, 0.0), end],
        false,
        Color32::TRANSPARENT,
        stroke,
    );
    if link.state == State::Good {
        painter.add(curve.clone());
    } else {
        let points = curve.flatten(Some(0.2));
        painter.extend(Shape::dashed_line(&points, stroke, 5.0, 4.0));
    }
    painter.add(Shape::convex_polygon(vec![to, to + vec2(-7.0, -4.0), to + vec2(-7.0, 4.0)], color, Stroke::NONE));
    let middle = curve.sample(0.5);
    if link.state == State::Broken {
        painter.circle_filled(middle, 9.0, theme.surface);
        let rect = Rect::from_center_size(middle, Vec2::splat(16.0));
        widgets::paint_icon(painter, rect, icons::ERROR, 16.0, color);
    }
    if !link.label.is_empty() {
        let words = text::display(&link.label);
        let galley = widgets::line(painter, &words, theme::body_id(11.0), theme.text_dim, BESIDE_WITH_WORDS - 12.0);
        let up = if link.state == State::Broken { 24.0 } else { 9.0 };
        let at = Rect::from_center_size(middle - vec2(0.0, up), galley.size() + vec2(4.0, 0.0));
        painter.rect_filled(at, 2.0, theme.surface);
        painter.galley(at.min + vec2(2.0, 0.0), galley, theme.text_dim);
    }
}

fn paint_card(painter: &Painter, theme: &Theme, step: &Step, rect: Rect, chosen: bool, hovered: bool) {
    let (icon, color) = mark(theme, step.state);
    let fill = match step.state {
        State::Broken => theme.bad_surface,
        State::Doubtful => theme.warn_surface,
        State::Good if hovered => theme.hover,
        State::Good => theme.raised,
    };
    let line = if chosen { Stroke::new(1.5, theme.accent) } else { Stroke::new(1.0, theme.line) };
    painter.rect(rect, theme::ROUNDING, fill, line, StrokeKind::Inside);
    let inner = rect.shrink2(vec2(9.0, 7.0));
    let at = Rect::from_min_size(pos2(inner.right() - 16.0, inner.top()), Vec2::splat(16.0));
    widgets::paint_icon(painter, at, icon, 16.0, color);
    let note = step.notes.iter().find(|note| !note.is_empty());
    let lines = [
        (step.title.as_str(), theme::strong_id(13.0), theme.text, inner.width() - 20.0, true),
        (step.place.as_str(), theme::body_id(12.0), theme.text_dim, inner.width(), true),
        (note.map_or("", String::as_str), theme::body_id(12.0), theme.text_dim, inner.width(), false),
    ];
    for (at, (words, font, color, width, keep_ends)) in lines.into_iter().enumerate() {
        let words = text::display(words);
        let galley = match keep_ends {
            true => widgets::line_keeping_ends(painter, &words, font, color, width),
            false => widgets::line(painter, &words, font, color, width),
        };
        painter.galley(pos2(inner.left(), inner.top() + 18.0 * at as f32), galley, color);
    }
}
