//! The lines of `events.jsonl` and `results.jsonl`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};

use crate::names::nfc;
use crate::{FilmDetections, Limb, PatientScore, joint};

/// A line of `events.jsonl`. Seconds count from the start of the process that wrote the line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// A step of training.
    Step {
        /// Steps done, counted over resumes.
        step: u64,
        /// Counted from 0.
        epoch: u32,
        /// Steps of the whole training.
        total_steps: u64,
        /// By name; `total` is the sum. A value that is not a number is kept as NaN.
        #[serde(deserialize_with = "with_nan")]
        losses: BTreeMap<String, f64>,
        /// The learning rate of this step.
        lr: f64,
        /// See [`RunEvent`].
        seconds: f64,
    },
    /// Metrics measured now and then, such as accuracy after an epoch.
    #[serde(rename = "figures")]
    Metrics {
        /// Steps done.
        step: u64,
        /// Counted from 0.
        epoch: u32,
        /// What they were measured on: `train`, `validation`.
        split: String,
        /// By name.
        #[serde(deserialize_with = "with_nan")]
        values: BTreeMap<String, f64>,
        /// See [`RunEvent`].
        seconds: f64,
    },
    /// Films or patients done.
    Progress {
        /// So many.
        done: usize,
        /// Of so many.
        total: usize,
        /// What is being done, in a few words.
        what: String,
        /// See [`RunEvent`].
        seconds: f64,
    },
    /// Something that a reader of the run should know.
    Log {
        /// One sentence.
        message: String,
        /// See [`RunEvent`].
        seconds: f64,
    },
}

/// JSON knows no NaN: it is written as null, and a diverged loss must stay readable.
fn with_nan<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let values = BTreeMap::<String, Option<f64>>::deserialize(input)?;
    Ok(values.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect())
}

/// A line of `results.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ResultLine {
    /// What was found on a film.
    Film(FilmDetections),
    /// The grades of a patient.
    Patient(PatientScore),
    /// A film that could not be read.
    Failed {
        /// As it was named by the caller.
        film: String,
        /// Why, in one sentence.
        failed: String,
    },
}

impl ResultLine {
    /// The line over some films alone; `None` where nothing of it is left. `keep` is asked with a patient's id, which the name of a film tells, and a limb.
    #[must_use]
    pub fn only_films(self, keep: impl Fn(&str, Limb) -> bool) -> Option<Self> {
        let stem = |film: &str| Path::new(film).file_stem().map(|stem| nfc(&stem.to_string_lossy()).into_owned()).unwrap_or_default();
        let named = |film: &str, limb: Option<Limb>| {
            let stem = stem(film);
            let (patient, by_name) = Limb::split_stem(&stem).map_or((stem.as_str(), None), |(patient, limb)| (patient, Some(limb)));
            by_name.or(limb).is_none_or(|limb| keep(patient, limb))
        };
        match self {
            Self::Film(film) => named(&film.film, Some(film.limb)).then_some(Self::Film(film)),
            Self::Patient(patient) => patient.only_limbs(keep).map(Self::Patient),
            Self::Failed { film, failed } => named(&film, None).then_some(Self::Failed { film, failed }),
        }
    }

    /// What was found on a film, if that is what the line tells.
    #[must_use]
    pub fn as_film(&self) -> Option<&FilmDetections> {
        if let Self::Film(film) = self { Some(film) } else { None }
    }

    /// The grades of a patient, if that is what the line tells.
    #[must_use]
    pub fn as_patient(&self) -> Option<&PatientScore> {
        if let Self::Patient(patient) = self { Some(patient) } else { None }
    }

    /// Whether its numbers can be those of a run: grades of the scales, scores and probabilities from 0 to 1, boxes with finite sides, classes with their
    /// names. A line that is damaged and still well-formed is found by this.
    pub(super) fn is_sound(&self) -> bool {
        let share = |value: f32| (-0.001..=1.001).contains(&value);
        match self {
            Self::Film(film) => film.detections.iter().all(|found| {
                let named = joint::by_class(found.task, found.class_id).is_none_or(|joint| joint.label == found.joint);
                named && share(found.score) && <[f32; 4]>::from(found.bbox).iter().all(|side| side.is_finite())
            }),
            Self::Patient(patient) => patient.joints.iter().all(|(column, score)| {
                let in_scale = joint::by_column(column).is_some_and(|joint| score.grade <= joint.max_grade);
                in_scale && score.expected.is_finite() && score.probabilities.iter().all(|probability| share(*probability))
            }),
            Self::Failed { .. } => true,
        }
    }
}
