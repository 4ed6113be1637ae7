//! The 90 columns in template order: a table of grades, or predictions for the challenge.

use std::path::Path;

use super::{GradeRow, GradeTable, PATIENT_COLUMN, TOTAL_COLUMNS};
use crate::atomic::{self, WriteError};
use crate::{Joint, PatientScore, Totals, joint};

impl GradeTable {
    /// The table as CSV: the template's 90 columns, then the extra ones. Missing grades are empty cells; totals are the file's own, or the sums
    /// of the grades that are there.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut out = header(&self.extra_columns);
        for (place, patient) in self.patients.iter().enumerate() {
            let sums = self.rows[place].totals();
            let given = self.given_totals(place);
            let total = |at: usize| given[at].map_or_else(|| total(&sums, TOTAL_COLUMNS[at]), |given| given.to_string());
            line(&mut out, patient, &self.rows[place], [total(0), total(1), total(2)], self.extras(place));
        }
        out
    }

    /// Writes [`GradeTable::to_csv`] to a file, replacing it whole.
    ///
    /// # Errors
    /// As [`atomic::write`].
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        atomic::write(path, self.to_csv().as_bytes())
    }
}

/// A table as the challenge's 90 columns exactly: no other column, totals as sums of the line as it stands, grades that are missing empty or
/// `missing` (at most the joint's highest grade).
#[must_use]
pub fn template_csv(table: &GradeTable, missing: Option<u8>) -> String {
    let mut out = header(&[]);
    for (patient, row) in table.patients().iter().zip(table.rows()) {
        let mut row = *row;
        for joint in joint::all().filter(|_| missing.is_some()) {
            let grade = row.get(joint).or(missing.map(|missing| missing.min(joint.max_grade)));
            // Bounded by the scale, so it cannot be refused.
            drop(row.set(joint, grade));
        }
        let sums = row.totals();
        line(&mut out, patient, &row, TOTAL_COLUMNS.map(|column| total(&sums, column)), &[]);
    }
    out
}

/// What is written for joints without a grade; at most the joint's highest grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// For joints without film or box; empty cells where it is absent.
    pub missing: Option<u8>,
    /// Whether open joints are filled in the same way: they were found, and their grade is unknown, so that any number for them is invented.
    pub open: bool,
}

impl Fill {
    /// What stands in for a joint of this patient.
    fn of(self, patient: &PatientScore, joint: &Joint) -> Option<u8> {
        self.missing.filter(|_| self.open || !patient.open.contains_key(&joint.ra2_column))
    }
}

/// The challenge's `predictions.csv`: one line a patient, joints without a grade empty or filled. The totals are sums of the line as it stands.
#[must_use]
pub fn predictions_csv(patients: &[PatientScore], fill: Fill) -> String {
    let mut out = header(&[]);
    for patient in patients {
        let mut row = GradeRow::default();
        for joint in joint::all() {
            let grade = patient.joints.get(&joint.ra2_column).map(|score| score.grade).or_else(|| fill.of(patient, joint));
            // Bounded by the scale, so it cannot be refused.
            drop(row.set(joint, grade.map(|grade| grade.min(joint.max_grade))));
        }
        let sums = row.totals();
        line(&mut out, &patient.patient, &row, TOTAL_COLUMNS.map(|column| total(&sums, column)), &[]);
    }
    out
}

fn header(extra: &[String]) -> String {
    let names: Vec<_> = joint::template_columns().iter().chain(extra).map(|name| quoted(name)).collect();
    names.join(",") + "\n"
}

/// `totals` in the order of [`TOTAL_COLUMNS`].
fn line(out: &mut String, patient: &str, grades: &GradeRow, totals: [String; 3], extras: &[String]) {
    let cell = |column: &String| match TOTAL_COLUMNS.iter().position(|total| total == column) {
        Some(at) => totals[at].clone(),
        None if column == PATIENT_COLUMN => quoted(patient),
        None => joint::by_column(column).and_then(|joint| grades.get(joint)).map_or_else(String::new, |grade| grade.to_string()),
    };
    let cells: Vec<_> = joint::template_columns().iter().map(cell).chain(extras.iter().map(|extra| quoted(extra))).collect();
    out.push_str(&cells.join(","));
    out.push('\n');
}

/// A total as a cell; empty where nothing was graded.
fn total(sums: &Totals, column: &str) -> String {
    let sum = match column {
        "Overall_erosion" => sums.erosion,
        "Overall_narrowing" => sums.narrowing,
        _ => sums.overall,
    };
    sum.map_or_else(String::new, |sum| sum.to_string())
}

/// Whether a spreadsheet would take a cell for something to be worked out: it starts as a formula does and is not a number.
#[must_use]
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.trim().parse::<f64>().is_err()
}

/// A text that no spreadsheet works out: an apostrophe goes before what [`is_formula`]. Tables are read without it again.
#[must_use]
pub fn neutral(cell: &str) -> std::borrow::Cow<'_, str> {
    if is_formula(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// A cell of CSV: quoted where a comma, a quote or a line break asks for it (RFC 4180), and neutral for spreadsheets.
#[must_use]
pub fn quoted(cell: &str) -> String {
    let cell = &*neutral(cell);
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
