//! Sessions of ISO 9660: one set of volume descriptors for each time that the disc was written.

use std::sync::Arc;

use crate::disc::file_system::Session;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::{Diagnostics, Extent, Result, Source, limits, text};

use super::volume::{FIRST_DESCRIPTOR, STANDARD_ID};

/// Blocks that the image should have as of a session that starts at `first_block` and counts `blocks`.
///
/// libisofs and mkisofs count a session's blocks from its own start, others from block 0; a number that ends before
/// the session begins can only be the former. The copy that libisofs keeps at block 16 counts the whole disc.
pub(super) fn declared_blocks(source: &Arc<dyn Source>, first_block: u32, blocks: u32) -> Result<u64> {
    let whole = descriptor_blocks(source, FIRST_DESCRIPTOR)?.unwrap_or(0);
    let own_start = if blocks <= first_block { first_block } else { 0 };
    Ok(u64::from(whole).max(u64::from(own_start) + u64::from(blocks)))
}

/// Blocks looked through for the next session's descriptors behind the end of a volume. Writers pad a session and
/// start the next one at a block that suits the medium: libisofs at the next multiple of 32, mkisofs where it is told.
const SESSION_GAP: u32 = 512;

/// Finds the sessions in a file. The first starts at block 0; each further one is looked for behind the end of the
/// one before, where its volume descriptors stand 16 blocks after its start.
///
/// libisofs keeps a copy of the newest descriptors at block 16, whose volume then covers all sessions, and starts the
/// first real one at block 32: there, the sessions are those that it really wrote. Its volume at block 16 therefore
/// reaches beyond block 32, where a first session of mkisofs that is as short ends.
pub(super) fn find(source: &Arc<dyn Source>, unread: &mut Diagnostics) -> Result<Vec<Session>> {
    let mut sessions = Vec::new();
    let whole = descriptor_blocks(source, FIRST_DESCRIPTOR)?.unwrap_or(0);
    let overwritten = whole > 32 && if_readable(is_session(source, 32), unread)?;
    let mut start = if overwritten { 32 } else { 0 };
    loop {
        let number = u32::try_from(sessions.len()).unwrap_or(u32::MAX).saturating_add(1);
        sessions.push(Session { number, first_block: start, volume_id: String::new() });
        let end = descriptor_blocks(source, start.saturating_add(FIRST_DESCRIPTOR))?.unwrap_or(0);
        // A session's volume counts from its own start for mkisofs and libisofs, from block 0 for others.
        let mut candidates = vec![end, start.saturating_add(end)];
        candidates.retain(|from| *from > start);
        candidates.dedup();
        let next = candidates.into_iter().find_map(|from| next_session(source, from).transpose());
        match if_readable(next.transpose(), unread)? {
            Some(found) if found > start && sessions.len() < limits::SESSIONS => start = found,
            _ => break,
        }
    }
    Ok(sessions)
}

/// What was found, or nothing where it cannot be read: a scratch where another session might be hides none of the others.
fn if_readable<T: Default>(found: Result<T>, unread: &mut Diagnostics) -> Result<T> {
    match found {
        Err(error) if !error.is_cancelled() => {
            unread.failure(&error);
            Ok(T::default())
        }
        found => found,
    }
}

/// Volume size in blocks of the primary volume descriptor at `block`, if one stands there.
fn descriptor_blocks(source: &Arc<dyn Source>, block: u32) -> Result<Option<u32>> {
    let bytes = read_up_to(source.as_ref(), Extent::new(u64::from(block) * SECTOR_SIZE, 88))?;
    let is_primary = bytes.first() == Some(&1) && bytes.get(1..6) == Some(STANDARD_ID);
    let blocks = bytes.get(80..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes));
    Ok(blocks.filter(|_| is_primary))
}

/// True when a session starts at `start`: a primary volume descriptor stands 16 blocks on, and its root folder lies
/// where it says, counted from block 0 as in all sessions. An image that is a file of the disc counts from its own start.
fn is_session(source: &Arc<dyn Source>, start: u32) -> Result<bool> {
    let descriptor = u64::from(start.saturating_add(FIRST_DESCRIPTOR)) * SECTOR_SIZE;
    if descriptor_blocks(source, start.saturating_add(FIRST_DESCRIPTOR))?.is_none() {
        return Ok(false);
    }
    let block_at = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    // The block of the root folder stands at byte 158 of the descriptor, and at byte 2 of the folder itself.
    let Some(root) = block_at(&read_up_to(source.as_ref(), Extent::new(descriptor + 158, 4))?) else {
        return Ok(false);
    };
    let itself = block_at(&read_up_to(source.as_ref(), Extent::new(u64::from(root) * SECTOR_SIZE + 2, 4))?);
    Ok(root > start && itself.is_none_or(|itself| itself == root))
}

/// The first session that starts at `from` or up to [`SESSION_GAP`] blocks later.
fn next_session(source: &Arc<dyn Source>, from: u32) -> Result<Option<u32>> {
    let first = from.saturating_add(FIRST_DESCRIPTOR);
    let window = Extent::new(u64::from(first) * SECTOR_SIZE, u64::from(SESSION_GAP) * SECTOR_SIZE);
    if window.inside(source.len()) < SECTOR_SIZE {
        return Ok(None);
    }
    let bytes = read_up_to(source.as_ref(), window)?;
    let is_descriptor = |sector: &[u8]| sector.first() == Some(&1) && sector.get(1..6) == Some(STANDARD_ID);
    let Some(at) = bytes.chunks_exact(2048).position(is_descriptor).and_then(|at| u32::try_from(at).ok()) else {
        return Ok(None);
    };
    let start = from.saturating_add(at);
    Ok(is_session(source, start)?.then_some(start))
}

/// Gives the sessions the names that the disc had as of each.
pub(super) fn name(source: &Arc<dyn Source>, sessions: &mut [Session]) {
    for session in sessions {
        let block = u64::from(session.first_block.saturating_add(FIRST_DESCRIPTOR));
        let id = read_up_to(source.as_ref(), Extent::new(block * SECTOR_SIZE + 40, 32)).unwrap_or_default();
        session.volume_id = text::trim_padding(&text::utf8(&id).text).to_owned();
    }
}
