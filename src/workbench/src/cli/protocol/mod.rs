//! `svh protocol`: the paper's protocol as one command. It does nothing itself that another command does: it splits, trains, finds, exports, scores and
//! evaluates as `svh train`, `svh detect`, `svh export`, `svh score` and `svh evaluate` do, one after another, in one folder.
//!
//! | in the folder | what |
//! |---|---|
//! | `plan.json`, `split.json` | the settings, and who is learned from |
//! | `training/`, `held-out/` | the two parts as cohorts; trainings are runs of the first, scorings of the second |
//! | `found/training/`, `found/held-out/` | the same patients with the boxes that the detectors found: what scorers learn from and are measured on, unless that are the labelled ones |
//! | `models/`, `models-convnet/` | both detectors with EfficientNet's and with the appendix's scorers |
//! | `predictions-*.csv`, `evaluation-*.json` | the challenge's files, and every metric |
//! | `protocol.json` | the summary |
//!
//! A step that is a run is finished when its run is; a folder that a step makes appears when it is complete.

pub mod args;
pub mod interrupts;
mod plan;
mod summary;

use std::path::{Path, PathBuf};

use svh_analysis::Evaluation;
use svh_analysis::report::RunReport;
use svh_analysis::stats::Resamples;
use svh_core::cohort::RUNS_FOLDER;
use svh_core::export::{self, RunPredictions, Source};
use svh_core::link_mode::LinkMode;
use svh_core::protocol::{DEFAULT_THRESHOLD, Fault};
use svh_core::split::SPLIT_NAME;
use svh_core::training::TrainOptions;
use svh_core::{Cohort, Reviews, RunReader, RunState, Split, Task, atomic};

use super::{
    args::{Detect, Score},
    detect, engine_cli,
    engine_session::Engine,
    evaluate,
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
    score,
};
use crate::Options;
use args::{Crops, Protocol};
use interrupts::Interrupts;
use plan::{Family, Plan, Training};
use summary::Summary;

const TRAINING: &str = "training";
const HELD_OUT: &str = "held-out";
const FOUND: &str = "found";
/// The grade of joints without a crop in the challenge's file, as the paper gave it.
const MISSING: u8 = 2;

/// Starts a protocol, or resumes one.
pub fn run(command: &Protocol, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let folder = std::path::absolute(&command.out).map_err(Failure::user)?;
    let cohort = inputs::cohort(&command.cohort, &progress)?;
    let plan = begin(command, options, &folder, &cohort, &progress)?;
    progress.note(&format!(
        "{} networks: {}",
        if plan.full { "the paper's" } else { "small" },
        if plan.full { "Faster R-CNN with ResNet-50, EfficientNet-B4" } else { "Faster R-CNN with MobileNetV2, EfficientNet-B0 cut short" }
    ));
    // Each step draws a bar of its own.
    progress.clear();
    let work = Work { plan, folder, options, progress, interrupts: Interrupts::listen()? };
    let summary = work.all(&cohort).map_err(|failure| work.stopped(failure))?;
    if command.json {
        out::json_line(&serde_json::to_string(&summary).map_err(Failure::program)?)
    } else {
        out::line(summary.to_string().trim_end())
    }
}

/// The plan in the folder, new or as it was.
fn begin(command: &Protocol, options: &Options, folder: &Path, cohort: &Cohort, progress: &Progress) -> Outcome<Plan> {
    let place = folder.display();
    let there = Plan::read(folder)?;
    if let (Some(_), false) = (&there, command.resume) {
        return Err(Failure::user(format!("{place} holds a protocol already; go on with it by --resume, or choose another folder")));
    }
    // What was chosen at the begin stays, whatever device there is now.
    let full = match &there {
        _ if command.full || command.small => command.full,
        Some(there) => there.full,
        None => Engine::new(options).start(progress)?.device.starts_with("cuda"),
    };
    let plan = Plan::of(command, cohort.fingerprint(), full);
    match there {
        Some(there) => match there.difference(&plan) {
            None => Ok(plan),
            Some(what) => Err(Failure::user(format!("{place} was begun with {what}; give the same options, or choose another folder"))),
        },
        None if command.resume => Err(Failure::user(format!("{place} holds no protocol; leave --resume out to begin one"))),
        None if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() => {
            Err(Failure::user(format!("{place} is there already and not empty; name a new folder")))
        }
        None => {
            svh_core::access::make_folders(folder)
                .map_err(|error| Failure::user(format!("{place} cannot be made: {error}; choose another folder")))?;
            plan.write(folder)?;
            Ok(plan)
        }
    }
}

/// Whether a run went through everything. Films that cannot be read do not keep it from that.
fn is_finished(run: &Path) -> bool {
    RunReader::open(run).is_ok_and(|run| run.state() == RunState::Finished)
}

/// A protocol at work.
struct Work<'a> {
    plan: Plan,
    folder: PathBuf,
    options: &'a Options,
    progress: Progress,
    interrupts: Interrupts,
}

impl Work<'_> {
    fn all(&self, cohort: &Cohort) -> Outcome<Summary> {
        let split = self.split(cohort)?;
        for task in Task::ALL {
            self.train(&self.plan.detector(task, &self.folder))?;
        }
        for part in [TRAINING, HELD_OUT].into_iter().filter(|_| self.plan.crops == Crops::Found) {
            self.find(part)?;
        }
        for (family, task) in Family::ALL.into_iter().flat_map(|family| Task::ALL.map(|task| (family, task))) {
            self.train(&self.plan.scorer(family, task, &self.folder))?;
        }
        let mut reports = Vec::new();
        for family in Family::ALL {
            reports.push((family, self.score(family)?));
        }
        let summary = Summary::of(&self.plan, &split, &reports, &self.folder);
        let text = serde_json::to_string_pretty(&summary).map_err(Failure::program)? + "\n";
        atomic::write(&self.folder.join("protocol.json"), text.as_bytes()).map_err(Failure::user)?;
        Ok(summary)
    }

    /// Says how to resume a stopped protocol.
    fn stopped(&self, failure: Failure) -> Failure {
        if !self.interrupts.asked() {
            return failure;
        }
        Failure::user(format!("stopped; rerun the same command with --resume to continue in {}", self.folder.display()))
    }

    /// Between two steps: an end that was asked for is made.
    fn go_on(&self, step: &str) -> Outcome {
        if self.interrupts.asked() {
            return Err(Failure::user("stopped"));
        }
        self.progress.note(step);
        Ok(())
    }

    fn runs(&self, part: &str) -> PathBuf {
        self.folder.join(part).join(RUNS_FOLDER)
    }

    /// Draws who is held out, and makes a cohort of each part. The split is written before what follows from it.
    fn split(&self, cohort: &Cohort) -> Outcome<Split> {
        let place = self.folder.join(SPLIT_NAME);
        if !place.is_file() {
            let split = Split::of(cohort, self.plan.held_out, self.plan.seed).map_err(Failure::user)?;
            if split.held_out.is_empty() {
                let (share, patients) = (self.plan.held_out, split.training.len());
                return Err(Failure::user(format!("{share} of {patients} patients is less than one; give more patients or --held-out")));
            }
            split.write(&place).map_err(Failure::user)?;
        }
        let split = Split::read(&place).map_err(Failure::user)?;
        let reviews = Reviews::read(cohort.root());
        for (part, patients) in [(TRAINING, &split.training), (HELD_OUT, &split.held_out)] {
            let folder = self.folder.join(part);
            if !folder.is_dir() {
                self.go_on(&format!("{part}: {} patients", patients.len()))?;
                let of_part = cohort.only(patients);
                export::voc(&of_part, Source::Reference(&reviews), &folder, LinkMode::Link, None, self.interrupts.flag())
                    .map_err(Failure::user)?;
            }
        }
        Ok(split)
    }

    /// Trains a network, from its checkpoint where there is one.
    fn train(&self, training: &Training) -> Outcome {
        let run = self.runs(TRAINING).join(&training.name);
        if is_finished(&run) && training.out.join("card.json").is_file() {
            return Ok(());
        }
        self.go_on(&training.name)?;
        let mut asked =
            TrainOptions::from_words(&training.words).map_err(|mistake| Failure::user(format!("{}: {mistake}", training.name)))?;
        asked.shared_mut().resume = training.out.join("checkpoint.safetensors").is_file();
        engine_cli::train_until(&asked, self.options, &self.interrupts)
    }

    fn options(&self, family: Family) -> Options {
        Options { models: Some(self.folder.join(family.models())), ..self.options.clone() }
    }

    /// Finds the joints of a part's patients, keeps the best box of each, and makes a cohort of them with the readers' grades.
    fn find(&self, part: &str) -> Outcome {
        let found = self.folder.join(FOUND).join(part);
        if found.is_dir() {
            return Ok(());
        }
        self.go_on(&format!("best boxes on the films of {part}"))?;
        let run = self.runs(part).join("found");
        // The paper knows no threshold: of each class the best box counts.
        let films = vec![self.folder.join(part)];
        let command = Detect { films, json: false, limb: None, raw: false, threshold: Some(0.0), out: Some(run.clone()), no_shape: false };
        let outcome = detect::run_until(&command, &self.options(Family::EfficientNet), self.interrupts.flag());
        self.without_bad_films(outcome, &run)?;
        let cohort = Cohort::open(&self.folder.join(part)).map_err(Failure::user)?;
        let said = RunPredictions::read(&run).map_err(Failure::user)?;
        let reviews = Reviews::read(cohort.root());
        let source = Source::Found(&said, &reviews);
        export::voc(&cohort, source, &found, LinkMode::Link, None, self.interrupts.flag()).map_err(Failure::user)?;
        Ok(())
    }

    /// Films that cannot be read have been named, and do not keep the others from what follows.
    fn without_bad_films(&self, outcome: Outcome, run: &Path) -> Outcome {
        let read = || RunReader::open(run).and_then(|run| run.results()).unwrap_or_default();
        match outcome {
            // Every film was tried. Whatever else ended the run early leaves it to be resumed.
            Err(Failure::SomeFailed(message, Fault::User)) if read().iter().any(|line| line.as_film().is_some()) => {
                self.progress.problem(&format!("{message}; the protocol continues without them"));
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Scores the patients held out, as their films come, and evaluates that.
    fn score(&self, family: Family) -> Outcome<RunReport> {
        let (name, held_out) = (family.name(), self.folder.join(HELD_OUT));
        let run = self.runs(HELD_OUT).join(name);
        let csv = self.folder.join(format!("predictions-{name}.csv"));
        if !is_finished(&run) || !csv.is_file() {
            self.go_on(&format!("scoring the patients held out, {name}"))?;
            self.lend_detectors(family)?;
            let command = Score {
                csv: Some(csv),
                missing: Some(MISSING),
                missing_open: true,
                out: Some(run.clone()),
                without_remarks: true,
                ..Score::of(vec![held_out.clone()], Vec::new(), None)
            };
            let outcome = score::run_until(&command, &self.options(family), self.interrupts.flag());
            self.without_bad_films(outcome, &run)?;
        }
        let cohort = Cohort::open(&held_out).map_err(Failure::user)?;
        let reader = RunReader::open(&run).map_err(Failure::user)?;
        let evaluation = Evaluation::load_corrected(&cohort, &reader, &Reviews::read(cohort.root())).map_err(evaluate::failure)?;
        let report = RunReport::of(&evaluation, DEFAULT_THRESHOLD, None, Resamples::default()).map_err(evaluate::failure)?;
        let text = serde_json::to_string(&report).map_err(Failure::program)? + "\n";
        atomic::write(&self.folder.join(format!("evaluation-{name}.json")), text.as_bytes()).map_err(Failure::user)?;
        Ok(report)
    }

    /// Adds the detectors to a folder of scorers, as hard links.
    fn lend_detectors(&self, family: Family) -> Outcome {
        if family.models() == Family::EfficientNet.models() {
            return Ok(());
        }
        for task in Task::ALL {
            let name = format!("detector-{task}");
            let [from, to] = [Family::EfficientNet, family].map(|family| self.folder.join(family.models()).join(&name));
            let failed = |error| Failure::user(format!("{} cannot be made: {error}", to.display()));
            svh_core::access::make_folders(&to).map_err(failed)?;
            for file in ["model.safetensors", "card.json"] {
                if !to.join(file).is_file() {
                    LinkMode::Link.file(&from.join(file), &to.join(file)).map_err(Failure::user)?;
                }
            }
        }
        Ok(())
    }
}
