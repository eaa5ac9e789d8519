//! What is worth a second look on a disc, as one calm list: what is hidden, names that are not what they seem, what starts
//! by itself, and more data promised than there is. Ordinary discs have nothing on it.

mod data;
mod names;
mod starters;
mod unseen;

use self::data::Places;
use self::names::Names;
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Image, Result, limits, text};

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemarkKind {
    /// A program's extension behind that of a document.
    DoubleExtension,
    /// Characters in names that turn the direction of text, or that cannot be seen.
    DeceptiveName,
    /// Names that Windows cannot open, or takes for others.
    WindowsName,
    /// A program that starts when the disc is inserted.
    Autorun,
    /// A shortcut at the top of the disc that starts a program.
    Shortcut,
    /// Files that no tree shows.
    HiddenFiles,
    /// Files that another tree than the one that tells most shows alone.
    OneTreeOnly,
    /// Data that no file or structure claims.
    Gaps,
    /// Data behind the end of the disc.
    Appended,
    /// Files that share a part of their data with others, but not all.
    Overlaps,
    /// Files that together, or unpacked, are far larger than the disc.
    Promises,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Remark {
    /// What it is about.
    pub kind: RemarkKind,
    /// A few words without a full stop.
    pub title: String,
    /// What was found and what it means, as a plain sentence without a full stop. Names in it are escaped for display.
    pub sentence: String,
    /// The files that it is about, at most [`limits::REMARK_PATHS`], not yet escaped for display.
    pub paths: Vec<String>,
    /// How many more there are.
    pub more_paths: u64,
    /// Absolute byte offset in the image of what it is about, where that is one place.
    pub offset: Option<u64>,
}

/// What is done, of how much, in bytes looked at.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Looks at all names, and reads all space that nothing claims, which takes as long as that is much. What cannot be read
/// is passed over. The only error is to be cancelled.
pub fn find(image: &Image, progress: Progress<'_>) -> Result<Vec<Remark>> {
    let mut remarks = Vec::new();
    let tree = image.default_tree();
    let (mut names, mut places) = (Names::new(tree.kind()), Places::default());
    for Step { path, folder, .. } in Walk::new(tree.clone()) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        for entry in folder.entries() {
            names.look_at(&path, folder.name(entry));
            places.add(entry);
        }
        if path.is_empty() {
            starters::find(tree, &folder, &mut remarks)?;
        }
    }
    names.tell(&mut remarks);
    places.tell(image, &mut remarks)?;
    unseen::find(image, progress, &mut remarks)?;
    remarks.sort_by_key(|remark| remark.kind);
    Ok(remarks)
}

/// Paths of which the first are kept and the rest is counted.
#[derive(Debug, Default)]
struct Paths {
    listed: Vec<String>,
    more: u64,
}

impl Paths {
    fn add(&mut self, path: impl FnOnce() -> String) {
        if self.listed.len() < limits::REMARK_PATHS {
            self.listed.push(path());
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    fn count(&self) -> u64 {
        self.more.saturating_add(self.listed.len() as u64)
    }

    /// The first path, escaped and in quotation marks, or the number of them: `“a.pdf.exe” is`, `3 files are`.
    fn are(&self) -> String {
        match (self.listed.as_slice(), self.count()) {
            ([one], 1) => format!("“{}” is", text::display(one)),
            (_, count) => format!("{count} files are"),
        }
    }

    /// The remark about these paths.
    fn remark(self, kind: RemarkKind, title: &str, sentence: String, offset: Option<u64>) -> Remark {
        Remark { kind, title: title.to_owned(), sentence, paths: self.listed, more_paths: self.more, offset }
    }
}
