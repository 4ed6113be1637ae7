//! Runs on disk, looked at again and again while they are written: which there are, how they stand, how far they are, what their events say.
//!
//! Only what has changed is read: a run's `run.json` when its time has changed, the end of its events, and of followed runs what was appended.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::{Duration, Instant, SystemTime},
};

use svh_core::{
    RunEvent, RunInfo, RunKind, RunReader, RunState,
    cohort::RUNS_FOLDER,
    run::{Observer, Tail},
};

use super::{
    event::Event,
    load::{Load, Meter},
    words,
};

/// Between two looks while a run is at work or followed.
const SOON: Duration = Duration::from_millis(500);
/// Between two looks otherwise.
const LATER: Duration = Duration::from_secs(3);
/// Bytes from the end of a run's events that say how far it is.
const END: u64 = 16 << 10;

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its folder.
    pub folder: PathBuf,
    /// The folder's name.
    pub name: String,
    /// What ran.
    pub info: RunInfo,
    /// How it stands.
    pub state: RunState,
    /// How far it is, where it has said so.
    pub reached: Option<Reached>,
    /// What it takes of this machine, while it is under way here.
    pub load: Option<Load>,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// Steps or patients done.
    pub done: u64,
    /// Of so many.
    pub total: u64,
    /// What is done: an epoch, a patient.
    pub what: String,
    /// Steps or patients a second, where the latest events tell.
    pub rate: Option<f64>,
}

impl Reached {
    /// The share that is done, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.total == 0 { 0.0 } else { (self.done as f64 / self.total as f64).min(1.0) }
    }

    /// Seconds until the end at the latest pace.
    #[must_use]
    pub fn seconds_left(&self) -> Option<f64> {
        let rate = self.rate.filter(|rate| *rate > 0.0)?;
        Some(self.total.saturating_sub(self.done) as f64 / rate)
    }
}

impl Run {
    /// What it is about, in a few words: the network that is trained, or how many patients are scored.
    #[must_use]
    pub fn subject(&self) -> String {
        let setting = |name: &str| self.info.settings.get(name).and_then(|value| value.as_str());
        match self.info.kind {
            RunKind::Train => {
                let words = ["network", "task", "arch"].into_iter().filter_map(setting);
                words.collect::<Vec<_>>().join(" ")
            }
            RunKind::Score | RunKind::Detect => match &self.reached {
                Some(reached) => words::count(reached.total as usize, "patient"),
                None => "from the workbench".to_owned(),
            },
        }
    }
}

/// Where runs are kept: with the cohort, and with a model where its cohort could not be written to.
#[must_use]
pub fn places(cohort: &Path, models: Option<&Path>) -> Vec<PathBuf> {
    let models = models.map(folders).unwrap_or_default();
    std::iter::once(cohort.to_owned()).chain(models.into_iter().map(|model| model.join(RUNS_FOLDER))).collect()
}

/// Events that a followed run has written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The run's folder.
    pub folder: PathBuf,
    /// They are its first ones: what was known of it before counts no more.
    pub first: bool,
    /// The events, in their order.
    pub events: Vec<RunEvent>,
}

/// What is known of a run's files.
struct Seen {
    /// Time and length of `run.json`.
    info: Option<(SystemTime, u64)>,
    events_length: u64,
    run: Run,
}

/// A look at folders of runs, to be repeated.
pub struct Watch {
    places: Vec<PathBuf>,
    seen: HashMap<PathBuf, Seen>,
    followed: Vec<(PathBuf, Tail<RunEvent>, bool)>,
    listed: Option<Vec<Run>>,
    observer: Observer,
    meter: Meter,
}

impl Watch {
    /// A watch over these folders of runs, which need not exist yet.
    #[must_use]
    pub fn new(places: Vec<PathBuf>) -> Self {
        Self { places, seen: HashMap::new(), followed: Vec::new(), listed: None, observer: Observer::default(), meter: Meter::default() }
    }

    /// Follows the events of these runs from their beginning; runs that are followed already are gone on with.
    pub fn follow(&mut self, folders: Vec<PathBuf>) {
        let mut before = std::mem::take(&mut self.followed);
        for folder in folders {
            let known = before.iter().position(|(other, ..)| *other == folder).map(|place| before.swap_remove(place));
            self.followed.push(known.unwrap_or_else(|| {
                let events = Tail::new(folder.join("events.jsonl"));
                (folder, events, true)
            }));
        }
    }

    /// The runs, the newest first, where anything about them has changed since the last look.
    pub fn look(&mut self) -> Option<Vec<Run>> {
        let folders: Vec<PathBuf> = self.places.iter().flat_map(|place| folders(place)).collect();
        self.seen.retain(|folder, _| folders.contains(folder));
        self.observer.retain(&folders);
        let mut meter = self.meter.due(Instant::now());
        for folder in folders {
            let known = self.seen.remove(&folder);
            if let Some(mut seen) = look_at(&folder, known, &mut self.observer) {
                match &mut meter {
                    _ if seen.run.state != RunState::Running => seen.run.load = None,
                    Some(meter) => seen.run.load = meter.of(&seen.run.info.process),
                    None => {}
                }
                self.seen.insert(folder, seen);
            }
        }
        let mut runs: Vec<Run> = self.seen.values().map(|seen| seen.run.clone()).collect();
        runs.sort_by(|a, b| (&b.info.started, &b.folder).cmp(&(&a.info.started, &a.folder)));
        if self.listed.as_ref() == Some(&runs) {
            return None;
        }
        self.listed = Some(runs.clone());
        Some(runs)
    }

    /// What followed runs have written since the last call.
    pub fn written(&mut self) -> Vec<Written> {
        let read = |(folder, tail, first): &mut (PathBuf, Tail<RunEvent>, bool)| {
            // A file that cannot be read says so by the run that does not go on.
            let events = tail.read().unwrap_or_default();
            let first = std::mem::take(first);
            (first || !events.is_empty()).then(|| Written { folder: folder.clone(), first, events })
        };
        self.followed.iter_mut().filter_map(read).collect()
    }

    /// The time until the next look is due.
    fn pace(&self) -> Duration {
        let at_work = self.seen.values().any(|seen| seen.run.state == RunState::Running);
        if at_work || !self.followed.is_empty() { SOON } else { LATER }
    }
}

/// The folders in a folder.
fn folders(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}

/// Looks at one run; what is known and has not changed is not read again.
fn look_at(folder: &Path, known: Option<Seen>, observer: &mut Observer) -> Option<Seen> {
    let info = fs::metadata(folder.join("run.json")).and_then(|data| Ok((data.modified()?, data.len()))).ok();
    let events = folder.join("events.jsonl");
    let length = fs::metadata(&events).map_or(0, |data| data.len());
    let mut seen = match known.filter(|seen| seen.info == info && info.is_some()) {
        Some(seen) => seen,
        None => {
            let reader = RunReader::open(folder).ok()?;
            let run = Run {
                folder: folder.to_owned(),
                name: reader.name(),
                info: reader.info().clone(),
                state: reader.state(),
                reached: None,
                load: None,
            };
            Seen { info, events_length: 0, run }
        }
    };
    // A process may end without a word.
    seen.run.state = observer.state_at(folder, &seen.run.info, Instant::now());
    if seen.events_length != length {
        seen.events_length = length;
        seen.run.reached = last_events(&events).ok().and_then(|events| reached(&events)).or(seen.run.reached);
    }
    Some(seen)
}

/// The last events of a file, as many as lie in its last bytes.
fn last_events(path: &Path) -> io::Result<Vec<RunEvent>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(END);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes)?;
    let lines = bytes.split(|byte| *byte == b'\n').skip(usize::from(start > 0));
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// How far the events say that the run is.
fn reached(events: &[RunEvent]) -> Option<Reached> {
    let points: Vec<(u64, u64, String, f64)> = events
        .iter()
        .filter_map(|event| match event {
            RunEvent::Step { step, epoch, total_steps, seconds, .. } => {
                Some((*step, *total_steps, format!("epoch {}", epoch + 1), *seconds))
            }
            RunEvent::Progress { done, total, what, seconds } => Some((*done as u64, *total as u64, what.clone(), *seconds)),
            _ => None,
        })
        .collect();
    let (done, total, what, seconds) = points.last()?.clone();
    // Seconds begin anew where a run was gone on with.
    let same = points.iter().rev().take_while(|point| point.3 <= seconds && point.0 <= done);
    let rate = same.last().filter(|first| first.3 < seconds).map(|first| (done - first.0) as f64 / (seconds - first.3));
    Some(Reached { done, total, what, rate })
}

/// The way to the watching thread; it ends with the last of its events' receivers.
pub struct Watcher {
    follow: Sender<Vec<PathBuf>>,
}

impl Watcher {
    /// Starts the thread.
    #[must_use]
    pub fn start(places: Vec<PathBuf>, events: Sender<Event>) -> Self {
        let (follow, inbox) = channel();
        // Without a thread the runs are not shown, which the screen says.
        let _ = std::thread::Builder::new().name("runs".into()).spawn(move || watch(Watch::new(places), &inbox, &events));
        Self { follow }
    }

    /// Follows these runs and no others.
    pub fn follow(&self, folders: Vec<PathBuf>) {
        let _ = self.follow.send(folders);
    }
}

fn watch(mut watch: Watch, follow: &Receiver<Vec<PathBuf>>, events: &Sender<Event>) {
    loop {
        let runs = watch.look().map(Event::Runs);
        let written = watch.written().into_iter().map(Event::Written);
        for event in runs.into_iter().chain(written) {
            if events.send(event).is_err() {
                return;
            }
        }
        match follow.recv_timeout(watch.pace()) {
            Ok(folders) => watch.follow(folders),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
