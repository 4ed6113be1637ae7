//! The boxes that people placed or looked at, as reference of the detector's task.

use rayon::prelude::*;
use svh_core::{Cohort, FilmLabels, Limb, Patient, Reviews, Task};

use super::EvaluatedFilm;
use super::boxes::{Gathered, TaskBoxes};
use super::places::Places;
use crate::detection::{Rect, ReferenceBox};

/// Reads the label files of all films, in parallel, as reviews correct them.
pub fn read(cohort: &Cohort, reviews: &Reviews, films: &[(&Patient, Limb)]) -> Vec<FilmLabels> {
    films.par_iter().map(|(patient, limb)| reviews.labels(cohort, patient, *limb)).collect()
}

/// Takes the boxes of people as reference; returns what was wrong with label files.
pub fn take(labels: Vec<FilmLabels>, films: &[EvaluatedFilm], gathered: &mut [Gathered; 2], places: &mut Places) -> Vec<String> {
    let mut problems = Vec::new();
    for (place, (film, labels)) in films.iter().zip(labels).enumerate() {
        for task in Task::ALL {
            for reference in labels.of(task).iter().filter(|reference| reference.is_readers()) {
                places.add_reference(place as u32, reference.joint, reference.bbox);
                // Boxes taken over from another task are compared there.
                if film.labelled[task as usize] {
                    let rect = Rect::from(reference.bbox);
                    let class = TaskBoxes::class(reference.joint);
                    gathered[task as usize].sample.reference.push(ReferenceBox {
                        film: place as u32,
                        class,
                        rect,
                        area: rect.area(),
                        crowd: false,
                    });
                }
            }
        }
        problems.extend(labels.problems);
    }
    problems
}
