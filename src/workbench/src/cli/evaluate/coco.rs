//! `svh evaluate --coco`: the detection metrics for anyone's COCO files.

use std::path::Path;

use serde::Serialize;
use svh_analysis::detection::{CocoError, CocoFiles, CocoMetrics, Matching};

use super::super::{
    args::Evaluate,
    failure::{Failure, Outcome},
    out,
    progress::Progress,
};
use super::{failure, text};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    metrics: &'a CocoMetrics,
    /// The least score of a box among the errors.
    threshold: f32,
    errors: &'a [CocoError<'a>],
}

pub fn run(reference: &Path, found: &Path, command: &Evaluate, progress: &Progress) -> Outcome {
    let files = CocoFiles::read(reference, found).map_err(Failure::user)?;
    let matching = Matching::of(files.sample.clone());
    let metrics = CocoMetrics::of(&matching).map_err(failure)?;
    // Without a threshold of one's own every box takes part, as in COCO.
    let threshold = command.threshold.unwrap_or(0.0);
    let errors = files.named_errors(&matching, threshold.into());
    files.left_out.iter().for_each(|sentence| progress.note(sentence));
    progress.clear();
    if command.json {
        return out::json(&Report { metrics: &metrics, threshold, errors: &errors });
    }
    out::line(text::coco(&metrics, &errors, files.sample.films, threshold).trim_end())
}
