//! A model's boxes in label files: told apart from a person's, never over a person's, and a person's once somebody has looked.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use svh_core::export::{self, Source};
use svh_core::link_mode::LinkMode;
use svh_core::propose::{self, LabelStatus};
use svh_core::review::queue::{Kind, Queue, Reason};
use svh_core::review::{Author, Before, Change, Journal, ReviewTarget};
use svh_core::voc::FileMark;
use svh_core::{BBox, Cohort, Detection, FilmDetections, Joint, Limb, Origin, Placed, Reviews, Summary, Task, VocFile, VocObject, joint};
use tempfile::TempDir;

const FILM: (u32, u32) = (300, 400);
const LIMB: Limb = Limb::LeftFoot;
const TASK: Task = Task::Narrowing;

static GO: AtomicBool = AtomicBool::new(false);

fn mark(model: &str) -> FileMark {
    FileMark { model: model.to_owned(), threshold: 0.2 }
}

fn place(joint: &Joint) -> BBox {
    BBox::square((40.06 + 40.0 * f32::from(joint.class_id % 6), 80.0), 30.0)
}

fn joints() -> Vec<&'static Joint> {
    joint::of_limb(TASK, LIMB).collect()
}

/// Six toes: the second is inferred, the third has a low score, the fourth lies in an unlikely place.
fn found() -> FilmDetections {
    let detection = |(at, joint): (usize, &&'static Joint)| Detection {
        kept: true,
        from: if at == 1 { Origin::Inferred } else { Origin::Detector },
        implausible: (at == 3).then(|| "too far".to_owned()),
        ..Detection::new(joint, place(joint), [0.95, 0.0, 0.3, 0.9, 0.95, 0.95][at])
    };
    let mut detections: Vec<_> = joints().iter().enumerate().map(detection).collect();
    // What the rules passed over is not a proposal.
    detections.push(Detection { kept: false, score: 0.1, ..detections[0].clone() });
    FilmDetections::new("P1-LF.png", FILM, LIMB, detections)
}

/// A cohort of one foot, its label file's place, and its proposals, written.
fn proposed() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("images")).unwrap();
    image::GrayImage::new(FILM.0, FILM.1).save(folder.path().join("images/P1-LF.png")).unwrap();
    let cohort = Cohort::open(folder.path()).unwrap();
    let path = cohort.label_place(cohort.patient("P1").unwrap(), TASK, LIMB).unwrap();
    let file = propose::file(&path, Path::new("P1-LF.png"), &found(), TASK, &mark("0123456789ab")).unwrap();
    assert!(propose::write(&cohort, TASK, &file, false).unwrap());
    (folder, path)
}

fn standing(folder: &TempDir) -> LabelStatus {
    let cohort = Cohort::open(folder.path()).unwrap();
    let patient = cohort.patient("P1").unwrap();
    cohort.label_status(&Reviews::read(folder.path()), patient, TASK, LIMB)
}

fn rewritten(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{old} in {text}");
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

/// anna decides about the joints at these places.
fn reviewed(folder: &TempDir, changes: Vec<(usize, Change)>) -> Reviews {
    let (mut author, mut reviews) = (Author::new("anna"), Reviews::read(folder.path()));
    let mut journal = Journal::new(folder.path(), &author);
    for (at, change) in changes {
        let joint = joints()[at];
        let target = ReviewTarget { patient: "P1".into(), film: Some("P1-LF.png".into()), joint, size: Some(FILM) };
        let before = Before { bbox: Some(place(joint)), grade: None, ..Before::default() };
        let entry = author.entry(&reviews, &target, change, before).unwrap();
        reviews.insert("x", at, entry.clone());
        journal.append(entry).unwrap();
    }
    Reviews::read(folder.path())
}

fn labels(cohort: &Cohort, reviews: &Reviews) -> Vec<(String, bool)> {
    let labels = reviews.labels(cohort, cohort.patient("P1").unwrap(), LIMB);
    labels.of(TASK).iter().map(|reference| (reference.joint.label.clone(), reference.is_readers())).collect()
}

#[test]
fn proposals_are_read_back_with_what_makes_them_doubtful_and_the_file_says_whose_they_are() {
    let (folder, path) = proposed();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("<database>svh proposal of 0123456789ab at 0.2, 6 boxes</database>"), "{text}");
    assert_eq!((text.matches("<pose>Inferred</pose>").count(), text.matches("<difficult>1</difficult>").count()), (1, 3));
    let file = VocFile::read(&path).unwrap();
    assert_eq!(file.untouched(), Some(mark("0123456789ab")));
    let doubts: Vec<_> =
        file.placed().iter().map(|placed| placed.proposal().unwrap()).map(|p| (p.inferred, p.implausible, p.is_doubtful())).collect();
    assert_eq!(doubts[..4], [(false, false, false), (true, false, true), (false, false, true), (false, true, true)]);
    // Tenths of a pixel.
    let left = 25.1 + 40.0 * f32::from(joints()[0].class_id % 6);
    assert_eq!(file.objects()[0].bbox, BBox { x0: left, y0: 65.0, x1: left + 30.0, y1: 95.0 });
    assert_eq!(VocFile::parse(&path, &file.to_text()).unwrap(), file);
    // A foot has no erosion file of its own, and what is taken over stays a proposal.
    let cohort = Cohort::open(folder.path()).unwrap();
    let taken_over = cohort.boxes(cohort.patient("P1").unwrap(), LIMB);
    assert!(taken_over.is_proposed(TASK) && taken_over.is_proposed(Task::Erosion) && taken_over.erosion.len() == 6);
}

/// What somebody does to a label file.
type Edit<'a> = &'a dyn Fn(&Path);

#[test]
fn only_what_nobody_touched_may_be_replaced() {
    let changes: [(&str, Edit); 6] = [
        ("a box was moved", &|path| rewritten(path, "<ymax>95</ymax>", "<ymax>96</ymax>")),
        ("a joint was renamed", &|path| rewritten(path, "<name>LF_mtp_1</name>", "<name>LF_mtp_ip</name>")),
        ("a doubt was settled", &|path| rewritten(path, "<difficult>1</difficult>", "<difficult>0</difficult>")),
        ("a box was removed", &|path| {
            let mut file = VocFile::read(path).unwrap();
            assert!(file.remove(2));
            file.write(path).unwrap();
        }),
        ("a box was added", &|path| {
            let mut file = VocFile::read(path).unwrap();
            file.add(&VocObject { name: "LF_mtp_5".into(), bbox: BBox::from([1.0, 1.0, 9.0, 9.0]), difficult: false });
            file.write(path).unwrap();
        }),
        ("a mark was garbled", &|path| {
            let text = fs::read_to_string(path).unwrap();
            let object = text.find("\t<object>").unwrap();
            fs::write(path, format!("{}{}", &text[..object], &text[object..].replacen("<as>", "<as>x", 1))).unwrap();
        }),
    ];
    for (what, change) in changes {
        let (folder, path) = proposed();
        assert_eq!(standing(&folder), LabelStatus::Proposed(mark("0123456789ab")));
        change(&path);
        assert_eq!(standing(&folder), LabelStatus::Touched, "{what}");
        assert!(VocFile::read(&path).unwrap().placed().contains(&Placed::Reader) || what.contains("removed"), "{what}");
    }
    // White space is nobody's decision; a labeller that knows no marks makes all of it a person's.
    let (folder, path) = proposed();
    rewritten(&path, "\n\t<segmented>", "\r\n  <segmented>");
    assert_eq!(standing(&folder), LabelStatus::Proposed(mark("0123456789ab")));
    let mut plain = VocFile::new(&path, Path::new("images/P1-LF.png"), FILM);
    VocFile::read(&path).unwrap().objects().iter().for_each(|object| plain.add(object));
    plain.write(&path).unwrap();
    assert_eq!(standing(&folder), LabelStatus::Reader);
    fs::write(&path, "no xml").unwrap();
    assert_eq!(standing(&folder), LabelStatus::Reader, "what cannot be read is not ours to replace");
    fs::remove_file(&path).unwrap();
    assert_eq!(standing(&folder), LabelStatus::Free);
    reviewed(&folder, vec![(0, Change::Draw { bbox: place(joints()[0]) })]);
    assert_eq!(standing(&folder), LabelStatus::Touched, "drawn in a review, without a file");
}

#[test]
fn a_file_that_appeared_meanwhile_is_left_alone() {
    let (folder, path) = proposed();
    let cohort = Cohort::open(folder.path()).unwrap();
    let newer = propose::file(&path, Path::new("P1-LF.png"), &found(), TASK, &mark("ba9876543210")).unwrap();
    assert!(!propose::write(&cohort, TASK, &newer, false).unwrap());
    assert_eq!(standing(&folder), LabelStatus::Proposed(mark("0123456789ab")));
    assert!(propose::write(&cohort, TASK, &newer, true).unwrap());
    assert_eq!(standing(&folder), LabelStatus::Proposed(mark("ba9876543210")));
}

#[test]
fn the_queue_shows_what_nobody_has_looked_at_the_doubtful_first() {
    let (folder, _) = proposed();
    let cohort = Cohort::open(folder.path()).unwrap();
    // No run is needed, and one that finds the same adds nothing.
    let seen = found();
    for queue in [Queue::build(&cohort, |_| None, |_| None), Queue::build(&cohort, |_| Some(&seen), |_| None)] {
        let open = queue.open(Kind::Proposal, &cohort, &Reviews::default());
        let places: Vec<_> = open.iter().map(|item| joints().iter().position(|joint| *joint == item.joint).unwrap()).collect();
        assert_eq!(places, [1, 3, 2, 0, 4, 5]);
        assert!(
            matches!(open[0].why, Reason::Proposal { inferred: true, .. })
                && matches!(open[1].why, Reason::Proposal { implausible: true, .. })
        );
        assert!(queue.open(Kind::BoxDoubt, &cohort, &Reviews::default()).is_empty());
    }
    let reviews = reviewed(&folder, vec![(1, Change::Accept { bbox: place(joints()[1]) }), (3, Change::Delete)]);
    assert_eq!(Queue::build(&cohort, |_| None, |_| None).open(Kind::Proposal, &cohort, &reviews).len(), 4);
}

#[test]
fn a_summary_counts_proposals_apart_until_they_are_decided() {
    let (folder, _) = proposed();
    let count = || {
        let boxes = Summary::of(&Cohort::open(folder.path()).unwrap()).boxes;
        [boxes[&TASK].boxes, boxes[&TASK].proposed, boxes[&Task::Erosion].boxes, boxes[&Task::Erosion].proposed]
    };
    assert_eq!(count(), [0, 6, 0, 6], "a foot's erosion boxes are those of narrowing");
    reviewed(&folder, vec![(0, Change::Accept { bbox: place(joints()[0]) }), (1, Change::Delete)]);
    assert_eq!(count(), [1, 4, 1, 4]);
    let text = Summary::of(&Cohort::open(folder.path()).unwrap()).to_string();
    assert!(text.contains("proposed  narrowing 4, erosion 4: these boxes are unreviewed"), "{text}");
}

#[test]
fn what_a_reader_accepted_or_corrected_is_exported_as_a_persons_and_the_rest_as_proposals() {
    let (folder, path) = proposed();
    let cohort = Cohort::open(folder.path()).unwrap();
    let out = tempfile::tempdir().unwrap();
    // Untouched: byte for byte, mark included.
    let plain = out.path().join("plain");
    let done = export::voc(&cohort, Source::Reference(&Reviews::default()), &plain, LinkMode::Copy, None, &GO).unwrap();
    assert_eq!((done.boxes, done.proposed), (6, 6));
    assert_eq!(fs::read(plain.join("narrowing_labels/P1-LF.xml")).unwrap(), fs::read(&path).unwrap());
    let moved = BBox::from([100.0, 100.0, 130.0, 130.0]);
    let reviews =
        reviewed(&folder, vec![(1, Change::Accept { bbox: place(joints()[1]) }), (2, Change::Move { bbox: moved }), (3, Change::Delete)]);
    let done = export::voc(&cohort, Source::Reference(&reviews), &out.path().join("some"), LinkMode::Copy, None, &GO).unwrap();
    assert_eq!((done.boxes, done.proposed), (5, 3));
    let exported = Cohort::open(&out.path().join("some")).unwrap();
    let names = joints().iter().map(|joint| joint.label.clone()).collect::<Vec<_>>();
    let expected = [(0, false), (1, true), (2, true), (4, false), (5, false)].map(|(at, person)| (names[at].clone(), person));
    assert_eq!(labels(&exported, &Reviews::default()), expected);
    assert_eq!(labels(&cohort, &reviews), expected, "the same as the screens see");
    let text = fs::read_to_string(out.path().join("some/narrowing_labels/P1-LF.xml")).unwrap();
    assert!(text.contains("<database>Unknown</database>") && !text.contains("Inferred") && text.contains("<xmin>100</xmin>"), "{text}");
    assert_eq!(
        exported.label_status(&Reviews::default(), exported.patient("P1").unwrap(), TASK, LIMB),
        LabelStatus::Reader,
        "never replaced again"
    );
    // A film that is not reviewed to the end is not part of the reference for others.
    let error =
        export::coco(&cohort, Source::Reference(&reviews), &reviews, &out.path().join("coco"), LinkMode::No, None, &GO).unwrap_err();
    assert!(error.to_string().contains("no boxes"), "{error}");
    let rest = [0, 4, 5].map(|at| (at, Change::Accept { bbox: place(joints()[at]) })).to_vec();
    let reviews = reviewed(&folder, rest);
    let done = export::coco(&cohort, Source::Reference(&reviews), &reviews, &out.path().join("coco"), LinkMode::No, None, &GO).unwrap();
    assert_eq!((done.boxes, done.proposed), (5, 0));
    let done = export::voc(&cohort, Source::Reference(&reviews), &out.path().join("all"), LinkMode::Copy, None, &GO).unwrap();
    assert_eq!((done.boxes, done.proposed), (5, 0));
    assert!(!fs::read_to_string(out.path().join("all/narrowing_labels/P1-LF.xml")).unwrap().contains("proposal"));
}
