//! The user's settings: `config.toml` in the folder that `SVH_CONFIG_HOME`, `XDG_CONFIG_HOME/svh` or `~/.config/svh` names. What the command line or the
//! environment says counts more; what the file does not say has its default.

mod keys;
mod print;
mod theme;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use svh_core::review::ReadingOrder;
use svh_terminal::Images;
use thiserror::Error;

use crate::{Options, tui::looks::Columns};

pub use keys::Aliases;
pub use print::text;
pub use theme::ThemeSettings;

/// A setting file that cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read ({reason}); correct it or move it away", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A setting is wrong.
    #[error("{}: {what}", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// What is wrong with which setting, and what to do.
        what: String,
    },
}

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// New files and folders, also those in cohorts and runs, are readable by their owner only.
    pub private: bool,
    /// Defaults of the options of every command.
    pub defaults: Defaults,
    /// Colours.
    pub theme: ThemeSettings,
    /// By table: the columns that it shows, in their order.
    pub columns: BTreeMap<String, Vec<String>>,
    /// By screen, or `Everywhere`: the key that is pressed, and the key whose meaning it gets.
    pub keys: BTreeMap<String, BTreeMap<String, String>>,
}

/// Defaults of the options of every command.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// `--device`
    pub device: Option<String>,
    /// `--half`
    pub half: Option<bool>,
    /// `--models`
    pub models: Option<PathBuf>,
    /// `--images`
    pub images: Option<String>,
    /// `--reader`
    pub reader: Option<String>,
    /// `--reading-order`
    pub reading_order: Option<ReadingOrder>,
    /// `--quiet`
    pub quiet: Option<bool>,
    /// The score from which the workbench accepts boxes, 0 to 1.
    pub threshold: Option<f32>,
}

/// Where the file is, there or not.
#[must_use]
pub fn path(get: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let named = |name: &str| get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = named("SVH_CONFIG_HOME")
        .or_else(|| named("XDG_CONFIG_HOME").map(|folder| folder.join("svh")))
        .or_else(|| named("HOME").map(|home| home.join(".config/svh")))?;
    Some(folder.join("config.toml"))
}

impl Config {
    /// Reads the file; the defaults where there is none.
    ///
    /// # Errors
    /// A file that cannot be read, and settings that svh does not have.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |reason: String| ConfigError::Unreadable { path: path.to_path_buf(), reason };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let config: Self = toml::from_str(&text).map_err(|error| unreadable(error.message().to_owned() + &place(&text, error.span())))?;
        let wrong = |what: String| ConfigError::Setting { path: path.to_path_buf(), what };
        if let Some(threshold) = config.defaults.threshold.filter(|value| !(0.0..=1.0).contains(value)) {
            return Err(wrong(format!("threshold = {threshold} is not a score; give a number from 0 to 1")));
        }
        if let Some(images) = config.defaults.images.as_deref() {
            <Images as clap::ValueEnum>::from_str(images, true)
                .map_err(|_| wrong(format!("images = \"{images}\" is not a protocol; use auto, kitty, iterm, sixel, half or off")))?;
        }
        if let Some(device) = config.defaults.device.as_deref() {
            crate::options::device(device).map_err(|how| wrong(format!("device = \"{device}\" is not a device; {how}")))?;
        }
        config.theme.look().map_err(|what| wrong(format!("{what}{}", line_of(&text, "theme", &what))))?;
        Columns::of(&config.columns).map_err(|what| wrong(format!("{what}{}", line_of(&text, "columns", &what))))?;
        Ok(config)
    }

    /// Fills options that neither the command line nor the environment gave. `given` tells by the option's name.
    pub fn fill(&self, options: &mut Options, given: impl Fn(&str) -> bool) {
        let Defaults { device, half, models, images, reader, quiet, reading_order, .. } = &self.defaults;
        let set = |name: &str| !given(name);
        if let Some(device) = device.as_ref().filter(|_| set("device")) {
            options.device = crate::options::device(device).unwrap_or_else(|_| options.device.clone());
        }
        if let Some(images) = images.as_ref().filter(|_| set("images")) {
            options.images = <Images as clap::ValueEnum>::from_str(images, true).unwrap_or(options.images);
        }
        options.half = if set("half") { half.unwrap_or(options.half) } else { options.half };
        options.quiet = if set("quiet") { quiet.unwrap_or(options.quiet) } else { options.quiet };
        options.reading_order = if set("reading_order") { reading_order.unwrap_or(options.reading_order) } else { options.reading_order };
        options.models = options.models.take().or_else(|| models.clone());
        options.reader = options.reader.take().or_else(|| reader.clone());
    }
}

/// The line of the setting that a sentence begins with, such as `theme.reader`.
fn line_of(text: &str, section: &str, what: &str) -> String {
    let key = what
        .strip_prefix(section)
        .and_then(|rest| rest.strip_prefix('.'))
        .map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-')).collect::<String>());
    let (Some(key), mut inside) = (key, false) else { return String::new() };
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') && !line.contains('=') {
            inside = line.trim_matches(['[', ']']) == section;
        } else if inside && line.split('=').next().is_some_and(|name| name.trim().trim_matches('"') == key) {
            return format!(" (line {})", number + 1);
        }
    }
    String::new()
}

/// The line of a fault.
fn place(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    span.map_or_else(String::new, |span| format!(", line {}", text.get(..span.start).unwrap_or_default().matches('\n').count() + 1))
}
