//! Tests that cannot run on this machine say so.
//!
//! Unit tests and tests of other crates include this file (`#[path]`), as they cannot depend on this crate.

use std::fs::File;
use std::io::Write;

/// Reports that the calling test checks nothing here, and why: on stderr, and in the file that `SVH_SKIPPED` names, which `make test` prints and counts
/// at its end.
///
/// # Panics
/// When the file cannot be written: a skip must not go unnoticed.
#[track_caller]
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    let place = std::panic::Location::caller();
    let line = format!("{} ({}): {reason}\n", thread.name().unwrap_or("a test"), place.file());
    eprint!("skipped: {line}");
    if let Some(path) = std::env::var_os("SVH_SKIPPED") {
        // One write, so that the lines of several test programs do not mix.
        let written = File::options().create(true).append(true).open(&path).and_then(|mut file| file.write_all(line.as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
