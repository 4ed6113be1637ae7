//! The one error of this crate's tables and evaluations.

use polars::prelude::PolarsError;
use svh_core::RunError;
use svh_core::atomic::WriteError;
use thiserror::Error;

/// A table or a metric that could not be made.
#[derive(Debug, Error)]
pub enum AnalysisError {
    /// The run's files.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The run worked on other films.
    #[error("{run} holds no film and no patient of {cohort}; give the cohort that the run was made over")]
    OtherCohort {
        /// The run's folder.
        run: String,
        /// The cohort's folder.
        cohort: String,
    },
    /// There is nothing to export.
    #[error("{place} has no {what}, so there is nothing to export")]
    Nothing {
        /// What is not there.
        what: &'static str,
        /// The cohort or the run.
        place: String,
    },
    /// A folder that is taken or cannot be written to.
    #[error(transparent)]
    Staging(#[from] svh_core::staging::StagingError),
    /// A query that polars refuses: a fault of this crate, or a Parquet file of another make.
    #[error("the tables could not be computed ({0}); remove the run's .parquet files and try again")]
    Polars(#[from] PolarsError),
    /// hotcoco refuses the boxes.
    #[error("COCO's metrics could not be computed ({0}); check the run's scores and boxes")]
    Coco(String),
}

/// A table, a metric, or why there is none.
pub type Result<T> = std::result::Result<T, AnalysisError>;
