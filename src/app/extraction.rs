//! Getting files out: what was chosen, the dialog before it, the work, and the report after it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::model::Rows;
use super::place::Place;
use super::preview::{PreviewState, Selected};
use super::state::{Disc, Ticket, Trouble};
use crate::disc::text;
use crate::disc::tree::FolderId;
use crate::extract::plan::Options;
use crate::extract::plan::selection::Chosen;
use crate::extract::{Report, Selection};
use crate::job::{Planned, PreviewSubject, Progress, Wanted};

/// The dialog before an extraction.
pub struct ExtractDialog {
    /// What to extract.
    pub wanted: Wanted,
    /// The same in words, such as `3 items`.
    pub what: String,
    /// The folder to extract to, as it is typed.
    pub destination: String,
    /// What happens to names that are there already, to damaged files and to links.
    pub options: Options,
    /// Remove what an earlier extraction has left unfinished.
    pub remove_leftovers: bool,
    /// The plan that is being made.
    pub planning: Option<(Ticket, Instant)>,
    /// The plan for the present choice.
    pub plan: Option<Planned>,
    /// Why there is none.
    pub trouble: Option<Trouble>,
}

/// An extraction that is under way.
pub struct Extraction {
    /// The work.
    pub ticket: Ticket,
    /// What is extracted, in words.
    pub what: String,
    /// The folder it goes to.
    pub destination: PathBuf,
    /// How far it is.
    pub progress: Option<Progress>,
    /// True after the user asked it to end.
    pub cancelling: bool,
}

/// What an extraction did.
pub struct Extracted {
    /// What was extracted, in words.
    pub what: String,
    /// The folder it went to.
    pub destination: PathBuf,
    /// What became of every entry.
    pub report: Box<Report>,
}

/// What is selected; where nothing is, all that the table shows.
pub(super) fn selected(disc: &Disc) -> Option<(Wanted, String)> {
    let listing = &disc.listing;
    let all = listing.selection.is_empty() || listing.selection.len() == listing.len();
    let items: Vec<u32> = match all {
        true => (0..u32::try_from(listing.len()).unwrap_or(u32::MAX)).collect(),
        false => listing.selection.iter().collect(),
    };
    let what = match items.as_slice() {
        [] => return None,
        [item] => listing.rows.display_name(*item),
        items => format!("{} items", items.len()),
    };
    let wanted = match &listing.rows {
        Rows::Parts(image, group) => {
            let places = items.iter().filter_map(|item| usize::try_from(*item).ok()).collect();
            Wanted::Parts(image.clone(), *group, places)
        }
        Rows::Folder(..) if all && disc.place == Place::root() => {
            return Some((Wanted::Tree(disc.tree.clone(), Selection::Everything), "everything".to_owned()));
        }
        Rows::Folder(..) => {
            let folder = disc.place.crumbs().last().map_or(disc.tree.root(), |crumb| crumb.id);
            let path = disc.place.path();
            let chosen = items.iter().filter_map(|item| chosen(folder, *item, &path)).collect();
            Wanted::Tree(disc.tree.clone(), Selection::Entries(chosen))
        }
        Rows::Found(index, hits) => {
            let found = items.iter().filter_map(|item| hits.get(usize::try_from(*item).ok()?));
            let chosen = found.filter_map(|hit| {
                let entry = index.entry(*hit)?;
                chosen(entry.folder, entry.position, index.folder_path(*hit))
            });
            Wanted::Tree(disc.tree.clone(), Selection::Entries(chosen.collect()))
        }
    };
    Some((wanted, what))
}

fn chosen(folder: FolderId, item: u32, path: &str) -> Option<Chosen> {
    Some(Chosen { folder, index: usize::try_from(item).ok()?, path: path.to_owned() })
}

/// The whole tree, without what is marked as deleted.
pub(super) fn everything(disc: &Disc) -> (Wanted, String) {
    let tree = disc.image.tree_by_id(disc.tree_id()).unwrap_or(&disc.tree);
    (Wanted::Tree(Arc::clone(tree), Selection::Everything), "everything".to_owned())
}

/// A stream of the file that the preview shows.
pub(super) fn stream(preview: &PreviewState, at: usize) -> Option<(Wanted, String)> {
    let (tree, stream) = preview.stream(at)?;
    let Selected::One(subject) = &preview.selected else { return None };
    let file = match subject {
        PreviewSubject::Stream { of, .. } => of.name(),
        subject => subject.name(),
    };
    let what = format!("{} of {file}", text::display(&stream.name));
    let name = format!("{file}.{}", stream.name);
    Some((Wanted::Stream(tree, Box::new(stream), name), what))
}
