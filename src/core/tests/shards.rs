//! Runs in shards: many tasks, one run.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use svh_core::PatientScore;
use svh_core::run::{RunClaim, RunError, RunInfo, RunKind, RunReader, RunState, RunStatus, RunWriter, Shard, shards};

fn info() -> RunInfo {
    RunInfo::new(RunKind::Score, vec!["svh".into()]).with_setting("shape", true)
}

fn score(id: &str) -> PatientScore {
    PatientScore::with_open(id.to_owned(), BTreeMap::new(), BTreeMap::new(), &BTreeSet::new(), 31)
}

/// Takes a shard as a task does.
fn take(run: &Path, shard: Shard) -> Result<RunWriter, RunError> {
    let whole = info().in_shards(shard.count());
    shards::check(run, &whole)?;
    let writer = RunClaim::take(&shard.folder(run), info().of_shard(shard))?.begin(Vec::new(), BTreeMap::new())?;
    shards::join(run, &whole)?;
    Ok(writer)
}

fn ids(run: &Path) -> Vec<String> {
    let mut ids: Vec<_> = RunReader::open(run).unwrap().patients().unwrap().into_iter().map(|patient| patient.patient).collect();
    ids.sort();
    ids
}

#[test]
fn a_run_is_the_sum_of_its_shards_and_finished_when_all_are() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let all: Vec<String> = (0..40).map(|number| format!("P{number:02}")).collect();
    for index in 1..=3 {
        let shard = Shard::new(index, 3).unwrap();
        let mut writer = take(&run, shard).unwrap();
        for id in all.iter().filter(|id| shard.holds(id)) {
            writer.patient(&score(id)).unwrap();
        }
        let reader = RunReader::open(&run).unwrap();
        assert_eq!(reader.state(), RunState::Running);
        assert!(matches!(shards::finish(&reader), Err(RunError::Unfinished { count: 3, .. })));
        writer.finish(RunStatus::Finished, None).unwrap();
    }
    assert_eq!(ids(&run), all);
    let reader = RunReader::open(&run).unwrap();
    shards::finish(&reader).unwrap();
    assert_eq!(RunReader::open(&run).unwrap().state(), RunState::Finished);
    assert_eq!(reader.result_files().len(), 3);
}

#[test]
fn a_doubled_task_is_refused_and_a_restarted_one_resumes() {
    let folder = tempfile::tempdir().unwrap();
    let shard = Shard::new(1, 2).unwrap();
    let mut first = take(folder.path(), shard).unwrap();
    first.patient(&score("A")).unwrap();
    assert!(matches!(take(folder.path(), shard), Err(RunError::Busy { .. })));
    // A killed task leaves its lines, and its lease ends with it.
    drop(first);
    assert_eq!(RunReader::open(folder.path()).unwrap().state(), RunState::Interrupted);
    let mut again = take(folder.path(), shard).unwrap();
    assert!(again.has_patient("A") && !again.has_patient("B"));
    again.patient(&score("B")).unwrap();
    again.finish(RunStatus::Finished, None).unwrap();
    assert_eq!(ids(folder.path()), ["A", "B"]);
    let states: BTreeSet<_> = shards::states(&RunReader::open(folder.path()).unwrap()).iter().map(|(_, state)| state.is_some()).collect();
    assert_eq!(states.len(), 2, "one finished, one not begun");
}

#[test]
fn shards_of_other_runs_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    drop(take(folder.path(), Shard::new(1, 2).unwrap()).unwrap());
    let error = take(folder.path(), Shard::new(1, 3).unwrap()).unwrap_err();
    assert!(error.to_string().contains("shards 3, not 2"), "{error}");
    let plain = tempfile::tempdir().unwrap();
    drop(RunWriter::create(plain.path(), info()).unwrap());
    assert!(matches!(take(plain.path(), Shard::new(1, 2).unwrap()), Err(RunError::OtherWork { .. })));
}

#[test]
fn cancelling_the_run_stops_every_task_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let writers: Vec<_> = (1..=2).map(|index| take(folder.path(), Shard::new(index, 3).unwrap()).unwrap()).collect();
    svh_core::run::request_cancel(folder.path()).unwrap();
    assert!(writers.iter().all(RunWriter::cancelled));
}
