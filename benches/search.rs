//! How long the index of an image takes to build, and a search in it.
//!
//!     cargo bench --bench search -- IMAGE
//!
//! `benches/compare` makes an image with a million names and puts the figures into its table.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use isoscope::disc::index::Index;
use isoscope::disc::source::FileSource;
use isoscope::disc::{Image, Result};

/// What somebody types, letter by letter: from names that nearly all have, over several words, to what none has.
const QUERIES: [&str; 9] =
    ["l", "e", "lib", "libexample0", "999", "deb", "data deb", "example 42 ubuntu3", "no such name"];

/// Runs of each search; the middle one counts.
const RUNS: usize = 9;

fn main() -> Result<()> {
    let Some(path) = std::env::args_os().skip(1).find(|argument| argument != "--bench") else {
        println!("usage: cargo bench --bench search -- IMAGE");
        return Ok(());
    };
    let image = Image::open(Arc::new(FileSource::open(path.as_ref())?))?;
    let started = Instant::now();
    let index = Index::build(image.default_tree(), None, &mut |_| {})?;
    println!("{} names indexed in {:.1} ms", index.len(), milliseconds(started.elapsed()));
    for query in QUERIES {
        let mut times: Vec<Duration> = Vec::new();
        let mut hits = 0;
        for _ in 0..RUNS {
            let started = Instant::now();
            hits = std::hint::black_box(index.search(query)).len();
            times.push(started.elapsed());
        }
        times.sort();
        println!("{query:?}: {hits} hits in {:.1} ms", milliseconds(times[RUNS / 2]));
    }
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
