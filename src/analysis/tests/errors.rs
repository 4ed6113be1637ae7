//! Errors of a run: named as TIDE counts them, the same at a threshold as in a run that never had the boxes below it, with their effect on totals.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{Made, faulty, line, moved, places, ruled, scored, sure};
use hotcoco::params::IouType;
use hotcoco::{COCO, COCOeval};
use svh_analysis::detection::{ErrorKind, Rect};
use svh_analysis::{ErrorFilter, ErrorOrder, ErrorRow, Errors, Evaluation};
use svh_core::{BBox, Detection, FilmDetections, Joint, JointScore, Limb, Origin, PatientScore, Task, joint};

/// Twelve patients with all limbs, seen by a detector with every kind of fault; the boxes are those before the rules.
fn faulty_run(seed: u64) -> (Made, Vec<(String, Limb, Vec<Detection>)>) {
    let mut made = Made::new(seed);
    let mut films = Vec::new();
    for patient in 0..12 {
        let patient = format!("P{patient:03}");
        for limb in Limb::ALL {
            let reference = places(limb);
            made.add_film(&patient, limb, &reference);
            let found = faulty(&mut made.rng, limb, &reference);
            films.push((patient.clone(), limb, found));
        }
    }
    (made, films)
}

fn lines(made: &Made, films: &[(String, Limb, Vec<Detection>)], least: f32) -> Vec<FilmDetections> {
    let reaching = |found: &[Detection]| found.iter().filter(|found| found.score >= least).cloned().collect();
    films.iter().map(|(patient, limb, found)| line(&made.film(patient, *limb), *limb, reaching(found))).collect()
}

/// Rows without the place in the run's line, which differs between runs, in an order of their own.
fn comparable(errors: &Errors) -> Vec<String> {
    let mut rows: Vec<String> = errors.rows.iter().map(|row| format!("{:?}", ErrorRow { detection: None, ..*row })).collect();
    rows.sort();
    rows
}

#[test]
fn errors_at_a_threshold_are_those_of_a_run_that_never_had_the_boxes_below_it() {
    let (made, films) = faulty_run(1);
    let whole = Evaluation::load(&made.cohort(), &made.run("whole", &lines(&made, &films, 0.0), &[])).unwrap();
    let mut sizes = Vec::new();
    for step in 0..=20 {
        let threshold = step as f32 / 20.0;
        let cut = made.run(&format!("cut-{step}"), &lines(&made, &films, threshold), &[]);
        let fresh = Evaluation::load(&made.cohort(), &cut).unwrap();
        let (moved, fresh_errors) = (whole.errors(threshold), fresh.errors(threshold));
        assert_eq!(comparable(&moved), comparable(&fresh_errors), "at {threshold}");
        assert_eq!(comparable(&fresh_errors), comparable(&fresh.errors(0.0)), "at {threshold}");
        assert_eq!(whole.tallies(threshold), fresh.tallies(threshold), "at {threshold}");
        sizes.push(moved.rows.len());
    }
    // The thresholds do change what is seen.
    sizes.dedup();
    assert!(sizes.len() > 10, "{sizes:?}");
}

#[test]
fn the_names_add_up_to_tides_counts_as_another_program_has_them() {
    for seed in 0..5 {
        let (made, films) = faulty_run(seed);
        let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &lines(&made, &films, 0.0), &[])).unwrap();
        for task in Task::ALL {
            let tide = tide_counts(task, &films);
            let errors = evaluation.errors(0.0);
            let count = |kinds: &[ErrorKind]| errors.rows.iter().filter(|row| row.task == task && kinds.contains(&row.kind)).count() as u64;
            assert_eq!(count(&[ErrorKind::Localisation]), tide["Loc"]);
            assert_eq!(count(&[ErrorKind::Duplicate]), tide["Dupe"]);
            assert_eq!(count(&[ErrorKind::Background]), tide["Bkg"]);
            // A joint for which a box on no joint is accepted has the row of that box alone.
            let misses = errors.rows.iter().filter(|row| row.task == task && row.misses).count() as u64;
            assert_eq!(count(&[ErrorKind::Missed]) + misses, tide["Miss"]);
            let confused = [ErrorKind::Side, ErrorKind::Limb, ErrorKind::Neighbour, ErrorKind::Other];
            assert_eq!(count(&confused), tide["Cls"] + tide["Both"]);
            assert!(tide.values().all(|count| *count > 0) || task == Task::Erosion, "{tide:?}");
            let ours = evaluation.coco(task).unwrap().tide.count;
            assert_eq!([ours.class, ours.other, ours.missed], [tide["Cls"], tide["Both"], tide["Miss"]]);
        }
    }
}

/// TIDE's counts by hotcoco, from the boxes as they were planted.
fn tide_counts(task: Task, films: &[(String, Limb, Vec<Detection>)]) -> BTreeMap<String, u64> {
    let mut reference = hotcoco::Dataset::default();
    let mut found = Vec::new();
    let bbox = |bbox: BBox| Some(<[f64; 4]>::from(Rect::from(bbox)));
    reference.categories.extend(joint::joints(task).iter().map(|joint| hotcoco::Category {
        id: joint.class_id.into(),
        name: joint.label.clone(),
        ..Default::default()
    }));
    for (image, (_, limb, boxes)) in films.iter().enumerate() {
        let image_id = image as u64;
        // A foot has no erosion labels: it is not compared.
        let own: Vec<_> = places(*limb).into_iter().filter(|(joint, _)| joint.task == task).collect();
        if own.is_empty() {
            continue;
        }
        reference.images.push(hotcoco::Image { id: image_id, ..Default::default() });
        for (joint, place) in own {
            let (id, category_id) = (reference.annotations.len() as u64 + 1, joint.class_id.into());
            // The label files hold what single precision prints.
            reference.annotations.push(hotcoco::Annotation { id, image_id, category_id, bbox: bbox(place), ..Default::default() });
        }
        for one in boxes.iter().filter(|one| one.task == task) {
            let (category_id, score) = (one.class_id.into(), Some(f64::from(one.score)));
            found.push(hotcoco::Annotation { image_id, category_id, bbox: bbox(one.bbox), score, ..Default::default() });
        }
    }
    let reference = COCO::from_dataset(reference);
    let found = reference.load_res_anns(found).unwrap();
    let mut evaluation = COCOeval::new(reference, found, IouType::Bbox);
    evaluation.evaluate().unwrap();
    evaluation.tide_errors(0.5, 0.1).unwrap().counts
}

#[test]
fn at_the_runs_own_threshold_the_boxes_that_count_are_those_that_the_run_kept() {
    for seed in 0..4 {
        let (made, films) = faulty_run(100 + seed);
        let lines: Vec<FilmDetections> =
            films.iter().map(|(patient, limb, raw)| ruled(&made.film(patient, *limb), *limb, raw.clone(), 0.2)).collect();
        let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &lines, &[])).unwrap();
        let mut expected = vec![[0_u32; 4]; joint::COUNT];
        for line in &lines {
            for (joint, reference) in places(line.limb) {
                let kept = line.detections.iter().find(|one| one.kept && one.task == joint.task && one.class_id == joint.class_id);
                let [all, right, missed, inferred] = &mut expected[joint.index()];
                match kept {
                    None => *missed += 1,
                    Some(kept) => {
                        *all += 1;
                        *right += u32::from(Rect::from(kept.bbox).iou(&Rect::from(reference)) >= 0.5);
                        *inferred += u32::from(kept.from == Origin::Inferred);
                    }
                }
            }
        }
        for (row, [kept, right, missed, inferred]) in evaluation.tallies(0.2).into_iter().zip(expected) {
            if row.joint.task == Task::Erosion && !row.joint.limb.is_hand() {
                assert_eq!(row.tally.reference, 0, "boxes taken over from narrowing are compared there");
                continue;
            }
            let tally = row.tally;
            let name = &row.joint.label;
            assert_eq!((tally.kept, tally.true_positives, tally.missed, tally.inferred), (kept, right, missed, inferred), "{name} {seed}");
            assert_eq!((tally.reference, tally.kept), (12, tally.true_positives + tally.false_positives));
        }
        let placed = evaluation.errors(0.2).rows.iter().filter(|row| row.kind == ErrorKind::Inferred).count();
        let inferred = lines.iter().flat_map(|line| line.detections.iter().map(move |one| (line.limb, one)));
        let labelled =
            |(limb, one): &(Limb, &Detection)| one.kept && one.from == Origin::Inferred && (limb.is_hand() || one.task == Task::Narrowing);
        assert_eq!(placed, inferred.filter(labelled).count());
        assert!(placed > 0);
    }
}

/// One left hand whose joints are all found, but for what a test changes, and whose grades are known.
struct OneHand {
    made: Made,
    found: Vec<Detection>,
    reference: BTreeMap<String, u8>,
    model: BTreeMap<String, JointScore>,
}

fn label(name: &str) -> &'static Joint {
    joint::by_label(Task::Narrowing, name).unwrap()
}

impl OneHand {
    fn new() -> Self {
        let made = Made::new(7);
        let reference = places(Limb::LeftHand);
        made.add_film("P000", Limb::LeftHand, &reference);
        let keep = |(joint, bbox): &(&'static Joint, BBox)| Detection { kept: true, ..Detection::new(joint, *bbox, 0.9) };
        let found = reference.iter().map(keep).collect();
        Self { made, found, reference: BTreeMap::new(), model: BTreeMap::new() }
    }

    fn place(&self, name: &str) -> usize {
        self.found.iter().position(|one| one.task == Task::Narrowing && one.joint == name).unwrap()
    }

    fn grades(&mut self, name: &str, reference: Option<u8>, model: Option<u8>) {
        let column = &label(name).ra2_column;
        reference.map(|grade| self.reference.insert(column.clone(), grade));
        model.map(|grade| self.model.insert(column.clone(), sure(grade.into(), 4)));
    }

    fn evaluate(self) -> (Made, Evaluation) {
        let Self { made, found, reference, model } = self;
        let mut table = svh_core::GradeTable::new();
        let mut row = svh_core::GradeRow::default();
        reference.iter().for_each(|(column, grade)| row.set(joint::by_column(column).unwrap(), Some(*grade)).unwrap());
        table.insert("P000", row);
        table.write(&made.path().join("training.csv")).unwrap();
        let line = line(&made.film("P000", Limb::LeftHand), Limb::LeftHand, found);
        let run = made.run("run", &[line], &[PatientScore::new("P000".to_owned(), model, 31)]);
        let evaluation = Evaluation::load(&made.cohort(), &run).unwrap();
        (made, evaluation)
    }
}

#[test]
fn a_missed_joint_costs_the_total_its_grade_and_is_never_taken_for_zero() {
    let mut hand = OneHand::new();
    hand.grades("LH_mcp_2", Some(3), None);
    hand.found.remove(hand.place("LH_mcp_2"));
    let (_made, evaluation) = hand.evaluate();
    let errors = evaluation.errors(0.2);
    let [row] = errors.rows.as_slice() else { panic!("{errors:?}") };
    assert_eq!((row.kind, row.reference, row.model, row.effect), (ErrorKind::Missed, Some(label("LH_mcp_2")), None, Some(-3)));
    assert!(row.reference_box.is_some() && row.model_box.is_none() && !row.kept && row.detection.is_none());
    let total = evaluation.totals(svh_analysis::Part::WHOLE)[0];
    assert_eq!((total.reference.unwrap().points, total.model, total.difference()), (3, None, None));
}

#[test]
fn a_box_in_nowhere_that_wins_its_class_adds_what_its_grade_is_off() {
    let mut hand = OneHand::new();
    hand.grades("LH_mcp_2", Some(1), Some(4));
    let right = hand.place("LH_mcp_2");
    hand.found[right].kept = false;
    let corner = BBox { x0: 5.0, y0: 5.0, x1: 90.0, y1: 90.0 };
    hand.found.push(Detection { kept: true, ..Detection::new(label("LH_mcp_2"), corner, 0.95) });
    let (_made, evaluation) = hand.evaluate();
    let errors = evaluation.errors(0.2);
    let [row] = errors.rows.as_slice() else { panic!("{errors:?}") };
    assert_eq!((row.kind, row.kept, row.effect, row.iou), (ErrorKind::Background, true, Some(3), 0.0));
    assert_eq!((row.reference, row.model, row.detection), (None, Some(label("LH_mcp_2")), Some(31)));
    assert!(row.reference_box.is_some(), "where the joint really lies is shown");
    // Above its score the right box counts again; which grade that would have had nobody knows, and there is no error left to have an effect.
    assert!(evaluation.errors(0.96).rows.iter().all(|row| row.kind == ErrorKind::Missed));
    let tally = evaluation.tallies(0.2)[label("LH_mcp_2").index()].tally;
    assert_eq!((tally.kept, tally.false_positives, tally.missed), (1, 1, 0));
}

#[test]
fn a_joint_whose_accepted_box_lies_on_none_is_counted_once() {
    let mut hand = OneHand::new();
    hand.grades("LH_mcp_2", Some(1), Some(3));
    // Its only box lies halfway between two others, well on neither.
    let (right, pip) = (hand.place("LH_mcp_2"), hand.place("LH_pip_4"));
    let near = hand.found[pip].bbox;
    let step = near.width() * 0.7;
    let bbox = BBox { x0: near.x0 + step, x1: near.x1 + step, y0: near.y0 - step * 0.3, y1: near.y1 - step * 0.3 };
    hand.found[right].bbox = bbox;
    let (_made, evaluation) = hand.evaluate();
    let errors = evaluation.errors(0.2);
    let [row] = errors.rows.as_slice() else { panic!("{errors:?}") };
    assert!(matches!(row.kind, ErrorKind::Other | ErrorKind::Background), "{row:?}");
    assert_eq!((row.model, row.kept, row.misses, row.effect), (Some(label("LH_mcp_2")), true, true, Some(2)));
    // Its wrong grade is that box's doing, and not told again among the grades.
    assert!(evaluation.grade_errors(&errors).is_empty());
}

#[test]
fn wrong_grades_of_right_boxes_are_told_with_their_points() {
    let mut hand = OneHand::new();
    hand.grades("LH_mcp_2", Some(1), Some(4));
    hand.grades("LH_mcp_3", Some(2), Some(2));
    hand.grades("LH_pip_2", Some(3), None);
    let (_made, evaluation) = hand.evaluate();
    let errors = evaluation.errors(0.2);
    let found: Vec<_> = evaluation.grade_errors(&errors).iter().copied().collect();
    let [error] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((error.graded.joint, error.points, error.graded.reference, error.graded.model), (label("LH_mcp_2"), 3, Some(1), Some(4)));
    // The helper gives the grade 0.8 and each of the other four 0.05: (0.8 ln 1.25 + 0.2 ln 20) / ln 5.
    assert!((error.graded.entropy.unwrap() - 0.4832).abs() < 1e-3 && error.film == Some(0), "{error:?}");
}

#[test]
fn a_box_taken_for_its_neighbour_answers_for_both_joints() {
    let mut hand = OneHand::new();
    hand.grades("LH_mcp_2", Some(2), None);
    hand.grades("LH_mcp_3", Some(1), Some(3));
    // The box on mcp_2 says mcp_3, with a better score than the right one there.
    let (second, third) = (hand.place("LH_mcp_2"), hand.place("LH_mcp_3"));
    let bbox = hand.found[second].bbox;
    hand.found[third].kept = false;
    hand.found[second] = Detection { kept: true, ..Detection::new(label("LH_mcp_3"), bbox, 0.97) };
    let (_made, evaluation) = hand.evaluate();
    let errors = evaluation.errors(0.2);
    let [row] = errors.rows.as_slice() else { panic!("{errors:?}") };
    assert_eq!((row.kind, row.reference, row.model), (ErrorKind::Neighbour, Some(label("LH_mcp_2")), Some(label("LH_mcp_3"))));
    // mcp_3 is graded from mcp_2, two too high; mcp_2 is not graded, two too low.
    assert_eq!((row.kept, row.effect), (true, Some(0)));
    // With mcp_2's own loss unknown, the whole is unknown.
    let mut hand = OneHand::new();
    hand.grades("LH_mcp_3", Some(1), Some(3));
    hand.found[second] = Detection { kept: true, ..Detection::new(label("LH_mcp_3"), bbox, 0.97) };
    let (_made, evaluation) = hand.evaluate();
    assert_eq!(evaluation.errors(0.2).rows[0].effect, None);
}

#[test]
fn a_second_box_that_does_not_count_has_no_effect_and_a_shifted_one_that_counts_has() {
    let mut hand = OneHand::new();
    hand.grades("LH_pip_3", Some(0), Some(0));
    hand.grades("LH_pip_4", Some(4), Some(1));
    let (third, fourth) = (hand.place("LH_pip_3"), hand.place("LH_pip_4"));
    let twin = Detection::new(label("LH_pip_3"), moved(hand.found[third].bbox, 2.0, 0.0), 0.5);
    hand.found.push(twin);
    let width = hand.found[fourth].bbox.width();
    hand.found[fourth].bbox = moved(hand.found[fourth].bbox, 0.5 * width, 0.0);
    let (_made, evaluation) = hand.evaluate();
    let errors = evaluation.errors(0.2);
    let all = errors.select(&evaluation, &ErrorFilter::default(), ErrorOrder::Effect);
    let rows: Vec<_> = all.iter().map(|place| &errors.rows[*place]).map(|row| (row.kind, row.kept, row.effect)).collect();
    assert_eq!(rows, [(ErrorKind::Localisation, true, Some(-3)), (ErrorKind::Duplicate, false, Some(0))]);
    assert_eq!(evaluation.errors(0.6).rows.len(), 1, "the second box is gone");
}

#[test]
fn a_foots_missed_joint_costs_narrowing_and_erosion_alike() {
    let made = Made::new(3);
    let reference = places(Limb::RightFoot);
    made.add_film("P000", Limb::RightFoot, &reference);
    let found = reference[1..].iter().map(|(joint, bbox)| Detection { kept: true, ..Detection::new(joint, *bbox, 0.9) }).collect();
    let missing = reference[0].0;
    let mut row = svh_core::GradeRow::default();
    row.set(missing, Some(2)).unwrap();
    row.set(joint::by_label(Task::Erosion, &missing.label).unwrap(), Some(7)).unwrap();
    let mut table = svh_core::GradeTable::new();
    table.insert("P000", row);
    table.write(&made.path().join("training.csv")).unwrap();
    let run = made.run("run", &[line(&made.film("P000", Limb::RightFoot), Limb::RightFoot, found)], &[]);
    let errors = Evaluation::load(&made.cohort(), &run).unwrap().errors(0.2);
    assert_eq!(
        errors.rows.iter().map(|row| (row.kind, row.task, row.effect)).collect::<Vec<_>>(),
        [(ErrorKind::Missed, Task::Narrowing, Some(-9))]
    );
}

#[test]
fn filters_and_counts_agree_with_the_rows() {
    let (made, films) = faulty_run(9);
    let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &lines(&made, &films, 0.0), &[])).unwrap();
    let errors = evaluation.errors(0.3);
    let select = |filter: &ErrorFilter| errors.select(&evaluation, filter, ErrorOrder::Score);
    let all = select(&ErrorFilter::default());
    assert_eq!(all.len(), errors.rows.len());
    assert!(all.windows(2).all(|pair| errors.rows[pair[0]].score >= errors.rows[pair[1]].score));
    let counts = errors.counts(&all);
    assert_eq!(counts.total(), all.len());
    for kind in ErrorKind::ALL {
        let chosen = select(&ErrorFilter { kinds: vec![kind], ..ErrorFilter::default() });
        assert_eq!(chosen.len(), counts.of(kind));
        assert!(chosen.iter().all(|place| errors.rows[*place].kind == kind));
    }
    let filter = ErrorFilter {
        task: Some(Task::Narrowing),
        limb: Some(Limb::RightFoot),
        joint: Some("mtp_2".to_owned()),
        score: 0.5..=0.8,
        ..ErrorFilter::default()
    };
    let by_hand = |row: &ErrorRow| {
        row.task == Task::Narrowing
            && evaluation.films()[row.film].limb == Limb::RightFoot
            && [row.reference, row.model].into_iter().flatten().any(|joint| joint.joint == "mtp_2")
            && (row.kind == ErrorKind::Missed || (0.5..=0.8).contains(&row.score))
    };
    let chosen = select(&filter);
    assert!(!chosen.is_empty());
    assert_eq!(chosen.len(), errors.rows.iter().filter(|row| by_hand(row)).count());
}

#[test]
fn a_film_that_could_not_be_read_has_all_its_joints_missed_and_one_out_of_the_run_none() {
    let mut made = Made::new(5);
    for limb in [Limb::LeftHand, Limb::RightHand, Limb::LeftFoot] {
        made.add_film("P000", limb, &places(limb));
    }
    let rows = made.add_grades(&["P000".to_owned()], 0);
    let folder = made.path().join("runs/run");
    let mut writer = svh_core::RunWriter::create(&folder, svh_core::RunInfo::new(svh_core::RunKind::Score, vec![])).unwrap();
    writer.film_failed("somewhere/else/P000-LH.png", "cut short").unwrap();
    writer.film(&line(&made.film("P000", Limb::LeftFoot), Limb::LeftFoot, vec![])).unwrap();
    let score = scored(&mut made.rng, "P000", &rows["P000"], 3);
    writer.patient(&score).unwrap();
    drop(writer);
    let evaluation = Evaluation::load(&made.cohort(), &svh_core::RunReader::open(&folder).unwrap()).unwrap();
    assert_eq!(
        evaluation.films().iter().map(|film| (film.limb, film.failed.is_some())).collect::<Vec<_>>(),
        [(Limb::LeftHand, true), (Limb::LeftFoot, false)]
    );
    let counts: BTreeMap<Task, usize> =
        Task::ALL.map(|task| (task, evaluation.errors(0.2).rows.iter().filter(|row| row.task == task).count())).into();
    assert_eq!((counts[&Task::Narrowing], counts[&Task::Erosion]), (15 + 6, 16));
    assert_eq!(evaluation.errors(0.2).rows.iter().filter(|row| row.kind != ErrorKind::Missed).count(), 0);
}

/// One hand and one foot whose joints have grades and boxes that are counted by hand below.
#[test]
fn recall_by_grade_is_what_counting_by_hand_gives() {
    let made = Made::new(3);
    let mut row = svh_core::GradeRow::default();
    let (hand, foot) = (places(Limb::LeftHand), places(Limb::LeftFoot));
    // Narrowing of the hand: grade 0 but for four joints, one of them without a grade; of the foot: grade 4 throughout.
    let graded = |label: &str| match label {
        "LH_pip_2" | "LH_pip_3" => Some(4),
        "LH_mcp_2" => Some(3),
        "LH_mcp_3" => None,
        _ => Some(0),
    };
    for joint in joint::all() {
        let grade = if joint.limb == Limb::LeftFoot { Some(4) } else { graded(&joint.label) };
        row.set(joint, grade).unwrap();
    }
    let mut table = svh_core::GradeTable::new();
    table.insert("P000", row);
    table.write(&made.path().join("training.csv")).unwrap();
    made.add_film("P000", Limb::LeftHand, &hand);
    made.add_film("P000", Limb::LeftFoot, &foot);
    // Found: all but PIP 2 (4), which has no box; MCP 2 (3), whose box lies elsewhere; MTP 1, which is below the threshold; PIP 3 (4) is placed by
    // the shape model, where it is.
    let of = |(joint, bbox): &(&'static Joint, BBox)| {
        let found = |bbox, score| Some(Detection { kept: true, ..Detection::new(joint, bbox, score) });
        match joint.label.as_str() {
            "LH_pip_2" if joint.task == Task::Narrowing => None,
            "LH_pip_3" if joint.task == Task::Narrowing => Some(Detection { from: Origin::Inferred, ..found(*bbox, 0.0)? }),
            "LH_mcp_2" if joint.task == Task::Narrowing => found(moved(*bbox, 300.0, 0.0), 0.9),
            "LF_mtp_1" => found(*bbox, 0.1),
            _ => found(*bbox, 0.9),
        }
    };
    let films = [(Limb::LeftHand, &hand), (Limb::LeftFoot, &foot)]
        .map(|(limb, places)| line(&made.film("P000", limb), limb, places.iter().filter_map(of).collect()));
    let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &films, &[])).unwrap();
    let rows = |task| -> Vec<(Option<u8>, usize, usize)> {
        evaluation.recall_by_grade(task, 0.2).into_iter().map(|row| (row.grade, row.n, row.found)).collect()
    };
    // 15 joints of the hand: 2 of grade 4, 1 of 3, 1 without, 11 of 0. 6 of the foot of grade 4, 5 of them found; with PIP 3 that is 6 of 8.
    assert_eq!(rows(Task::Narrowing), [(Some(0), 11, 11), (Some(3), 1, 0), (Some(4), 8, 6), (None, 1, 1)]);
    // 16 joints of the hand, by their own grades of erosion: the same four labels.
    assert_eq!(rows(Task::Erosion), [(Some(0), 12, 12), (Some(3), 1, 1), (Some(4), 2, 2), (None, 1, 1)]);
    let at_zero = evaluation.recall_by_grade(Task::Narrowing, 0.05);
    assert_eq!((at_zero[2].found, at_zero[2].recall), (7, 7.0 / 8.0), "the box of score 0.1 counts at 0.05");
}

#[test]
fn what_a_model_proposed_is_no_reference_until_somebody_has_looked_at_all_of_it() {
    use svh_core::review::{Author, Before, Change, ReviewTarget, Reviews};
    use svh_core::voc::FileMark;
    let mut made = Made::new(8);
    made.add_film("P000", Limb::LeftHand, &places(Limb::LeftHand));
    made.add_film("P001", Limb::LeftFoot, &places(Limb::LeftFoot));
    made.add_grades(&["P000".to_owned(), "P001".to_owned()], 0);
    // The foot's labels are proposals instead.
    let (path, film) = (made.path().join("narrowing_labels/P001-LF.xml"), made.film("P001", Limb::LeftFoot));
    let of = |places: Vec<(&'static Joint, BBox)>| -> Vec<Detection> {
        places.into_iter().map(|(joint, bbox)| Detection { kept: true, ..Detection::new(joint, bbox, 0.9) }).collect()
    };
    let foot = line(&film, Limb::LeftFoot, of(places(Limb::LeftFoot)));
    let mark = FileMark { model: "0123456789ab".into(), threshold: 0.2 };
    svh_core::propose::file(&path, &film, &foot, Task::Narrowing, &mark).unwrap().write(&path).unwrap();
    let hand = line(&made.film("P000", Limb::LeftHand), Limb::LeftHand, of(places(Limb::LeftHand)));
    let run = made.run("run", &[hand, foot], &[]);
    let cohort = made.cohort();
    let evaluation = Evaluation::load(&cohort, &run).unwrap();
    assert_eq!(evaluation.reference_boxes(Task::Narrowing), 15, "the hand's alone");
    assert!(
        evaluation.problems().iter().any(|problem| problem.contains("narrowing boxes of 1 films are not compared")),
        "{:?}",
        evaluation.problems()
    );
    // All but one accepted, the last deleted: five reference boxes more, and what is found on the last one is false.
    let (mut author, mut reviews) = (Author::new("anna"), Reviews::default());
    for (place, (joint, bbox)) in places(Limb::LeftFoot).into_iter().enumerate() {
        let change = if place == 5 { Change::Delete } else { Change::Accept { bbox } };
        let target = ReviewTarget { patient: "P001".into(), film: None, joint, size: None };
        let entry = author.entry(&reviews, &target, change, Before { bbox: Some(bbox), grade: None, ..Before::default() }).unwrap();
        reviews.insert("x", place, entry);
        let evaluation = Evaluation::load_corrected(&cohort, &run, &reviews).unwrap();
        assert_eq!(evaluation.reference_boxes(Task::Narrowing), if place == 5 { 20 } else { 15 }, "after {} of 6", place + 1);
        let wrong = evaluation.errors(0.2).rows.len();
        assert_eq!(wrong, usize::from(place == 5));
    }
}
