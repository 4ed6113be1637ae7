//! Reviews and runs on their way out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use svh_core::export::{self, ExportError, RunPredictions, Source};
use svh_core::link_mode::LinkMode;
use svh_core::ra2::Fill;
use svh_core::review::{Author, Before, Change, Journal, ReviewTarget};
use svh_core::{
    BBox, Cohort, Detection, FilmDetections, JointScore, Limb, PatientScore, Reviews, RunInfo, RunKind, RunStatus, RunWriter, Task, joint,
};

use super::{GO, boxes, files, round::cohort};

/// anna moves one box, deletes one, draws one on a foot for erosion alone, and changes a grade.
fn reviewed(root: &Path) -> Reviews {
    let mut author = Author::new("anna");
    let (mut journal, mut reviews) = (Journal::new(root, &author), Reviews::default());
    let mut does = |task, label: &str, change| {
        let joint = joint::by_label(task, label).unwrap();
        let target =
            ReviewTarget { patient: if joint.limb == Limb::LeftFoot { "P3".into() } else { "P1".into() }, film: None, joint, size: None };
        let entry = author.entry(&reviews, &target, change, Before::default()).unwrap();
        reviews.insert("x", 1, entry.clone());
        journal.append(entry).unwrap();
    };
    let bbox = BBox::from([100.0, 120.5, 140.0, 160.0]);
    does(Task::Narrowing, "LH_mcp_2", Change::Move { bbox });
    does(Task::Narrowing, "LH_mcp_3", Change::Delete);
    does(Task::Erosion, "LF_mtp_1", Change::Move { bbox });
    does(Task::Erosion, "LH_mcp_1", Change::Grade { grade: Some(2) });
    Reviews::read(root)
}

#[test]
fn a_part_of_a_cohort_is_exported_with_its_own_patients_corrected() {
    let folder = cohort();
    let reviews = reviewed(folder.path());
    let whole = Cohort::open(folder.path()).unwrap();
    let part = whole.only(&["P3".to_owned(), "nobody".to_owned()]);
    let out = tempfile::tempdir().unwrap();
    export::voc(&part, Source::Reference(&reviews), &out.path().join("part"), LinkMode::Link, None, &GO).unwrap();
    let made = Cohort::open(&out.path().join("part")).unwrap();
    assert_eq!(made.patients().iter().map(|patient| patient.id.as_str()).collect::<Vec<_>>(), ["P3"]);
    assert_eq!(boxes(&made, "P3", Task::Erosion, Limb::LeftFoot)["LF_mtp_1"], BBox::from([100.0, 120.5, 140.0, 160.0]));
    assert!(made.grades().is_none_or(|table| table.patients().iter().all(|patient| patient == "P3")));
    let films = |cohort: &Cohort, id: &str| cohort.films(cohort.patient(id).unwrap()).count();
    assert_eq!(films(&made, "P3"), films(&whole, "P3"));
}

#[test]
fn reviews_are_in_what_is_exported_and_the_cohort_is_as_it_was() {
    let folder = cohort();
    let root = folder.path();
    let before = files(root);
    let reviews = reviewed(root);
    let cohort = Cohort::open(root).unwrap();
    let out = tempfile::tempdir().unwrap();
    export::voc(&cohort, Source::Reference(&reviews), &out.path().join("voc"), LinkMode::Copy, None, &GO).unwrap();
    let made = Cohort::open(&out.path().join("voc")).unwrap();
    let narrowing = boxes(&made, "P1", Task::Narrowing, Limb::LeftHand);
    assert_eq!(narrowing["LH_mcp_2"], BBox::from([100.0, 120.5, 140.0, 160.0]));
    assert!(!narrowing.contains_key("LH_mcp_3") && narrowing.len() == 14);
    let text = fs::read_to_string(out.path().join("voc/narrowing_labels/P1-LH.xml")).unwrap();
    assert!(text.contains("<!-- kept -->") && text.contains("<quality>fair</quality>"), "what is not a box stays");
    let foot = boxes(&made, "P3", Task::Erosion, Limb::LeftFoot);
    assert_eq!((foot.len(), foot["LF_mtp_1"]), (6, BBox::from([100.0, 120.5, 140.0, 160.0])));
    assert_ne!(boxes(&made, "P3", Task::Narrowing, Limb::LeftFoot)["LF_mtp_1"], foot["LF_mtp_1"]);
    assert_eq!(made.grades().unwrap().get("P1").unwrap().get(joint::by_column("LH_mcp_E__1").unwrap()), Some(2));
    // Corrected once, corrected for good: the copy needs no reviews.
    assert_eq!(boxes(&made, "P1", Task::Erosion, Limb::LeftHand), boxes(&cohort, "P1", Task::Erosion, Limb::LeftHand));
    let mut after = files(root);
    after.retain(|name, _| !name.starts_with("reviews/"));
    assert!(before == after, "the cohort's own files were touched");
    let plain = out.path().join("plain");
    export::voc(&cohort, Source::Reference(&Reviews::default()), &plain, LinkMode::No, None, &GO).unwrap();
    assert_eq!(fs::read(plain.join("narrowing_labels/P1-LH.xml")).unwrap(), before["narrowing_labels/P1-LH.xml"]);
    assert!(!plain.join("images").exists());
}

/// A run over two films: one labelled, one not.
fn run(root: &Path) -> RunPredictions {
    let film = |name: &str, limb, found: &[(&str, f32, bool)]| {
        let found = found.iter().map(|(label, score, kept)| detection(label, *score, *kept)).collect();
        FilmDetections::new(format!("elsewhere/{name}"), (200, 260), limb, found)
    };
    let mut writer = RunWriter::create(&root.join("runs/one"), RunInfo::new(RunKind::Score, Vec::new())).unwrap();
    writer.film(&film("P1-LH.png", Limb::LeftHand, &[("LH_mcp_2", 0.9, true), ("LH_mcp_2", 0.4, false), ("LH_mcp_5", 0.8, true)])).unwrap();
    writer.film(&film("P,2-RH.png", Limb::RightHand, &[("RH_mcp_2", 0.7, true)])).unwrap();
    let joints = BTreeMap::from([("LH_mcp_J__2".to_owned(), JointScore::from_probabilities(vec![0.1, 0.1, 0.7, 0.1, 0.0]))]);
    writer.patient(&PatientScore::new("P1".into(), joints, 31)).unwrap();
    writer.finish(RunStatus::Finished, None).unwrap();
    RunPredictions::read(&root.join("runs/one")).unwrap()
}

fn detection(label: &str, score: f32, kept: bool) -> Detection {
    let joint = joint::by_label(Task::Narrowing, label).unwrap();
    Detection { kept, ..Detection::new(joint, BBox::from([10.0, 20.0, 30.5, 50.25]), score) }
}

#[test]
fn a_runs_boxes_and_grades_are_exported_in_place_of_peoples() {
    let folder = cohort();
    let said = run(folder.path());
    let cohort = Cohort::open(folder.path()).unwrap();
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("voc");
    let done = export::voc(&cohort, Source::Run(&said), &place, LinkMode::Link, None, &GO).unwrap();
    assert_eq!((done.films, done.boxes, done.grades), (2, 3, 1));
    let made = Cohort::open(&place).unwrap();
    let found = boxes(&made, "P1", Task::Narrowing, Limb::LeftHand);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["LH_mcp_2", "LH_mcp_5"], "the boxes that count");
    assert_eq!(made.grades().unwrap().get("P1").unwrap().scored(), 1);
    let csv = out.path().join("predictions.csv");
    export::challenge(&cohort, Source::Run(&said), &csv, Fill { missing: Some(1), open: false }).unwrap();
    let text = fs::read_to_string(csv).unwrap();
    assert_eq!((text.lines().count(), text.lines().nth(1).unwrap().split(',').count()), (2, 90));
}

#[test]
fn coco_of_a_run_has_peoples_boxes_and_the_detections_of_the_same_images() {
    let folder = cohort();
    let said = run(folder.path());
    let cohort = Cohort::open(folder.path()).unwrap();
    let place = folder.path().join("coco");
    let reviews = Reviews::default();
    let done = export::coco(&cohort, Source::Run(&said), &reviews, &place, LinkMode::No, None, &GO).unwrap();
    let read = |name: &str| -> Value { serde_json::from_slice(&fs::read(place.join(name)).unwrap()).unwrap() };
    let (boxes, results) = (read("narrowing.coco.json"), read("narrowing_results.json"));
    let images: Vec<_> = boxes["images"].as_array().unwrap().iter().map(|image| image["id"].as_u64().unwrap()).collect();
    assert_eq!(images.len(), 1, "of the run's two films the one with narrowing labels: what is found on the other would count as false");
    assert!(done.left_out.iter().any(|said| said.contains("1 films without narrowing labels")), "{:?}", done.left_out);
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), 3, "kept or not");
    assert!(results.iter().all(|found| images.contains(&found["image_id"].as_u64().unwrap())));
    assert_eq!(results[0]["bbox"], serde_json::json!([10.0, 20.0, 20.5, 30.25]));
    let category = results[0]["category_id"].as_u64().unwrap();
    let names: Vec<_> = boxes["categories"].as_array().unwrap().iter().filter(|c| c["id"] == category).map(|c| &c["name"]).collect();
    assert_eq!(names, ["LH_mcp_2"]);
    let areas: Vec<_> =
        boxes["annotations"].as_array().unwrap().iter().map(|a| (a["area"].as_f64().unwrap(), a["iscrowd"].as_u64().unwrap())).collect();
    assert!(areas.iter().all(|(area, crowd)| *area > 0.0 && *crowd == 0));
}

#[test]
fn what_has_no_boxes_or_grades_is_not_exported() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(super::foreign("voc/V1-LH.png"), folder.path().join("V1-LH.png")).unwrap();
    let cohort = Cohort::open(folder.path()).unwrap();
    let reviews = Reviews::default();
    let out = folder.path().join("out");
    for error in [
        export::voc(&cohort, Source::Reference(&reviews), &out, LinkMode::Link, None, &GO).unwrap_err(),
        export::coco(&cohort, Source::Reference(&reviews), &reviews, &out, LinkMode::Link, None, &GO).unwrap_err(),
        export::challenge(&cohort, Source::Reference(&reviews), &out, Fill::default()).unwrap_err(),
    ] {
        assert!(matches!(error, ExportError::Nothing { .. }) && error.to_string().contains("nothing to export"), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
