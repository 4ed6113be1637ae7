//! The columns of the list of runs.

use std::cmp::Ordering;

use ratatui::style::Style;
use svh_core::RunState;

use crate::tui::{
    run::{Reached, Run},
    table::{self, Spec},
    theme::Theme,
};

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The folder's name.
    Name,
    /// The network that is trained, or how many patients are scored.
    Content,
    /// How it stands.
    State,
    /// How far it is.
    Done,
    /// The time until it ends.
    Left,
    /// When it began.
    #[default]
    Started,
}

impl table::Column for Column {
    const ALL: &'static [(Self, Spec)] = &[
        (Self::Name, Spec::words("run", 25).gap(0).grows(8)),
        (Self::Content, Spec::words("of", 17).grows(37).rank(1)),
        (Self::State, Spec::words("state", 13)),
        (Self::Done, Spec::metric("done", 10)),
        (Self::Left, Spec::metric("left", 7)),
        (Self::Started, Spec::words("started (UTC)", 16).gap(2).rank(2)),
    ];
}

/// The order of two runs by a column, before it is reversed.
#[must_use]
pub fn compare(column: Column, a: &Run, b: &Run) -> Ordering {
    let share = |run: &Run| run.reached.as_ref().map_or(-1.0, Reached::share);
    let left = |run: &Run| run.reached.as_ref().filter(|_| run.state == RunState::Running).and_then(Reached::seconds_left);
    match column {
        Column::Name => a.name.cmp(&b.name),
        Column::Content => a.content().cmp(&b.content()),
        Column::State => (a.state as u8).cmp(&(b.state as u8)),
        Column::Done => share(a).total_cmp(&share(b)),
        Column::Left => left(a).unwrap_or(-1.0).total_cmp(&left(b).unwrap_or(-1.0)),
        Column::Started => a.info.started.cmp(&b.info.started),
    }
}

/// How a run stands, with a sign of its own.
#[must_use]
pub fn state_label(theme: Theme, state: RunState) -> (&'static str, Style) {
    match state {
        RunState::Running => ("● running", theme.model()),
        RunState::Finished => ("✓ finished", theme.good()),
        RunState::Failed => ("✗ failed", theme.error()),
        RunState::Cancelled => ("⊘ cancelled", theme.muted()),
        RunState::Interrupted => ("! interrupted", theme.doubt()),
    }
}
