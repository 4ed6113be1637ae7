//! Every found box with what the matching made of it, the curves over the threshold, and the histograms of right and wrong boxes.

use serde::Serialize;

use super::kind::ErrorKind;
use super::matching::{MatchOutcome, Matching};

/// A found box, judged at IoU 0.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The box's place in [`super::Sample::found`].
    pub found: u32,
    /// Its class's place in [`super::Sample::classes`].
    pub class: u16,
    /// Its score, 0 to 1.
    pub score: f64,
    /// Whether it finds its joint.
    pub right: bool,
    /// Of a right box the IoU with the box that it finds; of a wrong one the largest with any reference box of the film; 0 to 1.
    pub iou: f64,
    /// The reference box that this IoU is with, by its place in [`super::Sample::reference`].
    pub reference: Option<u32>,
    /// What is wrong.
    pub kind: Option<ErrorKind>,
}

/// What a threshold comes to among all boxes before the best-box rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OperatingPoint {
    /// The least score that takes part.
    pub threshold: f64,
    /// Boxes that find their joint.
    pub right: usize,
    /// All other boxes.
    pub wrong: usize,
    /// Reference boxes that none of these finds.
    pub missed: usize,
}

impl OperatingPoint {
    /// The share of right boxes among those that take part.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        let n = self.right + self.wrong;
        (n > 0).then(|| self.right as f64 / n as f64)
    }

    /// The share of reference boxes that are found.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        let n = self.right + self.missed;
        (n > 0).then(|| self.right as f64 / n as f64)
    }

    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        let n = 2 * self.right + self.wrong + self.missed;
        (n > 0).then(|| 2.0 * self.right as f64 / n as f64)
    }
}

/// The point of the best F1; of equals the one with the highest threshold.
#[must_use]
pub fn best_f1(points: &[OperatingPoint]) -> Option<OperatingPoint> {
    let f1 = |point: &OperatingPoint| point.f1().unwrap_or(-1.0);
    points.iter().copied().fold(None, |best: Option<OperatingPoint>, point| match best {
        Some(best) if f1(&best) >= f1(&point) => Some(best),
        _ => Some(point),
    })
}

/// Counts of right and wrong boxes in bins of equal width over 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Histogram {
    /// Right boxes by bin.
    pub right: Vec<u32>,
    /// Wrong boxes by bin.
    pub wrong: Vec<u32>,
}

impl Histogram {
    /// The bin of a value; 1 belongs to the last.
    #[must_use]
    pub fn bin(value: f64, bins: usize) -> usize {
        ((value.max(0.0) * bins as f64) as usize).min(bins.saturating_sub(1))
    }

    /// Counts values with whether their box is right.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = (f64, bool)>, bins: usize) -> Self {
        let mut histogram = Self { right: vec![0; bins], wrong: vec![0; bins] };
        for (value, right) in values {
            let counts = if right { &mut histogram.right } else { &mut histogram.wrong };
            counts[Self::bin(value, bins)] += 1;
        }
        histogram
    }
}

impl Matching {
    /// Every box that counts for anything, in the order of [`super::Sample::found`]. Boxes in crowd regions are left out.
    #[must_use]
    pub fn judged(&self) -> Vec<Judged> {
        let sample = self.sample();
        let mut by_film = vec![Vec::new(); sample.films];
        for (place, reference) in sample.reference.iter().enumerate().filter(|(_, reference)| !reference.crowd) {
            by_film[reference.film as usize].push(place as u32);
        }
        let judge = |(place, (outcome, found)): (usize, (&MatchOutcome, &super::FoundBox))| {
            let iou = |reference: u32| sample.reference[reference as usize].rect.iou(&found.rect);
            let (right, kind, nearest) = match outcome {
                MatchOutcome::Right(reference) => (true, None, Some((*reference, iou(*reference)))),
                MatchOutcome::Wrong { kind, .. } => {
                    let all = by_film[found.film as usize].iter().map(|reference| (*reference, iou(*reference)));
                    (false, Some(*kind), all.filter(|(_, iou)| *iou > 0.0).max_by(|a, b| a.1.total_cmp(&b.1)))
                }
                MatchOutcome::Ignored => return None,
            };
            let (reference, iou) = nearest.unzip();
            Some(Judged { found: place as u32, class: found.class, score: found.score, right, iou: iou.unwrap_or(0.0), reference, kind })
        };
        self.outcomes().iter().zip(&sample.found).enumerate().filter_map(judge).collect()
    }

    /// What each threshold comes to, from the highest score down, one point for each score that occurs; of one class, or of all boxes together.
    #[must_use]
    pub fn operating_points(&self, judged: &[Judged], class: Option<u16>) -> Vec<OperatingPoint> {
        let of = |other: u16| class.is_none_or(|class| class == other);
        let references = self.sample().reference.iter().filter(|reference| !reference.crowd && of(reference.class)).count();
        let mut boxes: Vec<(f64, bool)> = judged.iter().filter(|one| of(one.class)).map(|one| (one.score, one.right)).collect();
        boxes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut points, mut right) = (Vec::new(), 0);
        for (place, (score, is_right)) in boxes.iter().enumerate() {
            right += usize::from(*is_right);
            // Equal scores pass together.
            if boxes.get(place + 1).is_none_or(|next| next.0 < *score) {
                points.push(OperatingPoint {
                    threshold: *score,
                    right,
                    wrong: place + 1 - right,
                    missed: references.saturating_sub(right),
                });
            }
        }
        points
    }
}
