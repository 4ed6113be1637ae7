//! Which errors are shown, and in which order: those of boxes and those of grades in one list, the costliest first.

use std::cmp::Reverse;

use svh_analysis::{ErrorFilter, ErrorOrder, ErrorRow, GradeError, detection::ErrorKind};

use svh_core::tags::Subject;

use super::{
    columns::{Column, GradeColumn},
    layout::here,
    state::View,
};
use crate::tui::{state::State as Whole, tag_filter};

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a> {
    /// An error of a box.
    Box(&'a ErrorRow),
    /// A wrong grade of a right box.
    Grade(&'a GradeError),
}

impl Item<'_> {
    /// What it adds to the patient's total; absent where a grade is not known.
    #[must_use]
    pub const fn effect(self) -> Option<i32> {
        match self {
            Self::Box(row) => row.effect,
            Self::Grade(error) => Some(error.points),
        }
    }

    /// The film's place in the evaluation.
    #[must_use]
    pub const fn film(self) -> Option<usize> {
        match self {
            Self::Box(row) => Some(row.film),
            Self::Grade(error) => error.film,
        }
    }

    /// The joint that it is about.
    #[must_use]
    pub fn joint(self) -> Option<&'static svh_core::Joint> {
        match self {
            Self::Box(row) => row.joint(),
            Self::Grade(error) => Some(error.graded.joint),
        }
    }
}

/// Filters and sorts again; call it after every change of the errors, the filter or the order.
pub fn arrange(state: &mut Whole) {
    let layout = here(state);
    let Some(evaluation) = state.active_run.evaluation().cloned() else {
        state.errors.table.show(Vec::new(), layout.table.lines);
        state.errors.grades.show(Vec::new(), layout.grades.lines);
        return;
    };
    let errors = std::sync::Arc::clone(&state.active_run.errors);
    let all_grades = std::sync::Arc::clone(&state.active_run.grade_errors);
    let screen = &mut state.errors;
    let any_kind = ErrorFilter { kinds: Vec::new(), ..screen.filter.clone() };
    screen.counts = errors.counts(&errors.select(&evaluation, &any_kind, ErrorOrder::Film));
    let passes = |error: &GradeError| screen.filter.passes_grade(error) && screen.grade_filter.passes(error);
    let mut grades: Vec<usize> = (0..all_grades.len()).filter(|place| passes(&all_grades[*place])).collect();
    screen.grade_count = grades.len();
    let any = screen.filter.kinds.is_empty() && !screen.grade_filter.only;
    let boxes = any || !screen.filter.kinds.is_empty();
    let mut places = if boxes { errors.select(&evaluation, &screen.filter, ErrorOrder::Film) } else { Vec::new() };
    if any || screen.grade_filter.only {
        places.extend(grades.iter().map(|place| errors.rows.len() + place));
    }
    let item = |place: usize| match place.checked_sub(errors.rows.len()) {
        None => Item::Box(&errors.rows[place]),
        Some(grade) => Item::Grade(&all_grades[grade]),
    };
    if !screen.tags.is_empty() {
        let (tags, wanted) = (state.session.tags(), &screen.tags);
        let tagged = |item: Item| {
            let boxes = match item {
                Item::Box(row) => row.model_box,
                Item::Grade(_) => None,
            };
            let film = item.film().and_then(|film| evaluation.films().get(film));
            let has = film.and_then(|film| Some(tags.of_place(evaluation.patients().get(film.patient)?, film.limb, item.joint(), boxes)));
            has.is_some_and(|has| wanted.iter().all(|tag| tag_filter::hold(&has, tag)))
        };
        places.retain(|place| tagged(item(*place)));
        grades.retain(|place| tagged(Item::Grade(&all_grades[*place])));
    }
    sort(&mut places, item, screen.table.sort);
    // Sorted with the highest scores and effects first, and the least overlap.
    let falls = matches!(screen.table.sort, Column::Score | Column::Effect);
    if screen.table.reversed != falls {
        places.reverse();
    }
    screen.table.show(places.into_iter().map(|place| place as u32).collect(), layout.table.lines);
    screen.grades.arrange_by(grades, layout.grades.lines, |column, a, b| compare(column, &all_grades[a], &all_grades[b]));
}

/// The order of a column, with equals as they lie; what a line does not have comes last.
fn sort<'a>(places: &mut [usize], item: impl Fn(usize) -> Item<'a>, column: Column) {
    let number = |place: &usize, of: fn(&ErrorRow) -> f32, none: f32| match item(*place) {
        Item::Box(row) => of(row),
        Item::Grade(_) => none,
    };
    match column {
        Column::Kind => places.sort_by_key(|place| match item(*place) {
            Item::Box(row) => row.kind.index(),
            Item::Grade(_) => ErrorKind::ALL.len(),
        }),
        Column::Joint => places.sort_by_key(|place| item(*place).joint().map(svh_core::Joint::index)),
        Column::Task => places.sort_by_key(|place| item(*place).joint().map(|joint| joint.task)),
        Column::Counts => places.sort_by_key(|place| match item(*place) {
            Item::Box(row) => row.kept,
            Item::Grade(_) => true,
        }),
        Column::Film => places.sort_by_key(|place| item(*place).film()),
        // Of errors that do the same those come first that do count.
        Column::Effect => places.sort_by_cached_key(|place| {
            let item = item(*place);
            let idle = matches!(item, Item::Box(row) if !row.kept && row.kind != ErrorKind::Missed);
            (Reverse(item.effect().map_or(-1, i32::abs)), idle)
        }),
        Column::Score => places.sort_by(|a, b| number(b, |row| row.score, -1.0).total_cmp(&number(a, |row| row.score, -1.0))),
        Column::Iou => places.sort_by(|a, b| number(a, |row| row.iou, 2.0).total_cmp(&number(b, |row| row.iou, 2.0))),
    }
}

/// The order of two wrong grades, before it is reversed.
fn compare(column: GradeColumn, a: &GradeError, b: &GradeError) -> std::cmp::Ordering {
    let (x, y) = (&a.graded, &b.graded);
    let number = |a: Option<f32>, b: Option<f32>| a.unwrap_or(-1.0).total_cmp(&b.unwrap_or(-1.0));
    match column {
        GradeColumn::Film => (x.patient, x.joint.limb).cmp(&(y.patient, y.joint.limb)),
        GradeColumn::Joint => x.joint.index().cmp(&y.joint.index()),
        GradeColumn::Task => x.joint.task.cmp(&y.joint.task),
        GradeColumn::Reader => x.reference.cmp(&y.reference),
        GradeColumn::Model => x.model.cmp(&y.model),
        GradeColumn::Expected => number(x.expected, y.expected),
        // Of equals first what the model was surest of.
        GradeColumn::Points => (a.points.abs()).cmp(&b.points.abs()).then_with(|| number(x.confidence, y.confidence)),
        GradeColumn::Confidence => number(x.confidence, y.confidence),
        GradeColumn::Entropy => number(x.entropy, y.entropy),
    }
}

/// The error at a place of the list at hand.
#[must_use]
pub fn item(state: &Whole, place: usize) -> Option<Item<'_>> {
    let boxes = &state.active_run.errors.rows;
    match place.checked_sub(boxes.len()) {
        None => boxes.get(place).map(Item::Box),
        Some(grade) => state.active_run.grade_errors.get(grade).map(Item::Grade),
    }
}

/// The chosen error of the view at hand.
#[must_use]
pub fn chosen(state: &Whole) -> Option<Item<'_>> {
    if state.errors.view == View::Grades {
        return state.active_run.grade_errors.get(state.errors.grades.chosen()?).map(Item::Grade);
    }
    item(state, state.errors.table.chosen()?)
}

/// The errors of the view at hand from the chosen one on.
pub fn following(state: &Whole) -> impl Iterator<Item = Item<'_>> {
    let (shown, cursor, shift) = match state.errors.view {
        View::Grades => (&state.errors.grades.shown, state.errors.grades.cursor, state.active_run.errors.rows.len()),
        _ => (&state.errors.table.shown, state.errors.table.cursor, 0),
    };
    shown.iter().skip(cursor).filter_map(move |place| item(state, *place as usize + shift))
}

/// What has the tags of an error: its box, or the joint that was missed or wrongly graded.
#[must_use]
pub fn subject(state: &Whole, item: Item) -> Option<Subject> {
    let evaluation = state.active_run.evaluation()?;
    let film = evaluation.films().get(item.film()?)?;
    let patient = evaluation.patients().get(film.patient)?;
    let place = item.joint().map_or_else(|| Subject::film(patient, film.limb), |joint| Subject::joint(patient, film.limb, joint));
    Some(match item {
        Item::Box(row) => row.model_box.map_or(place.clone(), |bbox| place.with_box(bbox)),
        Item::Grade(_) => place,
    })
}

/// The tags of an error and of what it is part of.
#[must_use]
pub fn tags<'a>(state: &'a Whole, item: Item) -> Vec<&'a str> {
    let found = || {
        let evaluation = state.active_run.evaluation()?;
        let film = evaluation.films().get(item.film()?)?;
        let boxes = match item {
            Item::Box(row) => row.model_box,
            Item::Grade(_) => None,
        };
        Some(state.session.tags().of_place(evaluation.patients().get(film.patient)?, film.limb, item.joint(), boxes))
    };
    found().unwrap_or_default()
}
