//! How a command ends when it does not succeed: the sentence and the exit status.

use std::process::ExitCode;

use svh_core::protocol::Fault;

/// Why a command stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// One sentence for stderr, and whose fault it is.
    Message(String, Fault),
    /// Every input was tried, and some of them failed: what was made of the others is whole.
    SomeFailed(String, Fault),
    /// The sentence has been said already; only the exit status is left.
    Told(Fault),
    /// Whoever read our output has gone (`svh ... | head`): not a failure, and nothing to say.
    ReaderGone,
}

/// What a command gives back.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// Something given was wrong; exit status 2.
    pub fn user(message: impl std::fmt::Display) -> Self {
        Self::Message(message.to_string(), Fault::User)
    }

    /// Something of ours went wrong; exit status 1.
    pub fn program(message: impl std::fmt::Display) -> Self {
        Self::Message(message.to_string(), Fault::Program)
    }

    /// The sentence for stderr, where one is still to be said.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Message(message, _) | Self::SomeFailed(message, _) => Some(message),
            Self::Told(_) | Self::ReaderGone => None,
        }
    }

    /// The exit status.
    pub fn status(&self) -> ExitCode {
        match self {
            Self::ReaderGone => ExitCode::SUCCESS,
            Self::Message(_, fault) | Self::SomeFailed(_, fault) | Self::Told(fault) => ExitCode::from(match fault {
                Fault::User => 2,
                Fault::Program => 1,
            }),
        }
    }
}

impl From<crate::engine::Error> for Failure {
    fn from(error: crate::engine::Error) -> Self {
        Self::Message(error.to_string(), error.fault())
    }
}
