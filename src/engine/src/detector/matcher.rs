//! Which ground truth a box belongs to, by overlap.

use svh_core::BBox;

/// What a box is matched with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The ground truth with this index.
    GroundTruth(usize),
    /// Background.
    Background,
    /// Between the thresholds: not used.
    Ignored,
}

/// Thresholds of the overlap.
#[derive(Clone, Copy, Debug)]
pub struct Matcher {
    /// From here a match.
    pub foreground: f32,
    /// Below this background.
    pub background: f32,
    /// Whether every ground truth gets the boxes that overlap it most (exact ties included), however little that is. Such a box
    /// is matched with its own best ground truth, which need not be the one that rescued it.
    pub low_quality: bool,
}

impl Matcher {
    /// The match of each box; all background where there is no ground truth.
    #[must_use]
    pub fn run(&self, gt_boxes: &[BBox], boxes: &[BBox]) -> Vec<Match> {
        if gt_boxes.is_empty() {
            return vec![Match::Background; boxes.len()];
        }
        let mut best = vec![(f32::NEG_INFINITY, 0usize); boxes.len()];
        let mut rescued = vec![false; if self.low_quality { boxes.len() } else { 0 }];
        let mut overlaps = vec![0.0f32; boxes.len()];
        for (index, gt) in gt_boxes.iter().enumerate() {
            for ((overlap, candidate), best) in overlaps.iter_mut().zip(boxes).zip(&mut best) {
                *overlap = gt.iou(candidate);
                if *overlap > best.0 {
                    *best = (*overlap, index);
                }
            }
            if self.low_quality {
                let most = overlaps.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                for (rescued, overlap) in rescued.iter_mut().zip(&overlaps) {
                    *rescued |= *overlap == most;
                }
            }
        }
        let decide = |(index, (overlap, gt)): (usize, (f32, usize))| match overlap {
            _ if rescued.get(index) == Some(&true) => Match::GroundTruth(gt),
            v if v < self.background => Match::Background,
            v if v < self.foreground => Match::Ignored,
            _ => Match::GroundTruth(gt),
        };
        best.into_iter().enumerate().map(decide).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32) -> BBox {
        BBox::from([x, 0.0, x + 10.0, 10.0])
    }

    #[test]
    fn thresholds_part_matches_from_ignored_and_background() {
        let matcher = Matcher { foreground: 0.7, background: 0.3, low_quality: false };
        // Overlaps with the truth at 0: 1, 9/11, 5/15, 1/19.
        let found = matcher.run(&[square(0.0)], &[square(0.0), square(1.0), square(5.0), square(9.0)]);
        assert_eq!(found, [Match::GroundTruth(0), Match::GroundTruth(0), Match::Ignored, Match::Background]);
        assert_eq!(matcher.run(&[], &[square(0.0)]), [Match::Background]);
    }

    #[test]
    fn a_rescued_box_keeps_its_own_best_gt() {
        let matcher = Matcher { foreground: 0.7, background: 0.3, low_quality: true };
        // The one box is the best of both truths, and overlaps the second more.
        let found = matcher.run(&[square(-6.0), square(4.0)], &[square(0.0)]);
        assert_eq!(found, [Match::GroundTruth(1)]);
        // Two boxes tie as the best of one truth: both are rescued.
        let found = matcher.run(&[square(0.0)], &[square(-8.0), square(8.0), square(9.5)]);
        assert_eq!(found, [Match::GroundTruth(0), Match::GroundTruth(0), Match::Background]);
    }
}
