//! What the kernel asks, put to [`Files`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, InitFlags, KernelConfig,
    LockOwner, OpenAccMode, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyStatfs, ReplyXattr, Request,
};

use super::ahead::{OpenFile, ReadAhead};
use crate::platform::files::{Attributes, Files, Node, NodeKind};

/// How long the kernel may remember what never changes.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes of the largest read that the kernel asks for: 256 pages.
const READ: u32 = 1 << 20;

/// Bytes of a block, as [`Filesystem::statfs`] counts them.
const BLOCK: u32 = 4096;

/// The attribute in which browsers note where a file came from.
const ORIGIN: &str = "user.xdg.origin.url";

/// Files that programs have open, by their handles.
#[derive(Clone, Default)]
pub(super) struct OpenFiles(Arc<RwLock<HashMap<u64, Arc<OpenFile>>>>);

impl OpenFiles {
    pub(super) fn count(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn get(&self, handle: FileHandle) -> Option<Arc<OpenFile>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&handle.0).cloned()
    }

    fn insert(&self, handle: u64, file: Arc<OpenFile>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(handle, file);
    }

    fn remove(&self, handle: FileHandle) -> Option<Arc<OpenFile>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&handle.0)
    }
}

impl std::fmt::Debug for OpenFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.count().fmt(f)
    }
}

/// One mounted tree.
pub(super) struct Adapter {
    files: Arc<dyn Files>,
    open: OpenFiles,
    ahead: ReadAhead,
    next: AtomicU64,
    user: (u32, u32),
    /// The time of what has none.
    mounted: SystemTime,
}

impl Adapter {
    pub(super) fn new(files: Arc<dyn Files>, open: OpenFiles, ahead: ReadAhead) -> Self {
        let user = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        Self { files, open, ahead, next: AtomicU64::new(1), user, mounted: SystemTime::now() }
    }

    /// Puts a question to the files. A crash costs one answer, not the thread that others wait for.
    fn ask<T>(&self, question: impl FnOnce(&dyn Files) -> io::Result<T>) -> Result<T, Errno> {
        guarded(|| question(&*self.files))
    }

    fn attributes(&self, node: Node, known: Attributes) -> FileAttr {
        let (kind, perm) = match known.kind {
            // Programs that copy a folder write into their copy, which has the same mode.
            NodeKind::Folder => (FileType::Directory, 0o755),
            NodeKind::File if known.executable => (FileType::RegularFile, 0o755),
            NodeKind::File => (FileType::RegularFile, 0o644),
            NodeKind::Link => (FileType::Symlink, 0o777),
        };
        let time = known.modified.unwrap_or(self.mounted);
        FileAttr {
            ino: INodeNo(node.0),
            size: known.size,
            blocks: known.size.div_ceil(512),
            atime: time,
            mtime: time,
            ctime: time,
            crtime: time,
            kind,
            perm,
            nlink: if known.kind == NodeKind::Folder { 2 } else { 1 },
            uid: self.user.0,
            gid: self.user.1,
            rdev: 0,
            // Programs that copy a file read so many bytes at a time.
            blksize: if known.size >= u64::from(READ) { READ } else { BLOCK },
            flags: 0,
        }
    }

    /// How long what stands in `folder` may be remembered.
    fn time_to_live(&self, folder: Node) -> Duration {
        if self.files.is_fixed(folder) { LONG } else { Duration::ZERO }
    }

    /// What the folder itself and the one above it are to a listing.
    fn dots(&self, folder: Node) -> Result<[(&'static str, Node); 2], Errno> {
        Ok([(".", folder), ("..", self.ask(|files| files.parent(folder))?)])
    }
}

impl Filesystem for Adapter {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let wanted = [
            // A listing brings the attributes along, which saves a question for each entry.
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_CACHE_SYMLINKS,
            InitFlags::FUSE_ASYNC_DIO,
        ];
        for flag in wanted {
            // An older kernel goes without.
            config.add_capabilities(flag).unwrap_or_default();
        }
        // Also the largest read. Those that are refused say what is allowed instead.
        if let Err(most) = config.set_max_write(READ) {
            config.set_max_write(most).unwrap_or_default();
        }
        if let Err(most) = config.set_max_readahead(READ) {
            config.set_max_readahead(most).unwrap_or_default();
        }
        config.set_max_background(64).unwrap_or_default();
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let folder = Node(parent.0);
        // Every name is Unicode.
        let found = name.to_str().map_or(Ok(None), |name| self.ask(|files| files.find(folder, name)));
        match found {
            Ok(Some((node, known))) => {
                let life = self.time_to_live(folder);
                reply.entry_with_ttls(&LONG, &life, &self.attributes(node, known), Generation(0));
            }
            Ok(None) if self.files.is_fixed(folder) => {
                // That there is none may be remembered too.
                let nothing = Attributes { kind: NodeKind::File, size: 0, modified: None, executable: false };
                reply.entry(&LONG, &self.attributes(Node(0), nothing), Generation(0));
            }
            Ok(None) => reply.error(Errno::ENOENT),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        let node = Node(ino.0);
        match self.ask(|files| files.attributes(node)) {
            Ok(known) => reply.attr(&self.time_to_live(node), &self.attributes(node, known)),
            Err(error) => reply.error(error),
        }
    }

    fn readlink(&self, _: &Request, ino: INodeNo, reply: ReplyData) {
        match self.ask(|files| files.target(Node(ino.0))) {
            Ok(target) => reply.data(target.as_bytes()),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        if flags.acc_mode() != OpenAccMode::O_RDONLY {
            return reply.error(Errno::EROFS);
        }
        match self.ask(|files| files.open(Node(ino.0))) {
            Ok(contents) => {
                // What is read through the cache is read by pages, and one page may hold good and missing bytes.
                let flags =
                    if contents.is_whole() { FopenFlags::FOPEN_KEEP_CACHE } else { FopenFlags::FOPEN_DIRECT_IO };
                let handle = self.next.fetch_add(1, Ordering::Relaxed);
                self.open.insert(handle, Arc::new(OpenFile::new(ino, contents)));
                reply.opened(FileHandle(handle), flags | FopenFlags::FOPEN_NOFLUSH);
            }
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        thread_local! {
            /// Kept, as a large buffer is zeroed, page by page, each time that it is made.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        let Some(file) = self.open.get(handle) else { return reply.error(Errno::EBADF) };
        BUFFER.with_borrow_mut(|buffer| {
            let size = size.min(READ) as usize;
            if buffer.len() < size {
                buffer.resize(size, 0);
            }
            let buffer = buffer.get_mut(..size).unwrap_or_default();
            let whole = file.contents.is_whole();
            let read = guarded(|| match whole {
                true => file.contents.read_at(offset, buffer),
                false => file.contents.read_before_damage(offset, buffer),
            });
            match read {
                Ok(read) => {
                    reply.data(buffer.get(..read).unwrap_or_default());
                    if whole {
                        self.ahead.note(&file, offset, offset.saturating_add(read as u64));
                    }
                }
                Err(error) => reply.error(error),
            }
        });
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        let closed = self.open.remove(handle);
        reply.ok();
        if let Some(file) = closed {
            file.close();
        }
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let flags = match self.files.is_fixed(Node(ino.0)) {
            true => FopenFlags::FOPEN_CACHE_DIR | FopenFlags::FOPEN_KEEP_CACHE,
            false => FopenFlags::empty(),
        };
        reply.opened(FileHandle(0), flags);
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let folder = Node(ino.0);
        let listed = self.dots(folder).and_then(|dots| {
            for (at, (name, node)) in (1..).zip(dots).filter(|(at, _)| *at > offset) {
                if reply.add(INodeNo(node.0), at, FileType::Directory, name) {
                    return Ok(());
                }
            }
            self.ask(|files| {
                files.list(folder, place(offset), &mut |place, name, node, known| {
                    let kind = self.attributes(node, known).kind;
                    !reply.add(INodeNo(node.0), place as u64 + 3, kind, name)
                })
            })
        });
        match listed {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(error),
        }
    }

    fn readdirplus(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let folder = Node(ino.0);
        let life = self.time_to_live(folder);
        let listed = self.dots(folder).and_then(|dots| {
            for (at, (name, node)) in (1..).zip(dots).filter(|(at, _)| *at > offset) {
                // The kernel takes no more of these two than their numbers.
                let known = Attributes { kind: NodeKind::Folder, size: 0, modified: None, executable: false };
                if reply.add(INodeNo(node.0), at, name, &life, &self.attributes(node, known), Generation(0)) {
                    return Ok(());
                }
            }
            self.ask(|files| {
                files.list(folder, place(offset), &mut |place, name, node, known| {
                    let attributes = self.attributes(node, known);
                    !reply.add(INodeNo(node.0), place as u64 + 3, name, &life, &attributes, Generation(0))
                })
            })
        });
        match listed {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(error),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        match self.ask(|files| Ok(files.volume_size())) {
            Ok(size) => reply.statfs(size.div_ceil(u64::from(BLOCK)), 0, 0, 0, 0, BLOCK, 255, BLOCK),
            Err(error) => reply.error(error),
        }
    }

    fn getxattr(&self, _: &Request, ino: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        if !self.files.may_have_origins() {
            // Then the kernel never asks again.
            return reply.error(Errno::ENOSYS);
        }
        if name != ORIGIN {
            // Programs that hear that attributes of a kind are not kept at all do not ask for those of the next file.
            let own = name.as_encoded_bytes().starts_with(b"user.");
            return reply.error(if own { Errno::ENODATA } else { Errno::EOPNOTSUPP });
        }
        match self.ask(|files| Ok(files.origin_of(Node(ino.0)))) {
            Ok(Some(origin)) => answer(reply, origin.as_bytes(), size),
            Ok(None) => reply.error(Errno::ENODATA),
            Err(error) => reply.error(error),
        }
    }

    fn listxattr(&self, _: &Request, ino: INodeNo, size: u32, reply: ReplyXattr) {
        if !self.files.may_have_origins() {
            return reply.error(Errno::ENOSYS);
        }
        match self.ask(|files| Ok(files.origin_of(Node(ino.0)).is_some())) {
            Ok(true) => answer(reply, format!("{ORIGIN}\0").as_bytes(), size),
            Ok(false) => answer(reply, b"", size),
            Err(error) => reply.error(error),
        }
    }
}

/// The first entry behind `offset`, at which the kernel goes on: the first two are the folder itself and the one above.
fn place(offset: u64) -> usize {
    usize::try_from(offset.saturating_sub(2)).unwrap_or(usize::MAX)
}

/// The value of an attribute, or only its length where that is asked for.
fn answer(reply: ReplyXattr, value: &[u8], size: u32) {
    match u32::try_from(value.len()) {
        Ok(len) if size == 0 => reply.size(len),
        Ok(len) if len <= size => reply.data(value),
        _ => reply.error(Errno::ERANGE),
    }
}

/// Runs `question`, and makes an error of a crash.
pub(super) fn guarded<T>(question: impl FnOnce() -> io::Result<T>) -> Result<T, Errno> {
    match catch_unwind(AssertUnwindSafe(question)) {
        Ok(answer) => answer.map_err(|error| errno(&error)),
        Err(_) => Err(Errno::EIO),
    }
}

/// What programs are told of an error.
fn errno(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::NotFound => Errno::ENOENT,
        io::ErrorKind::NotADirectory => Errno::ENOTDIR,
        io::ErrorKind::IsADirectory => Errno::EISDIR,
        io::ErrorKind::InvalidInput => Errno::EINVAL,
        io::ErrorKind::Unsupported => Errno::EOPNOTSUPP,
        // Whatever it is that cannot be read, and whatever the system said of the image.
        _ => Errno::EIO,
    }
}
