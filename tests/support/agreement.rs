//! The verdicts of `isoscope boot` beside what real firmware does, and the table of both: `tests/firmware.md`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

/// Where the table lies.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/firmware.md");

/// Held by who reads and writes the table.
static TURN: Mutex<()> = Mutex::new(());

const HEAD: &str = "# Verdicts and real firmware\n\n\
    What the firmware did with each disc of `tests/boot/bios.rs`, `uefi.rs` and `secure_boot.rs`, and what `isoscope boot` says of \
    it. The tests write this table with `ISOSCOPE_FIRMWARE=write`, and otherwise check that it is right. *Unknown* is right \
    where other firmware is known to do otherwise; the last column says how.\n";

/// What should happen, and be said.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// It starts.
    Yes,
    /// It does not.
    No,
    /// The firmware of the test starts it, or does not, and other firmware does otherwise.
    Differs(bool, &'static str),
    /// The firmware of the test starts it for what it was told, and no other does.
    Known(&'static str),
}

impl Expected {
    fn starts(self) -> bool {
        matches!(self, Self::Yes | Self::Differs(true, _) | Self::Known(_))
    }

    fn said(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No | Self::Known(_) => "no",
            Self::Differs(..) => "unknown",
        }
    }
}

/// A verdict of `isoscope boot`.
#[derive(Debug, Clone)]
pub struct Said {
    pub boots: String,
    /// Computers differ.
    pub depends: bool,
    pub why: String,
}

/// The verdict on an image for one computer, as the program says it.
pub fn said(image: &Path, firmware: &str, arch: &str, medium: &str, secure_boot: Option<bool>) -> Said {
    said_with(&[], image, firmware, arch, medium, secure_boot)
}

/// The same with further options of the program.
pub fn said_with(
    options: &[&str],
    image: &Path,
    firmware: &str,
    arch: &str,
    medium: &str,
    secure_boot: Option<bool>,
) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoscope"));
    let output = command.args(["boot", "--json"]).args(options).arg(image).output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}; {}", image.display(), String::from_utf8_lossy(&output.stderr)));
    let is_it = |verdict: &&Value| {
        verdict["firmware"] == firmware
            && verdict["arch"] == arch
            && verdict["medium"] == medium
            && verdict["secure_boot"] == Value::from(secure_boot)
    };
    let verdict = found["verdict"].as_array().unwrap().iter().find(is_it).unwrap();
    let text = |field: &str| verdict[field].as_str().unwrap().to_owned();
    Said { boots: text("boots"), depends: verdict["depends"].as_bool().unwrap(), why: text("why") }
}

/// The rows that were found out, and what is wrong with them.
#[derive(Default)]
pub struct Agreement {
    rows: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
}

impl Agreement {
    /// Adds what happened to a case from a medium, such as `disc` or `stick`.
    pub fn add(&mut self, firmware: &str, what: &str, medium: &str, expected: Expected, real: bool, said: &Said) {
        let differs = matches!(expected, Expected::Differs(..));
        if real != expected.starts() || said.boots != expected.said() || said.depends != differs {
            self.wrong.push(format!(
                "{firmware}: {what}, from a {medium}: starts: {real}, should be {}; said: {}, should be {}, depends: {}: {}",
                expected.starts(),
                said.boots,
                expected.said(),
                said.depends,
                said.why
            ));
        }
        let real = if real { "starts" } else { "does not" };
        let reason = match expected {
            Expected::Differs(_, reason) | Expected::Known(reason) => reason,
            Expected::Yes | Expected::No => "",
        };
        let row = format!("| {what} | {medium} | {real} | {} | {reason} |", said.boots);
        self.rows.entry(firmware.to_owned()).or_default().push(row);
    }

    /// Fails when something is wrong, or the table says something else; writes it when that is asked for.
    pub fn settle(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut table = read_table();
        if std::env::var("ISOSCOPE_FIRMWARE").is_ok_and(|wish| wish == "write") {
            table.extend(self.rows);
            let sections = table.iter().map(|(firmware, rows)| {
                let head = "| Disc | from a | real | said | other firmware |\n|---|---|---|---|---|";
                format!("\n## {firmware}\n\n{head}\n{}\n", rows.join("\n"))
            });
            std::fs::write(TABLE, HEAD.to_owned() + &sections.collect::<String>()).unwrap();
            return;
        }
        for (firmware, rows) in self.rows {
            let known = table.get(&firmware).cloned().unwrap_or_default();
            let missing: Vec<_> = rows.into_iter().filter(|row| !known.contains(row)).collect();
            assert!(
                missing.is_empty(),
                "tests/firmware.md has other rows for {firmware} than these:\n{}",
                missing.join("\n")
            );
        }
    }
}

/// The rows of the table for each firmware.
fn read_table() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(TABLE).unwrap_or_default();
    let mut table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut firmware = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut firmware);
        } else if line.starts_with("| ") && !line.starts_with("| Disc |") {
            table.entry(firmware.clone()).or_default().push(line.to_owned());
        }
    }
    table
}
