//! 50,000 damaged images, each opened, walked and read whole, on a small stack and under a meter: nothing crashes,
//! nothing takes long, nothing takes much memory.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use isoscope::disc::source::MemorySource;
use isoscope::disc::{Image, Source};
use support::rng::Rng;
use support::{allocator, fixtures, hfs, survey};

#[global_allocator]
static METER: allocator::Counting = allocator::Counting;

/// `ISOSCOPE_MUTANTS` asks for another number.
const MUTANTS: usize = 50_000;
const STACK: usize = 256 << 10;
const LONGEST: Duration = Duration::from_secs(1);
const MOST_MEMORY: usize = 64 << 20;

/// An image that is damaged in many ways.
struct Victim {
    name: String,
    bytes: Vec<u8>,
    /// Byte offsets that are more than the data of files: most of the damage is done there.
    structures: Vec<usize>,
}

fn victims() -> Vec<Victim> {
    let small = |name: &String| !name.ends_with(".sparse");
    let made = fixtures::names().into_iter().filter(small).map(|name| (name.clone(), fixtures::bytes(&name)));
    made.chain(hfs::specimens()).map(|(name, bytes)| victim(name, bytes)).collect()
}

fn victim(name: String, bytes: Vec<u8>) -> Victim {
    let image = survey::open(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut is_data = vec![false; bytes.len().div_ceil(2048)];
    for tree in image.trees() {
        for step in isoscope::disc::walk::Walk::new(tree.clone()) {
            for entry in step.folder.unwrap().entries().iter().filter(|entry| entry.is_file()) {
                // The head of a packed file is structure too.
                let skipped = usize::from(entry.content.packing().is_some());
                for extent in entry.content.extents() {
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
    Victim { name, bytes, structures }
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
    for _ in 0..1 + rng.below(6) {
        let at = place(rng, bytes.len());
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
fn fifty_thousand_mutants_do_no_harm() {
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
