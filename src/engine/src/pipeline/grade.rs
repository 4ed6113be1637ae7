//! All joints of a patient through the scorers, each scorer in one batch.

use std::collections::{BTreeMap, BTreeSet};

use svh_core::{Film, JointScore, Limb, OpenJoint, PatientScore, coarse, joint};

use super::film_inference::FilmInference;
use crate::Result;
use crate::scorer::{GradeRequest, Graded, Scorer};

/// Grades every joint that has a box and looks familiar; a joint that several scorers can grade is graded by the first.
pub fn grade(patient: &str, scorers: &[Scorer], inferences: &[FilmInference], expected_joints: usize) -> Result<PatientScore> {
    let positives: Vec<Option<Film>> = inferences.iter().map(|reading| reading.negative.then(|| reading.film.inverted())).collect();
    let mut joints: BTreeMap<String, JointScore> = BTreeMap::new();
    let mut open: BTreeMap<String, OpenJoint> = BTreeMap::new();
    for scorer in scorers {
        let films = inferences.iter().zip(&positives).map(|(reading, positive)| match positive {
            Some(positive) if scorer.config().crop().wants_positive() => (reading, positive),
            _ => (reading, &reading.film),
        });
        let requests: Vec<GradeRequest> = films
            .flat_map(|(reading, film)| reading.upright.iter().filter(|detection| detection.kept).map(move |detection| (film, detection)))
            .filter_map(|(film, detection)| {
                let joint = joint::by_label(detection.task, &detection.joint)?;
                let column = &joint.ra2_column;
                let wanted = scorer.grades(joint) && !joints.contains_key(column) && !open.contains_key(column);
                wanted.then_some(GradeRequest { joint, film, bbox: detection.bbox })
            })
            .collect();
        for (request, score) in requests.iter().zip(scorer.grade(&requests)?) {
            let column = request.joint.ra2_column.clone();
            match score {
                Some(Graded { score, .. }) if coarse::is_too_small(request.joint, &request.bbox) => {
                    drop(open.insert(column, OpenJoint::new(score, coarse::TOO_FEW_PIXELS.to_owned())));
                }
                Some(Graded { score, open: Some(reason) }) => drop(open.insert(column, OpenJoint::new(score, reason.to_owned()))),
                Some(Graded { score, open: None }) => drop(joints.insert(column, score)),
                None => {}
            }
        }
    }
    let limbs: BTreeSet<Limb> = inferences.iter().map(|reading| reading.answer.limb).collect();
    let coarse = inferences.iter().filter_map(|reading| Some((reading.answer.limb, reading.answer.coarse?))).collect();
    Ok(PatientScore { coarse, ..PatientScore::with_open(patient.to_owned(), joints, open, &limbs, expected_joints) })
}
