//! `svh-engine baseline`: grades by a single measure of each crop, in a form that `svh agreement` reads.

use std::{fs, path::Path};

use svh_tests::{
    cohort,
    program::{Ran, program, run, svh},
};

fn baseline(train: &Path, test: &Path, more: &[&str]) -> Ran {
    let mut command = std::process::Command::new(program("svh-engine"));
    run(command.arg("baseline").arg("--train").arg(train).arg("--test").arg(test).args(more))
}

#[test]
fn every_boxed_and_graded_joint_gets_a_grade_and_the_metrics_are_those_of_agreement() {
    let cohort = cohort::copy();
    let out = tempfile::tempdir().unwrap();
    let ran = baseline(cohort.path(), cohort.path(), &["--json", "--out", out.path().to_str().unwrap()]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let name = cohort.path().file_name().unwrap();
    // Two patients: 42 joints of narrowing, 32 of hand erosion, 12 of foot erosion each.
    for (line, (scale, max, joints)) in
        ran.json().iter().zip([("narrowing", "4", 84), ("hand_erosion", "5", 64), ("foot_erosion", "10", 24)])
    {
        assert_eq!((line["scale"].as_str(), line["figures"]["n"].as_u64()), (Some(scale), Some(joints)), "{line}");
        let csv = out.path().join(name).join(format!("{scale}.csv"));
        let said = run(svh().args(["agreement", "--json", "--max-grade", max]).arg(&csv)).json().remove(0);
        assert_eq!(said["n"].as_u64(), Some(joints));
        for metric in ["accuracy", "balanced_accuracy", "qwk"] {
            let (one, other) = (said[metric].as_f64().unwrap_or(0.0), line["figures"][metric].as_f64().unwrap());
            assert!((one - other).abs() < 1e-4, "{scale} {metric}: {one} {other}");
        }
        // Fitted and judged on the same joints.
        assert!((line["fitted_qwk"].as_f64().unwrap() - line["figures"]["qwk"].as_f64().unwrap()).abs() < 1e-4, "{line}");
    }
}

#[test]
fn a_film_that_cannot_be_read_costs_its_own_joints_and_a_cohort_without_boxes_is_refused() {
    let cohort = cohort::copy();
    let root = cohort.path();
    fs::write(root.join("images/PHA001-LF.jpg"), "no picture").unwrap();
    let ran = baseline(root, root, &["--json"]);
    assert_eq!((ran.status, ran.json()[2]["figures"]["n"].as_u64()), (Some(0), Some(18)), "{ran:?}");
    ran.says(&["PHA001-LF.jpg"]);
    for folder in ["narrowing_labels", "erosion_labels"] {
        fs::remove_dir_all(root.join(folder)).unwrap();
    }
    baseline(root, root, &[]).refused(2, &["has no joint with a box and a grade"]);
}
