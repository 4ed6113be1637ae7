//! TIDE: how much average precision each kind of error costs (Bolya et al., ECCV 2020), as tidecv works it out.
//!
//! hotcoco has the same metrics but for boxes of equal score, of which real detectors have many at 1.0: tidecv ranks the errors among them before the
//! right boxes once it has mended some, and that alone moves a metric by more than a tenth of a point. Here its order is kept.

use serde::Serialize;

use super::boxes::Sample;
use super::kind::ErrorKind;
use super::matching::{ANY_SCORE, MatchOutcome, Matching};

/// A number for each of TIDE's six kinds of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TideCount<T> {
    /// Right place, wrong class.
    pub class: T,
    /// Right class, bad place.
    #[serde(rename = "Box")]
    pub place: T,
    /// Wrong class in a bad place.
    pub other: T,
    /// A second box on a joint.
    pub duplicate: T,
    /// No joint.
    pub background: T,
    /// No box.
    pub missed: T,
}

/// TIDE at IoU 0.5 and background 0.1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tide {
    /// AP at IoU 0.5 in AP points, 0 to 100, averaged over the classes that have a true or a found box.
    #[serde(rename = "AP")]
    pub ap: f64,
    /// How many errors of each kind.
    pub count: TideCount<u64>,
    /// AP points that mending all errors of a kind would bring; never below 0.
    pub dap: TideCount<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Class,
    Place,
    Other,
    Duplicate,
    Background,
    Missed,
}

/// A class's boxes, score and whether they are right, and how many reference boxes it has.
#[derive(Clone, Default)]
struct Ranked {
    boxes: Vec<(f64, bool)>,
    reference: usize,
}

impl Tide {
    /// Of all boxes, whatever their score.
    #[must_use]
    pub fn of(matching: &Matching) -> Self {
        let work = Work { matching, sample: matching.sample(), order: order(matching.sample()) };
        let ap = work.mean_precision(None);
        let gain = |kind| (work.mean_precision(Some(kind)) - ap).max(0.0);
        let mut count = TideCount::<u64>::default();
        for outcome in matching.outcomes() {
            match kind(outcome) {
                Some(Kind::Class) => count.class += 1,
                Some(Kind::Place) => count.place += 1,
                Some(Kind::Other) => count.other += 1,
                Some(Kind::Duplicate) => count.duplicate += 1,
                Some(Kind::Background) => count.background += 1,
                Some(Kind::Missed) | None => {}
            }
        }
        count.missed = matching.missed(ANY_SCORE).count() as u64;
        let dap = TideCount {
            class: gain(Kind::Class),
            place: gain(Kind::Place),
            other: gain(Kind::Other),
            duplicate: gain(Kind::Duplicate),
            background: gain(Kind::Background),
            missed: gain(Kind::Missed),
        };
        Self { ap, count, dap }
    }
}

/// TIDE's kind of a wrong box.
fn kind(outcome: &MatchOutcome) -> Option<Kind> {
    let MatchOutcome::Wrong { kind, reference } = outcome else { return None };
    Some(match (kind, reference) {
        (ErrorKind::Localisation, _) => Kind::Place,
        (ErrorKind::Duplicate, _) => Kind::Duplicate,
        (ErrorKind::Background, _) => Kind::Background,
        // Another's joint where it is known whose, else on nothing well enough.
        (_, Some(_)) => Kind::Class,
        (_, None) => Kind::Other,
    })
}

/// Found boxes film by film, in each from the best score down.
fn order(sample: &Sample) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sample.found.len()).collect();
    let key = |place: &usize| (sample.found[*place].film, sample.found[*place].score);
    order.sort_by(|a, b| key(a).0.cmp(&key(b).0).then(key(b).1.total_cmp(&key(a).1)));
    order
}

struct Work<'a> {
    matching: &'a Matching,
    sample: &'a Sample,
    order: Vec<usize>,
}

impl Work<'_> {
    /// Mean AP in points with all errors of a kind mended, or with none.
    fn mean_precision(&self, mended: Option<Kind>) -> f64 {
        let mut classes = vec![Ranked::default(); self.sample.classes.len()];
        for reference in self.sample.reference.iter().filter(|reference| !reference.crowd) {
            classes[usize::from(reference.class)].reference += 1;
        }
        if mended == Some(Kind::Missed) {
            for missed in self.matching.missed(ANY_SCORE).filter_map(|error| error.reference) {
                classes[usize::from(self.sample.reference[missed as usize].class)].reference -= 1;
            }
        }
        let own = |place: usize| (usize::from(self.sample.found[place].class), self.sample.found[place].score);
        let right = |place: &&usize| matches!(self.matching.outcomes()[**place], MatchOutcome::Right(_));
        if mended.is_none() {
            for place in self.order.iter().filter(|place| self.matching.outcomes()[**place] != MatchOutcome::Ignored) {
                let (class, score) = own(*place);
                classes[class].boxes.push((score, right(&place)));
            }
        } else {
            for place in &self.order {
                let Some(kind) = kind(&self.matching.outcomes()[*place]) else { continue };
                let (class, score) = own(*place);
                match (mended == Some(kind)).then(|| self.mend(*place)) {
                    None => classes[class].boxes.push((score, false)),
                    Some(Some(class)) => classes[class].boxes.push((score, true)),
                    Some(None) => {}
                }
            }
            for place in self.order.iter().filter(right) {
                let (class, score) = own(*place);
                classes[class].boxes.push((score, true));
            }
        }
        let counted: Vec<f64> = classes.into_iter().filter(|c| c.reference > 0 || !c.boxes.is_empty()).map(Ranked::precision).collect();
        // An empty sum is -0.
        if counted.is_empty() { 0.0 } else { 100.0 * counted.iter().sum::<f64>() / counted.len() as f64 }
    }

    /// The class in which a mended box is right; `None` where mending only takes it away, as its joint is found by another.
    fn mend(&self, place: usize) -> Option<usize> {
        let MatchOutcome::Wrong { kind, reference: Some(reference) } = self.matching.outcomes()[place] else { return None };
        let free = self.matching.found_at(reference) < ANY_SCORE && self.matching.claimed_by(reference) == u32::try_from(place).ok();
        (free && kind != ErrorKind::Duplicate).then(|| usize::from(self.sample.reference[reference as usize].class))
    }
}

impl Ranked {
    /// Average precision over 101 recalls, 0 to 1; of equal scores the earlier box ranks first.
    fn precision(mut self) -> f64 {
        if self.reference == 0 {
            return 0.0;
        }
        self.boxes.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut hits = 0.0;
        let mut curve: Vec<(f64, f64)> = Vec::with_capacity(self.boxes.len());
        for (rank, (_, right)) in self.boxes.iter().enumerate() {
            hits += f64::from(u8::from(*right));
            curve.push((hits / self.reference as f64, hits / (rank + 1) as f64));
        }
        for place in (1..curve.len()).rev() {
            curve[place - 1].1 = curve[place - 1].1.max(curve[place].1);
        }
        let at = |recall: f64| curve.get(curve.partition_point(|(reached, _)| *reached < recall)).map_or(0.0, |(_, precision)| *precision);
        (0..=100).map(|step| at(f64::from(step) / 100.0)).sum::<f64>() / 101.0
    }
}
