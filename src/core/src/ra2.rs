//! The challenge's tables: `training.csv` read by column name, and the 90 columns of its files written.
//!
//! One row of 86 bytes a patient: 100,000 patients take 9 MB and are read in a fraction of a second.

mod error;
mod pack;
mod read;
mod row;
mod write;

use std::collections::HashMap;

pub use error::TableError;
pub use row::{GradeRow, GradeTooHigh};
pub use write::{Fill, is_formula, neutral, predictions_csv, quoted, template_csv};

use crate::names::nfc;

/// The three columns of totals, in template order.
pub(crate) const TOTAL_COLUMNS: [&str; 3] = ["Overall_Tol", "Overall_erosion", "Overall_narrowing"];

/// The column of the patients' ids.
pub(crate) const PATIENT_COLUMN: &str = "Patient_ID";

/// Grades of many patients in the order of their file.
#[derive(Clone, Debug, Default)]
pub struct GradeTable {
    patients: Vec<String>,
    rows: Vec<GradeRow>,
    /// As in the file, NaN where it says nothing; a row whose grades were changed since has none.
    totals: Vec<[f32; 3]>,
    extra_columns: Vec<String>,
    extras: Vec<Vec<String>>,
    positions: HashMap<String, usize>,
}

impl GradeTable {
    /// A table without patients.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a patient at the end, or replaces the grades of one that is there; returns the row's place.
    pub fn insert(&mut self, patient: &str, grades: GradeRow) -> usize {
        if let Some(place) = self.position(patient) {
            self.rows[place] = grades;
            self.totals[place] = [f32::NAN; 3];
            return place;
        }
        let extras = vec![String::new(); self.extra_columns.len()];
        self.append(nfc(patient).into_owned(), grades, [f32::NAN; 3], extras)
    }

    /// The lines of some patients, as they are.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut table = Self { extra_columns: self.extra_columns.clone(), ..Self::default() };
        for (place, patient) in self.patients.iter().enumerate().filter(|(_, patient)| keep(patient)) {
            table.append(patient.clone(), self.rows[place], self.totals[place], self.extras(place).to_vec());
        }
        table
    }

    /// The grades of some joints; patients without any of them are left out. Totals of readers and further columns stay with patients that keep all grades.
    #[must_use]
    pub(crate) fn only_joints(&self, keep: impl Fn(&str, &crate::Joint) -> bool) -> Self {
        let mut table = Self { extra_columns: self.extra_columns.clone(), ..Self::default() };
        for (place, patient) in self.patients.iter().enumerate() {
            let mut row = self.rows[place];
            for joint in crate::joint::all().filter(|joint| !keep(patient, joint)) {
                // No grade is never too high.
                let _ = row.set(joint, None);
            }
            if row.scored() > 0 {
                let totals = if row == self.rows[place] { self.totals[place] } else { [f32::NAN; 3] };
                table.append(patient.clone(), row, totals, self.extras(place).to_vec());
            }
        }
        table
    }

    /// The caller has made sure that the patient is new.
    fn append(&mut self, patient: String, grades: GradeRow, totals: [f32; 3], extras: Vec<String>) -> usize {
        let place = self.patients.len();
        self.positions.insert(patient.clone(), place);
        self.patients.push(patient);
        self.rows.push(grades);
        self.totals.push(totals);
        if !self.extra_columns.is_empty() {
            self.extras.push(extras);
        }
        place
    }

    /// The patients in the order of the file.
    #[must_use]
    pub fn patients(&self) -> &[String] {
        &self.patients
    }

    /// The rows in the order of [`GradeTable::patients`].
    #[must_use]
    pub fn rows(&self) -> &[GradeRow] {
        &self.rows
    }

    /// The row of a patient.
    #[must_use]
    pub fn position(&self, patient: &str) -> Option<usize> {
        self.positions.get(&*nfc(patient)).copied()
    }

    /// The grades of a patient.
    #[must_use]
    pub fn get(&self, patient: &str) -> Option<&GradeRow> {
        self.position(patient).map(|place| &self.rows[place])
    }

    /// The file's own totals of a row: overall, erosion, narrowing; `None` where it has none.
    #[must_use]
    pub fn given_totals(&self, place: usize) -> [Option<f32>; 3] {
        self.totals.get(place).map_or([None; 3], |row| row.map(|total| (!total.is_nan()).then_some(total)))
    }

    /// Columns that are neither grades nor totals nor the id, in the order of the file.
    #[must_use]
    pub fn extra_columns(&self) -> &[String] {
        &self.extra_columns
    }

    /// The values of the extra columns in a row.
    #[must_use]
    pub fn extras(&self, place: usize) -> &[String] {
        self.extras.get(place).map_or(&[], Vec::as_slice)
    }

    /// How many patients there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patients.len()
    }

    /// Whether the table has no patients.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patients.is_empty()
    }
}
