//! The grades of reader and model as dense columns, 86 rows a patient: row `patient * 86 + joint`, with `patient` a place in [`super::Evaluation::patients`] and
//! `joint` one in [`joint::all`]. Counts and sums are passes over them; no query language is needed for a table whose every key is a place.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use svh_core::{Joint, Limb, joint};

use super::Evaluation;
use super::part::{SMALLEST, smallest};
use crate::Scope;
use crate::stats::Clusters;

/// Sums of one patient and part, as one pass over the grades leaves them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub reference: i32,
    pub reference_count: i32,
    pub model: i32,
    pub model_count: i32,
    pub expected: f32,
    pub both_reference: i32,
    pub both_model: i32,
    pub both: i32,
    pub opens: i32,
    pub open_expected: f32,
    pub open_highest: i32,
}

/// Which graded joints are asked for. `None` means no restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GradeFilter {
    /// The joints.
    pub scope: Scope,
    /// Only this reference grade.
    pub reference: Option<u8>,
    /// Only this model's grade.
    pub model: Option<u8>,
    /// Only this patient, by place.
    pub patient: Option<usize>,
}

impl GradeFilter {
    /// The joints behind one cell of a confusion matrix.
    #[must_use]
    pub const fn cell(scope: Scope, reference: u8, model: u8) -> Self {
        Self { scope, reference: Some(reference), model: Some(model), patient: None }
    }
}

/// A joint with its grades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradedJoint {
    /// The patient's place in [`Evaluation::patients`].
    pub patient: usize,
    /// The joint.
    pub joint: &'static Joint,
    /// The reader's grade.
    pub reference: Option<u8>,
    /// The model's grade.
    pub model: Option<u8>,
    /// The expected grade under the model's probabilities.
    pub expected: Option<f32>,
    /// The probability of the model's grade, 0 to 1.
    pub confidence: Option<f32>,
    /// How unlike the joints that the scorer learned from this one looks, 0 to 1.
    pub unfamiliarity: Option<f32>,
    /// The expected grade of a joint that the model left open, which has no `model`.
    pub open: Option<f32>,
    /// The entropy of the model's probabilities: 0 where one grade has all, 1 where all grades are alike.
    pub entropy: Option<f32>,
}

/// How often a joint has a pair of grades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub joint: &'static Joint,
    pub reference: Option<u8>,
    pub model: Option<u8>,
    pub count: u64,
}

/// Grades that a column of counts tells apart: 0 to 10, and none.
const GRADES: usize = 12;

/// Grades row by row: patient after patient, in each the joints in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    reference: Vec<Option<u8>>,
    model: Vec<Option<u8>>,
    expected: Vec<Option<f32>>,
    confidence: Vec<Option<f32>>,
    unfamiliarity: Vec<Option<f32>>,
    entropy: Vec<Option<f32>>,
    open: Vec<Option<f32>>,
}

impl Rows {
    /// For so many patients, nothing graded yet.
    pub fn new(patients: usize) -> Self {
        let n = patients * joint::COUNT;
        let (grades, shares) = (vec![None; n], vec![None; n]);
        Self {
            reference: grades.clone(),
            model: grades,
            expected: shares.clone(),
            confidence: shares.clone(),
            unfamiliarity: shares.clone(),
            entropy: shares.clone(),
            open: shares,
        }
    }

    pub(crate) fn set_reference(&mut self, patient: usize, joint: usize, grade: u8) {
        self.reference[patient * joint::COUNT + joint] = Some(grade);
    }

    pub(crate) fn set_model(&mut self, patient: usize, joint: usize, grade: u8, expected: Option<f32>, confidence: Option<f32>) {
        let row = patient * joint::COUNT + joint;
        (self.model[row], self.expected[row], self.confidence[row]) = (Some(grade), expected, confidence);
    }

    pub(crate) fn set_unfamiliarity(&mut self, patient: usize, joint: usize, value: Option<f32>) {
        self.unfamiliarity[patient * joint::COUNT + joint] = value;
    }

    pub(crate) fn set_entropy(&mut self, patient: usize, joint: usize, value: f32) {
        self.entropy[patient * joint::COUNT + joint] = Some(value);
    }

    /// A joint that was left open, with its expected grade.
    pub(crate) fn set_open(&mut self, patient: usize, joint: usize, expected: f32) {
        self.open[patient * joint::COUNT + joint] = Some(expected);
    }

    /// The same with the open joints graded: the grade nearest to the expected one. `None` where no joint is open.
    pub(crate) fn with_open_graded(&self) -> Option<Self> {
        self.open.iter().any(Option::is_some).then_some(())?;
        let graded = |(model, open): (&Option<u8>, &Option<f32>)| model.or_else(|| open.map(|expected| expected.round() as u8));
        let mean = |(expected, open): (&Option<f32>, &Option<f32>)| expected.or(*open);
        Some(Self {
            model: self.model.iter().zip(&self.open).map(graded).collect(),
            expected: self.expected.iter().zip(&self.open).map(mean).collect(),
            open: vec![None; self.open.len()],
            ..self.clone()
        })
    }

    /// The rows with their counts and sums.
    #[must_use]
    pub fn finish(self) -> Grades {
        let patients = self.reference.len() / joint::COUNT;
        Grades { cells: self.cells(), sums: self.sums(), differing: OnceLock::new(), people: (0..patients).collect(), rows: self }
    }

    /// How often each joint has each pair of grades: what distributions and confusion matrices are sums of.
    fn cells(&self) -> Vec<Cell> {
        let mut counts = vec![0_u64; joint::COUNT * GRADES * GRADES];
        let place = |grade: Option<u8>| grade.map_or(0, |grade| usize::from(grade) + 1);
        for (row, (reference, model)) in self.reference.iter().zip(&self.model).enumerate() {
            counts[(row % joint::COUNT * GRADES + place(*reference)) * GRADES + place(*model)] += 1;
        }
        let grade = |place: usize| place.checked_sub(1).and_then(|grade| u8::try_from(grade).ok());
        let cell = |(at, count): (usize, u64)| {
            let joint = joint::at(at / (GRADES * GRADES))?;
            (count > 0).then_some(Cell { joint, reference: grade(at / GRADES % GRADES), model: grade(at % GRADES), count })
        };
        counts.into_iter().enumerate().filter_map(cell).collect()
    }

    /// Sums of every patient and smallest part, of all grades and of those that both readers gave.
    fn sums(&self) -> Vec<[Sums; SMALLEST]> {
        let joints: Vec<(&Joint, usize)> = joint::all().map(|joint| (joint, smallest(joint.limb, joint.task))).collect();
        let mut sums = vec![[Sums::default(); SMALLEST]; self.reference.len() / joint::COUNT];
        for (row, (reference, model)) in self.reference.iter().zip(&self.model).enumerate() {
            let (joint, part) = joints[row % joint::COUNT];
            let slot = &mut sums[row / joint::COUNT][part];
            if let Some(reference) = reference {
                slot.reference += i32::from(*reference);
                slot.reference_count += 1;
            }
            if let Some(model) = model {
                slot.model += i32::from(*model);
                slot.model_count += 1;
            }
            if let (Some(reference), Some(model)) = (reference, model) {
                slot.both_reference += i32::from(*reference);
                slot.both_model += i32::from(*model);
                slot.both += 1;
            }
            slot.expected += self.expected[row].unwrap_or(0.0);
            if let Some(open) = self.open[row] {
                slot.opens += 1;
                slot.open_expected += open;
                slot.open_highest += i32::from(joint.max_grade);
            }
        }
        sums
    }

    /// The joint of a row with all its grades.
    fn graded(&self, row: usize) -> Option<GradedJoint> {
        Some(GradedJoint {
            patient: row / joint::COUNT,
            joint: joint::at(row % joint::COUNT)?,
            reference: self.reference[row],
            model: self.model[row],
            expected: self.expected[row],
            confidence: self.confidence[row],
            unfamiliarity: self.unfamiliarity[row],
            open: self.open[row],
            entropy: self.entropy[row],
        })
    }
}

/// A grade that is not the reader's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradeError {
    /// The joint with its grades.
    pub graded: GradedJoint,
    /// The film's place in [`Evaluation::films`]; absent where the run has none of the limb.
    pub film: Option<usize>,
    /// What it adds to the patient's total: the model's grade minus the reader's.
    pub points: i32,
}

/// Every grade that is not the reader's, patient by patient: no threshold changes these.
#[derive(Debug)]
pub struct Differing {
    pub errors: Arc<[GradeError]>,
    /// Of each: patient times [`joint::COUNT`] plus joint, which a step of the threshold looks up faster than the error itself.
    pub cells: Vec<u32>,
}

/// The rows with what every screen starts from.
#[derive(Debug)]
pub struct Grades {
    rows: Rows,
    cells: Vec<Cell>,
    /// The grades that differ, once somebody has asked.
    differing: OnceLock<Differing>,
    /// By patient, then smallest part.
    pub sums: Vec<[Sums; SMALLEST]>,
    /// By patient (a film set): the person, so that the visits of one person are drawn together. Each its own where nothing else is known.
    people: Vec<usize>,
}

impl Grades {
    /// The reader's grade of a joint.
    pub fn reference(&self, patient: usize, joint: &Joint) -> Option<u8> {
        self.rows.reference.get(patient * joint::COUNT + joint.index()).copied().flatten()
    }

    /// The model's grade of a joint.
    pub fn model(&self, patient: usize, joint: &Joint) -> Option<u8> {
        self.rows.model.get(patient * joint::COUNT + joint.index()).copied().flatten()
    }

    /// The grades that differ; `film` tells the place of a patient's film of a limb.
    pub fn differing(&self, film: impl Fn(usize, Limb) -> Option<usize>) -> &Differing {
        self.differing.get_or_init(|| {
            let rows = &self.rows;
            let error = |row: usize| {
                let points = i32::from(rows.model[row]?) - i32::from(rows.reference[row]?);
                let graded = (points != 0).then(|| rows.graded(row)).flatten()?;
                Some(GradeError { graded, film: film(graded.patient, graded.joint.limb), points })
            };
            let errors: Arc<[GradeError]> = (0..rows.reference.len()).filter_map(error).collect();
            let cells = errors.iter().map(|error| (error.graded.patient * joint::COUNT + error.graded.joint.index()) as u32).collect();
            Differing { errors, cells }
        })
    }

    pub fn has_predictions(&self) -> bool {
        self.cells.iter().any(|cell| cell.model.is_some())
    }

    /// The counts of a scope's joints.
    pub fn cells<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Cell> {
        self.cells.iter().filter(|cell| scope.has(cell.joint))
    }

    /// Whose visit each film set is.
    pub(crate) fn with_people(mut self, people: &[usize]) -> Self {
        self.people = people.to_vec();
        self
    }

    /// The people that have a pair of grades in a scope, each with all pairs of all their visits.
    pub fn clusters(&self, scope: &Scope) -> Clusters {
        let mut clusters = Clusters::new(scope.scale.max_grade());
        let joints: Vec<&Joint> = scope.joints().collect();
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (set, person) in self.people.iter().enumerate() {
            sets.entry(*person).or_default().push(set);
        }
        for sets in sets.values() {
            let pair = |set: usize, joint: &Joint| Some((self.reference(set, joint)?, self.model(set, joint)?));
            let of_set = |set: &usize| joints.iter().filter_map(|joint| pair(*set, joint)).collect::<Vec<_>>();
            let mut pairs = sets.iter().flat_map(of_set).peekable();
            if pairs.peek().is_some() {
                clusters.push(pairs);
            }
        }
        clusters
    }
}

impl Evaluation {
    /// The joints that pass, patient by patient, such as those behind a cell.
    #[must_use]
    pub fn graded(&self, filter: &GradeFilter) -> Vec<GradedJoint> {
        let rows = &self.grades.rows;
        let of = filter.patient.map_or(0..rows.reference.len(), |patient| patient * joint::COUNT..(patient + 1) * joint::COUNT);
        let passes = |row: &usize| {
            filter.reference.is_none_or(|grade| rows.reference.get(*row) == Some(&Some(grade)))
                && filter.model.is_none_or(|grade| rows.model.get(*row) == Some(&Some(grade)))
        };
        of.filter(|row| *row < rows.reference.len())
            .filter(passes)
            .filter_map(|row| rows.graded(row))
            .filter(|row| filter.scope.has(row.joint))
            .collect()
    }
}
