//! The command line: reads what the user typed, does it, and turns the outcome into an exit status.

mod agreement;
mod args;
mod config;
mod detect;
mod doctor;
mod engine_cli;
mod engine_session;
mod evaluate;
mod evaluated;
mod exchange_args;
mod export;
mod failure;
mod figure_args;
mod import;
mod import_dicom;
mod inputs;
mod label;
mod manual;
mod metrics;
mod open;
mod out;
mod phantom;
mod plot;
mod progress;
mod progression;
mod protocol;
mod report;
mod resume;
mod reviews;
mod run_recorder;
mod runs;
mod score;
mod show;
mod slurm;
mod stop;
mod summary;
mod tag;
mod unfamiliar;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{FromArgMatches, error::ErrorKind};

use args::{Arguments, Command};
use failure::{Failure, Outcome};

use crate::config::Config;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let mut arguments = match parse() {
        Ok(arguments) => arguments,
        Err(error) => return unknown_command(&error).unwrap_or_else(|| mistake(&error)),
    };
    svh_core::atomic::outlive_size_limits();
    match settle(&mut arguments).and_then(|config| run(&arguments, &config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => out::end(&failure),
    }
}

/// Reads the user's settings and fills what the command line left open.
fn settle(arguments: &mut Arguments) -> Outcome<Config> {
    let config = config::read()?;
    config::fill(&config, &mut arguments.options);
    Ok(config)
}

fn parse() -> Result<Arguments, clap::Error> {
    let read = |words: Vec<OsString>| Arguments::from_arg_matches(&usage::command().try_get_matches_from(words)?);
    let arguments = read(std::env::args_os().collect())?;
    match &arguments.command {
        Some(Command::Train(options)) if !options.shared().more.is_empty() => {
            read(svh_core::training::without_separator(std::env::args_os()).into_iter().collect())
        }
        _ => Ok(arguments),
    }
}

/// A mistyped command reads as a cohort, and what follows it as too much.
fn unknown_command(error: &clap::Error) -> Option<ExitCode> {
    if !matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand) {
        return None;
    }
    let said = usage::unknown(&usage::first_word(std::env::args_os().skip(1))?)?;
    Some(out::end(&Failure::user(said)))
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

fn run(arguments: &Arguments, config: &Config) -> Outcome {
    let options = &arguments.options;
    svh_core::film::dicom::ignore_voi(options.ignore_voi);
    if config.private {
        svh_core::access::keep_private();
    }
    if let (Some(cohort), Some(_)) = (arguments.cohorts.first(), &arguments.command) {
        let cohort = cohort.display();
        return Err(Failure::user(format!("{cohort} comes before the command, where only options may be; `svh {cohort}` alone opens it")));
    }
    if arguments.command.is_some() && (arguments.view.is_some() || arguments.goto.is_some()) {
        return Err(Failure::user("--view and --goto open the workbench and go with no command; `svh COHORT --view FILE`"));
    }
    match &arguments.command {
        Some(Command::Detect(command)) => detect::run(command, options),
        Some(Command::Label(command)) => label::run(command, options),
        Some(Command::Train(command)) => engine_cli::train(command, options),
        Some(Command::Model(command)) => engine_cli::model(command, options),
        Some(Command::Doctor(command)) => doctor::run(command, options),
        Some(Command::Protocol(command)) => protocol::run(command, options),
        Some(Command::Phantom(command)) => phantom::run(command, options),
        Some(Command::Show(command)) => show::run(command, options),
        Some(Command::Score(command)) => score::run(command, options),
        Some(Command::Evaluate(command)) => evaluate::run(command, options),
        Some(Command::Agreement(command)) => agreement::run(command),
        Some(Command::Config(command)) => config::run(command, config),
        Some(Command::Completions(command)) => manual::completions(command),
        Some(Command::Man(command)) => manual::man(command),
        Some(Command::Plot(command)) => plot::run(command, options),
        Some(Command::Report(command)) => report::run(command, options),
        Some(Command::Summary(command)) => summary::run(&command.cohort, command.json),
        Some(Command::Runs(command)) => runs::run(command, options),
        Some(Command::Resume(command)) => resume::run(command, options),
        Some(Command::Progression(command)) => progression::run(command, options),
        Some(Command::Slurm(command)) => slurm::run(command, options),
        Some(Command::Tag(command)) => tag::run(command, options),
        Some(Command::Import(command)) => import::run(command, options),
        Some(Command::Export(command)) => export::run(command, options),
        Some(Command::Reviews(command)) => reviews::run(command, options),
        None => open::run(&arguments.cohorts, arguments.view.as_deref(), arguments.goto.clone(), config, options),
    }
}
