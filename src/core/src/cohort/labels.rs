//! The boxes of label files, read when they are asked for.

use std::path::{Path, PathBuf};

use super::{Cohort, Patient, labels_folder};
use crate::{Film, Limb, Task, TruthBox, VocFile, joint};

/// The boxes of one film for both tasks, and one sentence for everything in its label files that gave none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilmLabels {
    /// Narrowing, in the order of the file.
    pub narrowing: Vec<TruthBox>,
    /// Erosion; of a foot without erosion labels, the narrowing boxes.
    pub erosion: Vec<TruthBox>,
    /// With file, object and way out.
    pub problems: Vec<String>,
}

impl FilmLabels {
    /// The boxes of a task.
    #[must_use]
    pub fn of(&self, task: Task) -> &[TruthBox] {
        match task {
            Task::Narrowing => &self.narrowing,
            Task::Erosion => &self.erosion,
        }
    }

    /// Whether a model proposed boxes of a task that nobody has looked at: what is boxed on the film, and what is not, is no person's word then.
    #[must_use]
    pub fn is_proposed(&self, task: Task) -> bool {
        self.of(task).iter().any(|truth| !truth.is_a_persons())
    }
}

impl Cohort {
    /// The label file of a task and limb, where there is one.
    #[must_use]
    pub fn label_file(&self, patient: &Patient, task: Task, limb: Limb) -> Option<PathBuf> {
        let stem = patient.film_stem(limb).filter(|_| patient.has_labels(task, limb))?;
        Some(self.root.join(labels_folder(task)).join(format!("{stem}.xml")))
    }

    /// Where the label file of a film belongs, whether or not there is one.
    #[must_use]
    pub fn label_place(&self, patient: &Patient, task: Task, limb: Limb) -> Option<PathBuf> {
        patient.film_stem(limb).map(|stem| self.root.join(labels_folder(task)).join(format!("{stem}.xml")))
    }

    /// The boxes of a film. Reads its label files and the film's header, in which the boxes must lie.
    #[must_use]
    pub fn boxes(&self, patient: &Patient, limb: Limb) -> FilmLabels {
        let mut labels = FilmLabels::default();
        let file = |task| self.label_file(patient, task, limb);
        let size = || self.film(patient, limb).and_then(|film| Film::size(&film).ok());
        if let Some(path) = file(Task::Narrowing) {
            labels.narrowing = read(&path, Task::Narrowing, limb, size(), &mut labels.problems);
        }
        if let Some(path) = file(Task::Erosion) {
            labels.erosion = read(&path, Task::Erosion, limb, size(), &mut labels.problems);
        } else if !limb.is_hand() {
            labels.erosion = taken_over(&labels.narrowing);
        }
        labels
    }
}

fn read(path: &Path, task: Task, limb: Limb, size: Option<(u32, u32)>, problems: &mut Vec<String>) -> Vec<TruthBox> {
    let file = match VocFile::read(path) {
        Ok(file) => file,
        Err(error) => {
            problems.push(error.to_string());
            return Vec::new();
        }
    };
    let labels = file.labels(task, Some(limb), size);
    problems.extend(labels.problems.iter().map(|(number, problem)| match number {
        0 => format!("{}: {problem}", path.display()),
        number => format!("{}, object {number}: {problem}", path.display()),
    }));
    labels.boxes
}

/// Narrowing boxes of a foot as erosion boxes: the same joints are graded for both.
pub(crate) fn taken_over(narrowing: &[TruthBox]) -> Vec<TruthBox> {
    narrowing.iter().filter_map(|truth| Some(TruthBox { joint: joint::by_label(Task::Erosion, &truth.joint.label)?, ..*truth })).collect()
}
