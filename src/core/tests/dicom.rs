//! DICOM films as pydicom and dcmtk write and read them: every syntax, what values mean, and refusals by name.

#![allow(clippy::unwrap_used)]

mod stored;

use std::fs;
use std::path::{Path, PathBuf};

use svh_core::film::dicom;
use svh_core::{Film, FilmError};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dicom")
}

fn files(refused: bool) -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| name.starts_with("refused") == refused)
        .collect();
    found.sort();
    found
}

#[test]
fn every_syntax_and_meaning_is_read_as_pydicom_reads_it() {
    let files = files(false);
    assert!(files.len() >= 45, "{}", files.len());
    let mut wrong = Vec::new();
    for (name, path) in files {
        let film = Film::open_stored(&path).unwrap_or_else(|error| panic!("{error}"));
        let allowed = match name.as_str() {
            // Two inverse transforms may round differently.
            "jpeg-baseline.dcm" | "secondary-capture.dcm" => 2 * 257,
            // Of 12 bits one step is 16.
            "jpeg2000-lossy.dcm" => 17,
            _ => 1,
        };
        let found = stored::largest_difference(&film, &stored::expected(&fixtures(), &name).unwrap());
        if found > allowed {
            wrong.push(format!("{name}: {found}"));
        }
        assert_eq!(Film::size(&path).unwrap(), (film.width, film.height), "{name}");
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_cannot_be_read_is_refused_by_its_name() {
    let refusal = |name: &str| Film::open(&fixtures().join(format!("refused-{name}.dcm"))).unwrap_err();
    assert!(matches!(refusal("frames"), FilmError::SeveralFrames { frames: 3, .. }));
    assert!(matches!(refusal("short"), FilmError::Truncated { .. }));
    for (name, words) in [
        ("jpegls", "DICOM in JPEG-LS Lossless"),
        ("jpeg12", "lossy JPEG with 12 bits"),
        ("jpeg2000-colour", "colour and more than 50 megapixels"),
        ("palette", "PALETTE COLOR"),
        ("report", "modality SR without a picture"),
    ] {
        let error = refusal(name).to_string();
        assert!(error.contains(words) && error.contains("refused-"), "{name}: {error}");
    }
    assert_eq!(files(true).len(), 7);
}

#[test]
fn millimetres_hold_at_the_detector_or_are_not_given() {
    let spacing = |name: &str| Film::spacing(&fixtures().join(name));
    let found = spacing("spacing.dcm").unwrap();
    assert_eq!((found.x, found.y, found.source), (0.14, 0.15, dicom::SpacingSource::Detector));
    assert_eq!(spacing("pixel-spacing-only.dcm"), None);
    assert_eq!(spacing("explicit.dcm"), None);
}

#[test]
fn a_bad_window_can_be_ignored() {
    let path = fixtures().join("bad-window.dcm");
    let black = Film::open(&path).unwrap();
    assert!(black.pixels.iter().all(|value| *value == 0), "the window shows nothing");
    let bytes = fs::read(&path).unwrap();
    let film = dicom::read_without_voi(&path, &bytes).unwrap();
    assert_eq!(stored::largest_difference(&film, &stored::expected(&fixtures(), "explicit.dcm").unwrap()), 0);
}

#[test]
fn a_dicom_film_stands_where_a_film_stands() {
    let folder = tempfile::tempdir().unwrap();
    for (name, to) in [("explicit.dcm", "P1-LH.dcm"), ("mono1.dcm", "P1-RH.DCM"), ("rle-8.dcm", "P2-LF.jpg")] {
        fs::copy(fixtures().join(name), folder.path().join(to)).unwrap();
    }
    let cohort = svh_core::Cohort::open(folder.path()).unwrap();
    let patient = cohort.patient("P1").unwrap();
    assert!(cohort.film(patient, svh_core::Limb::RightHand).is_some());
    assert_eq!(cohort.patients().len(), 2);
}

#[test]
fn cut_and_changed_files_are_errors_and_nothing_worse() {
    for (name, path) in files(false) {
        let whole = fs::read(&path).unwrap();
        let film = Film::open(&path).unwrap();
        for end in (0..whole.len()).step_by(41) {
            // Behind the pixels there may be padding, and lossy pictures have no end that must be there.
            if let Ok(read) = Film::decode(&path, &whole[..end]) {
                assert!(read == film && end * 10 > whole.len() * 9, "{name} cut at {end} of {}", whole.len());
            }
        }
        for at in (0..whole.len()).step_by(71) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            drop(Film::decode(&path, &bytes));
        }
    }
}
