//! `svh detect`: the joints of films.

use std::collections::VecDeque;

use svh_core::{
    FilmDetections, LimbSource, Origin, Task, joint,
    protocol::{Event, FilmRequest, Request},
};

use super::{
    args::Detect,
    drive::{Engine, Tally},
    failure::Outcome,
    inputs, out,
    progress::Progress,
};
use crate::Options;

/// Finds the joints of every film and prints them in the films' order.
pub fn run(command: &Detect, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let mut left: VecDeque<FilmRequest> = inputs::films(&command.films, command.limb, &progress)?.into();
    let total = left.len();
    let engine = Engine::new(options);
    let mut tally = Tally::default();
    while !left.is_empty() {
        let films = left.iter().cloned().collect();
        let request = |id| Request::Detect { id, films, raw: command.raw, threshold: command.threshold, no_shape: command.no_shape };
        let asked = engine.ask(request, &progress, |event| {
            match event {
                Event::Film { result, .. } => {
                    left.pop_front();
                    tally.went_well();
                    progress.aside(|| if command.json { out::json(&result) } else { out::line(in_words(&result)) })?;
                }
                Event::FilmFailed { message, .. } => {
                    left.pop_front();
                    tally.failed(&progress, &message);
                }
                Event::Progress { what, .. } => progress.set(total - left.len(), total, &what),
                _ => {}
            }
            Ok(())
        });
        match asked {
            Ok(()) => break,
            Err(failure) => {
                let film = left.pop_front().map(|film| film.path.display().to_string());
                tally.crashed(&progress, failure, &film.unwrap_or_default(), 1, !left.is_empty())?;
            }
        }
    }
    drop(progress);
    tally.outcome(total, "films")
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
    for note in &film.notes {
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
            task: Task::Narrowing,
            joint: joint::by_class(Task::Narrowing, class_id).unwrap().label.clone(),
            class_id,
            score,
            bbox: BBox::default(),
            kept,
            from,
            implausible: None,
        };
        let detections =
            vec![found(1, 0.9, true, Origin::Detector), found(1, 0.1, false, Origin::Detector), found(2, 0.0, false, Origin::Inferred)];
        let film = FilmDetections {
            film: "a-LH.png".to_owned(),
            width: 600,
            height: 800,
            limb: Limb::LeftHand,
            limb_from: LimbSource::Picture,
            turned: 0,
            notes: vec!["lies mirrored".to_owned()],
            detections,
        };
        assert_eq!(in_words(&film), "a-LH.png  left hand (by the picture)  600 x 800  narrowing 1/15 (+1 inferred)\n  lies mirrored");
    }
}
