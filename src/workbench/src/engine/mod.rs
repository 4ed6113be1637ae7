//! The way to `svh-engine`, the process that owns libtorch and the GPU: found, started on the first demand, kept warm, replaced when it dies.
//!
//! [`Client`] speaks the protocol of [`svh_core::protocol`] with `svh-engine serve`; [`Launch`] runs its other commands.

mod client;
mod launch;
mod libtorch;
mod tail;
mod trust;

use std::{ffi::OsString, path::PathBuf};

use svh_core::{libtorch::PYTORCH, protocol::Fault};

pub use client::{Client, Message};
pub use launch::{Launch, Slot, StdinTaker, unnamed};
pub use libtorch::found as libtorch_found;
pub use tail::Listener;

/// What the engine is started with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Half precision.
    pub half: bool,
    /// The folder of model folders; absent when there is none.
    pub models: Option<PathBuf>,
}

impl Settings {
    /// The settings that the command line's options ask for.
    #[must_use]
    pub fn from_options(options: &crate::Options) -> Self {
        Self { device: options.device.clone(), half: options.half, models: svh_core::places::models(options.models.as_deref()) }
    }

    /// The arguments of one of the engine's commands, with device and models.
    #[must_use]
    pub fn arguments(&self, command: &[&str]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = command.iter().map(OsString::from).collect();
        arguments.extend(["--device".into(), self.device.clone().into()]);
        if self.half && command == ["serve"] {
            arguments.push("--half".into());
        }
        if let Some(models) = &self.models {
            arguments.extend(["--models".into(), models.clone().into()]);
        }
        arguments
    }
}

/// Why the engine cannot be used. Each is one sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The program is not where it should be.
    #[error("svh-engine is not at {}; run `make build`, or name it in SVH_ENGINE", .0.display())]
    NoProgram(PathBuf),
    /// The program could not be started at all.
    #[error("{} could not be started: {reason}", path.display())]
    NotStarted {
        /// The program.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// `SVH_TORCH` names something else.
    #[error("SVH_TORCH={}: {reason}", folder.display())]
    BadTorch {
        /// What the variable says.
        folder: PathBuf,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// No libtorch was found that fits.
    #[error(
        "libtorch was not found ({tried}): install PyTorch {PYTORCH}, for instance with `pip install torch=={PYTORCH}`, or name its folder in SVH_TORCH"
    )]
    NoLibtorch {
        /// Where was looked, and what was wrong there.
        tried: String,
    },
    /// It ended on its own.
    #[error("{0}")]
    Died(String),
    /// It ended with a sentence of its own about something that the user gave.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Whose fault it is; decides the exit status.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotStarted { .. } | Self::Died(_) => Fault::Program,
            Self::NoProgram(_) | Self::BadTorch { .. } | Self::NoLibtorch { .. } | Self::Refused(_) => Fault::User,
        }
    }
}

/// The engine's program: `SVH_ENGINE`, or beside this program.
///
/// # Errors
/// When there is no such file.
pub fn program() -> Result<PathBuf, Error> {
    let named = std::env::var_os("SVH_ENGINE").filter(|name| !name.is_empty()).map(PathBuf::from);
    let path = named.unwrap_or_else(|| {
        let beside = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.to_path_buf()));
        beside.unwrap_or_default().join("svh-engine")
    });
    if path.is_file() { Ok(path) } else { Err(Error::NoProgram(path)) }
}
