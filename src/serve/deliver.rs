//! Writing what is shown where another program wants it, for systems whose programs promise files instead of reading them.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::disc::limits;
use crate::disc::time::Timestamp;
use crate::extract::{Destination, OriginMark};
use crate::extract::destination::{Finish, Folder, Writer};
use crate::extract::name::Component;
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

    fn write(&self, writer: &mut Writer<'_>, first: Task) -> io::Result<()> {
        let mut waiting = vec![first];
        while let Some(task) = waiting.pop() {
            let attributes = self.files.attributes(task.node)?;
            let name = Component::new(&task.name).ok_or(io::ErrorKind::InvalidFilename)?;
            match attributes.kind {
                NodeKind::File => self.write_file(writer, &task, name, attributes)?,
                NodeKind::Folder if task.depth >= limits::WALK_DEPTH => {
                    return Err(io::Error::other("The folders lie too deep in one another"));
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
                    self.files.list(task.node, 0, &mut each)?;
                }
                NodeKind::Link => {
                    let target = self.files.target(task.node)?;
                    let mut part = writer.create_link(&task.folder, &task.path, &target)?;
                    part.deliver(name, Finish::default())?;
                }
            }
        }
        Ok(())
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
        let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
        let destination = Destination::open(folder)?.marking(self.origin.clone());
        let mut writer = destination.start()?;
        let folder = Arc::new(writer.root()?);
        let first = Task { folder, path: String::new(), name: name.to_owned(), node, depth: 0 };
        self.write(&mut writer, first)?;
        writer.finish()
    }
}
