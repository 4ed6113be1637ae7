//! What changed between two runs, counted a second time without the evaluation.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{Made, line, moved, places, scored};
use rand::Rng;
use svh_analysis::stats::Resamples;
use svh_analysis::{ChangeOf, Changes, Evaluation, Scope, Verdict, changes};
use svh_core::{GradeRow, Joint, Limb, PatientScore, joint};

const RESAMPLES: Resamples = Resamples { count: 200, seed: 7 };

/// Two scorings of the same patients.
struct Two {
    made: Made,
    reference: BTreeMap<String, GradeRow>,
    scores: [Vec<PatientScore>; 2],
}

fn two(patients: usize, seed: u64) -> Two {
    let mut made = Made::new(seed);
    let ids: Vec<String> = (0..patients).map(|patient| format!("P{patient:03}")).collect();
    let reference = made.add_grades(&ids, 9);
    let mut score = || ids.iter().map(|id| scored(&mut made.rng, id, &reference[id], 7)).collect::<Vec<_>>();
    let scores = [score(), score()];
    Two { made, reference, scores }
}

impl Two {
    fn changes(&self, names: [&str; 2]) -> Changes {
        let cohort = self.made.cohort();
        let load = |run: usize| Evaluation::load(&cohort, &self.made.run(names[run], &[], &self.scores[run])).unwrap();
        let [one, other] = [0, 1].map(load);
        changes(&one, &other, 0.2, RESAMPLES)
    }

    /// Every joint that the reader and both runs graded: patient, joint, the three grades.
    fn all(&self) -> Vec<(usize, &'static Joint, [i32; 3])> {
        let [one, other] = &self.scores;
        let mut all = Vec::new();
        for (patient, (one, other)) in one.iter().zip(other).enumerate() {
            for joint in joint::all() {
                let of = |score: &PatientScore| score.joints.get(&joint.ra2_column).map(|found| i32::from(found.grade));
                if let (Some(reader), Some(a), Some(b)) = (self.reference[&one.patient].get(joint), of(one), of(other)) {
                    all.push((patient, joint, [reader.into(), a, b]));
                }
            }
        }
        all
    }
}

/// Fixed, broken, better, worse, and the points by which the second run is further away, by the definition.
fn by_hand<'a>(all: impl Iterator<Item = &'a (usize, &'static Joint, [i32; 3])>) -> ([usize; 4], i32, usize) {
    let (mut counts, mut points, mut compared) = ([0; 4], 0, 0);
    for (_, _, [reader, a, b]) in all {
        let (before, after) = ((a - reader).abs(), (b - reader).abs());
        compared += 1;
        points += after - before;
        match (before, after) {
            (0, 0) => {}
            (_, 0) => counts[0] += 1,
            (0, _) => counts[1] += 1,
            _ if after < before => counts[2] += 1,
            _ if after > before => counts[3] += 1,
            _ => {}
        }
    }
    (counts, points, compared)
}

#[test]
fn grades_by_joint_and_by_patient_are_those_counted_by_hand() {
    let two = two(30, 11);
    let (found, all) = (two.changes(["one", "other"]), two.all());
    let joints = found.by_joint(false, RESAMPLES);
    assert_eq!(joints.len(), 43, "both sides of a joint are one line");
    for line in &joints {
        let ChangeOf::Joint(scope) = line.of else { panic!("{line:?}") };
        let (counts, points, compared) = by_hand(all.iter().filter(|(_, joint, _)| scope.has(joint)));
        assert_eq!((line.counts, line.points, line.compared), (counts, points, compared), "{scope}");
        assert_eq!(line.net(), counts[0] as i64 - counts[1] as i64);
        let interval = line.interval.unwrap();
        assert!(interval.low <= line.net() as f64 && line.net() as f64 <= interval.high, "{scope}: {interval:?}");
    }
    let patients = found.by_patient(false);
    assert_eq!(patients.len(), 30);
    for line in &patients {
        let ChangeOf::Patient(place) = line.of else { panic!("{line:?}") };
        let (counts, points, compared) = by_hand(all.iter().filter(|(patient, ..)| *patient == place));
        assert_eq!((line.counts, line.points, line.compared, line.interval), (counts, points, compared, None));
    }
    let (counts, ..) = by_hand(all.iter());
    assert_eq!(Verdict::ALL.map(|verdict| found.count(false, verdict)), counts);
    for lines in [&joints, &patients] {
        let rows: usize = lines.iter().map(|line| found.rows.iter().filter(|row| line.of.has(row)).count()).sum();
        assert_eq!(rows, found.rows.len(), "every change belongs to one line");
    }
    assert!(found.by_joint(true, RESAMPLES).is_empty() && found.by_patient(true).is_empty(), "neither run has boxes");
}

#[test]
fn the_interval_of_a_joint_is_the_bootstrap_over_people_who_are_drawn_with_all_their_visits() {
    let two = two(12, 5);
    let whole = |found: &Changes| found.grades.unwrap().1.unwrap();
    let alone = two.changes(["one", "other"]);
    // Each two film sets are visits of one person.
    let visits: String = (0..12).map(|set| format!("P{set:03},person{},{},{}\n", set / 2, set % 2 + 1, set % 2 * 12)).collect();
    std::fs::write(two.made.path().join("visits.csv"), format!("Patient_ID,patient,visit,months\n{visits}")).unwrap();
    let found = two.changes(["three", "four"]);
    assert_eq!(alone.rows, found.rows, "visits change no grade");
    let net = |wanted: &dyn Fn(usize, &Joint) -> bool, times: &[u32]| -> f64 {
        let nets =
            two.all().into_iter().filter(|(patient, joint, _)| wanted(*patient, joint)).map(|(patient, _, [reader, a, b])| {
                f64::from(i32::from(b == reader) - i32::from(a == reader)) * f64::from(times[patient / 2])
            });
        nets.sum()
    };
    let scope = Scope { limb: None, ..Scope::one(joint::all().next().unwrap()) };
    let line = found.by_joint(false, RESAMPLES).into_iter().find(|line| line.of == ChangeOf::Joint(scope)).unwrap();
    let mut drawn: Vec<f64> = (0..RESAMPLES.count).map(|index| net(&|_, joint| scope.has(joint), &RESAMPLES.draw(index, 6))).collect();
    drawn.sort_by(f64::total_cmp);
    // Percentiles, interpolated linearly.
    let percentile = |share: f64| {
        let at = share * (drawn.len() - 1) as f64;
        let (low, part) = (at.floor() as usize, at.fract());
        drawn[low] + part * (drawn[low + 1] - drawn[low])
    };
    let interval = line.interval.unwrap();
    assert!((interval.low - percentile(0.025)).abs() < 1e-9 && (interval.high - percentile(0.975)).abs() < 1e-9, "{interval:?}");
    assert_ne!(whole(&alone), whole(&found), "people, not film sets, are drawn");
}

#[test]
fn boxes_by_joint_and_by_patient_follow_the_overlap_of_each_run() {
    let mut made = Made::new(3);
    let limb = Limb::LeftHand;
    let ids = ["A", "B", "C"];
    let mut films = [Vec::new(), Vec::new()];
    let mut expected: BTreeMap<(usize, usize), Verdict> = BTreeMap::new();
    for (patient, id) in ids.iter().enumerate() {
        let all = places(limb);
        made.add_film(id, limb, &all);
        let film = made.film(id, limb);
        let mut found = [Vec::new(), Vec::new()];
        for (joint, bbox) in all {
            // A quarter of a side gives an IoU of 0.6, half of one 0.33, three quarters 0.14; 3 stands for no box.
            let at: [u32; 2] = [made.rng.random_range(0..4), made.rng.random_range(0..4)];
            for (run, quarters) in at.into_iter().enumerate().filter(|(_, quarters)| *quarters < 3) {
                found[run].push(svh_core::Detection::new(joint, moved(bbox, bbox.width() * (0.25 + 0.25 * quarters as f32), 0.0), 0.9));
            }
            let right = at.map(|quarters| quarters == 0);
            let verdict = match right {
                [false, true] => Some(Verdict::Fixed),
                [true, false] => Some(Verdict::Broken),
                [false, false] if at[1] < at[0] => Some(Verdict::Better),
                [false, false] if at[1] > at[0] => Some(Verdict::Worse),
                _ => None,
            };
            verdict.map(|verdict| expected.insert((patient, joint.index()), verdict));
        }
        for (films, found) in films.iter_mut().zip(found) {
            films.push(line(&film, limb, found.into_iter().map(|found| svh_core::Detection { kept: true, ..found }).collect()));
        }
    }
    let cohort = made.cohort();
    let [one, other] = [0, 1].map(|run| Evaluation::load(&cohort, &made.run(&format!("run{run}"), &films[run], &[])).unwrap());
    let found = changes(&one, &other, 0.2, RESAMPLES);
    let rows: BTreeMap<_, _> = found.rows.iter().map(|row| ((row.patient[0], row.joint.index()), row.verdict)).collect();
    assert_eq!(rows, expected);
    let count = |verdict: Verdict, of: &dyn Fn(usize, usize) -> bool| {
        expected.iter().filter(|((patient, joint), found)| of(*patient, *joint) && **found == verdict).count()
    };
    let lines = found.by_joint(true, RESAMPLES).into_iter().chain(found.by_patient(true));
    for line in lines {
        let counts = Verdict::ALL.map(|verdict| match line.of {
            ChangeOf::Joint(scope) => count(verdict, &|_, index| scope.has(joint::at(index).unwrap())),
            ChangeOf::Patient(place) => count(verdict, &|patient, _| patient == place),
        });
        assert_eq!((line.counts, line.points), (counts, 0), "{line:?}");
        let compared = if matches!(line.of, ChangeOf::Joint(_)) { ids.len() } else { places(limb).len() };
        assert_eq!(line.compared, compared);
    }
}
