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
        Self { patients: PatientColumn::all(), errors: ErrorColumn::all(), grade_errors: GradeColumn::all() }
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
                    columns.patients = found(table, names)?;
                    if !columns.patients.contains(&PatientColumn::Id) {
                        return Err(format!(
                            "columns.{table} has no `{}`, by which lines are told apart; add it",
                            PatientColumn::Id.spec().name
                        ));
                    }
                }
                "Errors" => columns.errors = found(table, names)?,
                "WrongGrades" => columns.grade_errors = found(table, names)?,
                _ => return Err(format!("columns.{table} is not a table; use one of {}", TABLES.join(", "))),
            }
        }
        Ok(columns)
    }

    /// The names of all columns of each table, in their order.
    #[must_use]
    pub fn names() -> [(&'static str, Vec<&'static str>); 3] {
        let [patients, errors, grades] = TABLES;
        [(patients, all_names::<PatientColumn>()), (errors, all_names::<ErrorColumn>()), (grades, all_names::<GradeColumn>())]
    }
}

fn all_names<C: Column>() -> Vec<&'static str> {
    C::ALL.iter().map(|(_, spec)| spec.name).collect()
}

fn found<C: Column>(table: &str, names: &[String]) -> Result<Vec<C>, String> {
    let mut columns = Vec::new();
    for wanted in names {
        let column = C::ALL.iter().find(|(_, spec)| spec.name.eq_ignore_ascii_case(wanted)).map(|(column, _)| *column);
        let column =
            column.ok_or_else(|| format!("columns.{table}: `{wanted}` is not a column of it; use {}", all_names::<C>().join(", ")))?;
        if columns.contains(&column) {
            return Err(format!("columns.{table}: `{wanted}` is named twice"));
        }
        columns.push(column);
    }
    if columns.is_empty() { Err(format!("columns.{table} is empty; name a column, or leave the line out for all")) } else { Ok(columns) }
}
