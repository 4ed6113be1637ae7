//! The names of a run's files, and the one that a reader writes.

use std::path::Path;

use super::MAX_NOTE;
use crate::intake;

pub(super) const INFO: &str = "run.json";
pub(super) const EVENTS: &str = "events.jsonl";
pub(super) const INPUTS: &str = "inputs.jsonl";
pub(super) const RESULTS: &str = "results.jsonl";
pub(super) const METRICS: &str = "metrics.json";
pub(super) const CANCEL: &str = "cancel";
/// A reader's remark on a run. It is a file of its own, as the writer of a run replaces `run.json`.
pub(super) const NOTE: &str = "note.txt";

/// The note of a run; a file that cannot be read is none.
pub(super) fn note(folder: &Path) -> Option<String> {
    let bytes = intake::bytes(&folder.join(NOTE), intake::MAX_SETTINGS).ok()?;
    let text: String = String::from_utf8_lossy(&bytes).trim().chars().take(MAX_NOTE).collect();
    (!text.is_empty()).then_some(text)
}
