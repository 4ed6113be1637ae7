//! Fits the calibration of a scorer: see [`Calibration`].

use std::collections::BTreeMap;
use std::path::Path;

use svh_core::model_command::Calibrate;
use svh_core::{BBox, Cohort, Film, GradeRow, Joint, Limb, Patient, polarity};
use tch::{Device, Kind, Tensor};

use crate::models::{self, WEIGHTS};
use crate::scorer::{Calibration, CalibrationStep, Familiarity, GradeRequest, Scorer, favoured, group_index, scale_name, to_continuation};
use crate::{Error, Result};

/// Slope and three offsets.
const TERMS: usize = 4;
/// How strongly each term is held to what changes nothing: the precision of a normal prior.
const HELD: [f64; TERMS] = [2.0, 0.5, 0.5, 0.5];
/// The same with a slope that stays what it is.
const HELD_AT_SLOPE_1: [f64; TERMS] = [1e9, 0.5, 0.5, 0.5];
/// What changes nothing.
const NEUTRAL: [f64; TERMS] = [1.0, 0.0, 0.0, 0.0];
/// Newton's steps at most; a dozen is usual.
const STEPS: usize = 40;

/// One patient's joints: what the network says of each, and its reference grade.
type Graded = Vec<(&'static Joint, Vec<f32>, u8)>;

/// One joint at one step: is it above this grade, given that it is not below?
struct Trial {
    terms: [f64; TERMS],
    above: bool,
}

/// Fits and writes; the sentence says what it did to the mean log loss.
pub fn run(args: &Calibrate, device: Device, told: &mut dyn FnMut(usize, usize)) -> Result<String> {
    let scorer = Scorer::load(&args.model, device)?;
    let patients = read(&scorer, &args.cohort, told)?;
    let joints: usize = patients.iter().map(Vec::len).sum();
    if joints == 0 {
        let task = scorer.config().task.task();
        return Err(Error::Data(format!(
            "{} has no joint with both a box and a grade for {task}; name another cohort",
            args.cohort.display()
        )));
    }
    let before = log_loss(&patients, None);
    let mut calibration = fit(&patients, args.sharpen)?;
    if args.favour_rare {
        calibration.favour = favour(&patients, &calibration);
    }
    let after = log_loss(&patients, Some(&calibration));
    let mut config = scorer.config().clone();
    config.extras.calibration = Some(calibration);
    let mut card = scorer.card().clone();
    card.config = config.card().config;
    let origin = args.cohort.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let sharpened = if args.sharpen { ", sharpening allowed," } else { "" };
    card.trained_on = format!("{} Calibrated{sharpened} on {} patients of {origin}.", card.trained_on, patients.len());
    keep_weights(&args.model, &args.out)?;
    models::write_card(&args.out, &card)?;
    Ok(format!("{joints} joints of {} patients: mean log loss {before:.4} before, {after:.4} after", patients.len()))
}

/// Copies a scorer's weights, and what it knows, into another folder.
pub(super) fn keep_weights(from_folder: &Path, to_folder: &Path) -> Result<()> {
    svh_core::access::make_folders(to_folder).map_err(Error::io("create", to_folder))?;
    let (from, to) = (from_folder.join(WEIGHTS), to_folder.join(WEIGHTS));
    // A folder may be written over itself.
    if from.canonicalize().ok() != to.canonicalize().ok() {
        std::fs::copy(&from, &to).map_err(Error::io("write", &to))?;
        // What was fitted on these weights' features stays true; nothing is there where it was not fitted.
        let _ = std::fs::copy(Familiarity::path(from_folder), Familiarity::path(to_folder));
    }
    Ok(())
}

fn read(scorer: &Scorer, root: &Path, told: &mut dyn FnMut(usize, usize)) -> Result<Vec<Graded>> {
    let cohort = Cohort::open(root)?;
    let mut graded = Vec::new();
    for (index, patient) in cohort.patients().iter().enumerate() {
        if let Some(grades) = cohort.grades_of(patient) {
            let joints = of_patient(scorer, &cohort, patient, grades)?;
            graded.extend((!joints.is_empty()).then_some(joints));
        }
        told(index + 1, cohort.patients().len());
    }
    Ok(graded)
}

fn of_patient(scorer: &Scorer, cohort: &Cohort, patient: &Patient, grades: &GradeRow) -> Result<Graded> {
    let task = scorer.config().task.task();
    let mut films = Vec::new();
    for limb in Limb::ALL {
        let labels = cohort.boxes(patient, limb);
        let boxes: Vec<_> = labels.of(task).iter().filter(|reference| reference.is_readers() && scorer.grades(reference.joint)).collect();
        // A film that cannot be read takes no part; a training says which those are.
        if let (Some(Ok(film)), false) = (cohort.film(patient, limb).map(|path| Film::open(&path)), boxes.is_empty()) {
            let places: Vec<BBox> = boxes.iter().map(|reference| reference.bbox).collect();
            let film = if scorer.config().crop().wants_positive() { polarity::positive(film, &places) } else { film };
            let joints: Vec<_> =
                boxes.iter().filter_map(|reference| Some((reference.joint, reference.bbox, grades.get(reference.joint)?))).collect();
            films.push((film, joints));
        }
    }
    let requests: Vec<(GradeRequest, u8)> = films
        .iter()
        .flat_map(|(film, joints)| joints.iter().map(move |(joint, bbox, grade)| (GradeRequest { joint, film, bbox: *bbox }, *grade)))
        .collect();
    let (requests, grades): (Vec<GradeRequest>, Vec<u8>) = requests.into_iter().unzip();
    let answers = scorer.natural(&requests)?;
    Ok(requests.iter().zip(answers).zip(grades).filter_map(|((request, answer), grade)| Some((request.joint, answer?, grade))).collect())
}

/// The calibration that makes these patients' grades likeliest; without `sharpen` among those whose slopes are 1 at most.
fn fit(patients: &[Graded], sharpen: bool) -> Result<Calibration> {
    let mut calibration = Calibration::default();
    let mut trials: BTreeMap<(&str, usize), Vec<Trial>> = BTreeMap::new();
    for (joint, grades, reference) in patients.iter().flatten() {
        for (step, logit) in to_continuation(grades).iter().enumerate().take(usize::from(*reference) + 1) {
            let mut terms = [0.0; TERMS];
            terms[0] = f64::from(*logit);
            terms[1 + group_index(joint.group())] = 1.0;
            trials.entry((scale_name(joint), step)).or_default().push(Trial { terms, above: usize::from(*reference) > step });
        }
    }
    for ((scale, step), trials) in &trials {
        let steps = calibration.scales.entry((*scale).to_owned()).or_default();
        // A step that no joint reached stays as it is.
        steps.resize(*step, CalibrationStep::IDENTITY);
        let free = regress(trials, &HELD)?;
        // The loss is convex: where the best slope is above the limit, the best one within it lies on the limit.
        steps.push(if free.slope > 1.0 && !sharpen { regress(trials, &HELD_AT_SLOPE_1)? } else { free });
    }
    Ok(calibration)
}

/// For each scale as much favour for rare grades as makes the sum of all grades the readers'.
fn favour(patients: &[Graded], calibration: &Calibration) -> BTreeMap<String, Vec<f32>> {
    let mut scales: BTreeMap<&str, Vec<(Vec<f32>, u8)>> = BTreeMap::new();
    for (joint, grades, reference) in patients.iter().flatten() {
        scales.entry(scale_name(joint)).or_default().push((calibration.apply(joint, grades), *reference));
    }
    scales.into_iter().map(|(scale, graded)| (scale.to_owned(), favour_of_scale(&graded))).collect()
}

/// Minus so much of the logarithm of each grade's frequency: nothing where the most probable grades sum up to the readers' already, all of it at most (then
/// every grade is as likely as every other before the film is seen).
fn favour_of_scale(graded: &[(Vec<f32>, u8)]) -> Vec<f32> {
    let classes = graded.iter().map(|(grades, _)| grades.len()).max().unwrap_or(0);
    let count = |grade: usize| graded.iter().filter(|(_, reference)| usize::from(*reference) == grade).count();
    // One more of each: a grade that no patient had is rare, not impossible.
    let rarity: Vec<f32> = (0..classes).map(|grade| -((count(grade) + 1) as f32 / (graded.len() + classes) as f32).ln()).collect();
    let of_share = |percent: usize| rarity.iter().map(|rare| percent as f32 / 100.0 * rare).collect::<Vec<f32>>();
    let wanted: usize = graded.iter().map(|(_, reference)| usize::from(*reference)).sum();
    let given = |favour: &[f32]| graded.iter().map(|(grades, _)| favoured(grades, favour)).sum::<usize>();
    (0..100).map(of_share).find(|favour| given(favour) >= wanted).unwrap_or_else(|| of_share(100))
}

/// Logistic regression with a normal prior of precision `held` round the neutral terms, by Newton's method.
fn regress(trials: &[Trial], held: &[f64; TERMS]) -> Result<CalibrationStep> {
    let n = TERMS as i64;
    let flat: Vec<f64> = trials.iter().flat_map(|trial| trial.terms).collect();
    let x = Tensor::f_from_slice(&flat)?.f_view([-1, n])?;
    let y = Tensor::f_from_slice(&trials.iter().map(|trial| f64::from(u8::from(trial.above))).collect::<Vec<_>>())?;
    let across = x.f_transpose(0, 1)?;
    let (neutral, held) = (Tensor::f_from_slice(&NEUTRAL)?, Tensor::f_from_slice(held)?);
    let mut w = Tensor::f_from_slice(&NEUTRAL)?;
    let cost = |w: &Tensor| -> Result<f64> {
        let z = x.f_mv(w)?;
        let off = w.f_sub(&neutral)?;
        let prior = held.f_mul(&off.f_mul(&off)?)?.f_sum(Kind::Double)?.f_mul_scalar(0.5)?;
        Ok(z.f_softplus()?.f_sub(&z.f_mul(&y)?)?.f_sum(Kind::Double)?.f_add(&prior)?.f_double_value(&[])?)
    };
    let mut least = cost(&w)?;
    for _ in 0..STEPS {
        let p = x.f_mv(&w)?.f_sigmoid()?;
        let gradient = across.f_mv(&p.f_sub(&y)?)?.f_add(&held.f_mul(&w.f_sub(&neutral)?)?)?;
        let weight = p.f_mul(&p.f_neg()?.f_add_scalar(1.0)?)?.f_clamp_min(1e-9)?;
        let hessian = across.f_matmul(&x.f_mul(&weight.f_unsqueeze(1)?)?)?.f_add(&held.f_diag(0)?)?;
        let step = Tensor::f_linalg_solve(&hessian, &gradient, true)?;
        if step.f_norm()?.f_double_value(&[])? < 1e-7 {
            break;
        }
        // Far from the optimum a whole step may overshoot, and two of them may lead back to where they began: a part of it always lowers the cost.
        let mut part = 1.0;
        let better = loop {
            let tried = w.f_sub(&step.f_mul_scalar(part)?)?;
            let now = cost(&tried)?;
            if now < least {
                break Some((tried, now));
            }
            part *= 0.5;
            if part < 1e-6 {
                break None;
            }
        };
        let Some(better) = better else { break };
        (w, least) = better;
    }
    let w = Vec::<f64>::try_from(w.f_to_kind(Kind::Double)?)?;
    let at = |index: usize| w[index] as f32;
    Ok(CalibrationStep { slope: at(0), offsets: [at(1), at(2), at(3)] })
}

/// The mean negative logarithm of the reference grades' probabilities.
fn log_loss(patients: &[Graded], calibration: Option<&Calibration>) -> f64 {
    let (mut sum, mut count) = (0.0, 0usize);
    for (joint, grades, reference) in patients.iter().flatten() {
        let calibrated = calibration.map_or_else(|| grades.clone(), |calibration| calibration.apply(joint, grades));
        sum -= f64::from(calibrated.get(usize::from(*reference)).copied().unwrap_or(0.0));
        count += 1;
    }
    sum / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use rand::Rng;
    use svh_core::{Task, joint};

    use super::*;
    use crate::data::order::rng_of;

    #[test]
    fn a_regression_finds_the_terms_that_made_its_trials() {
        let mut rng = rng_of(1, 0, 0);
        let reference = [0.5, -1.0, 0.0, 2.0];
        let trials: Vec<Trial> = (0..60_000)
            .map(|_| {
                let mut terms = [0.0; TERMS];
                let group = if rng.random_bool(0.5) { 1 } else { 3 };
                (terms[0], terms[group]) = (rng.random_range(-4.0..4.0), 1.0);
                let score: f64 = terms.iter().zip(reference).map(|(a, b)| a * b).sum();
                Trial { terms, above: rng.random_bool(1.0 / (1.0 + (-score).exp())) }
            })
            .collect();
        let found = regress(&trials, &HELD).unwrap();
        assert!((found.slope - 0.5).abs() < 0.03, "{found:?}");
        assert!(
            (found.offsets[0] + 1.0).abs() < 0.05 && found.offsets[1].abs() < 1e-6 && (found.offsets[2] - 2.0).abs() < 0.08,
            "{found:?}"
        );
    }

    /// Patients whose network is too sure of itself.
    fn patients() -> Vec<Graded> {
        let mut rng = rng_of(2, 0, 0);
        let joints: Vec<_> = joint::of_limb(Task::Narrowing, Limb::LeftHand).collect();
        (0..300)
            .map(|_| {
                let sick = rng.random_bool(0.3);
                joints
                    .iter()
                    .map(|joint| {
                        let reference = u8::from(rng.random_bool(if sick { 0.6 } else { 0.05 }));
                        let seen = if rng.random_bool(0.8) { reference } else { 1 - reference };
                        let grades = [0, 1, 2, 3, 4].map(|g| if g == seen { 0.96f32.ln() } else { 0.01f32.ln() });
                        (*joint, grades.to_vec(), reference)
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn calibration_lowers_the_loss() {
        let patients = patients();
        let plain = log_loss(&patients, None);
        let calibrated = log_loss(&patients, Some(&fit(&patients, false).unwrap()));
        assert!(calibrated < 0.8 * plain, "{plain} {calibrated}");
    }

    /// Patients whose network is not as sure as it may be: every grade that it thinks likelier is the true one.
    fn patients_of_a_timid_network() -> Vec<Graded> {
        let joints: Vec<_> = joint::of_limb(Task::Narrowing, Limb::LeftHand).collect();
        let grades = |reference: u8| [0, 1, 2, 3, 4].map(|g| if g == reference { 0.4f32.ln() } else { 0.15f32.ln() }).to_vec();
        let reference = |patient: usize, at: usize| u8::from((patient + at).is_multiple_of(4));
        (0..50)
            .map(|patient| {
                joints.iter().enumerate().map(|(at, joint)| (*joint, grades(reference(patient, at)), reference(patient, at))).collect()
            })
            .collect()
    }

    #[test]
    fn probabilities_become_surer_only_where_it_is_asked_for() {
        let patients = patients_of_a_timid_network();
        let (free, held) = (fit(&patients, true).unwrap(), fit(&patients, false).unwrap());
        assert!(free.scales["narrowing"][0].slope > 1.5, "{free:?}");
        assert!(held.scales["narrowing"].iter().all(|step| step.slope < 1.0 + 1e-5), "{held:?}");
        // The limit costs likelihood on the films of the fit, and what is left of the terms is still fitted.
        let loss = |calibration: Option<&Calibration>| log_loss(&patients, calibration);
        assert!(loss(Some(&free)) < loss(Some(&held)) && loss(Some(&held)) < loss(None));
    }

    #[test]
    fn favour_for_rare_grades_makes_the_sum_of_grades_the_readers() {
        let mut rng = rng_of(3, 0, 0);
        let graded: Vec<(Vec<f32>, u8)> = (0..20_000)
            .map(|_| {
                let sick: f32 = rng.random_range(0.0..0.6);
                (vec![(1.0 - sick).ln(), sick.ln()], u8::from(rng.random_bool(sick.into())))
            })
            .collect();
        let sum = |favour: &[f32]| graded.iter().map(|(grades, _)| favoured(grades, favour)).sum::<usize>() as f64;
        let readers = graded.iter().map(|(_, reference)| f64::from(*reference)).sum::<f64>();
        assert!(sum(&[]) < 0.6 * readers, "the most probable grades fall short");
        assert!((sum(&favour_of_scale(&graded)) / readers - 1.0).abs() < 0.05);
        let shy: Vec<_> = graded.iter().map(|(grades, _)| (grades.clone(), 0)).collect();
        assert_eq!(favour_of_scale(&shy), [0.0, 0.0], "what sums up to more already is left alone");
    }
}
