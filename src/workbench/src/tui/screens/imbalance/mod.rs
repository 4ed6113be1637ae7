//! How often each grade occurs: by task, limb (figure 8.6.1 of the paper), joint group and joint; reader beside model; what a sampler would draw.

mod bars;
mod columns;
mod group;
mod groups;
mod layout;
pub mod state;
mod view;

#[cfg(test)]
mod tests;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use svh_analysis::{Distribution, Evaluation, GradeFilter, GradedJoint, Scale, Scope};

use crate::{
    figures::{self, Figure, FigureError},
    selection::Selection,
    tui::{
        action::{Action, Effect},
        screen_trait::{Change, Screen},
        screens::{list, runs},
        state::State,
        table::Pressed,
    },
};
use columns::Column;
use groups::Groups;
use layout::here;
use state::{By, Line, SPLITS};
use svh_terminal::Plan;

/// The screen.
pub struct Imbalance;

impl Screen for Imbalance {
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan> {
        view::render(state, buffer);
        None
    }

    fn act(&self, state: &mut State, action: Action) -> Vec<Effect> {
        let layout = here(state);
        let screen = &mut state.imbalance;
        match action {
            Action::NextView => choose_split(state, (state.imbalance.split + 1) % SPLITS.len()),
            Action::PreviousView => choose_split(state, (state.imbalance.split + SPLITS.len() - 1) % SPLITS.len()),
            Action::Grade(grade) => return open(state, Some(grade)),
            Action::Start => return train(state),
            Action::LogScale => screen.log = !screen.log,
            Action::Balance(hundredths) => screen.balance = screen.balance.saturating_add_signed(hundredths).min(100),
            _ => {
                let pressed = screen.table.key(action, &layout.table);
                return line_pressed(state, pressed);
            }
        }
        Vec::new()
    }

    fn settle(&self, state: &mut State) {
        let lines = here(state).table.lines;
        state.imbalance.table.settle(lines);
    }

    fn mouse(&self, state: &mut State, mouse: MouseEvent) -> Vec<Effect> {
        let layout = here(state);
        if matches!(mouse.kind, MouseEventKind::Down(_)) && layout.bars.contains((mouse.column, mouse.row).into()) {
            // The bars of the chosen line come first, a line a grade.
            let most = state.imbalance.chosen().map(|line| line.scope.scale.max_grade());
            let grade = mouse.row.checked_sub(layout.bars.y + bars::HEAD).and_then(|grade| u8::try_from(grade).ok());
            if let Some(grade) = grade.filter(|grade| most.is_some_and(|most| *grade <= most)) {
                return open(state, Some(grade));
            }
            return Vec::new();
        }
        let pressed = state.imbalance.table.mouse(mouse, &layout.table);
        line_pressed(state, pressed)
    }

    fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        count(state);
        Vec::new()
    }

    fn changed(&self, state: &mut State, change: Change) -> Vec<Effect> {
        if change == Change::Tags && SPLITS[state.imbalance.split].0 == By::Tag {
            count(state);
        }
        Vec::new()
    }

    fn figure(&self, state: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        let task = state.imbalance.chosen().map_or(svh_core::Task::Narrowing, |line| line.scope.scale.task());
        Some(("distribution", figures::distribution(state.active_run.evaluation()?, task)))
    }

    fn summary(&self, state: &State) -> String {
        view::summary(state)
    }
}

fn line_pressed(state: &mut State, pressed: Pressed) -> Vec<Effect> {
    let effects = pressed.apply(state, arrange, |state| open(state, None));
    // The bars of another line may leave the list another height.
    Imbalance.settle(state);
    effects
}

/// Counts the grades of each line of the split.
fn count(state: &mut State) {
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

fn arrange(state: &mut State) {
    let lines = here(state).table.lines;
    let state::State { table, rows, .. } = &mut state.imbalance;
    table.arrange(0..rows.len(), lines, |column, place| key(&rows[place], column, place));
    Imbalance.settle(state);
}

/// What a distribution is sorted by; scopes are in the order of the method.
fn key(line: &Line, column: Column, place: usize) -> Option<f64> {
    let found = &line.found;
    match column {
        Column::Scope => Some(place as f64),
        Column::Joints => Some(found.reference.iter().sum::<u64>() as f64),
        Column::Missing => Some(found.reference_missing as f64),
        Column::Zero | Column::Reader => Distribution::zero_share(&found.reference),
        Column::Model => Distribution::zero_share(&found.model),
        Column::Entropy | Column::Effective => Distribution::entropy(&found.reference),
    }
}

/// The joints behind the chosen line, the rarest grade first; or those behind the bar of a grade.
fn open(state: &mut State, grade: Option<u8>) -> Vec<Effect> {
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
fn train(state: &mut State) -> Vec<Effect> {
    let Some(scale) = state.imbalance.chosen().map(|line| line.scope.scale) else { return Vec::new() };
    let balance = state.imbalance.balance();
    runs::train_scorer(state, scale, balance)
}

fn choose_split(state: &mut State, split: usize) {
    state.imbalance.split = split;
    state.imbalance.table.clear();
    count(state);
}
