//! The graded joints of a cohort as crops: cut out once when the training begins, augmented again at every step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use svh_core::visits::Visits;
use svh_core::{BBox, Cohort, Film, Joint, LabelledBox, Limb, Split, polarity};

use super::crop_warp::Patch;
use crate::crop::Gray;
use crate::scorer::ScorerConfig;
use crate::{Error, Result};
use svh_core::training::{Proposals, left_out};

/// A graded joint that is learned from.
#[derive(Clone, Debug)]
pub struct TrainingCrop {
    /// Which joint.
    pub joint: &'static Joint,
    /// Its grade.
    pub grade: u8,
    /// The joint and what lies around it.
    pub patch: Patch,
}

/// A graded joint that is measured on: the crop as inference cuts it.
#[derive(Clone, Debug)]
pub struct HeldOutCrop {
    /// Which joint.
    pub joint: &'static Joint,
    /// Its grade.
    pub grade: u8,
    /// The network's input.
    pub crop: Gray,
}

/// All crops of a cohort, divided by patient.
#[derive(Debug, Default)]
pub struct JointCrops {
    /// Learned from.
    pub training: Vec<TrainingCrop>,
    /// Measured on.
    pub held_out: Vec<HeldOutCrop>,
    /// The patients measured on.
    pub held_out_patients: Vec<String>,
    /// How many of them belong to the training cohort; they come first. Another cohort may use the same ids.
    pub held_out_of_cohort: usize,
    /// How many patients are learned from.
    pub training_patients: usize,
    /// The cohort's name.
    pub name: String,
    /// What could not be used, one sentence each.
    pub problems: Vec<String>,
}

struct Source {
    path: PathBuf,
    held_out: bool,
    joints: Vec<(&'static Joint, BBox, u8)>,
}

enum Cut {
    Training(TrainingCrop),
    HeldOut(HeldOutCrop),
}

impl JointCrops {
    /// Cuts every joint that has a box and a grade and that the scorer grades. A share of the patients, drawn by `seed`, is held out.
    pub fn open(root: &Path, config: &ScorerConfig, share: f64, seed: u64, proposals: Proposals) -> Result<Self> {
        let cohort = Cohort::open(root)?;
        if cohort.grades().is_none() {
            return Err(Error::Data(format!("{} has no training.csv; a scorer learns from grades", root.display())));
        }
        let mut crops = Self { name: cohort.name(), problems: cohort.problems().to_vec(), ..Self::default() };
        let sources = crops.sources(&cohort, config, share, seed, proposals);
        let cut: Vec<(Vec<Cut>, Option<String>)> = sources.par_iter().map(|source| cut_film(source, config)).collect();
        for (cuts, problem) in cut {
            crops.problems.extend(problem);
            for cut in cuts {
                match cut {
                    Cut::Training(crop) => crops.training.push(crop),
                    Cut::HeldOut(crop) => crops.held_out.push(crop),
                }
            }
        }
        if crops.training.is_empty() {
            let task = config.task.task();
            return Err(Error::Data(format!(
                "{} has no joint with both a box in {}/ and a grade for {task}; a scorer learns from both",
                root.display(),
                svh_core::cohort::labels_folder(task)
            )));
        }
        Ok(crops)
    }

    /// Holds out the patients of another cohort, beside those that are held out already. What a model proposed is not a reference to measure on.
    pub(crate) fn hold_out(&mut self, root: &Path, config: &ScorerConfig) -> Result<()> {
        let cohort = Cohort::open(root)?;
        let mut other = Self::default();
        let mut sources = other.sources(&cohort, config, 0.0, 0, Proposals::Leave);
        sources.iter_mut().for_each(|source| source.held_out = true);
        let cut: Vec<(Vec<Cut>, Option<String>)> = sources.par_iter().map(|source| cut_film(source, config)).collect();
        for (cuts, problem) in cut {
            self.problems.extend(problem);
            self.held_out.extend(cuts.into_iter().filter_map(|cut| if let Cut::HeldOut(crop) = cut { Some(crop) } else { None }));
        }
        if self.held_out.is_empty() {
            return Err(Error::Data(format!("{} has no joint with both a box and a grade to be measured on", root.display())));
        }
        self.problems.append(&mut other.problems);
        self.held_out_patients.extend(cohort.patients().iter().map(|patient| patient.id.clone()));
        Ok(())
    }

    fn sources(&mut self, cohort: &Cohort, config: &ScorerConfig, share: f64, seed: u64, proposals: Proposals) -> Vec<Source> {
        let mut proposed = 0;
        let mut sources: BTreeMap<&str, Vec<Source>> = BTreeMap::new();
        for patient in cohort.patients() {
            let Some(grades) = cohort.grades_of(patient) else { continue };
            for limb in Limb::ALL {
                let Some(path) = cohort.film(patient, limb) else { continue };
                let labels = cohort.boxes(patient, limb);
                let boxes =
                    labels.of(config.task.task()).iter().filter(|labelled| config.task.outputs(config.classes, labelled.joint).is_some());
                let (boxes, others): (Vec<&LabelledBox>, Vec<&LabelledBox>) = boxes.partition(|labelled| proposals.allow_box(labelled));
                proposed += others.len();
                let joints: Vec<_> =
                    boxes.into_iter().filter_map(|labelled| Some((labelled.joint, labelled.bbox, grades.get(labelled.joint)?))).collect();
                self.problems.extend(labels.problems);
                if !joints.is_empty() {
                    sources.entry(&patient.id).or_default().push(Source { path, held_out: false, joints });
                }
            }
        }
        self.problems.extend(left_out(proposed, "boxes"));
        let visits = Visits::read(cohort.root()).unwrap_or_else(|error| {
            self.problems.push(format!("{error}; each film set counts as a patient of its own"));
            Visits::default()
        });
        let held_out = Split::draw_people(&sources.keys().copied().collect::<Vec<_>>(), &visits, share, seed).held_out;
        self.training_patients = sources.len() - held_out.len();
        for patient in &held_out {
            for source in sources.get_mut(patient.as_str()).into_iter().flatten() {
                source.held_out = true;
            }
        }
        self.held_out_of_cohort = held_out.len();
        self.held_out_patients = held_out;
        sources.into_values().flatten().collect()
    }
}

fn cut_film(source: &Source, config: &ScorerConfig) -> (Vec<Cut>, Option<String>) {
    let film = match Film::open(&source.path) {
        Ok(film) => film,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let boxes: Vec<BBox> = source.joints.iter().map(|(_, bbox, _)| *bbox).collect();
    let film = if config.crop().wants_positive() { polarity::positive(film, &boxes) } else { film };
    let size = config.size as u32;
    let cut = |(joint, bbox, grade): &(&'static Joint, BBox, u8)| {
        let (joint, grade) = (*joint, *grade);
        Some(match source.held_out {
            true => Cut::HeldOut(HeldOutCrop { joint, grade, crop: config.crop().crop(&film, *bbox, size).ok()? }),
            false => Cut::Training(TrainingCrop { joint, grade, patch: Patch::cut(&film, *bbox, &config.crop(), size)? }),
        })
    };
    (source.joints.iter().filter_map(cut).collect(), None)
}
