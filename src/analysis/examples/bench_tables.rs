//! The speeds of the tables: a cohort of 100,000 patients opened, 200,000 boxes and 1,000,000 grades asked. Prints one line a metric, separated by
//! tabs: what, value, unit, aim. `make bench` runs it. The argument is the folder to work in, whose cohorts stay there; without one a
//! temporary folder is made and removed again.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use svh_analysis::stats::Resamples;
use svh_analysis::{DETECTIONS, ErrorFilter, ErrorOrder, Evaluation, GradeFilter, Part, Scale, Scope, Split, compare, keep, kept};
use svh_core::score::JointScore;
use svh_core::{
    BBox, Cohort, Detection, FilmDetections, GradeRow, GradeTable, Limb, PatientScore, RunInfo, RunKind, RunReader, RunStatus, RunWriter,
    Task, VocFile, VocObject, joint,
};

/// Patients of the large cohort, four films each.
const PATIENTS: usize = 100_000;

/// Patients with grades: 1,000,008 grades.
const GRADED: usize = 11_628;

/// Patients with films, on which some 200,000 boxes are found.
const BOXED: usize = 3_600;

fn main() {
    let named = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("svh-bench-{}", std::process::id())));
    fs::create_dir_all(&folder).unwrap();
    open(&folder.join("large"));
    ask(&folder.join("graded"));
    // Who names a folder may want to keep what is in it.
    if named.is_none() {
        fs::remove_dir_all(&folder).unwrap();
    }
}

fn say(what: &str, value: f64, unit: &str, aim: &str) {
    println!("{what}\t{value:.1}\t{unit}\t{aim}");
}

/// The median of some runs, in milliseconds.
fn time<T>(times: usize, mut work: impl FnMut() -> T) -> f64 {
    let mut taken: Vec<f64> = (0..times)
        .map(|_| {
            let begin = Instant::now();
            std::hint::black_box(work());
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken[times / 2]
}

/// Memory in MB: now, and the most there has been.
fn memory(what: &str) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (name, words) in [("VmRSS:", "now"), ("VmHWM:", "at most")] {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        if let Some(kib) = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()) {
            say(&format!("memory {what}, {words}"), kib / 1024.0, "MB", "");
        }
    }
}

fn skewed(rng: &mut ChaCha8Rng, max: u8) -> u8 {
    if rng.random_bool(0.85) { 0 } else { rng.random_range(0..=max) }
}

fn row(rng: &mut ChaCha8Rng) -> GradeRow {
    let mut row = GradeRow::default();
    for joint in joint::all() {
        row.set(joint, Some(skewed(rng, joint.max_grade))).unwrap();
    }
    row
}

/// Opening a cohort: the first time, and again.
fn open(folder: &Path) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    fs::create_dir_all(folder.join("images")).unwrap();
    let mut table = GradeTable::new();
    for patient in 0..PATIENTS {
        let id = format!("UAB{patient:06}");
        for limb in Limb::ALL {
            fs::write(folder.join("images").join(format!("{id}-{limb}.jpg")), b"").unwrap();
        }
        table.insert(&id, row(&mut rng));
    }
    table.write(&folder.join("training.csv")).unwrap();
    drop(table);
    say("training.csv of 100,000 patients, read", time(3, || GradeTable::read(&folder.join("training.csv")).unwrap()), "ms", "2000");
    // A folder that changed a moment ago is not trusted to an index.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    say("100,000 patients, first opening", time(1, || Cohort::open(folder).unwrap()), "ms", "2000");
    say("100,000 patients, opened again", time(3, || Cohort::open(folder).unwrap()), "ms", "300");
    let cohort = Cohort::open(folder).unwrap();
    assert_eq!((cohort.patients().len(), cohort.all_films().count()), (PATIENTS, 4 * PATIENTS));
    memory("with 100,000 patients open");
}

/// A run's boxes and grades.
fn ask(folder: &Path) {
    let run = made(folder);
    let cohort = Cohort::open(folder).unwrap();
    say("tables of the run written as Parquet", time(1, || keep(&run).unwrap()), "ms", "");
    let begin = Instant::now();
    let evaluation = Evaluation::load(&cohort, &run).unwrap();
    say("evaluation loaded, 14,400 films with labels", begin.elapsed().as_secs_f64() * 1e3, "ms", "");
    memory("with the evaluation loaded");
    let first = || {
        let errors = evaluation.errors(0.2);
        let places = errors.select(&evaluation, &ErrorFilter::default(), ErrorOrder::Effect);
        (errors.counts(&places), errors)
    };
    let found = kept(&run, DETECTIONS).unwrap().height();
    say("boxes found", found as f64, "", "");
    say("errors among them", evaluation.errors(0.0).rows.len() as f64, "", "");
    say("200,000 boxes, first view of the errors", time(5, first), "ms", "100");
    let mut threshold = 0.2;
    let step = || {
        threshold = if threshold > 0.9 { 0.05 } else { threshold + 0.05 };
        let errors = evaluation.errors(threshold);
        (errors.select(&evaluation, &ErrorFilter::default(), ErrorOrder::Score), evaluation.tallies(threshold))
    };
    say("200,000 boxes, a step of the threshold", time(15, step), "ms", "50");
    say("1,000,000 grades, imbalance by joint", time(5, || evaluation.distributions(Split::Side)), "ms", "100");
    let all = Scope::all(Scale::Narrowing);
    say("1,000,000 grades, confusion and figures of a scale", time(5, || evaluation.agreement(&all, None)), "ms", "100");
    say("1,000,000 grades, joints behind a cell", time(5, || evaluation.graded(&GradeFilter::cell(all, 1, 2))), "ms", "100");
    say("1,000,000 grades, totals and their agreement", time(5, || evaluation.totals_agreement(Part::WHOLE)), "ms", "100");
    say("1,000,000 grades, joints of a patient", time(5, || evaluation.joint_differences(77, Part::WHOLE)), "ms", "100");
    let bootstrap = || Scale::ALL.map(|scale| evaluation.agreement(&Scope::all(scale), Some(Resamples::default())));
    say("1,000,000 grades, bootstrap of all scales", time(3, bootstrap), "ms", "1000");
    say("two runs compared with intervals", time(1, || compare(&evaluation, &evaluation, 0.2, Resamples::default())), "ms", "");
    memory("at the end");
}

/// A cohort with labels and a finished run.
fn made(folder: &Path) -> RunReader {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for name in ["images", "narrowing_labels"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let mut table = GradeTable::new();
    let mut writer = RunWriter::create(&folder.join("runs/bench"), RunInfo::new(RunKind::Score, vec![])).unwrap();
    for patient in 0..GRADED {
        let id = format!("UAB{patient:05}");
        let row = row(&mut rng);
        if patient < BOXED {
            for limb in Limb::ALL {
                writer.film(&film(folder, &id, limb, &mut rng)).unwrap();
            }
        }
        let joints = joint::all().map(|joint| {
            let near = row.get(joint).unwrap_or(0).saturating_add(u8::from(rng.random_bool(0.1))).min(joint.max_grade);
            let sure = |grade: u8| if grade == near { 0.8 } else { 0.2 / f32::from(joint.max_grade) };
            (joint.ra2_column.clone(), JointScore::from_probabilities((0..=joint.max_grade).map(sure).collect()))
        });
        let score = PatientScore::new(id.clone(), joints.collect(), joint::COUNT);
        writer.patient(&score).unwrap();
        table.insert(&id, row);
    }
    table.write(&folder.join("training.csv")).unwrap();
    writer.finish(RunStatus::Finished, None).unwrap();
    RunReader::open(&folder.join("runs/bench")).unwrap()
}

/// A labelled film on which each joint is found, some twice, some as their neighbours, some not at all.
fn film(folder: &Path, id: &str, limb: Limb, rng: &mut ChaCha8Rng) -> FilmDetections {
    let path = folder.join("images").join(format!("{id}-{limb}.jpg"));
    fs::write(&path, b"").unwrap();
    let mut labels = VocFile::new(&path, &path, (2000, 2000));
    let mut detections = Vec::new();
    let joints: Vec<_> = joint::of_limb(Task::Narrowing, limb).collect();
    for (place, joint) in joints.iter().enumerate() {
        let corner = |rng: &mut ChaCha8Rng| (60.0 + 90.0 * place as f32 + rng.random_range(-8.0..8.0), 100.0 + rng.random_range(-8.0..8.0));
        let square = |(x0, y0): (f32, f32)| BBox { x0, y0, x1: x0 + 85.0, y1: y0 + 85.0 };
        let bbox = square(corner(rng));
        labels.add(&VocObject { name: joint.label.clone(), bbox, difficult: false });
        for _ in 0..[0, 1, 1, 1, 4][rng.random_range(0..5)] {
            let named = if rng.random_bool(0.1) { joints[(place + 1) % joints.len()] } else { *joint };
            let score = rng.random_range(0.0..1.0);
            detections.push(Detection::new(named, square(corner(rng)), score));
        }
    }
    labels.write(&folder.join("narrowing_labels").join(format!("{id}-{limb}.xml"))).unwrap();
    // The best of each class is kept.
    detections.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut seen = Vec::new();
    for detection in &mut detections {
        detection.kept = detection.score >= 0.2 && !seen.contains(&detection.class_id);
        seen.push(detection.class_id);
    }
    FilmDetections::new(path.display().to_string(), (2000, 2000), limb, detections)
}
