//! The chosen error in words: what is wrong, what the box claims, what it does to the patient's total.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{ErrorRow, GradeError, detection::ErrorKind};
use svh_core::Task;

use super::order::{self, Item};
use crate::tui::{draw, format::signed, names, state::State as Whole, tagging};

/// Lines about an error, the most important first.
#[must_use]
pub fn lines(state: &Whole, item: Item) -> Vec<(String, Style)> {
    match item {
        Item::Box(error) => words(state, error),
        Item::Grade(error) => of_grade(state, error),
    }
}

/// Lines about an error of a box.
#[must_use]
pub fn words(state: &Whole, error: &ErrorRow) -> Vec<(String, Style)> {
    let theme = state.theme;
    let mut lines = vec![(format!("{}: {}", error.kind.name(), what(error)), theme.title()), (joints(error), theme.text())];
    lines.push((effect(state, error), theme.text()));
    let mut place = error.task.name().to_owned();
    if error.kind != ErrorKind::Missed {
        let counts = if error.kept { "accepted" } else { "not used for grading" };
        place += &format!(" · score {:.2} · IoU {:.2} · {counts}", error.score, error.iou);
    }
    lines.push((place, theme.muted()));
    lines
}

/// What is wrong with a box. That it is another joint's is said where it lies on one.
fn what(error: &ErrorRow) -> &'static str {
    match (error.kind, error.reference, error.misses) {
        (ErrorKind::Background, _, true) => "a box where no joint is, accepted in place of the joint's own",
        (ErrorKind::Other, None, true) => "a box between joints, accepted in place of the joint's own",
        (ErrorKind::Other, None, false) => "a box between joints, well on none",
        (kind, ..) => kind.describe(),
    }
}

/// Lines about a wrong grade.
fn of_grade(state: &Whole, error: &GradeError) -> Vec<(String, Style)> {
    let (theme, graded) = (state.theme, &error.graded);
    let share = |value: Option<f32>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let grade = |grade: Option<u8>| grade.map_or_else(|| "–".to_owned(), |grade| grade.to_string());
    let meaning = |grade: Option<u8>| grade.map_or("", |grade| names::meaning(graded.joint, grade));
    vec![
        (format!("Grade {}→{}, total {}", grade(graded.reference), grade(graded.model), signed(i64::from(error.points))), theme.title()),
        (format!("{} {}, {}", graded.joint.limb, names::short(graded.joint), graded.joint.task), theme.text()),
        (
            format!("expected {}, conf {}, entropy {}", share(graded.expected), share(graded.confidence), share(graded.entropy)),
            theme.text(),
        ),
        (format!("R {}; M {}", meaning(graded.reference), meaning(graded.model)), theme.muted()),
    ]
}

/// The film's name.
#[must_use]
pub fn film(state: &Whole, item: Item) -> String {
    let evaluation = state.active_run.evaluation();
    if let Item::Grade(error) = item {
        let patient = evaluation.and_then(|evaluation| evaluation.patients().get(error.graded.patient));
        return patient.map(|patient| format!("{patient}-{}", error.graded.joint.limb)).unwrap_or_default();
    }
    let film = evaluation.zip(item.film()).and_then(|(evaluation, film)| evaluation.films().get(film));
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
pub fn render(state: &Whole, item: Item, area: Rect, buffer: &mut Buffer) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut lines = lines(state, item);
    let tags = tagging::words(order::tags(state, item));
    if !tags.is_empty() {
        lines.insert(1, (tags, state.theme.key()));
    }
    if let Item::Box(error) = item
        && lines[0].0.chars().count() > usize::from(inner.width)
    {
        error.kind.name().clone_into(&mut lines[0].0);
    }
    for (index, (text, style)) in lines.into_iter().take(usize::from(area.height)).enumerate() {
        draw::left(buffer, draw::line(inner, index as u16), &text, style);
    }
}

#[cfg(test)]
mod tests {
    use svh_core::{BBox, Task, joint};

    use super::*;

    #[test]
    fn a_box_that_lies_on_no_joint_is_not_called_another_joint() {
        let asked = joint::by_label(Task::Narrowing, "LH_mcp_2");
        let bbox = BBox::from([0.0, 0.0, 10.0, 10.0]);
        let stray = ErrorRow {
            kind: ErrorKind::Other,
            film: 0,
            task: Task::Narrowing,
            reference: None,
            model: asked,
            score: 0.9,
            iou: 0.0,
            reference_box: Some(BBox::from([50.0, 50.0, 60.0, 60.0])),
            model_box: Some(bbox),
            kept: true,
            effect: None,
            detection: None,
            misses: true,
        };
        assert_eq!(what(&stray), "a box between joints, accepted in place of the joint's own");
        assert_eq!(what(&ErrorRow { misses: false, ..stray }), "a box between joints, well on none");
        let other = joint::by_label(Task::Narrowing, "LH_mcp_4");
        assert_eq!(what(&ErrorRow { reference: other, ..stray }), "another joint");
    }
}
