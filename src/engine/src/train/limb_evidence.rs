//! Measures how much evidence a film needs to pass as a hand or a foot ([`LimbEvidence`]), from films of limbs alone: those without the limb are made from them.
//!
//! A knee under a detector of hands is bones of another size that lie otherwise. Windows into a limb that are too small to show more than two joints are
//! that too: one large joint, or shafts. Films cut into squares and reassembled in another order have everything but the order. Whole feet are left out: under a mask of
//! hands their row of joints passes for knuckles, and the classes tell them from hands without one.

use std::path::{Path, PathBuf};

use rand::Rng;
use svh_core::card::ModelCard;
use svh_core::{BBox, Cohort, CropRule, Film, Joint, Limb, Task, proportions};

use crate::Result;
use crate::data::order::rng_of;
use crate::data::warp::between;
use crate::detector::inference::evidence;
use crate::detector::limb_check::{EvidenceScale, LimbEvidence};
use crate::detector::{Detector, DetectorConfig};
use crate::models;

/// Films of each kind that are looked at, and as few as tell anything.
const FILMS: (usize, usize) = (40, 20);
/// The shares of films without the limb from whose evidence the least that is asked for follows: as far beyond the second as that is beyond the first.
const SHARES: (f32, f32) = (0.95, 0.99);
/// The most that a film of the limb may need, as a share of what nearly all of them have: a detector in doubt about everything refuses nothing.
const MOST: f32 = 0.5;
/// Joints that a window may show.
const JOINTS: usize = 2;
/// The side of a window in palm or foot widths.
const WINDOW: (f32, f32) = (0.5, 1.6);
/// Squares along each side of a shuffled film: so many that no wrist stays whole in one of them.
const SQUARES: u32 = 10;
/// How often a window is looked for.
const TRIES: usize = 60;

/// A film with the boxes of its joints, each joint once.
struct Source {
    path: PathBuf,
    limb: Limb,
    joints: Vec<(&'static Joint, BBox)>,
}

/// Evidence by kind of limb: hands, feet.
#[derive(Default)]
struct Found {
    with: [Vec<f32>; 2],
    without: [Vec<f32>; 2],
}

impl LimbEvidence {
    /// In a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of = |scale: EvidenceScale| format!("{:.2} (usual: {:.2})", scale.least, scale.usual);
        format!("a film needs this evidence to pass as a hand: {}, as a foot: {}", of(self.hand), of(self.foot))
    }
}

/// Measures; `None` where the cohort has too few films of either kind.
pub fn fit(detector: &Detector, root: &Path, told: &mut dyn FnMut(usize, usize)) -> Result<Option<LimbEvidence>> {
    let cohort = Cohort::open(root)?;
    let sources = sources(&cohort);
    if [true, false].iter().any(|hand| sources.iter().filter(|source| source.limb.is_hand() == *hand).count() < FILMS.1) {
        return Ok(None);
    }
    let tasks = detector.tasks();
    let mut found = Found::default();
    for (place, source) in sources.iter().enumerate() {
        // A film that cannot be read takes no part.
        if let Ok(film) = Film::open(&source.path) {
            look(detector, &tasks, source, &film, place, &mut found)?;
        }
        told(place + 1, sources.len());
    }
    let scale = |kind: usize| {
        let (with, without) = (&found.with[kind], &found.without[kind]);
        let (most, nearly_all) = (quantile(without, SHARES.0), quantile(without, SHARES.1));
        let least = (2.0 * nearly_all - most).min(MOST * quantile(with, 0.01));
        EvidenceScale { usual: quantile(with, 0.5), least }
    };
    Ok(Some(LimbEvidence { hand: scale(0), foot: scale(1) }))
}

/// Writes what was measured into a detector's card.
pub fn write(folder: &Path, mut card: ModelCard, found: LimbEvidence) -> Result<()> {
    let mut config = DetectorConfig::from_card(&card).map_err(|problem| crate::Error::model(folder, problem))?;
    config.sizes.limb_evidence = Some(found);
    card.config = config.card_parts().2;
    models::write_card(folder, &card)
}

fn sources(cohort: &Cohort) -> Vec<Source> {
    let mut all: [Vec<Source>; 2] = Default::default();
    for patient in cohort.patients() {
        for limb in Limb::ALL {
            let Some(path) = cohort.film(patient, limb) else { continue };
            let labels = cohort.boxes(patient, limb);
            let mut joints: Vec<(&'static Joint, BBox)> = Vec::new();
            for labelled in Task::ALL.iter().flat_map(|task| labels.of(*task)).filter(|labelled| labelled.is_readers()) {
                // Most joints are the same for both tasks.
                if joints.iter().all(|(known, _)| known.joint != labelled.joint.joint) {
                    joints.push((labelled.joint, labelled.bbox));
                }
            }
            // Films cut to a part are no example of a whole limb.
            let narrowing = joints.iter().filter(|(joint, _)| joint.task == Task::Narrowing).count();
            if narrowing == svh_core::joint::of_limb(Task::Narrowing, limb).count() {
                all[usize::from(!limb.is_hand())].push(Source { path, limb, joints });
            }
        }
    }
    // Spread over the cohort.
    let spread = |of: Vec<Source>| {
        let step = (of.len() / FILMS.0).max(1);
        of.into_iter().step_by(step).take(FILMS.0)
    };
    all.into_iter().flat_map(spread).collect()
}

fn look(detector: &Detector, tasks: &[Task], source: &Source, film: &Film, place: usize, found: &mut Found) -> Result<()> {
    let kind = usize::from(!source.limb.is_hand());
    found.with[kind].push(evidence(&detector.forward_features(film)?, tasks, source.limb, film.width)?);
    let mut rng = rng_of(11, place as u64, 0);
    let windows = window(film, &source.joints, &mut rng).into_iter();
    let shuffled_film = if place.is_multiple_of(2) { Some(shuffled(film, &mut rng)) } else { None };
    for other in windows.chain(shuffled_film.into_iter().flatten()) {
        let mut best = [0.0f32; 2];
        // A film is turned until it looks most like a limb.
        for turns in 0..4 {
            let view = other.turned(90 * turns);
            let seen = detector.forward_features(&view)?;
            for (best, limb) in best.iter_mut().zip([Limb::LeftHand, Limb::LeftFoot]) {
                *best = best.max(evidence(&seen, tasks, limb, view.width)?);
            }
        }
        for (without, best) in found.without.iter_mut().zip(best) {
            without.push(best);
        }
    }
    Ok(())
}

/// A window into a limb that shows hardly a joint.
fn window(film: &Film, joints: &[(&'static Joint, BBox)], rng: &mut impl Rng) -> Option<Film> {
    let unit = proportions::unit(joints)?;
    let (width, height) = (film.width as f32, film.height as f32);
    let place = (0..TRIES).find_map(|_| {
        let (_, near) = joints[rng.random_range(0..joints.len())];
        let centre = (near.centre().0 + between(rng, -1.2, 1.2) * unit, near.centre().1 + between(rng, -1.2, 1.2) * unit);
        let place = BBox::square(centre, unit * between(rng, WINDOW.0, WINDOW.1)).clipped(width, height);
        let inside = |bbox: &BBox| {
            let (x, y) = bbox.centre();
            x > place.x0 && x < place.x1 && y > place.y0 && y < place.y1
        };
        let few = joints.iter().filter(|(_, bbox)| inside(bbox)).count() <= JOINTS;
        (few && place.width() > 0.4 * unit && place.height() > 0.4 * unit).then_some(place)
    })?;
    film.crop(place, CropRule::Inside)
}

/// The film cut into squares, put together in another order, each turned by half a turn or not.
fn shuffled(film: &Film, rng: &mut impl Rng) -> Option<Film> {
    let (w, h) = (film.width / SQUARES, film.height / SQUARES);
    let mut places: Vec<(u32, u32)> = (0..SQUARES).flat_map(|y| (0..SQUARES).map(move |x| (x, y))).collect();
    for last in (1..places.len()).rev() {
        places.swap(last, rng.random_range(0..=last));
    }
    let half: Vec<bool> = places.iter().map(|_| rng.random_bool(0.5)).collect();
    let pixel = |x: u32, y: u32| {
        let square = (y / h * SQUARES + x / w) as usize;
        let ((from_x, from_y), (dx, dy)) = (places[square], (x % w, y % h));
        let (dx, dy) = if half[square] { (w - 1 - dx, h - 1 - dy) } else { (dx, dy) };
        film.row(from_y * h + dy).get((from_x * w + dx) as usize).copied().unwrap_or(0)
    };
    let pixels = (0..h * SQUARES).flat_map(|y| (0..w * SQUARES).map(move |x| (x, y))).map(|(x, y)| pixel(x, y)).collect();
    Film::new(w * SQUARES, h * SQUARES, pixels)
}

fn quantile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = (share * sorted.len().saturating_sub(1) as f32).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use svh_core::{joint, layout, shape::ShapeModel};

    use super::*;

    #[test]
    fn a_window_shows_two_joints_at_most_and_a_shuffled_film_keeps_its_pixels() {
        let film = Film::new(500, 600, (0..500 * 600).map(|n| (n % 60_000) as u16).collect()).unwrap();
        let points: Vec<_> = ShapeModel::hand().mean.iter().map(|p| [250.0 + 450.0 * p[0], 300.0 + 450.0 * p[1]]).collect();
        let joints: Vec<_> = layout::boxes(Limb::LeftHand, Task::Narrowing, &points);
        assert_eq!(joints.len(), joint::of_limb(Task::Narrowing, Limb::LeftHand).count());
        let mut rng = rng_of(1, 0, 0);
        let unit = proportions::unit(&joints).unwrap();
        for _ in 0..20 {
            let window = window(&film, &joints, &mut rng).unwrap();
            assert!((window.width as f32) < 1.7 * unit && (window.height as f32) < 1.7 * unit);
        }
        let shuffled_film = shuffled(&film, &mut rng).unwrap();
        let sorted = |film: &Film| {
            let mut pixels = film.pixels.clone();
            pixels.sort_unstable();
            pixels
        };
        assert_ne!(shuffled_film.pixels, film.pixels);
        assert_eq!(sorted(&shuffled_film), sorted(&film));
    }
}
