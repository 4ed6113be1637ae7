//! What `svh score` says of a cohort that its models do not know: which command fits a scorer to it. It never runs that command.

use std::path::{Path, PathBuf};

use svh_core::{MARKED_ABOVE, OPEN_ABOVE, PatientScore};

/// Fewer joints than this say nothing of a cohort; `svh model adapt` asks for as many healthy ones.
const ENOUGH: usize = 100;

/// A cohort is unfamiliar when more than one of this many joints is. Among phantoms like the training's it is one in 300.
const ONE_IN: usize = 20;

/// The note, if the one input is a cohort and many of its joints are marked as unfamiliar or were left open.
pub fn note(inputs: &[PathBuf], scores: &[PatientScore]) -> Option<String> {
    let [cohort] = inputs else { return None };
    if !cohort.is_dir() {
        return None;
    }
    let all: usize = scores.iter().map(|score| score.joints.len() + score.open.len()).sum();
    let unfamiliar: usize = scores.iter().map(unfamiliar_joints).sum();
    (all >= ENOUGH && unfamiliar * ONE_IN > all).then(|| sentence(cohort, unfamiliar, all))
}

fn unfamiliar_joints(score: &PatientScore) -> usize {
    let marked = score.joints.values().filter(|joint| joint.unfamiliarity.is_some_and(|value| value > MARKED_ABOVE));
    // Joints with too few pixels are open for another reason.
    marked.count() + score.open.values().filter(|joint| joint.unfamiliarity > OPEN_ABOVE).count()
}

fn sentence(cohort: &Path, unfamiliar: usize, all: usize) -> String {
    format!(
        "{unfamiliar} of {all} joints look unlike those that the scorers learned from; \
         `svh model adapt MODEL_DIR --cohort {} --out NEW_MODEL_DIR` fits a scorer to these films without labels and reports what changes",
        cohort.display()
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use svh_core::{JointScore, OpenJoint};

    use super::*;

    fn patient(marked: usize, open: usize, all: usize) -> PatientScore {
        let joint = |unfamiliarity| JointScore { unfamiliarity: Some(unfamiliarity), ..JointScore::from_probabilities(vec![1.0, 0.0]) };
        let graded = (0..all - open).map(|k| (format!("joint {k}"), joint(if k < marked { 0.8 } else { 0.7 }))).collect();
        let open: BTreeMap<_, _> = (0..open).map(|k| (format!("open {k}"), OpenJoint::new(joint(0.95), "unfamiliar".to_owned()))).collect();
        PatientScore::with_open("A".to_owned(), graded, open, &BTreeSet::new(), all)
    }

    #[test]
    fn only_a_cohort_with_many_unfamiliar_joints_gets_the_note() {
        let folder = tempfile::tempdir().unwrap();
        let cohort = [folder.path().to_owned()];
        let said = note(&cohort, &[patient(4, 1, 60), patient(0, 2, 60)]).expect("7 of 120 are more than one in 20");
        assert!(said.starts_with("7 of 120 joints") && said.contains(&format!("--cohort {}", folder.path().display())), "{said}");
        assert_eq!(note(&cohort, &[patient(4, 1, 60), patient(0, 1, 60)]), None, "6 of 120 are just one in 20");
        assert_eq!(note(&cohort, &[patient(40, 1, 60)]), None, "too few joints");
        assert_eq!(note(&[folder.path().join("A-LH.png")], &[patient(40, 1, 120)]), None, "single films");
        assert_eq!(note(&[cohort[0].clone(), cohort[0].clone()], &[patient(40, 1, 120)]), None, "several inputs");
    }
}
