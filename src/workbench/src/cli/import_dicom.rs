//! `svh import dicom`: an archive becomes a cohort under pseudonyms.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use svh_core::archive::{self, ArchiveError, Found, How, Journal, Outcome as Made, Part, Plan, Pseudonyms, Seen};
use svh_core::protocol::{Event, FilmRequest, Request};

use super::{
    engine_session::Engine,
    exchange_args::Import,
    failure::{Failure, Outcome},
    out,
    progress::Progress,
    stop,
};
use crate::Options;

/// Reads the archive, says what becomes of it, and makes the cohort.
pub fn run(command: &Import, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let Some(key) = &command.key else {
        return Err(Failure::user(
            "name a file for the key outside of the cohort with --key FILE; it is made where there is none, and the same key gives the same pseudonyms",
        ));
    };
    let stop = stop::on_signals().map_err(Failure::program)?;
    let names = Pseudonyms::open(key, command.pseudonyms.as_deref()).map_err(Failure::user)?;
    let files = archive::scan(&command.source, |done, total| progress.set(done, total, "headers")).map_err(Failure::user)?;
    let journal = Journal::open(key);
    let detector = Detector {
        engine: Engine::new(options),
        folder: tempfile::tempdir().map_err(Failure::program)?,
        off: command.no_detector,
        stop: &stop,
        command,
        progress: &progress,
    };
    let (done, total) = (std::cell::Cell::new(0), files.len());
    let mut recognise = |file: &Found, part: Part| {
        done.set(done.get() + 1);
        progress.set(done.get().min(total), total, "films that the detector looks at");
        match detector.off {
            true => Ok(Err("the detector is off".to_owned())),
            false => journal.seen(&file.path, part, || detector.look(file, part)),
        }
    };
    let how = How {
        source: command.source.clone(),
        burned_in: command.burned_in,
        check: command.check,
        blank_edges: command.blank_edges,
        without_sheets: command.no_sheets,
    };
    if command.dry_run {
        let plan = Plan::of(files, &names, &how, &mut recognise).map_err(failure)?;
        drop(progress);
        return dry(&plan);
    }
    let made = archive::make(files, &command.out, &names, &how, &journal, &mut recognise, &stop, |done, total| {
        progress.set(done, total, "films");
    });
    drop(progress);
    let made = made.map_err(failure)?;
    if command.json {
        let mut line = serde_json::to_value(&made).map_err(Failure::program)?;
        line["left_out"] = made.left_out.iter().map(|(reason, count)| json!({ "reason": reason, "count": count })).collect();
        return out::json(&line);
    }
    out::line(in_words(&made, command))
}

/// Whose fault an error is.
fn failure(error: ArchiveError) -> Failure {
    match error {
        ArchiveError::Detector { .. } | ArchiveError::Leak { .. } => Failure::program(error),
        error => Failure::user(error),
    }
}

/// Shows films to the detector where headers do not tell the limb.
struct Detector<'a> {
    engine: Engine,
    /// For the pictures, which only this user can read.
    folder: tempfile::TempDir,
    off: bool,
    stop: &'a AtomicBool,
    command: &'a Import,
    progress: &'a Progress,
}

impl Detector<'_> {
    fn look(&self, file: &Found, part: Part) -> Result<Result<Seen, String>, ArchiveError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(ArchiveError::Stopped { out: self.command.out.clone() });
        }
        let path = self.folder.path().join("film.png");
        if let Err(error) = archive::picture_of(&file.path, part, &path) {
            return match error {
                ArchiveError::Film(_) => Ok(Err("its picture cannot be read".to_owned())),
                error => Err(error),
            };
        }
        let mut seen = Err("the detector sees neither a hand nor a foot".to_owned());
        let films = vec![FilmRequest { path, limb: None }];
        let request = |id| Request::Detect { id, films, raw: false, threshold: None, no_shape: false };
        let asked = self.engine.ask(request, self.progress, |event| {
            if let Event::Film { result, .. } = event {
                let boxes = result.detections.iter().filter(|found| found.kept).map(|found| found.bbox);
                seen = Ok(Seen { limb: result.limb, boxes: boxes.map(|found| [found.x0, found.y0, found.x1, found.y1]).collect() });
            }
            Ok(())
        });
        match asked {
            Ok(()) => Ok(seen),
            Err(Failure::Message(reason, _) | Failure::SomeFailed(reason, _)) => Err(ArchiveError::Detector { reason }),
            Err(_) => Err(ArchiveError::Detector { reason: "nothing reads the output any more".to_owned() }),
        }
    }
}

fn in_words(made: &Made, command: &Import) -> String {
    let mut lines = vec![format!("{} patients, {} visits, {} films in {}", made.patients, made.visits, made.films, command.out.display())];
    if made.doubtful > 0 {
        lines.push(format!("{} films are doubtful: see doubts.csv", made.doubtful));
    }
    lines.extend(made.left_out.iter().map(|(reason, count)| format!("{count} left out: {reason}")));
    lines.push(format!("{} values of the headers were searched for in what was written, and none was found", made.searched));
    if made.not_searchable > 0 {
        lines.push(format!("{} values are too short to be searched for; they are listed beside the key", made.not_searchable));
    }
    lines.push(format!("the list of all files and what was done with them: {}", made.link_table.display()));
    lines.push(
        "Look at the contact sheets before you share the cohort: text that is burned into a picture is not found by any search".to_owned(),
    );
    lines.join("\n")
}

fn dry(plan: &Plan) -> Outcome {
    out::line(format_args!("{} films would be imported", plan.films.len()))?;
    plan.left_out().iter().try_for_each(|(reason, count)| out::line(format_args!("{count} would be left out: {reason}")))
}
