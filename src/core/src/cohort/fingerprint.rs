//! A cohort's fingerprint: whether a run was made over the same films, labels and grades.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::Cohort;
use crate::{Limb, Task, intake};

impl Cohort {
    /// SHA-256, in lower-case hex, of the names and sizes of all films and label files and of the content of the table. Neither the place of
    /// the folder nor times matter. A film replaced by another of exactly the same size in bytes is not noticed: reading every film would take minutes.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for patient in &self.patients {
            let films = self.films(patient).map(|(_, path)| path);
            let labels =
                Task::ALL.into_iter().flat_map(|task| Limb::ALL.into_iter().filter_map(move |limb| self.label_file(patient, task, limb)));
            let files: Vec<PathBuf> = films.chain(labels).collect();
            for path in files {
                let name = path.strip_prefix(&self.root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                let size = fs::metadata(&path).map_or(0, |data| data.len());
                hash.update(format!("{name}\0{size}\n"));
            }
        }
        let table = super::table_path(&self.root).and_then(|table| intake::bytes(&table, intake::MAX_TABLE).ok());
        hash.update(table.unwrap_or_default());
        format!("{:x}", hash.finalize())
    }
}
