//! What is measured of a joint: the gap of narrowing, the missing bone of erosion.

use std::collections::HashMap;

use svh_core::{Joint, Task};

use super::patch::{Patch, SIDE};

/// Columns of the middle, in which the two bones face each other.
const MIDDLE: std::ops::Range<usize> = SIDE * 3 / 8..SIDE * 5 / 8;

/// From this gray on, a healthy joint's mean is taken for bone.
const BONE: f32 = 0.5;

/// Pixels by which a joint may lie beside the usual place.
const REACH: i32 = 2;

/// What healthy joints of each name look like.
#[derive(Debug)]
pub(crate) enum Typical {
    /// The usual gap.
    Gap(HashMap<&'static str, f32>),
    /// The mean patch.
    Bone(HashMap<&'static str, Vec<f32>>),
}

impl Typical {
    /// From joints that a reader graded 0.
    #[must_use]
    pub fn of<'a>(task: Task, healthy: impl Iterator<Item = (&'static Joint, &'a Patch)>) -> Self {
        let mut patches: HashMap<&'static str, Vec<&Patch>> = HashMap::new();
        healthy.for_each(|(joint, patch)| patches.entry(key(joint)).or_default().push(patch));
        match task {
            Task::Narrowing => {
                let median = |patches: Vec<&Patch>| {
                    let mut gaps: Vec<f32> = patches.into_iter().map(gap).collect();
                    gaps.sort_by(f32::total_cmp);
                    gaps[gaps.len() / 2]
                };
                Self::Gap(patches.into_iter().map(|(name, patches)| (name, median(patches))).collect())
            }
            Task::Erosion => {
                let mean = |patches: Vec<&Patch>| {
                    let mut sum = vec![0.0; SIDE * SIDE];
                    for patch in &patches {
                        sum.iter_mut().zip(&patch.0).for_each(|(sum, value)| *sum += value / patches.len() as f32);
                    }
                    sum
                };
                Self::Bone(patches.into_iter().map(|(name, patches)| (name, mean(patches))).collect())
            }
        }
    }

    /// How far a joint is from healthy: the share of the usual gap that is gone, or the share of the usual bone that is missing. 0 for a joint of which
    /// no healthy one was seen.
    #[must_use]
    pub(crate) fn damage(&self, joint: &'static Joint, patch: &Patch) -> f32 {
        match self {
            Self::Gap(usual) => usual.get(key(joint)).map_or(0.0, |usual| 1.0 - gap(patch) / usual.max(1e-3)),
            Self::Bone(usual) => usual.get(key(joint)).map_or(0.0, |usual| missing(usual, patch)),
        }
    }
}

/// Left and right joints are seen alike.
fn key(joint: &'static Joint) -> &'static str {
    &joint.joint
}

/// The width of the darkest valley between two bones along the axis, each part of it weighted by its darkness; as a share of the patch's side. The valley
/// may be tilted by up to 20 degrees.
#[must_use]
pub(crate) fn gap(patch: &Patch) -> f32 {
    (-4..=4).map(|tilt| valley(&profile(patch, (5.0 * tilt as f32).to_radians().tan()))).fold(0.0, f32::max)
}

/// The mean of the middle's columns, each shifted by its distance from the middle times `slope`.
fn profile(patch: &Patch, slope: f32) -> Vec<f32> {
    let row = |row: usize| {
        let one = |column: usize| {
            let shift = slope * (column as f32 - (SIDE as f32 - 1.0) / 2.0);
            patch.at((row as f32 + shift).round().clamp(0.0, SIDE as f32 - 1.0) as usize, column)
        };
        MIDDLE.map(one).sum::<f32>() / MIDDLE.len() as f32
    };
    (0..SIDE).map(row).collect()
}

/// The area below the lower of the two shoulders, around the point that lies deepest below them.
fn valley(profile: &[f32]) -> f32 {
    let highest = |part: &[f32]| part.iter().copied().fold(f32::MIN, f32::max);
    let shoulder = |at: usize| highest(&profile[..=at]).min(highest(&profile[at..]));
    let depth = |at: usize| shoulder(at) - profile[at];
    let Some(deepest) = (0..profile.len()).max_by(|a, b| depth(*a).total_cmp(&depth(*b))) else { return 0.0 };
    let (level, most) = (shoulder(deepest), depth(deepest));
    let below = |at: &usize| profile[*at] < level;
    let before = (0..deepest).rev().take_while(below);
    let after = (deepest..profile.len()).take_while(below);
    let area: f32 = before.chain(after).map(|at| level - profile[at]).sum();
    // A step of noise is not a valley.
    if most < 0.02 { 0.0 } else { area / profile.len() as f32 }
}

/// The share of the usual bone that is not there, where the joint is shifted by up to [`REACH`] pixels so that the least is missing, and made as bright
/// as usual: a box that lies a little beside, and an exposure, are not damage.
fn missing(usual: &[f32], patch: &Patch) -> f32 {
    let shifts = || -REACH..=REACH;
    shifts().flat_map(|dx| shifts().map(move |dy| missing_at(usual, patch, dx, dy))).fold(1.0, f32::min)
}

fn missing_at(usual: &[f32], patch: &Patch, dx: i32, dy: i32) -> f32 {
    let side = SIDE as i32;
    let pair = |at: usize| {
        let (x, y) = (at as i32 % side + dx, at as i32 / side + dy);
        let inside = usual[at] >= BONE && (0..side).contains(&x) && (0..side).contains(&y);
        inside.then(|| (usual[at], patch.at(y as usize, x as usize)))
    };
    let (usual, here): (Vec<f32>, Vec<f32>) = (0..usual.len()).filter_map(pair).unzip();
    // The brighter part is bone on either: a bite darkens less than a quarter of it.
    let gain = upper_quartile(usual.clone()) / upper_quartile(here.clone()).max(0.1);
    let gone: f32 = usual.iter().zip(&here).map(|(usual, here)| (usual - here * gain).max(0.0)).sum();
    gone / usual.iter().sum::<f32>().max(1e-3)
}

fn upper_quartile(mut values: Vec<f32>) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let place = values.len() * 3 / 4;
    *values.select_nth_unstable_by(place, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use svh_core::joint;

    use super::*;

    /// Two bright bones with a dark gap of this many rows, which climbs from left to right by `climb` rows a column.
    fn bones(rows: f32, climb: f32) -> Patch {
        let dark = |at: usize| {
            let (x, y) = ((at % SIDE) as f32 - 23.5, (at / SIDE) as f32 - 23.5);
            (y - climb * x).abs() < rows / 2.0
        };
        Patch((0..SIDE * SIDE).map(|at| if dark(at) { 0.2 } else { 0.9 }).collect())
    }

    #[test]
    fn a_gap_is_as_wide_as_it_is_drawn_also_when_it_is_tilted() {
        for rows in [4.0, 8.0, 12.0] {
            // 0.7 deep, as a share of 48 rows.
            let expected = rows * 0.7 / SIDE as f32;
            assert!((gap(&bones(rows, 0.0)) - expected).abs() < 1e-4, "{rows}: {}", gap(&bones(rows, 0.0)));
            assert!((gap(&bones(rows, 0.2)) - expected).abs() < 0.15 * expected, "{rows}: {}", gap(&bones(rows, 0.2)));
        }
        assert_eq!(gap(&bones(0.0, 0.0)), 0.0, "grown together");
    }

    #[test]
    fn damage_is_the_share_of_the_usual_that_is_gone() {
        let pip = joint::by_label(Task::Narrowing, "RH_pip_2").unwrap();
        let healthy = [bones(8.0, 0.0), bones(8.0, 0.0)];
        let typical = Typical::of(Task::Narrowing, healthy.iter().map(|patch| (pip, patch)));
        let left = joint::by_label(Task::Narrowing, "LH_pip_2").unwrap();
        assert!((typical.damage(left, &bones(2.0, 0.0)) - 0.75).abs() < 1e-3, "the other side is measured against the same");
        assert_eq!(typical.damage(joint::by_label(Task::Narrowing, "LH_pip_3").unwrap(), &bones(2.0, 0.0)), 0.0);
        let bone = joint::by_label(Task::Erosion, "LH_pip_2").unwrap();
        let whole = Patch(vec![0.8; SIDE * SIDE]);
        let typical = Typical::of(Task::Erosion, std::iter::once((bone, &whole)));
        let bitten = Patch((0..SIDE * SIDE).map(|at| if at % SIDE < SIDE / 4 { 0.0 } else { 0.9 }).collect());
        // A quarter of the columns, but for those that a shift brings out of sight; the brightness of the rest is not damage.
        let damage = typical.damage(bone, &bitten);
        assert!((0.2..=0.25).contains(&damage), "{damage}");
        assert!(typical.damage(bone, &Patch(vec![0.6; SIDE * SIDE])) < 1e-4);
    }
}
