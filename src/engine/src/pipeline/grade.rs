//! All joints of a patient through the scorers, each scorer in one batch.

use std::collections::BTreeMap;

use svh_core::{Film, JointScore, PatientScore, joint};

use super::reading::Reading;
use crate::Result;
use crate::scorer::{GradeRequest, Scorer};

/// Grades every joint that has a box; a joint that several scorers can grade is graded by the first.
pub fn grade(patient: &str, scorers: &[Scorer], readings: &[Reading], expected_joints: usize) -> Result<PatientScore> {
    let positives: Vec<Option<Film>> = readings.iter().map(|reading| reading.negative.then(|| reading.film.inverted())).collect();
    let mut joints: BTreeMap<String, JointScore> = BTreeMap::new();
    for scorer in scorers {
        let films = readings.iter().zip(&positives).map(|(reading, positive)| match positive {
            Some(positive) if scorer.config().crop().wants_positive() => (reading, positive),
            _ => (reading, &reading.film),
        });
        let requests: Vec<GradeRequest> = films
            .flat_map(|(reading, film)| reading.upright.iter().filter(|detection| detection.kept).map(move |detection| (film, detection)))
            .filter_map(|(film, detection)| {
                let joint = joint::by_label(detection.task, &detection.joint)?;
                let wanted = scorer.grades(joint) && !joints.contains_key(&joint.ra2_column);
                wanted.then_some(GradeRequest { joint, film, bbox: detection.bbox })
            })
            .collect();
        for (request, score) in requests.iter().zip(scorer.grade(&requests)?) {
            if let Some(score) = score {
                joints.insert(request.joint.ra2_column.clone(), score);
            }
        }
    }
    Ok(PatientScore::new(patient.to_owned(), joints, expected_joints))
}
