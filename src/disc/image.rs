//! An opened disc image: its file systems with their sessions and trees, and its boot images.

use std::sync::Arc;

use super::boot::el_torito::{BootCatalog, BootImage};
use super::file_system::{FileSystem, Session, Structure};
use super::partition::{Partition, PartitionTables};
use super::richest;
use super::tree::{DetailGroup, FileTree, TreeId, TreeKind};
use super::volume::Volume;
use super::{Diagnostics, Error, Extent, Result, Source, detect, fat, hfs, iso9660, limits, udf};

/// Opens the file system that a run of bytes holds, if there is one of its kind.
type Opener = fn(&Arc<dyn Source>, Extent, Option<u32>, &mut Diagnostics) -> Result<Option<FileSystem>>;

/// The file systems that are looked for in the disc and in its partitions.
const OPENERS: [Opener; 3] = [iso9660::open, udf::open, hfs::open];

/// A disc image of which one session is open. Only descriptors and roots were read.
#[derive(Clone)]
pub struct Image {
    source: Arc<dyn Source>,
    /// The file that holds the sectors.
    file: Arc<dyn Source>,
    container: &'static str,
    /// That with the default tree first.
    systems: Vec<FileSystem>,
    trees: Vec<Arc<dyn FileTree>>,
    tables: PartitionTables,
    partitions: Vec<Partition>,
    volume: Volume,
    poor_side: Option<(String, TreeId)>,
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
        let detect::Detected { sectors, container } = detect::unwrap(&source)?;
        let mut diagnostics = Diagnostics::default();
        let tables = PartitionTables::read(&sectors, &mut diagnostics)?;
        let partitions = tables.partitions();
        let mut systems = open_systems(&sectors, &partitions, wanted, &mut diagnostics)?;
        if systems.is_empty() {
            return Err(detect::explain(&source)?);
        }
        if let Some(number) = wanted
            && systems.iter().all(|system| system.session != number)
        {
            let newest = systems.iter().map(|system| system.sessions.len()).max().unwrap_or(0);
            let message = format!("There is no session {number}; the image has {newest}");
            return Err(Error::unsupported("session", 0, message));
        }
        let poor = richest::order(&mut systems, &mut diagnostics)?;
        let trees: Vec<_> = systems.iter().flat_map(|system| system.trees.iter().cloned()).collect();
        let end = of_the_disc(&systems).max_by_key(|system| system.declared_end);
        if let Some(system) = end.filter(|system| system.declared_end > sectors.len()) {
            let (declared, missing) = (system.declared_end, system.declared_end - sectors.len());
            let message = format!("The image is cut off: it should have {declared} bytes, but {missing} are missing");
            diagnostics.error("volume descriptor", system.declared_at, message);
        }
        let volume = joined_volume(&systems);
        let poor_side = poor.map(|poor| (poor.sentence, id_among(&trees, poor.tree.as_ref())));
        Ok(Self {
            source: sectors,
            file: source,
            container,
            systems,
            trees,
            tables,
            partitions,
            volume,
            poor_side,
            diagnostics,
        })
    }

    /// The disc's bytes in sectors of 2048.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source
    }

    /// The bytes of the file as they are, where they are not those of the [source](Self::source).
    pub fn raw_file(&self) -> Option<&Arc<dyn Source>> {
        (self.container != detect::PLAIN).then_some(&self.file)
    }

    /// The same image read through another source of the same bytes, such as one that can be cancelled.
    pub fn with_source(&self, source: &Arc<dyn Source>) -> Self {
        let through = |trees: &[Arc<dyn FileTree>]| trees.iter().map(|tree| tree.with_source(source.clone())).collect();
        let mut image = Self { source: source.clone(), trees: through(&self.trees), ..self.clone() };
        image.systems.iter_mut().for_each(|system| system.trees = through(&system.trees));
        image
    }

    /// The shape in which the file holds the sectors.
    pub fn container(&self) -> &'static str {
        self.container
    }

    /// The file systems, that with the default tree first. Never empty.
    pub fn file_systems(&self) -> &[FileSystem] {
        &self.systems
    }

    /// The file systems and extensions that the disc has.
    pub fn formats(&self) -> Vec<&str> {
        let mut formats: Vec<&str> = Vec::new();
        for format in self.systems.iter().flat_map(|system| &system.formats) {
            if !formats.contains(&format.as_str()) {
                formats.push(format);
            }
        }
        formats
    }

    /// Bytes that the disc should have, as its file systems say. The image may be shorter or longer.
    pub fn declared_size(&self) -> u64 {
        of_the_disc(&self.systems).map(|system| system.declared_end).max().unwrap_or(0)
    }

    /// Names and dates of the disc. What the file system of the default tree does not record is taken from the others.
    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// The trees, the one that tells most first. Never empty.
    pub fn trees(&self) -> &[Arc<dyn FileTree>] {
        &self.trees
    }

    /// The tree that tells most: that with the most entries, or where they have about as many, with the most attributes.
    #[expect(clippy::indexing_slicing, reason = "open_any gives an error when there is no tree")]
    pub fn default_tree(&self) -> &Arc<dyn FileTree> {
        &self.trees[0]
    }

    /// The first tree of this kind, if there is one.
    pub fn tree(&self, kind: TreeKind) -> Option<&Arc<dyn FileTree>> {
        self.trees.iter().find(|tree| tree.kind() == kind)
    }

    /// The tree with this name, if there is one.
    pub fn tree_by_id(&self, id: TreeId) -> Option<&Arc<dyn FileTree>> {
        let mut alike = self.trees.iter().filter(|tree| tree.kind() == id.kind);
        alike.nth(usize::from(id.number.checked_sub(1)?))
    }

    /// The name of one of the image's trees, through whatever source it reads.
    pub fn id_of(&self, tree: &dyn FileTree) -> TreeId {
        id_among(&self.trees, tree)
    }

    /// The partition that holds a tree; `None` for a tree of the disc as a whole.
    pub fn partition_of(&self, id: TreeId) -> Option<&Partition> {
        let tree = self.tree_by_id(id)?;
        let holds = |system: &&FileSystem| system.trees.iter().any(|other| Arc::ptr_eq(other, tree));
        let part = self.systems.iter().find(holds).map(|system| system.part).filter(|part| part.offset > 0)?;
        self.partitions.iter().find(|partition| partition.extent.offset == part.offset)
    }

    /// The partition tables, field by field.
    pub fn tables(&self) -> &PartitionTables {
        &self.tables
    }

    /// The partitions that the tables of the image list.
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// The trees that the partition at `index` holds. That which begins with the disc holds those of the disc.
    pub fn partition_trees(&self, index: usize) -> Vec<TreeId> {
        let Some(partition) = self.partitions.get(index) else { return Vec::new() };
        let inside = self.systems.iter().filter(|system| system.part.offset == partition.extent.offset);
        inside.flat_map(|system| &system.trees).map(|tree| self.id_of(tree.as_ref())).collect()
    }

    /// The trees that the boot image at `index` holds: of a hard disk, those of its partitions.
    pub fn boot_image_trees(&self, index: usize) -> Vec<TreeId> {
        let Some(boot) = self.boot_images().get(index) else { return Vec::new() };
        let inside = self.systems.iter().filter(|system| is_in_boot_image(boot, system));
        inside.flat_map(|system| &system.trees).map(|tree| self.id_of(tree.as_ref())).collect()
    }

    /// The first boot image that holds a tree.
    pub fn boot_image_of(&self, id: TreeId) -> Option<&BootImage> {
        let index = (0..self.boot_images().len()).find(|index| self.boot_image_trees(*index).contains(&id))?;
        self.boot_images().get(index)
    }

    /// The other trees that should show the same files as `id`. A FAT file system has its own.
    pub fn trees_like(&self, id: TreeId) -> impl Iterator<Item = &Arc<dyn FileTree>> {
        let others = self.trees.iter().filter(move |tree| self.id_of(tree.as_ref()) != id);
        others.filter(move |tree| tree.kind() != TreeKind::Fat && id.kind != TreeKind::Fat)
    }

    /// One sentence when a side of the disc holds next to nothing and another one the files, as on discs for Windows
    /// whose ISO 9660 side has only a text that says so.
    pub fn banner(&self) -> Option<&str> {
        self.poor_side.as_ref().map(|(sentence, _)| sentence.as_str())
    }

    /// The first tree of the side that the [banner](Self::banner) says holds next to nothing.
    pub fn poor_side(&self) -> Option<TreeId> {
        self.poor_side.as_ref().map(|(_, tree)| *tree)
    }

    /// The file system whose sessions are counted: that which has most.
    #[expect(clippy::indexing_slicing, reason = "open_any gives an error when there is none")]
    fn counted(&self) -> &FileSystem {
        let most = self.systems.iter().map(|system| system.sessions.len()).max();
        self.systems.iter().find(|system| Some(system.sessions.len()) == most).unwrap_or(&self.systems[0])
    }

    /// All sessions, the oldest first. Never empty.
    pub fn sessions(&self) -> &[Session] {
        &self.counted().sessions
    }

    /// Number of the session that is open.
    pub fn session(&self) -> u32 {
        self.counted().session
    }

    /// El Torito's boot catalogue.
    pub fn boot_catalog(&self) -> Option<&BootCatalog> {
        self.systems.iter().find_map(|system| system.boot.as_ref())
    }

    /// The images that El Torito offers for starting a computer.
    pub fn boot_images(&self) -> &[BootImage] {
        self.boot_catalog().map(|catalog| catalog.images.as_slice()).unwrap_or_default()
    }

    /// What the file systems take up besides files and folders, and the partition tables.
    pub fn structures(&self) -> impl Iterator<Item = Structure> {
        let systems = self.systems.iter().flat_map(|system| system.structures.iter().copied());
        systems.chain(self.tables.structures())
    }

    /// What is wrong with the disc as a whole.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The descriptors of all file systems and the partition tables, field by field.
    pub fn details(&self) -> Vec<DetailGroup> {
        let systems = self.systems.iter().flat_map(|system| system.details.iter().cloned());
        systems.chain(self.tables.details()).collect()
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sessions = self.sessions();
        f.debug_struct("Image").field("volume", &self.volume).field("sessions", &sessions).finish_non_exhaustive()
    }
}

/// The name of `tree` among all `trees` of an image.
fn id_among(trees: &[Arc<dyn FileTree>], tree: &dyn FileTree) -> TreeId {
    let alike = trees.iter().filter(|other| other.kind() == tree.kind());
    let before = alike.take_while(|other| other.root() != tree.root()).count();
    TreeId { kind: tree.kind(), number: u8::try_from(before.saturating_add(1)).unwrap_or(u8::MAX) }
}

/// The file systems of the disc and of its partitions, each in the session with the number `wanted` where it has that,
/// else in its newest. One that cannot be read is told and hides none of the others. Empty when there is none.
fn open_systems(
    source: &Arc<dyn Source>,
    partitions: &[Partition],
    wanted: Option<u32>,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<FileSystem>> {
    let mut search = Search { source, wanted, systems: Vec::new(), failure: None, diagnostics };
    let mut parts = vec![Extent::new(0, source.len())];
    for partition in partitions.iter().take(limits::SEARCHED_PARTITIONS) {
        add_part(&mut parts, partition.extent, source.len());
    }
    for part in &parts {
        search.part(*part, &OPENERS)?;
        // No disc has FAT beside its own file systems; what a table calls a partition may.
        if search.systems.is_empty() || partitions.iter().any(|it| it.extent.offset == part.offset) {
            search.part(*part, &[fat::open])?;
        }
    }
    let boot = search.systems.iter().find_map(|system| system.boot.as_ref()).map(|catalog| catalog.images.clone());
    let searched = parts.len();
    for boot in boot.unwrap_or_default().iter().take(limits::SEARCHED_PARTITIONS) {
        for part in boot.volumes(source, search.diagnostics)? {
            // What is a partition, too, was searched already.
            add_part(&mut parts, part, source.len());
        }
    }
    for part in parts.iter().skip(searched) {
        search.part(*part, &[fat::open])?;
    }
    let Search { mut systems, failure, .. } = search;
    systems.retain(|system| !system.trees.is_empty());
    match failure {
        _ if !systems.is_empty() => Ok(systems),
        Some(error) => Err(error),
        None => Ok(systems),
    }
}

/// Adds what the image holds of `part`, unless it begins where another one does.
fn add_part(parts: &mut Vec<Extent>, part: Extent, image_len: u64) {
    let inside = part.inside(image_len);
    if inside > 0 && !parts.iter().any(|known| known.offset == part.offset) {
        parts.push(Extent { length: inside, ..part });
    }
}

/// The search for file systems.
struct Search<'a> {
    source: &'a Arc<dyn Source>,
    wanted: Option<u32>,
    systems: Vec<FileSystem>,
    /// The first error.
    failure: Option<Error>,
    diagnostics: &'a mut Diagnostics,
}

impl Search<'_> {
    /// Searches one part of the image. The only error is [`Error::Cancelled`].
    fn part(&mut self, part: Extent, openers: &[Opener]) -> Result<()> {
        for opener in openers {
            match open_system(*opener, self.source, part, self.wanted, self.diagnostics) {
                // A volume that begins elsewhere and has the same root was found already.
                Ok(Some(system)) if !self.systems.iter().any(|known| same_root(known, &system)) => {
                    self.systems.push(system);
                }
                Ok(_) => {}
                Err(error) if error.is_cancelled() => return Err(error),
                Err(error) => {
                    self.diagnostics.failure(&error);
                    self.failure = self.failure.take().or(Some(error));
                }
            }
        }
        Ok(())
    }
}

/// The file systems that say how long the disc is: what FAT says is of a boot image or a partition, where there is more.
fn of_the_disc(systems: &[FileSystem]) -> impl Iterator<Item = &FileSystem> {
    let only_fat = systems.iter().all(FileSystem::is_fat);
    systems.iter().filter(move |system| only_fat || !system.is_fat())
}

/// True for what begins with a boot image, or lies in one that stands for a hard disk.
fn is_in_boot_image(boot: &BootImage, system: &FileSystem) -> bool {
    let (outer, part) = (boot.extent, system.part);
    let is_inside = boot.is_hard_disk() && outer.offset < part.offset && part.offset < outer.end();
    system.is_fat() && (part.offset == outer.offset || is_inside)
}

fn same_root(one: &FileSystem, other: &FileSystem) -> bool {
    let root = |system: &FileSystem| system.trees.first().map(|tree| (tree.kind(), tree.root()));
    root(one) == root(other)
}

fn open_system(
    opener: Opener,
    source: &Arc<dyn Source>,
    part: Extent,
    wanted: Option<u32>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<FileSystem>> {
    let mut own = Diagnostics::default();
    let result = match opener(source, part, wanted, &mut own) {
        // The session may be that of another file system of the disc.
        Err(error) if wanted.is_some() && !error.is_cancelled() => {
            own = Diagnostics::default();
            opener(source, part, None, &mut own)
        }
        result => result,
    };
    diagnostics.append(own);
    result
}

/// The first volume, its empty fields filled in from the others.
fn joined_volume(systems: &[FileSystem]) -> Volume {
    let mut systems = systems.iter();
    let mut joined = systems.next().map(|system| system.volume.clone()).unwrap_or_default();
    // The names of a boot image are not those of the disc.
    for other in systems.filter(|system| !system.is_fat()).map(|system| &system.volume) {
        for (field, value) in [
            (&mut joined.id, &other.id),
            (&mut joined.set_id, &other.set_id),
            (&mut joined.system_id, &other.system_id),
            (&mut joined.publisher, &other.publisher),
            (&mut joined.preparer, &other.preparer),
            (&mut joined.application, &other.application),
        ] {
            if field.is_empty() {
                field.clone_from(value);
            }
        }
        joined.created = joined.created.or(other.created);
        joined.modified = joined.modified.or(other.modified);
        joined.expires = joined.expires.or(other.expires);
        joined.effective = joined.effective.or(other.effective);
    }
    joined
}
