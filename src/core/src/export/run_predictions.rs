//! What a run says, as boxes and grades.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::names::nfc;
use crate::run::RunResults;
use crate::{
    Cohort, Film, FilmDetections, FilmLabels, GradeRow, GradeTable, LabelledBox, Limb, Patient, PatientScore, Placed, ResultLine, RunError,
    RunReader, Task, joint,
};

/// The results of a run, found by the names of films and patients.
#[derive(Clone, Debug)]
pub struct RunPredictions {
    folder: PathBuf,
    /// By file name: the run may have been made from another folder.
    films: HashMap<String, FilmDetections>,
    patients: Vec<PatientScore>,
    /// That lines of the run are damaged.
    problem: Option<String>,
}

/// The patient that a film's name tells.
fn patient_of(name: &str) -> &str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Limb::split_stem(stem).map_or(stem, |(patient, _)| patient)
}

impl RunPredictions {
    /// Reads a run.
    ///
    /// # Errors
    /// A folder without a run, or results that cannot be read.
    pub fn read(folder: &Path) -> Result<Self, RunError> {
        let run = RunReader::open(folder)?;
        let name = |film: &str| Path::new(film).file_name().map_or_else(|| film.to_owned(), |name| name.to_string_lossy().into_owned());
        let RunResults { lines, problem } = run.read_results()?;
        let (mut films, mut patients) = (HashMap::new(), Vec::new());
        for line in lines {
            match line {
                ResultLine::Film(film) => drop(films.insert(nfc(&name(&film.film)).into_owned(), film)),
                ResultLine::Patient(patient) => patients.push(patient),
                ResultLine::Failed { .. } => {}
            }
        }
        Ok(Self { folder: folder.to_owned(), films, patients, problem })
    }

    /// The results of these films only, and the grades of their joints. Films are told by their names, as the cohort's are.
    #[must_use]
    pub fn only_films(mut self, keep: impl Fn(&str, Limb) -> bool) -> Self {
        self.films.retain(|name, film| keep(patient_of(name), film.limb));
        self.patients = self.patients.into_iter().filter_map(|patient| patient.only_limbs(&keep)).collect();
        self
    }

    /// The run's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// That lines of the run are damaged and left out, in one sentence; `None` where none is.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// What was found on a film of this name.
    #[must_use]
    pub fn film(&self, path: &Path) -> Option<&FilmDetections> {
        self.films.get(&*nfc(&path.file_name()?.to_string_lossy()))
    }

    /// The patients with their grades.
    #[must_use]
    pub fn patients(&self) -> &[PatientScore] {
        &self.patients
    }

    /// The boxes that count, one a joint; none where the film has another size by now. Whoever exports a run as labels takes them for his own.
    pub(super) fn labels(&self, cohort: &Cohort, patient: &Patient, limb: Limb) -> FilmLabels {
        let mut labels = FilmLabels::default();
        let Some((path, found)) =
            cohort.film(patient, limb).and_then(|path| Some((self.film(&path)?, path))).map(|(found, path)| (path, found))
        else {
            return labels;
        };
        if let Ok(size) = Film::size(&path)
            && size != (found.width, found.height)
        {
            labels.problems.push(format!(
                "{} has {} x {} pixels and had {} x {} when the run read it, so its boxes are left out; run it again",
                path.display(),
                size.0,
                size.1,
                found.width,
                found.height
            ));
            labels.unusable = [true; 2];
            return labels;
        }
        for detection in found.detections.iter().filter(|detection| detection.kept) {
            let Some(joint) = joint::by_class(detection.task, detection.class_id).filter(|joint| joint.limb == limb) else { continue };
            let boxes = if detection.task == Task::Narrowing { &mut labels.narrowing } else { &mut labels.erosion };
            boxes.push(LabelledBox { joint, bbox: detection.bbox, difficult: false, placed: Placed::Reader });
        }
        for boxes in [&mut labels.narrowing, &mut labels.erosion] {
            boxes.sort_by_key(|labelled| labelled.joint.class_id);
        }
        labels
    }

    /// The grades as a table; `None` without any.
    pub(super) fn table(&self) -> Option<GradeTable> {
        let mut table = GradeTable::new();
        for patient in &self.patients {
            let mut row = GradeRow::default();
            for joint in joint::all() {
                let grade = patient.joints.get(&joint.ra2_column).map(|score| score.grade.min(joint.max_grade));
                // Within the scale, so it cannot be refused.
                drop(row.set(joint, grade));
            }
            table.insert(&patient.patient, row);
        }
        (!table.is_empty()).then_some(table)
    }
}
