//! Complaints that travel beside a value: what is wrong with an image although it could be read.

use super::{Error, Result, limits};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Unusual, and nothing is lost by it.
    Info,
    /// The standard is broken; what is shown may differ from what was meant.
    Warning,
    /// Something cannot be shown or read.
    Error,
}

/// One complaint about one place of an image.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The structure, in the words of its standard, such as `directory record`.
    pub structure: &'static str,
    /// Absolute byte offset in the image.
    pub offset: u64,
    /// One plain sentence without a full stop.
    pub message: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} at byte {})", self.message, self.structure, self.offset)
    }
}

/// A bounded list of complaints without repetitions.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
    dropped: usize,
}

/// As the list of its complaints.
impl serde::Serialize for Diagnostics {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

impl Diagnostics {
    /// Adds a complaint, unless the very same one was made before or the list is full.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.items.contains(&diagnostic) {
            return;
        }
        if self.items.len() < limits::DIAGNOSTICS {
            self.items.push(diagnostic);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Adds something unusual.
    pub fn info(&mut self, structure: &'static str, offset: u64, message: impl Into<String>) {
        self.push(Diagnostic { severity: Severity::Info, structure, offset, message: message.into() });
    }

    /// Adds a breach of the standard.
    pub fn warning(&mut self, structure: &'static str, offset: u64, message: impl Into<String>) {
        self.push(Diagnostic { severity: Severity::Warning, structure, offset, message: message.into() });
    }

    /// Adds something that cannot be read.
    pub fn error(&mut self, structure: &'static str, offset: u64, message: impl Into<String>) {
        self.push(Diagnostic { severity: Severity::Error, structure, offset, message: message.into() });
    }

    /// Adds an error that stopped the reading of one part, while the rest goes on.
    pub fn failure(&mut self, error: &Error) {
        self.error(error.structure().unwrap_or("image"), error.offset().unwrap_or(0), error.sentence());
    }

    /// What was read; `None` with a complaint where it could not be, so that the rest goes on. Only
    /// [`Error::Cancelled`] is passed on.
    pub fn salvage<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => {
                self.failure(&error);
                Ok(None)
            }
        }
    }

    /// Takes over all complaints of `other`.
    pub fn append(&mut self, other: Diagnostics) {
        self.dropped = self.dropped.saturating_add(other.dropped);
        other.items.into_iter().for_each(|item| self.push(item));
    }

    /// The complaints in the order in which they were found.
    pub fn items(&self) -> &[Diagnostic] {
        &self.items
    }

    /// How many more there were than [`limits::DIAGNOSTICS`].
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// True when there is nothing to complain about.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The worst severity in the list.
    pub fn worst(&self) -> Option<Severity> {
        self.items.iter().map(|item| item.severity).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_dropped_and_the_list_is_bounded() {
        let mut list = Diagnostics::default();
        list.warning("path table", 1, "again");
        list.warning("path table", 1, "again");
        assert_eq!(list.items().len(), 1);
        for offset in 0..limits::DIAGNOSTICS as u64 + 5 {
            list.info("path table", offset, "other");
        }
        assert_eq!(list.items().len(), limits::DIAGNOSTICS);
        assert_eq!(list.dropped(), 6);
        assert_eq!(list.worst(), Some(Severity::Warning));
    }

    #[test]
    fn what_cannot_be_read_is_told_and_a_cancelled_job_ends() {
        let mut list = Diagnostics::default();
        assert_eq!(list.salvage(Ok(7)).unwrap(), Some(7));
        assert!(list.is_empty());
        assert_eq!(list.salvage::<u8>(Err(Error::damaged("path table", 9, "It is bad"))).unwrap(), None);
        assert_eq!((list.items()[0].offset, list.items()[0].severity), (9, Severity::Error));
        assert!(list.salvage::<u8>(Err(Error::Cancelled)).unwrap_err().is_cancelled());
    }
}
