//! Writing what is shown where another program wants it, for systems whose programs promise files instead of reading them.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::disc::limits;
use crate::disc::time::Timestamp;
use crate::extract::destination::{Finish, Folder, Writer};
use crate::extract::name::Component;
use crate::extract::{Destination, OriginMark};
use crate::platform::files::{Attributes, Deliver, Files, Node, NodeKind};

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Writes items of a tree. Every file gets its name when it is complete; a folder is there before its files are, as when
/// a file manager copies it.
pub struct Delivery {
    files: Arc<dyn Files>,
    origin: Option<OriginMark>,
}

/// Something to write into a folder, which lies at `path` below the destination.
struct Task {
    folder: Arc<Folder>,
    path: String,
    name: String,
    node: Node,
    depth: usize,
}

impl Delivery {
    /// Writes items of `files`, which get the mark `origin` of their image.
    pub fn new(files: Arc<dyn Files>, origin: Option<OriginMark>) -> Self {
        Self { files, origin }
    }

    /// Writes all that can be read; the error says what is missing.
    fn write(&self, writer: &mut Writer<'_>, first: Task) -> io::Result<()> {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let top = first.node;
        let mut waiting = vec![first];
        let mut missing: Option<(u64, String)> = None;
        while let Some(task) = waiting.pop() {
            let Err(error) = self.write_one(writer, &task, &mut waiting) else { continue };
            // Of what was asked for there is nothing, or nothing else can be written either.
            let is_all = matches!(error.kind(), PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull);
            if is_all || task.node == top {
                return Err(error);
            }
            let (count, _) = missing.get_or_insert_with(|| (0, format!("“{}”: {error}", task.name)));
            *count = count.saturating_add(1);
        }
        match missing {
            None => Ok(()),
            Some((1, why)) => Err(io::Error::other(format!("Everything but one item was written: {why}"))),
            Some((count, why)) => {
                Err(io::Error::other(format!("Everything but {count} items was written; the first is {why}")))
            }
        }
    }

    /// Writes what `task` says; what is in a folder is added to `waiting`.
    fn write_one(&self, writer: &mut Writer<'_>, task: &Task, waiting: &mut Vec<Task>) -> io::Result<()> {
        let attributes = self.files.attributes(task.node)?;
        let name = Component::new(&task.name).ok_or(io::ErrorKind::InvalidFilename)?;
        match attributes.kind {
            NodeKind::File => self.write_file(writer, task, name, attributes),
            NodeKind::Folder if task.depth >= limits::WALK_DEPTH => {
                Err(io::Error::other("The folders lie too deep in one another"))
            }
            NodeKind::Folder => {
                let (folder, _) = task.folder.make(name)?;
                let folder = Arc::new(folder);
                let separator = if task.path.is_empty() { "" } else { "/" };
                let path = format!("{}{separator}{}", task.path, task.name);
                let mut each = |_: usize, name: &str, node: Node, _: Attributes| {
                    let (folder, path, name) = (folder.clone(), path.clone(), name.to_owned());
                    waiting.push(Task { folder, path, name, node, depth: task.depth.saturating_add(1) });
                    true
                };
                self.files.list(task.node, 0, &mut each)
            }
            NodeKind::Link => {
                let target = self.files.target(task.node)?;
                let mut part = writer.create_link(&task.folder, &task.path, &target)?;
                part.deliver(name, Finish::default()).map(drop)
            }
        }
    }

    fn write_file(
        &self,
        writer: &mut Writer<'_>,
        task: &Task,
        name: Component<'_>,
        attributes: Attributes,
    ) -> io::Result<()> {
        let contents = self.files.open(task.node)?;
        let mut part = writer.create(&task.folder, &task.path, attributes.executable)?;
        let mut piece = vec![0; PIECE];
        let mut at = 0_u64;
        loop {
            let read = contents.read_at(at, &mut piece)?;
            if read == 0 {
                break;
            }
            part.write_all(piece.get(..read).unwrap_or_default())?;
            at = at.saturating_add(read as u64);
        }
        let modified = attributes.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.and_then(|since| i64::try_from(since.as_secs()).ok());
        let modified = modified.map(|seconds| Timestamp::from_unix(seconds, 0));
        part.deliver(name, Finish { size: attributes.size, modified, ..Finish::default() })?;
        Ok(())
    }
}

impl Deliver for Delivery {
    fn deliver(&self, node: Node, path: &Path) -> io::Result<()> {
        let name = path.file_name().and_then(OsStr::to_str).ok_or(io::ErrorKind::InvalidFilename)?;
        let destination =
            Destination::open(path.parent().ok_or(io::ErrorKind::NotFound)?)?.marking(self.origin.clone());
        let mut writer = destination.start_unseen()?;
        let folder = Arc::new(writer.root()?);
        let first = Task { folder, path: String::new(), name: name.to_owned(), node, depth: 0 };
        let written = self.write(&mut writer, first);
        // Also when something is missing: the others are complete.
        writer.finish()?;
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::files::Contents;

    /// A folder of three files, of which the second cannot be read.
    struct Damaged;

    const FOLDER: Node = Node(2);
    const NAMES: [&str; 3] = ["a", "b", "c"];

    impl Contents for Node {
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            match (self, offset) {
                (Node(4), _) => Err(io::Error::other("It is damaged")),
                (_, 0) => {
                    buf[..4].copy_from_slice(b"good");
                    Ok(4)
                }
                _ => Ok(0),
            }
        }
    }

    impl Files for Damaged {
        fn attributes(&self, node: Node) -> io::Result<Attributes> {
            let kind = if node.0 < 3 { NodeKind::Folder } else { NodeKind::File };
            Ok(Attributes { kind, size: 4, modified: None, executable: false })
        }

        fn list(
            &self,
            _: Node,
            from: usize,
            each: &mut dyn FnMut(usize, &str, Node, Attributes) -> bool,
        ) -> io::Result<()> {
            for (place, name) in NAMES.into_iter().enumerate().skip(from) {
                let node = Node(place as u64 + 3);
                if !each(place, name, node, self.attributes(node)?) {
                    break;
                }
            }
            Ok(())
        }

        fn find(&self, _: Node, _: &str) -> io::Result<Option<(Node, Attributes)>> {
            Ok(None)
        }

        fn parent(&self, _: Node) -> io::Result<Node> {
            Ok(FOLDER)
        }

        fn open(&self, file: Node) -> io::Result<Arc<dyn Contents>> {
            Ok(Arc::new(file))
        }

        fn target(&self, _: Node) -> io::Result<String> {
            Err(io::ErrorKind::NotFound.into())
        }

        fn volume_size(&self) -> u64 {
            0
        }
    }

    #[test]
    fn one_damaged_file_does_not_keep_the_others_back() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("folder 2");
        let delivery = Delivery::new(Arc::new(Damaged), None);
        let error = delivery.deliver(FOLDER, &path).unwrap_err();
        assert_eq!(error.to_string(), "Everything but one item was written: “b”: It is damaged");
        assert_eq!(std::fs::read(path.join("a")).unwrap(), b"good");
        assert_eq!(std::fs::read(path.join("c")).unwrap(), b"good");
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 2);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "no journal stays");
    }

    #[test]
    fn what_alone_was_asked_for_says_itself_what_is_wrong() {
        let place = tempfile::tempdir().unwrap();
        let delivery = Delivery::new(Arc::new(Damaged), None);
        let error = delivery.deliver(Node(4), &place.path().join("b")).unwrap_err();
        assert_eq!(error.to_string(), "It is damaged");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
