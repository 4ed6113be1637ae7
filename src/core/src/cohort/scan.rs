//! What is in a cohort's folder, from the names alone.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use super::{Cohort, CohortError, FILMS_FOLDER, Patient, TABLE_NAME, labels_folder};
use crate::{GradeTable, Limb, Task};

const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "png", "tif", "tiff", "bmp"];

pub fn open(root: &Path) -> Result<Cohort, CohortError> {
    let unreadable = |path: &Path, e: &io::Error| CohortError::Unreadable { path: path.to_owned(), reason: e.to_string() };
    let direct = film_names(root).map_err(|e| unreadable(root, &e))?;
    let inner = root.join(FILMS_FOLDER);
    let nested = match film_names(&inner) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        names => names.map_err(|e| unreadable(&inner, &e))?,
    };
    let table = root.join(TABLE_NAME);
    let grades = if table.exists() { Some(GradeTable::read(&table)?) } else { None };
    if direct.is_empty() && nested.is_empty() && grades.is_none() {
        return Err(CohortError::Nothing { path: root.to_owned() });
    }
    let (films_folder, names) = if nested.is_empty() { (root.to_owned(), direct) } else { (inner, nested) };
    let mut found = Found::default();
    for name in names {
        found.add(name);
    }
    for patient in grades.iter().flat_map(GradeTable::patients) {
        found.patient(patient);
    }
    for task in Task::ALL {
        found.mark_labels(task, root);
    }
    let Found { mut patients, mut problems, .. } = found;
    patients.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    problems.sort();
    Ok(Cohort { root: root.to_owned(), films_folder, patients, grades, problems })
}

/// The names of pictures in a folder, sorted; hidden files are none.
pub(crate) fn film_names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        // A name that is no Unicode could not be written into any table.
        let Ok(name) = entry?.file_name().into_string() else { continue };
        let extension = name.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
        if !name.starts_with('.') && EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn stem(name: &str) -> &str {
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
        let place = match self.places.get(id) {
            Some(place) => *place,
            None => {
                self.places.insert(id.to_owned(), self.patients.len());
                self.patients.push(Patient { id: id.to_owned(), ..Patient::default() });
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

    fn mark_labels(&mut self, task: Task, root: &Path) {
        let folder = labels_folder(task);
        // No folder means no labels.
        let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
        for name in entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
            let Some(stem) = name.strip_suffix(".xml").filter(|stem| !stem.starts_with('.')) else { continue };
            let film = Limb::split_stem(stem).and_then(|(id, limb)| Some((*self.places.get(id)?, limb)));
            match film {
                Some((place, limb)) if self.patients[place].is_film(limb, stem) => {
                    self.patients[place].labelled[task as usize][limb.index()] = true;
                }
                _ => self.problems.push(format!("{folder}/{name} is left out, as no film is named {stem}; rename or remove it")),
            }
        }
    }
}

impl Patient {
    fn is_film(&self, limb: Limb, film_stem: &str) -> bool {
        self.films[limb.index()].as_deref().is_some_and(|name| stem(name) == film_stem)
    }

    /// The stem of a film's name, which is that of its label files.
    pub(super) fn film_stem(&self, limb: Limb) -> Option<&str> {
        self.films[limb.index()].as_deref().map(stem)
    }
}
