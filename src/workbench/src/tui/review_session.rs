//! The reader's session: who it is, what everybody has reviewed so far, and what of it is not on the disk yet.

use svh_core::review::{Author, Before, Change, Entry, ReadingOrder, Refused, ReviewTarget, ReviewUpdate, Reviews};

/// A reader's session on a cohort.
#[derive(Clone, Debug)]
pub struct ReviewSession {
    author: Author,
    reviews: Reviews,
    /// The reader is not to see readers' labels or a model's answers: only the reviews are open, and each joint is hidden until it is answered.
    pub blind: bool,
    /// The order in which a blind reader sees the films.
    pub order: ReadingOrder,
    /// Changes that could not be written, and why.
    pub unkept: Option<(usize, String)>,
}

impl ReviewSession {
    /// A session of this reader, before anything has been read.
    #[must_use]
    pub fn new(reader: &str) -> Self {
        Self { author: Author::new(reader), reviews: Reviews::default(), blind: false, order: ReadingOrder::default(), unkept: None }
    }

    /// Who reads.
    #[must_use]
    pub fn reader(&self) -> &str {
        self.author.reader()
    }

    /// Names the program start and its file.
    #[must_use]
    pub const fn author(&self) -> &Author {
        &self.author
    }

    /// What everybody has reviewed.
    #[must_use]
    pub const fn reviews(&self) -> &Reviews {
        &self.reviews
    }

    /// Takes in what was found on the disk.
    pub fn take(&mut self, news: ReviewUpdate) {
        self.reviews.take(news);
    }

    /// Changes something; the line is to be written.
    ///
    /// # Errors
    /// A change that cannot count.
    pub fn change(&mut self, target: &ReviewTarget, change: Change, before: Before) -> Result<Entry, Refused> {
        let entry = self.author.entry(&self.reviews, target, change, before)?;
        Ok(self.keep(entry))
    }

    /// Takes the latest change back; gives the line to be written and what was undone.
    pub fn undo(&mut self) -> Option<(Entry, Entry)> {
        let undone = self.reviews.undoable(self.author.reader())?.clone();
        let entry = self.author.undo(&self.reviews, &undone);
        Some((self.keep(entry), undone))
    }

    /// Takes the latest undo back; gives the line to be written and the change that counts again.
    pub fn redo(&mut self) -> Option<(Entry, Entry)> {
        let undo = self.reviews.redoable(self.author.reader())?.clone();
        let Change::Undo { undoes } = &undo.change else { return None };
        let again = self.reviews.entry(&undo.patient, undoes)?.clone();
        let entry = self.author.undo(&self.reviews, &undo);
        Some((self.keep(entry), again))
    }

    fn keep(&mut self, entry: Entry) -> Entry {
        self.reviews.insert(self.author.start(), 0, entry.clone());
        entry
    }
}
