//! Films chosen by their tags.

use std::collections::BTreeSet;

use super::Tags;
use crate::{Cohort, Limb};

/// Which films are chosen: those with every tag of `with` and with none of `without`, in any case. A film has the tags of its patient, its own, and those of the
/// joints and boxes on it.
#[derive(Clone, Debug, Default)]
pub struct FilmFilter {
    tags: Tags,
    with: Vec<String>,
    without: Vec<String>,
}

impl FilmFilter {
    /// A filter by these names.
    ///
    /// # Errors
    /// A name that nothing has as a tag, in words.
    pub fn new(tags: Tags, with: &[String], without: &[String]) -> Result<Self, String> {
        let known: BTreeSet<String> = tags.counts().into_keys().map(str::to_lowercase).collect();
        if let Some(name) = with.iter().chain(without).find(|name| !known.contains(&name.to_lowercase())) {
            let there: Vec<&str> = known.iter().map(String::as_str).collect();
            let there = if there.is_empty() { "no tag is in use".to_owned() } else { format!("tags in use: {}", there.join(", ")) };
            return Err(format!("nothing has the tag `{name}`; {there}"));
        }
        let lower = |names: &[String]| names.iter().map(|name| name.to_lowercase()).collect();
        Ok(Self { with: lower(with), without: lower(without), tags })
    }

    /// Whether every film passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.with.is_empty() && self.without.is_empty()
    }

    /// Whether a film passes.
    #[must_use]
    pub fn keeps(&self, patient: &str, limb: Limb) -> bool {
        if self.is_empty() {
            return true;
        }
        let own: BTreeSet<String> = self.tags.of_film(patient, limb).into_iter().map(str::to_lowercase).collect();
        self.with.iter().all(|tag| own.contains(tag)) && !self.without.iter().any(|tag| own.contains(tag))
    }

    /// The patients of a cohort of whom a film passes, by id.
    #[must_use]
    pub fn patients(&self, cohort: &Cohort) -> Vec<String> {
        let passes = |id: &str| Limb::ALL.iter().any(|limb| self.keeps(id, *limb));
        cohort.patients().iter().filter(|patient| passes(&patient.id)).map(|patient| patient.id.clone()).collect()
    }
}
