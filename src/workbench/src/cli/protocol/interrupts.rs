//! Ctrl-C during a protocol: the work in progress is stopped cleanly, and a second one ends the program at once.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use super::super::failure::{Failure, Outcome};
use super::super::out;
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

/// What stops the work that is done now.
type Stop = Box<dyn Fn() + Send>;

/// Listens for signals as long as the program runs.
pub struct Interrupts {
    asked: Arc<AtomicBool>,
    at_work: Arc<Mutex<Option<Stop>>>,
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
                out::say("\nsvh: stopping as soon as the work in progress can be resumed; Ctrl-C again does not wait");
                if let Some(stop) = lock(&at_work).as_ref() {
                    stop();
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

    /// Does work that is stopped so; an end that was asked for a moment before it began stops it too.
    pub fn during<T>(&self, stop: impl Fn() + Send + 'static, work: impl FnOnce() -> T) -> T {
        *lock(&self.at_work) = Some(Box::new(stop));
        if let (true, Some(stop)) = (self.asked(), lock(&self.at_work).as_ref()) {
            stop();
        }
        let done = work();
        *lock(&self.at_work) = None;
        done
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
