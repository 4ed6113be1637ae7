//! An archive as pydicom and dcmtk write it becomes a cohort that names nobody.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use svh_core::archive::{ArchiveError, Found, How, Journal, Outcome, Part, Pseudonyms, Seen, make, scan};
use svh_core::visits::Visits;
use svh_core::{Cohort, Film, Limb};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/archive")
}

/// A detector that sees a right foot on every film.
fn right_foot(_: &Found, part: Part) -> Result<Result<Seen, String>, ArchiveError> {
    Ok(if part.is_some() { Err("nothing".into()) } else { Ok(Seen { limb: Limb::RightFoot, boxes: Vec::new() }) })
}

fn make_of(files: Vec<Found>, folder: &Path, out: &str, names: &Pseudonyms, how: &How, stop: &AtomicBool) -> Result<Outcome, ArchiveError> {
    make(files, &folder.join(out), names, how, &Journal::open(names.path()), &mut right_foot, stop, |_, _| {})
}

fn import(folder: &Path, out: &str, burned_in: bool) -> Result<Outcome, ArchiveError> {
    let names = Pseudonyms::open(&folder.join("key"), None).unwrap();
    let files = scan(&source(), |_, _| {}).unwrap();
    make_of(files, folder, out, &names, &How { burned_in, ..How::default() }, &AtomicBool::new(false))
}

#[test]
fn hands_and_feet_become_visits_and_the_rest_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let made = import(folder.path(), "c", false).unwrap();
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
    let table = fs::read_to_string(folder.path().join("key.c.files.csv")).unwrap();
    let line = table.lines().find(|line| line.contains(repeated.path.file_name().unwrap().to_str().unwrap())).unwrap();
    let name = line.split(',').nth(3).unwrap();
    let film = Film::open_stored(&cohort.root().join("images").join(name)).unwrap();
    assert_eq!(film, Film::open(&repeated.path).unwrap());
}

#[test]
fn the_spacing_at_the_detector_comes_along() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    let file = scan(&source(), |_, _| {}).unwrap().into_iter().find(|file| file.unfit.is_none() && file.hand == Some(true)).unwrap();
    let mut object = dicom_object::open_file(&file.path).unwrap();
    let spacing = dicom_core::PrimitiveValue::from("0.15\\0.14");
    object.put_element(dicom_core::DataElement::new(dicom_dictionary_std::tags::IMAGER_PIXEL_SPACING, dicom_core::VR::DS, spacing));
    object.write_to_file(archive.join("film")).unwrap();
    let names = Pseudonyms::open(&folder.path().join("key"), None).unwrap();
    make_of(scan(&archive, |_, _| {}).unwrap(), folder.path(), "c", &names, &How::default(), &AtomicBool::new(false)).unwrap();
    let films: Vec<_> = fs::read_dir(folder.path().join("c/images")).unwrap().map(|film| film.unwrap().path()).collect();
    let [film] = &films[..] else { panic!("{films:?}") };
    let found = Film::spacing(film).unwrap();
    assert_eq!((found.x, found.y), (0.14, 0.15));
    assert_eq!(Film::open_stored(film).unwrap(), Film::open(&file.path).unwrap());
}

#[test]
fn nothing_that_names_a_patient_is_in_the_cohort() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "c", true).unwrap();
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
    let error = make_of(files, folder.path(), "c", &names, &How::default(), &AtomicBool::new(false)).unwrap_err();
    let out = folder.path().join("c");
    assert!(matches!(error, ArchiveError::Leak { tag: "InstitutionName", .. }), "{error}");
    assert!(!error.to_string().contains("Musterstadt_Klinikum-V1-LH,") && !out.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn the_same_key_gives_the_same_cohort_and_the_key_stays_outside() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path(), "a", false).unwrap();
    import(folder.path(), "b", false).unwrap();
    let visits = |name: &str| fs::read_to_string(folder.path().join(name).join("visits.csv")).unwrap();
    assert_eq!(visits("a"), visits("b"));
    fs::create_dir(folder.path().join("d")).unwrap();
    let inside = Pseudonyms::open(&folder.path().join("d/key"), None).unwrap();
    let files = scan(&source(), |_, _| {}).unwrap();
    let made = make_of(files, folder.path(), "d", &inside, &How::default(), &AtomicBool::new(false));
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

#[test]
fn an_import_that_was_stopped_is_resumed_without_reading_films_again() {
    let folder = tempfile::tempdir().unwrap();
    let names = Pseudonyms::open(&folder.path().join("key"), None).unwrap();
    let files = || scan(&source(), |_, _| {}).unwrap();
    let (stop, how) = (AtomicBool::new(false), How::default());
    let journal = Journal::open(names.path());
    let out = folder.path().join("c");
    // Somebody asks for an end after three films.
    let count = |done: usize, _| {
        if done == 3 {
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let stopped = one.install(|| make(files(), &out, &names, &how, &journal, &mut right_foot, &stop, count)).unwrap_err();
    assert!(matches!(stopped, ArchiveError::Stopped { .. }) && stopped.to_string().contains("resume"), "{stopped}");
    assert!(!out.exists());
    let begun = folder.path().join(".c.unfinished/images");
    let written = |place: &Path| {
        let entries = fs::read_dir(place).unwrap().map(Result::unwrap);
        entries.map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap())).collect::<BTreeMap<_, _>>()
    };
    let before = written(&begun);
    assert_eq!(before.len(), 3);
    assert_eq!(Journal::open(names.path()).made_for(&out), 3);
    let made = make_of(files(), folder.path(), "c", &names, &how, &AtomicBool::new(false)).unwrap();
    let after = written(&out.join("images"));
    assert!(before.iter().all(|(name, time)| after[name] == *time), "they were written once");
    assert_eq!((made.films, after.len()), (12, 12));
    assert!(!begun.exists() && !folder.path().join("key.progress.jsonl").exists());
    // Nothing but pictures, tables and sheets is in the cohort.
    let mut all: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    assert_eq!(all, ["contact-sheets", "doubts.csv", "images", "import.json", "visits.csv"]);
}

#[test]
fn a_file_whose_picture_cannot_be_read_is_left_out_and_an_earlier_film_of_the_day_stands_in() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    let files = scan(&source(), |_, _| {}).unwrap();
    for file in &files {
        let to = archive.join(file.path.strip_prefix(source()).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file.path, &to).unwrap();
    }
    let repeated = files.iter().find(|file| file.time.starts_with("1030")).unwrap();
    let torn = archive.join(repeated.path.strip_prefix(source()).unwrap());
    let bytes = fs::read(&torn).unwrap();
    fs::write(&torn, &bytes[..bytes.len() - 1000]).unwrap();
    let names = Pseudonyms::open(&folder.path().join("key"), None).unwrap();
    let made = make_of(scan(&archive, |_, _| {}).unwrap(), folder.path(), "c", &names, &How::default(), &AtomicBool::new(false)).unwrap();
    assert_eq!(made.films, 12);
    let reasons: Vec<&String> = made.left_out.iter().map(|(reason, _)| reason).collect();
    assert!(!reasons.iter().any(|reason| reason.contains("later film")), "{reasons:?}");
    let table = fs::read_to_string(&made.link_table).unwrap();
    let line = table.lines().find(|line| line.contains(torn.to_str().unwrap())).unwrap();
    assert!(line.split(',').nth(3) == Some("") && line.len() > torn.to_str().unwrap().len() + 30, "{line}");
}

#[cfg(unix)]
#[test]
fn what_ties_pseudonyms_to_people_is_for_the_owner_alone_and_the_cohort_is_open_as_its_folder_is() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o2770)).unwrap();
    import(folder.path(), "shared/c", false).unwrap();
    let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o7777;
    for name in ["key", "key.c.files.csv", "key.c.not-searchable.csv"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    for (name, expected) in
        [("shared/c", 0o2770), ("shared/c/images", 0o2770), ("shared/c/visits.csv", 0o660), ("shared/c/contact-sheets/001.png", 0o660)]
    {
        assert_eq!(mode(name), expected, "{name}");
    }
}
