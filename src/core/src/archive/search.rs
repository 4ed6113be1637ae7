//! Whether anything of the archive's headers stands in the cohort that was made of it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::{Date, Plan};

/// Shorter values are everywhere by chance, and are not searched for.
pub(super) const SHORTEST: usize = 4;

/// A value that was found.
pub(super) struct Leak {
    pub place: String,
    pub tag: &'static str,
}

/// Values, folded to lower case, with the attribute that has them.
pub(super) struct Wanted {
    names: Vec<(&'static str, String)>,
    dates: BTreeSet<Date>,
}

impl Wanted {
    /// Everything that a plan's files have; the second list has what is too short to be searched for.
    pub fn of(plan: &Plan) -> (Self, Vec<(&'static str, String)>) {
        let (mut names, mut short, mut dates) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (tag, value) in plan.files.iter().flat_map(|file| &file.names) {
            match value.parse::<Date>() {
                Ok(date) if tag.ends_with("Date") || *tag == "DateOfSecondaryCapture" => drop(dates.insert(date)),
                _ if value.chars().count() < SHORTEST => drop(short.insert((*tag, value.clone()))),
                _ => drop(names.insert((*tag, value.to_lowercase()))),
            }
        }
        (Self { names: names.into_iter().collect(), dates }, short.into_iter().collect())
    }

    /// Searches every name and file below a folder; of pictures everything but their pixels.
    pub fn search(&self, folder: &Path, plan: &Plan) -> io::Result<Vec<Leak>> {
        let mut leaks = Vec::new();
        self.below(folder, folder, plan, &mut leaks)?;
        Ok(leaks)
    }

    fn below(&self, root: &Path, folder: &Path, plan: &Plan, leaks: &mut Vec<Leak>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let place = entry.path().strip_prefix(root).unwrap_or(Path::new("?")).display().to_string();
            self.line(&entry.file_name().to_string_lossy(), &place, plan, leaks);
            if entry.file_type()?.is_dir() {
                self.below(root, &entry.path(), plan, leaks)?;
                continue;
            }
            let bytes = fs::read(entry.path())?;
            let text = match bytes.starts_with(b"\x89PNG") {
                true => metadata_of_png(&bytes),
                false => bytes,
            };
            for line in String::from_utf8_lossy(&text).lines() {
                self.line(line, &place, plan, leaks);
            }
        }
        Ok(())
    }

    fn line(&self, line: &str, place: &str, plan: &Plan, leaks: &mut Vec<Leak>) {
        let line = line.to_lowercase();
        for (tag, value) in &self.names {
            if stands_in(value, &line) {
                leaks.push(Leak { place: place.to_owned(), tag });
            }
        }
        // A patient's shifted day may be another patient's true one; in a line about a patient only this patient's true days are searched for.
        let own = plan.days.iter().find(|(patient, _)| stands_in(&patient.to_lowercase(), &line.replace("-v", " ")));
        let dates = own.map_or(&self.dates, |(_, days)| days);
        let shown = |date: &Date| stands_in(&date.compact(), &line) || stands_in(&date.to_string(), &line);
        leaks.extend(dates.iter().filter(|date| shown(date)).map(|_| Leak { place: place.to_owned(), tag: "StudyDate" }));
    }
}

/// Whether a value stands in a text as a whole: with neither letter nor digit before or behind it.
fn stands_in(value: &str, text: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text[from..].find(value).map(|at| at + from) {
        let before = text[..at].chars().next_back();
        let after = text[at + value.len()..].chars().next();
        if ![before, after].into_iter().flatten().any(char::is_alphanumeric) {
            return true;
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    false
}

/// All chunks of a PNG but those of its pixels.
fn metadata_of_png(bytes: &[u8]) -> Vec<u8> {
    let (mut at, mut out) = (8, Vec::new());
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = (at + 8).saturating_add(length).min(bytes.len());
        if &head[4..8] != b"IDAT" {
            out.extend_from_slice(&bytes[at + 8..end]);
            out.push(b'\n');
        }
        at = end.saturating_add(4);
    }
    // What stands behind the last chunk.
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values_are_found_and_parts_of_words_are_not() {
        assert!(stands_in("mueller", "film of mueller, anna") && stands_in("1234", "id=1234"));
        assert!(!stands_in("1234", "0.12345") && !stands_in("anna", "annabel and hanna"));
        assert!(stands_in("anna", "annabel anna"));
    }
}
