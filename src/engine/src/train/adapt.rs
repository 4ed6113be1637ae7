//! Fits a scorer to a cohort's films without their labels: `svh model adapt`.
//!
//! The statistics of its batch norms are moved by as much as joints that the scorer itself calls healthy differ from the healthy ones that it knows
//! ([`HealthyStatistics`]); the weights stay. Frequencies of grades change only where the caller gives a file of them: matching a cohort to the frequencies of
//! another would invent disease in healthy films. What the adaptation does to each patient's grades is reported, and a rise is warned of.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rand::Rng;
use serde_json::{Value, json};
use svh_core::model_command::Adapt;
use svh_core::protocol::{Event, FilmRequest};
use svh_core::{BBox, Cohort, Film, FilmDetections, Joint, JointGroup, Limb, joint, polarity};

use super::calibrate::keep_weights;
use crate::crop::Gray;
use crate::data::order::rng_of;
use crate::device::{self, Choice};
use crate::models;
use crate::nn::{ParamInit, Store};
use crate::pipeline::{DetectOptions, Session, Watch};
use crate::scorer::{GradeRequest, HEALTHY_CROPS, Network, Scorer, ScorerConfig, Severity, scale_name};
use crate::weights::{self, Precision, Weights};
use crate::{Error, Result};

/// Healthy joints that an adaptation needs: a patient has some 40 of them a scorer.
const LEAST: usize = 100;
/// A rise of the mean total by more than this, in points a patient, is warned of.
const RISE: f64 = 0.5;

/// A patient's joints on one film, found by the detector.
struct Limbs {
    path: PathBuf,
    joints: Vec<(&'static Joint, BBox)>,
}

/// A patient as the report has them.
struct Row {
    patient: String,
    before: u32,
    after: u32,
    joints: usize,
}

/// What a scorer gives a cohort.
struct Graded {
    /// Total and graded joints of each patient.
    totals: Vec<(u32, usize)>,
    /// Crops of joints that it calls healthy.
    healthy: Vec<(JointGroup, Gray)>,
}

/// Adapts, writes and reports.
pub fn run(args: &Adapt, models: &Path, choice: Choice, told: &mut dyn FnMut(usize, usize)) -> Result<String> {
    models::check_free(&args.out)?;
    let device = device::open(choice)?;
    let scorer = Scorer::load(&args.model, device)?;
    let known = scorer.familiarity().and_then(|familiarity| familiarity.healthy.clone()).ok_or_else(|| {
        Error::model(
            &args.model,
            "it has no reference of healthy joints; fit one with `svh model familiarity` (only EfficientNets can have one)",
        )
    })?;
    let frequencies = args.frequencies.as_deref().map(|path| read_frequencies(path, scorer.config())).transpose()?;
    let cohort = Cohort::open(&args.cohort)?;
    let patients = found(&scorer, &cohort, models, choice, told)?;
    let Graded { totals: before, healthy } = graded(&scorer, &patients, true)?;
    if healthy.len() < LEAST {
        return Err(Error::Data(format!(
            "{} has {} joints that {} calls healthy, and an adaptation needs {LEAST}; name a larger cohort",
            args.cohort.display(),
            healthy.len(),
            args.model.display()
        )));
    }
    let store = Store::new(device, ParamInit::Empty);
    let network = Network::new(&store.root(), scorer.config())?;
    Weights::read(&args.model.join(models::WEIGHTS))?.fill(&store)?;
    let Network::Efficient(efficient) = &network else {
        return Err(Error::Internal("a reference of healthy joints for another network".into()));
    };
    known.shift(efficient, scorer.config(), &healthy, device)?;
    write(args, &scorer, &store, &cohort, patients.len(), frequencies)?;
    let after = graded(&Scorer::load(&args.out, device)?, &patients, false)?.totals;
    let rows: Vec<Row> = patients
        .iter()
        .zip(before.iter().zip(&after))
        .map(|((patient, _), ((before, joints), (after, _)))| Row {
            patient: patient.clone(),
            before: *before,
            after: *after,
            joints: *joints,
        })
        .collect();
    Ok(if args.json { report(args, &rows, healthy.len()).to_string() } else { in_words(args, &rows, healthy.len()) })
}

/// The joints of all patients, as the detectors of the models' folder find them. Films that cannot be read take no part.
fn found(
    scorer: &Scorer,
    cohort: &Cohort,
    models: &Path,
    choice: Choice,
    told: &mut dyn FnMut(usize, usize),
) -> Result<Vec<(String, Vec<Limbs>)>> {
    let mut session = Session::new(models.to_owned(), choice, false)?;
    let mut patients = Vec::new();
    for (done, patient) in cohort.patients().iter().enumerate() {
        let films: Vec<FilmRequest> =
            Limb::ALL.into_iter().filter_map(|limb| Some(FilmRequest { path: cohort.film(patient, limb)?, limb: Some(limb) })).collect();
        let answers: RefCell<Vec<FilmDetections>> = RefCell::default();
        let emit = |event| {
            if let Event::Film { result, .. } = event {
                answers.borrow_mut().push(result);
            }
        };
        session.detect(&films, DetectOptions::default(), &Watch { id: 0, emit: &emit, stopped: &|| false })?;
        let limbs: Vec<Limbs> =
            answers.into_inner().into_iter().map(|film| of_film(scorer, film)).filter(|of| !of.joints.is_empty()).collect();
        if !limbs.is_empty() {
            patients.push((patient.id.clone(), limbs));
        }
        told(done + 1, cohort.patients().len());
    }
    if patients.is_empty() {
        return Err(Error::Data(format!("no joint was found on the films of {}; name another cohort", cohort.root().display())));
    }
    Ok(patients)
}

fn of_film(scorer: &Scorer, film: FilmDetections) -> Limbs {
    let task = scorer.config().task.task();
    // A film that lies on its side is graded upright; its boxes here are those of the film as it lies.
    let upright = film.turned == 0;
    let of_task = film.detections.iter().filter(|detection| upright && detection.kept && detection.task == task);
    let joints = of_task.filter_map(|detection| Some((joint::by_label(task, &detection.joint)?, detection.bbox)));
    Limbs { path: PathBuf::from(&film.film), joints: joints.filter(|(joint, _)| scorer.grades(joint)).collect() }
}

/// Total and graded joints of each patient; with `keep` also crops of joints called healthy, spread over all patients.
fn graded(scorer: &Scorer, patients: &[(String, Vec<Limbs>)], keep: bool) -> Result<Graded> {
    let (config, size) = (scorer.config().crop(), scorer.config().size as u32);
    let (mut totals, mut healthy, mut seen) = (Vec::new(), Vec::new(), 0usize);
    for (number, (_, limbs)) in patients.iter().enumerate() {
        let mut films = Vec::new();
        for limb in limbs {
            let Ok(film) = Film::open(&limb.path) else { continue };
            let places: Vec<BBox> = limb.joints.iter().map(|(_, bbox)| *bbox).collect();
            films.push((if config.wants_positive() { polarity::positive(film, &places) } else { film }, limb));
        }
        let requests: Vec<GradeRequest> = films
            .iter()
            .flat_map(|(film, limb)| limb.joints.iter().map(move |(joint, bbox)| GradeRequest { joint, film, bbox: *bbox }))
            .collect();
        let (mut total, mut joints) = (0, 0);
        let mut rng = rng_of(17, number as u64, 0);
        for (request, graded) in requests.iter().zip(scorer.grade(&requests)?) {
            let Some(graded) = graded.filter(|graded| graded.open.is_none()) else { continue };
            total += u32::from(graded.score.grade);
            joints += 1;
            if !(keep && graded.score.grade == 0) {
                continue;
            }
            // Each healthy joint of the cohort is kept with the same chance.
            seen += 1;
            let place = if healthy.len() < HEALTHY_CROPS { healthy.len() } else { rng.random_range(0..seen) };
            if place < HEALTHY_CROPS
                && let Ok(crop) = config.crop(request.film, request.bbox, size)
            {
                match healthy.get_mut(place) {
                    Some(kept) => *kept = (request.joint.group(), crop),
                    None => healthy.push((request.joint.group(), crop)),
                }
            }
        }
        totals.push((total, joints));
    }
    Ok(Graded { totals, healthy })
}

/// Logarithms of the frequencies of each output, from a file of counts; outputs of scales that it does not name are `None`.
fn read_frequencies(path: &Path, config: &ScorerConfig) -> Result<Vec<Option<f32>>> {
    let wrong = |problem: String| {
        Error::Data(format!("{} {problem}; it holds counts by grade, such as {{\"narrowing\": [900, 60, 20, 15, 5]}}", path.display()))
    };
    let bytes = svh_core::intake::bytes(path, svh_core::intake::MAX_SETTINGS).map_err(Error::io("read", path))?;
    let counts: BTreeMap<String, Vec<f64>> =
        serde_json::from_slice(&bytes).map_err(|e| wrong(format!("cannot be read as frequencies ({e})")))?;
    let mut outputs = vec![None; config.classes as usize];
    for joint in joint::joints(config.task.task()) {
        let (Some(scale), Some(of)) = (config.task.outputs(config.classes, joint), counts.get(scale_name(joint))) else { continue };
        let sum: f64 = of.iter().sum();
        if of.len() != scale.len() || of.iter().any(|count| !(count.is_finite() && *count >= 0.0)) || sum <= 0.0 {
            return Err(wrong(format!("has {} counts for {}, which has the grades 0 to {}", of.len(), scale_name(joint), scale.len() - 1)));
        }
        for (output, count) in scale.zip(of) {
            // Half a joint more of each: a grade that nobody had is rare, not impossible.
            outputs[output] = Some(((count + 0.5) / (sum + 0.5 * of.len() as f64)).ln() as f32);
        }
    }
    if outputs.iter().all(Option::is_none) {
        return Err(wrong("names no scale that this scorer grades".to_owned()));
    }
    Ok(outputs)
}

/// The corrections of logits for these frequencies, given that a scorer's own outputs are without prior (see [`crate::train::imbalance`]).
fn write(
    args: &Adapt,
    scorer: &Scorer,
    store: &Store,
    cohort: &Cohort,
    patients: usize,
    frequencies: Option<Vec<Option<f32>>>,
) -> Result<()> {
    let mut config = scorer.config().clone();
    if let Some(wanted) = &frequencies {
        let before = config.extras.log_prior.clone();
        if before.is_empty() {
            return Err(Error::model(
                &args.model,
                "it does not say which frequencies its probabilities have, so that --frequencies cannot change them",
            ));
        }
        config.extras.log_prior = before.iter().zip(wanted).map(|(before, wanted)| wanted.unwrap_or(*before)).collect();
        if let Some(severity) = &mut config.extras.severity {
            change(severity, wanted, scorer.config());
        }
    }
    let mut card = scorer.card().clone();
    card.config = config.card().config;
    let as_given = if frequencies.is_some() { ", with frequencies of grades as given," } else { "" };
    card.trained_on = format!("{} Adapted without labels{as_given} to {patients} patients of {}.", card.trained_on, cohort.name());
    keep_weights(&args.model, &args.out)?;
    card.sha256 = weights::save(store, &args.out.join(models::WEIGHTS), Precision::Half)?;
    models::write_card(&args.out, &card)?;
    // Healthy joints of these films now look as those of the training did, so that what is familiar stays so.
    if let Some(mut familiarity) = scorer.familiarity().cloned() {
        familiarity.about.weights = card.sha256.clone();
        familiarity.write(&args.out)?;
    }
    Ok(())
}

/// Gives the joints of every scale that is named the frequencies of its outputs.
fn change(severity: &mut Severity, wanted: &[Option<f32>], config: &ScorerConfig) {
    let mut done = BTreeSet::new();
    for joint in joint::joints(config.task.task()).iter().filter(|joint| done.insert(scale_name(joint))) {
        let of_scale =
            config.task.outputs(config.classes, joint).and_then(|outputs| wanted[outputs].iter().copied().collect::<Option<Vec<f32>>>());
        if let Some(logs) = of_scale {
            severity.change(joint, &logs.iter().map(|log| f64::from(log.exp())).collect::<Vec<_>>());
        }
    }
}

fn mean(rows: &[Row], of: impl Fn(&Row) -> u32) -> f64 {
    rows.iter().map(|row| f64::from(of(row))).sum::<f64>() / rows.len().max(1) as f64
}

fn warning(rows: &[Row]) -> Option<String> {
    let rise = mean(rows, |row| row.after) - mean(rows, |row| row.before);
    (rise > RISE)
        .then(|| format!("grades rose by {rise:.1} points a patient: look at patients whose totals rose before you use this model"))
}

fn report(args: &Adapt, rows: &[Row], healthy: usize) -> Value {
    let patients: Vec<Value> =
        rows.iter().map(|row| json!({"patient": row.patient, "before": row.before, "after": row.after, "joints": row.joints})).collect();
    json!({
        "model": args.out,
        "healthy_joints": healthy,
        "before": mean(rows, |row| row.before),
        "after": mean(rows, |row| row.after),
        "warning": warning(rows),
        "patients": patients,
    })
}

fn in_words(args: &Adapt, rows: &[Row], healthy: usize) -> String {
    let width = rows.iter().map(|row| row.patient.chars().count()).max().unwrap_or(0).max(7);
    let mut lines = vec![format!("{:width$}  before  after  joints", "patient")];
    lines.extend(rows.iter().map(|row| format!("{:width$}  {:>6}  {:>5}  {:>6}", row.patient, row.before, row.after, row.joints)));
    lines.push(format!(
        "{}: adapted by {healthy} joints that look healthy; mean total of {} patients {:.1} before, {:.1} after",
        args.out.display(),
        rows.len(),
        mean(rows, |row| row.before),
        mean(rows, |row| row.after)
    ));
    lines.extend(warning(rows).map(|warning| format!("Warning: {warning}")));
    lines.join("\n")
}
