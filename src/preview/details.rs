//! Fields with their meaning, as text for the clipboard.

use std::fmt::Write as _;

use crate::disc::tree::{DetailField, DetailGroup};

/// One field as a line: label, value and, where it has one, the offset.
pub fn field_text(field: &DetailField) -> String {
    match field.offset {
        Some(offset) => format!("{}: {} (byte {offset})", field.label, field.value),
        None => format!("{}: {}", field.label, field.value),
    }
}

/// All groups, each with its title, an empty line between them.
pub fn text(groups: &[DetailGroup]) -> String {
    let mut text = String::new();
    for group in groups {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&group.title);
        text.push('\n');
        for field in &group.fields {
            // Writing to a string cannot fail.
            writeln!(text, "  {}", field_text(field)).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_details_become_text_with_offsets() {
        let mut record = DetailGroup::new("Directory record");
        record.add("Data length", "11 bytes", Some(34_826));
        record.add("Name", "B.TXT;1", None);
        let mut other = DetailGroup::new("PX");
        other.add("Mode", "0644", Some(5));
        assert_eq!(
            text(&[record, other]),
            "Directory record\n  Data length: 11 bytes (byte 34826)\n  Name: B.TXT;1\n\nPX\n  Mode: 0644 (byte 5)\n"
        );
    }
}
