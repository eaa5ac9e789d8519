//! `isoscope compare`: how the trees of one image differ, or two images, and what no tree shows.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output::{Failure, Output, Status};
use super::{ImageOptions, ReportOptions};
use crate::disc::compare::{self, Aspect, Comparison, Difference, Lone, Options, Pair};
use crate::disc::time::Timestamp;
use crate::disc::tree::{Kind, TreeId};
use crate::disc::unseen::{self, Gap, Unseen};
use crate::disc::{Diagnostic, Error, Extent, Image, text};

/// Which image, or which two.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    /// Another image: its tree is compared with that of the first, instead of the trees of one image with each other
    other: Option<PathBuf>,
    /// List names that differ too, not only how many there are
    #[arg(long)]
    names: bool,
    #[command(flatten)]
    report: ReportOptions,
}

/// Two trees, what people call them, and how they differ.
struct Compared {
    labels: [String; 2],
    ids: [TreeId; 2],
    comparison: Comparison,
}

/// Compares the tree asked for with every other one, or with that of another image, and writes the findings to `output`.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let image = arguments.options.open()?;
    let (compared, unseen) = match &arguments.other {
        Some(path) => (vec![with_other(arguments, &image, path)?], None),
        None => (within(arguments, &image)?, Some(unseen::find(&image, &mut |_, _| {}).map_err(about(&image))?)),
    };
    let differ = compared.iter().any(|compared| compared.comparison.differs());
    if differ || unseen.as_ref().is_some_and(|unseen| !unseen.is_empty()) {
        output.mark();
    }
    if arguments.report.json {
        let trees = image.trees().iter().map(|tree| image.id_of(tree.as_ref())).collect();
        let comparisons = compared.iter().map(ComparisonInfo::new).collect();
        output.json(&CompareInfo { trees, differ, comparisons, unseen: unseen.as_ref() })?;
    } else {
        if compared.is_empty() {
            let only = image.id_of(arguments.options.tree(&image)?.as_ref()).label();
            match image.trees().len() {
                1 => writeln!(output.buffer(), "The image has one tree only: {only}")?,
                _ => writeln!(output.buffer(), "No other tree should show the files of {only}")?,
            }
        }
        for (at, compared) in compared.iter().enumerate() {
            if at > 0 {
                output.write(b"\n")?;
            }
            write_text(output, compared)?;
        }
        if let Some(unseen) = &unseen {
            output.write(b"\n")?;
            write_unseen(output, unseen)?;
        }
    }
    for compared in &compared {
        output.diagnostics(&compared.labels.join(" and "), &compared.comparison.diagnostics);
    }
    if let Some(unseen) = &unseen {
        output.diagnostics("What nothing shows", &unseen.diagnostics);
    }
    Ok(output.status())
}

/// The tree asked for beside every other one of the image that should show the same files.
fn within(arguments: &Arguments, image: &Image) -> Result<Vec<Compared>, Failure> {
    let left = arguments.options.tree(image)?;
    let left_id = image.id_of(left.as_ref());
    let options = Options { names: arguments.names, ..Options::default() };
    let mut all = Vec::new();
    for right in image.trees_like(left_id) {
        let ids = [left_id, image.id_of(right.as_ref())];
        let labels = ids.map(TreeId::label);
        let comparison =
            compare::compare(&left, right, &options).map_err(|error| Failure::about(&labels.join(" and "), &error))?;
        all.push(Compared { labels, ids, comparison });
    }
    Ok(all)
}

/// The tree asked for of two images.
fn with_other(arguments: &Arguments, image: &Image, path: &Path) -> Result<Compared, Failure> {
    let options = ImageOptions { image: path.to_owned(), session: None, ..arguments.options.clone() };
    let other = options.open()?;
    let [left, right] = [arguments.options.tree(image)?, options.tree(&other)?];
    let labels = [&arguments.options.image, path].map(|path| path.to_string_lossy().into_owned());
    let how = Options { names: arguments.names, same_image: false, ..Options::default() };
    let comparison =
        compare::compare(&left, &right, &how).map_err(|error| Failure::about(&labels.join(" and "), &error))?;
    Ok(Compared { ids: [image.id_of(left.as_ref()), other.id_of(right.as_ref())], labels, comparison })
}

fn about(image: &Image) -> impl Fn(Error) -> Failure {
    let name = image.volume().id.clone();
    move |error| Failure::about(&name, &error)
}

#[derive(Serialize)]
struct CompareInfo<'a> {
    trees: Vec<TreeId>,
    differ: bool,
    comparisons: Vec<ComparisonInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<&'a Unseen>,
}

#[derive(Serialize)]
struct ComparisonInfo<'a> {
    left: TreeId,
    right: TreeId,
    differ: bool,
    matched: u64,
    renamed: u64,
    names: &'a [Pair],
    only_left: &'a [Lone],
    only_right: &'a [Lone],
    elsewhere: &'a [Pair],
    differences: &'a [Difference],
    unlisted: u64,
    diagnostics: &'a [Diagnostic],
}

impl<'a> ComparisonInfo<'a> {
    fn new(compared: &'a Compared) -> Self {
        let (comparison, [left, right]) = (&compared.comparison, compared.ids);
        Self {
            left,
            right,
            differ: comparison.differs(),
            matched: comparison.matched,
            renamed: comparison.renamed,
            names: &comparison.names,
            only_left: &comparison.only_left,
            only_right: &comparison.only_right,
            elsewhere: &comparison.elsewhere,
            differences: &comparison.differences,
            unlisted: comparison.unlisted,
            diagnostics: comparison.diagnostics.items(),
        }
    }
}

/// What no tree shows: hidden files, space that is used by nothing, and what comes after the declared end.
fn write_unseen(output: &mut Output<'_>, unseen: &Unseen) -> std::io::Result<()> {
    if unseen.is_empty() {
        return writeln!(output.buffer(), "Everything on the disc is shown by a tree");
    }
    writeln!(output.buffer(), "What nothing shows")?;
    for file in &unseen.hidden {
        let size = file.size.map_or(String::new(), |size| format!(", {}", text::size(size)));
        let path = text::display(&file.path);
        writeln!(output.buffer(), "  hidden: {path} (in {}{size})", file.tree.label())?;
        output.spill()?;
    }
    for gap in &unseen.gaps {
        writeln!(output.buffer(), "  {} used by nothing", gap_text(gap))?;
        output.spill()?;
    }
    if let Some(gap) = &unseen.after_end {
        writeln!(output.buffer(), "  {} after the declared end of the disc", gap_text(gap))?;
    }
    if unseen.unlisted > 0 {
        writeln!(output.buffer(), "  and {} more", unseen.unlisted)?;
    }
    Ok(())
}

fn gap_text(gap: &Gap) -> String {
    let Extent { offset, length } = gap.extent;
    let what = gap.what.map_or(String::new(), |what| format!(" ({what})"));
    let near = if gap.near.is_empty() { String::new() } else { format!(", behind {}", text::display(&gap.near)) };
    format!("byte {offset}: {}{what}{near},", text::size(length))
}

fn write_text(output: &mut Output<'_>, compared: &Compared) -> std::io::Result<()> {
    let comparison = &compared.comparison;
    let [left, right] = [&compared.labels[0], &compared.labels[1]].map(|label| text::display(label));
    let (left, right) = (left.as_ref(), right.as_ref());
    let renamed = match comparison.renamed {
        0 => String::new(),
        many => format!(", {many} of them under another name"),
    };
    writeln!(output.buffer(), "{left} and {right}")?;
    writeln!(output.buffer(), "  {} in both{renamed}", count(comparison.matched, "entry", "entries"))?;
    if !comparison.differs() {
        writeln!(output.buffer(), "  No differences")?;
    }
    for pair in &comparison.names {
        writeln!(output.buffer(), "    {} = {}", text::display(&pair.left), text::display(&pair.right))?;
        output.spill()?;
    }
    for (lone, tree) in [(&comparison.only_left, left), (&comparison.only_right, right)] {
        if lone.is_empty() {
            continue;
        }
        let is = if lone.len() == 1 { "is" } else { "are" };
        writeln!(output.buffer(), "  {} {is} only in {tree}:", count(lone.len() as u64, "entry", "entries"))?;
        for lone in lone {
            writeln!(output.buffer(), "    {}", lone_text(lone))?;
            output.spill()?;
        }
    }
    if !comparison.elsewhere.is_empty() {
        let is = if comparison.elsewhere.len() == 1 { "stands" } else { "stand" };
        let many = count(comparison.elsewhere.len() as u64, "entry", "entries");
        writeln!(output.buffer(), "  {many} {is} in another folder in {right}:")?;
        for pair in &comparison.elsewhere {
            writeln!(output.buffer(), "    {} → {}", text::display(&pair.left), text::display(&pair.right))?;
            output.spill()?;
        }
    }
    if !comparison.differences.is_empty() {
        let differ = if comparison.differences.len() == 1 { "differs" } else { "differ" };
        let many = count(comparison.differences.len() as u64, "entry", "entries");
        writeln!(output.buffer(), "  {many} {differ}:")?;
        for difference in &comparison.differences {
            let aspects: Vec<_> = difference.aspects.iter().map(|aspect| aspect_text(aspect, left, right)).collect();
            writeln!(output.buffer(), "    {}: {}", text::display(&difference.paths.left), aspects.join("; "))?;
            output.spill()?;
        }
    }
    if comparison.unlisted > 0 {
        writeln!(output.buffer(), "  and {} more", comparison.unlisted)?;
    }
    Ok(())
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn lone_text(lone: &Lone) -> String {
    let what = match (lone.size, lone.inside) {
        (Some(size), _) => text::size(size),
        (None, 0) => kind_text(lone.kind).to_owned(),
        (None, inside) => format!("{} with {}", kind_text(lone.kind), count(inside, "entry", "entries")),
    };
    format!("{} ({what})", text::display(&lone.path))
}

fn kind_text(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Folder => "folder",
        Kind::Symlink => "symbolic link",
        Kind::CharDevice => "character device",
        Kind::BlockDevice => "block device",
        Kind::Fifo => "named pipe",
        Kind::Socket => "socket",
    }
}

fn aspect_text(aspect: &Aspect, left: &str, right: &str) -> String {
    let moment = |moment: &Option<Timestamp>| moment.map_or("no date".to_owned(), |moment| moment.to_string());
    match aspect {
        Aspect::Kind(one, two) => format!("{} in {left}, {} in {right}", kind_text(*one), kind_text(*two)),
        Aspect::Packing(one, two) => {
            format!("packed by zisofs, as only one tree says: {one} bytes in {left}, {two} bytes in {right}")
        }
        Aspect::Size(one, two) => format!("{one} bytes in {left}, {two} bytes in {right}"),
        Aspect::Modified(one, two) => format!("changed {} in {left}, {} in {right}", moment(one), moment(two)),
        Aspect::Content => format!("the same size, but other bytes in {left} than in {right}"),
    }
}
