//! The wish of one frame: which film, which part of it, in which window, under which boxes, at which cells.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use ratatui::layout::Rect;
use svh_core::Window;

use super::{Cells, Mark, Picture, Region};

/// A picture to be painted over the cells of a frame that the view has left out.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The film.
    pub picture: Arc<Picture>,
    /// The cells of the screen.
    pub rect: Rect,
    /// Pixels of a cell.
    pub cell: (u16, u16),
    /// The part of the film that fills `rect`.
    pub region: Region,
    /// Black, white, and which way round.
    pub window: Window,
    /// The boxes, later ones over earlier ones.
    pub marks: Vec<Mark>,
}

/// Names the gray picture of a plan: two plans with equal keys have the same pixels below their boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BaseKey {
    picture: u64,
    cells: Cells,
    region: [u32; 4],
    window: (i32, i32, bool),
}

impl Plan {
    /// The size in cells.
    #[must_use]
    pub const fn cells(&self) -> Cells {
        Cells { columns: self.rect.width, rows: self.rect.height, pixel: self.cell }
    }

    /// Names the gray picture.
    #[must_use]
    pub fn base(&self) -> BaseKey {
        BaseKey {
            picture: self.picture.id(),
            cells: self.cells(),
            region: self.region.map(f32::to_bits),
            window: (self.window.low, self.window.high, self.window.inverted),
        }
    }

    /// Names the boxes.
    #[must_use]
    pub fn marks_key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for mark in &self.marks {
            mark.hash(&mut hasher);
        }
        hasher.finish()
    }
}
