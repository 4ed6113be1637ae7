//! What the engine reads, on damaged inputs; tests/fuzz/README.md of the project says how and how long.

// The counting allocator is unsafe by its nature.
#![allow(unsafe_code, clippy::unwrap_used)]

#[path = "../../../tests/fuzz/mutator.rs"]
mod mutator;

use std::fs;

use mutator::{Counting, corpus, fuzz};
use svh_core::protocol::Request;
use svh_engine::detector::DetectorConfig;
use svh_engine::models::{self, CARD};
use svh_engine::scorer::ScorerConfig;
use svh_engine::weights::Weights;

#[global_allocator]
static MEMORY: Counting = Counting;

#[test]
fn fuzz_cards() {
    let folder = tempfile::tempdir().unwrap();
    fuzz("cards", &corpus("cards"), 6000, |bytes| {
        fs::write(folder.path().join(CARD), bytes).unwrap();
        let Ok(card) = models::read_card(folder.path()) else { return };
        if let Ok(config) = DetectorConfig::from_card(&card) {
            assert!(config.max_size <= 2048 && config.sizes.fpn_channels * config.sizes.head_width <= 1 << 21);
        }
        if let Ok(config) = ScorerConfig::from_card(&card) {
            assert!((32..=1024).contains(&config.size));
        }
    });
}

#[test]
fn fuzz_weights() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    fuzz("safetensors", &corpus("safetensors"), 6000, |bytes| {
        fs::write(&path, bytes).unwrap();
        if let Ok(weights) = Weights::read(&path) {
            drop(weights.without_prefix());
        }
    });
}

#[test]
fn fuzz_requests() {
    fuzz("requests", &corpus("requests"), 10_000, |bytes| {
        for line in bytes.split(|byte| *byte == b'\n') {
            drop(serde_json::from_slice::<Request>(line));
        }
    });
}
