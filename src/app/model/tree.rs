//! The tree on the left: lazy, and flattened into the rows that are visible.

use crate::disc::Image;
use crate::disc::part::PartGroup;
use crate::disc::tree::{FileTree, Folder, FolderId, Kind, TreeId};

/// Folders shown below one folder. A tree of more is no help; the table has them all.
const CHILDREN: usize = 20_000;

/// What a node of the tree stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// The root of the files.
    Files,
    /// A folder below it.
    Folder(FolderId),
    /// A list of parts of the image.
    Parts(PartGroup),
    /// One of them, counted from 0.
    Part(PartGroup, usize),
    /// The list of sessions.
    Sessions,
    /// One of them, by its number.
    Session(u32),
    /// Stands for the folders that there are too many of.
    More(usize),
}

/// What is known of a node's children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Children {
    /// Never has any.
    None,
    /// Not read yet.
    Unknown,
    /// Being read.
    Reading,
    /// So many, from this node on.
    Known { first: u32, count: u32 },
}

/// One node.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it stands for.
    pub branch: Branch,
    /// Its text, ready to be shown.
    pub label: Box<str>,
    /// The name on the disc; empty for what is no folder.
    pub name: Box<str>,
    /// Its place in the folder of the disc that holds it, where it is a folder.
    pub item: u32,
    /// Levels below the top.
    pub depth: u16,
    /// True when its children are shown.
    pub expanded: bool,
    parent: u32,
    children: Children,
}

impl Node {
    /// True when it has children, or may have.
    pub fn can_expand(&self) -> bool {
        !matches!(self.children, Children::None | Children::Known { count: 0, .. })
    }
}

/// Names a node. Stays good as long as the tree is not rebuilt.
pub type NodeId = u32;

const NO_PARENT: u32 = u32::MAX;

/// The whole tree, as far as it was looked at.
#[derive(Debug, Clone, Default)]
pub struct TreeModel {
    nodes: Vec<Node>,
    visible: Vec<NodeId>,
    /// The node that stands for what the table shows.
    pub current: Option<NodeId>,
    /// The node that the keyboard acts on.
    pub cursor: Option<NodeId>,
    /// Counts up whenever the cursor's row must be brought into view.
    pub reveal: u64,
}

impl TreeModel {
    /// The tree of an image of which the files of `tree` are shown.
    pub fn new(image: &Image, tree: TreeId) -> Self {
        let mut model = Self::default();
        let files = match (image.partition_of(tree), image.boot_image_of(tree)) {
            (Some(partition), _) => format!("Files in {} {}", partition.scheme.label(), partition.number),
            (None, Some(boot)) => format!("Files in boot image {}", boot.number),
            (None, None) => "Files".to_owned(),
        };
        let files = model.add(NO_PARENT, 0, Branch::Files, &files, "", Children::Unknown);
        for group in PartGroup::ALL.into_iter().filter(|group| group.count(image) > 0) {
            let node = model.add(NO_PARENT, 0, Branch::Parts(group), group.label(), "", Children::None);
            let parts = (0..group.count(image)).filter_map(|at| Some((at, group.get(image, at)?)));
            model.adopt(node, parts.map(|(at, part)| (Branch::Part(group, at), part.label())));
        }
        if image.sessions().len() > 1 {
            let group = model.add(NO_PARENT, 0, Branch::Sessions, "Sessions", "", Children::None);
            model.adopt(
                group,
                image.sessions().iter().rev().map(|session| {
                    let open = if session.number == image.session() { " (shown)" } else { "" };
                    (Branch::Session(session.number), format!("{}{open}", session.label()))
                }),
            );
            model.set_expanded(group, true);
        }
        model.set_expanded(files, true);
        model.current = Some(files);
        model.flatten();
        model
    }

    /// The same for another tree of the image. What was open besides the files stays open.
    pub fn turned_to(&self, image: &Image, tree: TreeId) -> Self {
        let mut model = Self::new(image, tree);
        let tops = self.nodes.iter().filter(|node| node.parent == NO_PARENT && node.branch != Branch::Files);
        for node in tops {
            if let Some(id) = model.find_branch(node.branch) {
                model.set_expanded(id, node.expanded);
            }
        }
        model.flatten();
        model
    }

    /// The nodes that are visible, from top to bottom.
    pub fn visible(&self) -> &[NodeId] {
        &self.visible
    }

    /// The node called `id`.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(index(id))
    }

    /// The node that holds `id`.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).map(|node| node.parent).filter(|parent| *parent != NO_PARENT)
    }

    /// The row of a node, if it is visible.
    pub fn row(&self, id: NodeId) -> Option<usize> {
        self.visible.iter().position(|visible| *visible == id)
    }

    /// The names and places of the folders from below the root down to `id`; empty for the root of the files,
    /// `None` for what is no folder.
    pub fn path(&self, id: NodeId) -> Option<Vec<(FolderId, String)>> {
        let mut path = Vec::new();
        let mut at = Some(id);
        while let Some(node) = at.and_then(|at| self.node(at)) {
            match node.branch {
                Branch::Files => {
                    path.reverse();
                    return Some(path);
                }
                Branch::Folder(folder) => path.push((folder, node.name.to_string())),
                _ => return None,
            }
            at = Some(node.parent).filter(|parent| *parent != NO_PARENT);
        }
        None
    }

    /// The node of the folder at the end of `path`, as far as it is known: the deepest known one, and whether it is
    /// the very folder.
    pub fn find(&self, path: &[FolderId]) -> Option<(NodeId, bool)> {
        let mut at =
            self.nodes.iter().position(|node| node.branch == Branch::Files).and_then(|at| u32::try_from(at).ok())?;
        for folder in path {
            match self
                .children(at)
                .find(|child| self.node(*child).is_some_and(|node| node.branch == Branch::Folder(*folder)))
            {
                Some(child) => at = child,
                None => return Some((at, false)),
            }
        }
        Some((at, true))
    }

    /// The node that stands for `branch`.
    pub fn find_branch(&self, branch: Branch) -> Option<NodeId> {
        self.nodes.iter().position(|node| node.branch == branch).and_then(|at| u32::try_from(at).ok())
    }

    fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        match self.node(id).map(|node| node.children) {
            Some(Children::Known { first, count }) => first..first.saturating_add(count),
            _ => 0..0,
        }
    }

    /// Opens or closes a branch. True when its children have to be read: then [`set_children`](Self::set_children)
    /// follows.
    pub fn expand(&mut self, id: NodeId, expanded: bool) -> bool {
        self.set_expanded(id, expanded);
        let Some(node) = self.nodes.get_mut(index(id)) else { return false };
        let read = expanded && node.children == Children::Unknown;
        if read {
            node.children = Children::Reading;
        }
        if !expanded && self.cursor.is_some_and(|cursor| self.is_below(cursor, id)) {
            self.cursor = Some(id);
        }
        self.flatten();
        read
    }

    fn is_below(&self, id: NodeId, ancestor: NodeId) -> bool {
        let mut at = self.parent(id);
        while let Some(parent) = at {
            if parent == ancestor {
                return true;
            }
            at = self.parent(parent);
        }
        false
    }

    /// Opens every branch above `id`, so that it is visible.
    pub fn show(&mut self, id: NodeId) {
        let mut at = self.parent(id);
        while let Some(parent) = at {
            self.set_expanded(parent, true);
            at = self.parent(parent);
        }
        self.flatten();
        self.reveal += 1;
    }

    /// True when the children of `id` were never asked for, or are on their way.
    pub fn needs_children(&self, id: NodeId) -> bool {
        self.node(id).is_some_and(|node| matches!(node.children, Children::Unknown | Children::Reading))
    }

    /// Puts the folders of `folder` below `id`, in the order given: items of the folder, folders first.
    pub fn set_children(&mut self, id: NodeId, tree: &dyn FileTree, folder: &Folder, order: &[u32]) {
        if !self.needs_children(id) {
            return;
        }
        let entries = order.iter().filter_map(|item| Some((*item, folder.entries().get(index(*item))?)));
        let folders = entries.take_while(|(_, entry)| entry.kind == Kind::Folder);
        let found: Vec<_> = folders
            .clone()
            .filter_map(|(item, entry)| Some((item, tree.folder_of(entry)?, folder.name(entry))))
            .take(CHILDREN)
            .collect();
        let more = folders.count().saturating_sub(found.len());
        let depth = self.node(id).map_or(0, |node| node.depth).saturating_add(1);
        let first = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        for (item, place, name) in found {
            let label = crate::disc::text::display(name);
            let node = self.add(id, depth, Branch::Folder(place), &label, name, Children::Unknown);
            if let Some(node) = self.nodes.get_mut(index(node)) {
                node.item = item;
            }
        }
        if more >= 1 && self.nodes.len().saturating_sub(index(first)) >= CHILDREN {
            self.add(id, depth, Branch::More(more), &format!("{more} more: see the list"), "", Children::None);
        }
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX).saturating_sub(first);
        if let Some(node) = self.nodes.get_mut(index(id)) {
            node.children = Children::Known { first, count };
        }
        self.flatten();
    }

    /// Forgets that the children of `id` were asked for, after they could not be read.
    pub fn unread(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(index(id)).filter(|node| node.children == Children::Reading) {
            node.children = Children::Unknown;
            node.expanded = false;
            self.flatten();
        }
    }

    fn set_expanded(&mut self, id: NodeId, expanded: bool) {
        if let Some(node) = self.nodes.get_mut(index(id)) {
            node.expanded = expanded && node.can_expand();
        }
    }

    fn add(&mut self, parent: u32, depth: u16, branch: Branch, label: &str, name: &str, children: Children) -> NodeId {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            branch,
            label: label.into(),
            name: name.into(),
            item: 0,
            depth,
            expanded: false,
            parent,
            children,
        });
        id
    }

    fn adopt(&mut self, group: NodeId, children: impl Iterator<Item = (Branch, String)>) {
        let first = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        for (branch, label) in children {
            self.add(group, 1, branch, &label, "", Children::None);
        }
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX).saturating_sub(first);
        if let Some(node) = self.nodes.get_mut(index(group)) {
            node.children = Children::Known { first, count };
        }
    }

    /// Lists the visible nodes anew. A stack of our own: the depth comes from the image.
    fn flatten(&mut self) {
        let tops = self.nodes.iter().enumerate().filter(|(_, node)| node.parent == NO_PARENT);
        let mut stack: Vec<NodeId> = tops.filter_map(|(at, _)| u32::try_from(at).ok()).collect();
        stack.reverse();
        let mut visible = Vec::with_capacity(self.visible.len());
        while let Some(id) = stack.pop() {
            visible.push(id);
            if self.node(id).is_some_and(|node| node.expanded) {
                let from = stack.len();
                stack.extend(self.children(id));
                if let Some(added) = stack.get_mut(from..) {
                    added.reverse();
                }
            }
        }
        self.visible = visible;
    }
}

/// A node's place. Where it does not fit there is no such node, and the largest place says so.
fn index(id: NodeId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}
