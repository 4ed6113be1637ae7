//! A cohort's corrected reference, or a run, as Parquet files in a new folder.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use polars::prelude::*;
use svh_core::export::{Beside, Exported};
use svh_core::run::RunResults;
use svh_core::staging::Staging;
use svh_core::{Cohort, GradeRow, Limb, ResultLine, Reviews, RunReader, Task, joint};

use super::grades::{Joints, small};
use super::kept::{DETECTIONS, FILMS, GRADES, table, write};
use crate::Result;

/// The file of people's boxes in an export.
pub const BOXES: &str = "boxes.parquet";

/// Writes people's boxes and grades, as corrected by these reviews, into a new folder: `boxes.parquet` (`patient, limb, task, joint, group, film,
/// class_id, x0, y0, x1, y1, difficult, proposed, reader`) and `grades.parquet` (`patient, limb, task, joint, group, grade, reader`). `reader` is who decided in
/// a review, missing where the cohort's own file says so; `proposed` marks boxes of a model that nobody has looked at.
///
/// # Errors
/// A cohort without boxes and grades, a folder that is taken or cannot be written to.
pub fn parquet(cohort: &Cohort, reviews: &Reviews, out: &Path, beside: Option<Beside>, stop: &AtomicBool) -> Result<Exported> {
    let staging = Staging::begin(out, stop)?;
    let mut done = Exported::default();
    let mut boxes = boxes(cohort, reviews, &staging, &mut done)?;
    let mut grades = grades(cohort, reviews, &mut done)?;
    if done.boxes + done.grades == 0 {
        return Err(crate::AnalysisError::Nothing { what: "boxes or grades", place: cohort.root().display().to_string() });
    }
    write(&staging.path().join(BOXES), &mut boxes)?;
    write(&staging.path().join(GRADES), &mut grades)?;
    beside.map(|beside| beside.write(staging.path())).transpose()?;
    staging.commit()?;
    Ok(done)
}

/// Writes what a run found on some films into a new folder: the tables that [`crate::keep`] leaves beside a run. `keep` is asked with a patient's id, as the
/// names of films tell it, and a limb.
///
/// # Errors
/// A run that cannot be read or is empty, a folder that is taken or cannot be written to.
pub fn run_parquet(
    run: &RunReader,
    keep: &dyn Fn(&str, Limb) -> bool,
    out: &Path,
    beside: Option<Beside>,
    stop: &AtomicBool,
) -> Result<Exported> {
    let staging = Staging::begin(out, stop)?;
    let RunResults { lines, problem } = run.read_results()?;
    let lines: Vec<ResultLine> = lines.into_iter().filter_map(|line| line.only_films(keep)).collect();
    if lines.is_empty() {
        return Err(crate::AnalysisError::Nothing { what: "results", place: run.folder().display().to_string() });
    }
    for name in [FILMS, DETECTIONS, GRADES] {
        write(&staging.path().join(name), &mut table(&lines, name)?)?;
    }
    beside.map(|beside| beside.write(staging.path())).transpose()?;
    staging.commit()?;
    let films = || lines.iter().filter_map(ResultLine::as_film);
    let patients = || lines.iter().filter_map(ResultLine::as_patient);
    Ok(Exported {
        films: films().count(),
        boxes: films().map(|film| film.detections.len()).sum(),
        patients: patients().count(),
        grades: patients().map(|patient| patient.joints.len()).sum(),
        left_out: problem.into_iter().collect(),
        ..Exported::default()
    })
}

fn boxes(cohort: &Cohort, reviews: &Reviews, staging: &Staging, done: &mut Exported) -> Result<DataFrame> {
    let mut rows = Joints::default();
    let (mut films, mut classes, mut difficult, mut readers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut proposed, mut sides): (Vec<bool>, [Vec<f32>; 4]) = Default::default();
    for patient in cohort.patients() {
        staging.go_on()?;
        for limb in Limb::ALL {
            let Some(film) = cohort.film(patient, limb) else { continue };
            let labels = reviews.labels(cohort, patient, limb);
            done.films += usize::from(Task::ALL.iter().any(|task| !labels.of(*task).is_empty()));
            done.left_out.extend(labels.problems.iter().cloned());
            for task in Task::ALL.into_iter().filter(|task| labels.is_unusable(*task) && patient.has_labels(*task, limb)) {
                done.left_out.push(format!("the {task} labels of {} cannot be used, so that its boxes here are not all", film.display()));
            }
            let name = film.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for reference in Task::ALL.iter().flat_map(|task| labels.of(*task)) {
                rows.patient(&patient.id, std::iter::once(reference.joint));
                films.push(name.clone());
                classes.push(i32::from(reference.joint.class_id));
                difficult.push(reference.difficult);
                readers.push(reviews.joint(&patient.id, reference.joint).and_then(|review| Some(review.bbox.as_ref()?.reader.clone())));
                for (side, value) in sides.iter_mut().zip(<[f32; 4]>::from(reference.bbox)) {
                    side.push(value);
                }
                proposed.push(!reference.is_readers());
                done.proposed += usize::from(!reference.is_readers());
                done.boxes += 1;
            }
        }
    }
    let [x0, y0, x1, y1] = sides;
    let mut more = vec![Column::new("film".into(), films), Column::new("class_id".into(), classes)];
    for (name, side) in [("x0", x0), ("y0", y0), ("x1", x1), ("y1", y1)] {
        more.push(Column::new(name.into(), side));
    }
    more.push(Column::new("difficult".into(), difficult));
    more.push(Column::new("proposed".into(), proposed));
    more.push(Column::new("reader".into(), readers));
    Ok(rows.frame(more)?)
}

fn grades(cohort: &Cohort, reviews: &Reviews, done: &mut Exported) -> Result<DataFrame> {
    let mut rows = Joints::default();
    let (mut grades, mut readers) = (Vec::new(), Vec::new());
    let table = reviews.table(cohort).unwrap_or_default();
    for (patient, row) in table.patients().iter().zip(table.rows()) {
        rows.patient(patient, joint::all());
        grades.extend(row.iter().map(|(_, grade)| grade));
        readers.extend(joint::all().map(|joint| Some(reviews.joint(patient, joint)?.grade.as_ref()?.reader.clone())));
    }
    done.patients = table.len();
    done.grades = table.rows().iter().map(GradeRow::scored).sum();
    let more = vec![Column::new("grade".into(), small(&grades)), Column::new("reader".into(), readers)];
    Ok(rows.frame(more)?)
}
