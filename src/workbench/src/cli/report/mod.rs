//! `svh report`: a patient, or a run over a cohort, as one page of HTML that needs no script and no other file.

mod film;
mod html;
mod page;
mod whole;

use svh_core::{atomic, names::nfc};

use super::{
    evaluated::{Evaluated, cohort_folder},
    failure::{Failure, Outcome},
    figure_args::Report,
    progress::Progress,
};
use crate::Options;

/// Makes the page and writes it.
pub fn run(command: &Report, options: &Options) -> Outcome {
    let progress = Progress::new(options.quiet);
    let page = page(command, &progress)?;
    progress.clear();
    atomic::write(&command.out, page.as_bytes()).map_err(Failure::user)?;
    progress.note(&format!("wrote {}", command.out.display()));
    Ok(())
}

fn page(command: &Report, progress: &Progress) -> Outcome<String> {
    // A run's folder says which cohort it is of: the one around it, else the one it was made over.
    let named = command.what.join("run.json").is_file().then(|| command.what.clone());
    let around = named.as_ref().and_then(|run| Some(run.canonicalize().ok()?.parent()?.parent()?.to_path_buf()));
    let around = around.filter(|folder| folder.join("images").is_dir() || folder.join("training.csv").is_file());
    let made_over = || svh_core::RunReader::open(named.as_ref()?).ok()?.info().cohort.as_ref().map(|cohort| cohort.path.clone());
    let folder = match command.cohort.clone().or(around).or_else(made_over) {
        Some(folder) => folder,
        None => cohort_folder(None)?,
    };
    let kept = folder.join(svh_core::cohort::RUNS_FOLDER).join(&command.what);
    if let Some(run) = named.or_else(|| kept.join("run.json").is_file().then_some(kept)) {
        let found = Evaluated::open(&folder, Some(&run), progress)?;
        return whole::page(&found, command.films, progress);
    }
    let id = nfc(&command.what.to_string_lossy()).into_owned();
    let found = Evaluated::open(&folder, command.run.as_deref(), progress)?;
    if found.cohort.patient(&id).is_none() {
        return Err(Failure::user(format!(
            "{id} is neither a run nor a patient of {}; `svh summary` counts the patients, `svh runs` lists the runs",
            folder.display()
        )));
    }
    let body = page::source(&found) + &page::patient(&found, &page::RunLines::read(&found), &id, 2);
    Ok(html::page(&format!("Patient {id}"), &body))
}
