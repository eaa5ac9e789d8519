//! The commands of GRUB that say what is loaded, or from where (GRUB manual, “Commands”).

use std::rc::Rc;

use super::Start;
use super::body::{Load, Role};
use super::condition::{Decision, Kind, test};
use super::device;
use super::environment::{Expanded, Value};
use super::lex::Word;
use super::run::Runner;
use crate::boot::menu::lookup::Look;
use crate::boot::menu::model::{FileRef, FileState};
use crate::disc::limits;

impl Runner<'_, '_> {
    /// Carries out one command; gives its success where that is known.
    pub(super) fn command(&mut self, first: &Word, arguments: &[&Word]) -> Decision {
        let mut words = self.environment.expand_all(arguments);
        let name = self.environment.whole(first);
        let name = &*name.text;
        if let Some((variable, _)) = name.split_once('=').filter(|(variable, _)| is_name(variable)) {
            self.assign(variable, first);
            return Some(true);
        }
        match name {
            "true" | ":" => return Some(true),
            "false" => return Some(false),
            "[" => {
                words.pop_if(|last| &*last.text == "]");
                return self.test(&words);
            }
            "test" => return self.test(&words),
            "set" => {
                if let Some(word) = arguments.first() {
                    let text = self.environment.whole(word).text;
                    if let Some((variable, _)) = text.split_once('=') {
                        self.assign(variable, word);
                    }
                }
                return Some(true);
            }
            "unset" => {
                for word in &words {
                    Rc::make_mut(&mut self.environment).set(&word.text, Value::text(""));
                }
                return Some(true);
            }
            // What is saved on a disk is known only when the computer starts.
            "load_env" => words.iter().for_each(|word| self.forget(&word.text)),
            "search" | "search.file" | "search.fs_label" | "search.fs_uuid" => return self.search(name, &words),
            "source" | "." => self.source_command(first, &words),
            "eval" if words.iter().all(|word| !word.unknown && !word.this) => {
                let text: Vec<&str> = words.iter().map(|word| &*word.text).collect();
                self.push_text(&text.join(" "), first);
            }
            "blscfg" => {
                let path = self.path();
                let message = "The entries of loader/entries belong here; they are listed as a menu of their own";
                self.menu.diagnostics.info(&path, first.line, message);
            }
            "reboot" => self.act("Starts the computer again"),
            "halt" | "poweroff" => self.act("Turns the computer off"),
            "exit" => self.act("Leaves GRUB, so that the computer goes on with what comes next in its boot order"),
            "fwsetup" => self.act("Opens the settings of the computer's firmware"),
            _ => match Role::of(name) {
                Some(role) => self.load(role, first, &words),
                None => self.other(name, first, &words),
            },
        }
        None
    }

    fn forget(&mut self, name: &str) {
        Rc::make_mut(&mut self.environment).forget(name);
        if self.assigned.len() < limits::MENU_VARIABLES {
            self.assigned.insert(name.to_owned(), format!("${{{name}}}"));
        }
    }

    /// `variable=value` is one word.
    fn assign(&mut self, variable: &str, word: &Word) {
        let whole = self.environment.whole(word);
        let text = whole.text.split_once('=').map_or("", |(_, text)| text);
        // A variable that holds just what another one holds.
        let same = text.strip_prefix('$').and_then(|_| super::environment::variable_in(text));
        let value = match same.and_then(|name| self.environment.get(name)).filter(|value| value.this) {
            Some(this) => this.clone(),
            None => Value { text: text.into(), this: false, ..whole.clone() },
        };
        if self.assigned.len() < limits::MENU_VARIABLES {
            self.assigned.insert(variable.to_owned(), text.chars().take(limits::MENU_VALUE).collect());
        }
        Rc::make_mut(&mut self.environment).set(variable, value);
    }

    fn test(&self, words: &[Expanded]) -> Decision {
        test(words, &mut |kind, path| {
            let look = device::look(self.reader, &self.environment, path)?;
            match (kind, look) {
                (_, Look::Missing) => Some(false),
                (Kind::Anything, _)
                | (Kind::File, Look::File(_) | Look::Incomplete(_))
                | (Kind::Folder, Look::Folder(_)) => Some(true),
                (Kind::Filled, Look::File(path) | Look::Incomplete(path)) => {
                    self.reader.files.read(&path, 1).ok().map(|(_, size)| size > 0)
                }
                _ => Some(false),
            }
        })
    }

    /// `search` sets a variable, `root` by default, to the device that holds a file, or that is called so.
    fn search(&mut self, command: &str, words: &[Expanded]) -> Decision {
        let mut by = command.strip_prefix("search.").unwrap_or("label");
        let mut variable = None;
        let mut names: Vec<&Expanded> = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let text = &*word.text;
            match text.split_once('=').map_or((text, None), |(option, value)| (option, Some(value))) {
                ("--set" | "-s", value) => variable = Some(value.unwrap_or("root").to_owned()),
                ("--file" | "-f", _) => by = "file",
                ("--label" | "-l", _) => by = "fs_label",
                ("--fs-uuid" | "-u", _) => by = "fs_uuid",
                ("--hint" | "-h", None) => drop(rest.next()),
                (option, _) if option.starts_with("--") || option == "-n" => {}
                _ => names.push(word),
            }
        }
        let name = names.first()?;
        // `search.file path variable`, and the same of `search --set` in old files.
        let second = names.get(1).filter(|_| command != "search" || variable.as_deref() == Some("root"));
        let variable = second.map(|name| name.text.to_string()).or(variable).unwrap_or_else(|| "root".to_owned());
        let is_this = match by {
            "file" => !name.unknown && self.reader.find(&name.text).is_some(),
            "fs_label" | "label" => !name.unknown && self.volumes.iter().any(|volume| **volume == *name.text),
            _ => false,
        };
        if is_this {
            Rc::make_mut(&mut self.environment).set(&variable, Value::this());
            Some(true)
        } else {
            Rc::make_mut(&mut self.environment).forget(&variable);
            None
        }
    }

    fn source_command(&mut self, first: &Word, words: &[Expanded]) {
        let Some(word) = words.first() else { return };
        let file = device::file(self.reader, &self.environment, word);
        if let Some(found) = file.found() {
            self.source(found, first.line);
            return;
        }
        let path = self.path();
        match &file.state {
            FileState::CannotTell(why) => {
                let message = format!("The file “{}” that is read here is left out: {why}", file.as_written);
                self.menu.diagnostics.info(&path, first.line, message);
            }
            // Scripts that may lack a file ask for it first.
            _ if self.here_condition().is_some() => {}
            _ => {
                let message = format!("The file “{}” that is read here is not in the image", file.as_written);
                self.menu.diagnostics.warning(&path, first.line, message);
            }
        }
    }

    fn act(&mut self, action: &str) {
        if let Some(body) = &mut self.body {
            body.action.get_or_insert_with(|| action.to_owned());
        }
    }

    /// A command that loads files.
    fn load(&mut self, role: Role, first: &Word, words: &[Expanded]) {
        let options = words.iter().take_while(|word| word.text.starts_with("--")).count();
        let words = words.get(options..).unwrap_or_default();
        let Some((named, rest)) = words.split_first() else { return };
        let mut files: Vec<FileRef> = vec![device::file(self.reader, &self.environment, &without_newc(role, named))];
        if role == Role::Initrd {
            let more = rest.iter().take(limits::MENU_INCLUDES).map(|word| without_newc(role, word));
            files.extend(more.map(|word| device::file(self.reader, &self.environment, &word)));
        }
        if role == Role::Config {
            let reached_from = Some(first.place(&self.path()));
            let found = files.iter().filter_map(FileRef::found);
            let room = limits::MENUS.saturating_sub(self.next.len());
            self.next.extend(
                found.take(room).map(|path| Start { path: path.to_owned(), reached_from: reached_from.clone() }),
            );
        }
        let line = rest.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ");
        match &mut self.body {
            Some(body) if body.loads.len() < limits::MENU_INCLUDES => {
                body.loads.push(Load { role, files, line, conditions: self.conditions.clone(), number: first.line })
            }
            Some(_) => {}
            // What is loaded outside of entries starts without a menu.
            None if role.starts() && self.menu.hands_over.len() < limits::MENUS => self.menu.hands_over.extend(files),
            None => {}
        }
    }

    /// Any other command: it may set a variable, and else does nothing to what is loaded.
    fn other(&mut self, name: &str, first: &Word, words: &[Expanded]) {
        let mut rest = words.iter().map(|word| &*word.text);
        while let Some(word) = rest.next() {
            if let Some(variable) = word.strip_prefix("--set=") {
                self.forget(variable);
            } else if (word == "--set" || (word == "-s" && name == "probe"))
                && let Some(variable) = rest.next()
            {
                self.forget(variable);
            }
        }
        if name == "read" || name == "getdate" {
            words.iter().for_each(|word| self.forget(&word.text));
        }
        let known = KNOWN.contains(&name) || name.contains('$') || name.is_empty();
        let news = !known && self.unknown_commands.len() < limits::DIAGNOSTICS;
        if news && self.unknown_commands.insert(name.to_owned()) {
            let path = self.path();
            self.menu.diagnostics.info(&path, first.line, format!("The command “{name}” is not known"));
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `newc:name:path` puts a file under a name into the initial RAM disk.
fn without_newc(role: Role, word: &Expanded) -> Expanded {
    let path = word.text.strip_prefix("newc:").and_then(|rest| rest.split_once(':')).map(|(_, path)| path);
    match path.filter(|_| role == Role::Initrd) {
        Some(path) => Expanded { text: path.into(), ..word.clone() },
        None => word.clone(),
    }
}

/// Commands that change nothing of what is loaded.
const KNOWN: &[&str] = &[
    "acpi",
    "appleloader",
    "authenticate",
    "background_color",
    "background_image",
    "badram",
    "boot",
    "break",
    "cat",
    "clear",
    "cmosclean",
    "cmostest",
    "continue",
    "cpuid",
    "cryptomount",
    "cutmem",
    "date",
    "drivemap",
    "echo",
    "eval",
    "export",
    "fakebios",
    "getkey",
    "gptsync",
    "hashsum",
    "help",
    "insmod",
    "keymap",
    "keystatus",
    "list_env",
    "list_trusted",
    "load_video",
    "loadbios",
    "loadfont",
    "loopback",
    "ls",
    "lsefi",
    "lsfonts",
    "lsmod",
    "nativedisk",
    "net_add_addr",
    "net_bootp",
    "outb",
    "outl",
    "outw",
    "parttool",
    "password",
    "password_pbkdf2",
    "play",
    "probe",
    "rdmsr",
    "read",
    "regexp",
    "return",
    "rmmod",
    "save_env",
    "savedefault",
    "serial",
    "setparams",
    "shift",
    "sleep",
    "smbios",
    "terminal_input",
    "terminal_output",
    "terminfo",
    "trust",
    "usb",
    "verify_detached",
    "videoinfo",
    "videotest",
    "wrmsr",
];
