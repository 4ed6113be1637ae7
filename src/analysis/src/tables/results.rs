//! A run's results as wide tables: every film, every detection, and every grade with its whole distribution.

use polars::prelude::*;
use svh_core::{FilmDetections, Origin, PatientScore, ResultLine, joint};

use super::grades::Joints;
use crate::Result;

/// The highest grade of any joint: there are columns `p0` to `p10`.
pub const MAX_GRADE: usize = 10;

/// One row a film of the run: `film, limb, width, height, failed`. A film that could not be read has the reason in `failed` and nothing else.
///
/// # Errors
/// None that the data could cause.
pub fn films(lines: &[ResultLine]) -> Result<DataFrame> {
    let (mut names, mut limbs, mut widths, mut heights, mut reasons) = (vec![], vec![], vec![], vec![], vec![]);
    for line in lines {
        let (name, read, failed) = match line {
            ResultLine::Film(film) => (&film.film, Some(film), None),
            ResultLine::Failed { film, failed } => (film, None, Some(failed.as_str())),
            ResultLine::Patient(_) => continue,
        };
        names.push(name.as_str());
        limbs.push(read.map(|film| film.limb.code()));
        widths.push(read.map(|film| film.width));
        heights.push(read.map(|film| film.height));
        reasons.push(failed);
    }
    Ok(df!["film" => names, "limb" => limbs, "width" => widths, "height" => heights, "failed" => reasons]?)
}

/// One row a box: `film, limb, task, joint, class_id, score, x0, y0, x1, y1, kept, from, implausible`.
///
/// # Errors
/// None that the data could cause.
pub fn detections<'a, I>(films: I) -> Result<DataFrame>
where
    I: IntoIterator<Item = &'a FilmDetections, IntoIter: Clone>,
{
    let films = films.into_iter();
    let boxes = || films.clone().flat_map(|film: &FilmDetections| film.detections.iter().map(move |detection| (film, detection)));
    let side = |which: fn(&svh_core::BBox) -> f32| boxes().map(|(_, d)| which(&d.bbox)).collect::<Vec<_>>();
    let from = |origin: Origin| match origin {
        Origin::Detector => "detector",
        Origin::Narrowing => "narrowing",
        Origin::Inferred => "inferred",
    };
    let frame = df![
        "film" => boxes().map(|(film, _)| film.film.as_str()).collect::<Vec<_>>(),
        "limb" => boxes().map(|(film, _)| film.limb.code()).collect::<Vec<_>>(),
        "task" => boxes().map(|(_, d)| d.task.name()).collect::<Vec<_>>(),
        "joint" => boxes().map(|(_, d)| d.joint.as_str()).collect::<Vec<_>>(),
        "class_id" => boxes().map(|(_, d)| i32::from(d.class_id)).collect::<Vec<_>>(),
        "score" => boxes().map(|(_, d)| d.score).collect::<Vec<_>>(),
        "x0" => side(|b| b.x0),
        "y0" => side(|b| b.y0),
        "x1" => side(|b| b.x1),
        "y1" => side(|b| b.y1),
        "kept" => boxes().map(|(_, d)| d.kept).collect::<Vec<_>>(),
        "from" => boxes().map(|(_, d)| from(d.from)).collect::<Vec<_>>(),
        "implausible" => boxes().map(|(_, d)| d.implausible.as_deref()).collect::<Vec<_>>(),
    ]?;
    Ok(frame)
}

/// One row a joint that was graded or left open: `patient, limb, task, joint, group, grade, expected, p0` .. `p10`, the probabilities that its scale does not
/// have missing, then `unfamiliarity` and `open`, the reason why a joint was left open; its grade is missing.
///
/// # Errors
/// None that the data could cause.
pub fn scores<'a>(patients: impl IntoIterator<Item = &'a PatientScore>) -> Result<DataFrame> {
    let mut rows = Joints::default();
    let (mut grades, mut expected) = (Vec::new(), Vec::new());
    let (mut unfamiliarity, mut reasons) = (Vec::new(), Vec::new());
    let mut probabilities: Vec<Vec<Option<f32>>> = vec![Vec::new(); MAX_GRADE + 1];
    for patient in patients {
        for joint in joint::all() {
            let (graded, open) = (patient.joints.get(&joint.ra2_column), patient.open.get(&joint.ra2_column));
            let (shares, mean, unfamiliar) = match (graded, open) {
                (Some(score), _) => (&score.probabilities, score.expected, score.unfamiliarity),
                (None, Some(open)) => (&open.probabilities, open.expected, Some(open.unfamiliarity)),
                (None, None) => continue,
            };
            rows.patient(&patient.patient, std::iter::once(joint));
            grades.push(graded.map(|score| i32::from(score.grade)));
            expected.push(mean);
            unfamiliarity.push(unfamiliar);
            reasons.push(open.filter(|_| graded.is_none()).map(|open| open.reason.as_str()));
            for (grade, column) in probabilities.iter_mut().enumerate() {
                column.push(shares.get(grade).copied());
            }
        }
    }
    let mut columns = vec![Column::new("grade".into(), grades), Column::new("expected".into(), expected)];
    columns.extend(probabilities.into_iter().enumerate().map(|(grade, column)| Column::new(format!("p{grade}").into(), column)));
    columns.push(Column::new("unfamiliarity".into(), unfamiliarity));
    columns.push(Column::new("open".into(), reasons));
    Ok(rows.frame(columns)?)
}
