//! `isoscope info`: what the image is.

use std::io::Write;

use serde::Serialize;

use super::output::{Failure, Output, Status};
use super::{ImageOptions, ReportOptions};
use crate::disc::partition::{Partition, Scheme};
use crate::disc::tree::TreeId;
use crate::disc::volume::Volume;
use crate::disc::{Diagnostic, Extent, Image, Severity, text};
use crate::identify::{Certainty, Identity, Subject};

/// Which image.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(super) options: ImageOptions,
    #[command(flatten)]
    pub(super) report: ReportOptions,
}

/// Writes what the image is to `output`.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let source = arguments.options.source()?;
    let size = source.len();
    let image = arguments.options.open_from(source)?;
    // Says so when there is no such tree.
    arguments.options.tree(&image)?;
    let file = arguments.options.image.to_string_lossy();
    let identity = Identity::read_and_ask(&image).map_err(|error| Failure::about(&file, &error))?;
    if arguments.report.json {
        output.json(&Info::new(&file, size, &image, &identity))?;
    } else {
        write_text(output.buffer(), &file, size, &image, &identity)?;
    }
    if image.diagnostics().worst() >= Some(Severity::Warning) {
        output.mark();
    }
    Ok(output.status())
}

#[derive(Serialize)]
struct Info<'a> {
    file: &'a str,
    size: u64,
    container: &'a str,
    formats: Vec<&'a str>,
    declared_size: u64,
    volume: &'a Volume,
    trees: Vec<TreeInfo>,
    sessions: Vec<SessionInfo>,
    partitions: Vec<PartitionInfo<'a>>,
    identity: Option<&'a Identity>,
    diagnostics: &'a [Diagnostic],
}

#[derive(Serialize)]
struct TreeInfo {
    name: TreeId,
    default: bool,
    label: &'static str,
}

#[derive(Serialize)]
struct SessionInfo {
    number: u32,
    first_block: u32,
}

#[derive(Serialize)]
struct PartitionInfo<'a> {
    id: String,
    scheme: Scheme,
    number: u32,
    offset: u64,
    length: u64,
    kind: &'a str,
    r#type: &'a str,
    name: &'a str,
    active: bool,
    trees: Vec<TreeId>,
}

impl<'a> PartitionInfo<'a> {
    fn new(image: &Image, at: usize, partition: &'a Partition) -> Self {
        let Partition { scheme, number, extent, kind, type_id, name, active, .. } = partition;
        let (scheme, number, trees, id) = (*scheme, *number, image.partition_trees(at), partition.id());
        let Extent { offset, length } = *extent;
        Self { id, scheme, number, offset, length, kind, r#type: type_id, name, active: *active, trees }
    }
}

impl<'a> Info<'a> {
    fn new(file: &'a str, size: u64, image: &'a Image, identity: &'a Identity) -> Self {
        let default = image.id_of(image.default_tree().as_ref());
        let trees = image.trees().iter().map(|tree| image.id_of(tree.as_ref()));
        let sessions = image.sessions().iter();
        Self {
            file,
            size,
            container: image.container(),
            formats: image.formats(),
            declared_size: image.declared_size(),
            volume: image.volume(),
            trees: trees.map(|id| TreeInfo { name: id, default: id == default, label: id.kind.label() }).collect(),
            sessions: sessions
                .map(|session| SessionInfo { number: session.number, first_block: session.first_block })
                .collect(),
            partitions: (0..).zip(image.partitions()).map(|(at, part)| PartitionInfo::new(image, at, part)).collect(),
            identity: Some(identity).filter(|identity| !identity.is_empty()),
            diagnostics: image.diagnostics().items(),
        }
    }
}

/// One line of text: a label and a value, which is escaped. Nothing for an empty value.
fn line(buffer: &mut Vec<u8>, label: &str, value: &str) -> std::io::Result<()> {
    if value.is_empty() { Ok(()) } else { writeln!(buffer, "  {label:<14} {}", text::display(value)) }
}

fn write_text(buffer: &mut Vec<u8>, file: &str, size: u64, image: &Image, identity: &Identity) -> std::io::Result<()> {
    writeln!(buffer, "{}", text::display(file))?;
    line(buffer, "Size", &exact_size(size))?;
    if image.declared_size() != image.source().len() {
        line(buffer, "Declared size", &exact_size(image.declared_size()))?;
    }
    line(buffer, "Container", image.container())?;
    line(buffer, "Formats", &image.formats().join(", "))?;

    write_identity(buffer, identity)?;
    let volume = image.volume();
    writeln!(buffer, "\nVolume")?;
    let texts = [
        ("Name", &volume.id),
        ("Set", &volume.set_id),
        ("System", &volume.system_id),
        ("Publisher", &volume.publisher),
        ("Preparer", &volume.preparer),
        ("Application", &volume.application),
    ];
    for (label, value) in texts {
        line(buffer, label, value)?;
    }
    let moments = [
        ("Created", volume.created),
        ("Modified", volume.modified),
        ("Expires", volume.expires),
        ("Effective", volume.effective),
    ];
    for (label, moment) in moments {
        line(buffer, label, &moment.map(|moment| moment.to_string()).unwrap_or_default())?;
    }
    line(buffer, "Blocks", &format!("{} of {} bytes", volume.blocks, volume.block_size))?;

    if let Some(banner) = image.banner() {
        writeln!(buffer, "\n{}", text::display(banner))?;
    }
    writeln!(buffer, "\nTrees")?;
    for (at, tree) in image.trees().iter().enumerate() {
        let id = image.id_of(tree.as_ref());
        let partition = image.partition_of(id).map(|part| format!(", in {}", part.label()));
        let boot = || image.boot_image_of(id).map(|boot| format!(", in boot image {}", boot.label()));
        let inside = partition.or_else(boot).unwrap_or_default();
        let default = if at == 0 { " (default)" } else { "" };
        line(buffer, &id.to_string(), &format!("{}{inside}{default}", id.label()))?;
    }
    if !image.partitions().is_empty() {
        writeln!(buffer, "\nPartitions")?;
        for (at, partition) in image.partitions().iter().enumerate() {
            let holds = holds(image.partition_trees(at));
            let place = format!("{} at byte {}{holds}", exact_size(partition.extent.length), partition.extent.offset);
            line(buffer, &partition.id(), &format!("{}: {place}", partition.kind))?;
        }
    }
    if image.sessions().len() > 1 {
        writeln!(buffer, "\nSessions")?;
        for session in image.sessions() {
            let open = if session.number == image.session() { " (open)" } else { "" };
            let value = format!("from block {}, “{}”{open}", session.first_block, session.volume_id);
            line(buffer, &session.number.to_string(), &value)?;
        }
    }
    if !image.boot_images().is_empty() {
        writeln!(buffer, "\nBoot images")?;
        for (at, boot) in image.boot_images().iter().enumerate() {
            let off = if boot.bootable { "" } else { ", marked as not bootable" };
            let holds = holds(image.boot_image_trees(at));
            let value = format!("{} at byte {}{off}{holds}", exact_size(boot.extent.length), boot.extent.offset);
            writeln!(buffer, "  {}: {value}", text::display(&boot.label()))?;
        }
    }
    if !image.diagnostics().is_empty() {
        writeln!(buffer, "\nNotes")?;
        for diagnostic in image.diagnostics().items() {
            let severity = match diagnostic.severity {
                Severity::Info => "Info",
                Severity::Warning => "Warning",
                Severity::Error => "Error",
            };
            line(buffer, severity, &diagnostic.to_string())?;
        }
        if image.diagnostics().dropped() > 0 {
            line(buffer, "", &format!("and {} more", image.diagnostics().dropped()))?;
        }
    }
    Ok(())
}

/// What is most likely of each subject, and where that stands.
fn write_identity(buffer: &mut Vec<u8>, identity: &Identity) -> std::io::Result<()> {
    if identity.is_empty() {
        return Ok(());
    }
    writeln!(buffer, "\nIdentity")?;
    let mut told = Vec::new();
    for claim in &identity.claims {
        if told.contains(&claim.subject) {
            continue;
        }
        told.push(claim.subject);
        let guess = if claim.certainty == Certainty::Guess { ", a guess" } else { "" };
        let several = matches!(claim.subject, Subject::Architecture | Subject::Edition | Subject::Language);
        let further = identity.stated(claim.subject).skip(1).filter(|_| several);
        let values: Vec<_> = std::iter::once(claim).chain(further).map(|claim| &*claim.value).collect();
        let value = format!("{} (from {}{guess})", values.join(", "), claim.evidence.source);
        line(buffer, claim.subject.label(), &value)?;
    }
    for note in &identity.notes {
        line(buffer, "", note)?;
    }
    let images = identity.windows.as_ref().map(|windows| windows.images.as_slice()).unwrap_or_default();
    if !images.is_empty() {
        writeln!(buffer, "\nEditions")?;
    }
    for image in images {
        line(buffer, &format!("{}", image.index), &format!("{} ({}) in {}", image.name, image.facts(), image.file))?;
    }
    Ok(())
}

/// The trees inside of something.
fn holds(trees: Vec<TreeId>) -> String {
    let trees: Vec<_> = trees.into_iter().map(TreeId::label).collect();
    if trees.is_empty() { String::new() } else { format!(", holds {}", trees.join(", ")) }
}

/// A size in words and, where words round it, in bytes.
fn exact_size(bytes: u64) -> String {
    if bytes < 1000 { text::size(bytes) } else { format!("{} ({bytes} bytes)", text::size(bytes)) }
}
