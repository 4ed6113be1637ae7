//! `svh export`: a cohort as others read it.

use serde_json::json;
use svh_analysis::AnalysisError;
use svh_core::Reviews;
use svh_core::export::{self, Beside, ExportError, Exported, RunPredictions, Source};
use svh_core::ra2::Fill;
use svh_core::tags::{self, FilmFilter};

use super::{
    exchange_args::{Export, Into},
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
    stop,
};
use crate::Options;

/// Writes the corrected reference, or what a run found.
pub fn run(command: &Export, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let cohort = inputs::cohort(&command.cohort, &progress)?;
    let reviews = if command.without_reviews { Reviews::default() } else { Reviews::read(&command.cohort) };
    reviews.problems().for_each(|problem| progress.problem(problem));
    progress.what("writing");
    let tags = inputs::tags(cohort.root(), &progress);
    let filter = FilmFilter::new(tags.clone(), &command.chosen.tag, &command.chosen.without_tag).map_err(Failure::user)?;
    let keep = |patient: &str, limb| filter.keeps(patient, limb);
    let run = command.run.as_deref().map(|run| inputs::run(&command.cohort, Some(run), &progress)).transpose()?;
    let predictions = run.as_ref().map(|run| RunPredictions::read(run.folder())).transpose().map_err(Failure::user)?;
    let (cohort, reviews, predictions) = if filter.is_empty() {
        (cohort, reviews, predictions)
    } else {
        let some = cohort.only_films(keep);
        if some.patients().is_empty() {
            return Err(Failure::user(format!("{} has no film {}", command.cohort.display(), command.chosen.words())));
        }
        (some, reviews.only_films(keep), predictions.map(|predictions| predictions.only_films(keep)))
    };
    // What is exported takes its tags along.
    let own = tags.tagged().filter(|(subject, _)| match (&subject.run, &subject.patient, subject.limb) {
        (Some(name), ..) => run.as_ref().is_some_and(|run| run.name() == *name),
        (None, Some(patient), Some(limb)) => keep(patient, limb),
        (None, Some(patient), None) => cohort.patient(patient).is_some(),
        _ => false,
    });
    let own: Vec<_> = own.collect();
    let table = (!own.is_empty()).then(|| tags::csv(own));
    let beside = table.as_deref().map(|table| Beside { name: "tags.csv", bytes: table });
    let source = predictions.as_ref().map_or(Source::Reference(&reviews), Source::Run);
    inputs::tell_of_unfinished(&command.out, &progress);
    let (to, stop) = (&command.out, stop::on_signals().map_err(Failure::program)?);
    let done = match command.format {
        Into::Voc => export::voc(&cohort, source, to, command.films, beside, &stop).map_err(of_export),
        Into::Coco => export::coco(&cohort, source, &reviews, to, command.films, beside, &stop).map_err(of_export),
        Into::Challenge => {
            let fill = Fill { missing: command.missing, open: command.missing_open };
            export::challenge(&cohort, source, to, fill).map_err(of_export)
        }
        Into::Parquet => match &run {
            Some(run) => svh_analysis::run_parquet(run, &keep, to, beside, &stop),
            None => svh_analysis::parquet(&cohort, &reviews, to, beside, &stop),
        }
        .map_err(of_analysis),
    }?;
    drop(progress);
    report(command, &done, if command.run.is_some() { 0 } else { reviews.len() })
}

fn of_export(error: ExportError) -> Failure {
    Failure::user(error)
}

fn of_analysis(error: AnalysisError) -> Failure {
    match error {
        AnalysisError::Polars(_) => Failure::program(error),
        error => Failure::user(error),
    }
}

fn report(command: &Export, done: &Exported, reviews: usize) -> Outcome {
    let Exported { films, boxes, proposed, patients, grades, left_out } = done;
    if command.json {
        return out::json(&json!({
            "out": command.out, "films": films, "boxes": boxes, "proposed": proposed, "patients": patients, "grades": grades, "reviews": reviews, "left_out": left_out,
        }));
    }
    let with = match reviews {
        0 => String::new(),
        1 => ", with 1 line of reviews".to_owned(),
        n => format!(", with {n} lines of reviews"),
    };
    let boxes = match proposed {
        0 => format!("{boxes} boxes"),
        proposed => format!("{boxes} boxes ({proposed} of them unreviewed proposals, which stay proposals)"),
    };
    out::line(format_args!("{}: {films} films with {boxes}, {patients} patients with {grades} grades{with}", command.out.display()))?;
    left_out.iter().try_for_each(|sentence| out::line(format_args!("left out: {sentence}")))
}
