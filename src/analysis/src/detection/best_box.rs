//! The best-box rule at any threshold: of each class of a film one box counts, and what that comes to per joint (the paper's figures 8.5.1, 8.5.2).
//!
//! The rule is that of [`svh_core::box_selection`], as far as it can follow a threshold: of the boxes at or above it the best one that nothing speaks
//! against, else the doubtful one that the run kept for want of a better, else the box that the shape model placed. What the shape model
//! objected to is what it objected to in the run.

use serde::Serialize;
use svh_core::Joint;

use super::boxes::{FoundBox, Rect, Sample};
use super::matching::MATCH_IOU;

/// A box that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedBox {
    /// A found box, by its place in [`Sample::found`].
    Found(u32),
    /// A box that the shape model placed, by its place in [`BestBox::inferred`].
    Inferred(u32),
}

/// The candidates for one class of one film, true or found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Candidates {
    /// The film's place in its list.
    pub film: u32,
    /// The class's place in [`Sample::classes`].
    pub class: u16,
    /// The reference box, by its place in [`Sample::reference`].
    pub reference: Option<u32>,
    best: Option<u32>,
    fallback: Option<u32>,
    inferred: Option<u32>,
}

/// The candidates of all classes of all films.
#[derive(Clone, Debug, Default)]
pub struct BestBox {
    inferred: Vec<FoundBox>,
    candidates: Vec<Candidates>,
    /// By film, then class; `u32::MAX` where there are none.
    places: Vec<u32>,
    classes: usize,
}

/// What the rule leaves of a class, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Reference boxes.
    #[serde(rename = "truth")]
    pub reference: u32,
    /// Boxes that count.
    pub kept: u32,
    /// Of these, boxes on their joint (IoU of at least 0.5).
    pub true_positives: u32,
    /// Of these, all others.
    pub false_positives: u32,
    /// Reference boxes of joints for which no box counts.
    pub missed: u32,
    /// Boxes that count and were placed by the shape model.
    pub inferred: u32,
}

/// A tally of one joint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointTally {
    /// The joint.
    pub joint: &'static Joint,
    /// Its counts over all films.
    pub tally: Tally,
}

impl Tally {
    fn add(&mut self, reference: Option<Rect>, kept: Option<(Rect, bool)>) {
        self.reference += u32::from(reference.is_some());
        let Some((rect, inferred)) = kept else {
            self.missed += u32::from(reference.is_some());
            return;
        };
        let right = reference.is_some_and(|reference| reference.iou(&rect) >= MATCH_IOU);
        self.kept += 1;
        self.true_positives += u32::from(right);
        self.false_positives += u32::from(!right);
        self.inferred += u32::from(inferred);
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Self) {
        self.reference += other.reference;
        self.kept += other.kept;
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.missed += other.missed;
        self.inferred += other.inferred;
    }
}

impl BestBox {
    /// Finds the candidates; `inferred` are the boxes that the shape model placed.
    #[must_use]
    pub fn of(sample: &Sample, inferred: Vec<FoundBox>) -> Self {
        let classes = sample.classes.len();
        let mut rule = Self { inferred: Vec::new(), candidates: Vec::new(), places: vec![u32::MAX; sample.films * classes], classes };
        for (place, reference) in sample.reference.iter().enumerate().filter(|(_, reference)| !reference.crowd) {
            rule.at(reference.film, reference.class).reference.get_or_insert(place as u32);
        }
        for (place, found) in sample.found.iter().enumerate().filter(|(_, found)| found.eligible) {
            let candidates = rule.at(found.film, found.class);
            let slot = if found.doubtful { &mut candidates.fallback } else { &mut candidates.best };
            // Of equal scores the earlier one.
            if slot.is_none_or(|best| found.score > sample.found[best as usize].score) {
                *slot = Some(place as u32);
            }
        }
        for (place, inferred) in inferred.iter().enumerate() {
            rule.at(inferred.film, inferred.class).inferred = Some(place as u32);
        }
        rule.inferred = inferred;
        rule
    }

    fn at(&mut self, film: u32, class: u16) -> &mut Candidates {
        let slot = &mut self.places[film as usize * self.classes + usize::from(class)];
        if *slot == u32::MAX {
            *slot = self.candidates.len() as u32;
            self.candidates.push(Candidates { film, class, ..Candidates::default() });
        }
        &mut self.candidates[*slot as usize]
    }

    /// The boxes that the shape model placed.
    #[must_use]
    pub fn inferred(&self) -> &[FoundBox] {
        &self.inferred
    }

    /// All candidates, each class of a film once.
    #[must_use]
    pub fn all(&self) -> &[Candidates] {
        &self.candidates
    }

    /// The candidates for a class of a film, where it has a true or a found box.
    #[must_use]
    pub(crate) fn candidates(&self, film: u32, class: u16) -> Option<&Candidates> {
        let place = *self.places.get(film as usize * self.classes + usize::from(class))?;
        self.candidates.get(place as usize)
    }

    /// Where a kept box lies.
    #[must_use]
    pub fn rect(&self, sample: &Sample, kept: AcceptedBox) -> Rect {
        match kept {
            AcceptedBox::Found(place) => sample.found[place as usize].rect,
            AcceptedBox::Inferred(place) => self.inferred[place as usize].rect,
        }
    }

    /// What counts at a threshold, by class.
    #[must_use]
    pub fn tally(&self, sample: &Sample, threshold: f64) -> Vec<Tally> {
        self.tally_by(sample, threshold, self.classes, |candidates| candidates.class.into())
    }

    /// What counts at a threshold, by film.
    #[must_use]
    pub(crate) fn tally_films(&self, sample: &Sample, threshold: f64) -> Vec<Tally> {
        self.tally_by(sample, threshold, sample.films, |candidates| candidates.film as usize)
    }

    fn tally_by(&self, sample: &Sample, threshold: f64, groups: usize, group: impl Fn(&Candidates) -> usize) -> Vec<Tally> {
        let mut tallies = vec![Tally::default(); groups];
        for candidates in &self.candidates {
            let reference = candidates.reference.map(|reference| sample.reference[reference as usize].rect);
            let kept = candidates.kept(sample, threshold).map(|kept| (self.rect(sample, kept), matches!(kept, AcceptedBox::Inferred(_))));
            tallies[group(candidates)].add(reference, kept);
        }
        tallies
    }
}

impl Candidates {
    /// The box that counts at a threshold.
    #[must_use]
    pub fn kept(&self, sample: &Sample, threshold: f64) -> Option<AcceptedBox> {
        let reaches = |place: &u32| sample.found[*place as usize].score >= threshold;
        let found = self.best.filter(reaches).or_else(|| self.fallback.filter(reaches)).map(AcceptedBox::Found);
        found.or_else(|| self.inferred.map(AcceptedBox::Inferred))
    }
}
