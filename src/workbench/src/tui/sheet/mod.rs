//! A contact sheet: crops of many films side by side, with true and found boxes, as one picture.
//!
//! The gray picture is composed beside the loop from the films; boxes, the chosen crop's frame and captions are the frame's own.

mod compose;
mod grid;
#[cfg(test)]
mod tests;
mod view;

use std::{path::PathBuf, sync::Arc};

use svh_core::BBox;

pub use compose::{Composer, Sheets};
pub use grid::Grid;
pub use view::render;

use super::{action::Effect, state::State};
use crate::pictures::{Mark, Picture, Protocol, Region};

/// One crop.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// The film.
    pub film: PathBuf,
    /// What is to be seen in its middle.
    pub focus: BBox,
    /// The boxes over it, pixels of the film.
    pub marks: Vec<Mark>,
    /// A word over its corner, where there is no room for the caption.
    pub tag: String,
    /// A few words below it, or below the sheet for the chosen one.
    pub caption: String,
}

/// The gray part of a sheet: which places of which films at which cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// One a crop.
    pub crops: Vec<Crop>,
    /// Columns and rows of cells of the whole sheet.
    pub cells: (u16, u16),
    /// Pixels of a cell.
    pub pixel: (u16, u16),
    /// Pixels at the foot of each crop that stay black, so that crops below each other are told apart.
    pub gap: u16,
}

/// One crop of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// The film.
    pub film: PathBuf,
    /// The part of it, which may reach over its edge.
    pub region: Region,
    /// The cells, counted from the sheet's upper left: left, top, width, height.
    pub place: [u16; 4],
}

/// A sheet that was composed.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was asked for.
    pub request: Request,
    /// The picture, a pixel for a pixel of the request.
    pub picture: Arc<Picture>,
    /// Crops whose films could not be read.
    pub failed: usize,
    /// Nothing more will come.
    pub is_whole: bool,
}

/// The contact sheet in memory; there is one on the screen at most.
#[derive(Debug, Default)]
pub struct Sheet {
    made: Option<Made>,
    asked: Option<Request>,
}

impl Sheet {
    /// Takes a sheet, if it is the one that was asked for last.
    pub fn take(&mut self, made: Made) {
        if self.asked.as_ref() == Some(&made.request) {
            self.made = Some(made);
        }
    }

    /// What is to be said of the sheet: that it is in the making, or that films could not be read.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let made = self.made.as_ref().filter(|made| self.asked.as_ref() == Some(&made.request));
        match made {
            Some(made) if !made.is_whole => Some("reading films …".to_owned()),
            Some(made) if made.failed > 0 => Some(format!("{} of {} crops could not be read", made.failed, made.request.crops.len())),
            None if self.asked.is_some() => Some("reading films …".to_owned()),
            _ => None,
        }
    }

    /// The picture of a request, as far as it has come.
    fn of(&self, request: &Request) -> Option<&Made> {
        self.made.as_ref().filter(|made| made.request == *request)
    }
}

/// The request of some tiles, none where pictures are off.
fn request(state: &State, tiles: &[Tile], grid: &Grid) -> Option<Request> {
    let protocol = state.painter.protocol();
    if protocol == Protocol::Off || tiles.is_empty() {
        return None;
    }
    // Blocks show four pixels a cell.
    let pixel = if protocol.is_pixels() { state.abilities.cell } else { (4, 8) };
    let crop = |(place, tile): (usize, &Tile)| {
        let place = grid.place(place);
        Crop { film: tile.film.clone(), region: grid.region(&tile.focus, state.abilities.cell), place }
    };
    let gap = if grid.caption == 0 { pixel.1 / 6 } else { 0 };
    Some(Request { crops: tiles.iter().enumerate().map(crop).collect(), cells: (grid.area.width, grid.area.height), pixel, gap })
}

/// Whether the tiles on the screen wait for somebody to ask for them.
#[must_use]
pub fn is_unasked(state: &State, tiles: &[Tile], grid: &Grid) -> bool {
    request(state, tiles, grid).is_some_and(|request| state.sheet.asked.as_ref() != Some(&request))
}

/// Asks for the tiles on the screen.
pub fn ask(state: &mut State, tiles: &[Tile], grid: &Grid) -> Vec<Effect> {
    let Some(request) = request(state, tiles, grid) else { return Vec::new() };
    if state.sheet.asked.as_ref() == Some(&request) {
        return Vec::new();
    }
    state.sheet.asked = Some(request.clone());
    vec![Effect::Compose(request)]
}
