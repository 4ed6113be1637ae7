//! From objects to boxes of joints, with everything that can be wrong with one.

use std::path::Path;

use thiserror::Error;

use super::{Placed, VocError, VocFile};
use crate::{BBox, Joint, Limb, Task, joint};

/// A box of a label file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelledBox {
    /// The joint of the task at hand; for a foot's erosion taken over from narrowing, the erosion joint.
    pub joint: &'static Joint,
    /// Pixels of the film as displayed upright.
    pub bbox: BBox,
    /// Whether it is marked as difficult.
    pub difficult: bool,
    /// Who placed it.
    pub placed: Placed,
}

impl LabelledBox {
    /// Whether a person placed it or looked at it; other boxes are not part of the reference.
    #[must_use]
    pub fn is_readers(&self) -> bool {
        self.placed == Placed::Reader
    }
}

/// The boxes of one film and task, and the objects that gave none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// In the order of the file.
    pub boxes: Vec<LabelledBox>,
    /// Number of the object in the file, from 1 (0 for the file as a whole), and what is wrong with it.
    pub problems: Vec<(usize, BoxProblem)>,
    /// The boxes were drawn on a film of another size: none of them is given, and the film is neither labelled nor without joints.
    pub other_frame: bool,
}

/// Why an object of a label file gives no box.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BoxProblem {
    /// The name is none of the task's labels.
    #[error("`{name}` is not a joint of {task}; name it as in LH_mcp_2, or remove the object")]
    UnknownJoint {
        /// As in the file.
        name: String,
        /// The task of the folder.
        task: Task,
    },
    /// The name is of another limb than the film's.
    #[error("{name} does not belong on a film of limb {limb}; check the film's name and the label")]
    OtherLimb {
        /// As in the file.
        name: String,
        /// The film's.
        limb: Limb,
    },
    /// A side is missing or is not a number.
    #[error("the box of {name} lacks a number for xmin, ymin, xmax or ymax; draw it again")]
    NoNumber {
        /// As in the file.
        name: String,
    },
    /// No area.
    #[error("the box of {name} goes from {x0}, {y0} to {x1}, {y1}: xmax must exceed xmin and ymax ymin; draw it again", x0 = bbox.x0, y0 = bbox.y0, x1 = bbox.x1, y1 = bbox.y1)]
    Inverted {
        /// As in the file.
        name: String,
        /// As in the file.
        bbox: BBox,
    },
    /// More than a pixel beyond the film.
    #[error("the box of {name} reaches {x1}, {y1} from {x0}, {y0}, outside its film of {width} x {height}; draw it again", x0 = bbox.x0, y0 = bbox.y0, x1 = bbox.x1, y1 = bbox.y1)]
    OutsideFilm {
        /// As in the file.
        name: String,
        /// As in the file.
        bbox: BBox,
        /// The film's.
        width: u32,
        /// The film's.
        height: u32,
    },
    /// The joint has a box already.
    #[error("{name} has a box already; keep one")]
    Twice {
        /// As in the file.
        name: String,
    },
    /// The labeller saw a film of another size.
    #[error("the labels are for a film of {} x {} pixels and the film has {} x {}{}, so none of its boxes is used; label the film as it is", labelled.0, labelled.1, film.0, film.1, if (labelled.1, labelled.0) == *film { ", turned by its EXIF" } else { "" })]
    OtherSize {
        /// In the label file.
        labelled: (u32, u32),
        /// In the film's header.
        film: (u32, u32),
    },
    /// Neither yes nor no; the box is given as not difficult.
    #[error("`{value}` as <difficult> of {name} is neither yes nor no and counts as no; write 0 or 1")]
    UnclearFlag {
        /// The joint's label, as in the file.
        name: String,
        /// As in the file.
        value: String,
    },
}

impl VocFile {
    /// The boxes that are in order, and a problem for each object that is not. `film` is the film's size where it is known; otherwise the file's
    /// own `<size>` bounds the boxes. A box up to a pixel outside is clipped. If the two sizes differ, the boxes are refused: they were drawn in another frame.
    #[must_use]
    pub fn labels(&self, task: Task, limb: Option<Limb>, film: Option<(u32, u32)>) -> Labels {
        let mut labels = Labels::default();
        // Some labellers leave zeros.
        let labelled = self.size().filter(|size| size.0 > 0 && size.1 > 0);
        if let (Some(labelled), Some(film)) = (labelled, film)
            && labelled != film
        {
            labels.problems.push((0, BoxProblem::OtherSize { labelled, film }));
            labels.other_frame = true;
            return labels;
        }
        for (place, ((object, placed), unclear)) in self.objects().into_iter().zip(self.placed()).zip(self.unclear_flags()).enumerate() {
            if let Some(value) = unclear {
                labels.problems.push((place + 1, BoxProblem::UnclearFlag { name: object.name.clone(), value }));
            }
            let found = joint_of(&object.name, task, limb).and_then(|joint| {
                let bbox = inside(&object.name, object.bbox, film.or(labelled))?;
                match labels.boxes.iter().any(|b| b.joint == joint) {
                    true => Err(BoxProblem::Twice { name: object.name.clone() }),
                    false => Ok(LabelledBox { joint, bbox, difficult: object.difficult, placed }),
                }
            });
            match found {
                Ok(labelled) => labels.boxes.push(labelled),
                Err(problem) => labels.problems.push((place + 1, problem)),
            }
        }
        labels
    }

    /// The boxes, where all objects are in order.
    ///
    /// # Errors
    /// The first problem that [`VocFile::labels`] finds.
    pub fn check(&self, task: Task, limb: Option<Limb>, film: Option<(u32, u32)>) -> Result<Vec<LabelledBox>, VocError> {
        let labels = self.labels(task, limb, film);
        match labels.problems.into_iter().next() {
            None => Ok(labels.boxes),
            Some((number, problem)) => Err(VocError::Object { path: self.path().to_owned(), number, problem }),
        }
    }

    /// The file that this was read from or is meant for.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn joint_of(name: &str, task: Task, limb: Option<Limb>) -> Result<&'static Joint, BoxProblem> {
    let joint = joint::by_label(task, name).ok_or_else(|| BoxProblem::UnknownJoint { name: name.to_owned(), task })?;
    match limb {
        Some(limb) if limb != joint.limb => Err(BoxProblem::OtherLimb { name: name.to_owned(), limb }),
        _ => Ok(joint),
    }
}

/// The box as far as it lies in a film of this size; up to a pixel beyond is forgiven.
pub(crate) fn inside(name: &str, bbox: BBox, film: Option<(u32, u32)>) -> Result<BBox, BoxProblem> {
    let name = || name.to_owned();
    if <[f32; 4]>::from(bbox).iter().any(|side| !side.is_finite()) {
        return Err(BoxProblem::NoNumber { name: name() });
    }
    if bbox.width() <= 0.0 || bbox.height() <= 0.0 {
        return Err(BoxProblem::Inverted { name: name(), bbox });
    }
    let Some((width, height)) = film else { return Ok(bbox) };
    let (w, h) = (width as f32, height as f32);
    let clipped = bbox.clipped(w, h);
    let beyond = (bbox.x0.min(bbox.y0) < -1.0) || bbox.x1 > w + 1.0 || bbox.y1 > h + 1.0;
    match beyond || clipped.area() <= 0.0 {
        true => Err(BoxProblem::OutsideFilm { name: name(), bbox, width, height }),
        false => Ok(clipped),
    }
}
