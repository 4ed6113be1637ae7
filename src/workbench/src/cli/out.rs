//! Results on stdout, a line at a time, flushed as they are ready, and sentences on stderr. All text of the command line leaves here, and nothing in it
//! reaches a terminal as a control character.

use std::borrow::Cow;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use serde::Serialize;
use svh_core::printable;

use super::failure::{Failure, Outcome};

/// Writes one line.
pub fn line(text: impl std::fmt::Display) -> Outcome {
    write(&printable::text(&text.to_string()))
}

/// Writes one object as a line of JSON that begins with the version of svh: what its fields mean is told by json.md of that version.
pub fn json(object: &impl Serialize) -> Outcome {
    with_version(&serde_json::to_string(object).map_err(Failure::program)?)
}

/// Writes a line that is an object of JSON already, with the version of svh in front.
pub fn with_version(line: &str) -> Outcome {
    json_line(&versioned(line))
}

fn versioned(line: &str) -> Cow<'_, str> {
    let version = env!("CARGO_PKG_VERSION");
    match line.strip_prefix('{') {
        Some("}") => Cow::Owned(format!("{{\"version\":\"{version}\"}}")),
        Some(fields) => Cow::Owned(format!("{{\"version\":\"{version}\",{fields}")),
        None => Cow::Borrowed(line),
    }
}

/// Writes a line that is JSON already.
pub fn json_line(line: &str) -> Outcome {
    write(&printable::json(line))
}

/// Says a sentence on stderr. Where nobody hears it there is nothing to be done.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{}", printable::text(&text.to_string()));
}

/// Ends a command that failed: says its sentence and gives the exit status.
pub fn end(failure: &Failure) -> ExitCode {
    if let Some(message) = failure.message() {
        say(format_args!("svh: {message}"));
    }
    failure.status()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_begins_with_the_version() {
        let value = |line: &str| serde_json::from_str::<serde_json::Value>(&versioned(line)).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(value("{}"), serde_json::json!({"version": version}));
        assert_eq!(value(r#"{"a":{"b":1}}"#), serde_json::json!({"version": version, "a": {"b": 1}}));
    }
}
