//! What at the top of a disc starts programs: `autorun.inf`, shortcuts, and what folders look like.

use std::sync::Arc;

use super::{Paths, Remark, RemarkKind};
use crate::disc::source::read_up_to;
use crate::disc::tree::{Entry, FileTree, Folder};
use crate::disc::{Error, Extent, Result, limits, text};

/// What every shortcut of Windows begins with: its length and its class (MS-SHLLINK §2.1).
const SHORTCUT: &[u8] = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

/// Text in a shortcut that tells of a program, in lower case.
const PROGRAMS: &[&str] =
    &[".exe", ".cmd", ".bat", ".com", ".dll", ".ps1", ".vbs", ".wsf", ".hta", ".scr", "powershell"];

/// Looks at the files of the root.
pub(super) fn find(tree: &Arc<dyn FileTree>, root: &Folder, remarks: &mut Vec<Remark>) -> Result<()> {
    let mut shortcuts = Paths::default();
    for entry in root.entries().iter().filter(|entry| entry.is_file()) {
        let name = root.name(entry);
        let plain = name.split(';').next().unwrap_or_default();
        if plain.eq_ignore_ascii_case("autorun.inf") {
            if let Some(text) = read(tree, entry)?
                && let Some(command) = autorun(&text)
            {
                remarks.push(remark_of_autorun(name, &command, entry.record));
            }
        } else if text::has_extension(plain, "lnk") {
            let bytes = read(tree, entry)?.unwrap_or_default();
            if bytes.starts_with(SHORTCUT) && names_program(&bytes) {
                shortcuts.add(|| name.to_owned());
            }
        } else if plain.eq_ignore_ascii_case("desktop.ini") && entry.hidden {
            let bytes = read(tree, entry)?.unwrap_or_default();
            if names_program(&bytes) {
                shortcuts.add(|| name.to_owned());
            }
        }
    }
    if shortcuts.count() > 0 {
        let what =
            if shortcuts.count() == 1 { "starts a program when it is opened" } else { "start programs when opened" };
        let sentence = match shortcuts.listed.as_slice() {
            [one] => format!("“{}” {what}, whatever its icon shows", text::display(one)),
            _ => format!("{} files at the top of the disc {what}, whatever their icons show", shortcuts.count()),
        };
        remarks.push(shortcuts.remark(RemarkKind::Shortcut, "A shortcut that starts a program", sentence, None));
    }
    Ok(())
}

fn remark_of_autorun(name: &str, command: &str, record: u64) -> Remark {
    let command: String = command.chars().take(200).collect();
    let sentence = format!(
        "“{}” says that “{}” is to be started: Windows XP and older do so when the disc is inserted, newer ones ask",
        text::display(name),
        text::display(&command)
    );
    let mut paths = Paths::default();
    paths.add(|| name.to_owned());
    paths.remark(RemarkKind::Autorun, "A program that starts by itself", sentence, Some(record))
}

/// The first bytes of a file, as text is small; nothing where they cannot be read.
fn read(tree: &Arc<dyn FileTree>, entry: &Entry) -> Result<Option<Vec<u8>>> {
    let bytes = tree.open(entry).and_then(|file| read_up_to(file.as_ref(), Extent::new(0, limits::STARTER_BYTES)));
    match bytes {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(_) => Ok(None),
    }
}

/// The text of a file in 8 or 16 bits, in one byte for each character: all that is looked for is ASCII.
fn narrow(bytes: &[u8]) -> String {
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    text::utf8(&narrow).text.into_owned()
}

fn names_program(bytes: &[u8]) -> bool {
    let text = narrow(bytes).to_ascii_lowercase();
    PROGRAMS.iter().any(|program| text.contains(program))
}

/// The command that `autorun.inf` gives: that of its section `[autorun]`, or of one for a processor.
fn autorun(bytes: &[u8]) -> Option<String> {
    let text = narrow(bytes);
    let mut inside = false;
    for line in text.lines().map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.split(']').next().unwrap_or_default().trim().to_ascii_lowercase();
            inside = section == "autorun" || section.starts_with("autorun.");
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            let (key, value) = (key.trim(), value.trim());
            if ["open", "shellexecute"].iter().any(|known| key.eq_ignore_ascii_case(known)) && !value.is_empty() {
                return Some(value.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_autorun_is_found_however_the_file_is_written() {
        let found = |text: &str| autorun(text.as_bytes());
        assert_eq!(found("[autorun]\r\nOPEN = setup.exe /x\r\nicon=a.ico\r\n").as_deref(), Some("setup.exe /x"));
        assert_eq!(found("\u{feff}[AutoRun]\nshellexecute=readme.html").as_deref(), Some("readme.html"));
        assert_eq!(found("[AutoRun.Amd64]\nopen=x64\\a.exe").as_deref(), Some("x64\\a.exe"));
        assert_eq!(found("[autorun]\nicon=a.ico\nlabel=x\n;open=no.exe"), None);
        assert_eq!(found("open=no.exe\n[other]\nopen=no.exe"), None);
        let wide: Vec<u8> = "[autorun]\nopen=a.exe\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(autorun(&wide).as_deref(), Some("a.exe"));
    }
}
