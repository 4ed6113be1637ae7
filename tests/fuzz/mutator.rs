//! Damaged inputs for the readers: seeds with bits flipped, bytes changed, parts cut out, doubled, taken from other seeds, and words of the format put in.
//!
//! Included by the `fuzz` tests of several crates (`#[path]`). The short run, part of every `cargo test`, has a fixed seed and number of inputs; `SVH_FUZZ_TIMES`
//! multiplies the number and `SVH_FUZZ_SEED` changes the seed. See README.md beside this file.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// The most memory that reading one input may take.
const MOST_MEMORY: usize = 2_000_000_000;

/// The longest that reading one input may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Counts what is allocated. Memory that was asked for and never touched counts too.
pub struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grown(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grown(size);
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(place, layout, size) }
    }
}

/// One change; places are shares of the input's length, so that they stay within it while others change it.
#[derive(Clone, Debug)]
enum Edit {
    Flip(u16, u8),
    Set(u16, u8),
    Insert(u16, Vec<u8>),
    Delete(u16, u16),
    Double(u16, u16, u8),
    Splice(u16, usize, u16, u16),
    Word(u16, usize),
    Number(u16, u8, usize),
    Cut(u16),
}

/// Numbers at which readers stumble.
const NUMBERS: [u64; 14] =
    [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40, i64::MAX as u64, u64::MAX];

/// Words that mean something to several formats.
const WORDS: [&str; 30] = [
    "NaN",
    "null",
    "-1",
    "1e999",
    "1e-999",
    "0",
    "4294967296",
    "18446744073709551616",
    "\"",
    "\\u0000",
    "\u{0}",
    "\n",
    "\r\n",
    "\u{feff}",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "</annotation>",
    "<object>",
    "&#0;",
    "&lt;",
    ",",
    ";",
    "\t",
    "true",
    "\u{1b}[2J",
    "é",
];

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<u16>;
    prop_oneof![
        3 => (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        1 => (at(), proptest::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        2 => (at(), 1..64_u16).prop_map(|(at, length)| Edit::Delete(at, length)),
        1 => (at(), 1..64_u16, 2..40_u8).prop_map(|(at, length, times)| Edit::Double(at, length, times)),
        1 => (at(), any::<usize>(), at(), 1..512_u16).prop_map(|(at, seed, from, length)| Edit::Splice(at, seed, from, length)),
        3 => (at(), any::<usize>()).prop_map(|(at, word)| Edit::Word(at, word)),
        2 => (at(), any::<u8>(), any::<usize>()).prop_map(|(at, kind, number)| Edit::Number(at, kind, number)),
        1 => at().prop_map(Edit::Cut),
    ]
}

fn place(at: u16, length: usize) -> usize {
    usize::from(at) * length / (usize::from(u16::MAX) + 1)
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit, seeds: &[Vec<u8>]) {
    let length = bytes.len();
    let part = |at: u16, many: u16| place(at, length)..(place(at, length) + usize::from(many)).min(length);
    match edit {
        Edit::Flip(at, bit) => bytes.get_mut(place(*at, length)).into_iter().for_each(|byte| *byte ^= 1 << bit),
        Edit::Set(at, value) => bytes.get_mut(place(*at, length)).into_iter().for_each(|byte| *byte = *value),
        Edit::Insert(at, new) => drop(bytes.splice(place(*at, length)..place(*at, length), new.iter().copied())),
        Edit::Delete(at, many) => drop(bytes.drain(part(*at, *many))),
        Edit::Double(at, many, times) => {
            let copy = bytes[part(*at, *many)].repeat(usize::from(*times));
            bytes.splice(place(*at, length)..place(*at, length), copy);
        }
        Edit::Splice(at, seed, from, many) => {
            let other = &seeds[seed % seeds.len()];
            let start = place(*from, other.len());
            let copy = other[start..(start + usize::from(*many)).min(other.len())].to_vec();
            bytes.splice(part(*at, *many), copy);
        }
        Edit::Word(at, word) => {
            let word = WORDS[word % WORDS.len()].as_bytes();
            let end = if word.len().is_multiple_of(2) { place(*at, length) } else { (place(*at, length) + word.len()).min(length) };
            bytes.splice(place(*at, length)..end, word.iter().copied());
        }
        Edit::Number(at, kind, number) => {
            let number = NUMBERS[number % NUMBERS.len()];
            let width = [1, 2, 4, 8][usize::from(kind % 4)];
            let digits = if kind & 4 == 0 { number.to_le_bytes()[..width].to_vec() } else { number.to_be_bytes()[8 - width..].to_vec() };
            let start = place(*at, length);
            bytes.splice(start..(start + width).min(length), digits);
        }
        Edit::Cut(at) => bytes.truncate(place(*at, length)),
    }
}

/// The files of a folder of the seed corpus.
pub fn corpus(name: &str) -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("tests/fuzz/corpus"));
    let folder: PathBuf = here.into_iter().find(|folder| folder.is_dir()).expect("the seed corpus").join(name);
    files(&folder)
}

/// The files of any folder.
pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!seeds.is_empty(), "{} has no seed", folder.display());
    seeds
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, not a number")))
}

/// Reads every seed as it is, then so many damaged ones. `read` must neither panic nor take too long nor too much memory; what it returns is up to it.
pub fn fuzz(name: &str, seeds: &[Vec<u8>], inputs: u32, read: impl Fn(&[u8])) {
    // Memory is counted for the whole program: one target at a time.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (seed, times) = (number("SVH_FUZZ_SEED", 1), number("SVH_FUZZ_TIMES", 1));
    let measured = |bytes: &[u8]| {
        let (before, start) = (NOW.load(Ordering::Relaxed), Instant::now());
        PEAK.store(before, Ordering::Relaxed);
        read(bytes);
        (PEAK.load(Ordering::Relaxed).saturating_sub(before), start.elapsed())
    };
    for (at, bytes) in seeds.iter().enumerate() {
        let (memory, time) = measured(bytes);
        assert!(memory <= MOST_MEMORY && time <= LONGEST, "{name}, seed {at} as it is: {memory} bytes of memory, {time:?}");
    }
    let cases = u32::try_from(u64::from(inputs) * times).unwrap_or(u32::MAX);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 5000, ..Config::default() };
    let mut digits = [0; 32];
    digits[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &digits));
    let strategy = (0..seeds.len(), proptest::collection::vec(edit(), 1..8));
    let start = Instant::now();
    let (most, longest) = (AtomicUsize::new(0), Mutex::new(Duration::ZERO));
    let outcome = runner.run(&strategy, |(seed, edits)| {
        let mut bytes = seeds[seed].clone();
        edits.iter().for_each(|edit| apply(&mut bytes, edit, seeds));
        let (memory, time) = measured(&bytes);
        most.fetch_max(memory, Ordering::Relaxed);
        let mut longest = longest.lock().unwrap_or_else(PoisonError::into_inner);
        *longest = time.max(*longest);
        if memory > MOST_MEMORY {
            return Err(TestCaseError::fail(format!("{memory} bytes of memory")));
        }
        if time > LONGEST { Err(TestCaseError::fail(format!("{time:?}"))) } else { Ok(()) }
    });
    if let Err(error) = outcome {
        panic!("{name}, seed {seed}: {error}");
    }
    let (most, longest) = (most.into_inner() >> 10, longest.into_inner().unwrap_or_else(PoisonError::into_inner));
    println!("{name}: {cases} inputs in {:.1?}, longest {longest:.1?}, at most {most} kB", start.elapsed());
}
