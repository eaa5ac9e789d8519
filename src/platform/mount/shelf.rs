//! Several trees side by side, each in a folder of its own that is called by its number, or has a name.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use crate::platform::files::{Attributes, Contents, Files, Node, NodeKind};

/// Numbers of trees. A process would have to drag something out every second for weeks.
const NUMBERS: u64 = 1 << (63 - Node::BITS);

const FOLDER: Attributes = Attributes { kind: NodeKind::Folder, size: 0, modified: None, executable: false };

/// A root of folders, each of which is a tree that was put there. A number is used once, so that nothing that
/// is remembered of a tree is taken for another's.
#[derive(Default)]
pub struct Shelf {
    trees: RwLock<Trees>,
}

#[derive(Default)]
struct Trees {
    by_number: BTreeMap<u64, Tree>,
    last: u64,
}

#[derive(Clone)]
struct Tree {
    name: Arc<str>,
    files: Arc<dyn Files>,
}

impl Trees {
    fn is_taken(&self, name: &str) -> bool {
        self.by_number.values().any(|tree| &*tree.name == name)
    }
}

/// A node of the shelf.
enum Place {
    Root,
    /// A node of the tree of this number.
    In(u64, Node),
}

impl Place {
    fn of(node: Node) -> Self {
        match node.0 >> Node::BITS {
            0 => Self::Root,
            number => Self::In(number, Node(node.0 & ((1 << Node::BITS) - 1))),
        }
    }
}

fn node(number: u64, inner: Node) -> Node {
    Node(number << Node::BITS | inner.0)
}

impl Shelf {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a tree on it, and says the number that is the name of its folder.
    pub fn put(&self, files: Arc<dyn Files>) -> io::Result<u64> {
        self.put_as(files, None).map(|(number, _)| number)
    }

    /// Puts a tree on it whose folder has this name, or one with a number where that is taken. Says both.
    pub fn put_as(&self, files: Arc<dyn Files>, name: Option<&str>) -> io::Result<(u64, Arc<str>)> {
        let mut trees = self.trees.write().unwrap_or_else(PoisonError::into_inner);
        let number = trees.last + 1;
        if number >= NUMBERS {
            return Err(io::Error::other("Too much was dragged out; start Isoscope again"));
        }
        trees.last = number;
        let name: Arc<str> = match name {
            // What is a number belongs to another tree, or will.
            Some(name) if !trees.is_taken(name) && name.parse::<u64>().is_err() => name.into(),
            Some(name) => format!("{name} ({number})").into(),
            None => number.to_string().into(),
        };
        trees.by_number.insert(number, Tree { name: name.clone(), files });
        Ok((number, name))
    }

    /// Takes a tree away. Who has a file of it open can read on.
    pub fn remove(&self, number: u64) {
        let tree = self.trees.write().unwrap_or_else(PoisonError::into_inner).by_number.remove(&number);
        drop(tree);
    }

    fn tree(&self, number: u64) -> io::Result<Arc<dyn Files>> {
        let trees = self.trees.read().unwrap_or_else(PoisonError::into_inner);
        trees.by_number.get(&number).map(|tree| tree.files.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// What is on it now.
    fn all(&self) -> Vec<(u64, Tree)> {
        let trees = self.trees.read().unwrap_or_else(PoisonError::into_inner);
        trees.by_number.iter().map(|(number, tree)| (*number, tree.clone())).collect()
    }
}

impl Files for Shelf {
    fn attributes(&self, node: Node) -> io::Result<Attributes> {
        match Place::of(node) {
            Place::Root => Ok(FOLDER),
            Place::In(number, inner) => self.tree(number)?.attributes(inner),
        }
    }

    fn list(
        &self,
        folder: Node,
        from: usize,
        each: &mut dyn FnMut(usize, &str, Node, Attributes) -> bool,
    ) -> io::Result<()> {
        match Place::of(folder) {
            Place::Root => {
                // Places are numbers: they stay what they are when others come and go.
                for (number, tree) in self.all() {
                    let place = usize::try_from(number).unwrap_or(usize::MAX);
                    if place >= from && !each(place, &tree.name, node(number, Node::ROOT), FOLDER) {
                        break;
                    }
                }
                Ok(())
            }
            Place::In(number, inner) => self
                .tree(number)?
                .list(inner, from, &mut |place, name, inner, known| each(place, name, node(number, inner), known)),
        }
    }

    fn find(&self, folder: Node, name: &str) -> io::Result<Option<(Node, Attributes)>> {
        match Place::of(folder) {
            Place::Root => {
                let trees = self.trees.read().unwrap_or_else(PoisonError::into_inner);
                let found = trees.by_number.iter().find(|(_, tree)| &*tree.name == name);
                Ok(found.map(|(number, _)| (node(*number, Node::ROOT), FOLDER)))
            }
            Place::In(number, inner) => {
                let found = self.tree(number)?.find(inner, name)?;
                Ok(found.map(|(inner, known)| (node(number, inner), known)))
            }
        }
    }

    fn parent(&self, child: Node) -> io::Result<Node> {
        match Place::of(child) {
            Place::Root | Place::In(_, Node::ROOT) => Ok(Node::ROOT),
            Place::In(number, inner) => Ok(node(number, self.tree(number)?.parent(inner)?)),
        }
    }

    fn open(&self, file: Node) -> io::Result<Arc<dyn Contents>> {
        match Place::of(file) {
            Place::Root => Err(io::ErrorKind::IsADirectory.into()),
            Place::In(number, inner) => self.tree(number)?.open(inner),
        }
    }

    fn target(&self, link: Node) -> io::Result<String> {
        match Place::of(link) {
            Place::Root => Err(io::ErrorKind::InvalidInput.into()),
            Place::In(number, inner) => self.tree(number)?.target(inner),
        }
    }

    fn volume_size(&self) -> u64 {
        self.all().iter().fold(0, |sum, (_, tree)| sum.saturating_add(tree.files.volume_size()))
    }

    fn origin_of(&self, node: Node) -> Option<String> {
        match Place::of(node) {
            Place::Root => None,
            Place::In(number, inner) => self.tree(number).ok()?.origin_of(inner),
        }
    }

    fn may_have_origins(&self) -> bool {
        true
    }

    fn is_fixed(&self, folder: Node) -> bool {
        match Place::of(folder) {
            Place::Root => false,
            Place::In(number, inner) => self.tree(number).is_ok_and(|tree| tree.is_fixed(inner)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;
    use crate::extract::plan::Loose;
    use crate::serve::View;

    fn tree(names: &[&str]) -> Arc<dyn Files> {
        let file = |name: &&str| Loose {
            name: (*name).to_owned(),
            size: name.len() as u64,
            source: Arc::new(MemorySource::new(name.as_bytes())),
        };
        Arc::new(View::of_loose(names.iter().map(file).collect()).with_origin(Some(names.concat())))
    }

    fn names(shelf: &Shelf, folder: Node, from: usize) -> Vec<(String, Node)> {
        let mut found = Vec::new();
        let each = &mut |_: usize, name: &str, node, _| {
            found.push((name.to_owned(), node));
            true
        };
        shelf.list(folder, from, each).unwrap();
        found
    }

    #[test]
    fn names_are_unlike_each_other_and_unlike_numbers() {
        let shelf = Shelf::new();
        let names = [Some("disc"), Some("disc"), None, Some("3")];
        let given = names.map(|name| shelf.put_as(tree(&["a"]), name).unwrap().1.to_string());
        assert_eq!(given, ["disc", "disc (2)", "3", "3 (4)"]);
        for name in given {
            assert!(shelf.find(Node::ROOT, &name).unwrap().is_some(), "{name}");
        }
        assert!(shelf.find(Node::ROOT, "1").unwrap().is_none());
    }

    #[test]
    fn trees_stand_side_by_side_and_share_no_nodes() {
        let shelf = Shelf::new();
        let (one, two) = (shelf.put(tree(&["a", "b"])).unwrap(), shelf.put(tree(&["a"])).unwrap());
        let folders = names(&shelf, Node::ROOT, 0);
        assert_eq!(folders.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        let mut nodes = std::collections::BTreeSet::from([Node::ROOT]);
        for (name, folder) in folders {
            assert_eq!(shelf.find(Node::ROOT, &name).unwrap().unwrap().0, folder);
            assert_eq!(shelf.parent(folder).unwrap(), Node::ROOT);
            assert!(nodes.insert(folder) && shelf.is_fixed(folder) && !shelf.is_fixed(Node::ROOT));
            for (name, file) in names(&shelf, folder, 0) {
                assert_eq!(shelf.parent(file).unwrap(), folder);
                assert_eq!(shelf.find(folder, &name).unwrap().unwrap().0, file);
                let mut byte = [0];
                assert_eq!(shelf.open(file).unwrap().read_at(0, &mut byte).unwrap(), 1);
                assert_eq!(byte, name.as_bytes());
                assert!(nodes.insert(file));
            }
        }
        assert_eq!(nodes.len(), 1 + 2 + 3);
        assert_eq!(shelf.volume_size(), 3);
        let folder = shelf.find(Node::ROOT, "1").unwrap().unwrap().0;
        assert_eq!(shelf.origin_of(folder).as_deref(), Some("ab"));
        assert!(shelf.find(Node::ROOT, "01").unwrap().is_none() && shelf.find(Node::ROOT, "3").unwrap().is_none());

        shelf.remove(one);
        assert!(shelf.attributes(folder).is_err() && shelf.find(folder, "a").is_err());
        assert_eq!(names(&shelf, Node::ROOT, 0).len(), 1);
        // A listing that goes on behind what was taken away misses nothing.
        assert_eq!(names(&shelf, Node::ROOT, 2).len(), 1);
        assert!(shelf.put(tree(&["c"])).unwrap() > two);
    }
}
