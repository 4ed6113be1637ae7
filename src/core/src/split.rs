//! A cohort in two parts by patient: those that are learned from, and those that are held out to be measured on.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::atomic::{self, WriteError};
use crate::visits::{Visits, VisitsError};
use crate::{Cohort, CohortError, intake};

/// The file in which a split is written down.
pub const SPLIT_NAME: &str = "split.json";

/// Who is learned from and who is held out, each sorted by id, and what the draw followed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The seed of the draw.
    pub seed: u64,
    /// The share of patients that was to be held out, 0 to 1.
    pub share: f64,
    /// Learned from.
    pub training: Vec<String>,
    /// Measured on.
    pub held_out: Vec<String>,
}

impl Split {
    /// Draws the patients that are held out: those whose hash of seed and id is smallest, so that other patients in the cohort change little. At least
    /// one patient is learned from.
    #[must_use]
    pub fn draw(patients: &[&str], share: f64, seed: u64) -> Self {
        let hash = |id: &str| {
            let bytes = id.bytes().chain(seed.to_le_bytes());
            bytes
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let count = (patients.len() as f64 * share).round() as usize;
        let mut order: Vec<&str> = patients.to_vec();
        order.sort_by_key(|id| hash(id));
        let training = order.split_off(count.min(patients.len().saturating_sub(1)));
        let sorted = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect();
        Self { seed, share, training: sorted(training), held_out: sorted(order) }
    }

    /// As [`Split::draw`], where film sets are visits of people: all visits of a person are in one part.
    #[must_use]
    pub fn draw_people(sets: &[&str], visits: &Visits, share: f64, seed: u64) -> Self {
        let people: Vec<&str> = visits.people(sets.iter().copied()).into_iter().collect();
        let drawn = Self::draw(&people, share, seed);
        let of = |people: &[String]| {
            let people: BTreeSet<&str> = people.iter().map(String::as_str).collect();
            let ids = sets.iter().filter(|set| people.contains(visits.patient(set)));
            ids.map(|set| (*set).to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
        };
        Self { training: of(&drawn.training), held_out: of(&drawn.held_out), ..drawn }
    }

    /// Of the patients of a cohort who have films, by person where the cohort has visits.
    ///
    /// # Errors
    /// A table of visits that cannot be used.
    pub fn of(cohort: &Cohort, share: f64, seed: u64) -> Result<Self, VisitsError> {
        let with_films = cohort.patients().iter().filter(|patient| patient.film_count() > 0);
        let sets: Vec<&str> = with_films.map(|patient| patient.id.as_str()).collect();
        Ok(Self::draw_people(&sets, &Visits::read(cohort.root())?, share, seed))
    }

    /// Reads a split that was written down.
    ///
    /// # Errors
    /// A file that is missing or no split.
    pub fn read(path: &Path) -> Result<Self, CohortError> {
        let unreadable = |reason: String| CohortError::Unreadable { path: path.to_owned(), reason };
        let bytes = intake::bytes(path, intake::MAX_JSON).map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
    }

    /// Writes it down.
    ///
    /// # Errors
    /// As [`atomic::write`].
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        atomic::write_with(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_divided_by_seed_and_the_division_hardly_changes_with_the_cohort() {
        let ids: Vec<String> = (0..200).map(|n| format!("UAB{n:03}")).collect();
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let held_out = |patients: &[&str], share, seed| Split::draw(patients, share, seed).held_out;
        assert_eq!(held_out(&all, 0.1, 1).len(), 20);
        assert_eq!(held_out(&all, 0.1, 1), held_out(&all, 0.1, 1));
        assert_ne!(held_out(&all, 0.1, 1), held_out(&all, 0.1, 2));
        let fewer = held_out(&all[..190], 0.1, 1);
        assert!(fewer.iter().filter(|id| held_out(&all, 0.1, 1).contains(id)).count() >= 16);
        assert_eq!(held_out(&all[..1], 0.9, 1), Vec::<String>::new());
    }

    #[test]
    fn the_visits_of_a_person_are_in_one_part() {
        let folder = tempfile::tempdir().unwrap();
        let sets: Vec<String> = (0..40).map(|number| format!("S{number:02}")).collect();
        let rows: String = sets.iter().enumerate().map(|(at, set)| format!("{set},p{},{}\n", at / 2, at % 2 + 1)).collect();
        std::fs::write(folder.path().join(crate::visits::TABLE), format!("Patient_ID,patient,visit\n{rows}")).unwrap();
        let visits = Visits::read(folder.path()).unwrap();
        let ids: Vec<&str> = sets.iter().map(String::as_str).collect();
        let split = Split::draw_people(&ids, &visits, 0.25, 7);
        assert_eq!((split.held_out.len(), split.training.len()), (10, 30));
        assert!(split.held_out.chunks(2).all(|two| visits.patient(&two[0]) == visits.patient(&two[1])));
        // Without visits nothing changes.
        let alone = Split::draw_people(&ids, &Visits::default(), 0.25, 7);
        assert_eq!(alone.held_out, Split::draw(&ids, 0.25, 7).held_out);
    }

    #[test]
    fn every_patient_is_in_one_part_and_a_split_reads_back_as_it_was_written() {
        let ids: Vec<String> = (0..37).map(|n| format!("P{n}")).collect();
        let split = Split::draw(&ids.iter().map(String::as_str).collect::<Vec<_>>(), 0.1, 7);
        assert_eq!((split.training.len(), split.held_out.len()), (33, 4));
        let both: BTreeSet<&String> = split.training.iter().chain(&split.held_out).collect();
        assert_eq!(both.len(), 37, "a patient in both parts or in none");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SPLIT_NAME);
        split.write(&path).unwrap();
        assert_eq!(Split::read(&path).unwrap(), split);
    }
}
