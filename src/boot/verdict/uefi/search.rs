//! Whether the program is there that firmware starts, and is one.

use std::sync::Arc;

use crate::boot::efi::{Architecture, EfiProgram, ProductKind, Subsystem};
use crate::boot::find;
use crate::boot::programs::EfiFile;
use crate::boot::report::BootReport;
use crate::boot::verdict::case::{Case, Computer};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::TreeId;
use crate::disc::{Error, Extent, Image, Result, Source};

use super::leads::{Lead, Place};
use super::outcome::Outcome;
use super::shim::Way;
use super::trust::Trust;
use super::{shim, trust};

/// The folder of the program, and of what goes on from it (UEFI 2.10 §3.5.1.1).
pub(super) const FOLDER: &str = "EFI/BOOT";

/// The path of the program for one kind of processor.
pub(super) fn path(suffix: &str) -> String {
    format!("{FOLDER}/BOOT{}.EFI", suffix.to_ascii_uppercase())
}

/// The search that one computer makes on one disc.
pub(super) struct Search<'a> {
    pub(super) image: &'a Image,
    pub(super) report: &'a BootReport,
    pub(super) arch: Architecture,
    pub(super) suffix: &'static str,
    pub(super) computer: Computer,
}

impl<'a> Search<'a> {
    /// Follows a lead to the first place with a program that starts; else says why none does.
    pub(super) fn follow(&self, lead: &Lead) -> Result<Outcome> {
        let mut best: Option<Outcome> = None;
        for place in &lead.places {
            let outcome = self.place(place)?;
            let outcome = place.conditions.iter().fold(outcome, Outcome::only);
            if outcome.starts() {
                return Ok(outcome);
            }
            best = Some(best.map_or(outcome.clone(), |best| best.less_clear(outcome)));
        }
        Ok(best.unwrap_or_else(|| Outcome::fails(Case::new(self.computer), &lead.nothing)))
    }

    fn place(&self, place: &Place) -> Result<Outcome> {
        let mut case = Case::new(self.computer);
        let (structure, offset, says) = &place.said_by;
        case.seen(structure, *offset, says);
        let what = &place.what;
        let Some(tree) = place.tree else {
            let source = self.image.source();
            let first = Extent::new(place.extent.offset, place.extent.length.min(SECTOR_SIZE));
            match read_up_to(source.as_ref(), first) {
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(_) => return Ok(Outcome::unclear(case, format!("The {what} cannot be read"))),
                Ok(_) => {}
            }
            let why = if place.extent.inside(source.len()) == 0 {
                format!("The image ends before its {what} begins")
            } else {
                format!("The {what} has no file system of the kind FAT, and firmware needs to read no other")
            };
            return Ok(Outcome::fails(case, why));
        };
        let path = path(self.suffix);
        match self.file(tree, &path)? {
            Looked::There(file) => self.program(place, file, case),
            Looked::Missing => {
                let why = format!("The {what} has no file {path}, by which firmware knows what to start");
                Ok(Outcome::fails(case, why))
            }
            Looked::Unread => Ok(Outcome::unclear(case, format!("The file {path} in the {what} was not read"))),
        }
    }

    /// Looks for a program of a tree. Firmware compares names without regard to case.
    pub(super) fn file(&self, tree: TreeId, path: &str) -> Result<Looked<'a>> {
        let named = |file: &&EfiFile| file.tree == tree && file.path.eq_ignore_ascii_case(path);
        if let Some(file) = self.report.programs.iter().find(named) {
            return Ok(Looked::There(file));
        }
        let Some(tree) = self.image.tree_by_id(tree) else { return Ok(Looked::Missing) };
        Ok(match find::look(tree.as_ref(), path)? {
            find::Looked::Missing => Looked::Missing,
            find::Looked::There(_) | find::Looked::Unread => Looked::Unread,
        })
    }

    /// The program that firmware comes to.
    fn program(&self, place: &Place, file: &EfiFile, mut case: Case) -> Result<Outcome> {
        let path = &file.path;
        case.seen("EFI program", file.offset.unwrap_or(place.extent.offset), format!("{path}, {}", name(file)));
        let len = self.image.source().len();
        let end = file.offset.map(|at| at.saturating_add(file.size));
        if end.is_some_and(|end| end > len) {
            return Ok(Outcome::fails(case, format!("The image ends before the file {path} does")));
        }
        let Some(program) = &file.program else { return self.no_program(file, case) };
        let header = &program.header;
        if header.architecture != self.arch {
            let why = format!("The file {path} is a program for {}, whatever its name says", header.architecture);
            return Ok(Outcome::fails(case, why));
        }
        if header.subsystem != Subsystem::EfiApplication {
            let why = format!("The file {path} is no application, which firmware asks for ({})", header.subsystem);
            return Ok(Outcome::fails(case, why));
        }
        if let Some(flaw) = header.flaw() {
            let at = file.offset.map_or(place.extent.offset, |start| start.saturating_add(flaw.offset));
            case.seen("PE header", at, &flaw.why);
            return Ok(Outcome::fails(case, format!("The program {path} is damaged: {}", clause(&flaw.why))));
        }
        // Where it does not lie in one piece, all of the file system must be there and be seen.
        let end = end.unwrap_or(place.extent.end());
        let needed = end.saturating_sub(place.extent.offset);
        let (sure, most) = place.visible;
        if needed > most {
            let why = format!("The boot catalogue says that the {} ends before the file {path} does", place.what);
            return Ok(Outcome::fails(case, why));
        }
        let outcome = self.start(file, case)?;
        let outcome = if needed > sure {
            outcome.only("if the firmware takes the size in the boot catalogue for one in sectors of a disc")
        } else {
            outcome
        };
        Ok(if end > len { outcome.only("if it needs nothing of what the image is cut off from") } else { outcome })
    }

    /// What becomes of a file that was not taken for a program: what was wrong with it is read once more, as a disc that is
    /// hard to read says nothing of what stands on it.
    fn no_program(&self, file: &EfiFile, case: Case) -> Result<Outcome> {
        let path = &file.path;
        let source = self.open(file)?;
        let head = source.as_ref().map(|source| read_up_to(source.as_ref(), Extent::new(0, SECTOR_SIZE)));
        let read = match (source, head) {
            (Some(source), Some(Ok(_))) => Some(EfiProgram::read(source.as_ref())),
            (_, Some(Err(Error::Cancelled))) => return Err(Error::Cancelled),
            _ => None,
        };
        Ok(match read {
            Some(Err(Error::Cancelled)) => return Err(Error::Cancelled),
            Some(Err(Error::Unsupported { .. })) => {
                Outcome::fails(case, format!("The file {path} is no program that firmware could start"))
            }
            Some(Err(Error::Damaged { .. })) => Outcome::fails(case, format!("The program {path} is damaged")),
            _ => Outcome::unclear(case, format!("The file {path} cannot be read")),
        })
    }

    /// The bytes of a program; `None` when it cannot be read.
    fn open(&self, file: &EfiFile) -> Result<Option<Arc<dyn Source>>> {
        let Some(tree) = self.image.tree_by_id(file.tree) else { return Ok(None) };
        let find::Looked::There(entry) = find::look(tree.as_ref(), &file.path)? else { return Ok(None) };
        match tree.open(&entry) {
            Err(Error::Cancelled) => Err(Error::Cancelled),
            source => Ok(source.ok()),
        }
    }

    /// What starts when firmware loads this program.
    fn start(&self, file: &EfiFile, mut case: Case) -> Result<Outcome> {
        let mut what = name(file);
        let mut conditions = Vec::new();
        if self.is_secure() {
            match trust::of_firmware(file, &mut case) {
                Trust::Yes { authority, conditions: more } => {
                    what = format!("{what}, signed by {authority}");
                    conditions.extend(more);
                }
                Trust::No(why) => return Ok(Outcome::fails(case, sentence(&why))),
                Trust::Unclear(why) => return Ok(Outcome::unclear(case, sentence(&why))),
            }
        }
        if file.is(ProductKind::Shim) {
            return shim::start(self, file, Way { case, what, conditions });
        }
        Ok(Outcome::starts_as(case, what, conditions))
    }

    pub(super) fn is_secure(&self) -> bool {
        self.computer.secure_boot == Some(true)
    }
}

/// What a look for a file came to.
pub(super) enum Looked<'a> {
    There(&'a EfiFile),
    Missing,
    /// It may be there.
    Unread,
}

/// What a program is called in a sentence, such as `GRUB 2.06`.
pub(super) fn name(file: &EfiFile) -> String {
    match file.product {
        Some(_) => file.label(),
        None => format!("the program {}", file.label()),
    }
}

/// A sentence as a part of another one.
pub(super) fn clause(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// A clause as a sentence of its own.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
