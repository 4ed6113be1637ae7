//! `svh score`: grades and totals of patients.

use std::path::Path;

use svh_core::{
    Limb, PatientScore, atomic,
    protocol::{DEFAULT_THRESHOLD, Event, Fault, Request},
    ra2::predictions_csv,
    run::RunKind,
};

use super::{
    args::Score,
    drive::{Engine, Tally},
    failure::{Failure, Outcome},
    inputs::{self, PatientFilms},
    kept::{Kept, Work},
    out,
    progress::Progress,
};
use crate::Options;

/// Scores the patients one after another, in one warm engine.
pub fn run(command: &Score, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let mut patients = inputs::patients(&command.inputs, command.limb, &command.patient, &progress)?;
    let films: usize = patients.iter().map(|patient| patient.films.len()).sum();
    let mut tally = Tally::default();
    for patient in &mut patients {
        let (sendable, unsendable) = inputs::sendable(std::mem::take(&mut patient.films));
        patient.films = sendable;
        unsendable.iter().for_each(|sentence| tally.failed(&progress, sentence));
    }
    patients.retain(|patient| !patient.films.is_empty());
    let engine = Engine::new(options);
    let kept = match &command.out {
        Some(folder) => {
            let work = Work {
                kind: RunKind::Score,
                inputs: &command.inputs,
                limb: command.limb,
                no_shape: command.no_shape,
                threshold: DEFAULT_THRESHOLD,
            };
            Some(Kept::begin(folder, work, options, &engine.start(&progress)?, &progress)?)
        }
        None => None,
    };
    let mut scoring = Scoring { command, engine, progress, tally, kept, scores: Vec::new() };
    let ended = scoring.all(&patients);
    let Scoring { tally, kept, scores, progress, .. } = scoring;
    drop(progress);
    // What was scored before an early end is not thrown away.
    let written = match command.csv.as_ref().filter(|_| ended.is_ok() || !scores.is_empty()) {
        Some(path) => write_csv(path, &scores, command.missing),
        None => Ok(()),
    };
    let cancelled = kept.as_ref().is_some_and(Kept::cancelled);
    let outcome =
        ended.and(written).and_then(|()| if cancelled { Err(cancelled_by_request(command)) } else { tally.outcome(films, "films") });
    kept.map_or(Ok(()), |kept| kept.end(&outcome, cancelled)).and(outcome)
}

fn cancelled_by_request(command: &Score) -> Failure {
    let folder = command.out.as_deref().unwrap_or(Path::new(".")).display();
    Failure::user(format!("the run in {folder} was asked to end and did; the same command goes on with it"))
}

/// A scoring at work.
struct Scoring<'a> {
    command: &'a Score,
    engine: Engine,
    progress: Progress,
    tally: Tally,
    kept: Option<Kept>,
    scores: Vec<PatientScore>,
}

impl Scoring<'_> {
    fn all(&mut self, patients: &[PatientFilms]) -> Outcome {
        for (done, patient) in patients.iter().enumerate() {
            self.progress.set(done, patients.len(), &patient.patient);
            let earlier = self.kept.as_ref().and_then(|kept| kept.earlier(patient).cloned());
            let scored = earlier.map_or_else(|| self.one(patient), |score| Ok(Some(score)));
            match scored {
                Ok(Some(score)) => {
                    self.tally.went_well();
                    print(self.command, &score, &self.progress)?;
                    self.scores.push(score);
                }
                Ok(None) => {}
                Err(failure) => {
                    let more = done + 1 < patients.len();
                    self.tally.crashed(&self.progress, failure, &patient.patient, patient.films.len(), more)?;
                }
            }
            if let Some(kept) = &mut self.kept {
                kept.progress(done + 1, patients.len(), &patient.patient)?;
                if kept.cancelled() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The grades of one patient; `None` where there are none for a reason that lies in its films.
    fn one(&mut self, patient: &PatientFilms) -> Outcome<Option<PatientScore>> {
        let without_remarks = self.command.without_remarks;
        let Self { command, engine, progress, tally, kept, .. } = self;
        let (mut score, mut answered, mut failed) = (None, false, 0);
        let request =
            |id| Request::Score { id, patient: patient.patient.clone(), films: patient.films.clone(), no_shape: command.no_shape };
        let asked = engine.ask(request, progress, |event| {
            if let Some(kept) = kept {
                kept.keep(&event)?;
            }
            match event {
                Event::Patient { result, .. } if result.expected_joints > 0 => score = Some(result),
                Event::FilmFailed { message, .. } => {
                    (answered, failed) = (true, failed + 1);
                    tally.failed(progress, &message);
                }
                Event::Film { result, .. } => {
                    answered = true;
                    if !without_remarks {
                        result.notes.iter().for_each(|note| progress.note(&format!("{}: {note}", result.film)));
                    }
                }
                _ => {}
            }
            Ok(())
        });
        match asked {
            Ok(()) => Ok(score),
            // Once a film was looked at, the fault lies with this patient's films and not with what all patients share.
            Err(Failure::Said(message, Fault::User)) if answered => {
                let unnamed = patient.films.len() - failed;
                if unnamed > 0 {
                    tally.all_failed(progress, &message, unnamed);
                }
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

fn print(command: &Score, score: &PatientScore, progress: &Progress) -> Outcome {
    match (command.json, &command.csv) {
        (true, _) => progress.aside(|| out::json(score)),
        (false, Some(_)) => Ok(()),
        (false, None) => progress.aside(|| out::line(in_words(score))),
    }
}

fn write_csv(path: &Path, scores: &[PatientScore], missing: Option<u8>) -> Outcome {
    let table = predictions_csv(scores, missing);
    if path == Path::new("-") {
        return out::line(table.trim_end());
    }
    atomic::write(path, table.as_bytes()).map_err(Failure::user)
}

/// One line a patient: totals, by limb, and how many joints they rest on.
fn in_words(score: &PatientScore) -> String {
    let totals = &score.totals;
    let limb = |limb: &Limb| Some(format!("{limb} {}+{}", totals.limbs.get(limb)?.narrowing, totals.limbs.get(limb)?.erosion));
    let limbs: Vec<String> = Limb::ALL.iter().filter_map(limb).collect();
    format!(
        "{}  total {}  narrowing {}  erosion {}  ({})  {} of {} joints",
        score.patient,
        totals.overall,
        totals.narrowing,
        totals.erosion,
        limbs.join(", "),
        score.scored,
        score.expected_joints
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use svh_core::JointScore;

    use super::*;

    #[test]
    fn a_patient_in_words_has_totals_by_limb_and_the_joints_they_rest_on() {
        let grade = |grade: usize| JointScore::from_probabilities((0..=grade).map(|g| f32::from(u8::from(g == grade))).collect());
        let joints = BTreeMap::from([
            ("LH_mcp_J__2".to_owned(), grade(3)),
            ("LH_mcp_E__2".to_owned(), grade(2)),
            ("RF_mtp_J__1".to_owned(), grade(1)),
        ]);
        let score = PatientScore::new("UAB001".to_owned(), joints, 43);
        assert_eq!(in_words(&score), "UAB001  total 6  narrowing 4  erosion 2  (LH 3+2, RF 1+0)  3 of 43 joints");
    }
}
