//! The one error of this crate.

use polars::prelude::PolarsError;
use svh_core::RunError;
use svh_core::atomic::WriteError;
use thiserror::Error;

/// A frame that could not be made.
#[derive(Debug, Error)]
pub enum AnalysisError {
    /// The run's files.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A Parquet file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A query that polars refuses: a fault of this crate, or a Parquet file of another make.
    #[error("the tables could not be worked out ({0}); remove the run's .parquet files and try again")]
    Polars(#[from] PolarsError),
}

/// A frame or why there is none.
pub type Result<T> = std::result::Result<T, AnalysisError>;
