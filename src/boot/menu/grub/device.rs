//! Where the paths of a GRUB script lead: `(device)/path`, or a path on the device that `$root` names (GRUB manual,
//! “Device syntax”, “File name syntax”).

use super::environment::{Environment, Expanded, variable_in};
use crate::boot::menu::lookup::{Look, Want, normal, refer};
use crate::boot::menu::model::{FileRef, FileState};
use crate::boot::menu::text::Reader;

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// Into the tree.
    Here(String),
    /// It is not known that it leads into the tree, but this path would be meant if it does. And why.
    Perhaps(String, String),
    /// Elsewhere. Why, as a sentence.
    Elsewhere(String),
}

fn is_this_drive(device: &str) -> bool {
    matches!(device, "cd" | "cd0")
}

fn target(environment: &Environment, word: &Expanded) -> Target {
    let text = &*word.text;
    let unknown = || "The path holds a variable whose value is known only when the computer starts".to_owned();
    if let Some((device, path)) = text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        let path = path.to_owned();
        if is_sectors(&path) {
            return Target::Elsewhere("These are sectors of a device, not a file".to_owned());
        }
        if path.contains('$') && word.unknown {
            return Target::Elsewhere(unknown());
        }
        let value = variable_in(device).map(|name| environment.get(name));
        return match value {
            Some(Some(value)) if value.this => Target::Here(path),
            Some(_) => {
                Target::Perhaps(path, format!("Which device ({device}) is, is known only when the computer starts"))
            }
            None if is_this_drive(device) => Target::Here(path),
            None => Target::Perhaps(path, format!("The file lies on the device ({device})")),
        };
    }
    if is_sectors(text) {
        return Target::Elsewhere("These are sectors of a device, not a file".to_owned());
    }
    if word.unknown {
        return Target::Elsewhere(unknown());
    }
    let path = text.to_owned();
    match environment.get("root") {
        Some(root) if root.this => Target::Here(path),
        Some(root) if is_this_drive(root.text.trim_matches(['(', ')'])) => Target::Here(path),
        Some(root) if !root.unknown => Target::Perhaps(path, format!("The file lies on the device ({})", root.text)),
        _ => Target::Perhaps(path, "Which device holds the file is known only when the computer starts".to_owned()),
    }
}

/// A list of blocks (GRUB manual, “Block list syntax”), such as `+1`.
fn is_sectors(text: &str) -> bool {
    text.contains('+') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ','))
}

/// The file that a word of a command names.
pub(super) fn file(reader: &Reader<'_>, environment: &Environment, word: &Expanded) -> FileRef {
    let here = |path: &str| refer(reader.files, &word.text, path, Want::File);
    match target(environment, word) {
        Target::Here(path) => {
            let found = here(&path);
            if word.guess && found.found().is_none() {
                let why = "The path holds a variable that GRUB sets when it starts";
                return FileRef { state: FileState::CannotTell(why.to_owned()), ..found };
            }
            found
        }
        Target::Perhaps(path, why) => {
            let path = here(&path).found().is_some().then(|| normal("", &path));
            FileRef { path, ..FileRef::cannot_tell(&*word.text, why) }
        }
        Target::Elsewhere(why) => FileRef::cannot_tell(&*word.text, why),
    }
}

/// What is known to be at the path; `None` when that cannot be told.
pub(super) fn look(reader: &Reader<'_>, environment: &Environment, word: &Expanded) -> Option<Look> {
    match target(environment, word) {
        Target::Here(path) if !word.guess => match reader.files.look(&path) {
            Look::CannotTell(_) => None,
            look => Some(look),
        },
        _ => None,
    }
}
