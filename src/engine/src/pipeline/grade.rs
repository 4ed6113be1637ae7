//! All joints of a patient through the scorers, each scorer in one batch.

use std::collections::{BTreeMap, BTreeSet};

use svh_core::{Film, JointScore, Limb, OpenJoint, PatientScore, coarse, joint};

use super::film_inference::FilmInference;
use crate::Result;
use crate::scorer::{self, CropScore, GradeRequest, Scorer};

/// Grades every joint that has a box and looks familiar; a joint that several scorers can grade is graded by the first.
pub fn grade(patient: &str, scorers: &[Scorer], inferences: &[FilmInference], expected_joints: usize) -> Result<PatientScore> {
    let positives: Vec<Option<Film>> = inferences.iter().map(|reading| reading.negative.then(|| reading.film.inverted())).collect();
    let mut seen: BTreeMap<&str, (CropScore, bool)> = BTreeMap::new();
    for scorer in scorers {
        let films = inferences.iter().zip(&positives).map(|(reading, positive)| match positive {
            Some(positive) if scorer.config().crop().wants_positive() => (reading, positive),
            _ => (reading, &reading.film),
        });
        let requests: Vec<GradeRequest> = films
            .flat_map(|(reading, film)| reading.upright.iter().filter(|detection| detection.kept).map(move |detection| (film, detection)))
            .filter_map(|(film, detection)| {
                let joint = joint::by_label(detection.task, &detection.joint)?;
                let wanted = scorer.grades(joint) && !seen.contains_key(joint.ra2_column.as_str());
                wanted.then_some(GradeRequest { joint, film, bbox: detection.bbox })
            })
            .collect();
        for (request, of_joint) in requests.iter().zip(scorer.score_crops(&requests)?) {
            if let Some(of_joint) = of_joint {
                seen.insert(&request.joint.ra2_column, (of_joint, !coarse::is_too_small(request.joint, &request.bbox)));
            }
        }
    }
    let mut joints: BTreeMap<String, JointScore> = BTreeMap::new();
    let mut open: BTreeMap<String, OpenJoint> = BTreeMap::new();
    let all: Vec<(&CropScore, bool)> = seen.values().map(|(of_joint, fine)| (of_joint, *fine)).collect();
    for ((column, (_, fine)), graded) in seen.iter().zip(scorer::in_view_of_all(&all)) {
        match if *fine { graded.open } else { Some(coarse::TOO_FEW_PIXELS) } {
            Some(reason) => drop(open.insert((*column).to_owned(), OpenJoint::new(graded.score, reason.to_owned()))),
            None => drop(joints.insert((*column).to_owned(), graded.score)),
        }
    }
    let limbs: BTreeSet<Limb> = inferences.iter().map(|reading| reading.answer.limb).collect();
    let coarse = inferences.iter().filter_map(|reading| Some((reading.answer.limb, reading.answer.coarse?))).collect();
    Ok(PatientScore { coarse, ..PatientScore::with_open(patient.to_owned(), joints, open, &limbs, expected_joints) })
}
