//! What stands for a patient in the cohort: a keyed hash, or what a table says; and by how many days the patient's dates are shifted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{ArchiveError, Identity};
use crate::date::Date;
use crate::{WriteError, intake};

/// The longest shift, in days, back from the true date.
const SHIFT: u64 = 3650;

/// Pseudonyms by a key, or by a table beside it.
pub struct Pseudonyms {
    key: Vec<u8>,
    path: PathBuf,
    table: Option<BTreeMap<String, String>>,
}

impl Pseudonyms {
    /// Reads the key, or makes one if the file is missing: 32 random bytes in hex, readable by their owner only.
    ///
    /// # Errors
    /// A file that is not a key, or cannot be read or made.
    pub fn open(path: &Path, table: Option<&Path>) -> Result<Self, ArchiveError> {
        let wrong = |reason: String| ArchiveError::Key { path: path.to_owned(), reason };
        if !path.exists() {
            let mut bytes = [0; 32];
            std::fs::File::open("/dev/urandom")
                .and_then(|mut random| random.read_exact(&mut bytes))
                .map_err(|error| wrong(error.to_string()))?;
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
            written.map_err(|error| WriteError::new(path, error))?;
        }
        let text = intake::bytes(path, 1 << 16).map_err(|error| wrong(error.to_string()))?;
        let key = text.trim_ascii().to_vec();
        if key.len() < 32 {
            return Err(wrong(format!("it has {} characters, and a key has at least 32", key.len())));
        }
        let table = table.map(read_table).transpose()?;
        Ok(Self { key, path: path.to_owned(), table })
    }

    /// The key's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a table gives the pseudonyms.
    pub(super) const fn is_by_table(&self) -> bool {
        self.table.is_some()
    }

    fn hash(&self, what: &str, identity: &Identity) -> [u8; 32] {
        // Any length of key is allowed, so this never fails.
        let Ok(mut hash) = Hmac::<Sha256>::new_from_slice(&self.key) else { return [0; 32] };
        hash.update(what.as_bytes());
        hash.update(&[0]);
        hash.update(identity.0.as_bytes());
        hash.finalize().into_bytes().into()
    }

    /// The patient's pseudonym; `None` where the table has none. Sixty bits of hash: of a million patients two share one with a chance of 1 in two million.
    #[must_use]
    pub fn of(&self, identity: &Identity, patient_id: &str) -> Option<String> {
        match &self.table {
            Some(table) => table.get(patient_id).cloned(),
            None => {
                const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
                let hash = self.hash("pseudonym", identity);
                Some(format!("P{}", hash.iter().take(12).map(|byte| LETTERS[usize::from(byte & 31)] as char).collect::<String>()))
            }
        }
    }

    /// By how many days the patient's dates are moved back, always the same for a patient. No shifted date is one of the true ones.
    #[must_use]
    pub fn shift(&self, identity: &Identity, dates: &BTreeSet<Date>) -> i64 {
        let hash = self.hash("date", identity);
        let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let first = i64::try_from(number % SHIFT).unwrap_or(0) + 1;
        let gaps: BTreeSet<i64> = dates.iter().flat_map(|a| dates.iter().map(|b| a.since(*b))).collect();
        (first..).find(|shift| !gaps.contains(shift)).unwrap_or(first)
    }
}

/// A table with the columns `original` and `pseudonym`.
fn read_table(path: &Path) -> Result<BTreeMap<String, String>, ArchiveError> {
    let wrong = |reason: String| ArchiveError::Table { path: path.to_owned(), reason };
    let bytes = intake::bytes(path, intake::MAX_TABLE).map_err(|error| wrong(error.to_string()))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&*bytes);
    let headers = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
    let (Some(original), Some(pseudonym)) = (column("original"), column("pseudonym")) else {
        return Err(wrong("the table of pseudonyms needs the columns original (the archive's PatientID) and pseudonym".to_owned()));
    };
    let (mut table, mut used) = (BTreeMap::new(), BTreeMap::new());
    for (line, record) in reader.records().enumerate() {
        let record = record.map_err(|error| wrong(error.to_string()))?;
        let (from, to) = (record.get(original).unwrap_or_default().to_owned(), record.get(pseudonym).unwrap_or_default().to_owned());
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
        if to.is_empty() || !to.chars().all(is_name) || to == from {
            return Err(wrong(format!(
                "line {}: `{to}` cannot be a pseudonym; use letters, digits, _ and ., and not the original",
                line + 2
            )));
        }
        if let Some(other) = used.insert(to.clone(), from.clone()).filter(|other| *other != from) {
            return Err(wrong(format!("line {}: {to} stands for two patients; give {other} another pseudonym", line + 2)));
        }
        table.insert(from, to);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_the_same_names_again_and_another_key_others() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Pseudonyms::open(&folder.path().join(name), None).unwrap();
        let (one, again, other) = (open("a"), open("a"), open("b"));
        let patient = Identity("id||0815".to_owned());
        let of = |names: &Pseudonyms| (names.of(&patient, ""), names.shift(&patient, &BTreeSet::new()));
        assert_eq!(of(&one), of(&again));
        assert_ne!(of(&one).0, of(&other).0);
        assert!((1..=3650).contains(&of(&one).1));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(folder.path().join("a")).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(folder.path().join("short"), "abc").unwrap();
        assert!(matches!(Pseudonyms::open(&folder.path().join("short"), None), Err(ArchiveError::Key { .. })));
    }

    #[test]
    fn a_shift_moves_no_date_onto_another_true_one() {
        let folder = tempfile::tempdir().unwrap();
        let names = Pseudonyms::open(&folder.path().join("a"), None).unwrap();
        let patient = Identity("x".to_owned());
        let first = names.shift(&patient, &BTreeSet::new());
        let day = Date::new(2020, 1, 1).unwrap();
        let dates = BTreeSet::from([day, day.plus(first)]);
        assert_ne!(names.shift(&patient, &dates), first);
    }
}
