//! What the screens show, as tables: one row a thing, with names in place of places.

use polars::prelude::*;
use svh_core::{BBox, Joint};

use super::ErrorReport;
use crate::{Distribution, Errors, Evaluation, Part, Result, Scope, Split};

/// Errors: `film, patient, limb, task, kind, joint, predicted, score, iou, kept, effect, tags`, then the wrong box and the true one (`x0`.. and `true_x0`..).
///
/// # Errors
/// None that the data could cause.
pub fn errors_table(evaluation: &Evaluation, errors: &Errors) -> Result<DataFrame> {
    let rows: Vec<ErrorReport> = errors.rows.iter().map(|row| ErrorReport::of(evaluation, row)).collect();
    let text = |of: fn(&ErrorReport) -> &str| rows.iter().map(of).collect::<Vec<_>>();
    let mut frame = df![
        "film" => text(|row| &row.film),
        "patient" => text(|row| &row.patient),
        "limb" => text(|row| row.limb.code()),
        "task" => errors.rows.iter().map(|row| row.task.name()).collect::<Vec<_>>(),
        "kind" => text(|row| row.kind.name()),
        "joint" => text(|row| &row.joint),
        "predicted" => rows.iter().map(|row| row.model.as_deref()).collect::<Vec<_>>(),
        "score" => rows.iter().map(|row| row.score).collect::<Vec<_>>(),
        "iou" => rows.iter().map(|row| row.iou).collect::<Vec<_>>(),
        "kept" => rows.iter().map(|row| row.kept).collect::<Vec<_>>(),
        "effect" => rows.iter().map(|row| row.effect).collect::<Vec<_>>(),
        "tags" => rows.iter().map(|row| row.tags.join(" ")).collect::<Vec<_>>(),
    ]?;
    for (place, side) in ["x0", "y0", "x1", "y1"].into_iter().enumerate() {
        let column = |bbox: fn(&ErrorReport) -> Option<BBox>| -> Vec<Option<f32>> {
            rows.iter().map(|row| bbox(row).map(|bbox| <[f32; 4]>::from(bbox)[place])).collect()
        };
        frame.with_column(Column::new(side.into(), column(|row| row.bbox)))?;
        frame.with_column(Column::new(format!("true_{side}").into(), column(|row| row.reference_box)))?;
    }
    Ok(frame)
}

/// What the best-box rule leaves of each joint at a threshold: `task, joint, truth, kept, true_positives, false_positives, missed, inferred`; the paper's
/// figures 8.5.1 and 8.5.2.
///
/// # Errors
/// None that the data could cause.
pub fn joints_table(evaluation: &Evaluation, threshold: f32) -> Result<DataFrame> {
    let rows = evaluation.tallies(threshold);
    let count = |of: fn(&crate::detection::Tally) -> u32| rows.iter().map(|row| of(&row.tally)).collect::<Vec<_>>();
    Ok(df![
        "task" => rows.iter().map(|row| row.joint.task.name()).collect::<Vec<_>>(),
        "joint" => rows.iter().map(|row| row.joint.label.as_str()).collect::<Vec<_>>(),
        "truth" => count(|tally| tally.reference),
        "kept" => count(|tally| tally.kept),
        "true_positives" => count(|tally| tally.true_positives),
        "false_positives" => count(|tally| tally.false_positives),
        "missed" => count(|tally| tally.missed),
        "inferred" => count(|tally| tally.inferred),
    ]?)
}

/// How often each grade of each of the 86 joints occurs: `scale, limb, group, joint, grade, truth, predicted, drawn`, where `drawn` is the share in which a
/// sampler by inverse class frequency draws the grade within its scale; then one row a joint for what is missing, without a grade.
///
/// # Errors
/// None that the data could cause.
pub fn distribution_table(evaluation: &Evaluation) -> Result<DataFrame> {
    let (mut scopes, mut grades, mut reference, mut model, mut drawn) = (vec![], vec![], vec![], vec![], vec![]);
    for (scope, found) in evaluation.distributions(Split::Side) {
        let of_scale = evaluation.distribution(&Scope::all(scope.scale));
        let shares = Distribution::sampler(&of_scale.reference, 1.0);
        let missing = (None, found.reference_missing, found.model_missing);
        let counts = found.reference.iter().zip(&found.model).enumerate();
        for (grade, true_count, model_count) in counts.map(|(grade, (t, p))| (Some(grade), *t, *p)).chain([missing]) {
            scopes.push(scope);
            grades.push(grade.map(|grade| grade as u32));
            reference.push(true_count);
            model.push(model_count);
            drawn.push(grade.and_then(|grade| shares.get(grade).copied()));
        }
    }
    let mut frame = scope_columns(&scopes)?;
    for column in [
        Column::new("grade".into(), grades),
        Column::new("truth".into(), reference),
        Column::new("predicted".into(), model),
        Column::new("drawn".into(), drawn),
    ] {
        frame.with_column(column)?;
    }
    Ok(frame)
}

/// The cells of the confusion matrices: `scale, limb, group, joint, truth, predicted, count`, one row a joint and pair that occurs.
///
/// # Errors
/// None that the data could cause.
pub fn confusion_table(evaluation: &Evaluation) -> Result<DataFrame> {
    let (mut scopes, mut reference, mut model, mut counts) = (vec![], vec![], vec![], vec![]);
    for scope in Split::Side.scopes() {
        for (row, column, count) in evaluation.confusion(&scope).cells().filter(|(_, _, count)| *count > 0) {
            scopes.push(scope);
            reference.push(row as u32);
            model.push(column as u32);
            counts.push(count);
        }
    }
    let mut frame = scope_columns(&scopes)?;
    for column in [Column::new("truth".into(), reference), Column::new("predicted".into(), model), Column::new("count".into(), counts)] {
        frame.with_column(column)?;
    }
    Ok(frame)
}

/// Totals: `patient, part`, the reader's and the model's points with the joints that they rest on, both over the joints that both graded, their difference,
/// the joints that the part has, those that the model left open with the sum of their expected grades, and the least and greatest that its total can be.
///
/// # Errors
/// None that the data could cause.
pub fn totals_table(evaluation: &Evaluation) -> Result<DataFrame> {
    let parts = super::parts();
    let rows: Vec<_> = parts
        .iter()
        .flat_map(|(name, part): &(&str, Part)| evaluation.totals(*part).into_iter().map(move |total| (*name, total)))
        .collect();
    type Row = (&'static str, crate::PatientTotal);
    let number = |of: fn(&Row) -> Option<u32>| rows.iter().map(of).collect::<Vec<_>>();
    Ok(df![
        "patient" => rows.iter().map(|(_, total)| evaluation.patients()[total.patient].as_str()).collect::<Vec<_>>(),
        "part" => rows.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "truth" => number(|(_, total)| total.reference.map(|sum| sum.points)),
        "truth_joints" => number(|(_, total)| Some(total.reference.map_or(0, |sum| sum.joints))),
        "predicted" => number(|(_, total)| total.model.map(|sum| sum.points)),
        "expected" => rows.iter().map(|(_, total)| total.expected).collect::<Vec<_>>(),
        "predicted_joints" => number(|(_, total)| Some(total.model.map_or(0, |sum| sum.joints))),
        "both_truth" => number(|(_, total)| total.both.map(|both| both.0.points)),
        "both_predicted" => number(|(_, total)| total.both.map(|both| both.1.points)),
        "both_joints" => number(|(_, total)| Some(total.both.map_or(0, |both| both.0.joints))),
        "difference" => rows.iter().map(|(_, total)| total.difference()).collect::<Vec<_>>(),
        "joints" => number(|(_, total)| Some(total.joints)),
        "open_joints" => number(|(_, total)| Some(total.open.map_or(0, |open| open.joints))),
        "open_expected" => rows.iter().map(|(_, total)| total.open.map(|open| open.expected)).collect::<Vec<_>>(),
        "low" => number(|(_, total)| total.range().map(|range| range.0)),
        "high" => number(|(_, total)| total.range().map(|range| range.1)),
    ]?)
}

/// `scale, limb, group, joint` of scopes of one joint each.
fn scope_columns(scopes: &[Scope]) -> PolarsResult<DataFrame> {
    let joint = |scope: &Scope| -> Option<&'static Joint> { scope.joints().next() };
    let text = |of: fn(&'static Joint) -> &'static str| scopes.iter().map(|scope| joint(scope).map(of)).collect::<Vec<_>>();
    df![
        "scale" => scopes.iter().map(|scope| scope.scale.name()).collect::<Vec<_>>(),
        "limb" => text(|joint| joint.limb.code()),
        "group" => text(|joint| joint.group().name()),
        "joint" => text(|joint| &joint.joint),
    ]
}
