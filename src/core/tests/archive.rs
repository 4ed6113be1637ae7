//! An archive as pydicom and dcmtk write it becomes a cohort that names nobody.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use svh_core::archive::{ArchiveError, Found, Outcome, Plan, Pseudonyms, WriteOptions, scan};
use svh_core::visits::Visits;
use svh_core::{Cohort, Film, Limb};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/archive")
}

/// A detector that sees a right foot on every film.
fn right_foot(_: &Found, half: Option<bool>) -> Result<Limb, String> {
    if half.is_some() { Err("nothing".into()) } else { Ok(Limb::RightFoot) }
}

fn import(folder: &Path, out: &str, burned_in: bool) -> (Plan, Result<Outcome, ArchiveError>) {
    let names = Pseudonyms::open(&folder.join("key"), None).unwrap();
    let plan = Plan::of(scan(&source(), |_, _| {}).unwrap(), &names, burned_in, &mut right_foot);
    let made = plan.write(&folder.join(out), &names, &WriteOptions::default(), &AtomicBool::new(false), |_, _| {});
    (plan, made)
}

#[test]
fn hands_and_feet_become_visits_and_the_rest_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (_, made) = import(folder.path(), "c", false);
    let made = made.unwrap();
    assert_eq!((made.patients, made.visits, made.films, made.doubtful), (2, 4, 12, 2));
    let reasons: BTreeMap<_, _> = made.left_out.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    for part in ["a lateral view", "BodyPartExamined is CHEST", "burned in", "2 frames", "no date", "later film of the same limb"] {
        assert!(reasons.keys().any(|reason| reason.contains(part)), "{part}: {reasons:?}");
    }
    let cohort = Cohort::open(&folder.path().join("c")).unwrap();
    let visits = Visits::read(cohort.root()).unwrap();
    assert_eq!(visits.pairs().len(), 2);
    let months: Vec<i64> = visits.pairs().iter().map(|(_, after)| visits.get(after).unwrap().months.unwrap().round() as i64).collect();
    assert!(months.contains(&24) && months.contains(&25), "{months:?}");
    // The repeated film of the day is the one that counts; its pixels are what the file says.
    let (_, found) = (0, scan(&source(), |_, _| {}).unwrap());
    let repeated = found.iter().find(|file| file.time.starts_with("1030")).unwrap();
    let table = fs::read_to_string(folder.path().join("key.files.csv")).unwrap();
    let line = table.lines().find(|line| line.contains(repeated.path.file_name().unwrap().to_str().unwrap())).unwrap();
    let name = line.split(',').nth(3).unwrap();
    let film = Film::open_stored(&cohort.root().join("images").join(name)).unwrap();
    assert_eq!(film, Film::open(&repeated.path).unwrap());
}

#[test]
fn nothing_that_names_a_patient_is_in_the_cohort() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "c", true).1.unwrap();
    let mut all = String::new();
    let mut places = vec![folder.path().join("c")];
    while let Some(place) = places.pop() {
        for entry in fs::read_dir(place).unwrap().map(Result::unwrap) {
            all += &entry.file_name().to_string_lossy();
            if entry.path().is_dir() {
                places.push(entry.path());
            } else {
                all += &String::from_utf8_lossy(&fs::read(entry.path()).unwrap());
            }
        }
    }
    let all = all.to_lowercase();
    for name in [
        "müller",
        "anna",
        "beispiel",
        "mrn-004711",
        "4711",
        "acc4711",
        "musterstadt",
        "vorbild",
        "2018-03-05",
        "20180305",
        "2020-03-11",
        "19601231",
    ] {
        assert!(!all.contains(name), "{name}");
    }
}

#[test]
fn a_value_that_would_remain_keeps_the_cohort_from_being_made() {
    let folder = tempfile::tempdir().unwrap();
    // A table gives a patient the name of the clinic.
    fs::write(folder.path().join("table.csv"), "original,pseudonym\nMRN-004711,A1\nMRN-008150,Musterstadt_Klinikum\n").unwrap();
    let names = Pseudonyms::open(&folder.path().join("key"), Some(&folder.path().join("table.csv"))).unwrap();
    let mut files = scan(&source(), |_, _| {}).unwrap();
    files.iter_mut().for_each(|file| file.names.push(("InstitutionName", "Musterstadt_Klinikum-V1-LH".into())));
    let plan = Plan::of(files, &names, false, &mut right_foot);
    let out = folder.path().join("c");
    let error = plan.write(&out, &names, &WriteOptions::default(), &AtomicBool::new(false), |_, _| {}).unwrap_err();
    assert!(matches!(error, ArchiveError::Leak { tag: "InstitutionName", .. }), "{error}");
    assert!(!error.to_string().contains("Musterstadt_Klinikum-V1-LH,") && !out.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn the_same_key_gives_the_same_cohort_and_the_key_stays_outside() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "a", false).1.unwrap();
    import(folder.path(), "b", false).1.unwrap();
    let visits = |name: &str| fs::read_to_string(folder.path().join(name).join("visits.csv")).unwrap();
    assert_eq!(visits("a"), visits("b"));
    fs::create_dir(folder.path().join("d")).unwrap();
    let inside = Pseudonyms::open(&folder.path().join("d/key"), None).unwrap();
    let plan = Plan::of(scan(&source(), |_, _| {}).unwrap(), &inside, false, &mut right_foot);
    let made = plan.write(&folder.path().join("d"), &inside, &WriteOptions::default(), &AtomicBool::new(false), |_, _| {});
    assert!(matches!(made, Err(ArchiveError::KeyInside { .. })));
}

#[test]
fn a_dicomdir_leads_to_the_files_of_its_folder() {
    let by_folder = scan(&source(), |_, _| {}).unwrap();
    let by_directory = scan(&source().join("DICOMDIR"), |_, _| {}).unwrap();
    let names = |found: &[Found]| found.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    // dcmmkdir takes no file without a study date.
    let (folder, directory) = (names(&by_folder), names(&by_directory));
    assert_eq!((folder.len(), directory.len()), (18, 17));
    assert!(directory.iter().all(|path| folder.contains(path)));
}
