//! Training a scorer on pictures whose grade is plain to see: it learns, it resumes exactly, its card says what it is.
//!
//! A joint is drawn as two bright bones; the dark space between them narrows with the grade.

#![allow(clippy::unwrap_used)] // a failure here is a failed test

use std::path::Path;

use svh_core::model_command::FitSeverity;
use svh_core::voc::{VocFile, VocObject};
use svh_core::{BBox, Film, Limb, Task, joint};
use svh_engine::Result;
use svh_engine::crop::{Intensity, Square};
use svh_engine::data::Proposals;
use svh_engine::data::crop_warp::CropVariation;
use svh_engine::data::joint_crops::JointCrops;
use svh_engine::scorer::{Extras, GradeRequest, Scorer, ScorerArch, ScorerConfig, ScorerTask};
use svh_engine::sgd::SgdOptions;
use svh_engine::train::{End, Progress, Watcher, frequencies};
use svh_engine::train::{scorer::run, scorer_training::ScorerTraining};
use svh_engine::weights::Weights;
use tch::{Device, Kind};

const PATIENTS: usize = 30;

/// Dropout draws from libtorch's one generator, so that only one training at a time is the same every time.
static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// A left foot a patient: six joints in two rows.
fn cohort(root: &Path) {
    for folder in ["images", "narrowing_labels"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    let columns = joint::template_columns();
    let mut table = columns.join(",") + "\n";
    for patient in 0..PATIENTS {
        let id = format!("T{patient:03}");
        let mut film = image::GrayImage::from_pixel(180, 120, image::Luma([20 + (patient % 7) as u8]));
        let path = root.join("narrowing_labels").join(format!("{id}-LF.xml"));
        let mut labels = VocFile::new(&path, Path::new(&format!("{id}-LF.png")), (180, 120));
        let mut grades = std::collections::BTreeMap::new();
        for (place, joint) in joint::of_limb(Task::Narrowing, Limb::LeftFoot).enumerate() {
            // Grade 0 is the commonest, as in patients.
            let grade = [0, 1, 0, 2, 0, 3, 0, 4][(patient * 5 + place * 3) % 8];
            let (x, y) = (10 + 60 * (place as u32 % 3), 10 + 60 * (place as u32 / 3));
            draw(&mut film, x, y, grade);
            let bbox = BBox { x0: x as f32, y0: y as f32, x1: (x + 40) as f32, y1: (y + 40) as f32 };
            labels.add(&VocObject { name: joint.label.clone(), bbox, difficult: false });
            grades.insert(joint.ra2_column.as_str(), grade);
        }
        film.save(root.join("images").join(format!("{id}-LF.png"))).unwrap();
        labels.write(&path).unwrap();
        let cell = |column: &String| match column.as_str() {
            "Patient_ID" => id.clone(),
            other => grades.get(other).map(ToString::to_string).unwrap_or_default(),
        };
        table += &(columns.iter().map(cell).collect::<Vec<_>>().join(",") + "\n");
    }
    std::fs::write(root.join("training.csv"), table).unwrap();
}

fn draw(film: &mut image::GrayImage, x: u32, y: u32, grade: u32) {
    let space = 16 - 4 * grade;
    for (dx, dy) in (0..40).flat_map(|dx| (0..40).map(move |dy| (dx, dy))) {
        let middle = 20u32.abs_diff(dy) * 2 < space;
        if (8..32).contains(&dx) && !middle {
            film.put_pixel(x + dx, y + dy, image::Luma([200]));
        }
    }
}

fn training(root: &Path, out: &str) -> ScorerTraining {
    let mut config = ScorerConfig::stock(ScorerArch::EfficientNet(0), ScorerTask::Narrowing, 5);
    config.size = 32;
    config.extras = Extras { stages: 3, margin: 0.1, square: Square::Context, intensity: Intensity::Stretch, ..Extras::default() };
    ScorerTraining {
        cohort: root.join("cohort"),
        out: root.join(out),
        config,
        init: None,
        frequencies: None,
        epochs: 8,
        epoch_samples: None,
        batch: 16,
        learning_rate: 0.05,
        warm_up: 5,
        decay_epochs: None,
        sgd: SgdOptions { momentum: 0.9, weight_decay: 0.0005, clip_norm: Some(10.0) },
        balance: 1.0,
        corrected: true,
        soft: 0.0,
        proposals: Proposals::default(),
        variation: CropVariation { turn: 5.0, flip: 0.5, ..CropVariation::NONE },
        held_out: 0.2,
        validation: None,
        seed: 1,
        resume: false,
        checkpoint_every: 1000,
        device: Device::Cpu,
        kind: Kind::Float,
        remark: String::new(),
        licence: "test".to_owned(),
    }
}

/// Remembers the metrics, and stops the training at a step.
#[derive(Default)]
struct Notebook {
    stop_at: Option<u64>,
    now: u64,
    balanced: f64,
    /// By what was measured on: how often, and the last accuracy.
    accuracies: std::collections::BTreeMap<String, (usize, f64)>,
    notes: Vec<String>,
}

impl Watcher for Notebook {
    fn step(&mut self, progress: &Progress) -> Result<()> {
        self.now = progress.step;
        Ok(())
    }

    fn metrics(&mut self, _: u64, _: u64, split: &str, values: &[(&str, f64)]) -> Result<()> {
        let accuracy = values.iter().find(|(name, _)| *name == "accuracy").unwrap().1;
        let times = self.accuracies.get(split).map_or(0, |(times, _)| *times);
        self.accuracies.insert(split.to_owned(), (times + 1, accuracy));
        if split == "validation_narrowing" {
            self.balanced = values.iter().find(|(name, _)| *name == "balanced_accuracy").unwrap().1;
        }
        Ok(())
    }

    fn note(&mut self, message: &str) {
        self.notes.push(message.to_owned());
    }

    fn cancelled(&mut self) -> bool {
        self.stop_at == Some(self.now)
    }
}

#[test]
fn it_learns_to_grade_and_a_resumed_training_ends_where_an_uninterrupted_one_does() {
    let _alone = ONE_AT_A_TIME.lock();
    // The pictures are too small for two threads to help each other.
    tch::set_num_threads(1);
    let root = tempfile::tempdir().unwrap();
    cohort(&root.path().join("cohort"));
    let mut whole = Notebook::default();
    assert_eq!(run(&training(root.path(), "whole"), &mut whole).unwrap(), End::Finished);
    assert!(whole.balanced > 0.8, "balanced accuracy {}", whole.balanced);
    assert!(whole.notes.iter().any(|note| note.contains("too few joints to tell what looks unfamiliar")), "{:?}", whole.notes);

    let scorer = Scorer::load(&root.path().join("whole"), Device::Cpu).unwrap();
    let card = scorer.card();
    assert_eq!(card.metrics["narrowing"]["n"], 6 * 6);
    assert_eq!(card.metrics["held_out_patients"].as_array().unwrap().len(), 6);
    // Half of the joints have grade 0, an eighth each of the others: what oversampling did is taken back.
    let prior = &scorer.config().extras.log_prior;
    assert!((prior[0] - prior[4] - 4.0f32.ln()).abs() < 0.3, "{prior:?}");

    its_joints_can_be_seen_in_view_of_each_other(root.path());

    let mut first = Notebook { stop_at: Some(23), ..Notebook::default() };
    assert_eq!(run(&training(root.path(), "parts"), &mut first).unwrap(), End::Cancelled(23));
    let rest = ScorerTraining { resume: true, ..training(root.path(), "parts") };
    assert_eq!(run(&rest, &mut Notebook::default()).unwrap(), End::Finished);
    let read = |name: &str| Weights::read(&root.path().join(name).join("model.safetensors")).unwrap();
    assert_eq!(read("whole").sha256(), read("parts").sha256());

    let other = ScorerTraining { resume: true, batch: 8, ..training(root.path(), "parts") };
    let refused = run(&other, &mut Notebook::default()).unwrap_err().to_string();
    assert!(refused.contains("resume with the same options"), "{refused}");
}

fn its_joints_can_be_seen_in_view_of_each_other(root: &Path) {
    let fit =
        |cohort: &str| frequencies::run(&FitSeverity { model: root.join("whole"), cohort: root.join(cohort), out: root.join("in-view") });
    assert!(fit("cohort").unwrap().starts_with("30 patients: "));
    let scorer = Scorer::load(&root.join("in-view"), Device::Cpu).unwrap();
    let severity = scorer.config().extras.severity.as_ref().unwrap();
    assert!((severity.frequencies["foot"][0] - 0.5).abs() < 0.05 && severity.frequencies.len() == 1, "{severity:?}");
    let film = Film::open(&root.join("cohort/images/T000-LF.png")).unwrap();
    let requests: Vec<GradeRequest> = joint::of_limb(Task::Narrowing, Limb::LeftFoot)
        .enumerate()
        .map(|(place, joint)| {
            let (x0, y0) = (10.0 + 60.0 * (place % 3) as f32, 10.0 + 60.0 * (place / 3) as f32);
            GradeRequest { joint, film: &film, bbox: BBox { x0, y0, x1: x0 + 40.0, y1: y0 + 40.0 } }
        })
        .collect();
    let alone = Scorer::load(&root.join("whole"), Device::Cpu).unwrap().grade(&requests).unwrap();
    for (before, after) in alone.iter().zip(scorer.grade(&requests).unwrap()) {
        let (before, after) = (&before.as_ref().unwrap().score, after.unwrap().score);
        assert_eq!(before.alone, None);
        assert!((after.alone.unwrap() - before.expected).abs() < 1e-5 && (after.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
    let table = std::fs::read_to_string(root.join("cohort/training.csv")).unwrap();
    let (head, rows) = table.split_once('\n').unwrap();
    std::fs::create_dir_all(root.join("healthy")).unwrap();
    let zero = |(index, cell): (usize, &str)| if index > 0 && !cell.is_empty() { "0".to_owned() } else { cell.to_owned() };
    let rows: Vec<String> = rows.lines().map(|row| row.split(',').enumerate().map(zero).collect::<Vec<_>>().join(",")).collect();
    std::fs::write(root.join("healthy/training.csv"), format!("{head}\n{}\n", rows.join("\n"))).unwrap();
    let refused = fit("healthy").unwrap_err().to_string();
    assert!(refused.contains("has grade 0; name a cohort with damaged joints"), "{refused}");
}

#[test]
fn the_papers_way_measures_another_cohort_naturally_and_balanced_and_takes_nothing_back() {
    let _alone = ONE_AT_A_TIME.lock();
    tch::set_num_threads(1);
    let root = tempfile::tempdir().unwrap();
    cohort(&root.path().join("cohort"));
    let paper = ScorerTraining {
        validation: Some(root.path().join("cohort")),
        held_out: 0.0,
        corrected: false,
        variation: CropVariation::PAPER,
        epochs: 2,
        ..training(root.path(), "out")
    };
    let mut notebook = Notebook::default();
    assert_eq!(run(&paper, &mut notebook).unwrap(), End::Finished);
    let times: Vec<_> = notebook.accuracies.iter().map(|(split, (times, _))| (split.as_str(), *times)).collect();
    assert_eq!(times, [("balanced_validation_narrowing", 2), ("train", 2), ("validation_narrowing", 2)]);
    // The expectation over balanced draws is the mean over the grades.
    let balanced = notebook.accuracies["balanced_validation_narrowing"].1;
    assert!((balanced - notebook.balanced).abs() < 0.12, "{balanced} and {}", notebook.balanced);
    let scorer = Scorer::load(&root.path().join("out"), Device::Cpu).unwrap();
    assert!(scorer.config().extras.log_prior.is_empty());
    let fit = FitSeverity { model: root.path().join("out"), cohort: root.path().join("cohort"), out: root.path().join("in-view") };
    let refused = frequencies::run(&fit).unwrap_err().to_string();
    assert!(refused.contains("does not say which frequencies its probabilities have"), "{refused}");
    // With so many joints measured on, the training also tells what is familiar.
    let familiar = &scorer.card().metrics["familiarity"];
    assert!(familiar["open"].as_f64().unwrap() <= 0.02 && familiar["joints"] == PATIENTS * 6, "{familiar}");
    assert!(root.path().join("out/familiarity.safetensors").is_file());
    assert_eq!(scorer.card().metrics["narrowing"]["n"], PATIENTS * 6);
    assert_eq!(scorer.card().metrics["held_out_patients"].as_array().unwrap().len(), PATIENTS);
}

#[test]
fn a_cohort_without_grades_is_refused() {
    let root = tempfile::tempdir().unwrap();
    cohort(&root.path().join("cohort"));
    std::fs::remove_file(root.path().join("cohort/training.csv")).unwrap();
    let refused = run(&training(root.path(), "out"), &mut Notebook::default()).unwrap_err();
    assert!(refused.to_string().contains("learns from grades"), "{refused}");
}

#[test]
fn all_visits_of_a_person_are_learned_from_or_held_out_together() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("cohort");
    cohort(&place);
    // Three visits each of ten people.
    let rows: String = (0..PATIENTS).map(|set| format!("T{set:03},person{},{}\n", set % 10, set / 10 + 1)).collect();
    std::fs::write(place.join("visits.csv"), format!("Patient_ID,patient,visit\n{rows}")).unwrap();
    let config = training(root.path(), "none").config;
    let person = |set: &String| set[1..].parse::<usize>().unwrap() % 10;
    for seed in 0..20 {
        let crops = JointCrops::open(&place, &config, 0.2, seed, Proposals::default()).unwrap();
        let people: std::collections::BTreeSet<usize> = crops.held_out_patients.iter().map(person).collect();
        assert_eq!((people.len(), crops.held_out_patients.len()), (2, 6), "two of ten people: {:?}", crops.held_out_patients);
        assert_eq!((crops.held_out.len(), crops.training_patients), (6 * 6, PATIENTS - 6));
    }
}
