//! The training of a scorer: crops of graded joints, rare grades drawn more often, cross-entropy over each joint's own scale.

use std::collections::BTreeMap;
use std::time::Instant;

use rayon::prelude::*;
use svh_core::JointScore;
use tch::Kind;

use super::familiarity::{self, Cohorts};
use super::frequencies::Frequencies;
use super::grade_loss::{self, Compared};
use super::non_finite_guard::NonFiniteGuard;
use super::schedule::{Decay, Schedule};
use super::scorer_card;
use super::scorer_training::ScorerTraining;
use super::scorer_validation::{balanced, by_scale};
use super::watch::{End, Progress, Watcher};
use super::weighted_sampler::WeightedSampler;
use crate::checkpoint::{self, Position};
use crate::crop::Gray;
use crate::data::crop_warp::CropVariation;
use crate::data::joint_crops::{HeldOutCrop, JointCrops, TrainingCrop};
use crate::data::order::rng_of;
use crate::nn::{ParamInit, Store};
use crate::scorer::{self, Network, Scorer, ScorerConfig, Severity, Start};
use crate::sgd::Sgd;
use crate::{Error, Result};

/// Crops whose statistics unfold a folded batch norm.
const RECOVERY: usize = 128;

/// Trains on the cohort that the options name and writes the model folder.
pub fn run(options: &ScorerTraining, watcher: &mut dyn Watcher) -> Result<End> {
    let start = Instant::now();
    let mut crops = JointCrops::open(&options.cohort, &options.config, options.held_out, options.seed, options.proposals)?;
    if let Some(cohort) = &options.validation {
        crops.hold_out(cohort, &options.config)?;
    }
    for problem in &crops.problems {
        watcher.note(problem);
    }
    let (n, held_out, patients) = (crops.training.len(), crops.held_out.len(), crops.training_patients);
    let seconds = start.elapsed().as_secs_f64();
    watcher.note(&format!(
        "{n} crops of {patients} patients to learn from, {held_out} of {} held out; cut in {seconds:.1} s",
        crops.held_out_patients.len()
    ));
    let end = run_on(&crops, options, watcher)?;
    if matches!(end, End::Finished) {
        tell_familiar(&crops, options, watcher)?;
    }
    Ok(end)
}

/// Fits what the finished scorer knows, where there are joints enough for it.
fn tell_familiar(crops: &JointCrops, options: &ScorerTraining, watcher: &mut dyn Watcher) -> Result<()> {
    let scorer = Scorer::load(&options.out, options.device)?;
    let held_out = &crops.held_out_patients[..crops.held_out_of_cohort];
    let cohorts = Cohorts { learned: &options.cohort, measured: options.validation.as_deref(), outside: None, held_out };
    let fitted = familiarity::fit(&scorer, &cohorts, &options.out, &mut |_, _| {})?;
    watcher.note(&fitted.map_or_else(
        || "too few joints to tell what looks unfamiliar; `svh model familiarity` does that with a larger cohort".to_owned(),
        |report| format!("unfamiliar joints: {}", report.in_words()),
    ));
    Ok(())
}

/// Trains on crops that are there already.
pub fn run_on(crops: &JointCrops, options: &ScorerTraining, watcher: &mut dyn Watcher) -> Result<End> {
    svh_core::access::make_folders(&options.out).map_err(Error::io("create", &options.out))?;
    let mut training = Training::start(crops, options, watcher)?;
    let mut learned = Learned::default();
    while training.step < training.schedule.steps {
        let start = Instant::now();
        let epoch = training.epoch();
        let loss = training.take_step(&mut learned)?;
        let told = watcher.step(&Progress {
            step: training.step,
            steps: training.schedule.steps,
            epoch,
            learning_rate: training.schedule.at(training.step - 1),
            losses: vec![("cross_entropy", loss)],
            seconds: start.elapsed().as_secs_f64(),
        });
        let done = training.step == training.schedule.steps;
        let stop = told.is_err() || watcher.cancelled();
        if stop || training.step % options.checkpoint_every.max(1) == 0 || done {
            training.save()?;
        }
        told?;
        if training.epoch() > epoch || done {
            training.report(epoch, &std::mem::take(&mut learned), watcher)?;
        }
        // After the metrics: a training that goes on does not measure an epoch that is over.
        if stop && !done {
            return Ok(End::Cancelled(training.step));
        }
    }
    let metrics = by_scale(&training.measure()?);
    scorer_card::save(options, &training.store, crops, training.step, &training.corrected(), &metrics)?;
    Ok(End::Finished)
}

/// What the steps of an epoch saw, under the frequencies of training.
#[derive(Default)]
struct Learned {
    hits: usize,
    seen: usize,
    loss: f64,
    steps: usize,
}

/// A training in progress.
struct Training<'a> {
    options: &'a ScorerTraining,
    crops: &'a JointCrops,
    balance: WeightedSampler,
    severity: Option<Severity>,
    schedule: Schedule,
    steps_an_epoch: u64,
    settings: BTreeMap<String, String>,
    store: Store,
    network: Network,
    sgd: Sgd,
    step: u64,
    guard: NonFiniteGuard,
}

impl<'a> Training<'a> {
    fn start(crops: &'a JointCrops, options: &'a ScorerTraining, watcher: &mut dyn Watcher) -> Result<Self> {
        let config = &options.config;
        let outputs = crops.training.iter().map(|crop| output(config, crop)).collect::<Result<Vec<_>>>()?;
        let mut scales: Vec<_> = crops.training.iter().filter_map(|crop| config.task.outputs(config.classes, crop.joint)).collect();
        scales.sort_by_key(|scale| (scale.start, scale.end));
        scales.dedup();
        // One scale of 11 for hands and feet: the longer range holds the shorter.
        scales.dedup_by(|longer, shorter| {
            longer.start == shorter.start && {
                shorter.end = longer.end;
                true
            }
        });
        let mut balance = WeightedSampler::new(&outputs, &scales, config.classes as usize, options.balance);
        let mut severity = None;
        if let Some(cohort) = &options.frequencies {
            let frequencies = Frequencies::read(cohort, config.task.task())?;
            balance = balance.aimed_at(&frequencies.counts(config), &scales);
            severity = frequencies.severity().filter(|_| config.takes_severity());
        }
        let samples = options.epoch_samples.unwrap_or(crops.training.len() as u64);
        let steps_an_epoch = samples.div_ceil(options.batch as u64).max(1);
        let steps = steps_an_epoch * options.epochs;
        let decay = options.decay_epochs.map_or(Decay::Cosine, |epochs| Decay::Step { every: epochs * steps_an_epoch, factor: 0.1 });
        let schedule = Schedule { learning_rate: options.learning_rate, warm_up: options.warm_up.min(steps / 5), decay, steps };
        let store = Store::new(options.device, ParamInit::Random(options.seed));
        let network = Network::new(&store.root(), config)?;
        let sgd = Sgd::new(&store, options.sgd);
        let settings = options.settings(crops, &schedule);
        let mut training = Self {
            options,
            crops,
            balance,
            severity,
            schedule,
            steps_an_epoch,
            settings,
            store,
            network,
            sgd,
            step: 0,
            guard: NonFiniteGuard::default(),
        };
        match (&options.init, options.resume) {
            (_, true) => {
                let path = options.out.join(checkpoint::FILE);
                training.step = checkpoint::restore(&path, &training.store, &mut training.sgd, &training.settings)?;
                watcher.note(&format!("continuing after step {} of {steps}", training.step));
            }
            (Some(path), false) => training.begin_from(&Start::read(path)?, watcher)?,
            (None, false) => {}
        }
        Ok(training)
    }

    fn begin_from(&self, start: &Start, watcher: &mut dyn Watcher) -> Result<()> {
        let (taken, all) = start.fill(&self.store, &self.network, self.options.config.extras.head)?;
        watcher.note(&format!("{taken} of {all} tensors start from the given weights"));
        if let (true, Network::Efficient(network)) = (start.is_folded(), &self.network) {
            let config = self.options.config.crop();
            // Spread over the cohort, so that all kinds of joints take part.
            let stride = (self.crops.training.len() / RECOVERY).max(1);
            let chosen = self.crops.training.par_iter().step_by(stride).take(RECOVERY);
            let crops: Vec<Gray> = chosen.map(|crop| crop.patch.draw(&config, &CropVariation::NONE, &mut rng_of(0, 0, 0))).collect();
            network.recover_statistics(&scorer::input(&self.options.config, &crops, self.options.device)?)?;
            watcher.note(&format!("batch norm was folded into these weights; its statistics were recomputed from {} crops", crops.len()));
        }
        Ok(())
    }

    fn epoch(&self) -> u64 {
        self.step / self.steps_an_epoch
    }

    fn take_step(&mut self, learned: &mut Learned) -> Result<f64> {
        let o = self.options;
        let draw = |place: u64| {
            let mut rng = rng_of(o.seed, self.step, place);
            let crop = &self.crops.training[self.balance.draw(&mut rng)];
            (crop, crop.patch.draw(&o.config.crop(), &o.variation, &mut rng))
        };
        let drawn: Vec<(&TrainingCrop, Gray)> = (0..o.batch as u64).into_par_iter().map(draw).collect();
        let (samples, crops): (Vec<&TrainingCrop>, Vec<Gray>) = drawn.into_iter().unzip();
        // Dropout and skipped blocks follow from the step, so that a resumed training is the same.
        tch::manual_seed((o.seed ^ self.step.wrapping_mul(0x9e37_79b9_7f4a_7c15)) as i64);
        let crops = scorer::input(&o.config, &crops, o.device)?.f_to_kind(o.kind)?;
        let logits = self.network.forward(&crops, true)?.f_to_kind(Kind::Float)?;
        let Compared { loss, hits } = grade_loss::compare(&o.config, &logits, &samples, o.soft)?;
        self.sgd.zero_grad()?;
        loss.f_backward()?;
        self.guard.after(self.sgd.step(self.schedule.at(self.step))?)?;
        self.step += 1;
        let value = loss.f_detach()?.f_double_value(&[])?;
        learned.hits += hits;
        learned.seen += samples.len();
        learned.loss += value;
        learned.steps += 1;
        Ok(value)
    }

    /// The scorer as it is used outside of training: corrected to the frequencies of patients, unless it was asked for as it is.
    fn corrected(&self) -> ScorerConfig {
        let mut config = self.options.config.clone();
        if self.options.corrected {
            config.extras.log_prior = self.balance.log_prior.clone();
            config.extras.severity = self.severity.clone();
        }
        config
    }

    /// The crops of the patients held out with what the network says of them.
    fn measure(&self) -> Result<Vec<(&'a HeldOutCrop, JointScore)>> {
        let _no_gradients = tch::no_grad_guard();
        let config = self.corrected();
        let mut said = Vec::with_capacity(self.crops.held_out.len());
        for chunk in self.crops.held_out.chunks(64) {
            let crops: Vec<Gray> = chunk.iter().map(|held| held.crop.clone()).collect();
            let rows = scorer::to_rows(&self.network.forward(&scorer::input(&config, &crops, self.options.device)?, false)?)?;
            said.extend(chunk.iter().zip(&rows).filter_map(|(held, row)| Some((held, scorer::score(&config, held.joint, row)?))));
        }
        Ok(said)
    }

    fn report(&self, epoch: u64, learned: &Learned, watcher: &mut dyn Watcher) -> Result<()> {
        let accuracy = learned.hits as f64 / learned.seen.max(1) as f64;
        watcher.metrics(self.step, epoch, "train", &[("accuracy", accuracy), ("loss", learned.loss / learned.steps.max(1) as f64)])?;
        let said = self.measure()?;
        for (name, measured) in by_scale(&said) {
            let grades = &measured.grades;
            let values = [
                ("accuracy", grades.accuracy()),
                ("balanced_accuracy", grades.balanced_accuracy()),
                ("within1", grades.within1()),
                ("qwk", grades.qwk()),
                ("majority_accuracy", grades.majority()),
                ("loss", measured.loss()),
            ];
            watcher.metrics(self.step, epoch, &format!("validation_{name}"), &values)?;
        }
        for (name, measured) in by_scale(&balanced(&said, self.options.seed)) {
            let values = [("accuracy", measured.grades.accuracy()), ("loss", measured.loss())];
            watcher.metrics(self.step, epoch, &format!("balanced_validation_{name}"), &values)?;
        }
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let position = Position { step: self.step, settings: self.settings.clone() };
        checkpoint::save(&self.options.out.join(checkpoint::FILE), &self.store, &self.sgd, &position)
    }
}

/// The output that stands for a crop's grade.
fn output(config: &ScorerConfig, crop: &TrainingCrop) -> Result<usize> {
    let scale = config.task.outputs(config.classes, crop.joint);
    let output = scale.and_then(|scale| Some(scale.start + usize::from(crop.grade)).filter(|at| *at < scale.end));
    output.ok_or_else(|| Error::Data(format!("{} has grade {}, which its scale does not have", crop.joint.label, crop.grade)))
}
