//! How the imbalance answers to keys, to the mouse, and to an evaluation.

use crossterm::event::{MouseEvent, MouseEventKind};
use svh_analysis::{Distribution, Evaluation, GradeFilter, GradedJoint, Scale, Scope};

use super::{
    bars,
    columns::Column,
    groups::Groups,
    layout::{Layout, layout},
    state::{By, Line, SPLITS, State},
};
use crate::{
    selection::Selection,
    tui::{
        action::{Action, Effect},
        active_run,
        screens::{list, runs},
        state::State as Whole,
        table::Pressed,
    },
};

/// The layout for the rows at hand.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    let grades = state.imbalance.chosen().map_or(5, |line| u16::from(line.scope.scale.max_grade()) + 1);
    layout(state.room(), state.imbalance.rows.len(), grades)
}

/// The screen has come to the front.
pub fn enter(state: &mut Whole) -> Vec<Effect> {
    settle(state);
    active_run::need(state)
}

/// There is another evaluation, or none any more.
pub fn evaluated(state: &mut Whole) {
    let (by, _) = SPLITS[state.imbalance.split];
    let rows = state.active_run.evaluation().map(|evaluation| match by {
        By::Split(split) => {
            let lines = evaluation.distributions(split).into_iter();
            lines.map(|(scope, found)| Line { scope, group: None, found }).collect()
        }
        By::Source => of_groups(evaluation, &Groups::of_sources(state, evaluation)),
        By::Tag => of_groups(evaluation, &Groups::of_tags(state, evaluation)),
    });
    state.imbalance.rows = rows.unwrap_or_default();
    arrange(state);
}

/// A line a scale and group, without those that have no joint.
fn of_groups(evaluation: &Evaluation, groups: &Groups) -> Vec<Line> {
    let found = evaluation.distributions_of(groups.all.len(), |patient, joint, own| own.extend(groups.of(patient, joint)));
    let by_group = groups.all.iter().zip(found).flat_map(|(group, scales)| {
        let line = |(scale, found)| Line { scope: Scope::all(scale), group: Some(group.clone()), found };
        Scale::ALL.into_iter().zip(scales).map(line)
    });
    let mut lines: Vec<Line> = by_group.filter(|line| line.found.joints() > 0).collect();
    lines.sort_by_key(|line| line.scope.scale);
    lines
}

/// Something has another tag.
pub fn tagged(state: &mut Whole) {
    if SPLITS[state.imbalance.split].0 == By::Tag {
        evaluated(state);
    }
}

fn arrange(state: &mut Whole) {
    let screen = &mut state.imbalance;
    let mut shown: Vec<u32> = (0..screen.rows.len() as u32).collect();
    let (column, reversed) = (screen.table.sort, screen.table.reversed);
    shown.sort_by(|a, b| {
        let order = key(screen, column, *a as usize).total_cmp(&key(screen, column, *b as usize));
        if reversed { order.reverse() } else { order }
    });
    screen.table.shown = shown;
    settle(state);
}

/// What a distribution is sorted by; scopes are in the order of the method.
fn key(screen: &State, column: Column, place: usize) -> f64 {
    let found = &screen.rows[place].found;
    let graded = found.reference.iter().sum::<u64>() as f64;
    match column {
        Column::Scope => place as f64,
        Column::Joints => graded,
        Column::Missing => found.reference_missing as f64,
        Column::Zero | Column::Reader => Distribution::zero_share(&found.reference).unwrap_or(-1.0),
        Column::Model => Distribution::zero_share(&found.model).unwrap_or(-1.0),
        Column::Entropy | Column::Effective => Distribution::entropy(&found.reference).unwrap_or(-1.0),
    }
}

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let lines = here(state).table.lines;
    state.imbalance.table.settle(lines);
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = here(state);
    match action {
        Action::NextView => choose_split(state, (state.imbalance.split + 1) % SPLITS.len()),
        Action::PreviousView => choose_split(state, (state.imbalance.split + SPLITS.len() - 1) % SPLITS.len()),
        Action::Open => return open(state, None),
        Action::Grade(grade) => return open(state, Some(grade)),
        Action::Start => return train(state),
        Action::LogScale => state.imbalance.log = !state.imbalance.log,
        Action::Balance(hundredths) => {
            state.imbalance.balance = state.imbalance.balance.saturating_add_signed(hundredths).min(100);
        }
        _ if state.imbalance.table.act(action, layout.table.lines) => settle(state),
        _ if state.imbalance.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    Vec::new()
}

/// The joints behind the chosen line, the rarest grade first; or those behind the bar of a grade.
fn open(state: &mut Whole, grade: Option<u8>) -> Vec<Effect> {
    let Some(line) = state.imbalance.chosen().cloned() else { return Vec::new() };
    let Some(evaluation) = state.active_run.evaluation().cloned() else { return Vec::new() };
    let filter = GradeFilter { scope: line.scope, reference: grade, model: None, patient: None };
    let mut rows = evaluation.graded(&filter);
    rows.retain(|row| row.reference.is_some());
    if let Some(group) = &line.group {
        let groups = if SPLITS[state.imbalance.split].0 == By::Tag {
            Groups::of_tags(state, &evaluation)
        } else {
            Groups::of_sources(state, &evaluation)
        };
        let place = groups.all.iter().position(|other| other == group);
        rows.retain(|row| place.is_some_and(|place| groups.of(row.patient, row.joint).contains(&place)));
    }
    let count = |row: &GradedJoint| row.reference.and_then(|grade| line.found.reference.get(usize::from(grade)).copied()).unwrap_or(0);
    rows.sort_by_key(|row| (count(row), std::cmp::Reverse(row.reference)));
    let of = grade.map_or_else(String::new, |grade| format!(", grade {grade}"));
    let selection = Selection { title: format!("{}{of}", line.name()), items: list::of_graded(&evaluation, &rows) };
    list::open(state, selection)
}

/// The form of a training with the scale of the chosen line and the balance at hand.
fn train(state: &mut Whole) -> Vec<Effect> {
    let Some(scale) = state.imbalance.chosen().map(|line| line.scope.scale) else { return Vec::new() };
    let balance = state.imbalance.balance();
    runs::train_scorer(state, scale, balance)
}

fn choose_split(state: &mut Whole, split: usize) {
    state.imbalance.split = split;
    state.imbalance.table.cursor = 0;
    evaluated(state);
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = here(state);
    match mouse.kind {
        MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => {
            state.imbalance.table.wheel(mouse.kind == MouseEventKind::ScrollDown, layout.table.lines);
        }
        MouseEventKind::Down(_) if layout.bars.contains((mouse.column, mouse.row).into()) => {
            // The bars of the chosen line come first, a line a grade.
            let most = state.imbalance.chosen().map(|line| line.scope.scale.max_grade());
            let grade = mouse.row.checked_sub(layout.bars.y + bars::HEAD).and_then(|grade| u8::try_from(grade).ok());
            if let Some(grade) = grade.filter(|grade| most.is_some_and(|most| *grade <= most)) {
                return open(state, Some(grade));
            }
        }
        MouseEventKind::Down(_) if state.imbalance.table.press(mouse, &layout.table) == Pressed::Order => arrange(state),
        _ => {}
    }
    settle(state);
    Vec::new()
}
