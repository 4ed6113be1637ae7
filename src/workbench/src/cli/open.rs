//! `svh [COHORT]`: the workbench.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use super::{
    config,
    failure::{Failure, Outcome},
    inputs, out, summary, usage,
};
use crate::{
    Options,
    config::Config,
    selection::{self, Goto},
    tui::{self, Opening},
};

/// Opens the workbench on cohorts, or on the demo; without a terminal it prints their summaries.
///
/// # Errors
/// A folder that is not there, and a terminal that goes away.
pub fn run(cohorts: &[PathBuf], view: Option<&Path>, goto: Option<Goto>, config: &Config, options: &Options) -> Outcome {
    let mut open: Vec<PathBuf> = Vec::new();
    let demo = if cohorts.is_empty() { vec![svh_core::places::demo().ok_or_else(inputs::no_demo)?] } else { Vec::new() };
    for cohort in cohorts.iter().chain(&demo) {
        if let Some(unknown) = cohort.to_str().and_then(usage::unknown) {
            return Err(Failure::user(unknown));
        }
        if !cohort.is_dir() {
            return Err(Failure::user(format!("{} is not a folder; give the folder of a cohort or of films", cohort.display())));
        }
        // A cohort that is named twice is open once.
        let same = |other: &PathBuf| other.canonicalize().ok().zip(cohort.canonicalize().ok()).is_some_and(|(one, other)| one == other);
        if !open.iter().any(same) {
            open.push(cohort.clone());
        }
    }
    let summaries = || open.iter().try_for_each(|cohort| summary::run(cohort, false));
    let opening = match (view, goto) {
        (Some(file), _) => Some(Opening::View(selection::read(file).map_err(Failure::user)?)),
        (None, Some(place)) => Some(Opening::Goto(place)),
        (None, None) => None,
    };
    let settled = config::settled(config)?;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return summaries();
    }
    if let Some(term) = plain_terminal(std::env::var("TERM").ok().as_deref()) {
        out::say(format_args!("svh: the terminal ({term}) cannot move its cursor, so here is the summary; set TERM for the workbench"));
        return summaries();
    }
    tui::app::run(open, opening, settled, options).map_err(|error| match error.kind() {
        // Nobody is there to read an error.
        std::io::ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::program(format!("the terminal has failed: {error}")),
    })
}

/// The name of a terminal that only writes line by line, as TERM tells it.
fn plain_terminal(term: Option<&str>) -> Option<String> {
    match term {
        None | Some("") => Some("TERM is not set".to_owned()),
        Some(term @ ("dumb" | "unknown" | "cons25-nocursor" | "emacs")) => Some(format!("TERM={term}")),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::plain_terminal;

    #[test]
    fn only_terminals_that_say_so_are_plain() {
        assert!(["dumb", "unknown", ""].into_iter().all(|term| plain_terminal(Some(term)).is_some()) && plain_terminal(None).is_some());
        assert!(["xterm-256color", "screen", "linux", "vt100", "xterm-kitty"].into_iter().all(|term| plain_terminal(Some(term)).is_none()));
    }
}
