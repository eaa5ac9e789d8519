//! The partitions of the logical volume, and how their blocks become bytes of the image.

use super::encode::Location;

/// The kind of the partition map that files are reached through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Type 1 (ECMA-167 3/10.7.2).
    Physical,
    /// A virtual partition over a physical one (UDF 2.2.8).
    Virtual,
    /// A sparable partition (UDF 2.2.9).
    Sparable,
    /// A metadata partition over a physical one (UDF 2.50 2.2.10).
    Metadata,
}

/// Blocks of all partitions.
#[derive(Debug, Clone)]
pub(super) struct Space {
    pub(super) block: usize,
    pub(super) kind: Kind,
    /// What a block holds that was never written.
    pub(super) unwritten: u8,
    /// The bytes of each physical partition.
    pub(super) areas: Vec<Vec<u8>>,
    /// Physical block of each virtual one.
    pub(super) vat: Vec<u32>,
    /// The blocks of the metadata partition, which are put into the physical one at the end.
    pub(super) metadata: Vec<u8>,
    /// Physical block of each block of the metadata partition, once it was put there.
    pub(super) metadata_map: Vec<u32>,
}

impl Space {
    pub(super) fn new(block: usize, kind: Kind) -> Self {
        let (vat, metadata, metadata_map) = (Vec::new(), Vec::new(), Vec::new());
        Self { block, kind, unwritten: 0xcc, areas: vec![Vec::new()], vat, metadata, metadata_map }
    }

    /// True when a second map lies over the first partition.
    pub(super) fn has_overlay(&self) -> bool {
        matches!(self.kind, Kind::Virtual | Kind::Metadata)
    }

    /// The physical partition of a reference number that has no overlay.
    pub(super) fn area_of(&self, reference: u16) -> usize {
        usize::from(reference).saturating_sub(usize::from(self.has_overlay()))
    }

    /// Blocks that nothing else uses, one behind the other.
    pub(super) fn allocate(&mut self, reference: u16, blocks: usize) -> Location {
        let len = blocks * self.block;
        let first = match (self.kind, reference) {
            (Kind::Virtual, 1) => {
                let first = self.vat.len();
                for _ in 0..blocks {
                    let physical = self.allocate(0, 1).block;
                    self.vat.push(physical);
                }
                first
            }
            (Kind::Metadata, 1) => {
                let first = self.metadata.len() / self.block;
                self.metadata.resize(self.metadata.len() + len, self.unwritten);
                first
            }
            _ => {
                let block = self.block;
                let (at, unwritten) = (self.area_of(reference), self.unwritten);
                let area = &mut self.areas[at];
                let first = area.len() / block;
                area.resize(area.len() + len, unwritten);
                first
            }
        };
        Location { block: first as u32, reference }
    }

    /// Gives virtual blocks fresh physical ones, as write-once media need it for everything that changes.
    pub(super) fn renew(&mut self, at: Location, blocks: usize) {
        if self.kind == Kind::Virtual && at.reference == 1 {
            for block in at.block as usize..at.block as usize + blocks {
                self.vat[block] = self.allocate(0, 1).block;
            }
        }
    }

    /// The block of the first physical partition, or of another, that holds `at`.
    pub(super) fn physical(&self, at: Location) -> Location {
        match (self.kind, at.reference) {
            (Kind::Virtual, 1) => Location { block: self.vat[at.block as usize], reference: 0 },
            (Kind::Metadata, 1) => Location { block: self.metadata_map[at.block as usize], reference: 0 },
            _ => at,
        }
    }

    /// Writes over what was allocated.
    pub(super) fn write(&mut self, at: Location, bytes: &[u8]) {
        let size = self.block;
        for (number, piece) in bytes.chunks(size).enumerate() {
            let block = Location { block: at.block + number as u32, ..at };
            let (area, place) = if self.kind == Kind::Metadata && at.reference == 1 {
                (&mut self.metadata, block)
            } else {
                let place = self.physical(block);
                let area = self.area_of(place.reference);
                (&mut self.areas[area], place)
            };
            let start = place.block as usize * size;
            area[start..start + size].fill(0);
            area[start..start + piece.len()].copy_from_slice(piece);
        }
    }

    /// Puts the metadata partition into the physical one, in pieces of `fragment` blocks that stand in reverse order
    /// with a gap before each; gives the extents in the order of the metadata file.
    pub(super) fn place_metadata(&mut self, fragment: usize) -> Vec<(u32, u32)> {
        let blocks = self.metadata.len() / self.block;
        let mut starts: Vec<usize> = (0..blocks).step_by(fragment.max(1)).collect();
        starts.reverse();
        let mut extents = Vec::new();
        self.metadata_map = vec![0; blocks];
        for start in starts {
            let count = fragment.min(blocks - start);
            self.allocate(0, 1);
            let first = self.allocate(0, count);
            let bytes = self.metadata[start * self.block..(start + count) * self.block].to_vec();
            self.write(first, &bytes);
            for number in 0..count {
                self.metadata_map[start + number] = first.block + number as u32;
            }
            extents.push((first.block, (count * self.block) as u32));
        }
        extents.reverse();
        extents
    }
}
