//! `svh progression`: change between visits, by reader and by model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use svh_analysis::progression::{Change, Progression, Score, cumulative, progression};
use svh_core::run::RunReader;
use svh_core::visits::Visits;
use svh_core::{Cohort, GradeRow, Joint, Reviews, atomic, joint};

use super::{
    args::ProgressionArgs,
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
};
use crate::Options;

/// Computes and prints it.
pub fn run(command: &ProgressionArgs, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let cohort = inputs::cohort(&command.cohort, &progress)?;
    let visits = Visits::read(cohort.root()).map_err(Failure::user)?;
    if visits.pairs().is_empty() {
        return Err(Failure::user(format!(
            "{} has no patient with two visits: its visits.csv needs the columns Patient_ID (a film set), patient (the person), visit, and date or months",
            cohort.root().display()
        )));
    }
    let model = command.run.as_ref().map(|run| graded_by(&place(&cohort, run))).transpose()?.unwrap_or_default();
    let table = (!command.without_reviews).then(|| Reviews::read(cohort.root()).table(&cohort)).flatten();
    let row = |set: &str| match &table {
        Some(table) => table.get(set),
        None => cohort.grades().and_then(|table| table.get(set)),
    };
    if let Some(apart) = command.adjudicate.filter(|apart| !(apart.is_finite() && *apart >= 0.0)) {
        return Err(Failure::user(format!("--adjudicate {apart} is not a difference of scores; give 0 or more units")));
    }
    let two = match &command.readers[..] {
        [first, second] => Some(TwoReaders::of(&cohort, first, second)?),
        _ => None,
    };
    let reader = |set: &str, joint: &'static Joint| match &two {
        Some(two) => two.mean(set, joint),
        None => row(set)?.get(joint).map(f64::from),
    };
    if let (Some(two), Some(apart)) = (&two, command.adjudicate) {
        drop(progress);
        return two.adjudicate(&visits, apart);
    }
    let model = |set: &str, joint: &'static Joint| model.get(set)?.get(joint).map(f64::from);
    let of = |score| progression(&visits, score, &reader, &model, command.threshold);
    let found: Vec<Progression> = Score::ALL.into_iter().map(of).collect();
    drop(progress);
    match (&command.csv, command.json) {
        (Some(path), _) => csv(path, &found),
        (None, true) => {
            let curves: Vec<_> = found.iter().map(curves).collect();
            out::json(&json!({ "progression": found, "cumulative": curves }))
        }
        (None, false) => found.iter().try_for_each(in_words),
    }
}

/// Two readers' locked answers: their mean is the analysed grade, and pairs of visits on whose change they differ go to an adjudicator.
struct TwoReaders {
    reviews: Reviews,
    names: [String; 2],
}

impl TwoReaders {
    fn of(cohort: &Cohort, first: &str, second: &str) -> Outcome<Self> {
        if first == second {
            return Err(Failure::user(format!("--readers names {first} twice; name two readers")));
        }
        let reviews = Reviews::read(cohort.root());
        let found = Self { reviews, names: [first.to_owned(), second.to_owned()] };
        if found.reviews.pairs(first, second).next().is_none() {
            return Err(Failure::user(format!(
                "{first} and {second} have not locked an answer for the same joint of {}; the blind mode of the reviews does that",
                cohort.root().display()
            )));
        }
        Ok(found)
    }

    fn grade(&self, reader: usize, set: &str, joint: &Joint) -> Option<f64> {
        self.reviews.joint(set, joint)?.lock_of(&self.names[reader])?.grade.map(f64::from)
    }

    fn mean(&self, set: &str, joint: &Joint) -> Option<f64> {
        Some(f64::midpoint(self.grade(0, set, joint)?, self.grade(1, set, joint)?))
    }

    /// The pairs of visits whose changes differ by more than so many units, the widest apart first.
    fn adjudicate(&self, visits: &Visits, apart: f64) -> Outcome {
        let side = |reader: usize| move |set: &str, joint: &'static Joint| self.grade(reader, set, joint);
        let found = progression(visits, Score::Total, &side(0), &side(1), None);
        let difference = |change: &Change| Some((change.model? - change.reader?).abs());
        let mut queue: Vec<&Change> = found.changes.iter().filter(|change| difference(change).is_some_and(|units| units > apart)).collect();
        queue.sort_by(|a, b| difference(b).unwrap_or(0.0).total_cmp(&difference(a).unwrap_or(0.0)));
        let quoted = svh_core::ra2::quoted;
        let [first, second] = self.names.each_ref().map(|name| quoted(name));
        out::line(format_args!("patient,baseline,follow_up,joints,{first},{second},difference"))?;
        queue.into_iter().try_for_each(|change| {
            let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            let [patient, before, after] = [&change.patient, &change.baseline, &change.follow_up].map(|name| quoted(name));
            let (one, other, apart) = (number(change.reader), number(change.model), number(difference(change)));
            out::line(format_args!("{patient},{before},{after},{},{one},{other},{apart}", change.joints))
        })
    }
}

/// The points of both cumulative probability plots.
fn curves(found: &Progression) -> serde_json::Value {
    let of = |side: fn(&Change) -> Option<f64>| cumulative(&found.changes.iter().filter_map(side).collect::<Vec<_>>());
    json!({ "score": found.score, "reader": of(|change| change.reader), "model": of(|change| change.model), "sdc": found.sdc })
}

fn place(cohort: &Cohort, run: &Path) -> PathBuf {
    let named = cohort.runs_folder().join(run);
    if named.is_dir() { named } else { run.to_owned() }
}

/// The grades of a run by film set.
fn graded_by(run: &Path) -> Outcome<BTreeMap<String, GradeRow>> {
    let reader = RunReader::open(run).map_err(Failure::user)?;
    let mut rows = BTreeMap::new();
    for patient in reader.patients().map_err(Failure::user)? {
        let mut row = GradeRow::default();
        for (column, score) in &patient.joints {
            if let Some(joint) = joint::by_column(column) {
                row.set(joint, Some(score.grade)).map_err(Failure::user)?;
            }
        }
        rows.insert(patient.patient, row);
    }
    Ok(rows)
}

fn in_words(found: &Progression) -> Outcome {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let joints: usize = found.changes.iter().map(|change| change.joints).sum();
    out::line(format_args!("{}: {} pairs of visits, {joints} joints graded at both", found.score.name(), found.changes.len()))?;
    for (name, response) in [("reader", &found.reader), ("model", &found.model)] {
        if let Some(of) = response {
            let per_year: Vec<f64> = found
                .changes
                .iter()
                .filter_map(|change| if name == "reader" { change.reader_per_year } else { change.model_per_year })
                .collect();
            let yearly = (!per_year.is_empty()).then(|| per_year.iter().sum::<f64>() / per_year.len() as f64);
            out::line(format_args!(
                "  {name:<6}  mean change {:.2} (SD {:.2}), {} per year, SRM {}, {} of {} progressed",
                of.mean,
                of.sd,
                number(yearly),
                number(of.srm),
                of.progressed,
                of.n
            ))?;
        }
    }
    if let Some(limits) = &found.limits {
        out::line(format_args!(
            "  model - reader  {:.2} (limits of agreement {:.2} to {:.2}), SDC {}",
            limits.bias,
            limits.limits.low,
            limits.limits.high,
            number(found.sdc)
        ))?;
        out::line(format_args!(
            "  ICC of change {}, kappa on progression {} (change above {})",
            number(found.icc.map(|icc| icc.value)),
            number(found.kappa),
            number(found.threshold)
        ))?;
    }
    Ok(())
}

/// One line a pair of visits and part of the score.
fn csv(path: &Path, found: &[Progression]) -> Outcome {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let quoted = svh_core::ra2::quoted;
    let mut text = "score,patient,baseline,follow_up,months,joints,reader_change,model_change,reader_per_year,model_per_year,reader_progressed,model_progressed\n".to_owned();
    for of in found {
        let progressed =
            |change: Option<f64>| change.zip(of.threshold).map_or_else(String::new, |(change, least)| u8::from(change > least).to_string());
        for change in &of.changes {
            let cells = [
                of.score.name().to_owned(),
                quoted(&change.patient),
                quoted(&change.baseline),
                quoted(&change.follow_up),
                number(change.months),
                change.joints.to_string(),
                number(change.reader),
                number(change.model),
                number(change.reader_per_year),
                number(change.model_per_year),
                progressed(change.reader),
                progressed(change.model),
            ];
            text += &(cells.join(",") + "\n");
        }
    }
    match path == Path::new("-") {
        true => out::line(text.trim_end()),
        false => atomic::write(path, text.as_bytes()).map_err(Failure::user),
    }
}
