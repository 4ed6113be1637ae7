//! From the state to a frame. Nothing here changes the state or touches the world.

use ratatui::{Frame, buffer::Buffer, layout::Rect};

use super::{
    draw, frame, help, palette,
    state::{SMALLEST, State},
};
use svh_terminal::Plan;

/// Draws a frame; what comes back is the picture that belongs over it, whose cells the frame has left alone if the painter has it ready.
pub fn render(state: &State, target: &mut Frame) -> Option<Plan> {
    render_into(state, target.buffer_mut())
}

/// Draws into a buffer of the window's size.
pub fn render_into(state: &State, buffer: &mut Buffer) -> Option<Plan> {
    if state.is_cramped() {
        cramped(state, buffer);
        return None;
    }
    frame::render(state, buffer);
    match (&state.palette, &state.help) {
        (Some(palette), _) => palette::render(state, palette, buffer),
        (None, Some(help)) => help::render(state, help, buffer),
        (None, None) => return state.front().view(state, buffer),
    }
    None
}

/// Says what is missing in a window that is too small for anything else.
fn cramped(state: &State, buffer: &mut Buffer) {
    let (width, height) = state.size;
    let text = format!("svh needs {} x {} cells, this window has {width} x {height}. Enlarge the window; q quits.", SMALLEST.0, SMALLEST.1);
    let lines = draw::wrap(&text, usize::from(width));
    let area = Rect { x: 0, y: 0, width, height };
    let top = height.saturating_sub(lines.len() as u16) / 2;
    for (index, text) in lines.iter().enumerate() {
        draw::centre(buffer, draw::line(area, top + index as u16), text, state.theme.text());
    }
}
