//! Files that other programs read while they are still in the image: what a mount shows, and what is dragged or copied
//! out of the window.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Names one folder, file or link of a [`Files`], as long as that lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(pub u64);

impl Node {
    /// Bits of the largest number, so that several trees can be shown as one.
    pub const BITS: u32 = 44;

    /// The folder at the top.
    pub const ROOT: Self = Self(1);
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A symbolic link to something inside of the same tree.
    Link,
}

/// What other programs may know of a node before they read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// What it is.
    pub kind: NodeKind,
    /// Bytes that reading gives; for a link those of its target.
    pub size: u64,
    /// Last change.
    pub modified: Option<SystemTime>,
    /// A program may be started from it.
    pub executable: bool,
}

/// A read-only tree of files whose names are safe on every system. Nothing is read before it is asked for; every method
/// may be called by several threads at once.
pub trait Files: Send + Sync {
    /// What `node` is.
    fn attributes(&self, node: Node) -> io::Result<Attributes>;

    /// Calls `each` with the place, name, node and attributes of every entry of `folder` from the place `from` on,
    /// until it answers false. Places are the same at every call, and grow by one from 0 on.
    fn list(
        &self,
        folder: Node,
        from: usize,
        each: &mut dyn FnMut(usize, &str, Node, Attributes) -> bool,
    ) -> io::Result<()>;

    /// The entry of `folder` with this very name.
    fn find(&self, folder: Node, name: &str) -> io::Result<Option<(Node, Attributes)>>;

    /// The folder that holds `node`; the root holds itself.
    fn parent(&self, node: Node) -> io::Result<Node>;

    /// The bytes of a file.
    fn open(&self, file: Node) -> io::Result<Arc<dyn Contents>>;

    /// Where a link leads.
    fn target(&self, link: Node) -> io::Result<String>;

    /// Bytes that the whole of it comes to, for programs that ask for the size of the volume.
    fn volume_size(&self) -> u64;

    /// Where the image was downloaded from, to be handed on to what leaves it (`user.xdg.origin.url`).
    fn origin(&self) -> Option<&str> {
        None
    }

    /// The origin of `node`, where not all have the same.
    fn origin_of(&self, node: Node) -> Option<String> {
        let _ = node;
        self.origin().map(str::to_owned)
    }

    /// False when no node will ever have an origin, so that nobody needs to ask for each.
    fn may_have_origins(&self) -> bool {
        self.origin().is_some()
    }

    /// True when `folder` holds the same entries as long as this lives, so that they can be remembered.
    fn is_fixed(&self, folder: Node) -> bool {
        let _ = folder;
        true
    }
}

/// The bytes of a file that is open.
pub trait Contents: Send + Sync {
    /// Reads up to `buf.len()` bytes from `offset` on and says how many; fewer only at the end. An error means that
    /// these bytes cannot be read, and says nothing of others.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// False when it is known that some bytes cannot be read.
    fn is_whole(&self) -> bool {
        true
    }

    /// Reads as [`read_at`](Self::read_at) does, but gives what stands before bytes that cannot be read; an error means
    /// that not even the first byte can.
    fn read_before_damage(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.read_at(offset, buf)
    }
}

/// Where the items at the top are, for programs that want paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paths {
    /// They are there.
    Ready(Vec<PathBuf>),
    /// They will be there some time after the drop, when the window says so.
    Later(Vec<PathBuf>),
    /// There are none, and need not be: the target reads [`Files`].
    None,
}

/// When files must exist to be dragged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FilesNeeded {
    /// Before the drag begins: targets copy at once after the drop.
    BeforeDrag,
    /// After the drop.
    AfterDrop,
    /// Never: the target reads them out of the image.
    #[default]
    Never,
}

/// Writes items where another program wants them, on whatever thread the target's wish comes.
pub trait Deliver: Send + Sync {
    /// Writes the item `node` with all that is in it as `path`, which does not exist yet and whose folder does. Nothing
    /// stands there before it is complete.
    fn deliver(&self, node: Node, path: &Path) -> io::Result<()>;
}
