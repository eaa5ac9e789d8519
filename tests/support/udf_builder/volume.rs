//! Volume descriptors: recognition sequence, anchors, volume descriptor sequence, integrity (ECMA-167 parts 2 and 3).

use super::Disc;
use super::encode::{
    Location, RECORDED, Time, charspec, developer, dstring, extent_ad, long_ad, regid, seal, udf_regid,
};
use super::space::Kind;

/// Where an anchor volume descriptor pointer stands (ECMA-167 3/8.4.2.1, UDF 2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Sector 256.
    At256,
    /// Sector 512: an unclosed write-once disc (UDF 6.10.2).
    At512,
    /// The last sector.
    Last,
    /// 256 sectors before the last.
    BeforeLast,
}

/// Sectors that the parts of the volume were given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    pub(super) main: u32,
    pub(super) reserve: u32,
    /// Where a volume descriptor pointer leads to, from the main and from the reserve sequence.
    pub(super) further: [u32; 2],
    pub(super) integrity: u32,
    pub(super) sparing: [u32; 2],
    pub(super) metadata: [u32; 3],
}

/// Sectors of a volume descriptor sequence.
pub(super) const SEQUENCE: u32 = 16;

/// A volume structure descriptor (ECMA-167 2/9.1).
pub(super) fn structure_descriptor(identifier: &[u8; 5], size: usize) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(identifier);
    bytes.push(1);
    bytes.resize(size, 0);
    bytes
}

impl Disc {
    /// Descriptor version: 2 with NSR02, 3 with NSR03.
    pub(super) fn version(&self) -> u16 {
        if self.revision < 0x200 { 2 } else { 3 }
    }

    fn standard(&self) -> &'static str {
        if self.revision < 0x200 { "+NSR02" } else { "+NSR03" }
    }

    /// A descriptor of 512 bytes, or of more where its tables are longer.
    fn finished(&self, mut body: Vec<u8>, identifier: u16, sector: u32) -> Vec<u8> {
        body.resize(body.len().max(512), 0);
        seal(&mut body, identifier, self.version(), sector);
        body
    }

    /// The anchor for `sector` (3/10.2).
    pub(super) fn anchor(&self, sector: u32, places: &Places) -> Vec<u8> {
        let length = SEQUENCE * self.space.block as u32;
        let mut body = vec![0; 16];
        body.extend(extent_ad(length, places.main));
        body.extend(extent_ad(length, places.reserve));
        self.finished(body, 2, sector)
    }

    /// The descriptors of one sequence, as identifier and bytes behind the tag, in the order in which they stand.
    fn descriptors(&self, places: &Places, partitions: &[(u32, u32)]) -> Vec<(u16, Vec<u8>)> {
        let mut list = vec![(1, self.primary(0)), (4, self.implementation_use(1))];
        for (number, (start, blocks)) in partitions.iter().enumerate() {
            list.push((5, self.partition_descriptor(2, number as u16, *start, *blocks)));
        }
        list.push((6, self.logical_volume(3, places, &self.volume_id, self.set)));
        list.push((7, [4_u32.to_le_bytes(), 0_u32.to_le_bytes()].concat()));
        list.extend(self.further_descriptors.iter().cloned());
        list
    }

    /// The sequence that starts at `sector`, and its continuation where there is one: sector and bytes of each
    /// descriptor.
    pub(super) fn sequence(
        &self,
        places: &Places,
        partitions: &[(u32, u32)],
        reserve: bool,
    ) -> Vec<(u16, u32, Vec<u8>)> {
        let (mut sector, further) =
            if reserve { (places.reserve, places.further[1]) } else { (places.main, places.further[0]) };
        let mut list: Vec<(u16, u32, Vec<u8>)> = Vec::new();
        let mut push = |identifier: u16, body: Vec<u8>, sector: u32| {
            let bytes = self.finished([vec![0; 16], body].concat(), identifier, sector);
            list.push((identifier, sector, bytes));
        };
        for (at, (identifier, body)) in self.descriptors(places, partitions).into_iter().enumerate() {
            if at == 1 && self.pointer {
                let next = extent_ad(SEQUENCE * self.space.block as u32, further);
                push(3, [0_u32.to_le_bytes().to_vec(), next].concat(), sector);
                sector = further;
            }
            push(identifier, body, sector);
            sector += 1;
        }
        push(8, Vec::new(), sector);
        list
    }

    /// Primary volume descriptor (3/10.1).
    fn primary(&self, number: u32) -> Vec<u8> {
        let mut body = number.to_le_bytes().to_vec();
        body.extend(0_u32.to_le_bytes());
        body.extend(dstring(&self.volume_id, 32));
        for value in [1_u16, 1, 2, 2] {
            body.extend(value.to_le_bytes());
        }
        body.extend([1_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat());
        body.extend(dstring(&format!("0123456789abcdef{}", self.volume_id), 128));
        body.extend([charspec(), charspec(), vec![0; 16]].concat());
        body.extend(regid("*Application", &[]));
        body.extend(Time::hour(0).bytes());
        body.extend(developer());
        body.resize(512 - 16, 0);
        body
    }

    /// Implementation use volume descriptor "*UDF LV Info" (3/10.4, UDF 2.2.7).
    fn implementation_use(&self, number: u32) -> Vec<u8> {
        let mut body = number.to_le_bytes().to_vec();
        body.extend(udf_regid("*UDF LV Info", self.revision));
        body.extend(charspec());
        body.extend(dstring(&self.volume_id, 128));
        for line in ["Owner", "Organization", "Contact"] {
            body.extend(dstring(line, 36));
        }
        body.extend(developer());
        body.extend([0; 128]);
        body
    }

    /// Partition descriptor (3/10.5).
    fn partition_descriptor(&self, number: u32, partition: u16, start: u32, blocks: u32) -> Vec<u8> {
        let access = match self.space.kind {
            Kind::Virtual => 2_u32,
            Kind::Sparable => 3,
            _ => 1,
        };
        let mut body = number.to_le_bytes().to_vec();
        body.extend(1_u16.to_le_bytes());
        body.extend(partition.to_le_bytes());
        body.extend(regid(self.standard(), &[]));
        body.extend([0; 128]);
        for value in [access, start, blocks] {
            body.extend(value.to_le_bytes());
        }
        body.extend(developer());
        body
    }

    /// Logical volume descriptor (3/10.6) without its tag; its file set stands at `set`.
    pub(super) fn logical_volume(&self, number: u32, places: &Places, id: &str, set: Location) -> Vec<u8> {
        let maps = self.maps(places);
        let mut body = number.to_le_bytes().to_vec();
        body.extend(charspec());
        body.extend(dstring(id, 128));
        body.extend((self.space.block as u32).to_le_bytes());
        body.extend(regid("*OSTA UDF Compliant", &self.revision.to_le_bytes()));
        body.extend(long_ad(RECORDED, self.space.block as u32, set, 0));
        body.extend((maps.concat().len() as u32).to_le_bytes());
        body.extend((maps.len() as u32).to_le_bytes());
        body.extend(developer());
        body.extend([0; 128]);
        let length = if self.integrity.is_some() { 2 * self.space.block as u32 } else { 0 };
        body.extend(extent_ad(length, places.integrity));
        body.extend(maps.concat());
        body
    }

    /// The partition maps (3/10.7, UDF 2.2.8 to 2.2.10).
    fn maps(&self, places: &Places) -> Vec<Vec<u8>> {
        let type_1 = |partition: u16| [&[1, 6, 1, 0], partition.to_le_bytes().as_slice()].concat();
        let type_2 = |identifier: &str, rest: &[Vec<u8>]| {
            let mut map = vec![2, 64, 0, 0];
            map.extend(udf_regid(identifier, self.revision));
            map.extend([1, 0, 0, 0]);
            map.extend(rest.concat());
            map.resize(64, 0);
            map
        };
        let number = |value: u32| value.to_le_bytes().to_vec();
        let mut maps = match self.space.kind {
            Kind::Physical => vec![type_1(0)],
            Kind::Virtual => vec![type_1(0), type_2("*UDF Virtual Partition", &[])],
            Kind::Sparable => {
                let head = vec![super::PACKET as u8, 0, 2, 0];
                let tables = places.sparing.map(number);
                let rest = [vec![head, number(self.space.block as u32)], tables.to_vec()].concat();
                vec![type_2("*UDF Sparable Partition", &rest)]
            }
            Kind::Metadata => {
                let files = places.metadata.map(number);
                let tail = [number(32), vec![32, 0, u8::from(self.mirror_is_copy)]].concat();
                vec![type_1(0), type_2("*UDF Metadata Partition", &[files.concat(), tail])]
            }
        };
        maps.extend((1..self.space.areas.len()).map(|area| type_1(area as u16)));
        maps
    }

    /// Logical volume integrity descriptor (3/10.10, UDF 2.2.6).
    /// Its tables have a line for each partition map.
    pub(super) fn integrity_descriptor(&self, kind: u32, sector: u32, partitions: &[(u32, u32)]) -> Vec<u8> {
        let mut sizes: Vec<u32> = partitions.iter().map(|(_, blocks)| *blocks).collect();
        match self.space.kind {
            Kind::Virtual => sizes.insert(1, u32::MAX),
            Kind::Metadata => sizes.insert(1, self.space.metadata_map.len() as u32),
            Kind::Physical | Kind::Sparable => {}
        }
        let folders = self.items.iter().filter(|item| item.file_type == super::node::file_type::FOLDER).count() as u32;
        let mut body = vec![0; 16];
        body.extend(Time::hour(5).bytes());
        body.extend(kind.to_le_bytes());
        body.extend([0; 8]);
        body.extend((16 + self.items.len() as u64).to_le_bytes());
        body.extend([0; 24]);
        body.extend((sizes.len() as u32).to_le_bytes());
        body.extend(46_u32.to_le_bytes());
        body.extend(vec![0; 4 * sizes.len()]);
        body.extend(sizes.iter().flat_map(|blocks| blocks.to_le_bytes()));
        body.extend(developer());
        body.extend((self.items.len() as u32 - folders).to_le_bytes());
        body.extend(folders.to_le_bytes());
        for _ in 0..3 {
            body.extend(self.revision.to_le_bytes());
        }
        self.finished(body, 9, sector)
    }

    /// File set descriptor (4/14.1) for the block `at`.
    pub(super) fn file_set(&self, at: Location, root: Location) -> Vec<u8> {
        let mut body = vec![0; 16];
        body.extend(Time::hour(4).bytes());
        for value in [3_u16, 3] {
            body.extend(value.to_le_bytes());
        }
        for value in [1_u32, 1, 0, 0] {
            body.extend(value.to_le_bytes());
        }
        body.extend(charspec());
        body.extend(dstring(&self.volume_id, 128));
        body.extend(charspec());
        body.extend(dstring("Files", 32));
        body.extend([dstring("", 32), dstring("", 32)].concat());
        body.extend(long_ad(RECORDED, self.space.block as u32, root, 0));
        body.extend(regid("*OSTA UDF Compliant", &self.revision.to_le_bytes()));
        self.finished(body, 256, at.block)
    }

    /// Sparing table (UDF 2.2.12): original packet and where it is now.
    pub(super) fn sparing_table(&self, sector: u32, entries: &[(u32, u32)]) -> Vec<u8> {
        let mut body = vec![0; 16];
        body.extend(udf_regid("*UDF Sparing Table", self.revision));
        body.extend((entries.len() as u16).to_le_bytes());
        body.extend([0; 2]);
        body.extend(1_u32.to_le_bytes());
        for (original, mapped) in entries {
            body.extend([original.to_le_bytes(), mapped.to_le_bytes()].concat());
        }
        seal(&mut body, 0, self.version(), sector);
        body
    }

    /// The virtual allocation table as the content of its file, in the form of the disc's revision (UDF 2.2.11; 1.50
    /// 2.2.10); `previous` is the block of the one before.
    pub(super) fn virtual_allocation_table(&self, previous: u32) -> Vec<u8> {
        let entries: Vec<u8> = self.space.vat.iter().flat_map(|block| block.to_le_bytes()).collect();
        if self.revision < 0x200 {
            let trailer = udf_regid("*UDF Virtual Alloc Tbl", self.revision);
            return [entries, trailer, previous.to_le_bytes().to_vec()].concat();
        }
        let folders = self.items.iter().filter(|item| item.file_type == super::node::file_type::FOLDER).count() as u32;
        let mut bytes = [152_u16.to_le_bytes(), 0_u16.to_le_bytes()].concat();
        bytes.extend(dstring(&self.volume_id, 128));
        bytes.extend(previous.to_le_bytes());
        bytes.extend((self.items.len() as u32 - folders).to_le_bytes());
        bytes.extend(folders.to_le_bytes());
        for _ in 0..3 {
            bytes.extend(self.revision.to_le_bytes());
        }
        bytes.extend([0; 2]);
        assert_eq!(bytes.len(), 152);
        bytes.extend(entries);
        bytes
    }
}
