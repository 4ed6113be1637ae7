//! What goes to stderr while a command works: a bar where stderr is a terminal, and sentences.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use svh_core::printable;

use super::out;

/// A bar that is there only when somebody sees it.
pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Progress {
    /// Nothing is drawn before the first step is known.
    pub fn new(quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::no_length();
            bar.set_style(
                ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, quiet }
    }

    /// Says what is going on where the number of steps is not known yet.
    pub fn what(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(printable::text(what).into_owned());
        }
    }

    /// Moves the bar.
    pub fn set(&self, done: usize, total: usize, what: &str) {
        let Some(bar) = &self.bar else { return };
        if bar.length() != Some(total as u64) {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed_precise} (left {eta}) {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_length(total as u64);
        }
        bar.set_position(done as u64);
        bar.set_message(printable::text(what).into_owned());
    }

    /// Does something that writes to the terminal, with the bar out of the way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// A sentence that `--quiet` leaves out.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.problem(text);
        }
    }

    /// Whether notes are said.
    pub fn speaks(&self) -> bool {
        !self.quiet
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// A sentence that is always said.
    pub fn problem(&self, text: &str) {
        self.aside(|| out::say(format_args!("svh: {text}")));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
