//! How often each grade occurs in a cohort: what probabilities are corrected to when a training saw other frequencies.

use std::path::Path;

use svh_core::cohort::Cohort;
use svh_core::joint;

use crate::scorer::ScorerConfig;
use crate::{Error, Result};

/// The number of joints behind each output of a scorer, from the grades of a cohort; its films are not touched.
pub fn counts(root: &Path, config: &ScorerConfig) -> Result<Vec<usize>> {
    let cohort = Cohort::open(root)?;
    let mut counts = vec![0; config.classes as usize];
    for grades in cohort.patients().iter().filter_map(|patient| cohort.grades_of(patient)) {
        for joint in joint::joints(config.task.task()) {
            if let (Some(outputs), Some(grade)) = (config.task.outputs(config.classes, joint), grades.get(joint))
                && let Some(count) = counts[outputs].get_mut(usize::from(grade))
            {
                *count += 1;
            }
        }
    }
    if counts.iter().all(|count| *count == 0) {
        return Err(Error::Data(format!(
            "{} has no grade that this scorer knows; --frequencies takes a cohort with a training.csv",
            root.display()
        )));
    }
    Ok(counts)
}
