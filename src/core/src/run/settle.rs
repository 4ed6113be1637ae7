//! How several runs stand, each watched for as long as it takes.

use std::time::{Instant, SystemTime};

use super::lease::SILENCE;
use super::state::{Sighting, sight};
use super::{Observer, RunReader, RunState};

impl Observer {
    /// How a run stands now.
    pub fn state(&mut self, run: &RunReader) -> RunState {
        self.state_at(run.folder(), run.info(), Instant::now())
    }
}

/// How runs stand, for a look that is not repeated. A run of another machine counts as being at work where its heartbeat is of the last moments by this
/// machine's clock. Otherwise it has ended, or the clocks differ: it is watched until its heartbeat changes or has been silent for long enough. `wait` lets a
/// moment pass, is told how many runs are watched, and gives the time.
pub fn settle(runs: &[RunReader], mut wait: impl FnMut(usize) -> Instant) -> Vec<RunState> {
    let mut observer = Observer::default();
    let mut states: Vec<RunState> = runs.iter().map(RunReader::state).collect();
    let pulse = |run: &RunReader| match sight(run.folder(), run.info()) {
        Sighting::Elsewhere(elsewhere) => Some(elsewhere),
        Sighting::Known(_) => None,
    };
    let is_doubtful = |run: &RunReader| pulse(run).filter(|elsewhere| !is_of_late(elsewhere.written));
    let mut watched: Vec<(usize, Vec<u8>)> =
        runs.iter().enumerate().filter_map(|(place, run)| Some((place, is_doubtful(run)?.pulse))).collect();
    let mut now = Instant::now();
    while !watched.is_empty() {
        watched.retain(|(place, before)| {
            let run = &runs[*place];
            states[*place] = observer.state_at(run.folder(), run.info(), now);
            // Another heartbeat decides it as well as silence does.
            states[*place] == RunState::Running && pulse(run).is_some_and(|elsewhere| elsewhere.pulse == *before)
        });
        if !watched.is_empty() {
            now = wait(watched.len());
        }
    }
    states
}

/// Whether a file was written within the silence of a dead holder, before or after now.
fn is_of_late(written: Option<SystemTime>) -> bool {
    written.is_some_and(|at| match SystemTime::now().duration_since(at) {
        Ok(age) => age < SILENCE,
        Err(ahead) => ahead.duration() < SILENCE,
    })
}
