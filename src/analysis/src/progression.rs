//! Change between two visits of a person: by reader and by model, over the joints that are graded at both visits by both.
//!
//! Sharp/van der Heijde scores of trials are analysed as change from baseline. Formulas: smallest detectable change of Bruynesteyn et al. (Ann Rheum Dis 2005; 64:179)
//! through [`smallest_detectable_change`]; limits of agreement of Bland and Altman; ICC(A,1) of the changes; standardised response mean = mean / standard deviation
//! (n - 1); Cohen's kappa on who progressed; cumulative probability plots (Landewé and van der Heijde, Arthritis Rheum 2004; 50:699).

use std::collections::BTreeMap;

use serde::Serialize;
use svh_core::visits::Visits;
use svh_core::{GradeRow, Joint, Task};

use crate::Evaluation;
use crate::stats::{BlandAltman, Icc, IccKind, icc, smallest_detectable_change};

/// A part of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Score {
    /// Both tasks.
    Total,
    /// Joint space narrowing.
    Narrowing,
    /// Erosion.
    Erosion,
}

impl Score {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Total, Self::Narrowing, Self::Erosion];

    /// The name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Narrowing => "narrowing",
            Self::Erosion => "erosion",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Total => "the total",
            Self::Narrowing => "narrowing",
            Self::Erosion => "erosion",
        }
    }

    fn holds(self, joint: &Joint) -> bool {
        match self {
            Self::Total => true,
            Self::Narrowing => joint.task == Task::Narrowing,
            Self::Erosion => joint.task == Task::Erosion,
        }
    }
}

/// The change of one person from one visit to the next, in units of the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The person.
    pub patient: String,
    /// The film set of the first visit.
    pub baseline: String,
    /// The film set of the next visit.
    pub follow_up: String,
    /// Between them, where the visits have a time.
    pub months: Option<f64>,
    /// Joints that count: graded at both visits.
    pub joints: usize,
    /// The reader's change; `None` where the reader graded no joint at both visits.
    pub reader: Option<f64>,
    /// The model's.
    pub model: Option<f64>,
    /// The reader's by year.
    pub reader_per_year: Option<f64>,
    /// The model's by year.
    pub model_per_year: Option<f64>,
}

/// How much a method changes and how it responds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// Pairs of visits.
    pub n: usize,
    /// Mean change.
    pub mean: f64,
    /// Standard deviation of the change (n - 1).
    pub sd: f64,
    /// Standardised response mean; `None` where no change differs from another.
    pub srm: Option<f64>,
    /// Pairs with a change above the threshold.
    pub progressed: usize,
}

/// Reader and model compared by their changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progression {
    /// Which part of the score.
    pub score: Score,
    /// Every pair of visits.
    pub changes: Vec<Change>,
    /// A change above this counts as progression: what was given, otherwise the smallest detectable change.
    pub threshold: Option<f64>,
    /// The smallest detectable change between reader and model.
    pub sdc: Option<f64>,
    /// Differences of the changes, model minus reader.
    pub limits: Option<BlandAltman>,
    /// ICC(A,1) of the changes.
    pub icc: Option<Icc>,
    /// Cohen's kappa on who progressed.
    pub kappa: Option<f64>,
    /// The reader's changes.
    pub reader: Option<Response>,
    /// The model's changes.
    pub model: Option<Response>,
}

/// A point of a cumulative probability plot.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cumulative {
    /// Share of the pairs at or below the change, 0 to 1: (rank - 0.5) / n.
    pub probability: f64,
    /// The change.
    pub change: f64,
}

/// The points of a cumulative probability plot, changes ascending.
#[must_use]
pub fn cumulative(changes: &[f64]) -> Vec<Cumulative> {
    let mut sorted = changes.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    sorted.into_iter().enumerate().map(|(rank, change)| Cumulative { probability: (rank as f64 + 0.5) / n, change }).collect()
}

/// The grade of a joint of a film set, where there is one; the mean of two readers need not be whole.
pub type Grade<'a> = dyn Fn(&str, &'static Joint) -> Option<f64> + 'a;

/// Compares the changes of reader and model. A side without grades has no change. Where both sides have grades of a pair, joints count that both graded at both visits.
#[must_use]
pub fn progression(visits: &Visits, score: Score, reader: &Grade, model: &Grade, threshold: Option<f64>) -> Progression {
    let changes: Vec<Change> = visits.pairs().into_iter().map(|pair| change(visits, score, pair, reader, model)).collect();
    let both: Vec<(f64, f64)> = changes.iter().filter_map(|change| Some((change.reader?, change.model?))).collect();
    let differences: Vec<f64> = both.iter().map(|(reader, model)| model - reader).collect();
    let limits = BlandAltman::of(&differences);
    let sdc = limits.as_ref().map(|limits| smallest_detectable_change(limits.sd, 1, 1.96));
    let threshold = threshold.or(sdc);
    let rows: Vec<Vec<f64>> = both.iter().map(|(reader, model)| vec![*reader, *model]).collect();
    let of_changes =
        icc(&rows).and_then(|forms| forms.into_iter().find(|form| form.kind == IccKind::Agreement)).filter(|icc| icc.value.is_finite());
    let kappa = threshold.and_then(|least| kappa(both.iter().map(|(reader, model)| (*reader > least, *model > least))));
    let response = |of: fn(&Change) -> Option<f64>| Response::of(&changes.iter().filter_map(of).collect::<Vec<_>>(), threshold);
    Progression {
        score,
        threshold,
        sdc,
        limits,
        icc: of_changes,
        kappa,
        reader: response(|c| c.reader),
        model: response(|c| c.model),
        changes,
    }
}

fn change(visits: &Visits, score: Score, (before, after): (&str, &str), reader: &Grade, model: &Grade) -> Change {
    let graded = |of: &Grade, joint: &'static Joint| of(before, joint).zip(of(after, joint));
    // A side that has none of the pair's joints does not take the other side's away.
    let any = |of: &Grade| svh_core::joint::all().any(|joint| graded(of, joint).is_some());
    let (has_reader, has_model) = (any(reader), any(model));
    let joints: Vec<&'static Joint> = svh_core::joint::all()
        .filter(|_| has_reader || has_model)
        .filter(|joint| score.holds(joint))
        .filter(|joint| (!has_reader || graded(reader, joint).is_some()) && (!has_model || graded(model, joint).is_some()))
        .collect();
    let sum = |of: &Grade, has: bool| {
        let changes = joints.iter().filter_map(|joint| graded(of, joint)).map(|(before, after)| after - before);
        (has && !joints.is_empty()).then(|| changes.sum::<f64>())
    };
    let time = |set: &str| visits.get(set).and_then(|visit| visit.months);
    let months = time(before).zip(time(after)).map(|(a, b)| b - a);
    let years = months.map(|months| months / 12.0).filter(|years| *years > 0.0);
    let (reader, model) = (sum(reader, has_reader), sum(model, has_model));
    Change {
        patient: visits.patient(before).to_owned(),
        baseline: before.to_owned(),
        follow_up: after.to_owned(),
        months,
        joints: joints.len(),
        reader,
        model,
        reader_per_year: reader.zip(years).map(|(change, years)| change / years),
        model_per_year: model.zip(years).map(|(change, years)| change / years),
    }
}

impl Response {
    /// Of changes, at least two.
    fn of(changes: &[f64], threshold: Option<f64>) -> Option<Self> {
        let n = changes.len() as f64;
        if n < 2.0 {
            return None;
        }
        let mean = changes.iter().sum::<f64>() / n;
        let sd = (changes.iter().map(|change| (change - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let progressed = threshold.map_or(0, |least| changes.iter().filter(|change| **change > least).count());
        Some(Self { n: changes.len(), mean, sd, srm: (sd > 0.0).then(|| mean / sd), progressed })
    }
}

/// Cohen's kappa of yes and no; `None` where both always say the same.
fn kappa(pairs: impl Iterator<Item = (bool, bool)>) -> Option<f64> {
    let (mut n, mut agree, mut one, mut two) = (0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        n += 1.0;
        agree += f64::from(u8::from(a == b));
        one += f64::from(u8::from(a));
        two += f64::from(u8::from(b));
    }
    let chance = (one * two + (n - one) * (n - two)) / (n * n);
    (n > 0.0 && chance < 1.0).then(|| (agree / n - chance) / (1.0 - chance))
}

/// The grades of a joint at two visits, before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointChange {
    /// The joint.
    pub joint: &'static Joint,
    /// The reader's.
    pub reader: [Option<u8>; 2],
    /// The model's.
    pub model: [Option<u8>; 2],
}

impl JointChange {
    /// The reader's change; `None` where a grade is missing.
    #[must_use]
    pub fn reader_change(&self) -> Option<i32> {
        Some(i32::from(self.reader[1]?) - i32::from(self.reader[0]?))
    }

    /// The model's change.
    #[must_use]
    pub fn model_change(&self) -> Option<i32> {
        Some(i32::from(self.model[1]?) - i32::from(self.model[0]?))
    }

    /// The larger of both, without its sign; 0 where none is known.
    #[must_use]
    pub fn largest(&self) -> i32 {
        self.reader_change().into_iter().chain(self.model_change()).map(i32::abs).max().unwrap_or(0)
    }
}

impl Evaluation {
    /// Change between the visits of the cohort's visits.csv, where both film sets are in the run. Without a run only the reader's changes are known.
    #[must_use]
    pub fn progression(&self, score: Score, threshold: Option<f64>) -> Progression {
        let sets = self.visits().pairs().into_iter().flat_map(|(before, after)| [before, after]);
        let rows: BTreeMap<&str, [GradeRow; 2]> = sets.filter_map(|set| Some((set, self.grade_rows(self.patient(set)?)))).collect();
        let side = |side: usize| {
            let rows = &rows;
            move |set: &str, joint: &'static Joint| rows.get(set)?[side].get(joint).map(f64::from)
        };
        progression(self.visits(), score, &side(0), &side(1), threshold)
    }

    /// The joints that somebody graded at one of two visits, the largest change first.
    #[must_use]
    pub fn joint_changes(&self, baseline: &str, follow_up: &str, score: Score) -> Vec<JointChange> {
        let rows = [baseline, follow_up].map(|set| self.patient(set).map(|patient| self.grade_rows(patient)));
        let grades = |joint: &Joint, side: usize| rows.map(|rows| rows.and_then(|rows| rows[side].get(joint)));
        let of = |joint: &'static Joint| JointChange { joint, reader: grades(joint, 0), model: grades(joint, 1) };
        let mut changes: Vec<JointChange> = svh_core::joint::all().filter(|joint| score.holds(joint)).map(of).collect();
        changes.retain(|change| change.reader.iter().chain(&change.model).any(Option::is_some));
        changes.sort_by_key(|change| std::cmp::Reverse(change.largest()));
        changes
    }

    /// Grades of reader and model.
    fn grade_rows(&self, patient: usize) -> [GradeRow; 2] {
        let mut rows = [GradeRow::default(), GradeRow::default()];
        for joint in svh_core::joint::all() {
            let (reader, model) = self.grades_of(patient, joint);
            // Grades out of range were refused when they were read.
            drop(rows[0].set(joint, reader));
            drop(rows[1].set(joint, model));
        }
        rows
    }
}
