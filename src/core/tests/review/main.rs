//! Reviews: what readers do is kept, merged and applied, whatever happens meanwhile.
#![allow(clippy::unwrap_used)]

mod apply;
mod bulk;
mod disk;
mod merge;
mod queue;
mod together;

use std::path::Path;

use svh_core::review::{Author, Before, Change, Entry, Journal, ReviewTarget, Reviews, Time};
use svh_core::{BBox, Cohort, GradeRow, GradeTable, Joint, Limb, Task, VocFile, VocObject, joint};
use tempfile::TempDir;

/// The size of the films.
const FILM: (u32, u32) = (300, 400);

/// A cohort of two patients, all four films and grades each; `P1` has labels of hands for both tasks and of feet for narrowing, `P2` has none.
fn cohort() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut table = GradeTable::new();
    for patient in ["P1", "P2"] {
        let mut row = GradeRow::default();
        joint::all().for_each(|joint| row.set(joint, Some(1)).unwrap());
        table.insert(patient, row);
        for limb in Limb::ALL {
            film(root, &format!("{patient}-{limb}"));
        }
    }
    table.write(&root.join("training.csv")).unwrap();
    for limb in Limb::ALL {
        for task in Task::ALL.into_iter().filter(|task| limb.is_hand() || *task == Task::Narrowing) {
            labels(root, &format!("P1-{limb}"), task, limb);
        }
    }
    folder
}

fn film(root: &Path, stem: &str) {
    std::fs::create_dir_all(root.join("images")).unwrap();
    image::GrayImage::from_pixel(FILM.0, FILM.1, image::Luma([90])).save(root.join(format!("images/{stem}.png"))).unwrap();
}

/// Where the fixture draws the box of a joint.
fn place(joint: &Joint) -> BBox {
    let index = f32::from(joint.class_id % 32);
    BBox::square((40.0 + 70.0 * (index % 4.0), 40.0 + 45.0 * (index / 4.0).floor()), 30.0)
}

fn labels(root: &Path, stem: &str, task: Task, limb: Limb) {
    let path = root.join(format!("{task}_labels/{stem}.xml"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = VocFile::new(&path, &root.join(format!("images/{stem}.png")), FILM);
    for joint in joint::of_limb(task, limb) {
        file.add(&VocObject { name: joint.label.clone(), bbox: place(joint), difficult: false });
    }
    file.write(&path).unwrap();
}

fn named(task: Task, label: &str) -> &'static Joint {
    joint::by_label(task, label).unwrap()
}

fn target(patient: &str, joint: &'static Joint) -> ReviewTarget {
    ReviewTarget { patient: patient.to_owned(), film: Some(format!("{patient}-{}.png", joint.limb)), joint, size: Some(FILM) }
}

fn square(x: f32) -> BBox {
    BBox::square((x, x), 20.0)
}

/// A reader at a desk: says something, which is in the reader's view at once and on the disk.
struct Session {
    author: Author,
    journal: Journal,
    reviews: Reviews,
}

impl Session {
    fn new(cohort: &Path, reader: &str) -> Self {
        let author = Author::new(reader);
        let journal = Journal::new(cohort, &author);
        Self { author, journal, reviews: Reviews::read(cohort) }
    }

    /// Changes a joint of `P1` as it is seen from this desk.
    fn does(&mut self, cohort: &Path, joint: &'static Joint, change: Change) -> Entry {
        // Lines of readers who did not see each other's are ordered by milliseconds: this one comes after all there are.
        let before = Time::now();
        while Time::now() == before {
            std::hint::spin_loop();
        }
        let cohort = Cohort::open(cohort).unwrap();
        let patient = cohort.patient("P1").unwrap();
        let labels = self.reviews.labels(&cohort, patient, joint.limb);
        let bbox = labels.of(joint.task).iter().find(|reference| reference.joint == joint).map(|reference| reference.bbox);
        let grade = self.reviews.grades(&cohort, patient).and_then(|row| row.get(joint));
        let entry = self.author.entry(&self.reviews, &target("P1", joint), change, Before { bbox, grade, ..Before::default() }).unwrap();
        self.keeps(entry)
    }

    fn undoes(&mut self) -> Entry {
        let of = self.reviews.undoable(self.author.reader()).unwrap().clone();
        let entry = self.author.undo(&self.reviews, &of);
        self.keeps(entry)
    }

    fn redoes(&mut self) -> Entry {
        let of = self.reviews.redoable(self.author.reader()).unwrap().clone();
        let entry = self.author.undo(&self.reviews, &of);
        self.keeps(entry)
    }

    fn keeps(&mut self, entry: Entry) -> Entry {
        self.reviews.insert(self.author.start(), 0, entry.clone());
        self.journal.append(entry.clone()).unwrap();
        entry
    }
}
