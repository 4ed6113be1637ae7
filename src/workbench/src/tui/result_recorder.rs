//! Keeping results: one run a session under the cohort's `runs/`, begun with the first result, written by a thread of its own.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

use svh_core::{
    Cohort, FilmDetections, Limb, PatientScore,
    protocol::DEFAULT_THRESHOLD,
    run::{self, ResultLine, RunError, RunInfo, RunKind, RunReader, RunStatus, RunWriter, threshold},
};

use super::{data::Catalogue, event::Event, jobs::Engine, results::Results};

/// Older runs than so many are not looked into.
const RUNS: usize = 20;

/// A result to be kept, with what made it.
struct Line {
    result: Result<FilmDetections, PatientScore>,
    engine: Engine,
}

/// The way to the thread that writes.
pub struct ResultRecorder {
    lines: Option<Sender<Line>>,
    thread: Option<JoinHandle<()>>,
}

impl ResultRecorder {
    /// Starts the thread, which writes nothing before the first result.
    pub fn start(catalogue: Arc<Catalogue>, events: Sender<Event>) -> Self {
        let (sender, lines) = channel();
        let work = move || {
            if let Err(reason) = write(&lines, &catalogue, &events) {
                let _ = events.send(Event::NotKept(format!("{reason}; the results stay on the screen until you quit")));
            }
        };
        let thread = std::thread::Builder::new().name("results".into()).spawn(work).ok();
        Self { lines: Some(sender), thread }
    }

    /// Keeps the detections of a film.
    pub fn film(&self, film: FilmDetections, engine: &Engine) {
        self.send(Ok(film), engine);
    }

    /// Keeps the grades of a patient.
    pub fn patient(&self, score: PatientScore, engine: &Engine) {
        self.send(Err(score), engine);
    }

    fn send(&self, result: Result<FilmDetections, PatientScore>, engine: &Engine) {
        if let Some(lines) = &self.lines {
            // After a failure nobody listens any more, which has been said once.
            let _ = lines.send(Line { result, engine: engine.clone() });
        }
    }
}

impl Drop for ResultRecorder {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Writes results until no more can come.
fn write(lines: &Receiver<Line>, catalogue: &Catalogue, events: &Sender<Event>) -> Result<(), RunError> {
    let Ok(first) = lines.recv() else { return Ok(()) };
    let mut run = RunWriter::create_in(&catalogue.cohort.runs_folder(), info(catalogue, &first.engine))?;
    run.log(&format!("from the workbench, on {}", first.engine.device.as_deref().unwrap_or("an unknown device")))?;
    for line in std::iter::once(first).chain(lines) {
        match &line.result {
            Ok(film) => run.film(film)?,
            Err(score) => run.patient(score)?,
        }
        let _ = events.send(Event::Recorded(run.folder().to_owned()));
    }
    run.finish(RunStatus::Finished, None)?;
    Ok(())
}

fn info(catalogue: &Catalogue, engine: &Engine) -> RunInfo {
    RunInfo::of_this_command(RunKind::Score)
        .with_cohort(&catalogue.cohort)
        .with_models(&engine.models)
        .with_setting("shape", true)
        .with_setting("threshold", threshold(DEFAULT_THRESHOLD))
        .with_version("svh", Some(env!("CARGO_PKG_VERSION")))
        .with_version("svh-engine", engine.version.as_deref())
        .with_version("libtorch", engine.libtorch.as_deref())
}

/// What the cohort's newest runs know; of two results for the same film or patient the later run's counts.
#[must_use]
pub fn newest(cohort: &Cohort) -> Results {
    let mut results = Results::default();
    let runs = run::list(&cohort.runs_folder());
    let wanted = runs.iter().filter(|run| matches!(run.info().kind, RunKind::Score | RunKind::Detect));
    let newest: Vec<_> = wanted.take(RUNS).collect();
    newest.into_iter().rev().for_each(|run| add(&mut results, cohort, run));
    results
}

/// What one run says.
#[must_use]
pub fn read_one(catalogue: &Catalogue, folder: &Path) -> Results {
    let mut results = Results::default();
    if let Ok(run) = RunReader::open(folder) {
        add(&mut results, &catalogue.cohort, &run);
    }
    results
}

fn add(results: &mut Results, cohort: &Cohort, run: &RunReader) {
    // A run that cannot be read is no reason to show none of the others.
    for line in run.results().unwrap_or_default() {
        match line {
            ResultLine::Film(film) => {
                if let Some(path) = place(cohort, &film.film) {
                    results.add_film(path, film);
                }
            }
            ResultLine::Patient(score) => results.add_patient(score, Some(&run.name())),
            ResultLine::Failed { .. } => {}
        }
    }
}

/// The film of this cohort that a run calls so: runs may have been made from another folder, so the file's name decides.
fn place(cohort: &Cohort, film: &str) -> Option<PathBuf> {
    let name = Path::new(film);
    let stem = name.file_stem()?.to_str()?;
    let (id, limb) = Limb::split_stem(stem).map_or((stem, None), |(id, limb)| (id, Some(limb)));
    let patient = cohort.patient(id)?;
    let mut films = cohort.films(patient);
    let found = films.find(|(of, path)| *of == limb && path.file_name() == name.file_name())?;
    Some(found.1)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::tui::fixture;

    fn catalogue(root: &Path) -> Arc<Catalogue> {
        Arc::new(Catalogue::new(Cohort::open(root).unwrap()))
    }

    #[test]
    fn results_are_kept_as_a_run_and_found_again_from_another_folder() {
        let folder = fixture::cohort();
        let (events, _inbox) = mpsc::channel();
        let recorder = ResultRecorder::start(catalogue(folder.path()), events);
        let mut engine = Engine::new("cpu");
        engine.on_message(fixture::ready());
        recorder.film(fixture::detections(Path::new("elsewhere/images/P001-LH.png"), Limb::LeftHand), &engine);
        recorder.patient(fixture::score("P001"), &engine);
        drop(recorder);
        let runs = run::list(&folder.path().join("runs"));
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].info().status, runs[0].info().models.len()), (RunStatus::Finished, 1));
        let results = read_one(&catalogue(folder.path()), runs[0].folder());
        assert!(results.film(&folder.path().join("images/P001-LH.png")).is_some());
        let scored = results.patient("P001").unwrap();
        assert_eq!((scored.score.clone(), scored.run.clone()), (fixture::score("P001"), Some(runs[0].name())));
    }

    #[test]
    fn without_a_result_nothing_is_written() {
        let folder = fixture::cohort();
        let (events, inbox) = mpsc::channel();
        drop(ResultRecorder::start(catalogue(folder.path()), events));
        assert!(!folder.path().join("runs").exists() && inbox.try_recv().is_err());
    }

    #[test]
    fn a_cohort_that_cannot_be_written_to_says_so_once() {
        let folder = fixture::cohort();
        std::fs::write(folder.path().join("runs"), b"in the way").unwrap();
        let (events, inbox) = mpsc::channel();
        let recorder = ResultRecorder::start(catalogue(folder.path()), events);
        recorder.patient(fixture::score("P001"), &Engine::new("cpu"));
        recorder.patient(fixture::score("P002"), &Engine::new("cpu"));
        drop(recorder);
        let said: Vec<_> = inbox.try_iter().collect();
        assert!(
            matches!(&said[..], [Event::NotKept(reason)] if reason.contains("runs") && reason.contains("stay on the screen")),
            "{said:?}"
        );
    }
}
