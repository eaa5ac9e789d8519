//! [`View`]: what was chosen of an image, as a tree of files for other programs.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use super::cache::Cache;
use super::contents::Bytes;
use super::folders::{self, Folders, TOP};
use super::listing::{ChosenEntry, Item, Listing};
use crate::disc::tree::{Entry, FileTree, FolderId, State};
use crate::disc::{Error, Result, limits};
use crate::extract::plan::{Chosen, Loose};
use crate::platform::files::{Attributes, Contents, Files, Node, NodeKind};

/// What was chosen of an image. It is made without reading anything, and may be asked by many threads at once.
pub struct View {
    tree: Option<Arc<dyn FileTree>>,
    top: Top,
    folders: RwLock<Folders>,
    cache: Cache,
    origin: Option<String>,
}

/// What stands at the top.
enum Top {
    /// What the root of the tree holds.
    Everything,
    /// Entries of any folders.
    Chosen(Vec<Chosen>),
    /// Files that stand in no tree.
    Loose(Vec<Loose>),
}

impl View {
    /// All of `tree`.
    pub fn of_tree(tree: Arc<dyn FileTree>) -> Self {
        let root = tree.root();
        Self::new(Some(tree), Top::Everything, Some(root))
    }

    /// Entries of any folders of `tree`, each of which stands at the top, as when they are extracted.
    pub fn of_entries(tree: Arc<dyn FileTree>, chosen: Vec<Chosen>) -> Self {
        Self::new(Some(tree), Top::Chosen(chosen), None)
    }

    /// Files that stand in no tree, such as boot images, partitions and streams.
    pub fn of_loose(files: Vec<Loose>) -> Self {
        Self::new(None, Top::Loose(files), None)
    }

    /// The same, from an image that was downloaded from there.
    pub fn with_origin(self, origin: Option<String>) -> Self {
        Self { origin, ..self }
    }

    fn new(tree: Option<Arc<dyn FileTree>>, top: Top, root: Option<FolderId>) -> Self {
        Self::with_cache(tree, top, root, limits::SERVED_ENTRIES)
    }

    fn with_cache(tree: Option<Arc<dyn FileTree>>, top: Top, root: Option<FolderId>, entries: usize) -> Self {
        let folders = RwLock::new(Folders::new(root));
        Self { tree, top, folders, cache: Cache::new(entries), origin: None }
    }

    fn tree(&self) -> Result<&Arc<dyn FileTree>> {
        self.tree.as_ref().ok_or_else(|| Error::damaged("directory", 0, "There is no such folder"))
    }

    fn image_len(&self) -> u64 {
        self.tree.as_ref().map_or(0, |tree| tree.source().len())
    }

    /// The folder of this number as it is shown.
    fn listing(&self, number: u32) -> io::Result<Arc<Listing>> {
        Ok(self.cache.get(number, || self.read(number))?)
    }

    fn read(&self, number: u32) -> Result<Listing> {
        match &self.top {
            Top::Chosen(chosen) if number == TOP => self.read_chosen(chosen),
            Top::Loose(files) if number == TOP => Ok(Listing::of_loose(files)),
            _ => {
                let known = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(number);
                let known = known.and_then(|known| Some((known.id?, known.depth)));
                let (id, depth) = known.ok_or_else(|| Error::damaged("directory", 0, "There is no such folder"))?;
                let folder = self.tree()?.read_folder(id)?;
                Ok(Listing::of_folder(folder, depth, self.image_len()))
            }
        }
    }

    /// The chosen entries in the order of an extraction: folder by folder, so that each folder is read once.
    fn read_chosen(&self, chosen: &[Chosen]) -> Result<Listing> {
        let mut groups: Vec<(FolderId, Vec<usize>)> = Vec::new();
        let mut known = HashMap::new();
        let mut unique = HashSet::new();
        for chosen in chosen.iter().filter(|chosen| unique.insert((chosen.folder, chosen.index))) {
            let at = *known.entry(chosen.folder).or_insert_with(|| {
                groups.push((chosen.folder, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, group)) = groups.get_mut(at) {
                group.push(chosen.index);
            }
        }
        let mut entries = Vec::new();
        for (id, group) in groups {
            let folder = self.tree()?.read_folder(id)?;
            entries.extend(group.into_iter().filter_map(|index| ChosenEntry::new(&folder, index)));
        }
        Ok(Listing::of_chosen(entries, self.image_len()))
    }

    /// The number of the folder `node`.
    fn number(&self, node: Node) -> io::Result<u32> {
        if let Some(number) = self.folders.read().unwrap_or_else(PoisonError::into_inner).number(node) {
            return Ok(number);
        }
        let (entry, id) = self.with_item(node, |item| {
            let entry = item.entry.filter(|entry| entry.is_folder()).ok_or(io::ErrorKind::NotADirectory)?;
            Ok((entry.record, self.tree()?.folder_of(entry)))
        })?;
        let id = id
            .ok_or_else(|| Error::damaged("directory record", entry, "The disc does not say where this folder lies"))?;
        Ok(self.folders.write().unwrap_or_else(PoisonError::into_inner).enter(node, id, entry)?)
    }

    /// Calls `with` with what is shown of `node`, which is not the root.
    fn with_item<T>(&self, node: Node, with: impl FnOnce(Item<'_>) -> io::Result<T>) -> io::Result<T> {
        let (folder, at) = folders::split(node).ok_or(io::ErrorKind::NotFound)?;
        let listing = self.listing(folder)?;
        with(listing.item(at).ok_or(io::ErrorKind::NotFound)?)
    }

    fn open_entry(&self, entry: &Entry) -> Result<Bytes> {
        let source = self.tree()?.open(entry)?;
        Ok(Bytes { source, size: entry.size, whole: entry.state(self.image_len()) == State::Complete })
    }
}

impl Files for View {
    fn attributes(&self, node: Node) -> io::Result<Attributes> {
        if node == Node::ROOT {
            return Ok(Attributes { kind: NodeKind::Folder, size: 0, modified: None, executable: false });
        }
        self.with_item(node, |item| Ok(item.attributes))
    }

    fn list(
        &self,
        folder: Node,
        from: usize,
        each: &mut dyn FnMut(usize, &str, Node, Attributes) -> bool,
    ) -> io::Result<()> {
        let number = self.number(folder)?;
        let listing = self.listing(number)?;
        for (place, (at, item)) in (from..).zip(listing.from(from)) {
            if !each(place, item.name, folders::node(number, at), item.attributes) {
                break;
            }
        }
        Ok(())
    }

    fn find(&self, folder: Node, name: &str) -> io::Result<Option<(Node, Attributes)>> {
        let number = self.number(folder)?;
        let listing = self.listing(number)?;
        let found = listing.find(name).and_then(|at| Some((at, listing.item(at)?)));
        Ok(found.map(|(at, item)| (folders::node(number, at), item.attributes)))
    }

    fn parent(&self, node: Node) -> io::Result<Node> {
        let Some((folder, _)) = folders::split(node) else { return Ok(Node::ROOT) };
        let known = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(folder);
        Ok(known.ok_or(io::ErrorKind::NotFound)?.node)
    }

    fn open(&self, file: Node) -> io::Result<Arc<dyn Contents>> {
        if let (Top::Loose(files), Some((TOP, at))) = (&self.top, folders::split(file)) {
            let file = usize::try_from(at).ok().and_then(|at| files.get(at)).ok_or(io::ErrorKind::NotFound)?;
            let whole = file.source.len() >= file.size;
            return Ok(Arc::new(Bytes { source: file.source.clone(), size: file.size, whole }));
        }
        if file == Node::ROOT {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.with_item(file, |item| match (item.attributes.kind, item.entry) {
            (NodeKind::File, Some(entry)) => Ok(Arc::new(self.open_entry(entry)?) as Arc<dyn Contents>),
            (NodeKind::Folder, _) => Err(io::ErrorKind::IsADirectory.into()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        })
    }

    fn target(&self, link: Node) -> io::Result<String> {
        self.with_item(link, |item| Ok(item.target.ok_or(io::ErrorKind::InvalidInput)?.to_owned()))
    }

    fn volume_size(&self) -> u64 {
        match &self.top {
            Top::Loose(files) => files.iter().fold(0, |sum, file| sum.saturating_add(file.size)),
            _ => self.image_len(),
        }
    }

    fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::Image;
    use crate::disc::source::FileSource;

    /// Everything below the top, with its path and node.
    fn walk(view: &View) -> Vec<(String, Node)> {
        let mut found = Vec::new();
        let mut pending = vec![(String::new(), Node::ROOT)];
        while let Some((path, folder)) = pending.pop() {
            let mut places = 0;
            view.list(folder, 0, &mut |place, name, node, known| {
                assert_eq!(place, places);
                places += 1;
                let path = format!("{path}/{name}");
                if known.kind == NodeKind::Folder {
                    pending.push((path.clone(), node));
                }
                found.push((path, node));
                true
            })
            .unwrap();
        }
        found
    }

    fn sample() -> Arc<dyn FileTree> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample.iso");
        Image::open(Arc::new(FileSource::open(&path).unwrap())).unwrap().default_tree().clone()
    }

    #[test]
    fn nodes_stay_what_they_are_however_little_is_kept() {
        let tree = sample();
        let root = tree.root();
        let view = View::of_tree(tree.clone());
        let forgetful = View::with_cache(Some(tree), Top::Everything, Some(root), 1);
        let found = walk(&view);
        assert!(found.len() > 30);
        for _ in 0..2 {
            assert_eq!(walk(&forgetful), found);
        }
        for (path, node) in &found {
            let (above, name) = path.rsplit_once('/').unwrap();
            let folder = found.iter().find(|(path, _)| path == above).map_or(Node::ROOT, |(_, node)| *node);
            for view in [&view, &forgetful] {
                let known = view.attributes(*node).unwrap();
                assert_eq!(view.find(folder, name).unwrap(), Some((*node, known)), "{path}");
                assert_eq!(view.parent(*node).unwrap(), folder, "{path}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let view = View::of_tree(sample());
        let (_, file) = walk(&view).into_iter().find(|(path, _)| path == "/README.txt").unwrap();
        assert_eq!(view.find(Node::ROOT, "absent").unwrap(), None);
        assert_eq!(view.find(file, "x").unwrap_err().kind(), io::ErrorKind::NotADirectory);
        assert_eq!(view.open(Node::ROOT).map(drop).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(view.target(file).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        for node in [0, 2, 1 << 24 | 4_000_000, 77 << 24, u64::MAX] {
            assert!(view.attributes(Node(node)).is_err(), "{node}");
            assert!(view.list(Node(node), 0, &mut |_, _, _, _| true).is_err(), "{node}");
            assert!(view.open(Node(node)).is_err(), "{node}");
        }
    }
}
