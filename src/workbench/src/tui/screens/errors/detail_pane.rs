//! The chosen error in words: what is wrong, what the box claims, what it does to the patient's total.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{ErrorRow, detection::ErrorKind};
use svh_core::Task;

use crate::tui::{draw, format::signed, names, state::State as Whole};

/// Lines about an error, the most important first.
#[must_use]
pub fn lines(state: &Whole, error: &ErrorRow) -> Vec<(String, Style)> {
    let theme = state.theme;
    let mut lines = vec![(format!("{}: {}", error.kind.name(), error.kind.describe()), theme.title()), (joints(error), theme.text())];
    lines.push((effect(state, error), theme.text()));
    let mut place = error.task.name().to_owned();
    if error.kind != ErrorKind::Missed {
        let counts = if error.kept { "accepted" } else { "not used for grading" };
        place += &format!(" · score {:.2} · IoU {:.2} · {counts}", error.score, error.iou);
    }
    lines.push((place, theme.muted()));
    lines
}

/// The film's name.
#[must_use]
pub fn film(state: &Whole, error: &ErrorRow) -> String {
    let film = state.active_run.evaluation().and_then(|evaluation| evaluation.films().get(error.film));
    film.and_then(|film| film.path.file_stem()).map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn joints(error: &ErrorRow) -> String {
    let name = |joint: &svh_core::Joint| format!("{} {}", joint.limb, names::short(joint));
    match (error.reference, error.model) {
        (Some(reference), Some(model)) if reference != model => format!("drawn on {}, labelled {}", name(reference), name(model)),
        (Some(joint), Some(_) | None) => name(joint),
        (None, Some(model)) => format!("labelled {}", name(model)),
        (None, None) => String::new(),
    }
}

/// Both grades of the joint, and what the error adds to the total.
fn effect(state: &Whole, error: &ErrorRow) -> String {
    let grades = state.active_run.evaluation().zip(error.joint()).and_then(|(evaluation, joint)| {
        let patient = evaluation.films().get(error.film)?.patient;
        let (reference, model) = evaluation.grades_of(patient, joint);
        let text = |grade: Option<u8>| grade.map_or_else(|| "none".to_owned(), |grade| grade.to_string());
        Some(format!("reader {}, model {}: ", text(reference), text(model)))
    });
    let effect = match error.effect {
        Some(0) => "total unchanged".to_owned(),
        Some(points) => format!("total {}{}", signed(i64::from(points)), with_erosion(state, error)),
        None => "effect on the total unknown".to_owned(),
    };
    grades.unwrap_or_default() + &effect
}

/// A foot's erosion is graded from its narrowing box where it has no boxes of its own, so an error of one is an error of both.
fn with_erosion(state: &Whole, error: &ErrorRow) -> &'static str {
    let film = state.active_run.evaluation().and_then(|evaluation| evaluation.films().get(error.film));
    let shared = film.is_some_and(|film| !film.limb.is_hand() && !film.labelled[Task::Erosion as usize]);
    if shared && error.task == Task::Narrowing { ", erosion of the same box included" } else { "" }
}

/// Draws the words below the film.
pub fn render(state: &Whole, error: &ErrorRow, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut lines = lines(state, error);
    if lines[0].0.chars().count() > usize::from(inner.width) {
        error.kind.name().clone_into(&mut lines[0].0);
    }
    for (index, (text, style)) in lines.into_iter().take(usize::from(area.height)).enumerate() {
        draw::left(buffer, draw::line(inner, index as u16), &text, style);
    }
}
