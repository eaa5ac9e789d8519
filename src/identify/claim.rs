//! What is said of a disc, by what on it, and how sure that is.

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The name of the product, such as `Debian` or `Windows 11`.
    Product,
    /// What kind of disc it is, in words, such as `Operating system installer`.
    Kind,
    /// Its version, such as `12.5.0` or `24H2 (build 26100.1742)`.
    Version,
    /// The name that its makers gave the version, such as `Bookworm`.
    Codename,
    /// The variant, such as `netinst`, `Workstation` or `Enterprise Evaluation`.
    Edition,
    /// The computers that it is for, such as `x64`, `arm64` or `x86`.
    Architecture,
    /// Its language as a BCP 47 tag, such as `en-US`.
    Language,
    /// When it was made.
    Made,
    /// The program that wrote the image, with its version.
    WrittenBy,
    /// What that program was told, as far as the image shows.
    Options,
}

impl Subject {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Product => "Product",
            Self::Kind => "Kind",
            Self::Version => "Version",
            Self::Codename => "Code name",
            Self::Edition => "Edition",
            Self::Architecture => "Computers",
            Self::Language => "Language",
            Self::Made => "Made",
            Self::WrittenBy => "Written by",
            Self::Options => "Options",
        }
    }
}

/// How sure a claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// The disc says so in words that its makers put there for this.
    Stated,
    /// It follows from a convention: a name, a folder, a loader. Others could have made the same.
    Guess,
}

/// What on the disc says so.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evidence {
    /// Where it stands: the path of a file in the default tree, or a field of a descriptor in the words of its standard.
    pub source: String,
    /// True when `source` is a path of the default tree.
    pub is_path: bool,
    /// The words there, or what is there, shortened to one line. Not yet escaped for display.
    pub says: String,
}

impl Evidence {
    /// Characters of a quotation; what is longer is cut.
    const QUOTED: usize = 160;

    /// The file or folder at `path` says so.
    pub fn file(path: &str, says: &str) -> Self {
        Self { source: path.to_owned(), is_path: true, says: one_line(says) }
    }

    /// The field of a descriptor says so, such as `Volume identifier`.
    pub fn field(name: &str, says: &str) -> Self {
        Self { source: name.to_owned(), is_path: false, says: one_line(says) }
    }
}

/// `text` with its white space joined, cut to what a line can show.
fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(Evidence::QUOTED) {
        Some((end, _)) => format!("{}…", joined.get(..end).unwrap_or_default()),
        None => joined,
    }
}

/// One thing that is said of a disc.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Claim {
    /// What it is about.
    pub subject: Subject,
    /// What is said.
    pub value: String,
    /// How sure it is.
    pub certainty: Certainty,
    /// What says so.
    pub evidence: Evidence,
}

impl Claim {
    /// What the disc says in words.
    pub fn stated(subject: Subject, value: impl Into<String>, evidence: Evidence) -> Self {
        Self { subject, value: value.into(), certainty: Certainty::Stated, evidence }
    }

    /// What follows from a convention.
    pub fn guess(subject: Subject, value: impl Into<String>, evidence: Evidence) -> Self {
        Self { subject, value: value.into(), certainty: Certainty::Guess, evidence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_one_line_of_a_length_that_can_be_shown() {
        assert_eq!(Evidence::file("a", " Debian\r\n\t12 \n").says, "Debian 12");
        assert_eq!(Evidence::field("b", &"ä".repeat(500)).says.chars().count(), Evidence::QUOTED + 1);
    }
}
