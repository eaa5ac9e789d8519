//! What nothing shows, or only one tree.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Paths, Progress, Remark, RemarkKind};
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::{FileTree, TreeKind};
use crate::disc::unseen::{self, Gap, HiddenFile};
use crate::disc::walk::{Step, Walk};
use crate::disc::{Error, Extent, Image, Result, limits, text};

/// What programs that write discs leave in gaps: nobody hides anything there.
const HARMLESS: &[&str] = &["checksums by libisofs", "a note of the program that made the disc", "volume descriptors"];

/// Bytes in a gap that are worth a remark although nothing is known of them: writers leave less behind.
const WORTH_TELLING: u64 = 512;

/// Files that the Finder hides on every disc.
const FINDER: &[&str] = &["Desktop", "Desktop DB", "Desktop DF", ".DS_Store", "Icon\r", "OpenFolderListDF\r"];

/// Adds what is unseen. Reading it is what takes time.
pub(super) fn find(image: &Image, progress: Progress<'_>, remarks: &mut Vec<Remark>) -> Result<()> {
    one_tree_only(image, remarks)?;
    let found = unseen::find(image, progress)?;
    let mut hidden = Paths::default();
    let told = found.hidden.into_iter().filter(|file| !is_of_the_finder(file));
    told.for_each(|file| hidden.add(|| file.path));
    if hidden.count() > 0 {
        let sentence = format!("{} marked as hidden in every tree, so that file managers do not show it", hidden.are());
        remarks.push(hidden.remark(RemarkKind::HiddenFiles, "Hidden files", sentence, None));
    }
    let mut gaps = Vec::new();
    for gap in found.gaps {
        if !is_ordinary(image, &gap)? {
            gaps.push(gap);
        }
    }
    if let Some(first) = gaps.first() {
        let bytes = gaps.iter().fold(0_u64, |sum, gap| sum.saturating_add(gap.used));
        let mut sentence = format!(
            "{} that no file and no structure claims are not empty, from byte {} on",
            text::size(bytes),
            first.extent.offset
        );
        if let Some(what) = gaps.iter().find_map(|gap| gap.what) {
            sentence.push_str(&format!("; among it is what looks like {what}"));
        }
        let offset = first.extent.offset;
        let mut near = Paths::default();
        gaps.into_iter().filter(|gap| !gap.near.is_empty()).for_each(|gap| near.add(|| gap.near));
        near.listed.dedup();
        remarks.push(near.remark(RemarkKind::Gaps, "Data between the files", sentence, Some(offset)));
    }
    if let Some(after) = found.after_end.filter(|gap| !gap.what.is_some_and(|what| is_expected(image, what))) {
        let what = after.what.map(|what| format!(", which looks like {what}")).unwrap_or_default();
        let sentence = format!(
            "{} follow the end of the disc at byte {}{what}",
            text::size(after.extent.length),
            after.extent.offset
        );
        let offset = Some(after.extent.offset);
        remarks.push(Paths::default().remark(
            RemarkKind::Appended,
            "Data behind the end of the disc",
            sentence,
            offset,
        ));
    }
    Ok(())
}

/// True for the files in which the Finder keeps what it knows of a disc.
fn is_of_the_finder(file: &HiddenFile) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    matches!(file.tree.kind, TreeKind::Hfs | TreeKind::HfsPlus) && FINDER.contains(&name)
}

/// True for what programs that write discs leave between files. libisofs ends its list of checksums with a tag.
fn is_ordinary(image: &Image, gap: &Gap) -> Result<bool> {
    match gap.what {
        Some(what) => return Ok(HARMLESS.contains(&what)),
        None if gap.used < WORTH_TELLING => return Ok(true),
        None => {}
    }
    let last = Extent::new(gap.extent.end().saturating_sub(SECTOR_SIZE), SECTOR_SIZE);
    match read_up_to(image.source().as_ref(), last) {
        Ok(sector) => Ok(sector.starts_with(b"libisofs_")),
        Err(Error::Cancelled) => Err(Error::Cancelled),
        Err(_) => Ok(false),
    }
}

/// True for what belongs behind the end of some discs: the backup of their partition table.
fn is_expected(image: &Image, what: &str) -> bool {
    what == "a GUID partition table" && image.tables().gpt.is_some() || HARMLESS.contains(&what)
}

/// Adds the files with data that the tree which tells most does not show, but another one does. Trees of Mac file systems
/// have their own files on ordinary discs for both, and the side of a disc that has next to nothing is told elsewhere.
fn one_tree_only(image: &Image, remarks: &mut Vec<Remark>) -> Result<()> {
    let is_compared = |tree: &dyn FileTree| tree.kind().is_iso9660() || tree.kind() == TreeKind::Udf;
    let main = image.default_tree();
    if !is_compared(main.as_ref()) {
        return Ok(());
    }
    let poor = image.poor_side();
    // Partitions and boot images have file systems of their own.
    let part = |tree: &dyn FileTree| image.partition_of(image.id_of(tree)).map(|partition| partition.extent.offset);
    let others = image.trees_like(image.id_of(main.as_ref()));
    let others: Vec<_> = others
        .filter(|tree| is_compared(tree.as_ref()) && part(tree.as_ref()) == part(main.as_ref()))
        .filter(|tree| {
            poor.is_none_or(|poor| poor.kind != tree.kind() && !(poor.kind.is_iso9660() && tree.kind().is_iso9660()))
        })
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let mut shown = HashSet::new();
    files_of(main, &mut |offset, _| {
        if shown.len() < limits::SUSPECT_PIECES {
            shown.insert(offset);
        }
    })?;
    for tree in others {
        let (mut alone, mut shared) = (Paths::default(), 0_u64);
        files_of(tree, &mut |offset, path| {
            if shown.contains(&offset) {
                shared = shared.saturating_add(1);
            } else {
                alone.add(path);
            }
        })?;
        if alone.count() == 0 {
            continue;
        }
        let (label, main) = (tree.kind().label(), main.kind().label());
        let (title, sentence) = if shared == 0 {
            (
                "Two trees without a common file",
                format!("{main} and {label} have no data in common: what a computer shows depends on which it reads"),
            )
        } else {
            ("Files that one tree shows alone", format!("{} shown by {label}, but not by {main}", alone.are()))
        };
        remarks.push(alone.remark(RemarkKind::OneTreeOnly, title, sentence, None));
        break;
    }
    Ok(())
}

/// Tells of every file with data that a tree does not hide: where the data begins, and the path.
fn files_of(tree: &Arc<dyn FileTree>, tell: &mut dyn FnMut(u64, &dyn Fn() -> String)) -> Result<()> {
    let mut hidden = HashSet::new();
    for Step { path, id, folder, .. } in Walk::new(tree.clone()) {
        let folder = match folder {
            Ok(folder) => folder,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(_) => continue,
        };
        let inside_hidden = hidden.contains(&id);
        for entry in folder.entries() {
            if inside_hidden || entry.hidden {
                hidden.extend(tree.folder_of(entry));
                continue;
            }
            let first = entry.content.extents().iter().find(|extent| extent.is_somewhere() && extent.length > 0);
            if let Some(first) = first.filter(|_| entry.is_file()) {
                tell(first.offset, &|| text::join(&path, folder.name(entry)));
            }
        }
    }
    Ok(())
}
