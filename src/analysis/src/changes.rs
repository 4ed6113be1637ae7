//! What changed between two runs over the same patients, joint by joint: grades that became right or wrong, boxes that found or lost their joint.

mod divided;

use std::collections::HashMap;

use serde::Serialize;
use svh_core::{BBox, Joint, Limb, Task, joint};

pub use divided::{ChangeOf, ChangesOf};

use crate::detection::MATCH_IOU;
use crate::stats::{Interval, Resamples};
use crate::{Evaluation, Part};

/// What became of a grade or of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Right, and wrong before.
    Fixed,
    /// Wrong, and right before.
    Broken,
    /// Wrong in both, nearer to the reader's grade, or with a larger overlap.
    Better,
    /// Wrong in both, further from the reader's grade, or with a smaller overlap.
    Worse,
}

impl Verdict {
    /// All, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Fixed, Self::Broken, Self::Better, Self::Worse];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Broken => "broken",
            Self::Better => "better",
            Self::Worse => "worse",
        }
    }

    /// From whether each run is right and how far each is off; `None` where nothing changed for better or worse.
    fn of([first, second]: [bool; 2], [before, after]: [f64; 2]) -> Option<Self> {
        match (first, second) {
            (false, true) => Some(Self::Fixed),
            (true, false) => Some(Self::Broken),
            (false, false) if after < before => Some(Self::Better),
            (false, false) if after > before => Some(Self::Worse),
            _ => None,
        }
    }
}

/// What changed: a grade or a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Changed {
    /// The grade of a joint that the reader and both runs graded.
    Grade {
        /// The reader's grade.
        reference: u8,
        /// The grades of both runs.
        runs: [u8; 2],
    },
    /// The accepted box of a joint.
    Box {
        /// IoU of each run's accepted box with the reference; `None` without a box.
        iou: [Option<f32>; 2],
    },
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointChange {
    /// Places of the patient in both evaluations.
    pub patient: [usize; 2],
    /// The joint.
    pub joint: &'static Joint,
    /// For better or worse.
    pub verdict: Verdict,
    /// What.
    pub changed: Changed,
    /// The reference's box.
    pub reference_box: Option<BBox>,
    /// The accepted box of each run.
    pub boxes: [Option<BBox>; 2],
}

impl JointChange {
    /// Whether it is about a box, not about a grade.
    #[must_use]
    pub const fn is_box(&self) -> bool {
        matches!(self.changed, Changed::Box { .. })
    }

    /// Grades: how many points the second run is further from the reader than the first; negative where it is nearer. 0 of a box.
    #[must_use]
    pub fn points(&self) -> i32 {
        let Changed::Grade { reference, runs } = self.changed else { return 0 };
        let [before, after] = runs.map(|grade| i32::from(grade.abs_diff(reference)));
        after - before
    }

    /// 1 where it is fixed, -1 where it is broken, else 0.
    #[must_use]
    pub const fn net(&self) -> i32 {
        match self.verdict {
            Verdict::Fixed => 1,
            Verdict::Broken => -1,
            Verdict::Better | Verdict::Worse => 0,
        }
    }
}

/// A patient (a film set) of both runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SharedPatient {
    /// Places in both evaluations.
    places: [usize; 2],
    /// Whose visit it is, counted from 0.
    person: usize,
}

/// Everything that changed between two runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// One a change, by patient, grades before boxes.
    pub rows: Vec<JointChange>,
    /// Patients of both runs.
    pub patients: usize,
    /// These patients, in the order of the first run.
    shared: Vec<SharedPatient>,
    /// Grades, then boxes: whether a joint was compared, patient by patient, the joints in order.
    compared: [Vec<bool>; 2],
    /// Joints that the reader and both runs graded.
    pub graded: usize,
    /// Labelled joints on films of both runs.
    pub boxed: usize,
    /// Fixed minus broken grades a patient, with its 95 % interval by bootstrap over people, each with all visits.
    pub grades: Option<(f64, Option<Interval>)>,
    /// Fixed minus broken boxes a patient.
    pub boxes: Option<(f64, Option<Interval>)>,
}

impl Changes {
    /// How many grades, or boxes, have this verdict.
    #[must_use]
    pub fn count(&self, boxes: bool, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.is_box() == boxes && row.verdict == verdict).count()
    }
}

/// Compares two evaluations joint by joint over the patients, films and joints that they share; `threshold` is the score from which a box is accepted.
#[must_use]
pub fn changes(first: &Evaluation, second: &Evaluation, threshold: f32, resamples: Resamples) -> Changes {
    let mut people: HashMap<usize, usize> = HashMap::new();
    let pairs = first.patients().iter().enumerate().filter_map(|(place, id)| Some([place, second.patient(id)?]));
    let shared = pairs.map(|places| {
        let next = people.len();
        SharedPatient { places, person: *people.entry(first.person(places[0])).or_insert(next) }
    });
    let shared: Vec<SharedPatient> = shared.collect();
    let films = [films(first), films(second)];
    let none = vec![false; shared.len() * joint::COUNT];
    let mut found = Changes { patients: shared.len(), compared: [none.clone(), none], ..Changes::default() };
    for (patient, one) in shared.iter().enumerate() {
        let joints = patient * joint::COUNT..(patient + 1) * joint::COUNT;
        grades(first, second, one.places, &mut found.compared[0][joints.clone()], &mut found.rows);
        boxes([first, second], &films, one.places, threshold, &mut found.compared[1][joints], &mut found.rows);
    }
    found.shared = shared;
    [found.graded, found.boxed] = found.compared.each_ref().map(|compared| compared.iter().filter(|compared| **compared).count());
    let share = |value: f64| value / found.patients as f64;
    let nets = found.nets(resamples, 2, |row| Some(usize::from(row.is_box())));
    let mean = |(sum, interval): (f64, Option<Interval>)| {
        (share(sum), interval.map(|interval| Interval { low: share(interval.low), high: share(interval.high) }))
    };
    let means: Vec<_> = nets.into_iter().map(mean).collect();
    found.grades = means.first().copied().filter(|_| found.graded > 0);
    found.boxes = means.get(1).copied().filter(|_| found.boxed > 0);
    found
}

fn grades(first: &Evaluation, second: &Evaluation, patient: [usize; 2], compared: &mut [bool], rows: &mut Vec<JointChange>) {
    for joint in Part::WHOLE.joints() {
        let (Some(reference), Some(a)) = first.grades_of(patient[0], joint) else { continue };
        let (_, Some(b)) = second.grades_of(patient[1], joint) else { continue };
        compared[joint.index()] = true;
        let off = |grade: u8| f64::from(grade.abs_diff(reference));
        let Some(verdict) = Verdict::of([a == reference, b == reference], [off(a), off(b)]) else { continue };
        let (one, other) = (first.place(patient[0], joint), second.place(patient[1], joint));
        let (reference_box, boxes) = (one.reference.or(other.reference), [one.model, other.model]);
        rows.push(JointChange { patient, joint, verdict, changed: Changed::Grade { reference, runs: [a, b] }, reference_box, boxes });
    }
}

/// Places of films by patient and limb.
fn films(run: &Evaluation) -> HashMap<(usize, Limb), usize> {
    run.films().iter().enumerate().map(|(place, film)| ((film.patient, film.limb), place)).collect()
}

fn boxes(
    runs: [&Evaluation; 2],
    films: &[HashMap<(usize, Limb), usize>; 2],
    patient: [usize; 2],
    threshold: f32,
    compared: &mut [bool],
    rows: &mut Vec<JointChange>,
) {
    for limb in Limb::ALL {
        let (Some(a), Some(b)) = (films[0].get(&(patient[0], limb)), films[1].get(&(patient[1], limb))) else { continue };
        for task in Task::ALL {
            if [(runs[0], a), (runs[1], b)].into_iter().any(|(run, film)| !run.films()[*film].labelled[task as usize]) {
                continue;
            }
            for joint in joint::of_limb(task, limb) {
                let [one, other] = [(runs[0], a), (runs[1], b)].map(|(run, film)| run.accepted(*film, joint, threshold));
                let Some(reference) = one.0.or(other.0) else { continue };
                compared[joint.index()] = true;
                let iou = [one.1, other.1].map(|found| found.map(|found| reference.iou(&found)));
                let right = iou.map(|iou| iou.is_some_and(|iou| f64::from(iou) >= MATCH_IOU));
                let Some(verdict) = Verdict::of(right, iou.map(|iou| 1.0 - f64::from(iou.unwrap_or(0.0)))) else { continue };
                let boxes = [one.1, other.1];
                rows.push(JointChange { patient, joint, verdict, changed: Changed::Box { iou }, reference_box: Some(reference), boxes });
            }
        }
    }
}
