//! What becomes of a computer that has started shim, which asks for more than firmware does.

use crate::boot::efi::ProductKind;
use crate::boot::efi::revocation::revoked_by_sbat;
use crate::boot::programs::EfiFile;
use crate::boot::second_stage::{Listed, SecondStage};
use crate::boot::verdict::case::Case;
use crate::disc::{Error, Result};

use super::outcome::Outcome;
use super::search::{Looked, Search, clause, name};
use super::trust::{self, Trust};

/// The way to a program that starts.
pub(super) struct Way {
    pub(super) case: Case,
    /// What starts first, in words.
    pub(super) what: String,
    /// On which conditions it does.
    pub(super) conditions: Vec<String>,
}

impl Way {
    /// The computer stops behind what starts first: a clause says why.
    fn fails<T>(self, why: &str) -> Next<T> {
        Err(End::Outcome(Outcome::fails(self.case, format!("It starts {}, {why}", self.what))))
    }

    /// Whether it goes on behind what starts first cannot be told.
    fn unclear<T>(self, why: &str) -> Next<T> {
        Err(End::Outcome(Outcome::unclear(self.case, format!("It starts {}, {why}", self.what))))
    }

    /// Goes on if the next program is trusted in.
    fn trusting(mut self, trust: Trust) -> Next<Self> {
        match trust {
            Trust::Yes { conditions, .. } => self.conditions.extend(conditions),
            Trust::No(why) => return self.fails(&format!("and nothing behind it, as {why}")),
            Trust::Unclear(why) => return self.unclear(&format!("and behind it {why}")),
        }
        Ok(self)
    }
}

/// How far a computer comes: on, or to an end.
type Next<T> = std::result::Result<T, End>;

/// Why the way is not followed any further.
enum End {
    /// The computer stops, or it cannot be told.
    Outcome(Outcome),
    /// That of reading.
    Error(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The verdict on a shim that firmware starts.
pub(super) fn start(search: &Search<'_>, shim: &EfiFile, way: Way) -> Result<Outcome> {
    let end = match &shim.second_stage {
        Some(SecondStage::Program(path)) => second(search, shim, path, way),
        Some(SecondStage::Fallback { path, start }) => fallback(search, shim, path, start.as_ref(), way),
        Some(SecondStage::Unknown) | None => way.unclear("and which program that goes on to cannot be told"),
    };
    match end {
        Ok(Way { case, what, conditions }) => Ok(Outcome::starts_as(case, what, conditions)),
        Err(End::Outcome(outcome)) => Ok(outcome),
        Err(End::Error(error)) => Err(error),
    }
}

/// Goes on to the program beside a shim.
fn second(search: &Search<'_>, shim: &EfiFile, path: &str, way: Way) -> Next<Way> {
    let beside = path.rsplit('/').next().unwrap_or(path);
    let (file, mut way) = program(search, shim, path, &format!("which needs the file {beside} beside it"), way)?;
    if file.is(ProductKind::Shim) {
        return way.fails("which starts the same once more, and so on until the memory is used up");
    }
    if search.is_secure() {
        let trust = by_shim(shim, file, &mut way.case);
        way = way.trusting(trust)?;
    }
    way.what = format!("{}, which starts {}", way.what, name(file));
    Ok(way)
}

/// Goes on to the helper beside a shim, and to what that starts.
fn fallback(search: &Search<'_>, shim: &EfiFile, path: &str, start: Option<&Listed>, way: Way) -> Next<Way> {
    let (file, mut way) = program(search, shim, path, &format!("whose helper is the file {path}"), way)?;
    if search.is_secure() {
        let trust = by_shim(shim, file, &mut way.case);
        way = way.trusting(trust)?;
    }
    let Some(Listed { list, program: listed }) = start else {
        return way
            .fails("whose helper finds no list of programs to start, and starts the computer anew, again and again");
    };
    let (file, mut way) = program(search, shim, listed, &format!("whose helper goes by {list} to {listed}"), way)?;
    if search.is_secure() {
        let trust = match trust::of_firmware(file, &mut way.case) {
            // From version 16 on, shim checks what other programs load as it does what it loads itself.
            Trust::No(why) if matches!(by_shim(shim, file, &mut way.case), Trust::Yes { .. }) => Trust::Unclear(why),
            trust => trust,
        };
        way = way.trusting(trust)?;
    }
    way.what = format!("{}, whose helper starts {}", way.what, name(file));
    match &file.second_stage {
        Some(SecondStage::Program(path)) => second(search, file, path, way),
        None if !file.is(ProductKind::Shim) => Ok(way),
        _ => way.unclear("and which program that goes on to cannot be told"),
    }
}

/// The program at a path of the tree of a shim, `needed` by it, when that can be started.
fn program<'a>(
    search: &Search<'a>,
    shim: &EfiFile,
    path: &str,
    needed: &str,
    mut way: Way,
) -> Next<(&'a EfiFile, Way)> {
    let file = match search.file(shim.tree, path)? {
        Looked::There(file) => file,
        Looked::Missing => return way.fails(&format!("{needed}, and that is not there")),
        Looked::Unread => return way.unclear(&format!("{needed}; that cannot be read")),
    };
    if let Some(at) = file.offset {
        way.case.seen("EFI program", at, format!("{}, {}", file.path, name(file)));
        if at.saturating_add(file.size) > search.image.source().len() {
            return way.fails(&format!("{needed}, and the image ends within that"));
        }
    }
    let Some(header) = file.program.as_ref().map(|program| &program.header).filter(|it| it.architecture == search.arch)
    else {
        return way.fails(&format!("{needed}, and that is no program for {}", search.suffix));
    };
    if let Some(flaw) = header.flaw() {
        return way.fails(&format!("{needed}, and that is damaged: {}", clause(&flaw.why)));
    }
    Ok((file, way))
}

/// What shim says of a program that it starts itself. It is shim that holds it against minimum generations (`SBAT.md`): against those
/// that it brings along in any case, and against newer ones where the computer was given them.
fn by_shim(shim: &EfiFile, file: &EfiFile, case: &mut Case) -> Trust {
    let (Some(shim), Some(program)) = (&shim.program, &file.program) else {
        return Trust::Unclear(format!("the program {} cannot be read", file.label()));
    };
    let trust = trust::of_shim(shim, file, case);
    let Trust::Yes { authority, mut conditions } = trust else { return trust };
    if shim.sbat.is_none() {
        // It is older than the generations.
        return Trust::Yes { authority, conditions };
    }
    let Some(sbat) = &program.sbat else {
        return Trust::No(format!(
            "the program {} does not say of which generation it is, which shim asks for",
            file.label()
        ));
    };
    if let Some(levels) = &shim.sbat_levels
        && let Some(first) = revoked_by_sbat(sbat, &levels.automatic).first()
    {
        return Trust::No(format!(
            "that shim takes {} from generation {} on, and the program {} has {}",
            first.component,
            first.minimum,
            file.label(),
            first.generation
        ));
    }
    conditions.extend(trust::below_minimum(file));
    Trust::Yes { authority, conditions }
}
