//! The boxes that people placed, as truth of the detector's task.

use rayon::prelude::*;
use svh_core::{Cohort, Reviews, Task};

use super::EvaluatedFilm;
use super::boxes::{Gathered, TaskBoxes};
use super::places::Places;
use crate::detection::{Rect, TrueBox};

/// Reads the label files of all films, in parallel; returns what was wrong with them.
pub fn read(
    cohort: &Cohort,
    reviews: &Reviews,
    films: &[EvaluatedFilm],
    patients: &[String],
    gathered: &mut [Gathered; 2],
    places: &mut Places,
) -> Vec<String> {
    let labels: Vec<_> = films
        .par_iter()
        .map(|film| cohort.patient(&patients[film.patient]).map(|patient| reviews.labels(cohort, patient, film.limb)).unwrap_or_default())
        .collect();
    let mut problems = Vec::new();
    for (place, (film, labels)) in films.iter().zip(labels).enumerate() {
        for task in Task::ALL {
            for truth in labels.of(task) {
                places.add_truth(place as u32, truth.joint, truth.bbox);
                // Boxes taken over from another task are compared there.
                if film.labelled[task as usize] {
                    let rect = Rect::from(truth.bbox);
                    let class = TaskBoxes::class(truth.joint);
                    gathered[task as usize].sample.truth.push(TrueBox { film: place as u32, class, rect, area: rect.area(), crowd: false });
                }
            }
        }
        problems.extend(labels.problems);
    }
    problems
}
