//! How the film screen looks.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::Task;

use super::{
    current::{Current, current},
    detail,
    layout::{layout, panel},
    list, looking,
    plan::{self, plan, window},
    raw, totals, why,
};
use crate::tui::{draw, enhanced, films::Film, picture, state::State as Whole, theme::Theme};
use svh_terminal::Plan;

/// What the bar shows of the film.
#[must_use]
pub fn title(state: &Whole) -> Vec<String> {
    let Some(current) = current(state) else { return Vec::new() };
    let limb = match current.limb {
        Some(limb) => limb.name().to_owned(),
        None => "limb unknown".to_owned(),
    };
    vec![if state.session.hides_visits() { "film".to_owned() } else { current.patient.to_owned() }, limb]
}

/// Draws the screen; the plan is for the painter.
pub fn render(state: &Whole, buffer: &mut Buffer) -> Option<Plan> {
    let current = current(state)?;
    let layout = layout(state.room(), state.painter.protocol());
    render_panel(state, &current, layout.panel, buffer);
    let (whole, area) = (layout.picture?, plan::area(state)?);
    let mut below = Rect { y: area.bottom(), height: whole.height - area.height, ..whole };
    if state.film.why {
        why::render_legend(state, below, buffer);
        let used = why::legend_lines(whole.width).min(below.height);
        below = Rect { y: below.y + used, height: below.height - used, ..below };
    }
    for (row, (text, style)) in looking::foot_lines(state, whole.width).iter().enumerate() {
        draw::left(buffer, draw::line(below, row as u16), text, *style);
    }
    if let Some(second) = looking::second(state).filter(|second| second.picture().is_none()) {
        let (_, right) = looking::halves(area);
        render_picture(state, &second, right, || None, buffer);
    }
    render_picture(state, &current, area, || plan(state), buffer)
}

/// Draws the film at hand as the plan has it, or why there is none.
pub fn render_picture(
    state: &Whole,
    current: &Current,
    area: Rect,
    plan: impl FnOnce() -> Option<Plan>,
    buffer: &mut Buffer,
) -> Option<Plan> {
    let hidden = state.session.hides_visits();
    match current.film {
        Some(Film::Failed(_)) if hidden => {
            notice(
                "this film cannot be read",
                "n shows the next film; B ends blind reading, and the reason is shown",
                state.theme,
                area,
                buffer,
            );
        }
        Some(Film::Failed(reason)) => notice(reason, "Tab shows the next film, n the next patient", state.theme, area, buffer),
        Some(Film::Ready(..)) => return picture(state, plan()?, buffer),
        None | Some(Film::Reading) => {
            let name = current.path.file_name().filter(|_| !hidden).map_or_else(|| "the film".into(), |name| name.to_string_lossy());
            draw::centre(
                buffer,
                draw::line(area, area.height / 2),
                &format!("{} reading {name}", draw::spinner(state.tick)),
                state.theme.muted(),
            );
        }
    }
    None
}

fn picture(state: &Whole, plan: Plan, buffer: &mut Buffer) -> Option<Plan> {
    picture::lay(state, &plan, buffer);
    Some(plan)
}

/// Why the film cannot be shown, and what to do.
fn notice(reason: &str, hint: &str, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(4));
    let lines = draw::wrap(reason, width);
    let top = area.height.saturating_sub(lines.len() as u16 + 2) / 2;
    for (index, text) in lines.iter().enumerate() {
        draw::centre(buffer, draw::line(area, top + index as u16), text, theme.error());
    }
    draw::centre(buffer, draw::line(area, top + lines.len() as u16 + 1), hint, theme.muted());
}

fn render_panel(state: &Whole, current: &Current, area: Rect, buffer: &mut Buffer) {
    let (theme, screen) = (state.theme, &state.film);
    let parts = panel(area, current.limb, screen.task);
    tabs(current, theme, parts.limbs, buffer);
    task_line(state, parts.task, buffer);
    if current.limb.is_none() {
        let text = "The name does not say the limb. d lets the model recognise it.";
        for (index, text) in draw::wrap(text, usize::from(area.width.saturating_sub(3))).iter().enumerate() {
            draw::left(buffer, draw::line(Rect { x: area.x + 2, ..area }, 3 + index as u16), text, theme.text());
        }
        return;
    }
    if screen.why {
        let rest = Rect { y: parts.task.bottom() + 1, height: area.bottom().saturating_sub(parts.task.bottom() + 1), ..area };
        return why::render_panel(state, current, rest, buffer);
    }
    if screen.raw {
        // One list with all the room that both tasks would take.
        let rest = Rect { y: parts.task.bottom(), height: area.bottom().saturating_sub(parts.task.bottom()), ..area };
        let words = rest.height.min(6);
        let lines = Rect { y: rest.y + 1, height: rest.height.saturating_sub(words + 1), ..rest };
        let list = super::layout::List {
            task: screen.task,
            heads: draw::line(rest, 0),
            lines,
            sum: Rect { y: lines.bottom(), height: 0, ..lines },
        };
        raw::list(state, &list, buffer);
        raw::detail(state, Rect { y: lines.bottom(), height: words, ..rest }, buffer);
        return;
    }
    for part in &parts.lists {
        let chosen = (part.task == screen.task).then_some(screen.joint);
        list::heads(part, current, theme, parts.lists.len() > 1, buffer);
        list::render(part, current, theme, chosen, buffer);
        totals::list_sum(part, current, theme, buffer);
    }
    totals::render(current, theme, parts.totals, buffer);
    if let Some(error) = &screen.error {
        detail::error(state, current, error, parts.detail, buffer);
    } else if let Some(joint) = current.joints(screen.task).get(screen.joint) {
        detail::render(&current.entry(joint), theme, parts.detail, buffer);
    }
}

/// The text of a film's tab.
fn tab(current: &Current, place: usize) -> String {
    let limb = current.films.get(place).and_then(|(limb, _)| *limb);
    limb.map_or_else(|| " film ".to_owned(), |limb| format!(" {} ", limb.code()))
}

fn tabs(current: &Current, theme: Theme, line: Rect, buffer: &mut Buffer) {
    let mut x = line.x + 1;
    for place in 0..current.films.len() {
        let text = tab(current, place);
        let style = if place == current.place { theme.selection() } else { theme.muted() };
        let rect = Rect { x, width: line.right().saturating_sub(x), ..line };
        x += draw::left(buffer, rect, &text, style) + 1;
    }
}

/// The film whose tab is at a cell of the line.
#[must_use]
pub fn tab_at(current: &Current, column: u16) -> Option<usize> {
    let mut x = 1;
    (0..current.films.len()).find(|place| {
        let start = x;
        x += tab(current, *place).len() as u16 + 1;
        (start..x - 1).contains(&column)
    })
}

/// The task, and whose boxes are shown, which also explains their looks.
fn task_line(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let (theme, screen) = (state.theme, &state.film);
    let inner = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    let task = if screen.task == Task::Narrowing { "narrowing" } else { "erosion" };
    draw::left(buffer, inner, task, theme.title());
    let shown = |on: bool, style| if on { style } else { theme.muted() };
    let mark = |on: bool, sign: &'static str| if on { sign } else { "–" };
    let pieces = [
        (mark(screen.reader, "□"), shown(screen.reader, theme.reader())),
        (" R reader ", shown(screen.reader, theme.reader())),
        (mark(screen.model, "⌜⌟"), shown(screen.model, theme.model())),
        (" M model", shown(screen.model, theme.model())),
    ];
    draw::pieces(buffer, Rect { x: inner.x + 11, width: inner.width.saturating_sub(11), ..inner }, &pieces);
}

/// Facts of the film and of the view, at the foot.
pub fn render_status(state: &Whole, line: Rect, buffer: &mut Buffer) {
    let theme = state.theme;
    let Some(current) = current(state) else { return };
    let Some(picture) = current.picture() else {
        draw::left(buffer, line, &current.path.display().to_string(), theme.muted());
        return;
    };
    let (width, height) = picture.size();
    let window = window(&state.film, &enhanced::shown(state, picture));
    let percent = |value: i32| value as f32 / 655.35;
    let auto = if state.film.window.is_none() { " auto" } else { "" };
    let inverted = if state.film.inverted { " inverted" } else { "" };
    let gamma = match state.film.looking.gamma {
        100 => String::new(),
        gamma => format!(" gamma {:.1}", f32::from(gamma) / 100.0),
    };
    let turned =
        current.found.filter(|found| found.turned != 0).map_or_else(String::new, |found| format!(" · lies turned by {}°", found.turned));
    let coarse = current.found.and_then(|found| found.coarse).map_or_else(String::new, |side| format!(", coarse: joints of {side:.0} px"));
    let notes = current.found.and_then(|found| found.notes.first()).map_or_else(String::new, |note| format!(" · {note}"));
    // A projection: what lies before the detector is smaller than it measures there.
    let millimetres = |side: f32| format!("{side:.3}").trim_end_matches('0').trim_end_matches('.').to_owned();
    let spacing = picture.spacing().map_or_else(String::new, |(x, y)| match (millimetres(x), millimetres(y)) {
        (x, y) if x == y => format!(" of {x} mm at the detector"),
        (x, y) => format!(" of {x} × {y} mm at the detector"),
    });
    let text = format!(
        "{width} × {height} px{spacing}{coarse} · zoom {:.1} · window {:.0}–{:.0} %{auto}{inverted}{gamma}{turned}{notes}",
        state.film.view.zoom,
        percent(window.low),
        percent(window.high),
    );
    let painter = state.painter.protocol().name();
    let room = Rect { width: line.width.saturating_sub(painter.len() as u16 + 2), ..line };
    draw::left(buffer, room, &text, theme.muted());
    draw::right(buffer, line, painter, theme.muted());
}
