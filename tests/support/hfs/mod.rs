//! HFS and HFS+ volumes made record by record, for what no tool at hand makes: fragmented files, hard links, compressed
//! files, extended attributes, wrappers, and whatever damage a test does to them.

mod btree;
pub mod packed;
pub mod specimens;

use std::collections::BTreeMap;

use btree::btree;

/// Bytes of an allocation block.
pub const BLOCK: usize = 512;

/// 2024-02-10 10:03:21, as a moment of HFS+.
pub const MOMENT: u32 = 3_790_404_201;

/// Where a fork lies.
#[derive(Debug, Clone, Default)]
pub struct Fork {
    /// Bytes.
    pub size: u64,
    /// First block and number of blocks of each extent.
    pub extents: Vec<(u32, u32)>,
}

/// What a file has besides its place.
#[derive(Debug, Clone)]
pub struct File {
    /// Data fork.
    pub data: Fork,
    /// Resource fork.
    pub resource: Fork,
    /// Type and creator.
    pub finder: [u8; 8],
    /// The Finder's flags.
    pub finder_flags: u16,
    /// Mode with the kind of file; 0 when there are no permissions.
    pub mode: u16,
    /// Flags of the owner.
    pub owner_flags: u8,
    /// Number of an inode, link count, or device.
    pub special: u32,
    /// Flags of the record.
    pub flags: u16,
}

impl Default for File {
    fn default() -> Self {
        Self {
            data: Fork::default(),
            resource: Fork::default(),
            finder: *b"TEXTttxt",
            finder_flags: 0,
            mode: 0o100_644,
            owner_flags: 0,
            special: 1,
            flags: 2,
        }
    }
}

/// The formats that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HFS.
    Hfs,
    /// HFS+.
    Plus,
    /// HFSX that tells upper and lower case apart.
    X,
}

/// A key and what stands behind it.
type Records = BTreeMap<(u32, Vec<u16>, u32), (Vec<u8>, Vec<u8>)>;

/// A volume that is being built.
pub struct Volume {
    format: Format,
    node_size: usize,
    data: Vec<u8>,
    catalog: Records,
    overflow: Records,
    attributes: Records,
    next_id: u32,
    name: String,
}

/// Where the nodes of the finished B-trees stand, for tests that damage them.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Byte offset of the catalog.
    pub catalog: usize,
    /// Bytes of its nodes.
    pub node_size: usize,
    /// Number of its nodes.
    pub nodes: usize,
    /// Number of its leaf nodes, which are nodes 1 and on.
    pub leaves: usize,
    /// Byte offset of the extents overflow file.
    pub overflow: usize,
    /// Byte offset of the attributes file.
    pub attributes: usize,
}

fn be16(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap().to_be_bytes()
}

fn be32(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap().to_be_bytes()
}

impl Volume {
    /// A volume called `name` with nothing but its root, number 2.
    pub fn new(format: Format, name: &str) -> Self {
        let node_size = if format == Format::Hfs { 512 } else { 4096 };
        let mut volume = Self {
            format,
            node_size,
            data: Vec::new(),
            catalog: Records::new(),
            overflow: Records::new(),
            attributes: Records::new(),
            next_id: 16,
            name: name.to_owned(),
        };
        volume.folder_with_id(1, name, 2);
        volume
    }

    /// Nodes of another size, so that few records make a tree of several levels.
    pub fn with_node_size(mut self, size: usize) -> Self {
        self.node_size = size;
        self
    }

    fn plus(&self) -> bool {
        self.format != Format::Hfs
    }

    fn first_block(&self) -> usize {
        // Boot blocks and volume header; HFS counts from behind its bitmap.
        if self.plus() { 3 } else { 0 }
    }

    /// Stores `bytes` in one piece.
    pub fn store(&mut self, bytes: &[u8]) -> Fork {
        self.store_in(bytes, 1)
    }

    /// Stores `bytes` in so many pieces, with a block of something else behind each.
    pub fn store_in(&mut self, bytes: &[u8], pieces: usize) -> Fork {
        let blocks = bytes.len().div_ceil(BLOCK);
        let mut fork = Fork { size: bytes.len() as u64, extents: Vec::new() };
        let each = blocks.div_ceil(pieces).max(1);
        for piece in bytes.chunks(each * BLOCK) {
            let first = self.first_block() + self.data.len() / BLOCK;
            let count = piece.len().div_ceil(BLOCK);
            fork.extents.push((u32::try_from(first).unwrap(), u32::try_from(count).unwrap()));
            self.data.extend(piece);
            self.data.resize(self.data.len().next_multiple_of(BLOCK), 0xee);
            if pieces > 1 {
                self.data.resize(self.data.len() + BLOCK, 0xdd);
            }
        }
        fork
    }

    /// Adds a folder and says its number.
    pub fn folder(&mut self, parent: u32, name: &str) -> u32 {
        let id = self.take_id();
        self.folder_with_id(parent, name, id);
        id
    }

    /// Adds a folder with this number, be it there already or not.
    pub fn folder_with_id(&mut self, parent: u32, name: &str, id: u32) {
        let mut record = Vec::new();
        if self.plus() {
            record.extend([0, 1, 0, 0]);
            record.extend([0; 4]);
            record.extend(id.to_be_bytes());
            (0..5).for_each(|_| record.extend(MOMENT.to_be_bytes()));
            record.extend(permissions(0o040_755, 0, 0));
            record.resize(88, 0);
        } else {
            record.extend([1, 0, 0, 0, 0, 0]);
            record.extend(id.to_be_bytes());
            (0..3).for_each(|_| record.extend(MOMENT.to_be_bytes()));
            record.resize(70, 0);
        }
        self.catalog_record(parent, name, record);
        self.thread(if self.plus() { &[0, 3] } else { &[3, 0] }, id, parent, name);
    }

    /// Adds a file and says its number.
    pub fn file(&mut self, parent: u32, name: &str, file: File) -> u32 {
        let id = self.take_id();
        self.file_with_id(parent, name, id, file);
        id
    }

    /// Adds a file with `bytes` as its content.
    pub fn text(&mut self, parent: u32, name: &str, bytes: &[u8]) -> u32 {
        let data = self.store(bytes);
        self.file(parent, name, File { data, ..File::default() })
    }

    /// Adds a file with this number.
    pub fn file_with_id(&mut self, parent: u32, name: &str, id: u32, file: File) {
        let mut record = Vec::new();
        let finder: Vec<u8> = [&file.finder[..], &file.finder_flags.to_be_bytes(), &[0; 6]].concat();
        if self.plus() {
            record.extend([0, 2]);
            record.extend(file.flags.to_be_bytes());
            record.extend([0; 4]);
            record.extend(id.to_be_bytes());
            (0..5).for_each(|_| record.extend(MOMENT.to_be_bytes()));
            record.extend(permissions(file.mode, file.owner_flags, file.special));
            record.extend(finder);
            record.extend([0; 24]);
            record.extend(self.fork(&file.data, id, 0));
            record.extend(self.fork(&file.resource, id, 0xff));
        } else {
            record.extend([2, 0, 0x82, 0]);
            record.extend(finder);
            record.extend(id.to_be_bytes());
            for fork in [&file.data, &file.resource] {
                let blocks: usize = fork.extents.iter().map(|(_, count)| *count as usize).sum();
                let first = fork.extents.first().map_or(0, |(first, _)| *first as usize);
                record.extend(be16(first));
                record.extend(be32(usize::try_from(fork.size).unwrap()));
                record.extend(be32(blocks * BLOCK));
            }
            (0..3).for_each(|_| record.extend(MOMENT.to_be_bytes()));
            record.extend([0; 18]);
            record.extend(self.extents(&file.data, id, 0, 0));
            record.extend(self.extents(&file.resource, id, 0xff, 0));
            record.extend([0; 4]);
        }
        self.catalog_record(parent, name, record);
    }

    /// Adds an entry that is a hard link to the inode with this number.
    pub fn hard_link(&mut self, parent: u32, name: &str, inode: u32) {
        let file = File { finder: *b"hlnkhfs+", special: inode, mode: 0o100_444, flags: 0x22, ..File::default() };
        self.file(parent, name, file);
    }

    /// Adds an entry that is a hard link to the folder with this number.
    pub fn folder_link(&mut self, parent: u32, name: &str, inode: u32) {
        let file = File { finder: *b"fdrpMACS", finder_flags: 0x8000, special: inode, flags: 0x22, ..File::default() };
        self.file(parent, name, file);
    }

    /// Adds any record under any name.
    pub fn catalog_record(&mut self, parent: u32, name: &str, record: Vec<u8>) {
        let (key, order) = self.catalog_key(parent, name);
        self.catalog.insert((parent, order, 0), (key, record));
    }

    /// Adds an extended attribute that stands in its record.
    pub fn attribute(&mut self, id: u32, name: &str, value: &[u8]) {
        let mut record = vec![0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0];
        record.extend(be32(value.len()));
        record.extend(value);
        record.resize(record.len().next_multiple_of(2), 0);
        self.attribute_record(id, name, record);
    }

    /// Adds an extended attribute that has a fork.
    pub fn attribute_fork(&mut self, id: u32, name: &str, fork: &Fork) {
        let mut record = vec![0, 0, 0, 0x20, 0, 0, 0, 0];
        let data = self.fork(fork, id, 0);
        record.extend(data);
        self.attribute_record(id, name, record);
    }

    /// Adds any record of an extended attribute.
    pub fn attribute_record(&mut self, id: u32, name: &str, record: Vec<u8>) {
        let units: Vec<u16> = name.encode_utf16().collect();
        let mut key = be16(12 + units.len() * 2).to_vec();
        key.extend([0, 0]);
        key.extend(id.to_be_bytes());
        key.extend([0; 4]);
        key.extend(be16(units.len()));
        key.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        self.attributes.insert((id, units, 0), (key, record));
    }

    /// The next number that no entry has.
    pub fn take_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }

    fn thread(&mut self, kind: &[u8], id: u32, parent: u32, name: &str) {
        let mut record = kind.to_vec();
        if self.plus() {
            record.extend([0, 0]);
            record.extend(parent.to_be_bytes());
            let units: Vec<u16> = name.encode_utf16().collect();
            record.extend(be16(units.len()));
            record.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        } else {
            record.extend([0; 8]);
            record.extend(parent.to_be_bytes());
            let name = encoding_rs::MACINTOSH.encode(name).0;
            record.push(u8::try_from(name.len()).unwrap());
            record.extend(&*name);
            record.resize(46, 0);
        }
        self.catalog_record(id, "", record);
    }

    /// The key of an entry, and what orders it among those of its folder.
    fn catalog_key(&self, parent: u32, name: &str) -> (Vec<u8>, Vec<u16>) {
        if !self.plus() {
            let name = encoding_rs::MACINTOSH.encode(name).0;
            let mut key = vec![u8::try_from(name.len() + 6).unwrap(), 0];
            key.extend(parent.to_be_bytes());
            key.push(u8::try_from(name.len()).unwrap());
            key.extend(&*name);
            return (key, name.iter().map(|byte| u16::from(byte.to_ascii_lowercase())).collect());
        }
        let units: Vec<u16> = name.encode_utf16().collect();
        let mut key = be16(units.len() * 2 + 6).to_vec();
        key.extend(parent.to_be_bytes());
        key.extend(be16(units.len()));
        key.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        // Without regard to case, and with zeros behind everything, as in Apple's table.
        let fold = |unit: &u16| match char::from_u32(u32::from(*unit)) {
            Some('\0') => 0xffff,
            Some(c) => c.to_lowercase().next().map_or(*unit, |c| c as u32 as u16),
            None => *unit,
        };
        let order = if self.format == Format::X { units } else { units.iter().map(fold).collect() };
        (key, order)
    }

    /// The fork data of HFS+. Extents after the eighth go to the overflow file.
    fn fork(&mut self, fork: &Fork, id: u32, kind: u8) -> Vec<u8> {
        let blocks: usize = fork.extents.iter().map(|(_, count)| *count as usize).sum();
        let mut bytes = fork.size.to_be_bytes().to_vec();
        bytes.extend([0; 4]);
        bytes.extend(be32(blocks));
        bytes.extend(self.extents(fork, id, kind, 0));
        bytes
    }

    /// The first extents from `from` on; the others go to the overflow file.
    fn extents(&mut self, fork: &Fork, id: u32, kind: u8, from: usize) -> Vec<u8> {
        let plus = self.plus();
        let (most, size) = if plus { (8, 8) } else { (3, 4) };
        let mut bytes = Vec::new();
        for (first, count) in fork.extents.iter().skip(from).take(most) {
            match plus {
                true => bytes.extend([first.to_be_bytes(), count.to_be_bytes()].concat()),
                false => bytes.extend([be16(*first as usize), be16(*count as usize)].concat()),
            }
        }
        bytes.resize(most * size, 0);
        if fork.extents.len() > from + most {
            let start: u32 = fork.extents.iter().take(from + most).map(|(_, count)| count).sum();
            let record = self.extents(fork, id, kind, from + most);
            let mut key = Vec::new();
            if plus {
                key.extend([0, 10, kind, 0]);
                key.extend(id.to_be_bytes());
                key.extend(start.to_be_bytes());
            } else {
                key.extend([7, kind]);
                key.extend(id.to_be_bytes());
                key.extend(be16(start as usize));
            }
            self.overflow.insert((id, vec![kind.into()], start), (key, record));
        }
        bytes
    }

    /// The finished volume.
    pub fn build(self) -> Vec<u8> {
        self.build_with_places().0
    }

    /// The finished volume, and where its B-trees stand.
    pub fn build_with_places(mut self) -> (Vec<u8>, Places) {
        let plus = self.plus();
        let padding = if plus { None } else { Some(37) };
        let (files, folders) = self.count();
        let (catalog, leaves) = btree(&self.catalog, self.node_size, padding);
        let (overflow, _) = btree(&self.overflow, self.node_size, if plus { None } else { Some(7) });
        let (attributes, _) = btree(&self.attributes, self.node_size, None);
        let catalog_fork = self.store(&catalog);
        let overflow_fork = self.store(&overflow);
        let attributes_fork = if self.attributes.is_empty() { Fork::default() } else { self.store(&attributes) };
        let bitmap = if plus { self.store(&[0xff; BLOCK]) } else { Fork::default() };
        let mut header = vec![0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        // The bitmap of HFS takes the block in front of the allocation blocks.
        let base = if plus { 0 } else { 4 * BLOCK };
        let blocks = self.first_block() + self.data.len() / BLOCK + if plus { 2 } else { 0 };
        let fork = |fork: &Fork| {
            let mut bytes = fork.size.to_be_bytes().to_vec();
            bytes.extend([0; 4]);
            bytes.extend(fork.extents.iter().map(|(_, count)| count).sum::<u32>().to_be_bytes());
            fork.extents
                .iter()
                .for_each(|(first, count)| bytes.extend([first.to_be_bytes(), count.to_be_bytes()].concat()));
            bytes
        };
        if plus {
            put(0, if self.format == Format::X { b"HX\0\x05" } else { b"H+\0\x04" });
            put(4, &0x8000_0100_u32.to_be_bytes());
            put(8, b"10.0");
            (0..4).for_each(|date| put(16 + date * 4, &MOMENT.to_be_bytes()));
            put(32, &be32(files));
            put(36, &be32(folders - 1));
            put(40, &be32(BLOCK));
            put(44, &be32(blocks));
            put(64, &self.next_id.to_be_bytes());
            put(112, &fork(&bitmap));
            put(192, &fork(&overflow_fork));
            put(272, &fork(&catalog_fork));
            put(352, &fork(&attributes_fork));
        } else {
            let first_small =
                |fork: &Fork| [be16(fork.extents[0].0 as usize), be16(fork.extents[0].1 as usize)].concat();
            put(0, b"BD");
            put(2, &MOMENT.to_be_bytes());
            put(6, &MOMENT.to_be_bytes());
            put(10, &[1, 0]);
            put(14, &be16(3));
            put(18, &be16(blocks));
            put(20, &be32(BLOCK));
            put(24, &be32(BLOCK));
            put(28, &be16(4));
            put(30, &self.next_id.to_be_bytes());
            put(36, &[u8::try_from(self.name.len()).unwrap()]);
            put(37, self.name.as_bytes());
            put(84, &be32(files));
            put(88, &be32(folders - 1));
            put(130, &be32(overflow.len()));
            put(134, &first_small(&overflow_fork));
            put(146, &be32(catalog.len()));
            put(150, &first_small(&catalog_fork));
        }
        let place = |fork: &Fork| fork.extents.first().map_or(0, |(first, _)| base + *first as usize * BLOCK);
        let places = Places {
            catalog: place(&catalog_fork),
            node_size: self.node_size,
            nodes: catalog.len() / self.node_size,
            leaves,
            overflow: place(&overflow_fork),
            attributes: place(&attributes_fork),
        };
        let mut image = vec![0; 2 * BLOCK];
        image.extend(&header);
        if !plus {
            image.extend([0xff; BLOCK]);
        }
        image.extend(&self.data);
        image.extend(header);
        image.extend([0; BLOCK]);
        (image, places)
    }

    fn count(&self) -> (usize, usize) {
        let of_kind = |kind: u8| {
            let at = usize::from(self.plus());
            self.catalog.values().filter(|(_, record)| record.get(at) == Some(&kind)).count()
        };
        (of_kind(2), of_kind(1))
    }
}

fn permissions(mode: u16, owner_flags: u8, special: u32) -> Vec<u8> {
    let mut bytes = [501_u32.to_be_bytes(), 20_u32.to_be_bytes()].concat();
    bytes.extend([0, owner_flags]);
    bytes.extend(mode.to_be_bytes());
    bytes.extend(special.to_be_bytes());
    bytes
}

/// `inner` in the wrapper that makes old Macintoshes see an HFS volume.
pub fn wrapped(inner: &[u8]) -> Vec<u8> {
    let mut outer = Volume::new(Format::Hfs, "Wrapper");
    outer.text(2, "Where_have_all_my_files_gone?", b"They are in the HFS+ volume inside.\n");
    let embedded = outer.store(inner);
    let (first, count) = embedded.extents[0];
    let mut image = outer.build();
    let len = image.len();
    for at in [2 * BLOCK, len - 2 * BLOCK] {
        image[at + 124..at + 126].copy_from_slice(b"H+");
        image[at + 126..at + 130].copy_from_slice(&[be16(first as usize), be16(count as usize)].concat());
    }
    image
}
