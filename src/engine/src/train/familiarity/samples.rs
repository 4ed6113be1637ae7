//! Features of joints, and of places that are not joints.

use rand::Rng;
use rayon::prelude::*;
use svh_core::{BBox, Cohort, Film, Joint, JointGroup, Limb, Task, polarity};

use crate::Result;
use crate::crop::Gray;
use crate::data::crop_warp::{CropVariation, Patch};
use crate::data::order::rng_of;
use crate::data::photometric::PhotometricRange;
use crate::data::warp::between;
use crate::scorer::{HEALTHY_CROPS, Scorer, ScorerConfig};

/// A place that overlaps a joint's box by more than this is not free of joints.
const FREE: f32 = 0.05;
/// Healthy joints of a group that one patient gives at most.
const HEALTHY_OF_A_PATIENT: usize = 4;
/// How often a free place is looked for.
const TRIES: usize = 40;

/// How joints that values are read off are varied: about twice as much as in training.
const FAR: CropVariation = CropVariation {
    turn: 25.0,
    scale: 0.25,
    slide: 0.18,
    shear: 0.15,
    slant: 0.0,
    flip: 0.5,
    photometric: PhotometricRange { gamma: 0.9, contrast: 0.0, brightness: 0.0, noise: 0.18, blur: 0.8, invert: 0.0 },
};

/// What a patient's joints serve for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// To fit on.
    Fit,
    /// To read values off.
    Measure,
    /// To read values off, rendered or taken otherwise.
    Outside,
}

/// The features of one crop.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The group of its joint, or of the joint that it could be taken for.
    pub group: JointGroup,
    /// The reference grade; 0 for a place without a joint.
    pub grade: u8,
    /// What the network's last layer sees.
    pub features: Vec<f32>,
}

/// All that a fit needs.
#[derive(Debug, Default)]
pub struct Samples {
    /// Joints to fit on, as they are and varied as in training.
    pub fit: Vec<Sample>,
    /// The same joints widely varied: joints all the same, so the doubt is fitted on them too.
    pub far: Vec<Sample>,
    /// Places without a joint to fit on, as they are and widely varied.
    pub no_joint: Vec<Sample>,
    /// Joints that values are read off.
    pub plain: Vec<Sample>,
    /// The same, widely varied, and joints of other kinds of films.
    pub wide: Vec<Sample>,
    /// Places without a joint on their films.
    pub no_joint_measured: Vec<Sample>,
    /// Crops of joints of grade 0 among those fitted on, at most so many a film that all groups and patients take part.
    pub healthy: Vec<(JointGroup, Gray)>,
}

/// What a crop is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    /// As in training.
    Varied,
    /// Widely.
    Far,
    NoJoint,
}

struct Cut {
    kind: Kind,
    group: JointGroup,
    grade: u8,
    crop: Gray,
}

impl Samples {
    /// Adds the joints of a patient.
    pub fn add(&mut self, scorer: &Scorer, cohort: &Cohort, id: &str, part: Part) -> Result<()> {
        let config = scorer.config();
        let cuts: Vec<Cut> = Limb::ALL.into_par_iter().flat_map_iter(|limb| film(config, cohort, id, limb, part)).collect();
        if part == Part::Fit {
            for group in JointGroup::ALL {
                let healthy = cuts.iter().filter(|cut| cut.kind == Kind::Plain && cut.grade == 0 && cut.group == group);
                let room =
                    (HEALTHY_CROPS / JointGroup::ALL.len()).saturating_sub(self.healthy.iter().filter(|(of, _)| *of == group).count());
                self.healthy.extend(healthy.take(room.min(HEALTHY_OF_A_PATIENT)).map(|cut| (cut.group, cut.crop.clone())));
            }
        }
        let (crops, kinds): (Vec<Gray>, Vec<_>) = cuts.into_iter().map(|cut| (cut.crop, (cut.kind, cut.group, cut.grade))).unzip();
        for ((kind, group, grade), features) in kinds.into_iter().zip(scorer.features(&crops)?) {
            // A network that answers with something that is not a number knows nothing.
            if features.iter().any(|v| !v.is_finite()) {
                continue;
            }
            let to = match (part, kind) {
                (Part::Fit, Kind::NoJoint) => &mut self.no_joint,
                (Part::Fit, Kind::Far) => &mut self.far,
                (Part::Fit, Kind::Plain | Kind::Varied) => &mut self.fit,
                (_, Kind::NoJoint) => &mut self.no_joint_measured,
                (Part::Measure, Kind::Plain) => &mut self.plain,
                (Part::Measure, Kind::Varied | Kind::Far) | (Part::Outside, _) => &mut self.wide,
            };
            to.push(Sample { group, grade, features });
        }
        Ok(())
    }
}

/// The crops of one film: each joint as it is and varied, and places without a joint for it. A film that cannot be read gives none.
fn film(scorer: &ScorerConfig, cohort: &Cohort, id: &str, limb: Limb, part: Part) -> Vec<Cut> {
    let Some(patient) = cohort.patient(id) else { return Vec::new() };
    let (Some(grades), Some(path)) = (cohort.grades_of(patient), cohort.film(patient, limb)) else { return Vec::new() };
    let (labels, task) = (cohort.boxes(patient, limb), scorer.task.task());
    let boxes =
        labels.of(task).iter().filter(|labelled| labelled.is_readers() && scorer.task.outputs(scorer.classes, labelled.joint).is_some());
    let joints: Vec<(&'static Joint, BBox, u8)> = boxes.filter_map(|t| Some((t.joint, t.bbox, grades.get(t.joint)?))).collect();
    let Some(film) = (!joints.is_empty()).then(|| Film::open(&path).ok()).flatten() else { return Vec::new() };
    let taken: Vec<BBox> = Task::ALL.iter().flat_map(|task| labels.of(*task)).map(|labelled| labelled.bbox).collect();
    let (config, size) = (scorer.crop(), scorer.size as u32);
    let film = if config.wants_positive() { polarity::positive(film, &taken) } else { film };
    let mut rng = rng_of(u64::from(limb.index() as u32), id.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte)), 1);
    let mut cuts = Vec::new();
    for (joint, bbox, grade) in joints {
        let mut add = |kind, crop: Option<Gray>| cuts.extend(crop.map(|crop| Cut { kind, group: joint.group(), grade, crop }));
        add(Kind::Plain, config.crop(&film, bbox, size).ok());
        if part == Part::Outside {
            continue;
        }
        let patch = Patch::cut(&film, bbox, &config, size);
        let draw = |patch: &Option<Patch>, variation, rng: &mut _| patch.as_ref().map(|patch| patch.draw(&config, variation, rng));
        if part == Part::Fit {
            add(Kind::Varied, draw(&patch, &CropVariation::TRAINING, &mut rng));
        }
        add(Kind::Far, draw(&patch, &FAR, &mut rng));
        let Some(place) = no_joint(bbox, &taken, (film.width as f32, film.height as f32), &mut rng) else { continue };
        add(Kind::NoJoint, config.crop(&film, place, size).ok());
        if part == Part::Fit {
            add(Kind::NoJoint, draw(&Patch::cut(&film, place, &config, size), &FAR, &mut rng));
        }
    }
    cuts
}

/// A place that is not a joint: half of them elsewhere on the film, a quarter within the joint, a quarter far around it.
fn no_joint(bbox: BBox, taken: &[BBox], (width, height): (f32, f32), rng: &mut impl Rng) -> Option<BBox> {
    let (side, centre) = (bbox.width().max(bbox.height()), bbox.centre());
    match rng.random_range(0..4) {
        0 => Some(BBox::square(centre, side * between(rng, 0.25, 0.40))),
        1 => Some(BBox::square(centre, side * between(rng, 2.4, 3.2))),
        _ => (0..TRIES)
            .map(|_| BBox::square((between(rng, 0.0, width), between(rng, 0.0, height)), side * between(rng, 0.7, 1.3)))
            .find(|place| taken.iter().all(|taken| taken.iou(place) < FREE)),
    }
}
