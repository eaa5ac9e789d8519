//! The window: it takes in what happened, draws the state, and carries out what the commands ask for.

mod effects;
mod panes;
mod start;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::Ui;

pub use self::start::Start;
use super::drags::Drags;
use super::folders::FoldersView;
use super::preview::PreviewView;
use super::table::TableView;
use super::toolbar::ToolbarView;
use super::{dialogs, keyboard, theme};
use crate::app::boot::BootWish;
use crate::app::state::{Tone, View};
use crate::app::{self, Command, Runner, State};
use crate::platform;
use crate::platform::drag_out::DragOut;

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
                platform::Choice::Failed(reason) => {
                    self.state.tell(Tone::Bad, format!("The dialog could not be opened: {reason}"), "");
                }
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
