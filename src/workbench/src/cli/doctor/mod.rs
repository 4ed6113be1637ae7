//! `svh doctor`: what this terminal and this machine can do, and what to do about what is missing.

mod check;
mod engine;
mod machine;
mod terminal;

use serde::Serialize;

use super::{args::Doctor, failure::Outcome, out, progress::Progress};
use crate::Options;
use check::{Check, State};

/// Everything, as `--json` prints it.
#[derive(Serialize)]
struct Report {
    checks: Vec<Check>,
    /// What `svh-engine info --json` says; absent without an engine.
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
        1 => "\n1 problem; see the advice below it.".to_owned(),
        n => format!("\n{n} problems; see the advice below each."),
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
