//! The list of everything that is dragged, as Explorer wants it: a `FILEGROUPDESCRIPTORW`.
//!
//! Explorer makes folders and files in the order of the list, so a folder stands before what is in it. The whole tree
//! is in it: there is no way to ask for the rest later.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use windows::Win32::Storage::FileSystem::{FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_NORMAL};
use windows::Win32::UI::Shell::{FD_ATTRIBUTES, FD_FILESIZE, FD_PROGRESSUI, FD_UNICODE, FD_WRITESTIME};

use crate::platform::files::{Attributes, Files, Node, NodeKind};

/// Files and folders that are dragged at once. The list of more would take some time, and 60 MB.
const ENTRIES: usize = 100_000;

/// Folders inside of each other.
const DEPTH: usize = 256;

/// UTF-16 units of a path, without the NUL at its end (`MAX_PATH`).
const PATH: usize = 259;

/// Bytes of a `FILEDESCRIPTORW`.
pub(super) const DESCRIPTOR: usize = 592;

/// From the epoch of Windows, 1601, to that of Unix.
const EPOCH: Duration = Duration::from_secs(11_644_473_600);

/// A file or folder of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) node: Node,
    pub(super) attributes: Attributes,
    /// The path below the place where it is dropped, with `\` between names.
    pub(super) path: String,
}

impl Item {
    pub(super) fn is_folder(&self) -> bool {
        self.attributes.kind == NodeKind::Folder
    }
}

/// Everything in `files`, folders before what is in them. Symbolic links are left out, as they are by extracting. A
/// sentence when not all of it can be dragged.
pub(super) fn items(files: &dyn Files) -> Result<Vec<Item>, String> {
    let mut items: Vec<Item> = Vec::new();
    let mut folders = VecDeque::from([(Node::ROOT, String::new(), 0_usize)]);
    while let Some((folder, above, depth)) = folders.pop_front() {
        let (mut unfit, mut many) = (false, false);
        let mut each = |_: usize, name: &str, node: Node, attributes: Attributes| {
            if attributes.kind == NodeKind::Link {
                return true;
            }
            let path = if above.is_empty() { name.to_owned() } else { format!("{above}\\{name}") };
            unfit |= !is_one_name(name) || path.encode_utf16().count() > PATH || depth >= DEPTH;
            many |= items.len() >= ENTRIES;
            if unfit || many {
                return false;
            }
            if attributes.kind == NodeKind::Folder {
                folders.push_back((node, path.clone(), depth + 1));
            }
            items.push(Item { node, attributes, path });
            true
        };
        let listed = files.list(folder, 0, &mut each);
        if many {
            return Err("These are more files than can be dragged at once: use Extract".to_owned());
        }
        if unfit {
            return Err("Some paths are too long for Windows to be dragged: use Extract".to_owned());
        }
        listed.map_err(|error| match above.as_str() {
            "" => format!("What is dragged could not be read: {error}"),
            folder => format!("The folder {folder} could not be read: {error}"),
        })?;
    }
    Ok(items)
}

/// Names are safe already. This one leads to wherever the target likes, so it is looked at once more.
fn is_one_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['\\', '/', ':', '\0'])
}

/// The `FILEGROUPDESCRIPTORW` of `items`.
pub(super) fn descriptor(items: &[Item]) -> Vec<u8> {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(4 + items.len() * DESCRIPTOR);
    bytes.extend(count.to_le_bytes());
    for item in items {
        push(&mut bytes, item);
    }
    bytes
}

/// Appends a `FILEDESCRIPTORW`, which is packed.
fn push(bytes: &mut Vec<u8>, item: &Item) {
    let end = bytes.len() + DESCRIPTOR;
    let Attributes { size, modified, .. } = item.attributes;
    let modified = modified.and_then(file_time);
    let mut flags = FD_ATTRIBUTES.0 | FD_PROGRESSUI.0 | FD_UNICODE.0;
    if modified.is_some() {
        flags |= FD_WRITESTIME.0;
    }
    if !item.is_folder() {
        flags |= FD_FILESIZE.0;
    }
    let size = if item.is_folder() { 0 } else { size };
    let attributes = if item.is_folder() { FILE_ATTRIBUTE_DIRECTORY } else { FILE_ATTRIBUTE_NORMAL };
    bytes.extend(flags.cast_unsigned().to_le_bytes());
    // Class, size and place of an icon: not told.
    bytes.extend([0; 16 + 8 + 8]);
    bytes.extend(attributes.0.to_le_bytes());
    // When it was made and last read: not told.
    bytes.extend([0; 8 + 8]);
    bytes.extend(modified.unwrap_or(0).to_le_bytes());
    bytes.extend(((size >> 32) as u32).to_le_bytes());
    bytes.extend((size as u32).to_le_bytes());
    for unit in item.path.encode_utf16().take(PATH) {
        bytes.extend(unit.to_le_bytes());
    }
    bytes.resize(end, 0);
}

/// A moment as Windows counts: units of 100 ns since 1601.
pub(super) fn file_time(time: SystemTime) -> Option<u64> {
    let since = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => EPOCH.checked_add(since)?,
        Err(error) => EPOCH.checked_sub(error.duration())?,
    };
    u64::try_from(since.as_nanos() / 100).ok()
}
