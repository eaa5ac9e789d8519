//! From a tree to the bytes of an image, and where everything in them stands.

use super::encode::{Location, RECORDED, reseal};
use super::icb::{self, Extent};
use super::node::{Form, Item, Node, ROOT, file_type};
use super::volume::{Anchor, Places, SEQUENCE, structure_descriptor};
use super::{Disc, Kind, PACKET};

/// Where the descriptor of a name stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct TracedName {
    pub(super) folder: Node,
    pub(super) number: usize,
    pub(super) target: Node,
    pub(super) at: Location,
    pub(super) offset: usize,
}

/// Where the last session put things.
#[derive(Debug, Clone, Default)]
pub(super) struct Traces {
    pub(super) entries: Vec<(Node, Location)>,
    pub(super) names: Vec<TracedName>,
    pub(super) allocation: Vec<(Node, Location)>,
    pub(super) indirect: Vec<(Node, Location)>,
    pub(super) vat_table: Option<Location>,
}

/// An image that was built.
#[derive(Debug, Clone)]
pub struct Built {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// Bytes of a block.
    pub block: usize,
    /// Byte offsets of the anchors.
    pub anchors: Vec<usize>,
    /// Byte offset of the logical volume integrity descriptor.
    pub integrity: usize,
    /// Byte offset of the file set descriptor.
    pub set: usize,
    /// Byte offsets of the file entries of all VATs, the oldest first.
    pub vats: Vec<usize>,
    /// Byte offset of the first block of the last VAT, unless it stands in its file entry.
    pub vat_table: Option<usize>,
    /// Byte offsets of both sparing tables.
    pub sparing: [usize; 2],
    /// Byte offsets of the file entries of the metadata file, its mirror and its bitmap.
    pub metadata: [usize; 3],
    /// Byte offsets of the first partition and of those behind it.
    pub partitions: Vec<usize>,
    space: super::space::Space,
    spared: Vec<(u32, u32)>,
    descriptors: Vec<(u16, bool, usize)>,
    traces: Traces,
}

impl Built {
    /// The absolute byte offset of a block.
    pub fn offset(&self, at: Location) -> usize {
        let place = self.space.physical(at);
        let packet = place.block / PACKET * PACKET;
        if let Some((_, mapped)) = self.spared.iter().find(|(original, _)| *original == packet)
            && self.space.kind == Kind::Sparable
        {
            return (mapped + place.block - packet) as usize * self.block;
        }
        self.partitions[self.space.area_of(place.reference)] + place.block as usize * self.block
    }

    /// Byte offset of the file entry of `node`.
    pub fn entry(&self, node: Node) -> usize {
        let found = self.traces.entries.iter().find(|(other, _)| *other == node);
        self.offset(found.expect("every node has an entry").1)
    }

    /// Byte offset of the first file identifier descriptor that names `node`.
    pub fn name(&self, node: Node) -> usize {
        let found = self.traces.names.iter().find(|name| name.target == node && name.number > 0);
        let name = found.expect("the node has a name");
        self.offset(name.at) + name.offset
    }

    /// Byte offset of the descriptor in `folder` that names its parent.
    pub fn parent(&self, folder: Node) -> usize {
        let found = self.traces.names.iter().find(|name| name.folder == folder && name.number == 0);
        let name = found.expect("it is a folder");
        self.offset(name.at) + name.offset
    }

    /// Byte offsets of the allocation extent descriptors of `node`, in order.
    pub fn allocation(&self, node: Node) -> Vec<usize> {
        let found = self.traces.allocation.iter().filter(|(other, _)| *other == node);
        found.map(|(_, at)| self.offset(*at)).collect()
    }

    /// Byte offsets of the indirect entries that lead to the entry of `node`, in order.
    pub fn indirect(&self, node: Node) -> Vec<usize> {
        let found = self.traces.indirect.iter().filter(|(other, _)| *other == node);
        found.map(|(_, at)| self.offset(*at)).collect()
    }

    /// Byte offset of the first volume descriptor with this tag identifier, of the main or of the reserve sequence.
    pub fn descriptor(&self, identifier: u16, reserve: bool) -> usize {
        let found = self.descriptors.iter().find(|(other, which, _)| *other == identifier && *which == reserve);
        found.expect("the volume has such a descriptor").2
    }

    /// Writes over the image from the absolute byte `at` on, whatever stands there.
    pub fn patch(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Changes the field at byte `field` of the descriptor at the absolute byte `at`, which stays sound.
    pub fn rewrite(&mut self, at: usize, field: usize, bytes: &[u8]) {
        self.patch(at + field, bytes);
        reseal(&mut self.bytes[at..]);
    }

    /// The number of 16 bits that stands at the absolute byte `at`.
    pub fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    /// The number of 32 bits that stands at the absolute byte `at`.
    pub fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"))
    }
}

impl Disc {
    /// The image, with everything that was added since the last session.
    pub fn build(&self) -> Built {
        self.clone().finish()
    }

    fn finish(mut self) -> Built {
        let block = self.space.block;
        let mut traces = Traces::default();
        self.lay_out(&mut traces);
        if self.space.kind == Kind::Virtual && self.anchors.contains(&Anchor::BeforeLast) {
            self.space.allocate(0, 257);
        }
        if !self.without_vat {
            self.write_vat(&mut traces);
        }
        if self.space.kind == Kind::Metadata {
            self.write_metadata_files();
        }
        let (mut bytes, first_free) = self.system_area();
        let places = self.places(first_free);
        let mut partitions = Vec::new();
        let mut spared = Vec::new();
        for area in &self.space.areas {
            let from = if self.anchors.contains(&Anchor::At512) { 544 } else { 288 };
            let start = (bytes.len() / block).max(from).next_multiple_of(PACKET as usize);
            bytes.resize(start * block, 0);
            partitions.push((start as u32, (area.len() / block) as u32));
            bytes.extend(area);
        }
        for packet in &self.spared {
            let (start, len) = (partitions[0].0, PACKET as usize * block);
            let from = (start + packet * PACKET) as usize * block;
            bytes.resize(bytes.len().max(from + len).next_multiple_of(len), 0);
            spared.push((packet * PACKET, (bytes.len() / block) as u32));
            bytes.extend_from_within(from..from + len);
            bytes[from..from + len].fill(0xdd);
        }
        let anchors = self.anchor_sectors(&mut bytes);
        for sector in &anchors {
            put(&mut bytes, block, *sector, &self.anchor(*sector, &places));
        }
        let mut descriptors = Vec::new();
        for reserve in [false, true] {
            for (identifier, sector, descriptor) in self.sequence(&places, &partitions, reserve) {
                put(&mut bytes, block, sector, &descriptor);
                descriptors.push((identifier, reserve, sector as usize * block));
            }
        }
        if let Some(kind) = self.integrity {
            put(&mut bytes, block, places.integrity, &self.integrity_descriptor(kind, places.integrity, &partitions));
        }
        if self.space.kind == Kind::Sparable {
            for sector in places.sparing {
                put(&mut bytes, block, sector, &self.sparing_table(sector, &spared));
            }
        }
        bytes.resize(bytes.len() + self.run_out as usize * block, self.run_out_fill);
        let at = |sector: u32| sector as usize * block;
        let first = at(partitions[0].0);
        let mut built = Built {
            bytes,
            block,
            anchors: anchors.into_iter().map(at).collect(),
            integrity: at(places.integrity),
            set: 0,
            vats: self.vats.iter().map(|vat| first + at(*vat)).collect(),
            vat_table: traces.vat_table.map(|table| first + at(table.block)),
            sparing: places.sparing.map(at),
            metadata: self.metadata_files.map(|file| first + at(file)),
            partitions: partitions.iter().map(|(start, _)| at(*start)).collect(),
            space: self.space,
            spared,
            descriptors,
            traces,
        };
        built.set = built.offset(self.set);
        built
    }

    /// The blocks before the volume descriptor sequences, and the first sector that is free for these.
    fn system_area(&self) -> (Vec<u8>, usize) {
        let block = self.space.block;
        let mut bytes = vec![0; 32_768];
        let mut structures = 32_768;
        if let Some(iso) = &self.iso {
            assert_eq!(block, 2048, "bridge discs have blocks of 2048 bytes");
            bytes = iso.build().bytes;
            let terminator = bytes[32_768..].chunks(2048).position(|sector| sector[0] == 255);
            structures += (terminator.expect("the descriptors have an end") + 1) * 2048;
        }
        let standard: &[u8; 5] = if self.revision < 0x200 { b"NSR02" } else { b"NSR03" };
        let size = block.max(2048);
        for identifier in [b"BEA01", standard, b"TEA01"] {
            let end = structures + size;
            bytes.resize(bytes.len().max(end), 0);
            bytes[structures..end].copy_from_slice(&structure_descriptor(identifier, size));
            structures = end;
        }
        let free = bytes.len().div_ceil(block).next_multiple_of(16);
        bytes.resize(257 * block, 0);
        (bytes, free)
    }

    /// Shares out the sectors before the first anchor.
    fn places(&self, first_free: usize) -> Places {
        let first = first_free as u32;
        let places = Places {
            main: first,
            reserve: first + SEQUENCE,
            further: [first + 2 * SEQUENCE, first + 3 * SEQUENCE],
            integrity: first + 4 * SEQUENCE,
            sparing: [first + 5 * SEQUENCE, first + 5 * SEQUENCE + 1],
            metadata: self.metadata_files,
        };
        assert!(places.sparing[1] < 256, "everything stands before the anchor");
        places
    }

    /// The sectors of all anchors. Those at the end are put behind everything that there is.
    fn anchor_sectors(&self, bytes: &mut Vec<u8>) -> Vec<u32> {
        let block = self.space.block;
        let mut sectors = Vec::new();
        let before_last = self.anchors.contains(&Anchor::BeforeLast);
        let mut last = (bytes.len() / block) as u32;
        if before_last {
            // The last block of a closed write-once disc is the VAT's, which stands there already.
            last = if self.space.kind == Kind::Virtual { last - 1 } else { last + 256 };
        }
        for anchor in &self.anchors {
            sectors.push(match anchor {
                Anchor::At256 => 256,
                Anchor::At512 => 512,
                Anchor::Last => last,
                Anchor::BeforeLast => last - 256,
            });
        }
        let end = sectors.iter().max().map_or(0, |sector| (*sector as usize + 1) * block);
        bytes.resize(bytes.len().max(end), 0);
        sectors
    }

    /// Puts the metadata partition into the first one, and writes the three files that describe it (UDF 2.50 2.2.13).
    fn write_metadata_files(&mut self) {
        let block = self.space.block as u32;
        let blocks = self.space.metadata.len() / self.space.block;
        let bitmap = [vec![0; 16], (blocks as u32).to_le_bytes().to_vec()].concat();
        let mut bitmap =
            [bitmap, (blocks.div_ceil(8) as u32).to_le_bytes().to_vec(), vec![0; blocks.div_ceil(8)]].concat();
        super::encode::seal(&mut bitmap, 264, self.version(), 0);
        let main = self.space.place_metadata(self.fragment.min(blocks));
        let main_map = self.space.metadata_map.clone();
        let mirror = if self.mirror_is_copy { self.space.place_metadata(usize::MAX) } else { main.clone() };
        self.space.metadata_map = main_map;
        for (number, file_type) in
            [file_type::METADATA, file_type::METADATA_MIRROR, file_type::METADATA_BITMAP].into_iter().enumerate()
        {
            let at = if number == 0 {
                Location { block: self.metadata_files[0], reference: 0 }
            } else {
                self.space.allocate(0, 1)
            };
            self.metadata_files[number] = at.block;
            let extents = match number {
                0 => main.clone(),
                1 => mirror.clone(),
                _ => vec![(self.blocks(0, &bitmap).block, bitmap.len() as u32)],
            };
            let bytes = self.metadata_file(at, file_type, &extents, block);
            self.space.write(at, &bytes);
        }
    }

    fn metadata_file(&self, at: Location, file_type: u8, extents: &[(u32, u32)], block: u32) -> Vec<u8> {
        let item = Item {
            file_type,
            form: Form::Short,
            extended: true,
            icb: at,
            names: Vec::new(),
            streams: None,
            attributes: Vec::new(),
            ..self.items[ROOT.0].clone()
        };
        let of = |(start, length): &(u32, u32)| Extent {
            kind: RECORDED,
            length: *length,
            at: Location { block: *start, reference: 0 },
        };
        let extents: Vec<_> = extents.iter().map(of).collect();
        let descriptors: Vec<u8> = extents.iter().flat_map(|extent| icb::descriptor(Form::Short, *extent)).collect();
        let facts = icb::Facts {
            block: block as usize,
            version: self.version(),
            at,
            unique: 0,
            links: 0,
            length: extents.iter().map(|extent| u64::from(extent.length)).sum(),
            recorded: extents.iter().map(|extent| u64::from(extent.length.div_ceil(block))).sum(),
            entries: 1,
            attribute_icb: None,
            stream_icb: None,
            attributes: &[],
            descriptors: &descriptors,
        };
        icb::file_entry(&item, &facts)
    }
}

fn put(image: &mut [u8], block: usize, sector: u32, bytes: &[u8]) {
    let start = sector as usize * block;
    image[start..start + bytes.len()].copy_from_slice(bytes);
}
