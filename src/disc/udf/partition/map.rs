//! Partition maps as the logical volume descriptor records them (ECMA-167 3/10.7, OSTA UDF 2.60 §2.2.8 to §2.2.10).

use crate::disc::bytes::Fields;
use crate::disc::{Diagnostics, Result, limits};

use super::super::primitive::EntityId;

const STRUCTURE: &str = "partition map";

/// A partition map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::disc::udf) enum PartitionMap {
    /// Type 1: a partition as it is.
    Physical {
        /// Partition number of its descriptor.
        partition: u16,
    },
    /// A virtual partition.
    Virtual {
        /// Partition number of the partition that holds it.
        partition: u16,
    },
    /// A sparable partition.
    Sparable {
        /// Partition number of its descriptor.
        partition: u16,
        /// Blocks of a packet.
        packet: u16,
        /// Bytes of a sparing table.
        table_size: u32,
        /// Blocks of the volume where the copies of the sparing table are.
        tables: Vec<u32>,
    },
    /// A metadata partition.
    Metadata {
        /// Partition number of the partition that holds it.
        partition: u16,
        /// Block of the metadata file's ICB.
        main: u32,
        /// Block of the mirror file's ICB.
        mirror: u32,
        /// Block of the bitmap file's ICB; `None` when there is none.
        bitmap: Option<u32>,
        /// Blocks in which the metadata file is allocated.
        allocation_unit: u32,
        /// Multiple of blocks at which its extents start.
        alignment_unit: u16,
        /// True when the mirror has its own copy of the data.
        duplicated: bool,
    },
    /// A map that is not known: its type and identifier.
    Unknown(u8, String),
}

impl PartitionMap {
    /// The maps in `bytes`, which stand at the absolute byte `offset`, each with its offset; `count` of them are announced.
    pub(in crate::disc::udf) fn all(
        bytes: &[u8],
        offset: u64,
        count: u32,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(u64, Self)> {
        let mut maps = Vec::new();
        let (mut rest, mut at) = (bytes, offset);
        while maps.len() < usize::try_from(count).unwrap_or(usize::MAX) {
            if maps.len() >= limits::UDF_PARTITIONS {
                let message = format!("There are {count} partition maps; only the first 64 are read");
                diagnostics.error(STRUCTURE, at, message);
                break;
            }
            let map = rest.get(1).map(|len| usize::from(*len)).filter(|len| *len >= 6).and_then(|len| rest.get(..len));
            let Some(map) = map else {
                let message = format!("Of the {count} partition maps that should be here, {} can be read", maps.len());
                diagnostics.error(STRUCTURE, at, message);
                break;
            };
            match Self::parse(&Fields::new(map, at, STRUCTURE)) {
                Ok(found) => maps.push((at, found)),
                Err(error) => {
                    diagnostics.failure(&error);
                    maps.push((at, Self::Unknown(map.first().copied().unwrap_or_default(), String::new())));
                }
            }
            rest = rest.get(map.len()..).unwrap_or_default();
            at = at.saturating_add(map.len() as u64);
        }
        maps
    }

    fn parse(fields: &Fields<'_>) -> Result<Self> {
        let kind = fields.u8(0)?;
        if kind == 1 {
            return Ok(Self::Physical { partition: fields.le16(4)? });
        }
        if kind != 2 {
            return Ok(Self::Unknown(kind, String::new()));
        }
        let entity = EntityId::read(fields, 4)?;
        let partition = fields.le16(38)?;
        if entity.is(b"*UDF Virtual Partition") {
            Ok(Self::Virtual { partition })
        } else if entity.is(b"*UDF Sparable Partition") {
            let copies = usize::from(fields.u8(42)?).min(4);
            let tables = (0..copies).map(|copy| fields.le32(48 + 4 * copy)).collect::<Result<_>>()?;
            Ok(Self::Sparable { partition, packet: fields.le16(40)?, table_size: fields.le32(44)?, tables })
        } else if entity.is(b"*UDF Metadata Partition") {
            Ok(Self::Metadata {
                partition,
                main: fields.le32(40)?,
                mirror: fields.le32(44)?,
                bitmap: Some(fields.le32(48)?).filter(|block| *block != u32::MAX),
                allocation_unit: fields.le32(52)?,
                alignment_unit: fields.le16(56)?,
                duplicated: fields.u8(58)? & 1 != 0,
            })
        } else {
            Ok(Self::Unknown(kind, entity.name()))
        }
    }

    /// Number of the partition descriptor that it refers to.
    pub(in crate::disc::udf) fn partition(&self) -> Option<u16> {
        match self {
            Self::Physical { partition }
            | Self::Virtual { partition }
            | Self::Sparable { partition, .. }
            | Self::Metadata { partition, .. } => Some(*partition),
            Self::Unknown(..) => None,
        }
    }

    /// Its kind in words.
    pub(in crate::disc::udf) fn label(&self) -> &'static str {
        match self {
            Self::Physical { .. } => "physical partition",
            Self::Virtual { .. } => "virtual partition",
            Self::Sparable { .. } => "sparable partition",
            Self::Metadata { .. } => "metadata partition",
            Self::Unknown(..) => "unknown partition map",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_2(name: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..2].copy_from_slice(&[2, 64]);
        bytes[5..5 + name.len()].copy_from_slice(name);
        bytes[38] = 3;
        bytes
    }

    fn all(bytes: &[u8], count: u32) -> (Vec<PartitionMap>, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let maps = PartitionMap::all(bytes, 0, count, &mut diagnostics);
        (maps.into_iter().map(|(_, map)| map).collect(), diagnostics)
    }

    #[test]
    fn maps_of_all_types_are_read() {
        let mut sparable = type_2(b"*UDF Sparable Partition");
        sparable[40] = 32;
        sparable[42] = 200;
        sparable[48] = 9;
        let mut metadata = type_2(b"*UDF Metadata Partition");
        metadata[48..52].fill(0xff);
        metadata[58] = 1;
        let bytes =
            [vec![1, 6, 1, 0, 3, 0], type_2(b"*UDF Virtual Partition"), sparable, metadata, type_2(b"*Other")].concat();
        let (maps, diagnostics) = all(&bytes, 5);
        assert!(diagnostics.is_empty());
        assert_eq!(maps[0], PartitionMap::Physical { partition: 3 });
        assert_eq!(maps[1], PartitionMap::Virtual { partition: 3 });
        let tables = vec![9, 0, 0, 0];
        assert_eq!(maps[2], PartitionMap::Sparable { partition: 3, packet: 32, table_size: 0, tables });
        assert!(matches!(maps[3], PartitionMap::Metadata { bitmap: None, duplicated: true, .. }));
        assert_eq!(maps[4], PartitionMap::Unknown(2, "*Other".to_owned()));
    }

    #[test]
    fn maps_that_are_cut_off_are_told() {
        for bytes in [&[1, 6, 1, 0, 3][..], &[2, 0], &[1], &[]] {
            let (maps, diagnostics) = all(bytes, u32::MAX);
            assert!(maps.is_empty() && !diagnostics.is_empty());
        }
        let (maps, diagnostics) = all(&[1, 6, 1, 0, 3, 0].repeat(100), 100);
        assert_eq!(maps.len(), limits::UDF_PARTITIONS);
        assert!(!diagnostics.is_empty());
    }
}
