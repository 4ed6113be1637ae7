//! All errors of a run at one threshold.

use rayon::prelude::*;
use svh_core::{BBox, Joint, Origin, Task};

use super::Evaluation;
use super::boxes::TaskBoxes;
use super::effect::Effects;
use crate::detection::{AcceptedBox, Candidates, ErrorKind, JointTally, NamedError, Tally};

/// One error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorRow {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The film's place in [`Evaluation::films`], which tells patient, limb and file.
    pub film: usize,
    /// Narrowing or erosion.
    pub task: Task,
    /// The joint that really is there; absent for Background, most of Other, and Inferred where no joint is labelled.
    pub reference: Option<&'static Joint>,
    /// The joint that the box claims; absent for Missed.
    pub model: Option<&'static Joint>,
    /// The box's score, 0 to 1; 0 for Missed and Inferred.
    pub score: f32,
    /// Overlap of the two boxes, 0 to 1; 0 where there is only one.
    pub iou: f32,
    /// The reference box: of `reference`, or, where that is absent, of the joint that the box claims, so that it is seen where that really lies.
    pub reference_box: Option<BBox>,
    /// The wrong box.
    pub model_box: Option<BBox>,
    /// Whether the box counts after the best-box rule, so that the joint is graded from it.
    pub kept: bool,
    /// What it adds to the patient's total, in points: model minus reference of the joints that are graded from a wrong place, and minus the reference of
    /// those not graded at all. 0 for a box that is not used for grading; absent where a grade is not known.
    pub effect: Option<i32>,
    /// The box's place in the `detections` of the film's line in the run; absent for Missed.
    pub detection: Option<usize>,
    /// The joint that the box claims has no right box, and this one is accepted in its place: TIDE counts that joint as Missed as well, here it has one
    /// row.
    pub misses: bool,
}

impl ErrorRow {
    /// The joint that the error is filed under: the true one, or where none is known the model's.
    #[must_use]
    pub fn joint(&self) -> Option<&'static Joint> {
        self.reference.or(self.model)
    }
}

/// The errors of an evaluation at a threshold, in the order task, film, place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors {
    /// The least score of a box that takes part.
    pub threshold: f32,
    /// One row an error.
    pub rows: Vec<ErrorRow>,
}

impl Evaluation {
    /// Every error among the boxes of at least this score, named after the detector's boxes; those that the best-box rule then drops have `kept` false.
    /// Equal to a fresh evaluation of these boxes alone.
    #[must_use]
    pub fn errors(&self, threshold: f32) -> Errors {
        let of_task = |task: Task| {
            let effects = Effects::at(self, &self.boxes[task as usize], threshold);
            let found = effects.seen();
            (effects, found)
        };
        let tasks = rayon::join(|| of_task(Task::Narrowing), || of_task(Task::Erosion));
        let mut rows = Vec::with_capacity(tasks.0.1.len() + tasks.1.1.len());
        for (effects, found) in [tasks.0, tasks.1] {
            rows.par_extend(found.into_par_iter().map(|seen| seen.row(&effects)));
        }
        Errors { threshold, rows }
    }

    /// What the best-box rule leaves of a task at a threshold, one entry a film in the order of [`Evaluation::films`].
    #[must_use]
    pub(crate) fn film_tallies(&self, task: Task, threshold: f32) -> Vec<Tally> {
        let boxes = &self.boxes[task as usize];
        boxes.rule.tally_films(boxes.sample(), threshold.into())
    }

    /// What the best-box rule leaves at a threshold, one entry a joint of both tasks in the order of [`svh_core::joint::all`]: figures 8.5.1 (narrowing)
    /// and 8.5.2 (erosion) are its false positives.
    #[must_use]
    pub fn tallies(&self, threshold: f32) -> Vec<JointTally> {
        let of = |boxes: &TaskBoxes| {
            let tallies = boxes.rule.tally(boxes.sample(), threshold.into());
            svh_core::joint::joints(boxes.task).iter().zip(tallies).map(|(joint, tally)| JointTally { joint, tally }).collect::<Vec<_>>()
        };
        self.boxes.iter().flat_map(of).collect()
    }
}

/// An error before it is a row.
enum Seen {
    /// Of the detector.
    Named(NamedError),
    /// A joint that the shape model placed and that counts: film, class, place among the inferred boxes.
    Inferred(u32, u16, u32),
}

impl Effects<'_> {
    /// The errors of the task, film by film.
    fn seen(&self) -> Vec<Seen> {
        let named = self.boxes.matching.errors(self.threshold).map(Seen::Named);
        let mut found: Vec<Seen> = named.filter(|seen| !seen.is_placed(self) && !seen.is_misplaced(self)).collect();
        found.extend(self.boxes.rule.all().iter().filter_map(|candidates| self.inferred(candidates)));
        // Small things are sorted, not rows.
        found.sort_by_key(Seen::film);
        found
    }

    /// The inferred box of a class of a film, where it is the one that counts.
    fn inferred(&self, candidates: &Candidates) -> Option<Seen> {
        match self.kept(candidates.film, candidates.class)? {
            AcceptedBox::Inferred(place) => Some(Seen::Inferred(candidates.film, candidates.class, place)),
            AcceptedBox::Found(_) => None,
        }
    }
}

impl Seen {
    fn film(&self) -> u32 {
        match self {
            Self::Named(error) => error.film,
            Self::Inferred(film, ..) => *film,
        }
    }

    /// Whether this is a missed joint that the shape model placed: then it is Inferred, not Missed.
    fn is_placed(&self, effects: &Effects) -> bool {
        let Self::Named(NamedError { kind: ErrorKind::Missed, film, reference: Some(reference), .. }) = self else { return false };
        let class = effects.boxes.sample().reference[*reference as usize].class;
        matches!(effects.kept(*film, class), Some(AcceptedBox::Inferred(_)))
    }

    /// Whether this is a missed joint for which a box on no joint is accepted: that box has the joint's row.
    fn is_misplaced(&self, effects: &Effects) -> bool {
        let Self::Named(NamedError { kind: ErrorKind::Missed, film, reference: Some(reference), .. }) = self else { return false };
        let class = effects.boxes.sample().reference[*reference as usize].class;
        match effects.kept(*film, class) {
            Some(AcceptedBox::Found(found)) => effects.is_off_joints(found),
            _ => false,
        }
    }

    fn row(&self, effects: &Effects) -> ErrorRow {
        match self {
            Self::Named(error) => {
                let kept = error.found.is_some_and(|found| effects.keeps(found));
                let misses = kept && error.found.is_some_and(|found| effects.misses(found));
                ErrorRow { kept, misses, effect: effects.of(error), ..named(effects.boxes, error) }
            }
            Self::Inferred(film, class, place) => inferred(effects, *film, *class, *place),
        }
    }
}

/// The row of an error, all but `kept` and `effect`.
fn named(boxes: &TaskBoxes, error: &NamedError) -> ErrorRow {
    let sample = boxes.sample();
    let found = error.found.map(|place| sample.found[place as usize]);
    let reference = error.reference.map(|place| sample.reference[place as usize]);
    // Where the claimed joint really lies, if the box is on none.
    let claimed = || boxes.rule.candidates(error.film, found?.class)?.reference.map(|place| sample.reference[place as usize]);
    let shown = reference.or_else(claimed);
    let iou = shown.zip(found).map_or(0.0, |(reference, found)| reference.rect.iou(&found.rect));
    ErrorRow {
        kind: error.kind,
        film: error.film as usize,
        task: boxes.task,
        reference: reference.and_then(|reference| boxes.joint(reference.class)),
        model: found.and_then(|found| boxes.joint(found.class)),
        score: found.map_or(0.0, |found| found.score as f32),
        iou: iou as f32,
        reference_box: shown.map(|reference| reference.rect.into()),
        model_box: found.map(|found| found.rect.into()),
        kept: false,
        effect: None,
        detection: error.found.map(|found| boxes.lines[found as usize] as usize),
        misses: false,
    }
}

fn inferred(effects: &Effects, film: u32, class: u16, place: u32) -> ErrorRow {
    let boxes = effects.boxes;
    let placed = boxes.rule.inferred()[place as usize];
    let reference = boxes.rule.candidates(film, class).and_then(|candidates| candidates.reference);
    let reference = reference.map(|reference| boxes.sample().reference[reference as usize]);
    let joint = boxes.joint(class);
    ErrorRow {
        kind: ErrorKind::Inferred,
        film: film as usize,
        task: boxes.task,
        reference: reference.and(joint),
        model: joint,
        score: 0.0,
        iou: reference.map_or(0.0, |reference| reference.rect.iou(&placed.rect)) as f32,
        reference_box: reference.map(|reference| reference.rect.into()),
        model_box: Some(placed.rect.into()),
        kept: true,
        effect: effects.of_joint(film, class),
        detection: Some(boxes.inferred_lines[place as usize] as usize),
        misses: false,
    }
}

/// Where a box of a run comes from, by its name in tables.
pub(super) fn origin(name: &str) -> Origin {
    match name {
        "narrowing" => Origin::Narrowing,
        "inferred" => Origin::Inferred,
        _ => Origin::Detector,
    }
}
