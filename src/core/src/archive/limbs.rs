//! Which limbs are on a file: what its header says, with the detector's word beside it where the header is silent or contradicts itself.

use super::{ArchiveError, Found, How, Part, Recognise, Seen};
use crate::Limb;
use crate::limb::Side;

/// A limb on a file.
pub(super) struct FoundLimb {
    pub limb: Limb,
    pub part: Part,
    /// What the header says, in words.
    pub header: &'static str,
    pub seen: Option<Result<Seen, String>>,
    pub doubts: Vec<String>,
}

/// A file's limbs: one, or two where a plate has both.
pub(super) type Limbs = Vec<FoundLimb>;

/// The cut of a plate lies at least so far from its edges, as a share of its width.
const LEAST_SHARE: f32 = 0.25;

const fn limb_of(hand: bool, side: Side) -> Limb {
    match (hand, side) {
        (true, Side::Left) => Limb::LeftHand,
        (true, Side::Right) => Limb::RightHand,
        (false, Side::Left) => Limb::LeftFoot,
        (false, Side::Right) => Limb::RightFoot,
    }
}

/// What a header says of the limb.
fn in_words(file: &Found) -> &'static str {
    match (file.hand, file.side, file.both_sides) {
        (Some(true), _, true) => "both hands",
        (Some(false), _, true) => "both feet",
        (None, _, true) => "both sides",
        (Some(hand), Some(side), _) => limb_of(hand, side).name(),
        (Some(true), None, _) => "hand",
        (Some(false), None, _) => "foot",
        (None, Some(Side::Left), _) => "left",
        (None, Some(Side::Right), _) => "right",
        (None, None, _) => "",
    }
}

/// The limbs on a file, or why none of it is taken.
pub(super) fn limbs(file: &Found, how: &How, recognise: &mut Recognise) -> Result<Result<Limbs, String>, ArchiveError> {
    let header = in_words(file);
    let told = match (file.hand, file.side, file.both_sides) {
        (Some(hand), Some(side), false) => Some(limb_of(hand, side)),
        _ => None,
    };
    if let Some(limb) = told {
        let mut doubts: Vec<String> = file.conflicts.iter().map(|conflict| (*conflict).to_owned()).collect();
        let seen = match how.check || how.blank_edges || !doubts.is_empty() {
            true => Some(recognise(file, None)?),
            false => None,
        };
        match &seen {
            Some(Ok(seen)) if seen.limb == limb => {}
            Some(Ok(seen)) if how.check || !doubts.is_empty() => doubts.push(format!("the detector sees a {}", seen.limb.name())),
            Some(Err(reason)) if how.check || !doubts.is_empty() => doubts.push(reason.clone()),
            _ => {}
        }
        if how.blank_edges && !matches!(&seen, Some(Ok(seen)) if !seen.boxes.is_empty()) {
            return Ok(Err("its edges cannot be blanked, as the detector finds no joint".to_owned()));
        }
        return Ok(Ok(vec![FoundLimb { limb, part: None, header, seen, doubts }]));
    }
    let wide = file.size.0 as f64 > 0.9 * f64::from(file.size.1);
    if file.both_sides || (file.side.is_none() && wide) {
        if let Some(two) = plate(file, header, recognise)? {
            return Ok(Ok(two));
        }
        if file.both_sides {
            return Ok(Err("a plate of both sides on which the detector does not find one limb in each half".to_owned()));
        }
    }
    let seen = match recognise(file, None)? {
        Ok(seen) => seen,
        Err(reason) => return Ok(Err(format!("neither its header nor the picture says which limb it shows ({reason})"))),
    };
    if file.hand.is_some_and(|hand| hand != seen.limb.is_hand()) || file.side.is_some_and(|side| side != seen.limb.side()) {
        return Ok(Err(format!("its header and the detector disagree: the detector sees a {}", seen.limb.name())));
    }
    if how.blank_edges && seen.boxes.is_empty() {
        return Ok(Err("its edges cannot be blanked, as the detector finds no joint".to_owned()));
    }
    let doubts = vec!["the header does not name the limb; the detector decided".to_owned()];
    Ok(Ok(vec![FoundLimb { limb: seen.limb, part: None, header, seen: Some(Ok(seen)), doubts }]))
}

/// Both limbs of a plate, cut between the joints that the detector finds in its halves; `None` where it does not find one limb in each.
fn plate(file: &Found, header: &'static str, recognise: &mut Recognise) -> Result<Option<Limbs>, ArchiveError> {
    let (width, middle) = (file.size.0, file.size.0 / 2);
    if middle == 0 {
        return Ok(None);
    }
    let (Ok(one), Ok(two)) = (recognise(file, Some([0, middle]))?, recognise(file, Some([middle, width]))?) else { return Ok(None) };
    let fits = |limb: Limb| file.hand.is_none_or(|hand| hand == limb.is_hand());
    if one.limb == two.limb || one.limb.is_hand() != two.limb.is_hand() || !fits(one.limb) {
        return Ok(None);
    }
    let last = one.boxes.iter().map(|joint| joint[2]).fold(0.0, f32::max);
    let first = two.boxes.iter().map(|joint| joint[0]).fold((width - middle) as f32, f32::min) + middle as f32;
    let between = f32::midpoint(last, first);
    let share = between / width as f32;
    let cut = if last < first && (LEAST_SHARE..=1.0 - LEAST_SHARE).contains(&share) { between as u32 } else { middle };
    let doubt = vec!["a plate of both sides, cut between the joints; the sides are the detector's".to_owned()];
    let moved = |mut seen: Seen, by: f32| {
        seen.boxes.iter_mut().for_each(|joint| {
            joint[0] += by;
            joint[2] += by;
        });
        seen
    };
    let (one, two) = (moved(one, 0.0), moved(two, middle as f32 - cut as f32));
    let limb =
        |seen: Seen, part: [u32; 2]| FoundLimb { limb: seen.limb, part: Some(part), header, seen: Some(Ok(seen)), doubts: doubt.clone() };
    Ok(Some(vec![limb(one, [0, cut]), limb(two, [cut, width])]))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn found() -> Found {
        Found { size: (1000, 800), unfit: None, ..Found::unfit(&PathBuf::from("a"), String::new()) }
    }

    fn seen(limb: Limb, x: f32) -> Seen {
        Seen { limb, boxes: vec![[x, 10.0, x + 50.0, 60.0]] }
    }

    #[test]
    fn a_plate_is_cut_between_the_joints_of_its_halves() {
        let mut shown = Vec::new();
        let mut look = |_: &Found, part: Part| {
            shown.push(part);
            Ok(Ok(if part == Some([0, 500]) { seen(Limb::LeftHand, 300.0) } else { seen(Limb::RightHand, 150.0) }))
        };
        let file = Found { hand: Some(true), both_sides: true, ..found() };
        let two = limbs(&file, &How::default(), &mut look).unwrap().unwrap();
        // Joints end at 350 and begin at 650.
        assert_eq!((two[0].part, two[1].part), (Some([0, 500]), Some([500, 1000])));
        assert_eq!((two[0].limb, two[1].limb, two[0].header), (Limb::LeftHand, Limb::RightHand, "both hands"));
        let mut near =
            |_: &Found, part: Part| Ok(Ok(if part == Some([0, 500]) { seen(Limb::LeftHand, 440.0) } else { seen(Limb::RightHand, 350.0) }));
        let two = limbs(&file, &How::default(), &mut near).unwrap().unwrap();
        assert_eq!((two[0].part, two[1].part), (Some([0, 670]), Some([670, 1000])));
        assert_eq!(two[1].seen.as_ref().unwrap().as_ref().unwrap().boxes[0][0], 180.0, "boxes are those of the part");
        let mut same = |_: &Found, _: Part| Ok(Ok(seen(Limb::LeftHand, 300.0)));
        assert!(limbs(&file, &How::default(), &mut same).unwrap().is_err_and(|reason| reason.contains("one limb in each half")));
    }

    #[test]
    fn the_detector_is_asked_where_the_header_is_silent_or_contradicts_itself() {
        let told = Found { hand: Some(true), side: Some(Side::Left), size: (500, 800), ..found() };
        let mut never = |_: &Found, _: Part| -> Result<Result<Seen, String>, ArchiveError> { panic!("nobody asks") };
        let one = limbs(&told, &How::default(), &mut never).unwrap().unwrap();
        assert!(one[0].doubts.is_empty() && one[0].seen.is_none());
        let mut right = |_: &Found, _: Part| Ok(Ok(seen(Limb::RightHand, 10.0)));
        let torn = Found { conflicts: vec!["Laterality and SeriesDescription disagree"], ..told.clone() };
        for (file, how) in [(torn, How::default()), (told, How { check: true, ..How::default() })] {
            let one = limbs(&file, &how, &mut right).unwrap().unwrap();
            assert_eq!(one[0].limb, Limb::LeftHand, "the header's word is taken, the detector's stands beside it");
            assert!(one[0].doubts.last().unwrap().contains("the detector sees a right hand"), "{:?}", one[0].doubts);
        }
        let silent = Found { hand: Some(true), size: (500, 800), ..found() };
        assert_eq!(limbs(&silent, &How::default(), &mut right).unwrap().unwrap()[0].limb, Limb::RightHand);
        let foot = Found { hand: Some(false), size: (500, 800), ..found() };
        assert!(limbs(&foot, &How::default(), &mut right).unwrap().is_err_and(|reason| reason.contains("disagree")));
    }
}
