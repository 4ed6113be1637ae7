//! Which files become which films: by patient and day, one film a limb.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::limbs::{Limbs, limbs};
use super::{ArchiveError, Found, Identity, Pseudonyms};
use crate::Limb;
use crate::date::Date;

/// Columns of a picture, first and one past the last; `None` for the whole picture.
pub type Part = Option<[u32; 2]>;

/// What the detector sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The limb.
    pub limb: Limb,
    /// The boxes of its joints, in pixels of the part that was shown: x0, y0, x1, y1.
    pub boxes: Vec<[f32; 4]>,
}

/// Shows a file or a part of it to the detector. The inner error says why it sees no limb; the outer one ends the import.
pub type Recognise<'a> = dyn FnMut(&Found, Part) -> Result<Result<Seen, String>, ArchiveError> + 'a;

/// How an archive is turned into a cohort.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// The archive, for messages.
    pub source: PathBuf,
    /// Films whose header says that text is burned in are taken, too.
    pub burned_in: bool,
    /// The detector looks at every film, and where it disagrees with the header that is a doubt.
    pub check: bool,
    /// What lies far from the joints that the detector finds is blanked.
    pub blank_edges: bool,
    /// No contact sheets.
    pub without_sheets: bool,
}

/// A film that is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Its place in the scan.
    pub file: usize,
    /// The film set, such as `PABCDEFGH-V1`.
    pub set: String,
    /// The person's pseudonym.
    pub patient: String,
    /// 1 for the first visit.
    pub visit: usize,
    /// The shifted day.
    pub date: Date,
    /// The limb.
    pub limb: Limb,
    /// The part of a plate with both limbs.
    pub part: Part,
    /// What the header says of the limb, where it says something.
    pub header: &'static str,
    /// What the detector sees, where it was asked.
    pub seen: Option<Result<Seen, String>>,
    /// What is doubtful about it.
    pub doubts: Vec<String>,
}

impl Film {
    /// The name of its file in the cohort.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}.png", self.set, self.limb)
    }
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// It becomes these films, by their places in the plan.
    Taken(Vec<usize>),
    /// It does not, for this reason.
    LeftOut(String),
}

/// What is to become of an archive.
pub struct Plan {
    /// What was found.
    pub files: Vec<Found>,
    /// The films, in the order of their names.
    pub films: Vec<Film>,
    /// By file.
    pub outcomes: Vec<FileOutcome>,
    /// All true days by pseudonym, for the search.
    pub(super) days: BTreeMap<String, BTreeSet<Date>>,
}

/// A file that is taken, before it is known to which visit it belongs.
struct Taken {
    identity: Identity,
    patient: String,
    date: Date,
    file: usize,
    limbs: Limbs,
}

impl Plan {
    /// Groups what was found; `recognise` is asked where headers do not tell the limb or contradict themselves.
    ///
    /// # Errors
    /// The outer ones of `recognise`.
    pub fn of(files: Vec<Found>, names: &Pseudonyms, how: &How, recognise: &mut Recognise) -> Result<Self, ArchiveError> {
        let mut outcomes: Vec<FileOutcome> = vec![FileOutcome::Taken(Vec::new()); files.len()];
        let mut taken: Vec<Taken> = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let fit = match fit(file, names, how.burned_in) {
                Ok((identity, patient, date)) => {
                    limbs(file, how, recognise)?.map(|limbs| Taken { identity, patient, date, file: at, limbs })
                }
                Err(reason) => Err(reason),
            };
            match fit {
                Ok(fit) => taken.push(fit),
                Err(reason) => outcomes[at] = FileOutcome::LeftOut(reason),
            }
        }
        let mut visits: BTreeMap<Identity, BTreeSet<Date>> = BTreeMap::new();
        let mut days: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
        for one in &taken {
            visits.entry(one.identity.clone()).or_default().insert(one.date);
            days.entry(one.patient.clone()).or_default().extend(files[one.file].dates());
        }
        // The latest film of a day counts: an earlier one was repeated.
        taken.sort_by(|a, b| (&a.patient, a.date, &files[b.file].time, a.file).cmp(&(&b.patient, b.date, &files[a.file].time, b.file)));
        let (mut films, mut held) = (Vec::<Film>::new(), BTreeMap::new());
        for Taken { identity, patient, date, file, limbs } in taken {
            let visit = visits[&identity].iter().position(|day| *day == date).unwrap_or(0) + 1;
            let set = format!("{patient}-V{visit}");
            let shifted = date.plus(-names.shift(&identity, &days[&patient]));
            let mut places = Vec::new();
            for found in limbs {
                if let Some(first) = held.get(&(set.clone(), found.limb)) {
                    let film: &mut Film = &mut films[*first];
                    film.doubts.push("several films of this limb on this day; the latest was taken".to_owned());
                    film.doubts.dedup();
                    continue;
                }
                held.insert((set.clone(), found.limb), films.len());
                places.push(films.len());
                films.push(Film {
                    file,
                    set: set.clone(),
                    patient: patient.clone(),
                    visit,
                    date: shifted,
                    limb: found.limb,
                    part: found.part,
                    header: found.header,
                    seen: found.seen,
                    doubts: found.doubts,
                });
            }
            outcomes[file] = match places.is_empty() {
                true => FileOutcome::LeftOut("a later film of the same limb and day was taken".to_owned()),
                false => FileOutcome::Taken(places),
            };
        }
        Ok(Self { files, films, outcomes, days })
    }

    /// Reasons for leaving files out, the most frequent first.
    #[must_use]
    pub fn left_out(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for outcome in &self.outcomes {
            if let FileOutcome::LeftOut(reason) = outcome {
                *counts.entry(reason).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        counts
    }

    /// The file of a film.
    #[must_use]
    pub fn path(&self, film: &Film) -> &PathBuf {
        &self.files[film.file].path
    }
}

/// Who, under which name, and when; or why the file is not taken.
fn fit(file: &Found, names: &Pseudonyms, burned_in: bool) -> Result<(Identity, String, Date), String> {
    if let Some(reason) = &file.unfit {
        return Err(reason.clone());
    }
    if file.burned_in && !burned_in {
        return Err("it says that text is burned in (BurnedInAnnotation); look at it, and take such films with --burned-in".to_owned());
    }
    let identity = file.identity.clone().ok_or("neither a PatientID nor a name and date of birth say whose film it is")?;
    let date = file.date.ok_or("no date says to which visit it belongs")?;
    let name = names.of(&identity, &file.patient_id).ok_or("the table of pseudonyms has no line for its PatientID")?;
    // Whoever has one pseudonym is one person, whatever the issuers of the id.
    let identity = if names.is_by_table() { Identity(format!("table|{name}")) } else { identity };
    Ok((identity, name, date))
}
