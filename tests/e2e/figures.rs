//! `svh plot` and `svh report` through the real program: files by their structure, and everything that can be wrong.

use std::{fs, path::Path};

use svh_core::{Cohort, GradeRow, Limb, PatientScore, RunReader, Task};
use svh_tests::program::{checkout, svh_with};

fn demo() -> String {
    checkout().join("datasets/demo").display().to_string()
}

fn run() -> RunReader {
    let runs = svh_core::run::list(&checkout().join("datasets/demo/runs"));
    runs.into_iter().next().unwrap()
}

/// Joints whose narrowing both the reader and the run have graded.
fn narrowing_compared() -> usize {
    let cohort = Cohort::open(Path::new(&demo())).unwrap();
    let graded = |score: &PatientScore| {
        let reader = cohort.grades_of(cohort.patient(&score.patient).unwrap()).unwrap();
        reader.known().filter(|(joint, _)| joint.task == Task::Narrowing && score.joints.contains_key(&joint.ra2_column)).count()
    };
    run().patients().unwrap().iter().map(graded).sum()
}

/// What the figure's texts are, as an SVG holds them.
fn texts(svg: &str) -> Vec<String> {
    let inside = |part: &str| part.split_once('>').map(|(_, rest)| rest.split('<').next().unwrap_or_default().trim().to_owned());
    svg.split("<text").skip(1).filter_map(inside).collect()
}

#[test]
fn every_figure_is_written_with_its_axes_and_what_it_rests_on() {
    let folder = tempfile::tempdir().unwrap();
    let (joints, patients) = (narrowing_compared(), run().patients().unwrap().len());
    assert!(joints > 100 && patients > 4, "{joints} {patients}");
    let (all_joints, all_patients) = (joints.to_string(), format!("{patients} compared"));
    let figures: [(&str, &[&str]); 10] = [
        ("distribution", &["Distribution of narrowing grades by limb", "left hand", "right foot", "joints", "reader", "model"]),
        ("confusion", &["Confusion of grades: narrowing", &all_joints]),
        ("precision-recall", &["recall", "precision", "IoU 0.50", "IoU 0.75"]),
        ("f1", &["threshold on the score", "best F1"]),
        ("scores", &["score", "boxes", "right", "wrong"]),
        ("iou", &["IoU", "boxes"]),
        ("reliability", &["perfectly calibrated", "ECE", "share of right grades"]),
        ("bland-altman", &["model minus reader in points", "limits of agreement", "bias"]),
        ("scatter", &["equal", &all_patients]),
        ("cumulative", &["cumulative probability in %", "total in points"]),
    ];
    for (what, wanted) in figures {
        let out = folder.path().join(format!("{what}.svg"));
        let ran = svh_with(["plot", what, &demo(), "--out", &out.display().to_string()]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let svg = fs::read_to_string(&out).unwrap();
        let texts = texts(&svg);
        for text in wanted.iter().chain(&[run().name().as_str()]) {
            assert!(texts.iter().any(|other| other.contains(text)), "{what}: `{text}` is not in {texts:?}");
        }
    }
    // A dot for each patient, and none in the legend, whose entries are lines.
    let svg = fs::read_to_string(folder.path().join("bland-altman.svg")).unwrap();
    assert_eq!(svg.matches("<circle").count(), patients);
    let png = folder.path().join("confusion.png");
    assert_eq!(svh_with(["plot", "confusion", &demo(), "--out", &png.display().to_string()]).status, Some(0));
    let size = image::open(&png).unwrap();
    assert!(size.width() > 1000 && size.height() > 700);
}

#[test]
fn what_cannot_be_plotted_is_refused_in_a_sentence() {
    let refused = |words: &[&str], arguments: &[&str]| svh_with(arguments.iter().copied().chain(["--quiet"])).refused(2, words);
    let demo = demo();
    refused(&["x.pdf", ".svg or .png"], &["plot", "scores", &demo, "--out", "x.pdf"]);
    refused(&["curves", "--run"], &["plot", "curves", &demo, "--out", "x.svg"]);
    refused(&["no training curve"], &["plot", "curves", &demo, "--run", &run().name(), "--out", "x.svg"]);
    refused(&["left foot", "hand_erosion"], &["plot", "confusion", &demo, "--scale", "hand_erosion", "--limb", "LF", "--out", "x.svg"]);
    refused(&["LH_knee", "LH_mcp_2"], &["plot", "f1", &demo, "--joint", "LH_knee", "--out", "x.svg"]);
    refused(&["neither a run nor a patient"], &["report", "PHA999", "--cohort", &demo, "--out", "x.html"]);
    assert!(!Path::new("x.svg").exists() && !Path::new("x.html").exists());
}

#[test]
fn a_patient_s_report_is_one_page_with_films_boxes_grades_and_totals() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("p.html");
    let ran = svh_with(["report", "PHA003", "--cohort", &demo(), "--out", &out.display().to_string()]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let html = fs::read_to_string(&out).unwrap();
    // Nothing but the page itself is needed, and no script.
    let elsewhere = ["http://", "https://", "<script", "<link", "src=", "url("];
    assert!(elsewhere.iter().all(|other| !html.contains(other)), "{:?}", elsewhere.iter().find(|other| html.contains(*other)));
    assert_eq!(html.matches("href=\"data:image/jpeg;base64,").count(), 4, "a film a limb");
    assert_eq!(html.matches("href=").count(), 4);
    let cohort = Cohort::open(Path::new(&demo())).unwrap();
    let patient = cohort.patient("PHA003").unwrap();
    let grades: &GradeRow = cohort.grades_of(patient).unwrap();
    let reader: u32 = grades.known().map(|(_, grade)| u32::from(grade)).sum();
    let score = run().patients().unwrap().into_iter().find(|score| score.patient == "PHA003").unwrap();
    let total = html.split("<th scope=\"row\">total</th>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(total.contains(&format!("{reader} (graded {} of 86)", grades.known().count())), "{total}");
    assert!(total.contains(&format!("{} (graded {} of 86)", score.totals.overall.unwrap(), score.scored)), "{total}");
    // Every labelled box of the reader, and every accepted one of the model.
    let labelled: usize = Limb::ALL.into_iter().map(|limb| cohort.boxes(patient, limb).narrowing.len()).sum();
    assert!(html.matches("class=\"box reader\"").count() >= labelled && html.matches("class=\"box model\"").count() >= 42);
    assert!(html.contains("What is missing") && html.contains("not a medical device"));
    for limb in Limb::ALL {
        assert!(html.contains(&format!("<caption>{}</caption>", limb.name())), "{limb}");
    }
}

#[test]
fn a_run_s_report_has_metrics_figures_and_the_patients_that_differ_most() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("r.html");
    let run = run();
    let ran = svh_with(["report", &run.folder().display().to_string(), "--films", "2", "--out", &out.display().to_string()]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let html = fs::read_to_string(&out).unwrap();
    assert!(html.contains(&format!("<h1>Run {}</h1>", run.name())));
    for words in
        ["kappa, quadratic", "95 % interval", "AP75", "limits of agreement", "of these accepted", "Background", "--films shows more"]
    {
        assert!(html.contains(words), "{words}");
    }
    assert_eq!(html.matches("<section>").count(), 2);
    assert!(html.matches("<div class=\"plots\">").count() >= 8 && !html.contains("<script"));
    // The same by the run's name.
    let again = folder.path().join("again.html");
    let named = svh_with(["report", &run.name(), "--cohort", &demo(), "--films", "2", "--out", &again.display().to_string()]);
    assert_eq!(named.status, Some(0), "{named:?}");
    assert_eq!(fs::read(&out).unwrap(), fs::read(&again).unwrap());
}
