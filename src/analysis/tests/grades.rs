//! Distributions, matrices and totals of a run against sums made without polars.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{Made, places, scored};
use svh_analysis::report::RunReport;
use svh_analysis::stats::{Confusion, GradeWeights, Resamples};
use svh_analysis::{AnalysisError, Evaluation, GradeFilter, Part, Scale, Scope, Split, compare};
use svh_core::{GradeRow, Joint, Limb, OpenJoint, PatientScore, Task, joint};

struct Run {
    made: Made,
    reference: BTreeMap<String, GradeRow>,
    scores: Vec<PatientScore>,
    evaluation: Evaluation,
}

/// Patients of whom some grades are missing on either side; the last one is in the table only.
fn run(patients: usize, seed: u64) -> Run {
    let mut made = Made::new(seed);
    let ids: Vec<String> = (0..=patients).map(|patient| format!("P{patient:03}")).collect();
    let reference = made.add_grades(&ids, 9);
    let scores: Vec<PatientScore> = ids[..patients].iter().map(|id| scored(&mut made.rng, id, &reference[id], 7)).collect();
    let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &[], &scores)).unwrap();
    Run { made, reference, scores, evaluation }
}

impl Run {
    /// Every joint of every patient of the run with both grades.
    fn all(&self) -> Vec<(usize, &'static Joint, Option<u8>, Option<u8>)> {
        let of = |(place, score): (usize, &PatientScore)| {
            let row = self.reference[&score.patient];
            let graded =
                joint::all().map(|joint| (place, joint, row.get(joint), score.joints.get(&joint.ra2_column).map(|found| found.grade)));
            graded.collect::<Vec<_>>()
        };
        self.scores.iter().enumerate().flat_map(of).collect()
    }
}

#[test]
fn distributions_count_each_grade_of_both_readers_and_what_is_missing() {
    let run = run(20, 1);
    for split in [Split::Scale, Split::Limb, Split::Group, Split::Joint, Split::Side] {
        for (scope, found) in run.evaluation.distributions(split) {
            let mut counts = [[0_u64; 12]; 2];
            for (_, _, reference, model) in run.all().into_iter().filter(|(_, joint, ..)| scope.has(joint)) {
                counts[0][reference.map_or(11, usize::from)] += 1;
                counts[1][model.map_or(11, usize::from)] += 1;
            }
            let side = usize::from(scope.scale.max_grade()) + 1;
            assert_eq!((found.reference.as_slice(), found.reference_missing), (&counts[0][..side], counts[0][11]), "{scope}");
            assert_eq!((found.model.as_slice(), found.model_missing), (&counts[1][..side], counts[1][11]), "{scope}");
        }
    }
}

#[test]
fn groups_of_joints_are_counted_by_scale_and_may_share_joints() {
    let run = run(20, 9);
    // The patients of even place, the left limbs, and nobody.
    let in_group = |group: usize, patient: usize, joint: &Joint| match group {
        0 => patient.is_multiple_of(2),
        1 => joint.limb.code().starts_with('L'),
        _ => false,
    };
    let found =
        run.evaluation.distributions_of(3, |patient, joint, own| own.extend((0..3).filter(|group| in_group(*group, patient, joint))));
    for (group, scales) in found.iter().enumerate() {
        for (scale, found) in Scale::ALL.into_iter().zip(scales) {
            let mut counts = [[0_u64; 12]; 2];
            let of_group = |(patient, joint, ..): &(usize, &'static Joint, Option<u8>, Option<u8>)| {
                Scale::of(joint) == scale && in_group(group, *patient, joint)
            };
            for (_, _, reference, model) in run.all().into_iter().filter(of_group) {
                counts[0][reference.map_or(11, usize::from)] += 1;
                counts[1][model.map_or(11, usize::from)] += 1;
            }
            let side = usize::from(scale.max_grade()) + 1;
            assert_eq!((found.reference.as_slice(), found.reference_missing), (&counts[0][..side], counts[0][11]), "{group} {scale:?}");
            assert_eq!((found.model.as_slice(), found.model_missing), (&counts[1][..side], counts[1][11]), "{group} {scale:?}");
        }
    }
}

#[test]
fn a_matrix_and_the_joints_behind_its_cells_are_those_of_the_pairs() {
    let run = run(20, 2);
    for (scope, _) in run.evaluation.distributions(Split::Group) {
        let pairs: Vec<_> =
            run.all().into_iter().filter(|(_, joint, ..)| scope.has(joint)).filter_map(|(p, j, t, m)| Some((p, j, t?, m?))).collect();
        let matrix = run.evaluation.confusion(&scope);
        assert_eq!(matrix, Confusion::of(scope.scale.max_grade(), pairs.iter().map(|(_, _, t, m)| (*t, *m))));
        for (reference, model, count) in matrix.cells() {
            let (reference, model) = (reference as u8, model as u8);
            let behind = run.evaluation.graded(&GradeFilter::cell(scope, reference, model));
            assert_eq!(behind.len() as u64, count);
            let expected = pairs.iter().filter(|(_, _, t, m)| (*t, *m) == (reference, model)).map(|(place, joint, ..)| (*place, *joint));
            assert!(behind.iter().map(|row| (row.patient, row.joint)).eq(expected));
            assert!(behind.iter().all(|row| (row.confidence.unwrap() - 0.8).abs() < 1e-6));
        }
        assert_eq!(run.evaluation.clusters(&scope).whole(), matrix);
    }
    // A confidence of 0.8 and the share that is right.
    let scope = Scope::all(Scale::Narrowing);
    let right = run.evaluation.confusion(&scope).metrics().accuracy.unwrap();
    let calibration = run.evaluation.reliability(&scope).unwrap();
    assert!((calibration.ece - (right - 0.8).abs()).abs() < 1e-6);
}

#[test]
fn totals_rest_on_the_joints_that_are_graded_and_differences_on_those_that_both_graded() {
    let run = run(15, 3);
    let parts = [(None, None), (Some(Limb::LeftHand), None), (Some(Limb::RightFoot), Some(Task::Erosion)), (None, Some(Task::Narrowing))];
    for (limb, task) in parts {
        let part = Part { limb, task };
        let totals = run.evaluation.totals(part);
        assert_eq!(totals.len(), 15);
        for total in totals {
            let own: Vec<_> = run
                .all()
                .into_iter()
                .filter(|(place, joint, ..)| *place == total.patient && part.joints().any(|other| other == *joint))
                .map(|(_, _, reference, model)| (reference, model))
                .collect();
            let sum = |grades: Vec<u8>| (grades.iter().map(|grade| u32::from(*grade)).sum::<u32>(), grades.len() as u32);
            let of = |summed: Option<svh_analysis::Summed>| summed.map_or((0, 0), |summed| (summed.points, summed.joints));
            assert_eq!(of(total.reference), sum(own.iter().filter_map(|pair| pair.0).collect()));
            assert_eq!(of(total.model), sum(own.iter().filter_map(|pair| pair.1).collect()));
            let both: Vec<(u8, u8)> = own.iter().filter_map(|pair| Some((pair.0?, pair.1?))).collect();
            let difference: i32 = both.iter().map(|(reference, model)| i32::from(*model) - i32::from(*reference)).sum();
            assert_eq!((total.difference(), total.joints), ((!both.is_empty()).then_some(difference), own.len() as u32));
            let joints = run.evaluation.joint_differences(total.patient, part);
            assert_eq!(joints.len(), own.len());
            assert_eq!(joints.iter().filter_map(|joint| joint.difference).sum::<i32>(), difference);
            let sizes: Vec<i32> = joints.iter().map(|joint| joint.difference.map_or(-1, i32::abs)).collect();
            assert!(sizes.is_sorted_by(|a, b| a >= b), "the largest first: {sizes:?}");
        }
    }
}

#[test]
fn agreement_of_totals_is_worked_out_over_the_patients_that_have_one() {
    let run = run(15, 4);
    let found = run.evaluation.totals_agreement(Part::WHOLE);
    let differences: Vec<f64> =
        run.evaluation.totals(Part::WHOLE).iter().filter_map(svh_analysis::PatientTotal::difference).map(f64::from).collect();
    assert_eq!((found.n, found.complete), (15, 0));
    let mean = differences.iter().sum::<f64>() / 15.0;
    let sd = (differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 14.0).sqrt();
    let limits = found.bland_altman.unwrap();
    assert!((limits.bias - mean).abs() < 1e-9 && (limits.sd - sd).abs() < 1e-9);
    assert!((found.sdc95.unwrap() - 1.96 * sd).abs() < 1e-9);
    assert!((found.mae.unwrap() - differences.iter().map(|d| d.abs()).sum::<f64>() / 15.0).abs() < 1e-9);
    let icc = found.icc_agreement.unwrap();
    assert!(icc.value > 0.0 && icc.value < 1.0 && icc.ci95.unwrap().holds(icc.value));
}

#[test]
fn one_patient_has_metrics_without_intervals_and_totals_without_limits() {
    let run = run(1, 5);
    let agreement = run.evaluation.agreement(&Scope::all(Scale::Narrowing), Some(Resamples::default()));
    assert!(agreement.metrics.accuracy.is_some());
    assert_eq!((agreement.patients, agreement.ci95.is_none()), (Some(1), true));
    let totals = run.evaluation.totals_agreement(Part::WHOLE);
    assert_eq!((totals.n, totals.bland_altman, totals.icc_agreement), (1, None, None));
}

#[test]
fn an_empty_run_and_a_cohort_without_reference_have_no_metrics_and_no_nan() {
    let mut made = Made::new(6);
    let ids = ["P000".to_owned(), "P001".to_owned()];
    let reference = made.add_grades(&ids, 0);
    let empty = made.run("empty", &[], &[]);
    let evaluation = Evaluation::load(&made.cohort(), &empty).unwrap();
    let report = |evaluation: &Evaluation| {
        let report = svh_analysis::report::RunReport::of(evaluation, 0.2, Some(&GradeWeights::default()), Resamples::default()).unwrap();
        serde_json::to_value(&report).unwrap()
    };
    let found = report(&evaluation);
    assert_eq!((&found["patients"], &found["grading"]["narrowing"]["n"]), (&0.into(), &0.into()));
    assert!(found["detection"]["narrowing"].is_null() && found["grading"]["foot_erosion"]["qwk"].is_null());
    assert!(found["totals"]["overall"]["rmse"].is_null());
    // Grades of a model where no reader has graded and nobody has drawn boxes.
    std::fs::remove_file(made.path().join("training.csv")).unwrap();
    made.add_film("P000", Limb::LeftHand, &[]);
    let score = scored(&mut made.rng, "P000", &reference["P000"], 5);
    let line = common::line(&made.film("P000", Limb::LeftHand), Limb::LeftHand, vec![]);
    let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &[line], &[score])).unwrap();
    let found = report(&evaluation);
    assert_eq!((&found["patients"], &found["grading"]["narrowing"]["n"]), (&1.into(), &0.into()));
    assert!(evaluation.has_predictions() && found["detection"]["narrowing"].is_null());
    let distribution = evaluation.distribution(&Scope::all(Scale::Narrowing));
    assert_eq!((distribution.reference_missing, distribution.reference.iter().sum::<u64>()), (42, 0));
}

#[test]
fn a_cohort_without_a_run_has_its_distributions() {
    let mut made = Made::new(7);
    let reference = made.add_grades(&["P000".to_owned(), "P001".to_owned()], 4);
    let evaluation = Evaluation::of_cohort(&made.cohort()).unwrap();
    let known: usize = reference.values().map(GradeRow::scored).sum();
    let counted: u64 = evaluation.distributions(Split::Side).iter().map(|(_, found)| found.reference.iter().sum::<u64>()).sum();
    assert_eq!(counted, known as u64);
    assert!(!evaluation.has_predictions() && evaluation.errors(0.2).rows.is_empty());
}

#[test]
fn a_run_over_another_cohort_is_refused_by_name() {
    let mut made = Made::new(8);
    made.add_grades(&["P000".to_owned()], 0);
    let score = PatientScore::new("Q777".to_owned(), BTreeMap::from([("LH_mcp_J__2".to_owned(), common::sure(1, 4))]), 86);
    let other = made.run("other", &[], &[score]);
    let error = Evaluation::load(&made.cohort(), &other).unwrap_err();
    assert!(matches!(error, AnalysisError::OtherCohort { .. }));
    assert!(error.to_string().contains("holds no film and no patient of"), "{error}");
}

#[test]
fn a_joints_boxes_are_found_for_its_crops() {
    let mut made = Made::new(9);
    let rows = made.add_grades(&["P000".to_owned()], 0);
    for limb in [Limb::LeftHand, Limb::RightFoot] {
        made.add_film("P000", limb, &places(limb));
    }
    let line = |limb: Limb| {
        let keep = |(joint, bbox): &(&'static Joint, _)| svh_core::Detection { kept: true, ..svh_core::Detection::new(joint, *bbox, 0.9) };
        common::line(&made.film("P000", limb), limb, places(limb).iter().skip(1).map(keep).collect())
    };
    let films = [line(Limb::LeftHand), line(Limb::RightFoot)];
    let score = scored(&mut made.rng, "P000", &rows["P000"], 100);
    let evaluation = Evaluation::load(&made.cohort(), &made.run("run", &films, &[score])).unwrap();
    let (missing, there) = (places(Limb::LeftHand)[0].0, places(Limb::LeftHand)[1]);
    assert_eq!(evaluation.place(0, there.0).reference, evaluation.place(0, there.0).model);
    assert!(evaluation.place(0, missing).model.is_none() && evaluation.place(0, missing).reference.is_some());
    // A foot's erosion is graded where its narrowing is.
    let narrowing = places(Limb::RightFoot)[1].0;
    let erosion = joint::by_label(Task::Erosion, &narrowing.label).unwrap();
    assert_eq!(evaluation.place(0, erosion), evaluation.place(0, narrowing));
    assert!(evaluation.place(0, erosion).model.is_some());
    assert_eq!(evaluation.place(0, joint::by_label(Task::Narrowing, "RH_mcp_2").unwrap()).film, None);
}

#[test]
fn two_runs_differ_beyond_chance_where_one_is_better_and_not_at_all_where_they_are_the_same() {
    let run = run(40, 10);
    let same = compare(&run.evaluation, &run.evaluation, 0.2, Resamples::default());
    assert_eq!(same.patients, 40);
    for row in same.grades.values().flatten().chain(&same.totals) {
        assert_eq!((row.difference, row.ci95.map(<[f64; 2]>::from)), (Some(0.0), Some([0.0, 0.0])), "{}", row.name);
    }
    // The second run always says what the reader said.
    let perfect: Vec<PatientScore> = run.scores.iter().map(|score| perfect(score, &run.reference[&score.patient])).collect();
    let better = Evaluation::load(&run.made.cohort(), &run.made.run("perfect", &[], &perfect)).unwrap();
    let found = compare(&run.evaluation, &better, 0.2, Resamples::default());
    let accuracy = found.grades[&Scale::Narrowing].iter().find(|row| row.name == "accuracy").unwrap();
    let interval = accuracy.ci95.unwrap();
    assert!(interval.low > 0.0 && interval.holds(accuracy.difference.unwrap()) && accuracy.second == Some(1.0), "{accuracy:?}");
    let error = found.totals.iter().find(|row| row.name == "total_mae").unwrap();
    assert!(error.ci95.unwrap().high < 0.0 && error.second == Some(0.0));
    // Only joints that both runs graded are compared.
    let all = run.all();
    let graded = |scale: Scale| all.iter().filter(|(_, j, t, p)| Scale::of(j) == scale && t.is_some() && p.is_some()).count() as u64;
    assert_eq!(found.joints, Scale::ALL.map(|scale| (scale, graded(scale))).into());
    assert_eq!(found.only_one, svh_analysis::OnlyOne::default());
}

#[test]
fn a_detector_that_misses_fewer_joints_is_seen_to_a_patient() {
    let mut made = Made::new(11);
    let ids: Vec<String> = (0..12).map(|patient| format!("P{patient:03}")).collect();
    made.add_grades(&ids, 0);
    ids.iter().for_each(|id| made.add_film(id, Limb::LeftHand, &places(Limb::LeftHand)));
    // Of each hand the first joints are left out, and the last box lies in a corner.
    let lines = |missed: usize, wrong: usize| -> Vec<svh_core::FilmDetections> {
        let hand = places(Limb::LeftHand).into_iter().filter(|(joint, _)| joint.task == Task::Narrowing).collect::<Vec<_>>();
        let found = |(place, (joint, bbox)): (usize, &(&'static Joint, svh_core::BBox))| {
            let bbox = if place < missed + wrong { svh_core::BBox { x0: 1.0, y0: 1.0, x1: 9.0, y1: 9.0 } } else { *bbox };
            svh_core::Detection { kept: true, ..svh_core::Detection::new(joint, bbox, 0.9) }
        };
        let line = |id: &String| {
            let detections = hand.iter().enumerate().skip(missed).map(found).collect();
            common::line(&made.film(id, Limb::LeftHand), Limb::LeftHand, detections)
        };
        ids.iter().map(line).collect()
    };
    let load = |name: &str, missed, wrong| Evaluation::load(&made.cohort(), &made.run(name, &lines(missed, wrong), &[])).unwrap();
    let found = compare(&load("a", 3, 2), &load("b", 1, 2), 0.2, Resamples::default());
    let rows: Vec<_> = found.boxes[&Task::Narrowing].iter().map(|row| (row.name, row.first, row.second, row.difference)).collect();
    assert_eq!(rows, [("missed", Some(3.0), Some(1.0), Some(-2.0)), ("false_positives", Some(2.0), Some(2.0), Some(0.0))]);
    assert_eq!(found.boxes[&Task::Narrowing][0].ci95.map(<[f64; 2]>::from), Some([-2.0, -2.0]));
    assert_eq!((found.patients, found.grades[&Scale::Narrowing][0].first), (12, None));
}

fn perfect(score: &PatientScore, reference: &GradeRow) -> PatientScore {
    let right = |(column, found): (&String, &svh_core::JointScore)| {
        let joint = joint::by_column(column).unwrap();
        (column.clone(), common::sure(reference.get(joint).unwrap_or(found.grade).into(), joint.max_grade))
    };
    PatientScore::new(score.patient.clone(), score.joints.iter().map(right).collect(), 86)
}

/// Ten patients with every joint graded by the reader; the model is right, leaves each patient's joints of grade 2 and more open, and expects half a grade too
/// little of them.
fn with_open() -> (Made, Evaluation) {
    let mut made = Made::new(8);
    let patients: Vec<String> = (0..10).map(|n| format!("P{n:02}")).collect();
    let rows = made.add_grades(&patients, 0);
    let scores: Vec<PatientScore> = rows
        .iter()
        .map(|(patient, row)| {
            let (mut joints, mut open) = (BTreeMap::new(), BTreeMap::new());
            for (joint, grade) in row.known() {
                let score = common::sure(grade.into(), joint.max_grade);
                if grade < 2 {
                    joints.insert(joint.ra2_column.clone(), score);
                } else {
                    let score = OpenJoint { expected: f32::from(grade) - 0.5, ..OpenJoint::new(score, "unlike the rest".to_owned()) };
                    open.insert(joint.ra2_column.clone(), OpenJoint { unfamiliarity: 0.95, ..score });
                }
            }
            PatientScore::with_open(patient.clone(), joints, open, &Limb::ALL.into(), 86)
        })
        .collect();
    let evaluation = Evaluation::load(&made.cohort(), &made.run("open", &[], &scores)).unwrap();
    (made, evaluation)
}

#[test]
fn open_joints_are_no_grades_and_are_counted_once_more_at_their_expected_grades() {
    let (made, evaluation) = with_open();
    let cohort = made.cohort();
    for scale in Scale::ALL {
        let scope = Scope::all(scale);
        let reference = |patient: &svh_core::Patient| cohort.grades_of(patient).unwrap();
        let grades: Vec<u8> =
            cohort.patients().iter().flat_map(|p| reference(p).known().filter(|(joint, _)| scope.has(joint)).map(|(_, g)| g)).collect();
        let open = grades.iter().filter(|grade| **grade >= 2).count() as u64;
        let graded = evaluation.agreement(&scope, None);
        assert_eq!((graded.metrics.n, graded.missing, evaluation.open_joints(&scope)), (grades.len() as u64 - open, open, open));
        assert_eq!(graded.metrics.accuracy, Some(1.0), "what is graded is right, which hides all that is open");
        let all = evaluation.agreement_with_open(&scope, Resamples::default()).unwrap();
        assert_eq!((all.metrics.n, all.missing), (grades.len() as u64, 0));
        // Half a grade too little rounds to the grade itself: 1.5 to 2, away from 0.
        assert_eq!(all.metrics.accuracy, Some(1.0));
    }
    for total in evaluation.totals(Part::WHOLE) {
        let row = cohort.grades_of(cohort.patient(&evaluation.patients()[total.patient]).unwrap()).unwrap();
        let open: Vec<_> = row.known().filter(|(_, grade)| *grade >= 2).collect();
        let low: u32 = row.known().filter(|(_, grade)| *grade < 2).map(|(_, grade)| u32::from(grade)).sum();
        let found = total.open.unwrap();
        let expected: f32 = open.iter().map(|(_, grade)| f32::from(*grade) - 0.5).sum();
        assert_eq!(found.joints as usize, open.len());
        assert!((found.expected - expected).abs() < 1e-3);
        let high: u32 = low + open.iter().map(|(joint, _)| u32::from(joint.max_grade)).sum::<u32>();
        assert_eq!(total.range(), Some((low, high)));
    }
    let report = RunReport::of(&evaluation, 0.2, None, Resamples::default()).unwrap();
    let told = serde_json::to_value(&report).unwrap();
    assert!(told["grading"]["narrowing"]["open"].as_u64().unwrap() > 0 && told["grading"]["narrowing"]["with_open"]["n"].is_u64());
    assert_eq!(told["totals_with_open"]["overall"]["complete"], 10);
    let joints = evaluation.joint_differences(0, Part::WHOLE);
    assert!(
        joints.iter().any(|joint| joint.graded.open.is_some() && joint.graded.unfamiliarity == Some(0.95) && joint.difference.is_none())
    );
}

#[test]
fn a_run_without_open_joints_is_not_told_twice() {
    let run = run(3, 6);
    assert!(run.evaluation.agreement_with_open(&Scope::all(Scale::Narrowing), Resamples::default()).is_none());
    let report = RunReport::of(&run.evaluation, 0.2, None, Resamples::default()).unwrap();
    assert!(report.totals_with_open.is_none());
}
