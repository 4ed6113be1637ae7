//! Which film came from which split of an imported data set: `splits.csv` in a cohort's folder, with the columns `film` (`PATIENT-LIMB`) and `split`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::names::nfc;
use crate::{Limb, intake};

/// The file's name.
pub const SPLITS: &str = "splits.csv";

/// The splits of films by patient and limb; empty without the file.
pub type Splits = BTreeMap<(String, Limb), String>;

/// Reads the splits of the cohort in this folder.
///
/// # Errors
/// A file that cannot be read or lacks the columns, in words.
pub fn splits(root: &Path) -> Result<Splits, String> {
    let path = root.join(SPLITS);
    if !intake::is_there(&path) {
        return Ok(Splits::new());
    }
    let wrong = |reason: String| format!("{}: {reason}", path.display());
    let bytes =
        intake::bytes(&path, intake::MAX_TABLE).map_err(|error| wrong(format!("it cannot be read ({error}); check its permissions")))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(&*bytes);
    let headers = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name));
    let (Some(film), Some(split)) = (column("film"), column("split")) else {
        return Err(wrong("it needs the columns film (such as UAB001-LH) and split".to_owned()));
    };
    let mut found = Splits::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(error.to_string()))?;
        let (film, split) = (nfc(record.get(film).unwrap_or_default()), record.get(split).unwrap_or_default());
        // A film of unknown limb has no joints.
        if let Some((patient, limb)) = Limb::split_stem(&film).filter(|_| !split.is_empty()) {
            found.insert((patient.to_owned(), limb), split.to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_are_read_with_their_splits_and_a_table_of_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(splits(folder.path()), Ok(Splits::new()));
        std::fs::write(folder.path().join(SPLITS), "film,split\nA-LH,train\n\"B,C-RF\",val\nmystery,val\nD-RH,\n").unwrap();
        let found = splits(folder.path()).unwrap();
        let expected = [(("A".to_owned(), Limb::LeftHand), "train".to_owned()), (("B,C".to_owned(), Limb::RightFoot), "val".to_owned())];
        assert_eq!(found, expected.into_iter().collect());
        std::fs::write(folder.path().join(SPLITS), "a,b\n1,2\n").unwrap();
        assert!(splits(folder.path()).unwrap_err().contains("needs the columns film"));
    }
}
