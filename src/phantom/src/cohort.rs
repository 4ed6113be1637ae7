//! A cohort on disk in RA2's layout: `training.csv`, `images/`, `narrowing_labels/`, `erosion_labels/`, and `phantom.json` with what made it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use rayon::prelude::*;
use serde::Serialize;
use svh_core::cohort::{FILMS_FOLDER, TABLE_NAME, labels_folder};
use svh_core::staging::{Staging, StagingError};
use svh_core::{BBox, GradeRow, GradeTable, Limb, Task, VocFile, VocObject};

use crate::render::{FilmSpec, PhantomFilm, render_limb};
use crate::setting::{GradeMix, Setting};

/// What a cohort is made from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CohortSpec {
    /// Number of patients, four films each.
    pub patients: u32,
    /// The seed that everything follows from.
    pub seed: u64,
    /// Which ranges are drawn from.
    pub setting: Setting,
    /// How grades are drawn.
    pub mix: GradeMix,
    /// Longest side of a film in pixels; absent for the sizes of real films.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_side: Option<u32>,
    /// Share of grades written down one too high or too low, as readers do.
    pub label_noise: f32,
    /// Share of hand films that are cut to the wrist: 0 but for training detectors that must also read wrists.
    pub wrist_share: f32,
    /// Share of patients who still grow: more than usual for training detectors, which growth plates mislead.
    pub child_share: f32,
}

impl CohortSpec {
    /// A demonstration cohort: standard setting, natural grades, real sizes, 3 % label noise.
    #[must_use]
    pub const fn new(patients: u32, seed: u64) -> Self {
        let FilmSpec { setting, mix, max_side, label_noise, wrist_share, child_share, .. } = FilmSpec::new(seed, 0, Limb::LeftHand);
        Self { patients, seed, setting, mix, max_side, label_noise, wrist_share, child_share }
    }

    /// The specification of one film of the cohort.
    #[must_use]
    pub const fn film(&self, patient: u32, limb: Limb) -> FilmSpec {
        FilmSpec {
            seed: self.seed,
            patient,
            limb,
            setting: self.setting,
            mix: self.mix,
            max_side: self.max_side,
            label_noise: self.label_noise,
            wrist_share: self.wrist_share,
            child_share: self.child_share,
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Patients.
    pub patients: u32,
    /// Films.
    pub films: usize,
    /// Boxes in all label files.
    pub boxes: usize,
}

/// Why a cohort could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PhantomError {
    /// The folder holds something.
    #[error("{} is not empty; name a new folder for the cohort", .0.display())]
    NotEmpty(PathBuf),
    /// No patients were asked for.
    #[error("a cohort needs at least one patient; ask for more than 0")]
    NoPatients,
    /// More than the ids can name.
    #[error("a cohort holds at most 99999 patients, {0} were asked for; make several")]
    TooManyPatients(u32),
    /// Films too small to show a joint.
    #[error("films of {0} pixels are too small to show a joint; ask for a longest side of at least 128")]
    TooSmall(u32),
    /// Writing failed.
    #[error("{} cannot be written ({source}); free space or name another folder", .path.display())]
    Write {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder could not be made, or somebody asked for an end.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The picture could not be encoded.
    #[error("the film {} cannot be encoded: {source}", .path.display())]
    Encode {
        /// Which film.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
}

/// The id of a patient: `PHA001` is the first.
#[must_use]
pub fn patient_id(patient: u32) -> String {
    format!("PHA{:03}", patient + 1)
}

/// Writes a cohort into `out`, which must be empty or new, and which holds nothing before the cohort is complete. `progress` is called with films done and films
/// in all, from several threads; `stop` may ask for an end at any time.
///
/// The same specification writes the same bytes, however many threads there are.
///
/// # Errors
/// When `out` holds something, when the specification asks for the impossible, when a file cannot be written, and when somebody asked for an end; then nothing of
/// it is left.
pub fn generate(out: &Path, spec: &CohortSpec, stop: &AtomicBool, progress: impl Fn(usize, usize) + Sync) -> Result<Summary, PhantomError> {
    check(out, spec)?;
    let staging = Staging::begin(out, stop)?;
    let place = Place { target: out, staged: staging.path() };
    for folder in [FILMS_FOLDER, labels_folder(Task::Narrowing), labels_folder(Task::Erosion)] {
        svh_core::access::make_folders(&place.staged.join(folder))
            .map_err(|source| PhantomError::Write { path: out.join(folder), source })?;
    }
    let total = spec.patients as usize * Limb::ALL.len();
    let done = AtomicUsize::new(0);
    let films: Vec<(u32, Limb)> = (0..spec.patients).flat_map(|patient| Limb::ALL.map(|limb| (patient, limb))).collect();
    let boxes = films
        .par_iter()
        .map(|(patient, limb)| {
            staging.go_on()?;
            let film = render_limb(&spec.film(*patient, *limb));
            let boxes = write_film(&place, &format!("{}-{limb}", patient_id(*patient)), *limb, &film)?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Ok(boxes)
        })
        .collect::<Result<Vec<usize>, PhantomError>>()?;
    place.write(Path::new(TABLE_NAME), grade_table(spec).to_csv().as_bytes())?;
    place.write(Path::new("phantom.json"), recipe(spec).as_bytes())?;
    staging.commit()?;
    Ok(Summary { patients: spec.patients, films: total, boxes: boxes.iter().sum() })
}

/// Where the cohort will be, by which its files are named, and where it is until it is complete.
struct Place<'a> {
    target: &'a Path,
    staged: &'a Path,
}

impl Place<'_> {
    fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), PhantomError> {
        svh_core::access::write(&self.staged.join(file), bytes)
            .map_err(|source| PhantomError::Write { path: self.target.join(file), source })
    }
}

fn check(out: &Path, spec: &CohortSpec) -> Result<(), PhantomError> {
    match spec.patients {
        0 => return Err(PhantomError::NoPatients),
        n if n > 99_999 => return Err(PhantomError::TooManyPatients(n)),
        _ => {}
    }
    if let Some(side) = spec.max_side.filter(|side| *side < 128) {
        return Err(PhantomError::TooSmall(side));
    }
    let mut entries = match std::fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(PhantomError::Write { path: out.to_owned(), source }),
    };
    if entries.next().is_some() { Err(PhantomError::NotEmpty(out.to_owned())) } else { Ok(()) }
}

/// Writes the picture and its label files; returns the number of boxes.
fn write_film(place: &Place, stem: &str, limb: Limb, film: &PhantomFilm) -> Result<usize, PhantomError> {
    let name = format!("{stem}.jpg");
    let path = Path::new(FILMS_FOLDER).join(&name);
    let mut bytes = Vec::new();
    let (width, height) = film.picture.dimensions();
    JpegEncoder::new_with_quality(&mut bytes, 88)
        .encode(film.picture.as_raw(), width, height, ExtendedColorType::L8)
        .map_err(|source| PhantomError::Encode { path: place.target.join(&path), source })?;
    place.write(&path, &bytes)?;
    let mut count = 0;
    for task in Task::ALL {
        // The layout's erosion labels are of hands only; a foot's erosion boxes are its narrowing boxes.
        if task == Task::Erosion && !limb.is_hand() {
            continue;
        }
        let path = PathBuf::from(labels_folder(task)).join(format!("{stem}.xml"));
        place.write(&path, voc(&place.target.join(&path), &name, (width, height), film, task).as_bytes())?;
        count += film.boxes_of(task).count();
    }
    Ok(count)
}

/// Pascal VOC as LabelImg writes it, whole pixels.
fn voc(path: &Path, name: &str, size: (u32, u32), film: &PhantomFilm, task: Task) -> String {
    let mut file = VocFile::new(path, &Path::new(FILMS_FOLDER).join(name), size);
    for (joint, b) in film.boxes_of(task) {
        let bbox = BBox { x0: b.x0.round(), y0: b.y0.round(), x1: b.x1.round(), y1: b.y1.round() };
        file.add(&VocObject { name: joint.label.clone(), bbox, difficult: false });
    }
    file.to_text()
}

/// The grades as the reader wrote them down; totals follow from them.
fn grade_table(spec: &CohortSpec) -> GradeTable {
    let mut table = GradeTable::new();
    for patient in 0..spec.patients {
        let mut row = GradeRow::default();
        for limb in Limb::ALL {
            for (joint, _, written) in spec.film(patient, limb).grades().joints {
                // Drawn within the joint's scale, so it cannot be refused.
                row.set(joint, Some(written)).ok();
            }
        }
        table.insert(&patient_id(patient), row);
    }
    table
}

/// What made the cohort, so that it can be made again.
fn recipe(spec: &CohortSpec) -> String {
    let recipe = serde_json::json!({ "made_by": "svh-phantom", "version": env!("CARGO_PKG_VERSION"), "spec": spec });
    format!("{recipe:#}\n")
}
