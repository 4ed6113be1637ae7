//! A run: one execution of models over films, or one training, as a folder that can be read while it is written.
//!
//! `run.json` says what ran, `events.jsonl` how it goes on, `results.jsonl` has one line a film or patient, `inputs.jsonl` the films that each of those rests on,
//! `metrics.json` the metrics, and `attempts/` who may write all that.

mod claim;
mod done;
mod error;
mod event;
mod files;
mod info;
mod inputs;
mod jsonl;
mod lease;
mod manage;
mod note;
mod options;
mod process;
mod reader;
mod settle;
mod state;
mod writer;

pub use claim::RunClaim;
pub use error::{MAX_NOTE, RunError};
pub use event::{ResultLine, RunEvent};
pub use info::{CohortRef, ModelUse, RunInfo, RunKind, RunStatus, threshold};
pub use jsonl::{Damage, JsonLines, Tail};
pub use lease::{Lease, cancel_requested, request_cancel};
pub use manage::{delete, rename};
pub use note::annotate;
pub use options::{FilmOptions, RunOptions};
pub use process::{Liveness, Process};
pub use reader::{RunReader, RunResults, list};
pub use settle::settle;
pub use state::{Observer, RunState};
pub use writer::RunWriter;

use files::{CANCEL, EVENTS, INFO, INPUTS, METRICS, RESULTS};
