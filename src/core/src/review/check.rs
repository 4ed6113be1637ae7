//! What a change must be to count: boxes with an area and within their film, joints that exist, grades of the scale.

use thiserror::Error;

use super::{Change, Entry};
use crate::{BBox, Joint, Task, joint};

/// A change that is not taken.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Refused {
    /// A side is not a number, or the box is inverted or empty.
    #[error("the box of {joint} goes from {x0}, {y0} to {x1}, {y1}: x1 must exceed x0 and y1 must exceed y0; draw it again", x0 = bbox.x0, y0 = bbox.y0, x1 = bbox.x1, y1 = bbox.y1)]
    NoArea {
        /// The joint's label.
        joint: String,
        /// It.
        bbox: BBox,
    },
    /// It reaches beyond the film.
    #[error("the box of {joint} reaches from {x0}, {y0} to {x1}, {y1}, outside its film of {width} x {height}; move it inside", x0 = bbox.x0, y0 = bbox.y0, x1 = bbox.x1, y1 = bbox.y1)]
    OutsideFilm {
        /// The joint's label.
        joint: String,
        /// It.
        bbox: BBox,
        /// The film's.
        width: u32,
        /// The film's.
        height: u32,
    },
    /// Above the joint's scale.
    #[error("grade {grade} is out of range for {joint}, whose scale of {task} goes from 0 to {max}")]
    GradeTooHigh {
        /// The joint's label.
        joint: String,
        /// The task.
        task: Task,
        /// What was given.
        grade: u8,
        /// The highest.
        max: u8,
    },
    /// No joint of the task is called so.
    #[error("`{name}` is not a joint of {task}; name it as in LH_mcp_2")]
    UnknownJoint {
        /// As given.
        name: String,
        /// The task.
        task: Task,
    },
    /// A box cannot go to another limb's joint, nor to the joint that has it.
    #[error("the box of {joint} cannot be given to {to}; choose another joint of the same limb")]
    NotARelabel {
        /// The joint's label.
        joint: String,
        /// As given.
        to: String,
    },
    /// Neither a box nor a grade.
    #[error("there is neither a box nor a grade to lock for {joint}; give one first")]
    EmptyLock {
        /// The joint's label.
        joint: String,
    },
    /// The reader has answered.
    #[error("{reader} has already locked an answer for {joint}, which is final")]
    Locked {
        /// Who.
        reader: String,
        /// The joint's label.
        joint: String,
    },
    /// Somebody else's change came in after the reader had begun this one.
    #[error("{reader} changed {joint} since you opened it; look at that change, then make yours again")]
    Outdated {
        /// Who.
        reader: String,
        /// The joint's label.
        joint: String,
    },
    /// A flag without a word.
    #[error("a flag needs a note that says why")]
    EmptyNote,
}

impl Entry {
    /// Whether the line can count.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self) -> Result<&'static Joint, Refused> {
        let joint = self.joint().ok_or_else(|| Refused::UnknownJoint { name: self.joint.clone(), task: self.task })?;
        check(joint, self.size, &self.change)?;
        Ok(joint)
    }
}

/// Whether a change of a joint makes sense by itself. `size` is the film's, where it is known.
pub(super) fn check(joint: &Joint, size: Option<(u32, u32)>, change: &Change) -> Result<(), Refused> {
    let label = || joint.label.clone();
    change.boxes().try_for_each(|bbox| check_box(&joint.label, bbox, size))?;
    match change {
        Change::Grade { grade: Some(grade) } | Change::Lock { grade: Some(grade), .. } if *grade > joint.max_grade => {
            Err(Refused::GradeTooHigh { joint: label(), task: joint.task, grade: *grade, max: joint.max_grade })
        }
        Change::Lock { bbox: None, grade: None, .. } => Err(Refused::EmptyLock { joint: label() }),
        Change::Flag { note } if note.trim().is_empty() => Err(Refused::EmptyNote),
        Change::Relabel { to, .. } => match joint::by_label(joint.task, to) {
            None => Err(Refused::UnknownJoint { name: to.clone(), task: joint.task }),
            Some(other) if other.limb != joint.limb || other == joint => Err(Refused::NotARelabel { joint: label(), to: to.clone() }),
            Some(_) => Ok(()),
        },
        _ => Ok(()),
    }
}

fn check_box(joint: &str, bbox: BBox, size: Option<(u32, u32)>) -> Result<(), Refused> {
    let finite = <[f32; 4]>::from(bbox).iter().all(|side| side.is_finite());
    if !finite || bbox.width() <= 0.0 || bbox.height() <= 0.0 {
        return Err(Refused::NoArea { joint: joint.to_owned(), bbox });
    }
    let Some((width, height)) = size else { return Ok(()) };
    // Boxes of label files and networks may touch the edge, so the edge itself is inside.
    if bbox.x0 < 0.0 || bbox.y0 < 0.0 || bbox.x1 > width as f32 || bbox.y1 > height as f32 {
        return Err(Refused::OutsideFilm { joint: joint.to_owned(), bbox, width, height });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(label: &str, change: Change) -> Option<Refused> {
        let joint = Task::ALL.into_iter().find_map(|task| joint::by_label(task, label)).unwrap();
        check(joint, Some((100, 200)), &change).err()
    }

    fn drawn(sides: [f32; 4]) -> Change {
        Change::Draw { bbox: sides.into() }
    }

    #[test]
    fn boxes_without_area_or_outside_the_film_are_refused_and_the_edge_is_inside() {
        assert_eq!(refused("LH_mcp_2", drawn([0.0, 0.0, 100.0, 200.0])), None);
        for sides in [[50.0, 10.0, 40.0, 20.0], [10.0, 20.0, 20.0, 20.0], [f32::NAN, 0.0, 1.0, 1.0], [0.0, 0.0, f32::INFINITY, 1.0]] {
            assert!(matches!(refused("LH_mcp_2", drawn(sides)), Some(Refused::NoArea { .. })), "{sides:?}");
        }
        for sides in [[-1.0, 0.0, 10.0, 10.0], [90.0, 0.0, 100.5, 10.0], [0.0, 190.0, 10.0, 201.0]] {
            let refusal = refused("LH_mcp_2", drawn(sides)).unwrap();
            assert!(refusal.to_string().contains("outside its film of 100 x 200"), "{refusal}");
        }
        let swapped = Some(BBox::from([5.0, 5.0, 1.0, 9.0]));
        let relabel = Change::Relabel { to: "LH_mcp_3".into(), bbox: [1.0, 1.0, 2.0, 2.0].into(), swapped };
        assert!(matches!(refused("LH_mcp_2", relabel), Some(Refused::NoArea { .. })), "the exchanged box is looked at as well");
    }

    #[test]
    fn grades_keep_to_the_scale_of_their_joint() {
        let foot = joint::by_label(Task::Erosion, "LF_mtp_1").unwrap();
        assert_eq!(check(foot, None, &Change::Grade { grade: Some(10) }), Ok(()));
        let hand = joint::by_label(Task::Erosion, "LH_mcp_2").unwrap();
        let refusal = check(hand, None, &Change::Grade { grade: Some(6) }).unwrap_err();
        assert_eq!(refusal.to_string(), "grade 6 is out of range for LH_mcp_2, whose scale of erosion goes from 0 to 5");
        assert!(check(hand, None, &Change::Lock { bbox: None, grade: Some(6), order: None }).is_err());
        assert!(matches!(check(hand, None, &Change::Lock { bbox: None, grade: None, order: None }), Err(Refused::EmptyLock { .. })));
    }

    #[test]
    fn a_box_goes_to_another_joint_of_the_same_limb_only() {
        let to = |to: &str| Change::Relabel { to: to.into(), bbox: [1.0, 1.0, 2.0, 2.0].into(), swapped: None };
        assert_eq!(refused("LH_mcp_2", to("LH_mcp_3")), None);
        assert!(matches!(refused("LH_mcp_2", to("RH_mcp_2")), Some(Refused::NotARelabel { .. })));
        assert!(matches!(refused("LH_mcp_2", to("LH_mcp_2")), Some(Refused::NotARelabel { .. })));
        assert!(matches!(refused("LH_mcp_2", to("LH_toe")), Some(Refused::UnknownJoint { .. })));
        assert_eq!(refused("LH_mcp_2", Change::Flag { note: " ".into() }), Some(Refused::EmptyNote));
    }
}
