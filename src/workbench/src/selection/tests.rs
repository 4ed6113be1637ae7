//! What is written is read again as it was; COCO and VOC files hold the boxes; what is wrong with a file is said with its place.

use std::path::Path;

use svh_core::{BBox, Cohort, Film, Limb, Task, VocFile, joint};

use super::{Item, Selection, Target, read, read::ReadError, write, write::WriteError};

fn cohort() -> (tempfile::TempDir, Cohort) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("images")).unwrap();
    for name in ["A1-LH", "A1-RF", "B2-LH"] {
        image::GrayImage::new(90, 120).save(folder.path().join(format!("images/{name}.png"))).unwrap();
    }
    let cohort = Cohort::open(folder.path()).unwrap();
    (folder, cohort)
}

fn item(patient: &str, limb: Limb, label: &str, place: f32) -> Item {
    Item {
        joint: joint::by_label(Task::Narrowing, label),
        what: "Background, far \"off\"".to_owned(),
        reference: Some(BBox { x0: place, y0: 10.0, x1: place + 20.5, y1: 33.25 }),
        found: Some(BBox { x0: place + 1.0, y0: 11.0, x1: place + 21.0, y1: 34.0 }),
        score: Some(0.625),
        iou: Some(0.75),
        reader: Some(2),
        model: Some(3),
        ..Item::film(patient, limb)
    }
}

fn some() -> Selection {
    let items =
        vec![item("A1", Limb::LeftHand, "LH_mcp_2", 5.0), item("B2", Limb::LeftHand, "LH_pip_3", 40.0), Item::film("A1", Limb::RightFoot)];
    Selection { title: "doubtful".to_owned(), items }
}

#[test]
fn csv_and_json_are_read_again_as_they_were() {
    let (folder, cohort) = cohort();
    for name in ["list.csv", "list.json"] {
        let target = Target::of(name, folder.path()).unwrap();
        write(&some(), &target, &cohort).unwrap();
        assert_eq!(read(target.path()).unwrap().items, some().items, "{name}");
    }
    assert_eq!(read(&folder.path().join("list.json")).unwrap().title, "doubtful");
    assert_eq!(read(&folder.path().join("list.csv")).unwrap().title, "list", "the file's name where it has no title");
}

#[test]
fn places_alone_are_a_selection() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hard.json");
    std::fs::write(&path, r#"["A1/LH/mcp_2", "A1/LH/LH_wrist_ulna", "B2/LH"]"#).unwrap();
    let found = read(&path).unwrap();
    let labels: Vec<_> = found.items.iter().map(|item| item.joint.map(|joint| (joint.task, joint.label.as_str()))).collect();
    assert_eq!(labels, [Some((Task::Narrowing, "LH_mcp_2")), Some((Task::Erosion, "LH_wrist_ulna")), None]);
    assert_eq!(found.items[0].place(), "A1/LH/mcp_2");
    assert_eq!(found.items[2].place(), "B2/LH");
}

#[test]
fn coco_and_voc_hold_the_films_and_the_boxes_of_the_list() {
    let (folder, cohort) = cohort();
    write(&some(), &Target::of("list.coco.json", folder.path()).unwrap(), &cohort).unwrap();
    let read = |name: &str| -> serde_json::Value { serde_json::from_slice(&std::fs::read(folder.path().join(name)).unwrap()).unwrap() };
    let (reference, found) = (read("list.coco.json"), read("list.results.json"));
    assert_eq!(reference["images"].as_array().unwrap().len(), 2, "a film without a box is not among them");
    assert_eq!(reference["images"][1]["file_name"], "B2-LH.png");
    assert_eq!(reference["annotations"][0]["bbox"], serde_json::json!([5.0, 10.0, 20.5, 23.25]));
    assert_eq!(reference["categories"].as_array().unwrap().len(), 42);
    assert_eq!((found[1]["image_id"].as_u64(), found[1]["score"].as_f64()), (Some(2), Some(0.625)));
    write(&some(), &Target::of("boxes/", folder.path()).unwrap(), &cohort).unwrap();
    let file = VocFile::read(&folder.path().join("boxes/narrowing_labels/B2-LH.xml")).unwrap();
    assert_eq!(file.objects()[0].name, "LH_pip_3");
    assert!(matches!(write(&some(), &Target::of("boxes/", folder.path()).unwrap(), &cohort), Err(WriteError::Taken(_))));
    let mut both = some();
    both.items[1].joint = joint::by_label(Task::Erosion, "LH_pip_3");
    assert!(matches!(write(&both, &Target::of("both.coco.json", folder.path()).unwrap(), &cohort), Err(WriteError::BothTasks)));
    assert!(Film::size(&folder.path().join("images/A1-LH.png")).is_ok());
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let said = |text: &str| {
        let path = folder.path().join("x.json");
        std::fs::write(&path, text).unwrap();
        read(&path).unwrap_err().to_string()
    };
    assert!(said(r#"["A1/LH/mcp_2", "A1/XX"]"#).contains("entry 2 (from 1): `XX` is not a limb"));
    assert!(said(r#"["A1/LH/knee"]"#).contains("`knee` is not a joint of the left hand"));
    assert!(said("patient,limb,score\nA1,LH,high\n").contains("`high` in the column score is not a number"));
    assert!(said("{\"a\": 1}").contains("is not a list of entries") && said("a,b\n1,2\n").contains("columns patient and limb"));
    assert!(said(r#"[{"patient": "A1", "limb": "LH", "box": [5, 5, 4, 9]}]"#).contains("x0 < x1"));
    assert!(matches!(read(Path::new("/nowhere/at.all")), Err(ReadError::Unreadable { .. })));
    assert!(Target::of("list.txt", folder.path()).is_err() && Target::of(".csv", folder.path()).is_err());
}
