//! A contact sheet: crops of many films side by side, with true and found boxes, as one picture.
//!
//! The gray picture is composed beside the loop from the films; boxes, the chosen crop's frame and captions are the frame's own.

mod compose;
mod grid;
pub mod request;
#[cfg(test)]
mod tests;
mod view;

pub use compose::{Composer, Sheets};
pub use grid::Grid;
pub use request::Tile;
pub use view::render;

use request::{Crop, Request};

use super::{
    action::{Action, Effect},
    state::State,
};
use svh_core::{BBox, Window};
use svh_terminal::Protocol;

/// Looks at the sheet in another way: window, inversion, boxes. False where the action is about something else.
pub fn look(state: &mut State, action: Action) -> bool {
    let look = &mut state.sheet.look;
    let window = look.window;
    look.window = match action {
        Action::Level(share) => window.shifted(share),
        Action::Contrast(factor) => window.widened(factor),
        Action::AutoWindow => Window { inverted: window.inverted, gamma: window.gamma, ..Window::FULL },
        Action::Gamma => Window { gamma: Window::next_gamma(window.gamma), ..window },
        Action::Invert => Window { inverted: !window.inverted, ..window },
        Action::ToggleReader => {
            look.no_reader = !look.no_reader;
            window
        }
        Action::ToggleModel => {
            look.no_model = !look.no_model;
            window
        }
        _ => return false,
    };
    true
}

/// The request of some tiles, none where pictures are off.
fn request_for(state: &State, tiles: &[Tile], grid: &Grid) -> Option<Request> {
    let protocol = state.painter.protocol();
    if protocol == Protocol::Off || tiles.is_empty() {
        return None;
    }
    // Blocks show four pixels a cell.
    let pixel = if protocol.is_pixels() { state.capabilities.cell } else { (4, 8) };
    let crop = |(place, tile): (usize, &Tile)| {
        let place = grid.place(place);
        let region = (tile.focus != BBox::default()).then(|| grid.region(&tile.focus, state.capabilities.cell));
        Crop { film: tile.film.clone(), region, place }
    };
    let gap = if grid.caption == 0 { pixel.1 / 6 } else { 0 };
    Some(Request { crops: tiles.iter().enumerate().map(crop).collect(), cells: (grid.area.width, grid.area.height), pixel, gap })
}

/// Whether the tiles on the screen wait for somebody to ask for them.
#[must_use]
pub fn is_unasked(state: &State, tiles: &[Tile], grid: &Grid) -> bool {
    request_for(state, tiles, grid).is_some_and(|request| !state.sheet.is_asked(&request))
}

/// Asks for the tiles on the screen.
pub fn ask(state: &mut State, tiles: &[Tile], grid: &Grid) -> Vec<Effect> {
    let Some(request) = request_for(state, tiles, grid) else { return Vec::new() };
    if state.sheet.is_asked(&request) {
        return Vec::new();
    }
    state.sheet.ask(request.clone());
    vec![Effect::Compose(request)]
}
