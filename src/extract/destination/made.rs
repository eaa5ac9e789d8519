//! Files that the program has made itself, such as a picture of how a disc starts.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file that the user has chosen, in place of one that is there: its name has either the old file or all of the
/// new one.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The failure that matters is the first one.
        fs::remove_file(&temporary).unwrap_or_default();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture.png");
        for content in ["old", "new and longer"] {
            replace_file(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert!(replace_file(&folder.path().join("none/picture.png"), b"").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
