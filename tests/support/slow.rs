//! An image on a medium that is slow.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use isoscope::platform::files::{Attributes, Contents, Files, Node, NodeKind};
use isoscope::platform::mount::Mount;

/// The one file of the mount.
const FILE: Node = Node(2);

/// The name that it has there.
const NAME: &str = "disc.iso";

/// A file that gives so many bytes a second to whoever reads it in a mount, so that what reads it takes as long on every
/// machine.
struct Slow {
    file: File,
    size: u64,
    per_second: u64,
}

impl Slow {
    fn attributes(&self) -> Attributes {
        Attributes { kind: NodeKind::File, size: self.size, modified: None, executable: false }
    }
}

/// The image `path`, mounted in the new folder `folder`: where it is, as long as the mount lives.
pub fn slow(path: &Path, folder: &Path, per_second: u64) -> (PathBuf, Mount) {
    std::fs::create_dir(folder).unwrap();
    let file = File::open(path).unwrap();
    let size = file.metadata().unwrap().len();
    let mount = Mount::new(folder, Arc::new(Slow { file, size, per_second }), "slow").unwrap();
    (folder.join(NAME), mount)
}

/// The one that is open.
struct Open(File, u64);

impl Contents for Open {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::thread::sleep(Duration::from_micros(buf.len() as u64 * 1_000_000 / self.1));
        self.0.read_at(buf, offset)
    }

    /// Then neither the kernel nor the mount reads ahead, which would be as good as a faster medium.
    fn is_whole(&self) -> bool {
        false
    }
}

impl Files for Slow {
    fn attributes(&self, node: Node) -> io::Result<Attributes> {
        match node {
            FILE => Ok(self.attributes()),
            _ => Ok(Attributes { kind: NodeKind::Folder, size: 0, ..self.attributes() }),
        }
    }

    fn list(
        &self,
        _: Node,
        from: usize,
        each: &mut dyn FnMut(usize, &str, Node, Attributes) -> bool,
    ) -> io::Result<()> {
        if from == 0 {
            each(0, NAME, FILE, self.attributes());
        }
        Ok(())
    }

    fn find(&self, _: Node, name: &str) -> io::Result<Option<(Node, Attributes)>> {
        Ok((name == NAME).then(|| (FILE, self.attributes())))
    }

    fn parent(&self, _: Node) -> io::Result<Node> {
        Ok(Node::ROOT)
    }

    fn open(&self, _: Node) -> io::Result<Arc<dyn Contents>> {
        Ok(Arc::new(Open(self.file.try_clone()?, self.per_second)))
    }

    fn target(&self, _: Node) -> io::Result<String> {
        Err(io::ErrorKind::InvalidInput.into())
    }

    fn volume_size(&self) -> u64 {
        self.size
    }
}
