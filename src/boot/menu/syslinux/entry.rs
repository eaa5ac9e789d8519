//! A `LABEL` as it is read, and the entry that it becomes.

use crate::boot::menu::lookup::{Want, name_of, normal, refer};
use crate::boot::menu::model::{Entry, FileRef, FileState, Place};
use crate::boot::menu::text::{Reader, first_word};

/// What a `LABEL` starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A kernel, or whatever the file name's extension says.
    Kernel,
    /// A boot sector or a boot program.
    Boot,
    /// Another configuration file.
    Config,
}

/// The lines that belong to one `LABEL`.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) name: String,
    /// The text of `MENU LABEL`.
    pub(super) shown: Option<String>,
    pub(super) place: Place,
    pub(super) kernel: Option<(Kind, String)>,
    pub(super) append: Option<String>,
    pub(super) initrd: Option<String>,
    pub(super) device_tree: Option<(Want, String)>,
    pub(super) hidden: bool,
    pub(super) disabled: bool,
    pub(super) is_default: bool,
    /// What it does besides starting something.
    pub(super) action: Option<String>,
}

impl Label {
    pub(super) fn new(name: &str, place: Place) -> Self {
        Self {
            name: name.to_owned(),
            shown: None,
            place,
            kernel: None,
            append: None,
            initrd: None,
            device_tree: None,
            hidden: false,
            disabled: false,
            is_default: false,
            action: None,
        }
    }

    /// The entry. `append` is what `APPEND` says outside of labels; paths are seen from `folder`, programs also from
    /// `programs`.
    pub(super) fn finish(
        self,
        reader: &Reader<'_>,
        depth: usize,
        append: Option<&str>,
        folder: &str,
        programs: &[String],
    ) -> Entry {
        let (title, hotkey) = title(self.shown.as_deref().unwrap_or(&self.name));
        let mut entry = Entry::new(title, depth, self.place);
        entry.hotkey = hotkey;
        entry.hidden = self.hidden;
        entry.disabled = self.disabled;
        entry.action = self.action;
        let nothing = self.disabled || entry.action.is_some();
        // “The default for image is the same as label” (syslinux.txt, LABEL).
        let (kind, kernel) = match self.kernel {
            Some(kernel) => kernel,
            None if nothing => {
                entry.id = Some(self.name);
                return entry;
            }
            None => (Kind::Kernel, self.name.clone()),
        };
        entry.id = Some(self.name);
        // `APPEND -` appends nothing, not even what is appended everywhere.
        let append = self.append.as_deref().or(append).filter(|append| append.trim() != "-").unwrap_or_default();
        let (image, options) = first_word(&kernel);
        let line = [options, append].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
        if kind == Kind::Config {
            entry.configs.push(file(reader, image, folder));
            return entry;
        }
        for list in self.initrd.iter().map(String::as_str).chain(initrds(&line)) {
            entry
                .initrds
                .extend(list.split(',').filter(|name| !name.is_empty()).map(|name| file(reader, name, folder)));
        }
        if let Some((want, path)) = &self.device_tree {
            entry.device_trees.push(wanted(reader, path, folder, *want));
        }
        let kernel = program(reader, image, folder, programs);
        let name = name_of(&image.replace('\\', "/")).to_lowercase();
        if name == "mboot.c32" {
            // Modules stand between `---`, each with its own command line (wiki: “Mboot.c32”).
            let modules = line.split("---").map(|module| first_word(module).0).filter(|module| !module.is_empty());
            entry.modules.extend(modules.map(|module| file(reader, module, folder)));
        }
        if kind == Kind::Boot {
            entry.chainloads.push(kernel);
        } else {
            entry.kernel = Some(kernel);
        }
        entry.command_line = (!line.is_empty()).then_some(line);
        entry
    }
}

/// The text of an entry without the `^` before its hotkey, and that key.
pub(super) fn title(text: &str) -> (String, Option<String>) {
    let Some((before, after)) = text.split_once('^') else { return (text.to_owned(), None) };
    let hotkey = after.chars().next().map(|key| key.to_lowercase().collect());
    (format!("{before}{after}"), hotkey)
}

/// The lists of files of all `initrd=` of a command line; the last one counts, as for the loader.
fn initrds(line: &str) -> Option<&str> {
    line.split_whitespace().filter_map(|option| option.strip_prefix("initrd=")).next_back()
}

/// The file that a directive names, seen from `folder`.
pub(super) fn file(reader: &Reader<'_>, name: &str, folder: &str) -> FileRef {
    wanted(reader, name, folder, Want::File)
}

fn wanted(reader: &Reader<'_>, name: &str, folder: &str, want: Want) -> FileRef {
    match resolve(name, folder) {
        Ok(path) => refer(reader.files, name, &path, want),
        Err(why) => FileRef::cannot_tell(name, why),
    }
}

/// The path that `name` stands for: seen from `folder` unless it starts with a slash, a backslash, or `::`, which means
/// the top of the file system (wiki: “Working directory”).
fn resolve(name: &str, folder: &str) -> Result<String, String> {
    let name = name.replace('\\', "/");
    if let Some(path) = name.strip_prefix("::") {
        return Ok(normal("", path));
    }
    if name.contains("://") || name.contains("::") {
        return Err("The file is fetched over a network".to_owned());
    }
    if name.starts_with('(') {
        return Err("The file lies on a drive that is chosen when the computer starts".to_owned());
    }
    Ok(normal(folder, &name))
}

/// Extensions that are tried when there is no file without (wiki: “Config”, KERNEL).
const EXTENSIONS: [&str; 8] = ["c32", "com", "cbt", "bss", "bs", "bin", "img", "0"];

/// The program that `KERNEL` names: as written, or with an extension that the name leaves out, or where modules lie.
fn program(reader: &Reader<'_>, name: &str, folder: &str, programs: &[String]) -> FileRef {
    let first = file(reader, name, folder);
    if first.state != FileState::Missing {
        return first;
    }
    if !name_of(name).contains('.') {
        let tried = EXTENSIONS.iter().filter_map(|extension| resolve(&format!("{name}.{extension}"), folder).ok());
        if let Some(found) = tried.into_iter().find_map(|path| reader.find(&path)) {
            return FileRef { state: FileState::ExistsAs(found), ..first };
        }
    }
    let module = name.to_lowercase().ends_with(".c32");
    let mut others = programs.iter().filter(|_| module);
    match others.find_map(|folder| reader.find(&resolve(name, folder).ok()?)) {
        Some(found) => FileRef { state: FileState::ExistsAs(found), ..first },
        None => first,
    }
}
