//! Change between visits against pingouin, scikit-learn and numpy (`fixtures/progression/generate.py`).

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use svh_analysis::progression::{Progression, Score, cumulative, progression};
use svh_core::visits::Visits;
use svh_core::{GradeRow, joint};

struct Made {
    visits: Visits,
    reader: BTreeMap<String, GradeRow>,
    model: BTreeMap<String, GradeRow>,
    expected: Value,
}

fn made() -> Made {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/progression/cohort.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("visits.csv"), all["visits"].as_str().unwrap()).unwrap();
    let rows = |name: &str| {
        let sets = all[name].as_object().unwrap().iter();
        sets.map(|(set, grades)| {
            let mut row = GradeRow::default();
            for (column, grade) in grades.as_object().unwrap() {
                row.set(joint::by_column(column).unwrap(), Some(grade.as_u64().unwrap() as u8)).unwrap();
            }
            (set.clone(), row)
        })
        .collect()
    };
    Made { visits: Visits::read(folder.path()).unwrap(), reader: rows("reader"), model: rows("model"), expected: all["expected"].clone() }
}

impl Made {
    fn of(&self, score: Score, threshold: Option<f64>) -> Progression {
        progression(
            &self.visits,
            score,
            &|set, joint| self.reader.get(set)?.get(joint).map(f64::from),
            &|set, joint| self.model.get(set)?.get(joint).map(f64::from),
            threshold,
        )
    }
}

fn close(found: Option<f64>, expected: &Value) {
    let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn statistics_of_change_equal_those_of_other_tools() {
    let made = made();
    for score in Score::ALL {
        let (found, expected) = (made.of(score, None), &made.expected[score.name()]);
        let limits = found.limits.as_ref().unwrap();
        assert_eq!(limits.n as u64, expected["pairs"].as_u64().unwrap());
        close(Some(limits.bias), &expected["bias"]);
        close(Some(limits.limits.low), &expected["low"]);
        close(Some(limits.limits.high), &expected["high"]);
        close(found.sdc, &expected["sdc"]);
        close(found.icc.map(|icc| icc.value), &expected["icc"]);
        close(found.kappa, &expected["kappa"]);
        close(made.of(score, Some(1.0)).kappa, &expected["with_threshold_1"]);
        for (name, of) in [("reader", found.reader.as_ref().unwrap()), ("model", found.model.as_ref().unwrap())] {
            close(Some(of.mean), &expected[name]["mean"]);
            close(Some(of.sd), &expected[name]["sd"]);
            close(of.srm, &expected[name]["srm"]);
            assert_eq!(of.progressed as u64, expected[name]["progressed"].as_u64().unwrap());
        }
        let yearly: Vec<f64> =
            found.changes.iter().filter(|change| change.model.is_some()).filter_map(|change| change.reader_per_year).collect();
        close(Some(yearly.iter().sum::<f64>() / yearly.len() as f64), &expected["reader_per_year"]);
    }
}

#[test]
fn a_side_without_grades_has_no_change_and_takes_none_away() {
    let made = made();
    let alone = progression(&made.visits, Score::Total, &|set, joint| made.reader.get(set)?.get(joint).map(f64::from), &|_, _| None, None);
    assert!(alone.changes.iter().all(|change| change.reader.is_some() && change.model.is_none()));
    assert!(alone.limits.is_none() && alone.sdc.is_none() && alone.reader.is_some() && alone.model.is_none());
    let both = made.of(Score::Total, None);
    assert!(alone.changes.iter().zip(&both.changes).all(|(alone, both)| alone.joints >= both.joints));
}

#[test]
fn the_cumulative_probability_rises_with_the_change() {
    let points = cumulative(&[3.0, -1.0, 0.0, 3.0]);
    assert_eq!(points.iter().map(|point| point.change).collect::<Vec<_>>(), [-1.0, 0.0, 3.0, 3.0]);
    assert_eq!(points.iter().map(|point| point.probability).collect::<Vec<_>>(), [0.125, 0.375, 0.625, 0.875]);
    assert!(cumulative(&[]).is_empty());
}

#[test]
fn the_mean_of_two_readers_changes_by_the_mean_of_their_changes() {
    let made = made();
    let reader = |set: &str, joint: &'static svh_core::Joint| made.reader.get(set)?.get(joint).map(f64::from);
    let model = |set: &str, joint: &'static svh_core::Joint| made.model.get(set)?.get(joint).map(f64::from);
    let mean = |set: &str, joint: &'static svh_core::Joint| Some(f64::midpoint(reader(set, joint)?, model(set, joint)?));
    let both = progression(&made.visits, Score::Total, &reader, &model, None);
    let of_mean = progression(&made.visits, Score::Total, &mean, &|_, _| None, None);
    for (both, mean) in both.changes.iter().zip(&of_mean.changes) {
        let expected = both.reader.zip(both.model).map(|(one, two)| f64::midpoint(one, two));
        assert_eq!((mean.reader, mean.joints), (expected, both.joints));
    }
}
