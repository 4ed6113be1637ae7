//! Weights of grades, from a file: how much a wrong grade costs, by scale, joint and reference grade.

use std::path::{Path, PathBuf};

use serde::Serialize;
use svh_core::{Joint, intake};
use thiserror::Error;

use crate::Scale;

/// A file of weights that could not be used.
#[derive(Debug, Error)]
pub enum WeightError {
    /// The file is missing, cannot be read, or is not CSV.
    #[error("{} cannot be read ({reason}); give a CSV file with a column weight", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reader's words.
        reason: String,
    },
    /// The header lacks `weight` or has a column that means nothing here.
    #[error("{}: {what}; the columns are task, joint, grade (each may be left out) and weight", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A cell that is not what its column asks for.
    #[error("{}, line {line}: {what}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
        /// What is wrong and what would be right.
        what: String,
    },
}

/// Weights by reference grade. A CSV file with a header: `weight` (a number, at least 0), and any of `task` (`narrowing`, `erosion`, `hand_erosion`,
/// `foot_erosion`), `joint` (`mcp_2`, or `LH_mcp_2` for one side), `grade` (the reference grade). An empty cell stands for all. Of the lines that
/// speak of a joint and grade the last one counts; where none does, the weight is 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GradeWeights {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    scales: Vec<Scale>,
    joint: Option<String>,
    grade: Option<u8>,
    weight: f64,
}

impl GradeWeights {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`WeightError`].
    pub fn read(path: &Path) -> Result<Self, WeightError> {
        let unreadable = |e: &dyn std::fmt::Display| WeightError::Unreadable { path: path.to_owned(), reason: e.to_string() };
        let bytes = intake::bytes(path, intake::MAX_TABLE).map_err(|e| unreadable(&e))?;
        let intake::table::Text { text, separator, skipped } = intake::table::text(&bytes).map_err(|e| unreadable(&e))?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).delimiter(separator).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| unreadable(&e))?.clone();
        let wrong = |what: String| WeightError::Header { path: path.to_owned(), what };
        if let Some(other) = header.iter().find(|name| !["task", "joint", "grade", "weight"].contains(name)) {
            return Err(wrong(format!("there is a column `{other}`")));
        }
        let place = |name: &str| header.iter().position(|column| column == name);
        let weight = place("weight").ok_or_else(|| wrong("there is no column weight".to_owned()))?;
        let (task, joint, grade) = (place("task"), place("joint"), place("grade"));
        let mut rules = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| unreadable(&e))?;
            let line = skipped + record.position().map_or(0, csv::Position::line);
            let cell = |place: Option<usize>| place.and_then(|place| record.get(place)).filter(|cell| !cell.is_empty());
            let bad = |what: String| WeightError::Cell { path: path.to_owned(), line, what };
            let scales = cell(task).map_or(Ok(Scale::ALL.to_vec()), |name| {
                scales(name).ok_or_else(|| bad(format!("`{name}` is not a task; use narrowing, erosion, hand_erosion or foot_erosion")))
            })?;
            let joint = cell(joint).map(|name| match known(name) {
                true => Ok(name.to_owned()),
                false => Err(bad(format!("`{name}` is not a joint; name it as in mcp_2 or LH_mcp_2"))),
            });
            let grade = cell(grade)
                .map(|text| text.parse::<u8>().map_err(|_| bad(format!("`{text}` is not a grade; use a whole number from 0 on"))));
            let text = cell(Some(weight)).unwrap_or_default();
            let weight = text.parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight >= 0.0);
            let weight = weight.ok_or_else(|| bad(format!("`{text}` is not a weight; use a number of at least 0")))?;
            rules.push(Rule { scales, joint: joint.transpose()?, grade: grade.transpose()?, weight });
        }
        Ok(Self { rules })
    }

    /// Whether a line speaks of a task or joint, which a table of bare grades cannot know.
    #[must_use]
    pub fn names_joints(&self) -> bool {
        self.rules.iter().any(|rule| rule.joint.is_some() || rule.scales.len() < Scale::ALL.len())
    }

    /// What a wrong grade costs at a joint of this reference grade.
    #[must_use]
    pub fn at(&self, joint: Option<&Joint>, reference: u8) -> f64 {
        let speaks = |rule: &&Rule| {
            rule.grade.is_none_or(|grade| grade == reference)
                && joint.is_none_or(|joint| {
                    let named = |name: &String| *name == joint.joint || *name == joint.label;
                    rule.scales.contains(&Scale::of(joint)) && rule.joint.as_ref().is_none_or(named)
                })
        };
        self.rules.iter().rev().find(speaks).map_or(1.0, |rule| rule.weight)
    }
}

fn scales(name: &str) -> Option<Vec<Scale>> {
    match name {
        "erosion" => Some(vec![Scale::HandErosion, Scale::FootErosion]),
        name => Scale::ALL.into_iter().find(|scale| scale.name() == name).map(|scale| vec![scale]),
    }
}

fn known(name: &str) -> bool {
    svh_core::joint::all().any(|joint| joint.joint == name || joint.label == name)
}

/// Weighted errors of grades. They are this project's own metrics: the challenge's weights are not public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Weighted {
    /// Weighted mean absolute error: sum of `weight * |difference|` over the sum of weights.
    pub mae: Option<f64>,
    /// Root of the weighted mean squared error.
    pub rmse: Option<f64>,
    /// Sum of the weights.
    pub weight: f64,
}

impl Weighted {
    /// Of triples of weight, reference and model.
    #[must_use]
    pub fn of(graded: impl IntoIterator<Item = (f64, u8, u8)>) -> Self {
        let (mut weight, mut absolute, mut square) = (0.0, 0.0, 0.0);
        for (w, reference, model) in graded {
            let difference = f64::from(reference.abs_diff(model));
            weight += w;
            absolute += w * difference;
            square += w * difference * difference;
        }
        let mean = |sum: f64| (weight > 0.0).then(|| sum / weight);
        Self { mae: mean(absolute), rmse: mean(square).map(f64::sqrt), weight }
    }
}
