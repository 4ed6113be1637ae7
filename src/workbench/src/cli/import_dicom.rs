//! `svh import dicom`: an archive becomes a cohort under pseudonyms.

use svh_core::Limb;
use svh_core::archive::{self, Found, Outcome as Made, Plan, Pseudonyms, WriteOptions};
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
    let seer = Seer {
        engine: Engine::new(options),
        folder: tempfile::tempdir().map_err(Failure::program)?,
        without: command.no_detector,
        progress: &progress,
    };
    let plan = Plan::of(files, &names, command.burned_in, &mut |file, half| seer.limb(file, half));
    let made = if command.dry_run {
        None
    } else {
        let how = WriteOptions { source: command.source.clone(), without_sheets: command.no_sheets };
        Some(plan.write(&command.out, &names, &how, &stop, |done, total| progress.set(done, total, "films")).map_err(Failure::user)?)
    };
    drop(progress);
    match made {
        Some(made) if command.json => out::json(&made),
        Some(made) => out::line(in_words(&made, command)),
        None => dry(&plan),
    }
}

/// Shows films to the detector where headers do not tell the limb.
struct Seer<'a> {
    engine: Engine,
    folder: tempfile::TempDir,
    without: bool,
    progress: &'a Progress,
}

impl Seer<'_> {
    fn limb(&self, file: &Found, half: Option<bool>) -> Result<Limb, String> {
        if self.without {
            return Err("the detector is off".to_owned());
        }
        let path = self.folder.path().join("film.png");
        archive::picture_of(&file.path, half, &path).map_err(|error| error.to_string())?;
        let mut seen = Err("no limb was found".to_owned());
        let films = vec![FilmRequest { path, limb: None }];
        let request = |id| Request::Detect { id, films, raw: false, threshold: None, no_shape: false };
        let asked = self.engine.ask(request, self.progress, |event| {
            match event {
                Event::Film { result, .. } => seen = Ok(result.limb),
                Event::FilmFailed { .. } => seen = Err("the detector sees neither a hand nor a foot".to_owned()),
                _ => {}
            }
            Ok(())
        });
        match asked {
            Err(Failure::Said(message, _)) if seen.is_err() && !message.contains("film.png") => Err(message),
            _ => seen,
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
    lines.push(
        "Look at the contact sheets before you share the cohort: text that is burned into a picture is not found by any search".to_owned(),
    );
    lines.join("\n")
}

fn dry(plan: &Plan) -> Outcome {
    out::line(format_args!("{} films would be taken", plan.films.len()))?;
    plan.left_out().iter().try_for_each(|(reason, count)| out::line(format_args!("{count} would be left out: {reason}")))
}
