//! `svh doctor`: what this terminal and this machine can do, and what to do about what is missing.

mod engine;
mod machine;
mod terminal;

use serde::Serialize;

use super::{args::Doctor, failure::Outcome, out, progress::Progress};
use crate::Options;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Works, and could be better.
    Note,
    /// Something does not work.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found.
    found: String,
    /// What to do about it; empty where nothing has to be done.
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), advice: String::new() }
    }

    fn note(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state: State::Note, found: found.into(), advice: advice.into() }
    }

    fn problem(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, state: State::Problem, found: found.into(), advice: advice.into() }
    }
}

/// Everything, as `--json` prints it.
#[derive(Serialize)]
struct Report {
    checks: Vec<Check>,
    /// What `svh-engine info --json` says; absent where there is no engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<serde_json::Value>,
}

/// Looks at everything. Problems are what was asked for, so they do not make the command fail.
pub fn run(command: &Doctor, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let mut checks = terminal::checks(options);
    checks.extend(machine::checks());
    progress.what("asking svh-engine");
    let (engine, of_engine) = engine::checks(options);
    checks.extend(of_engine);
    drop(progress);
    if command.json {
        return out::json(&Report { checks, engine });
    }
    for check in &checks {
        out::line(in_words(check))?;
    }
    let problems = checks.iter().filter(|check| check.state == State::Problem).count();
    out::line(match problems {
        0 => "\nNo problems.".to_owned(),
        1 => "\n1 problem; what to do stands below it.".to_owned(),
        n => format!("\n{n} problems; what to do stands below each."),
    })
}

fn in_words(check: &Check) -> String {
    let state = match check.state {
        State::Ok => "ok     ",
        State::Note => "note   ",
        State::Problem => "PROBLEM",
    };
    let advice = if check.advice.is_empty() { String::new() } else { format!("\n{:22}{}", "", check.advice) };
    format!("{state}  {:<11}  {}{advice}", check.name, check.found)
}
