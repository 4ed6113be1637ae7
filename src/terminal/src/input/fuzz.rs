//! The decoder on damaged input: keys, mice, pastes and answers of terminals; tests/fuzz/README.md of the project says how and how long.

// The counting allocator is unsafe by its nature.
#![allow(unsafe_code)]

#[path = "../../../../tests/fuzz/mutator.rs"]
mod mutator;

use mutator::{Counting, corpus, fuzz};

use super::decode::Decoder;

#[global_allocator]
static MEMORY: Counting = Counting;

#[test]
fn fuzz_input() {
    fuzz("input", &corpus("input"), 30_000, |bytes| {
        // However the bytes arrive, nothing stays behind for good.
        for size in [1, 7, bytes.len().max(1)] {
            let mut decoder = Decoder::default();
            for part in bytes.chunks(size) {
                drop(decoder.feed(part));
            }
            drop(decoder.settle());
            assert!(!decoder.waits() || bytes.len() > 3, "{bytes:?}");
        }
    });
}
