//! Every joint's centre as a weighted sum of landmarks, read off the layout itself, so that boxes can speak of the landmarks.

use std::sync::LazyLock;

use super::ShapeModel;
use crate::{Joint, Limb, Task, layout};

/// The centre of a joint's box is the sum of the landmarks times these weights; they sum to 1.
#[derive(Debug)]
pub struct Place {
    /// The joint.
    pub joint: &'static Joint,
    /// One weight a landmark.
    pub weights: Vec<f64>,
    /// The centre in the mean shape.
    pub mean: [f64; 2],
    /// How the centre moves with each coefficient of the model.
    pub directions: Vec<[f64; 2]>,
}

/// The places of a limb's joints under both tasks.
pub fn places(limb: Limb) -> &'static [Place] {
    static PLACES: LazyLock<[Vec<Place>; 4]> = LazyLock::new(|| Limb::ALL.map(probe));
    &PLACES[limb.index()]
}

/// The model of a limb's kind.
pub fn model(limb: Limb) -> &'static ShapeModel {
    if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() }
}

/// The layout is linear in the landmarks: with one of them at 1 and the others at 0, each centre is that landmark's weight.
fn probe(limb: Limb) -> Vec<Place> {
    let count = model(limb).landmarks.len();
    let mut places: Vec<Place> = Vec::new();
    for landmark in 0..count {
        let mut points = vec![[0.0; 2]; count];
        points[landmark] = [1.0, 1.0];
        let boxes = Task::ALL.into_iter().flat_map(|task| layout::boxes(limb, task, &points));
        for (at, (joint, bbox)) in boxes.enumerate() {
            if places.len() == at {
                places.push(Place { joint, weights: Vec::new(), mean: [0.0; 2], directions: Vec::new() });
            }
            places[at].weights.push(f64::from(bbox.centre().0));
        }
    }
    let model = model(limb);
    for place in &mut places {
        let sum =
            |points: &[[f32; 2]]| [0, 1].map(|axis| points.iter().zip(&place.weights).map(|(p, w)| f64::from(p[axis]) * w).sum::<f64>());
        place.mean = sum(&model.mean);
        place.directions = model.modes.iter().map(|mode| sum(&mode.direction).map(|v| v * f64::from(mode.stddev))).collect();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighted_landmarks_give_the_centres_of_the_layout() {
        for limb in Limb::ALL {
            let model = model(limb);
            let points: Vec<_> =
                model.mean.iter().enumerate().map(|(i, p)| [300.0 + 400.0 * p[0] + i as f32, 500.0 + 400.0 * p[1]]).collect();
            let boxes = Task::ALL.into_iter().flat_map(|task| layout::boxes(limb, task, &points));
            let mut checked = 0;
            for ((joint, bbox), place) in boxes.zip(places(limb)) {
                assert_eq!(joint, place.joint);
                assert!((place.weights.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{}", joint.label);
                for axis in 0..2 {
                    let sum: f64 = points.iter().zip(&place.weights).map(|(p, w)| f64::from(p[axis]) * w).sum();
                    let centre = [bbox.centre().0, bbox.centre().1][axis];
                    assert!((sum - f64::from(centre)).abs() < 0.01, "{}", joint.label);
                }
                checked += 1;
            }
            assert_eq!(checked, places(limb).len());
        }
    }
}
