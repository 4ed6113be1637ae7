//! The cohorts that are open at the same time: their names, which one is shown, switching to another and opening one more. Each keeps its own runs, reviews, tags
//! and screens; nothing of one is seen in another.

use std::path::{Path, PathBuf};

use super::{
    action::Effect,
    message::Message,
    palette::{self, Offer},
    state::State,
};

/// The open cohorts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohorts {
    /// Their folders, as they were named.
    pub roots: Vec<PathBuf>,
    /// The place of the one whose state this is.
    pub at: usize,
}

impl Cohorts {
    /// These cohorts, seen from one of them.
    #[must_use]
    pub const fn of(roots: Vec<PathBuf>, at: usize) -> Self {
        Self { roots, at }
    }

    /// What tells a cohort from the others, with its place: `ra2 1/2`; of two folders of one name the folder above too. `None` where only one is open.
    #[must_use]
    pub fn label(&self, place: usize) -> Option<String> {
        let root = self.roots.get(place).filter(|_| self.roots.len() > 1)?;
        let tail = |root: &Path, parts: usize| {
            let names: Vec<_> = root.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
            names[names.len().saturating_sub(parts)..].join("/")
        };
        let is_alone = |parts: usize| self.roots.iter().filter(|other| tail(other, parts) == tail(root, parts)).count() == 1;
        let name = (1..4).find(|parts| is_alone(*parts)).map_or_else(|| root.display().to_string(), |parts| tail(root, parts));
        Some(format!("{name} {}/{}", place + 1, self.roots.len()))
    }
}

/// Offers the open cohorts, and to open another.
pub fn offer(state: &mut State) -> Vec<Effect> {
    palette::open(state, Offer::Cohorts);
    Vec::new()
}

/// Goes to an open cohort.
pub fn switch(state: &mut State, place: usize) -> Vec<Effect> {
    if place == state.cohorts.at {
        let name = state.name();
        state.message = Some(Message::info(format!("{name} is shown already")));
        return Vec::new();
    }
    vec![Effect::SwitchCohort(place)]
}

/// Opens the cohort in a folder that was typed; `~/` stands for the home folder.
pub fn open(typed: &str, get: impl Fn(&str) -> Option<String>) -> Vec<Effect> {
    let typed = typed.trim();
    let home = typed.strip_prefix("~/").zip(get("HOME"));
    vec![Effect::OpenCohort(home.map_or_else(|| PathBuf::from(typed), |(rest, home)| Path::new(&home).join(rest)))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cohorts_of_one_name_are_told_apart_by_the_folder_above() {
        let of = |roots: &[&str]| Cohorts::of(roots.iter().map(PathBuf::from).collect(), 0);
        let two = of(&["/a/ra2", "/b/demo"]);
        assert_eq!((two.label(0).as_deref(), two.label(1).as_deref()), (Some("ra2 1/2"), Some("demo 2/2")));
        let alike = of(&["/a/train", "/b/train"]);
        assert_eq!((alike.label(0).as_deref(), alike.label(1).as_deref()), (Some("a/train 1/2"), Some("b/train 2/2")));
        assert_eq!(of(&["/a/ra2"]).label(0), None, "one alone needs no number");
    }

    #[test]
    fn a_typed_folder_may_begin_at_home() {
        let home = |name: &str| (name == "HOME").then(|| "/home/kim".to_owned());
        assert_eq!(open(" ~/ra2 ", home), [Effect::OpenCohort("/home/kim/ra2".into())]);
        assert_eq!(open("data/ra2", home), [Effect::OpenCohort("data/ra2".into())]);
    }
}
