//! One film read: limb told, film turned upright, joints found, rules applied.

use svh_core::box_selection::{self, RuleOptions};
use svh_core::coarse;
use svh_core::protocol::{DEFAULT_THRESHOLD, FilmRequest};
use svh_core::{BBox, CropRule, Detection, Film, FilmDetections, Limb, LimbSource, OPEN_ABOVE, Origin, Task, joint, polarity};

use super::detectors::{DetectOptions, Detectors};
use super::limb::{CLEAR, Evidence, SEEN, two_limbs};
use super::orientation::Orientation;
use crate::detector::inference::evidence;
use crate::detector::{Detector, FilmFeatures, RawDetection};
use crate::{Error, Result};

/// Unfamiliarity from which a film is marked.
const MARKED: f32 = 0.5;

/// A turned view must have this many times the evidence of the film as given.
const BETTER: f32 = 1.5;

/// A film with the boxes of its joints.
#[derive(Debug)]
pub(crate) struct FilmInference {
    /// Upright, as the boxes of `upright` see it.
    pub film: Film,
    /// The detections on `film`, best first within a task.
    pub upright: Vec<Detection>,
    /// Bone is dark on it.
    pub negative: bool,
    /// What is answered: boxes on the film as given.
    pub answer: FilmDetections,
}

/// One view of a film, and what a detector saw on it.
struct View<'d> {
    orientation: Orientation,
    film: Film,
    seen: FilmFeatures<'d>,
    evidence: Evidence,
}

impl<'d> View<'d> {
    fn of(detector: &'d Detector, task: Task, given: &Film, orientation: Orientation) -> Result<Self> {
        let film = given.turned(i32::from(orientation.turned));
        let film = if orientation.mirrored { film.mirrored() } else { film };
        let seen = detector.forward_features(&film)?;
        Self::seen(task, film, seen, orientation)
    }

    fn seen(task: Task, film: Film, seen: FilmFeatures<'d>, orientation: Orientation) -> Result<Self> {
        let evidence = Evidence::of(task, &seen.detections(task, None)?);
        Ok(Self { orientation, film, seen, evidence })
    }
}

/// Reads a film by the rules: the limb's classes only, the best box of each, on the upright film. `seen` is what the first detector saw on it.
pub fn read(
    detectors: &Detectors,
    film: &Film,
    seen: FilmFeatures,
    request: &FilmRequest,
    options: DetectOptions,
) -> Result<FilmInference> {
    let (known, told) = told_limb(request);
    let (task, detector) = detectors.first()?;
    let mut view = upright(detector, task, film, seen, known)?;
    let limb = match known {
        Some(limb) => limb,
        None => match view.evidence.recognise() {
            Ok(limb) => limb,
            Err(unclear) => return Err(halves(detector, task, film)?.unwrap_or(unclear)),
        },
    };
    let mut notes = Vec::new();
    if let Some(remark) = view.evidence.contradiction(limb) {
        notes.push(remark);
        if view.evidence.best().0 == limb.opposite() {
            let flipped = View::of(detector, task, film, Orientation { mirrored: true, ..view.orientation })?;
            if flipped.evidence.for_limb(limb) > view.evidence.for_limb(limb) {
                view = flipped;
            }
        }
    }
    view.evidence.check_single()?;
    let unfamiliarity = unfamiliar(detectors, &view, task, limb)?;
    let refused = unfamiliarity.is_some_and(|value| value > OPEN_ABOVE);
    // What is refused anyway is named after what it rather looks like, however weakly.
    let rather = refused.then(|| view.evidence.best()).filter(|(seen, evidence)| seen.is_hand() != limb.is_hand() && *evidence >= SEEN);
    let other = view.evidence.other_kind(limb).or(rather.map(|(seen, _)| seen));
    if (refused || other.is_some()) && !options.no_shape {
        return Err(other_part(limb, other));
    }
    if unfamiliarity.is_some_and(|value| value > MARKED) {
        notes.push(format!("unfamiliar as a {}", limb.name()));
    }
    if view.orientation.turned != 0 {
        notes.push(format!("turned by {} degrees clockwise to stand upright", view.orientation.turned));
    }
    let mut upright = Vec::new();
    let first = task;
    for (task, detector) in detectors.all() {
        if task == Task::Erosion && !limb.is_hand() && detectors.has(Task::Narrowing) {
            continue; // a foot's erosion boxes are those of narrowing
        }
        let fresh;
        let seen = match detectors.same(task, first) {
            true => &view.seen,
            false => {
                fresh = detector.forward_features(&view.film)?;
                &fresh
            }
        };
        let classes = joint::of_limb(task, limb).map(|joint| joint.class_id).collect();
        upright.extend(detections(task, &seen.detections(task, Some(classes))?));
    }
    let spread = |task: Task| detectors.all().find(|(of, _)| *of == task)?.1.box_spread();
    let (threshold, shape) = (options.threshold.unwrap_or(DEFAULT_THRESHOLD), !options.no_shape);
    let options = RuleOptions { threshold, shape, box_spread: Task::ALL.map(spread) };
    let ruled = box_selection::apply(upright, limb, (view.film.width, view.film.height), options);
    let upright = ruled.detections;
    notes.extend(ruled.notes);
    let kept: Vec<BBox> = upright.iter().filter(|detection| detection.kept).map(|detection| detection.bbox).collect();
    let negative = polarity::is_negative(&view.film, &kept);
    if negative {
        notes.push("bones are dark: a negative, graded with black and white exchanged".to_owned());
    }
    if kept.is_empty() {
        notes.push("no joint was found".to_owned());
    }
    let (width, height) = (film.width, film.height);
    let undo =
        |detection: &Detection| Detection { bbox: view.orientation.undo(detection.bbox, width as f32, height as f32), ..detection.clone() };
    let answer = FilmDetections {
        film: request.path.display().to_string(),
        width,
        height,
        limb,
        limb_from: told,
        turned: view.orientation.turned,
        notes,
        coarse: coarse::coarse(&kept),
        unfamiliarity,
        detections: upright.iter().map(undo).collect(),
    };
    Ok(FilmInference { film: view.film, upright, negative, answer })
}

/// How little the boxes on a view look like those of a limb; `None` where the detector was never told what else there is.
fn unfamiliar(detectors: &Detectors, view: &View, first: Task, limb: Limb) -> Result<Option<f32>> {
    let (_, detector) = detectors.first()?;
    let Some(scale) = detector.limb_evidence() else { return Ok(None) };
    let tasks: Vec<Task> = detectors.all().map(|(task, _)| task).filter(|task| detectors.same(*task, first)).collect();
    Ok(Some(scale.of(limb).unfamiliarity(evidence(&view.seen, &tasks, limb, view.film.width)?)))
}

/// The error for a film that shows something else than its limb.
fn other_part(limb: Limb, other: Option<Limb>) -> Error {
    let why = match other {
        Some(other) => format!("it looks like a {}", other.name()),
        None => format!("what was found on it does not lie as the joints of a {} do", if limb.is_hand() { "hand" } else { "foot" }),
    };
    let name = limb.name();
    Error::Data(format!("it does not show a {name}: {why}; give a film of the {name}, or read it anyway with --no-shape"))
}

/// Everything that the networks' post-processing leaves on the film as given: no turning, no mask, no best-box rule. `first` is what the first detector saw.
pub(crate) fn read_raw(detectors: &Detectors, film: &Film, first: FilmFeatures, request: &FilmRequest) -> Result<FilmDetections> {
    let (known, told) = told_limb(request);
    let mut all = Vec::new();
    let mut limb = known;
    let mut seen: Vec<(Task, FilmFeatures)> = vec![(detectors.first()?.0, first)];
    for (task, detector) in detectors.all() {
        if !seen.iter().any(|(before, _)| detectors.same(*before, task)) {
            seen.push((task, detector.forward_features(film)?));
        }
        let Some((_, seen)) = seen.iter().find(|(before, _)| detectors.same(*before, task)) else { continue };
        let found = seen.detections(task, None)?;
        limb = limb.or_else(|| Some(Evidence::of(task, &found).best().0));
        all.extend(found.iter().map(|raw| detection(task, raw, class_label(task, raw.class_id))));
    }
    let limb = limb.ok_or_else(|| Error::Internal("no detector is loaded".to_owned()))?;
    let read = FilmDetections::new(request.path.display().to_string(), (film.width, film.height), limb, all);
    Ok(FilmDetections { limb_from: told, ..read })
}

/// The limb that option or name tell.
pub(crate) fn told_limb(request: &FilmRequest) -> (Option<Limb>, LimbSource) {
    if let Some(limb) = request.limb {
        return (Some(limb), LimbSource::Option);
    }
    let stem = request.path.file_stem().and_then(|stem| stem.to_str());
    match stem.and_then(Limb::split_stem) {
        Some((_, limb)) => (Some(limb), LimbSource::Name),
        None => (None, LimbSource::Picture),
    }
}

/// The view in which the film stands upright: as given where the limb is clearly seen, else the quarter turn that shows it best.
fn upright<'d>(detector: &'d Detector, task: Task, film: &Film, seen: FilmFeatures<'d>, known: Option<Limb>) -> Result<View<'d>> {
    let given = View::seen(task, film.clone(), seen, Orientation::default())?;
    let evidence = given.evidence.for_view(known);
    let mut best = given;
    if evidence >= CLEAR {
        return Ok(best);
    }
    for turned in [90, 270, 180] {
        let view = View::of(detector, task, film, Orientation { turned, mirrored: false })?;
        let (new, old) = (view.evidence.for_view(known), best.evidence.for_view(known));
        if new > old && new >= BETTER * evidence {
            best = view;
        }
        if new >= CLEAR && best.orientation.turned == turned {
            break;
        }
    }
    Ok(best)
}

/// The error for a plate with two limbs side by side, which the halves tell more clearly than the whole, where everything is small.
fn halves(detector: &Detector, task: Task, film: &Film) -> Result<Option<Error>> {
    let (width, height) = (film.width as f32, film.height as f32);
    let mut seen = Vec::new();
    for (x0, x1) in [(0.0, width / 2.0), (width / 2.0, width)] {
        let Some(half) = film.crop(BBox { x0, y0: 0.0, x1, y1: height }, CropRule::Inside) else { return Ok(None) };
        let found = detector.forward_features(&half)?.detections(task, None)?;
        seen.push(Evidence::of(task, &found).best());
    }
    let [(first, a), (second, b)] = seen[..] else { return Ok(None) };
    // The halves of one limb show the same limb.
    Ok((first == second.opposite() && a.min(b) >= SEEN).then(|| two_limbs(first, second)))
}

/// The detections whose class is a joint.
fn detections(task: Task, found: &[RawDetection]) -> Vec<Detection> {
    let of_joint = |raw: &RawDetection| Some(detection(task, raw, joint::by_class(task, raw.class_id)?.label.clone()));
    found.iter().filter_map(of_joint).collect()
}

/// The name of a class, also in a network that knows more classes than there are joints: COCO's has 91.
fn class_label(task: Task, class_id: u8) -> String {
    joint::by_class(task, class_id).map_or_else(|| format!("class_{class_id}"), |joint| joint.label.clone())
}

fn detection(task: Task, raw: &RawDetection, joint: String) -> Detection {
    Detection {
        task,
        joint,
        class_id: raw.class_id,
        score: raw.score,
        bbox: raw.bbox,
        kept: false,
        from: Origin::Detector,
        implausible: None,
    }
}
