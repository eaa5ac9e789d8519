//! What shim goes on to (github.com/rhboot/shim, `shim.c`): a second program beside it, of which it asks for more than
//! firmware does.

use std::cell::RefCell;

use memchr::memmem::Finder;

use crate::boot::efi::ProductKind;
use crate::boot::efi::revocation::revoked_by_sbat;
use crate::boot::programs::EfiFile;
use crate::boot::verdict::case::Case;
use crate::disc::source::read_up_to;
use crate::disc::tree::TreeId;
use crate::disc::{Error, Extent, Result, limits};

use super::outcome::Outcome;
use super::search::{FOLDER, Looked, Search, name};
use super::trust::{self, Trust};

/// The verdict on a shim, called `what`, that firmware starts on `conditions`.
pub(super) fn start(
    search: &Search<'_>,
    shim: &EfiFile,
    mut case: Case,
    what: String,
    mut conditions: Vec<String>,
) -> Result<Outcome> {
    let suffix = search.suffix;
    let helper = format!("{FOLDER}/fb{suffix}.efi");
    if !matches!(search.file(shim.tree, &helper)?, Looked::Missing) {
        let why =
            format!("It starts {what}, which goes on to its helper fb{suffix}.efi; what that does is not looked into");
        return Ok(Outcome::unclear(case, why));
    }
    let Some(second) = search.second_stages.of(search, shim)? else {
        let why = format!("It starts {what}, and which program that goes on to cannot be told");
        return Ok(Outcome::unclear(case, why));
    };
    let file = match search.file(shim.tree, &format!("{FOLDER}/{second}"))? {
        Looked::There(file) => file,
        Looked::Missing => {
            let why = format!("It starts {what}, which needs the file {second} beside it, and that is not there");
            return Ok(Outcome::fails(case, why));
        }
        Looked::Unread => {
            let why = format!("It starts {what}, which needs the file {second}; that cannot be read");
            return Ok(Outcome::unclear(case, why));
        }
    };
    if let Some(at) = file.offset {
        case.seen("EFI program", at, format!("{}, {}", file.path, name(file)));
        if at.saturating_add(file.size) > search.image.source().len() {
            let why = format!("It starts {what}, which needs the file {second}, and the image ends within that");
            return Ok(Outcome::fails(case, why));
        }
    }
    if file.program.as_ref().is_none_or(|program| program.header.architecture != search.arch) {
        let why = format!("It starts {what}, which needs the file {second}, and that is no program for {suffix}");
        return Ok(Outcome::fails(case, why));
    }
    if file.is(ProductKind::Shim) {
        let why = format!("It starts {what}, which starts the same once more, and so on until the memory is used up");
        return Ok(Outcome::fails(case, why));
    }
    if search.is_secure() {
        match second_trust(shim, file, &mut case) {
            Trust::Yes { conditions: more, .. } => conditions.extend(more),
            Trust::No(why) => {
                return Ok(Outcome::fails(case, format!("It starts {what}, and nothing behind it, as {why}")));
            }
            Trust::Unclear(why) => return Ok(Outcome::unclear(case, format!("It starts {what}; behind it {why}"))),
        }
    }
    Ok(Outcome::starts_as(case, format!("{what}, which starts {}", name(file)), conditions))
}

/// The programs to which shims go on. Several computers come to the same shim, which is read once.
#[derive(Default)]
pub(super) struct SecondStages(RefCell<Vec<SecondStage>>);

/// The tree and path of a shim, and the name of the program that it goes on with.
type SecondStage = (TreeId, String, Option<String>);

impl SecondStages {
    /// See [`second_stage`].
    fn of(&self, search: &Search<'_>, shim: &EfiFile) -> Result<Option<String>> {
        let known = |(tree, path, _): &&SecondStage| *tree == shim.tree && *path == shim.path;
        if let Some((.., name)) = self.0.borrow().iter().find(known) {
            return Ok(name.clone());
        }
        let name = second_stage(search, shim)?;
        self.0.borrow_mut().push((shim.tree, shim.path.clone(), name.clone()));
        Ok(name)
    }
}

/// The name of the program to which a shim goes on: that which stands in it, in UTF-16. Makers choose it when they build
/// shim (`DEFAULT_LOADER`). `None` when it is none of the two that they are known to choose.
fn second_stage(search: &Search<'_>, shim: &EfiFile) -> Result<Option<String>> {
    let Some(source) = search.open(shim)? else { return Ok(None) };
    let bytes = match read_up_to(source.as_ref(), Extent::new(0, source.len().min(limits::EFI_SEARCH))) {
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(_) => return Ok(None),
        Ok(bytes) => bytes,
    };
    // openSUSE has the plain name.
    let names = [format!("grub{}.efi", search.suffix), "grub.efi".to_owned()];
    Ok(names.into_iter().find(|name| {
        let wide: Vec<u8> = format!("\\{name}\0").encode_utf16().flat_map(u16::to_le_bytes).collect();
        Finder::new(&wide).find(&bytes).is_some()
    }))
}

/// What shim says of the second program. It is shim that holds it against minimum generations (`SBAT.md`): against those
/// that it brings along in any case, and against newer ones where the computer was given them.
fn second_trust(shim: &EfiFile, file: &EfiFile, case: &mut Case) -> Trust {
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
