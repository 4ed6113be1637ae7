//! Results on stdout, a line at a time, flushed as they are ready, and sentences on stderr. All text of the command line leaves here, and nothing in it
//! reaches a terminal as a control character.

use std::io::{ErrorKind, Write};

use serde::Serialize;
use svh_core::printable;

use super::failure::{Failure, Outcome};

/// Writes one line.
pub fn line(text: impl std::fmt::Display) -> Outcome {
    write(&printable::text(&text.to_string()))
}

/// Writes one value as a line of JSON.
pub fn json(value: &impl Serialize) -> Outcome {
    json_line(&serde_json::to_string(value).map_err(Failure::program)?)
}

/// Writes a line that is JSON already.
pub fn json_line(line: &str) -> Outcome {
    write(&printable::json(line))
}

/// Says a sentence on stderr. Where nobody hears it there is nothing to be done.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{}", printable::text(&text.to_string()));
}

fn write(line: &str) -> Outcome {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(|error| failed(&error))
}

/// A reader that closed the pipe has what it wanted; a full disk is for the user to mend.
pub fn failed(error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::user(format!("the output could not be written: {error}; what was printed so far is not complete")),
    }
}
