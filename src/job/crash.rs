//! A crash inside a job ends that job only, and is told with everything that helps to find its cause.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// What is known about a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// What was being done, such as `Reading a folder`.
    pub job: &'static str,
    /// What went wrong, in the words of the code.
    pub message: String,
    /// Source file, line and column.
    pub location: String,
    /// The calls that led there, where the platform can tell; may be empty.
    pub backtrace: String,
}

impl Crash {
    /// All of it as text, for a bug report. It holds no names of files from the image.
    pub fn details(&self) -> String {
        let Self { job, message, location, backtrace } = self;
        format!("Isoscope {}\n{job}\n{message}\n{location}\n{backtrace}", env!("CARGO_PKG_VERSION"))
    }
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static CAUGHT: RefCell<Option<Crash>> = const { RefCell::new(None) };
}

/// Runs `work`; a crash inside becomes a value, and nothing is printed for it.
pub(super) fn catch<T>(job: &'static str, work: impl FnOnce() -> T) -> Result<T, Crash> {
    install_hook();
    CATCHING.set(true);
    // Whatever the job left half done is thrown away with the job: it owns all that it changes.
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(false);
    let told = CAUGHT.take();
    result.map_err(|payload| Crash {
        job,
        message: message(&*payload),
        ..told.unwrap_or(Crash { job, message: String::new(), location: String::new(), backtrace: String::new() })
    })
}

/// Keeps what only the panic hook is told. Threads that do not run a job crash as they did before.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !CATCHING.get() {
                return before(info);
            }
            let location = info.location().map(ToString::to_string).unwrap_or_default();
            let backtrace = Backtrace::force_capture().to_string();
            CAUGHT.set(Some(Crash { job: "", message: String::new(), location, backtrace }));
        }));
    });
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("No message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_told_with_its_place() {
        let numbers: [u8; 0] = [];
        let index = numbers.len() + 3;
        let crash = catch("Testing", || numbers[index]).unwrap_err();
        assert!(crash.message.contains("index is 3"), "{}", crash.message);
        assert!(crash.location.contains("crash.rs"), "{}", crash.location);
        assert!(crash.details().contains("Testing"));
        assert_eq!(catch("Testing", || 5), Ok(5));
    }
}
