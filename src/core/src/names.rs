//! Names as ids: one Unicode form, and what makes two of them look like one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A name in composed form (NFC): a Mac writes `ü` as `u` and a mark, other systems as one letter, and both are the same name.
#[must_use]
pub fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() || is_nfc(name) { Cow::Borrowed(name) } else { Cow::Owned(name.nfc().collect()) }
}

/// What is left of an id without case, leading zeros, and everything that is neither letter nor digit: `PHA-007` and `pha7` have the same.
fn folded(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    let mut in_number = false;
    for c in id.nfkc().flat_map(char::to_lowercase) {
        if c == '0' && !in_number {
            continue;
        }
        in_number = c.is_ascii_digit();
        if c.is_alphanumeric() {
            out.push(c);
        }
    }
    out
}

/// So many pairs are named.
const SHOWN: usize = 3;

/// What is to be said of patients that look like one: ids that differ in case, zeros or signs alone, and a table whose patients have no film beside films
/// whose patients have no grade. `with_films` and `graded` may have ids in common.
#[must_use]
pub(crate) fn look_alikes<'a>(with_films: impl Iterator<Item = &'a str>, graded: Option<impl Iterator<Item = &'a str>>) -> Vec<String> {
    let films: BTreeSet<&str> = with_films.collect();
    let table: Option<BTreeSet<&str>> = graded.map(Iterator::collect);
    let mut alike: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for id in films.iter().chain(table.iter().flatten()) {
        alike.entry(folded(id)).or_default().insert(id);
    }
    let groups: Vec<String> = alike
        .into_iter()
        .filter(|(folded, ids)| ids.len() > 1 && !folded.is_empty())
        .map(|(_, ids)| ids.into_iter().collect::<Vec<_>>().join(" and "))
        .collect();
    let mut told = Vec::new();
    if !groups.is_empty() {
        told.push(format!(
            "{} are treated as different patients although they differ only in leading zeros, case or punctuation; if they are the same, give them one id in \
             training.csv and in the names of the films (a spreadsheet drops zeros: import such a column as text)",
            some(&groups)
        ));
    }
    let Some(table) = table.filter(|table| groups.is_empty() && !table.is_empty() && !films.is_empty()) else { return told };
    if table.is_disjoint(&films) {
        let names = |ids: &BTreeSet<&str>| some(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        told.push(format!(
            "no patient has both films and grades: the films are of {} and the grades of {}; give both the same ids",
            names(&films),
            names(&table)
        ));
    }
    told
}

/// The first of some names, and how many there are more.
fn some(names: &[String]) -> String {
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(films: &[&str], graded: &[&str]) -> Vec<String> {
        look_alikes(films.iter().copied(), (!graded.is_empty()).then(|| graded.iter().copied()))
    }

    #[test]
    fn both_forms_of_a_letter_are_one_name() {
        assert_eq!((nfc("Mu\u{308}ller"), nfc("Müller"), nfc("P1")), ("Müller".into(), Cow::Borrowed("Müller"), Cow::Borrowed("P1")));
    }

    #[test]
    fn ids_that_a_spreadsheet_changed_are_told() {
        assert!(told(&["007", "008"], &["7", "8"])[0].starts_with("007 and 7, 008 and 8 are treated as different patients"));
        assert!(told(&["PHA-001", "pha1"], &[])[0].starts_with("PHA-001 and pha1 are"));
        assert!(told(&["A1_v1", "A2_v1"], &["A1", "A2"])[0].contains("no patient has both"));
        assert!(told(&["UAB001", "UAB002"], &["UAB001", "UAB003"]).is_empty());
        assert!(told(&["P1", "P10", "P100"], &["P1", "P10"]).is_empty() && told(&["A"], &[]).is_empty() && told(&[], &["A"]).is_empty());
    }
}
