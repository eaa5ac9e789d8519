//! Gives every file, folder and file entry its place, and writes them.

use super::build::{TracedName, Traces};
use super::encode::{HOLE, Location, NEXT, NOT_RECORDED, RECORDED};
use super::icb::{self, Extent};
use super::node::{Form, Item, Name, Node, Piece, ROOT, characteristics, file_type};
use super::{Disc, Kind, attributes};

impl Disc {
    /// Writes everything that the tree holds now, and the VAT of a virtual partition: the end of a session.
    pub fn session(&mut self) {
        let mut traces = Traces::default();
        self.lay_out(&mut traces);
        self.write_vat(&mut traces);
    }

    /// Writes all folders and file entries.
    pub(super) fn lay_out(&mut self, traces: &mut Traces) {
        let set = self.file_set(self.set, self.items[ROOT.0].icb);
        self.space.renew(self.set, 1);
        self.space.write(self.set, &set);
        for at in 0..self.items.len() {
            self.space.renew(self.items[at].icb, entry_blocks(&self.items[at]));
        }
        for at in 0..self.items.len() {
            let is_folder = matches!(self.items[at].file_type, file_type::FOLDER | file_type::STREAM_FOLDER);
            let (inline, extents) = if is_folder { self.place_folder(Node(at), traces) } else { self.place_file(at) };
            self.write_entry(Node(at), &inline, &extents, traces);
        }
    }

    /// The data of a file as what stands in its entry, and as its extents.
    fn place_file(&mut self, at: usize) -> (Vec<u8>, Vec<Extent>) {
        let item = self.items[at].clone();
        if item.form == Form::Inline {
            return (item.pieces.iter().flat_map(piece_bytes).collect(), Vec::new());
        }
        if let Some(extents) = item.placed {
            return (Vec::new(), extents);
        }
        let mut extents = Vec::new();
        for piece in &item.pieces {
            match piece {
                Piece::Bytes(bytes) => {
                    extents.extend(self.place(bytes.len(), item.split, item.data_reference));
                    self.write_extents(&extents[..], bytes);
                }
                Piece::NotRecorded(length) => {
                    let blocks = (*length as usize).div_ceil(self.space.block);
                    let at = self.space.allocate(item.data_reference, blocks);
                    extents.push(Extent { kind: NOT_RECORDED, length: *length, at });
                }
                Piece::Hole(length) => {
                    let at = Location { block: 0, reference: 0 };
                    extents.push(Extent { kind: HOLE, length: *length, at });
                }
            }
        }
        self.items[at].placed = Some(extents.clone());
        (Vec::new(), extents)
    }

    /// Writes `bytes` into the last of `extents`, as many as hold them.
    fn write_extents(&mut self, extents: &[Extent], bytes: &[u8]) {
        let mut end = bytes.len();
        for extent in extents.iter().rev() {
            if end == 0 {
                break;
            }
            let start = end - extent.length as usize;
            self.space.write(extent.at, &bytes[start..end]);
            end = start;
        }
    }

    /// Extents for `len` bytes, each of at most `split` blocks with a block of something else behind it.
    fn place(&mut self, len: usize, split: Option<usize>, reference: u16) -> Vec<Extent> {
        let block = self.space.block;
        let most = split.unwrap_or(usize::MAX / block) * block;
        let mut extents = Vec::new();
        let mut left = len;
        while left > 0 {
            let length = left.min(most);
            let at = self.space.allocate(reference, length.div_ceil(block));
            extents.push(Extent { kind: RECORDED, length: length as u32, at });
            if split.is_some() {
                self.space.allocate(reference, 1);
            }
            left -= length;
        }
        extents
    }

    /// The parent's entry of a folder, and the names that it holds.
    fn names(&self, node: Node) -> Vec<Name> {
        let item = &self.items[node.0];
        let parent = Name {
            identifier: Vec::new(),
            characteristics: characteristics::FOLDER | characteristics::PARENT,
            version: 1,
            implementation_use: Vec::new(),
            target: item.parent,
        };
        std::iter::once(parent).chain(item.names.iter().cloned()).collect()
    }

    fn place_folder(&mut self, node: Node, traces: &mut Traces) -> (Vec<u8>, Vec<Extent>) {
        let item = self.items[node.0].clone();
        let names = self.names(node);
        let len = names.iter().map(icb::file_identifier_len).sum();
        let extents = match item.form {
            Form::Inline => Vec::new(),
            _ => self.place(len, item.split, item.data_reference),
        };
        let block = self.space.block;
        let mut bytes = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let inline = (item.icb, bytes.len() + self.inline_offset(node));
            let (at, offset) = place_in(&extents, bytes.len(), block).unwrap_or(inline);
            let target = &self.items[name.target.0];
            let icb = (target.icb, (block * entry_blocks(target)) as u32);
            let unique = if name.target == ROOT { 0 } else { 16 + name.target.0 as u32 };
            traces.names.push(TracedName { folder: node, number, target: name.target, at, offset });
            bytes.extend(icb::file_identifier(name, self.version(), at.block, icb, unique));
        }
        if item.form == Form::Inline {
            return (bytes, Vec::new());
        }
        self.write_extents(&extents, &bytes);
        (Vec::new(), extents)
    }

    /// Bytes of a file entry before its allocation descriptors.
    fn inline_offset(&self, node: Node) -> usize {
        let item = &self.items[node.0];
        let space = attributes::space(&item.attributes, self.version(), item.icb.block);
        if item.extended { 216 + space.len() } else { 176 + space.len() }
    }

    /// Writes the entry of `node`, the extents of allocation descriptors and the indirect entries that belong to it.
    fn write_entry(&mut self, node: Node, inline: &[u8], extents: &[Extent], traces: &mut Traces) {
        let item = self.items[node.0].clone();
        let version = self.version();
        let (mut at, blocks) = (item.icb, entry_blocks(&item));
        assert!(
            item.indirections == 0 || item.names.is_empty() || item.form != Form::Inline,
            "its names lie elsewhere"
        );
        for _ in 0..item.indirections {
            let to = self.space.allocate(item.icb.reference, blocks);
            let mut entry_at = at;
            if item.strategy == 4096 {
                let older = Item { form: Form::Inline, pieces: Vec::new(), ..item.clone() };
                let bytes = self.entry(node, &older, at, b"old", &[]);
                self.space.write(at, &bytes);
                entry_at.block += 1;
            }
            let length = (blocks * self.space.block) as u32;
            let bytes = icb::indirect_entry(item.strategy, version, entry_at, to, length);
            self.space.write(entry_at, &bytes);
            traces.indirect.push((node, entry_at));
            at = to;
        }
        if blocks > 1 {
            // The second entry of the last ICB was never recorded.
            self.space.write(Location { block: at.block + 1, ..at }, &[0]);
        }
        let chain = self.chain(&item, extents, node, traces);
        let bytes = self.entry(node, &item, at, if item.form == Form::Inline { inline } else { &chain }, extents);
        self.space.write(at, &bytes);
        traces.entries.push((node, at));
    }

    fn entry(&self, node: Node, item: &Item, at: Location, descriptors: &[u8], extents: &[Extent]) -> Vec<u8> {
        let space = attributes::space(&item.attributes, self.version(), at.block);
        let length = match item.form {
            Form::Inline => descriptors.len() as u64,
            _ => extents.iter().map(|extent| u64::from(extent.length)).sum(),
        };
        let blocks = |extent: &Extent| u64::from(extent.length).div_ceil(self.space.block as u64);
        let recorded = extents.iter().filter(|extent| extent.kind == RECORDED).map(blocks).sum();
        let facts = icb::Facts {
            block: self.space.block,
            version: self.version(),
            at,
            unique: if node == ROOT { 0 } else { 16 + node.0 as u64 },
            links: self.links(node),
            length,
            recorded,
            entries: if item.strategy == 4096 { 2 } else { 1 },
            attribute_icb: item.attribute_file.map(|file| self.items[file.0].icb),
            stream_icb: item.streams.map(|folder| self.items[folder.0].icb),
            attributes: &space,
            descriptors,
        };
        icb::file_entry(item, &facts)
    }

    /// The allocation descriptors of the entry itself. Those that do not fit are written to further extents.
    fn chain(&mut self, item: &Item, extents: &[Extent], node: Node, traces: &mut Traces) -> Vec<u8> {
        let block = self.space.block;
        let size = icb::descriptor(item.form, Extent { kind: 0, length: 0, at: item.icb }).len();
        if size == 0 {
            return Vec::new();
        }
        let room = (block - self.inline_offset(node)) / size;
        let first = item.descriptors_each.unwrap_or(room);
        if extents.len() <= first.min(room) {
            return extents.iter().flat_map(|extent| icb::descriptor(item.form, *extent)).collect();
        }
        // One descriptor of each extent leads to the next.
        let each = item.descriptors_each.unwrap_or((block - 24) / size - 1);
        let (head, rest) = extents.split_at(item.descriptors_each.unwrap_or(room - 1));
        let elsewhere = self.space.kind == Kind::Virtual && item.form != Form::Short;
        let reference = if elsewhere { 0 } else { item.icb.reference };
        let groups: Vec<_> = rest.chunks(each).collect();
        let places: Vec<_> = groups.iter().map(|_| self.space.allocate(reference, 1)).collect();
        let next = |number: usize| {
            let extent = |at: &Location| Extent { kind: NEXT, length: block as u32, at: *at };
            places.get(number).map(|at| icb::descriptor(item.form, extent(at))).unwrap_or_default()
        };
        for (number, group) in groups.iter().enumerate() {
            let own: Vec<u8> = group.iter().flat_map(|extent| icb::descriptor(item.form, *extent)).collect();
            let before = if number == 0 { item.icb.block } else { places[number - 1].block };
            let all = [own, next(number + 1)].concat();
            let bytes = icb::allocation_extent(self.version(), places[number], before, &all);
            self.space.write(places[number], &bytes);
            traces.allocation.push((node, places[number]));
        }
        let own: Vec<u8> = head.iter().flat_map(|extent| icb::descriptor(item.form, *extent)).collect();
        [own, next(0)].concat()
    }

    /// Writes the virtual allocation table and, as the last block, its file entry.
    pub(super) fn write_vat(&mut self, traces: &mut Traces) {
        if self.space.kind != Kind::Virtual {
            return;
        }
        let table = self.virtual_allocation_table(self.vats.last().copied().unwrap_or(u32::MAX));
        let template = self.items[ROOT.0].clone();
        let room = self.space.block - 176;
        let inline = self.vat_inline && table.len() <= room;
        // In several extents, as recorders leave it that write only what has changed.
        let each = table.len().div_ceil(self.space.block).div_ceil(4);
        let extents = if inline { Vec::new() } else { self.place(table.len(), Some(each), 0) };
        self.write_extents(&extents, &table);
        let at = self.space.allocate(0, 1);
        let file_type = if self.revision < 0x200 { 0 } else { file_type::VAT };
        let form = if inline { Form::Inline } else { Form::Short };
        let item = Item { file_type, form, extended: false, icb: at, names: Vec::new(), ..template };
        let descriptors: Vec<u8> = extents.iter().flat_map(|extent| icb::descriptor(form, *extent)).collect();
        let bytes = self.entry(ROOT, &item, at, if inline { &table } else { &descriptors }, &extents);
        self.space.write(at, &bytes);
        self.vats.push(at.block);
        traces.vat_table = extents.first().map(|extent| extent.at);
    }
}

/// Blocks of an ICB: strategy 4096 keeps an indirect entry beside each direct one.
fn entry_blocks(item: &Item) -> usize {
    if item.strategy == 4096 { 2 } else { 1 }
}

/// The block that holds byte `at` of a file with these extents, and the byte in it.
fn place_in(extents: &[Extent], mut at: usize, block: usize) -> Option<(Location, usize)> {
    for extent in extents {
        if at < extent.length as usize {
            return Some((Location { block: extent.at.block + (at / block) as u32, ..extent.at }, at % block));
        }
        at -= extent.length as usize;
    }
    None
}

fn piece_bytes(piece: &Piece) -> Vec<u8> {
    match piece {
        Piece::Bytes(bytes) => bytes.clone(),
        Piece::NotRecorded(length) | Piece::Hole(length) => vec![0; *length as usize],
    }
}
