//! Reviews on the disk: a thread of its own writes what the reader does and looks for what others do.

use std::{path::Path, sync::mpsc::Sender, time::Duration};

use svh_core::{
    review::{Author, Entry, Follower, Journal, Line, Update},
    tags::TagLine,
};

use super::{
    event::Event,
    worker::{INTERNAL, Queue, Work},
};

/// Between two looks at what others wrote, and between two tries to write what waits.
const LOOK: Duration = Duration::from_secs(2);

/// Lines that are to be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Of reviews.
    pub reviews: Vec<Entry>,
    /// Of tags.
    pub tags: Vec<TagLine>,
}

impl Lines {
    /// Each by itself.
    fn singles(self) -> impl Iterator<Item = Self> {
        let reviews = self.reviews.into_iter().map(|entry| Self { reviews: vec![entry], tags: Vec::new() });
        reviews.chain(self.tags.into_iter().map(|line| Self { reviews: Vec::new(), tags: vec![line] }))
    }
}

/// Where reviews and tags lie.
pub trait Store: Send + 'static {
    /// What is new there.
    fn look(&mut self) -> Vec<Event>;

    /// Writes lines with all that wait; the event is there where what is to be said of them has changed.
    fn write(&mut self, lines: Lines) -> Option<Event>;

    /// How many lines wait to be written.
    fn waiting(&self) -> usize;
}

/// Writes reviews and looks for others'. It reads what is there at once and writes nothing before the first change.
pub struct Reviewer<S> {
    store: S,
    events: Sender<Event>,
    looked: bool,
    /// Lines at which the store panicked: they are tried again.
    again: Vec<Lines>,
}

impl<S: Store> Reviewer<S> {
    /// A reviewer of this store.
    #[must_use]
    pub const fn new(store: S, events: Sender<Event>) -> Self {
        Self { store, events, looked: false, again: Vec::new() }
    }

    fn tell(&self, event: Option<Event>) {
        // Nobody may be listening any more while the last changes are still to be written.
        event.into_iter().for_each(|event| drop(self.events.send(event)));
    }

    /// Tries once more the lines at which the store panicked.
    fn write_again(&mut self) {
        for _ in 0..self.again.len() {
            // A line that fails once more does not keep the others back.
            self.again.rotate_left(1);
            let event = self.store.write(self.again.last().cloned().unwrap_or_default());
            self.again.pop();
            let all = self.again.is_empty() && self.store.waiting() == 0;
            let event = event.filter(|event| all || !matches!(event, Event::Unkept(None)));
            self.tell(event.or(all.then_some(Event::Unkept(None))));
        }
    }
}

impl<S: Store> Work for Reviewer<S> {
    type Job = Lines;
    const FINISHES: bool = true;

    fn work(&mut self, lines: &Lines, _: &Queue<Lines>) {
        let event = self.store.write(lines.clone());
        self.tell(event);
    }

    fn panicked(&mut self, lines: Lines) {
        // The store may have taken the lines before: a line that is written twice has the same id and counts once.
        self.again.extend(lines.singles());
        self.idle_panicked();
    }

    fn pace(&self) -> Option<Duration> {
        Some(if self.looked { LOOK } else { Duration::ZERO })
    }

    fn idle(&mut self) {
        self.looked = true;
        self.write_again();
        if self.store.waiting() > 0 {
            let event = self.store.write(Lines::default());
            self.tell(event);
        }
        for event in self.store.look() {
            self.tell(Some(event));
        }
    }

    fn idle_panicked(&mut self) {
        let waiting = self.again.len() + self.store.waiting();
        if waiting > 0 {
            self.tell(Some(Event::Unkept(Some((waiting, format!("reviews could not be written: {INTERNAL}"))))));
        }
    }

    fn end(&mut self) {
        // The last chance for what waits; the user was told.
        self.write_again();
        if self.store.waiting() > 0 {
            self.store.write(Lines::default());
        }
    }
}

/// The files of a cohort's reviews.
pub struct Disk {
    reviews: (Journal, Follower),
    tags: (Journal<TagLine>, Follower<TagLine>),
    /// What was told last of changes that wait.
    told: Option<(usize, String)>,
}

impl Disk {
    /// The files of this cohort, for this reader.
    #[must_use]
    pub fn new(cohort: &Path, author: &Author) -> Self {
        Self {
            reviews: (Journal::new(cohort, author), Follower::new(cohort)),
            tags: (Journal::new(cohort, author), Follower::new(cohort)),
            told: None,
        }
    }
}

impl Store for Disk {
    fn look(&mut self) -> Vec<Event> {
        let reviews = some(self.reviews.1.poll()).map(|news| Event::Reviews(Box::new(news)));
        let tags = some(self.tags.1.poll()).map(|news| Event::Tags(Box::new(news)));
        reviews.into_iter().chain(tags).collect()
    }

    fn write(&mut self, lines: Lines) -> Option<Event> {
        let reviews = self.reviews.0.append_all(lines.reviews).err();
        let tags = self.tags.0.append_all(lines.tags).err();
        let state = reviews.or(tags).map(|error| (self.waiting(), error.to_string()));
        if state == self.told {
            return None;
        }
        self.told.clone_from(&state);
        Some(Event::Unkept(state))
    }

    fn waiting(&self) -> usize {
        self.reviews.0.waiting() + self.tags.0.waiting()
    }
}

fn some<L: Line>(news: Update<L>) -> Option<Update<L>> {
    (!news.is_empty()).then_some(news)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    };

    use svh_core::{
        Task, joint,
        review::{Before, Change, ReviewTarget, Reviews},
    };

    use super::*;
    use crate::tui::worker::Worker;

    fn of(entry: Entry) -> Lines {
        Lines { reviews: vec![entry], tags: Vec::new() }
    }

    /// Some grades of the same joint.
    fn entries(author: &mut Author) -> Vec<Entry> {
        let joint = &joint::joints(Task::Narrowing)[0];
        let target = ReviewTarget { patient: "P001".into(), film: None, joint, size: None };
        let grade = |grade| author.entry(&Reviews::default(), &target, Change::Grade { grade: Some(grade) }, Before::default()).unwrap();
        (0..5).map(grade).collect()
    }

    #[test]
    fn what_was_done_last_is_written_even_when_nobody_listens_any_more() {
        let cohort = tempfile::tempdir().unwrap();
        let mut author = Author::new("anna");
        let (events, inbox) = channel();
        let reviewer = Worker::start("reviews", Reviewer::new(Disk::new(cohort.path(), &author), events)).unwrap();
        drop(inbox);
        for entry in entries(&mut author) {
            assert!(reviewer.ask(of(entry)).is_none());
        }
        drop(reviewer);
        assert_eq!(Reviews::read(cohort.path()).len(), 5);
    }

    /// A store that panics at its second line, `faults` times, before it takes the line.
    struct Faulty {
        written: Arc<Mutex<Vec<Entry>>>,
        faults: usize,
    }

    impl Store for Faulty {
        fn look(&mut self) -> Vec<Event> {
            Vec::new()
        }

        fn write(&mut self, lines: Lines) -> Option<Event> {
            let count = self.written.lock().unwrap().len();
            if count == 1 && self.faults > 0 {
                self.faults -= 1;
                panic!("as the test wants it");
            }
            self.written.lock().unwrap().extend(lines.reviews);
            None
        }

        fn waiting(&self) -> usize {
            0
        }
    }

    /// The lines that a faulty store has in the end, and what was said of those that waited.
    fn written_in_spite_of(faults: usize, entries: &[Entry]) -> (Vec<Entry>, Vec<Option<usize>>) {
        let written = Arc::new(Mutex::new(Vec::new()));
        let (events, inbox): (_, Receiver<Event>) = channel();
        let reviewer = Worker::start("reviews", Reviewer::new(Faulty { written: Arc::clone(&written), faults }, events)).unwrap();
        for entry in entries {
            assert!(reviewer.ask(of(entry.clone())).is_none());
        }
        drop(reviewer);
        let waited = inbox.iter().filter_map(|event| match event {
            Event::Unkept(waiting) => Some(waiting.map(|(count, _)| count)),
            _ => None,
        });
        let written = written.lock().unwrap().clone();
        (written, waited.collect())
    }

    #[test]
    fn a_mistake_at_one_line_is_told_and_loses_neither_it_nor_the_later_ones() {
        let entries = entries(&mut Author::new("anna"));
        let (mut written, waited) = written_in_spite_of(1, &entries);
        written.sort_by_key(|entry| entries.iter().position(|other| other.id == entry.id));
        assert_eq!(written, entries);
        assert_eq!((waited.first(), waited.last()), (Some(&Some(1)), Some(&None)), "that it waits, and that it does no more");
    }
}
