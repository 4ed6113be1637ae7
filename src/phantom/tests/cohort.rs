//! A cohort on disk: RA2's layout, reproducible on any number of threads, never over something else.
#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use svh_core::{Cohort, Limb, Task, joint};
use svh_phantom::{CohortSpec, PhantomError, generate};

static GO: AtomicBool = AtomicBool::new(false);

fn small(patients: u32, seed: u64) -> CohortSpec {
    CohortSpec { max_side: Some(200), ..CohortSpec::new(patients, seed) }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(name, bytes)| (format!("{}/{name}", path.file_name().unwrap().display()), bytes)));
        } else {
            found.insert(path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn the_same_seed_writes_the_same_bytes_on_one_thread_and_on_three() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, seed: u64, threads: usize| {
        let out = folder.path().join(name);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| generate(&out, &small(3, seed), &GO, |_, _| {})).unwrap();
        files(&out)
    };
    let one = write("one", 7, 1);
    assert_eq!(one.len(), 2 + 12 + 12 + 6);
    assert!(one == write("three", 7, 3));
    let other = write("other", 8, 1);
    assert!(one.iter().filter(|(name, _)| name.ends_with(".jpg")).all(|(name, bytes)| other[name] != *bytes));
}

#[test]
fn the_layout_is_ra2s_with_every_box_on_its_film() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("cohort");
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let summary = generate(&out, &small(2, 1), &GO, |_, total| {
        assert_eq!(total, 8);
        calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    })
    .unwrap();
    assert_eq!((summary.films, summary.boxes, calls.into_inner()), (8, 2 * (42 + 32), 8));
    let table = std::fs::read_to_string(out.join("training.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], joint::template_columns().iter().map(String::as_str).collect::<Vec<_>>());
    for row in &rows[1..] {
        let value = |column: &str| -> u32 { row[rows[0].iter().position(|c| *c == column).unwrap()].parse().unwrap() };
        let sum = |task| joint::joints(task).iter().map(|j| value(&j.ra2_column)).sum::<u32>();
        assert_eq!(value("Overall_narrowing"), sum(Task::Narrowing));
        assert_eq!(value("Overall_erosion"), sum(Task::Erosion));
        assert_eq!(value("Overall_Tol"), sum(Task::Narrowing) + sum(Task::Erosion));
    }
    let cohort = Cohort::open(&out).unwrap();
    assert_eq!((cohort.patients().len(), cohort.problems()), (2, &[][..]));
    for limb in Limb::ALL {
        let film = image::open(out.join(format!("images/PHA002-{limb}.jpg"))).unwrap();
        let xml = std::fs::read_to_string(out.join(format!("narrowing_labels/PHA002-{limb}.xml"))).unwrap();
        let numbers = |tag: &str| -> Vec<u32> {
            let tag = format!("<{tag}>");
            xml.split(&tag).skip(1).map(|rest| rest.split('<').next().unwrap().parse().unwrap()).collect()
        };
        assert_eq!((numbers("width"), numbers("height")), (vec![film.width()], vec![film.height()]));
        for (low, high, most) in [("xmin", "xmax", film.width()), ("ymin", "ymax", film.height())] {
            assert!(numbers(low).iter().zip(numbers(high)).all(|(a, b)| *a < b && b <= most));
        }
        for joint in joint::of_limb(Task::Narrowing, limb) {
            assert_eq!(xml.matches(&format!("<name>{}</name>", joint.label)).count(), 1);
        }
        assert_eq!(out.join(format!("erosion_labels/PHA002-{limb}.xml")).exists(), limb.is_hand());
    }
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.txt"), "keep").unwrap();
    let refused = generate(folder.path(), &small(1, 1), &GO, |_, _| {});
    assert!(matches!(refused, Err(PhantomError::NotEmpty(_))));
    assert_eq!(files(folder.path()).len(), 1);
    assert!(matches!(generate(&folder.path().join("new"), &small(0, 1), &GO, |_, _| {}), Err(PhantomError::NoPatients)));
    let tiny = CohortSpec { max_side: Some(40), ..CohortSpec::new(1, 1) };
    assert!(matches!(generate(&folder.path().join("new"), &tiny, &GO, |_, _| {}), Err(PhantomError::TooSmall(40))));
}

#[test]
fn a_cohort_that_was_stopped_or_failed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (out, stop) = (folder.path().join("cohort"), AtomicBool::new(false));
    let stopped = generate(&out, &small(2, 1), &stop, |done, _| {
        assert!(!out.exists(), "it appears when it is complete");
        stop.store(done >= 2, Ordering::Relaxed);
    });
    assert!(matches!(stopped, Err(PhantomError::Staging(_))), "{stopped:?}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
