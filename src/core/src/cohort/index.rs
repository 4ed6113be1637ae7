//! The index of a large cohort: what a scan of its folders found, kept in the user's cache folder, so that opening it again need not list half a
//! million files.
//!
//! An index is used only where nothing can have changed since: the folders and the table must have the very times (of content and of inode), sizes and
//! inode numbers that they had before the scan. Adding, removing or renaming a file changes its folder's times; what is inside films and label files
//! is read when it is asked for and is in no index. A folder that changed within the last seconds before the scan gets no index yet, as a further
//! change in the same tick of the file system's clock could not be told from it. An index that is missing, torn, of another version or of another
//! folder is passed over, and the folders are scanned.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::{Cohort, CohortError, FILMS_FOLDER, LabelName, Patient, TABLE_NAME, labels_folder, scan};
use crate::pack::{Packer, Unpacker};
use crate::{GradeTable, Limb, Task, atomic, places};

/// Cohorts of fewer patients open at once without one.
const LEAST: usize = 2000;

/// How long a folder must have been left alone before the scan, in nanoseconds.
const SETTLED: u128 = 2_000_000_000;

/// Changes with the format, and with everything that the scan decides.
const VERSION: u32 = 2;

impl Cohort {
    /// Opens a folder: the challenge's layout, or films directly in it or in `images/` without grades. A large cohort that has not changed is opened
    /// from an index in the user's cache folder.
    ///
    /// # Errors
    /// A folder that cannot be listed, that has neither films nor a table, or whose table is faulty.
    pub fn open(root: &Path) -> Result<Self, CohortError> {
        match place(root) {
            Some(place) => open_at(root, &place, LEAST, SystemTime::now()),
            None => scan::open(root),
        }
    }
}

/// As [`Cohort::open`] at this time, with the index in this file, for cohorts of at least so many patients.
fn open_at(root: &Path, place: &Path, least: usize, now: SystemTime) -> Result<Cohort, CohortError> {
    let before = Stamp::of(root);
    if let Some(cohort) = read(root, place, &before) {
        return Ok(cohort);
    }
    let cohort = scan::open(root)?;
    if cohort.patients.len() >= least && before.is_settled(now) && before == Stamp::of(root) {
        // Without an index the next opening takes longer; that is no reason to fail.
        drop(write(&cohort, place, &before));
    } else if place.exists() {
        drop(fs::remove_file(place));
    }
    Ok(cohort)
}

/// The file of a folder's index: `svh/index` in the user's cache folder, named after the folder.
fn place(root: &Path) -> Option<PathBuf> {
    let absolute = fs::canonicalize(root).ok()?;
    let name = format!("{:x}", Sha256::digest(absolute.as_os_str().as_encoded_bytes()));
    Some(places::cache()?.join("index").join(format!("{}.idx", &name[..32])))
}

/// What the system says of the folders and of the table; all of it must be the same for an index to be true.
#[derive(Debug, PartialEq, Eq)]
struct Stamp([Option<[u64; 6]>; 5]);

impl Stamp {
    fn of(root: &Path) -> Self {
        let inner = [FILMS_FOLDER, labels_folder(Task::Narrowing), labels_folder(Task::Erosion)];
        let [films, narrowing, erosion] = inner.map(|name| fs::metadata(root.join(name)).ok());
        let table = fs::metadata(super::table_path(root).unwrap_or_else(|| root.join(TABLE_NAME))).ok();
        Self([fs::metadata(root).ok(), films, narrowing, erosion, table].map(|data| data.as_ref().map(numbers)))
    }

    /// Whether everything has been left alone for a while.
    fn is_settled(&self, now: SystemTime) -> bool {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let old = |[_, _, seconds, nanos, changed, changed_nanos]: &[u64; 6]| {
            let latest = (*seconds, *nanos).max((*changed, *changed_nanos));
            now > u128::from(latest.0) * 1_000_000_000 + u128::from(latest.1) + SETTLED
        };
        self.0.iter().flatten().all(old)
    }
}

/// Size, inode, time of the content and of the inode, each in seconds and nanoseconds.
#[cfg(unix)]
fn numbers(data: &Metadata) -> [u64; 6] {
    use std::os::unix::fs::MetadataExt;
    let time = |value: i64| u64::try_from(value).unwrap_or(0);
    [data.len(), data.ino(), time(data.mtime()), time(data.mtime_nsec()), time(data.ctime()), time(data.ctime_nsec())]
}

#[cfg(not(unix))]
fn numbers(data: &Metadata) -> [u64; 6] {
    let since = |time: std::io::Result<SystemTime>| time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let (content, made) = (since(data.modified()), since(data.created()));
    [data.len(), 0, content.as_secs(), content.subsec_nanos().into(), made.as_secs(), made.subsec_nanos().into()]
}

fn write(cohort: &Cohort, place: &Path, stamp: &Stamp) -> std::io::Result<()> {
    let mut out = Packer::default();
    head(cohort.root(), stamp, &mut out);
    out.bool(cohort.films_folder != cohort.root);
    out.number(cohort.patients.len() as u64);
    for patient in &cohort.patients {
        pack(patient, &mut out);
    }
    out.bool(cohort.grades.is_some());
    if let Some(table) = &cohort.grades {
        table.pack(&mut out);
    }
    out.number(cohort.problems.len() as u64);
    cohort.problems.iter().for_each(|problem| out.text(problem));
    if let Some(folder) = place.parent() {
        // What patients there are is nobody else's business.
        crate::access::make_private_folder(folder)?;
        forget_old(folder);
    }
    atomic::write(place, &out.finish()).map_err(|error| error.source)
}

/// Removes indices that nobody renewed for a long time: their cohorts are gone, or will get a new one.
fn forget_old(folder: &Path) {
    const KEPT: std::time::Duration = std::time::Duration::from_secs(90 * 24 * 3600);
    let old = |data: Metadata| data.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > KEPT));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_index = entry.path().extension().is_some_and(|extension| extension == "idx");
        if is_index && entry.metadata().is_ok_and(old) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

fn read(root: &Path, place: &Path, stamp: &Stamp) -> Option<Cohort> {
    let bytes = fs::read(place).ok()?;
    let mut input = Unpacker::open(&bytes)?;
    let mut expected = Packer::default();
    head(root, stamp, &mut expected);
    (input.bytes(expected.len())? == expected.as_bytes()).then_some(())?;
    let films_folder = if input.bool()? { root.join(FILMS_FOLDER) } else { root.to_owned() };
    let count = input.count(3)?;
    let patients = (0..count).map(|_| unpack(&mut input)).collect::<Option<Vec<Patient>>>()?;
    let grades = if input.bool()? { Some(GradeTable::unpack(&mut input)?) } else { None };
    let problems = (0..input.count(1)?).map(|_| input.text().map(str::to_owned)).collect::<Option<Vec<String>>>()?;
    input.is_done().then_some(Cohort { root: root.to_owned(), films_folder, patients, grades, problems })
}

/// What an index begins with: if any of it differs, it is another's.
fn head(root: &Path, stamp: &Stamp, out: &mut Packer) {
    out.text(concat!("svh index ", env!("CARGO_PKG_VERSION")));
    out.number(VERSION.into());
    out.number(crate::joint::COUNT as u64);
    // A name may be shared by chance, and a folder may be another after it was renamed.
    let absolute = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    out.text(&absolute.to_string_lossy());
    for numbers in &stamp.0 {
        out.bool(numbers.is_some());
        numbers.iter().flatten().for_each(|number| out.number(*number));
    }
}

/// Extensions that a film's name usually ends with; the place in this list stands for the whole name.
const USUAL: [&str; 4] = ["jpg", "png", "tif", "jpeg"];

fn pack(patient: &Patient, out: &mut Packer) {
    out.text(&patient.id);
    for limb in Limb::ALL {
        let name = patient.films[limb.index()].as_deref();
        let usual = name.and_then(|name| USUAL.iter().position(|extension| name == usual_name(&patient.id, limb, extension)));
        match (name, usual) {
            (None, _) => out.byte(0),
            (Some(name), None) => {
                out.byte(1);
                out.text(name);
            }
            (Some(_), Some(place)) => out.byte(2 + place as u8),
        }
    }
    out.bool(patient.limbless.is_some());
    patient.limbless.iter().for_each(|name| out.text(name));
    let labels = || patient.labels.iter().flatten();
    let bits = |of: fn(&LabelName) -> bool| labels().fold(0_u8, |bits, label| bits << 1 | u8::from(of(label)));
    out.byte(bits(|label| *label != LabelName::None));
    out.byte(bits(|label| matches!(label, LabelName::Named(_))));
    for label in labels() {
        if let LabelName::Named(name) = label {
            out.text(name);
        }
    }
}

fn unpack(input: &mut Unpacker) -> Option<Patient> {
    let id = input.text()?.to_owned();
    let mut films: [Option<Box<str>>; 4] = Default::default();
    for limb in Limb::ALL {
        films[limb.index()] = match input.byte()? {
            0 => None,
            1 => Some(input.text()?.into()),
            place => Some(usual_name(&id, limb, USUAL.get(usize::from(place) - 2)?).into()),
        };
    }
    let limbless = if input.bool()? { Some(input.text()?.into()) } else { None };
    let (there, named) = (input.byte()?, input.byte()?);
    let mut labels: [[LabelName; 4]; 2] = Default::default();
    for (place, label) in labels.iter_mut().flatten().enumerate() {
        let bit = |bits: u8| bits >> (7 - place) & 1 == 1;
        *label = match (bit(there), bit(named)) {
            (_, true) => LabelName::Named(input.text()?.into()),
            (true, false) => LabelName::Usual,
            (false, false) => LabelName::None,
        };
    }
    Some(Patient { id, films, limbless, labels })
}

fn usual_name(id: &str, limb: Limb, extension: &str) -> String {
    [id, "-", limb.code(), ".", extension].concat()
}

#[cfg(test)]
mod tests;
