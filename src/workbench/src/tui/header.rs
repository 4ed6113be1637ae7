//! The bar on top: the program, the cohort, the screens with the letters that lead there, what is open, the device.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};
use svh_core::RunState;
use unicode_width::UnicodeWidthStr;

use super::{action::ScreenId, active_run, draw, jobs, navigation, run::Run, state::State};

const PROGRAM: &str = " svh ";
/// Cells that are kept for the run's name.
const RUN_LEAST: u16 = 16;
/// Fewer cells of the cohort's name say nothing.
const NAME_LEAST: u16 = 7;

/// What stands on the bar, and where.
struct Bar {
    name: Option<(Rect, String)>,
    tabs: Vec<(ScreenId, Rect)>,
    crumbs: Option<(Rect, String)>,
    run: Option<(Rect, String)>,
    device: Rect,
}

/// Gives every part its cells: first the device and what is open, then the screens, then the cohort's name.
fn bar(state: &State) -> Bar {
    let line = Rect { x: 0, y: 0, width: state.size.0, height: 1 };
    let device_width = (device(state).width() as u16 + 1).min(line.width);
    let device = Rect { x: line.width - device_width, width: device_width, ..line };
    let (mut x, end) = (PROGRAM.width() as u16, device.x.saturating_sub(1));
    let mut take = |width: u16| {
        let rect = Rect { x, width: width.min(end.saturating_sub(x)), ..line };
        x = rect.right();
        rect
    };
    let mut title = state.front().title(state);
    let has_open = !title.is_empty();
    if !has_open && !state.registry.tabs().any(|tab| tab == state.screen) {
        title.push(state.screen.0.to_owned());
    }
    let crumbs: String = title.iter().map(|part| format!(" › {part}")).collect();
    let tabs: u16 = state.registry.tabs().map(|screen| screen.0.width() as u16 + 2).sum();
    // Screens that have something open have no line of their own for the run.
    let run = if state.session.blind { Some("blind reading".to_owned()) } else { active_run::shown(state).map(|run| format!("◆ {run}")) };
    let run = run.filter(|_| has_open || state.session.blind);
    let reserved = run.as_ref().map_or(0, |run| (run.width() as u16 + 2).min(RUN_LEAST));
    let room = end.saturating_sub(PROGRAM.width() as u16 + crumbs.width() as u16 + reserved);
    let name = state.name();
    // Which of several cohorts is shown matters more than the names of the screens.
    let several = state.cohorts.roots.len() > 1;
    let kept = if several { (name.width() as u16).min(24) + 2 } else { 0 };
    let shows_tabs = room >= tabs + kept;
    let left = if shows_tabs { room - tabs } else { room };
    let name = (left > NAME_LEAST).then(|| draw::cut(&name, usize::from((left - 2).min(24))));
    let name = name.map(|name| (take(name.width() as u16 + 2), name));
    let tabs = state.registry.tabs().filter(|_| shows_tabs).map(|screen| (screen, take(screen.0.width() as u16 + 2))).collect();
    let crumbs = (!crumbs.is_empty()).then(|| (take(crumbs.width() as u16), crumbs));
    let run = run.map(|run| (take(run.width() as u16 + 2), run));
    Bar { name, tabs, crumbs, run, device }
}

/// The screen whose name is at a cell of the bar.
#[must_use]
pub fn tab_at(state: &State, column: u16, row: u16) -> Option<ScreenId> {
    bar(state).tabs.into_iter().find(|(_, rect)| rect.contains((column, row).into())).map(|(screen, _)| screen)
}

/// Draws the bar.
pub fn render(state: &State, buffer: &mut Buffer) {
    let theme = state.theme;
    let line = Rect { x: 0, y: 0, width: state.size.0, height: 1 };
    buffer.set_style(line, theme.bar());
    draw::left(buffer, line, PROGRAM, theme.bar_strong());
    let bar = bar(state);
    if let Some((rect, name)) = &bar.name {
        draw::left(buffer, Rect { x: rect.x + 1, width: rect.width.saturating_sub(1), ..*rect }, name, theme.bar());
    }
    for (screen, rect) in &bar.tabs {
        let style = if *screen == navigation::tab(state) { theme.bar_chosen() } else { theme.bar_muted() };
        draw::left(buffer, *rect, &format!(" {} ", screen.0), style);
        // The letter that leads there.
        let at = state.registry.keys.letter_of(*screen).and_then(|letter| screen.0.to_ascii_uppercase().find(letter));
        if let Some(cell) = at.and_then(|at| buffer.cell_mut((rect.x + 1 + at as u16, rect.y))) {
            cell.set_style(cell.style().add_modifier(Modifier::BOLD | Modifier::UNDERLINED));
        }
    }
    if let Some((rect, crumbs)) = &bar.crumbs {
        draw::left(buffer, *rect, crumbs, theme.bar_strong());
    }
    if let Some((rect, run)) = &bar.run {
        draw::left(buffer, Rect { x: rect.x + 2, width: rect.width.saturating_sub(2), ..*rect }, run, theme.bar());
    }
    draw::left(buffer, bar.device, &device(state), theme.bar());
}

/// The running runs, wherever they were started, and the device.
fn device(state: &State) -> String {
    let mut at_work = state.runs.list.iter().filter(|run| run.state == RunState::Running);
    let share = |run: &Run| run.reached.as_ref().map_or_else(String::new, |reached| format!(" {:.0} %", reached.share() * 100.0));
    let work = match (at_work.next(), at_work.count()) {
        (None, _) => String::new(),
        (Some(run), 0) => format!("▶{}  ", share(run)),
        (Some(_), more) => format!("▶ {} runs  ", more + 1),
    };
    let gpu = gpu(state).map_or_else(String::new, |gpu| format!("  {gpu}"));
    work + &engine(state) + &gpu
}

/// Load and memory of the GPU in use: the engine's where it runs on one, else the first.
fn gpu(state: &State) -> Option<String> {
    let used = state.engine.device.as_deref().and_then(|device| device.strip_prefix("cuda:")?.parse::<u32>().ok());
    let gpu = state.gpus.iter().find(|gpu| used == Some(gpu.index)).or_else(|| state.gpus.first())?;
    let number = if state.gpus.len() > 1 { gpu.index.to_string() } else { String::new() };
    Some(format!("GPU{number} {}", gpu.describe()))
}

/// The device and whether an engine runs on it; shorter in narrow windows.
fn engine(state: &State) -> String {
    let engine = &state.engine;
    let wide = state.size.0 >= 130;
    let words = |name: &str| engine.devices.iter().find(|(device, _)| device == name).map(|(_, words)| words.as_str());
    match (&engine.status, engine.device.as_deref()) {
        (jobs::Status::Ready, Some(device)) => {
            let words = words(device).filter(|words| *words != device && state.size.0 >= 140);
            let words = words.map_or_else(String::new, |words| format!(" {words}"));
            format!("● {device}{words}")
        }
        (jobs::Status::Starting, _) if wide => format!("{} engine starting on {}", draw::spinner(state.tick), engine.wanted),
        (jobs::Status::Starting, _) => format!("{} starting", draw::spinner(state.tick)),
        (jobs::Status::Gone, _) if wide => format!("✗ engine ended · {}", engine.wanted),
        (jobs::Status::Gone, _) => format!("✗ {}", engine.wanted),
        _ if wide => format!("○ device {}", engine.wanted),
        _ => format!("○ {}", engine.wanted),
    }
}
