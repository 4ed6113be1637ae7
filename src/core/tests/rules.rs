//! The rules on films whose joints are known: mean limbs laid on a film, with detections removed, moved and doubled.
#![allow(clippy::unwrap_used)]

use svh_core::box_selection::{self, RuleOptions, SelectedBoxes};
use svh_core::shape::ShapeModel;
use svh_core::{BBox, Detection, Limb, Origin, Task, joint, layout};

const FILM: (u32, u32) = (1000, 1300);

fn landmarks(limb: Limb) -> Vec<[f32; 2]> {
    let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
    let mirror = matches!(limb, Limb::RightHand | Limb::RightFoot);
    let place = |p: &[f32; 2]| [if mirror { 500.0 - 800.0 * p[0] } else { 500.0 + 800.0 * p[0] }, 600.0 + 800.0 * p[1]];
    model.mean.iter().map(place).collect()
}

fn detection(task: Task, label: &str, bbox: BBox, score: f32) -> Detection {
    Detection::new(joint::by_label(task, label).unwrap(), bbox, score)
}

fn reference(limb: Limb, task: Task, label: &str) -> BBox {
    layout::boxes(limb, task, &landmarks(limb)).into_iter().find(|(joint, _)| joint.label == label).unwrap().1
}

/// Every joint found where it is.
fn complete(limb: Limb) -> Vec<Detection> {
    let tasks: &[Task] = if limb.is_hand() { &Task::ALL } else { &[Task::Narrowing] };
    let boxes = tasks.iter().flat_map(|task| layout::boxes(limb, *task, &landmarks(limb)));
    boxes.map(|(joint, bbox)| detection(joint.task, &joint.label, bbox, 0.9)).collect()
}

fn apply(raw: Vec<Detection>, limb: Limb) -> SelectedBoxes {
    box_selection::apply(raw, limb, FILM, RuleOptions::at(0.2))
}

fn kept<'a>(ruled: &'a SelectedBoxes, task: Task, label: &str) -> Option<&'a Detection> {
    let mut of_class = ruled.detections.iter().filter(|d| d.kept && d.task == task && d.joint == label);
    let found = of_class.next();
    assert!(of_class.next().is_none(), "{label} is kept twice");
    found
}

#[test]
fn a_complete_limb_is_left_as_it_is() {
    for limb in Limb::ALL {
        let ruled = apply(complete(limb), limb);
        let expected: usize = Task::ALL.into_iter().map(|task| joint::of_limb(task, limb).count()).sum();
        assert_eq!(ruled.detections.iter().filter(|d| d.kept).count(), expected, "{limb}");
        assert!(ruled.detections.iter().all(|d| d.implausible.is_none() && d.from != Origin::Inferred));
        assert!(ruled.notes.is_empty() && ruled.shape.is_some(), "{limb} {:?}", ruled.notes);
    }
}

#[test]
fn joints_of_other_limbs_go_and_boxes_below_the_threshold_are_not_kept() {
    let mut raw = complete(Limb::RightHand);
    raw.extend(complete(Limb::LeftHand));
    raw.push(detection(Task::Narrowing, "RH_pip_3", reference(Limb::RightHand, Task::Narrowing, "RH_pip_2"), 0.19));
    let ruled = apply(raw, Limb::RightHand);
    assert!(ruled.detections.iter().all(|d| d.joint.starts_with("RH_")));
    assert_eq!(ruled.notes, ["31 detections of other limbs were left out"]);
    assert_eq!(kept(&ruled, Task::Narrowing, "RH_pip_3").unwrap().score, 0.9);
}

#[test]
fn a_missing_joint_is_placed_where_it_lies_and_marked_as_inferred() {
    for (limb, task, label) in [
        (Limb::LeftHand, Task::Narrowing, "LH_pip_4"),
        (Limb::RightHand, Task::Erosion, "RH_mcp_ip"),
        (Limb::RightHand, Task::Erosion, "RH_wrist_nav"),
        (Limb::LeftFoot, Task::Narrowing, "LF_mtp_3"),
    ] {
        let raw = complete(limb).into_iter().filter(|d| !(d.task == task && d.joint == label)).collect();
        let ruled = apply(raw, limb);
        let found = kept(&ruled, task, label).unwrap();
        assert_eq!((found.from, found.score), (Origin::Inferred, 0.0));
        let overlap = found.bbox.iou(&reference(limb, task, label));
        assert!(overlap > 0.7, "{label} {overlap}");
        assert!(ruled.notes.iter().any(|note| note == &format!("{label} ({task}) was not found and is placed by the shape of the limb")));
    }
}

#[test]
fn a_box_where_its_joint_cannot_be_loses_to_the_next_plausible_one() {
    let mut raw = complete(Limb::LeftHand);
    let place = raw.iter().position(|d| d.task == Task::Narrowing && d.joint == "LH_pip_5").unwrap();
    let right = raw[place].bbox;
    raw[place].score = 0.4;
    // In the lead marker, far from the finger, and surer than the true one.
    raw.push(detection(Task::Narrowing, "LH_pip_5", BBox::square((80.0, 1200.0), 80.0), 0.8));
    let ruled = apply(raw, Limb::LeftHand);
    let found = kept(&ruled, Task::Narrowing, "LH_pip_5").unwrap();
    assert_eq!((found.bbox, found.score), (right, 0.4));
    let marked = ruled.detections.iter().find(|d| d.score == 0.8).unwrap();
    assert!(marked.implausible.as_ref().unwrap().contains("palm widths from where the other joints expect it"));
    assert!(ruled.notes[0].starts_with("LH_pip_5 (narrowing): the best box is where this joint cannot be; the next one, of score 0.40"));
}

#[test]
fn a_lone_implausible_box_gives_way_to_the_place_that_the_shape_tells() {
    let mut raw = complete(Limb::LeftHand);
    for d in raw.iter_mut().filter(|d| d.joint == "LH_mcp_5") {
        d.bbox = BBox::square((900.0, 100.0), 90.0);
    }
    let ruled = apply(raw, Limb::LeftHand);
    for task in Task::ALL {
        let found = kept(&ruled, task, "LH_mcp_5").unwrap();
        assert_eq!(found.from, Origin::Inferred);
        assert!(found.bbox.iou(&reference(Limb::LeftHand, task, "LH_mcp_5")) > 0.6);
    }
    assert_eq!(ruled.detections.iter().filter(|d| d.implausible.is_some() && !d.kept).count(), 2);
}

#[test]
fn of_two_neighbours_on_one_spot_the_one_that_belongs_there_stays() {
    let mut raw = complete(Limb::LeftHand);
    let spot = reference(Limb::LeftHand, Task::Narrowing, "LH_pip_3");
    for d in raw.iter_mut().filter(|d| d.task == Task::Narrowing && d.joint == "LH_pip_4") {
        (d.bbox, d.score) = (spot, 0.95);
    }
    let ruled = apply(raw, Limb::LeftHand);
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_3").unwrap().bbox, spot);
    let placed = kept(&ruled, Task::Narrowing, "LH_pip_4").unwrap();
    assert!(placed.from == Origin::Inferred && placed.bbox.iou(&reference(Limb::LeftHand, Task::Narrowing, "LH_pip_4")) > 0.6);
}

#[test]
fn without_a_shape_the_better_score_wins_a_shared_spot_and_nothing_is_inferred() {
    let spot = reference(Limb::LeftHand, Task::Narrowing, "LH_pip_3");
    let elsewhere = reference(Limb::LeftHand, Task::Narrowing, "LH_pip_4");
    let raw = vec![
        detection(Task::Narrowing, "LH_pip_3", spot, 0.9),
        detection(Task::Narrowing, "LH_pip_4", spot, 0.8),
        detection(Task::Narrowing, "LH_pip_4", elsewhere, 0.5),
        detection(Task::Narrowing, "LH_pip_5", spot, 0.3),
    ];
    let ruled = apply(raw, Limb::LeftHand);
    assert!(ruled.shape.is_none());
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_3").unwrap().bbox, spot);
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_4").unwrap().bbox, elsewhere);
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_5"), None);
    assert_eq!(ruled.detections.len(), 4);
}

/// Every joint found where it is, the sides of its box off by `by` one way or the other.
fn unevenly_sized(limb: Limb, by: f32) -> Vec<Detection> {
    let resized = |(place, d): (usize, Detection)| {
        let factor = if place % 2 == 0 { by } else { 1.0 / by };
        Detection { bbox: BBox::square(d.bbox.centre(), d.bbox.width() * factor), ..d }
    };
    complete(limb).into_iter().enumerate().map(resized).collect()
}

#[test]
fn boxes_get_the_proportions_of_the_limb_where_the_detector_learned_from_such_boxes() {
    for limb in [Limb::RightHand, Limb::LeftHand] {
        let raw = || unevenly_sized(limb, 1.3);
        let options = RuleOptions { box_spread: [Some(0.0); 2], ..RuleOptions::at(0.2) };
        let ruled = box_selection::apply(raw(), limb, FILM, options);
        let overlap = |ruled: &SelectedBoxes| {
            let of = |d: &&Detection| d.task == Task::Narrowing && d.kept;
            ruled.detections.iter().filter(of).map(|d| d.bbox.iou(&reference(limb, d.task, &d.joint))).fold(1.0, f32::min)
        };
        // The unit is that of the middle of the boxes, here one of the wrong ones on either side of the reference.
        assert!(overlap(&apply(raw(), limb)) < 0.61 && overlap(&ruled) > 0.59, "{limb}");
        let sizes: Vec<f32> = ruled.detections.iter().filter(|d| d.task == Task::Narrowing).map(|d| ratio(limb, d)).collect();
        assert!(sizes.iter().all(|size| (size / sizes[0] - 1.0).abs() < 1e-3), "{sizes:?}");
        assert!(
            ruled.notes.iter().any(|note| note.contains("narrowing boxes were too large or too small for the limb")),
            "{:?}",
            ruled.notes
        );
        // Where the learned boxes are of any size, so are those found.
        let loose = box_selection::apply(raw(), limb, FILM, RuleOptions { box_spread: [Some(2.0); 2], ..options });
        assert!((overlap(&loose) - overlap(&apply(raw(), limb))).abs() < 0.01);
    }
}

/// The side of a box over that of its joint.
fn ratio(limb: Limb, found: &Detection) -> f32 {
    found.bbox.width() / reference(limb, found.task, &found.joint).width()
}

#[test]
fn a_box_that_the_edge_cuts_keeps_its_sides() {
    let mut raw = complete(Limb::LeftHand);
    let place = raw.iter().position(|d| d.task == Task::Narrowing && d.joint == "LH_pip_3").unwrap();
    let cut = BBox { y0: 0.0, y1: 60.0, ..raw[place].bbox };
    // The film ends just above the tip of the third finger.
    let up = raw[place].bbox.centre().1 - 30.0;
    for d in &mut raw {
        d.bbox = BBox { y0: d.bbox.y0 - up, y1: d.bbox.y1 - up, ..d.bbox };
    }
    raw[place].bbox = cut;
    let ruled = box_selection::apply(raw, Limb::LeftHand, FILM, RuleOptions { box_spread: [Some(0.0); 2], ..RuleOptions::at(0.2) });
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_3").unwrap().bbox, cut);
}

#[test]
fn with_the_shape_turned_off_nothing_is_rejected_resized_or_placed() {
    let mut raw = unevenly_sized(Limb::LeftHand, 1.3);
    raw.retain(|d| d.joint != "LH_pip_4");
    let marker = BBox::square((80.0, 1200.0), 80.0);
    for d in raw.iter_mut().filter(|d| d.joint == "LH_pip_5") {
        d.bbox = marker;
    }
    let options = RuleOptions { shape: false, box_spread: [Some(0.0); 2], ..RuleOptions::at(0.2) };
    let ruled = box_selection::apply(raw.clone(), Limb::LeftHand, FILM, options);
    assert!(ruled.shape.is_none() && ruled.notes.is_empty(), "{:?}", ruled.notes);
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_4"), None);
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_5").unwrap().bbox, marker);
    assert!(raw.iter().all(|d| ruled.detections.iter().any(|r| r.bbox == d.bbox && r.joint == d.joint)));
}

#[test]
fn a_foots_erosion_boxes_are_those_of_narrowing() {
    let mut raw = complete(Limb::RightFoot);
    raw.push(detection(Task::Erosion, "RF_mtp_1", BBox::square((50.0, 50.0), 40.0), 0.99));
    let ruled = apply(raw, Limb::RightFoot);
    let erosion: Vec<_> = ruled.detections.iter().filter(|d| d.task == Task::Erosion).collect();
    assert_eq!(erosion.len(), 6);
    assert!(erosion.iter().all(|d| d.from == Origin::Narrowing && d.kept && d.score == 0.9));
    assert_eq!(kept(&ruled, Task::Erosion, "RF_mtp_ip").unwrap().class_id, 28);
    assert_eq!(kept(&ruled, Task::Erosion, "RF_mtp_ip").unwrap().bbox, kept(&ruled, Task::Narrowing, "RF_mtp_ip").unwrap().bbox);
}

#[test]
fn a_wrist_without_fingers_gets_no_fingers() {
    let raw: Vec<_> = complete(Limb::LeftHand).into_iter().filter(|d| d.joint.contains("wrist") && d.joint != "LH_wrist_lunate").collect();
    let ruled = apply(raw, Limb::LeftHand);
    assert_eq!(kept(&ruled, Task::Erosion, "LH_wrist_lunate").unwrap().from, Origin::Inferred);
    assert!(ruled.detections.iter().all(|d| !d.joint.contains("pip")), "{:?}", ruled.notes);
}

#[test]
fn a_missing_joint_off_the_film_is_not_placed() {
    // The film ends above the wrist's far row and below the fingers' tips.
    let shift = |d: Detection| Detection { bbox: BBox { y0: d.bbox.y0 - 400.0, y1: d.bbox.y1 - 400.0, ..d.bbox }, ..d };
    let raw: Vec<_> = complete(Limb::LeftHand).into_iter().map(shift).filter(|d| d.bbox.centre().1 > 60.0).collect();
    let ruled = apply(raw, Limb::LeftHand);
    assert!(ruled.shape.is_some());
    assert!(ruled.detections.iter().all(|d| d.bbox.centre().1 > 0.0 && d.bbox.y0 >= 0.0 || d.from == Origin::Detector));
    assert_eq!(kept(&ruled, Task::Narrowing, "LH_pip_3"), None);
}

#[test]
fn nonsense_gives_nothing_and_does_not_panic() {
    assert!(apply(Vec::new(), Limb::LeftFoot).detections.is_empty());
    let mut raw = complete(Limb::LeftFoot);
    raw[0].bbox = BBox::from([f32::NAN; 4]);
    raw[1].class_id = 200;
    raw[2].score = f32::NAN;
    let ruled = apply(raw, Limb::LeftFoot);
    assert!(ruled.detections.iter().all(|d| d.bbox.area() > 0.0));
}
