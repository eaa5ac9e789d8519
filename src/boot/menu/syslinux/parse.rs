//! Reading a configuration file of Syslinux, line by line, with the files that it includes.

use std::time::Duration;

use super::Start;
use super::entry::{Kind, Label, file, title};
use crate::boot::menu::lookup::{Want, folder_of, normal};
use crate::boot::menu::model::{Entry, Menu, Timeout};
use crate::boot::menu::text::{Line, Reader, first_word};
use crate::disc::limits;

/// A menu, and the configuration files that its entries open.
pub(in crate::boot::menu) struct Found {
    pub(in crate::boot::menu) menu: Menu,
    pub(in crate::boot::menu) next: Vec<Start>,
}

/// A file that is being read; others may include it.
struct Frame {
    path: String,
    lines: std::vec::IntoIter<Line>,
    /// The file as a whole is a submenu (`INCLUDE file tag`).
    submenu: bool,
}

struct Parser<'a, 'b> {
    reader: &'a Reader<'b>,
    menu: Menu,
    next: Vec<Start>,
    frames: Vec<Frame>,
    includes: usize,
    /// Where relative paths are seen from.
    folder: String,
    /// Where modules are looked for besides (`PATH`).
    programs: Vec<String>,
    label: Option<Label>,
    /// Submenus that are open: the place of their entry, if it was not one too many, and whether it has a text.
    open: Vec<(Option<usize>, bool)>,
    append: Option<String>,
    /// There is a menu on the screen, not only a prompt.
    ui: bool,
    on_timeout: Option<String>,
    menu_default: Option<usize>,
    in_help: bool,
}

/// Reads the menu that starts at `start`.
pub(in crate::boot::menu) fn parse(reader: &Reader<'_>, start: &Start) -> Found {
    let mut menu = Menu::new(&start.path, start.loader);
    menu.reached_from.clone_from(&start.reached_from);
    let mut parser = Parser {
        reader,
        menu,
        next: Vec::new(),
        frames: Vec::new(),
        includes: 0,
        folder: start.folder.clone(),
        programs: vec![folder_of(&start.path).to_owned()],
        label: None,
        open: Vec::new(),
        append: None,
        ui: false,
        on_timeout: None,
        menu_default: None,
        in_help: false,
    };
    let lines = reader.lines(&start.path, &mut parser.menu.diagnostics);
    parser.frames.push(Frame { path: start.path.clone(), lines: lines.into_iter(), submenu: false });
    while let Some(frame) = parser.frames.last_mut() {
        match frame.lines.next() {
            Some(line) => parser.line(&line),
            None => {
                let submenu = frame.submenu;
                if submenu {
                    parser.end_submenu();
                }
                parser.frames.pop();
            }
        }
    }
    parser.finish_label();
    parser.choose_default();
    Found { menu: parser.menu, next: parser.next }
}

impl Parser<'_, '_> {
    fn path(&self) -> String {
        self.frames.last().map(|frame| frame.path.clone()).unwrap_or_default()
    }

    fn line(&mut self, line: &Line) {
        let (word, rest) = first_word(&line.text);
        let word = word.to_ascii_lowercase();
        if self.in_help {
            self.in_help = word != "endtext";
            return;
        }
        if word.is_empty() || word.starts_with('#') {
            return;
        }
        match &*word {
            "label" => {
                self.finish_label();
                self.label = Some(Label::new(rest, line.place(&self.path())));
            }
            "menu" => self.menu_directive(line, rest),
            "text" => self.in_help = rest.to_ascii_lowercase().starts_with("help"),
            "include" => self.include(line, rest),
            "default" => self.default(rest),
            "ui" => self.ui = true,
            "ontimeout" => self.on_timeout = Some(rest.to_owned()),
            "timeout" => self.timeout(line, rest),
            "append" => match &mut self.label {
                Some(label) => label.append = Some(rest.to_owned()),
                None => self.append = Some(rest.to_owned()),
            },
            "path" => self.programs.extend(rest.split([':', ' ']).map(|folder| normal("", folder))),
            "kernel" | "linux" | "com32" => self.of_label(|label| label.kernel = Some((Kind::Kernel, rest.to_owned()))),
            "boot" | "bss" | "pxe" | "fdimage" | "comboot" => {
                self.of_label(|label| label.kernel = Some((Kind::Boot, rest.to_owned())));
            }
            "config" if self.label.is_some() => {
                self.of_label(|label| label.kernel = Some((Kind::Config, rest.to_owned())));
            }
            "config" => {
                let (name, folder) = first_word(rest);
                self.open_config(name, folder, line);
            }
            "initrd" => self.of_label(|label| label.initrd = Some(rest.to_owned())),
            "fdt" | "devicetree" => self.of_label(|label| label.device_tree = Some((Want::File, rest.to_owned()))),
            "fdtdir" | "devicetreedir" => {
                self.of_label(|label| label.device_tree = Some((Want::Folder, rest.to_owned())));
            }
            "localboot" => {
                let action = match rest {
                    "" | "-1" | "0xffff" => "Starts what comes next in the computer's boot order".to_owned(),
                    drive => format!("Starts from drive {drive} of the computer"),
                };
                self.of_label(|label| label.action = Some(action));
            }
            word if is_without_effect(word) => {}
            _ => {
                let message = format!("“{word}” is not a directive of Syslinux");
                self.menu.diagnostics.info(&self.path(), line.number, message);
            }
        }
    }

    fn of_label(&mut self, change: impl FnOnce(&mut Label)) {
        if let Some(label) = &mut self.label {
            change(label);
        }
    }

    /// The directives that start with `MENU` (menu.txt).
    fn menu_directive(&mut self, line: &Line, rest: &str) {
        let (word, rest) = first_word(rest);
        match &*word.to_ascii_lowercase() {
            "title" => self.set_title(rest, false),
            "label" if self.label.is_some() => self.of_label(|label| label.shown = Some(rest.to_owned())),
            "label" => self.set_title(rest, true),
            "hide" => self.of_label(|label| label.hidden = true),
            "disable" => self.of_label(|label| label.disabled = true),
            "default" => self.of_label(|label| label.is_default = true),
            "separator" => self.finish_label(),
            "begin" => {
                self.finish_label();
                self.begin_submenu(line, rest);
            }
            "end" => {
                self.finish_label();
                self.end_submenu();
            }
            "include" => self.include(line, rest),
            "goto" => self.of_label(|label| label.action = Some(format!("Goes to the menu “{rest}”"))),
            "exit" => self.of_label(|label| label.action = Some("Goes back to the menu above".to_owned())),
            "quit" => self.of_label(|label| label.action = Some("Leaves the menu for a prompt".to_owned())),
            "help" => self.of_label(|label| label.action = Some(format!("Shows the text “{rest}”"))),
            _ => {}
        }
    }

    /// `MENU TITLE` names the menu, and as an entry the submenu; `MENU LABEL` before any label names the latter only.
    fn set_title(&mut self, text: &str, as_entry: bool) {
        let Some((index, named)) = self.open.last_mut() else {
            if !as_entry {
                self.menu.title = Some(text.to_owned());
            }
            return;
        };
        if let Some(entry) = index.and_then(|index| self.menu.entries.get_mut(index)).filter(|_| as_entry || !*named) {
            (entry.title, entry.hotkey) = title(text);
            *named = true;
        }
    }

    fn begin_submenu(&mut self, line: &Line, tag: &str) {
        let title = if tag.is_empty() { "Submenu" } else { tag };
        let mut entry = Entry::new(title, self.open.len(), line.place(&self.path()));
        entry.submenu = true;
        entry.id = (!tag.is_empty()).then(|| tag.to_owned());
        let index = self.menu.push(entry);
        self.open.push((index, false));
        if self.open.len() == limits::WALK_DEPTH {
            self.menu.diagnostics.warning(&self.path(), line.number, "The submenus are very deep");
        }
    }

    /// One that was never begun ends nothing: discs have such lines.
    fn end_submenu(&mut self) {
        self.finish_label();
        self.open.pop();
    }

    fn finish_label(&mut self) {
        let Some(label) = self.label.take() else { return };
        let is_default = label.is_default && self.open.is_empty();
        let config = label.kernel.clone().filter(|(kind, _)| *kind == Kind::Config);
        let (append, place) = (label.append.clone().unwrap_or_default(), label.place.clone());
        let entry = label.finish(self.reader, self.open.len(), self.append.as_deref(), &self.folder, &self.programs);
        let index = self.menu.push(entry);
        if is_default {
            self.menu_default = index;
        }
        if let Some((_, config)) = config {
            let line = Line { number: place.line, offset: place.offset, text: String::new() };
            self.reach(first_word(&config).0, first_word(&append).0, &line, &place.path);
        }
    }

    /// `CONFIG file folder` outside of labels: the loader goes on with that file.
    fn open_config(&mut self, name: &str, folder: &str, line: &Line) {
        let found = file(self.reader, name, &self.folder);
        self.menu.hands_over.push(found);
        let path = self.path();
        self.reach(name, folder, line, &path);
    }

    /// Notes that the file called `name` is to be read as a menu. Its paths are seen from `folder`, where one is given.
    fn reach(&mut self, name: &str, folder: &str, line: &Line, from: &str) {
        let found = file(self.reader, name, &self.folder);
        let Some(path) = found.found() else { return };
        let folder = match folder {
            "" | "-" => self.folder.clone(),
            folder => normal(&self.folder, &folder.replace('\\', "/")),
        };
        let reached_from = Some(line.place(from));
        if self.next.len() < limits::MENUS {
            self.next.push(Start { path: path.to_owned(), folder, loader: self.menu.loader, reached_from });
        }
    }

    fn include(&mut self, line: &Line, rest: &str) {
        let (name, tag) = first_word(rest);
        let here = self.path();
        let found = file(self.reader, name, &self.folder);
        let Some(path) = found.found() else {
            let message = format!("The file “{name}” that is included here is not in the image");
            self.menu.diagnostics.warning(&here, line.number, message);
            return;
        };
        let refused = if self.frames.iter().any(|frame| frame.path == path) {
            Some(format!("“{path}” includes itself; it is not read again"))
        } else if self.frames.len() > limits::MENU_DEPTH {
            Some(format!("Files are included more than {} levels deep; “{path}” is not read", limits::MENU_DEPTH))
        } else if self.includes >= limits::MENU_INCLUDES {
            Some(format!("More than {} files are included; “{path}” is not read", limits::MENU_INCLUDES))
        } else {
            None
        };
        if let Some(message) = refused {
            self.menu.diagnostics.warning(&here, line.number, message);
            return;
        }
        self.includes = self.includes.saturating_add(1);
        let path = path.to_owned();
        let submenu = !tag.is_empty();
        if submenu {
            self.finish_label();
            self.begin_submenu(line, tag);
        }
        let lines = self.reader.lines(&path, &mut self.menu.diagnostics);
        self.frames.push(Frame { path, lines: lines.into_iter(), submenu });
    }

    /// `DEFAULT menu.c32` is the old way to ask for a menu; then it does not say which entry starts.
    fn default(&mut self, rest: &str) {
        let name = first_word(rest).0.to_ascii_lowercase();
        if name.ends_with("menu.c32") || name.ends_with("gfxboot.c32") || name.ends_with("gfxboot") {
            self.ui = true;
        } else {
            self.menu.default = Some(rest.to_owned());
        }
    }

    /// Tenths of a second (syslinux.txt, TIMEOUT); zero waits.
    fn timeout(&mut self, line: &Line, rest: &str) {
        match first_word(rest).0.parse::<u64>() {
            // A submenu may have its own, which is not that of the menu.
            Ok(_) if !self.open.is_empty() => {}
            Ok(0) => self.menu.timeout = Timeout::Waits,
            Ok(tenths) => self.menu.timeout = Timeout::After(Duration::from_millis(tenths.saturating_mul(100))),
            Err(_) => {
                let message = format!("The time “{rest}” is not a number");
                self.menu.diagnostics.warning(&self.path(), line.number, message);
            }
        }
    }

    /// What starts after the timeout: `ONTIMEOUT`, else `DEFAULT`, else what the menu has the bar on.
    fn choose_default(&mut self) {
        let named = |name: &str, entries: &[Entry]| {
            let same = |entry: &Entry| entry.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(name));
            entries.iter().position(|entry| same(entry) && !entry.submenu)
        };
        if let Some(on_timeout) = self.on_timeout.take() {
            self.menu.default = Some(on_timeout);
        }
        self.menu.default_entry = match &self.menu.default {
            Some(default) => named(first_word(default).0, &self.menu.entries),
            None => None,
        };
        if self.menu.default.is_none() && self.ui {
            let shown = |entry: &Entry| entry.depth == 0 && !entry.hidden && !entry.disabled;
            let first = || self.menu.entries.iter().position(shown);
            self.menu.default_entry = self.menu_default.or_else(first);
        }
    }
}

/// Directives that change what is shown, but not what is started.
fn is_without_effect(word: &str) -> bool {
    let function_key = word.strip_prefix('f').is_some_and(|key| key.parse::<u8>().is_ok());
    function_key
        || matches!(
            word,
            "prompt" | "display" | "font" | "kbdmap" | "serial" | "console" | "say" | "noescape" | "nocomplete"
        )
        || matches!(
            word,
            "allowoptions" | "implicit" | "totaltimeout" | "onerror" | "ipappend" | "sysappend" | "sendcookies"
        )
        || matches!(word, "nohalt" | "gfxboot" | "endtext" | "clear" | "save" | "nosave" | "debug" | "localappend")
}
