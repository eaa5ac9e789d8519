//! The boot structures, programs and menus of a disc, held against one another.

use std::sync::Arc;

use super::contradictions;
use super::effort::Effort;
use super::efi::revocation::Dbx;
use super::find;
use super::loader::{Loader, LoaderKind};
use super::menu::{self, FileRef, FileState, Menu};
use super::programs::{self, EfiFile};
use crate::disc::boot::boot_info_table::{self, BootInfoTable};
use crate::disc::boot::el_torito::{BootCatalog, BootImage, Emulation, Platform};
use crate::disc::boot::system_area::{BootCode, SystemArea};
use crate::disc::partition::Partition;
use crate::disc::sector::SECTOR_SIZE;
use crate::disc::source::read_up_to;
use crate::disc::tree::{DetailGroup, TreeId, TreeKind};
use crate::disc::{Diagnostics, Extent, Image, Result, Source, limits, text};

/// The structures that computers start from: what is wrong with them was found when the image was opened.
const STRUCTURES: [&str; 10] = [
    "boot record",
    "boot catalogue",
    "master boot record",
    "extended boot record",
    "GPT header",
    "GPT partition entry array",
    "GPT partition entry",
    "driver descriptor record",
    "Apple partition map entry",
    "partition",
];

/// The most that a file on FAT32 can have, in bytes.
const FAT32_FILE: u64 = (4 << 30) - 1;

/// Larger ones that are named.
const LARGE_FILES: usize = 16;

/// What a report is made from, besides the disc.
#[derive(Debug, Clone)]
pub struct Request {
    /// How much is read.
    pub effort: Effort,
    /// A list of revoked programs that the user has.
    pub dbx: Option<Dbx>,
}

/// A boot image of El Torito, and what was found in it.
#[derive(Debug, Clone)]
pub struct ReadImage {
    /// Its entry in the boot catalogue.
    pub image: BootImage,
    /// The file of the default tree that begins where it does.
    pub path: Option<String>,
    /// The boot information table in it.
    pub table: Option<BootInfoTable>,
    /// The program in it, where its kind is known.
    pub loader: Option<Loader>,
    /// The image of the disc ends before it does.
    pub is_cut: bool,
    /// Its first sector has nothing but zeros.
    pub is_empty: bool,
    /// Where a GRUB 2 in it thinks that it stands, as a byte offset in the image.
    pub grub2_address: Option<u64>,
    /// It is an ISOLINUX that can be started from a stick too.
    pub is_isohybrid_core: bool,
}

impl ReadImage {
    /// Its entry in the boot catalogue and what was found in it, field by field.
    pub fn details(&self) -> DetailGroup {
        let mut group = DetailGroup::new(format!("El Torito {}", self.image.label()));
        if let Some(path) = &self.path {
            group.add("File", text::display(path), None);
        }
        if let Some(loader) = &self.loader {
            group.add("Program", text::display(&loader.label()), Some(loader.offset));
        }
        let mut groups = self.image.details();
        groups.extend(self.table.map(|table| table.details()));
        group.fields.extend(groups.into_iter().flat_map(|group| group.fields));
        group
    }
}

/// A menu, and where it was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ReadMenu {
    /// The tree that has its files.
    pub tree: TreeId,
    /// The menu.
    #[serde(flatten)]
    pub menu: Menu,
}

/// The boot structures of a disc.
#[derive(Debug, Clone, Default)]
pub struct BootReport {
    /// The first sector, as far as there is one.
    pub system_area: Option<SystemArea>,
    /// What the boot sector of the partition starts that the code in the first sector starts, where that is known.
    pub partition_loader: Option<Loader>,
    /// What El Torito offers.
    pub images: Vec<ReadImage>,
    /// The loader to which the code in the first sector leads, where no entry of the boot catalogue does.
    pub without_entry: Option<ReadImage>,
    /// The menus that loaders show.
    pub menus: Vec<ReadMenu>,
    /// Nothing was left out because it would have been too much for a first look.
    pub is_complete: bool,
    /// The EFI programs, those first that firmware finds by itself.
    pub programs: Vec<EfiFile>,
    /// Files that are too large for FAT32: of discs that a tool has to copy to a stick, some stay behind. The first few.
    pub large_files: Vec<(String, u64)>,
    /// What is wrong inside a structure, and what contradicts something else.
    pub findings: Diagnostics,
}

impl BootReport {
    /// Reads the structures. What cannot be read is a finding; the only error is to be cancelled.
    pub fn read(image: &Image, request: &Request) -> Result<Self> {
        let mut report = Self::default();
        let source = image.source().as_ref();
        let area = report.findings.salvage(SystemArea::read(source))?.flatten();
        if let Some((_, started)) = area.as_ref().and_then(|area| started_partition(image, area)) {
            let loader = Loader::in_boot_sector(source, started.extent);
            report.partition_loader = report.findings.salvage(loader)?.flatten();
        }
        for boot in image.boot_images() {
            let read = read_image(source, boot);
            report.images.extend(report.findings.salvage(read)?);
        }
        if let Some(area) = &area {
            report.read_without_entry(source, area)?;
        }
        let wrong = image.diagnostics().items().iter().filter(|item| STRUCTURES.contains(&item.structure));
        wrong.for_each(|item| report.findings.push(item.clone()));
        report.menus = read_menus(image)?;
        report.read_programs(image, request)?;
        for boot in &report.images {
            contradictions::of_image(source, boot, &mut report.findings)?;
        }
        if let Some(area) = &area {
            let mut findings = std::mem::take(&mut report.findings);
            contradictions::of_area(area, image, &report, &mut findings);
            report.findings = findings;
        }
        contradictions::of_copies(image, &report.programs, &mut report.findings);
        report.system_area = area;
        Ok(report)
    }

    /// What the code in the first sector starts, where that is at an address and known.
    pub fn started_by(&self, area: &SystemArea) -> Option<&ReadImage> {
        // What an entry for others leads to was read as theirs.
        let images = self.images.iter().filter(|read| read.image.platform == Platform::Bios);
        images.chain(&self.without_entry).find(|read| Some(read.image.extent.offset) == area.pointer)
    }

    /// Looks for a loader where the code in the first sector leads, and no entry does. What is none there is nothing.
    fn read_without_entry(&mut self, source: &dyn Source, area: &SystemArea) -> Result<()> {
        let Some(start) = area.pointer.filter(|start| *start < source.len()) else { return Ok(()) };
        if self.started_by(area).is_some() {
            return Ok(());
        }
        let read = BootImage::without_entry(source, start).and_then(|boot| read_image(source, &boot));
        let Some(read) = self.findings.salvage(read)? else { return Ok(()) };
        let is_loader = match area.code {
            BootCode::Isohybrid => read.is_isohybrid_core,
            BootCode::Grub2 => read.grub2_address == Some(start),
            _ => false,
        };
        self.without_entry = Some(read).filter(|_| is_loader);
        Ok(())
    }

    /// Reads the EFI programs, and finds the files that begin where the boot images do on the way.
    fn read_programs(&mut self, image: &Image, request: &Request) -> Result<()> {
        let mut allowance = request.effort.allowance();
        let default = image.id_of(image.default_tree().as_ref());
        let menus = self.menus.iter().filter(|menu| menu.tree == default).flat_map(|menu| &menu.menu.entries);
        let mut kernels: Vec<&str> = menus.filter_map(|entry| entry.kernel.as_ref()?.found()).collect();
        kernels.sort_unstable();
        kernels.dedup();
        kernels.truncate(limits::BOOT_KERNELS);
        let (images, large) = (&mut self.images, &mut self.large_files);
        let (programs, notes) =
            programs::read(image, &kernels, request.dbx.as_ref(), &mut allowance, |path, entry| {
                if entry.size > FAT32_FILE && large.len() < LARGE_FILES {
                    large.push((path.to_owned(), entry.size));
                }
                let Some(start) = find::start(entry) else { return };
                let begins = |boot: &&mut ReadImage| boot.path.is_none() && boot.image.extent.offset == start;
                for boot in images.iter_mut().filter(begins) {
                    boot.path = Some(path.to_owned());
                }
            })?;
        let unchecked = |file: &EfiFile| file.program.is_some() && file.signatures.is_none();
        self.is_complete = notes.is_empty() && !programs.iter().any(unchecked);
        self.programs = programs;
        self.findings.append(notes);
        Ok(())
    }

    /// Every structure, field by field.
    pub fn structures(&self, image: &Image) -> Vec<DetailGroup> {
        let mut groups: Vec<_> = image.boot_catalog().map(BootCatalog::details).unwrap_or_default();
        groups.extend(self.images.iter().map(ReadImage::details));
        groups.extend(self.system_area.as_ref().map(SystemArea::details));
        if let Some(loader) = &self.partition_loader {
            let mut group = DetailGroup::new("Boot sector of the partition that the boot code starts");
            group.add("Program", text::display(&loader.label()), Some(loader.offset));
            groups.push(group);
        }
        groups.extend(image.tables().details());
        if !image.partitions().is_empty() {
            let mut group = DetailGroup::new("Partitions");
            for partition in image.partitions() {
                let extent = partition.extent;
                let active = if partition.active { ", active" } else { "" };
                let what =
                    format!("{}: {} at byte {}{active}", partition.label(), text::size(extent.length), extent.offset);
                group.add(partition.scheme.label(), text::display(&what), Some(partition.record));
            }
            groups.push(group);
        }
        groups
    }

    /// Files that a menu names and that are not there, or not whole.
    pub fn missing_files(&self) -> impl Iterator<Item = &FileRef> {
        let files = self.menus.iter().flat_map(|menu| &menu.menu.entries).flat_map(menu::Entry::files);
        files.filter(|file| matches!(file.state, FileState::Missing | FileState::WrongKind | FileState::Incomplete(_)))
    }
}

/// The partition that the code in the first sector starts, and its place among those of the image.
pub(super) fn started_partition<'a>(image: &'a Image, area: &SystemArea) -> Option<(usize, &'a Partition)> {
    let scheme = area.code.partition_table().filter(|_| area.has_signature)?;
    image.partitions().iter().enumerate().find(|(_, part)| part.scheme == scheme && part.active)
}

/// The menus of the default tree, and those in FAT trees whose files stand beside them. The others of FAT trees speak of
/// the disc, which only a computer that has started can tell from the tree that they stand in.
fn read_menus(image: &Image) -> Result<Vec<ReadMenu>> {
    let mut menus = Vec::new();
    let default = image.default_tree();
    let fat = image.trees().iter().filter(|tree| tree.kind() == TreeKind::Fat && !Arc::ptr_eq(tree, default));
    for tree in [default].into_iter().chain(fat) {
        let speaks_of_itself = |menu: &Menu| Arc::ptr_eq(tree, default) || menu.loader == menu::Loader::SystemdBoot;
        let found = menu::menus(tree, &[&image.volume().id])?.into_iter().filter(speaks_of_itself);
        menus.extend(found.map(|menu| ReadMenu { tree: image.id_of(tree.as_ref()), menu }));
    }
    Ok(menus)
}

fn read_image(source: &dyn Source, boot: &BootImage) -> Result<ReadImage> {
    let start = boot.extent.offset;
    let is_uefi = boot.platform == Platform::Uefi;
    // A diskette or a hard disk begins with a boot sector of its own, which has other things in these places.
    let plain = boot.emulation == Emulation::None && !is_uefi;
    let loader = if is_uefi { None } else { Loader::read(source, boot.extent, boot.emulation)? };
    let is_grub2 = plain && loader.as_ref().is_some_and(|loader| loader.kind == LoaderKind::Grub2);
    let head = read_up_to(source, Extent::new(start, SECTOR_SIZE))?;
    Ok(ReadImage {
        image: boot.clone(),
        path: None,
        table: if plain { BootInfoTable::read(source, start)? } else { None },
        is_cut: boot.extent.inside(source.len()) < boot.extent.length,
        is_empty: head.iter().all(|byte| *byte == 0),
        grub2_address: if is_grub2 { boot_info_table::grub2_address(source, start)? } else { None },
        is_isohybrid_core: plain && boot_info_table::is_isohybrid_core(source, start)?,
        loader,
    })
}
