//! What can go wrong, told apart by what the user can do about it.

use std::io;
use std::sync::Arc;

/// The result of reading something from an image.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something could not be read. Every kind but `Cancelled` names the structure and its absolute byte offset.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system could not read the image file. Trying again, or another drive, may help.
    #[error("The image could not be read: {error} ({structure} at byte {offset})")]
    Io {
        /// The structure that was being read.
        structure: &'static str,
        /// Absolute byte offset in the image.
        offset: u64,
        /// What the operating system said.
        error: Arc<io::Error>,
    },
    /// The image breaks its standard here, or ends too early. Another copy of the image may help.
    #[error("{message} ({structure} at byte {offset})")]
    Damaged {
        /// The structure that is damaged.
        structure: &'static str,
        /// Absolute byte offset in the image.
        offset: u64,
        /// One plain sentence without a full stop.
        message: String,
    },
    /// The image is sound as far as can be told, but Isoscope cannot read this.
    #[error("{message} ({structure} at byte {offset})")]
    Unsupported {
        /// The structure that is not supported.
        structure: &'static str,
        /// Absolute byte offset in the image.
        offset: u64,
        /// One plain sentence without a full stop.
        message: String,
    },
    /// A ceiling from [`limits`](super::limits) was reached, so that no image can use up the machine.
    #[error("{what} is more than the {limit} that Isoscope reads ({structure} at byte {offset})")]
    Limit {
        /// The structure that asks for too much.
        structure: &'static str,
        /// Absolute byte offset in the image.
        offset: u64,
        /// What there is too much of, such as `A folder of 3 GiB`.
        what: String,
        /// The ceiling in words, such as `256 MiB`.
        limit: String,
    },
    /// The job was cancelled.
    #[error("Cancelled")]
    Cancelled,
}

impl Error {
    /// Damage to `structure` at the absolute byte `offset`; `message` is a plain sentence without a full stop.
    pub fn damaged(structure: &'static str, offset: u64, message: impl Into<String>) -> Self {
        Self::Damaged { structure, offset, message: message.into() }
    }

    /// Something that Isoscope does not read; `message` is a plain sentence without a full stop.
    pub fn unsupported(structure: &'static str, offset: u64, message: impl Into<String>) -> Self {
        Self::Unsupported { structure, offset, message: message.into() }
    }

    /// The operating system's refusal to read `structure` at the absolute byte `offset`.
    pub fn io(structure: &'static str, offset: u64, error: io::Error) -> Self {
        Self::Io { structure, offset, error: Arc::new(error) }
    }

    /// The absolute byte offset of the trouble, if it has one.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Io { offset, .. }
            | Self::Damaged { offset, .. }
            | Self::Unsupported { offset, .. }
            | Self::Limit { offset, .. } => Some(*offset),
            Self::Cancelled => None,
        }
    }

    /// The structure in trouble, if any.
    pub fn structure(&self) -> Option<&'static str> {
        match self {
            Self::Io { structure, .. }
            | Self::Damaged { structure, .. }
            | Self::Unsupported { structure, .. }
            | Self::Limit { structure, .. } => Some(structure),
            Self::Cancelled => None,
        }
    }

    /// True when the job was cancelled: no trouble, nothing to report.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// The sentence alone, without structure and offset: for the first line a user reads.
    pub fn sentence(&self) -> String {
        match self {
            Self::Io { error, .. } => format!("The image could not be read: {error}"),
            Self::Damaged { message, .. } | Self::Unsupported { message, .. } => message.clone(),
            Self::Limit { what, limit, .. } => format!("{what} is more than the {limit} that Isoscope reads"),
            Self::Cancelled => "Cancelled".to_owned(),
        }
    }
}

/// For adapters to `std::io::Read`; [`Error::from_io`] gets the original back.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Io { error, .. } => error.kind(),
            Error::Damaged { .. } => io::ErrorKind::InvalidData,
            Error::Unsupported { .. } => io::ErrorKind::Unsupported,
            Error::Limit { .. } => io::ErrorKind::OutOfMemory,
            Error::Cancelled => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

impl Error {
    /// Unwraps an error that went through `std::io`; a genuine one becomes [`Error::Io`].
    pub fn from_io(error: io::Error, structure: &'static str, offset: u64) -> Self {
        match error.downcast::<Error>() {
            Ok(own) => own,
            Err(foreign) => Self::io(structure, offset, foreign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_error_survives_the_way_through_std_io() {
        let error = Error::damaged("directory record", 34_816, "The record is too short");
        let back = Error::from_io(io::Error::from(error), "other", 0);
        assert_eq!(back.to_string(), "The record is too short (directory record at byte 34816)");
        assert_eq!(back.offset(), Some(34_816));
    }

    #[test]
    fn a_foreign_error_is_an_io_error() {
        let back = Error::from_io(io::Error::from(io::ErrorKind::PermissionDenied), "file data", 7);
        assert!(matches!(back, Error::Io { structure: "file data", offset: 7, .. }));
    }
}
