//! What was named on the command line, as films and as patients.

use std::path::{Path, PathBuf};

use svh_core::{
    Limb,
    cohort::{Cohort, Patient, RUNS_FOLDER},
    names::nfc,
    protocol::FilmRequest,
    run::{self, RunKind, RunReader, RunState},
    staging,
    tags::{FilmFilter, Tags},
};

use super::failure::{Failure, Outcome};
use super::progress::Progress;

/// One patient's films, at most one a limb.
#[derive(Clone, Debug, PartialEq)]
pub struct PatientFilms {
    /// As in the films' names; of a film whose name tells no limb, its stem.
    pub patient: String,
    /// The films.
    pub films: Vec<FilmRequest>,
}

/// The failure where neither a cohort was named nor the demo is there.
pub fn no_demo() -> Failure {
    Failure::user("the demo cohort, datasets/demo, was not found; name a cohort")
}

/// Opens a cohort and says what is odd about it.
pub fn cohort(folder: &Path, progress: &Progress) -> Outcome<Cohort> {
    let cohort = Cohort::open(folder).map_err(Failure::user)?;
    for problem in cohort.problems() {
        progress.note(problem);
    }
    Ok(cohort)
}

/// The tags of a cohort; says what is odd about them.
pub fn tags(folder: &Path, progress: &Progress) -> Tags {
    let tags = Tags::read(folder);
    tags.problems().for_each(|problem| progress.problem(problem));
    tags
}

/// The patients of these cohorts who have a tag, or of whom anything has it.
///
/// # Errors
/// A tag that nothing has.
pub fn tagged(named: &[PathBuf], tag: &str, progress: &Progress) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let mut refused = Failure::user("--tag chooses patients of a cohort; name one");
    for path in named.iter().filter(|path| path.is_dir()) {
        match FilmFilter::new(tags(path, progress), &[tag.to_owned()], &[]) {
            Ok(filter) => found.extend(filter.patients(&Cohort::open(path).map_err(Failure::user)?)),
            Err(reason) => refused = Failure::user(format!("{}: {reason}", path.display())),
        }
    }
    if found.is_empty() { Err(refused) } else { Ok(found) }
}

/// The films that files and folders stand for: a file is itself, a folder its films. `limb` is what the user said.
///
/// # Errors
/// A folder without films.
pub fn films(named: &[PathBuf], limb: Option<Limb>, progress: &Progress) -> Outcome<Vec<FilmRequest>> {
    let mut films = Vec::new();
    for path in named {
        if path.is_dir() {
            let before = films.len();
            films.extend(cohort(path, progress)?.all_films().map(|(_, _, path)| FilmRequest { path, limb }));
            if films.len() == before {
                return Err(Failure::user(format!(
                    "{} has a table of grades and no films; put them into its images folder",
                    path.display()
                )));
            }
        } else {
            films.push(FilmRequest { path: path.clone(), limb });
        }
    }
    Ok(films)
}

/// The run that a command line names: a folder, or the name of one of the cohort's runs; without a name the newest finished one.
///
/// # Errors
/// No run of that name, or no finished one.
pub fn run(cohort: &Path, named: Option<&Path>, progress: &Progress) -> Outcome<RunReader> {
    let kept = cohort.join(RUNS_FOLDER);
    let is_newest = |named: &&Path| named.as_os_str() == "newest" && !named.exists() && !kept.join(named).exists();
    if let Some(named) = named.filter(|named| !is_newest(named)) {
        let of_cohort = kept.join(named);
        let place = if !named.exists() && of_cohort.is_dir() { of_cohort } else { named.to_path_buf() };
        return RunReader::open(&place).map_err(Failure::user);
    }
    let found = run::list(&kept).into_iter().find(|run| run.info().kind != RunKind::Train && run.state() == RunState::Finished);
    let Some(run) = found else {
        return Err(Failure::user(format!(
            "{} has no finished run; `svh score {0} --out {0}/runs/NAME` makes one, or name another with --run",
            cohort.display()
        )));
    };
    progress.note(&format!("the newest run, {}, is taken; --run names another", run.name()));
    Ok(run)
}

/// Mentions what a killed command left hidden beside a folder that is about to be made.
pub fn tell_of_unfinished(out: &Path, progress: &Progress) {
    staging::left_behind(out).iter().for_each(|left| progress.note(&left.to_string()));
}

/// The films whose paths can be passed to the engine; what is wrong with the others, one sentence each.
pub fn sendable(films: Vec<FilmRequest>) -> (Vec<FilmRequest>, Vec<String>) {
    let (good, bad): (Vec<_>, Vec<_>) = films.into_iter().partition(|film| film.path.to_str().is_some());
    (good, bad.into_iter().map(|film| not_unicode(&film.path)).collect())
}

/// The sentence for a path that is not UTF-8.
pub fn not_unicode(path: &Path) -> String {
    format!("{} has bytes in its path that are not UTF-8, and cannot be passed on so; rename the file or its folder", path.display())
}

/// The patients that films and cohorts stand for, in the order in which they were named; `only` picks some of them.
///
/// # Errors
/// A patient who is not there, two films of one limb, a folder without films.
pub fn patients(named: &[PathBuf], limb: Option<Limb>, only: &[String], progress: &Progress) -> Outcome<Vec<PatientFilms>> {
    let mut patients: Vec<PatientFilms> = Vec::new();
    for path in named.iter().filter(|path| path.is_dir()) {
        let cohort = cohort(path, progress)?;
        let of = |patient: &Patient| cohort.films(patient).map(|(_, path)| FilmRequest { path, limb }).collect();
        patients.extend(cohort.patients().iter().map(|patient| PatientFilms { patient: patient.id.clone(), films: of(patient) }));
    }
    for path in named.iter().filter(|path| !path.is_dir()) {
        add(&mut patients, path, limb)?;
    }
    let only: Vec<String> = only.iter().map(|id| nfc(id).into_owned()).collect();
    for id in &only {
        if !patients.iter().any(|known| known.patient == *id) {
            return Err(Failure::user(format!(
                "there is no patient {id} among the {} that were given; `svh summary` counts them",
                patients.len()
            )));
        }
    }
    patients.retain(|known| !known.films.is_empty() && (only.is_empty() || only.contains(&known.patient)));
    if patients.is_empty() {
        return Err(Failure::user("there is no film to score: the patients that were given have none"));
    }
    Ok(patients)
}

fn add(patients: &mut Vec<PatientFilms>, path: &Path, limb: Option<Limb>) -> Outcome {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = &*nfc(&stem);
    let (patient, by_name) = Limb::split_stem(stem).map_or((stem, None), |(patient, limb)| (patient, Some(limb)));
    let request = FilmRequest { path: path.to_path_buf(), limb };
    let Some(known) = patients.iter_mut().find(|known| known.patient == patient) else {
        patients.push(PatientFilms { patient: patient.to_owned(), films: vec![request] });
        return Ok(());
    };
    let same = |film: &&FilmRequest| film.limb.or_else(|| limb_of_name(&film.path)) == limb.or(by_name);
    if let Some(first) = known.films.iter().find(same) {
        let (first, second) = (first.path.display(), path.display());
        return Err(Failure::user(format!("{first} and {second} are films of the same limb of {patient}; give one of them")));
    }
    known.films.push(request);
    Ok(())
}

fn limb_of_name(path: &Path) -> Option<Limb> {
    Some(Limb::split_stem(path.file_stem()?.to_str()?)?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(names: &[&str], limb: Option<Limb>, only: &[&str]) -> Outcome<Vec<(String, usize)>> {
        let named: Vec<PathBuf> = names.iter().map(PathBuf::from).collect();
        let only: Vec<String> = only.iter().map(|id| (*id).to_owned()).collect();
        let patients = patients(&named, limb, &only, &Progress::new(true))?;
        Ok(patients.into_iter().map(|patient| (patient.patient, patient.films.len())).collect())
    }

    #[test]
    fn films_are_gathered_by_the_patient_in_their_names() {
        let patients = given(&["x/B-LH.png", "A-LF.jpg", "y/B-RH.png"], None, &[]).unwrap();
        assert_eq!(patients, [("B".to_owned(), 2), ("A".to_owned(), 1)]);
    }

    #[test]
    fn two_films_of_one_limb_are_refused_by_name() {
        let Err(Failure::Message(message, _)) = given(&["x/B-LH.png", "y/B-LH.png"], None, &[]) else { panic!("accepted") };
        assert!(message.contains("x/B-LH.png and y/B-LH.png"), "{message}");
    }

    #[test]
    fn a_film_whose_name_tells_no_limb_is_a_patient_of_its_own() {
        assert_eq!(given(&["scan7.png"], Some(Limb::LeftHand), &[]).unwrap(), [("scan7".to_owned(), 1)]);
    }

    #[test]
    fn a_patient_who_is_not_there_is_named() {
        assert_eq!(given(&["A-LH.png", "B-LH.png"], None, &["B"]).unwrap(), [("B".to_owned(), 1)]);
        let Err(Failure::Message(message, _)) = given(&["A-LH.png"], None, &["C"]) else { panic!("accepted") };
        assert!(message.contains("no patient C"), "{message}");
    }
}
