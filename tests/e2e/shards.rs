//! `svh score --shard` and `svh slurm`, with an engine whose answers are known. A real Slurm is tried by `build/slurm_trial.py`.

use std::{fs, path::Path};

use svh_tests::program::{Ran, engine_script, run, svh};

/// Grades one joint of every patient.
const ENGINE: &str = r#"here=$(dirname "$0")
echo '{"event":"ready","version":"0.1.0","libtorch":"2.11.0","device":"cpu","devices":[["cpu","CPU"]],"models":[{"name":"m","arch":"svh_convnet","task":"narrowing","sha256":"0123456789ab"}]}'
while read -r request; do
  echo "$request" >> "$here/requests"
  id=$(echo "$request" | sed 's/.*"id":\([0-9]*\).*/\1/')
  patient=$(echo "$request" | sed 's/.*"patient":"\([^"]*\)".*/\1/')
  echo "{\"event\":\"patient\",\"id\":$id,\"result\":{\"patient\":\"$patient\",\"joints\":{\"LH_mcp_J__2\":{\"grade\":1,\"expected\":1.0,\"probabilities\":[0,1,0,0,0]}},\"totals\":{\"narrowing\":1,\"erosion\":0,\"overall\":1,\"limbs\":{\"LH\":{\"narrowing\":1,\"erosion\":0}}},\"scored\":1,\"expected_joints\":31}}"
  echo "{\"event\":\"done\",\"id\":$id}"
done"#;

fn cohort(folder: &Path, sets: usize) {
    fs::create_dir_all(folder.join("c/images")).unwrap();
    for number in 0..sets {
        svh_tests::films::write(&folder.join(format!("c/images/P{number:02}-LH.png")), 40, 40);
    }
}

fn command(folder: &Path, variables: &[(&str, &str)], words: &[&str]) -> Ran {
    let engine = engine_script(folder, ENGINE);
    run(svh().current_dir(folder).env("SVH_ENGINE", engine).envs(variables.iter().copied()).args(words))
}

/// The patients that have a line in some file.
fn lines(folder: &Path, pattern: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.join(pattern)).unwrap_or_default();
    let id = |line: &str| Some(line.split("\"patient\":\"").nth(1)?.split('"').next()?.to_owned());
    text.lines().filter_map(id).collect()
}

#[test]
fn tasks_of_an_array_score_a_cohort_once_and_the_last_job_finishes_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cohort(folder, 12);
    let task = |id: &str| {
        let variables =
            [("SLURM_ARRAY_TASK_ID", id), ("SLURM_ARRAY_TASK_COUNT", "3"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_MAX", "3")];
        command(folder, &variables, &["score", "c", "--out", "r", "--quiet"])
    };
    assert_eq!(task("1").status, Some(0));
    command(folder, &[], &["slurm", "--out", "r", "--finish"]).refused(2, &["2-3 of 3", "--resubmit", "svh resume"]);
    assert_eq!(task("2").status, Some(0));
    // The same task again costs no request.
    let before = fs::read_to_string(folder.join("requests")).unwrap();
    assert_eq!(task("2").status, Some(0));
    assert_eq!(fs::read_to_string(folder.join("requests")).unwrap(), before);
    let status = command(folder, &[], &["slurm", "--out", "r", "--status"]);
    assert!(status.stdout.starts_with("2 of 3 shards finished"), "{status:?}");
    let status = command(folder, &[], &["slurm", "--out", "r", "--status", "--json"]);
    crate::json::is_documented("slurm --status", &["slurm"], &status.json());
    // What is left can be done on one machine, and finishes the run.
    let resumed = command(folder, &[], &["resume", "r"]);
    assert_eq!(resumed.status, Some(0), "{resumed:?}");
    let mut ids: Vec<String> = (1..=3).flat_map(|index| lines(folder, &format!("r/shards/0000{index}-of-00003/results.jsonl"))).collect();
    ids.sort();
    assert_eq!(ids, (0..12).map(|number| format!("P{number:02}")).collect::<Vec<_>>());
    for table in ["films.parquet", "detections.parquet", "grades.parquet"] {
        assert!(folder.join("r").join(table).is_file(), "{table}");
    }
    fs::create_dir_all(folder.join("c/runs")).unwrap();
    fs::rename(folder.join("r"), folder.join("c/runs/r")).unwrap();
    let listed = command(folder, &[], &["runs", "c"]);
    assert!(listed.stdout.starts_with("r  score  finished") && listed.stdout.contains("12 patients"), "{listed:?}");
}

#[test]
fn the_scripts_name_every_shard_and_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cohort(folder, 2);
    let words = [
        "slurm",
        "c",
        "--out",
        "my run",
        "--tasks",
        "2500",
        "--at-once",
        "40",
        "--gpus-per-task",
        "1",
        "--partition",
        "gpu",
        "--time",
        "8:00:00",
    ];
    let ran = command(folder, &[("PATH", "/usr/bin:/bin")], &words);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("--array=1-") && ran.stdout.contains("%40") && ran.stdout.contains("afterany:"), "{ran:?}");
    let script = fs::read_to_string(folder.join("my run/slurm/score.sbatch")).unwrap();
    for part in ["#SBATCH --requeue", "--gpus-per-task=1", "--partition=gpu", "--time=8:00:00", "))/2500\"", "my run'"] {
        assert!(script.contains(part), "{part}: {script}");
    }
    command(folder, &[], &["slurm", "--out", "my run", "--status"]).refused(2, &["has not begun"]);
    let wrong = command(folder, &[], &["score", "c", "--out", "x", "--shard", "4/3"]);
    assert!(wrong.status == Some(2) && wrong.stderr.contains("`4/3` is not a shard; give I/N"), "{wrong:?}");
}
