//! What a detector says of one film: the line that `svh detect --json` prints and that runs keep.

use serde::{Deserialize, Serialize};

use crate::{BBox, Joint, Limb, Task};

/// How the limb of a film became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimbSource {
    /// From the file's name.
    Name,
    /// Given by the user.
    Option,
    /// Recognised in the picture.
    Picture,
}

/// Where a box comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The task's own detector.
    Detector,
    /// A foot's erosion box taken over from narrowing.
    Narrowing,
    /// Placed by the shape model because the detector missed the joint.
    Inferred,
}

/// One box with its class and score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Narrowing or erosion.
    pub task: Task,
    /// The joint's label, such as `LH_mcp_2`.
    pub joint: String,
    /// The class of the task's detector, 1-based.
    pub class_id: u8,
    /// Softmax score, 0 to 1; 0 for inferred boxes.
    pub score: f32,
    /// Pixels of the film as displayed upright after EXIF.
    #[serde(rename = "box")]
    pub bbox: BBox,
    /// The one box of its class that counts: the best above the operating threshold that nothing speaks against, or the inferred one (see [`crate::rules`]).
    pub kept: bool,
    /// Where the box comes from.
    pub from: Origin,
    /// Why the shape model finds this place unlikely; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implausible: Option<String>,
}

impl Detection {
    /// A detector's box for a joint, not accepted yet.
    #[must_use]
    pub fn new(joint: &Joint, bbox: BBox, score: f32) -> Self {
        let (task, class_id, from) = (joint.task, joint.class_id, Origin::Detector);
        Self { task, joint: joint.label.clone(), class_id, score, bbox, kept: false, from, implausible: None }
    }
}

/// All detections of one film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilmDetections {
    /// The film as it was named by the caller.
    pub film: String,
    /// Width of the upright film in pixels.
    pub width: u32,
    /// Height of the upright film in pixels.
    pub height: u32,
    /// The limb whose classes counted.
    pub limb: Limb,
    /// How the limb became known.
    pub limb_from: LimbSource,
    /// Degrees clockwise by which the film had to be turned to stand upright (0, 90, 180, 270); boxes are those of the film as given.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turned: u16,
    /// What a reader should know of this film: lies mirrored, was turned, no joint found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The median side of its joints' boxes in pixels, where that makes it a coarse film (see [`crate::coarse`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coarse: Option<f32>,
    /// How little the boxes look like those of the limb, 0 to 1; a film that is above [`crate::OPEN_ABOVE`] is refused. Absent where the detector cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfamiliarity: Option<f32>,
    /// The boxes, best first within a task.
    pub detections: Vec<Detection>,
}

impl FilmDetections {
    /// What was found on an upright film whose name tells the limb; `size` are its width and height in pixels.
    #[must_use]
    pub fn new(film: impl Into<String>, (width, height): (u32, u32), limb: Limb, detections: Vec<Detection>) -> Self {
        let (limb_from, notes) = (LimbSource::Name, Vec::new());
        Self { film: film.into(), width, height, limb, limb_from, turned: 0, notes, coarse: None, unfamiliarity: None, detections }
    }

    /// What a reader should know of this film, as sentences: that it is coarse, then its notes.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.coarse.map(crate::coarse::note).into_iter().chain(self.notes.iter().cloned()).collect()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_zero(value: &u16) -> bool {
    *value == 0
}
