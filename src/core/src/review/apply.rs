//! The corrected reference: the cohort's boxes and grades with the reviews over them. The cohort's own files are never touched.

use super::{Decision, Reviews};
use crate::cohort::taken_over;
use crate::{BBox, Cohort, Film, FilmLabels, GradeRow, GradeTable, Joint, LabelledBox, Limb, Patient, Placed, Task, joint};

/// The joint under which a box is reviewed: for the erosion of a foot without erosion labels of its own that of narrowing, whose boxes it has.
#[must_use]
pub fn holder_of_box(joint: &'static Joint, erosion_file: bool) -> &'static Joint {
    match joint.task {
        Task::Erosion if !joint.limb.is_hand() && !erosion_file => joint.twin().unwrap_or(joint),
        _ => joint,
    }
}

impl Reviews {
    /// The corrected boxes of a film. Reads its label files as [`Cohort::boxes`] does.
    #[must_use]
    pub fn labels(&self, cohort: &Cohort, patient: &Patient, limb: Limb) -> FilmLabels {
        let mut labels = cohort.boxes(patient, limb);
        if labels.size.is_none() && Task::ALL.into_iter().any(|task| self.has_decided_boxes(&patient.id, task, limb)) {
            labels.size = cohort.film(patient, limb).and_then(|film| Film::size(&film).ok());
        }
        self.correct_labels(&patient.id, limb, patient.has_labels(Task::Erosion, limb), &mut labels);
        labels
    }

    /// Corrects boxes that have been read. `erosion_file` says whether the film has erosion labels of its own: a foot without them has those of
    /// narrowing. A decision about a film of another size than `labels` know lies in another frame: it is left out, and the task's boxes are unusable.
    fn correct_labels(&self, patient: &str, limb: Limb, erosion_file: bool, labels: &mut FilmLabels) {
        if self.joints_of(patient).next().is_none() {
            return;
        }
        let narrowing = self.correct(patient, limb, Task::Narrowing, labels.size, &mut labels.narrowing);
        if !limb.is_hand() && !erosion_file {
            labels.erosion = taken_over(&labels.narrowing);
            labels.unusable[1] |= narrowing.is_some();
        }
        let erosion = self.correct(patient, limb, Task::Erosion, labels.size, &mut labels.erosion);
        for (task, other) in [(Task::Narrowing, narrowing), (Task::Erosion, erosion)] {
            if let (Some(then), Some(now)) = (other, labels.size) {
                labels.unusable[task as usize] = true;
                labels.problems.push(format!(
                    "readers reviewed {task} boxes of {patient} {limb} on a film of {} x {} pixels, and the film has {} x {}, so these boxes are left \
                     out; review them again",
                    then.0, then.1, now.0, now.1
                ));
            }
        }
    }

    /// What a reader decided about the box of a joint; `None` where nobody did. `erosion_file` as in [`Reviews::correct_labels`].
    #[must_use]
    pub fn decided_box(&self, patient: &str, joint: &'static Joint, erosion_file: bool) -> Option<&Decision<Option<BBox>>> {
        let decided = |joint| self.joint(patient, joint).and_then(|review| review.bbox.as_ref());
        decided(joint).or_else(|| decided(holder_of_box(joint, erosion_file)))
    }

    /// Whether a reader decided about any box of a film for a task.
    #[must_use]
    pub fn has_decided_boxes(&self, patient: &str, task: Task, limb: Limb) -> bool {
        self.joints_of(patient).any(|(joint, review)| joint.task == task && joint.limb == limb && review.bbox.is_some())
    }

    /// A moved box keeps its place in the list, a new one goes to the end; all are a person's now. Gives back the size of another film that a decision is
    /// about.
    fn correct(&self, patient: &str, limb: Limb, task: Task, film: Option<(u32, u32)>, boxes: &mut Vec<LabelledBox>) -> Option<(u32, u32)> {
        let mut other = None;
        for joint in joint::of_limb(task, limb) {
            let Some(decision) = self.joint(patient, joint).and_then(|review| review.bbox.as_ref()) else { continue };
            if let (Some(then), Some(now)) = (decision.size, film)
                && then != now
            {
                other = Some(then);
                continue;
            }
            match (decision.value, boxes.iter_mut().find(|labelled| labelled.joint == joint)) {
                (Some(bbox), Some(labelled)) => {
                    let difficult = labelled.difficult && labelled.is_readers();
                    *labelled = LabelledBox { joint, bbox, difficult, placed: Placed::Reader };
                }
                (Some(bbox), None) => boxes.push(LabelledBox { joint, bbox, difficult: false, placed: Placed::Reader }),
                (None, _) => boxes.retain(|labelled| labelled.joint != joint),
            }
        }
        other
    }

    /// The corrected grades of a patient; `None` where neither the table nor a review has one.
    #[must_use]
    pub fn grades(&self, cohort: &Cohort, patient: &Patient) -> Option<GradeRow> {
        self.correct_grades(&patient.id, cohort.grades_of(patient))
    }

    /// Corrects grades that are at hand.
    #[must_use]
    pub fn correct_grades(&self, patient: &str, row: Option<&GradeRow>) -> Option<GradeRow> {
        let mut decided = self.joints_of(patient).filter_map(|(joint, review)| Some((joint, review.grade.as_ref()?.value))).peekable();
        if decided.peek().is_none() {
            return row.copied();
        }
        let mut row = row.copied().unwrap_or_default();
        for (joint, grade) in decided {
            // Checked against the scale when the line was taken in.
            drop(row.set(joint, grade));
        }
        Some(row)
    }

    /// The corrected table: patients in the order of the cohort's table, then those who have reviewed grades only. `None` without any grade.
    #[must_use]
    pub fn table(&self, cohort: &Cohort) -> Option<GradeTable> {
        let mut table = cohort.grades().cloned().unwrap_or_default();
        for patient in cohort.patients() {
            let before = cohort.grades_of(patient);
            if let Some(row) = self.correct_grades(&patient.id, before).filter(|row| before != Some(row)) {
                table.insert(&patient.id, row);
            }
        }
        (cohort.grades().is_some() || !table.is_empty()).then_some(table)
    }
}
