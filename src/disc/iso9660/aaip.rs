//! The Arbitrary Attribute Interchange Protocol (AAIP 2.0): names of extended attributes and access control lists in
//! `AL` entries.

use crate::disc::tree::{AttributeVisitor, FileTree, Folder};
use crate::disc::{Extent, Result, limits};

use super::record::DirectoryRecord;
use super::susp::{self, AreaReader, SystemUseEntry};
use super::tree::IsoTree;

/// Collects the components of all `AL` entries of one directory record.
#[derive(Debug, Default)]
pub struct AttributeList {
    /// Names and values in turn.
    components: Vec<Vec<u8>>,
    continues: bool,
    total: usize,
}

/// Name prefixes that stand for a name space, from byte 2 on.
const NAME_SPACES: [&str; 5] = ["system.", "user.", "isofs.", "trusted.", "security."];

impl AttributeList {
    /// Takes in one entry; what is not `AL`, or is cut off, is passed over.
    pub fn take(&mut self, entry: &SystemUseEntry<'_>) {
        if &entry.signature != b"AL" {
            return;
        }
        // Flags, then components of flags, length and bytes, as in `SL`.
        let mut rest = entry.bytes.get(5..).unwrap_or_default();
        while let Some((&[flags, len], after)) = rest.split_first_chunk::<2>() {
            let Some(bytes) = after.get(..usize::from(len)) else { break };
            self.total = self.total.saturating_add(bytes.len()).saturating_add(size_of::<Vec<u8>>());
            if self.total > limits::ATTRIBUTE_BYTES {
                return;
            }
            match self.components.last_mut().filter(|_| self.continues) {
                Some(component) => component.extend_from_slice(bytes),
                None => self.components.push(bytes.to_vec()),
            }
            self.continues = flags & 1 != 0;
            rest = after.get(usize::from(len)..).unwrap_or_default();
        }
    }

    /// Each attribute's name with its value; an access control list has the name `ACL`.
    pub fn attributes(&self) -> impl Iterator<Item = (String, &[u8])> {
        self.components.chunks(2).map(|pair| {
            let (name, value) = match pair {
                [name, value] => (name.as_slice(), value.as_slice()),
                [name] => (name.as_slice(), &[][..]),
                _ => (&[][..], &[][..]),
            };
            (full_name(name), value)
        })
    }
}

/// The attributes of all entries of a folder.
pub(super) fn of_entries(tree: &IsoTree, folder: &Folder, visit: &mut AttributeVisitor<'_>) -> Result<()> {
    let (mut records, mut areas) = (AreaReader::default(), AreaReader::default());
    for (index, entry) in folder.entries().iter().enumerate() {
        of_record(tree, entry.record, &mut records, &mut areas, &mut |name, value| visit(index, name, value))?;
    }
    Ok(())
}

/// The attributes of the root, which stand with the first record of it.
pub(super) fn of_root(tree: &IsoTree, visit: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
    of_record(tree, tree.root().place, &mut AreaReader::default(), &mut AreaReader::default(), visit)
}

/// The attributes that belong to the directory record at the absolute byte `offset`. The only error is to be cancelled.
fn of_record(
    tree: &IsoTree,
    offset: u64,
    records: &mut AreaReader,
    areas: &mut AreaReader,
    visit: &mut dyn FnMut(&str, &[u8]),
) -> Result<()> {
    /// Bytes of the longest record (ECMA-119 §9.1.1).
    const RECORD: u64 = 255;
    let Some(skip) = tree.skip else { return Ok(()) };
    let bytes = match records.read(tree.source.as_ref(), Extent::new(offset, RECORD)) {
        Err(error) if error.is_cancelled() => return Err(error),
        read => read.unwrap_or_default(),
    };
    let Ok(Some(record)) = DirectoryRecord::parse(bytes, offset) else { return Ok(()) };
    // `SP` of the root says how many bytes to skip, but not in its own record (SUSP §5.3).
    let skip = if record.is_self() { super::tree::susp_start(record.system_use) } else { skip };
    let mut list = AttributeList::default();
    susp::for_each_entry(
        tree.source.as_ref(),
        tree.blocks,
        areas,
        (record.system_use.get(skip..).unwrap_or_default(), record.system_use_offset().saturating_add(skip as u64)),
        &mut |_| {},
        &mut |entry, _| list.take(entry),
    );
    list.attributes().for_each(|(name, value)| visit(&name, value));
    Ok(())
}

fn full_name(name: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match name.split_first() {
        None => "ACL".to_owned(),
        Some((1, rest)) => text(rest),
        Some((prefix, rest)) => match usize::from(*prefix).checked_sub(2).and_then(|at| NAME_SPACES.get(at)) {
            Some(space) => format!("{space}{}", text(rest)),
            None => text(name),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_their_name_space_and_long_values_are_joined() {
        let mut list = AttributeList::default();
        for bytes in [&b"AL\x13\x01\x01\0\x05\x03mime\x01\x04text"[..], b"AL\x0c\x01\0\0\x05/html"] {
            list.take(&SystemUseEntry { offset: 0, signature: *b"AL", version: 1, bytes });
        }
        let attributes: Vec<_> = list.attributes().collect();
        assert_eq!(attributes, [("user.mime".to_owned(), &b"text/html"[..])]);
        assert_eq!(full_name(b""), "ACL");
        assert_eq!(full_name(b"\x04cx"), "isofs.cx");
    }
}
