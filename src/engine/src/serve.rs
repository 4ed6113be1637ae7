//! `svh-engine serve`: requests and events as one JSON object a line on stdin and stdout (see [`svh_core::protocol`]), words on stderr.
//!
//! One thread reads stdin, so that `cancel` and `quit` are seen while a network runs; this thread works the requests off in order. An error or
//! a panic within a request becomes its `failed` event and the engine lives on. When stdin ends, what was asked is still answered; when
//! nobody reads stdout any more, the engine ends at once ([`crate::listener`]).

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use svh_core::protocol::{Event, Fault, Request};

use crate::device::Choice;
use crate::pipeline::{DetectOptions, Session, Watch};
use crate::{Error, Result};

/// Serves until stdin ends, `quit` arrives or stdout is closed.
///
/// # Errors
/// No such device, or none for half precision; or stdout cannot be written to although somebody still listens (a full disk).
pub fn serve(models: PathBuf, choice: Choice, half: bool) -> Result<()> {
    let mut session = Session::new(models, choice, half)?;
    let desk = Arc::new(RequestQueue::default());
    desk.emit(&session.ready());
    let (queue, requests) = channel();
    let reader = Arc::clone(&desk);
    std::thread::spawn(move || reader.read(&queue));
    desk.work(&mut session, &requests);
    match desk.broken() {
        Some(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Internal(format!("cannot write to stdout: {error}"))),
        _ => Ok(()),
    }
}

/// What the two threads share.
#[derive(Default)]
struct RequestQueue {
    cancelled: Mutex<BTreeSet<u64>>,
    quitting: AtomicBool,
    broken: Mutex<Option<std::io::Error>>,
}

impl RequestQueue {
    /// Reads requests until stdin ends.
    fn read(&self, queue: &Sender<Request>) {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(Request::Cancel { id }) => {
                    lock(&self.cancelled).insert(id);
                }
                Ok(Request::Quit) => {
                    self.quitting.store(true, Ordering::Relaxed);
                    break;
                }
                Ok(request) => {
                    if queue.send(request).is_err() {
                        break;
                    }
                }
                Err(error) => {
                    let shown: String = line.chars().take(80).collect();
                    let message = format!("`{shown}` is not a request ({error}); write one JSON object a line");
                    self.emit(&Event::Failed { id: None, message, fault: Fault::User });
                }
            }
        }
    }

    /// Works requests off in order.
    fn work(&self, session: &mut Session, requests: &Receiver<Request>) {
        while !self.over()
            && let Ok(request) = requests.recv()
        {
            let id = id_of(&request);
            let outcome = match self.stopped(id) {
                true => Err(Error::Cancelled),
                false => catch_unwind(AssertUnwindSafe(|| self.handle(session, &request)))
                    .unwrap_or_else(|panic| Err(Error::from_panic(panic.as_ref()))),
            };
            lock(&self.cancelled).remove(&id);
            match outcome {
                Ok(()) => self.emit(&Event::Done { id }),
                Err(error) => {
                    let message = error.to_string();
                    // After such an error CUDA answers nothing else in this process; the caller starts a new one.
                    let lost = message.contains("CUDA error");
                    self.emit(&Event::Failed { id: Some(id), message, fault: error.fault() });
                    if lost {
                        self.quitting.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    fn handle(&self, session: &mut Session, request: &Request) -> Result<()> {
        let id = id_of(request);
        let emit = |event: Event| self.emit(&event);
        let stopped = || self.stopped(id);
        let watch = Watch { id, emit: &emit, stopped: &stopped };
        match request {
            Request::Detect { films, raw, threshold, no_shape, .. } => {
                let options = DetectOptions { raw: *raw, threshold: *threshold, no_shape: *no_shape };
                session.detect(films, options, &watch)
            }
            Request::Score { patient, films, no_shape, .. } => {
                let options = DetectOptions { no_shape: *no_shape, ..DetectOptions::default() };
                session.score(patient, films, options, &watch)
            }
            Request::Explain { query, .. } => session.explain(query, &watch),
            Request::Similar { query, references, most, .. } => session.similar(query, references, *most, &watch),
            Request::Device { device, .. } => {
                session.move_to(device.parse().map_err(Error::Usage)?)?;
                emit(session.ready());
                Ok(())
            }
            Request::Cancel { .. } | Request::Quit => Ok(()),
        }
    }

    /// Writes one line; a reader that has gone is remembered and ends the engine after the current film.
    fn emit(&self, event: &Event) {
        let mut broken = lock(&self.broken);
        if broken.is_some() {
            return;
        }
        let written = serde_json::to_string(event).map_err(std::io::Error::other).and_then(|line| {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all((line + "\n").as_bytes())?;
            stdout.flush()
        });
        *broken = written.err();
    }

    fn broken(&self) -> Option<std::io::Error> {
        lock(&self.broken).take()
    }

    fn over(&self) -> bool {
        self.quitting.load(Ordering::Relaxed) || lock(&self.broken).is_some()
    }

    fn stopped(&self, id: u64) -> bool {
        self.over() || lock(&self.cancelled).contains(&id)
    }
}

fn id_of(request: &Request) -> u64 {
    match request {
        Request::Detect { id, .. } | Request::Score { id, .. } | Request::Device { id, .. } | Request::Cancel { id } => *id,
        Request::Explain { id, .. } | Request::Similar { id, .. } => *id,
        Request::Quit => 0,
    }
}

/// A thread that panicked while it held the lock leaves data that are still in order: every change here is one step.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
