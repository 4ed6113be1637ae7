//! Tests of the threads.

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// Says what it did; job 13 panics, and each job waits until it is let go.
struct Counting {
    done: Sender<String>,
    gate: Receiver<()>,
}

/// The rules that differ from work to work.
macro_rules! work {
    ($name:ident, newest_first: $newest:expr, finishes: $finishes:expr, bound: $bound:expr, replaces: $replaces:expr) => {
        struct $name(Counting);

        impl Work for $name {
            type Job = u32;
            const NEWEST_FIRST: bool = $newest;
            const FINISHES: bool = $finishes;
            const BOUND: usize = $bound;

            fn replaces(new: &u32, waiting: &u32) -> bool {
                let replaces: fn(&u32, &u32) -> bool = $replaces;
                replaces(new, waiting)
            }

            fn work(&mut self, job: &u32, _: &Queue<u32>) {
                let _ = self.0.done.send(format!("begun {job}"));
                let _ = self.0.gate.recv();
                assert!(*job != 13, "as the test wants it");
                let _ = self.0.done.send(format!("done {job}"));
            }

            fn panicked(&mut self, job: u32) {
                let _ = self.0.done.send(format!("panicked {job}"));
            }
        }
    };
}

work!(InOrder, newest_first: false, finishes: true, bound: 2, replaces: |_, _| false);
work!(NewestFirst, newest_first: true, finishes: false, bound: 2, replaces: |_, _| false);
work!(NewestOnly, newest_first: false, finishes: false, bound: 2, replaces: |_, _| true);

fn counting() -> (Counting, Receiver<String>, Sender<()>) {
    let (done, told) = channel();
    let (open, gate) = channel();
    (Counting { done, gate }, told, open)
}

/// What is told next; a worker that hangs fails the test.
fn next(told: &Receiver<String>) -> String {
    told.recv_timeout(Duration::from_secs(20)).expect("the thread is alive")
}

#[test]
fn a_panic_is_told_and_the_next_jobs_are_done() {
    let (work, told, open) = counting();
    let worker = Worker::start("test", InOrder(work)).unwrap();
    for job in [12, 13, 14] {
        assert_eq!(worker.ask(job), None);
        open.send(()).unwrap();
    }
    let said: Vec<String> = (0..6).map(|_| next(&told)).collect();
    assert_eq!(said, ["begun 12", "done 12", "begun 13", "panicked 13", "begun 14", "done 14"]);
}

#[test]
fn what_finishes_does_every_job_before_it_ends_however_many_wait() {
    let (work, told, open) = counting();
    let worker = Worker::start("test", InOrder(work)).unwrap();
    for job in 0..10 {
        assert_eq!(worker.ask(job), None, "nothing gives way");
        open.send(()).unwrap();
    }
    drop(worker);
    assert_eq!(told.iter().filter(|line| line.starts_with("done")).count(), 10);
}

#[test]
fn the_newest_comes_first_and_beyond_the_bound_the_oldest_is_given_back() {
    let (work, told, open) = counting();
    let worker = Worker::start("test", NewestFirst(work)).unwrap();
    assert_eq!(worker.ask(1), None);
    assert_eq!(next(&told), "begun 1");
    assert_eq!([2, 3, 4].map(|job| worker.ask(job)), [None, None, Some(2)]);
    (0..3).for_each(|_| open.send(()).unwrap());
    let said: Vec<String> = (0..5).map(|_| next(&told)).collect();
    assert_eq!(said, ["done 1", "begun 4", "done 4", "begun 3", "done 3"]);
}

#[test]
fn a_job_that_makes_others_needless_takes_their_place() {
    let (work, told, open) = counting();
    let worker = Worker::start("test", NewestOnly(work)).unwrap();
    assert_eq!(worker.ask(1), None);
    assert_eq!(next(&told), "begun 1");
    assert_eq!([2, 3, 4].map(|job| worker.ask(job)), [None, None, None]);
    (0..2).for_each(|_| open.send(()).unwrap());
    let said: Vec<String> = (0..3).map(|_| next(&told)).collect();
    assert_eq!(said, ["done 1", "begun 4", "done 4"]);
}

/// Counts its calls; the second one panics.
struct Ticking {
    ticks: u32,
    told: Sender<String>,
}

impl Work for Ticking {
    type Job = ();

    fn work(&mut self, (): &(), _: &Queue<()>) {}

    fn panicked(&mut self, (): ()) {}

    fn pace(&self) -> Option<Duration> {
        Some(Duration::from_millis(1))
    }

    fn idle(&mut self) {
        self.ticks += 1;
        assert!(self.ticks != 2, "as the test wants it");
        let _ = self.told.send(format!("tick {}", self.ticks));
    }

    fn idle_panicked(&mut self) {
        let _ = self.told.send("panicked".to_owned());
    }

    fn end(&mut self) {
        let _ = self.told.send("end".to_owned());
    }
}

#[test]
fn a_panic_between_jobs_is_told_and_does_not_end_the_looking() {
    let (sender, told) = channel();
    let worker = Worker::start("test", Ticking { ticks: 0, told: sender }).unwrap();
    assert_eq!([next(&told), next(&told), next(&told)], ["tick 1", "panicked", "tick 3"]);
    drop(worker);
    assert_eq!(told.iter().last().as_deref(), Some("end"));
}
