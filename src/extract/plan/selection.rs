//! What was chosen to be extracted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::PlanError;
use crate::disc::Source;
use crate::disc::tree::{self, FileTree, Folder, FolderId};

/// What to extract of a tree.
#[derive(Debug, Clone)]
pub enum Selection {
    /// All that is in the root.
    Everything,
    /// Entries, each of which comes into the destination itself, as when they are dragged there.
    Entries(Vec<Chosen>),
    /// `/`-separated paths, which stay below the destination as they are, as with tar and unzip.
    Paths(Vec<String>),
}

/// An entry that was chosen.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The folder that holds it.
    pub folder: FolderId,
    /// Its place there.
    pub index: usize,
    /// The `/`-separated path of the folder, for the report.
    pub path: String,
}

/// A file that stands in no tree, such as a boot image.
#[derive(Clone)]
pub struct Loose {
    /// Its name.
    pub name: String,
    /// Bytes that it should have. It is damaged if its source has fewer.
    pub size: u64,
    /// Its bytes.
    pub source: Arc<dyn Source>,
}

/// A folder on the way to what chosen paths name.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: FolderId,
    pub(super) folder: Arc<Folder>,
    /// The places of entries that were chosen themselves.
    pub(super) chosen: BTreeSet<usize>,
    /// The nodes of folders, by place, that hold chosen ones.
    pub(super) below: BTreeMap<usize, usize>,
}

/// The chosen paths as a tree whose first node is the root. `None` when one of the paths is the root itself.
pub(super) fn nodes(tree: &dyn FileTree, paths: &[String]) -> Result<Option<Vec<Node>>, PlanError> {
    let read = |id| {
        let folder = Arc::new(tree.read_folder(id)?);
        Ok::<_, PlanError>(Node { id, folder, chosen: BTreeSet::new(), below: BTreeMap::new() })
    };
    let mut nodes = vec![read(tree.root())?];
    for path in paths {
        let missing = || PlanError::NotFound(path.clone());
        let mut components = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
        if components.peek().is_none() {
            return Ok(None);
        }
        let mut at = 0;
        while let Some(component) = components.next() {
            let node = nodes.get_mut(at).ok_or_else(missing)?;
            let index = tree::position(&node.folder, component).ok_or_else(missing)?;
            if components.peek().is_none() {
                node.chosen.insert(index);
                break;
            }
            at = match node.below.get(&index) {
                Some(below) => *below,
                None => {
                    let entry = node.folder.entries().get(index).ok_or_else(missing)?;
                    let below = read(tree.folder_of(entry).ok_or_else(missing)?)?;
                    let next = nodes.len();
                    nodes.get_mut(at).ok_or_else(missing)?.below.insert(index, next);
                    nodes.push(below);
                    next
                }
            };
        }
    }
    Ok(Some(nodes))
}
