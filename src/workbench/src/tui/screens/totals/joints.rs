//! The joints of one patient that make its difference, with the film beside them.

use std::cmp::Ordering;

use ratatui::{buffer::Buffer, style::Style};
use svh_analysis::JointDifference;
use svh_core::MARKED_ABOVE;

use super::{columns::JointColumn, layout::Layout, state::Joints};
use crate::tui::{
    format::{self, signed},
    names,
    picture::{Glance, JointOnFilm},
    state::State as Whole,
    totals::OPEN,
};
use svh_terminal::Plan;

/// The order of two joints by a column, before it is reversed.
#[must_use]
pub fn compare(column: JointColumn, a: &JointDifference, b: &JointDifference) -> Ordering {
    let (x, y) = (&a.graded, &b.graded);
    match column {
        JointColumn::Limb => x.joint.limb.cmp(&y.joint.limb),
        JointColumn::Joint => x.joint.class_id.cmp(&y.joint.class_id),
        JointColumn::Task => x.joint.task.cmp(&y.joint.task),
        JointColumn::Reader => x.reference.cmp(&y.reference),
        JointColumn::Model => x.model.cmp(&y.model),
        JointColumn::Expected => expected(a).unwrap_or(-1.0).total_cmp(&expected(b).unwrap_or(-1.0)),
        JointColumn::Sure => x.confidence.unwrap_or(-1.0).total_cmp(&y.confidence.unwrap_or(-1.0)),
        JointColumn::Unfamiliar => x.unfamiliarity.unwrap_or(-1.0).total_cmp(&y.unfamiliarity.unwrap_or(-1.0)),
        JointColumn::Difference => a.difference.map_or(-1, i32::abs).cmp(&b.difference.map_or(-1, i32::abs)),
    }
}

/// The expected grade, also of a joint that was left open.
fn expected(row: &JointDifference) -> Option<f32> {
    row.graded.expected.or(row.graded.open)
}

/// The chosen joint on its film, with the reader's box and the model's.
#[must_use]
pub fn glance(state: &Whole) -> Option<Glance> {
    let joints = state.totals.joints.as_ref()?;
    let joint = joints.chosen()?.graded.joint;
    let evaluation = state.active_run.evaluation()?;
    evaluation.place(joints.of, joint).film?;
    let patient = state.catalogue()?.cohort.position(evaluation.patients().get(joints.of)?)?;
    let JointOnFilm { film, focus, marks } = JointOnFilm::of(state, joints.of, joint, true);
    Some(Glance { patient, limb: joint.limb, path: film, focus, marks })
}

/// Draws the joints and the film.
pub fn render(state: &Whole, joints: &Joints, layout: &Layout, buffer: &mut Buffer) -> Option<Plan> {
    let theme = state.theme;
    joints.table.heads(&layout.joints, theme, buffer);
    joints.table.lines(&layout.joints, theme, buffer, |place, column| cell(state, &joints.rows[place], column));
    glance(state)?.render(state, layout.film, buffer)
}

fn cell(state: &Whole, row: &JointDifference, column: JointColumn) -> (String, Style) {
    let theme = state.theme;
    let graded = &row.graded;
    let none = || ("·".to_owned(), theme.muted());
    let grade = |grade: Option<u8>, style: Style| grade.map_or_else(none, |grade| (grade.to_string(), style));
    match column {
        JointColumn::Limb => (graded.joint.limb.code().to_owned(), theme.text()),
        JointColumn::Joint => (names::short(graded.joint), theme.text()),
        JointColumn::Task => (graded.joint.task.name().to_owned(), theme.muted()),
        JointColumn::Reader => grade(graded.reference, theme.reader()),
        JointColumn::Model if graded.open.is_some() => (OPEN.to_owned(), theme.doubt()),
        JointColumn::Model => grade(graded.model, theme.model()),
        JointColumn::Expected => expected(row).map_or_else(none, |expected| (format::value(Some(f64::from(expected)), 1), theme.muted())),
        JointColumn::Unfamiliar => graded
            .unfamiliarity
            .map_or_else(none, |value| (format!("{value:.2}"), if value > MARKED_ABOVE { theme.doubt() } else { theme.muted() })),
        JointColumn::Sure => graded.confidence.map_or_else(none, |share| (format!("{:.0} %", share * 100.0), theme.muted())),
        JointColumn::Difference => match row.difference {
            Some(0) => ("=".to_owned(), theme.muted()),
            Some(points) => (signed(i64::from(points)), theme.title()),
            None => none(),
        },
    }
}
