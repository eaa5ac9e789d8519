//! What may do harm when it is opened instead of being looked at: programs, scripts, shortcuts and installers.
//!
//! The name decides as the systems let it decide, by what stands behind the last dot; where the beginning of the file
//! says that it is a program, the name does not matter.

/// Something that runs when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// Runs as it is.
    Program,
    /// Is run by another program.
    Script,
    /// Starts something else, or leads elsewhere.
    Shortcut,
    /// Puts programs onto the computer.
    Installer,
    /// A document that may hold programs.
    Macros,
}

impl Danger {
    /// What it is, such as `a program`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Program => "a program",
            Self::Script => "a script",
            Self::Shortcut => "a shortcut",
            Self::Installer => "an installer",
            Self::Macros => "a document with macros",
        }
    }
}

const EXTENSIONS: [(Danger, &[&str]); 5] = [
    (
        Danger::Program,
        &[
            "exe", "com", "scr", "pif", "cpl", "msc", "hta", "jar", "jnlp", "appimage", "run", "bin", "elf", "app",
            "gadget", "xll", "out",
        ],
    ),
    (
        Danger::Script,
        &[
            "bat",
            "cmd",
            "ps1",
            "psm1",
            "psd1",
            "vbs",
            "vbe",
            "vb",
            "js",
            "jse",
            "mjs",
            "ws",
            "wsf",
            "wsh",
            "wsc",
            "sct",
            "sh",
            "bash",
            "csh",
            "ksh",
            "zsh",
            "fish",
            "command",
            "tool",
            "py",
            "pyw",
            "pyc",
            "pyz",
            "pl",
            "rb",
            "lua",
            "tcl",
            "php",
            "applescript",
            "scpt",
            "scptd",
            "workflow",
            "shortcut",
            "ahk",
            "au3",
            "reg",
            "inf",
            "terminal",
        ],
    ),
    (
        Danger::Shortcut,
        &[
            "lnk",
            "url",
            "desktop",
            "webloc",
            "fileloc",
            "inetloc",
            "afploc",
            "ftploc",
            "mailloc",
            "vncloc",
            "scf",
            "library-ms",
            "search-ms",
            "searchconnector-ms",
            "settingcontent-ms",
            "appref-ms",
            "application",
            "website",
            "rdp",
        ],
    ),
    (
        Danger::Installer,
        &[
            "msi",
            "msp",
            "mst",
            "msu",
            "msix",
            "msixbundle",
            "appx",
            "appxbundle",
            "appinstaller",
            "pkg",
            "mpkg",
            "mobileconfig",
            "configprofile",
            "dmg",
            "deb",
            "udeb",
            "rpm",
            "apk",
            "snap",
            "flatpak",
            "flatpakref",
            "xpi",
            "crx",
        ],
    ),
    (
        Danger::Macros,
        &["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppam", "ppsm", "sldm", "slk", "iqy"],
    ),
];

/// Bytes of the beginning of a file that [`of`] looks at.
pub const HEAD: usize = 4;

/// What a file of this name that begins with `head` may do when it is opened.
pub fn of(name: &str, head: &[u8]) -> Option<Danger> {
    let by_name = extension(name).and_then(|extension| {
        let lower = extension.to_lowercase();
        EXTENSIONS.iter().find(|(_, known)| known.contains(&lower.as_str())).map(|(danger, _)| *danger)
    });
    by_name.or_else(|| by_content(head))
}

/// What stands behind the last dot, which is what systems go by: Windows drops dots and spaces from the end of a name.
pub fn extension(name: &str) -> Option<&str> {
    let name = name.trim_end_matches(['.', ' ']);
    let (_, extension) = name.rsplit_once('.')?;
    (!extension.is_empty()).then_some(extension)
}

fn by_content(head: &[u8]) -> Option<Danger> {
    // For one processor in either order of bytes, and for several with offsets of 32 or 64 bits. The same is Java's.
    const MACH_O: [&[u8]; 6] = [
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"\xca\xfe\xba\xbf",
    ];
    if head.starts_with(b"MZ") || head.starts_with(b"\x7fELF") || MACH_O.iter().any(|magic| head.starts_with(magic)) {
        Some(Danger::Program)
    } else if head.starts_with(b"#!") {
        Some(Danger::Script)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_decides_in_any_case() {
        assert_eq!(of("holiday.pdf.EXE", b""), Some(Danger::Program));
        assert_eq!(of("setup.msi", b""), Some(Danger::Installer));
        assert_eq!(of("Read me.lnk", b""), Some(Danger::Shortcut));
        assert_eq!(of("run.Sh", b""), Some(Danger::Script));
        assert_eq!(of("bill.docm", b""), Some(Danger::Macros));
        assert_eq!(of("notes.txt", b"hello"), None);
        assert_eq!(of("exe", b""), None);
        assert_eq!(of(".exe", b""), Some(Danger::Program));
    }

    #[test]
    fn a_name_cannot_hide_what_it_is() {
        // It looks like `invoice exe.pdf` where direction marks are obeyed.
        assert_eq!(of("invoice \u{202e}fdp.exe", b""), Some(Danger::Program));
        assert_eq!(of("setup.exe. .", b""), Some(Danger::Program));
        assert_eq!(extension("a.tar.gz"), Some("gz"));
        assert_eq!(extension("none"), None);
        assert_eq!(extension("none."), None);
    }

    #[test]
    fn a_program_is_one_under_any_name() {
        assert_eq!(of("picture.jpg", b"MZ\x90\0"), Some(Danger::Program));
        assert_eq!(of("README", b"\x7fELF"), Some(Danger::Program));
        assert_eq!(of("configure", b"#!/b"), Some(Danger::Script));
        assert_eq!(of("library", b"\xca\xfe\xba\xbe"), Some(Danger::Program));
        assert_eq!(of("library", b"\xca\xfe\xba\xbf"), Some(Danger::Program));
    }

    #[test]
    fn no_extension_is_listed_twice() {
        let mut all: Vec<_> = EXTENSIONS.iter().flat_map(|(_, known)| *known).collect();
        let before = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), before);
        assert!(all.iter().all(|known| **known == known.to_lowercase()));
    }
}
