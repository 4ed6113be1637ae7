//! Ctrl-C during a protocol: the run at work is asked to end in good order, and a second one ends the program at once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use svh_core::run;

use super::super::failure::{Failure, Outcome};
use super::super::out;

/// Listens for signals as long as the program runs.
pub struct Interrupts {
    asked: Arc<AtomicBool>,
    at_work: Arc<Mutex<Option<PathBuf>>>,
}

impl Interrupts {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system refuses to tell of signals.
    pub fn listen() -> Outcome<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(Failure::program)?;
        let ours = Self { asked: Arc::default(), at_work: Arc::default() };
        let (asked, at_work) = (Arc::clone(&ours.asked), Arc::clone(&ours.at_work));
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if asked.swap(true, Ordering::SeqCst) {
                    std::process::exit(128 + signal);
                }
                out::say("\nsvh: stopping as soon as what is at work can be gone on with; Ctrl-C again does not wait");
                if let Some(folder) = lock(&at_work).as_ref() {
                    mark(folder);
                }
            }
        });
        Ok(ours)
    }

    /// Set when somebody asked for an end.
    pub fn flag(&self) -> &AtomicBool {
        &self.asked
    }

    /// Whether somebody asked for an end.
    pub fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Does work that is kept in a run's folder, through which it is asked to end.
    pub fn during<T>(&self, run: &Path, work: impl FnOnce() -> T) -> T {
        *lock(&self.at_work) = Some(run.to_owned());
        let done = work();
        *lock(&self.at_work) = None;
        done
    }
}

/// Leaves the mark that the run's writer looks for. A run that has not begun finds it when it does.
fn mark(folder: &Path) {
    let marked = fs::create_dir_all(folder).is_ok() && run::request_cancel(folder).is_ok();
    if !marked {
        out::say(format_args!("svh: {} cannot be written to, so what is at work goes on to its end", folder.display()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
