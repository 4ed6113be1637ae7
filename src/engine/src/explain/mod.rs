//! Why a joint has its grade, on demand: an occlusion map of its crop, and the reference joints that look most like it to the scorer. Both are kept on disk
//! under the hash of the weights, see [`store`].

pub mod command;
pub mod gradient;
mod occlusion;
mod similar;
mod store;

use svh_core::{BBox, ExplainFilm, ExplainQuery, ExplainedJoint, Explanation, Film, Joint, Task, joint, polarity};

use crate::crop::{CropConfig, Gray};
use crate::pipeline::orientation::Orientation;
use crate::scorer::Scorer;
use crate::{Error, Result};

use occlusion::PLACES;
pub use similar::similar;

/// What the grade of a joint rests on.
///
/// # Errors
/// A film that cannot be read, a joint that no scorer grades, a box beside the film.
pub fn explain(scorers: &[Scorer], query: &ExplainQuery) -> Result<Explanation> {
    let (scorer, joint, asked) = subject(scorers, query)?;
    let film = Upright::open(scorer.config().crop(), &query.film)?;
    let (bbox, crop) = film.crop(asked.bbox, scorer.config().size as u32)?;
    let key = store::map_key(scorer, joint, &crop);
    let map = match store::map(&key) {
        Some(map) => map,
        None => {
            let map = occlusion::of_crop(scorer, joint, &crop)?;
            store::keep_map(&key, &map);
            map
        }
    };
    let region = scorer.config().crop().region(bbox);
    let region = BBox::square(region.centre(), region.width().max(region.height()));
    Ok(Explanation {
        model: scorer.name().to_owned(),
        region: film.given(region),
        expected: map.expected,
        places: PLACES,
        falls: as_given(&map.falls, film.orientation),
    })
}

/// The scorer that grades the joint of a query: the first that can, as in scoring.
fn subject<'a, 'q>(scorers: &'a [Scorer], query: &'q ExplainQuery) -> Result<(&'a Scorer, &'static Joint, &'q ExplainedJoint)> {
    let asked = query.joint().ok_or_else(|| Error::Usage("the request names no joint".to_owned()))?;
    let joint = named(query.task, &asked.joint)?;
    let scorer = scorers.iter().find(|scorer| scorer.grades(joint));
    let scorer = scorer.ok_or_else(|| Error::Usage(format!("no model grades the {} of {}", query.task.name(), joint.label)))?;
    Ok((scorer, joint, asked))
}

fn named(task: Task, label: &str) -> Result<&'static Joint> {
    joint::by_label(task, label).ok_or_else(|| Error::Usage(format!("{label} is not a joint that has a grade of {}", task.name())))
}

/// A film as a scorer is shown it: upright, and inverted if it is a negative and the scorer minds.
struct Upright {
    config: CropConfig,
    film: Film,
    orientation: Orientation,
    /// Of the film as given.
    size: (f32, f32),
}

impl Upright {
    fn open(config: CropConfig, asked: &ExplainFilm) -> Result<Self> {
        let given = Film::open(&asked.path)?;
        let orientation = Orientation { turned: asked.turned, mirrored: false };
        let size = (given.width as f32, given.height as f32);
        let film = given.turned(i32::from(asked.turned));
        let upright = |bbox: &BBox| orientation.apply(*bbox, size.0, size.1);
        let known = if asked.boxes.is_empty() { asked.joints.iter().map(|joint| joint.bbox).collect() } else { asked.boxes.clone() };
        let boxes: Vec<BBox> = known.iter().map(upright).collect();
        let film = if config.wants_positive() { polarity::positive(film, &boxes) } else { film };
        Ok(Self { config, film, orientation, size })
    }

    /// The crop of a box of the film as given, with the box on the upright film.
    fn crop(&self, bbox: BBox, size: u32) -> Result<(BBox, Gray)> {
        let bbox = self.orientation.apply(bbox, self.size.0, self.size.1);
        Ok((bbox, self.config.crop(&self.film, bbox, size)?))
    }

    /// A box of the upright film on the film as given.
    fn given(&self, bbox: BBox) -> BBox {
        self.orientation.undo(bbox, self.size.0, self.size.1)
    }
}

/// A map of the upright crop as it lies on the film as given.
fn as_given(falls: &[f32], orientation: Orientation) -> Vec<f32> {
    let mut given = vec![0.0; falls.len()];
    for (place, fall) in falls.iter().enumerate() {
        let (x, y) = ((place % PLACES) as f32, (place / PLACES) as f32);
        let on_film = orientation.undo(BBox { x0: x, y0: y, x1: x + 1.0, y1: y + 1.0 }, PLACES as f32, PLACES as f32);
        given[on_film.y0 as usize * PLACES + on_film.x0 as usize] = *fall;
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_turns_with_its_film() {
        let values: Vec<u16> = (0..(PLACES * PLACES) as u16).collect();
        let given = Film::new(PLACES as u32, PLACES as u32, values).unwrap();
        for turned in [0, 90, 180, 270] {
            let upright: Vec<f32> = given.turned(i32::from(turned)).pixels.iter().map(|v| f32::from(*v)).collect();
            let back = as_given(&upright, Orientation { turned, mirrored: false });
            assert_eq!(back, given.pixels.iter().map(|v| f32::from(*v)).collect::<Vec<_>>(), "{turned}");
        }
    }
}
