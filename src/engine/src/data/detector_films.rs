//! The detector's films: a cohort's labelled films, varied and brought to the network's size.

use svh_core::{BBox, Joint, Task, film::Film};

use super::order::{Place, place_of, rng_of};
use super::photometric::{PhotometricRange, vary};
use super::unlabelled::unlabelled;
use super::warp::{Warp, WarpRange, between};
use crate::detector::{DetectorConfig, Heads, Target, Unknown, transform::scaled_size};
use crate::{Error, Result};

/// A film with the boxes of its joints, in pixels of the film.
#[derive(Clone, Debug)]
pub struct LabelledFilm {
    /// The film.
    pub film: Film,
    /// Each joint of a task at most once. A task without any joint is one that nobody has labelled on this film.
    pub joints: Vec<(&'static Joint, BBox)>,
}

/// Where labelled films come from.
pub trait FilmSource: Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads one of them.
    fn film(&self, index: usize) -> Result<LabelledFilm>;

    /// Takes note of a film that could not be read.
    fn refuse(&self, index: usize, why: &str);
}

/// One film as the network is fed.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectorSample {
    /// 0 to 1, row by row.
    pub pixels: Vec<f32>,
    /// Height and width.
    pub size: [usize; 2],
    /// The joints of each task that was labelled, in pixels of the sample; there may be none left within it.
    pub targets: Vec<(Task, Target)>,
    /// Where it may have joints of a task that was not labelled.
    pub unknown: Unknown,
}

impl DetectorSample {
    /// The reference for one task.
    #[must_use]
    pub fn target(&self, task: Task) -> Option<&Target> {
        self.targets.iter().find(|(of, _)| *of == task).map(|(_, target)| target)
    }
}

/// How films are prepared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preparation {
    /// Scale, place, turn, flip.
    pub warp: WarpRange,
    /// Exposure, noise, blur.
    pub photometric: PhotometricRange,
}

impl Preparation {
    /// The films as they are.
    pub const NONE: Self = Self { warp: WarpRange::NONE, photometric: PhotometricRange::NONE };

    /// What a training does: enough to cover films that lie, fill and are exposed differently.
    pub const TRAINING: Self = Self {
        warp: WarpRange { scale: [0.45, 1.3], aspect: 1.12, turn: 20.0, flip: 0.5, slant: 0.0 },
        photometric: PhotometricRange { gamma: 0.5, contrast: 0.3, brightness: 0.12, noise: 0.05, blur: 0.3, invert: 0.04 },
    };

    /// The paper's: a random part of the film, flipped (with left and right classes swapped), turned, distorted; exposure as it is.
    pub const PAPER: Self = Self {
        warp: WarpRange { scale: [0.6, 1.1], aspect: 1.1, turn: 15.0, flip: 0.5, slant: 0.25 },
        photometric: PhotometricRange::NONE,
    };

    /// Prepares a film; `rng` values are all drawn from (seed, epoch, index).
    #[must_use]
    pub(crate) fn apply(&self, labelled: &LabelledFilm, config: &DetectorConfig, seed: u64, place: Place) -> DetectorSample {
        let mut rng = rng_of(seed, place.epoch, place.index as u64);
        let warp = Warp::draw(&labelled.film, &self.warp, &mut rng, |window| scaled_size(window, config));
        let border = between(&mut rng, 0.0, 1.0).powi(2);
        let mut pixels = warp.pixels(&labelled.film, border);
        vary(&mut pixels, warp.size[1], &self.photometric, &mut rng);
        let of_task = |task: Task| {
            let joints: Vec<_> = labelled.joints.iter().filter(|(joint, _)| joint.task == task).collect();
            let mut target = Target::default();
            for (joint, bbox) in &joints {
                if let Some(moved) = warp.bbox(*bbox) {
                    // A left hand seen in a mirror is a right hand.
                    let class = if warp.flips() { joint.mirrored().class_id } else { joint.class_id };
                    target.boxes.push(moved);
                    target.labels.push(i64::from(class));
                }
            }
            (!joints.is_empty()).then_some((task, target))
        };
        let unknown = match config.heads {
            Heads::Both => unlabelled(labelled, labelled.film.width),
            Heads::One(_) => Unknown::Nowhere,
        };
        let unknown = match unknown {
            Unknown::Within(regions) => Unknown::Within(regions.into_iter().filter_map(|region| warp.bbox(region)).collect()),
            unknown => unknown,
        };
        DetectorSample { pixels, size: warp.size, targets: Task::ALL.into_iter().filter_map(of_task).collect(), unknown }
    }
}

/// The film that a training sees as number `count`. One that cannot be read gives way to the next in the cohort that can, so that a damaged file
/// costs itself and not the training; `source` remembers why.
pub(crate) fn sample(
    source: &dyn FilmSource,
    preparation: &Preparation,
    config: &DetectorConfig,
    seed: u64,
    count: u64,
) -> Result<DetectorSample> {
    let films = source.len();
    let place = place_of(seed, count, films).ok_or_else(|| Error::Data("the cohort has no film to train on".into()))?;
    for index in (place.index..films).chain(0..place.index) {
        match source.film(index) {
            Ok(film) => return Ok(preparation.apply(&film, config, seed, place)),
            Err(error) => source.refuse(index, &error.to_string()),
        }
    }
    Err(Error::Data("no film of the cohort can be read".into()))
}

#[cfg(test)]
mod tests {
    use svh_core::{Limb, Task, joint};

    use super::*;
    use crate::detector::Arch;

    /// A limb whose joints lie in a row, each with its box.
    fn limb(task: Task, limb: Limb) -> LabelledFilm {
        let film = Film::new(400, 300, (0..120_000).map(|at| (at % 400 * 100) as u16).collect()).unwrap();
        let at = |(place, joint)| (joint, BBox::square((20.0 + 20.0 * place as f32, 60.0 + 10.0 * place as f32), 16.0));
        LabelledFilm { film, joints: joint::of_limb(task, limb).enumerate().map(at).collect() }
    }

    #[test]
    fn a_flipped_film_shows_the_other_sides_joints_where_the_mirror_has_them() {
        let config = DetectorConfig::small(Arch::MobileNetV2, 45);
        let plain = Preparation::NONE;
        let flipped = Preparation { warp: WarpRange { flip: 1.0, ..WarpRange::NONE }, ..Preparation::NONE };
        let place = Place { epoch: 0, index: 0 };
        for (task, side) in Task::ALL.into_iter().flat_map(|task| Limb::ALL.map(|limb| (task, limb))) {
            let labelled = limb(task, side);
            let (as_is, mirrored) = (plain.apply(&labelled, &config, 1, place), flipped.apply(&labelled, &config, 1, place));
            let width = as_is.size[1] as f32;
            let (seen, reflected) = (as_is.target(task).unwrap(), mirrored.target(task).unwrap());
            assert!(!seen.boxes.is_empty() && seen.boxes.len() == reflected.boxes.len());
            for at in 0..seen.boxes.len() {
                let class = |label: i64| joint::by_class(task, u8::try_from(label).unwrap()).unwrap();
                let (before, after) = (class(seen.labels[at]), class(reflected.labels[at]));
                assert_eq!((before.limb, after.limb), (side, side.opposite()), "{} became {}", before.label, after.label);
                assert_eq!(before.label[2..], after.label[2..], "another joint than before");
                let (a, b) = (seen.boxes[at], reflected.boxes[at]);
                assert!((a.x0 - (width - b.x1)).abs() < 0.01 && (a.y0 - b.y0).abs() < 0.01, "{a:?} and {b:?}");
            }
            // The film itself is mirrored too: it was dark on the left and is so on the right.
            assert!(as_is.pixels[0] < as_is.pixels[as_is.size[1] - 1] && mirrored.pixels[0] > mirrored.pixels[as_is.size[1] - 1]);
        }
    }

    #[test]
    fn every_recipe_that_flips_a_film_swaps_its_sides() {
        let config = DetectorConfig::small(Arch::MobileNetV2, 43);
        let labelled = limb(Task::Narrowing, Limb::LeftHand);
        for preparation in [Preparation::TRAINING, Preparation::PAPER] {
            let mut sides = [0, 0];
            for index in 0..40 {
                let place = Place { epoch: 0, index };
                let sample = preparation.apply(&labelled, &config, 3, place);
                let mut rng = rng_of(3, 0, index as u64);
                let flips = Warp::draw(&labelled.film, &preparation.warp, &mut rng, |window| scaled_size(window, &config)).flips();
                let side = if flips { Limb::RightHand } else { Limb::LeftHand };
                let classes = sample
                    .target(Task::Narrowing)
                    .unwrap()
                    .labels
                    .iter()
                    .map(|label| joint::by_class(Task::Narrowing, *label as u8).unwrap());
                assert!(classes.into_iter().all(|joint| joint.limb == side), "film {index}");
                sides[usize::from(flips)] += 1;
            }
            assert!(sides.iter().all(|n| *n >= 8), "{sides:?}");
        }
    }
}
