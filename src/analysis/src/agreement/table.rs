//! A table of grades for `svh agreement`: a CSV file with the columns `true`, `predicted` and, where it is known, `patient`.

use std::path::{Path, PathBuf};

use svh_core::intake;
use thiserror::Error;

use super::Agreement;
use crate::stats::{Clusters, Confusion, GradeWeights, Resamples, Weighted};

/// A table that could not be used.
#[derive(Debug, Error)]
pub enum TableFault {
    /// The file is missing, cannot be read, or is not CSV.
    #[error("{} cannot be read ({reason}); give a CSV file with the columns true and predicted", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reader's words.
        reason: String,
    },
    /// A column that must be there is not.
    #[error("{} has no column {column}; the columns are true, predicted and, if you know it, patient", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// Its name.
        column: &'static str,
    },
    /// A cell that is not a grade.
    #[error("{}, line {line}, column {column}: `{value}` is not a grade from 0 to {max}; leave the cell empty where there is none, or give another --max-grade", path.display())]
    NoGrade {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
        /// The column.
        column: &'static str,
        /// As in the file.
        value: String,
        /// The highest grade.
        max: u8,
    },
    /// A patient without a name among patients with one.
    #[error("{}, line {line}: the patient is missing; name it, or leave the column out to do without intervals", path.display())]
    NoPatient {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
    },
    /// Nothing to compare.
    #[error("{} has no line with both a true and a predicted grade; there is nothing to compare", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Pairs of grades as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementTable {
    max_grade: u8,
    /// Reference and model of every line that has both.
    pairs: Vec<(u8, u8)>,
    /// The patients of the pairs, where the file names them.
    patients: Option<Vec<String>>,
    missing: u64,
}

impl AgreementTable {
    /// Reads a file for a scale from 0 to `max_grade`. Missing grades are empty cells, `NA`, `nan`, `null` or `none`; `3.0` is 3.
    ///
    /// # Errors
    /// See [`TableFault`].
    pub fn read(path: &Path, max_grade: u8) -> Result<Self, TableFault> {
        let unreadable = |e: &dyn std::fmt::Display| TableFault::Unreadable { path: path.to_owned(), reason: e.to_string() };
        let bytes = intake::bytes(path, intake::MAX_TABLE).map_err(|e| unreadable(&e))?;
        let intake::table::Text { text, separator, skipped } = intake::table::text(&bytes).map_err(|e| unreadable(&e))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).delimiter(separator).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| unreadable(&e))?.clone();
        let place = |name: &str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
        let must = |column| place(column).ok_or_else(|| TableFault::NoColumn { path: path.to_owned(), column });
        let (reference, model, patient) = (must("true")?, must("predicted")?, place("patient"));
        let mut table = Self { max_grade, pairs: Vec::new(), patients: patient.map(|_| Vec::new()), missing: 0 };
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(&e))?;
            let line = skipped + record.position().map_or(0, csv::Position::line);
            let grade = |place: usize, column| {
                let text = record.get(place).unwrap_or_default();
                grade(text, max_grade).map_err(|()| TableFault::NoGrade {
                    path: path.to_owned(),
                    line,
                    column,
                    value: text.to_owned(),
                    max: max_grade,
                })
            };
            let (Some(reference), Some(model)) = (grade(reference, "true")?, grade(model, "predicted")?) else {
                table.missing += 1;
                continue;
            };
            if let (Some(patients), Some(place)) = (&mut table.patients, patient) {
                let name = record.get(place).filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| TableFault::NoPatient { path: path.to_owned(), line })?;
                patients.push(svh_core::names::nfc(name).into_owned());
            }
            table.pairs.push((reference, model));
        }
        if table.pairs.is_empty() { Err(TableFault::Empty { path: path.to_owned() }) } else { Ok(table) }
    }

    /// All metrics; intervals where patients are named, weighted errors where there are weights.
    #[must_use]
    pub fn agreement(&self, weights: Option<&GradeWeights>, resamples: Resamples) -> Agreement {
        let agreement = match &self.patients {
            Some(patients) => {
                let named = patients.iter().zip(&self.pairs).map(|(patient, (reference, model))| (patient, *reference, *model));
                Agreement::of_patients(&Clusters::of(self.max_grade, named), self.missing, resamples)
            }
            None => Agreement::of(Confusion::of(self.max_grade, self.pairs.iter().copied()), self.missing),
        };
        let weighted = |weights: &GradeWeights| Weighted::of(self.pairs.iter().map(|(t, p)| (weights.at(None, *t), *t, *p)));
        Agreement { weighted: weights.map(weighted), ..agreement }
    }
}

/// A cell as a grade; `Ok(None)` where it is missing.
fn grade(text: &str, max: u8) -> Result<Option<u8>, ()> {
    if text.is_empty() || ["na", "n/a", "nan", "null", "none"].contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let value: f64 = text.parse().map_err(|_| ())?;
    let whole = value.fract() == 0.0 && (0.0..=f64::from(max)).contains(&value);
    if whole { Ok(Some(value as u8)) } else { Err(()) }
}
