//! What the tests of UDF ask of an image, in few words.

use std::sync::Arc;

use isoscope::disc::tree::{FileTree, Folder, Found, Kind, TreeKind, find};
use isoscope::disc::{Image, Severity};

use super::survey::{Survey, contents, digest_of, open, survey};
use super::udf_builder::node::file_type;
use super::udf_builder::sample::{Expected, Sample};

/// Opens `bytes`, which must have a UDF file system.
pub fn udf(bytes: &[u8]) -> (Image, Arc<dyn FileTree>) {
    let image = open(bytes).unwrap();
    let tree = image.tree(TreeKind::Udf).unwrap_or_else(|| panic!("no UDF: {:?}", image.diagnostics().items())).clone();
    (image, tree)
}

/// The entry at `path`.
pub fn entry(tree: &Arc<dyn FileTree>, path: &str) -> (Arc<Folder>, usize) {
    match find(&**tree, path).unwrap() {
        Some(Found::Entry { folder, index }) => (folder, index),
        other => panic!("{path}: {other:?}"),
    }
}

/// The bytes of the file at `path`.
pub fn read(tree: &Arc<dyn FileTree>, path: &str) -> Vec<u8> {
    let (folder, index) = entry(tree, path);
    contents(&*tree.open(&folder.entries()[index]).unwrap(), 64 << 20).unwrap()
}

/// The names in the folder at `path`, in order.
pub fn names(tree: &Arc<dyn FileTree>, path: &str) -> Vec<String> {
    let id = match find(&**tree, path).unwrap() {
        Some(Found::Root) => tree.root(),
        Some(Found::Entry { folder, index }) => tree.folder_of(&folder.entries()[index]).unwrap(),
        None => panic!("{path} is not there"),
    };
    let folder = tree.read_folder(id).unwrap();
    folder.entries().iter().map(|entry| folder.name(entry).to_owned()).collect()
}

/// Complaints about the image that are more than remarks, with their offsets.
pub fn complaints(image: &Image) -> Vec<(u64, String)> {
    let items = image.diagnostics().items().iter().filter(|item| item.severity > Severity::Info);
    items.map(|item| (item.offset, item.to_string())).collect()
}

/// Fails unless the image says something that contains `words` about a byte in `len` bytes from `at` on.
pub fn said(image: &Image, words: &str, at: usize, len: usize) {
    let items = image.diagnostics().items();
    let range = at as u64..(at + len) as u64;
    let found = items.iter().any(|item| range.contains(&item.offset) && item.message.to_lowercase().contains(words));
    assert!(found, "nothing with “{words}” is said of bytes {range:?}: {items:?}");
}

/// What one of the details of the image with this label says, in the first group that has it.
pub fn details(groups: &[isoscope::disc::tree::DetailGroup]) -> String {
    let lines = groups.iter().flat_map(|group| {
        let fields = group.fields.iter().map(|field| format!("{}: {}\n", field.label, field.value));
        std::iter::once(format!("[{}]\n", group.title)).chain(fields)
    });
    lines.collect()
}

/// Fails unless the tree holds just what the sample has, without a complaint.
pub fn same(what: &str, tree: &Arc<dyn FileTree>, sample: &Sample) -> Survey {
    let survey = survey(tree);
    assert_eq!(survey.all_said(), [], "{what}");
    for (path, expected) in &sample.entries {
        let row = survey.rows.get(path).unwrap_or_else(|| panic!("{what}: {path} is missing"));
        let kind = match expected {
            Expected::File(_) => Kind::File,
            Expected::Folder => Kind::Folder,
            Expected::Link(_) => Kind::Symlink,
            Expected::Special(file_type::BLOCK_DEVICE) => Kind::BlockDevice,
            Expected::Special(file_type::CHARACTER_DEVICE) => Kind::CharDevice,
            Expected::Special(file_type::FIFO) => Kind::Fifo,
            Expected::Special(_) => Kind::Socket,
        };
        assert_eq!(row.kind, kind, "{what}: {path}");
        match expected {
            Expected::File(content) => {
                assert_eq!(row.size, Some(content.len() as u64), "{what}: {path}");
                assert_eq!(row.content, Ok(digest_of(content)), "{what}: {path}");
            }
            Expected::Link(target) => assert_eq!(row.target.as_ref(), Some(target), "{what}: {path}"),
            _ => {}
        }
    }
    let extra: Vec<_> = survey.rows.keys().filter(|path| !sample.entries.contains_key(*path)).collect();
    assert!(extra.is_empty() && survey.twins.is_empty(), "{what}: {extra:?} {:?}", survey.twins);
    survey
}
