//! `isoscope compare`: how the trees of one image differ.

use std::io::Write;

use serde::Serialize;

use super::output::{Failure, Output, Status};
use super::{ImageOptions, ReportOptions};
use crate::disc::compare::{self, Aspect, Comparison, Difference, Lone, Pair};
use crate::disc::time::Timestamp;
use crate::disc::tree::{Kind, TreeKind};
use crate::disc::{Diagnostic, text};

/// Which image.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: ImageOptions,
    /// List names that differ too, not only how many there are
    #[arg(long)]
    names: bool,
    #[command(flatten)]
    report: ReportOptions,
}

/// Compares every other tree with the one asked for, and writes the findings to `output`.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let image = arguments.options.open()?;
    let left = arguments.options.tree(&image)?;
    let mut comparisons = Vec::new();
    for right in image.trees().iter().filter(|tree| tree.kind() != left.kind()) {
        let comparison = compare::compare(left, right, arguments.names).map_err(|error| {
            Failure::about(&format!("{} and {}", left.kind().label(), right.kind().label()), &error)
        })?;
        if comparison.differs() {
            output.mark();
        }
        comparisons.push(comparison);
    }
    if arguments.report.json {
        let trees = image.trees().iter().map(|tree| tree.kind().slug()).collect();
        let comparisons: Vec<_> = comparisons.iter().map(ComparisonInfo::new).collect();
        output.json(&CompareInfo { trees, differ: comparisons.iter().any(|info| info.differ), comparisons })?;
    } else if comparisons.is_empty() {
        writeln!(output.buffer(), "The image has one tree only: {}", left.kind().label())?;
    }
    for (at, comparison) in comparisons.iter().enumerate() {
        if !arguments.report.json {
            if at > 0 {
                output.write(b"\n")?;
            }
            write_text(output, comparison)?;
        }
        let place = format!("{} and {}", comparison.left.label(), comparison.right.label());
        output.diagnostics(&place, &comparison.diagnostics);
    }
    Ok(output.status())
}

#[derive(Serialize)]
struct CompareInfo<'a> {
    trees: Vec<&'static str>,
    differ: bool,
    comparisons: Vec<ComparisonInfo<'a>>,
}

#[derive(Serialize)]
struct ComparisonInfo<'a> {
    left: &'static str,
    right: &'static str,
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
    fn new(comparison: &'a Comparison) -> Self {
        Self {
            left: comparison.left.slug(),
            right: comparison.right.slug(),
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

fn write_text(output: &mut Output<'_>, comparison: &Comparison) -> std::io::Result<()> {
    let [left, right] = [comparison.left, comparison.right].map(TreeKind::label);
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
