//! A checksum tag: one line of text at the beginning of a block.

use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::{Extent, Result, Source};
use crate::verify::reading::md5_of;
use crate::verify::sums::md5_digits;

/// What a tag stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The copy of the newest volume descriptors at block 16.
    Relocated,
    /// The volume descriptors of a session.
    Descriptors,
    /// Its directories.
    Tree,
    /// All of it.
    Session,
}

impl Kind {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Relocated, "libisofs_rlsb32_checksum_tag_v1"),
        (Self::Descriptors, "libisofs_sb_checksum_tag_v1"),
        (Self::Tree, "libisofs_tree_checksum_tag_v1"),
        (Self::Session, "libisofs_checksum_tag_v1"),
    ];

    /// What lies between the tag before it and this one, for people.
    pub(super) fn covers(self) -> &'static str {
        match self {
            Self::Relocated => "the copy of the volume descriptors",
            Self::Descriptors => "the volume descriptors",
            Self::Tree => "the directories",
            Self::Session => "the files",
        }
    }
}

/// A tag as it was read. Its numbers are only claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) kind: Kind,
    /// The block in which it stands.
    pub(super) block: u64,
    /// The block in which it says that it stands.
    pub(super) position: u64,
    /// The first block that it covers.
    pub(super) start: u64,
    /// Blocks that it covers.
    pub(super) size: u64,
    /// The block of the next tag of the session.
    pub(super) next: Option<u64>,
    /// The first block of the newest session.
    pub(super) newest: Option<u64>,
    /// The MD5 of what it covers; `None` when it is not readable.
    pub(super) md5: Option<[u8; 16]>,
    /// True when the line has the checksum that it says it has.
    pub(super) sound: bool,
}

impl Tag {
    /// The tag at the beginning of `block`, if there is one.
    pub(super) fn parse(bytes: &[u8], block: u64) -> Option<Self> {
        let (kind, _) = *Kind::ALL
            .iter()
            .find(|(_, id)| bytes.strip_prefix(id.as_bytes()).is_some_and(|rest| rest.first() == Some(&b' ')))?;
        let end = memchr::memchr2(b'\n', 0, bytes).unwrap_or(bytes.len());
        let line = bytes.get(..end)?;
        let text = String::from_utf8_lossy(line);
        let value = |key: &str| text.split(' ').find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
        let number = |key: &str| value(key).and_then(|value| value.parse::<u64>().ok());
        // The checksum of the line covers it up to the last digit of `md5=`.
        let own = value("self").and_then(md5_digits);
        let covered = memchr::memmem::find(line, b" self=").and_then(|end| line.get(..end)).map(md5_of);
        Some(Self {
            kind,
            block,
            position: number("pos").unwrap_or(u64::MAX),
            start: number("range_start").unwrap_or(u64::MAX),
            size: number("range_size").unwrap_or(0),
            next: number("next"),
            newest: number("session_start"),
            md5: value("md5").and_then(md5_digits),
            sound: own.is_some() && own == covered,
        })
    }

    /// The tag in the block with this number.
    pub(super) fn at(source: &dyn Source, block: u64) -> Result<Option<Self>> {
        let Some(offset) = block.checked_mul(SECTOR_SIZE) else { return Ok(None) };
        Ok(Self::parse(&read_up_to(source, Extent::new(offset, SECTOR_SIZE))?, block))
    }

    /// What is wrong with the tag itself, as a plain sentence without a full stop.
    pub(super) fn trouble(&self) -> Option<String> {
        let block = self.block;
        if !self.sound || self.md5.is_none() {
            return Some(format!("The checksum tag in block {block} is damaged itself"));
        }
        if self.position != block {
            let said = self.position;
            return Some(format!("The checksum tag in block {block} belongs to block {said}: the session was moved"));
        }
        let end = self.start.checked_add(self.size);
        let fits = if self.kind == Kind::Relocated { end.is_some_and(|end| end <= block) } else { end == Some(block) };
        (!fits).then(|| {
            let (start, size) = (self.start, self.size);
            format!("The checksum tag in block {block} is said to cover {size} blocks from block {start} on, which cannot be")
        })
    }

    /// The block itself.
    pub(super) fn extent(&self) -> Extent {
        Extent::new(self.block.saturating_mul(SECTOR_SIZE), SECTOR_SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_knows_whether_it_is_sound_and_where_it_belongs() {
        // As xorriso 1.5.4 wrote it.
        let line = b"libisofs_sb_checksum_tag_v1 pos=18 range_start=0 range_size=18 next=24 \
            md5=04d67d719beb02b046b6f9052ab336a9 self=ae4e0beb52b5a80041653dac452d80e7\n";
        let tag = Tag::parse(line, 18).unwrap();
        assert_eq!((tag.kind, tag.next, tag.sound, tag.trouble()), (Kind::Descriptors, Some(24), true, None));
        let moved = Tag::parse(line, 50).unwrap().trouble().unwrap();
        assert_eq!(moved, "The checksum tag in block 50 belongs to block 18: the session was moved");
        for at in 28..line.len() - 1 {
            let mut damaged = line.to_vec();
            damaged[at] ^= 1;
            assert!(!Tag::parse(&damaged, 18).unwrap().sound, "{at}");
        }
        assert_eq!(Tag::parse(b"libisofs_sb_checksum_tag_v2 pos=18", 18), None);
    }

    #[test]
    fn claims_that_cannot_be_are_said() {
        let tag = |start: u64, size: u64| {
            let md5 = "0".repeat(32);
            let line = format!("libisofs_checksum_tag_v1 pos=18 range_start={start} range_size={size} md5={md5}");
            let own = crate::disc::text::hex(&md5_of(line.as_bytes()));
            Tag::parse(format!("{line} self={own}\n").as_bytes(), 18).unwrap()
        };
        assert_eq!(tag(0, 18).trouble(), None);
        for (start, size) in [(0, 19), (18, 1), (u64::MAX, 2), (1 << 60, 1 << 60), (19, u64::MAX)] {
            assert!(tag(start, size).trouble().unwrap().ends_with("which cannot be"));
        }
    }
}
