//! Which limb a film shows, told from what the detector found when every class was allowed to count.
//!
//! For each limb the best score of each of its classes is taken; their mean is the evidence for the limb. Upright films of one limb have
//! one strong limb; a film that lies on its side has none; a plate with both hands has two, side by side.

use svh_core::{BBox, Limb, Task, joint};

use crate::detector::RawDetection;
use crate::{Error, Result};

/// Evidence from which a limb counts as seen.
pub(crate) const SEEN: f32 = 0.25;
/// Evidence at which nothing else needs to be tried.
pub(crate) const CLEAR: f32 = 0.55;
/// How many times stronger the better of two answers must be.
const RATIO: f32 = 1.5;
/// Score from which a joint counts towards a second limb on the film, and the share of a limb's joints that must be there.
const PRESENT: (f32, f32) = (0.3, 0.5);
/// IoU from which two boxes are one place, read as a joint of either side.
const SAME_PLACE: f32 = 0.2;

/// The evidence for each limb on one view of a film.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence {
    /// By [`Limb::ALL`], 0 to 1.
    pub of: [f32; 4],
    /// The limbs whose joints are there in number.
    present: Vec<Present>,
}

/// A limb whose joints are there in number.
#[derive(Clone, Debug, PartialEq)]
struct Present {
    limb: Limb,
    /// The best box of each joint that is there.
    boxes: Vec<BBox>,
    /// How many joints make a limb.
    enough: usize,
}

impl Present {
    /// Whether this limb lies beside another, stronger one: enough of its joints are where the other has none, and the middles of both are apart.
    /// A detector in doubt about the side reads the other limb's joints a second time, in the same places.
    fn beside(&self, stronger: &Self) -> bool {
        let own = |bbox: &&BBox| stronger.boxes.iter().all(|other| other.iou(bbox) < SAME_PLACE);
        let apart: Vec<BBox> = self.boxes.iter().filter(own).copied().collect();
        let (a, b) = (middle(&apart), middle(&stronger.boxes));
        apart.len() >= self.enough && (a.x1 < b.x0 || b.x1 < a.x0 || a.y1 < b.y0 || b.y1 < a.y0)
    }
}

impl Evidence {
    /// From detections under no mask.
    #[must_use]
    pub fn of(task: Task, detections: &[RawDetection]) -> Self {
        let mut evidence = Self { of: [0.0; 4], present: Vec::new() };
        for (place, limb) in Limb::ALL.into_iter().enumerate() {
            let best: Vec<(f32, BBox)> = joint::of_limb(task, limb).filter_map(|joint| best_of_class(detections, joint.class_id)).collect();
            let classes = joint::of_limb(task, limb).count();
            evidence.of[place] = best.iter().map(|(score, _)| score).sum::<f32>() / classes as f32;
            let there: Vec<BBox> = best.iter().filter(|(score, _)| *score >= PRESENT.0).map(|(_, bbox)| *bbox).collect();
            let enough = (PRESENT.1 * classes as f32).ceil() as usize;
            if there.len() >= enough {
                evidence.present.push(Present { limb, boxes: there, enough });
            }
        }
        evidence
    }

    /// The evidence for one limb.
    #[must_use]
    pub(crate) fn for_limb(&self, limb: Limb) -> f32 {
        self.of[limb.index()]
    }

    /// The strongest limb and its evidence.
    #[must_use]
    pub(crate) fn best(&self) -> (Limb, f32) {
        let mut best = (Limb::LeftHand, self.for_limb(Limb::LeftHand));
        for limb in Limb::ALL {
            if self.for_limb(limb) > best.1 {
                best = (limb, self.for_limb(limb));
            }
        }
        best
    }

    /// What speaks for a view of a film whose limb is known: the limb or its mirror image, since films lie mirrored too.
    #[must_use]
    pub(crate) fn for_view(&self, known: Option<Limb>) -> f32 {
        known.map_or(self.best().1, |limb| self.for_limb(limb).max(self.for_limb(limb.opposite())))
    }

    /// Refuses a film on which two limbs lie side by side: two hands or two feet. Hand and foot never share a plate; both seen is a mistake of the
    /// detector's.
    pub(crate) fn check_single(&self) -> Result<()> {
        for (index, first) in self.present.iter().enumerate() {
            for second in self.present[index + 1..].iter().filter(|second| second.limb.is_hand() == first.limb.is_hand()) {
                let first_is_weaker = self.for_limb(first.limb) < self.for_limb(second.limb);
                let (weaker, stronger) = if first_is_weaker { (first, second) } else { (second, first) };
                if weaker.beside(stronger) {
                    return Err(two_limbs(first.limb, second.limb));
                }
            }
        }
        Ok(())
    }

    /// The one limb that this view shows; an error where that cannot be told.
    pub(crate) fn recognise(&self) -> Result<Limb> {
        self.check_single()?;
        let (limb, evidence) = self.best();
        let rival = Limb::ALL.into_iter().filter(|other| *other != limb).map(|other| self.for_limb(other)).fold(0.0, f32::max);
        if evidence >= SEEN && evidence >= RATIO * rival {
            return Ok(limb);
        }
        let why = if evidence < SEEN { "no hand or foot was recognised on it" } else { "it is unclear which limb it shows" };
        Err(Error::Data(format!("{why}; name the limb with --limb LH, RH, LF or RF, or in the file name as in UAB001-LH.jpg")))
    }

    /// The limb that the picture clearly shows where it is of another kind than the one that name or option gave: a foot for a hand, or a hand for a foot.
    #[must_use]
    pub(crate) fn other_kind(&self, limb: Limb) -> Option<Limb> {
        let (seen, evidence) = self.best();
        (seen.is_hand() != limb.is_hand() && evidence >= CLEAR && evidence >= 2.0 * RATIO * self.for_view(Some(limb))).then_some(seen)
    }

    /// A remark where the picture contradicts the limb that name or option gave.
    #[must_use]
    pub(crate) fn contradiction(&self, limb: Limb) -> Option<String> {
        let (seen, evidence) = self.best();
        if seen == limb || evidence < SEEN || evidence < RATIO * self.for_limb(limb) {
            return None;
        }
        Some(match seen == limb.opposite() {
            true => format!("lies mirrored or is of the other side: named a {}, it looks like a {}", limb.name(), seen.name()),
            false => format!("named a {}, it looks like a {}", limb.name(), seen.name()),
        })
    }
}

fn best_of_class(detections: &[RawDetection], class_id: u8) -> Option<(f32, BBox)> {
    let of_class = detections.iter().filter(|detection| detection.class_id == class_id);
    of_class.map(|detection| (detection.score, detection.bbox)).max_by(|a, b| a.0.total_cmp(&b.0))
}

/// The error for a film with two limbs on it.
pub(crate) fn two_limbs(first: Limb, second: Limb) -> Error {
    Error::Data(format!("it shows two limbs, a {} and a {}; cut it in two, one limb a film", first.name(), second.name()))
}

/// The box from the first to the third quartile of the boxes' centres.
fn middle(boxes: &[BBox]) -> BBox {
    let quartiles = |mut values: Vec<f32>| {
        values.sort_by(f32::total_cmp);
        let at = |share: f32| values.get((share * (values.len().saturating_sub(1)) as f32).round() as usize).copied().unwrap_or(0.0);
        [at(0.25), at(0.75)]
    };
    let [x0, x1] = quartiles(boxes.iter().map(|b| b.centre().0).collect());
    let [y0, y1] = quartiles(boxes.iter().map(|b| b.centre().1).collect());
    BBox { x0, y0, x1, y1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A limb whose every joint is found with this score, its boxes in a column at `x`.
    fn found(limb: Limb, score: f32, x: f32) -> Vec<RawDetection> {
        let at = |(row, joint): (usize, &svh_core::Joint)| RawDetection {
            class_id: joint.class_id,
            score,
            bbox: BBox::square((x, 20.0 * row as f32), 15.0),
        };
        joint::of_limb(Task::Narrowing, limb).enumerate().map(at).collect()
    }

    fn evidence(parts: &[Vec<RawDetection>]) -> Evidence {
        Evidence::of(Task::Narrowing, &parts.concat())
    }

    #[test]
    fn a_limb_with_all_its_joints_is_recognised() {
        assert_eq!(evidence(&[found(Limb::RightFoot, 0.9, 0.0), found(Limb::LeftFoot, 0.2, 0.0)]).recognise().unwrap(), Limb::RightFoot);
    }

    #[test]
    fn an_unclear_film_is_refused_with_the_way_out() {
        let unclear = evidence(&[found(Limb::LeftHand, 0.5, 0.0), found(Limb::RightHand, 0.45, 0.0)]);
        assert!(unclear.recognise().unwrap_err().to_string().contains("--limb"));
        assert!(evidence(&[]).recognise().unwrap_err().to_string().contains("no hand or foot"));
    }

    #[test]
    fn two_hands_side_by_side_are_refused_and_one_hand_with_two_readings_is_not() {
        let two = evidence(&[found(Limb::LeftHand, 0.9, 0.0), found(Limb::RightHand, 0.8, 300.0)]);
        let message = two.recognise().unwrap_err().to_string();
        assert!(message.contains("a left hand and a right hand") && message.contains("cut it in two"), "{message}");
        assert!(evidence(&[found(Limb::LeftHand, 0.9, 0.0), found(Limb::RightHand, 0.4, 0.0)]).check_single().is_ok());
        // A stray joint of the other hand does not join the two.
        let mut stray = found(Limb::RightHand, 0.8, 300.0);
        stray[0].bbox = BBox::square((10.0, 0.0), 15.0);
        assert!(evidence(&[found(Limb::LeftHand, 0.9, 0.0), stray]).check_single().is_err());
    }

    #[test]
    fn joints_read_a_second_time_as_those_of_the_other_side_are_no_second_limb() {
        let right = found(Limb::RightFoot, 0.9, 0.0);
        let mut left = found(Limb::LeftFoot, 0.4, 0.0);
        left.truncate(3);
        for (doubt, row) in left.iter_mut().zip([5, 5, 4]) {
            doubt.bbox = right[row].bbox;
        }
        assert_eq!(evidence(&[right, left]).recognise().unwrap(), Limb::RightFoot);
    }

    #[test]
    fn a_foot_seen_beside_a_hand_is_no_second_limb() {
        let both = evidence(&[found(Limb::LeftHand, 0.9, 0.0), found(Limb::LeftFoot, 0.5, 300.0)]);
        assert_eq!(both.recognise().unwrap(), Limb::LeftHand);
    }

    #[test]
    fn a_clear_foot_is_no_hand_and_a_doubtful_one_or_the_other_side_is_no_contradiction_in_kind() {
        let foot = evidence(&[found(Limb::RightFoot, 0.9, 0.0), found(Limb::LeftHand, 0.1, 0.0)]);
        assert_eq!(foot.other_kind(Limb::LeftHand), Some(Limb::RightFoot));
        assert_eq!(foot.other_kind(Limb::LeftFoot), None);
        assert_eq!(evidence(&[found(Limb::RightFoot, 0.5, 0.0)]).other_kind(Limb::LeftHand), None);
        assert_eq!(evidence(&[found(Limb::RightFoot, 0.9, 0.0), found(Limb::RightHand, 0.4, 0.0)]).other_kind(Limb::LeftHand), None);
    }

    #[test]
    fn a_picture_that_contradicts_the_name_is_remarked_upon() {
        let right = evidence(&[found(Limb::RightHand, 0.9, 0.0)]);
        assert!(right.contradiction(Limb::LeftHand).unwrap().contains("mirrored"));
        assert!(right.contradiction(Limb::LeftFoot).unwrap().contains("looks like a right hand"));
        assert_eq!(right.contradiction(Limb::RightHand), None);
    }
}
