//! The Rock Ridge Interchange Protocol (IEEE P1282, RRIP 1.12): POSIX names, modes, links and times in the system
//! use area.

use crate::disc::bytes::Fields;
use crate::disc::file::Packing;
use crate::disc::time::Timestamp;
use crate::disc::tree::{Kind, Posix};
use crate::disc::{Diagnostic, Result, Severity, limits};

use super::susp::{Notes, SystemUseEntry};

/// Identifiers by which `ER` announces Rock Ridge (RRIP §4.3 and what discs really carry).
pub const EXTENSION_IDS: [&[u8]; 3] = [b"RRIP_1991A", b"IEEE_P1282", b"IEEE_1282"];

/// What the entries of one directory record say.
#[derive(Debug, Default)]
pub struct RockRidge {
    /// Bytes of the alternate name (`NM`).
    pub name: Vec<u8>,
    /// True while the last `NM` says that the name goes on.
    name_continues: bool,
    /// Modes, owner and links (`PX`).
    pub posix: Option<Posix>,
    /// File serial number (`PX` of 44 bytes).
    pub serial: Option<u32>,
    /// High and low half of a device number (`PN`).
    pub device: Option<(u32, u32)>,
    /// Bytes of a symbolic link's target (`SL`).
    pub target: Vec<u8>,
    /// True while the last component of the target goes on in the next one.
    component_continues: bool,
    /// `TF` creation.
    pub created: Option<Timestamp>,
    /// `TF` modification.
    pub modified: Option<Timestamp>,
    /// `TF` access.
    pub accessed: Option<Timestamp>,
    /// `TF` attribute change.
    pub changed: Option<Timestamp>,
    /// Block of the folder that really belongs here (`CL`).
    pub child_link: Option<u32>,
    /// Block of the real parent (`PL`).
    pub parent_link: Option<u32>,
    /// The folder was moved here and belongs elsewhere (`RE`).
    pub relocated: bool,
    /// The file is packed (`ZF`, `Z2`), and its unpacked size.
    pub packed: Option<(Packing, u64)>,
    /// Why the data cannot be unpacked.
    pub unsupported: Option<String>,
    /// There are extended attributes (`AL`).
    pub has_attributes: bool,
    /// Any entry of Rock Ridge was there.
    pub present: bool,
}

/// RRIP §4.1.4 and §4.1.3: flags of `NM`, `SL` and its components.
mod flag {
    pub(super) const CONTINUE: u8 = 0x01;
    pub(super) const CURRENT: u8 = 0x02;
    pub(super) const PARENT: u8 = 0x04;
    pub(super) const ROOT: u8 = 0x08;
    pub(super) const VOLUME_ROOT: u8 = 0x10;
    pub(super) const HOST: u8 = 0x20;
}

impl RockRidge {
    /// Forgets everything, so that the next record can be read without new allocations.
    pub fn clear(&mut self) {
        let (mut name, mut target) = (std::mem::take(&mut self.name), std::mem::take(&mut self.target));
        name.clear();
        target.clear();
        *self = Self { name, target, ..Self::default() };
    }

    /// Takes in one entry; entries of other protocols are passed over.
    pub fn take(&mut self, entry: &SystemUseEntry<'_>, notes: Notes<'_>) {
        let fields = entry.fields();
        let result = match &entry.signature {
            b"PX" => self.take_px(&fields),
            b"NM" => self.take_nm(&fields, notes),
            b"SL" => self.take_sl(&fields, notes),
            b"TF" => self.take_tf(&fields),
            b"PN" => fields.both32(4).and_then(|high| {
                self.device = Some((high.little, fields.both32(12)?.little));
                Ok(())
            }),
            b"CL" => fields.both32(4).map(|block| self.child_link = Some(block.little)),
            b"PL" => fields.both32(4).map(|block| self.parent_link = Some(block.little)),
            b"RE" => {
                self.relocated = true;
                Ok(())
            }
            b"SF" => {
                self.unsupported =
                    Some("The file is recorded as a sparse file, which Isoscope does not read".to_owned());
                Ok(())
            }
            b"ZF" | b"Z2" => self.take_zf(&fields),
            b"AL" => {
                self.has_attributes = true;
                return;
            }
            _ => return,
        };
        self.present = true;
        if let Err(error) = result {
            notes(Diagnostic {
                severity: Severity::Warning,
                structure: "Rock Ridge entry",
                offset: entry.offset,
                message: format!("The {} entry is damaged: {}", entry.name(), error.sentence()),
            });
        }
    }

    /// What the mode says that the entry is; `None` without `PX` or for a type that POSIX does not know.
    pub fn kind(&self) -> Option<Kind> {
        match self.posix?.mode & 0o170_000 {
            0o100_000 => Some(Kind::File),
            0o040_000 => Some(Kind::Folder),
            0o120_000 => Some(Kind::Symlink),
            0o020_000 => Some(Kind::CharDevice),
            0o060_000 => Some(Kind::BlockDevice),
            0o010_000 => Some(Kind::Fifo),
            0o140_000 => Some(Kind::Socket),
            _ => None,
        }
    }

    /// RRIP §4.1.1. The serial number came with version 1.10, so 36 bytes are as good as 44.
    fn take_px(&mut self, fields: &Fields<'_>) -> Result<()> {
        self.posix = Some(Posix {
            mode: fields.both32(4)?.little,
            links: fields.both32(12)?.little,
            uid: fields.both32(20)?.little,
            gid: fields.both32(28)?.little,
        });
        self.serial = fields.both32(36).ok().map(|serial| serial.little);
        Ok(())
    }

    /// RRIP §4.1.4.
    fn take_nm(&mut self, fields: &Fields<'_>, notes: Notes<'_>) -> Result<()> {
        let flags = fields.u8(4)?;
        let mut complain = |message: &str| {
            notes(Diagnostic {
                severity: Severity::Warning,
                structure: "NM entry",
                offset: fields.offset_of(0),
                message: message.to_owned(),
            });
        };
        if !self.name.is_empty() && !self.name_continues {
            complain("A second name is passed over");
            return Ok(());
        }
        self.name_continues = flags & flag::CONTINUE != 0;
        let part: &[u8] = match flags {
            _ if flags & flag::CURRENT != 0 => b".",
            _ if flags & flag::PARENT != 0 => b"..",
            // The name of the machine that read the disc: nothing of it is recorded.
            _ if flags & flag::HOST != 0 => b"",
            _ => fields.all().get(5..).unwrap_or_default(),
        };
        let room = limits::ROCK_RIDGE_NAME.saturating_sub(self.name.len());
        if part.len() > room {
            complain("The name is longer than the 1024 bytes that Isoscope reads");
        }
        self.name.extend_from_slice(part.get(..room).unwrap_or(part));
        Ok(())
    }

    /// RRIP §4.1.3: components follow one another, each with flags and length. A `/` stands between them, at the
    /// boundary of two `SL` entries too, unless the component before goes on.
    fn take_sl(&mut self, fields: &Fields<'_>, notes: Notes<'_>) -> Result<()> {
        let mut at = 5;
        while at < fields.all().len() {
            let flags = fields.u8(at)?;
            let len = usize::from(fields.u8(at.saturating_add(1))?);
            let text = fields.bytes(at.saturating_add(2), len)?;
            let part: &[u8] = match flags {
                _ if flags & flag::CURRENT != 0 => b".",
                _ if flags & flag::PARENT != 0 => b"..",
                _ if flags & (flag::ROOT | flag::VOLUME_ROOT) != 0 => b"/",
                _ if flags & flag::HOST != 0 => b"",
                _ => text,
            };
            if !self.target.is_empty() && !self.component_continues && !self.target.ends_with(b"/") {
                self.target.push(b'/');
            }
            if self.target.len().saturating_add(part.len()) > limits::SYMLINK_TARGET {
                notes(Diagnostic {
                    severity: Severity::Warning,
                    structure: "SL entry",
                    offset: fields.offset_of(0),
                    message: "The link's target is longer than the 4096 bytes that Isoscope reads".to_owned(),
                });
                return Ok(());
            }
            self.target.extend_from_slice(part);
            self.component_continues = flags & flag::CONTINUE != 0;
            at = at.saturating_add(2).saturating_add(len);
        }
        Ok(())
    }

    /// RRIP §4.1.6: the moments whose bits are set follow one another, in 7 or 17 bytes each.
    fn take_tf(&mut self, fields: &Fields<'_>) -> Result<()> {
        let flags = fields.u8(4)?;
        let mut at = 5_usize;
        for bit in 0..7 {
            if flags & (1 << bit) == 0 {
                continue;
            }
            let moment = time_stamp(fields, at, flags)?;
            at = at.saturating_add(time_stamp_len(flags));
            match bit {
                0 => self.created = moment,
                1 => self.modified = moment,
                2 => self.accessed = moment,
                3 => self.changed = moment,
                // Backup, expiration, effective: shown in the details only.
                _ => {}
            }
        }
        Ok(())
    }

    /// zisofs: `ZF` and `Z2` (zisofs_format.txt, zisofs2_format.txt).
    fn take_zf(&mut self, fields: &Fields<'_>) -> Result<()> {
        let (algorithm, header, block_log2) = (fields.array::<2>(4)?, fields.u8(6)?, fields.u8(7)?);
        let (version, size) = match fields.u8(3)? {
            1 => (1, u64::from(fields.both32(8)?.little)),
            _ => (2, fields.le64(8)?),
        };
        match &algorithm {
            b"pz" | b"PZ" => {
                let packing = Packing::Zisofs { version, header: u16::from(header) * 4, block_log2 };
                self.packed = Some((packing, size));
            }
            _ => {
                let name = match &algorithm {
                    b"XZ" | b"xz" => "XZ".to_owned(),
                    b"L4" => "LZ4".to_owned(),
                    b"ZD" => "Zstandard".to_owned(),
                    b"B2" => "bzip2".to_owned(),
                    other => format!("the unknown method {:?}", String::from_utf8_lossy(other)),
                };
                self.unsupported =
                    Some(format!("The file is packed with zisofs and {name}, which Isoscope does not unpack"));
            }
        }
        Ok(())
    }
}

/// Bytes of each moment of a `TF` entry with these flags.
pub(super) fn time_stamp_len(flags: u8) -> usize {
    if flags & 0x80 == 0 { 7 } else { 17 }
}

/// The moment at `at` of a `TF` entry with these flags.
pub(super) fn time_stamp(fields: &Fields<'_>, at: usize, flags: u8) -> Result<Option<Timestamp>> {
    if flags & 0x80 == 0 {
        fields.array(at).map(Timestamp::from_7_bytes)
    } else {
        fields.array(at).map(Timestamp::from_17_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes in entries given as signature and payload.
    fn read(entries: &[(&[u8; 2], &[u8])]) -> (RockRidge, Vec<String>) {
        let (mut rock_ridge, mut messages) = (RockRidge::default(), Vec::new());
        for (signature, payload) in entries {
            let mut bytes = signature.to_vec();
            bytes.extend([u8::try_from(payload.len() + 4).unwrap(), 1]);
            bytes.extend_from_slice(payload);
            let entry = SystemUseEntry { offset: 0, signature: **signature, version: 1, bytes: &bytes };
            rock_ridge.take(&entry, &mut |note| messages.push(note.message));
        }
        (rock_ridge, messages)
    }

    fn target(entries: &[&[u8]]) -> String {
        let entries: Vec<_> = entries.iter().map(|payload| (b"SL", *payload)).collect();
        String::from_utf8(read(&entries).0.target).unwrap()
    }

    #[test]
    fn names_are_joined_while_they_continue() {
        let (rock_ridge, messages) = read(&[(b"NM", b"\x01long "), (b"NM", b"\x00name"), (b"NM", b"\x00other")]);
        assert_eq!(rock_ridge.name, b"long name");
        assert_eq!(messages, ["A second name is passed over"]);
        assert_eq!(read(&[(b"NM", b"\x02")]).0.name, b".");
        assert_eq!(read(&[(b"NM", b"\x04")]).0.name, b"..");
    }

    #[test]
    fn an_endless_name_is_cut() {
        let part = [&b"\x01"[..], &[b'a'; 200]].concat();
        let (rock_ridge, messages) = read(&vec![(b"NM", &part[..]); 10]);
        assert_eq!(rock_ridge.name.len(), 1024);
        assert!(!messages.is_empty());
    }

    #[test]
    fn components_are_joined_by_slashes() {
        assert_eq!(target(&[b"\0\x00\x01a\x00\x01b"]), "a/b");
        assert_eq!(target(&[b"\0\x08\0\x00\x03usr\x00\x03lib"]), "/usr/lib");
        assert_eq!(target(&[b"\0\x04\0\x02\0\x00\x01x"]), ".././x");
        assert_eq!(target(&[b"\0\x08\0"]), "/");
    }

    #[test]
    fn a_component_goes_on_across_entries() {
        assert_eq!(target(&[b"\x01\x01\x03abc", b"\0\x00\x03def\x00\x01g"]), "abcdef/g");
        assert_eq!(target(&[b"\x01\x00\x03abc", b"\0\x00\x03def"]), "abc/def");
    }

    #[test]
    fn a_component_longer_than_its_entry_is_damage() {
        let (rock_ridge, messages) = read(&[(b"SL", b"\0\x00\x01a\x00\x09b")]);
        assert_eq!(rock_ridge.target, b"a");
        assert!(messages[0].starts_with("The SL entry is damaged"));
    }

    #[test]
    fn moments_follow_in_the_order_of_their_bits() {
        let (rock_ridge, _) = read(&[(b"TF", b"\x06\x7c\x02\x0a\x0b\x03\x15\0\x7c\x02\x0b\x0b\x03\x15\0")]);
        assert_eq!(rock_ridge.created, None);
        assert_eq!(rock_ridge.modified.unwrap().to_string(), "2024-02-10T11:03:21+00:00");
        assert_eq!(rock_ridge.accessed.unwrap().to_string(), "2024-02-11T11:03:21+00:00");
        let (long, _) = read(&[(b"TF", b"\x812024021011032150\x04")]);
        assert_eq!(long.created.unwrap().to_string(), "2024-02-10T11:03:21.50+01:00");
    }

    #[test]
    fn both_lengths_of_px_are_read() {
        let numbers = |count: usize| -> Vec<u8> {
            (0..count)
                .flat_map(|at| {
                    let number = [0o100_644, 1, 1000, 100, 77][at];
                    [u32::to_le_bytes(number), u32::to_be_bytes(number)].concat()
                })
                .collect()
        };
        let (short, _) = read(&[(b"PX", &numbers(4))]);
        assert_eq!((short.kind(), short.posix.unwrap().uid, short.serial), (Some(Kind::File), 1000, None));
        assert_eq!(read(&[(b"PX", &numbers(5))]).0.serial, Some(77));
        assert!(!read(&[(b"PX", &numbers(3))]).1.is_empty());
    }
}
