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
    for words in ["BodyPartExamined is CHEST", "text is burned in", "its header does not tell the limb", "none was found", "contact sheets"]
    {
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
