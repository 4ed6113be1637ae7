//! Whether anything of the archive's headers stands in the cohort that was made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use aho_corasick::AhoCorasick;

use super::Plan;
use crate::date::Date;

/// Shorter values are everywhere by chance, and are not searched for.
pub(super) const SHORTEST: usize = 4;

/// A value that was found.
pub(super) struct Leak {
    pub place: String,
    pub tag: &'static str,
}

/// Values, folded to lower case, with the attribute that has them.
pub(super) struct Wanted<'a> {
    tags: Vec<&'static str>,
    names: AhoCorasick,
    dates: BTreeSet<Date>,
    /// All true days by pseudonym in lower case.
    days: BTreeMap<String, &'a BTreeSet<Date>>,
    /// By pseudonym, the days that are written.
    shifted: BTreeMap<String, BTreeSet<String>>,
}

/// What svh itself writes into tables, which holds nothing of any header: a patient called Hand is not found in "left hand".
pub(super) struct OwnTexts(BTreeSet<String>);

impl OwnTexts {
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(texts.into_iter().filter(|text| !text.is_empty()).map(str::to_lowercase).collect())
    }

    /// A line without these texts, where a cell or the whole line is one of them.
    fn without(&self, line: &str) -> String {
        if self.0.contains(line) {
            return String::new();
        }
        let cell = |cell: &str| if self.0.contains(cell.trim_matches('"')) { String::new() } else { cell.to_owned() };
        line.split(',').map(cell).collect::<Vec<_>>().join(",")
    }
}

impl<'a> Wanted<'a> {
    /// Everything that a plan's files have; the second list has what is too short to be searched for.
    ///
    /// # Errors
    /// More values than can be searched for at once.
    pub fn of(plan: &'a Plan) -> io::Result<(Self, Vec<(&'static str, String)>)> {
        let (mut names, mut short, mut dates) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        for (tag, value) in plan.files.iter().flat_map(|file| &file.names) {
            match value.parse::<Date>() {
                Ok(date) if tag.ends_with("Date") || *tag == "DateOfSecondaryCapture" => drop(dates.insert(date)),
                _ if value.chars().count() < SHORTEST => drop(short.insert((*tag, value.clone()))),
                _ => drop(names.insert(value.to_lowercase(), *tag)),
            }
        }
        let (names, tags): (Vec<String>, Vec<&'static str>) = names.into_iter().unzip();
        let names = AhoCorasick::new(names).map_err(io::Error::other)?;
        let mut shifted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for film in &plan.films {
            shifted.entry(film.patient.to_lowercase()).or_default().insert(film.date.to_string());
        }
        let days = plan.days.iter().map(|(patient, days)| (patient.to_lowercase(), days)).collect();
        Ok((Self { tags, names, dates, days, shifted }, short.into_iter().collect()))
    }

    /// How many values are searched for.
    pub fn len(&self) -> usize {
        self.tags.len() + self.dates.len()
    }

    /// Searches every name and file below a folder; of pictures everything but their pixels.
    pub fn search(&self, folder: &Path, own: &OwnTexts) -> io::Result<Vec<Leak>> {
        let mut leaks = Vec::new();
        self.below(folder, folder, own, &mut leaks)?;
        Ok(leaks)
    }

    fn below(&self, root: &Path, folder: &Path, own: &OwnTexts, leaks: &mut Vec<Leak>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let place = entry.path().strip_prefix(root).unwrap_or(Path::new("?")).display().to_string();
            self.line(&entry.file_name().to_string_lossy(), &place, own, leaks);
            if entry.file_type()?.is_dir() {
                self.below(root, &entry.path(), own, leaks)?;
                continue;
            }
            let bytes = fs::read(entry.path())?;
            let text = match bytes.starts_with(b"\x89PNG") {
                true => metadata_of_png(&bytes),
                false => bytes,
            };
            for line in String::from_utf8_lossy(&text).lines() {
                self.line(line, &place, own, leaks);
            }
        }
        Ok(())
    }

    fn line(&self, line: &str, place: &str, own: &OwnTexts, leaks: &mut Vec<Leak>) {
        let mut line = own.without(&line.to_lowercase());
        // A patient's shifted day may be another patient's true one; in a line about a patient only this patient's true days are searched for.
        let patient = words(&line).find(|word| self.days.contains_key(*word)).map(str::to_owned);
        for date in patient.iter().filter_map(|patient| self.shifted.get(patient)).flatten() {
            line = line.replace(date, "");
        }
        let found = self.names.find_overlapping_iter(&line).find(|found| is_whole(&line, found.start(), found.end()));
        leaks.extend(found.map(|found| Leak { place: place.to_owned(), tag: self.tags[found.pattern().as_usize()] }));
        let dates = patient.and_then(|patient| self.days.get(&patient).copied()).unwrap_or(&self.dates);
        // Nothing else has eight digits together or parted by two signs.
        if line.bytes().filter(u8::is_ascii_digit).count() >= 8 {
            let shown = |date: &Date| stands_in(&date.compact(), &line) || stands_in(&date.to_string(), &line);
            leaks.extend(dates.iter().filter(|date| shown(date)).map(|_| Leak { place: place.to_owned(), tag: "StudyDate" }));
        }
    }
}

/// Words that may be a pseudonym: a set `PABC-V2` begins with one.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').filter(|word| !word.is_empty())
}

fn is_whole(text: &str, from: usize, to: usize) -> bool {
    let (before, after) = (text[..from].chars().next_back(), text[to..].chars().next());
    !before.into_iter().chain(after).any(char::is_alphanumeric)
}

/// Whether a value stands in a text as a whole: with neither letter nor digit before or behind it.
fn stands_in(value: &str, text: &str) -> bool {
    text.match_indices(value).any(|(at, found)| is_whole(text, at, at + found.len()))
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

    #[test]
    fn own_texts_are_not_searched_and_everything_beside_them_is() {
        let own = OwnTexts::of(["Left Hand", "film,header"]);
        assert_eq!(own.without("p1-v1-lh.png,left hand,muster"), "p1-v1-lh.png,,muster");
        assert_eq!((own.without("film,header").as_str(), own.without("hand").as_str()), ("", "hand"));
    }
}
