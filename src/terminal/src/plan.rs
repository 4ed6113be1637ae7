//! The wish of one frame: which film, which part of it, in which window, under which boxes, at which cells.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use ratatui::layout::Rect;
use svh_core::Window;

use super::{Cells, Line, Mark, Picture, Region, Rgb, marks::Layer, raster::Gray};

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
    /// Other pictures over parts of it: a magnifier, a second film.
    pub insets: Vec<Inset>,
}

/// A picture over a part of a plan's.
#[derive(Clone, Debug)]
pub struct Inset {
    /// The film.
    pub picture: Arc<Picture>,
    /// The cells of the screen, within those of the plan.
    pub rect: Rect,
    /// The part of the film that fills `rect`.
    pub region: Region,
    /// Black, white, and which way round.
    pub window: Window,
    /// The boxes.
    pub marks: Vec<Mark>,
}

impl Inset {
    /// A frame along its edge.
    #[must_use]
    pub fn frame(&self, cell: (u16, u16), colour: Rgb) -> Mark {
        let [x0, y0, x1, y1] = self.region;
        let across = (x1 - x0) / (f32::from(self.rect.width.max(1)) * f32::from(cell.0.max(1)));
        let down = (y1 - y0) / (f32::from(self.rect.height.max(1)) * f32::from(cell.1.max(1)));
        let bbox = svh_core::BBox { x0: x0 + across, y0: y0 + down, x1: x1 - 2.0 * across, y1: y1 - 2.0 * down };
        Mark { bbox, colour, line: Line::Solid, selected: false, label: None }
    }
}

/// Columns and rows of pixels.
type Pixels = (u32, u32);

/// Names the gray picture of a plan: two plans with equal keys have the same pixels below their boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BaseKey {
    picture: u64,
    cells: Cells,
    region: [u32; 4],
    window: (i32, i32, bool, u16),
    insets: u64,
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
            window: numbers(self.window),
            insets: self.insets_key(),
        }
    }

    /// Names the boxes.
    #[must_use]
    pub fn marks_key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for mark in self.marks.iter().chain(self.insets.iter().flat_map(|inset| &inset.marks)) {
            mark.hash(&mut hasher);
        }
        hasher.finish()
    }

    fn insets_key(&self) -> u64 {
        if self.insets.is_empty() {
            return 0;
        }
        let mut hasher = DefaultHasher::new();
        for inset in &self.insets {
            (inset.picture.id(), inset.rect, inset.region.map(f32::to_bits), numbers(inset.window)).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Whether there is any box on it.
    #[must_use]
    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.is_empty() || self.insets.iter().any(|inset| !inset.marks.is_empty())
    }

    /// The gray picture with its insets, a pixel for a pixel of its cells.
    #[must_use]
    pub fn gray(&self) -> Gray {
        let mut gray = Gray::of(&self.picture, self.region, self.window, self.cells().pixels());
        for (inset, first, size) in self.placed() {
            gray.lay(&Gray::of(&inset.picture, inset.region, inset.window, size), first);
        }
        gray
    }

    /// The boxes of it and of its insets; see [`Layer::draw`].
    #[must_use]
    pub fn layer(&self, pen: u32, labels: bool) -> Layer {
        let mut layer = Layer::draw(&self.marks, self.region, self.cells().pixels(), pen, labels);
        for (inset, first, size) in self.placed() {
            layer.lay(&Layer::draw(&inset.marks, inset.region, size, pen, labels), first);
        }
        layer
    }

    /// The insets that lie within the plan, each with the pixels of its upper left and of its size.
    fn placed(&self) -> impl Iterator<Item = (&Inset, Pixels, Pixels)> {
        self.insets.iter().filter(|inset| inset.rect.intersection(self.rect) == inset.rect).map(|inset| {
            let pixels = |x: u16, y: u16| (u32::from(x) * u32::from(self.cell.0), u32::from(y) * u32::from(self.cell.1));
            let first = pixels(inset.rect.x - self.rect.x, inset.rect.y - self.rect.y);
            (inset, first, pixels(inset.rect.width, inset.rect.height))
        })
    }

    /// An inset as a plan of its own, for blocks.
    #[must_use]
    pub(crate) fn of_inset(&self, inset: &Inset) -> Self {
        Self {
            picture: Arc::clone(&inset.picture),
            rect: inset.rect,
            cell: self.cell,
            region: inset.region,
            window: inset.window,
            marks: inset.marks.clone(),
            insets: Vec::new(),
        }
    }
}

const fn numbers(window: Window) -> (i32, i32, bool, u16) {
    (window.low, window.high, window.inverted, window.gamma)
}

#[cfg(test)]
mod tests {
    use svh_core::{BBox, Film};

    use super::*;

    fn even(value: u8) -> Arc<Picture> {
        Arc::new(Picture::new(Film::from_gray8(40, 40, &[value; 1600]).unwrap()))
    }

    fn plan() -> Plan {
        let mark = Mark { bbox: BBox::from([0.0, 0.0, 39.0, 39.0]), colour: Rgb(9, 9, 9), line: Line::Solid, selected: false, label: None };
        let inset = Inset {
            picture: even(200),
            rect: Rect::new(4, 2, 2, 1),
            region: [0.0, 0.0, 40.0, 40.0],
            window: Window::FULL,
            marks: Vec::new(),
        };
        Plan {
            picture: even(50),
            rect: Rect::new(2, 1, 4, 2),
            cell: (10, 20),
            region: [0.0, 0.0, 40.0, 40.0],
            window: Window::FULL,
            marks: vec![mark],
            insets: vec![inset],
        }
    }

    #[test]
    fn an_inset_covers_film_and_boxes_below_it() {
        let plan = plan();
        let (gray, layer) = (plan.gray(), plan.layer(1, false));
        assert_eq!((gray.width, gray.height), (40, 40));
        let at = |x: usize, y: usize| (gray.pixels[y * 40 + x], layer.at(y * 40 + x).is_some());
        assert_eq!(at(19, 30), (50, false), "beside it");
        assert_eq!((at(20, 30), at(39, 25)), ((200, false), (200, false)), "the right edge of the box lies below it");
        assert!(at(39, 5).1 && at(0, 30).1, "elsewhere the box is seen");
    }

    #[test]
    fn another_inset_is_another_picture_and_its_boxes_are_boxes() {
        let (one, mut other) = (plan(), plan());
        assert_ne!(one.base(), other.base(), "each has pictures of its own");
        other.picture = Arc::clone(&one.picture);
        other.insets[0].picture = Arc::clone(&one.insets[0].picture);
        assert_eq!((one.base(), one.marks_key()), (other.base(), other.marks_key()));
        let frame = other.insets[0].frame(other.cell, Rgb(1, 2, 3));
        other.insets[0].marks.push(frame);
        assert_eq!(one.base(), other.base());
        assert_ne!(one.marks_key(), other.marks_key());
        let layer = other.layer(1, false);
        assert_eq!(layer.at(21 * 40 + 30), Some(Rgb(1, 2, 3)));
        other.insets[0].window.gamma = 200;
        assert_ne!(one.base(), other.base());
    }
}
