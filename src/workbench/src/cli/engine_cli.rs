//! Commands that the engine runs as a program of its own: `svh train` and `svh model`. Its results become ours, its progress our bar.

use std::{
    ffi::OsString,
    io::Write,
    process::ChildStdin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};
use svh_core::{
    model_command::ModelCommand,
    protocol::{Event, Request},
    training::TrainOptions,
};

use super::{
    failure::{Failure, Outcome},
    out,
    progress::Progress,
    protocol::interrupts::Interrupts,
};
use crate::{
    Options,
    engine::{Launch, Listener, Slot, StdinTaker, unnamed},
};

/// `svh model`
pub fn model(command: &ModelCommand, options: &Options) -> Outcome {
    let mut line = Line::new(["model"]);
    line.option("--json", Some(serde_json::to_string(command).map_err(Failure::program)?));
    line.option("--device", Some(&options.device));
    line.option("--models", svh_core::places::models(options.models.as_deref()));
    follow(line, false, &Arc::default(), options)
}

/// `svh train`
pub fn train(asked: &TrainOptions, options: &Options) -> Outcome {
    let stop = Arc::new(EngineStop::default());
    listen(&stop)?;
    follow(training(asked, options)?, true, &stop, options)
}

/// A training that a protocol may stop.
pub fn train_until(asked: &TrainOptions, options: &Options, interrupts: &Interrupts) -> Outcome {
    let (stop, line) = (Arc::new(EngineStop::default()), training(asked, options)?);
    let asked = Arc::clone(&stop);
    interrupts.during(move || asked.request(), || follow(line, true, &stop, options))
}

fn training(asked: &TrainOptions, options: &Options) -> Outcome<Line> {
    let mut line = Line::new(["train"]);
    line.option("--json", Some(serde_json::to_string(&asked.clone().absolute()).map_err(Failure::program)?));
    line.option("--device", Some(&options.device));
    Ok(line)
}

/// A command line in the making.
struct Line(Vec<OsString>);

impl Line {
    fn new<const N: usize>(words: [&str; N]) -> Self {
        Self(words.map(OsString::from).to_vec())
    }

    fn push(&mut self, word: impl Into<OsString>) {
        self.0.push(word.into());
    }

    fn option(&mut self, name: &str, value: Option<impl Into<OsString>>) {
        if let Some(value) = value {
            self.push(name);
            self.push(value);
        }
    }
}

/// How an engine at work is stopped: cleanly, by a request that waits for it where it has not started yet, or at once.
#[derive(Default)]
struct EngineStop {
    slot: Slot,
    stdin: Mutex<Option<ChildStdin>>,
    requested: AtomicBool,
    at_once: AtomicBool,
}

impl EngineStop {
    /// Asks for an end with a checkpoint.
    fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        self.send();
    }

    /// The engine listens here.
    fn started(&self, stdin: Option<ChildStdin>) {
        *lock(&self.stdin) = stdin;
        if self.requested.load(Ordering::SeqCst) {
            self.send();
        }
    }

    fn send(&self) {
        if let (Some(stdin), Ok(cancel)) = (lock(&self.stdin).as_mut(), serde_json::to_string(&Request::Cancel { id: 0 })) {
            // Where it has ended it needs no request.
            let _ = stdin.write_all(format!("{cancel}\n").as_bytes());
        }
    }

    fn close(&self) {
        self.at_once.store(true, Ordering::SeqCst);
        self.slot.close();
    }
}

/// Runs the engine to its end, `apart` from the signals of the terminal.
fn follow(line: Line, apart: bool, stop: &Arc<EngineStop>, options: &Options) -> Outcome {
    let progress = Arc::new(Progress::new(options.quiet));
    let said = Arc::new(Mutex::new(Vec::new()));
    // A stop may be asked for while the engine loads what it resumes, which it does before its first line.
    let taker = Arc::clone(stop);
    let stdin: StdinTaker = Arc::new(move |stdin| taker.started(Some(stdin)));
    let launch = Launch { arguments: line.0, apart, listener: Some(listener(&progress, &said)), stdin: Some(stdin) };
    let mut engine = launch.start(&stop.slot)?;
    while let Some(line) = engine.line() {
        match serde_json::from_str::<Event>(&line) {
            Ok(Event::Progress { done, total, what, .. }) => progress.set(done, total, &what),
            Ok(_) => {}
            Err(_) if line.starts_with('{') => progress.aside(|| out::with_version(&line))?,
            Err(_) => progress.aside(|| out::line(&line))?,
        }
    }
    stop.started(None);
    let ended = engine.finish();
    progress.clear();
    match ended {
        Err(_) if stop.at_once.load(Ordering::SeqCst) => {
            Err(Failure::user("stopped at once; --resume continues from the last checkpoint, where there is one"))
        }
        // The engine's own sentence came with its other words.
        Err(error) if lock(&said).contains(&error.to_string()) => Err(Failure::Told(error.fault())),
        ended => ended.map_err(Failure::from),
    }
}

/// Says what the engine says, and remembers it.
fn listener(progress: &Arc<Progress>, said: &Arc<Mutex<Vec<String>>>) -> Listener {
    let (progress, said) = (Arc::clone(progress), Arc::clone(said));
    Arc::new(move |line| {
        let line = unnamed(line);
        // The rest of what clap says of a mistake: it speaks of another program's options.
        if progress.speaks() && !line.starts_with("For more information") && !line.starts_with("Usage:") {
            progress.note(line);
            lock(&said).push(line.to_owned());
        }
    })
}

/// Ctrl-C stops cleanly, and a second one at once.
fn listen(stop: &Arc<EngineStop>) -> Outcome {
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(Failure::program)?;
    let stop = Arc::clone(stop);
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if stop.requested.load(Ordering::SeqCst) {
                stop.close();
            } else {
                stop.request();
                out::say("\nsvh: stopping after this step and keeping a checkpoint; Ctrl-C again stops at once");
            }
        }
    });
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
