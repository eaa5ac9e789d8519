//! The boot structures in words, the answer first.

use std::fmt::{self, Write};

use super::layout;
use crate::boot::chain::{Chain, Link, State};
use crate::boot::menu::{Entry, FileRef, FileState, Menu};
use crate::boot::report::BootReport;
use crate::boot::study::Study;
use crate::boot::verdict::{Boots, Firmware, Medium, Verdict};
use crate::disc::tree::DetailGroup;
use crate::disc::{Image, text};

/// All that is known of how the disc starts, as text to be read.
pub fn all(image: &Image, study: &Study) -> String {
    let mut text = String::new();
    match write(&mut text, image, study) {
        // Writing to a string does not fail.
        Ok(()) | Err(fmt::Error) => text,
    }
}

fn write(buffer: &mut String, image: &Image, study: &Study) -> fmt::Result {
    let report = &study.report;
    write_verdicts(buffer, &study.verdicts)?;
    write_chain(buffer, &study.chain)?;
    report.menus.iter().try_for_each(|menu| write_menu(buffer, &menu.menu))?;
    report.programs.iter().try_for_each(|file| write_group(buffer, &file.details()))?;
    write_structures(buffer, image, report)?;
    layout::table::write(buffer, &study.layout)
}

fn write_verdicts(buffer: &mut String, verdicts: &[Verdict]) -> fmt::Result {
    // Those for one kind of computer stand together.
    for computer in verdicts.chunk_by(|one, other| (one.firmware, one.arch) == (other.firmware, other.arch)) {
        match computer.first() {
            Some(Verdict { firmware: Firmware::Uefi, arch, .. }) => {
                writeln!(buffer, "Does a computer with UEFI for {arch} start it?")?;
            }
            _ => writeln!(buffer, "Does a computer with a BIOS start it?")?,
        }
        for verdict in computer {
            let medium = match (verdict.medium, verdict.secure_boot) {
                (_, Some(true)) => "  with Secure Boot",
                (Medium::Optical, _) => "From a disc",
                (Medium::Usb, _) => "From a stick, as it is",
            };
            let boots = match verdict.boots {
                Boots::Yes => "yes",
                Boots::No => "no",
                Boots::Unknown if verdict.depends => "on some",
                Boots::Unknown => "unknown",
            };
            writeln!(buffer, "  {medium:<24} {boots:<8} {}", text::display(&verdict.why))?;
        }
        writeln!(buffer)?;
    }
    Ok(())
}

/// The ways that a computer can go, each step below the one that leads to it.
fn write_chain(buffer: &mut String, chain: &Chain) -> fmt::Result {
    if chain.steps.is_empty() {
        return Ok(());
    }
    writeln!(buffer, "How it starts")?;
    let mut written = vec![false; chain.steps.len()];
    // What is still to be written, the next one last: the step, how deep it stands, and the link that leads there.
    let mut waiting: Vec<(usize, usize, Option<&Link>)> = chain.starts().map(|step| (step, 0, None)).collect();
    waiting.reverse();
    while let Some((at, depth, link)) = waiting.pop() {
        let (Some(step), Some(written)) = (chain.steps.get(at), written.get_mut(at)) else { continue };
        let indent = "  ".repeat(depth.saturating_add(1));
        let label = link.map(|link| link.label.as_str()).filter(|label| !label.is_empty());
        let label = label.map(|label| format!("{label}: ")).unwrap_or_default();
        let state = match link.map_or(step.state, |link| link.state.max(step.state)) {
            State::Good => "",
            State::Doubtful => " (cannot be told)",
            State::Broken => " (stops here)",
        };
        let place = if step.place.is_empty() { String::new() } else { format!(", {}", step.place) };
        let line = format!("{label}{}{place}{state}", step.title);
        if std::mem::replace(written, true) {
            writeln!(buffer, "{indent}{}, see above", text::display(&line))?;
            continue;
        }
        writeln!(buffer, "{indent}{}", text::display(&line))?;
        step.notes.iter().try_for_each(|note| writeln!(buffer, "{indent}    {}", text::display(note)))?;
        let first = waiting.len();
        waiting.extend(chain.from(at).map(|link| (link.to, depth.saturating_add(1), Some(link))));
        waiting.get_mut(first..).unwrap_or_default().reverse();
    }
    writeln!(buffer)
}

fn write_structures(buffer: &mut String, image: &Image, report: &BootReport) -> fmt::Result {
    if image.boot_catalog().is_none() {
        writeln!(buffer, "There is no boot catalogue\n")?;
    }
    report.structures(image).iter().try_for_each(|group| write_group(buffer, group))?;
    if !report.findings.is_empty() {
        writeln!(buffer, "Findings")?;
        let findings = report.findings.items().iter();
        findings.map(ToString::to_string).try_for_each(|line| writeln!(buffer, "  {}", text::display(&line)))?;
        writeln!(buffer)?;
    }
    Ok(())
}

fn write_group(buffer: &mut String, group: &DetailGroup) -> fmt::Result {
    writeln!(buffer, "{}", text::display(&group.title))?;
    group.fields.iter().filter(|field| !field.value.is_empty()).try_for_each(|field| {
        let place = field.offset.map(|at| format!("  (byte {at})")).unwrap_or_default();
        writeln!(buffer, "  {:<34} {}{place}", field.label, text::display(&field.value))
    })?;
    writeln!(buffer)
}

/// A menu as the user would see it, and under each entry what it starts.
fn write_menu(buffer: &mut String, menu: &Menu) -> fmt::Result {
    writeln!(buffer, "Menu of {}: {}", menu.loader.label(), text::display(&menu.path))?;
    for (at, entry) in menu.entries.iter().enumerate() {
        let indent = "  ".repeat(entry.depth.min(8).saturating_add(1));
        let default = if menu.default_entry == Some(at) { "  (starts by itself)" } else { "" };
        writeln!(buffer, "{indent}{}{default}", text::display(&entry.title))?;
        write_entry(buffer, &indent, entry)?;
    }
    for file in &menu.hands_over {
        writeln!(buffer, "  goes on with {}", file_words(file))?;
    }
    for note in menu.diagnostics.items() {
        let place = format!("{}, line {}: {}", note.path, note.line, note.message);
        writeln!(buffer, "  Note: {}", text::display(&place))?;
    }
    writeln!(buffer)
}

fn write_entry(buffer: &mut String, indent: &str, entry: &Entry) -> fmt::Result {
    let files = [
        ("kernel", std::slice::from_ref(&entry.kernel).iter().flatten().collect::<Vec<_>>()),
        ("initrd", entry.initrds.iter().collect()),
        ("module", entry.modules.iter().collect()),
        ("device tree", entry.device_trees.iter().collect()),
        ("starts", entry.chainloads.iter().collect()),
        ("opens", entry.configs.iter().collect()),
    ];
    for (word, file) in files.iter().flat_map(|(word, files)| files.iter().map(move |file| (word, file))) {
        writeln!(buffer, "{indent}    {word:<12} {}", file_words(file))?;
    }
    let words = [("options", &entry.command_line), ("does", &entry.action), ("only if", &entry.condition)];
    words
        .iter()
        .filter_map(|(word, value)| Some((word, value.as_deref()?)))
        .try_for_each(|(word, value)| writeln!(buffer, "{indent}    {word:<12} {}", text::display(value)))
}

/// A file that a menu names, and whether it is there.
fn file_words(file: &FileRef) -> String {
    let state = match &file.state {
        FileState::Exists => String::new(),
        FileState::ExistsAs(path) => format!(" (found as {path})"),
        FileState::Incomplete(_) => " (cut off: the image ends before it does)".to_owned(),
        FileState::Missing => " (missing)".to_owned(),
        FileState::WrongKind => " (not a file)".to_owned(),
        FileState::CannotTell(why) => format!(" (cannot be told: {why})"),
    };
    text::display(&format!("{}{state}", file.as_written)).into_owned()
}
