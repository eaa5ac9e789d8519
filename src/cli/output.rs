//! Standard output through one reused buffer, notes on standard error, and what the end means for the exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::disc::{Diagnostics, Error, Severity, text};

/// How a command ended that did what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All as asked.
    Done,
    /// Done, but something was skipped, renamed, damaged or different. The notes say what.
    WithNotes,
}

/// Why a command could not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// The command line makes no sense. One sentence without a full stop.
    Usage(String),
    /// It did not work. One sentence without a full stop.
    Failed(String),
    /// Standard output could not be written.
    Output(io::Error),
}

impl Failure {
    /// `error` happened to `what`, a file of the user's or of the image.
    pub fn about(what: &str, error: &Error) -> Self {
        Self::Failed(format!("{}: {error}", text::display(what)))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Bytes collected before they are written.
const BUFFER: usize = 64 << 10;

/// The streams of a command.
pub struct Output<'a> {
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    buffer: Vec<u8>,
    /// Why standard output could not be written when a note came between.
    failed: Option<io::Error>,
    noted: bool,
    quiet: bool,
}

impl<'a> Output<'a> {
    /// Results go to `stdout`, notes to `stderr`.
    pub fn new(stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        Self {
            stdout,
            stderr,
            buffer: Vec::with_capacity(BUFFER + BUFFER / 4),
            failed: None,
            noted: false,
            quiet: false,
        }
    }

    /// With `quiet`, notes count for the exit status, but are not written.
    pub fn set_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Where results are composed; call [`spill`](Self::spill) now and then.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Writes the buffer when it is full.
    pub fn spill(&mut self) -> io::Result<()> {
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Writes `bytes`, large ones without a detour.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() >= BUFFER {
            self.flush()?;
            return self.stdout.write_all(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        self.spill()
    }

    /// Writes `value` as one line of JSON.
    pub fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.buffer, value)?;
        self.write(b"\n")
    }

    /// Writes everything that waits in the buffer.
    pub fn flush(&mut self) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let result = self.stdout.write_all(&self.buffer).and_then(|()| self.stdout.flush());
        self.buffer.clear();
        result
    }

    /// Says something beside the result, and that there was something to say. `message` is shown as it is.
    pub fn note(&mut self, message: &str) {
        self.noted = true;
        self.hint(message);
    }

    /// Says something that is worth knowing and does not change the exit status.
    pub fn hint(&mut self, message: &str) {
        if !self.quiet {
            // What was found so far comes first where both streams end in the same place.
            self.failed = self.flush().err();
            say(self.stderr, message);
        }
    }

    /// Passes on complaints about `place`. What is only unusual does not change the exit status.
    pub fn diagnostics(&mut self, place: &str, diagnostics: &Diagnostics) {
        let before = self.noted;
        for diagnostic in diagnostics.items() {
            self.note(&format!("{}: {}", text::display(place), text::display(&diagnostic.to_string())));
        }
        if diagnostics.dropped() > 0 {
            self.note(&format!("{}: {} more notes", text::display(place), diagnostics.dropped()));
        }
        self.noted = before || diagnostics.worst() >= Some(Severity::Warning);
    }

    /// Counts for the exit status without a word: the result itself says what is wrong.
    pub fn mark(&mut self) {
        self.noted = true;
    }

    /// The status as far as notes decide it.
    pub fn status(&self) -> Status {
        if self.noted { Status::WithNotes } else { Status::Done }
    }
}

/// Writes one line to standard error, at once and as a whole. When that fails there is nobody left to tell.
fn say(stderr: &mut dyn Write, message: &str) {
    drop(stderr.write_all(format!("isoscope: {message}\n").as_bytes()));
}

/// Runs `command` on the standard streams, ends quietly when nobody reads on, and says the exit status.
pub fn on_standard_streams(command: impl FnOnce(&mut Output<'_>) -> Result<Status, Failure>) -> ExitCode {
    let mut stdout = io::stdout().lock();
    // Not locked: progress is drawn there by another thread.
    let mut stderr = io::stderr();
    let mut output = Output::new(&mut stdout, &mut stderr);
    let result = command(&mut output);
    // What was found before a failure is worth having.
    let flushed = output.flush().map_err(Failure::from);
    let result = result.and_then(|status| flushed.map(|()| status));
    let (code, message) = match result {
        Ok(Status::Done) => (0, None),
        Ok(Status::WithNotes) => (1, None),
        Err(Failure::Usage(message)) => (2, Some(message)),
        Err(Failure::Failed(message)) => (3, Some(message)),
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => (0, None),
        Err(Failure::Output(error)) => (3, Some(format!("The output could not be written: {error}"))),
    };
    if let Some(message) = message {
        say(&mut stderr, &message);
    }
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_after_what_was_found_before_them() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = Output::new(&mut out, &mut err);
        output.write(b"first\n").unwrap();
        output.note("second");
        output.flush().unwrap();
        assert_eq!(output.status(), Status::WithNotes);
        assert_eq!((out.as_slice(), err.as_slice()), (&b"first\n"[..], &b"isoscope: second\n"[..]));
    }

    #[test]
    fn what_is_only_unusual_does_not_change_the_exit_status() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = Output::new(&mut out, &mut err);
        let mut list = Diagnostics::default();
        list.info("path table", 7, "It is unusual");
        output.diagnostics("disc.iso", &list);
        assert_eq!(output.status(), Status::Done);
        list.warning("path table", 7, "It is wrong");
        output.diagnostics("disc.iso", &list);
        assert_eq!(output.status(), Status::WithNotes);
    }

    #[test]
    fn quiet_notes_still_count() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut output = Output::new(&mut out, &mut err);
        output.set_quiet(true);
        output.note("hush");
        assert_eq!(output.status(), Status::WithNotes);
        assert!(err.is_empty());
    }
}
