//! The shape model laid over the joints that were found on a film: which of them cannot be right, and where a missing one must lie.
//!
//! A similarity (the pose) and the model's coefficients are found together by regularised least squares. Every joint is judged by what the
//! *other* joints say of its place, so that a wrong box cannot speak for itself; boxes that are far off are taken out one by one, the worst first.

use super::places::{Place, model, places};
use super::similarity::Similarity;
use super::solve::{Factor, Normal};
use crate::{Joint, Limb};

/// Distinct joints that a fit needs: a hand has 21 places, a foot 6.
pub const MIN_HAND: usize = 6;
/// See [`MIN_HAND`].
pub const MIN_FOOT: usize = 4;

/// Coefficients are expected within this many standard deviations: diseased and children's limbs lie wider than the sample.
const PRIOR: f64 = 1.5;

/// A box is implausible from this many standard deviations of its prediction on ...
const FAR: f64 = 4.0;

/// ... and from this distance on, in palm or foot widths: neighbouring joints lie 0.33 palm widths apart at least.
const FAR_UNITS: f64 = 0.20;

/// A fit that has to take out more than this share of the joints is none.
const MOST_OUT: f64 = 1.0 / 3.0;

/// A joint that was found.
#[derive(Clone, Copy, Debug)]
pub struct Observation {
    /// Which one; joints of other limbs are passed over.
    pub joint: &'static Joint,
    /// The centre of its box, in pixels of the upright film.
    pub centre: (f32, f32),
}

/// Where a joint must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// In pixels of the film.
    pub centre: (f32, f32),
    /// Standard deviation an axis, in palm or foot widths.
    pub sd: f32,
}

/// What a fit says of a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Where the other joints expect it.
    pub expected: Prediction,
    /// How far off it is, in palm or foot widths.
    pub distance: f32,
    /// Whether a joint may lie there.
    pub plausible: bool,
}

/// The shape of one limb on one film.
#[derive(Clone, Debug)]
pub struct ShapeFit {
    limb: Limb,
    /// Right limbs are fitted in the mirrored film.
    width: f64,
    /// From shape coordinates to the (mirrored) film.
    pose: Similarity,
    points: Vec<Point>,
    /// `a - 1`, `b`, shift x and y on top of the pose, then the coefficients.
    unknowns: Vec<f64>,
}

/// An observation in shape coordinates.
#[derive(Clone, Copy, Debug)]
struct Point {
    place: &'static Place,
    at: [f64; 2],
    /// Standard deviation of a box's centre, in shape coordinates.
    sd: f64,
    used: bool,
}

impl ShapeFit {
    /// Fits the model to the joints found on a film of this width; `None` where they are too few ([`MIN_HAND`], [`MIN_FOOT`]) or do not lie like a limb.
    #[must_use]
    pub fn of(limb: Limb, width: u32, found: &[Observation]) -> Option<Self> {
        let width = f64::from(width);
        let film: Vec<(&'static Place, [f64; 2])> = found
            .iter()
            .filter_map(|o| Some((places(limb).iter().find(|place| place.joint == o.joint)?, left(limb, width, o.centre))))
            .filter(|(_, at)| at[0].is_finite() && at[1].is_finite())
            .collect();
        let enough = if limb.is_hand() { MIN_HAND } else { MIN_FOOT };
        if distinct(film.iter().map(|(place, _)| *place)) < enough {
            return None;
        }
        let pose = first_pose(limb, &film)?;
        let point =
            |&(place, at): &(&'static Place, [f64; 2])| Point { place, at: pose.undo(at), sd: noise(place) * unit(limb), used: true };
        let unknowns = vec![0.0; 4 + model(limb).modes.len()];
        let mut fit = Self { limb, width, pose, points: film.iter().map(point).collect(), unknowns };
        fit.settle()?;
        let out = fit.points.iter().filter(|point| !point.used).count();
        let trusted = distinct(fit.points.iter().filter(|point| point.used).map(|point| point.place)) >= enough;
        (trusted && out as f64 <= fit.points.len() as f64 * MOST_OUT).then_some(fit)
    }

    /// The landmarks in film pixels, in the order of the model.
    #[must_use]
    pub fn landmarks(&self) -> Vec<[f32; 2]> {
        let points = shape(self.limb, &self.unknowns).into_iter();
        points.map(|p| self.film(p)).map(|(x, y)| [x, y]).collect()
    }

    /// By how many degrees the limb is turned clockwise against the mean shape; for a right limb in its mirror image.
    #[must_use]
    pub fn rotation(&self) -> f32 {
        (self.pose.degrees() + self.unknowns[1].atan2(1.0 + self.unknowns[0]).to_degrees()) as f32
    }

    /// Palm or foot width in pixels.
    #[must_use]
    pub fn unit(&self) -> f32 {
        (self.pose.scale() * self.unknowns[1].hypot(1.0 + self.unknowns[0]) * unit(self.limb)) as f32
    }

    /// Where the joint must lie by what the other joints say; `None` where they say too little.
    #[must_use]
    pub fn predict(&self, joint: &Joint) -> Option<Prediction> {
        let place = places(self.limb).iter().find(|place| place.joint == joint)?;
        let (unknowns, factor) = self.solve(Some(&joint.joint), 2)?;
        let (at, sd) = locate(place, &unknowns, &factor);
        Some(Prediction { centre: self.film(at), sd: (sd / unit(self.limb)) as f32 })
    }

    /// Whether a box of this joint may have its centre here.
    #[must_use]
    pub fn judge(&self, joint: &'static Joint, centre: (f32, f32)) -> Option<Verdict> {
        let expected = self.predict(joint)?;
        let place = places(self.limb).iter().find(|place| place.joint == joint)?;
        let distance = f64::from((centre.0 - expected.centre.0).hypot(centre.1 - expected.centre.1) / self.unit());
        let far = distance > FAR_UNITS && distance > FAR * f64::from(expected.sd).hypot(noise(place));
        Some(Verdict { expected, distance: distance as f32, plausible: !far })
    }

    fn film(&self, p: [f64; 2]) -> (f32, f32) {
        let [x, y] = self.pose.apply(p);
        let x = if mirrors(self.limb) { self.width - x } else { x };
        (x as f32, y as f32)
    }

    /// Solves, takes the worst point out where it is implausible, and begins again.
    fn settle(&mut self) -> Option<()> {
        for _ in 0..self.points.len() {
            self.unknowns = self.solve(None, 4)?.0;
            let Some(worst) = self.worst() else { break };
            self.points[worst].used = false;
        }
        Some(())
    }

    /// The used point that is farthest beyond what the others allow, in standard deviations.
    fn worst(&self) -> Option<usize> {
        let mut worst = None;
        let mut limit = FAR;
        for (index, point) in self.points.iter().enumerate().filter(|(_, point)| point.used) {
            let Some((unknowns, factor)) = self.solve(Some(&point.place.joint.joint), 1) else { continue };
            let (at, sd) = locate(point.place, &unknowns, &factor);
            let distance = (at[0] - point.at[0]).hypot(at[1] - point.at[1]);
            let deviations = distance / sd.hypot(point.sd);
            if deviations > limit && distance > FAR_UNITS * unit(self.limb) {
                (worst, limit) = (Some(index), deviations);
            }
        }
        worst
    }

    /// Gauss-Newton steps from the present solution on the used points, those of one joint (in both tasks) left out.
    fn solve(&self, without: Option<&str>, steps: usize) -> Option<(Vec<f64>, Factor)> {
        let mut unknowns = self.unknowns.clone();
        let mut last = None;
        for _ in 0..steps {
            let mut prior = vec![1.0 / (PRIOR * PRIOR); unknowns.len()];
            // The pose is free; the trace of a prior only keeps the system solvable.
            prior[..4].fill(1e-6);
            let mut normal = Normal::with_prior(&prior);
            for at in 4..unknowns.len() {
                normal.pull(at, -prior[at] * unknowns[at]);
            }
            for point in self.points.iter().filter(|point| point.used && without != Some(point.place.joint.joint.as_str())) {
                let (now, rows) = linear(point.place, &unknowns);
                for axis in 0..2 {
                    normal.add(&rows[axis], point.at[axis] - now[axis], 1.0 / (point.sd * point.sd));
                }
            }
            let (factor, step) = normal.solve()?;
            unknowns.iter_mut().zip(step).for_each(|(unknown, step)| *unknown += step);
            last = Some(factor);
        }
        Some((unknowns, last?))
    }
}

/// The pose under which most joints lie near the mean shape, tried with every pair of joints.
fn first_pose(limb: Limb, film: &[(&'static Place, [f64; 2])]) -> Option<Similarity> {
    let expected: Vec<[f64; 2]> = film.iter().map(|(place, _)| place.mean).collect();
    let reach = 0.35 * unit(limb);
    let cost = |pose: &Similarity| {
        let errors = film.iter().zip(&expected).map(|((_, at), mean)| {
            let at = pose.undo(*at);
            (((at[0] - mean[0]).powi(2) + (at[1] - mean[1]).powi(2)) / (reach * reach)).min(1.0)
        });
        errors.sum::<f64>()
    };
    let pairs = (0..film.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    // Joints side by side would tell the direction badly.
    let apart = pairs.filter(|&(i, j)| (expected[i][0] - expected[j][0]).hypot(expected[i][1] - expected[j][1]) > 0.3 * unit(limb));
    let poses = apart.filter_map(|(i, j)| Similarity::of_pair([expected[i], expected[j]], [film[i].1, film[j].1]));
    poses.map(|pose| (cost(&pose), pose)).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, pose)| pose)
}

/// Landmarks in shape coordinates, the small pose on top included.
fn shape(limb: Limb, unknowns: &[f64]) -> Vec<[f64; 2]> {
    let z: Vec<f32> = unknowns[4..].iter().map(|z| *z as f32).collect();
    let small = Similarity { a: 1.0 + unknowns[0], b: unknowns[1], shift: [unknowns[2], unknowns[3]] };
    model(limb).shape(&z).into_iter().map(|p| small.apply(p.map(f64::from))).collect()
}

/// Where the unknowns put a joint, and how that place moves with each of them: one row an axis.
fn linear(place: &Place, unknowns: &[f64]) -> ([f64; 2], [Vec<f64>; 2]) {
    let bare = [0, 1].map(|axis| place.mean[axis] + place.directions.iter().zip(&unknowns[4..]).map(|(d, z)| d[axis] * z).sum::<f64>());
    let small = Similarity { a: 1.0 + unknowns[0], b: unknowns[1], shift: [unknowns[2], unknowns[3]] };
    let turned = Similarity { shift: [0.0; 2], ..small };
    let mut rows = [vec![bare[0], -bare[1], 1.0, 0.0], vec![bare[1], bare[0], 0.0, 1.0]];
    for direction in &place.directions {
        let moved = turned.apply(*direction);
        rows[0].push(moved[0]);
        rows[1].push(moved[1]);
    }
    (small.apply(bare), rows)
}

/// A joint's place and its standard deviation an axis, in shape coordinates.
fn locate(place: &Place, unknowns: &[f64], factor: &Factor) -> ([f64; 2], f64) {
    let (at, rows) = linear(place, unknowns);
    let variance = rows.iter().map(|row| factor.forward(row).iter().map(|v| v * v).sum::<f64>()).sum::<f64>() / 2.0;
    (at, variance.sqrt())
}

/// Standard deviation of a box's centre an axis, in palm or foot widths. The layout knows wrist joints less well than the model knows fingers.
fn noise(place: &Place) -> f64 {
    match place.joint.group() {
        crate::JointGroup::Finger => 0.05,
        crate::JointGroup::Wrist => 0.10,
        crate::JointGroup::Foot => 0.035,
    }
}

/// Palm or foot width of the mean shape, in shape coordinates.
pub(super) fn unit(limb: Limb) -> f64 {
    f64::from(crate::layout::unit(limb, &model(limb).mean))
}

fn mirrors(limb: Limb) -> bool {
    limb.side() == crate::Side::Right
}

pub(super) fn left(limb: Limb, width: f64, (x, y): (f32, f32)) -> [f64; 2] {
    let x = f64::from(x);
    [if mirrors(limb) { width - x } else { x }, f64::from(y)]
}

fn distinct(places: impl Iterator<Item = &'static Place>) -> usize {
    places.map(|place| place.joint.joint.as_str()).collect::<std::collections::BTreeSet<_>>().len()
}
