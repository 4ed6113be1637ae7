//! Cohorts and runs on disk, made of numbers that look random and are the same everywhere. Films are empty files: nothing here decodes one.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use svh_core::score::JointScore;
use svh_core::{
    BBox, Cohort, Detection, FilmDetections, GradeRow, GradeTable, Joint, Limb, PatientScore, RunInfo, RunKind, RunReader, RunStatus,
    RunWriter, Side, Task, VocFile, VocObject,
    box_selection::{self, RuleOptions},
    joint, layout,
    shape::ShapeModel,
};
use tempfile::TempDir;

/// Width and height of every film.
pub const SIZE: (u32, u32) = (1600, 2000);

/// A folder with a cohort in it.
pub struct Made {
    pub folder: TempDir,
    pub rng: ChaCha8Rng,
}

impl Made {
    pub fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["images", "narrowing_labels", "erosion_labels", "runs"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn cohort(&self) -> Cohort {
        Cohort::open(self.path()).unwrap()
    }

    pub fn film(&self, patient: &str, limb: Limb) -> PathBuf {
        self.path().join("images").join(format!("{patient}-{limb}.png"))
    }

    /// A film with the boxes that people drew.
    pub fn add_film(&self, patient: &str, limb: Limb, reference: &[(&'static Joint, BBox)]) {
        let film = self.film(patient, limb);
        fs::write(&film, b"").unwrap();
        for task in Task::ALL {
            let own: Vec<_> = reference.iter().filter(|(joint, _)| joint.task == task).collect();
            if own.is_empty() {
                continue;
            }
            let path = self.path().join(svh_core::cohort::labels_folder(task)).join(format!("{patient}-{limb}.xml"));
            let mut file = VocFile::new(&path, &film, SIZE);
            own.iter().for_each(|(joint, bbox)| file.add(&VocObject { name: joint.label.clone(), bbox: *bbox, difficult: false }));
            file.write(&path).unwrap();
        }
    }

    /// The table of grades; one in `missing` grades is missing.
    pub fn add_grades(&mut self, patients: &[String], missing: u32) -> BTreeMap<String, GradeRow> {
        let mut table = GradeTable::new();
        let mut rows = BTreeMap::new();
        for patient in patients {
            let mut row = GradeRow::default();
            for joint in joint::all() {
                let grade = skewed(&mut self.rng, joint.max_grade);
                let known = missing == 0 || self.rng.random_range(0..missing) > 0;
                row.set(joint, known.then_some(grade)).unwrap();
            }
            table.insert(patient, row);
            rows.insert(patient.clone(), row);
        }
        table.write(&self.path().join("training.csv")).unwrap();
        rows
    }

    /// A finished run with these results.
    pub fn run(&self, name: &str, films: &[FilmDetections], patients: &[PatientScore]) -> RunReader {
        let folder = self.path().join("runs").join(name);
        let mut writer = RunWriter::create(&folder, RunInfo::new(RunKind::Score, vec![])).unwrap();
        films.iter().for_each(|film| writer.film(film).unwrap());
        patients.iter().for_each(|patient| writer.patient(patient).unwrap());
        writer.finish(RunStatus::Finished, None).unwrap();
        RunReader::open(&folder).unwrap()
    }
}

/// Mostly 0, as real grades are.
pub fn skewed(rng: &mut ChaCha8Rng, max: u8) -> u8 {
    if rng.random_bool(0.6) { 0 } else { rng.random_range(0..=max) }
}

/// Grades near the reference, some missing.
pub fn scored(rng: &mut ChaCha8Rng, patient: &str, reference: &GradeRow, missing: u32) -> PatientScore {
    let mut joints = BTreeMap::new();
    for joint in joint::all() {
        if rng.random_range(0..missing) == 0 {
            continue;
        }
        let near = i32::from(reference.get(joint).unwrap_or(0)) + [0, 0, 0, 1, -1, 2][rng.random_range(0..6)];
        joints.insert(joint.ra2_column.clone(), sure(near.clamp(0, joint.max_grade.into()) as usize, joint.max_grade));
    }
    PatientScore::new(patient.to_owned(), joints, joint::COUNT)
}

/// A grade of which the model is 80 % sure.
pub fn sure(grade: usize, max: u8) -> JointScore {
    let rest = 0.2 / f32::from(max);
    JointScore::from_probabilities((0..=usize::from(max)).map(|at| if at == grade { 0.8 } else { rest }).collect())
}

/// Where the joints of a mean limb lie, a hand's for both tasks, a foot's for narrowing.
pub fn places(limb: Limb) -> Vec<(&'static Joint, BBox)> {
    let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
    let (scale, side) = (if limb.is_hand() { 1300.0 } else { 800.0 }, if limb.side() == Side::Left { 1.0 } else { -1.0 });
    let landmarks: Vec<[f32; 2]> = model.mean.iter().map(|[x, y]| [800.0 + side * scale * x, 1000.0 + scale * y]).collect();
    let tasks: &[Task] = if limb.is_hand() { &Task::ALL } else { &[Task::Narrowing] };
    tasks.iter().flat_map(|task| layout::boxes(limb, *task, &landmarks)).collect()
}

pub fn moved(b: BBox, dx: f32, dy: f32) -> BBox {
    BBox { x0: b.x0 + dx, x1: b.x1 + dx, y0: b.y0 + dy, y1: b.y1 + dy }
}

/// What a detector with every kind of fault finds: joints left out, named otherwise, doubled, shifted, and boxes in nowhere.
pub fn faulty(rng: &mut ChaCha8Rng, limb: Limb, reference: &[(&'static Joint, BBox)]) -> Vec<Detection> {
    let mut found = Vec::new();
    for (joint, bbox) in reference {
        let jitter = |rng: &mut ChaCha8Rng| moved(*bbox, rng.random_range(-4.0..4.0), rng.random_range(-4.0..4.0));
        let score = |rng: &mut ChaCha8Rng| (rng.random_range(0..21) as f32) / 20.0;
        let own = joint::joints(joint.task);
        match rng.random_range(0..10) {
            0 => {}
            1 => {
                let shift = bbox.width() * rng.random_range(0.0..0.8);
                found.push(Detection::new(&own[rng.random_range(0..own.len())], moved(jitter(rng), shift, 0.0), score(rng)));
            }
            2 => found.push(Detection::new(joint, moved(*bbox, bbox.width() * rng.random_range(0.2..0.9), 0.0), score(rng))),
            3 => (0..3).for_each(|_| found.push(Detection::new(joint, jitter(rng), score(rng)))),
            _ => found.push(Detection::new(joint, jitter(rng), score(rng))),
        }
        if rng.random_range(0..8) == 0 {
            let corner = BBox { x0: 5.0, y0: 5.0, x1: 60.0, y1: 60.0 };
            found.push(Detection::new(joint, corner, score(rng)));
        }
    }
    found.retain(|detection| {
        joint::by_class(detection.task, detection.class_id).is_some_and(|joint| joint.limb == limb) || rng.random_bool(0.5)
    });
    found.sort_by(|a, b| a.task.cmp(&b.task).then(b.score.total_cmp(&a.score)));
    found
}

/// A film's line of a run, the detections as they are.
pub fn line(film: &Path, limb: Limb, detections: Vec<Detection>) -> FilmDetections {
    FilmDetections::new(film.display().to_string(), SIZE, limb, detections)
}

/// A film's line of a run after the rules of anatomy at a threshold.
pub fn ruled(film: &Path, limb: Limb, raw: Vec<Detection>, threshold: f32) -> FilmDetections {
    line(film, limb, box_selection::apply(raw, limb, SIZE, RuleOptions::at(threshold)).detections)
}
