//! Progress on the terminal, if standard error is one.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::disc::text;

/// Progress is drawn at most this often.
const INTERVAL: Duration = Duration::from_millis(100);

/// A bar of bytes. It goes when it is dropped.
pub(super) struct Bar {
    bar: Option<ProgressBar>,
    drawn: Option<Instant>,
}

impl Bar {
    /// A bar towards `total` bytes, where one is wanted and there is a terminal.
    pub(super) fn new(wanted: bool, total: u64) -> Self {
        if !wanted || !io::stderr().is_terminal() {
            return Self { bar: None, drawn: None };
        }
        let style = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}  {wide_msg}");
        let bar = ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar: Some(bar), drawn: None }
    }

    /// So many bytes are done, and `current` is what comes next.
    pub(super) fn show(&mut self, done: u64, current: &str) {
        let Some(bar) = &self.bar else { return };
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL) {
            self.drawn = Some(Instant::now());
            bar.set_message(text::display(current).into_owned());
            bar.set_position(done);
        }
    }

    /// As [`show`](Self::show), of so many bytes as are only known by now.
    pub(super) fn show_of(&mut self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
        self.show(done, "");
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
