//! `svh detect`: the joints of films.

use std::{
    collections::VecDeque,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use svh_core::{
    FilmDetections, LimbSource, Origin, Task, joint,
    protocol::{DEFAULT_THRESHOLD, Event, FilmRequest, Request},
    run::RunKind,
};

use super::{
    args::Detect,
    engine_session::{Engine, Tally, answered},
    failure::{Failure, Outcome},
    inputs, out,
    progress::Progress,
    run_recorder::{RunRecorder, Work},
};
use crate::Options;

/// Films that a kept run asks for at once: between two requests it looks whether it was asked to end.
const AT_ONCE: usize = 16;

/// Finds the joints of every film, prints them in the films' order, and keeps them where that is asked for.
pub fn run(command: &Detect, options: &Options) -> Outcome {
    run_until(command, options, &AtomicBool::new(false))
}

/// As [`run`], until `stop` is set: the films that were asked for are done first.
pub fn run_until(command: &Detect, options: &Options, stop: &AtomicBool) -> Outcome {
    let progress = Progress::new(options.quiet);
    let (films, unsendable) = inputs::sendable(inputs::films(&command.films, command.limb, &progress)?);
    let total = films.len() + unsendable.len();
    let mut left: VecDeque<FilmRequest> = films.into();
    let mut tally = Tally::default();
    unsendable.iter().for_each(|sentence| tally.failed(&progress, sentence));
    let engine = Engine::new(options);
    let mut kept = match &command.out {
        Some(folder) => {
            let work = Work {
                kind: RunKind::Detect,
                inputs: &command.films,
                patients: &[],
                limb: command.limb,
                no_shape: command.no_shape,
                threshold: command.threshold.unwrap_or(DEFAULT_THRESHOLD),
            };
            Some(RunRecorder::begin(folder, work, options, &engine, &progress)?)
        }
        None => None,
    };
    if let Some(kept) = &kept {
        left.retain(|film| !kept.has_film(&film.path));
    }
    let cancelled = |kept: &Option<RunRecorder>| stop.load(Ordering::Relaxed) || kept.as_ref().is_some_and(RunRecorder::cancelled);
    let found = find(command, &engine, &progress, &mut tally, &mut kept, left, total, &cancelled);
    drop(progress);
    let cancelled = cancelled(&kept);
    let outcome = found.and_then(|()| if cancelled { Err(cancelled_by_request(command)) } else { tally.outcome(total, "films") });
    kept.map_or(Ok(()), |kept| kept.end(&outcome, cancelled)).and(outcome)
}

fn cancelled_by_request(command: &Detect) -> Failure {
    let folder = command.out.as_deref().unwrap_or(Path::new(".")).display();
    Failure::user(format!("the run in {folder} was stopped on request; rerun the same command to resume it"))
}

#[allow(clippy::too_many_arguments)] // the parts of one command
fn find(
    command: &Detect,
    engine: &Engine,
    progress: &Progress,
    tally: &mut Tally,
    kept: &mut Option<RunRecorder>,
    mut left: VecDeque<FilmRequest>,
    total: usize,
    cancelled: &dyn Fn(&Option<RunRecorder>) -> bool,
) -> Outcome {
    while !left.is_empty() && !cancelled(kept) {
        let before = left.len();
        let at_once = if kept.is_some() { AT_ONCE } else { left.len() };
        let films = left.iter().take(at_once).cloned().collect();
        let request = |id| Request::Detect { id, films, raw: command.raw, threshold: command.threshold, no_shape: command.no_shape };
        let asked = engine.ask(request, progress, |event| {
            if let Some(kept) = kept.as_mut() {
                kept.keep(&event, &[])?;
            }
            match event {
                Event::Film { result, .. } => {
                    answered(&mut left, |film| &film.path, Path::new(&result.film))?;
                    tally.went_well();
                    progress.aside(|| match (command.json, &command.out) {
                        (true, _) => out::json(&result),
                        (false, None) => out::line(in_words(&result)),
                        (false, Some(_)) => Ok(()),
                    })?;
                }
                Event::FilmFailed { film, message, .. } => {
                    answered(&mut left, |waiting| &waiting.path, &film)?;
                    tally.failed(progress, &message);
                }
                Event::Progress { what, .. } => progress.set(total - left.len(), total, &what),
                _ => {}
            }
            Ok(())
        });
        match asked {
            // Films without an answer would be asked for again and again.
            Ok(()) if left.len() == before => break,
            Ok(()) => {}
            Err(failure) => {
                let film = left.pop_front().map(|film| film.path.display().to_string());
                tally.crashed(progress, failure, &film.unwrap_or_default(), 1, !left.is_empty())?;
            }
        }
        if let Some(kept) = kept {
            kept.progress(total - left.len(), total, "finding joints")?;
        }
    }
    Ok(())
}

/// One line a film, and one for each note.
fn in_words(film: &FilmDetections) -> String {
    let source = match film.limb_from {
        LimbSource::Name => "by its name",
        LimbSource::Option => "as told",
        LimbSource::Picture => "by the picture",
    };
    let mut text = format!("{}  {} ({source})  {} x {}", film.film, film.limb.name(), film.width, film.height);
    for task in Task::ALL {
        let of_task = || film.detections.iter().filter(|found| found.task == task);
        if of_task().next().is_none() {
            continue;
        }
        let kept = of_task().filter(|found| found.kept).count();
        let inferred = of_task().filter(|found| found.from == Origin::Inferred).count();
        text += &format!("  {task} {kept}/{}", joint::of_limb(task, film.limb).count());
        if inferred > 0 {
            text += &format!(" (+{inferred} inferred)");
        }
    }
    for note in film.remarks() {
        text += &format!("\n  {note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use svh_core::{BBox, Detection, Limb};

    use super::*;

    #[test]
    fn a_film_in_words_counts_found_and_inferred_joints_of_each_task() {
        let found = |class_id, score, kept, from| Detection {
            kept,
            from,
            ..Detection::new(joint::by_class(Task::Narrowing, class_id).unwrap(), BBox::default(), score)
        };
        let detections =
            vec![found(1, 0.9, true, Origin::Detector), found(1, 0.1, false, Origin::Detector), found(2, 0.0, false, Origin::Inferred)];
        let film = FilmDetections {
            limb_from: LimbSource::Picture,
            notes: vec!["lies mirrored".to_owned()],
            ..FilmDetections::new("a-LH.png", (600, 800), Limb::LeftHand, detections)
        };
        assert_eq!(in_words(&film), "a-LH.png  left hand (by the picture)  600 x 800  narrowing 1/15 (+1 inferred)\n  lies mirrored");
    }
}
