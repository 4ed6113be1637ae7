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
    sync::mpsc::Sender,
    time::{Duration, Instant, SystemTime},
};

use svh_core::{
    RunEvent, RunReader, RunState,
    cohort::RUNS_FOLDER,
    run::{self, Observer, Tail, shards},
};

use super::{
    effects::Started,
    event::Event,
    load::Meter,
    run::{Managed, Reached, Run, Written},
    worker::{INTERNAL, Queue, Work},
};

/// Between two looks while a run is at work or followed.
const SOON: Duration = Duration::from_millis(500);
/// Between two looks otherwise.
const LATER: Duration = Duration::from_secs(3);
/// Bytes from the end of a run's events that say how far it is.
const END: u64 = 16 << 10;

/// Where runs are kept: with the cohort, and with a model where its cohort could not be written to.
#[must_use]
pub fn places(cohort: &Path, models: Option<&Path>) -> Vec<PathBuf> {
    let models = models.map(folders).unwrap_or_default();
    std::iter::once(cohort.to_owned()).chain(models.into_iter().map(|model| model.join(RUNS_FOLDER))).collect()
}

/// What is known of a run's files.
struct Seen {
    /// Time and length of `run.json`.
    info: Option<(SystemTime, u64)>,
    events_length: u64,
    /// Time of the note.
    noted: Option<SystemTime>,
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

    /// Follows the events of these runs from their beginning; runs that are followed already continue.
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

    /// The name of the run of this process that was stopped as somebody asked.
    pub fn stopped(&self, process: u32) -> Option<String> {
        let runs = self.seen.values().map(|seen| &seen.run);
        let mut stopped = runs.filter(|run| run.info.process.id == process && run.state == RunState::Cancelled);
        stopped.next().map(|run| run.name.clone())
    }

    /// What followed runs have written since the last call.
    pub fn written(&mut self) -> Vec<Written> {
        let read = |(folder, tail, first): &mut (PathBuf, Tail<RunEvent>, bool)| {
            // A file that cannot be read shows as a run that stands still.
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
                note: None,
                reached: None,
                on_cluster: false,
                load: None,
            };
            Seen { info, events_length: 0, noted: None, run }
        }
    };
    let noted = fs::metadata(folder.join("note.txt")).and_then(|data| data.modified()).ok();
    if seen.noted != noted {
        seen.noted = noted;
        seen.run.note = RunReader::open(folder).ok().and_then(|reader| reader.note());
    }
    seen.run.on_cluster = crate::slurm::has_jobs(folder);
    // A process may end without a word.
    seen.run.state = observer.state_at(folder, &seen.run.info, Instant::now());
    if seen.events_length != length {
        seen.events_length = length;
        seen.run.reached = last_events(&events).ok().and_then(|events| reached(&events)).or(seen.run.reached);
    }
    if let Some(count) = seen.run.info.shards() {
        seen.run.reached = Some(shards_reached(folder, count));
    }
    Some(seen)
}

/// How many shards of a run are finished.
fn shards_reached(folder: &Path, count: u32) -> Reached {
    let states = RunReader::open(folder).map(|run| shards::states(&run)).unwrap_or_default();
    let finished = states.iter().filter(|(_, state)| *state == Some(RunState::Finished)).count();
    let running = states.iter().filter(|(_, state)| *state == Some(RunState::Running)).count();
    Reached { done: finished as u64, total: u64::from(count), what: format!("shards finished, {running} running"), rate: None }
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
    // Seconds restart where a run was resumed.
    let same = points.iter().rev().take_while(|point| point.3 <= seconds && point.0 <= done);
    let rate = same.last().filter(|first| first.3 < seconds).map(|first| (done - first.0) as f64 / (seconds - first.3));
    Some(Reached { done, total, what, rate })
}

/// What is to be done with runs.
pub enum Job {
    /// Watch over these folders of runs.
    Watch(Vec<PathBuf>),
    /// Follow the events of these runs, and of no others.
    Follow(Vec<PathBuf>),
    /// Start this program once more with these words.
    Start(Vec<String>),
    /// Ask the run in this folder to stop.
    Cancel(PathBuf),
    /// Change the run in this folder.
    Manage(PathBuf, Change),
}

/// What can be changed about a run.
pub enum Change {
    /// It goes.
    Delete,
    /// It gets this name.
    Rename(String),
    /// It gets this note; an empty one takes the note away.
    Note(String),
}

/// Changes a run; what was done comes back as a sentence.
///
/// # Errors
/// One sentence about what stands in the way.
pub fn manage(folder: &Path, change: &Change) -> Result<Managed, String> {
    let name = |folder: &Path| folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let old = name(folder);
    let (now, text) = match change {
        Change::Delete => {
            let others = run::delete(folder).map_err(|error| error.to_string())?;
            let stay =
                if others.is_empty() { String::new() } else { format!("; files that are not the run's stay: {}", others.join(", ")) };
            (None, format!("{old} was deleted{stay}"))
        }
        Change::Rename(new) => {
            let folder = run::rename(folder, new).map_err(|error| error.to_string())?;
            (Some(folder), format!("{old} is called {new} now"))
        }
        Change::Note(note) => {
            run::annotate(folder, note).map_err(|error| error.to_string())?;
            (Some(folder.to_owned()), if note.trim().is_empty() { format!("{old} has no note now") } else { format!("noted with {old}") })
        }
    };
    Ok(Managed { before: folder.to_owned(), now, text })
}

/// Watches over runs, starts them and asks them to stop.
pub struct Watcher {
    watch: Watch,
    started: Started,
    looked: bool,
    /// An internal error is shown once, not with every look.
    told: bool,
    events: Sender<Event>,
}

impl Watcher {
    /// A watcher over nothing yet.
    #[must_use]
    pub fn new(events: Sender<Event>) -> Self {
        Self { watch: Watch::new(Vec::new()), started: Started::default(), looked: true, told: false, events }
    }

    fn look(&mut self) {
        self.looked = true;
        let failed = self.started.failed();
        let runs = self.watch.look().filter(|_| !self.watch.places.is_empty()).map(Event::Runs);
        let watch = &self.watch;
        // A run that was asked to stop has not failed.
        let failed = failed.into_iter().map(|(process, reason)| match watch.stopped(process) {
            Some(name) => Event::Stopped(name),
            None => Event::Started(Err(reason)),
        });
        let failed: Vec<Event> = failed.collect();
        let written = self.watch.written().into_iter().map(Event::Written);
        failed.into_iter().chain(runs).chain(written).for_each(|event| drop(self.events.send(event)));
    }
}

impl Work for Watcher {
    type Job = Job;

    fn work(&mut self, job: &Job, _: &Queue<Job>) {
        let event = match job {
            Job::Watch(places) => {
                self.watch = Watch::new(places.clone());
                None
            }
            Job::Follow(folders) => {
                self.watch.follow(folders.clone());
                None
            }
            Job::Start(words) => Some(Event::Started(self.started.start(words))),
            Job::Manage(folder, change) => Some(Event::Managed(manage(folder, change))),
            Job::Cancel(folder) => {
                let asked = svh_core::run::request_cancel(folder);
                asked.err().map(|error| Event::Started(Err(error.to_string())))
            }
        };
        event.into_iter().for_each(|event| drop(self.events.send(event)));
        // The next look is due at once.
        self.looked = false;
    }

    fn panicked(&mut self, job: Job) {
        let event = match job {
            Job::Start(..) => Event::Started(Err(format!("the run could not be started: {INTERNAL}"))),
            Job::Cancel(folder) => Event::Started(Err(format!("{} could not be asked to stop: {INTERNAL}", folder.display()))),
            Job::Manage(folder, _) => Event::Managed(Err(format!("{} could not be changed: {INTERNAL}", folder.display()))),
            Job::Watch(_) | Job::Follow(_) => return self.idle_panicked(),
        };
        let _ = self.events.send(event);
    }

    fn pace(&self) -> Option<Duration> {
        Some(match self.looked {
            false => Duration::ZERO,
            true if self.started.is_any() => SOON,
            true => self.watch.pace(),
        })
    }

    fn idle(&mut self) {
        self.look();
    }

    fn idle_panicked(&mut self) {
        if !std::mem::replace(&mut self.told, true) {
            let _ = self.events.send(Event::Internal(format!("runs cannot be watched: {INTERNAL}")));
        }
    }
}
