//! What can be wrong with a table of grades: one sentence each with file, line, column and the way out.

use std::path::PathBuf;

use thiserror::Error;

/// A table of grades that could not be read. Lines count from 1, the header included.
#[derive(Debug, Error)]
pub enum TableError {
    /// The file is missing or may not be read.
    #[error("{} cannot be read ({reason}); check the name and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Another kind of file, or text in another encoding.
    #[error("{} cannot be read as a table: {reason}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is instead, and what to do.
        reason: String,
    },
    /// No header line.
    #[error("{} is empty; it needs a header line with Patient_ID and the 86 joint columns", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Columns that every table must have.
    #[error("{} has no column {}{}; add it to the header, with empty cells where no grade is known", path.display(), columns[0], and_more(columns.len()))]
    MissingColumns {
        /// The file.
        path: PathBuf,
        /// Their names, at least one.
        columns: Vec<String>,
    },
    /// The header is one cell with separators other than commas.
    #[error("{} is not separated by commas; save it as comma-separated values", path.display())]
    NotCommas {
        /// The file.
        path: PathBuf,
    },
    /// A column stands twice in the header.
    #[error("{} has the column {column} twice; keep one of them", path.display())]
    RepeatedColumn {
        /// The file.
        path: PathBuf,
        /// Its name.
        column: String,
    },
    /// A line has more or fewer cells than the header.
    #[error("{}, line {line}: {found} cells where the header has {expected}; complete the line or quote cells that hold commas", path.display())]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// Cells in the line.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// No grade, no number, no sign of a missing one.
    #[error("{}, line {line}, column {column}: `{value}` is not a whole number; write a grade, or leave the cell empty where it is not known", path.display())]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// Its column.
        column: String,
        /// The cell.
        value: String,
    },
    /// A grade outside the joint's scale.
    #[error("{}, line {line}, column {column}: grade {value} is out of range, the scale goes from 0 to {max}; correct it or leave the cell empty", path.display())]
    OutOfRange {
        /// The file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// Its column.
        column: String,
        /// The cell.
        value: String,
        /// The joint's highest grade.
        max: u8,
    },
    /// A patient's id is empty or no UTF-8.
    #[error("{}, line {line}, column Patient_ID: the id is {what}; give each line its patient", path.display())]
    BadPatient {
        /// The file.
        path: PathBuf,
        /// Where.
        line: u64,
        /// `empty` or `not UTF-8 text`.
        what: &'static str,
    },
    /// A patient has two lines.
    #[error("{}, line {line}, column Patient_ID: patient {patient} is already in line {first}; keep one of the two lines", path.display())]
    DuplicatePatient {
        /// The file.
        path: PathBuf,
        /// The second line.
        line: u64,
        /// The first line.
        first: u64,
        /// The id.
        patient: String,
    },
}

fn and_more(count: usize) -> String {
    if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() }
}
