//! How often each grade occurs in a cohort, and how grades go together in its patients: what probabilities are corrected to when a training saw other
//! frequencies.

use std::path::Path;

use svh_core::cohort::Cohort;
use svh_core::model_command::FitSeverity;
use svh_core::{Joint, Task, joint};

use super::calibrate::keep_weights;
use crate::models;
use crate::scorer::{ScorerConfig, Severity};
use crate::{Error, Result};

/// The grades of a cohort's patients for one task; its films are not touched.
pub struct Frequencies(Vec<Vec<(&'static Joint, u8)>>);

impl Frequencies {
    /// Reads a cohort's table.
    pub fn read(root: &Path, task: Task) -> Result<Self> {
        let cohort = Cohort::open(root)?;
        let of_patient = |patient| {
            let grades = cohort.grades_of(patient)?;
            let joints: Vec<_> = joint::joints(task).iter().filter_map(|joint| Some((joint, grades.get(joint)?))).collect();
            (!joints.is_empty()).then_some(joints)
        };
        let patients: Vec<_> = cohort.patients().iter().filter_map(of_patient).collect();
        if patients.is_empty() {
            return Err(Error::Data(format!("{} has no grade for {task}; name a cohort with a training.csv", root.display())));
        }
        Ok(Self(patients))
    }

    /// The number of joints behind each output of a scorer.
    pub fn counts(&self, config: &ScorerConfig) -> Vec<usize> {
        let mut counts = vec![0; config.classes as usize];
        for (joint, grade) in self.0.iter().flatten() {
            if let Some(outputs) = config.task.outputs(config.classes, joint)
                && let Some(count) = counts[outputs].get_mut(usize::from(*grade))
            {
                *count += 1;
            }
        }
        counts
    }

    /// How grades go together in the patients.
    pub fn severity(&self) -> Option<Severity> {
        Severity::fit(&self.0)
    }
}

/// `model severity`: writes a scorer that sees each joint in view of the patient's others.
pub fn run(args: &FitSeverity) -> Result<String> {
    let mut card = models::read_card(&args.model)?;
    let mut config = ScorerConfig::from_card(&card).map_err(|problem| Error::model(&args.model, problem))?;
    let frequencies = Frequencies::read(&args.cohort, config.task.task())?;
    let Some(severity) = frequencies.severity() else {
        return Err(Error::Data(format!("every joint of {} has grade 0; name a cohort with damaged joints", args.cohort.display())));
    };
    let done = format!(
        "{} patients: all joints of a patient share {:.0} % of the variance in severity, those of a limb {:.0} % more",
        frequencies.0.len(),
        100.0 * severity.patient,
        100.0 * severity.limb
    );
    if config.extras.log_prior.is_empty() {
        return Err(Error::model(&args.model, "it does not say which frequencies its probabilities have; train it with --frequencies"));
    }
    config.extras.severity = Some(severity);
    config.check().map_err(|problem| Error::model(&args.model, problem))?;
    card.config = config.card().config;
    let origin = args.cohort.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    card.trained_on = format!("{} Severity fitted to {} patients of {origin}.", card.trained_on, frequencies.0.len());
    keep_weights(&args.model, &args.out)?;
    models::write_card(&args.out, &card)?;
    Ok(done)
}
