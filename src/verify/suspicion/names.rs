//! Names that are not what they seem.

use super::{Paths, Remark, RemarkKind};
use crate::disc::text;
use crate::disc::tree::TreeKind;

/// Extensions of what runs on Windows when it is double-clicked.
const PROGRAMS: &[&str] = &[
    "exe", "com", "scr", "pif", "bat", "cmd", "vbs", "vbe", "jse", "wsf", "wsh", "hta", "lnk", "msi", "ps1", "cpl",
    "jar",
];

/// Extensions of what is only looked at.
const DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "txt", "csv", "jpg", "jpeg", "png",
    "gif", "bmp", "tif", "tiff", "webp", "mp3", "wav", "flac", "mp4", "avi", "mov", "mkv", "wmv", "zip", "rar", "7z",
    "iso", "htm", "html", "eml", "msg",
];

/// Names of devices, which Windows takes for the device whatever stands behind a dot.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

/// What was found among the names of a tree.
pub(super) struct Names {
    kind: TreeKind,
    double: Paths,
    deceptive: Paths,
    windows: Paths,
}

impl Names {
    pub(super) fn new(kind: TreeKind) -> Self {
        Self { kind, double: Paths::default(), deceptive: Paths::default(), windows: Paths::default() }
    }

    /// Looks at the entry called `name` of the folder at `folder`.
    pub(super) fn look_at(&mut self, folder: &str, name: &str) {
        let path = || text::join(folder, name);
        if has_double_extension(name) {
            self.double.add(path);
        }
        if name.chars().any(is_unseen) {
            self.deceptive.add(path);
        }
        // ECMA-119 has a full stop behind every name, and Mac OS names its folder icons with a control character.
        let may_end_so = matches!(self.kind, TreeKind::Iso9660 | TreeKind::Hfs | TreeKind::HfsPlus);
        if is_device(name) || (!may_end_so && name.ends_with([' ', '.'])) {
            self.windows.add(path);
        }
    }

    /// Says what was found.
    pub(super) fn tell(self, remarks: &mut Vec<Remark>) {
        if self.double.count() > 0 {
            let many = self.double.count() > 1;
            let sentence = format!(
                "{} named like {}, but {} when opened; Windows hides the last extension unless told otherwise",
                self.double.are(),
                if many { "documents" } else { "a document" },
                if many { "run as programs" } else { "runs as a program" }
            );
            remarks.push(self.double.remark(
                RemarkKind::DoubleExtension,
                "Programs named like documents",
                sentence,
                None,
            ));
        }
        if self.deceptive.count() > 0 {
            let sentence = format!(
                "{} named with characters that cannot be seen or that turn text around, so that the name may look like \
                 another one",
                self.deceptive.are()
            );
            remarks.push(self.deceptive.remark(
                RemarkKind::DeceptiveName,
                "Invisible characters in names",
                sentence,
                None,
            ));
        }
        if self.windows.count() > 0 {
            let sentence = format!(
                "{} named as Windows allows no file to be named: a device, or a space or full stop at the end; Windows may \
                 not open it, or open another one",
                self.windows.are()
            );
            remarks.push(self.windows.remark(RemarkKind::WindowsName, "Names that Windows cannot use", sentence, None));
        }
    }
}

/// True for `invoice.pdf.exe`, also with many spaces before the last extension.
fn has_double_extension(name: &str) -> bool {
    let mut parts = name.rsplit('.').map(|part| part.trim().to_ascii_lowercase());
    let (Some(last), Some(before), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let last = last.split(';').next().unwrap_or_default();
    PROGRAMS.contains(&last) && DOCUMENTS.contains(&before.as_str())
}

/// True for characters that turn the direction of text, and those that have no width.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        && !matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_device(name: &str) -> bool {
    let base = name.split(['.', ':', ';']).next().unwrap_or_default().trim_end_matches(' ').to_lowercase();
    let port = base.strip_prefix("com").or_else(|| base.strip_prefix("lpt"));
    let is_port = port.is_some_and(|port| matches!(port, "\u{b9}" | "\u{b2}" | "\u{b3}") || is_digit(port));
    DEVICES.contains(&base.as_str()) || is_port
}

fn is_digit(port: &str) -> bool {
    matches!(port.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_behind_a_document_is_a_double_extension() {
        for name in ["invoice.pdf.exe", "A.DOC.SCR", "x.jpg      .exe", "photo.jpg.lnk", "x.y.txt.vbs", "A.PDF.EXE;1"] {
            assert!(has_double_extension(name), "{name}");
        }
        for name in ["setup.exe", "pdf.exe", "x.tar.gz", "x.exe.pdf", "jquery.min.js", "v1.2.exe", "a.so.1", "", "..."]
        {
            assert!(!has_double_extension(name), "{name}");
        }
    }

    #[test]
    fn devices_and_ports_are_known_with_and_without_extensions() {
        for name in ["con", "NUL.txt", "aux.h", "COM1", "lpt9.log", "com\u{b9}", "CON ", "prn;1"] {
            assert!(is_device(name), "{name}");
        }
        for name in ["console", "com", "com10", "com0", "auxiliary", "lpt", "xcon"] {
            assert!(!is_device(name), "{name}");
        }
    }

    #[test]
    fn joiners_that_scripts_need_are_no_deception() {
        assert!("exe\u{202e}fdp".chars().any(is_unseen) && "a\u{200b}b".chars().any(is_unseen));
        assert!(!"\u{645}\u{200c}\u{6cc}\u{200d}".chars().any(is_unseen));
    }
}
