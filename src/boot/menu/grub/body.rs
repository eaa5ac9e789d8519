//! What the commands of one menu entry load, and the entries that they make.

use super::condition::Decision;
use crate::boot::menu::model::{Entry, FileRef, Menu};
use crate::disc::limits;

/// What a file is loaded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Kernel,
    Initrd,
    Module,
    DeviceTree,
    Chainload,
    Config,
}

impl Role {
    /// What the command `name` loads; `None` for commands that load nothing of the kind.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "linux" | "linux16" | "linuxefi" | "multiboot" | "multiboot2" | "xen_hypervisor" | "kfreebsd"
            | "knetbsd" | "kopenbsd" | "xnu_kernel" | "xnu_kernel64" | "plan9" | "kernel" => Self::Kernel,
            "initrd" | "initrd16" | "initrdefi" => Self::Initrd,
            "module" | "module2" | "xen_module" | "xen_linux" | "xen_initrd" | "kfreebsd_module" | "knetbsd_module" => {
                Self::Module
            }
            "devicetree" | "fdt" => Self::DeviceTree,
            "chainloader" | "ntldr" | "freedos" => Self::Chainload,
            "configfile" | "normal" | "extract_entries_configfile" | "syslinux_configfile" | "legacy_configfile" => {
                Self::Config
            }
            _ => return None,
        })
    }

    /// The computer goes on with what is loaded.
    pub(super) fn starts(self) -> bool {
        matches!(self, Self::Kernel | Self::Chainload | Self::Config)
    }
}

/// One command that loads something.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) role: Role,
    pub(super) files: Vec<FileRef>,
    /// What follows the file.
    pub(super) line: String,
    /// What must hold for it, from outside to inside.
    pub(super) conditions: Vec<String>,
    pub(super) number: u32,
}

/// The commands of an entry.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) loads: Vec<Load>,
    pub(super) action: Option<String>,
}

/// Variants of one entry that are listed.
const VARIANTS: usize = 8;

/// Several conditions as one.
pub(super) fn joined<'a>(conditions: impl Iterator<Item = &'a String>) -> Option<String> {
    let all: Vec<&str> = conditions.map(String::as_str).collect();
    (!all.is_empty()).then(|| all.join(", and "))
}

/// A condition that must not hold.
pub(super) fn negated(condition: &str) -> String {
    format!("not ({condition})")
}

/// A condition in the words of the script, and what is known of it.
pub(super) fn stated(text: &str, negative: bool, decision: Decision) -> (String, Decision) {
    if negative { (format!("! {text}"), decision.map(|decided| !decided)) } else { (text.to_owned(), decision) }
}

/// One holds wherever the other does.
fn go_together(one: &[String], other: &[String]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

impl Body {
    /// Adds `entry` to the menu: once, or once for each condition under which it starts something.
    pub(super) fn add(self, menu: &mut Menu, entry: &Entry, outer: &[String]) -> Option<usize> {
        let mut variants: Vec<&[String]> = Vec::new();
        for load in self.loads.iter().filter(|load| load.role.starts()) {
            if !variants.contains(&load.conditions.as_slice()) {
                variants.push(&load.conditions);
            }
        }
        let path = &entry.definition.path;
        if variants.len() > VARIANTS {
            let message = format!("This entry starts more than {VARIANTS} things; the rest is not listed");
            menu.diagnostics.warning(path, entry.definition.line, message);
            variants.truncate(VARIANTS);
        }
        if variants.is_empty() {
            variants.push(&[]);
        }
        let mut first = None;
        for variant in variants {
            let mut entry = entry.clone();
            entry.condition = joined(outer.iter().chain(variant));
            entry.action.clone_from(&self.action);
            let mut initrd_conditions: Option<&[String]> = None;
            for load in &self.loads {
                let fits = if load.role.starts() {
                    load.conditions == variant
                } else {
                    go_together(&load.conditions, variant)
                };
                if !fits {
                    continue;
                }
                if !variant.starts_with(&load.conditions) && !load.files.is_empty() {
                    let condition = joined(load.conditions.iter()).unwrap_or_default();
                    let message = format!("What is loaded here is loaded only when this holds: {condition}");
                    menu.diagnostics.info(path, load.number, message);
                }
                match load.role {
                    Role::Kernel => {
                        entry.kernel = load.files.first().cloned();
                        entry.command_line = (!load.line.is_empty()).then(|| load.line.clone());
                    }
                    Role::Initrd => {
                        // A second command replaces what the first one loaded, unless only one of them is carried out.
                        if initrd_conditions == Some(load.conditions.as_slice()) {
                            entry.initrds.clear();
                        }
                        initrd_conditions = Some(&load.conditions);
                        add(&mut entry.initrds, &load.files);
                    }
                    Role::Module => add(&mut entry.modules, &load.files),
                    Role::DeviceTree => add(&mut entry.device_trees, &load.files),
                    Role::Chainload => add(&mut entry.chainloads, &load.files),
                    Role::Config => add(&mut entry.configs, &load.files),
                }
            }
            let index = menu.push(entry);
            first = first.or(index);
        }
        first
    }
}

fn add(list: &mut Vec<FileRef>, files: &[FileRef]) {
    let room = limits::MENU_INCLUDES.saturating_sub(list.len());
    list.extend(files.iter().take(room).cloned());
}
