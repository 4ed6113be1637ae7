//! How crops share an area: as many as can be told apart, at least twelve in blocks and fifty in pixels where there is room.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use svh_core::BBox;

use crate::tui::{action::Action, table::Pressed};
use svh_terminal::{Protocol, Region};

/// More crops than so many are parted into pages rather than made smaller still.
const MOST: usize = 96;
/// A crop shows so many times the side of what it is about.
const MARGIN: f32 = 1.6;
/// Nothing smaller is enlarged to a whole crop, in pixels of the film.
const LEAST: f32 = 24.0;

/// A grid of square crops. In blocks each has two lines of words below it; pixels would cover them, so there they are written over the crop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The area.
    pub area: Rect,
    /// Crops in a row.
    pub columns: u16,
    /// Rows of crops.
    pub rows: u16,
    /// Cells of a crop with the gap beside and the words below.
    pub step: (u16, u16),
    /// Lines of words below a crop.
    pub caption: u16,
}

impl Grid {
    /// Parts an area for so many crops: as large as they can be with all on one page, as far as they stay recognisable.
    #[must_use]
    pub fn of(area: Rect, protocol: Protocol, cell: (u16, u16), count: usize) -> Self {
        // The least width of a crop in cells: words must be read, and blocks need more of them to show anything. Letters over a picture are a cell and a
        // fifth wide; a wide window has room for many crops at once, a narrow one for few that can be read.
        let least = if protocol.is_pixels() && area.width >= 100 { 11 } else { 13 };
        let most = (area.width / least).clamp(1, 16);
        let few = (area.width / 52).clamp(1, most);
        let grids = (few..=most).map(|columns| Self::with(area, protocol, cell, columns));
        let mut last = Self::with(area, protocol, cell, most);
        for grid in grids {
            last = grid;
            if grid.count() >= count.min(MOST) {
                break;
            }
        }
        last
    }

    fn with(area: Rect, protocol: Protocol, cell: (u16, u16), columns: u16) -> Self {
        let (across, down) = (u32::from(cell.0.max(1)), u32::from(cell.1.max(1)));
        let caption = if protocol.is_pixels() { 0 } else { 2 };
        let width = (area.width / columns).max(2);
        let square = (u32::from(width - 1) * across / down).max(2) as u16;
        // As high as wide on the screen: where that is too high, the tile is narrower as well.
        let most = area.height.saturating_sub(caption).max(2);
        let (width, high) = if square > most { ((u32::from(most) * down / across) as u16 + 1, most) } else { (width, square) };
        let height = high + caption;
        let width = width.min(area.width.max(2));
        Self { area, columns: (area.width / width).max(1), rows: (area.height / height).max(1), step: (width, height), caption }
    }

    /// Crops on a page.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// The first crop of the page that a crop is on.
    #[must_use]
    pub const fn first(&self, chosen: usize) -> usize {
        chosen / self.count() * self.count()
    }

    /// The cells of the picture of a crop, counted from the area's upper left: left, top, width, height.
    #[must_use]
    pub const fn place(&self, index: usize) -> [u16; 4] {
        let (column, row) = (index as u16 % self.columns, index as u16 / self.columns);
        [column * self.step.0, row * self.step.1, self.step.0.saturating_sub(1), self.step.1.saturating_sub(self.caption)]
    }

    /// The lines of words of a crop, where it has any.
    #[must_use]
    pub const fn line(&self, index: usize) -> Rect {
        let [left, top, width, height] = self.place(index);
        Rect { x: self.area.x + left, y: self.area.y + top + height, width, height: self.caption }
    }

    /// The crop at a cell of the screen.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<usize> {
        if !self.area.contains((column, row).into()) {
            return None;
        }
        let (column, row) = ((column - self.area.x) / self.step.0, (row - self.area.y) / self.step.1);
        (column < self.columns && row < self.rows).then(|| usize::from(row) * usize::from(self.columns) + usize::from(column))
    }

    /// Moves the cursor among so many crops; false where the action is not a movement.
    pub fn act(&self, action: Action, cursor: &mut usize, count: usize) -> bool {
        let (row, page) = (usize::from(self.columns), self.count());
        let moved = match action {
            Action::Left => cursor.saturating_sub(1),
            Action::Right => *cursor + 1,
            Action::Up => cursor.saturating_sub(row),
            Action::Down => *cursor + row,
            Action::PageUp => cursor.saturating_sub(page),
            Action::PageDown => *cursor + page,
            Action::Top => 0,
            Action::Bottom => count,
            _ => return false,
        };
        *cursor = moved.min(count.saturating_sub(1));
        true
    }

    /// The mouse over the crops: its wheel moves the cursor by a row, a press chooses.
    pub fn mouse(&self, mouse: MouseEvent, cursor: &mut usize, count: usize) -> Pressed {
        match mouse.kind {
            MouseEventKind::ScrollDown => drop(self.act(Action::Down, cursor, count)),
            MouseEventKind::ScrollUp => drop(self.act(Action::Up, cursor, count)),
            MouseEventKind::Down(_) => {
                let hit = self.at(mouse.column, mouse.row).map(|index| self.first(*cursor) + index);
                if let Some(place) = hit.filter(|place| *place < count) {
                    return if std::mem::replace(cursor, place) == place { Pressed::Open } else { Pressed::Line };
                }
            }
            _ => {}
        }
        Pressed::Nothing
    }

    /// The part of a film that a crop shows: its focus in the middle with some surroundings, in the shape of the crop.
    #[must_use]
    pub fn region(&self, focus: &BBox, cell: (u16, u16)) -> Region {
        let [_, _, width, height] = self.place(0);
        let (across, down) = (f32::from(width.max(1)) * f32::from(cell.0.max(1)), f32::from(height.max(1)) * f32::from(cell.1.max(1)));
        let shape = across / down;
        let (x, y) = focus.centre();
        let high = focus.height().max(LEAST).max(focus.width() / shape) * MARGIN;
        let wide = high * shape;
        [x - wide / 2.0, y - high / 2.0, x + wide / 2.0, y + high / 2.0]
    }
}
