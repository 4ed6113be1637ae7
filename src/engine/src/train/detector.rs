//! The training of a detector.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use svh_core::{Task, joint};
use tch::Device;

use super::detector_validation::{Validation, image};
use super::schedule::{Decay, Schedule};
use super::watch::{End, Progress, Watcher};
use crate::checkpoint::{self, Position};
use crate::data::detector_films::{FilmSource, Preparation, sample};
use crate::data::order::rng_of;
use crate::data::{CohortFilms, DetectorSample, Loader, Proposals};
use crate::detector::model::{About, save_model};
use crate::detector::sampler::Picker;
use crate::detector::{Arch, DetectorConfig, FasterRcnn, Target, init, transform};
use crate::nn::{Filling, Store};
use crate::sgd::{Sgd, SgdOptions, Step};
use crate::{Error, Result};

/// Steps in a row whose gradient is no number before a training is given up.
const MOST_SKIPPED: u32 = 10;

/// Everything that a training of a detector can be told.
#[derive(Clone, Debug)]
pub struct DetectorTraining {
    /// The cohort to learn from.
    pub cohort: PathBuf,
    /// Narrowing or erosion.
    pub task: Task,
    /// The model folder to write.
    pub out: PathBuf,
    /// The network.
    pub config: DetectorConfig,
    /// Weights to start from: a body's or a detector's.
    pub init: Option<PathBuf>,
    /// How often every film is seen.
    pub epochs: u64,
    /// Steps in all instead of epochs.
    pub steps: Option<u64>,
    /// Films that make an epoch, where it is not all of them.
    pub epoch_films: Option<u64>,
    /// A cohort that is measured on after every epoch.
    pub validation: Option<PathBuf>,
    /// How many of its films, evenly spread; `None` for all.
    pub validation_films: Option<usize>,
    /// Films a step.
    pub batch: usize,
    /// The rate after warm-up.
    pub learning_rate: f64,
    /// Steps of warm-up.
    pub warm_up: u64,
    /// Epochs between tenfold falls of the rate; `None`: a cosine over the whole training.
    pub decay_epochs: Option<u64>,
    /// The optimiser.
    pub sgd: SgdOptions,
    /// Stages of the body, of five, that keep their weights.
    pub freeze: usize,
    /// What becomes of boxes that nobody has looked at.
    pub proposals: Proposals,
    /// How films are varied.
    pub preparation: Preparation,
    /// Seed of all that is random.
    pub seed: u64,
    /// Go on from the checkpoint in `out`.
    pub resume: bool,
    /// Steps between checkpoints.
    pub checkpoint_every: u64,
    /// Where to compute.
    pub device: Device,
    /// Threads that load films.
    pub workers: usize,
    /// Words for the card, behind what the training says of itself.
    pub remark: String,
    /// Terms of the weights.
    pub licence: String,
}

impl DetectorTraining {
    /// The recipe of an architecture: the paper's for ResNet-50; for the small networks a higher rate, warm-up, a cosine, and fixed first stages.
    #[must_use]
    pub fn recipe(arch: Arch, task: Task, cohort: &Path, out: &Path) -> Self {
        let paper = arch == Arch::ResNet50;
        Self {
            cohort: cohort.to_path_buf(),
            task,
            out: out.to_path_buf(),
            config: DetectorConfig::recipe(arch, 1 + joint::joints(task).len() as i64),
            init: None,
            epochs: if paper { 9 } else { 2 },
            steps: None,
            epoch_films: None,
            validation: None,
            validation_films: None,
            batch: 2,
            learning_rate: if paper { 0.005 } else { 0.02 },
            warm_up: 100,
            decay_epochs: paper.then_some(3),
            sgd: SgdOptions { momentum: 0.9, weight_decay: 0.0005, clip_norm: Some(10.0) },
            freeze: 2,
            proposals: Proposals::default(),
            preparation: Preparation::TRAINING,
            seed: 1,
            resume: false,
            checkpoint_every: 100,
            device: Device::Cpu,
            workers: 1,
            remark: String::new(),
            licence: "not stated".into(),
        }
    }

    fn steps_an_epoch(&self, films: usize) -> u64 {
        self.epoch_films.unwrap_or(films as u64).div_ceil(self.batch.max(1) as u64).max(1)
    }

    fn schedule(&self, films: usize) -> Schedule {
        let epoch = self.steps_an_epoch(films);
        let decay = self.decay_epochs.map_or(Decay::Cosine, |epochs| Decay::Step { every: epochs * epoch, factor: 0.1 });
        let steps = self.steps.unwrap_or(self.epochs * epoch).max(1);
        Schedule { learning_rate: self.learning_rate, warm_up: self.warm_up, decay, steps }
    }

    /// What must be equal for an exact resume, by name.
    fn settings(&self, films: usize, schedule: &Schedule) -> BTreeMap<String, String> {
        let c = &self.config;
        let network = format!("{} {} {}x{} {:?} {} {:?}", c.arch, c.classes, c.min_size, c.max_size, c.norm, c.eps, c.sizes);
        [
            ("task", self.task.to_string()),
            ("films", films.to_string()),
            ("network", network),
            ("schedule", format!("{schedule:?}")),
            ("optimiser", format!("{:?}", self.sgd)),
            ("freeze", self.freeze.to_string()),
            ("batch", self.batch.to_string()),
            ("preparation", format!("{:?}", self.preparation)),
            ("seed", self.seed.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// Trains on the cohort that the options name and writes the model folder.
pub fn run(options: &DetectorTraining, watcher: &mut dyn Watcher) -> Result<End> {
    let films = Arc::new(CohortFilms::open(&options.cohort, options.task, options.proposals)?);
    for problem in films.problems() {
        watcher.note(problem);
    }
    let held_out = options.validation.as_ref().map(|cohort| CohortFilms::open(cohort, options.task, Proposals::Leave)).transpose()?;
    let measured_on = held_out.as_ref().map(|films| Validation::new(films, options.validation_films));
    let end = run_on(Arc::clone(&films) as Arc<dyn FilmSource>, measured_on.as_ref(), options, films.name(), watcher)?;
    for refused in films.refused().into_iter().chain(held_out.iter().flat_map(CohortFilms::refused)) {
        watcher.note(&refused);
    }
    Ok(end)
}

/// Trains on films from anywhere, which `origin` names in the card, and measures on others after every epoch.
pub fn run_on(
    films: Arc<dyn FilmSource>,
    measured_on: Option<&Validation>,
    options: &DetectorTraining,
    origin: &str,
    watcher: &mut dyn Watcher,
) -> Result<End> {
    std::fs::create_dir_all(&options.out).map_err(Error::io("create", &options.out))?;
    let (schedule, steps_an_epoch) = (options.schedule(films.len()), options.steps_an_epoch(films.len()));
    let mut learned = Recent::of(steps_an_epoch);
    let mut figures = Vec::new();
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
            watcher.figures(training.step, epoch, "train", &[("loss", learned.mean())])?;
            if let Some(films) = measured_on {
                figures = films.measure(&training.network, options.device, options.seed)?;
                watcher.figures(training.step, epoch, "validation", &figures)?;
            }
        }
        // After the figures: a training that goes on does not measure an epoch that is over.
        if stop && training.step < schedule.steps {
            return Ok(End::Cancelled(training.step));
        }
    }
    let measured = measured_on.map(|films| (films.film_count(), figures));
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
    skipped: u32,
}

impl<'o> Training<'o> {
    fn start(options: &'o DetectorTraining, films: usize, schedule: Schedule, watcher: &mut dyn Watcher) -> Result<Self> {
        let store = Store::new(options.device, Filling::Random(options.seed));
        let network = FasterRcnn::new(&store, options.config.clone())?;
        if let (Some(path), false) = (&options.init, options.resume) {
            let taken = init::init_from(&store, &options.config, path)?;
            watcher.note(&format!("starting from {} ({taken})", path.display()));
        }
        init::freeze_stages(&store, options.config.arch, options.freeze);
        let sgd = Sgd::new(&store, options.sgd);
        let settings = options.settings(films, &schedule);
        let mut training = Self { options, films, schedule, settings, store, network, sgd, step: 0, skipped: 0 };
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
        let batch = transform::collate(&images, &self.options.config)?;
        let targets: Vec<Target> = samples.iter().map(|s| Target { boxes: s.boxes.clone(), labels: s.labels.clone() }).collect();
        let mut picker = Picker::Random(Box::new(rng_of(self.options.seed, self.step, u64::MAX - 1)));
        let losses = self.network.losses(&batch, &targets, &mut picker)?;
        self.sgd.zero_grad()?;
        losses.total()?.f_backward()?;
        self.skipped = match self.sgd.step(self.schedule.at(self.step))? {
            Step::Taken(_) => 0,
            Step::Skipped => self.skipped + 1,
        };
        if self.skipped >= MOST_SKIPPED {
            return Err(Error::Data(format!(
                "{MOST_SKIPPED} steps in a row gave no finite gradient; lower the learning rate or check the boxes"
            )));
        }
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
        if let Some((films, figures)) = measured.filter(|(_, figures)| !figures.is_empty()) {
            metrics.insert("validation_films".to_owned(), films.into());
            metrics.extend(figures.into_iter().map(|(name, value)| (format!("validation_{name}"), value.into())));
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
