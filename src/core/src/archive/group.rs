//! Which files become which films: by patient and day, one film a limb.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Date, Found, Identity, Pseudonyms};
use crate::Limb;
use crate::limb::Side;

/// A film that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A half of a plate with both limbs, `Some(true)` for the left half of the picture.
    pub half: Option<bool>,
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
pub enum Fate {
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
    pub fates: Vec<Fate>,
    /// The true days by patient, for the search.
    pub(super) days: BTreeMap<String, BTreeSet<Date>>,
}

/// What the pictures say where headers are silent: the limb of a file, or of the half of one.
pub type Recognise<'a> = dyn FnMut(&Found, Option<bool>) -> Result<Limb, String> + 'a;

/// A file's limbs with what is doubtful.
type Limbs = Vec<(Limb, Option<bool>, Vec<String>)>;

impl Plan {
    /// Groups what was found. Films with burned-in text are left out unless `burned_in`; `recognise` is asked where headers do not tell the limb.
    #[must_use]
    pub fn of(files: Vec<Found>, names: &Pseudonyms, burned_in: bool, recognise: &mut Recognise) -> Self {
        let mut fates: Vec<Fate> = vec![Fate::Taken(Vec::new()); files.len()];
        let mut taken: Vec<(Identity, String, Date, usize, Limbs)> = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let limbs =
                Self::fit(file, names, burned_in).and_then(|(identity, name, date)| Ok((identity, name, date, limbs(file, recognise)?)));
            match limbs {
                Ok((identity, name, date, limbs)) => taken.push((identity, name, date, at, limbs)),
                Err(reason) => fates[at] = Fate::LeftOut(reason),
            }
        }
        let mut days: BTreeMap<Identity, BTreeSet<Date>> = BTreeMap::new();
        for (identity, _, date, ..) in &taken {
            days.entry(identity.clone()).or_default().insert(*date);
        }
        // The latest film of a day counts: an earlier one was repeated.
        taken.sort_by(|a, b| (&a.1, a.2, &files[b.3].time, a.3).cmp(&(&b.1, b.2, &files[a.3].time, b.3)));
        let (mut films, mut held) = (Vec::new(), BTreeMap::new());
        for (identity, patient, date, file, limbs) in taken {
            let days = &days[&identity];
            let visit = days.iter().position(|day| *day == date).unwrap_or(0) + 1;
            let set = format!("{patient}-V{visit}");
            let shifted = date.plus(-names.shift(&identity, days));
            let mut places = Vec::new();
            for (limb, half, doubts) in limbs {
                let key = (set.clone(), limb);
                if let Some(first) = held.get(&key) {
                    let film: &mut Film = &mut films[*first];
                    film.doubts.push("several films of this limb on this day; the latest was taken".to_owned());
                    continue;
                }
                held.insert(key, films.len());
                places.push(films.len());
                films.push(Film { file, set: set.clone(), patient: patient.clone(), visit, date: shifted, limb, half, doubts });
            }
            fates[file] = match places.is_empty() {
                true => Fate::LeftOut("a later film of the same limb and day was taken".to_owned()),
                false => Fate::Taken(places),
            };
        }
        let mut by_name: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
        for film in &films {
            if let Some(date) = files[film.file].date {
                by_name.entry(film.patient.clone()).or_default().insert(date);
            }
        }
        Self { files, films, fates, days: by_name }
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
        Ok((identity, name, date))
    }

    /// Reasons for leaving files out, the most frequent first.
    #[must_use]
    pub fn left_out(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for fate in &self.fates {
            if let Fate::LeftOut(reason) = fate {
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

const fn limb_of(hand: bool, side: Side) -> Limb {
    match (hand, side) {
        (true, Side::Left) => Limb::LeftHand,
        (true, Side::Right) => Limb::RightHand,
        (false, Side::Left) => Limb::LeftFoot,
        (false, Side::Right) => Limb::RightFoot,
    }
}

/// The limbs on a file: by its header, by its picture where the header is silent, both halves of a plate with two.
fn limbs(file: &Found, recognise: &mut Recognise) -> Result<Limbs, String> {
    if let (Some(hand), Some(side), false) = (file.hand, file.side, file.both_sides) {
        return Ok(vec![(limb_of(hand, side), None, Vec::new())]);
    }
    let wide = file.size.0 as f64 > 0.9 * f64::from(file.size.1);
    if file.both_sides || (file.side.is_none() && wide) {
        let halves = [true, false].map(|left| recognise(file, Some(left)));
        if let [Ok(one), Ok(two)] = &halves
            && one != two
            && one.is_hand() == two.is_hand()
        {
            let doubt = vec!["a plate of both sides, cut in the middle; the sides are the detector's".to_owned()];
            return Ok(vec![(*one, Some(true), doubt.clone()), (*two, Some(false), doubt)]);
        }
        if file.both_sides {
            return Err("a plate of both sides on which the detector does not find one limb in each half".to_owned());
        }
    }
    let seen = recognise(file, None).map_err(|reason| format!("its header does not tell the limb, and the picture neither ({reason})"))?;
    if file.hand.is_some_and(|hand| hand != seen.is_hand()) || file.side.is_some_and(|side| side != seen.side()) {
        return Err(format!("its header and the detector disagree: the detector sees a {}", seen.name()));
    }
    Ok(vec![(seen, None, vec![format!("the header does not tell the limb; the detector sees a {}", seen.name())])])
}
