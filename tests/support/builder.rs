//! A maker of ISO 9660 images, good and hostile. Every field can be overridden, and the author knows where it stands.
//!
//! Data is placed at once, so that its block is known for entries that refer to it. Folders, path tables and
//! descriptors are laid out by [`Disc::build`].

use super::susp;

/// Bytes of a block.
pub const BLOCK: usize = 2048;

/// The block of the first piece of data, counted from the start of the session.
const DATA: u32 = 32;

/// 16 bits in both byte orders (ECMA-119 §7.2.3).
pub fn both16(value: u16) -> Vec<u8> {
    [value.to_le_bytes(), value.to_be_bytes()].concat()
}

/// 32 bits in both byte orders (ECMA-119 §7.3.3).
pub fn both32(value: u32) -> Vec<u8> {
    [value.to_le_bytes(), value.to_be_bytes()].concat()
}

/// Big-endian UTF-16, for Joliet.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// A piece of data that was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data {
    /// Its first block.
    pub block: u32,
    /// Length in bytes.
    pub len: u32,
}

/// A file or folder of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node(usize);

/// The root of every tree.
pub const ROOT: Node = Node(0);

/// A system use entry.
#[derive(Debug, Clone)]
pub enum Use {
    /// As it is.
    Bytes(Vec<u8>),
    /// `CL` that names a folder of the same tree.
    Child(Node),
    /// `PL` that names a folder of the same tree.
    Parent(Node),
}

/// Where the extent of a folder lies.
#[derive(Debug, Clone)]
enum Place {
    /// The builder lays it out.
    Own,
    /// It is the extent of another folder.
    Same(Node),
    /// The author placed it.
    At(Data),
}

#[derive(Debug, Clone)]
struct Item {
    parent: Node,
    name: Vec<u8>,
    folder: Option<Place>,
    children: Vec<Node>,
    /// One record for each; a folder has exactly one, which is ignored.
    sections: Vec<Data>,
    flags: u8,
    uses: Vec<Use>,
    dot_uses: Vec<Use>,
    dotdot_uses: Vec<Use>,
    patches: Vec<(usize, Vec<u8>)>,
}

/// One tree of names.
#[derive(Debug, Clone)]
pub struct Tree {
    items: Vec<Item>,
}

/// Where things stand in the image that was built, as absolute byte offsets.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// First byte of each node's (first) directory record; zero for the root.
    pub record: Vec<usize>,
    /// First byte of each folder's extent.
    pub folder: Vec<usize>,
    /// First byte of the volume descriptor.
    pub descriptor: usize,
}

impl Places {
    /// The record of `node`.
    pub fn record(&self, node: Node) -> usize {
        self.record[node.0]
    }

    /// The extent of the folder `node`.
    pub fn folder(&self, node: Node) -> usize {
        self.folder[node.0]
    }
}

/// An image that was built.
#[derive(Debug, Clone)]
pub struct Built {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// Places in the primary tree.
    pub primary: Places,
    /// Places in the Joliet tree.
    pub joliet: Places,
}

impl Built {
    /// Writes `bytes` over the image from the absolute byte `at` on.
    pub fn patch(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

impl Default for Tree {
    fn default() -> Self {
        let root = Item::new(ROOT, b"\0", Some(Place::Own));
        Self { items: vec![root] }
    }
}

impl Item {
    fn new(parent: Node, name: &[u8], folder: Option<Place>) -> Self {
        Self {
            parent,
            name: name.to_vec(),
            flags: if folder.is_some() { 2 } else { 0 },
            folder,
            children: Vec::new(),
            sections: Vec::new(),
            uses: Vec::new(),
            dot_uses: Vec::new(),
            dotdot_uses: Vec::new(),
            patches: Vec::new(),
        }
    }
}

impl Tree {
    fn add(&mut self, item: Item) -> Node {
        let node = Node(self.items.len());
        self.items[item.parent.0].children.push(node);
        self.items.push(item);
        node
    }

    /// Adds a file with one section.
    pub fn file(&mut self, parent: Node, name: &[u8], data: Data) -> Node {
        self.sections(parent, name, &[data])
    }

    /// Adds a file with a directory record for each section (ECMA-119 §6.5.1).
    pub fn sections(&mut self, parent: Node, name: &[u8], sections: &[Data]) -> Node {
        self.add(Item { sections: sections.to_vec(), ..Item::new(parent, name, None) })
    }

    /// Adds a folder.
    pub fn folder(&mut self, parent: Node, name: &[u8]) -> Node {
        self.add(Item::new(parent, name, Some(Place::Own)))
    }

    /// Adds a folder whose extent is that of the folder `target`.
    pub fn folder_like(&mut self, parent: Node, name: &[u8], target: Node) -> Node {
        self.add(Item::new(parent, name, Some(Place::Same(target))))
    }

    /// Adds a folder whose extent is `data`, whatever that holds.
    pub fn folder_at(&mut self, parent: Node, name: &[u8], data: Data) -> Node {
        self.add(Item::new(parent, name, Some(Place::At(data))))
    }

    /// Adds system use entries to the record of `node`.
    pub fn uses(&mut self, node: Node, entries: impl IntoIterator<Item = Vec<u8>>) {
        self.items[node.0].uses.extend(entries.into_iter().map(Use::Bytes));
    }

    /// Adds a system use entry that names a folder.
    pub fn use_folder(&mut self, node: Node, entry: Use) {
        self.items[node.0].uses.push(entry);
    }

    /// Adds system use entries to the record `.` of the folder `node`.
    pub fn dot_uses(&mut self, node: Node, entries: impl IntoIterator<Item = Vec<u8>>) {
        self.items[node.0].dot_uses.extend(entries.into_iter().map(Use::Bytes));
    }

    /// Adds a system use entry to the record `..` of the folder `node`.
    pub fn dotdot_use(&mut self, node: Node, entry: Use) {
        self.items[node.0].dotdot_uses.push(entry);
    }

    /// Sets the file flags (ECMA-119 §9.1.6).
    pub fn flags(&mut self, node: Node, flags: u8) {
        self.items[node.0].flags = flags;
    }

    /// Overwrites bytes of the directory record of `node`, from the byte `at` of the record on.
    pub fn patch(&mut self, node: Node, at: usize, bytes: impl Into<Vec<u8>>) {
        self.items[node.0].patches.push((at, bytes.into()));
    }

    /// The bytes of one record, with the extent `data`.
    fn record(&self, extents: &[Data], name: &[u8], data: Data, flags: u8, uses: &[Use]) -> Vec<u8> {
        let mut record = vec![0; 2];
        record.extend(both32(data.block));
        record.extend(both32(data.len));
        record.extend([124, 2, 10, 11, 3, 21, 0]);
        record.extend([flags, 0, 0]);
        record.extend(both16(1));
        record.push(name.len() as u8);
        record.extend(name);
        if record.len() % 2 == 1 {
            record.push(0);
        }
        for entry in uses {
            match entry {
                Use::Bytes(bytes) => record.extend(bytes),
                Use::Child(node) => record.extend(susp::cl(extents[node.0].block)),
                Use::Parent(node) => record.extend(susp::pl(extents[node.0].block)),
            }
        }
        if record.len() % 2 == 1 {
            record.push(0);
        }
        record[0] = u8::try_from(record.len()).expect("a directory record has at most 255 bytes");
        record
    }

    /// The extent of the folder at `index`, and where in it the record of each child starts. `extents` may still be
    /// unknown: the layout does not depend on them.
    fn extent_of(&self, index: usize, extents: &[Data]) -> (Vec<u8>, Vec<(Node, usize)>) {
        let item = &self.items[index];
        let mut bytes: Vec<u8> = Vec::new();
        let mut append = |record: &[u8]| {
            let left = BLOCK - bytes.len() % BLOCK;
            if record.len() > left {
                bytes.resize(bytes.len() + left, 0);
            }
            bytes.extend(record);
            bytes.len() - record.len()
        };
        append(&self.record(extents, &[0], extents[index], 2, &item.dot_uses));
        append(&self.record(extents, &[1], extents[item.parent.0], 2, &item.dotdot_uses));
        let mut starts = Vec::new();
        for child in &item.children {
            let own = &self.items[child.0];
            let single = [extents[child.0]];
            let sections = if own.folder.is_some() { &single } else { own.sections.as_slice() };
            for (at, data) in sections.iter().enumerate() {
                let flags = own.flags | if at + 1 < sections.len() { 0x80 } else { 0 };
                let mut record = self.record(extents, &own.name, *data, flags, &own.uses);
                for (offset, patch) in &own.patches {
                    record[*offset..offset + patch.len()].copy_from_slice(patch);
                }
                let start = append(&record);
                if at == 0 {
                    starts.push((*child, start));
                }
            }
        }
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        (bytes, starts)
    }

    /// Lays out all folders from `block` on. Gives the bytes, the extents, and the records' places.
    fn lay_out(&self, block: u32) -> (Vec<u8>, Vec<Data>, Places) {
        let mut extents = vec![Data { block: 0, len: 0 }; self.items.len()];
        let mut next = block;
        for (index, item) in self.items.iter().enumerate() {
            match &item.folder {
                Some(Place::Own) => {
                    let len = self.extent_of(index, &extents).0.len() as u32;
                    extents[index] = Data { block: next, len };
                    next += len / BLOCK as u32;
                }
                Some(Place::At(data)) => extents[index] = *data,
                _ => {}
            }
        }
        for (index, item) in self.items.iter().enumerate() {
            if let Some(Place::Same(target)) = &item.folder {
                extents[index] = extents[target.0];
            }
        }
        let mut places = Places { record: vec![0; extents.len()], folder: vec![0; extents.len()], descriptor: 0 };
        let mut bytes = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            places.folder[index] = extents[index].block as usize * BLOCK;
            if matches!(item.folder, Some(Place::Own)) {
                let (extent, starts) = self.extent_of(index, &extents);
                for (child, start) in starts {
                    places.record[child.0] = extents[index].block as usize * BLOCK + start;
                }
                bytes.extend(extent);
            }
        }
        (bytes, extents, places)
    }

    /// The path table (ECMA-119 §6.9), little- or big-endian. At most 65,535 folders are listed.
    fn path_table(&self, extents: &[Data], big: bool) -> Vec<u8> {
        let mut order: Vec<usize> = vec![0];
        let mut parents: Vec<usize> = vec![1];
        let mut at = 0;
        while at < order.len() && order.len() < 65_535 {
            for child in &self.items[order[at]].children {
                if self.items[child.0].folder.is_some() {
                    order.push(child.0);
                    parents.push(at + 1);
                }
            }
            at += 1;
        }
        let mut table = Vec::new();
        for (index, parent) in order.iter().zip(parents) {
            let name = &self.items[*index].name;
            let (block, parent) = (extents[*index].block, parent.min(65_535) as u16);
            table.extend([name.len() as u8, 0]);
            table.extend(if big { block.to_be_bytes() } else { block.to_le_bytes() });
            table.extend(if big { parent.to_be_bytes() } else { parent.to_le_bytes() });
            table.extend(name);
            if name.len() % 2 == 1 {
                table.push(0);
            }
        }
        table
    }
}

/// A disc, or one session of it.
#[derive(Debug, Clone)]
pub struct Disc {
    base: u32,
    data: Vec<u8>,
    /// The tree of the primary volume descriptor.
    pub primary: Tree,
    /// The tree of the Joliet descriptor, with its escape sequence (`%/@`, `%/C` or `%/E`).
    pub joliet: Option<(Tree, [u8; 3])>,
    /// The tree of the enhanced volume descriptor (ISO 9660:1999).
    pub enhanced: Option<Tree>,
    /// Block of the El Torito boot catalogue.
    pub catalogue: Option<u32>,
    /// Volume identifier.
    pub volume_id: String,
}

impl Default for Disc {
    fn default() -> Self {
        Self::at(0)
    }
}

impl Disc {
    /// An empty disc.
    pub fn new() -> Self {
        Self::default()
    }

    /// A session that starts at the block `base`.
    pub fn at(base: u32) -> Self {
        Self {
            base,
            data: Vec::new(),
            primary: Tree::default(),
            joliet: None,
            enhanced: None,
            catalogue: None,
            volume_id: "BUILT".to_owned(),
        }
    }

    /// An empty disc with Rock Ridge: the root has `SP` and `ER`.
    pub fn rock_ridge() -> Self {
        let mut disc = Self::new();
        let area = disc.data(&susp::er("RRIP_1991A"));
        disc.primary.dot_uses(ROOT, [susp::sp(0), susp::px(0o40755, 2, 0, 0, 1), susp::ce(area.block, 0, area.len)]);
        disc
    }

    /// Places `bytes` in blocks of their own.
    pub fn data(&mut self, bytes: &[u8]) -> Data {
        let block = self.base + DATA + (self.data.len() / BLOCK) as u32;
        self.data.extend(bytes);
        self.data.resize(self.data.len().next_multiple_of(BLOCK), 0);
        Data { block, len: bytes.len() as u32 }
    }

    /// Writes over data that was placed before.
    pub fn overwrite(&mut self, data: Data, bytes: &[u8]) {
        let start = (data.block - self.base - DATA) as usize * BLOCK;
        self.data[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// Adds a Rock Ridge file with this name and content to the primary tree.
    pub fn rr_file(&mut self, parent: Node, name: &str, content: &[u8]) -> Node {
        let data = self.data(content);
        let node = self.primary.file(parent, self.short_name(".;1").as_bytes(), data);
        self.primary.uses(node, [susp::px(0o100_644, 1, 1000, 1000, 1)]);
        self.primary.uses(node, susp::long_name(name.as_bytes()));
        node
    }

    /// Adds a Rock Ridge folder to the primary tree.
    pub fn rr_folder(&mut self, parent: Node, name: &str) -> Node {
        let node = self.primary.folder(parent, self.short_name("").as_bytes());
        self.primary.uses(node, [susp::px(0o40755, 2, 1000, 1000, 1)]);
        self.primary.uses(node, susp::long_name(name.as_bytes()));
        node
    }

    /// Adds a Rock Ridge symbolic link to the primary tree.
    pub fn rr_symlink(&mut self, parent: Node, name: &str, target: &str) -> Node {
        let components: Vec<_> = target
            .split('/')
            .map(|component| match component {
                "" => susp::component(8, b""),
                "." => susp::component(2, b""),
                ".." => susp::component(4, b""),
                name => susp::component(0, name.as_bytes()),
            })
            .collect();
        let node = self.primary.file(parent, self.short_name(".;1").as_bytes(), Data { block: 0, len: 0 });
        self.primary.uses(node, [susp::px(0o120_777, 1, 1000, 1000, 1), susp::sl(0, &components)]);
        self.primary.uses(node, susp::long_name(name.as_bytes()));
        node
    }

    /// An ISO 9660 name that no other node has.
    fn short_name(&self, end: &str) -> String {
        format!("N{:07}{end}", self.primary.items.len())
    }

    /// The boot catalogue, placed and named by a boot record.
    pub fn boot_catalogue(&mut self, entries: &[[u8; 32]]) -> Data {
        let data = self.data(&entries.concat());
        self.catalogue = Some(data.block);
        data
    }

    /// The bytes of the disc from block zero on; what lies before the session is zero.
    pub fn build(&self) -> Built {
        let mut bytes = vec![0; (self.base + DATA) as usize * BLOCK];
        bytes.extend(&self.data);
        let mut descriptors: Vec<Vec<u8>> = Vec::new();
        let mut places = Vec::new();
        let joliet = self.joliet.as_ref().map(|(tree, escape)| (tree, 2, 1, *escape));
        let enhanced = self.enhanced.as_ref().map(|tree| (tree, 2, 2, [0; 3]));
        for tree in [Some((&self.primary, 1, 1, [0; 3])), joliet, enhanced] {
            let Some((tree, kind, version, escape)) = tree else {
                places.push(Places::default());
                continue;
            };
            let (folders, extents, mut place) = tree.lay_out((bytes.len() / BLOCK) as u32);
            bytes.extend(folders);
            let tables = [false, true].map(|big| {
                let table = tree.path_table(&extents, big);
                let data = Data { block: (bytes.len() / BLOCK) as u32, len: table.len() as u32 };
                bytes.extend(table);
                bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
                data
            });
            place.descriptor = (self.base as usize + 16 + descriptors.len()) * BLOCK;
            places.push(place);
            let root = tree.record(&extents, &[0], extents[0], 2, &[]);
            descriptors.push(self.descriptor(kind, version, escape, &root, tables));
            if descriptors.len() == 1 && self.catalogue.is_some() {
                descriptors.push(self.boot_record());
            }
        }
        descriptors.push(terminator());
        assert!(descriptors.len() <= DATA as usize - 16);
        let blocks = (bytes.len() / BLOCK) as u32 - self.base;
        for (at, mut descriptor) in descriptors.into_iter().enumerate() {
            if descriptor[0] == 1 || descriptor[0] == 2 {
                descriptor[80..88].copy_from_slice(&both32(blocks));
            }
            let start = (self.base as usize + 16 + at) * BLOCK;
            bytes[start..start + BLOCK].copy_from_slice(&descriptor);
        }
        let mut places = places.into_iter();
        let primary = places.next().unwrap_or_default();
        Built { bytes, primary, joliet: places.next().unwrap_or_default() }
    }

    fn descriptor(&self, kind: u8, version: u8, escape: [u8; 3], root: &[u8], tables: [Data; 2]) -> Vec<u8> {
        let wide = escape[0] != 0;
        let text = |width: usize, text: &str| {
            let (mut bytes, pad) =
                if wide { (utf16(text), vec![0, 0x20]) } else { (text.as_bytes().to_vec(), vec![0x20]) };
            while bytes.len() + pad.len() <= width {
                bytes.extend(&pad);
            }
            bytes.resize(width, 0);
            bytes
        };
        let mut bytes = vec![kind];
        bytes.extend(b"CD001");
        bytes.extend([version, 0]);
        bytes.extend(text(32, "SYSTEM"));
        bytes.extend(text(32, &self.volume_id));
        bytes.resize(88, 0);
        bytes.extend(escape);
        bytes.resize(120, 0);
        bytes.extend(both16(1));
        bytes.extend(both16(1));
        bytes.extend(both16(BLOCK as u16));
        bytes.extend(both32(tables[0].len));
        bytes.extend(tables[0].block.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(tables[1].block.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(&root[..34]);
        bytes.extend(text(128, "SET"));
        for name in ["PUBLISHER", "PREPARER", "APPLICATION"] {
            bytes.extend(text(128, name));
        }
        bytes.extend(text(37, ""));
        bytes.extend(text(37, ""));
        bytes.extend(text(37, ""));
        bytes.extend(b"2024021011032100\0");
        bytes.extend(b"2024021011032100\0");
        bytes.extend(b"0000000000000000\0");
        bytes.extend(b"0000000000000000\0");
        bytes.push(version);
        bytes.resize(BLOCK, 0);
        bytes
    }

    fn boot_record(&self) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(b"CD001\x01EL TORITO SPECIFICATION");
        bytes.resize(71, 0);
        bytes.extend(self.catalogue.unwrap_or_default().to_le_bytes());
        bytes.resize(BLOCK, 0);
        bytes
    }
}

/// The volume descriptor set terminator.
fn terminator() -> Vec<u8> {
    let mut bytes = vec![255];
    bytes.extend(b"CD001\x01");
    bytes.resize(BLOCK, 0);
    bytes
}

/// Puts a further session behind `first`: `session` makes the disc that starts at the block it is given, which is a
/// multiple of 32, as libisofs writes it.
pub fn append_session(first: Vec<u8>, session: impl FnOnce(u32) -> Disc) -> Vec<u8> {
    let base = (first.len() / BLOCK).next_multiple_of(32);
    let mut bytes = session(base as u32).build().bytes;
    bytes[..first.len()].copy_from_slice(&first);
    bytes
}
