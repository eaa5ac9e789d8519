//! A disc with one of everything that UDF can describe, and what must be read back of it.

use std::collections::BTreeMap;

use super::encode::Time;
use super::node::{Form, Node, Piece, ROOT, characteristics, file_type};
use super::{Disc, Kind};

/// What an entry of the sample must read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A file with this content.
    File(Vec<u8>),
    /// A folder.
    Folder,
    /// A symbolic link with this target.
    Link(String),
    /// A character device, block device, pipe or socket.
    Special(u8),
}

/// The disc and what it holds.
pub struct Sample {
    /// To be built, or changed before.
    pub disc: Disc,
    /// Path → what is there.
    pub entries: BTreeMap<String, Expected>,
    /// Nodes by their paths, without those that only share another's.
    pub nodes: BTreeMap<String, Node>,
}

/// Bytes that tell where they are: no two blocks are alike.
pub fn content(seed: usize, len: usize) -> Vec<u8> {
    (0..len).map(|at| (at / 7 + at / 512 * 31 + seed * 53) as u8).collect()
}

impl Sample {
    /// One of everything on a disc of this kind.
    pub fn new(kind: Kind, block: usize, revision: u16) -> Self {
        let disc = Disc::new(kind, block, revision);
        let mut sample = Self { disc, entries: BTreeMap::new(), nodes: BTreeMap::new() };
        sample.add_forms();
        sample.add_names();
        sample.add_specials();
        if kind == Kind::Sparable {
            // The file set, the root folder and the first file entries are elsewhere.
            sample.disc.spared = vec![0, 2];
        }
        if kind == Kind::Metadata {
            sample.disc.fragment = 5;
        }
        sample
    }

    fn remember(&mut self, path: &str, node: Node, expected: Expected) -> Node {
        self.entries.insert(path.to_owned(), expected);
        self.nodes.insert(path.to_owned(), node);
        node
    }

    /// Adds a file to a folder that was added before.
    pub fn file(&mut self, folder: &str, name: &str, form: Form, content: Vec<u8>) -> Node {
        let (parent, path) = self.place(folder, name);
        let node = self.disc.file_as(parent, name, form, &content);
        self.remember(&path, node, Expected::File(content))
    }

    /// Adds a folder.
    pub fn folder(&mut self, folder: &str, name: &str) -> Node {
        let (parent, path) = self.place(folder, name);
        let node = self.disc.folder(parent, name);
        self.remember(&path, node, Expected::Folder)
    }

    fn place(&self, folder: &str, name: &str) -> (Node, String) {
        if folder.is_empty() { (ROOT, name.to_owned()) } else { (self.nodes[folder], format!("{folder}/{name}")) }
    }

    /// Every way in which data can be named.
    fn add_forms(&mut self) {
        let block = self.disc.block();
        let long = if self.disc.icb_reference() == 0 { Form::Short } else { Form::Long };
        self.file("", "empty", long, Vec::new());
        self.file("", "inline.txt", Form::Inline, b"The content stands in the file entry".to_vec());
        self.file("", "one-block.bin", long, content(1, block));
        self.file("", "one-more.bin", long, content(2, block + 1));
        let scattered = self.file("", "scattered.bin", Form::Long, content(3, 5 * block + 17));
        self.disc.item(scattered).split = Some(2);
        let extended = self.file("", "extended.bin", Form::Extended, content(4, 3 * block + 5));
        self.disc.item(extended).split = Some(1);
        let chained = self.file("", "chained.bin", Form::Long, content(5, 7 * block - 3));
        self.disc.item(chained).split = Some(1);
        self.disc.item(chained).descriptors_each = Some(2);
        let head = content(6, block);
        let mut with_holes = head.clone();
        with_holes.resize(4 * block, 0);
        with_holes.extend(b"behind the holes");
        let holes = self.file("", "holes.bin", Form::Long, with_holes);
        self.disc.item(holes).pieces = vec![
            Piece::Bytes(head),
            Piece::Hole(2 * block as u32),
            Piece::NotRecorded(block as u32),
            Piece::Bytes(b"behind the holes".to_vec()),
        ];
        let folder = self.folder("", "inline folder");
        self.disc.set_form(folder, Form::Inline);
        self.file("inline folder", "inside", Form::Inline, b"inside".to_vec());
        let scattered = self.folder("", "scattered folder");
        self.disc.item(scattered).split = Some(1);
        for number in 0..60 {
            // Descriptors of names begin in one block and end in the next.
            self.file("scattered folder", &format!("file {number:03} of many"), Form::Inline, vec![number]);
        }
    }

    fn add_names(&mut self) {
        self.folder("", "folder");
        self.folder("folder", "Ünïcödé");
        self.file("folder/Ünïcödé", "größe.txt", Form::Inline, "größer".into());
        self.file("folder/Ünïcödé", "日本語のファイル 😀.txt", Form::Inline, b"kanji".to_vec());
        self.file("folder", &"n".repeat(254), Form::Inline, b"long".to_vec());
        self.file("folder", &"長".repeat(127), Form::Inline, b"long and wide".to_vec());
        let inline = self.nodes["inline.txt"];
        self.disc.link(self.nodes["folder"], "hard link", inline);
        let same = self.entries["inline.txt"].clone();
        self.entries.insert("folder/hard link".to_owned(), same);
        let hidden = self.file("folder", "hidden", Form::Inline, b"hidden".to_vec());
        let name = self.disc.item(self.nodes["folder"]).names.last_mut().expect("it was just named");
        assert_eq!(name.target, hidden);
        name.characteristics |= characteristics::HIDDEN;
        let deleted = self.disc.orphan(file_type::FILE);
        self.disc.link(self.nodes["folder"], "deleted", deleted).characteristics = characteristics::DELETED;
    }

    fn add_specials(&mut self) {
        for (name, target) in [("link", "folder/Ünïcödé/größe.txt"), ("up", "../a/./b"), ("absolute", "/folder/日本")]
        {
            let node = self.disc.symlink(ROOT, name, target);
            self.disc.set_form(node, Form::Inline);
            self.remember(name, node, Expected::Link(target.to_owned()));
        }
        let devices = [("null", file_type::CHARACTER_DEVICE), ("disk", file_type::BLOCK_DEVICE)];
        for (name, file_type) in devices {
            let node = self.disc.device(ROOT, name, file_type, 8, 17);
            self.remember(name, node, Expected::Special(file_type));
        }
        for (name, file_type) in [("pipe", file_type::FIFO), ("socket", file_type::SOCKET)] {
            let node = self.disc.add(ROOT, name, file_type, &[]);
            self.disc.set_form(node, Form::Inline);
            self.remember(name, node, Expected::Special(file_type));
        }
        let video = self.file("", "video", Form::Long, content(7, 3000));
        self.disc.item(video).file_type = file_type::REAL_TIME;
        let owned = self.file("", "owned", Form::Inline, b"owned".to_vec());
        let item = self.disc.item(owned);
        (item.owner, item.permissions) = ((7, 8), super::icb::permissions(0o640));
        item.times[1] = Time { zone: -330, ..Time::hour(1) };
        let versions = self.file("", "versions.txt", Form::Inline, b"the third version".to_vec());
        self.disc.strategy_4096(versions, 2);
        if self.disc.revision >= 0x200 {
            let streams = self.file("", "with streams", Form::Inline, b"main".to_vec());
            self.disc.item(streams).extended = true;
            let stream = self.disc.stream(streams, "summary", b"The first stream");
            self.disc.set_form(stream, Form::Inline);
            self.disc.stream(streams, "Ünïcödé stream", &content(8, 5000));
        }
    }
}
