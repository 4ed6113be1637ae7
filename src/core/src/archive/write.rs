//! The writing of a plan: pictures without metadata but for the pixel spacing, visits, doubts, contact sheets; then the search; then the cohort appears.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use image::{ExtendedColorType, ImageEncoder, codecs::png};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::search::{OwnTexts, Wanted};
use super::{ArchiveError, FileOutcome, Film, Found, How, Journal, Part, Plan, Pseudonyms, Recognise, blank, sheet};
use crate::access;
use crate::atomic::{self, WriteError};
use crate::cohort::FILMS_FOLDER;
use crate::film::{dicom::Spacing, spacing};
use crate::staging::Resumable;

/// Column names of the tables.
const VISITS: &str = "Patient_ID,patient,visit,date";
const DOUBTS: &str = "film,header,detector,doubt";
const SHEET: &str = "row,column,film";

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// People.
    pub patients: usize,
    /// Film sets.
    pub visits: usize,
    /// Films.
    pub films: usize,
    /// Films with a doubt.
    pub doubtful: usize,
    /// Reasons for leaving files out, with their number.
    pub left_out: Vec<(String, usize)>,
    /// Values searched for in what was written.
    pub searched: usize,
    /// Values too short to be searched for; they are listed in the table beside the key.
    pub not_searchable: usize,
    /// What became of each file, beside the key.
    pub link_table: PathBuf,
}

/// Plans and makes the cohort in a new or empty folder, where it appears once it was searched and nothing was found. What an import that was stopped or killed has done
/// is taken over. Files whose pictures cannot be read are left out with the reason.
///
/// # Errors
/// Nothing to take, a place that is taken, somebody who asks for an end (what was done is kept), or a value of the headers in what was written: then nothing is kept.
#[allow(clippy::too_many_arguments)]
pub fn make(
    mut files: Vec<Found>,
    out: &Path,
    names: &Pseudonyms,
    how: &How,
    journal: &Journal,
    recognise: &mut Recognise,
    stop: &AtomicBool,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Outcome, ArchiveError> {
    if inside(names.path(), out) {
        return Err(ArchiveError::KeyInside { path: names.path().to_owned() });
    }
    let whole = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let staging = Resumable::begin(out)?;
    let folder = staging.path().to_owned();
    let job = Job { folder: &folder, out: &whole, how, journal, stop };
    loop {
        let plan = Plan::of(files, names, how, recognise)?;
        if plan.films.is_empty() {
            let why = match plan.left_out().first() {
                Some((reason, count)) => format!("{reason} ({count} files)"),
                None => "there is no DICOM file in it".to_owned(),
            };
            staging.discard();
            return Err(ArchiveError::Nothing { path: how.source.clone(), why });
        }
        let unread = job.pictures(&plan, &progress)?;
        if unread.is_empty() {
            return finish(&plan, staging, names, &job);
        }
        // The rest is planned again without them: an earlier film of the same day may stand in.
        files = plan.files;
        for (file, reason) in unread {
            files[file].unfit = Some(reason);
        }
    }
}

/// Tables, contact sheets, the search, and the appearance of the cohort.
fn finish(plan: &Plan, staging: Resumable, names: &Pseudonyms, job: &Job) -> Result<Outcome, ArchiveError> {
    let folder = job.folder;
    if !job.how.without_sheets {
        job.sheets(plan)?;
    }
    plan.tables(folder)?;
    let failed = |error| WriteError::new(folder, error);
    let (wanted, short) = Wanted::of(plan).map_err(failed)?;
    let doubts = plan.films.iter().flat_map(|film| film.doubts.iter().map(String::as_str).chain([film.header, film.seen_text()]));
    let own = OwnTexts::of(doubts.chain([VISITS, DOUBTS, SHEET]));
    let leaks = wanted.search(folder, &own).map_err(failed)?;
    if let Some(first) = leaks.first() {
        let leak = ArchiveError::Leak { count: leaks.len(), place: first.place.clone(), tag: first.tag };
        staging.discard();
        job.journal.remove();
        return Err(leak);
    }
    let link_table = plan.link_table(names.path(), job.out, &short)?;
    staging.commit()?;
    job.journal.remove();
    Ok(plan.outcome(wanted.len(), short.len(), link_table))
}

/// The writing of pictures into the folder that becomes the cohort.
struct Job<'a> {
    folder: &'a Path,
    out: &'a Path,
    how: &'a How,
    journal: &'a Journal,
    stop: &'a AtomicBool,
}

impl Job<'_> {
    /// Writes the pictures that are not there yet; gives the files that cannot be read, with the reason.
    fn pictures(&self, plan: &Plan, progress: &(impl Fn(usize, usize) + Sync)) -> Result<Vec<(usize, String)>, ArchiveError> {
        let images = self.folder.join(FILMS_FOLDER);
        access::make_folders(&images).map_err(|error| WriteError::new(&images, error))?;
        let (done, total) = (AtomicUsize::new(0), plan.films.len());
        let unread = Mutex::new(Vec::new());
        plan.films.par_iter().try_for_each(|film| {
            if self.stop.load(Ordering::Relaxed) {
                return Err(ArchiveError::Stopped { out: self.out.to_owned() });
            }
            if let Err(reason) = self.picture(plan, film, &images.join(film.name()))? {
                unread.lock().unwrap_or_else(PoisonError::into_inner).push((film.file, reason));
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            Ok(())
        })?;
        let wanted: BTreeSet<String> = plan.films.iter().map(Film::name).collect();
        // What an earlier attempt wrote under another plan.
        for entry in fs::read_dir(&images).into_iter().flatten().flatten() {
            if !entry.file_name().to_str().is_some_and(|name| wanted.contains(name)) {
                drop(fs::remove_file(entry.path()));
            }
        }
        Ok(unread.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes a picture unless it is there; the inner error says why its file cannot be read.
    fn picture(&self, plan: &Plan, film: &Film, to: &Path) -> Result<Result<(), String>, WriteError> {
        let what = if self.how.blank_edges { "blanked" } else { "" };
        let made = self.journal.picture(self.out, &film.name(), plan.path(film), film.part, what);
        if made.as_ref().is_some_and(|made| self.journal.has(made)) && to.is_file() {
            return Ok(Ok(()));
        }
        let mut picture = match picture(plan.path(film), film.part) {
            Ok(picture) => picture,
            Err(ArchiveError::Film(error)) => return Ok(Err(super::header::why(&error))),
            Err(error) => return Ok(Err(error.to_string())),
        };
        if let (true, Some(Ok(seen))) = (self.how.blank_edges, &film.seen) {
            blank::far_from_joints(&mut picture, &seen.boxes);
        }
        // A part of a plate has the plate's spacing.
        png(to, &picture, crate::Film::spacing(plan.path(film)))?;
        made.map_or(Ok(()), |made| self.journal.note(made))?;
        Ok(Ok(()))
    }

    fn sheets(&self, plan: &Plan) -> Result<(), ArchiveError> {
        let place = self.folder.join("contact-sheets");
        drop(fs::remove_dir_all(&place));
        access::make_folders(&place).map_err(|error| WriteError::new(&place, error))?;
        let sheets: Vec<(usize, &[Film])> = plan.films.chunks(sheet::COLUMNS * sheet::ROWS).enumerate().collect();
        sheets.into_par_iter().try_for_each(|(number, films)| {
            if self.stop.load(Ordering::Relaxed) {
                return Err(ArchiveError::Stopped { out: self.out.to_owned() });
            }
            let thumbnail = |film: &Film| Ok(sheet::thumbnail(&crate::Film::open(&self.folder.join(FILMS_FOLDER).join(film.name()))?));
            let pictures = films.iter().map(thumbnail).collect::<Result<Vec<_>, ArchiveError>>()?;
            let (width, height, gray) = sheet::compose(&pictures);
            let mut bytes = Vec::new();
            let written = png::PngEncoder::new(&mut bytes).write_image(&gray, width, height, ExtendedColorType::L8);
            let path = place.join(format!("{:03}.png", number + 1));
            written.map_err(|error| WriteError::new(&path, io::Error::other(error)))?;
            atomic::write(&path, &bytes)?;
            let at = |place: usize| (place / sheet::COLUMNS + 1, place % sheet::COLUMNS + 1);
            let rows = films.iter().enumerate().map(|(place, film)| format!("{},{},{}\n", at(place).0, at(place).1, film.name()));
            let text: String = std::iter::once(format!("{SHEET}\n")).chain(rows).collect();
            Ok(atomic::write(&place.join(format!("{:03}.csv", number + 1)), text.as_bytes())?)
        })
    }
}

impl Film {
    /// What the detector sees, in words.
    fn seen_text(&self) -> &str {
        match &self.seen {
            Some(Ok(seen)) => seen.limb.name(),
            Some(Err(reason)) => reason,
            None => "",
        }
    }
}

impl Plan {
    /// `visits.csv`, `doubts.csv` and `import.json`. The last one has no numbers: they could be somebody's id.
    fn tables(&self, folder: &Path) -> Result<(), WriteError> {
        let visits: BTreeSet<_> = self.films.iter().map(|film| (&film.set, &film.patient, film.visit, film.date)).collect();
        let rows = visits.iter().map(|(set, patient, visit, date)| format!("{set},{patient},{visit},{date}\n"));
        let text: String = std::iter::once(format!("{VISITS}\n")).chain(rows).collect();
        atomic::write(&folder.join(crate::visits::TABLE), text.as_bytes())?;
        let quoted = crate::ra2::quoted;
        let rows = self.films.iter().flat_map(|film| {
            let start = format!("{},{},{}", film.name(), film.header, quoted(film.seen_text()));
            film.doubts.iter().map(move |doubt| format!("{start},{}\n", quoted(doubt)))
        });
        let text: String = std::iter::once(format!("{DOUBTS}\n")).chain(rows).collect();
        atomic::write(&folder.join("doubts.csv"), text.as_bytes())?;
        let made = json!({ "made_by": "svh import dicom", "version": env!("CARGO_PKG_VERSION") });
        atomic::write(&folder.join("import.json"), format!("{made:#}\n").as_bytes())
    }

    fn outcome(&self, searched: usize, not_searchable: usize, link_table: PathBuf) -> Outcome {
        let count = |of: fn(&Film) -> &String| self.films.iter().map(of).collect::<BTreeSet<_>>().len();
        Outcome {
            patients: count(|film| &film.patient),
            visits: count(|film| &film.set),
            films: self.films.len(),
            doubtful: self.films.iter().filter(|film| !film.doubts.is_empty()).count(),
            left_out: self.left_out(),
            searched,
            not_searchable,
            link_table,
        }
    }

    /// What became of each file, with its true names, and the values that were not searched for; both beside the key and named after the cohort.
    fn link_table(&self, key: &Path, out: &Path, short: &[(&'static str, String)]) -> Result<PathBuf, WriteError> {
        let cohort = out.file_name().unwrap_or_default().to_string_lossy();
        let path = beside(key, &format!("{cohort}.files.csv"));
        let quoted = crate::ra2::quoted;
        let mut text = "file,patient_id,date,film,left_out\n".to_owned();
        for (file, outcome) in self.files.iter().zip(&self.outcomes) {
            let date = file.date.map(|date| date.to_string()).unwrap_or_default();
            let start = format!("{},{},{date}", quoted(&file.path.display().to_string()), quoted(&file.patient_id));
            match outcome {
                FileOutcome::Taken(films) => films.iter().for_each(|film| text += &format!("{start},{},\n", self.films[*film].name())),
                FileOutcome::LeftOut(reason) => text += &format!("{start},,{}\n", quoted(reason)),
            }
        }
        private(&path, text.as_bytes())?;
        let rows: String = short.iter().map(|(tag, value)| format!("{tag},{}\n", quoted(value))).collect();
        private(&beside(key, &format!("{cohort}.not-searchable.csv")), format!("attribute,value\n{rows}").as_bytes())?;
        Ok(path)
    }
}

/// The film of a file or of a part of it.
pub(super) fn picture(path: &Path, part: Part) -> Result<crate::Film, ArchiveError> {
    let film = crate::Film::open(path)?;
    let Some([from, to]) = part else { return Ok(film) };
    let (from, to) = (from.min(film.width), to.min(film.width));
    let pixels = (0..film.height).flat_map(|y| film.row(y)[from as usize..to as usize].iter().copied()).collect();
    Ok(crate::Film { width: to - from, height: film.height, pixels })
}

/// A picture with pixels, the spacing between them where it is known, and nothing else.
pub(super) fn png(path: &Path, film: &crate::Film, spacing: Option<Spacing>) -> Result<(), WriteError> {
    let bytes = spacing::png(film, spacing).map_err(|error| WriteError::new(path, io::Error::other(error)))?;
    atomic::write(path, &bytes)
}

/// A file that only its owner reads.
fn private(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let make = || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    make().map_err(|error| WriteError::new(path, error))
}

pub(super) fn beside(key: &Path, ending: &str) -> PathBuf {
    let mut name = key.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    key.with_file_name(name)
}

/// Whether a file lies in a folder that need not exist yet.
fn inside(file: &Path, folder: &Path) -> bool {
    let whole = |path: &Path| fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
    whole(file).starts_with(whole(folder))
}
