//! The little language of the filter: words that must all hold.

use svh_core::{MARKED_ABOVE, tags::Tags};

use super::columns::percent;
use crate::tui::{data::Row, tag_filter};

/// A filter, made from what the user typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// As typed.
    pub text: String,
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    /// The id contains this, in any case.
    Id(String),
    Graded(bool),
    Scored(bool),
    Labelled(bool),
    /// The patient, or anything of the patient, has this tag.
    Tag(String),
    Number(Quantity, Relation, i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantity {
    Films,
    Graded,
    Reader,
    Model,
    Difference,
    Open,
    Unfamiliar,
    Coarse,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Less,
    Equal,
    More,
}

impl Filter {
    /// Reads what was typed.
    ///
    /// # Errors
    /// One sentence about the first word that is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split_whitespace().map(word).collect::<Result<_, _>>()?;
        Ok(Self { text: text.trim().to_owned(), words })
    }

    /// Whether everybody is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a patient is shown.
    #[must_use]
    pub fn holds(&self, row: &Row, tags: &Tags) -> bool {
        self.words.iter().all(|word| match word {
            Word::Id(part) => contains(&row.patient.id, part),
            Word::Graded(wanted) => row.reference.is_some() == *wanted,
            Word::Scored(wanted) => row.model.is_some() == *wanted,
            Word::Labelled(wanted) => row.is_labelled() == *wanted,
            Word::Tag(tag) => tag_filter::hold(&tags.of_patient(&row.patient.id), tag),
            Word::Number(quantity, relation, number) => quantity.of(row).is_some_and(|value| match relation {
                Relation::Less => value < *number,
                Relation::Equal => value == *number,
                Relation::More => value > *number,
            }),
        })
    }
}

impl Quantity {
    fn of(self, row: &Row) -> Option<i64> {
        match self {
            Self::Films => i64::try_from(row.patient.film_count()).ok(),
            Self::Graded => Some(row.reference.map_or(0, |totals| i64::from(totals.all.joints))),
            Self::Reader => row.reference.map(|totals| i64::from(totals.all.total())),
            Self::Model => row.model.filter(|totals| totals.all.joints > 0).map(|totals| i64::from(totals.all.total())),
            Self::Difference => row.difference().map(i64::abs),
            Self::Open => row.model.map(|totals| i64::from(totals.all.open)),
            Self::Coarse => row.model.map(|totals| i64::from(totals.coarse)),
            Self::Unfamiliar => row.model.and_then(|totals| totals.unfamiliarity).map(percent),
        }
    }
}

fn word(text: &str) -> Result<Word, String> {
    if let Some(tag) = tag_filter::filter_word(text) {
        return Ok(Word::Tag(tag.to_owned()));
    }
    let lower = text.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "graded" => Word::Graded(true),
        "ungraded" => Word::Graded(false),
        "scored" => Word::Scored(true),
        "unscored" => Word::Scored(false),
        "labelled" | "labeled" => Word::Labelled(true),
        "unlabelled" | "unlabeled" => Word::Labelled(false),
        "open" => Word::Number(Quantity::Open, Relation::More, 0),
        "unfamiliar" => Word::Number(Quantity::Unfamiliar, Relation::More, percent(MARKED_ABOVE)),
        "coarse" => Word::Number(Quantity::Coarse, Relation::More, 0),
        _ => match lower.find(['<', '=', '>']) {
            Some(at) => number(&lower, at)?,
            None => Word::Id(lower),
        },
    })
}

fn number(text: &str, at: usize) -> Result<Word, String> {
    let quantity = match &text[..at] {
        "films" => Quantity::Films,
        "graded" => Quantity::Graded,
        "truth" | "reader" => Quantity::Reader,
        "model" => Quantity::Model,
        "diff" => Quantity::Difference,
        "open" => Quantity::Open,
        "unfamiliar" => Quantity::Unfamiliar,
        "coarse" => Quantity::Coarse,
        other => {
            return Err(format!(
                "`{other}` is not a valid filter; use films, graded, reader, model, diff, open, coarse or unfamiliar (in percent)"
            ));
        }
    };
    let relation = match text.as_bytes()[at] {
        b'<' => Relation::Less,
        b'>' => Relation::More,
        _ => Relation::Equal,
    };
    let number = text[at + 1..].parse().map_err(|_| format!("`{text}` needs a whole number after the sign, as in films<4"))?;
    Ok(Word::Number(quantity, relation, number))
}

/// Whether a text contains a part that is in lower case, in any case of its own.
#[must_use]
pub fn contains(text: &str, part: &str) -> bool {
    position(text, part).is_some()
}

/// Where a text contains a part that is in lower case; compared byte by byte, without a copy for each of many ids.
#[must_use]
pub fn position(text: &str, part: &str) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.as_bytes().windows(part.len()).position(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
