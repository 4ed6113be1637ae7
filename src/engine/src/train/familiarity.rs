//! Fits what a scorer knows ([`Familiarity`]) and writes it beside its weights; at the end of a training, or by `svh model familiarity`. The weights stay as
//! they are.
//!
//! Patients are divided: the spread of features and the doubt are fitted on some, the values that stand for fixed points of unfamiliarity are read off the
//! others. Those are seen as they are and once more varied far beyond a training; a cohort of patients rendered or taken otherwise can be added to
//! them. So no joint is left open only because a film is noisy, blurred or badly exposed.

mod fit;
mod samples;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use svh_core::model_command::FitFamiliarity;
use svh_core::visits::Visits;
use svh_core::{Cohort, OPEN_ABOVE, Split};
use tch::Device;

use super::calibrate::keep_weights;
use super::limb_evidence;
use crate::detector::{Arch, Detector};
use crate::models;
use crate::scorer::{Familiarity, Scorer};
use crate::{Error, Result};
use samples::{Part, Sample, Samples};

/// Patients at most that anything is fitted on, and that values are read off: more change nothing that matters and take minutes.
const MOST: (usize, usize) = (80, 40);
/// The share of patients that values are read off, where nobody says which.
const HELD_OUT: f64 = 0.33;
/// Joints that a fit and its quantiles need at least.
const LEAST: (usize, usize) = (200, 100);

/// Fits and writes; the sentence says how many joints, by grade, would be left open, or how much evidence a film needs.
pub fn run(args: &FitFamiliarity, device: Device, told: &mut dyn FnMut(usize, usize)) -> Result<String> {
    let card = models::read_card(&args.model)?;
    keep_weights(&args.model, &args.out)?;
    if card.arch.parse::<Arch>().is_ok() {
        let detector = Detector::load(&args.model, device)?;
        let found = limb_evidence::fit(&detector, &args.cohort, told)?.ok_or_else(|| {
            Error::Data(format!(
                "{} has too few films with boxes to tell a limb from something else; it takes 20 of a kind",
                args.cohort.display()
            ))
        })?;
        limb_evidence::write(&args.out, card, found)?;
        return Ok(found.in_words());
    }
    models::write_card(&args.out, &card)?;
    let scorer = Scorer::load(&args.out, device)?;
    let cohorts = Cohorts { learned: &args.cohort, measured: None, outside: args.outside.as_deref(), held_out: &[] };
    match fit(&scorer, &cohorts, &args.out, told)? {
        Some(report) => Ok(report.in_words()),
        None => Err(Error::Data(format!(
            "{} has too few joints with a box and a grade that this scorer grades; it takes {} and more, of several patients",
            args.cohort.display(),
            LEAST.0 + LEAST.1
        ))),
    }
}

/// Where joints come from.
#[derive(Clone, Copy, Debug)]
pub struct Cohorts<'a> {
    /// What the scorer learned from.
    pub learned: &'a Path,
    /// A cohort whose patients it did not see, where there is one.
    pub measured: Option<&'a Path>,
    /// Patients of another kind, see [`FitFamiliarity::outside`].
    pub outside: Option<&'a Path>,
    /// The patients of `learned` that it did not see.
    pub held_out: &'a [String],
}

/// What a fit found on joints that nothing was fitted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// By reference grade, joints and those of them that would be left open.
    pub grades: BTreeMap<u8, (usize, usize)>,
    /// The same of the widely varied joints.
    pub wide: (usize, usize),
    /// Places that are not joint, and those of them that would be left open.
    pub no_joint: (usize, usize),
}

impl Report {
    fn share((all, open): (usize, usize)) -> f64 {
        (open as f64 / all.max(1) as f64 * 1e4).round() / 1e4
    }

    fn all(&self) -> (usize, usize) {
        self.grades.values().fold((0, 0), |(n, open), (a, b)| (n + a, open + b))
    }

    /// For the card.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let grades: BTreeMap<String, Value> =
            self.grades.iter().map(|(grade, counts)| (grade.to_string(), json!([counts.0, counts.1]))).collect();
        json!({
            "joints": self.all().0,
            "open": Self::share(self.all()),
            "joints_and_open_by_grade": grades,
            "open_widely_varied": Self::share(self.wide),
            "open_of_places_without_a_joint": Self::share(self.no_joint),
        })
    }

    /// In a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let percent = |counts| format!("{:.1} %", 100.0 * Self::share(counts));
        let grades: Vec<String> = self.grades.iter().map(|(grade, counts)| format!("{grade}: {}", percent(*counts))).collect();
        format!(
            "{} joints held out, {} of them left open (by grade {}); {} when varied widely; of places without a joint {}",
            self.all().0,
            percent(self.all()),
            grades.join(", "),
            percent(self.wide),
            percent(self.no_joint)
        )
    }
}

/// Fits, writes the file into the model folder and the metrics into its card. `None` where there are too few joints for it.
pub fn fit(scorer: &Scorer, cohorts: &Cohorts, folder: &Path, told: &mut dyn FnMut(usize, usize)) -> Result<Option<Report>> {
    let learned = Cohort::open(cohorts.learned)?;
    let ids: Vec<&str> = learned.patients().iter().filter(|patient| learned.grades_of(patient).is_some()).map(|p| p.id.as_str()).collect();
    let visits = Visits::read(learned.root()).map_err(|error| Error::Data(error.to_string()))?;
    let (seen, unseen) = divided(&ids, &visits, cohorts);
    let measured = cohorts.measured.map(Cohort::open).transpose()?;
    let outside = cohorts.outside.map(Cohort::open).transpose()?;
    let mut plan: Vec<(&Cohort, String, Part)> = seen.into_iter().map(|id| (&learned, id, Part::Fit)).collect();
    plan.extend(unseen.into_iter().map(|id| (&learned, id, Part::Measure)));
    for (cohort, part) in [(&measured, Part::Measure), (&outside, Part::Outside)] {
        let Some(cohort) = cohort else { continue };
        plan.extend(cohort.patients().iter().take(MOST.1).map(|patient| (cohort, patient.id.clone(), part)));
    }
    let mut samples = Samples::default();
    for (done, (cohort, patient, part)) in plan.iter().enumerate() {
        samples.add(scorer, cohort, patient, *part)?;
        told(done + 1, plan.len());
    }
    if samples.fit.len() < LEAST.0 || samples.plain.len() < LEAST.1 {
        return Ok(None);
    }
    let fitted_on = |cohort: &Cohort| cohort.name();
    let names: Vec<String> = [Some(&learned), measured.as_ref(), outside.as_ref()].into_iter().flatten().map(fitted_on).collect();
    let mut familiarity = fit::familiarity(&samples, &scorer.card().sha256, names.join(", "))?;
    familiarity.healthy = scorer.healthy_statistics(&samples.healthy)?;
    familiarity.about.healthy =
        familiarity.healthy.as_ref().map(|healthy| (healthy.groups.clone(), healthy.means.len())).unwrap_or_default();
    let report = report(&familiarity, &samples);
    familiarity.write(folder)?;
    let mut card = models::read_card(folder)?;
    card.metrics.insert("familiarity".to_owned(), report.to_json());
    models::write_card(folder, &card)?;
    Ok(Some(report))
}

/// Patients to fit on and to read values off. Where the scorer has seen all of them, some are kept for the values all the same, with all visits of a person on one
/// side.
fn divided(ids: &[&str], visits: &Visits, cohorts: &Cohorts) -> (Vec<String>, Vec<String>) {
    let unseen = |id: &&&str| cohorts.held_out.iter().any(|held| held == **id);
    let (mut kept, mut seen): (Vec<&str>, Vec<&str>) = ids.iter().partition(|id| unseen(id));
    if kept.is_empty() && cohorts.measured.is_none() {
        let split = Split::draw_people(&seen, visits, HELD_OUT, 1);
        kept = ids.iter().copied().filter(|id| split.held_out.iter().any(|held| held == id)).collect();
        seen.retain(|id| !kept.contains(id));
    }
    let owned = |ids: Vec<&str>, most: usize| ids.into_iter().take(most).map(str::to_owned).collect();
    (owned(seen, MOST.0), owned(kept, MOST.1))
}

fn report(familiarity: &Familiarity, samples: &Samples) -> Report {
    let open = |sample: &&Sample| familiarity.of(sample.group, &sample.features).value > OPEN_ABOVE;
    let mut grades: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    for sample in &samples.plain {
        let counts = grades.entry(sample.grade).or_default();
        counts.0 += 1;
        counts.1 += usize::from(open(&sample));
    }
    let count = |of: &[Sample]| (of.len(), of.iter().filter(open).count());
    Report { grades, wide: count(&samples.wide), no_joint: count(&samples.no_joint_measured) }
}
