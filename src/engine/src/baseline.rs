//! Trivial baselines beside the scorers: what a single measure of a joint's crop says of its grade.
//!
//! Narrowing has the width of the gap, erosion what is missing of the bone, each against joints of the same name that a reader graded 0; a grade
//! follows by thresholds that are fitted on one cohort (the best quadratic kappa) and judged on another. A network that does no better has learned
//! nothing worth its size, and films that such a measure reads well are easy films.

mod measure;
mod patch;
mod thresholds;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::json;
use svh_core::{Cohort, Film, Joint, LabelledBox, Limb, Task, atomic, bone_axis, polarity};

use crate::scorer::scale_name;
use crate::train::validation_metrics::ValidationMetrics;
use crate::{Error, Result};
use measure::Typical;
use patch::Patch;
use thresholds::Thresholds;

/// `svh-engine baseline`
#[derive(Clone, Debug, clap::Args)]
pub struct BaselineArgs {
    /// Cohort to fit the thresholds on, with boxes and grades
    #[arg(long, value_name = "COHORT")]
    pub train: PathBuf,
    /// Cohort to test them on; may be repeated
    #[arg(long, value_name = "COHORT", required = true)]
    pub test: Vec<PathBuf>,
    /// Write narrowing.csv, hand_erosion.csv and foot_erosion.csv, in one folder per cohort, for `svh agreement`: columns true, predicted, patient, joint
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON object per cohort and scale
    #[arg(long)]
    pub json: bool,
}

/// The scales of grades, which are never pooled.
const SCALES: [Scale; 3] = [
    Scale { name: "narrowing", task: Task::Narrowing, max: 4 },
    Scale { name: "hand_erosion", task: Task::Erosion, max: 5 },
    Scale { name: "foot_erosion", task: Task::Erosion, max: 10 },
];

#[derive(Clone, Copy, Debug)]
struct Scale {
    name: &'static str,
    task: Task,
    max: u8,
}

impl Scale {
    fn has(&self, joint: &Joint) -> bool {
        scale_name(joint) == self.name
    }
}

/// A joint with a person's box and grade.
struct Case {
    patient: String,
    joint: &'static Joint,
    grade: u8,
    patch: Patch,
}

/// Fits on one cohort, judges on the others; the answer is the text to be printed.
pub fn run(args: &BaselineArgs) -> Result<String> {
    let training = cases(&args.train)?;
    let fitted: Vec<Fitted> = SCALES.into_iter().filter_map(|scale| Fitted::on(scale, &training)).collect();
    if fitted.is_empty() {
        return Err(Error::Data(format!("{} has no joint with a box and a grade; thresholds are fitted on such", args.train.display())));
    }
    let mut text = String::new();
    for test in &args.test {
        let cases = cases(test)?;
        for fitted in &fitted {
            let judged: Vec<(&Case, u8)> =
                cases.iter().filter(|case| fitted.scale.has(case.joint)).map(|case| (case, fitted.grade(case))).collect();
            let mut metrics = ValidationMetrics::new(fitted.scale.max);
            judged.iter().for_each(|(case, grade)| metrics.add(case.grade, *grade));
            let line = json!({
                "cohort": test, "scale": fitted.scale.name, "thresholds": fitted.thresholds.values(), "fitted_qwk": fitted.qwk,
                "figures": metrics.to_json(),
            });
            if args.json {
                let _ = writeln!(text, "{line}");
            } else {
                let _ = writeln!(
                    text,
                    "{}  {:<13} {:>6} joints  accuracy {:.3}  balanced {:.3}  majority {:.3}  kappa q {:.3} (fitted {:.3})",
                    test.display(),
                    fitted.scale.name,
                    metrics.n(),
                    metrics.accuracy(),
                    metrics.balanced_accuracy(),
                    metrics.majority(),
                    metrics.qwk(),
                    fitted.qwk
                );
            }
            if let Some(out) = &args.out {
                write(&out.join(test.file_name().unwrap_or_default()), fitted.scale, &judged)?;
            }
        }
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

fn write(folder: &Path, scale: Scale, judged: &[(&Case, u8)]) -> Result<()> {
    svh_core::access::make_folders(folder).map_err(Error::io("create", folder))?;
    let mut table = String::from("true,predicted,patient,joint\n");
    for (case, grade) in judged {
        let _ = writeln!(table, "{},{grade},{},{}", case.grade, svh_core::ra2::quoted(&case.patient), case.joint.label);
    }
    let path = folder.join(format!("{}.csv", scale.name));
    atomic::write(&path, table.as_bytes()).map_err(|error| Error::Data(error.to_string()))
}

/// Every joint of a cohort that a person boxed and graded, film by film in parallel.
fn cases(root: &Path) -> Result<Vec<Case>> {
    let cohort = Cohort::open(root)?;
    let films: Vec<_> = cohort.patients().iter().flat_map(|patient| Limb::ALL.map(|limb| (patient, limb))).collect();
    let of_film = |(patient, limb): &(&svh_core::Patient, Limb)| {
        let Some((path, grades)) = cohort.film(patient, *limb).zip(cohort.grades_of(patient)) else { return Vec::new() };
        let labels = cohort.boxes(patient, *limb);
        let boxes = || Task::ALL.into_iter().flat_map(|task| labels.of(task)).filter(|labelled| labelled.is_readers());
        if boxes().next().is_none() {
            return Vec::new();
        }
        let film = match Film::open(&path) {
            Ok(film) => film,
            Err(error) => {
                eprintln!("svh-engine: {}; its joints are left out", svh_core::printable::text(&error.to_string()));
                return Vec::new();
            }
        };
        let film = polarity::positive(film, &boxes().map(|labelled| labelled.bbox).collect::<Vec<_>>());
        let centres: Vec<(&str, (f32, f32))> = boxes().map(|labelled| (labelled.joint.joint.as_str(), labelled.bbox.centre())).collect();
        let case = |labelled: &LabelledBox| {
            let joint = labelled.joint;
            let axis = bone_axis::of(joint, &centres);
            Some(Case {
                patient: patient.id.clone(),
                joint,
                grade: grades.get(joint)?,
                patch: Patch::cut(&film, labelled.bbox, axis, joint.limb),
            })
        };
        boxes().filter_map(case).collect::<Vec<_>>()
    };
    Ok(films.par_iter().flat_map_iter(of_film).collect())
}

/// A scale with what is typical of its joints and its thresholds.
struct Fitted {
    scale: Scale,
    typical: Typical,
    thresholds: Thresholds,
    qwk: f64,
}

impl Fitted {
    /// `None` without a joint of the scale.
    fn on(scale: Scale, cases: &[Case]) -> Option<Self> {
        let own: Vec<&Case> = cases.iter().filter(|case| scale.has(case.joint)).collect();
        let healthy = own.iter().filter(|case| case.grade == 0).map(|case| (case.joint, &case.patch));
        let typical = Typical::of(scale.task, healthy);
        let measured: Vec<(u8, f32)> = own.iter().map(|case| (case.grade, typical.damage(case.joint, &case.patch))).collect();
        let (thresholds, qwk) = Thresholds::fit(&measured, scale.max)?;
        Some(Self { scale, typical, thresholds, qwk })
    }

    fn grade(&self, case: &Case) -> u8 {
        self.thresholds.grade(self.typical.damage(case.joint, &case.patch))
    }
}
