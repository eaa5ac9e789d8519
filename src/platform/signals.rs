//! Signals that ask the program to end, as those at the end of a session do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the program was asked to end.
#[derive(Debug, Default, Clone)]
pub struct AskedToEnd(Arc<AtomicBool>);

impl AskedToEnd {
    /// Listens from now on, and calls `close` at the first signal: what is mounted and staged is to go with the window. A
    /// second one ends the process at once, for a window that does not answer.
    pub fn listen(&self, close: impl Fn() + Send + 'static) {
        let asked = self.0.clone();
        let heard = move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(1);
            }
            close();
        };
        // Without it the process ends at once, and the next start tidies up.
        ctrlc::set_handler(heard).unwrap_or_default();
    }

    /// True once it was.
    pub fn is_true(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
