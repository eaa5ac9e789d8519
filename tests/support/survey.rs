//! The whole of an image at once: every entry of every tree, with the digests of the contents.

use std::collections::BTreeMap;
use std::sync::Arc;

use isoscope::boot;
use isoscope::boot::effort::Effort;
use isoscope::boot::report::Request;
use isoscope::boot::study::Study;
use isoscope::boot::verdict::summary::Summary;
use isoscope::disc::compare::{Options, compare};
use isoscope::disc::index::Index;
use isoscope::disc::text::path_component;
use isoscope::disc::tree::{FileTree, Kind, State};
use isoscope::disc::walk::Walk;
use isoscope::disc::{Image, Result, Source};
use sha2::{Digest, Sha256};

use super::sources::memory;

/// One entry as the program shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// Target of a symbolic link.
    pub target: Option<String>,
    /// How much of it the image holds.
    pub state: State,
    /// SHA-256 of a file's content, or why it cannot be read; empty for what is not a file.
    pub content: std::result::Result<String, String>,
    /// What is wrong with it: the sentence, with its offset.
    pub notes: Vec<(u64, String)>,
}

/// The entries of a tree by their paths, and every complaint about it.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// The entries.
    pub rows: BTreeMap<String, Row>,
    /// Complaints of the walk and of each folder, with their offsets.
    pub complaints: Vec<(u64, String)>,
    /// Paths that occur more than once.
    pub twins: Vec<String>,
    /// Folders that the walk visited.
    pub folders: usize,
}

/// Opens `bytes` as an image.
pub fn open(bytes: &[u8]) -> Result<Image> {
    Image::open(memory(bytes))
}

/// The bytes of a source, front to back; at most `limit` of them.
pub fn contents(source: &dyn Source, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buf = vec![0; 64 << 10];
    while (bytes.len() as u64) < limit {
        match source.read_at(bytes.len() as u64, &mut buf)? {
            0 => break,
            read => bytes.extend(&buf[..read]),
        }
    }
    Ok(bytes)
}

/// SHA-256 of all bytes of a source, in hexadecimal digits.
pub fn digest(source: &dyn Source) -> Result<String> {
    let mut hash = Sha256::new();
    let mut buf = vec![0; 64 << 10];
    let mut at = 0;
    loop {
        match source.read_at(at, &mut buf)? {
            0 => return Ok(hex(&hash.finalize())),
            read => {
                hash.update(&buf[..read]);
                at += read as u64;
            }
        }
    }
}

/// SHA-256 of `bytes`, in hexadecimal digits.
pub fn digest_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    isoscope::disc::text::hex(bytes)
}

/// Everything that a tree shows, with all contents read.
pub fn survey(tree: &Arc<dyn FileTree>) -> Survey {
    let mut survey = Survey::default();
    let mut walk = Walk::new(tree.clone());
    for step in walk.by_ref() {
        survey.folders += 1;
        let folder = match step.folder {
            Ok(folder) => folder,
            Err(error) => {
                survey.complaints.push((error.offset().unwrap_or(0), error.to_string()));
                continue;
            }
        };
        let complaints = folder.diagnostics.items().iter().map(|item| (item.offset, item.to_string()));
        survey.complaints.extend(complaints);
        for (index, entry) in folder.entries().iter().enumerate() {
            let name = path_component(folder.name(entry));
            let path = if step.path.is_empty() { name.into_owned() } else { format!("{}/{name}", step.path) };
            let content = if entry.is_file() {
                tree.open(entry).and_then(|source| digest(&*source)).map_err(|error| error.to_string())
            } else {
                Ok(String::new())
            };
            let row = Row {
                kind: entry.kind,
                size: entry.file_size(),
                target: folder.target(entry).map(str::to_owned),
                state: entry.state(tree.source().len()),
                content,
                notes: folder.notes(index).map(|note| (note.offset, note.to_string())).collect(),
            };
            if survey.rows.insert(path.clone(), row).is_some() {
                survey.twins.push(path);
            }
        }
    }
    let complaints = walk.diagnostics().items().iter().map(|item| (item.offset, item.to_string()));
    survey.complaints.extend(complaints);
    survey
}

impl Survey {
    /// The entry at `path`.
    pub fn row(&self, path: &str) -> &Row {
        self.rows.get(path).unwrap_or_else(|| panic!("{path} is not among {:?}", self.rows.keys()))
    }

    /// True when a complaint, or a note of an entry, contains `words`.
    pub fn says(&self, words: &str) -> bool {
        let notes = self.rows.values().flat_map(|row| &row.notes);
        self.complaints.iter().chain(notes).any(|(_, text)| text.contains(words))
    }

    /// Every complaint and note.
    pub fn all_said(&self) -> Vec<(u64, String)> {
        let notes = self.rows.values().flat_map(|row| row.notes.clone());
        self.complaints.iter().cloned().chain(notes).collect()
    }
}

/// The most that is read of one file in [`exhaust`], and of all files together: a zisofs file can claim 1 TiB of
/// zeros, and a thousand files can share one extent.
const FILE_BYTES: u64 = 4 << 20;
const ALL_BYTES: u64 = 48 << 20;

/// Opens `source` and does with it everything that can be done without writing: every session, tree, folder, file,
/// boot image, and every detail. Says how many entries there were; errors are as good as results.
pub fn exhaust(source: &Arc<dyn Source>) -> usize {
    let Ok(image) = Image::open(source.clone()) else { return 0 };
    let mut left = ALL_BYTES;
    let mut entries = exhaust_image(&image, &mut left);
    for session in image.sessions().iter().take(4) {
        if session.number != image.session()
            && let Ok(other) = Image::open_session(source.clone(), session.number)
        {
            entries += exhaust_image(&other, &mut left);
        }
    }
    entries
}

fn exhaust_image(image: &Image, left: &mut u64) -> usize {
    let texts = image.formats().len() + image.details().len() + image.diagnostics().items().len();
    std::hint::black_box((image.banner(), image.structures().count()));
    std::hint::black_box((texts, image.volume().id.len(), image.declared_size(), image.container()));
    for boot in image.boot_images() {
        std::hint::black_box((boot.label(), boot.details()));
        read_some(&*boot.open(image.source()), left);
    }
    if let Ok(study) = Study::read(image, &Request { effort: Effort::Whole, dbx: None }) {
        let layout = &study.layout;
        let strips = [layout.whole(), layout.system_area(), layout.in_detail()];
        std::hint::black_box(strips.map(|strip| strip.axis(0.01).offset(0.5)));
        std::hint::black_box((boot::text::all(image, &study).len(), layout.at(512).count()));
        std::hint::black_box(Summary::new(&study.verdicts, &study.report));
    }
    for pair in image.trees().windows(2) {
        std::hint::black_box(
            compare(&pair[0], &pair[1], &Options { names: true, ..Options::default() })
                .map(|comparison| comparison.matched)
                .ok(),
        );
    }
    let mut entries = 0;
    for tree in image.trees() {
        entries += exhaust_tree(tree, left);
        if let Some(deleted) = tree.with_deleted() {
            entries += exhaust_tree(&deleted, left);
        }
    }
    entries
}

fn exhaust_tree(tree: &Arc<dyn FileTree>, left: &mut u64) -> usize {
    let mut entries = 0;
    let mut walk = Walk::new(tree.clone());
    for step in walk.by_ref() {
        let Ok(folder) = step.folder else { continue };
        for (index, entry) in folder.entries().iter().enumerate() {
            entries += 1;
            std::hint::black_box((folder.name(entry), folder.target(entry), folder.raw_name(index)));
            std::hint::black_box((entry.state(tree.source().len()), folder.notes(index).count()));
            if let Ok(source) = tree.open(entry) {
                read_some(&*source, left);
            }
            std::hint::black_box(tree.details(&folder, index).map(|groups| groups.len()).ok());
            for stream in
                folder.has_streams(index).then(|| tree.streams(&folder, index)).into_iter().flatten().flatten()
            {
                if let Ok(source) = tree.open_stream(&stream) {
                    read_some(&*source, left);
                }
            }
        }
    }
    std::hint::black_box(walk.diagnostics().items().len());
    if let Ok(index) = Index::build(tree, None, &mut |_| {}) {
        for at in index.search("e") {
            std::hint::black_box((index.entry(at), index.name(at), index.folder_path(at)));
        }
    }
    entries
}

fn read_some(source: &dyn Source, left: &mut u64) {
    let mut buf = vec![0; 64 << 10];
    let mut at = 0;
    while at < FILE_BYTES && *left > 0 {
        match source.read_at(at, &mut buf) {
            Ok(read) if read > 0 => {
                at += read as u64;
                *left = left.saturating_sub(read as u64);
            }
            _ => break,
        }
    }
    // The end is as good a place for trouble as the beginning.
    std::hint::black_box(source.read_at(source.len().saturating_sub(1), &mut buf).is_ok());
}
