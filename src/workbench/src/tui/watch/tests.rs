//! Tests of the watch over runs.

use std::collections::BTreeMap;

use svh_core::{RunInfo, RunKind, RunStatus, RunWriter};

use super::*;

fn step(step: u64, seconds: f64) -> RunEvent {
    RunEvent::Step { step, epoch: 0, total_steps: 100, losses: BTreeMap::from([("total".into(), 1.0)]), lr: 0.1, seconds }
}

#[test]
fn a_run_is_seen_while_it_is_written_and_an_unchanged_folder_is_no_news() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let mut watch = Watch::new(vec![runs.clone()]);
    assert_eq!(watch.look(), Some(Vec::new()));
    assert_eq!(watch.look(), None);
    let mut writer = RunWriter::create_in(&runs, RunInfo::new(RunKind::Train, Vec::new())).unwrap();
    let [run] = &watch.look().unwrap()[..] else { panic!("one run") };
    assert_eq!((run.state, run.reached.clone()), (RunState::Running, None));
    writer.event(&step(10, 5.0)).unwrap();
    writer.event(&step(30, 15.0)).unwrap();
    let reached = watch.look().unwrap()[0].reached.clone().unwrap();
    assert_eq!((reached.done, reached.total, reached.rate), (30, 100, Some(2.0)));
    assert_eq!(reached.seconds_left(), Some(35.0));
    writer.finish(RunStatus::Finished, None).unwrap();
    assert_eq!(watch.look().unwrap()[0].state, RunState::Finished);
    assert_eq!(watch.look(), None);
}

#[test]
fn a_followed_run_gives_its_events_once_and_then_what_was_appended() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create_in(folder.path(), RunInfo::new(RunKind::Train, Vec::new())).unwrap();
    writer.event(&step(1, 1.0)).unwrap();
    let mut watch = Watch::new(vec![folder.path().to_owned()]);
    watch.follow(vec![writer.folder().to_owned()]);
    let [first] = &watch.written()[..] else { panic!("events") };
    assert!(first.first && first.events == [step(1, 1.0)]);
    assert!(watch.written().is_empty());
    writer.event(&step(2, 2.0)).unwrap();
    watch.follow(vec![writer.folder().to_owned()]);
    let [next] = &watch.written()[..] else { panic!("events") };
    assert!(!next.first && next.events == [step(2, 2.0)]);
    watch.follow(Vec::new());
    writer.event(&step(3, 3.0)).unwrap();
    assert!(watch.written().is_empty());
}

#[test]
fn the_pace_is_that_of_the_process_at_work_and_not_of_the_one_before() {
    let resumed = [step(50, 1000.0), step(60, 2.0), step(70, 4.0)];
    assert_eq!(reached(&resumed).unwrap().rate, Some(5.0));
    assert_eq!(reached(&[step(50, 3.0)]).unwrap().rate, None, "one event tells no pace");
}

#[test]
fn only_the_end_of_long_events_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = RunWriter::create_in(folder.path(), RunInfo::new(RunKind::Train, Vec::new())).unwrap();
    (1..=1000).for_each(|number| writer.event(&step(number, number as f64)).unwrap());
    let events = last_events(&writer.folder().join("events.jsonl")).unwrap();
    assert!(events.len() < 300 && events.last() == Some(&step(1000, 1000.0)), "{}", events.len());
}
