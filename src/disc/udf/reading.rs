//! Reads that one bad block does not spoil.

use crate::disc::source::read_exact;
use crate::disc::{Diagnostics, Result, Source};

/// Fills `target` with the bytes of `structure` at `offset`. Where that fails, reads blocks of `block_size` one by one,
/// and tells which of them are left as zeros.
pub(super) fn read_tolerantly(
    source: &dyn Source,
    offset: u64,
    target: &mut [u8],
    block_size: u64,
    structure: &'static str,
    diagnostics: &mut Diagnostics,
) -> Result<()> {
    match read_exact(source, structure, offset, target) {
        Err(error) if !error.is_cancelled() => {}
        result => return result,
    }
    let block = usize::try_from(block_size).unwrap_or(usize::MAX).max(1);
    for (number, target) in target.chunks_mut(block).enumerate() {
        let offset = offset.saturating_add((number as u64).saturating_mul(block_size));
        match read_exact(source, structure, offset, target) {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                target.fill(0);
                diagnostics.failure(&error);
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disc::Error;

    /// 4096 bytes of ones, of which the second kilobyte cannot be read.
    struct Scratched;

    impl Source for Scratched {
        fn len(&self) -> u64 {
            4096
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize> {
            let end = offset + buf.len() as u64;
            if offset < 2048 && end > 1024 {
                return Err(Error::io("image file", offset, std::io::ErrorKind::InvalidData.into()));
            }
            buf.fill(1);
            Ok(buf.len())
        }
    }

    #[test]
    fn only_the_bad_block_is_lost_and_told() {
        let (mut bytes, mut diagnostics) = ([7; 4096], Diagnostics::default());
        read_tolerantly(&Scratched, 0, &mut bytes, 1024, "test", &mut diagnostics).unwrap();
        assert!(bytes[..1024].iter().chain(&bytes[2048..]).all(|byte| *byte == 1));
        assert!(bytes[1024..2048].iter().all(|byte| *byte == 0));
        assert_eq!(diagnostics.items().len(), 1);
    }
}
