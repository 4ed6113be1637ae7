//! What a run was asked to do, as values. A run is resumed by these, never by words that stand in its `run.json`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Limb;
use crate::training::TrainOptions;

/// What a run was asked to do. All paths are absolute. Where the results go is the run's own folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum RunOptions {
    /// `svh score`
    Score(FilmOptions),
    /// `svh detect`
    Detect(FilmOptions),
    /// `svh train`
    Train {
        /// As [`crate::training::TrainOptions`].
        options: Box<TrainOptions>,
        /// `auto`, `cpu`, `cuda` or `cuda:N`.
        device: String,
    },
}

/// What films are read, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilmOptions {
    /// Cohorts, folders of films, films.
    pub inputs: Vec<PathBuf>,
    /// These patients alone; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patients: Vec<String>,
    /// The limb, where names do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limb: Option<Limb>,
    /// The score from which a box counts, where it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// Without the shape of limbs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_shape: bool,
    /// The folder of models, where it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
    /// Without the VOI windows and tables of DICOM films.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_voi: bool,
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Half precision, on a GPU.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub half: bool,
}
