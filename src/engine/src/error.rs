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
    /// A file could not be replaced; the old one is whole.
    #[error(transparent)]
    Write(#[from] svh_core::atomic::WriteError),
    /// A run's folder cannot be used.
    #[error(transparent)]
    Run(#[from] svh_core::run::RunError),
    /// A film could not be read.
    #[error(transparent)]
    Film(#[from] svh_core::FilmError),
    /// A cohort could not be opened.
    #[error(transparent)]
    Cohort(#[from] svh_core::cohort::CohortError),
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
    /// The work was cancelled on request.
    #[error("cancelled")]
    Cancelled,
    /// libtorch refused an operation.
    #[error("{}", torch_sentence(&.0.to_string()))]
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

    /// What a caught panic carried.
    #[must_use]
    pub(crate) fn from_panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("the engine stopped without saying why");
        Self::Internal(if text.contains("Torch(\"") { torch_sentence(text) } else { format!("internal error: {text}") })
    }

    /// Whether the memory did not suffice, so that less at once may help.
    #[must_use]
    pub(crate) fn is_lack_of_memory(&self) -> bool {
        matches!(self, Self::Torch(error) if lacks_memory(&error.to_string().to_lowercase()))
    }

    /// The exit status of a program that ends with this error.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self.fault() {
            Fault::User => 2,
            Fault::Program => 1,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub(crate) const fn fault(&self) -> Fault {
        match self {
            Self::Torch(_) | Self::Internal(_) => Fault::Program,
            _ => Fault::User,
        }
    }
}

/// How libtorch, cuBLAS and cuDNN say that there is not enough memory, in lower case.
fn lacks_memory(lower: &str) -> bool {
    let words = ["out of memory", "allocate memory", "not enough memory", "alloc_failed", "allocation_failed"];
    words.iter().any(|words| lower.contains(words))
}

/// libtorch adds a C++ stack to its messages; the first line says what happened, and lack of memory has a way out.
fn torch_sentence(text: &str) -> String {
    let lower = text.to_lowercase();
    if lacks_memory(&lower) {
        return match ["cuda", "cublas", "cudnn"].iter().any(|words| lower.contains(words)) {
            true => "not enough memory on the GPU; close other programs that use it, train with a smaller --batch, or use --device cpu"
                .to_owned(),
            false => "not enough memory; close other programs or use a smaller model".to_owned(),
        };
    }
    // A panic of tch holds the error as Rust prints it for debugging, where line ends are written out.
    let text = text.find("Torch(\"").map_or(text, |at| &text[at + 7..]);
    let line = text.lines().next().unwrap_or_default();
    format!("libtorch failed: {}", line.split("\\n").next().unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn torch(text: &str) -> String {
        Error::Torch(tch::TchError::Torch(text.to_owned())).to_string()
    }

    #[test]
    fn lack_of_memory_is_said_in_words_with_a_way_out() {
        let gpu = torch("CUDA out of memory. Tried to allocate 20.00 GiB.\nException raised from malloc");
        assert_eq!(
            gpu,
            "not enough memory on the GPU; close other programs that use it, train with a smaller --batch, or use --device cpu"
        );
        assert_eq!(torch("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), gpu);
        let cpu = torch("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes");
        assert_eq!(cpu, "not enough memory; close other programs or use a smaller model");
    }

    #[test]
    fn only_lack_of_memory_is_worth_another_try_with_less() {
        let torch = |text: &str| Error::Torch(tch::TchError::Torch(text.to_owned()));
        assert!(torch("CUDA out of memory. Tried to allocate 20.00 GiB.").is_lack_of_memory());
        assert!(torch("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED").is_lack_of_memory());
        assert!(!torch("CUDA error: an illegal memory access was encountered").is_lack_of_memory());
        assert!(!Error::Cancelled.is_lack_of_memory());
    }

    #[test]
    fn of_a_torch_error_and_of_its_panic_the_first_line_is_kept() {
        assert_eq!(
            torch("shape '[3]' is invalid\nException raised from view"),
            "libtorch failed: Internal torch error: shape '[3]' is invalid"
        );
        let panic: Box<dyn std::any::Any + Send> = Box::new("on an `Err` value: Torch(\"shape '[3]' is invalid\\nException\")".to_owned());
        assert_eq!(Error::from_panic(panic.as_ref()).to_string(), "libtorch failed: shape '[3]' is invalid");
    }
}
