//! B-trees of HFS and HFS+ (Inside Macintosh: Files, 2-65; TN1150, “B-Trees”): nodes with records sorted by their keys.
//!
//! In all of them the first part of a key is the number of what the records belong to: the folder that holds an entry,
//! or the file whose extents or attributes are listed. All records of one such *group* are found by going down the index.
//! Where the index turns out to be damaged, the leaf nodes are looked through once, and what belongs to which group is
//! remembered.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Error, Extent, Result, Source, limits};

use super::fork::Fork;

/// Bytes of a node descriptor.
const DESCRIPTOR: usize = 14;

/// How the keys of one kind of tree are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// The file that holds the tree, in the words of the standard.
    pub structure: &'static str,
    /// Bytes of the length of a key: 1 in HFS, 2 in HFS+.
    pub key_len_size: usize,
    /// Where the number of the group stands in a key, the length included.
    pub group_at: usize,
}

/// What a node holds (TN1150, “Node Structure”).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeKind {
    Leaf,
    Index,
    Header,
    Map,
}

/// One node that was read.
struct Node {
    /// Position of its first byte in the file that holds the tree.
    position: u64,
    kind: NodeKind,
    next: u32,
    previous: u32,
    records: u16,
    bytes: Vec<u8>,
}

/// One record of a leaf.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// The key with its length in front.
    pub key: &'a [u8],
    /// What stands behind the key.
    pub data: &'a [u8],
    /// Where the record lies in the image.
    pub extent: Extent,
    /// Absolute byte offset of the data.
    pub data_offset: u64,
    /// True when records come in the order of their keys.
    pub in_order: bool,
}

/// A tree and the file that holds it.
#[derive(Clone)]
pub(super) struct BTree {
    layout: Layout,
    fork: Fork,
    node_size: u32,
    root: u32,
    first_leaf: u32,
    last_leaf: u32,
    nodes: u32,
    /// Why the index cannot be used from the start.
    broken: Option<Error>,
    /// Which nodes hold records of which group, once the index was found to be damaged.
    salvage: Arc<OnceLock<Salvage>>,
}

/// All leaf nodes, found without the index.
#[derive(Debug, Default)]
struct Salvage {
    nodes: HashMap<u32, Vec<u32>>,
    /// What could not be read on the way.
    diagnostics: Diagnostics,
}

impl Salvage {
    /// Tells what could not be read, but of many nodes only the first: every folder of a badly damaged volume tells it.
    fn tell(&self, structure: &'static str, diagnostics: &mut Diagnostics) {
        const TOLD: usize = 8;
        let bad = self.diagnostics.items();
        bad.iter().take(TOLD).for_each(|item| diagnostics.push(item.clone()));
        let more = bad.len().saturating_sub(TOLD).saturating_add(self.diagnostics.dropped());
        if let Some(next) = bad.get(TOLD) {
            let message = format!("{more} more places of the {structure} cannot be read, the first of them here");
            diagnostics.error(structure, next.offset, message);
        }
    }
}

/// Sizes of nodes, the most common ones first (TN1150: 512 to 32,768).
const NODE_SIZES: [u32; 7] = [4096, 8192, 512, 1024, 2048, 16_384, 32_768];

impl BTree {
    /// The tree that `fork` holds. Damage to its header is told, and then the leaf nodes are looked through instead; an
    /// error means that there is no tree at all.
    pub(super) fn open(layout: Layout, fork: Fork, diagnostics: &mut Diagnostics) -> Result<Self> {
        let mut tree = Self {
            layout,
            fork,
            node_size: 512,
            root: 0,
            first_leaf: 0,
            last_leaf: 0,
            nodes: 0,
            broken: None,
            salvage: Arc::default(),
        };
        match tree.read_header() {
            Ok(()) => Ok(tree),
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => {
                diagnostics.failure(&error);
                tree.node_size = tree.guess_node_size()?.ok_or_else(|| error.clone())?;
                tree.nodes = tree.possible_nodes();
                tree.broken = Some(error);
                Ok(tree)
            }
        }
    }

    /// The same tree in another source of the same bytes.
    pub(super) fn with_source(&self, source: &Arc<dyn Source>) -> Self {
        Self { fork: self.fork.with_source(source), ..self.clone() }
    }

    /// The file that holds the tree.
    pub(super) fn fork(&self) -> &Fork {
        &self.fork
    }

    /// Bytes of a node.
    pub(super) fn node_size(&self) -> u32 {
        self.node_size
    }

    /// TN1150, “Header Record”.
    fn read_header(&mut self) -> Result<()> {
        let mut head = [0; DESCRIPTOR + 106];
        self.fork.read_exact(self.layout.structure, 0, &mut head)?;
        let fields = Fields::new(&head, self.fork.absolute(0), self.layout.structure);
        let damaged = |at, message: String| Error::damaged(self.layout.structure, fields.offset_of(at), message);
        if fields.u8(8)? != 1 {
            let message = format!("The {} does not begin with the header of its B-tree", self.layout.structure);
            return Err(damaged(0, message));
        }
        let size = fields.be16(DESCRIPTOR + 18)?;
        if !NODE_SIZES.contains(&u32::from(size)) {
            let message = format!("The {} claims nodes of {size} bytes", self.layout.structure);
            return Err(damaged(DESCRIPTOR + 18, message));
        }
        let (root, depth) = (fields.be32(DESCRIPTOR + 2)?, fields.be16(DESCRIPTOR)?);
        self.node_size = u32::from(size);
        self.nodes = fields.be32(DESCRIPTOR + 22)?.min(self.possible_nodes());
        self.root = root;
        self.first_leaf = fields.be32(DESCRIPTOR + 10)?;
        self.last_leaf = fields.be32(DESCRIPTOR + 14)?;
        if usize::from(depth) > limits::BTREE_DEPTH || (root >= self.nodes && root != 0) {
            let message = format!("The {} claims the root node {root} at depth {depth}", self.layout.structure);
            return Err(damaged(DESCRIPTOR, message));
        }
        Ok(())
    }

    /// The size of nodes for which node 1 makes sense, as it does in trees that hold anything.
    fn guess_node_size(&self) -> Result<Option<u32>> {
        for size in NODE_SIZES {
            let guess = Self { node_size: size, nodes: 2, ..self.clone() };
            match guess.read_node(1) {
                Ok(node) if matches!(node.kind, NodeKind::Leaf | NodeKind::Index) && guess.keys_rise(&node) => {
                    return Ok(Some(size));
                }
                Err(error) if error.is_cancelled() => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }

    /// True when all records of a node can be read, in the order of their groups.
    fn keys_rise(&self, node: &Node) -> bool {
        let mut last = 0;
        node.records > 0
            && (0..node.records).all(|index| {
                let group = self.record(node, index).ok().flatten().and_then(|record| self.group_of(&record));
                group.is_some_and(|group| std::mem::replace(&mut last, group) <= group)
            })
    }

    /// Nodes that the file has room for, as far as the image reaches.
    fn possible_nodes(&self) -> u32 {
        let bytes = self.fork.len().min(self.fork.image_len()).min(limits::CATALOG_BYTES);
        u32::try_from(bytes / u64::from(self.node_size)).unwrap_or(u32::MAX)
    }

    fn position(&self, number: u32) -> u64 {
        u64::from(number).saturating_mul(u64::from(self.node_size))
    }

    fn read_node(&self, number: u32) -> Result<Node> {
        let structure = self.layout.structure;
        let position = self.position(number);
        if number >= self.nodes {
            let message = format!("Node {number} of the {structure} is asked for, which has {} nodes", self.nodes);
            return Err(Error::damaged(structure, self.fork.absolute(0), message));
        }
        let mut bytes = vec![0; usize::try_from(self.node_size).unwrap_or(0)];
        self.fork.read_exact(structure, position, &mut bytes)?;
        let offset = self.fork.absolute(position);
        let fields = Fields::new(&bytes, offset, structure);
        let kind = match fields.u8(8)? {
            0xff => NodeKind::Leaf,
            0 => NodeKind::Index,
            1 => NodeKind::Header,
            2 => NodeKind::Map,
            other => {
                let message = format!("Node {number} of the {structure} has the unknown kind {other}");
                return Err(Error::damaged(structure, offset.saturating_add(8), message));
            }
        };
        let records = fields.be16(10)?;
        // A record takes two bytes, and two more for its place.
        if usize::from(records).saturating_mul(4).saturating_add(DESCRIPTOR) > bytes.len() {
            let message = format!("Node {number} of the {structure} claims {records} records");
            return Err(Error::damaged(structure, offset.saturating_add(10), message));
        }
        let (next, previous) = (fields.be32(0)?, fields.be32(4)?);
        Ok(Node { position, kind, next, previous, records, bytes })
    }

    /// The places of records stand at the end of a node, the first one last.
    fn place(node: &Node, index: u16) -> Option<usize> {
        let back = usize::from(index).checked_add(1)?.checked_mul(2)?;
        let at = node.bytes.len().checked_sub(back)?;
        let place = node.bytes.get(at..)?.first_chunk::<2>().map(|bytes| u16::from_be_bytes(*bytes))?;
        let table = node.bytes.len().checked_sub(usize::from(node.records).checked_add(1)?.checked_mul(2)?)?;
        Some(usize::from(place)).filter(|place| (DESCRIPTOR..table).contains(place))
    }

    /// A record of a node; `None` for one that is not in use. When the place of the next one is damaged, the record is
    /// taken to reach up to the end, as what it holds is shorter anyway.
    fn record<'a>(&self, node: &'a Node, index: u16) -> Result<Option<Record<'a>>> {
        let damaged = |message: String| {
            let at = node.bytes.len().saturating_sub(usize::from(index).saturating_add(1).saturating_mul(2));
            let offset = self.fork.absolute(node.position.saturating_add(at as u64));
            Error::damaged(self.layout.structure, offset, message)
        };
        let place = || format!("record {index} of a node of the {}", self.layout.structure);
        let start =
            Self::place(node, index).ok_or_else(|| damaged(format!("The place of {} lies outside of it", place())))?;
        let end = index.checked_add(1).and_then(|next| Self::place(node, next)).filter(|end| *end > start);
        let table = node.bytes.len().saturating_sub(usize::from(node.records).saturating_mul(2));
        let bytes = node.bytes.get(start..end.unwrap_or(table)).unwrap_or_default();
        let key_len = match (self.layout.key_len_size, bytes) {
            (1, [len, ..]) => usize::from(*len),
            (2, [high, low, ..]) => usize::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        };
        if key_len == 0 {
            return Ok(None);
        }
        let key_end = key_len.saturating_add(self.layout.key_len_size);
        let (key, data) = bytes
            .get(..key_end)
            .zip(bytes.get(key_end.next_multiple_of(2)..))
            .ok_or_else(|| damaged(format!("The key of {} is longer than the record", place())))?;
        let offset = |at: usize| self.fork.absolute(node.position.saturating_add(at as u64));
        Ok(Some(Record {
            key,
            data,
            extent: Extent::new(offset(start), bytes.len() as u64),
            data_offset: offset(start.saturating_add(key_end.next_multiple_of(2))),
            in_order: true,
        }))
    }

    fn group_of(&self, record: &Record<'_>) -> Option<u32> {
        record.key.get(self.layout.group_at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// The record whose bytes begin at the absolute byte `offset`, as [`Record::extent`] gave it.
    pub(super) fn record_at<T>(&self, offset: u64, take: impl FnOnce(&Record<'_>) -> T) -> Result<Option<T>> {
        let Some(position) = self.fork.position_of(offset) else { return Ok(None) };
        let number = u32::try_from(position / u64::from(self.node_size)).unwrap_or(u32::MAX);
        let node = self.read_node(number)?;
        for index in 0..node.records {
            if let Ok(Some(record)) = self.record(&node, index)
                && record.extent.offset == offset
            {
                return Ok(Some(take(&record)));
            }
        }
        Ok(None)
    }

    /// Shows all records of `group` to `visit`, in the order of their keys, until it breaks off. Records for which
    /// `before` is true may be left out: they come before those that matter. What is damaged is told in `diagnostics`,
    /// and hides nothing else. The only error is [`Error::Cancelled`].
    pub(super) fn group(
        &self,
        group: u32,
        before: &dyn Fn(&[u8]) -> bool,
        diagnostics: &mut Diagnostics,
        visit: &mut dyn FnMut(&Record<'_>, &mut Diagnostics) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut done = HashSet::new();
        let mut walk = GroupWalk { tree: self, group, before, diagnostics, visit, done: &mut done };
        let searched = match &self.broken {
            Some(error) => Err(error.clone()),
            None if self.root == 0 => Ok(()),
            None => walk.by_index(),
        };
        let Err(error) = searched else { return Ok(()) };
        if error.is_cancelled() {
            return Err(error);
        }
        let structure = self.layout.structure;
        let message = format!("{}; the nodes of the {structure} are looked through instead", error.sentence());
        walk.diagnostics.warning(error.structure().unwrap_or(structure), error.offset().unwrap_or(0), message);
        let salvage = match self.salvage.get() {
            Some(salvage) => salvage,
            None => {
                let found = self.look_through()?;
                self.salvage.get_or_init(|| found)
            }
        };
        salvage.tell(structure, walk.diagnostics);
        for number in salvage.nodes.get(&group).into_iter().flatten() {
            if walk.leaf(*number)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Finds all leaf nodes that are in use.
    fn look_through(&self) -> Result<Salvage> {
        let mut salvage = Salvage::default();
        let in_use = self.map(&mut salvage.diagnostics)?;
        if self.fork.len() > limits::CATALOG_BYTES {
            let message = format!("The {} is larger than the 1 GiB that is looked through", self.layout.structure);
            salvage.diagnostics.error(self.layout.structure, self.fork.absolute(0), message);
        }
        for number in 1..self.nodes {
            let byte = usize::try_from(number / 8).unwrap_or(usize::MAX);
            if in_use.get(byte).is_some_and(|bits| bits << (number % 8) & 0x80 == 0) {
                continue;
            }
            let Some(node) = salvage.diagnostics.salvage(self.read_node(number))? else { continue };
            if node.kind != NodeKind::Leaf {
                continue;
            }
            for index in 0..node.records {
                let Ok(Some(record)) = self.record(&node, index) else { continue };
                let Some(group) = self.group_of(&record) else { continue };
                let nodes = salvage.nodes.entry(group).or_default();
                if nodes.last() != Some(&number) {
                    nodes.push(number);
                }
            }
        }
        Ok(salvage)
    }

    /// The map of the nodes in use, as far as it can be read: the third record of the header node, and the map nodes
    /// that follow it (TN1150, “Map Record”). Nodes that it does not cover are taken to be in use.
    fn map(&self, diagnostics: &mut Diagnostics) -> Result<Vec<u8>> {
        let mut map = Vec::new();
        let (mut number, mut index) = (0, 2);
        let mut visited = HashSet::new();
        while visited.insert(number) {
            let Some(node) = diagnostics.salvage(self.read_node(number))? else { break };
            let right = if number == 0 { NodeKind::Header } else { NodeKind::Map };
            let start = Self::place(&node, index).filter(|_| node.kind == right);
            let end = Self::place(&node, index.saturating_add(1)).or(Some(node.bytes.len().saturating_sub(8)));
            let Some(bits) = start.zip(end).and_then(|(start, end)| node.bytes.get(start..end)) else { break };
            map.extend_from_slice(bits);
            (number, index) = (node.next, 0);
            if number == 0 {
                break;
            }
        }
        // A map without the bit of its own node is none.
        if map.first().is_none_or(|bits| bits & 0x80 == 0) {
            map.clear();
        }
        Ok(map)
    }
}

/// The search for the records of one group.
struct GroupWalk<'a> {
    tree: &'a BTree,
    group: u32,
    before: &'a dyn Fn(&[u8]) -> bool,
    diagnostics: &'a mut Diagnostics,
    visit: &'a mut dyn FnMut(&Record<'_>, &mut Diagnostics) -> ControlFlow<()>,
    /// Leaf nodes whose records were shown.
    done: &'a mut HashSet<u32>,
}

impl GroupWalk<'_> {
    /// True when the record comes before all that are looked for.
    fn is_before(&self, record: &Record<'_>) -> bool {
        match self.tree.group_of(record) {
            Some(group) if group == self.group => (self.before)(record.key),
            group => group.is_some_and(|group| group < self.group),
        }
    }

    /// Goes down the index and along the leaf nodes. An error other than [`Error::Cancelled`] says what is wrong with
    /// the index; what was shown before is in `done`.
    fn by_index(&mut self) -> Result<()> {
        /// Leaf nodes without a record that is looked for, in front of those that have some: where the search ends, or
        /// the one after it when all its records come before.
        const IDLE: u32 = 2;
        let mut number = self.first_leaf()?;
        let mut idle = 0;
        loop {
            let node = self.tree.read_node(number)?;
            if node.kind != NodeKind::Leaf {
                return Err(self.trouble(&node, "A leaf node is followed by one of another kind"));
            }
            if !self.done.insert(number) {
                return Err(self.trouble(&node, "The leaf nodes come back to one that was read before"));
            }
            let (shown, end) = self.show(&node);
            if end {
                return Ok(());
            }
            idle = if shown { 0 } else { idle + 1 };
            if idle > IDLE {
                return Err(self.trouble(&node, "The leaf nodes are not in the order of their keys"));
            }
            if node.next == 0 {
                return match number == self.tree.last_leaf {
                    true => Ok(()),
                    false => Err(self.trouble(&node, "The leaf nodes end before the last one")),
                };
            }
            number = node.next;
        }
    }

    /// The leaf node where the group begins, or the one before.
    fn first_leaf(&self) -> Result<u32> {
        let mut number = self.tree.root;
        for _ in 0..limits::BTREE_DEPTH {
            let node = self.tree.read_node(number)?;
            match node.kind {
                NodeKind::Leaf => {
                    let first = (0..node.records).find_map(|index| self.tree.record(&node, index).ok().flatten());
                    if first.is_some_and(|first| !self.is_before(&first)) && node.previous != 0 {
                        return Err(self.trouble(&node, "The index leads past the place that is looked for"));
                    }
                    return Ok(number);
                }
                NodeKind::Index => number = self.child(&node)?,
                NodeKind::Header | NodeKind::Map => {
                    return Err(self.trouble(&node, "The index leads to a node that has no records"));
                }
            }
        }
        Err(Error::damaged(
            self.tree.layout.structure,
            self.tree.fork.absolute(0),
            format!("The index is more than {} levels deep, or leads back to itself", limits::BTREE_DEPTH),
        ))
    }

    /// The node below the last record of an index node that comes before the group.
    fn child(&self, node: &Node) -> Result<u32> {
        let mut found = None;
        for index in 0..node.records {
            let Some(record) = self.tree.record(node, index)? else { continue };
            if found.is_some() && !self.is_before(&record) {
                break;
            }
            let child = record.data.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
            found = Some(child.ok_or_else(|| self.trouble(node, "A record of the index is too short"))?);
        }
        found.ok_or_else(|| self.trouble(node, "A node of the index is empty"))
    }

    /// Shows the records of one leaf node that belong to the group. Says whether there were any that matter, and whether
    /// the group, or the interest in it, ends here.
    fn show(&mut self, node: &Node) -> (bool, bool) {
        let mut shown = false;
        for index in 0..node.records {
            let record = match self.tree.record(node, index) {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(error) => {
                    self.diagnostics.failure(&error);
                    continue;
                }
            };
            match self.tree.group_of(&record) {
                Some(group) if group > self.group => return (shown, true),
                Some(group) if group == self.group && !(self.before)(record.key) => {
                    shown = true;
                    if (self.visit)(&record, self.diagnostics).is_break() {
                        return (shown, true);
                    }
                }
                _ => {}
            }
        }
        (shown, false)
    }

    /// Shows the records of a leaf node that was found without the index, and may be out of order.
    fn leaf(&mut self, number: u32) -> Result<ControlFlow<()>> {
        if !self.done.insert(number) {
            return Ok(ControlFlow::Continue(()));
        }
        let Some(node) = self.diagnostics.salvage(self.tree.read_node(number))? else {
            return Ok(ControlFlow::Continue(()));
        };
        for index in 0..node.records {
            match self.tree.record(&node, index) {
                Ok(Some(record)) if self.tree.group_of(&record) == Some(self.group) => {
                    let record = Record { in_order: false, ..record };
                    if !(self.before)(record.key) && (self.visit)(&record, self.diagnostics).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(_) => {}
                Err(error) => self.diagnostics.failure(&error),
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn trouble(&self, node: &Node, message: &str) -> Error {
        Error::damaged(self.tree.layout.structure, self.tree.fork.absolute(node.position), message)
    }
}
