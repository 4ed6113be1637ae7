//! Every metric against the files that other tools made (`fixtures/reference/generate.py` with scikit-learn, scipy, pingouin, pycocotools, tidecv).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use svh_analysis::Agreement;
use svh_analysis::detection::{CocoFiles, CocoMetrics, Matching};
use svh_analysis::stats::{
    BlandAltman, Clusters, Confusion, Icc, IccKind, Interval, Resamples, calibration, concordance, icc, smallest_detectable_change,
};

fn folder() -> PathBuf {
    // Another seed of the same files can be laid beside these to judge the result.
    std::env::var_os("SVH_REFERENCE")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reference"), PathBuf::from)
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(name)).unwrap()).unwrap()
}

fn golden(name: &str) -> Value {
    read("stats_golden.json")[name].clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn grades(value: &Value) -> Vec<u8> {
    value.as_array().unwrap().iter().map(|v| u8::try_from(v.as_u64().unwrap()).unwrap()).collect()
}

#[track_caller]
fn same(found: impl Into<Option<f64>>, expected: &Value) {
    let (found, expected) = (found.into().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn ordinal_metrics_are_those_of_scikit_learn_and_scipy() {
    for name in ["ordinal_A_all_grades", "ordinal_B_grade3_absent"] {
        let golden = golden(name);
        let pairs = grades(&golden["y_true"]).into_iter().zip(grades(&golden["y_pred"]));
        let agreement = Agreement::of(Confusion::of(4, pairs), 0);
        let metrics = &agreement.metrics;
        same(metrics.accuracy, &golden["accuracy"]);
        same(metrics.balanced_accuracy, &golden["balanced_accuracy"]);
        same(metrics.macro_f1, &golden["macro_f1_present"]);
        same(metrics.kappa, &golden["kappa"]);
        same(metrics.kappa_linear, &golden["kappa_linear"]);
        same(metrics.qwk, &golden["qwk_labels_0_4"]);
        same(metrics.rmse, &golden["rmse"]);
        same(metrics.mae, &golden["mae"]);
        same(metrics.within1, &golden["within1"]);
        same(metrics.spearman, &golden["spearman"]);
        same(metrics.kendall_tau_b, &golden["kendall_tau_b"]);
        assert_eq!(serde_json::to_value(&agreement.confusion).unwrap(), golden["confusion_rows_true"]);
        // The commonest grade of these data is 0.
        for baseline in [&agreement.majority, &agreement.zero] {
            assert_eq!(baseline.grade, 0);
            same(baseline.metrics.accuracy, &golden["majority_baseline"]["accuracy"]);
            same(baseline.metrics.balanced_accuracy, &golden["majority_baseline"]["balanced_accuracy"]);
            same(baseline.metrics.rmse, &golden["majority_baseline"]["rmse"]);
        }
    }
}

#[track_caller]
fn same_icc(found: &[Icc; 6], table: &Value) {
    let rows = table.as_array().unwrap();
    assert_eq!(rows.len(), 6);
    for (found, row) in found.iter().zip(rows) {
        assert_eq!(serde_json::to_value(found.kind).unwrap(), row["Type"]);
        same(found.value, &row["ICC"]);
        same(found.f, &row["F"]);
        same(found.df.0, &row["df1"]);
        same(found.df.1, &row["df2"]);
        same(found.p, &row["pval"]);
        // pingouin prints intervals to two digits.
        let ends = <[f64; 2]>::from(found.ci95.unwrap());
        for (end, printed) in ends.into_iter().zip(numbers(&row["CI95"])) {
            assert!((end - printed).abs() < 0.005 + 1e-9, "{:?}: {end} is not {printed}", found.kind);
        }
    }
}

#[test]
fn intraclass_correlations_are_those_of_pingouin() {
    let golden = golden("icc_shrout_fleiss_1979");
    let matrix: Vec<Vec<f64>> = golden["matrix"].as_array().unwrap().iter().map(numbers).collect();
    same_icc(&icc(&matrix).unwrap(), &golden["table"]);
    let value = |kind| icc(&matrix).unwrap().iter().find(|row| row.kind == kind).unwrap().value;
    // As printed by Shrout and Fleiss themselves.
    assert!((value(IccKind::OneWay) - 0.17).abs() < 0.005 && (value(IccKind::Agreement) - 0.29).abs() < 0.005);
    assert!((value(IccKind::Consistency) - 0.71).abs() < 0.006);
}

#[test]
fn totals_of_two_readers_have_the_limits_and_the_detectable_change_of_the_reference() {
    let golden = golden("totals_two_readers");
    let reader = |name: &str| numbers(&golden[name]);
    let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
    let (first, second) = (reader("r1_base"), reader("r2_base"));
    let found = BlandAltman::of(&minus(&first, &second)).unwrap();
    let expected = &golden["bland_altman_base"];
    same(found.bias, &expected["mean_diff"]);
    same(found.sd, &expected["sd_diff"]);
    same(found.limits.low, &expected["loa_low"]);
    same(found.limits.high, &expected["loa_high"]);
    for (interval, name) in [(found.bias_ci95, "mean_ci95"), (found.low_ci95, "loa_low_ci95"), (found.high_ci95, "loa_high_ci95")] {
        same(interval.low, &expected[name][0]);
        same(interval.high, &expected[name][1]);
    }
    let changes = minus(&minus(&reader("r1_fu"), &first), &minus(&reader("r2_fu"), &second));
    let sd = BlandAltman::of(&changes).unwrap().sd;
    same(sd, &golden["sd_diff_of_change"]);
    same(smallest_detectable_change(sd, 2, 1.96), &golden["SDC95_mean_of_2_readers"]);
    same(smallest_detectable_change(sd, 1, 1.96), &golden["SDC95_single_reader"]);
    same(smallest_detectable_change(sd, 2, 1.28), &golden["SDC80_mean_of_2_readers"]);
    let pairs: Vec<(f64, f64)> = first.iter().copied().zip(second.iter().copied()).collect();
    same(concordance(&pairs), &golden["lins_ccc"]);
    same_icc(&icc(&pairs.iter().map(|(a, b)| vec![*a, *b]).collect::<Vec<_>>()).unwrap(), &golden["icc"]);
}

#[test]
fn a_bootstrap_over_patients_gives_the_statistics_and_the_interval_of_the_resamples_given() {
    let golden = golden("cluster_bootstrap_rmse");
    let patients = golden["patient"].as_array().unwrap().iter().map(|p| p.as_u64().unwrap());
    let (reference, model) = (grades(&golden["y_true"]), grades(&golden["y_pred"]));
    let clusters = Clusters::of(4, patients.zip(reference).zip(model).map(|((patient, reference), model)| (patient, reference, model)));
    let statistic = |row: &Value| {
        let mut times = vec![0; clusters.len()];
        row.as_array().unwrap().iter().for_each(|patient| times[usize::try_from(patient.as_u64().unwrap()).unwrap()] += 1);
        clusters.drawn(&times).metrics().rmse.unwrap()
    };
    let found: Vec<f64> = golden["resampled_patients"].as_array().unwrap().iter().map(statistic).collect();
    for (found, expected) in found.iter().zip(golden["stat"].as_array().unwrap()) {
        same(*found, expected);
    }
    let interval = Interval::of_resamples(&found).unwrap();
    same(interval.low, &golden["percentile95_linear"][0]);
    same(interval.high, &golden["percentile95_linear"][1]);
    // Our own draws are others, of the same distribution.
    let ours = clusters.intervals(Resamples::default())["rmse"];
    assert!((ours.low - interval.low).abs() < 0.04 && (ours.high - interval.high).abs() < 0.04, "{ours:?} {interval:?}");
}

#[test]
fn calibration_is_that_of_ten_even_bins() {
    let golden = golden("calibration_ece10");
    let right = golden["correct"].as_array().unwrap().iter().map(|right| right.as_u64() == Some(1));
    let found = calibration(numbers(&golden["conf"]).into_iter().zip(right)).unwrap();
    same(found.ece, &golden["ece"]);
    same(found.brier, &golden["brier"]);
}

fn coco_files() -> CocoFiles {
    CocoFiles::read(&folder().join("coco_gt.json"), &folder().join("coco_dt.json")).unwrap()
}

#[test]
fn detection_metrics_are_those_of_pycocotools_and_tidecv() {
    let expected = read("coco_expected.json");
    let found = serde_json::to_value(CocoMetrics::of(&Matching::of(coco_files().sample)).unwrap()).unwrap();
    for place in 0..12 {
        same(found["stats"][place].as_f64(), &expected["stats"][place]);
    }
    let classes = expected["per_class"].as_object().unwrap();
    assert_eq!(found["per_class"].as_object().unwrap().len(), classes.len());
    for (label, metrics) in classes {
        for name in ["AP", "AP50", "AP75"] {
            same(found["per_class"][label][name].as_f64(), &metrics[name]);
        }
    }
    assert_eq!(found["tide"]["count"], expected["tide"]["count"]);
    same(found["tide"]["AP"].as_f64(), &expected["tide"]["AP"]);
    for (kind, gain) in expected["tide"]["dap"].as_object().unwrap() {
        same(found["tide"]["dap"][kind].as_f64(), gain);
    }
}

/// Film, kind, joint, index of the detection.
type Planted = BTreeSet<(String, String, String, Option<u64>)>;

#[test]
fn every_planted_error_is_found_and_rightly_named_and_there_are_no_others() {
    let text = |error: &Value, key: &str| error[key].as_str().unwrap().to_owned();
    let planted: Planted = read("planted.json")
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (text(error, "film"), text(error, "kind"), text(error, "joint"), error["detection"].as_u64()))
        .collect();
    let files = coco_files();
    let found: Planted = files
        .named_errors(&Matching::of(files.sample.clone()), 0.0)
        .into_iter()
        .map(|error| (error.film.to_owned(), error.kind.to_string(), error.joint.to_owned(), error.detection.map(|place| place as u64)))
        .collect();
    assert!(planted.len() > 20);
    assert_eq!(found, planted);
}
