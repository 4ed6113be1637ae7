//! How the window is parted: the bar on top, the body, the lines of the status, the hints at the foot.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{draw, message::Level, prompt::Prompt, state::State};

/// Lines that a message may take at most.
const MESSAGE_LINES: usize = 4;

/// What lies between the bar and the status line.
#[must_use]
pub const fn body((width, height): (u16, u16)) -> Rect {
    Rect { x: 0, y: 1, width, height: height.saturating_sub(3) }
}

/// The lines of an area with a margin at either side.
#[must_use]
pub const fn inner(area: Rect) -> Rect {
    Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area }
}

/// A plot stands beside a table from this width on.
pub const BESIDE_FROM: u16 = 120;

/// A table with a plot beside it, or in its place where there is no room for both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableAndPlot {
    /// The table.
    pub table: Rect,
    /// The plot; the table's place where there is no room beside it.
    pub plot: Rect,
    /// The table has the plot's place.
    pub is_narrow: bool,
}

impl TableAndPlot {
    /// Parts an area; `table` is the width of the table in the narrowest window that has room for both.
    #[must_use]
    pub const fn of(area: Rect, table: u16) -> Self {
        if area.width < BESIDE_FROM {
            let plot = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
            return Self { table: area, plot, is_narrow: true };
        }
        let width = table + (area.width - BESIDE_FROM) / 5;
        let plot = Rect { x: area.x + width + 2, width: area.width.saturating_sub(width + 3), ..area };
        Self { table: Rect { width, ..area }, plot, is_narrow: false }
    }
}

/// The lines of the status: one, or more where a text needs them.
#[must_use]
pub fn status_lines(state: &State) -> u16 {
    if let Some(confirm) = &state.confirm {
        return wrapped(state, &confirm.text).len() as u16;
    }
    if let Some(prompt) = &state.prompt {
        return 1 + above_prompt(state, prompt).len() as u16;
    }
    let message = state.message.as_ref().filter(|message| message.level == Level::Error || state.engine.current().is_none());
    message.map_or(1, |message| wrapped(state, &message.text).len() as u16)
}

/// A text at the foot in lines that leave room for a sign before them.
#[must_use]
pub fn wrapped(state: &State, text: &str) -> Vec<String> {
    let width = usize::from(state.size.0.saturating_sub(4));
    let mut lines = draw::wrap(text, width);
    if lines.len() > MESSAGE_LINES {
        lines.truncate(MESSAGE_LINES);
        lines.iter_mut().skip(MESSAGE_LINES - 1).for_each(|line| *line = draw::cut(&format!("{line} …"), width));
    }
    lines
}

/// What stands above a line that is being typed: why it was refused, or what may be typed where that has no room behind the line's name.
#[must_use]
pub fn above_prompt(state: &State, prompt: &Prompt) -> Vec<String> {
    match &prompt.error {
        Some(reason) => wrapped(state, reason),
        None if prompt.text.is_empty() && prompt.purpose.label().width() + prompt.hint().width() + 4 > usize::from(state.size.0) => {
            wrapped(state, prompt.hint())
        }
        None => Vec::new(),
    }
}

impl State {
    /// Columns and rows above the lines at the foot: what the screens have, plus the one status line that is always there.
    #[must_use]
    pub fn room(&self) -> (u16, u16) {
        (self.size.0, self.size.1.saturating_sub(status_lines(self) - 1))
    }
}
