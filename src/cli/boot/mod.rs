//! `isoscope boot`: the structures from which a computer starts the disc.

mod layout;
mod programs;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output::{Failure, Output, Status};
use super::{ImageOptions, ReportOptions};
use crate::boot::chain::Chain;
use crate::boot::effort::Effort;
use crate::boot::efi::revocation::Dbx;
use crate::boot::loader::Loader;
use crate::boot::report::{BootReport, ReadImage, ReadMenu, Request};
use crate::boot::study::Study;
use crate::boot::text;
use crate::boot::verdict::Verdict;
use crate::disc::boot::system_area::SystemArea;
use crate::disc::boot::{apm::ApplePartitionMap, gpt::GuidPartitionTable, mbr::MasterBootRecord};
use crate::disc::source::FileSource;
use crate::disc::{Diagnostic, Diagnostics, Image, Severity};

/// Which image.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    #[command(flatten)]
    report: ReportOptions,
    /// A list of revoked programs, such as DBXUpdate.bin
    #[arg(long, value_name = "FILE")]
    dbx: Option<PathBuf>,
}

/// Writes the boot structures to `output`.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let image = arguments.options.open()?;
    let file = arguments.options.image.to_string_lossy();
    let dbx = arguments.dbx.as_deref().map(|list| read_list(list, output)).transpose()?;
    let request = Request { effort: Effort::Whole, dbx };
    let study = Study::read(&image, &request).map_err(|error| Failure::about(&file, &error))?;
    let report = &study.report;
    if arguments.report.json {
        output.json(&Boot::new(&image, &study))?;
    } else {
        output.write(text::all(&image, &study).as_bytes())?;
    }
    if report.findings.worst() >= Some(Severity::Warning) || report.missing_files().next().is_some() {
        output.mark();
    }
    if study.layout.overlaps().iter().any(|overlap| !overlap.harmless) {
        output.mark();
    }
    Ok(output.status())
}

/// The list of revoked programs in the file at `path`.
fn read_list(path: &Path, output: &mut Output<'_>) -> Result<Dbx, Failure> {
    let file = path.to_string_lossy();
    let mut notes = Diagnostics::default();
    let source = FileSource::open(path).map_err(|error| Failure::about(&file, &error))?;
    let list = Dbx::read(&source, &mut notes).map_err(|error| Failure::about(&file, &error))?;
    output.diagnostics(&file, &notes);
    Ok(list)
}

#[derive(Serialize)]
struct Boot<'a> {
    el_torito: Option<ElTorito<'a>>,
    mbr: Option<Mbr<'a>>,
    gpt: Option<Gpt>,
    apm: Vec<Apm>,
    /// For computers with a BIOS, then for those with UEFI.
    verdict: &'a [Verdict],
    chain: &'a Chain,
    programs: Vec<programs::Program<'a>>,
    menus: &'a [ReadMenu],
    findings: &'a [Diagnostic],
    layout: Vec<layout::LayoutRegion<'a>>,
    overlaps: Vec<layout::LayoutOverlap<'a>>,
}

#[derive(Serialize)]
struct ElTorito<'a> {
    offset: u64,
    id: &'a str,
    checksum_right: bool,
    images: Vec<ElToritoImage<'a>>,
}

#[derive(Serialize)]
struct ElToritoImage<'a> {
    number: usize,
    platform: String,
    emulation: String,
    bootable: bool,
    load_segment: u16,
    system_type: u8,
    declared_sectors: u16,
    lba: u64,
    offset: u64,
    length: u64,
    length_reason: &'a str,
    id: &'a str,
    path: Option<&'a str>,
    loader: Option<String>,
    /// `null` where there is no table, or it cannot be checked.
    boot_info_table: Option<InfoTable>,
    grub2_address: Option<u64>,
    isohybrid_core: bool,
}

#[derive(Serialize)]
struct InfoTable {
    offset: u64,
    descriptor_lba: u32,
    length: u32,
    right: Option<bool>,
}

#[derive(Serialize)]
struct Mbr<'a> {
    signature: bool,
    code: &'a str,
    code_offset: u64,
    loads: Option<u64>,
    /// What the partition starts that the code goes on to.
    partition_program: Option<String>,
    other_labels: Vec<&'a str>,
    disk_signature: Option<u32>,
    partitions: Vec<MbrPartition>,
}

#[derive(Serialize)]
struct MbrPartition {
    number: u32,
    active: bool,
    r#type: u8,
    first_block: u64,
    blocks: u32,
}

#[derive(Serialize)]
struct Gpt {
    block_size: u32,
    from_backup: bool,
    header_right: bool,
    disk_guid: String,
    partitions: Vec<GptPartition>,
}

#[derive(Serialize)]
struct GptPartition {
    number: u32,
    r#type: String,
    guid: String,
    first_block: u64,
    last_block: u64,
    attributes: u64,
    name: String,
}

#[derive(Serialize)]
struct Apm {
    block_size: u32,
    partitions: Vec<ApmPartition>,
}

#[derive(Serialize)]
struct ApmPartition {
    number: u32,
    r#type: String,
    name: String,
    first_block: u32,
    blocks: u32,
}

impl<'a> Boot<'a> {
    fn new(image: &'a Image, study: &'a Study) -> Self {
        let report = &study.report;
        let tables = image.tables();
        let images: Vec<_> = report.images.iter().map(ElToritoImage::new).collect();
        Self {
            el_torito: image.boot_catalog().map(|catalog| ElTorito {
                offset: catalog.offset,
                id: catalog.validation.as_ref().map(|entry| entry.id.as_str()).unwrap_or_default(),
                checksum_right: catalog.validation.as_ref().is_some_and(|entry| entry.is_right),
                images,
            }),
            mbr: report.system_area.as_ref().map(|area| Mbr::new(report, area, tables.mbr.as_ref())),
            gpt: tables.gpt.as_ref().map(Gpt::new),
            apm: tables.apm.iter().map(Apm::new).collect(),
            verdict: &study.verdicts,
            chain: &study.chain,
            programs: report.programs.iter().map(programs::Program::new).collect(),
            menus: &report.menus,
            findings: report.findings.items(),
            layout: layout::regions(&study.layout),
            overlaps: layout::overlaps(&study.layout),
        }
    }
}

impl<'a> ElToritoImage<'a> {
    fn new(read: &'a ReadImage) -> Self {
        let image = &read.image;
        Self {
            number: image.number,
            platform: image.platform.label(),
            emulation: image.emulation.label(),
            bootable: image.bootable,
            load_segment: image.load_segment,
            system_type: image.system_type,
            declared_sectors: image.declared_sectors,
            lba: image.extent.offset / crate::disc::sector::SECTOR_SIZE,
            offset: image.extent.offset,
            length: image.extent.length,
            length_reason: image.size_reason,
            id: &image.id,
            path: read.path.as_deref(),
            loader: read.loader.as_ref().map(Loader::label),
            boot_info_table: read.table.map(|table| InfoTable {
                offset: table.offset,
                descriptor_lba: table.descriptor_lba,
                length: table.length,
                right: table.is_right(),
            }),
            grub2_address: read.grub2_address,
            isohybrid_core: read.is_isohybrid_core,
        }
    }
}

impl<'a> Mbr<'a> {
    fn new(report: &BootReport, area: &'a SystemArea, table: Option<&MasterBootRecord>) -> Self {
        let entries = table.iter().flat_map(|table| &table.entries);
        Self {
            signature: area.has_signature,
            code: area.code.label(),
            code_offset: area.code_evidence,
            loads: area.pointer,
            partition_program: report.partition_loader.as_ref().map(Loader::label),
            other_labels: area.others.iter().map(|(label, _)| label.label()).collect(),
            disk_signature: table.map(|table| table.disk_signature),
            partitions: entries
                .map(|entry| MbrPartition {
                    number: entry.number,
                    active: entry.status == 0x80,
                    r#type: entry.kind,
                    first_block: entry.first_block,
                    blocks: entry.blocks,
                })
                .collect(),
        }
    }
}

impl Gpt {
    fn new(table: &GuidPartitionTable) -> Self {
        let partition = |entry: &crate::disc::boot::gpt::GptEntry| GptPartition {
            number: entry.number,
            r#type: entry.kind.to_string(),
            guid: entry.guid.to_string(),
            first_block: entry.blocks.0,
            last_block: entry.blocks.1,
            attributes: entry.attributes,
            name: entry.name.clone(),
        };
        Self {
            block_size: table.header.block_size,
            from_backup: table.from_backup,
            header_right: table.header.intact,
            disk_guid: table.header.disk_guid.to_string(),
            partitions: table.entries.iter().map(partition).collect(),
        }
    }
}

impl Apm {
    fn new(map: &ApplePartitionMap) -> Self {
        let partition = |entry: &crate::disc::boot::apm::ApmEntry| ApmPartition {
            number: entry.number,
            r#type: entry.kind.clone(),
            name: entry.name.clone(),
            first_block: entry.blocks.0,
            blocks: entry.blocks.1,
        };
        Self { block_size: map.unit, partitions: map.entries.iter().map(partition).collect() }
    }
}
