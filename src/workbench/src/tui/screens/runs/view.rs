//! How the runs look: the list, and below it the chosen one.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_core::RunState;

use super::{
    columns::{Column, state_label},
    detail, form_view,
    layout::layout,
};
use crate::tui::{
    active_run, draw, format,
    run::{Reached, Run},
    state::{Cohort, State as Whole},
    tagging, window,
};

/// Draws the screen, and over it the form that starts a run.
pub fn render(state: &Whole, buffer: &mut Buffer) {
    let body = window::body(state.room());
    if let Some(notice) = instead(state) {
        draw::notice(buffer, body, &notice, state.theme.text());
    } else {
        list(state, buffer);
    }
    if let Some(form) = &state.runs.form {
        form_view::render(state, form, buffer);
    }
}

/// What is said where there is no run to be listed.
fn instead(state: &Whole) -> Option<Vec<String>> {
    match &state.cohort {
        Cohort::Failed(reason) => return Some(vec![reason.clone()]),
        _ if !state.runs.listed => return Some(vec!["looking for runs …".to_owned()]),
        _ => {}
    }
    let name = state.root.display();
    state.runs.list.is_empty().then(|| {
        vec![
            "no run yet".to_owned(),
            format!("`svh score {name} --out {name}/runs/first` grades every patient and keeps the run"),
            format!("`svh train scorer --task narrowing --cohort {name} --out MODEL` trains; its curves are shown here"),
            "a adds one of them here; s on Patients grades one patient".to_owned(),
        ]
    })
}

fn list(state: &Whole, buffer: &mut Buffer) {
    let (theme, layout) = (state.theme, layout(state.room(), state.runs.list.len()));
    draw::left(buffer, layout.summary, &counts(state), theme.muted());
    state.runs.table.heads(&layout.table, theme, buffer);
    state.runs.table.lines(&layout.table, theme, buffer, |place, column| cell(state, &state.runs.list[place], column));
    let rule: String = "─".repeat(usize::from(layout.rule.width));
    draw::left(buffer, layout.rule, &rule, theme.frame());
    if let Some(run) = state.runs.chosen().filter(|_| state.runs.form.is_none()) {
        draw::left(buffer, Rect { x: layout.rule.x + 2, ..layout.rule }, &format!(" {} ", run.name), theme.title());
        detail::render(state, run, &layout, buffer);
    }
}

/// The runs in one line.
fn counts(state: &Whole) -> String {
    let runs = &state.runs.list;
    let at_work = runs.iter().filter(|run| run.state == RunState::Running).count();
    let at_work = if at_work > 0 { format!(" · {at_work} running") } else { String::new() };
    let shown = active_run::shown(state).map_or_else(String::new, |run| format!("◆ {run} · "));
    format!("{shown}{}{at_work}", format::count(runs.len(), "run"))
}

/// The status line of the screen.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let Some(run) = state.runs.chosen() else { return String::new() };
    // As the cohort was named, where it is the cohort's.
    let within = state.catalogue().and_then(|catalogue| run.folder.strip_prefix(catalogue.cohort.root()).ok());
    within.map_or_else(|| run.folder.clone(), |within| state.root.join(within)).display().to_string()
}

fn cell(state: &Whole, run: &Run, column: Column) -> (String, Style) {
    let theme = state.theme;
    let none = || ("·".to_owned(), theme.muted());
    match column {
        Column::Name => {
            // Which run the screens show, and which one is marked.
            let used = active_run::in_use(state).as_ref() == Some(&run.folder);
            let marked = state.runs.beside.as_ref() == Some(&run.folder);
            let sign = match (used, marked) {
                (true, true) => "◆ ⚑ ",
                (true, false) => "◆ ",
                (false, true) => "⚑ ",
                (false, false) => "",
            };
            let tags = tagging::words(state.session.tags().of(&svh_core::tags::Subject::run(&run.name)));
            (format!("{sign}{} {tags}", run.name).trim_end().to_owned(), theme.text())
        }
        Column::Content => (run.content(), theme.text()),
        Column::State => {
            let (text, style) = state_label(theme, run.state);
            (text.to_owned(), style)
        }
        Column::Done => match &run.reached {
            Some(reached) if run.state == RunState::Running => {
                (format!("{} {:3.0} %", draw::bar(reached.share() as f32, 4), reached.share() * 100.0), theme.model())
            }
            Some(reached) => (format!("{:.0} %", reached.share() * 100.0), theme.muted()),
            None => none(),
        },
        Column::Left => {
            let left = run.reached.as_ref().filter(|_| run.state == RunState::Running).and_then(Reached::seconds_left);
            left.map_or_else(none, |seconds| (format::duration(seconds), theme.text()))
        }
        Column::Started => (format::date(&run.info.started), theme.muted()),
    }
}
