//! How the totals look.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_analysis::{PatientTotal, Summed};

use super::{
    agreement,
    columns::Column,
    joints,
    layout::layout,
    plots,
    state::{State, View},
};
use crate::tui::{
    active_run, draw,
    format::{self, signed},
    state::State as Whole,
    theme::Theme,
    totals::OPEN,
    window,
};
use svh_terminal::Plan;

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let (theme, layout) = (state.theme, layout(state.room()));
    if active_run::notice(state, window::body(state.room()), buffer) {
        return None;
    }
    head(state, layout.head, buffer);
    let screen = &state.totals;
    if let Some(joints) = &screen.joints {
        patient_head(state, joints.of, layout.agreement, buffer);
        return joints::render(state, joints, &layout, buffer);
    }
    if state.active_run.evaluation().is_some_and(|evaluation| evaluation.run().is_none()) {
        draw::notice(
            buffer,
            layout.agreement,
            &["no run yet: only the reader's totals; `svh score` or s on Patients adds the model's".to_owned()],
            theme.muted(),
        );
    } else if let Some(found) = &screen.agreement {
        agreement::render(found, theme, layout.agreement, buffer);
    }
    if !layout.parts.is_narrow || screen.view == View::Table {
        screen.table.heads(&layout.table, theme, buffer);
        screen.table.lines(&layout.table, theme, buffer, |place, column| cell(state, place, column));
    }
    if !layout.parts.is_narrow || screen.view != View::Table {
        plot(state, layout.parts.plot, buffer);
    }
    None
}

fn head(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let at = View::ALL.iter().position(|view| *view == state.totals.view).unwrap_or(0);
    let line = if state.totals.joints.is_none() { draw::choices(buffer, line, &View::ALL.map(View::name), at, theme) } else { line };
    let used = active_run::head(state, line, buffer);
    let rest = Rect { x: line.x + used, width: line.width.saturating_sub(used), ..line };
    let (part, range) = (state.totals.part.to_string(), format!(", 0–{}", state.totals.part.max()));
    let fits = 3 + part.len() + range.chars().count() <= usize::from(rest.width);
    draw::pieces(buffer, rest, &[(" · ", theme.muted()), (&part, theme.title()), (if fits { &range } else { "" }, theme.muted())]);
}

/// The patient whose joints are listed.
fn patient_head(state: &Whole, patient: usize, area: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let name = state.active_run.evaluation().and_then(|evaluation| evaluation.patients().get(patient)).cloned().unwrap_or_default();
    let Some(total) = state.totals.totals.get(patient) else { return };
    let points =
        |sum: Option<Summed>| sum.map_or_else(|| "no grade".to_owned(), |sum| format!("{} from {} joints", sum.points, sum.joints));
    let difference = total.difference().map_or_else(|| "unknown".to_owned(), |difference| signed(i64::from(difference)));
    let open = total.open.zip(total.range()).map(|(open, (low, high))| format!(", {} open, {low}–{high}", open.joints));
    let (reference, model) = (points(total.reference), points(total.model) + &open.unwrap_or_default());
    let pieces = [
        (name.as_str(), theme.title()),
        ("  reader ", theme.muted()),
        (reference.as_str(), theme.reader()),
        ("  model ", theme.muted()),
        (model.as_str(), theme.model()),
        ("  difference ", theme.muted()),
        (difference.as_str(), theme.title()),
    ];
    draw::pieces(buffer, draw::line(area, 0), &pieces);
    let joints = total.both.map_or(0, |(reference, _)| reference.joints);
    let text = format!("{joints} of {} joints have both grades, the largest difference first; ⏎ the film", total.joints);
    draw::left(buffer, draw::line(area, 1), &text, theme.muted());
}

fn plot(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let screen = &state.totals;
    let chosen = screen.table.chosen().and_then(|place| screen.totals.get(place)).map(|total| total.patient);
    match plots::plot(screen, state.theme, chosen) {
        Some(plot) => plot.render(area, state.theme, buffer),
        None => draw::notice(buffer, area, &["no patient was graded by both reader and model".to_owned()], state.theme.muted()),
    }
}

fn cell(state: &Whole, place: usize, column: Column) -> (String, Style) {
    let (theme, screen) = (state.theme, &state.totals);
    let total = &screen.totals[place];
    let none = || ("·".to_owned(), theme.muted());
    let points = |sum: Option<Summed>, style: Style| sum.map_or_else(none, |sum| (sum.points.to_string(), style));
    match column {
        Column::Patient => {
            let name = state.active_run.evaluation().and_then(|evaluation| evaluation.patients().get(total.patient));
            (name.cloned().unwrap_or_default(), theme.text())
        }
        Column::Reader => points(total.reference, theme.reader()),
        Column::Model => model(total).map_or_else(none, |text| (text, theme.model())),
        Column::Open => total.open.map_or_else(none, |open| (open.joints.to_string(), theme.doubt())),
        Column::Expected => total.expected.map_or_else(none, |expected| (format::value(Some(f64::from(expected)), 1), theme.muted())),
        Column::Difference => total.difference().map_or_else(none, |difference| (signed(i64::from(difference)), theme.title())),
        Column::Joints => joints(theme, total),
        Column::Limb(limb) => limb_cell(theme, screen, place, limb.index()),
    }
}

/// The model's total, marked where it left joints open; `None` where it neither graded one nor left one open.
fn model(total: &PatientTotal) -> Option<String> {
    let number = total.model.map(|sum| sum.points.to_string());
    let mark = total.open.map(|_| OPEN);
    (number.is_some() || mark.is_some()).then(|| number.unwrap_or_else(|| "·".to_owned()) + mark.unwrap_or_default())
}

/// Joints that both graded, of all; marked where some are missing.
fn joints(theme: Theme, total: &PatientTotal) -> (String, Style) {
    let both = total.both.map_or(0, |(reference, _)| reference.joints);
    let style = if both == total.joints { theme.muted() } else { theme.doubt() };
    (format!("{both}/{}", total.joints), style)
}

/// Reader's and model's total of a limb.
fn limb_cell(theme: Theme, screen: &State, place: usize, limb: usize) -> (String, Style) {
    let Some(total) = screen.limbs[limb].get(place) else { return (String::new(), theme.text()) };
    let text = |sum: Option<Summed>| sum.map_or_else(|| "·".to_owned(), |sum| sum.points.to_string());
    let style = match total.difference() {
        Some(0) | None => theme.muted(),
        Some(_) => theme.text(),
    };
    (format!("{}/{}", text(total.reference), text(total.model)), style)
}

/// The status line of the screen.
#[must_use]
pub fn summary(state: &Whole) -> String {
    let screen = &state.totals;
    if let Some(joints) = &screen.joints {
        return format!("{} of {} joints", joints.table.cursor + 1, joints.rows.len());
    }
    let place = if screen.totals.is_empty() {
        "none".to_owned()
    } else {
        format!("{} of {}", format::grouped(screen.table.cursor + 1), format::grouped(screen.totals.len()))
    };
    format!("{place} · limbs: reader/model · diff over the joints that both graded")
}
