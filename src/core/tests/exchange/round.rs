//! Out and in again.

use std::fs;
use std::path::Path;

use svh_core::export::{self, Source};
use svh_core::import::{Format, ImportOptions};
use svh_core::link_mode::LinkMode;
use svh_core::ra2::Fill;
use svh_core::{BBox, Cohort, GradeRow, GradeTable, Limb, Reviews, Task, VocFile, VocObject, joint};
use tempfile::TempDir;

use super::{GO, files, foreign, imported, opened};

/// Two patients whose boxes have fractions, difficult ones, an erosion file for a foot, a column more, missing grades, and XML that svh knows nothing of.
pub fn cohort() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut row = GradeRow::default();
    joint::all().skip(3).for_each(|joint| row.set(joint, Some(joint.max_grade)).unwrap());
    let mut table = GradeTable::new();
    table.insert("P1", row);
    table.insert("P,2", GradeRow::default());
    let csv = table.to_csv();
    let with_more: Vec<String> =
        csv.lines().enumerate().map(|(line, text)| if line == 0 { format!("{text},Age") } else { format!("{text},6{line}") }).collect();
    fs::write(root.join("training.csv"), with_more.join("\n") + "\n").unwrap();
    fs::create_dir(root.join("images")).unwrap();
    for (patient, limb) in [("P1", Limb::LeftHand), ("P1", Limb::RightFoot), ("P,2", Limb::RightHand), ("P3", Limb::LeftFoot)] {
        fs::copy(foreign("voc/V1-LH.png"), root.join(format!("images/{patient}-{limb}.png"))).unwrap();
    }
    labels(root, "P1-LH", Task::Narrowing, Limb::LeftHand);
    labels(root, "P1-LH", Task::Erosion, Limb::LeftHand);
    labels(root, "P1-RF", Task::Narrowing, Limb::RightFoot);
    labels(root, "P1-RF", Task::Erosion, Limb::RightFoot);
    labels(root, "P,2-RH", Task::Erosion, Limb::RightHand);
    labels(root, "P3-LF", Task::Narrowing, Limb::LeftFoot);
    folder
}

fn labels(root: &Path, stem: &str, task: Task, limb: Limb) {
    let path = root.join(format!("{task}_labels/{stem}.xml"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = VocFile::new(&path, &root.join(format!("images/{stem}.png")), (200, 260));
    for (number, joint) in joint::of_limb(task, limb).enumerate() {
        let x = 7.3 * number as f32 + if task == Task::Erosion { 0.1 } else { 0.0 };
        let bbox = BBox::from([x, 10.7, x + 33.333_332, 51.0 + x / 3.0]);
        file.add(&VocObject { name: joint.label.clone(), bbox, difficult: number == 1 });
    }
    let text = file.to_text().replace("<segmented>0</segmented>", "<segmented>0</segmented>\n\t<!-- kept -->\n\t<quality>fair</quality>");
    fs::write(path, text).unwrap();
}

/// Everything of a cohort that can be asked for: boxes, difficulty, grades, extra columns.
fn facts(cohort: &Cohort) -> Vec<String> {
    let mut facts = Vec::new();
    for patient in cohort.patients() {
        for limb in Limb::ALL.into_iter().filter(|limb| patient.has_film(*limb)) {
            let labels = cohort.boxes(patient, limb);
            assert!(labels.problems.is_empty(), "{:?}", labels.problems);
            facts.push(format!("{} {limb} {:?} {:?}", patient.id, labels.narrowing, labels.erosion));
        }
    }
    let table = cohort.grades().unwrap();
    for (place, (patient, row)) in table.patients().iter().zip(table.rows()).enumerate() {
        facts.push(format!("{patient} {row:?} {:?}", table.extras(place)));
    }
    facts
}

#[test]
fn voc_out_and_in_again_is_the_same_to_the_byte() {
    let folder = cohort();
    let cohort = Cohort::open(folder.path()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("voc");
    let done = export::voc(&cohort, Source::Reference(&Reviews::default()), &place, LinkMode::Link, None, &GO).unwrap();
    assert_eq!((done.films, done.patients, done.left_out), (4, 2, Vec::new()));
    let (back, report) = imported(Format::Voc, &place, &ImportOptions::default()).unwrap();
    assert!(report.left_out.is_empty() && report.notes.is_empty(), "{report}");
    let (before, mut after) = (files(folder.path()), files(&back.path().join("cohort")));
    assert!(after.remove("import.json").is_some());
    let table = |files: &std::collections::BTreeMap<String, Vec<u8>>| String::from_utf8(files["training.csv"].clone()).unwrap();
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert_eq!(table(&before), table(&after));
    assert!(before == after, "some label file or film differs");
}

#[test]
fn coco_out_and_in_again_keeps_every_box_to_the_bit_and_every_grade() {
    let folder = cohort();
    let cohort = Cohort::open(folder.path()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("coco");
    let reviews = Reviews::default();
    export::coco(&cohort, Source::Reference(&reviews), &reviews, &place, LinkMode::Link, None, &GO).unwrap();
    let (back, report) = imported(Format::Coco, &place, &ImportOptions::default()).unwrap();
    assert!(report.left_out.is_empty(), "{report}");
    let back = opened(&back);
    let (mut before, mut after) = (facts(&cohort), facts(&back));
    before.sort();
    after.sort();
    assert_eq!(before, after);
}

#[test]
fn the_challenges_csv_out_and_in_again_keeps_every_grade() {
    let folder = cohort();
    let cohort = Cohort::open(folder.path()).unwrap();
    let place = folder.path().join("out.csv");
    let reviews = Reviews::default();
    export::challenge(&cohort, Source::Reference(&reviews), &place, Fill::default()).unwrap();
    let text = fs::read_to_string(&place).unwrap();
    assert_eq!(text.lines().next().unwrap().split(',').map(str::to_owned).collect::<Vec<_>>(), joint::template_columns());
    let (back, _) = imported(Format::Challenge, &place, &ImportOptions::default()).unwrap();
    assert_eq!(opened(&back).grades().unwrap().rows(), cohort.grades().unwrap().rows());
    let again = folder.path().join("again.csv");
    export::challenge(&opened(&back), Source::Reference(&reviews), &again, Fill::default()).unwrap();
    assert_eq!(fs::read_to_string(again).unwrap(), text);
    let refused = export::challenge(&cohort, Source::Reference(&reviews), &place, Fill::default()).unwrap_err().to_string();
    assert!(refused.contains("out.csv is there already"), "{refused}");
}

#[test]
fn missing_grades_are_filled_as_far_as_the_scale_goes() {
    let folder = cohort();
    let cohort = Cohort::open(folder.path()).unwrap();
    let place = folder.path().join("out.csv");
    export::challenge(&cohort, Source::Reference(&Reviews::default()), &place, Fill { missing: Some(5), open: false }).unwrap();
    let table = GradeTable::read(&place).unwrap();
    let row = table.get("P,2").unwrap();
    assert!(row.iter().all(|(joint, grade)| grade == Some(joint.max_grade.min(5))));
}
