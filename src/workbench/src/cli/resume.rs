//! `svh resume`: does what an interrupted run has left, by the options that the run kept. Words that stand in a `run.json` are never run: it may have come
//! with a cohort from elsewhere.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use svh_core::run::{FilmOptions, RunOptions, RunReader, RunState, shards};

use super::{
    args::{Detect, Resume, Score},
    detect,
    engine_cli::train as engine_train,
    failure::{Failure, Outcome},
    score, slurm,
};
use crate::Options;

/// Resumes a run.
pub fn run(command: &Resume, options: &Options) -> Outcome {
    let run = RunReader::open(&command.run).map_err(Failure::user)?;
    let name = run.folder().display().to_string();
    if run.state() == RunState::Finished {
        return Err(Failure::user(format!("{name} is finished; there is nothing to resume")));
    }
    if !is_where_it_was_made(&run) {
        return Err(Failure::user(format!(
            "{name} was made in another place and copied here, so its options may name other folders than you mean; repeat the command yourself with --out"
        )));
    }
    let Some(asked) = run.info().options.clone() else {
        return Err(Failure::user(format!(
            "{name} keeps no options to resume it by (the workbench or an earlier version made it); repeat its command with --out or --resume"
        )));
    };
    if let RunOptions::Score(asked) | RunOptions::Detect(asked) = &asked {
        svh_core::film::dicom::ignore_voi(options.ignore_voi || asked.ignore_voi);
    }
    match asked {
        RunOptions::Score(asked) => {
            let options = of_run(&asked, options);
            let command =
                Score { out: Some(command.run.clone()), no_shape: asked.no_shape, ..Score::of(asked.inputs, asked.patients, asked.limb) };
            if run.info().shards().is_some() {
                all_shards(&run, &command, &options)
            } else {
                score::run_until(&command, &options, &AtomicBool::new(false))
            }
        }
        RunOptions::Detect(asked) => {
            let options = of_run(&asked, options);
            let command = Detect {
                films: asked.inputs,
                json: false,
                limb: asked.limb,
                raw: false,
                threshold: asked.threshold,
                no_shape: asked.no_shape,
                out: Some(command.run.clone()),
            };
            detect::run(&command, &options)
        }
        RunOptions::Train { options: mut asked, device } => {
            let shared = asked.shared_mut();
            // Without a checkpoint it starts over, in the same run.
            shared.resume = shared.out.join("checkpoint.safetensors").is_file();
            (shared.force, shared.run) = (false, Some(command.run.clone()));
            let device = if options.device == "auto" { device } else { options.device.clone() };
            engine_train(&asked, &Options { device, ..options.clone() })
        }
    }
}

/// Scores what is left of every shard, one after the other, and finishes the run.
fn all_shards(run: &RunReader, command: &Score, options: &Options) -> Outcome {
    let mut failed = Ok(());
    for (shard, state) in shards::states(run) {
        if state == Some(RunState::Finished) {
            continue;
        }
        match score::run_until(&Score { shard: Some(shard), ..command.clone() }, options, &AtomicBool::new(false)) {
            // Films that cannot be read keep no other shard from being scored.
            Err(Failure::SomeFailed(message, fault)) => failed = Err(Failure::SomeFailed(message, fault)),
            outcome => outcome?,
        }
    }
    slurm::finish(run.folder())?;
    failed
}

/// Device and models of the run, unless others are named now.
fn of_run(asked: &FilmOptions, options: &Options) -> Options {
    Options {
        device: if options.device == "auto" { asked.device.clone() } else { options.device.clone() },
        models: options.models.clone().or_else(|| asked.models.clone()),
        half: options.half || asked.half,
        ignore_voi: options.ignore_voi || asked.ignore_voi,
        ..options.clone()
    }
}

/// Whether a run lies where its writer wrote it.
fn is_where_it_was_made(run: &RunReader) -> bool {
    let here = |folder: &Path| std::fs::canonicalize(folder).ok();
    run.info().folder.as_ref().is_some_and(|made| here(run.folder()).as_ref() == Some(made))
}
