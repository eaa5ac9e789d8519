//! What a boot menu says, whichever loader shows it.

use std::time::Duration;

use crate::disc::{Severity, limits};

/// The boot loader that shows a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loader {
    /// ISOLINUX: Syslinux for discs.
    Isolinux,
    /// SYSLINUX: Syslinux for FAT, and for UEFI.
    Syslinux,
    /// EXTLINUX, and other loaders that read its file, such as U-Boot.
    Extlinux,
    /// GRUB 2.
    Grub2,
    /// GRUB Legacy (0.97), and GRUB4DOS.
    GrubLegacy,
    /// systemd-boot, and other loaders that keep to the Boot Loader Specification.
    SystemdBoot,
    /// The Windows Boot Manager.
    WindowsBootManager,
}

impl Loader {
    /// The name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Isolinux => "ISOLINUX",
            Self::Syslinux => "SYSLINUX",
            Self::Extlinux => "EXTLINUX",
            Self::Grub2 => "GRUB 2",
            Self::GrubLegacy => "GRUB Legacy",
            Self::SystemdBoot => "systemd-boot",
            Self::WindowsBootManager => "Windows Boot Manager",
        }
    }
}

/// When the default entry starts by itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timeout {
    /// Never: the menu waits for the user.
    Waits,
    /// After this time; at once when it is zero.
    After(Duration),
    /// It is worked out when the computer starts. What the file says stands here.
    CannotTell(String),
}

/// A place in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The file's path in the tree, without a `/` in front.
    pub path: String,
    /// The line, from 1; 0 where the file has no lines.
    pub line: u32,
    /// The byte of the file at which the line (or the record, where there are no lines) starts.
    pub offset: u64,
}

/// Whether a file that a menu names is there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// It is, under exactly this path.
    Exists,
    /// It is, under this path, which differs in upper and lower case or leads through symbolic links. Loaders that take
    /// case seriously do not find the former.
    ExistsAs(String),
    /// It is, under this path, but the image ends before it does.
    Incomplete(String),
    /// There is no such file in the tree.
    Missing,
    /// There is something of that name which is not what is needed, such as a folder in place of a file.
    WrongKind,
    /// It depends on what is known only when the computer starts. Why, as a plain sentence without a full stop.
    CannotTell(String),
}

/// A file that a menu names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FileRef {
    /// The path as the menu writes it, with the values of known variables put in. Not yet escaped for display.
    pub as_written: String,
    /// The path in the tree that it stands for, without a `/` in front. It need not exist; [`state`](Self::state) says
    /// so. `None` when it lies elsewhere or cannot be told.
    pub path: Option<String>,
    /// Whether it is there.
    pub state: FileState,
}

impl FileRef {
    /// A file of which nothing can be told, and why.
    pub(super) fn cannot_tell(as_written: impl Into<String>, why: impl Into<String>) -> Self {
        Self { as_written: as_written.into(), path: None, state: FileState::CannotTell(why.into()) }
    }

    /// Where the file really lies in the tree; `None` when it is not there, or that cannot be told.
    pub fn found(&self) -> Option<&str> {
        match &self.state {
            FileState::Exists => self.path.as_deref(),
            FileState::ExistsAs(path) | FileState::Incomplete(path) => Some(path),
            _ => None,
        }
    }
}

/// One line of a menu.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// What the user reads. Not yet escaped for display.
    pub title: String,
    /// The name by which the menu itself calls the entry: a label, an id, a file name, a GUID.
    pub id: Option<String>,
    /// The key that chooses it.
    pub hotkey: Option<String>,
    /// 0 for the menu that comes first, 1 for its submenus, and so on. The entries of a submenu come right behind the
    /// entry that opens it.
    pub depth: usize,
    /// It opens a submenu.
    pub submenu: bool,
    /// It is not shown, but can be typed or chosen by the loader.
    pub hidden: bool,
    /// It is shown, but cannot be chosen: a heading.
    pub disabled: bool,
    /// The kernel, or the program that is started in place of one.
    pub kernel: Option<FileRef>,
    /// The initial RAM disks, in their order.
    pub initrds: Vec<FileRef>,
    /// Further files that are loaded with the kernel (Multiboot).
    pub modules: Vec<FileRef>,
    /// Device trees, or the folder of them.
    pub device_trees: Vec<FileRef>,
    /// What the kernel is told. Options that the loader adds when it starts (`IPAPPEND`) are not known.
    pub command_line: Option<String>,
    /// Other boot programs or boot sectors that it starts.
    pub chainloads: Vec<FileRef>,
    /// Configuration files of further menus that it opens.
    pub configs: Vec<FileRef>,
    /// What it does when it loads nothing, or besides, in plain words.
    pub action: Option<String>,
    /// The processors that it is for (Boot Loader Specification).
    pub architecture: Option<String>,
    /// It is there only when this holds, which is known only when the computer starts.
    pub condition: Option<String>,
    /// Where it is defined.
    pub definition: Place,
}

impl Entry {
    /// An entry that does nothing yet.
    pub(super) fn new(title: impl Into<String>, depth: usize, definition: Place) -> Self {
        Self {
            title: title.into(),
            id: None,
            hotkey: None,
            depth,
            submenu: false,
            hidden: false,
            disabled: false,
            kernel: None,
            initrds: Vec::new(),
            modules: Vec::new(),
            device_trees: Vec::new(),
            command_line: None,
            chainloads: Vec::new(),
            configs: Vec::new(),
            action: None,
            architecture: None,
            condition: None,
            definition,
        }
    }

    /// All files that it names.
    pub fn files(&self) -> impl Iterator<Item = &FileRef> {
        let lists = [&self.initrds, &self.modules, &self.device_trees, &self.chainloads, &self.configs];
        self.kernel.iter().chain(lists.into_iter().flatten())
    }
}

/// What was not understood or left out, beside what was.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// How bad it is.
    pub severity: Severity,
    /// The file's path in the tree.
    pub path: String,
    /// The line, from 1; 0 where it is about the whole file.
    pub line: u32,
    /// One plain sentence without a full stop. Not yet escaped for display.
    pub message: String,
}

/// A bounded list of notes without repetitions.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Notes {
    items: Vec<Note>,
    #[serde(skip)]
    dropped: usize,
}

impl Notes {
    /// Adds a note, unless the very same one was made before or the list is full.
    pub(super) fn add(&mut self, severity: Severity, path: &str, line: u32, message: impl Into<String>) {
        let note = Note { severity, path: path.to_owned(), line, message: message.into() };
        if self.items.contains(&note) {
            return;
        }
        if self.items.len() < limits::DIAGNOSTICS {
            self.items.push(note);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Something unusual, by which nothing is lost.
    pub(super) fn info(&mut self, path: &str, line: u32, message: impl Into<String>) {
        self.add(Severity::Info, path, line, message);
    }

    /// Something that is left out or may be misunderstood.
    pub(super) fn warning(&mut self, path: &str, line: u32, message: impl Into<String>) {
        self.add(Severity::Warning, path, line, message);
    }

    /// The notes in the order in which they were made.
    pub fn items(&self) -> &[Note] {
        &self.items
    }

    /// How many more there were than [`limits::DIAGNOSTICS`].
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}

/// One menu of one loader.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Menu {
    /// The file that defines it, as its path in the tree, without a `/` in front.
    pub path: String,
    /// The loader that reads it.
    pub loader: Loader,
    /// What stands above it.
    pub title: Option<String>,
    /// When the default entry starts by itself.
    pub timeout: Timeout,
    /// What starts by itself, as the file says it.
    pub default: Option<String>,
    /// Which of [`entries`](Self::entries) that is, where it can be told.
    pub default_entry: Option<usize>,
    /// All entries in their order, submenus included.
    pub entries: Vec<Entry>,
    /// Files that the loader goes on with instead of showing a menu, or after it.
    pub hands_over: Vec<FileRef>,
    /// Where another menu names this one; `None` for the places where the loader looks by itself.
    pub reached_from: Option<Place>,
    /// What was not understood or left out.
    pub diagnostics: Notes,
}

impl Menu {
    pub(in crate::boot) fn new(path: &str, loader: Loader) -> Self {
        Self {
            path: path.to_owned(),
            loader,
            title: None,
            timeout: Timeout::Waits,
            default: None,
            default_entry: None,
            entries: Vec::new(),
            hands_over: Vec::new(),
            reached_from: None,
            diagnostics: Notes::default(),
        }
    }

    /// Adds an entry unless there are too many; gives its place.
    pub(super) fn push(&mut self, entry: Entry) -> Option<usize> {
        if self.entries.len() >= limits::MENU_ENTRIES {
            let message = format!("The menu has more than {} entries; the rest is not listed", limits::MENU_ENTRIES);
            self.diagnostics.warning(&entry.definition.path, 0, message);
            return None;
        }
        self.entries.push(entry);
        Some(self.entries.len().saturating_sub(1))
    }

    /// True when it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.hands_over.is_empty()
    }
}
