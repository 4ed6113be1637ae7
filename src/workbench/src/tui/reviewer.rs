//! Reviews on the disk: a thread of its own writes what the reader does and looks for what others do.

use std::{
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

use svh_core::review::{Author, Entry, Follower, Journal};

use super::event::Event;

/// Between two looks at what others wrote, and between two tries to write what waits.
const LOOK: Duration = Duration::from_secs(2);

/// The way to the thread.
pub struct Reviewer {
    lines: Option<Sender<Entry>>,
    thread: Option<JoinHandle<()>>,
}

impl Reviewer {
    /// Starts the thread, which reads what is there at once and writes nothing before the first change.
    pub fn start(cohort: &Path, author: &Author, events: Sender<Event>) -> Self {
        let (sender, lines) = channel();
        let mut desk = Disk::new(cohort, author);
        let work = move || desk.work(&lines, &events);
        let thread = std::thread::Builder::new().name("reviews".into()).spawn(work).ok();
        Self { lines: Some(sender), thread }
    }

    /// Writes a line.
    pub fn write(&self, entry: Entry) {
        if let Some(lines) = &self.lines {
            // The thread ends with this sender only.
            let _ = lines.send(entry);
        }
    }
}

impl Drop for Reviewer {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The files of a cohort's reviews.
pub struct Disk {
    journal: Journal,
    follower: Follower,
    /// What was told last of changes that wait.
    told: Option<(usize, String)>,
}

impl Disk {
    /// The files of this cohort, for this reader.
    #[must_use]
    pub fn new(cohort: &Path, author: &Author) -> Self {
        Self { journal: Journal::new(cohort, author), follower: Follower::new(cohort), told: None }
    }

    /// What is new in the files.
    pub fn look(&mut self) -> Option<Event> {
        let news = self.follower.poll();
        (!news.is_empty()).then(|| Event::Reviews(Box::new(news)))
    }

    /// Writes a line with all that wait; the event is there where what is to be said of them has changed.
    pub fn write(&mut self, entry: Option<Entry>) -> Option<Event> {
        let written = match entry {
            Some(entry) => self.journal.append(entry),
            None => self.journal.flush(),
        };
        let state = written.err().map(|error| (self.journal.waiting(), error.to_string()));
        if state == self.told {
            return None;
        }
        self.told.clone_from(&state);
        Some(Event::Unkept(state))
    }

    fn work(&mut self, lines: &Receiver<Entry>, events: &Sender<Event>) {
        // Nobody may be listening any more while the last changes are still to be written: only the end of the lines ends this.
        let tell = |event: Option<Event>| event.into_iter().for_each(|event| drop(events.send(event)));
        loop {
            tell(self.look());
            let event = match lines.recv_timeout(LOOK) {
                Ok(entry) => self.write(Some(entry)),
                Err(RecvTimeoutError::Timeout) if self.journal.waiting() > 0 => self.write(None),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => {
                    // The last chance for what waits; the user was told.
                    self.write(None);
                    return;
                }
            };
            tell(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use svh_core::{
        Task, joint,
        review::{Before, Change, Reviews, Subject},
    };

    use super::*;

    #[test]
    fn what_was_done_last_is_written_even_when_nobody_listens_any_more() {
        let cohort = tempfile::tempdir().unwrap();
        let mut author = Author::new("anna");
        let (events, inbox) = channel();
        let reviewer = Reviewer::start(cohort.path(), &author, events);
        drop(inbox);
        let joint = &joint::joints(Task::Narrowing)[0];
        let subject = Subject { patient: "P001".into(), film: None, joint, size: None };
        for grade in 0..5 {
            let entry = author.entry(&Reviews::default(), &subject, Change::Grade { grade: Some(grade) }, Before::default()).unwrap();
            reviewer.write(entry);
            // Time for a look, whose news nobody takes.
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(reviewer);
        assert_eq!(Reviews::read(cohort.path()).len(), 5);
    }
}
