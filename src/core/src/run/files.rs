//! The names of a run's files.

pub(super) const INFO: &str = "run.json";
pub(super) const EVENTS: &str = "events.jsonl";
pub(super) const INPUTS: &str = "inputs.jsonl";
pub(super) const RESULTS: &str = "results.jsonl";
pub(super) const METRICS: &str = "metrics.json";
pub(super) const CANCEL: &str = "cancel";
