//! Boxes that a model proposed, told apart from a person's within the label file itself.
//!
//! A file of proposals says so in `<source><database>`: which model, and how many boxes. Each of its objects holds a `<proposal>` with the object as the
//! model wrote it. What a person changes, takes away or adds no longer agrees with that, and is the person's from then on; labellers that know
//! nothing of it (LabelImg) drop both marks when they save, which makes everything in the file theirs.

use std::path::Path;

use super::tree::Element;
use super::{VocFile, VocObject, object};

/// Who placed a box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Placed {
    /// A person drew it, moved it, or looked at it and found it right.
    #[default]
    Reader,
    /// A model proposed it, and nobody has looked.
    Model(Proposal),
}

impl Placed {
    /// The proposal, where nobody has looked.
    #[must_use]
    pub const fn proposal(&self) -> Option<Proposal> {
        match self {
            Self::Reader => None,
            Self::Model(proposal) => Some(*proposal),
        }
    }
}

/// What is known of a box that a model proposed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// The detector's score, 0 to 1; 0 for an inferred box.
    pub score: f32,
    /// Placed by the shape model, as the detector missed the joint.
    pub inferred: bool,
    /// The shape model finds the place unlikely.
    pub implausible: bool,
}

impl Proposal {
    /// Below this score a proposal is doubtful.
    pub(crate) const SURE: f32 = 0.5;

    /// Whether a reader should look at it before others; such an object is marked as difficult in the file.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.inferred || self.implausible || self.score < Self::SURE
    }
}

/// The mark of a file of proposals.
#[derive(Clone, Debug, PartialEq)]
pub struct FileMark {
    /// The first digits of the SHA-256 of the model's weights.
    pub model: String,
    /// The threshold above which boxes were taken.
    pub threshold: f32,
}

const MARK: &str = "svh proposal";

impl VocFile {
    /// A file of a model's proposals for a film.
    #[must_use]
    pub(crate) fn of_proposals(path: &Path, film: &Path, size: (u32, u32), objects: &[(VocObject, Proposal)], mark: &FileMark) -> Self {
        let mut file = Self::new(path, film, size);
        objects.iter().for_each(|(object, proposal)| file.propose(object, *proposal));
        let FileMark { model, threshold } = mark;
        file.set_source(&format!("{MARK} of {model} at {threshold}, {} boxes", objects.len()));
        file
    }

    /// The mark of a file of proposals in which nobody changed, added or removed anything; `None` for every file that is a person's, wholly or in part.
    #[must_use]
    pub fn untouched(&self) -> Option<FileMark> {
        let (mark, count) = self.mark()?;
        let all = self.placed().iter().all(|placed| *placed != Placed::Reader);
        (all && self.objects().len() == count).then_some(mark)
    }

    /// Whether the file was written as proposals, whatever became of it.
    #[must_use]
    pub(crate) fn is_marked(&self) -> bool {
        self.mark().is_some()
    }

    /// Who placed each of [`VocFile::objects`].
    #[must_use]
    pub fn placed(&self) -> Vec<Placed> {
        self.object_elements().map(placed).collect()
    }

    /// Makes the object at this place of [`VocFile::objects`] a person's, and with it the file. `false` where there is none.
    pub fn make_readers(&mut self, place: usize) -> bool {
        let Some(element) = self.object_mut(place) else { return false };
        if let Some(at) = element.place_of("proposal") {
            element.remove_line(at);
            for (name, value) in [("pose", "Unspecified"), ("difficult", "0")] {
                if let Some(child) = element.child_mut(name) {
                    child.set_text(value);
                }
            }
        }
        self.forget_mark();
        true
    }

    /// Takes the file's mark away: a person has decided something in it. Objects that nobody looked at stay proposals.
    pub(crate) fn forget_mark(&mut self) {
        if self.is_marked() {
            self.set_source("Unknown");
        }
    }

    /// Adds an object that nobody has looked at.
    pub(crate) fn propose(&mut self, object: &VocObject, proposal: Proposal) {
        let object = VocObject { difficult: proposal.is_doubtful(), ..object.clone() };
        self.add(&object);
        let last = self.objects().len() - 1;
        let Some(element) = self.object_mut(last) else { return };
        if proposal.inferred
            && let Some(pose) = element.child_mut("pose")
        {
            pose.set_text("Inferred");
        }
        let mut mark = Element::branch("proposal");
        mark.push_line(Element::leaf("as", &as_written(&object)), 2);
        mark.push_line(Element::leaf("score", &proposal.score.to_string()), 2);
        mark.push_line(Element::leaf("from", if proposal.inferred { "inferred" } else { "detector" }), 2);
        if proposal.implausible {
            mark.push_line(Element::leaf("implausible", "1"), 2);
        }
        element.push_line(mark, 1);
    }

    fn mark(&self) -> Option<(FileMark, usize)> {
        let text = self.annotation()?.child("source")?.child("database")?.text();
        let (model, rest) = text.strip_prefix(MARK)?.strip_prefix(" of ")?.split_once(" at ")?;
        let (threshold, count) = rest.strip_suffix(" boxes")?.split_once(", ")?;
        Some((FileMark { model: model.to_owned(), threshold: threshold.parse().ok()? }, count.parse().ok()?))
    }

    fn set_source(&mut self, text: &str) {
        let source = self.annotation_mut().and_then(|annotation| annotation.child_mut("source"));
        if let Some(database) = source.and_then(|source| source.child_mut("database")) {
            database.set_text(text);
        }
    }
}

/// A proposal says what it is of: an object that is not as the model wrote it was changed by a person.
fn placed(element: &Element) -> Placed {
    let Some(mark) = element.child("proposal") else { return Placed::Reader };
    let text = |name| mark.child(name).map(Element::text).unwrap_or_default();
    match text("score").parse() {
        Ok(score) if text("as") == as_written(&object(element)) => {
            Placed::Model(Proposal { score, inferred: text("from") == "inferred", implausible: text("implausible") == "1" })
        }
        _ => Placed::Reader,
    }
}

fn as_written(object: &VocObject) -> String {
    let [x0, y0, x1, y1] = <[f32; 4]>::from(object.bbox);
    format!("{} {x0} {y0} {x1} {y1} {}", object.name, u8::from(object.difficult))
}
