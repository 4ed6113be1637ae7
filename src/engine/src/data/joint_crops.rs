//! The graded joints of a cohort as crops: cut out once when the training begins, varied anew at every step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use svh_core::{BBox, Cohort, Film, Joint, Limb, polarity};

use super::crop_warp::Patch;
use crate::crop::Gray;
use crate::scorer::ScorerConfig;
use crate::{Error, Result};

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
    pub fn open(root: &Path, config: &ScorerConfig, share: f64, seed: u64) -> Result<Self> {
        let cohort = Cohort::open(root)?;
        if cohort.grades().is_none() {
            return Err(Error::Data(format!("{} has no training.csv; a scorer learns from grades", root.display())));
        }
        let mut crops = Self { name: cohort.name(), problems: cohort.problems().to_vec(), ..Self::default() };
        let sources = crops.sources(&cohort, config, share, seed);
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

    fn sources(&mut self, cohort: &Cohort, config: &ScorerConfig, share: f64, seed: u64) -> Vec<Source> {
        let mut sources: BTreeMap<&str, Vec<Source>> = BTreeMap::new();
        for patient in cohort.patients() {
            let Some(grades) = cohort.grades_of(patient) else { continue };
            for limb in Limb::ALL {
                let Some(path) = cohort.film(patient, limb) else { continue };
                let labels = cohort.boxes(patient, limb);
                let boxes = labels.of(config.task.task()).iter().filter(|truth| config.task.outputs(config.classes, truth.joint).is_some());
                let joints: Vec<_> = boxes.filter_map(|truth| Some((truth.joint, truth.bbox, grades.get(truth.joint)?))).collect();
                self.problems.extend(labels.problems);
                if !joints.is_empty() {
                    sources.entry(&patient.id).or_default().push(Source { path, held_out: false, joints });
                }
            }
        }
        let held_out = draw(&sources.keys().copied().collect::<Vec<_>>(), share, seed);
        self.training_patients = sources.len() - held_out.len();
        for patient in &held_out {
            for source in sources.get_mut(patient.as_str()).into_iter().flatten() {
                source.held_out = true;
            }
        }
        self.held_out_patients = held_out;
        sources.into_values().flatten().collect()
    }
}

/// Draws the patients that are held out: those whose hash of seed and id is smallest, so that other patients in the cohort change little.
fn draw(patients: &[&str], share: f64, seed: u64) -> Vec<String> {
    let hash = |id: &str| {
        let bytes = id.bytes().chain(seed.to_le_bytes());
        bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    let count = (patients.len() as f64 * share).round() as usize;
    let mut order: Vec<&str> = patients.to_vec();
    order.sort_by_key(|id| hash(id));
    // At least one patient is learned from.
    let mut chosen: Vec<String> = order.into_iter().take(count.min(patients.len().saturating_sub(1))).map(str::to_owned).collect();
    chosen.sort();
    chosen
}

fn cut_film(source: &Source, config: &ScorerConfig) -> (Vec<Cut>, Option<String>) {
    let film = match Film::open(&source.path) {
        Ok(film) => film,
        Err(error) => return (Vec::new(), Some(error.to_string())),
    };
    let boxes: Vec<BBox> = source.joints.iter().map(|(_, bbox, _)| *bbox).collect();
    let film = if config.crop().wants_positive() && polarity::is_negative(&film, &boxes) { film.inverted() } else { film };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_divided_by_seed_and_the_division_hardly_changes_with_the_cohort() {
        let ids: Vec<String> = (0..200).map(|n| format!("UAB{n:03}")).collect();
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        let held_out = draw(&all, 0.1, 1);
        assert_eq!(held_out.len(), 20);
        assert_eq!(held_out, draw(&all, 0.1, 1));
        assert_ne!(held_out, draw(&all, 0.1, 2));
        let fewer = draw(&all[..190], 0.1, 1);
        assert!(fewer.iter().filter(|id| held_out.contains(id)).count() >= 16);
        assert_eq!(draw(&all[..1], 0.9, 1), Vec::<String>::new());
    }
}
