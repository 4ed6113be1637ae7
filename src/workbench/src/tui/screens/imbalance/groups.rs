//! Groups of joints that are no part of the method: by where a film came from, and by tag.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use svh_analysis::Evaluation;
use svh_core::{Joint, Limb, Task};

use super::group::Group;
use crate::tui::state::State as Whole;

/// Ids that begin in more ways than this do not name a source.
const MOST_SITES: usize = 20;

/// The groups of an evaluation and whose joints are in them.
pub struct Groups<'a> {
    /// All groups, in their order.
    pub all: Vec<Group>,
    /// The places in `all` that a joint of a patient belongs to.
    of: Box<dyn Fn(usize, &'static Joint) -> Vec<usize> + 'a>,
}

impl Groups<'_> {
    /// The places of the groups that a joint of a patient belongs to.
    #[must_use]
    pub fn of(&self, patient: usize, joint: &'static Joint) -> Vec<usize> {
        (self.of)(patient, joint)
    }

    /// By the films that joints are on: the beginning of ids, splits, kinds of files, whether readers boxed them.
    #[must_use]
    pub fn of_sources(state: &Whole, evaluation: &Evaluation) -> Self {
        let sites: Vec<Option<String>> = evaluation.patients().iter().map(|id| site(id)).collect();
        let distinct: BTreeSet<&String> = sites.iter().flatten().collect();
        let sites = if distinct.len() > MOST_SITES { vec![None; sites.len()] } else { sites };
        // What the run knows of labels counts more than that there is a label file: proposals that nobody reviewed are no reader's.
        let labelled: HashMap<(usize, Limb), [bool; 2]> =
            evaluation.films().iter().map(|film| ((film.patient, film.limb), film.labelled)).collect();
        // By patient and limb: what the film says of its joints, and by task whether readers boxed them.
        let mut films: HashMap<(usize, Limb), (Vec<Group>, [bool; 2])> = HashMap::new();
        let cohort = state.catalogue().map(|catalogue| (&catalogue.cohort, &catalogue.splits));
        for (place, id) in evaluation.patients().iter().enumerate() {
            let Some((cohort, splits)) = cohort else { break };
            let Some(patient) = cohort.patient(id) else { continue };
            for limb in Limb::ALL {
                let Some(path) = cohort.film(patient, limb) else { continue };
                let split = splits.get(&(id.clone(), limb)).cloned().map(Group::Split);
                let own = split.into_iter().chain(format(&path).map(Group::Format)).collect();
                let boxed = labelled.get(&(place, limb)).copied();
                films.insert((place, limb), (own, boxed.unwrap_or_else(|| Task::ALL.map(|task| patient.has_labels(task, limb)))));
            }
        }
        let mut all: BTreeSet<Group> = sites.iter().flatten().cloned().map(Group::Site).collect();
        for (own, boxed) in films.values() {
            all.extend(own.iter().cloned());
            all.extend(boxed.map(Group::Boxed));
        }
        let places: BTreeMap<Group, usize> = all.iter().cloned().enumerate().map(|(place, group)| (group, place)).collect();
        let place = move |group: &Group| places.get(group).copied();
        let sites: Vec<Option<usize>> = sites.into_iter().map(|site| place(&Group::Site(site?))).collect();
        let boxed = [false, true].map(|boxed| place(&Group::Boxed(boxed)));
        let films: HashMap<(usize, Limb), (Vec<usize>, [bool; 2])> =
            films.into_iter().map(|(key, (own, labelled))| (key, (own.iter().filter_map(&place).collect(), labelled))).collect();
        let of = move |patient: usize, joint: &'static Joint| {
            let mut own: Vec<usize> = sites.get(patient).copied().flatten().into_iter().collect();
            if let Some((film, labelled)) = films.get(&(patient, joint.limb)) {
                own.extend(film);
                // The boxes of a foot serve both tasks.
                let task = if joint.limb.is_hand() { joint.task } else { Task::Narrowing };
                own.extend(boxed[usize::from(labelled[task as usize])]);
            }
            own
        };
        Self { all: all.into_iter().collect(), of: Box::new(of) }
    }

    /// By tag: of the joint, its boxes, its film and its patient.
    #[must_use]
    pub fn of_tags<'a>(state: &'a Whole, evaluation: &'a Evaluation) -> Groups<'a> {
        let tags = state.session.tags();
        let names: Vec<String> =
            tags.tagged().filter(|(subject, _)| subject.run.is_none()).flat_map(|(_, tags)| tags).map(str::to_owned).collect();
        let mut all: BTreeSet<Group> = names.into_iter().map(Group::Tag).collect();
        if !all.is_empty() {
            all.insert(Group::Untagged);
        }
        let all: Vec<Group> = all.into_iter().collect();
        let places: HashMap<String, usize> = all
            .iter()
            .enumerate()
            .filter_map(|(place, group)| if let Group::Tag(tag) = group { Some((tag.clone(), place)) } else { None })
            .collect();
        let untagged = all.len().checked_sub(1);
        let of = move |patient: usize, joint: &'static Joint| {
            let Some(id) = evaluation.patients().get(patient) else { return Vec::new() };
            let boxes = || {
                let place = evaluation.place(patient, joint);
                place.model.into_iter().chain(place.reference)
            };
            let own = if tags.of_patient(id).is_empty() { Vec::new() } else { tags.of_place(id, joint.limb, Some(joint), boxes()) };
            let own: Vec<usize> = own.into_iter().filter_map(|tag| places.get(tag).copied()).collect();
            if own.is_empty() { untagged.into_iter().collect() } else { own }
        };
        Groups { all, of: Box::new(of) }
    }
}

/// The letters that an id begins with; `None` where it does not begin with any, or is nothing else.
fn site(id: &str) -> Option<String> {
    let end = id.find(|letter: char| letter.is_ascii_digit())?;
    let beginning = id[..end].trim_end_matches(['-', '_', '.', ' ']);
    (!beginning.is_empty()).then(|| beginning.to_owned())
}

/// The kind of a film's file by its ending.
fn format(path: &Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "JPEG",
        "png" => "PNG",
        "tif" | "tiff" => "TIFF",
        "bmp" => "BMP",
        "dcm" | "dicom" => "DICOM",
        _ => return None,
    })
}
