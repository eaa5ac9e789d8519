//! `isoscope hash`: digests of the whole image.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::ReportOptions;
use super::output::{Failure, Output, Status};
use super::progress::Bar;
use crate::disc::source::FileSource;
use crate::disc::{Extent, Source, text};
use crate::verify::digest::{Digest, running};
use crate::verify::{Algorithm, pass::Reading};

/// Of which file, and which digests.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The image. Any other file will do, too: it is read as it is
    image: PathBuf,
    /// The digest to make: md5, sha1, sha224, sha256, sha384, sha512 or blake3; may be given several times. MD5, SHA-1,
    /// SHA-256, SHA-512 and BLAKE3 when nothing is said
    #[arg(long = "algorithm", short, value_name = "ALG", value_parser = algorithm)]
    algorithms: Vec<Algorithm>,
    #[command(flatten)]
    report: ReportOptions,
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    text.parse().map_err(|_| {
        let known: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.slug()).collect();
        format!("there are {}", known.join(", "))
    })
}

#[derive(Serialize)]
struct Hashed<'a> {
    file: &'a str,
    size: u64,
    /// By the names of the algorithms; null when some bytes could not be read.
    digests: Map<String, Value>,
    unreadable: &'a [Extent],
}

/// Reads the file once, and writes its digests to `output`: alone as `sha256sum` does, several each with its name, in the
/// form that `cksum --check` reads.
pub fn run(arguments: &Arguments, output: &mut Output<'_>) -> Result<Status, Failure> {
    output.set_quiet(arguments.report.quiet);
    let file = arguments.image.to_string_lossy();
    let source = FileSource::open(&arguments.image).map_err(|error| Failure::about(&file, &error))?;
    let source: Arc<dyn Source> = Arc::new(source);
    let mut algorithms =
        if arguments.algorithms.is_empty() { Algorithm::USUAL.to_vec() } else { arguments.algorithms.clone() };
    let mut seen = Vec::new();
    algorithms.retain(|algorithm| {
        !seen.contains(algorithm) && {
            seen.push(*algorithm);
            true
        }
    });
    let mut bar = Bar::new(!arguments.report.quiet, source.len());
    let mut done = 0_u64;
    let mut progress = |more| {
        done = done.saturating_add(more);
        bar.show(done, "");
    };
    let result = running::digests(source.as_ref(), &algorithms, &mut progress);
    drop(bar);
    let (digests, reading) = result.map_err(|error| Failure::about(&file, &error))?;
    tell(arguments, &file, source.len(), &algorithms, &digests, &reading, output)
}

fn tell(
    arguments: &Arguments,
    file: &str,
    size: u64,
    algorithms: &[Algorithm],
    digests: &[Option<Digest>],
    reading: &Reading,
    output: &mut Output<'_>,
) -> Result<Status, Failure> {
    if arguments.report.json {
        let value = |digest: &Option<Digest>| digest.as_ref().map_or(Value::Null, |digest| digest.to_string().into());
        let digests = algorithms.iter().zip(digests).map(|(it, digest)| (it.slug().to_owned(), value(digest)));
        let unreadable = &reading.unreadable;
        output.json(&Hashed { file, size, digests: digests.collect(), unreadable })?;
    } else {
        for digest in digests.iter().flatten() {
            let file = text::display(file);
            let line = match algorithms {
                [_] => format!("{digest}  {file}\n"),
                _ => format!("{} ({file}) = {digest}\n", digest.algorithm.tag()),
            };
            output.write(line.as_bytes())?;
        }
    }
    let Some(error) = &reading.error else { return Ok(output.status()) };
    let missed = text::size(reading.missed);
    let message = format!("{missed} could not be read, so there is no digest of the whole: {error}");
    Err(Failure::Failed(format!("{}: {message}", text::display(file))))
}
