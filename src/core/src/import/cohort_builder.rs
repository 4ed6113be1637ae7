//! A cohort that is to be: films, boxes and grades as they were found, and the writing of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::names::{file_name, patient_and_limb, stem};
use super::{ImportError, Report};
use crate::atomic::{self, WriteError};
use crate::cohort::{FILMS_FOLDER, TABLE_NAME, labels_folder};
use crate::link_mode::LinkMode;
use crate::ra2::quoted;
use crate::staging::Staging;
use crate::voc::inside;
use crate::{BBox, Film, GradeTable, Joint, LabelledBox, Limb, Placed, Task, VocFile, VocObject};

/// Patient and limb.
pub(super) type Key = (String, Limb);

/// A film with its boxes.
#[derive(Clone, Debug)]
struct DraftFilm {
    path: PathBuf,
    size: (u32, u32),
    /// By task.
    boxes: [Vec<LabelledBox>; 2],
    /// Label files that are taken as they are, by task.
    files: [Option<PathBuf>; 2],
}

/// What would be imported.
#[derive(Clone, Debug, Default)]
pub struct CohortBuilder {
    films: BTreeMap<Key, DraftFilm>,
    /// Films whose limb nobody told, in formats that may hold such.
    limbless: Vec<PathBuf>,
    pub(super) grades: GradeTable,
    /// Graded without a film.
    filmless: BTreeSet<Key>,
    splits: BTreeMap<Key, String>,
    pub(super) report: Report,
}

impl CohortBuilder {
    /// Takes a film; `None`, with the reason in the report, where it cannot be taken. A film that was taken already is found again.
    pub(super) fn film(&mut self, path: &Path, limb: Option<Limb>) -> Option<Key> {
        let name = file_name(path);
        let Some(key) = patient_and_limb(stem(&name), limb) else {
            self.report.leave("film", &name, "the name does not say the limb; rename it to PATIENT-LH, or say it with --limb");
            return None;
        };
        match self.films.get(&key) {
            Some(known) if known.path == path => return Some(key),
            Some(known) => {
                let reason = format!("{} is a film of the same patient and limb", file_name(&known.path));
                self.report.leave("film", &name, reason);
                return None;
            }
            None => {}
        }
        let size = match Film::size(path) {
            Ok(size) => size,
            Err(error) => {
                self.report.leave("film", &name, error.to_string());
                return None;
            }
        };
        let film = DraftFilm { path: path.to_owned(), size, boxes: Default::default(), files: Default::default() };
        self.films.insert(key.clone(), film);
        Some(key)
    }

    /// Takes a film without limb.
    pub(super) fn limbless(&mut self, path: PathBuf) {
        match Film::size(&path) {
            Ok(_) => self.limbless.push(path),
            Err(error) => self.report.leave("film", &file_name(&path), error.to_string()),
        }
    }

    /// Width and height of a film that was taken.
    pub(super) fn size(&self, key: &Key) -> Option<(u32, u32)> {
        self.films.get(key).map(|film| film.size)
    }

    /// Takes a box of a film that was taken, if it is in order and the joint has none.
    pub(super) fn add_box(&mut self, key: &Key, joint: &'static Joint, bbox: BBox, difficult: bool) {
        let Some(film) = self.films.get_mut(key) else { return };
        let name = format!("{} of {}", joint.label, file_name(&film.path));
        let boxes = &mut film.boxes[joint.task as usize];
        if boxes.iter().any(|known| known.joint == joint) {
            self.report.leave("box", &name, format!("the joint has a box of {} already", joint.task));
            return;
        }
        match inside(&joint.label, bbox, Some(film.size)) {
            Ok(bbox) => boxes.push(LabelledBox { joint, bbox, difficult, placed: Placed::Reader }),
            Err(problem) => self.report.leave("box", &name, problem.to_string()),
        }
    }

    /// Takes a label file as it is, with the boxes that it holds.
    pub(super) fn add_file(&mut self, key: &Key, task: Task, file: PathBuf, boxes: Vec<LabelledBox>) {
        if let Some(film) = self.films.get_mut(key) {
            film.boxes[task as usize] = boxes;
            film.files[task as usize] = Some(file);
        }
    }

    /// Sets a grade, unless the joint has another one already.
    pub(super) fn grade(&mut self, patient: &str, joint: &'static Joint, grade: u8, from: &str) {
        let mut row = self.grades.get(patient).copied().unwrap_or_default();
        let what = format!("{} of {from}", joint.ra2_column);
        if row.get(joint).is_some_and(|known| known != grade) {
            self.report.leave("grade", &what, "the patient has another grade of this joint already");
            return;
        }
        match row.set(joint, Some(grade)) {
            Ok(()) => drop(self.grades.insert(patient, row)),
            Err(error) => self.report.leave("grade", &what, error.to_string()),
        }
    }

    /// Keeps that a limb was graded whose film is not there.
    pub(super) fn without_film(&mut self, patient: String, limb: Limb) {
        self.filmless.insert((patient, limb));
    }

    /// Every limb that was met.
    pub(super) fn keys(&self) -> BTreeSet<Key> {
        self.films.keys().chain(&self.filmless).cloned().collect()
    }

    /// Keeps the split of a limb.
    pub(super) fn split(&mut self, key: &Key, split: &str) {
        self.splits.insert(key.clone(), split.to_owned());
    }

    /// How many graded patients have no film.
    pub(super) fn patients_without_films(&self) -> usize {
        let patients: BTreeSet<&String> = self.films.keys().map(|(patient, _)| patient).collect();
        self.grades.patients().iter().filter(|patient| !patients.contains(patient)).count()
    }

    /// Whether nothing was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.films.is_empty() && self.limbless.is_empty() && self.grades.rows().iter().all(|row| row.scored() == 0)
    }

    /// What was taken, left out and is to be known.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        let mut patients: Vec<&str> = self.films.keys().map(|(patient, _)| patient.as_str()).collect();
        patients.extend(self.grades.patients().iter().map(String::as_str));
        patients.sort_unstable();
        patients.dedup();
        report.patients = patients.len() + self.limbless.len();
        report.films = self.films.len() + self.limbless.len();
        let boxes = |task: Task| self.films.values().map(|film| film.boxes[task as usize].len()).sum();
        let grades =
            |task: Task| self.grades.rows().iter().flat_map(crate::GradeRow::known).filter(|(joint, _)| joint.task == task).count();
        report.boxes = Task::ALL.map(|task| (task, boxes(task))).into();
        report.grades = Task::ALL.map(|task| (task, grades(task))).into();
        report.left_out.sort_by_key(|left| std::cmp::Reverse(left.count));
        report
    }

    /// Makes the cohort in a new or empty folder, where it appears when it is complete. `stop` ends the work, `progress` is told films done and in all.
    ///
    /// # Errors
    /// A folder that is taken or cannot be written to; then nothing is left behind. Films that cannot be read any more are in the report that comes back.
    pub fn write(&self, out: &Path, bring: LinkMode, stop: &AtomicBool, progress: impl Fn(usize, usize)) -> Result<Report, ImportError> {
        let staging = Staging::begin(out, stop)?;
        let (folder, total) = (staging.path(), self.films.len() + self.limbless.len());
        make(&folder.join(FILMS_FOLDER))?;
        let mut report = self.report();
        for (done, (key, film)) in self.films.iter().enumerate() {
            staging.go_on()?;
            if let Some(why) = film.write(folder, key, bring)? {
                report.leave("film", &file_name(&film.path), why);
            }
            progress(done + 1, total);
        }
        for path in &self.limbless {
            staging.go_on()?;
            if let Some(why) = bring.file(path, &folder.join(FILMS_FOLDER).join(file_name(path)))? {
                report.leave("film", &file_name(path), why);
            }
        }
        if !self.grades.is_empty() {
            self.grades.write(&folder.join(TABLE_NAME))?;
        }
        if !self.splits.is_empty() {
            let lines: String = self
                .splits
                .iter()
                .map(|((patient, limb), split)| format!("{},{}\n", quoted(&format!("{patient}-{limb}")), quoted(split)))
                .collect();
            atomic::write(&folder.join(crate::cohort::SPLITS), format!("film,split\n{lines}").as_bytes())?;
        }
        let recipe = json!({ "made_by": "svh import", "version": env!("CARGO_PKG_VERSION"), "report": report });
        atomic::write(&folder.join("import.json"), format!("{recipe:#}\n").as_bytes())?;
        staging.commit()?;
        Ok(report)
    }
}

impl DraftFilm {
    /// Why the film cannot be read any more, where it cannot: then nothing of it is written.
    fn write(&self, folder: &Path, (patient, limb): &Key, bring: LinkMode) -> Result<Option<String>, WriteError> {
        let old = file_name(&self.path);
        // A name that says patient and limb in svh's way stays.
        let keeps = Limb::split_stem(stem(&old)) == Some((patient.as_str(), *limb));
        let ending = old.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
        let name = if keeps { old.clone() } else { format!("{patient}-{limb}.{ending}") };
        if let Some(why) = bring.file(&self.path, &folder.join(FILMS_FOLDER).join(&name))? {
            return Ok(Some(why));
        }
        for task in Task::ALL {
            let (boxes, file) = (&self.boxes[task as usize], &self.files[task as usize]);
            if boxes.is_empty() && file.is_none() {
                continue;
            }
            let labels = folder.join(labels_folder(task));
            make(&labels)?;
            let path = labels.join(format!("{}.xml", stem(&name)));
            match file {
                // A file is small, and a hard link to it would let two cohorts change each other's labels.
                Some(file) => {
                    if let Some(why) = LinkMode::Copy.file(file, &path)? {
                        return Ok(Some(why));
                    }
                }
                None => self.voc(&name, boxes).write(&path)?,
            }
        }
        Ok(None)
    }

    fn voc(&self, name: &str, boxes: &[LabelledBox]) -> VocFile {
        let film = Path::new(FILMS_FOLDER).join(name);
        let mut file = VocFile::new(&film, &film, self.size);
        for labelled in boxes {
            file.add(&VocObject { name: labelled.joint.label.clone(), bbox: labelled.bbox, difficult: labelled.difficult });
        }
        file
    }
}

fn make(folder: &Path) -> Result<(), WriteError> {
    crate::access::make_folders(folder).map_err(|error| WriteError::new(folder, error))
}
