//! The Arbitrary Attribute Interchange Protocol (AAIP 2.0): names of extended attributes and access control lists in
//! `AL` entries.

use crate::disc::limits;

use super::susp::SystemUseEntry;

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
