//! Which joint a detector takes for which: boxes matched to reference boxes whatever their classes, the best score first.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::boxes::Sample;
use super::matching::MATCH_IOU;

/// A box on a reference box, a box on none, or a reference box without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassMatch {
    /// The film's place in its list.
    pub film: u32,
    /// The reference box, by its place in [`Sample::reference`]; absent for a box on the background.
    pub reference: Option<u32>,
    /// The found box, by its place in [`Sample::found`]; absent for a missed joint.
    pub found: Option<u32>,
}

/// Matches of boxes of at least a score, film by film: each box takes the free reference box of any class that it overlaps most, from IoU 0.5 on.
#[must_use]
pub fn class_matches(sample: &Sample, threshold: f64) -> Vec<ClassMatch> {
    let mut films: Vec<(Vec<u32>, Vec<u32>)> = vec![Default::default(); sample.films];
    for (place, reference) in sample.reference.iter().enumerate().filter(|(_, reference)| !reference.crowd) {
        films[reference.film as usize].0.push(place as u32);
    }
    for (place, found) in sample.found.iter().enumerate().filter(|(_, found)| found.score >= threshold) {
        films[found.film as usize].1.push(place as u32);
    }
    let film = |(film, (reference, mut found)): (usize, (Vec<u32>, Vec<u32>))| {
        let one = |place: u32| &sample.found[place as usize];
        // Equal scores in the order of classes, as hotcoco ranks them.
        found.sort_by_key(|place| one(*place).class);
        found.sort_by(|a, b| one(*b).score.total_cmp(&one(*a).score));
        let mut reference = reference;
        reference.sort_by_key(|place| sample.reference[*place as usize].class);
        let mut free = vec![true; reference.len()];
        let mut matches = Vec::new();
        for place in found {
            let rect = one(place).rect;
            let candidates = reference.iter().enumerate().filter(|(at, _)| free[*at]);
            let best = candidates.fold(None, |best: Option<(usize, f64)>, (at, reference)| {
                let iou = sample.reference[*reference as usize].rect.iou(&rect);
                // Of equals the later one, as COCO's own matching does.
                if iou >= best.map_or(MATCH_IOU, |best| best.1) { Some((at, iou)) } else { best }
            });
            if let Some((at, _)) = best {
                free[at] = false;
            }
            matches.push(ClassMatch { film: film as u32, reference: best.map(|(at, _)| reference[at]), found: Some(place) });
        }
        let missed = reference.iter().zip(&free).filter(|(_, free)| **free);
        matches.extend(missed.map(|(reference, _)| ClassMatch { film: film as u32, reference: Some(*reference), found: None }));
        matches
    };
    films.into_par_iter().enumerate().flat_map_iter(film).collect()
}

/// A pair of classes by their places in [`Sample::classes`]: of the reference box, absent on the background; of the found one, absent where it is missed.
pub type ClassPair = (Option<u16>, Option<u16>);

/// How often each pair of classes occurs.
#[must_use]
pub fn class_pairs(sample: &Sample, matches: &[ClassMatch]) -> BTreeMap<ClassPair, u32> {
    let mut pairs = BTreeMap::new();
    for one in matches {
        let reference = one.reference.map(|place| sample.reference[place as usize].class);
        let found = one.found.map(|place| sample.found[place as usize].class);
        *pairs.entry((reference, found)).or_default() += 1;
    }
    pairs
}
