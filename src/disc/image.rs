//! An opened disc image: its sessions, trees and boot images.

use std::sync::Arc;

use super::boot::el_torito::{BootCatalog, BootImage};
use super::iso9660::IsoTree;
use super::iso9660::volume::{DescriptorSet, FIRST_DESCRIPTOR, Flavour, STANDARD_ID, Volume, VolumeDescriptor};
use super::sector::SECTOR_SIZE;
use super::source::read_up_to;
use super::tree::{DetailGroup, FileTree, TreeKind};
use super::{Diagnostics, Error, Extent, Result, Source, detect, limits, text};

/// One of the sessions that were written one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// 1 for the oldest.
    pub number: u32,
    /// Its first block.
    pub first_block: u32,
    /// Name of the disc as of this session.
    pub volume_id: String,
}

/// A disc image of which one session is open. Only descriptors and the root were read.
#[derive(Clone)]
pub struct Image {
    source: Arc<dyn Source>,
    container: &'static str,
    descriptors: Vec<VolumeDescriptor>,
    volume: Volume,
    declared_size: u64,
    trees: Vec<Arc<dyn FileTree>>,
    sessions: Vec<Session>,
    session: u32,
    boot: Option<BootCatalog>,
    diagnostics: Diagnostics,
}

impl Image {
    /// Opens the newest session of an image. [`Error::Unsupported`] says in one sentence what it is when it is no disc
    /// image.
    pub fn open(source: Arc<dyn Source>) -> Result<Self> {
        Self::open_any(source, None)
    }

    /// Opens the session with this number, 1 being the oldest.
    pub fn open_session(source: Arc<dyn Source>, number: u32) -> Result<Self> {
        Self::open_any(source, Some(number))
    }

    fn open_any(source: Arc<dyn Source>, wanted: Option<u32>) -> Result<Self> {
        let detect::Detected { sectors, container } = detect::detect(&source)?;
        let mut unread = Diagnostics::default();
        let mut sessions = find_sessions(&sectors, &mut unread)?;
        let newest = sessions.len();
        let number = wanted.map_or(newest, |number| usize::try_from(number).unwrap_or(usize::MAX));
        let Some(open) = number.checked_sub(1).and_then(|at| sessions.get(at)) else {
            let message = format!("There is no session {number}; the image has {newest}");
            return Err(Error::unsupported("session", 0, message));
        };
        let DescriptorSet { volumes, boot_catalog, mut diagnostics } = DescriptorSet::read(&sectors, open.first_block)?;
        diagnostics.append(unread);
        let main = volumes.iter().find(|volume| volume.flavour == Flavour::Primary).or(volumes.first());
        let Some(main) = main else {
            let offset = u64::from(open.first_block) * SECTOR_SIZE + detect::DESCRIPTORS;
            return Err(Error::damaged("volume descriptor", offset, "The disc has no primary volume descriptor"));
        };
        let volume = main.volume();
        let declared_size = declared_blocks(&sectors, open.first_block, volume.blocks)? * u64::from(volume.block_size);
        let trees = open_trees(&sectors, &volumes, &mut diagnostics)?;
        let boot = boot_catalog.and_then(|(lba, offset)| {
            BootCatalog::read(&sectors, lba, offset, &mut diagnostics)
                .inspect_err(|error| diagnostics.failure(error))
                .ok()
        });
        if declared_size > sectors.len() {
            diagnostics.error(
                "volume descriptor",
                main.offset.saturating_add(80),
                format!(
                    "The image is cut off: it should have {declared_size} bytes, but {} are missing",
                    declared_size - sectors.len()
                ),
            );
        }
        let session = open.number;
        name_sessions(&sectors, &mut sessions);
        Ok(Self {
            source: sectors,
            container,
            descriptors: volumes,
            volume,
            declared_size,
            trees,
            sessions,
            session,
            boot,
            diagnostics,
        })
    }

    /// The disc's bytes in sectors of 2048.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// The shape in which the file holds the sectors.
    pub fn container(&self) -> &'static str {
        self.container
    }

    /// The file systems and extensions that the disc has.
    pub fn formats(&self) -> Vec<&'static str> {
        let mut formats: Vec<&str> = Vec::new();
        for kind in [TreeKind::Iso9660, TreeKind::Iso9660Enhanced, TreeKind::RockRidge, TreeKind::Joliet] {
            if self.tree(kind).is_some() {
                formats.push(kind.label());
            }
        }
        if self.descriptors.iter().any(|volume| volume.xa) {
            formats.push("CD-ROM XA");
        }
        if self.boot.is_some() {
            formats.push("El Torito");
        }
        formats
    }

    /// Bytes that the disc should have, as its volume descriptor says. The image may be shorter or longer.
    pub fn declared_size(&self) -> u64 {
        self.declared_size
    }

    /// Names and dates of the disc.
    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// The trees, the one that tells most first. Never empty.
    pub fn trees(&self) -> &[Arc<dyn FileTree>] {
        &self.trees
    }

    /// The tree that tells most: Rock Ridge before Joliet before ISO 9660:1999 before plain ISO 9660.
    #[expect(clippy::indexing_slicing, reason = "open_trees gives at least one tree or an error")]
    pub fn default_tree(&self) -> &Arc<dyn FileTree> {
        &self.trees[0]
    }

    /// The tree of this kind, if there is one.
    pub fn tree(&self, kind: TreeKind) -> Option<&Arc<dyn FileTree>> {
        self.trees.iter().find(|tree| tree.kind() == kind)
    }

    /// All sessions, the oldest first. Never empty.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// Number of the session that is open.
    pub fn session(&self) -> u32 {
        self.session
    }

    /// The images that El Torito offers for starting a computer.
    pub fn boot_images(&self) -> &[BootImage] {
        self.boot.as_ref().map(|catalog| catalog.images.as_slice()).unwrap_or_default()
    }

    /// What is wrong with the disc as a whole.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The volume descriptors field by field.
    pub fn details(&self) -> Vec<DetailGroup> {
        self.descriptors.iter().map(VolumeDescriptor::details).collect()
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("volume", &self.volume).field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

/// Blocks that the image should have as of a session that starts at `first_block` and counts `blocks`.
///
/// libisofs and mkisofs count a session's blocks from its own start, others from block 0; a number that ends before
/// the session begins can only be the former. The copy that libisofs keeps at block 16 counts the whole disc.
fn declared_blocks(source: &Arc<dyn Source>, first_block: u32, blocks: u32) -> Result<u64> {
    let whole = descriptor_blocks(source, FIRST_DESCRIPTOR)?.unwrap_or(0);
    let own_start = if blocks <= first_block { first_block } else { 0 };
    Ok(u64::from(whole).max(u64::from(own_start) + u64::from(blocks)))
}

/// The trees of a session in the order of preference. One that cannot be read is told and left out.
fn open_trees(
    source: &Arc<dyn Source>,
    volumes: &[VolumeDescriptor],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Arc<dyn FileTree>>> {
    let mut trees: Vec<Arc<dyn FileTree>> = Vec::new();
    let mut failure = None;
    for volume in volumes {
        match IsoTree::new(source.clone(), volume) {
            Ok(tree) => {
                if volume.flavour == Flavour::Primary
                    && let Some(rock_ridge) = tree.rock_ridge(diagnostics)
                {
                    trees.push(Arc::new(rock_ridge));
                }
                trees.push(Arc::new(tree));
            }
            Err(error) => {
                diagnostics.failure(&error);
                failure = Some(error);
            }
        }
    }
    // Joliet names have more characters than any but Rock Ridge's; the enhanced tree has longer names than the plain one.
    let rank = |tree: &Arc<dyn FileTree>| match tree.kind() {
        TreeKind::RockRidge => 0,
        TreeKind::Joliet => 1,
        TreeKind::Iso9660Enhanced => 2,
        TreeKind::Iso9660 => 3,
    };
    trees.sort_by_key(rank);
    match failure {
        Some(error) if trees.is_empty() => Err(error),
        _ => Ok(trees),
    }
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
fn find_sessions(source: &Arc<dyn Source>, unread: &mut Diagnostics) -> Result<Vec<Session>> {
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

fn name_sessions(source: &Arc<dyn Source>, sessions: &mut [Session]) {
    for session in sessions {
        let block = u64::from(session.first_block.saturating_add(FIRST_DESCRIPTOR));
        let id = read_up_to(source.as_ref(), Extent::new(block * SECTOR_SIZE + 40, 32)).unwrap_or_default();
        session.volume_id = text::trim_padding(&text::utf8(&id).text).to_owned();
    }
}
