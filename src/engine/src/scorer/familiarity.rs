//! What a scorer knows, and how unlike that a joint looks.
//!
//! Two measures on the features that a network's last layer sees. The *distance* is how far they lie from those of the joints that it learned from: Mahalanobis
//! within the strongest directions of their spread, what is left outside of those measured by its mean, to the nearest grade of the joint's own group, so
//! that severe joints are as familiar as healthy ones (K. Lee and others, "A simple unified framework for detecting out-of-distribution samples", 2018).
//! *Doubt* is how much they rather look like those of places that are not joints: a logistic regression against windows beside joints, far too close and far too
//! wide (D. Hendrycks and others, "Deep anomaly detection with outlier exposure", 2019).
//!
//! Both become a number from 0 to 1 through their own quantiles on joints that nothing was fitted on ([`Anchors`]).

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use svh_core::{JointGroup, OPEN_ABOVE};
use tch::{Kind, Tensor};

use super::calibration::group_index;
use super::healthy::HealthyStatistics;
use crate::weights::{self, Precision, Weights};
use crate::{Error, Result};

/// The file beside a scorer's weights.
pub const FAMILIARITY: &str = "familiarity.safetensors";
/// The entry of the file's header that holds [`About`].
const ABOUT: &str = "familiarity";

/// What the file's header says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The weights whose features are described: SHA-256 of `model.safetensors`.
    pub weights: String,
    /// The cohorts it was fitted on, in words.
    pub fitted_on: String,
    /// Group (0 finger, 1 wrist, 2 foot) and grade of each centre.
    pub centres: Vec<(usize, u8)>,
    /// Mean squared length of what lies outside the directions, a feature.
    pub outside: f32,
    /// How the logarithm of the distance becomes a number from 0 to 1, by group.
    pub distance: [Anchors; 3],
    /// How doubt does, by group.
    pub doubt: [Anchors; 3],
    /// The groups that [`HealthyStatistics`] has, and its number of norms; nothing in files that were fitted before there were any.
    #[serde(default)]
    pub healthy: (Vec<usize>, usize),
}

/// Values of a measure that stand for fixed points of unfamiliarity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchors {
    /// The least on joints like those of the training: 0.
    pub least: f32,
    /// Their median: 0.25.
    pub median: f32,
    /// What 98 % of them stay below: 0.5.
    pub usual: f32,
    /// What 99.5 % of joints of widely varied films stay below, and 98 % of every grade's: 0.75.
    pub wide: f32,
    /// From here on a joint is left open ([`OPEN_ABOVE`]): as far beyond the widely varied films as those are beyond the usual ones.
    pub limit: f32,
}

impl Anchors {
    /// A measure that tells nothing.
    pub const NONE: Self = Self { least: 0.0, median: 0.0, usual: 0.0, wide: 0.0, limit: f32::MAX };

    /// The unfamiliarity of a value, 0 to 1; it never falls as the value rises. Beyond the limit it goes towards 1.
    #[must_use]
    pub(crate) fn unfamiliarity(&self, value: f32) -> f32 {
        if self.limit >= f32::MAX {
            return 0.0;
        }
        let points = [(self.least, 0.0), (self.median, 0.25), (self.usual, 0.5), (self.wide, 0.75), (self.limit, OPEN_ABOVE)];
        if value.is_nan() {
            return 1.0;
        }
        if value > self.limit {
            let step = (self.limit - self.wide).max(1e-3);
            // Above the limit by a hair is above it, in 32 bit too.
            let beyond = ((value - self.limit) / step).max(1e-3);
            return 1.0 - (1.0 - OPEN_ABOVE) * (-beyond).exp();
        }
        let upper = points.iter().position(|(at, _)| value <= *at).unwrap_or(points.len() - 1);
        let Some(lower) = upper.checked_sub(1) else { return 0.0 };
        let ((a, from), (b, to)) = (points[lower], points[upper]);
        from + (to - from) * ((value - a) / (b - a).max(1e-6)).clamp(0.0, 1.0)
    }
}

/// Why a joint looks unfamiliar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its features are far from all known ones.
    Distance,
    /// Its features are rather those of a place that is not a joint.
    Doubt,
}

impl Cause {
    /// In words, for a joint that is left open.
    #[must_use]
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Distance => "looks unlike every joint that the model knows",
            Self::Doubt => "does not look like a joint of this kind",
        }
    }
}

/// How unlike the known ones a joint looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unfamiliar {
    /// 0 to 1.
    pub value: f32,
    /// The measure that says so.
    pub cause: Cause,
}

/// The spread of a scorer's features, fitted by [`crate::train::familiarity`].
#[derive(Clone, Debug, PartialEq)]
pub struct Familiarity {
    /// See [`About`].
    pub about: About,
    /// The mean of all features.
    pub mean: Vec<f32>,
    /// Orthonormal directions in which features vary most, strongest first.
    pub directions: Vec<Vec<f32>>,
    /// Makes the spread within a grade even in all directions: a square matrix, row by row.
    pub whitening: Vec<Vec<f32>>,
    /// Whitened means by group and grade, in the order of [`About::centres`].
    pub centres: Vec<Vec<f32>>,
    /// By group a factor on each feature's distance from the mean, then an offset: the doubt.
    pub doubt: Vec<Vec<f32>>,
    /// The reference for an adaptation; only EfficientNets have one.
    pub healthy: Option<HealthyStatistics>,
}

impl Familiarity {
    /// The logarithm of the distance to the nearest grade of a group; infinite where there is none.
    #[must_use]
    pub(crate) fn distance(&self, group: JointGroup, features: &[f32]) -> f32 {
        let centred: Vec<f32> = features.iter().zip(&self.mean).map(|(v, mean)| v - mean).collect();
        let within: Vec<f32> = self.directions.iter().map(|direction| dot(direction, &centred)).collect();
        let rest = (dot(&centred, &centred) - dot(&within, &within)).max(0.0) / self.about.outside.max(f32::MIN_POSITIVE);
        let whitened: Vec<f32> = self.whitening.iter().map(|row| dot(row, &within)).collect();
        let of_group = self.about.centres.iter().zip(&self.centres).filter(|((of, _), _)| *of == group_index(group));
        let nearest = of_group.map(|(_, centre)| whitened.iter().zip(centre).map(|(a, b)| (a - b) * (a - b)).sum::<f32>());
        let nearest = nearest.fold(f32::INFINITY, f32::min);
        0.5 * (nearest + rest).max(f32::MIN_POSITIVE).ln()
    }

    /// Features in the strongest directions of their spread, where one is the spread within a grade: between two of them, plain length is the distance.
    #[must_use]
    pub(crate) fn whitened(&self, features: &[f32]) -> Vec<f32> {
        let centred: Vec<f32> = features.iter().zip(&self.mean).map(|(v, mean)| v - mean).collect();
        let within: Vec<f32> = self.directions.iter().map(|direction| dot(direction, &centred)).collect();
        self.whitening.iter().map(|row| dot(row, &within)).collect()
    }

    /// The logarithm of the odds that features are not those of a joint of this group; 0 where nothing is known.
    #[must_use]
    pub(crate) fn doubt(&self, group: JointGroup, features: &[f32]) -> f32 {
        let Some((offset, weights)) = self.doubt.get(group_index(group)).and_then(|row| row.split_last()) else { return 0.0 };
        features.iter().zip(&self.mean).zip(weights).map(|((v, mean), weight)| (v - mean) * weight).sum::<f32>() + offset
    }

    /// How unlike the known joints of a group these features are.
    #[must_use]
    pub fn of(&self, group: JointGroup, features: &[f32]) -> Unfamiliar {
        let place = group_index(group);
        let distance = self.about.distance[place].unfamiliarity(self.distance(group, features));
        let doubt = self.about.doubt[place].unfamiliarity(self.doubt(group, features));
        if doubt > distance {
            Unfamiliar { value: doubt, cause: Cause::Doubt }
        } else {
            Unfamiliar { value: distance, cause: Cause::Distance }
        }
    }

    /// The file in a model folder.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(FAMILIARITY)
    }

    /// Reads what lies beside a scorer's weights; `None` where there is nothing, or where it was fitted for other weights: those of a network that was trained
    /// on since.
    ///
    /// # Errors
    /// A file that is there and cannot be what it should.
    pub fn read(folder: &Path, weights: &str, features: usize) -> Result<Option<Self>> {
        let path = Self::path(folder);
        if !path.is_file() {
            return Ok(None);
        }
        let again = "refit it with `svh model familiarity`";
        let file = Weights::read(&path)?;
        let about = file.metadata(ABOUT).ok_or_else(|| Error::weights(&path, format!("does not say what it holds; {again}")))?;
        let about: About =
            serde_json::from_str(about).map_err(|e| Error::weights(&path, format!("has a header that cannot be read ({e}); {again}")))?;
        if about.weights != weights {
            return Ok(None);
        }
        let rows = |name: &str| -> Result<Vec<Vec<f32>>> {
            let tensor = file.get(name).ok_or_else(|| Error::weights(&path, format!("has no `{name}`; {again}")))?;
            super::to_rows(&tensor.f_to_kind(Kind::Float)?)
        };
        let (mean, directions, whitening) = (rows("mean")?, rows("directions")?, rows("whitening")?);
        let (centres, doubt) = (rows("centres")?, rows("doubt")?);
        let strongest = directions.len();
        let whole = mean.len() == 1
            && mean.iter().chain(&directions).all(|row| row.len() == features)
            && whitening.len() == strongest
            && whitening.iter().chain(&centres).all(|row| row.len() == strongest)
            && centres.len() == about.centres.len()
            && doubt.iter().all(|row| row.len() == features + 1);
        if !whole {
            return Err(Error::weights(&path, format!("does not fit a network with {features} features; {again}")));
        }
        let mean = mean.into_iter().flatten().collect();
        let (groups, norms) = about.healthy.clone();
        let of_norms = |name: &str| (0..norms).map(|norm| rows(&format!("{name}.{norm}"))).collect::<Result<Vec<_>>>();
        let healthy = match norms {
            0 => None,
            _ => Some(HealthyStatistics { groups, means: of_norms("healthy.mean")?, variances: of_norms("healthy.variance")? }),
        };
        Ok(Some(Self { about, mean, directions, whitening, centres, doubt, healthy }))
    }

    /// Writes it beside a scorer's weights.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let about = serde_json::to_string(&self.about).map_err(|e| Error::Internal(format!("the familiarity cannot be written: {e}")))?;
        let named = |name: &str, rows: &[Vec<f32>]| Ok::<_, Error>((name.to_owned(), matrix(rows)?));
        let mut tensors = vec![
            named("mean", std::slice::from_ref(&self.mean))?,
            named("directions", &self.directions)?,
            named("whitening", &self.whitening)?,
            named("centres", &self.centres)?,
            named("doubt", &self.doubt)?,
        ];
        if let Some(healthy) = &self.healthy {
            for (norm, (mean, variance)) in healthy.means.iter().zip(&healthy.variances).enumerate() {
                tensors.push(named(&format!("healthy.mean.{norm}"), mean)?);
                tensors.push(named(&format!("healthy.variance.{norm}"), variance)?);
            }
        }
        let header = [(ABOUT.to_owned(), about)].into();
        weights::write(&Self::path(folder), tensors.iter().map(|(name, tensor)| (name.clone(), tensor)), Precision::Full, &header).map(drop)
    }
}

fn matrix(rows: &[Vec<f32>]) -> Result<Tensor> {
    let columns = rows.first().map_or(0, Vec::len) as i64;
    Ok(Tensor::f_from_slice(&rows.concat())?.f_view([rows.len() as i64, columns])?)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANCHORS: Anchors = Anchors { least: 1.0, median: 2.0, usual: 3.0, wide: 3.5, limit: 4.0 };

    #[test]
    fn anchors_are_met_and_unfamiliarity_never_falls() {
        let met = [1.0, 2.0, 3.0, 3.5, 4.0].map(|value| ANCHORS.unfamiliarity(value));
        assert_eq!(met, [0.0, 0.25, 0.5, 0.75, OPEN_ABOVE]);
        let all: Vec<f32> = (0..200).map(|step| ANCHORS.unfamiliarity(step as f32 * 0.05)).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1]) && all.iter().all(|u| (0.0..=1.0).contains(u)), "{all:?}");
        assert!(ANCHORS.unfamiliarity(4.0001) > OPEN_ABOVE && ANCHORS.unfamiliarity(f32::NAN) > OPEN_ABOVE);
        assert_eq!(Anchors::NONE.unfamiliarity(1e9), 0.0);
        let flat = Anchors { least: 1.0, median: 1.0, usual: 1.0, wide: 1.0, limit: 1.0 };
        assert!(flat.unfamiliarity(0.5) < OPEN_ABOVE && flat.unfamiliarity(1.1) > OPEN_ABOVE);
    }

    /// Three features: two directions with spread 1 and 3, a third in which nothing varies but a little.
    fn known() -> Familiarity {
        let about = About {
            weights: "w".to_owned(),
            fitted_on: "nothing".to_owned(),
            centres: vec![(0, 0), (0, 4), (2, 0)],
            outside: 0.01,
            distance: [ANCHORS; 3],
            doubt: [Anchors { least: -4.0, median: -3.0, usual: -2.0, wide: -1.0, limit: 0.0 }; 3],
            healthy: (vec![0, 2], 1),
        };
        let healthy = HealthyStatistics {
            groups: vec![0, 2],
            means: vec![vec![vec![0.5, 1.0], vec![-0.5, 2.0]]],
            variances: vec![vec![vec![1.0, 1.0], vec![2.0, 3.0]]],
        };
        Familiarity {
            about,
            mean: vec![1.0, 1.0, 1.0],
            directions: vec![vec![0.0, 1.0, 0.0], vec![1.0, 0.0, 0.0]],
            whitening: vec![vec![1.0 / 3.0, 0.0], vec![0.0, 1.0]],
            centres: vec![vec![0.0, 0.0], vec![2.0, 0.0], vec![0.0, 9.0]],
            doubt: vec![vec![0.0, 0.0, 10.0, -1.0]; 3],
            healthy: Some(healthy),
        }
    }

    #[test]
    fn the_distance_is_measured_in_spreads_to_the_nearest_grade_of_the_group() {
        let known = known();
        let of = |group, features: &[f32]| known.distance(group, features).exp();
        // Three beyond the mean along the wide direction is one spread; the centre of grade 4 is two spreads out.
        assert!((of(JointGroup::Finger, &[1.0, 4.0, 1.0]) - 1.0).abs() < 1e-4);
        assert!((of(JointGroup::Finger, &[1.0, 7.6, 1.0]) - 0.2).abs() < 1e-4, "near the severe grade is near");
        assert!((of(JointGroup::Finger, &[1.0, 1.0, 2.0]) - 10.0).abs() < 1e-3, "off the directions");
        assert!((of(JointGroup::Foot, &[1.0, 1.0, 1.0]) - 9.0).abs() < 1e-4, "another group has other centres");
        assert!(of(JointGroup::Wrist, &[1.0; 3]).is_infinite());
        assert_eq!(known.of(JointGroup::Finger, &[1.0, 1.0, 1.2]).cause, Cause::Doubt);
    }

    #[test]
    fn what_is_written_is_read_for_the_same_weights_only() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Familiarity::read(folder.path(), "w", 3).unwrap(), None);
        known().write(folder.path()).unwrap();
        assert_eq!(Familiarity::read(folder.path(), "w", 3).unwrap(), Some(known()));
        assert_eq!(Familiarity::read(folder.path(), "other", 3).unwrap(), None);
        assert!(Familiarity::read(folder.path(), "w", 4).unwrap_err().to_string().contains("svh model familiarity"));
        std::fs::write(Familiarity::path(folder.path()), "cut").unwrap();
        assert!(Familiarity::read(folder.path(), "w", 3).is_err());
    }
}
