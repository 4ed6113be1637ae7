//! From a DICOM archive to a table of changes, with the real program and an engine whose answers are known.

use std::{fs, path::Path};

use svh_tests::program::{Ran, checkout, engine_script, run, svh};

/// Grades one joint of every film set: 0 at the first visit, 3 at the second.
const ENGINE: &str = r#"echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[{"name":"m","arch":"svh_convnet","task":"narrowing","sha256":"0123456789ab"}]}'
while read -r request; do
  id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
  patient=$(echo "$request" | sed 's/.*"patient":"\([^"]*\)".*/\1/')
  grade=0; p='[1,0,0,0,0]'
  case "$patient" in *-V2) grade=3; p='[0,0,0,1,0]' ;; esac
  echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"$patient\",\"joints\":{\"LH_mcp_J__2\":{\"grade\":$grade,\"expected\":$grade.0,\"probabilities\":$p}},\"totals\":{\"narrowing\":$grade,\"erosion\":0,\"overall\":$grade,\"limbs\":{\"LH\":{\"narrowing\":$grade,\"erosion\":0}}},\"scored\":1,\"expected_joints\":31}}"
  echo "{\"event\":\"done\",\"id\":$id}"
done"#;

fn command(folder: &Path, words: &[&str]) -> Ran {
    run(svh().current_dir(folder).env("SVH_ENGINE", engine_script(folder, ENGINE)).args(words))
}

#[test]
fn an_archive_becomes_a_cohort_whose_changes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let source = checkout().join("src/core/tests/fixtures/archive");
    let source = source.to_str().unwrap();
    command(folder, &["import", "dicom", source, "c"]).refused(2, &["--key FILE"]);
    let made = command(folder, &["import", "dicom", source, "c", "--key", "key", "--no-detector"]);
    assert_eq!(made.status, Some(0), "{made:?}");
    assert!(made.stdout.starts_with("2 patients, 4 visits, 11 films in c"), "{made:?}");
    for words in ["BodyPartExamined is CHEST", "text is burned in", "says which limb it shows", "none was found", "contact sheets"] {
        assert!(made.stdout.contains(words), "{words}: {made:?}");
    }
    assert!(folder.join("key.c.files.csv").is_file() && folder.join("c/contact-sheets/001.png").is_file());
    let again = command(folder, &["import", "dicom", source, "c2", "--key", "key2", "--no-detector", "--json"]);
    crate::json::is_documented("import dicom", &["import", "dicom"], &again.json());
    // The same place again is refused, and nothing of it is touched.
    command(folder, &["import", "dicom", source, "c", "--key", "key", "--no-detector", "--quiet"]).refused(2, &["c"]);

    let scored = command(folder, &["score", "c", "--out", "c/runs/r", "--quiet"]);
    assert_eq!(scored.status, Some(0), "{scored:?}");
    let told = command(folder, &["progression", "c", "--run", "r", "--threshold", "1"]);
    assert!(told.stdout.contains("total: 2 pairs of visits, 2 joints") && told.stdout.contains("mean change 3.00 (SD 0.00)"), "{told:?}");
    assert!(told.stdout.contains("2 of 2 progressed"), "{told:?}");
    let table = command(folder, &["progression", "c", "--run", "r", "--threshold", "1", "--csv", "-"]);
    assert_eq!(table.stdout.lines().count(), 7, "{table:?}");
    assert!(table.stdout.lines().nth(1).unwrap().ends_with(",1"), "{table:?}");
    fs::write(folder.join("c/visits.csv"), "Patient_ID,patient\nA,p\n").unwrap();
    command(folder, &["progression", "c", "--run", "r"]).refused(2, &["no patient with two visits", "visits.csv"]);
}

/// The locked answers of a reader: film set, joint, grade.
fn locked(cohort: &Path, reader: &str, answers: &[(&str, &str, u8)]) {
    let line = |(at, (set, joint, grade)): (usize, &(&str, &str, u8))| {
        serde_json::json!({
            "id": format!("{reader}-{at}"), "time": "2026-01-01T00:00:00.000Z", "reader": reader, "patient": set, "task": "narrowing", "joint": joint,
            "do": "lock", "grade": grade, "order": "random-in-pair",
        })
        .to_string()
    };
    let lines: Vec<String> = answers.iter().enumerate().map(line).collect();
    fs::create_dir_all(cohort.join("reviews")).unwrap();
    fs::write(cohort.join(format!("reviews/{reader}.jsonl")), lines.join("\n") + "\n").unwrap();
}

/// The expected numbers are worked out by hand from the grades below.
#[test]
fn two_readers_are_averaged_and_pairs_on_which_they_differ_go_to_an_adjudicator() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let cohort = folder.join("c");
    fs::create_dir_all(cohort.join("images")).unwrap();
    for set in ["A0", "A1", "B0", "B1"] {
        image::GrayImage::new(30, 30).save(cohort.join(format!("images/{set}-LH.png"))).unwrap();
    }
    fs::write(cohort.join("visits.csv"), "Patient_ID,patient,visit,months\nA0,p1,0,0\nA1,p1,1,6\nB0,p2,0,0\nB1,p2,1,12\n").unwrap();
    let (two, three) = ("LH_mcp_2", "LH_mcp_3");
    // p1: anna 1 to 3, ben 2 to 4. p2: anna 0 to 1, ben 0 to 4, over the one joint that both graded at both visits.
    let anna = [
        ("A0", two, 0),
        ("A0", three, 1),
        ("A1", two, 1),
        ("A1", three, 2),
        ("B0", two, 0),
        ("B1", two, 1),
        ("B0", three, 0),
        ("B1", three, 4),
    ];
    let ben = [("A0", two, 1), ("A0", three, 1), ("A1", two, 3), ("A1", three, 1), ("B0", two, 0), ("B1", two, 4), ("B1", three, 1)];
    locked(&cohort, "anna", &anna);
    locked(&cohort, "ben", &ben);
    let progression = |words: &[&str]| command(folder, &[&["progression", "c"], words].concat());

    let table = progression(&["--readers", "anna", "ben", "--csv", "-"]);
    let of_total: Vec<&str> = table.stdout.lines().filter(|line| line.starts_with("total,")).collect();
    assert_eq!(of_total.len(), 2, "{table:?}");
    assert!(of_total[0].starts_with("total,p1,A0,A1,6,2,2,,4,,"), "{table:?}");
    assert!(of_total[1].starts_with("total,p2,B0,B1,12,1,2.5,,2.5,,"), "{table:?}");
    let queue = |apart: &str| progression(&["--readers", "anna", "ben", "--adjudicate", apart]).stdout;
    let header = "patient,baseline,follow_up,joints,anna,ben,difference\n";
    assert_eq!(queue("2"), format!("{header}p2,B0,B1,1,1,4,3\n"));
    assert_eq!(queue("3"), header, "a difference of three is not more than three");
    progression(&["--readers", "anna", "carl"]).refused(2, &["anna and carl", "blind mode"]);
    progression(&["--readers", "anna", "anna"]).refused(2, &["anna twice"]);
    progression(&["--readers", "anna", "ben", "--adjudicate", "NaN"]).refused(2, &["--adjudicate NaN"]);
    let alone = progression(&["--adjudicate", "2"]);
    assert!(alone.status == Some(2) && alone.stderr.contains("--readers"), "{alone:?}");
}
