//! Starts the window, with one renderer or the other.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clipboard::Clipboard;
use super::{Start, Window};
use crate::app::state::Origin;
use crate::platform::drag_out::{self, DragOut};
use crate::platform::mount::DragMount;
use crate::platform::renderer::{self, Renderer};
use crate::platform::{self, AskedToEnd, StartTrace, open_events};
use crate::settings::Settings;

/// The name of the program to the desktop; also that of its desktop file.
const APP_ID: &str = "isoscope";

/// How long other programs may go on reading, or be given what they were promised, after the window was closed.
const LINGER: Duration = Duration::from_secs(30 * 60);

/// What the window shall begin with.
#[derive(Debug)]
pub struct Options {
    /// The image to open.
    pub image: Option<Origin>,
    /// What shall draw it, where the user said so.
    pub renderer: Option<Renderer>,
    /// When the process started.
    pub started: Instant,
}

/// Opens the window and comes back when it is closed.
///
/// # Errors
///
/// What each renderer had to say, when no window could be opened with any of them.
pub fn run(options: Options) -> Result<(), String> {
    // Reading the image begins before there is a window, and survives the attempt that fails.
    let settings_path = Settings::default_path();
    let loaded = settings_path.as_deref().map(Settings::load).unwrap_or_default();
    let wanted = options.renderer.or_else(|| Renderer::from_slug(loaded.settings.renderer.as_deref()?));
    let start = Rc::new(RefCell::new(Some(Start::new(options.image, loaded, settings_path))));
    platform::tidy_up();
    open_events::listen();
    let mount: Rc<RefCell<Option<Arc<DragMount>>>> = Rc::default();
    let asked = AskedToEnd::default();
    let mut complaints = Vec::new();
    for renderer in renderer::order(wanted) {
        let trace = StartTrace::from_environment(options.started);
        let (begin, mounted, ending) = (start.clone(), mount.clone(), asked.clone());
        let result = eframe::run_native(
            APP_ID,
            native_options(renderer),
            Box::new(move |context| {
                let start = begin.borrow_mut().take().ok_or("the window was opened before")?;
                let waker = || {
                    let ctx = context.egui_ctx.clone();
                    Arc::new(move || ctx.request_repaint())
                };
                open_events::wake_with(waker());
                let window = context.egui_ctx.clone();
                ending
                    .listen(move || window.send_viewport_cmd_to(egui::ViewportId::ROOT, egui::ViewportCommand::Close));
                let mut window = Window::new(&context.egui_ctx, start, trace);
                let drag_out = DragOut::new(context, waker());
                if drag_out::has_own_text() {
                    context.egui_ctx.add_plugin(Clipboard::new(drag_out.text()));
                }
                window.connect(drag_out);
                *mounted.borrow_mut() = window.state().outlets.mount.clone();
                Ok(Box::new(window))
            }),
        );
        match result {
            Ok(()) => {
                // The window is closed, but what was dragged out of it may still be on its way.
                if !asked.is_true() {
                    if let Some(mount) = mount.take() {
                        mount.wait_until_unused(LINGER);
                    }
                    drag_out::wait_until_delivered(LINGER);
                }
                return Ok(());
            }
            // There was a window: the trouble came later, and another renderer would open a second one.
            Err(error) if start.borrow().is_none() => return Err(error.to_string()),
            Err(error) => complaints.push(format!("{}: {error}", renderer.slug())),
        }
    }
    Err(complaints.join("\n"))
}

fn native_options(renderer: Renderer) -> eframe::NativeOptions {
    let viewport = egui::ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Isoscope")
        .with_inner_size([1180.0, 740.0])
        .with_min_inner_size([640.0, 400.0])
        .with_drag_and_drop(true)
        .with_icon(icon());
    eframe::NativeOptions {
        viewport,
        renderer: match renderer {
            Renderer::Glow => eframe::Renderer::Glow,
            Renderer::Wgpu => eframe::Renderer::Wgpu,
        },
        persist_window: false,
        centered: true,
        clipboard_shortcuts: !drag_out::has_own_text(),
        ..eframe::NativeOptions::default()
    }
}

/// The icon of the window; without one where it cannot be read.
fn icon() -> egui::IconData {
    eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon.png")).unwrap_or_default()
}
