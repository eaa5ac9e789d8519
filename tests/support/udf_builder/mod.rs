//! A maker of UDF images, good and hostile: ECMA-167 and OSTA UDF 1.02 to 2.60 written down from the standards.
//!
//! A [`Disc`] is a tree of files with everything that can be said of them. [`Disc::session`] writes what is new as a
//! recorder does, [`Disc::build`] gives the image. What was built knows where everything stands, and every field can
//! be changed afterwards, with a right checksum ([`Built::rewrite`]) or a wrong one ([`Built::patch`]).

pub mod attributes;
pub mod build;
pub mod encode;
pub mod icb;
mod lay_out;
pub mod node;
pub mod sample;
pub mod space;
pub mod volume;

use encode::Location;
use node::{Form, Node, file_type};
pub use space::Kind;
use volume::Anchor;

use super::builder;

/// Blocks of a packet on a sparable partition (UDF 2.2.9).
pub const PACKET: u32 = 32;

/// A disc that is being made.
#[derive(Debug, Clone)]
pub struct Disc {
    /// UDF revision, such as `0x0201`.
    pub revision: u16,
    /// Identifier of the volume and of the logical volume.
    pub volume_id: String,
    /// Where anchors stand.
    pub anchors: Vec<Anchor>,
    /// Integrity type of the logical volume: 0 open, 1 closed; without a descriptor for `None`.
    pub integrity: Option<u32>,
    /// The volume descriptor sequences go on elsewhere, where a volume descriptor pointer leads.
    pub pointer: bool,
    /// Descriptors behind the usual ones of both sequences: tag identifier, and the bytes behind the tag.
    pub further_descriptors: Vec<(u16, Vec<u8>)>,
    /// How the data of files and of folders is named where nothing else is asked for.
    pub form: Form,
    /// See [`form`](Self::form).
    pub folder_form: Form,
    /// New nodes get extended file entries.
    pub extended: bool,
    /// Packets of the sparable partition whose content is elsewhere.
    pub spared: Vec<u32>,
    /// Most blocks of one extent of the metadata file.
    pub fragment: usize,
    /// The metadata mirror file has blocks of its own with the same content.
    pub mirror_is_copy: bool,
    /// The ISO 9660 side of a bridge disc.
    pub iso: Option<builder::Disc>,
    /// Sectors behind the last one that counts.
    pub run_out: u32,
    /// What those sectors hold.
    pub run_out_fill: u8,
    /// The last session's VAT is left out.
    pub without_vat: bool,
    /// The VAT is kept in the block of its file entry, where it fits.
    pub vat_inline: bool,
    space: space::Space,
    items: Vec<node::Item>,
    set: Location,
    vats: Vec<u32>,
    metadata_files: [u32; 3],
}

impl Disc {
    /// An empty disc with blocks of so many bytes.
    pub fn new(kind: Kind, block: usize, revision: u16) -> Self {
        let mut space = space::Space::new(block, kind);
        let mut metadata_files = [0; 3];
        if kind == Kind::Metadata {
            metadata_files[0] = space.allocate(0, 1).block;
        }
        let reference = u16::from(space.has_overlay());
        let set = space.allocate(reference, 1);
        let anchors = match kind {
            Kind::Virtual => vec![Anchor::At256],
            _ => vec![Anchor::At256, Anchor::Last],
        };
        let extended = revision >= 0x250;
        let mut disc = Self {
            revision,
            volume_id: "Built".to_owned(),
            anchors,
            integrity: Some(1),
            pointer: false,
            further_descriptors: Vec::new(),
            form: if space.has_overlay() { Form::Long } else { Form::Short },
            folder_form: if kind == Kind::Virtual { Form::Long } else { Form::Short },
            extended,
            spared: Vec::new(),
            fragment: usize::MAX,
            mirror_is_copy: true,
            iso: None,
            run_out: 0,
            run_out_fill: 0,
            without_vat: false,
            vat_inline: true,
            space,
            items: Vec::new(),
            set,
            vats: Vec::new(),
            metadata_files,
        };
        disc.orphan(file_type::FOLDER);
        disc
    }

    /// An empty disc as most writers make it: one physical partition, blocks of 2048 bytes, UDF 2.01.
    pub fn plain() -> Self {
        Self::new(Kind::Physical, 2048, 0x201)
    }

    /// Bytes of a block.
    pub fn block(&self) -> usize {
        self.space.block
    }

    /// Sets what blocks hold that are never written, which is otherwise something that shows where it is read by mistake.
    /// To be called before anything is added.
    pub fn fill_unwritten(&mut self, byte: u8) {
        self.space.unwritten = byte;
        self.space.areas.iter_mut().for_each(|area| area.fill(byte));
        self.space.metadata.fill(byte);
    }

    /// Adds entries to the virtual allocation table that are not in use, as on a disc where as many files were removed.
    pub fn pad_table(&mut self, entries: usize) {
        self.space.vat.resize(self.space.vat.len() + entries, u32::MAX);
    }

    /// Adds a partition with a map of its own; gives its reference number.
    pub fn partition(&mut self) -> u16 {
        self.space.areas.push(Vec::new());
        (self.space.areas.len() - 1) as u16 + u16::from(self.space.has_overlay())
    }

    /// Adds a logical volume on the same partitions, with a file set of its own whose root is the folder it gives.
    pub fn logical_volume_of(&mut self, volume_id: &str) -> Node {
        assert_eq!(self.space.kind, Kind::Physical, "the maps of other partitions are not known yet");
        let root = self.orphan(file_type::FOLDER);
        let set = self.space.allocate(self.icb_reference(), 1);
        let bytes = self.file_set(set, self.items[root.0].icb);
        self.space.write(set, &bytes);
        let body = self.logical_volume(4, &volume::Places::default(), volume_id, set);
        self.further_descriptors.push((6, body));
        root
    }

    /// Blocks for the author's own use, holding `bytes`.
    pub fn blocks(&mut self, reference: u16, bytes: &[u8]) -> Location {
        let at = self.space.allocate(reference, bytes.len().div_ceil(self.space.block).max(1));
        self.space.write(at, bytes);
        at
    }

    /// Where the file entry of `node` will stand.
    pub fn icb(&self, node: Node) -> Location {
        self.items[node.0].icb
    }

    /// Partition reference number of file entries.
    pub fn icb_reference(&self) -> u16 {
        u16::from(self.space.has_overlay())
    }

    /// Partition reference number of the data of folders: on a disc with a VAT they are rewritten elsewhere.
    fn folder_reference(&self) -> u16 {
        u16::from(self.space.kind == Kind::Metadata)
    }
}
