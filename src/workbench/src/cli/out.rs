//! Results on stdout, a line at a time, flushed as they are ready.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use super::failure::{Failure, Outcome};

/// Writes one line.
pub fn line(text: impl std::fmt::Display) -> Outcome {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|error| failed(&error))
}

/// Writes one value as a line of JSON.
pub fn json(value: &impl Serialize) -> Outcome {
    line(serde_json::to_string(value).map_err(Failure::program)?)
}

/// A reader that closed the pipe has what it wanted; a full disk is for the user to mend.
fn failed(error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::user(format!("the output could not be written: {error}; what was printed so far is not complete")),
    }
}
