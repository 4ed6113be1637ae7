//! Why a joint has its grade: which places of its crop the grade rests on, and which reference joints look most like it to the scorer.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{BBox, Task};

/// A joint on a film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainedJoint {
    /// The joint's label, such as `LH_mcp_2`.
    pub joint: String,
    /// Its box, pixels of the film as given.
    #[serde(rename = "box")]
    pub bbox: BBox,
    /// The reader's grade, of reference joints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<u8>,
}

/// A film with joints to be explained or compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainFilm {
    /// The file; also the name in the answer.
    pub path: PathBuf,
    /// Degrees clockwise by which the film has to be turned to stand upright: 0, 90, 180 or 270.
    #[serde(default)]
    pub turned: u16,
    /// All boxes that are known on the film, which tell a negative.
    #[serde(default)]
    pub boxes: Vec<BBox>,
    /// The joints in question.
    pub joints: Vec<ExplainedJoint>,
}

/// A question about one joint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainQuery {
    /// The task whose grade it is.
    pub task: Task,
    /// The film, with this one joint.
    pub film: ExplainFilm,
}

impl ExplainQuery {
    /// The joint in question.
    #[must_use]
    pub fn joint(&self) -> Option<&ExplainedJoint> {
        self.film.joints.first()
    }
}

/// What the grade of a crop rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The scorer's folder.
    pub model: String,
    /// The square of the film that the scorer was shown, pixels of the film as given; it may reach beyond the film.
    pub region: BBox,
    /// The expected grade of the crop as it is, before any calibration.
    pub expected: f32,
    /// Places a side.
    pub places: usize,
    /// By how much the expected grade falls where each place of `region` is blurred, `places` rows of as many, grades; below 0 where it rises.
    pub falls: Vec<f32>,
}

/// A reference joint that looks like the one in question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarJoint {
    /// Its film.
    pub path: PathBuf,
    /// Which joint, where, with the reader's grade.
    pub joint: ExplainedJoint,
    /// How far its features lie from those of the joint in question: spreads within a grade where the model knows them, else plain length.
    pub distance: f32,
}
