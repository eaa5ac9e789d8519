//! The window: it takes in what happened, draws the state, and carries out what the commands ask for.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::drags::Drags;
use super::folders::{FoldersView, folders_ui};
use super::format::Units;
use super::preview::{PreviewView, preview_ui};
use super::table::{TableView, table_ui};
use super::theme::{self, Theme};
use super::toolbar::{ToolbarView, toolbar_ui};
use super::{dialogs, icons, keyboard, menu, pages, status};
use crate::app::boot::{BootWish, Tab};
use crate::app::model::Rows;
use crate::app::state::{Disc, Indexing, Message, Origin, Tone, View};
use crate::app::{self, Command, Effect, Place, Runner, State};
use crate::job::SaveFile;
use crate::platform;
use crate::platform::drag_out::DragOut;
use crate::settings::{Loaded, ThemeChoice};

/// What the frame of the window and the bars of the desktop take from the screen, in points.
const FRAME: egui::Vec2 = egui::vec2(0.0, 64.0);

/// The window of the program.
pub struct Window {
    state: State,
    runner: Runner,
    choices: platform::Choices,
    table: TableView,
    folders: FoldersView,
    toolbar: ToolbarView,
    preview: PreviewView,
    dialogs: dialogs::DialogsView,
    drags: Drags,
    /// The pane that had the keyboard last: the table or the tree.
    pane: egui::Id,
    /// The first size of the window has been compared with the screen.
    is_fitted: bool,
    trace: Option<platform::StartTrace>,
    frames: Option<platform::FrameTrace>,
}

/// Work that began before there was a window: the image is read while the window is made.
pub struct Start {
    state: State,
    runner: Runner,
    context: Arc<OnceLock<egui::Context>>,
    effects: Vec<Effect>,
}

impl Start {
    /// Begins to open `image`, with the settings that were loaded from `path`.
    pub fn new(image: Option<Origin>, loaded: Loaded, path: Option<PathBuf>) -> Self {
        let context: Arc<OnceLock<egui::Context>> = Arc::default();
        let waker = context.clone();
        let runner = Runner::new(Arc::new(move || {
            if let Some(context) = waker.get() {
                context.request_repaint();
            }
        }));
        let mut state = State::default();
        state.settings_path = path;
        state.downloads = platform::downloads();
        app::use_loaded(&mut state, loaded);
        let mut start = Self { state, runner, context, effects: Vec::new() };
        let command = match image {
            Some(Origin::File(path)) => Some(Command::OpenPath(path)),
            Some(Origin::Sample) => Some(Command::OpenSample),
            None => None,
        };
        if let Some(command) = command {
            for effect in app::update(&mut start.state, command) {
                match effect {
                    Effect::Start(ticket, work) => start.runner.start(ticket, work),
                    other => start.effects.push(other),
                }
            }
        }
        start
    }
}

impl Window {
    /// The window over what `start` began.
    pub fn new(context: &egui::Context, start: Start, trace: Option<platform::StartTrace>) -> Self {
        theme::install(context, start.state.settings.font_scale);
        context.options_mut(|options| options.zoom_with_keyboard = false);
        let Start { state, runner, context: waker, effects } = start;
        // Set once: the window is made once.
        drop(waker.set(context.clone()));
        let mut window = Self {
            state,
            runner,
            choices: platform::Choices::new({
                let context = context.clone();
                Arc::new(move || context.request_repaint())
            }),
            table: TableView::default(),
            folders: FoldersView::default(),
            toolbar: ToolbarView::default(),
            preview: PreviewView::default(),
            dialogs: dialogs::DialogsView::default(),
            drags: Drags::default(),
            pane: super::table::focus_id(),
            is_fitted: false,
            trace,
            frames: platform::FrameTrace::from_environment(),
        };
        window.restyle(context);
        window.carry_out(context, effects);
        window
    }

    /// Lets files be dragged out of the window, which is on a screen.
    pub fn connect(&mut self, drag_out: DragOut) {
        self.drags.connect(drag_out, &mut self.state);
    }

    /// What the window shows: for tests.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// True when no job is under way: for tests.
    pub fn is_idle(&self) -> bool {
        self.runner.is_idle()
    }

    /// Carries out a command: for tests, and for what comes from outside.
    pub fn command(&mut self, context: &egui::Context, command: Command) {
        let effects = app::update(&mut self.state, command);
        self.carry_out(context, effects);
    }

    /// Takes in what the jobs, the dialogs of the system and other programs have to say.
    pub fn take_in(&mut self, context: &egui::Context) {
        for (ticket, event) in self.runner.poll() {
            let effects = app::receive(&mut self.state, ticket, event);
            self.carry_out(context, effects);
        }
        for choice in self.choices.poll() {
            match choice {
                platform::Choice::Image(path) => self.command(context, Command::OpenPath(path)),
                platform::Choice::Folder(path) => {
                    self.command(context, Command::ExtractTo(path.to_string_lossy().into_owned()));
                }
                platform::Choice::List(path) => self.command(context, Command::Boot(BootWish::UseList(Some(path)))),
                platform::Choice::File(path) => self.command(context, Command::Boot(BootWish::SavePicture(path))),
                platform::Choice::Failed(reason) => self.complain(format!("The dialog could not be opened: {reason}")),
            }
        }
        let opened = platform::open_events::take();
        if !opened.is_empty() {
            self.command(context, Command::OpenDropped(opened));
        }
        let dropped: Vec<PathBuf> =
            context.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        let dropped: Vec<PathBuf> = dropped.into_iter().filter(|path| !path.as_os_str().is_empty()).collect();
        if !dropped.is_empty() {
            self.command(context, Command::OpenDropped(dropped));
        }
        self.drags.poll().into_iter().for_each(|command| self.command(context, command));
    }

    fn carry_out(&mut self, context: &egui::Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(ticket, work) => self.runner.start(ticket, work),
                Effect::Abandon(ticket) => self.runner.abandon(ticket),
                Effect::Cancel(ticket) => self.runner.cancel(ticket),
                Effect::ChooseImage => self.choices.choose_image(),
                Effect::ChooseFolder(near) => self.choices.choose_folder(&near),
                Effect::ChooseList => self.choices.choose_list(),
                Effect::ChooseFile(name) => self.choices.choose_file(&name),
                Effect::DrawBoot(ticket, study, path) => {
                    let dark = context.theme() == egui::Theme::Dark;
                    let is_svg = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
                    let make = Box::new(move || super::boot::picture(&study, dark, is_svg));
                    self.runner.start(ticket, app::Work::SaveFile(SaveFile { make, path }));
                }
                Effect::ShowFolder(path) => {
                    if let Err(error) = platform::open_in_system(&path) {
                        self.complain(format!("The folder could not be opened: {error}"));
                    }
                }
                Effect::Restyle => self.restyle(context),
                Effect::NewWindow(origin) => {
                    let argument = match &origin {
                        Origin::File(path) => path.as_os_str(),
                        Origin::Sample => "--sample".as_ref(),
                    };
                    if let Err(error) = platform::new_window(&[argument]) {
                        self.complain(format!("A second window could not be opened: {error}"));
                    }
                }
                Effect::CopyText(text) => context.copy_text(text),
                Effect::BeginDrag(handed) => self.drags.begin(context, *handed, self.state.settings.units),
                Effect::DragFilesAreReady(ready) => self.drags.files_are_ready(ready),
                Effect::CopyFiles(handed, text) => {
                    if let Err(why) = self.drags.copy(context, *handed, text.clone(), self.state.settings.units) {
                        // The text alone is better than nothing.
                        context.copy_text(text);
                        self.complain(format!("The files could not be copied, only their paths: {why}"));
                    }
                }
                Effect::OpenFile(path) => {
                    if let Err(error) = platform::open_in_system(&path) {
                        let name = path.file_name().unwrap_or_default().to_string_lossy();
                        let text = format!("No program here opens “{name}”");
                        self.complain_with(text, error.to_string());
                    }
                }
                Effect::Title(title) => context.send_viewport_cmd(egui::ViewportCommand::Title(title)),
                Effect::Close => context.send_viewport_cmd(egui::ViewportCommand::Close),
                Effect::Zoom(by) => {
                    let factor = match by {
                        0 => 1.0,
                        by => (context.zoom_factor() + f32::from(by) * 0.1).clamp(0.5, 3.0),
                    };
                    context.set_zoom_factor((factor * 10.0).round() / 10.0);
                }
            }
        }
    }

    /// Takes over theme and text size from the settings.
    fn restyle(&self, context: &egui::Context) {
        let settings = &self.state.settings;
        context.set_theme(match settings.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
        });
        theme::install_styles(context, settings.font_scale);
    }

    fn complain(&mut self, text: String) {
        self.complain_with(text, String::new());
    }

    fn complain_with(&mut self, text: String, details: String) {
        let id = u64::MAX - self.state.messages.len() as u64;
        self.state.messages.push(Message { id, tone: Tone::Bad, text, details, action: None });
    }

    /// Draws the window, and carries out what the user did in it.
    pub fn show(&mut self, ui: &mut Ui) {
        let context = ui.ctx().clone();
        let mut commands = Vec::new();
        if self.state.dialog.is_none() {
            let typing = context.memory(|memory| memory.focused() == Some(super::toolbar::search_id()))
                || super::preview::has_focus(&context);
            commands = keyboard::commands(&context, &self.state, typing);
        }
        self.drags.intercept(&context);
        self.frame(ui, &mut commands);
        dialogs::dialogs_ui(&context, &mut self.dialogs, &self.state, self.state.settings.units, &mut commands);
        self.drop_target(ui);
        self.drags.point(&context);
        self.keep_keyboard(&context);
        for command in commands {
            self.command(&context, command);
        }
        self.trace_start(&context);
    }

    /// The keyboard goes back to the list, or to the tree, when a menu or a dialog that had it is gone.
    fn keep_keyboard(&mut self, context: &egui::Context) {
        match context.memory(|memory| memory.focused()) {
            Some(id) if id == super::table::focus_id() || id == super::folders::focus_id() => self.pane = id,
            Some(_) => {}
            None => {
                let free = self.state.dialog.is_none() && !egui::Popup::is_any_open(context);
                if free && self.state.disc().is_some() {
                    let tree = self.pane == super::folders::focus_id() && !self.state.hidden.tree;
                    let id = if tree { self.pane } else { super::table::focus_id() };
                    context.memory_mut(|memory| memory.request_focus(id));
                }
            }
        }
    }

    /// On a screen that the window would not fit on with its frame, it fills the screen.
    fn fit_to_screen(&mut self, context: &egui::Context) {
        if self.is_fitted {
            return;
        }
        let (screen, window) = context.input(|input| (input.viewport().monitor_size, input.viewport().inner_rect));
        if let (Some(screen), Some(window)) = (screen, window) {
            self.is_fitted = true;
            let room = screen - FRAME;
            if window.width() > room.x || window.height() > room.y {
                context.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
            }
        }
    }

    fn frame(&mut self, ui: &mut Ui, out: &mut Vec<Command>) {
        let theme = Theme::of(ui);
        let width = ui.available_width();
        let bar = Frame::new().fill(theme.raised).inner_margin(Margin::symmetric(8, 2));
        Panel::top("menu").frame(bar).show_separator_line(false).show(ui, |ui| menu::menu_bar(ui, &self.state, out));
        match &self.state.view {
            View::Disc(disc) => {
                let frame = Frame::new().fill(theme.raised).inner_margin(Margin::symmetric(8, 0));
                Panel::top("toolbar").exact_size(super::toolbar::HEIGHT).frame(frame).show(ui, |ui| {
                    toolbar_ui(ui, &mut self.toolbar, &self.state, disc, out);
                });
                let frame = Frame::new().fill(theme.raised).inner_margin(Margin::symmetric(6, 0));
                Panel::bottom("status").exact_size(status::HEIGHT).frame(frame).show(ui, |ui| {
                    status::status_ui(ui, &self.state, disc, self.state.settings.units, out);
                });
                super::identity::card_ui(ui, disc, out);
                super::strip::strip_ui(ui, disc, out);
                cut_off_banner(ui, disc, self.state.settings.units);
                messages(ui, &self.state, out);
                if !self.state.hidden.tree {
                    let frame = Frame::new().fill(theme.raised).inner_margin(Margin { top: 4, ..Margin::ZERO });
                    let range = 140.0..=(width * 0.35).clamp(140.0, 480.0);
                    let panel = Panel::left("folders").default_size(232.0_f32.min(width * 0.22)).size_range(range);
                    let panel = panel.frame(frame);
                    panel.show(ui, |ui| folders_ui(ui, &mut self.folders, disc, out));
                }
                // Beside other tabs than that of the files there is a preview once something is chosen for it.
                if !self.state.hidden.preview && (disc.tab == Tab::Files || disc.boot.aside) {
                    let frame = Frame::new().fill(theme.surface);
                    // The table between the panes always keeps room for names.
                    let most = (ui.available_width() - 240.0).clamp(220.0, 900.0);
                    let panel = Panel::right("preview").default_size(360.0_f32.min(width * 0.32));
                    let panel = panel.size_range(220.0..=most).frame(frame);
                    panel.show(ui, |ui| {
                        preview_ui(ui, &mut self.preview, &disc.preview, self.state.settings.units, out);
                    });
                }
                CentralPanel::default().frame(Frame::new().fill(theme.surface)).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    super::tabs::tabs_ui(ui, disc, out);
                    ui.spacing_mut().item_spacing.y = theme::GRID;
                    if disc.tab != Tab::Files {
                        let free = self.state.dialog.is_none() && !egui::Popup::is_any_open(ui.ctx());
                        if free && ui.input(|input| input.key_pressed(egui::Key::Escape)) {
                            out.push(Command::Escape);
                        }
                    }
                    match disc.tab {
                        Tab::Boot => return super::boot::boot_ui(ui, disc, out),
                        Tab::Integrity => {
                            return super::integrity::integrity_ui(ui, disc, self.state.settings.units, out);
                        }
                        Tab::Files => {}
                    }
                    middle(ui, &mut self.table, &self.state, disc, self.state.settings.units, out);
                });
            }
            other => {
                messages(ui, &self.state, out);
                CentralPanel::default().frame(Frame::new().fill(theme.surface)).show(ui, |ui| match other {
                    View::Welcome => pages::welcome_ui(ui, &self.state.settings.recents, out),
                    View::Opening(opening) => pages::opening_ui(ui, opening),
                    View::Failed(failure) => {
                        let recents = &self.state.settings.recents;
                        let recent = failure.origin.path().filter(|path| recents.contains(path)).map(PathBuf::as_path);
                        pages::failed_ui(ui, failure, recent, out);
                    }
                    View::Disc(_) => {}
                });
            }
        }
    }

    /// While something is dragged over the window, the window says what will happen to it.
    fn drop_target(&self, ui: &Ui) {
        // What comes from this window does not go back into it.
        let hovered = ui.input(|input| !input.raw.hovered_files.is_empty()) && !self.state.dragging;
        let hovered = hovered || self.drags.is_hovered();
        if !hovered {
            return;
        }
        let theme = Theme::of(ui);
        let text = match self.state.view {
            View::Disc(_) => "Drop to open in a new window",
            _ => "Drop to open",
        };
        let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop target"));
        let painter = ui.ctx().layer_painter(layer);
        let rect = ui.ctx().content_rect();
        painter.rect_filled(rect, 0.0, theme.surface.gamma_multiply(0.85));
        let inner = rect.shrink(16.0);
        painter.rect_stroke(inner, 10.0, egui::Stroke::new(2.0, theme.accent), egui::StrokeKind::Inside);
        painter.text(inner.center(), egui::Align2::CENTER_CENTER, text, theme::strong_id(20.0), theme.text);
    }

    fn trace_start(&mut self, context: &egui::Context) {
        let shown = match &self.state.view {
            View::Disc(disc) => disc.loading.is_none(),
            View::Failed(_) => true,
            View::Opening(_) | View::Welcome => false,
        };
        if let Some(trace) = self.trace.as_mut().filter(|_| shown) {
            if trace.painted() {
                self.trace = None;
            } else {
                // One frame later this one is on the screen.
                context.request_repaint();
            }
        }
    }
}

/// What fills the middle of the window: the table, or why there is none.
fn middle(ui: &mut Ui, view: &mut TableView, state: &State, disc: &Disc, units: Units, out: &mut Vec<Command>) {
    if let Some(trouble) = &disc.trouble {
        return pages::trouble_ui(ui, trouble, out);
    }
    let searching = disc.search.is_active() && !disc.search.shown;
    if searching && matches!(disc.index, Indexing::Running(..) | Indexing::None) && disc.listing.is_empty() {
        return pages::nothing_ui(
            ui,
            icons::SEARCH,
            "Looking through the whole disc",
            "Matches appear when it is known",
        );
    }
    if let Some(loading) = &disc.loading {
        let fresh = loading.since.elapsed() < pages::PATIENCE;
        if !fresh || disc.listing.is_empty() {
            return pages::waiting_ui(ui, loading.since, "Reading the folder");
        }
        ui.ctx().request_repaint_after(pages::PATIENCE);
    }
    table_ui(ui, view, state, disc, units, out);
    if disc.listing.is_empty() && disc.loading.is_none() {
        match &disc.listing.rows {
            Rows::Found(..) => {
                let more = format!("No name on this disc contains “{}”", disc.search.query.trim());
                pages::nothing_ui(ui, icons::SEARCH, "Nothing found", &more);
            }
            _ if disc.place == Place::root() => pages::nothing_ui(ui, icons::EMPTY, "This disc is empty", ""),
            _ => pages::nothing_ui(ui, icons::EMPTY, "This folder is empty", ""),
        }
    }
}

/// Says that the image is not whole.
fn cut_off_banner(ui: &mut Ui, disc: &Disc, units: Units) {
    if disc.missing() == 0 {
        return;
    }
    let have = super::format::size(disc.image.source().len(), units);
    let all = super::format::size(disc.image.declared_size(), units);
    let text =
        format!("This image is cut off: {have} of {all} are there. Files marked “cut off” or “missing” are not whole.");
    banner(ui, "cut off", Tone::Warn, &text, "", None, None, &mut Vec::new());
}

/// What has to be said above everything else.
fn messages(ui: &mut Ui, state: &State, out: &mut Vec<Command>) {
    if let Some(notice) = &state.settings_notice {
        banner(ui, "settings", Tone::Warn, notice, "", None, Some(Command::DismissNotice), out);
    }
    for Message { id, tone, text, details, action } in &state.messages {
        let dismiss = Command::DismissMessage(*id);
        banner(ui, id, *tone, text, details, action.as_ref(), Some(dismiss), out);
    }
}

#[expect(clippy::too_many_arguments, reason = "what a banner can have, which is mostly nothing")]
fn banner(
    ui: &mut Ui,
    id: impl std::hash::Hash + std::fmt::Debug,
    tone: Tone,
    text: &str,
    details: &str,
    action: Option<&(&'static str, Command)>,
    dismiss: Option<Command>,
    out: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let (icon, color, ground) = match tone {
        Tone::Ok => (icons::DONE, theme.ok, theme.raised),
        Tone::Warn => (icons::WARNING, theme.warn, theme.warn_surface),
        Tone::Bad => (icons::ERROR, theme.bad, theme.bad_surface),
    };
    let frame = Frame::new().fill(ground).inner_margin(Margin::symmetric(12, 4));
    Panel::top(egui::Id::unique(("banner", id))).frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(icon).font(theme::icon_id(18.0)).color(color));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if let Some(dismiss) = &dismiss
                    && super::widgets::icon_button(ui, icons::CLOSE, "Dismiss", true).clicked()
                {
                    out.push(dismiss.clone());
                }
                if let Some((name, command)) = action
                    && ui.button(*name).clicked()
                {
                    out.push(command.clone());
                    out.extend(dismiss);
                }
                if !details.is_empty() && ui.button("Copy details").on_hover_text(details).clicked() {
                    out.push(Command::CopyText(details.to_owned()));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(egui::RichText::new(text).color(theme.text)).truncate());
                });
            });
        });
    });
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        if let Some(trace) = &self.frames {
            trace.took(frame.info().cpu_usage);
        }
        self.fit_to_screen(ctx);
        self.take_in(ctx);
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw: &mut egui::RawInput) {
        self.drags.release(raw);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.show(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        let theme = if visuals.dark_mode { &theme::DARK } else { &theme::LIGHT };
        theme.surface.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let runner = std::mem::replace(&mut self.runner, Runner::new(Arc::new(|| {})));
        runner.shut_down(Duration::from_millis(500));
    }
}
