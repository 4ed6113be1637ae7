//! The cohorts that are open at the same time: their folders, their names, and which one is shown. Each keeps its own runs, reviews, tags and screens; nothing of
//! one is seen in another.

use std::path::{Path, PathBuf};

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
}
