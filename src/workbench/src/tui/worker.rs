//! Threads for what takes longer than a frame: each does one kind of job, one after the other. A panic ends the job and not the thread, and whoever
//! waits for the job is told.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

#[cfg(test)]
mod tests;

/// How long the end of the program waits for work whose result nobody needs any more.
const GRACE: Duration = Duration::from_millis(300);

/// What is said of a panic.
pub const INTERNAL: &str = "internal error, please report it";

/// One kind of work.
pub trait Work: Send + 'static {
    /// A job.
    type Job: Send + 'static;

    /// The latest job is done first, not the earliest.
    const NEWEST_FIRST: bool = false;
    /// Jobs that may wait. One more, and the job that would be done last is given back to whoever asked.
    const BOUND: usize = 64;
    /// Jobs that wait are done before the program ends.
    const FINISHES: bool = false;

    /// Whether a new job makes one that waits needless.
    fn replaces(_new: &Self::Job, _waiting: &Self::Job) -> bool {
        false
    }

    /// Does a job.
    fn work(&mut self, job: &Self::Job, queue: &Queue<Self::Job>);

    /// A job ended in a panic: tells whoever waits for it.
    fn panicked(&mut self, job: Self::Job);

    /// The time without a job after which [`Work::idle`] is called; `None` where it never is.
    fn pace(&self) -> Option<Duration> {
        None
    }

    /// Nothing has been asked for during the pace.
    fn idle(&mut self) {}

    /// [`Work::idle`] ended in a panic.
    fn idle_panicked(&mut self) {}

    /// The last call before the thread ends.
    fn end(&mut self) {}
}

/// The jobs that wait.
pub struct Queue<J> {
    inner: Mutex<Inner<J>>,
    changed: Condvar,
}

struct Inner<J> {
    jobs: VecDeque<J>,
    closed: bool,
    ended: bool,
}

enum Next<J> {
    Job(J),
    Idle,
    End,
}

impl<J> Queue<J> {
    const fn new() -> Self {
        Self { inner: Mutex::new(Inner { jobs: VecDeque::new(), closed: false, ended: false }), changed: Condvar::new() }
    }

    /// No job runs while this is held, so a panic cannot leave the queue half changed.
    fn lock(&self) -> MutexGuard<'_, Inner<J>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another job waits.
    pub fn is_waiting(&self) -> bool {
        !self.lock().jobs.is_empty()
    }

    fn ask<W: Work<Job = J>>(&self, job: J) -> Option<J> {
        let mut inner = self.lock();
        inner.jobs.retain(|waiting| !W::replaces(&job, waiting));
        inner.jobs.push_back(job);
        // Done last are the earliest jobs where the newest come first, else the latest.
        let full = !W::FINISHES && inner.jobs.len() > W::BOUND;
        let dropped = full.then(|| if W::NEWEST_FIRST { inner.jobs.pop_front() } else { inner.jobs.pop_back() });
        drop(inner);
        self.changed.notify_all();
        dropped.flatten()
    }

    fn next<W: Work<Job = J>>(&self, pace: Option<Duration>) -> Next<J> {
        let due = pace.map(|pace| Instant::now() + pace);
        let mut inner = self.lock();
        loop {
            if !inner.closed || W::FINISHES {
                let job = if W::NEWEST_FIRST { inner.jobs.pop_back() } else { inner.jobs.pop_front() };
                if let Some(job) = job {
                    return Next::Job(job);
                }
            }
            if inner.closed {
                return Next::End;
            }
            inner = match due.map(|due| due.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return Next::Idle,
                Some(left) => self.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// Waits for the end of the thread; false where it takes longer.
    fn ends_within(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |inner| !inner.ended);
        waited.unwrap_or_else(PoisonError::into_inner).0.ended
    }
}

/// The way to a thread. Dropping it ends the thread: after the jobs that wait where the work is one that finishes, else after the job at hand.
pub struct Worker<W: Work> {
    queue: Arc<Queue<W::Job>>,
    thread: Option<JoinHandle<()>>,
}

impl<W: Work> Worker<W> {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(name: &str, work: W) -> io::Result<Self> {
        let queue = Arc::new(Queue::new());
        let inner = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            run(work, &inner);
            inner.end();
        })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Asks for a job; the job that has to give way to it comes back.
    pub fn ask(&self, job: W::Job) -> Option<W::Job> {
        self.queue.ask::<W>(job)
    }
}

fn run<W: Work>(mut work: W, queue: &Queue<W::Job>) {
    loop {
        // The state of the work after a panic is whatever its own `panicked` can live with.
        match queue.next::<W>(work.pace()) {
            Next::Job(job) => {
                if catch_unwind(AssertUnwindSafe(|| work.work(&job, queue))).is_err() {
                    let _ = catch_unwind(AssertUnwindSafe(|| work.panicked(job)));
                }
            }
            Next::Idle => {
                if catch_unwind(AssertUnwindSafe(|| work.idle())).is_err() {
                    let _ = catch_unwind(AssertUnwindSafe(|| work.idle_panicked()));
                }
            }
            Next::End => break,
        }
    }
    let _ = catch_unwind(AssertUnwindSafe(|| work.end()));
}

impl<W: Work> Drop for Worker<W> {
    fn drop(&mut self) {
        self.queue.close();
        let Some(thread) = self.thread.take() else { return };
        // A long job whose result nobody needs any more ends with the process.
        if W::FINISHES || self.queue.ends_within(GRACE) {
            let _ = thread.join();
        }
    }
}
