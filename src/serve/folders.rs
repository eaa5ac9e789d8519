//! The folders that were looked into. Each has a number, of which the numbers of its entries are made.

use std::collections::HashMap;

use crate::disc::tree::FolderId;
use crate::disc::{Error, limits};
use crate::platform::files::Node;

/// Bits of the place of an entry in its folder; what is left of [`Node::BITS`] is for folders.
const ENTRY_BITS: u32 = 24;

// Every entry and every folder has a number.
const _: () = assert!(limits::FOLDER_ENTRIES < 1 << ENTRY_BITS);
const _: () = assert!(limits::SERVED_FOLDERS < 1 << (Node::BITS - ENTRY_BITS));

/// The number of the folder at the top.
pub(super) const TOP: u32 = 1;

/// The node of the entry at `index` of the folder `folder`.
pub(super) fn node(folder: u32, index: u32) -> Node {
    Node(u64::from(folder) << ENTRY_BITS | u64::from(index))
}

/// The folder that holds `node`, and its place there. The root is in no folder.
pub(super) fn split(node: Node) -> Option<(u32, u32)> {
    let folder = u32::try_from(node.0 >> ENTRY_BITS).ok().filter(|folder| *folder >= TOP)?;
    let index = u32::try_from(node.0 & ((1 << ENTRY_BITS) - 1)).ok()?;
    Some((folder, index))
}

/// A folder that was looked into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Where it lies on the disc; nowhere if it is made of chosen entries.
    pub(super) id: Option<FolderId>,
    /// Its own node.
    pub(super) node: Node,
    /// Folders above it.
    pub(super) depth: u32,
}

/// All folders that were looked into. None is forgotten, so that nodes stay what they are.
#[derive(Debug)]
pub(super) struct Folders {
    known: Vec<Known>,
    by_node: HashMap<Node, u32>,
}

impl Folders {
    /// The top alone.
    pub(super) fn new(top: Option<FolderId>) -> Self {
        Self { known: vec![Known { id: top, node: Node::ROOT, depth: 0 }], by_node: HashMap::from([(Node::ROOT, TOP)]) }
    }

    /// The folder of this number.
    pub(super) fn get(&self, number: u32) -> Option<Known> {
        self.known.get(usize::try_from(number.checked_sub(TOP)?).ok()?).copied()
    }

    /// The number of a folder that was looked into before.
    pub(super) fn number(&self, node: Node) -> Option<u32> {
        self.by_node.get(&node).copied()
    }

    /// Gives a number to the folder `node`, which lies at `id` on the disc and is described at the byte `record`. A
    /// folder inside itself is refused, and so is what lies too deep.
    pub(super) fn enter(&mut self, node: Node, id: FolderId, record: u64) -> Result<u32, Error> {
        if let Some(number) = self.number(node) {
            return Ok(number);
        }
        let limit = |what: &str, limit: usize| Error::Limit {
            structure: "directory",
            offset: record,
            what: what.to_owned(),
            limit: limit.to_string(),
        };
        let above = |node: Node| split(node).and_then(|(folder, _)| self.get(folder));
        let mut depth = 0;
        for known in std::iter::successors(above(node), |known| above(known.node)) {
            if known.id.is_some_and(|above| above.is_same_place(id)) {
                return Err(Error::damaged("directory record", record, "This folder is inside of itself"));
            }
            depth += 1;
        }
        if depth as usize > limits::WALK_DEPTH {
            return Err(limit("The depth of this folder", limits::WALK_DEPTH));
        }
        if self.known.len() >= limits::SERVED_FOLDERS {
            return Err(limit("The number of folders", limits::SERVED_FOLDERS));
        }
        self.known.push(Known { id: Some(id), node, depth });
        // There are no more than the limit.
        let number = u32::try_from(self.known.len()).unwrap_or(TOP);
        self.by_node.insert(node, number);
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_no_entry_and_numbers_stay_within_their_bits() {
        assert_eq!(split(Node::ROOT), None);
        let last = u32::try_from(limits::SERVED_FOLDERS).unwrap();
        for (folder, index) in [(TOP, 0), (TOP, 1), (7, 3_999_999), (last, (1 << ENTRY_BITS) - 1)] {
            let node = node(folder, index);
            assert_eq!(split(node), Some((folder, index)));
            assert!(node.0 > Node::ROOT.0 && node.0 < 1 << Node::BITS);
        }
    }
}
