//! Measures how long the program takes to show its first folder.

use std::time::Instant;

/// Set to 1 to have the milliseconds told.
const VARIABLE: &str = "ISOSCOPE_TRACE_START";

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
        (std::env::var_os(VARIABLE)? == "1").then_some(Self { start, drawn: false })
    }

    /// Called in every frame that shows a folder. In the second one the first is on the screen: then it tells, and
    /// answers true.
    pub fn painted(&mut self) -> bool {
        if self.drawn {
            use std::io::Write;
            let milliseconds = self.start.elapsed().as_secs_f64() * 1000.0;
            // Nobody to tell it to is no reason to fail.
            drop(writeln!(std::io::stderr(), "first folder painted after {milliseconds:.0} ms"));
        }
        std::mem::replace(&mut self.drawn, true)
    }
}
