//! Boxes matched to the reference as COCO does at IoU 0.5, each box and each missed joint named, for all thresholds at once.
//!
//! Matching goes from the best score down, so a threshold cuts the list without changing what came before: the boxes at or above it are matched as if
//! the others had never been. What a box is (right, or which error) therefore does not depend on the threshold, and a joint is missed exactly at the
//! thresholds above the best box that finds it or would find it if it were named or placed better. A step of the threshold only compares scores.

use svh_core::Joint;

use super::boxes::{FoundBox, ReferenceBox, Sample};
use super::kind::{ErrorKind, class_error};

/// The IoU from which a box is on a joint.
pub const MATCH_IOU: f64 = 0.5;

/// The IoU up to which a box is off a joint.
pub const BACKGROUND_IOU: f64 = 0.1;

/// A threshold that every box reaches.
pub const ANY_SCORE: f64 = f64::MIN;

/// What a found box is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MatchOutcome {
    /// It finds this reference box (place in [`Sample::reference`]).
    Right(u32),
    /// It is an error.
    Wrong {
        /// Which.
        kind: ErrorKind,
        /// The reference box that it is about: the one badly placed, doubled, or taken for another; absent for Background and most of Other.
        reference: Option<u32>,
    },
    /// It lies in a crowd region and counts for nothing.
    Ignored,
}

/// An error at some threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NamedError {
    /// Which.
    pub kind: ErrorKind,
    /// The film's place in its list.
    pub film: u32,
    /// The found box, by its place in [`Sample::found`]; absent for Missed.
    pub found: Option<u32>,
    /// The reference box, by its place in [`Sample::reference`]; see [`MatchOutcome::Wrong`].
    pub reference: Option<u32>,
}

/// A sample with the fate of every box.
#[derive(Clone, Debug)]
pub struct Matching {
    sample: Sample,
    /// One a found box.
    outcomes: Vec<MatchOutcome>,
    /// One a reference box: the score of the box that finds it.
    found_at: Vec<f64>,
    /// One a reference box: the best-scored error that is about it, and its score.
    claimed_by: Vec<Option<u32>>,
}

impl Matching {
    /// Matches all boxes, film by film.
    #[must_use]
    pub fn of(sample: Sample) -> Self {
        let mut matching = Self {
            outcomes: vec![MatchOutcome::Ignored; sample.found.len()],
            found_at: vec![f64::NEG_INFINITY; sample.reference.len()],
            claimed_by: vec![None; sample.reference.len()],
            sample,
        };
        let reference = by_film(matching.sample.films, matching.sample.reference.iter().map(|reference| reference.film));
        let found = by_film(matching.sample.films, matching.sample.found.iter().map(|found| found.film));
        for (reference, mut found) in reference.into_iter().zip(found) {
            let score = |place: &u32| matching.sample.found[*place as usize].score;
            found.sort_by(|a, b| score(b).total_cmp(&score(a)));
            matching.film(&reference, &found);
        }
        matching
    }

    /// The boxes.
    #[must_use]
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// What each found box is, in the order of [`Sample::found`].
    #[must_use]
    pub(crate) fn outcomes(&self) -> &[MatchOutcome] {
        &self.outcomes
    }

    /// The threshold up to which a reference box is found; negative infinity where no box finds it.
    #[must_use]
    pub(crate) fn found_at(&self, reference: u32) -> f64 {
        self.found_at[reference as usize]
    }

    /// The best-scored error about a reference box, whose loss is that error's doing.
    #[must_use]
    pub(crate) fn claimed_by(&self, reference: u32) -> Option<u32> {
        self.claimed_by[reference as usize]
    }

    /// The errors among the boxes of at least this score: wrong boxes in the order of [`Sample::found`], then the missed joints.
    pub fn errors(&self, threshold: f64) -> impl Iterator<Item = NamedError> + '_ {
        let wrong = self.outcomes.iter().zip(&self.sample.found).enumerate().filter_map(move |(place, (outcome, found))| match outcome {
            MatchOutcome::Wrong { kind, reference } if found.score >= threshold => {
                Some(NamedError { kind: *kind, film: found.film, found: u32::try_from(place).ok(), reference: *reference })
            }
            _ => None,
        });
        wrong.chain(self.missed(threshold))
    }

    /// The joints that no box of at least this score finds, or would find if it were named or placed better.
    pub fn missed(&self, threshold: f64) -> impl Iterator<Item = NamedError> + '_ {
        let places = (0..self.sample.reference.len()).filter_map(|place| u32::try_from(place).ok());
        places.filter(move |place| self.is_missed(*place, threshold)).map(|place| {
            let film = self.sample.reference[place as usize].film;
            NamedError { kind: ErrorKind::Missed, film, found: None, reference: Some(place) }
        })
    }

    /// Whether no box of at least this score finds a reference box, or would find it if it were named or placed better.
    #[must_use]
    pub(crate) fn is_missed(&self, reference: u32, threshold: f64) -> bool {
        let place = reference as usize;
        let claimed = self.claimed_by[place].map_or(f64::NEG_INFINITY, |found| self.sample.found[found as usize].score);
        !self.sample.reference[place].crowd && self.found_at[place] < threshold && claimed < threshold
    }

    /// One film: places of its reference boxes, and of its found boxes from the best score down.
    fn film(&mut self, reference: &[u32], found: &[u32]) {
        let mut taken = vec![false; reference.len()];
        for place in found {
            let one = self.sample.found[*place as usize];
            let right =
                reference.iter().enumerate().filter(|(at, _)| !taken[*at]).fold(None, |best: Option<(usize, f64)>, (at, reference)| {
                    let reference = self.sample.reference[*reference as usize];
                    let iou = if reference.class == one.class && !reference.crowd { reference.rect.iou(&one.rect) } else { 0.0 };
                    // Of equals the later one, as COCO's own matching does.
                    if iou >= best.map_or(MATCH_IOU, |best| best.1) { Some((at, iou)) } else { best }
                });
            if let Some((at, _)) = right {
                taken[at] = true;
                self.found_at[reference[at] as usize] = one.score;
                self.outcomes[*place as usize] = MatchOutcome::Right(reference[at]);
            }
        }
        for place in found {
            if matches!(self.outcomes[*place as usize], MatchOutcome::Right(_)) {
                continue;
            }
            let one = self.sample.found[*place as usize];
            let outcome = self.name(&one, reference);
            self.outcomes[*place as usize] = outcome;
            // What is badly placed or taken for another would find its joint if it were mended. The first claim has the best score.
            if let MatchOutcome::Wrong { kind, reference: Some(about) } = outcome
                && kind != ErrorKind::Duplicate
            {
                self.claimed_by[about as usize].get_or_insert(*place);
            }
        }
    }

    /// The error of a box that finds nothing, in TIDE's order (Bolya et al., ECCV 2020): badly placed, taken for another, doubled, off all joints.
    fn name(&self, one: &FoundBox, reference: &[u32]) -> MatchOutcome {
        let (mut same, mut other) = (Best::default(), Best::default());
        for place in reference {
            let reference = &self.sample.reference[*place as usize];
            if reference.crowd {
                // The share of the box that lies in the region, as COCO has it.
                if reference.class == one.class && reference.rect.shared(&one.rect) >= MATCH_IOU * one.rect.area() {
                    return MatchOutcome::Ignored;
                }
                continue;
            }
            if reference.class == one.class { &mut same } else { &mut other }.offer(*place, reference.rect.iou(&one.rect));
        }
        let wrong = |kind, reference| MatchOutcome::Wrong { kind, reference };
        if (BACKGROUND_IOU..=MATCH_IOU).contains(&same.iou) {
            wrong(ErrorKind::Localisation, same.place)
        } else if other.iou >= MATCH_IOU {
            let kind = other.place.map_or(ErrorKind::Other, |place| self.confusion(&self.sample.reference[place as usize], one));
            wrong(kind, other.place)
        } else if same.iou > MATCH_IOU {
            wrong(ErrorKind::Duplicate, same.place)
        } else if other.iou <= BACKGROUND_IOU {
            wrong(ErrorKind::Background, None)
        } else {
            wrong(ErrorKind::Other, None)
        }
    }

    fn confusion(&self, reference: &ReferenceBox, found: &FoundBox) -> ErrorKind {
        let joint = |class: u16| self.sample.classes.get(usize::from(class)).and_then(|class| class.joint);
        let named = |(reference, found): (&'static Joint, &'static Joint)| class_error(reference, found);
        joint(reference.class).zip(joint(found.class)).map_or(ErrorKind::Other, named)
    }
}

/// The largest overlap so far; of equals the first.
#[derive(Default)]
struct Best {
    place: Option<u32>,
    iou: f64,
}

impl Best {
    fn offer(&mut self, place: u32, iou: f64) {
        if iou > self.iou {
            *self = Self { place: Some(place), iou };
        }
    }
}

/// The places of each film's boxes, in their order.
fn by_film(films: usize, of: impl Iterator<Item = u32>) -> Vec<Vec<u32>> {
    let mut places = vec![Vec::new(); films];
    for (place, film) in of.enumerate() {
        if let (Some(list), Ok(place)) = (places.get_mut(film as usize), u32::try_from(place)) {
            list.push(place);
        }
    }
    places
}
