//! Which film set is which visit of which person: `visits.csv` in a cohort's folder.
//!
//! Columns `Patient_ID` (a film set, as in training.csv), `patient` (the person), `visit`, and `date` or `months`. A film set that the table does not name is a
//! person with one visit; so is each of a cohort without the table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::date::Date;
use crate::intake;
use crate::names::nfc;

/// The file's name.
pub const TABLE: &str = "visits.csv";

/// Days of a mean month of the Gregorian calendar.
const MONTH: f64 = 365.2425 / 12.0;

/// A visit of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The person.
    pub patient: String,
    /// As the table calls it: `1`, `baseline`.
    pub visit: String,
    /// Months since the person's first visit, where the table has dates or months.
    pub months: Option<f64>,
}

/// The visits of a cohort.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visits {
    by_set: BTreeMap<String, Visit>,
}

/// A table of visits that cannot be used.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub struct VisitsError {
    path: PathBuf,
    reason: String,
}

/// When, as the table says it.
#[derive(Clone, Copy)]
enum When {
    Date(Date),
    Months(f64),
    Unknown,
}

impl Visits {
    /// The visits of the cohort in this folder; empty without a table.
    ///
    /// # Errors
    /// A table without the columns, with a film set twice, or with a date or month that is none.
    pub fn read(root: &Path) -> Result<Self, VisitsError> {
        let path = root.join(TABLE);
        if !intake::is_there(&path) {
            return Ok(Self::default());
        }
        let wrong = |reason: String| VisitsError { path: path.clone(), reason };
        let bytes = intake::bytes(&path, intake::MAX_TABLE)
            .map_err(|error| wrong(format!("it cannot be read ({error}); check its permissions")))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(&*bytes);
        let headers = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
        let column = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
        let (Some(set), Some(patient)) = (column("Patient_ID"), column("patient")) else {
            return Err(wrong(
                "it needs the columns Patient_ID (the film set) and patient (the person), then visit, and date or months".to_owned(),
            ));
        };
        let (visit, date, months) = (column("visit"), column("date"), column("months"));
        let mut rows: BTreeMap<String, (String, String, When)> = BTreeMap::new();
        for (at, record) in reader.records().enumerate() {
            let line = at + 2;
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default();
            let id = nfc(cell(Some(set))).into_owned();
            let person = nfc(cell(Some(patient))).into_owned();
            if id.is_empty() && person.is_empty() {
                continue;
            }
            if id.is_empty() || person.is_empty() {
                return Err(wrong(format!("line {line} names no film set or no patient; fill in both")));
            }
            let when = match (cell(months), cell(date)) {
                ("", "") => When::Unknown,
                ("", date) => When::Date(date.parse().map_err(|reason| wrong(format!("line {line}: {reason}")))?),
                (months, _) => match months.parse::<f64>() {
                    Ok(months) if months.is_finite() => When::Months(months),
                    _ => return Err(wrong(format!("line {line}: `{months}` is not a number of months"))),
                },
            };
            if rows.insert(id.clone(), (person, cell(visit).to_owned(), when)).is_some() {
                return Err(wrong(format!("line {line}: {id} is named twice; a film set is one visit")));
            }
        }
        Ok(Self { by_set: Self::timed(rows) })
    }

    fn timed(rows: BTreeMap<String, (String, String, When)>) -> BTreeMap<String, Visit> {
        let mut first: BTreeMap<String, (Option<Date>, Option<f64>)> = BTreeMap::new();
        for (person, _, when) in rows.values() {
            let known = first.entry(person.clone()).or_default();
            match *when {
                When::Date(date) => known.0 = Some(known.0.map_or(date, |before| before.min(date))),
                When::Months(months) => known.1 = Some(known.1.map_or(months, |before| before.min(months))),
                When::Unknown => {}
            }
        }
        let months = |person: &str, when: When| {
            let (date, start) = first.get(person)?;
            match when {
                When::Date(day) => Some(day.since((*date)?) as f64 / MONTH),
                When::Months(months) => Some(months - (*start)?),
                When::Unknown => None,
            }
        };
        rows.into_iter().map(|(set, (patient, visit, when))| (set, Visit { months: months(&patient, when), patient, visit })).collect()
    }

    /// Whether the cohort lacks a table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_set.is_empty()
    }

    /// The visit that a film set is, where the table names it.
    #[must_use]
    pub fn get(&self, set: &str) -> Option<&Visit> {
        self.by_set.get(set)
    }

    /// The person of a film set.
    #[must_use]
    pub fn patient<'a>(&'a self, set: &'a str) -> &'a str {
        self.by_set.get(set).map_or(set, |visit| &visit.patient)
    }

    /// Pairs of film sets of one person, each visit with the next one: `(baseline, follow-up)`, in the order of persons. Visits without a time are ordered by
    /// their name.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let mut by_person: BTreeMap<&str, Vec<(&str, &Visit)>> = BTreeMap::new();
        for (set, visit) in &self.by_set {
            by_person.entry(&visit.patient).or_default().push((set, visit));
        }
        let mut pairs = Vec::new();
        for visits in by_person.values_mut() {
            visits.sort_by(|(_, a), (_, b)| earlier(a, b));
            pairs.extend(visits.windows(2).map(|two| (two[0].0, two[1].0)));
        }
        pairs
    }

    /// Film sets by person, each person's in the order of time: places in `sets`. People come in the order of their first film set.
    #[must_use]
    pub(crate) fn by_person(&self, sets: &[&str]) -> Vec<Vec<usize>> {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut people: Vec<Vec<usize>> = Vec::new();
        for (at, set) in sets.iter().enumerate() {
            let place = *places.entry(self.patient(set)).or_insert(people.len());
            if place == people.len() {
                people.push(Vec::new());
            }
            people[place].push(at);
        }
        for person in &mut people {
            person.sort_by(|a, b| match (self.get(sets[*a]), self.get(sets[*b])) {
                (Some(a), Some(b)) => earlier(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        }
        people
    }

    /// The people of some film sets.
    #[must_use]
    pub fn people<'a>(&'a self, sets: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        sets.map(|set| self.patient(set)).collect()
    }
}

/// The order of two visits of a person: by time, then by their number, then by their name.
fn earlier(a: &Visit, b: &Visit) -> std::cmp::Ordering {
    let number = |visit: &Visit| visit.visit.parse::<f64>().unwrap_or(f64::INFINITY);
    let time = |visit: &Visit| visit.months.unwrap_or(f64::INFINITY);
    time(a).total_cmp(&time(b)).then(number(a).total_cmp(&number(b))).then(a.visit.cmp(&b.visit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Visits, VisitsError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(TABLE), text).unwrap();
        Visits::read(folder.path())
    }

    #[test]
    fn visits_are_ordered_by_their_dates_and_paired_with_the_next() {
        let visits =
            read("Patient_ID,patient,visit,date\nB,p1,2,2021-01-01\nA,p1,1,2020-01-01\nC,p1,3,20220101\nD,p2,1,2020-05-05\n").unwrap();
        assert_eq!(visits.pairs(), [("A", "B"), ("B", "C")]);
        assert!((visits.get("C").unwrap().months.unwrap() - 24.0).abs() < 0.1);
        assert_eq!((visits.patient("D"), visits.patient("E")), ("p2", "E"));
        let months = read("Patient_ID,patient,visit,months\nA,p,b,12\nB,p,a,0\n").unwrap();
        assert_eq!(months.pairs(), [("B", "A")]);
        assert_eq!(read("Patient_ID,patient,visit\nA,p,10\nB,p,9\n").unwrap().pairs(), [("B", "A")]);
    }

    #[test]
    fn faults_are_told_with_their_line() {
        for (text, words) in [
            ("a,b\n1,2\n", "needs the columns"),
            ("Patient_ID,patient\nA,p\nA,q\n", "line 3: A is named twice"),
            ("Patient_ID,patient,date\nA,p,soon\n", "line 2: `soon` is not a date"),
            ("Patient_ID,patient,months\nA,p,x\n", "line 2: `x` is not a number of months"),
            ("Patient_ID,patient\n,p\n", "line 2 names no film set"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("visits.csv"), "{error}");
        }
    }
}
