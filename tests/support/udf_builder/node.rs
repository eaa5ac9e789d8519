//! Files, folders, links and streams before they are laid out.

use super::Disc;
use super::encode::{Location, Time, components, cs0};
use super::{attributes, icb};

/// A file or folder of the disc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(pub(super) usize);

/// The folder at the top.
pub const ROOT: Node = Node(0);

/// File types (ECMA-167 4/14.6.6, UDF 2.3.5.2).
pub mod file_type {
    pub const FOLDER: u8 = 4;
    pub const FILE: u8 = 5;
    pub const BLOCK_DEVICE: u8 = 6;
    pub const CHARACTER_DEVICE: u8 = 7;
    pub const ATTRIBUTES: u8 = 8;
    pub const FIFO: u8 = 9;
    pub const SOCKET: u8 = 10;
    pub const SYMLINK: u8 = 12;
    pub const STREAM_FOLDER: u8 = 13;
    pub const VAT: u8 = 248;
    pub const REAL_TIME: u8 = 249;
    pub const METADATA: u8 = 250;
    pub const METADATA_MIRROR: u8 = 251;
    pub const METADATA_BITMAP: u8 = 252;
}

/// File characteristics of a file identifier descriptor (ECMA-167 4/14.4.3).
pub mod characteristics {
    pub const HIDDEN: u8 = 1;
    pub const FOLDER: u8 = 2;
    pub const DELETED: u8 = 4;
    pub const PARENT: u8 = 8;
    pub const METADATA: u8 = 16;
}

/// How a file entry names its data (ECMA-167 4/14.6.8, bits 0 to 2 of the flags).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `short_ad`: the data lies in the partition of the entry itself.
    Short = 0,
    /// `long_ad`.
    Long = 1,
    /// `ext_ad`.
    Extended = 2,
    /// The data stands where the allocation descriptors would.
    Inline = 3,
}

/// A part of a file's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Recorded bytes.
    Bytes(Vec<u8>),
    /// So many bytes that are allocated and not recorded: they read as zeros, whatever stands there.
    NotRecorded(u32),
    /// So many bytes that are nowhere: they read as zeros.
    Hole(u32),
}

/// A name of a file in a folder: what a file identifier descriptor holds.
#[derive(Debug, Clone)]
pub struct Name {
    /// The compression identifier and the name behind it.
    pub identifier: Vec<u8>,
    /// See [`characteristics`].
    pub characteristics: u8,
    /// File version number: 1.
    pub version: u16,
    /// Implementation use.
    pub implementation_use: Vec<u8>,
    /// What it names.
    pub target: Node,
}

/// What becomes a file entry.
#[derive(Debug, Clone)]
pub struct Item {
    /// See [`file_type`].
    pub file_type: u8,
    /// An extended file entry instead of a file entry.
    pub extended: bool,
    /// How its data is named.
    pub form: Form,
    /// User and group.
    pub owner: (u32, u32),
    /// Permissions, 5 bits for each class (ECMA-167 4/14.9.5).
    pub permissions: u32,
    /// Bits 3 to 15 of the ICB flags.
    pub flags: u16,
    /// Number of names, where it is not to be counted.
    pub links: Option<u16>,
    /// Last access, last change of the data, creation (extended entries only), last change of the attributes.
    pub times: [Time; 4],
    /// The data, unless it is a folder.
    pub pieces: Vec<Piece>,
    /// Most blocks of one extent; other blocks lie between the extents.
    pub split: Option<usize>,
    /// Most allocation descriptors in the entry and in each further extent of them.
    pub descriptors_each: Option<usize>,
    /// Length of the information, where it is not that of the data.
    pub length: Option<u64>,
    /// Extended attributes.
    pub attributes: Vec<Vec<u8>>,
    /// A file that holds further extended attributes.
    pub attribute_file: Option<Node>,
    /// Indirect entries that lead to the entry.
    pub indirections: usize,
    /// The folder's names, in order.
    pub names: Vec<Name>,
    /// The folder of named streams.
    pub streams: Option<Node>,
    /// Partition reference number of the data.
    pub data_reference: u16,
    pub(super) strategy: u16,
    pub(super) parent: Node,
    pub(super) icb: Location,
    pub(super) placed: Option<Vec<icb::Extent>>,
}

impl Disc {
    /// A node that no folder names yet.
    pub fn orphan(&mut self, file_type: u8) -> Node {
        let folder = matches!(file_type, file_type::FOLDER | file_type::STREAM_FOLDER);
        let icb = self.space.allocate(self.icb_reference(), 1);
        let node = Node(self.items.len());
        self.items.push(Item {
            file_type,
            extended: self.extended,
            form: if folder { self.folder_form } else { self.form },
            owner: (1000, 100),
            permissions: icb::permissions(if folder { 0o755 } else { 0o644 }),
            flags: 0,
            links: None,
            times: [Time::hour(3), Time::hour(1), Time::hour(0), Time::hour(2)],
            pieces: Vec::new(),
            split: None,
            descriptors_each: None,
            length: None,
            attributes: Vec::new(),
            attribute_file: None,
            indirections: 0,
            strategy: 4,
            names: Vec::new(),
            streams: None,
            data_reference: if folder { self.folder_reference() } else { 0 },
            parent: node,
            icb,
            placed: None,
        });
        node
    }

    /// What is known of `node`, to be changed.
    pub fn item(&mut self, node: Node) -> &mut Item {
        &mut self.items[node.0]
    }

    /// Gives `node` a name in `folder`.
    pub fn link(&mut self, folder: Node, name: &str, node: Node) -> &mut Name {
        self.link_raw(folder, cs0(name), node)
    }

    /// Gives `node` a name in `folder`, with its compression identifier.
    pub fn link_raw(&mut self, folder: Node, identifier: Vec<u8>, node: Node) -> &mut Name {
        let is_folder = self.items[node.0].file_type == file_type::FOLDER;
        let characteristics = if is_folder { characteristics::FOLDER } else { 0 };
        let names = &mut self.items[folder.0].names;
        names.push(Name { identifier, characteristics, version: 1, implementation_use: Vec::new(), target: node });
        names.last_mut().expect("it was just added")
    }

    /// Adds something of `file_type` with this data.
    pub fn add(&mut self, folder: Node, name: &str, file_type: u8, data: &[u8]) -> Node {
        let node = self.orphan(file_type);
        self.items[node.0].parent = folder;
        if !data.is_empty() {
            self.items[node.0].pieces = vec![Piece::Bytes(data.to_vec())];
        }
        self.link(folder, name, node);
        node
    }

    /// Adds a file.
    pub fn file(&mut self, folder: Node, name: &str, data: &[u8]) -> Node {
        self.add(folder, name, file_type::FILE, data)
    }

    /// Adds a file whose data is named in this form.
    pub fn file_as(&mut self, folder: Node, name: &str, form: Form, data: &[u8]) -> Node {
        let node = self.file(folder, name, data);
        self.set_form(node, form);
        node
    }

    /// Sets the form; short allocation descriptors can only name the partition of the entry itself.
    pub fn set_form(&mut self, node: Node, form: Form) {
        let item = &mut self.items[node.0];
        item.form = form;
        if form == Form::Short {
            item.data_reference = item.icb.reference;
        }
    }

    /// Adds a folder.
    pub fn folder(&mut self, folder: Node, name: &str) -> Node {
        self.add(folder, name, file_type::FOLDER, &[])
    }

    /// Adds a symbolic link; see [`components`].
    pub fn symlink(&mut self, folder: Node, name: &str, target: &str) -> Node {
        self.add(folder, name, file_type::SYMLINK, &components(target))
    }

    /// Adds a device node.
    pub fn device(&mut self, folder: Node, name: &str, file_type: u8, major: u32, minor: u32) -> Node {
        let node = self.add(folder, name, file_type, &[]);
        self.items[node.0].form = Form::Inline;
        self.items[node.0].attributes.push(attributes::device(major, minor));
        node
    }

    /// Adds a named stream to `node`, which must be described by an extended file entry (UDF 3.3.5).
    pub fn stream(&mut self, node: Node, name: &str, data: &[u8]) -> Node {
        let folder = match self.items[node.0].streams {
            Some(folder) => folder,
            None => {
                let folder = self.orphan(file_type::STREAM_FOLDER);
                self.items[folder.0].parent = node;
                self.items[node.0].streams = Some(folder);
                folder
            }
        };
        self.file(folder, name, data)
    }

    /// Describes `node` by strategy 4096, behind so many older versions of it (UDF 2.3.5.1, 6.6): each ICB has a file
    /// entry, and an indirect entry that leads to the next ICB.
    pub fn strategy_4096(&mut self, node: Node, older: usize) {
        let reference = self.items[node.0].icb.reference;
        let icb = self.space.allocate(reference, 2);
        let item = &mut self.items[node.0];
        (item.icb, item.strategy, item.indirections) = (icb, 4096, older);
    }

    /// Removes the name `at` of `folder`, as a later session does.
    pub fn unlink(&mut self, folder: Node, at: usize) {
        self.items[folder.0].names.remove(at);
    }

    /// Gives a file other data, which the next session writes.
    pub fn replace(&mut self, node: Node, data: &[u8]) {
        let item = &mut self.items[node.0];
        item.pieces = vec![Piece::Bytes(data.to_vec())];
        item.placed = None;
    }

    /// How many folders' names and parent entries lead to `node`, for the link count.
    pub(super) fn links(&self, node: Node) -> u16 {
        let names = self.items.iter().flat_map(|item| &item.names).filter(|name| name.target == node).count();
        let parents = self.items[node.0].names.iter();
        let parents = parents.filter(|name| name.characteristics & characteristics::FOLDER != 0).count();
        let own = usize::from(node == ROOT || self.items[node.0].file_type == file_type::STREAM_FOLDER);
        (names + parents + own) as u16
    }
}
