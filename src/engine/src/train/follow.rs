//! A training as others see it: events in a run folder, progress as JSON lines on stdout, notes on stderr; and how it is stopped.
//!
//! It stops cleanly, with a checkpoint, on `{"request":"cancel","id":0}` on stdin, on an interrupt or a termination signal (the
//! second one ends it at once), or when the run folder is marked as cancelled. It outlives a closed stdin and a closed stdout.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use svh_core::Cohort;
use svh_core::cohort::RUNS_FOLDER;
use svh_core::protocol::{Event, Request};
use svh_core::run::{self, Lease, RunEvent, RunInfo, RunKind, RunOptions, RunReader, RunStatus, RunWriter};
use svh_core::training::TrainOptions;

use super::watch::{End, Progress, Watcher};
use crate::{Error, Result, checkpoint, device, models};

/// The time between two lines of progress.
const PACE: Duration = Duration::from_millis(250);

/// What a training is, for its run folder.
#[derive(Clone, Debug)]
pub struct Training<'a> {
    /// What was asked for, with absolute paths. The run is kept in the cohort's `runs` folder, unless it is named.
    pub asked: &'a TrainOptions,
    /// Where it was asked to compute.
    pub device: String,
    /// Settings by name that must be the same after a resume.
    pub settings: Vec<(&'static str, Value)>,
}

impl Training<'_> {
    fn out(&self) -> &Path {
        &self.asked.shared().out
    }
}

/// Runs a training under a watcher that keeps it.
///
/// # Errors
/// The training's own; a run folder that cannot be written; and that it was stopped, with the way to go on.
pub fn follow(training: &Training, work: impl FnOnce(&mut dyn Watcher) -> Result<End>) -> Result<()> {
    let out = take_model_folder(training)?;
    let mut follower = Follower::start(training)?;
    let ended = work(&mut follower);
    if let Ok(card) = models::read_card(training.out())
        && matches!(ended, Ok(End::Finished))
    {
        follower.writer.metrics(&card.metrics)?;
    }
    let (status, message) = match &ended {
        Ok(End::Finished) => (RunStatus::Finished, None),
        Ok(End::Cancelled(_)) => (RunStatus::Cancelled, None),
        Err(error) => (RunStatus::Failed, Some(error.to_string())),
    };
    follower.writer.finish(status, message)?;
    drop(out);
    match ended? {
        End::Finished => Ok(()),
        End::Cancelled(step) => Err(Error::Usage(format!(
            "stopped after step {step}; {} holds a checkpoint, --resume continues from it",
            training.out().display()
        ))),
    }
}

/// Takes the model folder, which another training may be writing. What is in it is kept, unless the user says otherwise.
fn take_model_folder(training: &Training) -> Result<ModelFolder> {
    let (out, shared) = (training.out(), training.asked.shared());
    let there = [models::CARD, checkpoint::FILE].into_iter().find(|name| out.join(name).exists());
    if let (Some(name), false, false) = (there, shared.resume, shared.force) {
        return Err(Error::Usage(format!(
            "{} holds a {name} already; --resume continues that training, --force replaces it, or name another folder with --out",
            out.display()
        )));
    }
    svh_core::access::make_folders(out).map_err(Error::io("create", out))?;
    Ok(ModelFolder { lease: Some(Lease::claim(out)?), out: out.to_owned() })
}

/// A model folder that no other training writes meanwhile. Nothing of that stays in it.
struct ModelFolder {
    lease: Option<Lease>,
    out: PathBuf,
}

impl Drop for ModelFolder {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.remove();
        }
        // Of a training that came to nothing, unless there was something before.
        drop(std::fs::remove_dir(&self.out));
    }
}

struct Follower {
    writer: RunWriter,
    stop: Arc<AtomicBool>,
    told: Option<Instant>,
}

impl Follower {
    fn start(training: &Training) -> Result<Self> {
        let writer = open_run(training)?;
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: a signal that comes when the flag is set already ends the process.
            let armed =
                flag::register_conditional_default(signal, Arc::clone(&stop)).and_then(|_| flag::register(signal, Arc::clone(&stop)));
            armed.map_err(|error| Error::Internal(format!("signals cannot be caught: {error}")))?;
        }
        let heard = Arc::clone(&stop);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
                if matches!(serde_json::from_str(&line), Ok(Request::Cancel { .. } | Request::Quit)) {
                    heard.store(true, Ordering::Relaxed);
                }
            }
        });
        let follower = Self { writer, stop, told: None };
        follower.say(&format!("run {}", follower.writer.folder().display()));
        Ok(follower)
    }

    fn say(&self, message: &str) {
        // Nobody may be listening any more; the run folder keeps what matters.
        let _ = writeln!(std::io::stderr(), "svh-engine: {message}");
    }

    fn tell(&mut self, done: u64, total: u64, what: String) {
        let last = done == total;
        if !last && self.told.is_some_and(|told| told.elapsed() < PACE) {
            return;
        }
        self.told = Some(Instant::now());
        let event = Event::Progress { id: 0, done: done as usize, total: total as usize, what };
        if let Ok(line) = serde_json::to_string(&event) {
            let _ = writeln!(std::io::stdout(), "{line}");
        }
    }
}

impl Watcher for Follower {
    fn step(&mut self, progress: &Progress) -> Result<()> {
        let mut losses: std::collections::BTreeMap<String, f64> =
            progress.losses.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        losses.insert("total".to_owned(), progress.loss());
        let event = RunEvent::Step {
            step: progress.step,
            epoch: u32::try_from(progress.epoch).unwrap_or(u32::MAX),
            total_steps: progress.steps,
            losses,
            lr: progress.learning_rate,
            seconds: self.writer.seconds(),
        };
        self.writer.event(&event)?;
        self.tell(progress.step, progress.steps, format!("training, epoch {}, loss {:.3}", progress.epoch + 1, progress.loss()));
        Ok(())
    }

    fn metrics(&mut self, step: u64, epoch: u64, split: &str, values: &[(&str, f64)]) -> Result<()> {
        let words: Vec<String> = values.iter().map(|(name, value)| format!("{name} {value:.4}")).collect();
        self.say(&format!("epoch {}, {split}: {}", epoch + 1, words.join(", ")));
        let event = RunEvent::Metrics {
            step,
            epoch: u32::try_from(epoch).unwrap_or(u32::MAX),
            split: split.to_owned(),
            values: values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
            seconds: self.writer.seconds(),
        };
        Ok(self.writer.event(&event)?)
    }

    fn note(&mut self, message: &str) {
        self.say(message);
        // The run continues without this sentence; a disk that is full is told by the next event.
        let _ = self.writer.log(message);
    }

    fn cancelled(&mut self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.writer.cancelled()
    }
}

/// The run's folder that the user names, new or resumed. Otherwise a new run in the cohort's folder, or the one that is resumed. Where the cohort cannot be written to, runs are kept in the model folder.
fn open_run(training: &Training) -> Result<RunWriter> {
    let (info, shared) = (describe(training)?, training.asked.shared());
    if let Some(folder) = &shared.run {
        let unfinished = RunReader::open(folder).is_ok_and(|old| shared.resume || old.info().status != RunStatus::Finished);
        return Ok(if unfinished { RunWriter::resume(folder, info) } else { RunWriter::create(folder, info) }?);
    }
    let places: [PathBuf; 2] = [shared.cohort.join(RUNS_FOLDER), shared.out.join(RUNS_FOLDER)];
    if shared.resume {
        let out = info.settings.get("out");
        for reader in places.iter().flat_map(|place| run::list(place)) {
            let old = reader.info();
            if old.kind == RunKind::Train && old.settings.get("out") == out {
                return Ok(RunWriter::resume(reader.folder(), info)?);
            }
        }
    }
    match RunWriter::create_in(&places[0], info.clone()) {
        Err(run::RunError::Write(_)) => Ok(RunWriter::create_in(&places[1], info)?),
        other => Ok(other?),
    }
}

fn describe(training: &Training) -> Result<RunInfo> {
    let shared = training.asked.shared();
    let cohort = Cohort::open(&shared.cohort).map_err(|error| Error::Data(error.to_string()))?;
    let mut info = RunInfo::new(RunKind::Train, training.asked.command())
        .with_options(RunOptions::Train { options: Box::new(training.asked.clone()), device: training.device.clone() })
        .with_cohort(&cohort)
        .with_setting("out", shared.out.display().to_string())
        .with_version("svh", Some(env!("CARGO_PKG_VERSION")))
        .with_version("libtorch", Some(device::libtorch_version()));
    for (name, value) in &training.settings {
        info = info.with_setting(name, value.clone());
    }
    info.seed = Some(shared.seed);
    Ok(info)
}
