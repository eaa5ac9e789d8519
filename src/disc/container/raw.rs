//! Raw sectors: all 2352 bytes of each sector, or 2336 or 2448, of which 2048 are data (ECMA-130 §14).

use std::sync::Arc;

use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_exact;
use crate::disc::{Result, Source};

/// The twelve bytes with which every raw sector begins (ECMA-130 §14.1).
pub const SYNC: [u8; 12] = [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];

/// The data of raw sectors, one after the other.
pub struct RawSectors {
    source: Arc<dyn Source>,
    sector_len: u64,
    data_at: u64,
}

/// Sizes of a sector and where its data starts: mode 1; mode 2 form 1, which has an 8-byte subheader; without sync and
/// header; and with 96 bytes of sub-channel.
const LAYOUTS: [(u64, u64); 5] = [(2352, 16), (2352, 24), (2336, 8), (2448, 16), (2448, 24)];

impl RawSectors {
    /// `source` as data sectors: when a volume descriptor stands where one of the layouts puts it, or when sectors begin
    /// with the sync bytes, whatever file system they hold.
    pub fn detect(source: &Arc<dyn Source>) -> Result<Option<Self>> {
        for (sector_len, data_at) in LAYOUTS {
            let head: [u8; 6] = read_if_there(source, 16 * sector_len + data_at)?;
            if head.get(1..) == Some(b"CD001") {
                return Ok(Some(Self { source: source.clone(), sector_len, data_at }));
            }
        }
        let first: [u8; 16] = read_if_there(source, 0)?;
        // The last byte of the header is the mode (ECMA-130 §14.2).
        let data_at = match first.strip_prefix(&SYNC) {
            Some([.., 1]) => 16,
            Some([.., 2]) => 24,
            _ => return Ok(None),
        };
        for sector_len in [2352, 2448] {
            let second: [u8; 12] = read_if_there(source, sector_len)?;
            if second == SYNC {
                return Ok(Some(Self { source: source.clone(), sector_len, data_at }));
            }
        }
        Ok(None)
    }

    /// Bytes of each raw sector.
    pub fn sector_len(&self) -> u64 {
        self.sector_len
    }
}

/// The bytes at `offset`, or zeros when the source ends before.
fn read_if_there<const N: usize>(source: &Arc<dyn Source>, offset: u64) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    if offset.saturating_add(SECTOR_SIZE) <= source.len() {
        read_exact(source.as_ref(), "raw sector", offset, &mut bytes)?;
    }
    Ok(bytes)
}

impl Source for RawSectors {
    fn len(&self) -> u64 {
        let whole = self.source.len() / self.sector_len;
        let rest = (self.source.len() % self.sector_len).saturating_sub(self.data_at).min(SECTOR_SIZE);
        whole.saturating_mul(SECTOR_SIZE).saturating_add(rest)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(done as u64);
            let inner = at % SECTOR_SIZE;
            let place = (at / SECTOR_SIZE).saturating_mul(self.sector_len).saturating_add(self.data_at + inner);
            let len = usize::try_from(SECTOR_SIZE - inner).unwrap_or(2048).min(rest.len());
            match self.source.read_at(place, rest.get_mut(..len).unwrap_or_default())? {
                0 => break,
                read => done = done.saturating_add(read),
            }
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::source::MemorySource;

    #[test]
    fn data_of_raw_sectors_is_joined() {
        for (sector_len, data_at) in LAYOUTS {
            let [sector_len, data_at] = [sector_len, data_at].map(|bytes| usize::try_from(bytes).unwrap());
            let mut raw = vec![0xee; sector_len * 20];
            for sector in 0..20_u8 {
                let start = usize::from(sector) * sector_len + data_at;
                raw[start..start + 2048].fill(sector);
            }
            raw[16 * sector_len + data_at + 1..][..5].copy_from_slice(b"CD001");
            let source: Arc<dyn Source> = Arc::new(MemorySource::new(raw));
            let data = RawSectors::detect(&source).unwrap().unwrap();
            assert_eq!(data.len(), 20 * 2048);
            let mut buf = [0; 10];
            assert_eq!(data.read_at(2 * 2048 - 5, &mut buf).unwrap(), 10);
            assert_eq!(buf, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
            assert_eq!(data.read_at(20 * 2048 - 1, &mut buf).unwrap(), 1);
        }
    }

    #[test]
    fn sectors_that_begin_with_sync_bytes_are_joined_whatever_they_hold() {
        for (sector_len, mode, data_at) in [(2352, 1, 16), (2448, 1, 16), (2352, 2, 24), (2448, 2, 24)] {
            let mut raw = vec![0xee; sector_len * 20];
            for sector in raw.chunks_exact_mut(sector_len) {
                sector[..12].copy_from_slice(&SYNC);
                sector[15] = mode;
                sector[data_at] = 7;
            }
            let source: Arc<dyn Source> = Arc::new(MemorySource::new(raw));
            let data = RawSectors::detect(&source).unwrap().unwrap();
            assert_eq!((data.sector_len(), data.len()), (sector_len as u64, 20 * 2048));
            let mut buf = [0; 1];
            data.read_at(3 * 2048, &mut buf).unwrap();
            assert_eq!(buf, [7]);
        }
        let audio: Arc<dyn Source> = Arc::new(MemorySource::new(vec![0; 2352 * 20]));
        assert!(RawSectors::detect(&audio).unwrap().is_none());
    }
}
