//! A small cohort for tests, and an engine that says what a test wants it to say.

use std::{collections::BTreeMap, path::Path};

use svh_core::{
    BBox, Detection, FilmDetections, GradeRow, GradeTable, JointScore, Limb, OpenJoint, Origin, PatientScore, RunEvent, RunInfo, RunKind,
    RunStatus, RunWriter, Task, VocFile, VocObject, joint, propose,
    protocol::{Event, Fault, ModelSummary},
    voc::FileMark,
};
use tempfile::TempDir;

use super::headless::Headless;
use crate::{Images, engine::Message};

/// Width and height of the films.
pub const FILM: (u32, u32) = (300, 400);

/// A cohort of four: `P001` has everything, `P002` hands without labels, `P003` grades and no film, `P004` one foot without grades.
pub fn cohort() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut table = GradeTable::new();
    for (number, patient) in ["P001", "P002", "P003"].into_iter().enumerate() {
        table.insert(patient, grades(number));
    }
    table.write(&root.join("training.csv")).unwrap();
    std::fs::create_dir(root.join("images")).unwrap();
    for limb in Limb::ALL {
        film(root, "P001", limb);
        labels(root, "P001", limb);
    }
    film(root, "P002", Limb::LeftHand);
    film(root, "P002", Limb::RightHand);
    film(root, "P004", Limb::LeftFoot);
    folder
}

/// Grades that differ from joint to joint; the first joint has none.
fn grades(number: usize) -> GradeRow {
    let mut row = GradeRow::default();
    for (place, joint) in joint::all().enumerate().skip(1) {
        row.set(joint, Some(((place + number) % 7 / 3) as u8)).unwrap();
    }
    row
}

fn film(root: &Path, patient: &str, limb: Limb) {
    let gray = |x: u32, y: u32| ((x * 5 / 6) as u8).wrapping_add((y / 4) as u8);
    let picture = image::GrayImage::from_fn(FILM.0, FILM.1, |x, y| image::Luma([gray(x, y)]));
    picture.save(root.join(format!("images/{patient}-{limb}.png"))).unwrap();
}

/// Where the fixture puts the box of a joint: a grid in the order of the class ids.
pub fn place(joint: &svh_core::Joint) -> BBox {
    let (first, index) = (joint::of_limb(joint.task, joint.limb).next().unwrap().class_id, joint.class_id);
    let index = f32::from(index - first);
    BBox::square((40.0 + 70.0 * (index % 4.0), 50.0 + 90.0 * (index / 4.0).floor()), 30.0)
}

fn labels(root: &Path, patient: &str, limb: Limb) {
    let tasks: &[Task] = if limb.is_hand() { &Task::ALL } else { &[Task::Narrowing] };
    for task in tasks {
        let folder = root.join(format!("{task}_labels"));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{patient}-{limb}.xml"));
        let mut file = VocFile::new(&path, &root.join(format!("images/{patient}-{limb}.png")), FILM);
        for joint in joint::of_limb(*task, limb) {
            file.add(&VocObject { name: joint.label.clone(), bbox: place(joint), difficult: false });
        }
        file.write(&path).unwrap();
    }
}

/// The fixture in a window, with a terminal that shows pictures in kitty's way.
pub fn app(root: &Path, size: (u16, u16)) -> Headless {
    Headless::open(root, Images::Kitty, size)
}

/// The fixture's cohort in such a window, after these keys.
pub fn opened(size: (u16, u16), keys: &str) -> (TempDir, Headless) {
    let folder = cohort();
    let mut app = app(folder.path(), size);
    app.keys(keys);
    (folder, app)
}

/// What a detector says of a film: every joint a little beside the reader's box, the second inferred, the third implausible, the last missed.
pub fn detections(film: &Path, limb: Limb) -> FilmDetections {
    let found = |task: Task| {
        let joints: Vec<_> = joint::of_limb(task, limb).collect();
        let last = joints.len() - 1;
        let kept = joints.into_iter().take(last).enumerate();
        kept.map(|(index, joint)| {
            let [x0, y0, x1, y1] = place(joint).into();
            let (score, from) = if index == 1 { (0.0, Origin::Inferred) } else { (0.9, Origin::Detector) };
            let implausible = (index == 2).then(|| "it lies outside the hand".to_owned());
            let bbox = BBox::from([x0 + 4.0, y0 + 4.0, x1 + 4.0, y1 + 4.0]);
            Detection { kept: true, from, implausible, ..Detection::new(joint, bbox, score) }
        })
        .collect::<Vec<_>>()
    };
    FilmDetections::new(film.to_string_lossy(), FILM, limb, Task::ALL.into_iter().flat_map(found).collect())
}

/// Writes what [`detections`] says of a film as proposals into label files.
pub fn propose(root: &Path, patient: &str, limb: Limb) {
    let film = root.join(format!("images/{patient}-{limb}.png"));
    let mark = FileMark { model: "0123456789ab".into(), threshold: 0.2 };
    for task in Task::ALL {
        let path = root.join(format!("{task}_labels/{patient}-{limb}.xml"));
        propose::file(&path, &film, &detections(&film, limb), task, &mark).unwrap().write(&path).unwrap();
    }
}

/// What a scorer says of a patient's hands: grade 1 with 0.6, the rest shared.
pub fn score(patient: &str) -> PatientScore {
    let hands = joint::all().filter(|joint| joint.limb.is_hand());
    let of = |most: u8| {
        let rest = 0.4 / f32::from(most);
        JointScore::from_probabilities((0..=most).map(|grade| if grade == 1 { 0.6 } else { rest }).collect())
    };
    let joints: BTreeMap<_, _> = hands.map(|joint| (joint.ra2_column.clone(), of(joint.max_grade))).collect();
    PatientScore::new(patient.to_owned(), joints, 86)
}

/// The same with the left hand's first two narrowing joints left open, one more of them marked, a coarse film of the right hand, and a right foot that was
/// refused.
pub fn score_with_open(patient: &str) -> PatientScore {
    let mut given = score(patient).joints;
    let columns: Vec<String> = joint::of_limb(Task::Narrowing, Limb::LeftHand).take(3).map(|joint| joint.ra2_column.clone()).collect();
    given.values_mut().for_each(|score| score.unfamiliarity = Some(0.3));
    given.get_mut(&columns[2]).unwrap().unfamiliarity = Some(0.8);
    let open = columns[..2].iter().map(|column| {
        let score = JointScore { unfamiliarity: Some(0.97), ..given.remove(column).unwrap() };
        (column.clone(), OpenJoint::new(score, "looks unlike every joint that the model knows".into()))
    });
    let open = open.collect();
    let score = PatientScore::with_open(patient.to_owned(), given, open, &[Limb::LeftHand, Limb::RightHand].into(), 86);
    let coarse = [(Limb::RightHand, 12.4)].into();
    PatientScore { coarse, left_out: [(Limb::RightFoot, "it does not show a right foot".to_owned())].into(), ..score }
}

/// An engine that has just started on the CPU of a machine with one GPU.
pub fn ready() -> Message {
    Message::Event(Event::Ready {
        version: "0.1.0".into(),
        libtorch: "2.11.0".into(),
        device: "cpu".into(),
        devices: vec![("cpu".into(), "2 threads".into()), ("cuda:0".into(), "NVIDIA H200".into())],
        models: vec![ModelSummary {
            name: "detector".into(),
            arch: "fasterrcnn_mobilenet_v2_fpn".into(),
            task: "narrowing".into(),
            sha256: "0".into(),
        }],
    })
}

/// A failure of a request.
pub fn failed(id: u64, message: &str) -> Message {
    Message::Event(Event::Failed { id: Some(id), message: message.into(), fault: Fault::User })
}

/// The name of the run that [`run`] writes.
pub const RUN: &str = "20251123-220544-score";

/// A finished run over the fixture's cohort. On P001's films each detector finds every joint but the last, the second one inferred; on the left hand
/// the narrowing detector also takes PIP 2 for PIP 3 (0.5) and MCP 2 for that of the right hand (0.4), and the hands of P001 and P002 are graded.
pub fn run(root: &Path) {
    write_run(root, RUN, "2025-11-23T22:05:44Z", |_| true);
}

/// The same run with the detections of at least this score alone.
pub fn run_at(root: &Path, name: &str, threshold: f32) {
    write_run(root, name, "2025-11-23T20:00:00Z", |found| found.score >= threshold || found.from == Origin::Inferred);
}

fn write_run(root: &Path, name: &str, started: &str, keep: impl Fn(&Detection) -> bool) {
    let mut info = RunInfo::new(RunKind::Score, vec!["svh".into(), "score".into(), "cohort".into(), "--out".into(), name.into()]);
    info.started = started.into();
    let folder = root.join("runs").join(name);
    let mut writer = RunWriter::create(&folder, info).unwrap();
    for limb in Limb::ALL {
        let mut film = detections(&root.join(format!("images/P001-{limb}.png")), limb);
        if limb == Limb::LeftHand {
            film.detections.push(confused("LH_pip_2", "LH_pip_3", 0.5));
            film.detections.push(confused("LH_mcp_2", "RH_mcp_2", 0.4));
        }
        film.detections.retain(&keep);
        writer.film(&film).unwrap();
    }
    for patient in ["P001", "P002"] {
        writer.patient(&score(patient)).unwrap();
    }
    writer.log("svh-engine 0.1.0 on cpu").unwrap();
    writer.event(&RunEvent::Progress { done: 2, total: 2, what: "P002".into(), seconds: 9.0 }).unwrap();
    writer.finish(RunStatus::Finished, None).unwrap();
    // The same run every time.
    let path = folder.join("run.json");
    let mut info: RunInfo = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    info.finished = Some(started.replace(":44Z", ":59Z"));
    std::fs::write(&path, serde_json::to_vec(&info).unwrap()).unwrap();
}

/// A box on one joint that claims to be another.
fn confused(reference: &str, claimed: &str, score: f32) -> Detection {
    let of = |label: &str| joint::by_label(Task::Narrowing, label).unwrap();
    Detection::new(of(claimed), place(of(reference)), score)
}

/// A cohort with a finished run, opened.
pub fn evaluated(size: (u16, u16)) -> (TempDir, Headless) {
    let folder = cohort();
    run(folder.path());
    let app = app(folder.path(), size);
    (folder, app)
}
