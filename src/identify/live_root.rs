//! What the packed file system of a live disc says of itself, which is the system that starts from the disc.

use std::sync::Arc;

use super::claim::Claim;
use super::os_release;
use super::probe::{Probe, told};
use crate::disc::squashfs::SquashFs;
use crate::disc::{Result, Source, text};

/// Bytes of an `os-release` that are read. Real ones have some five hundred.
const OS_RELEASE: usize = 64 << 10;

/// What the first packed file system says that holds an `os-release`.
pub(super) fn claims(probe: &Probe) -> Result<Vec<Claim>> {
    for path in os_release::SQUASHFS_PATHS {
        let Some(file) = probe.open(path)? else { continue };
        if let Some((inside, text)) = read(file)? {
            let mut claims = os_release::claims(&text, path);
            // The file that the disc has is the packed one.
            for claim in &mut claims {
                claim.evidence.says = format!("{inside}: {}", claim.evidence.says);
            }
            return Ok(claims);
        }
    }
    Ok(Vec::new())
}

/// The path of the `os-release` in a packed file system, and its text.
fn read(file: Arc<dyn Source>) -> Result<Option<(&'static str, String)>> {
    let Some(system) = told(SquashFs::open(file))? else { return Ok(None) };
    for path in os_release::PATHS {
        if let Some(text) = told(system.read_file(path, OS_RELEASE))?.flatten() {
            return Ok(Some((path, text::decode(&text))));
        }
    }
    Ok(None)
}
