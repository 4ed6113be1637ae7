//! How the window is parted: the bar on top, the body, the lines of the status, the hints at the foot.

use ratatui::layout::Rect;

use super::{draw, message::Level, state::State};

/// Lines that a message may take at most.
const MESSAGE_LINES: usize = 4;

/// What lies between the bar and the status line.
#[must_use]
pub const fn body((width, height): (u16, u16)) -> Rect {
    Rect { x: 0, y: 1, width, height: height.saturating_sub(3) }
}

/// The lines of the status: one, or more where an error needs them.
#[must_use]
pub fn status_lines(state: &State) -> u16 {
    if let Some(confirm) = &state.confirm {
        return error_lines(state, &confirm.text).len() as u16;
    }
    if let Some(prompt) = &state.prompt {
        return 1 + prompt.error.as_ref().map_or(0, |reason| error_lines(state, reason).len() as u16);
    }
    let error = state.message.as_ref().filter(|message| message.level == Level::Error);
    error.map_or(1, |message| error_lines(state, &message.text).len() as u16)
}

/// The lines of an error's text.
#[must_use]
pub fn error_lines(state: &State, text: &str) -> Vec<String> {
    let width = usize::from(state.size.0.saturating_sub(4));
    let mut lines = draw::wrap(text, width);
    if lines.len() > MESSAGE_LINES {
        lines.truncate(MESSAGE_LINES);
        lines.iter_mut().skip(MESSAGE_LINES - 1).for_each(|line| *line = draw::cut(&format!("{line} …"), width));
    }
    lines
}

impl State {
    /// Columns and rows above the lines at the foot: what the screens have, plus the one status line that is always there.
    #[must_use]
    pub fn room(&self) -> (u16, u16) {
        (self.size.0, self.size.1.saturating_sub(status_lines(self) - 1))
    }
}
