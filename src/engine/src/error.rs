//! The engine's errors: each is one sentence that names the thing, the place and the way out.

use std::path::{Path, PathBuf};

use svh_core::protocol::Fault;

/// Shorthand for the engine's results.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `write`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A weights file does not fit its network.
    #[error("{}: {problem}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What does not fit and what to do.
        problem: String,
    },
    /// A model folder cannot be used.
    #[error("model {}: {problem}", folder.display())]
    Model {
        /// The folder.
        folder: PathBuf,
        /// Why, and what to do.
        problem: String,
    },
    /// Something that the user asked for cannot be done.
    #[error("{0}")]
    Usage(String),
    /// Data that was read makes no sense.
    #[error("{0}")]
    Data(String),
    /// The work was given up on request.
    #[error("cancelled")]
    Cancelled,
    /// libtorch refused an operation.
    #[error("libtorch failed: {}", first_line(.0))]
    Torch(#[from] tch::TchError),
    /// Something that should not happen did.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// For `map_err`: an input or output error at a path.
    pub fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::Io { action, path: path.to_path_buf(), source }
    }

    /// A weights file that does not fit.
    pub fn weights(path: &Path, problem: impl Into<String>) -> Self {
        Self::Weights { path: path.to_path_buf(), problem: problem.into() }
    }

    /// A model folder that cannot be used.
    pub fn model(folder: &Path, problem: impl Into<String>) -> Self {
        Self::Model { folder: folder.to_path_buf(), problem: problem.into() }
    }

    /// Whose fault it is; decides the exit status.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Torch(_) | Self::Internal(_) => Fault::Program,
            _ => Fault::User,
        }
    }
}

/// libtorch adds a C++ stack to its messages; the first line says what happened.
fn first_line(error: &tch::TchError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
