//! Which part of a film is looked at, and which cells of the terminal it takes.

use svh_core::BBox;

/// How many times larger than fitted a film may be shown.
const MAX_ZOOM: f32 = 40.0;

/// Where one looks: a point of the film and how close. Independent of the size of the terminal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The point in the middle, as shares (0 to 1) of the film's width and height.
    pub centre: (f32, f32),
    /// 1 shows the whole film.
    pub zoom: f32,
}

impl Default for View {
    fn default() -> Self {
        Self { centre: (0.5, 0.5), zoom: 1.0 }
    }
}

/// A size in cells, and how many pixels one cell has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cells {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    /// Width and height of a cell in pixels.
    pub pixel: (u16, u16),
}

impl Cells {
    /// Width and height in pixels.
    #[must_use]
    pub fn pixels(&self) -> (u32, u32) {
        (u32::from(self.columns) * u32::from(self.pixel.0), u32::from(self.rows) * u32::from(self.pixel.1))
    }
}

/// A rectangle `x0 y0 x1 y1` in pixels of the film; it may reach over the film's edge, where there is nothing to see.
pub type Region = [f32; 4];

/// The cells that a view needs of the area it was offered, and the part of the film that they show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The cells.
    pub cells: Cells,
    /// What they show.
    pub region: Region,
}

impl View {
    /// Fits the view of a film of this size into an area; the same scale holds in both directions.
    #[must_use]
    pub fn place(&self, film: (u32, u32), area: Cells) -> Placement {
        let film = (film.0.max(1) as f32, film.1.max(1) as f32);
        let pixel = (f32::from(area.pixel.0.max(1)), f32::from(area.pixel.1.max(1)));
        let scale = fit(film, area) * self.zoom.max(1.0);
        let needed = |length: f32, offered: u16, pixel: f32| ((length * scale / pixel - 0.01).ceil()).clamp(1.0, f32::from(offered.max(1)));
        let columns = needed(film.0, area.columns, pixel.0);
        let rows = needed(film.1, area.rows, pixel.1);
        let span = (columns * pixel.0 / scale, rows * pixel.1 / scale);
        let x0 = start(self.centre.0 * film.0, span.0, film.0);
        let y0 = start(self.centre.1 * film.1, span.1, film.1);
        Placement {
            cells: Cells { columns: columns as u16, rows: rows as u16, pixel: area.pixel },
            region: [x0, y0, x0 + span.0, y0 + span.1],
        }
    }

    /// Closer (factor above 1) or further away, within the limits, and with the middle where it can stay.
    #[must_use]
    pub fn zoomed(&self, factor: f32) -> Self {
        Self { zoom: (self.zoom * factor).clamp(1.0, MAX_ZOOM), ..*self }.settled()
    }

    /// Moved by shares of what is visible.
    #[must_use]
    pub fn panned(&self, dx: f32, dy: f32) -> Self {
        Self { centre: (self.centre.0 + dx / self.zoom, self.centre.1 + dy / self.zoom), ..*self }.settled()
    }

    /// A look at a box that leaves some of its surroundings visible.
    #[must_use]
    pub fn of_box(bbox: &BBox, film: (u32, u32)) -> Self {
        Self::of_box_filling(bbox, film, 0.4)
    }

    /// A look at a box that takes about this share of the picture's sides.
    #[must_use]
    pub fn of_box_filling(bbox: &BBox, film: (u32, u32), part: f32) -> Self {
        let (width, height) = (film.0.max(1) as f32, film.1.max(1) as f32);
        let centre = bbox.centre();
        let share = (bbox.width() / width).max(bbox.height() / height).max(1e-3);
        Self { centre: (centre.0 / width, centre.1 / height), zoom: (part / share).clamp(1.0, MAX_ZOOM) }.settled()
    }

    /// Keeps the middle where the view does not leave the film, so that panning back answers at once.
    fn settled(self) -> Self {
        let margin = 0.5 / self.zoom;
        let keep = |v: f32| if v.is_finite() { v.clamp(margin.min(0.5), (1.0 - margin).max(0.5)) } else { 0.5 };
        Self { centre: (keep(self.centre.0), keep(self.centre.1)), ..self }
    }
}

/// Pixels of the terminal a pixel of the film when the whole film is shown.
fn fit(film: (f32, f32), area: Cells) -> f32 {
    let (width, height) = area.pixels();
    (width.max(1) as f32 / film.0).min(height.max(1) as f32 / film.1)
}

/// Where a span begins that lies around a point and, if it can, within the film.
fn start(middle: f32, span: f32, film: f32) -> f32 {
    if span >= film { (film - span) / 2.0 } else { (middle - span / 2.0).clamp(0.0, film - span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Cells = Cells { columns: 100, rows: 40, pixel: (10, 20) };

    #[test]
    fn a_whole_film_takes_only_the_cells_it_needs_and_none_of_it_is_lost() {
        let placed = View::default().place((600, 800), AREA);
        assert_eq!((placed.cells.columns, placed.cells.rows), (60, 40));
        let [x0, y0, x1, y1] = placed.region;
        assert!(x0 <= 0.0 && y0 <= 0.0 && x1 >= 600.0 && y1 >= 800.0, "{:?}", placed.region);
    }

    #[test]
    fn both_directions_have_the_same_scale_at_every_zoom() {
        for zoom in [1.0, 1.7, 6.0, 40.0] {
            let placed = View { zoom, ..View::default() }.place((1213, 857), AREA);
            let (width, height) = placed.cells.pixels();
            let [x0, y0, x1, y1] = placed.region;
            let (across, down) = ((x1 - x0) / width as f32, (y1 - y0) / height as f32);
            assert!((across / down - 1.0).abs() < 1e-4, "zoom {zoom}: {across} {down}");
        }
    }

    #[test]
    fn a_zoomed_view_fills_the_area_and_stays_within_the_film() {
        let view = View { centre: (0.99, 0.01), zoom: 5.0 };
        let placed = view.place((600, 800), AREA);
        assert_eq!((placed.cells.columns, placed.cells.rows), (100, 40));
        let [x0, y0, x1, y1] = placed.region;
        assert!(x0 >= 0.0 && y0 >= 0.0 && x1 <= 600.01 && y1 <= 800.01, "{:?}", placed.region);
    }

    #[test]
    fn panning_against_the_edge_does_not_wind_up() {
        let mut view = View { centre: (0.5, 0.5), zoom: 4.0 };
        for _ in 0..100 {
            view = view.panned(0.25, 0.0);
        }
        assert!((view.panned(-0.25, 0.0).centre.0 - (view.centre.0 - 0.0625)).abs() < 1e-6);
    }

    #[test]
    fn a_box_is_shown_in_the_middle_with_its_surroundings() {
        let bbox = BBox::from([300.0, 400.0, 400.0, 500.0]);
        let placed = View::of_box(&bbox, (1000, 1000)).place((1000, 1000), AREA);
        let [x0, y0, x1, y1] = placed.region;
        assert!(x0 < 300.0 && x1 > 400.0 && y0 < 400.0 && y1 > 500.0);
        assert!((x0 + x1) / 2.0 - 350.0 < 1.0 && ((y0 + y1) / 2.0 - 450.0).abs() < 1.0);
    }

    #[test]
    fn an_area_of_one_cell_is_no_reason_to_fail() {
        let placed = View::default().place((1, 30000), Cells { columns: 1, rows: 1, pixel: (0, 0) });
        assert_eq!((placed.cells.columns, placed.cells.rows), (1, 1));
    }
}
