//! What shim goes on with (github.com/rhboot/shim, `shim.c` and `fallback.c`): a program beside it, or its helper, which
//! tells the firmware of the programs that lists in other folders name, and starts the first of them.

use memchr::memmem::Finder;

use super::efi::ProductKind;
use super::find::{self, Looked};
use super::programs::EfiFile;
use crate::disc::source::read_up_to;
use crate::disc::tree::{FileTree, TreeId};
use crate::disc::{Error, Extent, Image, Result, Source, limits, text};

/// The folder of all loaders, and in it that of the helper.
const LOADERS: &str = "EFI";
const HELPERS: &str = "BOOT";

/// What a shim goes on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondStage {
    /// The program at this path of the same tree, which may be missing.
    Program(String),
    /// shim's helper `fallback`, which it prefers where firmware comes to both by itself.
    Fallback {
        /// Its path in the same tree.
        path: String,
        /// What it starts; `None` when no list names anything: then it starts the computer anew.
        start: Option<Listed>,
    },
    /// It cannot be told.
    Unknown,
}

/// The first program that the lists of a disc name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The path of the list.
    pub list: String,
    /// The path of the program, which may be missing.
    pub program: String,
}

/// Whether the lists name a program.
enum Lists {
    Name(Listed),
    NameNothing,
    Unread,
}

/// Finds what the shims go on with that firmware finds by itself, and then those that helpers of them start.
pub(super) fn find(image: &Image, programs: &mut [EfiFile]) -> Result<()> {
    let mut listed: Vec<(TreeId, String)> = Vec::new();
    for is_helped in [false, true] {
        for file in programs.iter_mut().filter(|file| file.second_stage.is_none() && file.is(ProductKind::Shim)) {
            let Some(architecture) = file.program.as_ref().map(|program| program.header.architecture) else { continue };
            let Some(suffix) = architecture.suffix() else { continue };
            let is_named =
                || listed.iter().any(|(tree, path)| *tree == file.tree && path.eq_ignore_ascii_case(&file.path));
            let is_reached = if is_helped { is_named() } else { file.is_fallback(architecture) };
            let Some(tree) = image.tree_by_id(file.tree).filter(|_| is_reached) else { continue };
            let found = SecondStage::of(tree.as_ref(), &file.path, suffix);
            let found = file.diagnostics.salvage(found)?.unwrap_or(SecondStage::Unknown);
            if let SecondStage::Fallback { start: Some(Listed { program, .. }), .. } = &found {
                listed.push((file.tree, program.clone()));
            }
            file.second_stage = Some(found);
        }
    }
    Ok(())
}

impl SecondStage {
    /// What the shim at `path`, for processors with this `suffix`, goes on with.
    fn of(tree: &dyn FileTree, path: &str, suffix: &str) -> Result<Self> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        // It looks for its helper only where firmware found it by itself.
        if folder.eq_ignore_ascii_case(&text::join(LOADERS, HELPERS)) {
            let helper = text::join(folder, &format!("fb{suffix}.efi"));
            match find::look(tree, &helper)? {
                Looked::Missing => {}
                Looked::Unread => return Ok(Self::Unknown),
                Looked::There(_) => {
                    return Ok(match listed(tree, suffix)? {
                        Lists::Name(listed) => Self::Fallback { path: helper, start: Some(listed) },
                        Lists::NameNothing => Self::Fallback { path: helper, start: None },
                        Lists::Unread => Self::Unknown,
                    });
                }
            }
        }
        let Looked::There(entry) = find::look(tree, path)? else { return Ok(Self::Unknown) };
        let name = default_loader(tree.open(&entry)?.as_ref(), suffix)?;
        Ok(name.map_or(Self::Unknown, |name| Self::Program(text::join(folder, &name))))
    }
}

/// The name of the program that a shim starts: that which stands in it, in UTF-16. Makers choose it when they build shim
/// (`DEFAULT_LOADER`). `None` when it is none of the two that they are known to choose.
fn default_loader(source: &dyn Source, suffix: &str) -> Result<Option<String>> {
    let bytes = match read_up_to(source, Extent::new(0, source.len().min(limits::EFI_SEARCH))) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(_) => return Ok(None),
        Ok(bytes) => bytes,
    };
    // openSUSE has the plain name.
    let names = [format!("grub{suffix}.efi"), "grub.efi".to_owned()];
    Ok(names.into_iter().find(|name| {
        let wide: Vec<u8> = format!("\\{name}\0").encode_utf16().flat_map(u16::to_le_bytes).collect();
        Finder::new(&wide).find(&bytes).is_some()
    }))
}

/// The first program that a list names: in the folders of `EFI` as they stand there, but for that of the helper, and in
/// each in the list for these processors, or else in that for all (`find_boot_options`).
fn listed(tree: &dyn FileTree, suffix: &str) -> Result<Lists> {
    let Some(all) = find::whole_folder(tree, LOADERS)? else { return Ok(Lists::Unread) };
    let folders = all.entries().iter().filter(|entry| entry.is_folder()).map(|entry| all.name(entry));
    let others = folders.filter(|name| !name.eq_ignore_ascii_case(HELPERS));
    for (number, name) in others.enumerate() {
        if number >= limits::LOADER_FOLDERS {
            return Ok(Lists::Unread);
        }
        let folder = text::join(LOADERS, name);
        for name in [format!("BOOT{}.CSV", suffix.to_ascii_uppercase()), "BOOT.CSV".to_owned()] {
            let list = text::join(&folder, &name);
            let entry = match find::look(tree, &list)? {
                Looked::There(entry) => entry,
                Looked::Missing => continue,
                Looked::Unread => return Ok(Lists::Unread),
            };
            let bytes = tree
                .open(&entry)
                .and_then(|source| read_up_to(source.as_ref(), Extent::new(0, source.len().min(limits::LOADER_LIST))));
            let bytes = match bytes {
                Ok(bytes) if bytes.len() as u64 == entry.size => bytes,
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Ok(_) | Err(_) => return Ok(Lists::Unread),
            };
            if let Some(program) = first_program(&bytes) {
                return Ok(Lists::Name(Listed { list, program: format!("{folder}/{program}") }));
            }
            break;
        }
    }
    Ok(Lists::NameNothing)
}

/// The file name in the first line of a list that has one: UTF-16 with the low byte first, perhaps with a mark in front,
/// and fields between commas: file, label, arguments and description (`populate_stanza`).
fn first_program(list: &[u8]) -> Option<String> {
    let units = list.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0);
    let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let mut lines = text.trim_start_matches('\u{feff}').split(['\r', '\n']);
    let fields = |line: &str| {
        let (file, rest) = line.split_once(',')?;
        (!file.is_empty() && !rest.starts_with(',')).then(|| file.replace('\\', "/"))
    };
    lines.find_map(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn the_first_line_with_a_file_and_a_label_names_the_program() {
        for (list, expected) in [
            ("shimx64.efi,debian,,This is the boot entry for debian", Some("shimx64.efi")),
            ("\u{feff}shimx64.efi,Fedora,,This\r\nother.efi,Other,,\r\n", Some("shimx64.efi")),
            ("\r\n\r\n,label\nfile.efi,,\nright.efi,Label", Some("right.efi")),
            ("sub\\file.efi,Label,", Some("sub/file.efi")),
            ("file.efi,Label\0\nother.efi,Label", Some("file.efi")),
            ("", None),
            ("\u{feff}", None),
            ("no comma", None),
            (",,,\r\n", None),
        ] {
            assert_eq!(first_program(&utf16(list)).as_deref(), expected, "{list:?}");
        }
        // As the firmware would read text of one byte each.
        assert_eq!(first_program(b"shimx64.efi,debian,,"), None);
        assert_eq!(first_program(b"x"), None);
    }
}
