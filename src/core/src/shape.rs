//! The shape of a left hand or foot: where its joints lie relative to each other, from landmarks of 728 real limbs.
//!
//! Coordinates are those of a left limb on a PA film: thumb or big toe to the right, fingers or toes up, y downward. Right limbs are
//! mirrored before they meet this model. `data/joint_shape_stats.json` begins with how it was made.

mod consensus;
mod fit;
mod places;
mod similarity;
mod solve;

use std::sync::LazyLock;

use serde::Deserialize;

pub use consensus::{Claim, evidence};
pub use fit::{MIN_FOOT, MIN_HAND, Observation, Prediction, ShapeFit, Verdict};

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
    /// Width of the films in pixels.
    pub image_width_px: Percentiles,
    /// Height of the films in pixels.
    pub image_height_px: Percentiles,
    /// Width over height of the films.
    pub aspect_w_over_h: Percentiles,
    /// Place of the centroid from left to right, 0 to 1.
    pub centroid_x_over_width: Percentiles,
    /// Place of the centroid from top to bottom, 0 to 1.
    pub centroid_y_over_height: Percentiles,
    /// Centroid size (root of the summed squared distances from the centroid) over the film's height.
    pub centroid_size_over_height: Percentiles,
    /// Rotation against the mean shape in degrees.
    pub in_plane_rotation_deg: Percentiles,
}

/// The percentiles 1, 5, 25, 50, 75, 95 and 99 of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Percentiles(pub [f32; 7]);

impl Percentiles {
    /// The value below which this share (0 to 1) of the cases lies, linear between the known percentiles and flat beyond them.
    #[must_use]
    pub fn at(&self, share: f32) -> f32 {
        const SHARES: [f32; 7] = [0.01, 0.05, 0.25, 0.50, 0.75, 0.95, 0.99];
        let upper = SHARES.iter().position(|known| share < *known).unwrap_or(6).max(1);
        let (x0, x1) = (SHARES[upper - 1], SHARES[upper]);
        let t = ((share - x0) / (x1 - x0)).clamp(0.0, 1.0);
        self.0[upper - 1] + t * (self.0[upper] - self.0[upper - 1])
    }
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
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../data/joint_shape_stats.json")).expect("the built-in statistics parse; a test says so");
    serde_json::from_value(all[limb].clone()).expect("the built-in statistics parse; a test says so")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_met_interpolated_and_not_left() {
        let width = ShapeModel::hand().image_width_px;
        assert_eq!(width.at(0.5), width.0[3]);
        assert_eq!((width.at(0.0), width.at(1.0)), (width.0[0], width.0[6]));
        let between = width.at(0.6);
        assert!(between > width.0[3] && between < width.0[4]);
    }

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
