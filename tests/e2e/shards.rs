//! `svh score --shard` and `svh slurm`, with an engine whose answers are known. A real Slurm is tried by `build/slurm_trial.py`.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use svh_tests::{
    program::{Ran, engine_script, run, svh, workbench},
    terminal::{Persona, Terminal},
};

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

/// Slurm's commands, which say what the files beside them hold and note what they are told.
const COMMANDS: [(&str, &str); 5] = [
    ("sbatch", r#"echo "$*" >> "$here/submitted"; next=$(($(cat "$here/last") + 1)); echo $next > "$here/last"; echo $next"#),
    ("squeue", r#"cat "$here/queue""#),
    ("sacct", r#"cat "$here/accounting""#),
    ("scancel", r#"echo "$*" >> "$here/cancelled"; : > "$here/queue""#),
    ("scontrol", r#"echo "MaxArraySize            = 1001""#),
];

fn commands_of_slurm(folder: &Path) -> String {
    for (name, script) in COMMANDS {
        let path = folder.join("bin").join(name);
        fs::create_dir_all(folder.join("bin")).unwrap();
        fs::write(&path, format!("#!/bin/sh\nhere=$(dirname \"$0\")\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(folder.join("bin/last"), "99").unwrap();
    format!("{}:/usr/bin:/bin", folder.join("bin").display())
}

#[test]
fn the_runs_screen_shows_the_tasks_of_an_array_stops_them_and_submits_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    cohort(folder, 12);
    let path = commands_of_slurm(folder);
    let at = |name: &str| folder.join("bin").join(name);
    let submitted = command(folder, &[("PATH", &path)], &["slurm", "c", "--out", "c/runs/r", "--tasks", "4", "--submit"]);
    assert_eq!(submitted.status, Some(0), "{submitted:?}");
    assert_eq!(command(folder, &[], &["score", "c", "--out", "c/runs/r", "--shard", "1/4", "--quiet"]).status, Some(0));
    // The first is finished, a node took the second with it, the third is running, the fourth waits.
    fs::write(at("accounting"), "100_1|COMPLETED|00:01:00|n1\n100_2|NODE_FAIL|00:00:30|n2\n").unwrap();
    fs::write(at("queue"), "100|3|RUNNING|1:02|n1\n100|4|PENDING|0:00|(Resources)\n7|1|RUNNING|9:00|n9\n").unwrap();

    let mut words = workbench(&folder.join("c"));
    words.env("PATH", &path);
    let mut terminal = Terminal::start(Persona::Plain, 80, 24, words);
    terminal.wait_for("P00");
    terminal.keys("R");
    terminal.wait_for("Slurm: 4 shards · 1 finished · 1 running · 1 pending · 1 missing");
    let text = terminal.now().text;
    let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_else(|| panic!("{start}\n{text}"));
    assert!(line("2/4").contains("NODE_FAIL") && line("2/4").contains("n2"), "{text}");
    assert!(line("3/4").contains("RUNNING") && line("3/4").contains("1:02") && line("4/4").contains("(Resources)"), "{text}");
    assert!(!text.contains("n9"), "another run's job: {text}");

    fs::write(at("submitted"), "").unwrap();
    terminal.keys("c");
    terminal.wait_for("submit 1 shard of r again (sbatch)?");
    terminal.keys("n");
    terminal.keys("c");
    terminal.wait_for("submit 1 shard of r again (sbatch)?");
    terminal.keys("y");
    terminal.wait_for("job 102: shards 2");
    let words = fs::read_to_string(at("submitted")).unwrap();
    assert!(words.contains("--array=2 ") && words.contains("--dependency=afterany:102") && words.lines().count() == 2, "{words}");

    terminal.keys("X");
    terminal.wait_for("and its Slurm jobs (scancel)?");
    terminal.keys("y");
    terminal.wait_for("the tasks end; c submits what is left");
    assert_eq!(fs::read_to_string(at("cancelled")).unwrap(), "--quiet 100 101 102 103\n");
    terminal.wait_for("3 missing");

    // A controller that does not answer is no reason to submit anything.
    fs::write(at("squeue"), "#!/bin/sh\necho 'slurm_load_jobs error: Unable to contact slurm controller' >&2\nexit 1\n").unwrap();
    terminal.keys("c");
    terminal.wait_for("submit 3 shards of r again (sbatch)?");
    terminal.keys("y");
    terminal.wait_for("squeue refused: slurm_load_jobs error");
    assert_eq!(fs::read_to_string(at("submitted")).unwrap().lines().count(), 2);
    terminal.keys("\x7fq");
    assert_eq!(terminal.end(), 0);
}
