//! Inputs that other tools write, or that hands and disks have spoiled: read as they are meant, or named with their true fault; never taken for something else.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use svh_core::export::{self, Source};
use svh_core::import::{self, Format, ImportOptions};
use svh_core::link_mode::LinkMode;
use svh_core::propose::LabelStatus;
use svh_core::{BBox, Cohort, CohortError, GradeRow, GradeTable, Limb, Reviews, Summary, Task, VocFile, VocObject, joint};
use tempfile::TempDir;

static GO: AtomicBool = AtomicBool::new(false);

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/films").join(name)).unwrap()
}

fn put(root: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// A label file for a film of this size with boxes of these joints.
fn labels(size: (u32, u32), joints: &[&str]) -> VocFile {
    let mut file = VocFile::new(Path::new("x.xml"), Path::new("images/x.jpg"), size);
    for (place, joint) in joints.iter().enumerate() {
        file.add(&VocObject { name: (*joint).to_owned(), bbox: BBox::square((10.0 + 5.0 * place as f32, 10.0), 8.0), difficult: false });
    }
    file
}

/// One film of 48 x 36 pixels and nothing else.
fn one_film() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "images/A-LH.jpg", &fixture("gray.jpg"));
    folder
}

fn table(ids: &[&str]) -> GradeTable {
    let mut table = GradeTable::new();
    for id in ids {
        let mut row = GradeRow::default();
        row.set(joint::by_column("LH_mcp_E__2").unwrap(), Some(3)).unwrap();
        table.insert(id, row);
    }
    table
}

fn ids(cohort: &Cohort) -> Vec<&str> {
    cohort.patients().iter().map(|patient| patient.id.as_str()).collect()
}

#[test]
fn labels_of_another_frame_are_no_reference_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    // Stored 48 x 36 and turned by EXIF; the labeller saw the stored pixels.
    put(root, "images/A-LH.jpg", &fixture("orientation-6.jpg"));
    put(root, "images/B-LH.jpg", &fixture("gray.jpg"));
    put(root, "narrowing_labels/A-LH.xml", &labels((48, 36), &["LH_mcp_2"]).to_bytes());
    put(root, "erosion_labels/A-LH.xml", &labels((36, 48), &["LH_mcp_2"]).to_bytes());
    put(root, "narrowing_labels/B-LH.xml", &labels((96, 72), &["LH_mcp_2", "LH_mcp_3"]).to_bytes());
    let cohort = Cohort::open(root).unwrap();
    let of = |id: &str| cohort.boxes(cohort.patient(id).unwrap(), Limb::LeftHand);
    let (a, b) = (of("A"), of("B"));
    assert_eq!((a.narrowing.len(), a.unusable, a.erosion.len()), (0, [true, false], 1));
    assert_eq!((b.narrowing.len(), b.unusable), (0, [true, false]));
    assert!(a.problems[0].contains("turned by its EXIF, so none of its boxes is used"), "{:?}", a.problems);
    let summary = Summary::of(&cohort);
    assert_eq!((summary.boxes[&Task::Narrowing].boxes, summary.boxes[&Task::Erosion].boxes, summary.problems.len()), (0, 1, 2));
    let reviews = Reviews::default();
    let out = tempfile::tempdir().unwrap();
    let coco = export::coco(&cohort, Source::Reference(&reviews), &reviews, &out.path().join("coco"), LinkMode::No, None, &GO).unwrap();
    assert_eq!((coco.films, coco.boxes), (1, 1));
    assert!(coco.left_out.iter().any(|sentence| sentence.contains("B-LH.xml")), "{:?}", coco.left_out);
    let text = fs::read_to_string(out.path().join("coco/narrowing.coco.json")).unwrap();
    assert!(text.contains("\"images\":[]"), "a film whose labels cannot be used is not one without joints: {text}");
    let voc = export::voc(&cohort, Source::Reference(&reviews), &out.path().join("voc"), LinkMode::Copy, None, &GO).unwrap();
    assert!(out.path().join("voc/erosion_labels/A-LH.xml").is_file() && !out.path().join("voc/narrowing_labels").exists());
    assert_eq!(voc.boxes, 1);
    let draft = import::read(Format::Voc, root, &ImportOptions::default()).unwrap();
    assert_eq!((draft.report().boxes[&Task::Narrowing], draft.report().boxes[&Task::Erosion]), (0, 1));
    // A person's file, whatever its frame: nothing is proposed over it.
    assert_eq!(cohort.label_status(&reviews, cohort.patient("B").unwrap(), Task::Narrowing, Limb::LeftHand), LabelStatus::Reader);
}

#[test]
fn difficult_is_read_in_every_spelling_and_what_is_neither_is_named() {
    for (word, expected) in
        [("1", true), ("True", true), ("YES", true), ("on", true), ("0", false), ("False", false), ("no", false), ("", false)]
    {
        let text = labels((48, 36), &["LH_mcp_2"]).to_text().replace("<difficult>0<", &format!("<difficult>{word}<"));
        let found = VocFile::parse(Path::new("a.xml"), &text).unwrap().labels(Task::Narrowing, None, None);
        assert_eq!((found.boxes[0].difficult, found.problems.len()), (expected, 0), "{word}");
    }
    let text = labels((48, 36), &["LH_mcp_2"]).to_text().replace("<difficult>0<", "<difficult>perhaps<");
    let found = VocFile::parse(Path::new("a.xml"), &text).unwrap().labels(Task::Narrowing, None, None);
    assert_eq!((found.boxes.len(), found.boxes[0].difficult), (1, false));
    assert!(found.problems[0].1.to_string().contains("`perhaps` as <difficult> of LH_mcp_2 is neither yes nor no"), "{:?}", found.problems);
}

#[test]
fn label_files_in_other_encodings_are_read_and_written_back_as_they_were() {
    let folder = one_film();
    let text = labels((48, 36), &["LH_mcp_2"]).to_text().replace("Unknown", "Müller");
    let declared = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n{text}");
    let latin1: Vec<u8> = declared.chars().map(|c| c as u8).collect();
    let utf16: Vec<u8> =
        format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\n{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&latin1, &utf16] {
        let path = put(folder.path(), "narrowing_labels/A-LH.xml", bytes);
        let mut file = VocFile::read(&path).unwrap();
        assert_eq!((&file.to_bytes(), file.objects().len()), (bytes, 1));
        file.set_box(0, BBox::from([1.0, 2.0, 9.0, 9.5]));
        file.write(&path).unwrap();
        let again = VocFile::read(&path).unwrap();
        assert!(again.to_text().contains("Müller") && again.objects()[0].bbox.y1 == 9.5);
    }
    for (bytes, reason) in [
        (declared.replace("ISO-8859-1", "klingon").into_bytes(), "declares the encoding `klingon`"),
        (latin1.iter().copied().skip(45).collect::<Vec<u8>>(), "not UTF-8"),
        (b"PK\x03\x04xl/".to_vec(), "an Excel workbook"),
    ] {
        let path = put(folder.path(), "narrowing_labels/A-LH.xml", &bytes);
        let error = VocFile::read(&path).unwrap_err().to_string();
        assert!(error.contains(reason) && !error.contains("permissions"), "{error}");
        let cohort = Cohort::open(folder.path()).unwrap();
        assert!(cohort.boxes(cohort.patient("A").unwrap(), Limb::LeftHand).is_unusable(Task::Narrowing), "unreadable is never empty");
    }
}

#[test]
fn endings_count_in_any_case() {
    let folder = one_film();
    let root = folder.path();
    put(root, "narrowing_labels/A-LH.XML", &labels((48, 36), &["LH_mcp_2"]).to_bytes());
    put(root, "Training.CSV", table(&["A"]).to_csv().as_bytes());
    put(root, "images/A-RH.JFIF", &fixture("gray.jpg"));
    put(root, "images/A-LF.Jpe", &fixture("gray.jpg"));
    let cohort = Cohort::open(root).unwrap();
    let patient = cohort.patient("A").unwrap();
    assert_eq!((cohort.patients().len(), patient.film_count(), cohort.problems().len()), (1, 3, 0), "{:?}", cohort.problems());
    assert!(cohort.grades_of(patient).is_some());
    assert_eq!(cohort.boxes(patient, Limb::LeftHand).narrowing.len(), 1);
    assert_eq!(cohort.label_status(&Reviews::default(), patient, Task::Narrowing, Limb::LeftHand), LabelStatus::Reader);
    // One that is saved while svh is open is seen too.
    put(root, "narrowing_labels/A-RH.Xml", &labels((48, 36), &["RH_mcp_2"]).to_bytes());
    assert_eq!(cohort.label_status(&Reviews::default(), patient, Task::Narrowing, Limb::RightHand), LabelStatus::Reader);
    let before = cohort.fingerprint();
    put(root, "Training.CSV", table(&["A", "B"]).to_csv().as_bytes());
    assert_ne!(Cohort::open(root).unwrap().fingerprint(), before);
    put(root, "narrowing_labels/A-LH.xml", &labels((48, 36), &[]).to_bytes());
    assert!(Cohort::open(root).unwrap().problems()[0].contains("A-LH.XML is left out, as the film has another label file"));
}

#[test]
fn what_is_in_a_films_folder_and_not_taken_is_told() {
    let folder = one_film();
    let root = folder.path();
    for name in ["B-LH.webp", "C-LH.gif", "D-LH.gif", "E-LH", "notes.txt", "Thumbs.db", ".hidden.png", "PHA001/LH.jpg", "PHA002/RH.jpg"] {
        put(root, &format!("images/{name}"), b"x");
    }
    fs::create_dir(root.join("images/F-LH.jpg")).unwrap();
    put(root, "G-LH.jpg", &fixture("gray.jpg"));
    let cohort = Cohort::open(root).unwrap();
    assert_eq!(ids(&cohort), ["A"]);
    let told = cohort.problems().join("\n");
    for words in [
        "B-LH.webp in images is left out",
        "2 files (C-LH.gif...) in images are left out: films are not read from .gif files",
        "E-LH in images is left out: a name without an extension",
        "notes.txt in images is left out",
        "2 files (PHA001/LH.jpg...) in 2 folders below images are left out",
        "F-LH.jpg in images is left out: it is a folder, not a file",
        "1 films beside images/ (G-LH.jpg...) is left out",
    ] {
        assert!(told.contains(words), "`{words}` is not in\n{told}");
    }
    assert_eq!(cohort.problems().len(), 7, "{told}");
}

#[test]
fn a_folder_of_nothing_but_rare_endings_says_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "images/A-LH.gif", b"x");
    let error = Cohort::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("A-LH.gif in images is left out: films are not read from .gif files"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "images/PHA001/LH.jpg", b"x");
    let error = Cohort::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("PHA001/LH.jpg in a folder below images is left out"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_to_nothing_pipes_and_names_that_are_not_utf8_are_told_and_never_wait() {
    use std::os::unix::ffi::OsStrExt;
    let folder = one_film();
    let root = folder.path();
    std::os::unix::fs::symlink("../gone.jpg", root.join("images/A-RH.jpg")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(root.join("images/A-LF.jpg")).status().unwrap().success());
    fs::write(root.join("images").join(std::ffi::OsStr::from_bytes(b"M\xFCller-LH.jpg")), fixture("gray.jpg")).unwrap();
    let cohort = Cohort::open(root).unwrap();
    assert_eq!((ids(&cohort), cohort.all_films().count()), (vec!["A"], 1));
    let told = cohort.problems().join("\n");
    assert!(told.contains("A-RH.jpg in images is left out: it is a broken link"), "{told}");
    assert!(told.contains("A-LF.jpg in images is left out: it is a pipe"), "{told}");
    assert!(told.contains("as its name is not UTF-8"), "{told}");
}

#[test]
fn an_empty_film_and_a_web_page_are_named_by_the_summary() {
    let folder = one_film();
    put(folder.path(), "images/B-LH.jpg", b"");
    put(folder.path(), "images/C-LH.jpg", b"<!DOCTYPE html><html>404</html>");
    let summary = Summary::of(&Cohort::open(folder.path()).unwrap());
    assert_eq!((summary.films.total, summary.films.unreadable), (3, 2));
    let told = summary.problems.join("\n");
    assert!(told.contains("B-LH.jpg is empty") && told.contains("C-LH.jpg is a web page"), "{told}");
    assert!(summary.to_string().contains("2 of them unreadable"));
}

#[test]
fn a_label_folder_that_cannot_be_read_is_not_one_without_labels() {
    let folder = one_film();
    fs::write(folder.path().join("narrowing_labels"), b"a file").unwrap();
    let error = Cohort::open(folder.path()).unwrap_err();
    assert!(matches!(error, CohortError::Labels { .. }) && error.to_string().contains("narrowing_labels cannot be read"), "{error}");
    #[cfg(unix)]
    {
        fs::remove_file(folder.path().join("narrowing_labels")).unwrap();
        std::os::unix::fs::symlink("gone", folder.path().join("narrowing_labels")).unwrap();
        assert!(matches!(Cohort::open(folder.path()), Err(CohortError::Labels { .. })));
    }
}

#[test]
fn a_name_is_one_name_in_both_unicode_forms() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "images/Mu\u{308}ller-LH.jpg", &fixture("gray.jpg"));
    put(root, "narrowing_labels/Müller-LH.xml", &labels((48, 36), &["LH_mcp_2"]).to_bytes());
    put(root, "training.csv", table(&["Müller"]).to_csv().as_bytes());
    let cohort = Cohort::open(root).unwrap();
    assert_eq!((ids(&cohort), cohort.problems()), (vec!["Müller"], &[][..]));
    for id in ["Müller", "Mu\u{308}ller"] {
        let patient = cohort.patient(id).unwrap();
        assert!(patient.has_film(Limb::LeftHand) && cohort.grades_of(patient).is_some() && cohort.grades().unwrap().get(id).is_some());
        assert_eq!(cohort.boxes(patient, Limb::LeftHand).narrowing.len(), 1);
    }
}

#[test]
fn ids_that_a_spreadsheet_changed_are_told() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "images/007-LH.jpg", &fixture("gray.jpg"));
    put(folder.path(), "training.csv", table(&["7"]).to_csv().as_bytes());
    let cohort = Cohort::open(folder.path()).unwrap();
    assert!(cohort.problems()[0].contains("007 and 7 are treated as different patients"), "{:?}", cohort.problems());
}

#[test]
fn tables_as_spreadsheets_write_them_are_read_or_called_what_they_are() {
    let csv = table(&["A", "B"]).to_csv();
    let read =
        |bytes: &[u8]| GradeTable::parse(Path::new("training.csv"), bytes).map(|table| (table.patients().to_vec(), table.rows().to_vec()));
    let plain = read(csv.as_bytes()).unwrap();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for bytes in [
        format!("sep=,\r\n{csv}").into_bytes(),
        format!("\u{feff}sep=;\r\n{}", csv.replace(',', ";")).into_bytes(),
        csv.replace(',', ";").into_bytes(),
        csv.replace(',', "\t").into_bytes(),
        utf16(&format!("\u{feff}{}", csv.replace(',', "\t"))),
        utf16(&csv),
    ] {
        assert_eq!(read(&bytes).unwrap(), plain);
    }
    for (bytes, name) in [
        (b"PK\x03\x04....[Content_Types].xml".to_vec(), "an Excel workbook"),
        (b"\x1F\x8B\x08\0".to_vec(), "a gzip archive; unpack it first"),
        (
            csv.replace("\nA,", "\nM\u{1}ller,")
                .replace('\u{1}', "?")
                .into_bytes()
                .into_iter()
                .map(|b| if b == b'?' { 0xFC } else { b })
                .collect(),
            "byte 0xFC in line 2",
        ),
    ] {
        let error = read(&bytes).unwrap_err().to_string();
        assert!(error.contains(name) && error.starts_with("training.csv cannot be read as a table"), "{error}");
    }
    // Lines are those of the file, the line `sep=` included.
    let error = read(format!("sep=,\n{}", csv.replace("\nB,", "\nB,9,9,")).as_bytes()).unwrap_err().to_string();
    assert!(error.contains("line 4"), "{error}");
}

#[test]
fn a_formula_as_an_id_is_written_as_text_and_read_back() {
    let evil = ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3"];
    let text = table(&evil).to_csv();
    for line in text.lines().skip(1) {
        assert!(line.starts_with("'") || line.starts_with("\"'"), "{line}");
    }
    assert_eq!(GradeTable::parse(Path::new("a.csv"), text.as_bytes()).unwrap().patients(), evil);
    assert!(table(&["-5", "+3.5"]).to_csv().contains("\n-5,"), "a number is not a formula");
}

#[test]
fn one_film_that_cannot_be_read_is_named_and_the_others_are_exported() {
    let folder = one_film();
    let root = folder.path();
    put(root, "narrowing_labels/A-LH.xml", &labels((48, 36), &["LH_mcp_2"]).to_bytes());
    put(root, "images/B-LH.jpg", &fixture("gray.jpg"));
    put(root, "narrowing_labels/B-LH.xml", &labels((48, 36), &["LH_mcp_2"]).to_bytes());
    let cohort = Cohort::open(root).unwrap();
    fs::remove_file(root.join("images/B-LH.jpg")).unwrap();
    let (reviews, out) = (Reviews::default(), tempfile::tempdir().unwrap());
    for bring in [LinkMode::Link, LinkMode::Copy] {
        let to = out.path().join(format!("{bring:?}"));
        let done = export::voc(&cohort, Source::Reference(&reviews), &to, bring, None, &GO).unwrap();
        assert!(to.join("images/A-LH.jpg").is_file() && !to.join("images/B-LH.jpg").exists());
        assert!(done.left_out.iter().any(|sentence| sentence.contains("B-LH.jpg cannot be read")), "{:?}", done.left_out);
    }
}
