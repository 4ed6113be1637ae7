//! From films to detections and grades: the models that are warm, and the two things that are asked of them.

mod decode;
mod detectors;
mod film_inference;
mod grade;
mod limb;
pub mod orientation;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use svh_core::protocol::{Event, FilmRequest};
use svh_core::{ExplainFilm, ExplainQuery, Film, Limb, PatientScore, joint};
use tch::{Device, Kind};

use crate::device::{self, Choice};
use crate::explain;
use crate::models::{Found, Models};
use crate::scorer::Scorer;
use crate::times;
use crate::{Error, Result};
pub use detectors::DetectOptions;
use detectors::Detectors;
use film_inference::FilmInference;

/// Where events go, and who may stop the work.
pub(crate) struct Watch<'a> {
    /// The request's number.
    pub id: u64,
    /// Takes events.
    pub emit: &'a dyn Fn(Event),
    /// Whether the work is cancelled.
    pub stopped: &'a dyn Fn() -> bool,
}

impl Watch<'_> {
    pub(crate) fn progress(&self, done: usize, total: usize, what: &str) {
        (self.emit)(Event::Progress { id: self.id, done, total, what: what.to_owned() });
    }

    pub(crate) fn go_on(&self) -> Result<()> {
        if (self.stopped)() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Models on a device, loaded on the first demand and kept.
#[derive(Debug)]
pub(crate) struct Session {
    folder: PathBuf,
    device: Device,
    half: bool,
    models: Models,
    detectors: Option<Detectors>,
    scorers: Option<Vec<Scorer>>,
}

impl Session {
    /// Opens the device and looks through the models; nothing is loaded yet. With `half` the networks compute in half precision.
    ///
    /// # Errors
    /// A device that was asked for by name and is not there; half precision without a GPU.
    pub fn new(folder: PathBuf, choice: Choice, half: bool) -> Result<Self> {
        let device = opened_for(choice, half)?;
        let models = Models::scan(&folder);
        Ok(Self { folder, device, half, models, detectors: None, scorers: None })
    }

    /// The event that says what there is.
    #[must_use]
    pub(crate) fn ready(&self) -> Event {
        Event::Ready {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: device::libtorch_version(),
            device: device::name(self.device),
            devices: device::all(),
            models: self.models.found.iter().map(Found::summary).collect(),
        }
    }

    /// Takes another device, and looks for new models; they are loaded again on the next demand.
    pub(crate) fn move_to(&mut self, choice: Choice) -> Result<()> {
        self.device = opened_for(choice, self.half)?;
        self.models = Models::scan(&self.folder);
        (self.detectors, self.scorers) = (None, None);
        Ok(())
    }

    /// Finds the joints of films: a `film` or `film_failed` event each.
    pub fn detect(&mut self, films: &[FilmRequest], options: DetectOptions, watch: &Watch) -> Result<()> {
        let start = Instant::now();
        let detectors = self.detectors()?;
        // What the network alone leaves of the film as it is stored.
        let open = if options.raw { Film::open_stored } else { Film::open };
        decode::each(films, detectors.at_once()?, open, |first, group| {
            watch.go_on()?;
            for ((index, request), film) in films.iter().enumerate().skip(first).zip(detectors.forward_features(group)?) {
                let answer = match options.raw {
                    true => film.and_then(|(film, seen)| film_inference::read_raw(detectors, &film, seen, request)),
                    false => film.and_then(|(film, seen)| Ok(film_inference::read(detectors, &film, seen, request, options)?.answer)),
                };
                if let Some(result) = film_or_failure(watch, request, answer)? {
                    (watch.emit)(Event::Film { id: watch.id, result });
                }
                watch.progress(index + 1, films.len(), "finding joints");
            }
            Ok(())
        })?;
        times::tell("detect", start.elapsed().as_secs_f64(), self.device);
        Ok(())
    }

    /// Finds and grades the joints of a patient: the events of [`Self::detect`], then `patient`.
    pub fn score(&mut self, patient: &str, films: &[FilmRequest], options: DetectOptions, watch: &Watch) -> Result<()> {
        let start = Instant::now();
        self.load_scorers()?;
        let detectors = self.detectors()?;
        let mut inferences: Vec<FilmInference> = Vec::new();
        let mut left_out: BTreeMap<Limb, String> = BTreeMap::new();
        let mut limbs: BTreeSet<Limb> = films.iter().filter_map(|request| film_inference::told_limb(request).0).collect();
        decode::each(films, detectors.at_once()?, Film::open, |first, group| {
            watch.go_on()?;
            for ((index, request), film) in films.iter().enumerate().skip(first).zip(detectors.forward_features(group)?) {
                let answer = film.and_then(|(film, seen)| film_inference::read(detectors, &film, seen, request, options));
                if let (Err(error), Some(limb)) = (&answer, film_inference::told_limb(request).0) {
                    left_out.insert(limb, error.to_string());
                }
                if let Some(reading) = film_or_failure(watch, request, answer)? {
                    check_new(patient, &inferences, &reading)?;
                    (watch.emit)(Event::Film { id: watch.id, result: reading.answer.clone() });
                    limbs.insert(reading.answer.limb);
                    inferences.push(reading);
                }
                watch.progress(index + 1, films.len() + 1, "finding joints");
            }
            Ok(())
        })?;
        if inferences.is_empty() {
            return Err(Error::Data(format!("no film of patient {patient} could be read")));
        }
        let expected = limbs.iter().map(|limb| joint::all().filter(|joint| joint.limb == *limb).count()).sum();
        let scorers = self.scorers.as_deref().unwrap_or_default();
        let result = PatientScore { left_out, ..grade::grade(patient, scorers, &inferences, expected)? };
        (watch.emit)(Event::Patient { id: watch.id, result });
        watch.progress(films.len() + 1, films.len() + 1, "grading joints");
        times::tell("score", start.elapsed().as_secs_f64(), self.device);
        Ok(())
    }

    /// Says what the grade of a joint rests on: an `explained` event.
    pub fn explain(&mut self, query: &ExplainQuery, watch: &Watch) -> Result<()> {
        self.load_scorers()?;
        let result = explain::explain(self.scorers.as_deref().unwrap_or_default(), query)?;
        (watch.emit)(Event::Explained { id: watch.id, result });
        Ok(())
    }

    /// Finds the reference joints that look most like a joint: a `similar` event.
    pub fn similar(&mut self, query: &ExplainQuery, references: &[ExplainFilm], most: usize, watch: &Watch) -> Result<()> {
        self.load_scorers()?;
        let mut progress = |done, total| {
            watch.progress(done, total, "looking at reference joints");
            watch.go_on()
        };
        let result = explain::similar(self.scorers.as_deref().unwrap_or_default(), query, references, most, &mut progress)?;
        (watch.emit)(Event::Similar { id: watch.id, result });
        Ok(())
    }

    /// The detectors, loaded on the first call.
    fn detectors(&mut self) -> Result<&Detectors> {
        if self.detectors.is_none() {
            let loaded = Detectors::load(&self.models, self.device, self.kind())?;
            if loaded.all().next().is_none() {
                return Err(self.nothing_for("finds joints"));
            }
            self.detectors = Some(loaded);
        }
        self.detectors.as_ref().ok_or_else(|| Error::Internal("the detectors were not loaded".to_owned()))
    }

    const fn kind(&self) -> Kind {
        if self.half { Kind::Half } else { Kind::Float }
    }

    fn load_scorers(&mut self) -> Result<()> {
        if self.scorers.is_none() {
            let load = |found: &Found| Ok(Scorer::load(&found.folder, self.device)?.computing_in(self.kind()));
            let loaded = self.models.scorers().map(load).collect::<Result<Vec<_>>>()?;
            if loaded.is_empty() {
                return Err(self.nothing_for("grades joints"));
            }
            self.scorers = Some(loaded);
        }
        Ok(())
    }

    fn nothing_for(&self, what: &str) -> Error {
        let problems = self.models.problems.iter().map(|problem| format!(" ({problem})")).collect::<String>();
        Error::Usage(format!(
            "no model in {} {what}{problems}; train one with `svh train` or name another folder with --models",
            self.folder.display()
        ))
    }
}

/// The device, which must be a GPU for half precision: a CPU gains nothing from it.
fn opened_for(choice: Choice, half: bool) -> Result<Device> {
    let device = device::open(choice)?;
    match half && device == Device::Cpu {
        true => Err(Error::Usage("--half needs a GPU and the networks are to run on the CPU; leave it out".to_owned())),
        false => Ok(device),
    }
}

/// The answer for a film, or its `film_failed` event; an error that is not the film's ends the request.
fn film_or_failure<T>(watch: &Watch, request: &FilmRequest, answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ Error::Film(_)) => {
            (watch.emit)(Event::FilmFailed { id: watch.id, film: request.path.clone(), message: error.to_string() });
            Ok(None)
        }
        Err(Error::Data(message)) => {
            let message = format!("{}: {message}", request.path.display());
            (watch.emit)(Event::FilmFailed { id: watch.id, film: request.path.clone(), message });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn check_new(patient: &str, inferences: &[FilmInference], new: &FilmInference) -> Result<()> {
    let limb = new.answer.limb;
    match inferences.iter().find(|reading| reading.answer.limb == limb) {
        None => Ok(()),
        Some(old) => {
            let (a, b) = (&old.answer.film, &new.answer.film);
            Err(Error::Data(format!("patient {patient} has two films of the {}, {a} and {b}; give one of them", limb.name())))
        }
    }
}
