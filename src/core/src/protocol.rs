//! The messages between the workbench and `svh-engine serve`: one JSON object a line, requests on the engine's stdin, events on its stdout.
//!
//! Every request carries an id of the caller's choosing; each is answered by any number of `progress`, `film`, `patient`, `explained` and `similar` events and then by
//! exactly one `done` or `failed` with the same id. Requests are worked off in order; `cancel` and `quit` are seen at once.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{ExplainFilm, ExplainQuery, Explanation, FilmDetections, Limb, PatientScore, SimilarJoint};

/// What the engine's libraries read when they are loaded, before `main`. The caller sets what is missing; an engine that was started without starts itself
/// once more.
///
/// - `OMP_WAIT_POLICY=PASSIVE`: the threads of libtorch's loops spin while they wait for each other. On a machine with other work that made a patient's
///   grades take 98 s instead of 4.5 s.
/// - `GLIBC_TUNABLES=glibc.malloc.hugetlb=1`: feature maps are allocated again at every step, and much of a training step went into page faults. In huge
///   pages, where the kernel gives them when asked, a step of B0 at 128 px took 0.43 s instead of 0.58 s (measured in PyTorch).
/// - `NVIDIA_TF32_OVERRIDE=0`: 32 bit is 32 bit on a GPU too. With the shorter products (TF32) that cuDNN takes by default, scores of detections differed by
///   0.01 from the CPU's, and boxes of a large detector were others. Who wants speed asks for `--half` or `--bf16`, or sets the variable to 1.
pub const ENGINE_ENV: [(&str, &str); 3] =
    [("OMP_WAIT_POLICY", "PASSIVE"), ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"), ("NVIDIA_TF32_OVERRIDE", "0")];

/// A film to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilmRequest {
    /// The file; also the name in the answer.
    pub path: PathBuf,
    /// The limb where the caller was told it; otherwise the name, then the picture decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limb: Option<Limb>,
}

/// What the workbench asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Find the joints of films; one `film` event each, `failed` items are reported as `film_failed`.
    Detect {
        /// The caller's number.
        id: u64,
        /// The films, answered in this order.
        films: Vec<FilmRequest>,
        /// Everything the network's post-processing leaves, no limb mask, no best-box rule.
        #[serde(default)]
        raw: bool,
        /// Operating threshold; the default is [`DEFAULT_THRESHOLD`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        threshold: Option<f32>,
        /// Without what is known of the shape of limbs: nothing is rejected, resized or placed by it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_shape: bool,
    },
    /// Detect and grade all films of one patient; `film` events, then one `patient` event.
    Score {
        /// The caller's number.
        id: u64,
        /// The patient's id.
        patient: String,
        /// At most one film a limb.
        films: Vec<FilmRequest>,
        /// Without what is known of the shape of limbs: nothing is rejected, resized or placed by it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_shape: bool,
    },
    /// Move the models to `cpu`, `cuda`, `cuda:N` or `auto`; answered by `ready` and `done`.
    Device {
        /// The caller's number.
        id: u64,
        /// The device's name.
        device: String,
    },
    /// Say what the grade of a joint rests on: one `explained` event.
    Explain {
        /// The caller's number.
        id: u64,
        /// The joint.
        query: ExplainQuery,
    },
    /// Find the reference joints that look most like a joint to the scorer that grades it: one `similar` event.
    Similar {
        /// The caller's number.
        id: u64,
        /// The joint.
        query: ExplainQuery,
        /// The joints to look among, each with the reader's grade; the joint itself is left out.
        references: Vec<ExplainFilm>,
        /// How many of them to name.
        most: usize,
    },
    /// Give up the request with this id at the next film.
    Cancel {
        /// Which request.
        id: u64,
    },
    /// End after the current film.
    Quit,
}

/// The score above which the best box of a class is kept.
pub const DEFAULT_THRESHOLD: f32 = 0.2;

/// Whose fault a failure is; decides the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Something given was wrong: exit status 2.
    User,
    /// Something of ours went wrong: exit status 1.
    Program,
}

/// A model that the engine has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelSummary {
    /// The folder's name.
    pub name: String,
    /// See [`crate::card::ModelCard::arch`].
    pub arch: String,
    /// See [`crate::card::ModelCard::task`].
    pub task: String,
    /// SHA-256 of the weights, as the card has it.
    pub sha256: String,
}

impl ModelSummary {
    /// The first digits of the hash, as proposals are marked with it.
    #[must_use]
    pub fn short_hash(&self) -> &str {
        if self.sha256.len() == 64 { self.sha256.get(..12).unwrap_or(&self.sha256) } else { &self.sha256 }
    }
}

/// What the engine answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// First line, and again after a change of device.
    Ready {
        /// The engine's version.
        version: String,
        /// libtorch's version.
        libtorch: String,
        /// The device in use, `cpu` or `cuda:0`.
        device: String,
        /// Every device there is, with its name in words: (`cuda:0`, `NVIDIA H200`).
        devices: Vec<(String, String)>,
        /// The models found.
        models: Vec<ModelSummary>,
    },
    /// A request moves on.
    Progress {
        /// Which request.
        id: u64,
        /// Steps done.
        done: usize,
        /// Steps in all.
        total: usize,
        /// What is being done, in a few words.
        what: String,
    },
    /// The detections of one film.
    Film {
        /// Which request.
        id: u64,
        /// The answer.
        result: FilmDetections,
    },
    /// One film could not be read; the request goes on.
    FilmFailed {
        /// Which request.
        id: u64,
        /// The film as named in the request.
        film: PathBuf,
        /// One sentence.
        message: String,
    },
    /// The grades of one patient.
    Patient {
        /// Which request.
        id: u64,
        /// The answer.
        result: PatientScore,
    },
    /// What a grade rests on.
    Explained {
        /// Which request.
        id: u64,
        /// The answer.
        result: Explanation,
    },
    /// The reference joints that look most like the one in question, the nearest first.
    Similar {
        /// Which request.
        id: u64,
        /// The answer.
        result: Vec<SimilarJoint>,
    },
    /// The request is finished.
    Done {
        /// Which request.
        id: u64,
    },
    /// The request ended without an answer; `id` is absent for a line that could not be read.
    Failed {
        /// Which request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        /// One sentence.
        message: String,
        /// Whose fault.
        fault: Fault,
    },
}
