//! Which columns the tables of patients and errors show, and in which order: the user's settings or all.

use std::collections::BTreeMap;

use super::{
    screens::{
        errors::columns::{Column as ErrorColumn, GradeColumn},
        patients::columns::Column as PatientColumn,
    },
    table::Column,
};

/// The tables whose columns can be chosen, as settings name them.
pub const TABLES: [&str; 3] = ["Patients", "Errors", "WrongGrades"];

/// The columns of each table.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// Of the patients.
    pub patients: Vec<PatientColumn>,
    /// Of the errors of boxes.
    pub errors: Vec<ErrorColumn>,
    /// Of the wrong grades.
    pub grade_errors: Vec<GradeColumn>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { patients: PatientColumn::ALL.to_vec(), errors: ErrorColumn::ALL.to_vec(), grade_errors: GradeColumn::ALL.to_vec() }
    }
}

impl Columns {
    /// Takes the names of a file, by table.
    ///
    /// # Errors
    /// A table or a column that is not there, a column named twice, no column.
    pub fn of(chosen: &BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let mut columns = Self::default();
        for (table, names) in chosen {
            match table.as_str() {
                "Patients" => {
                    columns.patients = found(table, names, &PatientColumn::ALL, PatientColumn::name)?;
                    if !columns.patients.contains(&PatientColumn::Id) {
                        return Err(format!(
                            "columns.{table} has no `{}`, by which lines are told apart; add it",
                            PatientColumn::Id.name()
                        ));
                    }
                }
                "Errors" => columns.errors = found(table, names, ErrorColumn::ALL, Column::name)?,
                "WrongGrades" => columns.grade_errors = found(table, names, GradeColumn::ALL, Column::name)?,
                _ => return Err(format!("columns.{table} is not a table; use one of {}", TABLES.join(", "))),
            }
        }
        Ok(columns)
    }

    /// The names of all columns of each table, in their order.
    #[must_use]
    pub fn names() -> [(&'static str, Vec<&'static str>); 3] {
        let [patients, errors, grades] = TABLES;
        [
            (patients, PatientColumn::ALL.iter().map(|column| column.name()).collect()),
            (errors, ErrorColumn::ALL.iter().map(|column| column.name()).collect()),
            (grades, GradeColumn::ALL.iter().map(|column| column.name()).collect()),
        ]
    }
}

fn found<C: Copy + PartialEq>(table: &str, names: &[String], all: &[C], name: impl Fn(C) -> &'static str) -> Result<Vec<C>, String> {
    let mut columns = Vec::new();
    for wanted in names {
        let column = all.iter().copied().find(|column| name(*column).eq_ignore_ascii_case(wanted)).ok_or_else(|| {
            let known: Vec<&str> = all.iter().map(|column| name(*column)).collect();
            format!("columns.{table}: `{wanted}` is not a column of it; use {}", known.join(", "))
        })?;
        if columns.contains(&column) {
            return Err(format!("columns.{table}: `{wanted}` is named twice"));
        }
        columns.push(column);
    }
    if columns.is_empty() { Err(format!("columns.{table} is empty; name a column, or leave the line out for all")) } else { Ok(columns) }
}
