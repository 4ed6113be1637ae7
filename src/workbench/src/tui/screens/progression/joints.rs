//! The joints of a pair of visits, with the films of both visits at the chosen joint side by side.

use std::cmp::Ordering;

use ratatui::{buffer::Buffer, style::Style};
use svh_analysis::progression::JointChange;
use svh_core::BBox;

use super::{
    columns::{JointColumn, visit as short},
    layout::Layout,
    state::Joints,
};
use crate::tui::{
    format::signed,
    names,
    picture::JointOnFilm,
    sheet::{self, Tile},
    state::State as Whole,
};
use svh_terminal::Plan;

/// The order of two joints by a column, before it is reversed.
#[must_use]
pub fn compare(column: JointColumn, a: &JointChange, b: &JointChange) -> Ordering {
    match column {
        JointColumn::Limb => a.joint.limb.cmp(&b.joint.limb),
        JointColumn::Joint => a.joint.class_id.cmp(&b.joint.class_id),
        JointColumn::Task => a.joint.task.cmp(&b.joint.task),
        JointColumn::Reader => a.reader_change().cmp(&b.reader_change()),
        JointColumn::Model => a.model_change().cmp(&b.model_change()),
        JointColumn::Change => a.largest().cmp(&b.largest()),
    }
}

/// The chosen joint on the films of both visits, at one zoom.
#[must_use]
pub fn tiles(state: &Whole) -> Vec<Tile> {
    let screen = &state.progression;
    let of = || {
        let joints = screen.joints.as_ref()?;
        let row = joints.chosen()?;
        let change = screen.found.as_ref()?.changes.get(joints.of)?;
        Some((row, change))
    };
    let Some((row, change)) = of() else { return Vec::new() };
    let sets = [change.baseline.as_str(), change.follow_up.as_str()];
    let places = sets.map(|set| {
        let patient = state.active_run.evaluation().and_then(|evaluation| evaluation.patient(set));
        patient.map(|patient| JointOnFilm::of(state, patient, row.joint, false)).unwrap_or_default()
    });
    // The larger of both boxes gives the scale, so that both films show the joint at one size.
    let side =
        places.iter().filter_map(|place| place.focus).map(|found| found.width().max(found.height())).fold(0.0, f32::max) * screen.zoom;
    let tile = |(visit, (set, place)): (usize, (&str, JointOnFilm))| {
        let JointOnFilm { film, focus: found, marks } = place;
        // Without a box nobody knows where on the film the joint is.
        let (film, focus) = found.map_or_else(Default::default, |found| (film, BBox::square(found.centre(), side)));
        let name = match (visit, found) {
            (0, Some(_)) => "baseline",
            (_, Some(_)) => "follow-up",
            (0, None) => "no box, baseline",
            (_, None) => "no box, follow-up",
        };
        let caption = format!("{name} {}\n{}", short(change, set), names::grades(row.reader[visit], row.model[visit]));
        Tile { film, focus, marks, tag: caption.clone(), caption, marked: false }
    };
    sets.into_iter().zip(places).enumerate().map(tile).collect()
}

/// Draws the joints and both films.
pub fn render(state: &Whole, joints: &Joints, layout: &Layout, buffer: &mut Buffer) -> Option<Plan> {
    let theme = state.theme;
    joints.table.heads(&layout.joints, theme, buffer);
    joints.table.lines(&layout.joints, theme, buffer, |place, column| cell(state, &joints.rows[place], column));
    let tiles = tiles(state);
    if tiles.is_empty() { None } else { sheet::render(state, &tiles, &layout.films, usize::MAX, buffer) }
}

fn cell(state: &Whole, row: &JointChange, column: JointColumn) -> (String, Style) {
    let theme = state.theme;
    let grades = |[before, after]: [Option<u8>; 2], style: Style| {
        let grade = |grade: Option<u8>| grade.map_or_else(|| "·".to_owned(), |grade| grade.to_string());
        (format!("{} → {}", grade(before), grade(after)), style)
    };
    let change = |change: Option<i32>| match change {
        Some(0) => "=".to_owned(),
        Some(change) => signed(i64::from(change)),
        None => "·".to_owned(),
    };
    match column {
        JointColumn::Limb => (row.joint.limb.code().to_owned(), theme.text()),
        JointColumn::Joint => (names::short(row.joint), theme.text()),
        JointColumn::Task => (row.joint.task.name().to_owned(), theme.muted()),
        JointColumn::Reader => grades(row.reader, theme.reader()),
        JointColumn::Model => grades(row.model, theme.model()),
        JointColumn::Change => {
            let style = if row.largest() == 0 { theme.muted() } else { theme.title() };
            (format!("{} {}", change(row.reader_change()), change(row.model_change())), style)
        }
    }
}
