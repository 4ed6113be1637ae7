//! `svh score`: grades and totals of patients.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use svh_core::{
    Limb, PatientScore, Span, atomic,
    protocol::{DEFAULT_THRESHOLD, Event, Fault, Request},
    ra2::{Fill, predictions_csv},
    run::{RunKind, Shard},
    totals::LimbTotals,
};

use super::{
    args::Score,
    engine_session::{Engine, Tally},
    failure::{Failure, Outcome},
    inputs::{self, PatientFilms},
    out,
    progress::Progress,
    run_recorder::{RunRecorder, ShardTask, Work},
    unfamiliar,
};
use crate::Options;

/// Scores the patients one after another, in one warm engine.
pub fn run(command: &Score, options: &Options) -> Outcome {
    // The run keeps their ids: whoever resumes it scores the same patients, whatever is tagged by then.
    if let Some(tag) = &command.tag {
        let patient = inputs::tagged(&command.inputs, tag, &Progress::new(options.quiet))?;
        return run(&Score { patient, tag: None, ..command.clone() }, options);
    }
    let of_array = || Shard::of_array(|name| std::env::var(name).ok()).map_err(Failure::user);
    // A task of a job array scores its part of the run. Without a run there is nothing that would put the parts together.
    match command.shard {
        None if command.out.is_some() && command.csv.is_none() => {
            let shard = of_array()?;
            if let (Some(shard), false) = (shard, options.quiet) {
                out::say(format_args!("svh: this task of a job array scores shard {shard}; --shard 1/1 would score all film sets"));
            }
            run_until(&Score { shard, ..command.clone() }, options, &AtomicBool::new(false))
        }
        _ => run_until(command, options, &AtomicBool::new(false)),
    }
}

/// As [`run`], until `stop` is set: the patient at work is done first.
pub fn run_until(command: &Score, options: &Options, stop: &AtomicBool) -> Outcome {
    if command.missing_open && command.missing.is_none() {
        return Err(Failure::user("--missing-open makes --missing fill open joints too; give --missing GRADE"));
    }
    let progress = Progress::new(options.quiet);
    let mut patients = inputs::patients(&command.inputs, command.limb, &command.patient, &progress)?;
    if let Some(shard) = command.shard {
        patients.retain(|patient| shard.holds(&patient.patient));
    }
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
                patients: &command.patient,
                limb: command.limb,
                no_shape: command.no_shape,
                threshold: DEFAULT_THRESHOLD,
            };
            Some(match command.shard {
                None => RunRecorder::begin(folder, work, options, &engine, &progress)?,
                Some(shard) => match RunRecorder::begin_shard(folder, shard, work, options, &engine, &progress)? {
                    ShardTask::Begun(recorder) => recorder,
                    ShardTask::Idle(why) => {
                        progress.note(&format!("{why}; there is nothing to do"));
                        return Ok(());
                    }
                },
            })
        }
        None => None,
    };
    let mut scoring = Scoring { command, engine, progress, tally, kept, scores: Vec::new(), stop };
    let ended = scoring.all(&patients);
    let cancelled = scoring.cancelled();
    let Scoring { tally, kept, scores, progress, .. } = scoring;
    if let Some(note) = unfamiliar::note(&command.inputs, &scores) {
        progress.note(&note);
    }
    drop(progress);
    let csv = command.csv.as_ref().map_or(Ok(()), |path| {
        let fill = Fill { missing: command.missing, open: command.missing_open };
        // A patient whom a crash of the engine cost is missing: that is no whole table.
        if ended.is_ok() && !cancelled && !tally.is_incomplete() {
            write_csv(path, &scores, fill)
        } else {
            rescue(path, &scores, fill, kept.is_some())
        }
    });
    let outcome = ended.and(csv).and_then(|()| if cancelled { Err(cancelled_by_request(command)) } else { tally.outcome(films, "films") });
    kept.map_or(Ok(()), |kept| kept.end(&outcome, cancelled)).and(outcome)
}

/// What was scored before an early end is not thrown away, and cannot be taken for the whole either. A run that is kept has it already.
fn rescue(path: &Path, scores: &[PatientScore], fill: Fill, kept: bool) -> Outcome {
    if kept || scores.is_empty() || path == Path::new("-") {
        return Ok(());
    }
    let partial = partial_of(path);
    atomic::write(&partial, predictions_csv(scores, fill).as_bytes()).map_err(Failure::user)?;
    out::say(format_args!("svh: {} patients were scored before the end; they are in {}", scores.len(), partial.display()));
    Ok(())
}

/// `out.csv.partial` for `out.csv`.
fn partial_of(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

fn cancelled_by_request(command: &Score) -> Failure {
    let folder = command.out.as_deref().unwrap_or(Path::new(".")).display();
    Failure::user(format!("the run in {folder} was stopped on request; rerun the same command to resume it"))
}

/// A scoring at work.
struct Scoring<'a> {
    command: &'a Score,
    engine: Engine,
    progress: Progress,
    tally: Tally,
    kept: Option<RunRecorder>,
    scores: Vec<PatientScore>,
    stop: &'a AtomicBool,
}

impl Scoring<'_> {
    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.kept.as_ref().is_some_and(RunRecorder::cancelled)
    }

    fn all(&mut self, patients: &[PatientFilms]) -> Outcome {
        for (done, patient) in patients.iter().enumerate() {
            // Also asked before the first patient: loading the models takes a while.
            if self.cancelled() {
                break;
            }
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
                kept.keep(&event, &patient.films)?;
            }
            match event {
                Event::Patient { result, .. } if result.patient != patient.patient => {
                    let (given, asked) = (&result.patient, &patient.patient);
                    return Err(Failure::program(format!(
                        "svh-engine graded patient {given} where it was asked for {asked}; install svh and svh-engine of the same version"
                    )));
                }
                Event::Patient { result, .. } if result.expected_joints > 0 => score = Some(result),
                Event::FilmFailed { message, .. } => {
                    (answered, failed) = (true, failed + 1);
                    tally.failed(progress, &message);
                }
                Event::Film { result, .. } => {
                    answered = true;
                    if !without_remarks {
                        result.remarks().iter().for_each(|note| progress.note(&format!("{}: {note}", result.film)));
                    }
                }
                _ => {}
            }
            Ok(())
        });
        match asked {
            Ok(()) => Ok(score),
            // Once a film was looked at, the fault lies with this patient's films and not with what all patients share.
            Err(Failure::Message(message, Fault::User)) if answered => {
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

fn write_csv(path: &Path, scores: &[PatientScore], fill: Fill) -> Outcome {
    let table = predictions_csv(scores, fill);
    if path == Path::new("-") {
        return out::line(table.trim_end());
    }
    atomic::write(path, table.as_bytes()).map_err(Failure::user)?;
    // What an earlier attempt had left is in it now.
    drop(std::fs::remove_file(partial_of(path)));
    Ok(())
}

/// One line a patient: totals, what they may be where joints are open, by limb, and how many joints they rest on.
fn in_words(score: &PatientScore) -> String {
    let totals = &score.totals;
    let number = |sum: Option<u32>| sum.map_or_else(|| "-".to_owned(), |sum| sum.to_string());
    let limb = |(limb, sums): (&Limb, &LimbTotals)| format!("{limb} {}+{}", number(sums.narrowing), number(sums.erosion));
    let limbs: Vec<String> = totals.limbs.iter().map(limb).collect();
    let range = score.range.as_ref().map_or_else(String::new, |range| {
        let Span { low, expected, high, .. } = range.overall;
        format!(" ({low} to {high}, expected {expected:.0})")
    });
    let open = if score.open.is_empty() { String::new() } else { format!(", {} left open", score.open.len()) };
    format!(
        "{}  total {}{range}  narrowing {}  erosion {}  ({})  {} of {} joints{open}",
        score.patient,
        number(totals.overall),
        number(totals.narrowing),
        number(totals.erosion),
        limbs.join(", "),
        score.scored,
        score.expected_joints
    )
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use svh_core::{JointScore, OpenJoint};

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
        assert_eq!(in_words(&score), "UAB001  total 6  narrowing 4  erosion 2  (LH 3+2, RF 1+-)  3 of 43 joints");
    }

    #[test]
    fn open_joints_are_told_with_what_the_total_may_be() {
        let score = JointScore::from_probabilities(vec![0.5, 0.0, 0.0, 0.0, 0.5]);
        let open = BTreeMap::from([("LH_mcp_J__2".to_owned(), OpenJoint::new(score, "unfamiliar".to_owned()))]);
        let score = PatientScore::with_open("A".to_owned(), BTreeMap::new(), open, &BTreeSet::new(), 31);
        assert_eq!(in_words(&score), "A  total - (0 to 4, expected 2)  narrowing -  erosion -  (LH -+-)  0 of 31 joints, 1 left open");
    }
}
