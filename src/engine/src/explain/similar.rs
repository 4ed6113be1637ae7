//! The reference joints that a scorer's last layer sees as most like a joint.

use rayon::prelude::*;
use svh_core::{BBox, ExplainFilm, ExplainQuery, ExplainedJoint, SimilarJoint};

use super::store::{self, JointFeatures};
use super::{Upright, named, subject};
use crate::crop::Gray;
use crate::scorer::Scorer;
use crate::{Error, Result};

/// Films that are decoded at once.
const FILMS: usize = 4;
/// A reference box that overlaps the box in question so much, on the same film, is of the joint itself.
const ITSELF: f32 = 0.3;

/// The `most` reference joints nearest to the joint of a query, among those that the same scorer grades; films that cannot be read are left out. `progress`
/// is called with the films done and those in all, and stops the work with its error.
///
/// # Errors
/// As for [`super::explain`], or what `progress` returned.
pub fn similar(
    scorers: &[Scorer],
    query: &ExplainQuery,
    references: &[ExplainFilm],
    most: usize,
    progress: &mut dyn FnMut(usize, usize) -> Result<()>,
) -> Result<Vec<SimilarJoint>> {
    let (scorer, _, asked) = subject(scorers, query)?;
    let (_, crop) = Upright::open(scorer.config().crop(), &query.film)?.crop(asked.bbox, scorer.config().size as u32)?;
    let own = scorer.features(&[crop])?.pop().ok_or_else(|| Error::Internal("a crop has no features".to_owned()))?;
    let own = spread(scorer, &own);
    let mut found = Vec::new();
    for (index, films) in references.chunks(FILMS).enumerate() {
        progress(index * FILMS, references.len())?;
        for (film, features) in films.iter().zip(features_of(scorer, query, films)?) {
            let same = |joint: &ExplainedJoint| film.path == query.film.path && joint.bbox.iou(&asked.bbox) > ITSELF;
            let others = film.joints.iter().zip(features).filter(|(joint, _)| !same(joint));
            found.extend(others.filter_map(|(joint, features)| {
                let distance = length(&own, &spread(scorer, &features?));
                Some(SimilarJoint { path: film.path.clone(), joint: joint.clone(), distance })
            }));
        }
    }
    progress(references.len(), references.len())?;
    found.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    found.truncate(most);
    Ok(found)
}

/// The features of each joint of films, `None` where there are none; what is not on disk is worked out and kept.
fn features_of(scorer: &Scorer, query: &ExplainQuery, films: &[ExplainFilm]) -> Result<Vec<Vec<Option<Vec<f32>>>>> {
    let keys: Vec<Option<String>> = films.iter().map(|film| store::features_key(scorer, film)).collect();
    let mut known: Vec<Vec<JointFeatures>> = keys.iter().map(|key| key.as_deref().map(store::features).unwrap_or_default()).collect();
    let find = |known: &[JointFeatures], joint: &ExplainedJoint| {
        known.iter().find(|one| one.joint == joint.joint && one.bbox == joint.bbox).map(|one| one.features.clone())
    };
    let new: Vec<Vec<&ExplainedJoint>> = films
        .iter()
        .zip(&known)
        .map(|(film, known)| {
            let graded = |joint: &&ExplainedJoint| named(query.task, &joint.joint).is_ok_and(|joint| scorer.grades(joint));
            film.joints.iter().filter(graded).filter(|joint| find(known, joint).is_none()).collect()
        })
        .collect();
    // A film that cannot be read, or a box beside it, has no crop.
    let (config, size) = (scorer.config().crop(), scorer.config().size as u32);
    let crops: Vec<Vec<(usize, ExplainedJoint, Option<Gray>)>> = films
        .par_iter()
        .zip(&new)
        .enumerate()
        .map(|(place, (film, new))| {
            let upright = if new.is_empty() { None } else { Upright::open(config, film).ok() };
            let crop = |bbox: BBox| Some(upright.as_ref()?.crop(bbox, size).ok()?.1);
            new.iter().map(|joint| (place, (*joint).clone(), crop(joint.bbox))).collect()
        })
        .collect();
    let crops: Vec<(usize, ExplainedJoint, Option<Gray>)> = crops.into_iter().flatten().collect();
    let there: Vec<Gray> = crops.iter().filter_map(|(.., crop)| crop.clone()).collect();
    let mut rows = if there.is_empty() { Vec::new() } else { scorer.features(&there)? }.into_iter();
    for (place, joint, crop) in crops {
        let features = crop.and_then(|_| rows.next()).unwrap_or_default();
        known[place].push(JointFeatures { joint: joint.joint, bbox: joint.bbox, features });
    }
    for ((key, known), new) in keys.iter().zip(&known).zip(&new) {
        if let Some(key) = key.as_deref().filter(|_| !new.is_empty()) {
            store::keep_features(key, known);
        }
    }
    let of_film = |(film, known): (&ExplainFilm, &Vec<JointFeatures>)| {
        film.joints.iter().map(|joint| find(known, joint).filter(|features| !features.is_empty())).collect()
    };
    Ok(films.iter().zip(&known).map(of_film).collect())
}

/// Features as distances are measured: in spreads within a grade, where the model knows them.
fn spread(scorer: &Scorer, features: &[f32]) -> Vec<f32> {
    scorer.familiarity().map_or_else(|| features.to_vec(), |known| known.whitened(features))
}

fn length(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}
