//! Measures how long the program takes to show its first folder, and every frame.

use std::io::Write as _;
use std::time::Instant;

/// Set to 1 to have the milliseconds to the first folder told.
const START: &str = "ISOSCOPE_TRACE_START";

/// Set to 1 to have those of every frame told.
const FRAMES: &str = "ISOSCOPE_TRACE_FRAMES";

/// Tells `line` on standard error. Nobody to tell it to is no reason to fail.
fn tell(line: std::fmt::Arguments<'_>) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Tells on standard error how many milliseconds passed from the start of the process to the first folder on the
/// screen. For benchmarks only, so it is asked for by an environment variable.
#[derive(Debug)]
pub struct StartTrace {
    start: Instant,
    drawn: bool,
}

impl StartTrace {
    /// Begins to measure at `start`, if the environment asks for it.
    pub fn from_environment(start: Instant) -> Option<Self> {
        (std::env::var_os(START)? == "1").then_some(Self { start, drawn: false })
    }

    /// Called in every frame that shows a folder. In the second one the first is on the screen: then it tells, and
    /// answers true.
    pub fn painted(&mut self) -> bool {
        if self.drawn {
            let milliseconds = self.start.elapsed().as_secs_f64() * 1000.0;
            tell(format_args!("first folder painted after {milliseconds:.0} ms"));
        }
        std::mem::replace(&mut self.drawn, true)
    }
}

/// Tells on standard error how long each frame took to be made and drawn. For benchmarks only, as [`StartTrace`] is.
#[derive(Debug)]
pub struct FrameTrace(());

impl FrameTrace {
    /// Tells, if the environment asks for it.
    pub fn from_environment() -> Option<Self> {
        (std::env::var_os(FRAMES)? == "1").then_some(Self(()))
    }

    /// Called with the seconds of the frame before, if there was one.
    pub fn took(&self, seconds: Option<f32>) {
        if let Some(seconds) = seconds {
            tell(format_args!("a frame of {:.1} ms", seconds * 1000.0));
        }
    }
}
