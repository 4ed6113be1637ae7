//! The training of a detector.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use svh_core::Task;

use super::detector_training::DetectorTraining;
use super::detector_validation::{Validation, image};
use super::limb_evidence;
use super::non_finite_guard::NonFiniteGuard;
use super::schedule::Schedule;
use super::watch::{End, Progress, Watcher};
use crate::checkpoint::{self, Position};
use crate::data::detector_films::{FilmSource, sample};
use crate::data::order::rng_of;
use crate::data::{CohortFilms, DetectorSample, Loader, Proposals};
use crate::detector::model::{About, save_model};
use crate::detector::sampler::Picker;
use crate::detector::{Detector, FasterRcnn, Target, Unknown, init, transform};
use crate::nn::{ParamInit, Store};
use crate::sgd::Sgd;
use crate::{Error, Result};

/// Trains on the cohort that the options name and writes the model folder.
pub fn run(options: &DetectorTraining, watcher: &mut dyn Watcher) -> Result<End> {
    let films = Arc::new(CohortFilms::open(&options.cohort, options.task, options.proposals)?);
    for problem in films.problems() {
        watcher.note(problem);
    }
    let held_out = options.validation.as_ref().map(|cohort| CohortFilms::open(cohort, options.task, Proposals::Leave)).transpose()?;
    let measured_on = held_out.as_ref().map(|films| Validation::new(films, options.validation_films));
    let mut options = options.clone();
    options.config.sizes.box_spread = films.box_spread();
    let end = run_on(Arc::clone(&films) as Arc<dyn FilmSource>, measured_on.as_ref(), &options, films.name(), watcher)?;
    if matches!(end, End::Finished) {
        measure_limbs(&options, watcher)?;
    }
    for refused in films.refused().into_iter().chain(held_out.iter().flat_map(CohortFilms::refused)) {
        watcher.note(&refused);
    }
    Ok(end)
}

/// Measures how much evidence the finished detector wants for a limb, where there are films enough for it.
fn measure_limbs(options: &DetectorTraining, watcher: &mut dyn Watcher) -> Result<()> {
    let detector = Detector::load(&options.out, options.device)?;
    match limb_evidence::fit(&detector, &options.cohort, &mut |_, _| {})? {
        Some(found) => {
            watcher.note(&found.in_words());
            limb_evidence::write(&options.out, detector.card().clone(), found)
        }
        None => {
            watcher
                .note("too few films to tell limbs from other parts of the body; `svh model familiarity` does that with a larger cohort");
            Ok(())
        }
    }
}

/// Trains on films from anywhere, which `origin` names in the card, and measures on others after every epoch.
pub fn run_on(
    films: Arc<dyn FilmSource>,
    measured_on: Option<&Validation>,
    options: &DetectorTraining,
    origin: &str,
    watcher: &mut dyn Watcher,
) -> Result<End> {
    svh_core::access::make_folders(&options.out).map_err(Error::io("create", &options.out))?;
    let (schedule, steps_an_epoch) = (options.schedule(films.len()), options.steps_an_epoch(films.len()));
    let mut learned = Recent::of(steps_an_epoch);
    let mut validation = Vec::new();
    let mut training = Training::start(options, films.len(), schedule, watcher)?;
    let mut loader = training.loader(films)?;
    let mut recent = Recent::of(100);
    while training.step < schedule.steps {
        let start = Instant::now();
        let Some(samples) = loader.next() else { break };
        let losses = training.take_step(&samples?)?;
        for means in [&mut recent, &mut learned] {
            means.add(losses.iter().map(|(_, value)| value).sum());
        }
        let epoch = (training.step - 1) / steps_an_epoch;
        let progress = Progress {
            step: training.step,
            steps: schedule.steps,
            epoch,
            learning_rate: schedule.at(training.step - 1),
            losses,
            seconds: start.elapsed().as_secs_f64(),
        };
        let told = watcher.step(&progress);
        let stop = told.is_err() || watcher.cancelled();
        if stop || training.step % options.checkpoint_every.max(1) == 0 || training.step == schedule.steps {
            training.save()?;
        }
        told?;
        if training.step % steps_an_epoch == 0 || training.step == schedule.steps {
            watcher.metrics(training.step, epoch, "train", &[("loss", learned.mean())])?;
            if let Some(films) = measured_on {
                validation = films.measure(&training.network, options.device, options.seed)?;
                watcher.metrics(training.step, epoch, "validation", &validation)?;
            }
        }
        // After the metrics: a training that goes on does not measure an epoch that is over.
        if stop && training.step < schedule.steps {
            return Ok(End::Cancelled(training.step));
        }
    }
    let measured = measured_on.map(|films| (films.film_count(), validation));
    save_model(&options.out, &training.store, &options.config, training.about(origin, &recent, measured))?;
    Ok(End::Finished)
}

/// A training in progress.
struct Training<'o> {
    options: &'o DetectorTraining,
    films: usize,
    schedule: Schedule,
    settings: BTreeMap<String, String>,
    store: Store,
    network: FasterRcnn,
    sgd: Sgd,
    /// Steps done.
    step: u64,
    guard: NonFiniteGuard,
}

impl<'o> Training<'o> {
    fn start(options: &'o DetectorTraining, films: usize, schedule: Schedule, watcher: &mut dyn Watcher) -> Result<Self> {
        let store = Store::new(options.device, ParamInit::Random(options.seed));
        let network = FasterRcnn::new(&store, options.config.clone())?;
        if let (Some(path), false) = (&options.init, options.resume) {
            let taken = init::init_from(&store, &options.config, path)?;
            watcher.note(&format!("starting from {} ({taken})", path.display()));
        }
        init::freeze_stages(&store, options.config.arch, options.freeze);
        let sgd = Sgd::new(&store, options.sgd);
        let settings = options.settings(films, &schedule);
        let mut training = Self { options, films, schedule, settings, store, network, sgd, step: 0, guard: NonFiniteGuard::default() };
        if options.resume {
            let path = options.out.join(checkpoint::FILE);
            training.step = checkpoint::restore(&path, &training.store, &mut training.sgd, &training.settings)?;
            watcher.note(&format!("going on after step {} of {}", training.step, schedule.steps));
        }
        Ok(training)
    }

    /// Batches from the next step to the last.
    fn loader(&self, films: Arc<dyn FilmSource>) -> Result<Loader<Vec<DetectorSample>>> {
        let (batch, seed) = (self.options.batch as u64, self.options.seed);
        let (preparation, config) = (self.options.preparation, self.options.config.clone());
        Loader::new(self.step..self.schedule.steps, self.options.workers, 4, move |step| {
            (0..batch).map(|place| sample(&*films, &preparation, &config, seed, step * batch + place)).collect()
        })
    }

    fn take_step(&mut self, samples: &[DetectorSample]) -> Result<Vec<(&'static str, f64)>> {
        let images = samples.iter().map(|sample| image(sample, self.options.device)).collect::<Result<Vec<_>>>()?;
        let batch = transform::collate(&images, &self.options.config)?.of_kind(self.options.kind)?;
        let of_task = |task: Task| samples.iter().map(|sample| sample.target(task).cloned()).collect();
        let targets: Vec<Vec<Option<Target>>> = self.options.task.tasks().into_iter().map(of_task).collect();
        let mut picker = Picker::Random(Box::new(rng_of(self.options.seed, self.step, u64::MAX - 1)));
        let unknown: Vec<Unknown> = samples.iter().map(|sample| sample.unknown.clone()).collect();
        let losses = self.network.losses_of_heads(&batch, &targets, &unknown, &mut picker)?;
        self.sgd.zero_grad()?;
        losses.total()?.f_backward()?;
        self.guard.after(self.sgd.step(self.schedule.at(self.step))?)?;
        self.step += 1;
        let [classifier, box_reg, objectness, rpn_box_reg] = losses.values()?;
        Ok(vec![("classifier", classifier), ("box_reg", box_reg), ("objectness", objectness), ("rpn_box_reg", rpn_box_reg)])
    }

    fn save(&self) -> Result<()> {
        let position = Position { step: self.step, settings: self.settings.clone() };
        checkpoint::save(&self.options.out.join(checkpoint::FILE), &self.store, &self.sgd, &position)
    }

    fn about(&self, origin: &str, recent: &Recent, measured: Option<(usize, Vec<(&'static str, f64)>)>) -> About {
        let o = self.options;
        let start = o.init.as_ref().and_then(|path| path.file_name()).map_or("random weights".into(), |name| name.to_string_lossy());
        let trained_on = format!(
            "{} films of {origin}, {} steps of {}, SGD at {}, seed {}, from {start}. {}",
            self.films, self.step, o.batch, o.learning_rate, o.seed, o.remark
        );
        let mut metrics: BTreeMap<String, serde_json::Value> =
            [("steps".to_owned(), self.step.into()), ("loss_of_last_100_steps".to_owned(), recent.mean().into())].into();
        if let Some((films, validation)) = measured.filter(|(_, validation)| !validation.is_empty()) {
            metrics.insert("validation_films".to_owned(), films.into());
            metrics.extend(validation.into_iter().map(|(name, value)| (format!("validation_{name}"), value.into())));
        }
        About { task: o.task.to_string(), trained_on: trained_on.trim().to_owned(), metrics, licence: o.licence.clone() }
    }
}

/// The losses of the last steps.
struct Recent {
    most: usize,
    losses: std::collections::VecDeque<f64>,
}

impl Recent {
    fn of(steps: u64) -> Self {
        Self { most: usize::try_from(steps).unwrap_or(usize::MAX), losses: std::collections::VecDeque::new() }
    }

    fn add(&mut self, loss: f64) {
        self.losses.push_back(loss);
        if self.losses.len() > self.most {
            self.losses.pop_front();
        }
    }

    fn mean(&self) -> f64 {
        self.losses.iter().sum::<f64>() / self.losses.len().max(1) as f64
    }
}
