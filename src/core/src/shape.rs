//! The shape of a left hand or foot: where its joints lie relative to each other, from landmarks of 728 real limbs.
//!
//! Coordinates are those of a left limb on a PA film: thumb or big toe to the right, fingers or toes up, y downward. Right limbs are
//! mirrored before they meet this model. `data/joint_shape_stats.json` says how it was made.

use std::sync::LazyLock;

use serde::Deserialize;

/// A linear shape model: a shape is `mean + sum z_i * stddev_i * direction_i`, centroid 0 and about unit norm.
#[derive(Clone, Debug, Deserialize)]
pub struct ShapeModel {
    /// Number of limbs it was made from.
    pub n: usize,
    /// Names of the landmarks, in the order of all points below.
    pub landmarks: Vec<String>,
    /// The mean shape, `[landmarks]` points.
    pub mean: Vec<[f32; 2]>,
    /// Modes of variation, strongest first.
    pub modes: Vec<Mode>,
}

/// One mode of variation.
#[derive(Clone, Debug, Deserialize)]
pub struct Mode {
    /// Standard deviation along `direction`, in units of the shape's norm.
    pub stddev: f32,
    /// Unit-norm direction, one vector a landmark.
    pub direction: Vec<[f32; 2]>,
}

impl ShapeModel {
    /// The hand's 13 landmarks: `mcp_ip`, `pip_2`..`pip_5`, `mcp_1`..`mcp_5`, `w1`..`w3`.
    #[must_use]
    pub fn hand() -> &'static Self {
        static MODEL: LazyLock<ShapeModel> = LazyLock::new(|| stats("hand"));
        &MODEL
    }

    /// The foot's 6 landmarks.
    #[must_use]
    pub fn foot() -> &'static Self {
        static MODEL: LazyLock<ShapeModel> = LazyLock::new(|| stats("foot"));
        &MODEL
    }

    /// The shape with these coefficients, in standard deviations; missing ones are 0.
    #[must_use]
    pub fn shape(&self, z: &[f32]) -> Vec<[f32; 2]> {
        let mut points = self.mean.clone();
        for (mode, z) in self.modes.iter().zip(z) {
            for (point, direction) in points.iter_mut().zip(&mode.direction) {
                point[0] += z * mode.stddev * direction[0];
                point[1] += z * mode.stddev * direction[1];
            }
        }
        points
    }

    /// The place of a landmark in the point lists.
    #[must_use]
    pub fn index(&self, landmark: &str) -> Option<usize> {
        self.landmarks.iter().position(|name| name == landmark)
    }
}

fn stats(limb: &str) -> ShapeModel {
    let all: serde_json::Value = serde_json::from_str(include_str!("../data/joint_shape_stats.json")).expect("the built-in statistics parse; a test says so");
    serde_json::from_value(all[limb].clone()).expect("the built-in statistics parse; a test says so")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_shapes_have_unit_norm_and_the_thumb_to_the_right() {
        for model in [ShapeModel::hand(), ShapeModel::foot()] {
            let norm: f32 = model.mean.iter().map(|p| p[0] * p[0] + p[1] * p[1]).sum();
            assert!((norm - 1.0).abs() < 1e-2, "{norm}");
        }
        let hand = ShapeModel::hand();
        let x = |name| hand.mean[hand.index(name).expect("a landmark")][0];
        assert!(x("mcp_1") > x("mcp_2") && x("mcp_2") > x("mcp_5"));
    }
}
