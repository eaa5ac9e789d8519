//! Small volumes with something of everything.

use super::packed::{decmpfs, packed_fork, zlib};
use super::{BLOCK, File, Format, Volume, wrapped};

/// Small volumes with something of everything, for tests that damage them.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let long: Vec<u8> = (0..30 * BLOCK as u32 + 5).map(|at| (at / 100) as u8).collect();
    let mut specimens = Vec::new();
    for (name, format, node_size) in
        [("hfs", Format::Hfs, 512), ("hfs-plus", Format::Plus, 1024), ("hfsx", Format::X, 4096)]
    {
        let mut volume = Volume::new(format, "Specimen").with_node_size(node_size);
        let folders = [2, volume.folder(2, "first"), volume.folder(2, "second")];
        for number in 0..24 {
            volume.text(folders[number % 3], &format!("file {number:02}"), format!("content {number}").as_bytes());
        }
        let (data, resource) = (volume.store_in(&long, 15), volume.store_in(&long[99..], 13));
        volume.file(folders[1], "in pieces", File { data, resource, ..File::default() });
        if format != Format::Hfs {
            let files = volume.folder(2, "\0\0\0\0HFS+ Private Data");
            let data = volume.store(b"shared");
            volume.file(files, "iNode7", File { data, special: 2, flags: 0x22, ..File::default() });
            volume.hard_link(folders[1], "link to a file", 7);
            volume.hard_link(2, "another link", 7);
            let private = volume.folder(2, ".HFS+ Private Directory Data\r");
            let linked = volume.folder(private, "dir_8");
            volume.text(linked, "inside", b"inside");
            volume.folder_link(2, "link to a folder", 8);
            let data = volume.store(b"first/file 01");
            volume.file(2, "symbolic link", File { data, mode: 0o120_777, finder: *b"slnkrhap", ..File::default() });
            let packed = volume.file(2, "packed", File { owner_flags: 0x20, ..File::default() });
            volume.attribute(packed, "com.apple.decmpfs", &decmpfs(3, long.len(), &zlib(&long)));
            let resource = volume.store(&packed_fork(&long));
            let packed = volume.file(2, "packed in chunks", File { owner_flags: 0x20, resource, ..File::default() });
            volume.attribute(packed, "com.apple.decmpfs", &decmpfs(4, long.len(), &[]));
            for number in 0..12 {
                volume.attribute(packed, &format!("user.{number}"), format!("value {number}").as_bytes());
            }
        }
        specimens.push((name.to_owned(), volume.build()));
    }
    let inner = specimens[1].1.clone();
    specimens.push(("wrapped".to_owned(), wrapped(&inner)));
    specimens
}
