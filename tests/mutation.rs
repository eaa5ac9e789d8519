//! 100,000 damaged images, half of them of UDF, each opened, walked and read whole, on a small stack and under a meter:
//! nothing crashes,
//! nothing takes long, nothing takes much memory.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use isoscope::disc::source::MemorySource;
use isoscope::disc::{Image, Source, text};
use support::rng::Rng;
use support::udf_builder::encode::{crc, reseal};
use support::udf_builder::node::{Form, ROOT, file_type};
use support::udf_builder::sample::content;
use support::udf_builder::{Disc, Kind as Map};
use support::{allocator, fat, fixtures, hfs, survey};

#[global_allocator]
static METER: allocator::Counting = allocator::Counting;

/// `ISOSCOPE_MUTANTS` asks for another number.
const MUTANTS: usize = 100_000;
const STACK: usize = 256 << 10;
const LONGEST: Duration = Duration::from_secs(1);
const MOST_MEMORY: usize = 64 << 20;

/// An image that is damaged in many ways.
#[derive(Clone)]
struct Victim {
    name: String,
    bytes: Vec<u8>,
    /// Byte offsets that are more than the data of files: most of the damage is done there.
    structures: Vec<usize>,
    /// Descriptors of UDF: byte offset and length. Their checksums would betray most damage before anything believes it,
    /// so they are often made right again.
    descriptors: Vec<(usize, usize)>,
}

/// Every second one has UDF.
fn victims() -> Vec<Victim> {
    let small = |name: &String| !name.ends_with(".sparse");
    let fixtures = fixtures::names().into_iter().filter(small);
    let fixtures = fixtures.map(|name| (name.clone(), fixtures::bytes(&name))).chain(hfs::specimens::all());
    let fixtures = fixtures.chain(fat::specimens());
    let fixtures: Vec<_> = fixtures.map(|(name, bytes)| victim(name, bytes)).collect();
    let udf: Vec<_> = udf_discs().into_iter().map(|(name, bytes)| victim(name, bytes)).collect();
    let pairs = fixtures.len().max(udf.len());
    (0..pairs).flat_map(|at| [fixtures[at % fixtures.len()].clone(), udf[at % udf.len()].clone()]).collect()
}

/// Discs of every partition kind with a little of everything, as small as they get.
fn udf_discs() -> Vec<(String, Vec<u8>)> {
    let kinds = [(Map::Physical, 0x102), (Map::Physical, 0x260), (Map::Virtual, 0x150), (Map::Virtual, 0x201)];
    let kinds = kinds.into_iter().chain([(Map::Sparable, 0x201), (Map::Metadata, 0x250)]);
    let discs = kinds.map(|(kind, revision)| {
        let mut disc = Disc::new(kind, 512, revision);
        (disc.pointer, disc.fragment) = (revision != 0x201, 3);
        let folder = disc.folder(ROOT, "folder");
        disc.file_as(folder, "inline", Form::Inline, b"inline");
        let chained = disc.file_as(folder, "größe", Form::Long, &content(1, 3000));
        (disc.item(chained).split, disc.item(chained).descriptors_each) = (Some(1), Some(2));
        disc.link(ROOT, "日本", chained);
        disc.symlink(ROOT, "link", "folder/../a");
        disc.device(ROOT, "device", file_type::BLOCK_DEVICE, 8, 1);
        let versions = disc.file(ROOT, "versions", b"content");
        disc.strategy_4096(versions, 1);
        if kind == Map::Virtual {
            disc.session();
        }
        if kind == Map::Sparable {
            disc.spared = vec![0];
        }
        let last = disc.file(ROOT, "last", b"last");
        if revision >= 0x200 {
            disc.item(last).extended = true;
            disc.stream(last, "stream", b"stream");
        }
        (format!("{kind:?}, UDF {revision:x}"), disc.build().bytes)
    });
    discs.collect()
}

/// Byte offset and length of everything that has the sound tag of a descriptor of UDF.
fn descriptors(bytes: &[u8]) -> Vec<(usize, usize)> {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let places = (0..bytes.len().saturating_sub(16)).step_by(4).filter(|at| bytes[*at..at + 16] != [0; 16]);
    let sound = places.filter_map(|at| {
        let length = 16 + u16_at(at + 10);
        let others = bytes[at..at + 4].iter().chain(&bytes[at + 5..at + 16]);
        let sum = others.fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let whole = bytes.get(at..at + length).filter(|_| sum == bytes[at + 4])?;
        (usize::from(crc(&whole[16..])) == u16_at(at + 8)).then_some((at, length))
    });
    sound.collect()
}

fn victim(name: String, bytes: Vec<u8>) -> Victim {
    let image = survey::open(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut is_data = vec![false; bytes.len().div_ceil(2048)];
    for tree in image.trees() {
        for step in isoscope::disc::walk::Walk::new(tree.clone()) {
            let folder = step.folder.unwrap();
            // What the verdicts go by is structure in a file.
            let is_read = |name: &str| ["efi", "csv", "cfg"].iter().any(|known| text::has_extension(name, known));
            let files = folder.entries().iter().filter(|entry| entry.is_file() && !is_read(folder.name(entry)));
            for entry in files {
                // The head of a packed file is structure too.
                let skipped = usize::from(entry.content.packing().is_some());
                for extent in entry.content.extents().iter().filter(|extent| !extent.is_hole()) {
                    let (first, end) = (extent.offset / 2048, extent.end().div_ceil(2048));
                    let blocks = first as usize + skipped..(end as usize).min(is_data.len());
                    is_data.get_mut(blocks).unwrap_or_default().fill(true);
                }
            }
        }
    }
    let structures = (0..bytes.len()).filter(|at| !is_data[at / 2048]);
    // Zeros are mostly padding: a few of them are enough.
    let structures: Vec<_> = structures.filter(|at| bytes[*at] != 0 || at % 61 == 0).collect();
    let descriptors = descriptors(&bytes);
    Victim { name, bytes, structures, descriptors }
}

/// Numbers that are trouble as a block, a length, a count or a flag.
const EDGES: [u32; 14] = [0, 1, 2, 3, 0x10, 0x7f, 0x80, 0xff, 0x100, 0x7ff, 0x801, 0xffff, 0x7fff_ffff, 0xffff_ffff];

fn mutate(victim: &Victim, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = victim.bytes.clone();
    let blocks = bytes.len() / 2048;
    let place = |rng: &mut Rng, len: usize| match rng.below(10) {
        0 => rng.below(len),
        _ => *rng.pick(&victim.structures),
    };
    let mut hit = Vec::new();
    for _ in 0..1 + rng.below(6) {
        let mut at = place(rng, bytes.len());
        if !victim.descriptors.is_empty() && !rng.once_in(4) {
            let (start, length) = *rng.pick(&victim.descriptors);
            at = start + rng.below(length);
            hit.push(start);
        }
        match rng.below(12) {
            0..=3 => bytes[at] = rng.next() as u8,
            4 => bytes[at] ^= 1 << rng.below(8),
            5 => bytes[at] = *rng.pick(&EDGES) as u8,
            6 | 7 => {
                // A number in both byte orders, right in itself.
                let number = if rng.once_in(2) { *rng.pick(&EDGES) } else { rng.below(blocks + 8) as u32 };
                let both = [number.to_le_bytes(), number.to_be_bytes()].concat();
                let len = both.len().min(bytes.len() - at);
                bytes[at..at + len].copy_from_slice(&both[..len]);
            }
            8 => {
                let (from, to) = (rng.below(blocks) * 2048, at / 2048 * 2048);
                let len = 2048.min(bytes.len() - to);
                bytes.copy_within(from..from + len, to);
            }
            9 => {
                let len = rng.below(300).min(bytes.len() - at);
                let fill = rng.next() as u8;
                bytes[at..at + len].fill(fill);
            }
            10 => {
                // A piece moves by a little: every field behind it stands in the wrong place.
                let (len, by) = (64.min(bytes.len() - at), 1 + rng.below(8));
                let to = (at + by).min(bytes.len() - len);
                bytes.copy_within(at..at + len, to);
            }
            _ if rng.once_in(4) => {
                let len = bytes.len();
                bytes.truncate(1 + rng.below(len));
                if bytes.len() < 40_000 {
                    return bytes;
                }
                let len = bytes.len();
                bytes.resize(len.next_multiple_of(2048), 0);
                return bytes;
            }
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
    if !rng.once_in(3) {
        for start in hit {
            let covered = usize::from(u16::from_le_bytes([bytes[start + 10], bytes[start + 11]]));
            if start + 16 + covered <= bytes.len() {
                reseal(&mut bytes[start..]);
            }
        }
    }
    bytes
}

/// Runs `work` on a thread with a small stack.
fn on_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("small stack".to_owned()).stack_size(STACK);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

/// What is wrong with the treatment of one mutant, if anything.
fn trial(victim: &Victim, seed: usize) -> Option<String> {
    let bytes = mutate(victim, &mut Rng::new(seed as u64));
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let started = Instant::now();
    let (outcome, peak) = allocator::peak_of(|| catch_unwind(AssertUnwindSafe(|| survey::exhaust(&source))));
    let name = &victim.name;
    if outcome.is_err() {
        return Some(format!("mutant {seed} of {name}: panic"));
    }
    if peak > MOST_MEMORY {
        return Some(format!("mutant {seed} of {name}: {peak} bytes of memory"));
    }
    // A busy machine may hold up one run, not two.
    if started.elapsed() > LONGEST {
        let again = Instant::now();
        survey::exhaust(&source);
        if again.elapsed() > LONGEST {
            return Some(format!("mutant {seed} of {name}: {:?}", again.elapsed()));
        }
    }
    None
}

#[test]
fn a_hundred_thousand_mutants_do_no_harm() {
    let victims = victims();
    assert!(victims.len() >= 10);
    let mutants = std::env::var("ISOSCOPE_MUTANTS").map_or(MUTANTS, |number| number.parse().unwrap());
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 8));
    let failures: Vec<String> = std::thread::scope(|scope| {
        let worker = || {
            on_small_stack(|| {
                let mut failures = Vec::new();
                loop {
                    let seed = next.fetch_add(1, Relaxed);
                    if seed >= mutants || failures.len() >= 20 {
                        return failures;
                    }
                    failures.extend(trial(&victims[seed % victims.len()], seed));
                }
            })
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_mutants_are_neither_all_sound_nor_all_lost() {
    // A test of the test: most mutants still open, and many list something else than the image did.
    let victims = victims();
    let (mut opened, mut changed) = (0, 0);
    for seed in 0..400 {
        let victim = &victims[seed % victims.len()];
        let entries = |bytes: Vec<u8>| {
            let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
            let image = Image::open(source).ok()?;
            Some(survey::survey(image.default_tree()))
        };
        let mutant = entries(mutate(victim, &mut Rng::new(seed as u64)));
        opened += usize::from(mutant.is_some());
        let same = |a: &survey::Survey, b: &survey::Survey| a.rows == b.rows && a.complaints == b.complaints;
        if let (Some(mutant), Some(original)) = (mutant, entries(victim.bytes.clone())) {
            changed += usize::from(!same(&mutant, &original));
        }
    }
    assert!((200..400).contains(&opened), "{opened} of 400 open");
    assert!(changed > 80, "{changed} of 400 are seen to be damaged");
}

#[test]
fn the_meter_counts_and_the_stack_is_small() {
    let ((), peak) = allocator::peak_of(|| drop(std::hint::black_box(vec![1_u8; 5 << 20])));
    assert!((5 << 20..6 << 20).contains(&peak), "{peak}");
}
