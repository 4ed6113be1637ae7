//! Films as another reader saw them, stored by the scripts in `fixtures`: width, height and 16-bit gray, little-endian.

use std::{fs, path::Path};

use svh_core::Film;

/// The stored film of this name in a folder of fixtures, where there is one.
pub fn expected(fixtures: &Path, name: &str) -> Option<Film> {
    let bytes = fs::read(fixtures.join("expected").join(format!("{name}.gray"))).ok()?;
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let pixels = bytes[8..].chunks_exact(2).map(|p| u16::from_le_bytes([p[0], p[1]])).collect();
    Film::new(number(0), number(4), pixels)
}

/// The largest difference of two pixels at the same place.
pub fn largest_difference(a: &Film, b: &Film) -> u16 {
    assert_eq!((a.width, a.height), (b.width, b.height));
    a.pixels.iter().zip(&b.pixels).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}
