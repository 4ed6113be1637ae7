//! `svh config`, and what the settings of the user's file mean for every command.

use std::path::PathBuf;

use super::{
    failure::{Failure, Outcome},
    out,
};
use crate::{
    Options,
    config::{self, Aliases, Config},
    tui::{app::Settled, keymap::REGISTRY, looks::Columns},
};

/// `svh config`
///
/// Settings are kept in config.toml in $SVH_CONFIG_HOME, $XDG_CONFIG_HOME/svh or ~/.config/svh: defaults of options; colours, columns and keys of the workbench.
#[derive(Debug, clap::Args)]
pub struct Settings {
    /// Print all settings with their defaults, as a file to start from
    #[arg(long)]
    pub print: bool,
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn place() -> Option<PathBuf> {
    config::path(environment)
}

/// Reads the user's file.
pub fn read() -> Outcome<Config> {
    place().map_or_else(|| Ok(Config::default()), |path| Config::read(&path).map_err(Failure::user))
}

/// Fills the options that the command line did not give.
pub fn fill(config: &Config, options: &mut Options) {
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).take_while(|word| word != "--").collect();
    config.fill(options, |name| {
        let (long, with_value) = (format!("--{name}"), format!("--{name}="));
        words.iter().any(|word| *word == long || word.starts_with(&with_value) || (name == "quiet" && word == "-q"))
    });
}

/// What the file says to the workbench.
pub fn settled(config: &Config) -> Outcome<Settled> {
    let aliases = Aliases::of(&config.keys, &REGISTRY).map_err(|what| {
        let file = place().map_or_else(String::new, |path| format!("{}: ", path.display()));
        Failure::user(format!("{file}{what}"))
    })?;
    // Whatever is wrong there was told when the file was read.
    let (look, columns) = (config.theme.look().map_err(Failure::user)?, Columns::of(&config.columns).map_err(Failure::user)?);
    Ok(Settled { aliases, threshold: config.defaults.threshold, look, columns })
}

/// Prints the settings, or says where they are and checks them.
pub fn run(command: &Settings, config: &Config) -> Outcome {
    if command.print {
        return out::line(config::text(&REGISTRY).trim_end());
    }
    settled(config)?;
    match place() {
        Some(path) if path.is_file() => {
            out::line(format_args!("{}: no fault found; `svh config --print` shows all settings", path.display()))
        }
        Some(path) => out::line(format_args!("no settings yet; `svh config --print > {}` makes a file to start from", path.display())),
        None => out::line("no settings: neither SVH_CONFIG_HOME nor XDG_CONFIG_HOME nor HOME names a folder for them"),
    }
}
