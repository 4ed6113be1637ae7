//! The writing of a plan: pictures without metadata, visits, doubts, contact sheets; then the search; then the cohort appears.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use image::{ExtendedColorType, ImageEncoder, codecs::png};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::search::Wanted;
use super::{ArchiveError, Fate, Film, Plan, Pseudonyms, sheet};
use crate::atomic::{self, WriteError};
use crate::cohort::FILMS_FOLDER;
use crate::staging::Staging;

/// How a plan is written.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// The archive, for messages.
    pub source: PathBuf,
    /// No contact sheets.
    pub without_sheets: bool,
}

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
}

impl Plan {
    /// Makes the cohort in a new or empty folder, where it appears once it was searched and nothing was found. The table that ties it to the archive is written
    /// beside the key, readable by its owner only.
    ///
    /// # Errors
    /// Nothing to take, a place that is taken, a film that cannot be read, or a value of the headers in what was written: then nothing is kept.
    pub fn write(
        &self,
        out: &Path,
        names: &Pseudonyms,
        options: &WriteOptions,
        stop: &AtomicBool,
        progress: impl Fn(usize, usize) + Sync,
    ) -> Result<Outcome, ArchiveError> {
        if inside(names.path(), out) {
            return Err(ArchiveError::KeyInside { path: names.path().to_owned() });
        }
        if self.films.is_empty() {
            let why = self
                .left_out()
                .first()
                .map_or_else(|| "there is no DICOM file in it".to_owned(), |(reason, count)| format!("{reason} ({count} files)"));
            return Err(ArchiveError::Nothing { path: options.source.clone(), why });
        }
        let staging = Staging::begin(out, stop)?;
        let folder = staging.path();
        let images = folder.join(FILMS_FOLDER);
        fs::create_dir_all(&images).map_err(|error| WriteError::new(&images, error))?;
        let (done, total) = (AtomicUsize::new(0), self.films.len());
        let failed = Mutex::new(None);
        self.films.par_iter().for_each(|film| {
            if staging.go_on().is_ok() && failed.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                if let Err(error) = self.picture(film).and_then(|picture| png(&images.join(film.name()), &picture)) {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        staging.go_on()?;
        if !options.without_sheets {
            self.sheets(folder)?;
        }
        let (wanted, short) = Wanted::of(self);
        let outcome = self.outcome(short.len());
        self.tables(folder, &outcome)?;
        let leaks = wanted.search(folder, self).map_err(|error| WriteError::new(folder, error))?;
        if let Some(first) = leaks.first() {
            return Err(ArchiveError::Leak { count: leaks.len(), place: first.place.clone(), tag: first.tag });
        }
        self.link_table(names.path(), &short)?;
        staging.commit()?;
        Ok(outcome)
    }

    /// The picture of a film.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn picture(&self, film: &Film) -> Result<crate::Film, ArchiveError> {
        picture(self.path(film), film.half)
    }

    fn sheets(&self, folder: &Path) -> Result<(), ArchiveError> {
        let place = folder.join("contact-sheets");
        fs::create_dir_all(&place).map_err(|error| WriteError::new(&place, error))?;
        for (number, films) in self.films.chunks(sheet::COLUMNS * sheet::ROWS).enumerate() {
            let pictures = films
                .iter()
                .map(|film| Ok(crate::Film::open(&folder.join(FILMS_FOLDER).join(film.name()))?))
                .collect::<Result<Vec<_>, ArchiveError>>()?;
            let (width, height, gray) = sheet::compose(&pictures);
            let mut bytes = Vec::new();
            let written = png::PngEncoder::new(&mut bytes).write_image(&gray, width, height, ExtendedColorType::L8);
            let path = place.join(format!("{:03}.png", number + 1));
            written.map_err(|error| WriteError::new(&path, std::io::Error::other(error)))?;
            atomic::write(&path, &bytes)?;
            let rows = films
                .iter()
                .enumerate()
                .map(|(at, film)| format!("{},{},{}\n", at / sheet::COLUMNS + 1, at % sheet::COLUMNS + 1, film.name()));
            let text: String = std::iter::once("row,column,film\n".to_owned()).chain(rows).collect();
            atomic::write(&place.join(format!("{:03}.csv", number + 1)), text.as_bytes())?;
        }
        Ok(())
    }

    /// `visits.csv`, `doubts.csv` and `import.json`.
    fn tables(&self, folder: &Path, outcome: &Outcome) -> Result<(), WriteError> {
        let mut visits: Vec<_> = self.films.iter().map(|film| (&film.set, &film.patient, film.visit, film.date)).collect();
        visits.sort();
        visits.dedup();
        let rows = visits.iter().map(|(set, patient, visit, date)| format!("{set},{patient},{visit},{date}\n"));
        let text: String = std::iter::once("Patient_ID,patient,visit,date\n".to_owned()).chain(rows).collect();
        atomic::write(&folder.join(crate::visits::TABLE), text.as_bytes())?;
        let doubts =
            self.films.iter().flat_map(|film| film.doubts.iter().map(|doubt| format!("{},{}\n", film.name(), crate::ra2::quoted(doubt))));
        let text: String = std::iter::once("film,doubt\n".to_owned()).chain(doubts).collect();
        atomic::write(&folder.join("doubts.csv"), text.as_bytes())?;
        let recipe = json!({ "made_by": "svh import dicom", "version": env!("CARGO_PKG_VERSION"), "report": outcome });
        atomic::write(&folder.join("import.json"), format!("{recipe:#}\n").as_bytes())
    }

    fn outcome(&self, not_searchable: usize) -> Outcome {
        let count = |of: fn(&Film) -> &String| self.films.iter().map(of).collect::<std::collections::BTreeSet<_>>().len();
        let searched = self.files.iter().flat_map(|file| &file.names).collect::<std::collections::BTreeSet<_>>().len();
        Outcome {
            patients: count(|film| &film.patient),
            visits: count(|film| &film.set),
            films: self.films.len(),
            doubtful: self.films.iter().filter(|film| !film.doubts.is_empty()).count(),
            left_out: self.left_out(),
            searched: searched.saturating_sub(not_searchable),
            not_searchable,
        }
    }

    /// What became of each file, with its true names: `KEY.files.csv`, beside the key.
    fn link_table(&self, key: &Path, short: &[(&'static str, String)]) -> Result<(), WriteError> {
        let path = beside(key, "files.csv");
        let quoted = crate::ra2::quoted;
        let mut text = "file,patient_id,date,film,left_out\n".to_owned();
        for (file, fate) in self.files.iter().zip(&self.fates) {
            let date = file.date.map(|date| date.to_string()).unwrap_or_default();
            let start = format!("{},{},{date}", quoted(&file.path.display().to_string()), quoted(&file.patient_id));
            match fate {
                Fate::Taken(films) => films.iter().for_each(|film| text += &format!("{start},{},\n", self.films[*film].name())),
                Fate::LeftOut(reason) => text += &format!("{start},,{}\n", quoted(reason)),
            }
        }
        private(&path, text.as_bytes())?;
        let rows: String = short.iter().map(|(tag, value)| format!("{tag},{}\n", quoted(value))).collect();
        private(&beside(key, "not-searchable.csv"), format!("attribute,value\n{rows}").as_bytes())
    }
}

/// The film of a file or of a half of it.
pub(super) fn picture(path: &Path, half: Option<bool>) -> Result<crate::Film, ArchiveError> {
    let film = crate::Film::open(path)?;
    let Some(left) = half else { return Ok(film) };
    let middle = film.width / 2;
    let columns = if left { 0..middle } else { middle..film.width };
    let pixels = (0..film.height).flat_map(|y| film.row(y)[columns.start as usize..columns.end as usize].iter().copied()).collect();
    Ok(crate::Film { width: columns.end - columns.start, height: film.height, pixels })
}

/// A picture with pixels and nothing else.
pub(super) fn png(path: &Path, film: &crate::Film) -> Result<(), ArchiveError> {
    let mut bytes = Vec::new();
    let samples: Vec<u8> = film.pixels.iter().flat_map(|value| value.to_ne_bytes()).collect();
    let written = png::PngEncoder::new(&mut bytes).write_image(&samples, film.width, film.height, ExtendedColorType::L16);
    written.map_err(|error| WriteError::new(path, std::io::Error::other(error)))?;
    Ok(atomic::write(path, &bytes)?)
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

fn beside(key: &Path, ending: &str) -> PathBuf {
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
