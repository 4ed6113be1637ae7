//! The reader's session: who it is, what everybody has reviewed so far, and what of it is not on the disk yet.

use svh_core::{
    review::{Author, Before, Change, Entry, ReadingOrder, Refused, ReviewTarget, ReviewUpdate, Reviews, Update},
    tags::{TagChange, TagLine, Tags},
};

/// A reader's session on a cohort.
#[derive(Clone, Debug)]
pub struct ReviewSession {
    author: Author,
    reviews: Reviews,
    tags: Tags,
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
        Self {
            author: Author::new(reader),
            reviews: Reviews::default(),
            tags: Tags::default(),
            blind: false,
            order: ReadingOrder::default(),
            unkept: None,
        }
    }

    /// Whether nothing on the screen may tell which visit a film is of: not the id of its film set, nor a file's name.
    #[must_use]
    pub const fn hides_visits(&self) -> bool {
        self.blind && self.order.hides_visit()
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

    /// What everybody has tagged.
    #[must_use]
    pub const fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Takes in tags that were found on the disk.
    pub fn take_tags(&mut self, news: Update<TagLine>) {
        self.tags.take(news);
    }

    /// Tags something, or keeps a filter; the line is to be written.
    pub fn tag(&mut self, change: TagChange) -> TagLine {
        let line = TagLine::new(&mut self.author, self.tags.latest(), change);
        self.tags.insert(self.author.start(), 0, line.clone());
        line
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

    /// Changes many things as one action, which one undo takes back; the lines are to be written. What cannot count is left out, with the reason of the first.
    pub fn change_all(&mut self, changes: impl IntoIterator<Item = (ReviewTarget, Change, Before)>) -> (Vec<Entry>, Option<Refused>) {
        let (batch, mut refused, mut entries) = (self.author.batch(), None, Vec::new());
        for (target, change, before) in changes {
            match self.author.entry(&self.reviews, &target, change, before) {
                Ok(entry) => entries.push(entry),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        (self.keep_all(entries, batch), refused)
    }

    /// Takes the latest change back, or all of the latest bulk action; gives the lines to be written and what was undone.
    pub fn undo(&mut self) -> Option<(Vec<Entry>, Vec<Entry>)> {
        let undone: Vec<Entry> = self.reviews.undoable_batch(self.author.reader()).into_iter().cloned().collect();
        self.take_back(&undone).map(|entries| (entries, undone))
    }

    /// Takes the latest undo back, or all of the latest bulk undo; gives the lines to be written and the changes that count again.
    pub fn redo(&mut self) -> Option<(Vec<Entry>, Vec<Entry>)> {
        let undos: Vec<Entry> = self.reviews.redoable_batch(self.author.reader()).into_iter().cloned().collect();
        let undone = |undo: &Entry| match &undo.change {
            Change::Undo { undoes } => self.reviews.entry(&undo.patient, undoes).cloned(),
            _ => None,
        };
        let again: Vec<Entry> = undos.iter().filter_map(undone).collect();
        self.take_back(&undos).map(|entries| (entries, again))
    }

    fn take_back(&mut self, of: &[Entry]) -> Option<Vec<Entry>> {
        if of.is_empty() {
            return None;
        }
        let batch = self.author.batch();
        let entries = of.iter().map(|of| self.author.undo(&self.reviews, of)).collect();
        Some(self.keep_all(entries, batch))
    }

    /// Keeps lines that belong together; a single one is not a bulk action.
    fn keep_all(&mut self, mut entries: Vec<Entry>, batch: String) -> Vec<Entry> {
        if entries.len() > 1 {
            entries.iter_mut().for_each(|entry| entry.batch = Some(batch.clone()));
        }
        let start = self.author.start();
        self.reviews.insert_all(entries.iter().map(|entry| (start.to_owned(), 0, entry.clone())));
        entries
    }

    fn keep(&mut self, entry: Entry) -> Entry {
        self.reviews.insert(self.author.start(), 0, entry.clone());
        entry
    }
}
