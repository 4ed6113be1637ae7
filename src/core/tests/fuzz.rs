//! The readers of this crate on damaged inputs; tests/fuzz/README.md of the project says how and how long.

// The counting allocator is unsafe by its nature.
#![allow(unsafe_code, clippy::unwrap_used)]

#[path = "fuzz/hostile.rs"]
mod hostile;
#[path = "../../../tests/fuzz/mutator.rs"]
mod mutator;

use std::fs;
use std::path::{Path, PathBuf};

use mutator::{Counting, corpus, files, fuzz};
use svh_core::film::dicom;
use svh_core::import::{self, Format, ImportOptions};
use svh_core::run::{RunEvent, Tail};
use svh_core::{Cohort, Film, GradeTable, Limb, Reviews, RunReader, Split, Task, VocFile};

#[global_allocator]
static MEMORY: Counting = Counting;

const NAME: &str = "fuzzed";

#[test]
fn fuzz_tables() {
    fuzz("tables", &corpus("table"), 4000, |bytes| {
        let Ok(table) = GradeTable::parse(Path::new(NAME), bytes) else { return };
        // What was read is written in a form that reads back the same.
        let again = GradeTable::parse(Path::new(NAME), table.to_csv().as_bytes()).unwrap();
        assert_eq!((table.patients(), table.rows()), (again.patients(), again.rows()));
    });
}

#[test]
fn fuzz_labels() {
    fuzz("labels", &corpus("voc"), 20_000, |bytes| {
        let Ok(file) = VocFile::decode(Path::new(NAME), bytes) else { return };
        assert_eq!(VocFile::decode(Path::new(NAME), &file.to_bytes()).map(|again| again.to_text()).ok(), Some(file.to_text()));
        for film in [None, Some((700, 800))] {
            let labels = file.labels(Task::Narrowing, Some(Limb::LeftHand), film);
            let (width, height) = film.unwrap_or((u32::MAX, u32::MAX));
            for reference in &labels.boxes {
                let [x0, y0, x1, y1] = <[f32; 4]>::from(reference.bbox);
                assert!(x0 < x1 && y0 < y1 && x1.is_finite() && x1 <= width as f32 && y1 <= height as f32, "{reference:?}");
            }
        }
        let mut changed = file;
        if !changed.objects().is_empty() {
            changed.set_box(0, [1.0, 2.0, 30.0, 40.0].into());
            changed.make_readers(0);
            changed.remove(0);
        }
        drop(changed.to_bytes());
    });
}

/// A folder with a film and one file that changes.
struct Source {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Source {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign/coco/images/C1-LH.png");
        fs::copy(film, folder.path().join("C1-LH.png")).unwrap();
        let file = folder.path().join(name);
        Self { folder, file }
    }

    fn import(&self, format: Format, bytes: &[u8]) {
        fs::write(&self.file, bytes).unwrap();
        let wanted = ImportOptions { limb: Some(Limb::LeftHand), task: Some(Task::Narrowing), splits: Vec::new() };
        for source in [self.folder.path(), &self.file] {
            if let Ok(draft) = import::read(format, source, &wanted) {
                drop(draft.report().to_string());
            }
        }
    }
}

#[test]
fn fuzz_coco() {
    let source = Source::new("boxes.coco.json");
    fuzz("COCO", &corpus("coco"), 4000, |bytes| source.import(Format::Coco, bytes));
}

#[test]
fn fuzz_labelme() {
    let source = Source::new("C1-LH.json");
    fuzz("labelme", &corpus("labelme"), 4000, |bytes| source.import(Format::Labelme, bytes));
}

#[test]
fn fuzz_ram_h1200() {
    let source = Source::new("_annotation_be_scores.json");
    let in_folder = |bytes: &[u8]| {
        fs::write(&source.file, bytes).unwrap();
        drop(import::read(Format::RamH1200, source.folder.path(), &ImportOptions::default()));
    };
    fuzz("RAM-H1200", &corpus("scores"), 3000, in_folder);
}

#[test]
fn fuzz_runs() {
    let folder = tempfile::tempdir().unwrap();
    let info = &corpus("run_json")[0];
    fs::write(folder.path().join("run.json"), info).unwrap();
    let run = RunReader::open(folder.path()).unwrap();
    fuzz("run lines", &corpus("results_lines"), 8000, |bytes| {
        fs::write(folder.path().join("results.jsonl"), bytes).unwrap();
        let results = run.read_results().unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        // Fewer results than lines: some are damaged, which is told, or later ones replace them.
        assert!(results.lines.len() <= lines);
        for score in results.lines.iter().filter_map(svh_core::ResultLine::as_patient).flat_map(|patient| patient.joints.values()) {
            assert!(score.grade <= 10 && score.expected.is_finite());
        }
    });
    fuzz("events", &corpus("events"), 4000, |bytes| {
        let path = folder.path().join("events.jsonl");
        fs::write(&path, bytes).unwrap();
        drop(Tail::<RunEvent>::new(path).read().unwrap());
    });
    fuzz("run.json", &corpus("run_json"), 4000, |bytes| {
        fs::write(folder.path().join("run.json"), bytes).unwrap();
        if let Ok(run) = RunReader::open(folder.path()) {
            assert_eq!(run.info().difference(run.info()), None);
            let _ = run.state();
        }
    });
}

#[test]
fn fuzz_reviews() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("reviews")).unwrap();
    fs::create_dir(folder.path().join("images")).unwrap();
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign/coco/images/C1-LH.png");
    fs::copy(film, folder.path().join("images/PHA001-LH.png")).unwrap();
    let cohort = Cohort::open(folder.path()).unwrap();
    fuzz("reviews", &corpus("reviews"), 4000, |bytes| {
        fs::write(folder.path().join("reviews/a.jsonl"), bytes).unwrap();
        let reviews = Reviews::read(folder.path());
        drop(reviews.labels(&cohort, &cohort.patients()[0], Limb::LeftHand));
        drop(reviews.table(&cohort));
        let _ = reviews.problems().count();
    });
}

#[test]
fn fuzz_splits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("split.json");
    fuzz("splits", &corpus("split"), 2000, |bytes| {
        fs::write(&path, bytes).unwrap();
        drop(Split::read(&path));
    });
}

#[test]
fn fuzz_films() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for (kind, inputs) in [("films", 3000), ("tiff", 3000), ("dicom", 4000)] {
        fuzz(kind, &files(&fixtures.join(kind)), inputs, decode);
    }
}

fn decode(bytes: &[u8]) {
    let name = Path::new(NAME);
    if let Ok(film) = Film::decode(name, bytes) {
        assert_eq!(film.pixels.len(), film.width as usize * film.height as usize);
    }
    if dicom::is_dicom(bytes) {
        drop(dicom::header(name, bytes));
    }
}

/// Small files that claim to be large, or to hold one another without end.
#[test]
fn fuzz_hostile_dicom() {
    let seeds = hostile::dicom();
    assert!(
        seeds.iter().all(|bytes| bytes.len() <= 1 << 20 && dicom::is_dicom(bytes)),
        "{:?}",
        seeds.iter().map(Vec::len).collect::<Vec<_>>()
    );
    fuzz("hostile DICOM", &seeds, 40, decode);
}
