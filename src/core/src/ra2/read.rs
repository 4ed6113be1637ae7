//! `training.csv`: by column name, any order, extra columns kept.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use csv::ByteRecord;

use super::{GradeRow, GradeTable, PATIENT_COLUMN, TOTAL_COLUMNS, TableError};
use crate::intake::{self, table::Text};
use crate::names::nfc;
use crate::{Joint, joint};

impl GradeTable {
    /// Reads a table. Missing grades are empty cells, `NA`, `N/A`, `nan`, `null` or `none` in any case; `3.0` is 3, as pandas writes whole numbers beside gaps.
    ///
    /// # Errors
    /// A missing or repeated column, a cell that is not a grade of its joint, a patient without id or with two lines, a line of another length.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let unreadable = |e: std::io::Error| TableError::Unreadable { path: path.to_owned(), reason: e.to_string() };
        Self::parse(path, &intake::bytes(path, intake::MAX_TABLE).map_err(unreadable)?)
    }

    /// Reads a table from memory; `path` is for messages.
    ///
    /// # Errors
    /// As [`GradeTable::read`].
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, TableError> {
        let not_text = |reason| TableError::NotText { path: path.to_owned(), reason };
        let Text { text, separator, skipped } = intake::table::text(bytes).map_err(not_text)?;
        let bytes = text.as_bytes();
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).delimiter(separator).from_reader(Cursor::new(bytes));
        let mut record = ByteRecord::new();
        if !next(&mut reader, &mut record, path)? {
            return Err(TableError::Empty { path: path.to_owned() });
        }
        let header = Header::of(&record, path)?;
        let mut table = Self { extra_columns: header.extra_names(&record), ..Self::default() };
        let mut starts = Vec::new();
        while next(&mut reader, &mut record, path)? {
            let start = record.position().map_or(0, csv::Position::byte);
            starts.push(start);
            header.append(&mut table, &record, path, &|row| skipped + line_at(bytes, starts[row]))?;
        }
        Ok(table)
    }
}

fn next(reader: &mut csv::Reader<Cursor<&[u8]>>, record: &mut ByteRecord, path: &Path) -> Result<bool, TableError> {
    reader.read_byte_record(record).map_err(|e| TableError::Unreadable { path: path.to_owned(), reason: e.to_string() })
}

/// The line of the record that starts here or after the line breaks here. The reader's own count is one short behind CRLF.
fn line_at(bytes: &[u8], start: u64) -> u64 {
    let mut start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
    start += bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    1 + bytes[..start].iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Where each column stands.
struct Header {
    length: usize,
    patient: usize,
    totals: [Option<usize>; 3],
    grades: Vec<(usize, &'static Joint)>,
    extras: Vec<usize>,
}

impl Header {
    fn of(record: &ByteRecord, path: &Path) -> Result<Self, TableError> {
        let names: Vec<String> = record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let mut places = HashMap::new();
        for (place, name) in names.iter().enumerate() {
            let known = name == PATIENT_COLUMN || TOTAL_COLUMNS.contains(&name.as_str()) || joint::by_column(name).is_some();
            if places.insert(name.as_str(), place).is_some() && known {
                return Err(TableError::RepeatedColumn { path: path.to_owned(), column: name.clone() });
            }
        }
        if names.len() == 1 && names[0].contains([' ', '|']) {
            return Err(TableError::NotCommas { path: path.to_owned() });
        }
        let mut missing = Vec::new();
        let mut place = |name: &str| places.get(name).copied().or_else(|| (missing.push(name.to_owned()), None).1);
        let patient = place(PATIENT_COLUMN);
        let grades: Vec<_> = joint::all().filter_map(|joint| Some((place(&joint.ra2_column)?, joint))).collect();
        let (Some(patient), true) = (patient, missing.is_empty()) else {
            return Err(TableError::MissingColumns { path: path.to_owned(), columns: missing });
        };
        let totals = TOTAL_COLUMNS.map(|name| places.get(name).copied());
        let extra = |place: &usize| *place != patient && !totals.contains(&Some(*place)) && !grades.iter().any(|(at, _)| at == place);
        let extras = (0..names.len()).filter(extra).collect();
        Ok(Self { length: names.len(), patient, totals, grades, extras })
    }

    fn extra_names(&self, record: &ByteRecord) -> Vec<String> {
        self.extras.iter().map(|place| text(record, *place)).collect()
    }

    /// Adds one record as the next row; `line` tells the line of a row that was read, this one included.
    fn append(&self, table: &mut GradeTable, record: &ByteRecord, path: &Path, line: &dyn Fn(usize) -> u64) -> Result<(), TableError> {
        let here = || line(table.len());
        let path = || path.to_owned();
        if record.len() != self.length {
            return Err(TableError::WrongLength { path: path(), line: here(), found: record.len(), expected: self.length });
        }
        let bad_patient = |what| TableError::BadPatient { path: path(), line: here(), what };
        let patient = nfc(std::str::from_utf8(&record[self.patient]).map_err(|_| bad_patient("not UTF-8 text"))?.trim());
        let patient = plain(&patient);
        if patient.is_empty() {
            return Err(bad_patient("empty"));
        }
        if let Some(first) = table.position(patient) {
            let patient = patient.to_owned();
            return Err(TableError::DuplicatePatient { path: path(), line: here(), first: line(first), patient });
        }
        let grades = self.grades(record).map_err(|(place, joint, out_of_range)| {
            let (column, value) = (joint.ra2_column.clone(), text(record, place));
            match out_of_range {
                true => TableError::OutOfRange { path: path(), line: here(), column, value, max: joint.max_grade },
                false => TableError::NotANumber { path: path(), line: here(), column, value },
            }
        })?;
        let totals = self.totals.map(|place| place.and_then(|place| text(record, place).parse().ok()).unwrap_or(f32::NAN));
        let extras = self.extras.iter().map(|place| text(record, *place)).collect();
        table.append(patient.to_owned(), grades, totals, extras);
        Ok(())
    }

    /// The grades of a record, or the first bad cell with its joint, and whether it is a number outside the joint's scale.
    fn grades(&self, record: &ByteRecord) -> Result<GradeRow, (usize, &'static Joint, bool)> {
        let mut grades = GradeRow::default();
        for &(place, joint) in &self.grades {
            match number(&record[place]) {
                Cell::Missing => {}
                Cell::Whole(value) => {
                    let set = u8::try_from(value).is_ok_and(|grade| grades.set(joint, Some(grade)).is_ok());
                    set.then_some(()).ok_or((place, joint, true))?;
                }
                Cell::Other => return Err((place, joint, false)),
            }
        }
        Ok(grades)
    }
}

/// A cell without the mark that [`super::neutral`] puts before what a spreadsheet would work out.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| super::is_formula(rest)).unwrap_or(cell)
}

fn text(record: &ByteRecord, place: usize) -> String {
    plain(String::from_utf8_lossy(&record[place]).trim()).to_owned()
}

enum Cell {
    Missing,
    Whole(i64),
    Other,
}

fn number(cell: &[u8]) -> Cell {
    match cell.trim_ascii() {
        [digit @ b'0'..=b'9'] => Cell::Whole(i64::from(digit - b'0')),
        [] => Cell::Missing,
        other => match std::str::from_utf8(other).unwrap_or("?") {
            text if ["na", "n/a", "nan", "null", "none"].contains(&text.to_ascii_lowercase().as_str()) => Cell::Missing,
            text => match text.parse::<f64>() {
                // Far beyond every scale and still exact.
                Ok(value) if value.fract() == 0.0 && value.abs() < 1e9 => Cell::Whole(value as i64),
                _ => Cell::Other,
            },
        },
    }
}
