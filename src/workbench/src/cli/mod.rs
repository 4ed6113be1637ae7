//! The command line: reads what the user typed, does it, and turns the outcome into an exit status.

mod agreement;
mod args;
mod detect;
mod doctor;
mod engine_cli;
mod engine_session;
mod evaluate;
mod exchange_args;
mod export;
mod failure;
mod figures;
mod import;
mod import_dicom;
mod inputs;
mod label;
mod open;
mod out;
mod phantom;
mod progress;
mod progression;
mod protocol;
mod resume;
mod reviews;
mod run_recorder;
mod runs;
mod score;
mod show;
mod slurm;
mod stop;
mod summary;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command, Model};
use failure::{Failure, Outcome};

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(error) => return mistake(&error),
    };
    svh_core::atomic::outlive_size_limits();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn parse() -> Result<Arguments, clap::Error> {
    let arguments = Arguments::try_parse()?;
    match &arguments.command {
        Some(Command::Train(options)) if !options.shared().more.is_empty() => {
            Arguments::try_parse_from(svh_core::training::without_separator(std::env::args_os()))
        }
        _ => Ok(arguments),
    }
}

/// What clap says of the help and of mistakes. A message that repeats control characters from the command line loses its colours with them.
fn mistake(error: &clap::Error) -> ExitCode {
    let typed = |word: std::ffi::OsString| word.to_string_lossy().chars().any(char::is_control);
    if !error.use_stderr() || !std::env::args_os().any(typed) {
        // A reader that has gone has what it wanted.
        let _ = error.print();
    } else {
        out::say(error.render().to_string().trim_end());
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(arguments: &Arguments) -> Outcome {
    let options = &arguments.options;
    svh_core::film::dicom::ignore_voi(options.ignore_voi);
    if let (Some(cohort), Some(_)) = (&arguments.cohort, &arguments.command) {
        let cohort = cohort.display();
        return Err(Failure::user(format!("{cohort} stands before the command, where only options may; `svh {cohort}` alone opens it")));
    }
    match &arguments.command {
        Some(Command::Detect(command)) => detect::run(command, options),
        Some(Command::Label(command)) => label::run(command, options),
        Some(Command::Train(command)) => engine_cli::train(command, options),
        Some(Command::Model(Model::Import(command))) => engine_cli::import(command, options),
        Some(Command::Model(Model::Run(command))) => engine_cli::model_run(command, options),
        Some(Command::Model(Model::Calibrate(command))) => engine_cli::calibrate(command, options),
        Some(Command::Model(Model::Adapt(command))) => engine_cli::adapt(command, options),
        Some(Command::Model(Model::Familiarity(command))) => engine_cli::familiarity(command, options),
        Some(Command::Doctor(command)) => doctor::run(command, options),
        Some(Command::Protocol(command)) => protocol::run(command, options),
        Some(Command::Phantom(command)) => phantom::run(command, options),
        Some(Command::Show(command)) => show::run(command, options),
        Some(Command::Score(command)) => score::run(command, options),
        Some(Command::Evaluate(command)) => evaluate::run(command, options),
        Some(Command::Agreement(command)) => agreement::run(command),
        Some(Command::Summary(command)) => summary::run(&command.cohort, command.json),
        Some(Command::Runs(command)) => runs::run(command, options),
        Some(Command::Resume(command)) => resume::run(command, options),
        Some(Command::Progression(command)) => progression::run(command, options),
        Some(Command::Slurm(command)) => slurm::run(command, options),
        Some(Command::Import(command)) => import::run(command, options),
        Some(Command::Export(command)) => export::run(command, options),
        Some(Command::Reviews(command)) => reviews::run(command, options),
        None => open::run(arguments.cohort.as_deref(), options),
    }
}
