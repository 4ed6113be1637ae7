//! Grades as one tidy frame, and the queries over it.
//!
//! The frame has 86 rows a patient, `patient, joint, part, reference, model, expected, confidence, entropy, unfamiliarity, open, open_highest`, with places instead of
//! names: `patient` in [`super::Evaluation::patients`], `joint` in [`joint::all`], `part` as [`super::part::smallest`] numbers them. Missing grades are null;
//! `open` is the expected grade of a joint that was left open, `open_highest` its highest.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use polars::prelude::*;
use svh_core::{Joint, joint};

use super::Evaluation;
use super::part::{SMALLEST, smallest};
use super::sums::Sums;
use crate::stats::Clusters;
use crate::{Result, Scope};

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

/// Stands for a missing grade in a cell's number.
const NONE: i32 = 15;

/// Grades row by row while they are gathered: patient after patient, in each the joints in order.
#[derive(Debug, Default)]
pub struct Rows {
    reference: Vec<Option<i32>>,
    model: Vec<Option<i32>>,
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

    pub fn set_reference(&mut self, patient: usize, joint: usize, grade: u8) {
        self.reference[patient * joint::COUNT + joint] = Some(grade.into());
    }

    pub fn set_model(&mut self, patient: usize, joint: usize, grade: u8, expected: Option<f32>, confidence: Option<f32>) {
        let row = patient * joint::COUNT + joint;
        (self.model[row], self.expected[row], self.confidence[row]) = (Some(grade.into()), expected, confidence);
    }

    pub fn set_unfamiliarity(&mut self, patient: usize, joint: usize, value: Option<f32>) {
        self.unfamiliarity[patient * joint::COUNT + joint] = value;
    }

    pub fn set_entropy(&mut self, patient: usize, joint: usize, value: f32) {
        self.entropy[patient * joint::COUNT + joint] = Some(value);
    }

    /// A joint that was left open, with its expected grade.
    pub fn set_open(&mut self, patient: usize, joint: usize, expected: f32) {
        self.open[patient * joint::COUNT + joint] = Some(expected);
    }

    /// The same with the open joints graded: the grade nearest to the expected one. `None` where no joint is open.
    pub fn with_open_graded(&self) -> Option<Self> {
        self.open.iter().any(Option::is_some).then_some(())?;
        let graded = |(model, open): (&Option<i32>, &Option<f32>)| model.or_else(|| open.map(|expected| expected.round() as i32));
        let mean = |(expected, open): (&Option<f32>, &Option<f32>)| expected.or(*open);
        Some(Self {
            reference: self.reference.clone(),
            model: self.model.iter().zip(&self.open).map(graded).collect(),
            expected: self.expected.iter().zip(&self.open).map(mean).collect(),
            confidence: self.confidence.clone(),
            unfamiliarity: self.unfamiliarity.clone(),
            entropy: self.entropy.clone(),
            open: vec![None; self.open.len()],
        })
    }

    /// The frame with its counts and sums.
    pub fn finish(self) -> Result<Grades> {
        let patients = self.reference.len() / joint::COUNT;
        let most: Vec<i32> = joint::all().map(|joint| i32::from(joint.max_grade)).collect();
        let highest: Vec<Option<i32>> = self.open.iter().enumerate().map(|(row, open)| open.map(|_| most[row % joint::COUNT])).collect();
        let parts: Vec<i32> = joint::all().map(|joint| smallest(joint.limb, joint.task) as i32).collect();
        let each = |of: &dyn Fn(usize, usize) -> i32| -> Vec<i32> {
            (0..patients).flat_map(|patient| (0..joint::COUNT).map(move |joint| (patient, joint))).map(|(p, j)| of(p, j)).collect()
        };
        let frame = df![
            "patient" => each(&|patient, _| patient as i32),
            "joint" => each(&|_, joint| joint as i32),
            "part" => each(&|_, joint| parts[joint]),
            "reference" => self.reference,
            "model" => self.model,
            "expected" => self.expected,
            "confidence" => self.confidence,
            "unfamiliarity" => self.unfamiliarity,
            "entropy" => self.entropy,
            "open_highest" => highest,
            "open" => self.open,
        ]?;
        let column = |name: &str| Ok::<_, PolarsError>(frame.column(name)?.i32()?.clone());
        let (reference, model) = (column("reference")?, column("model")?);
        let (cells, sums) = (cells(&frame)?, sums(&frame, patients)?);
        let people = (0..patients).collect();
        Ok(Grades { frame, reference, model, cells, differing: OnceLock::new(), sums, people })
    }
}

/// The frame with what every screen starts from.
#[derive(Debug)]
pub struct Grades {
    frame: DataFrame,
    /// Columns of the frame, not copies, for looking single grades up.
    reference: Int32Chunked,
    model: Int32Chunked,
    cells: Vec<Cell>,
    /// The joints whose grades differ, once somebody has asked.
    differing: OnceLock<Vec<GradedJoint>>,
    /// By patient, then smallest part.
    pub sums: Vec<[Sums; SMALLEST]>,
    /// By patient (a film set): the person, so that the visits of one person are drawn together. Each its own where nothing else is known.
    people: Vec<usize>,
}

/// How often each joint has each pair of grades: what distributions and confusion matrices are sums of.
fn cells(frame: &DataFrame) -> Result<Vec<Cell>> {
    let grade = |name: &str| col(name).fill_null(lit(NONE));
    let number = (col("joint") * lit(16) + grade("reference")) * lit(16) + grade("model");
    let counted = frame.clone().lazy().group_by([number.alias("cell")]).agg([len().cast(DataType::Int64).alias("n")]).collect()?;
    let (numbers, counts) = (counted.column("cell")?.i32()?, counted.column("n")?.i64()?);
    let known = |grade: i32| u8::try_from(grade).ok().filter(|_| grade != NONE);
    let cell = |(number, count): (Option<i32>, Option<i64>)| {
        let (number, count) = (number?, u64::try_from(count?).ok()?);
        let joint = joint::at(usize::try_from(number / 256).ok()?)?;
        Some(Cell { joint, reference: known(number / 16 % 16), model: known(number % 16), count })
    };
    let mut cells: Vec<Cell> = numbers.iter().zip(counts.iter()).filter_map(cell).collect();
    cells.sort_by_key(|cell| (cell.joint.index(), cell.reference, cell.model));
    Ok(cells)
}

/// Sums of every patient and smallest part, of all grades and of those that both readers gave.
fn sums(frame: &DataFrame, patients: usize) -> Result<Vec<[Sums; SMALLEST]>> {
    // Null where either is missing.
    let both = |name: &str, other: &str| (col(name) + col(other) * lit(0)).sum().alias(format!("both_{name}"));
    let place = col("patient") * lit(SMALLEST as i32) + col("part");
    let summed = frame
        .clone()
        .lazy()
        .group_by([place.alias("place")])
        .agg([
            col("reference").sum(),
            col("reference").count().cast(DataType::Int32).alias("reference_count"),
            col("model").sum(),
            col("model").count().cast(DataType::Int32).alias("model_count"),
            col("expected").sum(),
            both("reference", "model"),
            both("model", "reference"),
            (col("reference") + col("model")).count().cast(DataType::Int32).alias("both"),
            col("open").count().cast(DataType::Int32).alias("opens"),
            col("open").sum(),
            col("open_highest").sum(),
        ])
        .collect()?;
    let mut sums = vec![[Sums::default(); SMALLEST]; patients];
    let column = |name: &str| -> PolarsResult<Vec<i32>> { Ok(summed.column(name)?.i32()?.iter().map(Option::unwrap_or_default).collect()) };
    let (expected, open) = (summed.column("expected")?.f32()?, summed.column("open")?.f32()?);
    let (opens, open_highest) = (column("opens")?, column("open_highest")?);
    let (places, reference, reference_count) = (column("place")?, column("reference")?, column("reference_count")?);
    let (model, model_count, both) = (column("model")?, column("model_count")?, column("both")?);
    let (both_reference, both_model) = (column("both_reference")?, column("both_model")?);
    for (row, place) in places.iter().enumerate() {
        let place = usize::try_from(*place).unwrap_or(usize::MAX);
        let Some(slot) = sums.get_mut(place / SMALLEST).and_then(|parts| parts.get_mut(place % SMALLEST)) else { continue };
        *slot = Sums {
            reference: reference[row],
            reference_count: reference_count[row],
            model: model[row],
            model_count: model_count[row],
            expected: expected.get(row).unwrap_or(0.0),
            both_reference: both_reference[row],
            both_model: both_model[row],
            both: both[row],
            opens: opens[row],
            open_expected: open.get(row).unwrap_or(0.0),
            open_highest: open_highest[row],
        };
    }
    Ok(sums)
}

impl Grades {
    /// The reader's grade of a joint.
    pub fn reference(&self, patient: usize, joint: &Joint) -> Option<u8> {
        grade(&self.reference, patient, joint.index())
    }

    /// The model's grade of a joint.
    pub fn model(&self, patient: usize, joint: &Joint) -> Option<u8> {
        grade(&self.model, patient, joint.index())
    }

    pub fn has_predictions(&self) -> bool {
        self.cells.iter().any(|cell| cell.model.is_some())
    }

    /// The counts of a scope's joints.
    pub fn cells<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Cell> {
        self.cells.iter().filter(|cell| scope.has(cell.joint))
    }

    /// Whose visit each film set is.
    pub fn with_people(mut self, people: &[usize]) -> Self {
        self.people = people.to_vec();
        self
    }

    /// The people that have a pair of grades in a scope, each with all pairs of all their visits.
    pub fn clusters(&self, scope: &Scope) -> Clusters {
        let mut clusters = Clusters::new(scope.scale.max_grade());
        let joints: Vec<usize> = scope.joints().map(Joint::index).collect();
        let mut sets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (set, person) in self.people.iter().enumerate() {
            sets.entry(*person).or_default().push(set);
        }
        for sets in sets.values() {
            let pair = |set: usize, joint: usize| Some((grade(&self.reference, set, joint)?, grade(&self.model, set, joint)?));
            let of_set = |set: &usize| joints.iter().filter_map(|joint| pair(*set, *joint)).collect::<Vec<_>>();
            let mut pairs = sets.iter().flat_map(of_set).peekable();
            if pairs.peek().is_some() {
                clusters.push(pairs);
            }
        }
        clusters
    }
}

/// The grade of a patient's joint in a column of the frame.
fn grade(column: &Int32Chunked, patient: usize, joint: usize) -> Option<u8> {
    u8::try_from(column.get(patient * joint::COUNT + joint)?).ok()
}

impl Evaluation {
    /// The joints that pass, patient by patient, such as those behind a cell.
    ///
    /// # Errors
    /// None that the data could cause.
    pub fn graded(&self, filter: &GradeFilter) -> Result<Vec<GradedJoint>> {
        let mut query = self.grades.frame.clone().lazy();
        let asked = [("reference", filter.reference), ("model", filter.model)];
        for (name, grade) in asked.into_iter().filter_map(|(name, grade)| Some((name, grade?))) {
            query = query.filter(col(name).eq(lit(i32::from(grade))));
        }
        if let Some(patient) = filter.patient {
            query = query.filter(col("patient").eq(lit(patient as i32)));
        }
        let mut found = rows_of(&query.collect()?)?;
        found.retain(|row| filter.scope.has(row.joint));
        Ok(found)
    }

    /// The joints whose grades differ, patient by patient.
    ///
    /// # Errors
    /// None that the data could cause.
    pub(super) fn differing(&self) -> Result<&[GradedJoint]> {
        if let Some(known) = self.grades.differing.get() {
            return Ok(known);
        }
        let found = rows_of(&self.grades.frame.clone().lazy().filter(col("reference").neq(col("model"))).collect()?)?;
        Ok(self.grades.differing.get_or_init(|| found))
    }
}

/// The rows of a part of the frame.
fn rows_of(rows: &DataFrame) -> Result<Vec<GradedJoint>> {
    let (patients, joints) = (rows.column("patient")?.i32()?, rows.column("joint")?.i32()?);
    let (reference, model) = (rows.column("reference")?.i32()?, rows.column("model")?.i32()?);
    let (expected, confidence) = (rows.column("expected")?.f32()?, rows.column("confidence")?.f32()?);
    let (unfamiliarity, open) = (rows.column("unfamiliarity")?.f32()?, rows.column("open")?.f32()?);
    let entropy = rows.column("entropy")?.f32()?;
    let small = |grade: Option<i32>| grade.and_then(|grade| u8::try_from(grade).ok());
    let graded = |row: usize| {
        let joint = joint::at(usize::try_from(joints.get(row)?).ok()?)?;
        Some(GradedJoint {
            patient: usize::try_from(patients.get(row)?).ok()?,
            joint,
            reference: small(reference.get(row)),
            model: small(model.get(row)),
            expected: expected.get(row),
            confidence: confidence.get(row),
            unfamiliarity: unfamiliarity.get(row),
            open: open.get(row),
            entropy: entropy.get(row),
        })
    };
    Ok((0..rows.height()).filter_map(graded).collect())
}
