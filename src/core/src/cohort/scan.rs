//! What is in a cohort's folder, from the names alone.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::listing::{self, Listing};
use super::{Cohort, CohortError, FILMS_FOLDER, LabelName, Patient, TABLE_NAME, labels_folder};
use crate::names::{look_alikes, nfc};
use crate::{GradeTable, Limb, Task, intake};

pub fn open(root: &Path) -> Result<Cohort, CohortError> {
    let unreadable = |path: &Path, e: &io::Error| CohortError::Unreadable { path: path.to_owned(), reason: e.to_string() };
    let inner = root.join(FILMS_FOLDER);
    let has_inner = intake::is_there(&inner);
    let mut direct = listing::list(root, false).map_err(|e| unreadable(root, &e))?;
    let nested = if has_inner { listing::list(&inner, true).map_err(|e| unreadable(&inner, &e))? } else { Listing::default() };
    let table = table_path(root);
    let grades = table.map(|table| GradeTable::read(&table)).transpose()?;
    if direct.films.is_empty() && nested.films.is_empty() && grades.is_none() {
        let there = nested.left_out.into_iter().chain(direct.left_out).collect::<Vec<_>>().join("; ");
        return Err(CohortError::Nothing { path: root.to_owned(), there });
    }
    if !nested.films.is_empty()
        && let Some(first) = direct.films.first()
    {
        let (count, is) = (direct.films.len(), if direct.films.len() == 1 { "is" } else { "are" });
        direct.left_out.push(format!("{count} films beside {FILMS_FOLDER}/ ({first}...) {is} left out; move them into {FILMS_FOLDER}/"));
    }
    let mut found = Found { problems: direct.left_out, ..Found::default() };
    found.problems.extend(nested.left_out);
    let (films_folder, names) = if nested.films.is_empty() { (root.to_owned(), direct.films) } else { (inner, nested.films) };
    for name in names {
        found.add(name);
    }
    let filmed = found.patients.len();
    for patient in grades.iter().flat_map(GradeTable::patients) {
        found.patient(patient);
    }
    for task in Task::ALL {
        found.mark_labels(task, root)?;
    }
    let with_films = found.patients[..filmed].iter().map(|patient| patient.id.as_str());
    let alike = look_alikes(with_films, grades.as_ref().map(|table| table.patients().iter().map(String::as_str)));
    found.problems.extend(alike);
    let Found { mut patients, mut problems, .. } = found;
    patients.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    problems.sort();
    Ok(Cohort { root: root.to_owned(), films_folder, patients, grades, problems })
}

/// The names of pictures in a folder, sorted; hidden files are none.
pub(crate) fn film_names(folder: &Path) -> io::Result<Vec<String>> {
    Ok(listing::list(folder, false)?.films)
}

/// The table of grades in a cohort's folder, its name in any case; `None` without one. One that cannot be read is there.
#[must_use]
pub fn table_path(root: &Path) -> Option<PathBuf> {
    let usual = root.join(TABLE_NAME);
    if intake::is_there(&usual) {
        return Some(usual);
    }
    let names = fs::read_dir(root).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.eq_ignore_ascii_case(TABLE_NAME)).min().map(|name| root.join(name))
}

pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[derive(Default)]
struct Found {
    patients: Vec<Patient>,
    places: HashMap<String, usize>,
    problems: Vec<String>,
}

impl Found {
    fn patient(&mut self, id: &str) -> &mut Patient {
        let id = nfc(id);
        let place = match self.places.get(&*id) {
            Some(place) => *place,
            None => {
                self.places.insert(id.clone().into_owned(), self.patients.len());
                self.patients.push(Patient { id: id.into_owned(), ..Patient::default() });
                self.patients.len() - 1
            }
        };
        &mut self.patients[place]
    }

    fn add(&mut self, name: String) {
        let slot = match Limb::split_stem(stem(&name)) {
            Some((id, limb)) => &mut self.patient(id).films[limb.index()],
            None => &mut self.patient(stem(&name)).limbless,
        };
        match slot {
            Some(first) => {
                let problem = format!("{name} is left out, as {first} is a film of the same patient and limb; rename or remove one");
                self.problems.push(problem);
            }
            None => *slot = Some(name.into_boxed_str()),
        }
    }

    /// Finds the label files of a task. A folder that cannot be read is not one without labels.
    fn mark_labels(&mut self, task: Task, root: &Path) -> Result<(), CohortError> {
        let folder = labels_folder(task);
        let path = root.join(folder);
        if !intake::is_there(&path) {
            return Ok(());
        }
        let unreadable = |error: io::Error| CohortError::Labels { path: path.clone(), reason: error.to_string() };
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(unreadable)? {
            match entry.map_err(unreadable)?.file_name().into_string() {
                Ok(name) => names.push(name),
                Err(name) => {
                    self.problems.push(format!("{folder}/{} is left out, as its name is not UTF-8; rename it", name.to_string_lossy()));
                }
            }
        }
        // `a.xml` goes before `a.XML`.
        names.sort_unstable_by(|a, b| b.cmp(a));
        for name in names {
            let Some((stem, ending)) = name.rsplit_once('.') else { continue };
            if !ending.eq_ignore_ascii_case("xml") || stem.starts_with('.') {
                continue;
            }
            let film = Limb::split_stem(stem).and_then(|(id, limb)| Some((*self.places.get(&*nfc(id))?, limb)));
            match film {
                Some((place, limb)) if self.patients[place].is_film(limb, stem) => {
                    let patient = &mut self.patients[place];
                    let usual = patient.film_stem(limb).is_some_and(|film| name.strip_suffix(".xml") == Some(film));
                    let slot = &mut patient.labels[task as usize][limb.index()];
                    match slot {
                        LabelName::None if usual => *slot = LabelName::Usual,
                        LabelName::None => *slot = LabelName::Named(name.into_boxed_str()),
                        _ => {
                            self.problems
                                .push(format!("{folder}/{name} is left out, as the film has another label file; keep one of them"));
                        }
                    }
                }
                _ => self.problems.push(format!("{folder}/{name} is left out, as no film is named {stem}; rename or remove it")),
            }
        }
        Ok(())
    }
}

impl Patient {
    fn is_film(&self, limb: Limb, film_stem: &str) -> bool {
        self.film_stem(limb).is_some_and(|stem| nfc(stem) == nfc(film_stem))
    }

    /// The stem of a film's name, which is that of its label files.
    pub(super) fn film_stem(&self, limb: Limb) -> Option<&str> {
        self.films[limb.index()].as_deref().map(stem)
    }
}
