//! A run: one execution of models over films, or one training, as a folder that can be read while it is written.
//!
//! `run.json` says what ran, `events.jsonl` how it goes on, `results.jsonl` has one line a film or patient, `inputs.jsonl` the films that each of those rests on,
//! `metrics.json` the metrics, and `attempts/` who may write all that. A run in shards has a folder of this kind a shard: see [`shards`].

mod cancel;
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
mod options;
mod process;
mod reader;
mod settle;
pub mod shards;
mod state;
mod writer;

pub use cancel::request_cancel;
pub use claim::RunClaim;
pub use error::{MAX_NOTE, RunError};
pub use event::{ResultLine, RunEvent};
pub use info::{CohortRef, ModelUse, RunInfo, RunKind, RunStatus, threshold};
pub use jsonl::{Damage, JsonLines, Tail};
pub use lease::{Lease, cancel_requested};
pub use manage::{annotate, delete, rename};
pub use options::{FilmOptions, RunOptions};
pub use process::{Liveness, Process};
pub use reader::{RunReader, RunResults, list};
pub use settle::settle;
pub use shards::Shard;
pub use state::{Observer, RunState};
pub use writer::RunWriter;

use files::{CANCEL, EVENTS, INFO, INPUTS, METRICS, RESULTS};
