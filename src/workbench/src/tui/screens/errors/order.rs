//! Which errors are shown, and in which order: those of boxes and those of grades in one list, the costliest first.

use std::cmp::Ordering;

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

/// Filters and sorts again; call it after every change of the errors, the filter, the order or the view.
pub fn arrange(state: &mut Whole) {
    let layout = here(state);
    let Some(evaluation) = state.active_run.evaluation().cloned() else {
        state.errors.table.show(Vec::new(), layout.table.lines);
        state.errors.grades.show(Vec::new(), layout.grades.lines);
        return;
    };
    let (errors, all_grades, screen) = (&state.active_run.errors, &state.active_run.grade_errors, &mut state.errors);
    let any_kind = ErrorFilter { kinds: Vec::new(), ..screen.filter.clone() };
    let passing = errors.select(&evaluation, &any_kind, ErrorOrder::Film);
    screen.counts = errors.counts(&passing);
    let passes = |error: &GradeError| screen.filter.passes_grade(error) && screen.grade_filter.passes(error);
    let mut grades: Vec<usize> = all_grades.iter().enumerate().filter(|(_, error)| passes(error)).map(|(place, _)| place).collect();
    screen.grade_count = grades.len();
    let any = screen.filter.kinds.is_empty() && !screen.grade_filter.only;
    let kinds = &screen.filter.kinds;
    let of_kind = |place: &usize| any || kinds.contains(&errors.rows[*place].kind);
    let boxes: Vec<usize> = passing.into_iter().filter(of_kind).collect();
    let wanted = if any || screen.grade_filter.only { grades.as_slice() } else { &[] };
    let mut list: Vec<(usize, Item)> = boxes.into_iter().map(|place| (place, Item::Box(&errors.rows[place]))).collect();
    let grade = |place: &usize| Some((errors.rows.len() + place, Item::Grade(all_grades.get(*place)?)));
    list.extend(wanted.iter().filter_map(grade));
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
        list.retain(|(_, item)| tagged(*item));
        grades.retain(|place| all_grades.get(*place).is_some_and(|error| tagged(Item::Grade(error))));
    }
    let shown = sorted(&list, screen.table.sort, screen.table.reversed);
    screen.table.show(shown, layout.table.lines);
    if screen.view == View::Grades {
        screen.grades.arrange_by(grades, layout.grades.lines, |column, a, b| {
            all_grades.get(a).zip(all_grades.get(b)).map_or(Ordering::Equal, |(a, b)| compare(column, a, b))
        });
    }
}

/// The places in the order of a column, with equals as they lie; what a line does not have comes last.
fn sorted(list: &[(usize, Item)], column: Column, reversed: bool) -> Vec<u32> {
    // Keys are small, and many are equal, which makes sorting them by far cheaper than sorting what they are of.
    let mut keys: Vec<(u32, u32)> = list.iter().map(|(place, item)| (key(*item, column), *place as u32)).collect();
    keys.sort_by_key(|(key, _)| *key);
    // Sorted with the highest scores and effects first, and the least overlap.
    let falls = matches!(column, Column::Score | Column::Effect);
    if reversed != falls {
        keys.reverse();
    }
    keys.into_iter().map(|(_, place)| place).collect()
}

/// What a line is sorted by: the smallest first.
fn key(item: Item, column: Column) -> u32 {
    // Numbers from 0 on are in the order of their bits.
    let number = |of: fn(&ErrorRow) -> f32, none: u32| match item {
        Item::Box(row) => of(row).max(0.0).to_bits() + 1,
        Item::Grade(_) => none,
    };
    let joint = |of: fn(&'static svh_core::Joint) -> usize| item.joint().map_or(0, |joint| of(joint) as u32 + 1);
    match column {
        Column::Kind => match item {
            Item::Box(row) => row.kind.index() as u32,
            Item::Grade(_) => ErrorKind::ALL.len() as u32,
        },
        Column::Joint => joint(svh_core::Joint::index),
        Column::Task => joint(|joint| joint.task as usize),
        Column::Counts => match item {
            Item::Box(row) => row.kept.into(),
            Item::Grade(_) => 1,
        },
        Column::Film => item.film().map_or(0, |film| film as u32 + 1),
        // Of errors that do the same those come first that do count; after all others those whose effect is not known.
        Column::Effect => {
            let idle = matches!(item, Item::Box(row) if !row.kept && row.kind != ErrorKind::Missed);
            2 * (MOST_POINTS - item.effect().map_or(0, |points| points.unsigned_abs().min(MOST_POINTS - 1) + 1)) + u32::from(idle)
        }
        Column::Score => u32::MAX - number(|row| row.score, 0),
        Column::Iou => number(|row| row.iou, u32::MAX),
    }
}

/// More than one error can add to a total.
const MOST_POINTS: u32 = 1000;

/// The order of two wrong grades, before it is reversed.
fn compare(column: GradeColumn, a: &GradeError, b: &GradeError) -> Ordering {
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
