//! The far edges of a wrist's bones. Bones are not flat: on a film the front or back edge of one lies over the space beside it and over the end of its
//! neighbour, so that a healthy wrist shows double contours and thin spaces.

use crate::bone::{Bone, Girth, IRREGULAR, Part};
use crate::dice::Dice;
use crate::plane::{Point, add, closed_curve, mul, sub};

/// The edge of an irregular bone that is not in the plane of its outline: a little larger, shifted, thin.
pub fn behind(bone: &Bone, unit: f32, dice: &mut Dice) -> Bone {
    let centre = middle(&bone.outline);
    let shift = [dice.clipped(0.012, 2.0) * unit, dice.clipped(0.012, 2.0) * unit];
    let grow = dice.range(1.04, 1.18);
    let points = bone.outline.iter().step_by(3).map(|p| {
        let off = mul(sub(*p, centre), grow * dice.range(0.96, 1.04));
        add(add(centre, shift), off)
    });
    sheet(points.collect(), bone, dice)
}

/// The lip of a bone's end: a thin sheet through these points; what is bitten off the bone is bitten off the lip.
pub fn lip(points: Vec<Point>, bone: &Bone, dice: &mut Dice) -> Bone {
    sheet(points, bone, dice)
}

fn sheet(points: Vec<Point>, bone: &Bone, dice: &mut Dice) -> Bone {
    let centre = middle(&points);
    let half = 0.5 * bone.girth.half[2];
    let cortex = dice.range(0.5, 0.9) * bone.girth.cortex[2];
    Bone {
        part: Part::Rim,
        outline: closed_curve(&points, 3),
        base: add(centre, [0.0, half]),
        head: sub(centre, [0.0, half]),
        girth: Girth { half: [half; 3], cortex: [cortex; 3] },
        shaft: IRREGULAR,
        steep: 0.6,
        physes: Vec::new(),
        bites: bone.bites.clone(),
        mineral: bone.mineral * dice.range(0.3, 0.9),
    }
}

fn middle(points: &[Point]) -> Point {
    mul(points.iter().fold([0.0, 0.0], |sum, p| add(sum, *p)), 1.0 / points.len().max(1) as f32)
}
