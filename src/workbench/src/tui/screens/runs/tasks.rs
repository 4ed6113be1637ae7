//! The Slurm tasks of the chosen run.

use ratatui::style::Style;
use svh_core::RunState;

use crate::{
    slurm::{Standing, Standings, Tasks},
    tui::theme::Theme,
};

/// The tasks in so many lines: how many stand how, then one line a task that is not finished, those that are missing first.
#[must_use]
pub fn lines(tasks: Option<&Tasks>, theme: Theme, room: usize) -> Vec<(String, Style)> {
    let found = match tasks {
        None => return vec![("asking Slurm …".to_owned(), theme.muted())],
        Some(Err(reason)) => return vec![(reason.clone(), theme.doubt())],
        Some(Ok(found)) => found,
    };
    let mut lines = vec![(counts(found), theme.title())];
    lines.extend(found.problem.as_ref().map(|problem| (problem.clone(), theme.doubt())));
    let mut open: Vec<&Standing> = found.shards.iter().filter(|of| of.state != Some(RunState::Finished) || of.is_alive()).collect();
    open.sort_by_key(|of| !of.is_left());
    let fit = room.saturating_sub(lines.len());
    let shown = if open.len() > fit { fit.saturating_sub(1) } else { open.len() };
    lines.extend(open[..shown].iter().map(|of| line(of, found.problem.is_some(), theme)));
    if shown < open.len() {
        lines.push((format!("… and {} more; `svh slurm --out RUN --status` lists all", open.len() - shown), theme.muted()));
    }
    lines
}

/// How many tasks stand how.
fn counts(found: &Standings) -> String {
    let of = |what: &str, so: &dyn Fn(&Standing) -> bool| {
        let count = found.shards.iter().filter(|of| so(of)).count();
        (count > 0).then(|| format!("{count} {what}"))
    };
    let slurm_says = |of: &Standing, state: &str| of.task.as_ref().is_some_and(|task| task.state == state);
    let parts = [
        of("finished", &|of| of.state == Some(RunState::Finished) && !of.is_alive()),
        of("running", &|of| slurm_says(of, "RUNNING")),
        of("pending", &|of| slurm_says(of, "PENDING")),
        of("otherwise with Slurm", &|of| of.is_alive() && !slurm_says(of, "RUNNING") && !slurm_says(of, "PENDING")),
        of("missing (c submits them again)", &Standing::is_left).filter(|_| found.problem.is_none()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("Slurm: {} shards · {}", found.shards.len(), parts.join(" · "))
}

fn line(of: &Standing, unknown: bool, theme: Theme) -> (String, Style) {
    let files = match of.state {
        None => "not begun".to_owned(),
        // Of a task that was killed the files say so only once its lease has run out.
        Some(state) => state.to_string(),
    };
    let reached = of.reached.map(|(done, total)| format!("{done} of {total} film sets")).unwrap_or_default();
    let (text, style) = match &of.task {
        Some(task) => {
            let style = if of.is_left() { theme.doubt() } else { theme.text() };
            (format!("{:<9} {:<10} {:>9}  {:<12} {}", of.shard.to_string(), task.state, task.time, task.place, reached), style)
        }
        None if unknown => (format!("{:<9} {files}  {reached}", of.shard.to_string()), theme.muted()),
        None => (format!("{:<9} not with Slurm, {files}  {reached}", of.shard.to_string()), theme.doubt()),
    };
    (text.trim_end().to_owned(), style)
}
