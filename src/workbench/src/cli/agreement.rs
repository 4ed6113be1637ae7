//! `svh agreement`: every metric for two columns of grades.

use svh_analysis::AgreementTable;
use svh_analysis::stats::{GradeWeights, Resamples};

use super::{
    args::Agreement,
    failure::{Failure, Outcome},
    metrics, out,
};

/// Reads the table and prints its metrics.
pub fn run(command: &Agreement) -> Outcome {
    let weights = command.weights.as_deref().map(GradeWeights::read).transpose().map_err(Failure::user)?;
    if let (Some(path), true) = (&command.weights, weights.as_ref().is_some_and(GradeWeights::names_joints)) {
        let path = path.display();
        return Err(Failure::user(format!(
            "{path} has weights of tasks or joints, and this table knows grades only; leave these columns out"
        )));
    }
    let table = AgreementTable::read(&command.csv, command.max_grade).map_err(Failure::user)?;
    let agreement = table.agreement(weights.as_ref(), Resamples::default());
    if command.json { out::json(&agreement) } else { out::line(metrics::table(&agreement).trim_end()) }
}
