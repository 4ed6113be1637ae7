//! What the formats of others become.

use std::fs;
use std::sync::atomic::AtomicBool;

use svh_core::import::{self, Format, ImportError, ImportOptions};
use svh_core::link_mode::LinkMode;
use svh_core::{BBox, Limb, Task, joint};

use super::{boxes, files, foreign, imported, left, opened};

const LH: Limb = Limb::LeftHand;

#[test]
fn ram_h1200_gives_grades_regions_and_splits_and_says_what_it_left_out() {
    let (folder, report) = imported(Format::RamH1200, &foreign("ram-h1200"), &ImportOptions::default()).unwrap();
    let cohort = opened(&folder);
    let ids: Vec<_> = cohort.patients().iter().map(|patient| patient.id.as_str()).collect();
    assert_eq!(ids, ["RAM0001", "RAM0002", "RAM0009"]);
    let grade = |patient: &str, column: &str| cohort.grades().unwrap().get(patient).unwrap().get(joint::by_column(column).unwrap());
    assert_eq!(grade("RAM0001", "LH_mcp_E__1"), Some(0));
    assert_eq!(grade("RAM0001", "LH_mcp_E__2"), Some(3));
    assert_eq!(grade("RAM0001", "LH_mcp_J__2"), Some(4));
    assert_eq!(grade("RAM0001", "LH_wrist_E__mul"), Some(1));
    assert_eq!(grade("RAM0001", "LH_wrist_J__capnlun"), Some(1));
    assert_eq!(grade("RAM0001", "LH_wrist_J__radcar"), Some(2));
    assert_eq!((grade("RAM0001", "RH_mcp_E__1"), grade("RAM0001", "RH_wrist_E__lunate")), (Some(5), Some(1)));
    assert_eq!((grade("RAM0001", "RH_wrist_E__nav"), grade("RAM0002", "LH_wrist_E__ulna")), (Some(2), Some(1)), "also as text, also by _L");
    assert_eq!((grade("RAM0001", "LH_mcp_E__ip"), grade("RAM0001", "LH_wrist_E__ulna")), (None, None), "null, and 9 of 5");
    assert_eq!(grade("RAM0009", "LH_mcp_J__2"), Some(2), "graded, its film absent");
    let narrowing = boxes(&cohort, "RAM0001", Task::Narrowing, LH);
    assert_eq!(narrowing.keys().collect::<Vec<_>>(), ["LH_mcp_1", "LH_mcp_2"]);
    assert_eq!(narrowing["LH_mcp_1"], BBox::from([101.0, 81.0, 129.25, 109.0]));
    let erosion = boxes(&cohort, "RAM0001", Task::Erosion, LH);
    assert_eq!(erosion.keys().collect::<Vec<_>>(), ["LH_mcp_1", "LH_mcp_2", "LH_mcp_ip"]);
    assert_eq!(erosion["LH_mcp_1"], BBox::from([100.5, 80.0, 130.5, 110.0]));
    let splits = fs::read_to_string(folder.path().join("cohort/splits.csv")).unwrap();
    assert_eq!(splits, "film,split\nRAM0001-LH,train\nRAM0001-RH,train\nRAM0002-LH,val\nRAM0009-LH,train\n");
    assert_eq!((report.patients, report.films, report.boxes[&Task::Narrowing], report.boxes[&Task::Erosion]), (3, 3, 3, 4));
    assert_eq!((report.grades[&Task::Narrowing], report.grades[&Task::Erosion]), (4, 8));
    assert_eq!(left(&report, "not a joint of a hand"), 1, "{report}");
    assert_eq!(left(&report, "out of range"), 1, "{report}");
    assert_eq!(left(&report, "is not a grade"), 1, "{report}");
    assert_eq!(left(&report, "outside its film"), 1, "{report}");
    assert_eq!(left(&report, "category is not a joint"), 1, "{report}");
    assert_eq!(left(&report, "its grades are imported"), 1, "{report}");
    assert_eq!(left(&report, "does not say the limb"), 1, "{report}");
    assert_eq!(left(&report, "_annotations.coco.json names it, but it is missing"), 1, "{report}");
    for note in ["BE_Tm", "JSN_SC", "JSN_SR", "joint crops"] {
        assert!(report.notes.iter().any(|known| known.contains(note)), "{note}: {report}");
    }
}

#[test]
fn a_split_is_taken_alone_and_one_that_is_not_there_is_named() {
    let wanted = |split: &str| ImportOptions { splits: vec![split.to_owned()], ..ImportOptions::default() };
    let (folder, _) = imported(Format::RamH1200, &foreign("ram-h1200"), &wanted("val")).unwrap();
    assert_eq!(opened(&folder).patients().len(), 1);
    let error = imported(Format::RamH1200, &foreign("ram-h1200"), &wanted("test")).unwrap_err().to_string();
    assert!(error.contains("no split test") && error.contains("train, val"), "{error}");
    let (folder, _) = imported(Format::RamH1200, &foreign("ram-h1200/train"), &ImportOptions::default()).unwrap();
    assert_eq!(opened(&folder).patients().len(), 2, "a split's folder is a source of its own");
}

#[test]
fn coco_boxes_go_to_the_joint_of_their_category_and_the_film_of_their_image() {
    let (folder, report) = imported(Format::Coco, &foreign("coco"), &ImportOptions::default()).unwrap();
    let cohort = opened(&folder);
    let c1 = boxes(&cohort, "C1", Task::Erosion, LH);
    assert_eq!(c1["LH_wrist_lunate"], BBox::from([20.0, 30.0, 35.0, 45.0]));
    assert_eq!((c1.len(), c1["LH_mcp_2"]), (2, BBox::from([60.0, 60.0, 80.0, 82.0])));
    assert!(boxes(&cohort, "C1", Task::Narrowing, LH).is_empty(), "the file's name says erosion");
    assert_eq!(boxes(&cohort, "scan7", Task::Erosion, Limb::RightHand).len(), 1, "the box says the limb");
    assert_eq!(left(&report, "has a box of erosion already"), 1, "{report}");
    assert_eq!(left(&report, "another limb than the film"), 1, "{report}");
    assert_eq!(left(&report, "category is not a joint"), 1, "{report}");
    assert_eq!(left(&report, "none of the images"), 1, "{report}");
    assert_eq!(left(&report, "C2-LH.png"), 1, "{report}");
}

#[test]
fn a_coco_file_that_could_be_of_either_task_asks_which() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("images")).unwrap();
    fs::copy(foreign("coco/images/C1-LH.png"), folder.path().join("images/C1-LH.png")).unwrap();
    let text = fs::read_to_string(foreign("coco/erosion.json")).unwrap().replace("LH_wrist_lunate", "LH_mcp_3");
    fs::write(folder.path().join("boxes.json"), text).unwrap();
    let error = imported(Format::Coco, folder.path(), &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::WhichTask { .. }) && error.to_string().contains("--task"), "{error}");
    let wanted = ImportOptions { task: Some(Task::Narrowing), ..ImportOptions::default() };
    let (made, _) = imported(Format::Coco, folder.path(), &wanted).unwrap();
    assert_eq!(boxes(&opened(&made), "C1", Task::Narrowing, LH).len(), 2);
}

#[test]
fn landmarks_become_boxes_of_the_tables_sizes() {
    let (folder, report) = imported(Format::Labelme, &foreign("labelme"), &ImportOptions::default()).unwrap();
    let cohort = opened(&folder);
    // Palm width: from mcp_2 (116, 110) to mcp_5 (60, 118).
    let palm = (56.0_f32 * 56.0 + 8.0 * 8.0).sqrt();
    let close = |bbox: BBox, centre: (f32, f32), side: f32| {
        let (x, y) = bbox.centre();
        assert!((x - centre.0).abs() < 1e-3 && (y - centre.1).abs() < 1e-3 && (bbox.width() - side).abs() < 1e-3, "{bbox:?}");
    };
    let erosion = boxes(&cohort, "L1", Task::Erosion, LH);
    let narrowing = boxes(&cohort, "L1", Task::Narrowing, LH);
    assert_eq!((narrowing.len(), erosion.len()), (15, 16));
    close(erosion["LH_mcp_ip"], (160.0, 120.0), 0.30 * palm);
    close(narrowing["LH_mcp_2"], (116.0, 110.0), 0.36 * palm);
    // The wrist's frame: origin between w1 and w3, x from w3 to w1, y by w2.
    let (origin, x) = ((95.0, 181.0), (46.0, -2.0));
    let y = ((96.0 - origin.0 + 0.01 * x.0) / 0.37, (200.0 - origin.1 + 0.01 * x.1) / 0.37);
    let radcar = (origin.0 + 0.12 * x.0 + 0.55 * y.0, origin.1 + 0.12 * x.1 + 0.55 * y.1);
    close(narrowing["LH_wrist_radcar"], radcar, 0.50 * palm);
    // Foot width: from mtp_1 (140, 110) to mtp_5 (56, 124).
    let foot = (84.0_f32 * 84.0 + 14.0 * 14.0).sqrt();
    let toes = boxes(&cohort, "L1", Task::Narrowing, Limb::RightFoot);
    assert_eq!(toes.len(), 6);
    close(toes["RF_mtp_ip"], (150.0, 60.0), 0.25 * foot);
    close(toes["RF_mtp_1"], (140.0, 110.0), 0.35 * foot);
    assert!(!folder.path().join("cohort/erosion_labels/L1-RF.xml").exists(), "a foot's erosion boxes are those of narrowing");
    let partly = boxes(&cohort, "L2", Task::Narrowing, LH);
    assert!(!partly.contains_key("LH_pip_2") && !partly.contains_key("LH_wrist_radcar") && partly.contains_key("LH_mcp_2"));
    assert!(left(&report, "landmark w2 is missing") > 0 && left(&report, "landmark pip_2 is missing") > 0, "{report}");
    assert_eq!(left(&report, "no box can be derived from it"), 1, "{report}");
    assert_eq!(left(&report, "of another kind of limb"), 1, "{report}");
    assert_eq!(left(&report, "201 x 260 pixels and its film has 200 x 260"), 1, "{report}");
    assert_eq!(left(&report, "a labelme file"), 1, "{report}");
}

#[test]
fn label_files_beside_their_films_are_taken_as_they_are() {
    let source = foreign("voc");
    let (folder, report) = imported(Format::Voc, &source, &ImportOptions::default()).unwrap();
    let cohort = opened(&folder);
    assert_eq!(boxes(&cohort, "V1", Task::Erosion, LH).len(), 2, "wrist_ulna is a joint of erosion alone");
    let copy = fs::read(folder.path().join("cohort/erosion_labels/V1-LH.xml")).unwrap();
    assert_eq!(copy, fs::read(source.join("V1-LH.xml")).unwrap());
    assert_eq!(left(&report, "`LH_toe` is not a joint of erosion"), 1, "{report}");
    assert_eq!(left(&report, "its film is not there"), 1, "{report}");
}

#[test]
fn the_challenges_folder_is_taken_with_films_beside_the_table_and_without() {
    let source = tempfile::tempdir().unwrap();
    let mut table = svh_core::GradeTable::new();
    let mut row = svh_core::GradeRow::default();
    row.set(joint::by_column("LF_mtp_E__1").unwrap(), Some(10)).unwrap();
    table.insert("UAB001", row);
    table.insert("UAB004", row);
    table.write(&source.path().join("training.csv")).unwrap();
    fs::copy(foreign("coco/images/C1-LH.png"), source.path().join("UAB001-LF.png")).unwrap();
    let (folder, report) = imported(Format::Challenge, source.path(), &ImportOptions::default()).unwrap();
    let cohort = opened(&folder);
    assert_eq!(cohort.film(cohort.patient("UAB001").unwrap(), Limb::LeftFoot), Some(folder.path().join("cohort/images/UAB001-LF.png")));
    assert_eq!((report.films, report.grades[&Task::Erosion]), (1, 2));
    assert!(report.notes.iter().any(|note| note.contains("1 of 2 graded patients have no film")));
    let (from_file, _) = imported(Format::Challenge, &source.path().join("training.csv"), &ImportOptions::default()).unwrap();
    let table = |folder: &tempfile::TempDir| fs::read(folder.path().join("cohort/training.csv")).unwrap();
    assert_eq!(table(&from_file), table(&folder));
}

#[test]
fn nothing_to_take_is_said_before_anything_is_written() {
    let empty = tempfile::tempdir().unwrap();
    fs::write(empty.path().join("a.json"), "{}").unwrap();
    for format in Format::ALL {
        let error = imported(format, empty.path(), &ImportOptions::default()).unwrap_err().to_string();
        assert!(error.contains("nothing to import") && error.contains(format.name()), "{error}");
        let error = imported(format, &empty.path().join("nowhere"), &ImportOptions::default()).unwrap_err().to_string();
        assert!(error.contains("nowhere cannot be read"), "{error}");
    }
    assert_eq!(files(empty.path()).len(), 1);
}

#[test]
fn an_import_writes_into_new_or_empty_folders_only_and_leaves_nothing_when_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("mine.txt"), "mine").unwrap();
    let draft = import::read(Format::RamH1200, &foreign("ram-h1200"), &ImportOptions::default()).unwrap();
    let go = AtomicBool::new(false);
    let error = draft.write(&out, LinkMode::Copy, &go, |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("out is there already and not empty"), "{error}");
    assert_eq!(files(folder.path()).keys().collect::<Vec<_>>(), ["out/mine.txt"]);
    let fresh = folder.path().join("fresh");
    let stop = AtomicBool::new(false);
    let stopping = |done: usize, _: usize| stop.store(done == 2, std::sync::atomic::Ordering::Relaxed);
    let error = draft.write(&fresh, LinkMode::Copy, &stop, stopping).unwrap_err();
    assert!(matches!(error, ImportError::Staging(_)) && error.to_string().contains("was stopped"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no half cohort, no litter");
}

#[test]
fn films_come_as_second_names_or_as_copies() {
    use std::os::unix::fs::MetadataExt;
    let source = tempfile::tempdir().unwrap();
    let film = source.path().join("V1-LH.png");
    fs::copy(foreign("voc/V1-LH.png"), &film).unwrap();
    fs::copy(foreign("voc/V1-LH.xml"), source.path().join("V1-LH.xml")).unwrap();
    let draft = import::read(Format::Voc, source.path(), &ImportOptions::default()).unwrap();
    for (bring, names) in [(LinkMode::Copy, 1), (LinkMode::Link, 2)] {
        let out = source.path().join(format!("{bring:?}"));
        draft.write(&out, bring, &AtomicBool::new(false), |_, _| {}).unwrap();
        assert_eq!(fs::metadata(out.join("images/V1-LH.png")).unwrap().nlink(), names, "{bring:?}");
    }
}

#[test]
fn shapes_of_labelme_stand_for_their_centre_or_are_left_out_by_name() {
    let film = foreign("coco/images/C1-LH.png");
    let with = |shapes: &str| {
        let source = tempfile::tempdir().unwrap();
        fs::copy(&film, source.path().join("C1-LH.png")).unwrap();
        let joints = [("mcp_2", 60.0, 40.0), ("mcp_3", 50.0, 40.0), ("mcp_4", 40.0, 42.0), ("mcp_5", 30.0, 45.0)];
        let shapes: Vec<String> = joints
            .iter()
            .map(|(name, x, y)| {
                let corners = match shapes {
                    "point" => format!("[[{x},{y}]]"),
                    "rectangle" => format!("[[{},{}],[{},{}]]", x - 9.0, y - 7.0, x + 9.0, y + 7.0),
                    "polygon" => format!("[[{},{y}],[{x},{}],[{},{y}],[{x},{}]]", x - 5.0, y - 5.0, x + 5.0, y + 5.0),
                    "circle" => format!("[[{x},{y}],[{},{y}]]", x + 8.0),
                    _ => format!("[[{x},{y}],[{},{y}],[{x},{}]]", x + 8.0, y + 8.0),
                };
                format!(r#"{{"label":"{name}","points":{corners},"shape_type":"{shapes}"}}"#)
            })
            .collect();
        let text = format!("\u{feff}{{\"shapes\":[{}],\"imagePath\":\"C1-LH.png\"}}", shapes.join(","));
        fs::write(source.path().join("C1-LH.json"), text).unwrap();
        imported(Format::Labelme, source.path(), &ImportOptions::default())
    };
    let of = |shapes: &str| {
        let (folder, _) = with(shapes).unwrap();
        boxes(&opened(&folder), "C1", Task::Narrowing, LH)
    };
    let points = of("point");
    assert!(points.len() >= 4, "{points:?}");
    for shapes in ["rectangle", "polygon", "circle"] {
        let found = of(shapes);
        assert_eq!(found.keys().collect::<Vec<_>>(), points.keys().collect::<Vec<_>>(), "{shapes}");
        for (label, bbox) in &points {
            let (a, b) = (bbox.centre(), found[label].centre());
            assert!((a.0 - b.0).abs() < 0.01 && (a.1 - b.1).abs() < 0.01, "{shapes} {label}: {a:?} {b:?}");
        }
    }
    for shapes in ["line", "linestrip", "mask"] {
        let (_, report) = with(shapes).unwrap();
        assert_eq!((left(&report, "has no centre"), report.boxes[&Task::Narrowing]), (4, 0), "{shapes}: {report}");
    }
}

#[test]
fn coco_files_of_other_tools_are_read_or_named_with_their_fault() {
    let source = tempfile::tempdir().unwrap();
    fs::create_dir(source.path().join("images")).unwrap();
    fs::copy(foreign("coco/images/C1-LH.png"), source.path().join("images/C1-LH.png")).unwrap();
    let json = source.path().join("narrowing.json");
    let text = |id: &str, bbox: &str| {
        format!(
            r#"{{"images":[{{"id":{id},"file_name":"C1-LH.png"}}],"annotations":[{{"id":1,"image_id":{id},"category_id":{id},"bbox":{bbox},"area":NaN,"difficult":"True"}}],"categories":[{{"id":{id},"name":"LH_mcp_2"}}]}}"#
        )
    };
    for id in ["7", "\"7\"", "7.0", "\"seven\""] {
        fs::write(&json, format!("\u{feff}{}", text(id, "[10, \"12\", 20.5, 13]"))).unwrap();
        let (folder, _) = imported(Format::Coco, source.path(), &ImportOptions::default()).unwrap();
        let found = boxes(&opened(&folder), "C1", Task::Narrowing, LH);
        assert_eq!(found["LH_mcp_2"], BBox::from([10.0, 12.0, 30.5, 25.0]), "{id}");
    }
    for bbox in ["null", "[1, 2, 3]", "[1, 2, 3, 4, 5]", "[NaN, 2, 3, 4]"] {
        fs::write(&json, text("7", bbox)).unwrap();
        let (_, report) = imported(Format::Coco, source.path(), &ImportOptions::default()).unwrap();
        assert_eq!(report.boxes[&Task::Narrowing], 0, "{bbox}");
        assert!(left(&report, "four numbers") + left(&report, "lacks a number") == 1, "{bbox}: {report}");
    }
    for (broken, reason) in [
        (text("7", "[1,2,3,4]").replace("\"categories\"", "\"kinds\""), "without categories"),
        (text("7", "[1,2,3,4]").replace("\"name\":\"LH_mcp_2\"", "\"name\":5"), "an entry of it cannot be read (invalid type"),
        (text("7", "[1,2,3,4]") + "]", "it is not valid JSON"),
    ] {
        fs::write(&json, broken).unwrap();
        let error = imported(Format::Coco, source.path(), &ImportOptions::default()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
