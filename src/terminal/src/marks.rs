//! Boxes over a film. Reference and model differ in colour and in the kind of line, so that neither is needed to tell them apart.

use std::hash::{Hash, Hasher};

use svh_core::BBox;

use super::{Region, font};

/// A colour as red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// How a box is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// An unbroken frame.
    Solid,
    /// A broken frame.
    Dashed,
    /// Only the corners, so that a frame under it stays visible.
    Corners,
    /// Corners, crossed out from corner to corner: a box that was rejected.
    Crossed,
    /// No line: the label alone, in the upper left of the box. Left out in blocks, which cannot write so small.
    Tag,
    /// No line: the label alone, in the middle of the box, over what is there.
    Sign,
}

/// One box with its looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Pixels of the film.
    pub bbox: BBox,
    /// Colour of the line.
    pub colour: Rgb,
    /// Kind of line.
    pub line: Line,
    /// The one that the user has chosen: bolder, with its label.
    pub selected: bool,
    /// A name to be written above the box.
    pub label: Option<String>,
}

impl Hash for Mark {
    fn hash<H: Hasher>(&self, state: &mut H) {
        <[f32; 4]>::from(self.bbox).map(f32::to_bits).hash(state);
        (self.colour, self.line, self.selected, &self.label).hash(state);
    }
}

/// Boxes as pixels over a picture: 0 lets the picture through, `i` is colour `palette[i - 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// `width * height` values.
    pub pixels: Vec<u8>,
    /// The colours.
    pub palette: Vec<Rgb>,
}

/// Around chosen boxes and labels, so that they stand out from bone.
const DARK: Rgb = Rgb(10, 10, 10);

impl Layer {
    /// Draws the marks over a region shown at this size. `pen` is the width of a line in pixels; labels are left out where `labels` is false.
    #[must_use]
    pub fn draw(marks: &[Mark], region: Region, (width, height): (u32, u32), pen: u32, labels: bool) -> Self {
        let mut layer = Self { width, height, pixels: vec![0; width as usize * height as usize], palette: Vec::new() };
        let across = width as f32 / (region[2] - region[0]);
        let down = height as f32 / (region[3] - region[1]);
        let to_pixels = |bbox: &BBox| {
            let edge = |v: f32| if v.is_finite() { v.round().clamp(-1e6, 1e6) as i32 } else { 0 };
            [
                edge((bbox.x0 - region[0]) * across),
                edge((bbox.y0 - region[1]) * down),
                edge((bbox.x1 - region[0]) * across),
                edge((bbox.y1 - region[1]) * down),
            ]
        };
        // The chosen one is drawn last, over its neighbours.
        let framed = || marks.iter().filter(|m| !matches!(m.line, Line::Tag | Line::Sign));
        for mark in framed().filter(|m| !m.selected).chain(framed().filter(|m| m.selected)) {
            layer.frame(mark, to_pixels(&mark.bbox), pen as i32);
        }
        let named = marks.iter().filter(|m| labels && (m.selected || m.line == Line::Tag));
        for (mark, label) in named.filter_map(|m| Some((m, m.label.as_deref()?))) {
            layer.label(label, mark, to_pixels(&mark.bbox), pen as i32);
        }
        for (mark, sign) in marks.iter().filter(|m| labels && m.line == Line::Sign).filter_map(|m| Some((m, m.label.as_deref()?))) {
            layer.sign(sign, mark.colour, to_pixels(&mark.bbox), pen as i32);
        }
        layer
    }

    fn frame(&mut self, mark: &Mark, edges: [i32; 4], pen: i32) {
        let colour = self.colour(mark.colour);
        // A line of one pixel is a line of blocks: there is no room for an outline.
        if mark.selected && pen > 1 {
            let dark = self.colour(DARK);
            self.strokes(edges, mark.line, pen + 3, dark);
            self.strokes(edges, mark.line, pen + 1, colour);
        } else {
            self.strokes(edges, mark.line, pen, colour);
        }
    }

    fn strokes(&mut self, [x0, y0, x1, y1]: [i32; 4], line: Line, pen: i32, colour: u8) {
        let (width, height) = ((x1 - x0).max(1), (y1 - y0).max(1));
        let arm = (width.min(height) / 4).max(if pen > 1 { 3 } else { 1 });
        let period = (pen * 6).max(2);
        let drawn = |at: i32, length: i32| match line {
            Line::Solid => true,
            Line::Dashed => at.rem_euclid(period) * 2 < period,
            Line::Corners | Line::Crossed => at < arm || at >= length - arm,
            Line::Tag | Line::Sign => false,
        };
        let (before, after) = ((pen - 1) / 2, pen / 2);
        // Only what can be seen is walked over: zoomed in, a frame may be far larger than the picture.
        let along = |start: i32, length: i32, limit: u32| (-start - 8).max(-before)..(length + after + 1).min(limit as i32 - start + 8);
        for at in along(x0, width, self.width) {
            if drawn(at.clamp(0, width), width + 1) {
                self.fill(x0 + at, y0 - before, x0 + at, y0 + after, colour);
                self.fill(x0 + at, y1 - before, x0 + at, y1 + after, colour);
            }
        }
        for at in along(y0, height, self.height) {
            if drawn(at.clamp(0, height), height + 1) {
                self.fill(x0 - before, y0 + at, x0 + after, y0 + at, colour);
                self.fill(x1 - before, y0 + at, x1 + after, y0 + at, colour);
            }
        }
        if line == Line::Crossed {
            for at in along(x0, width, self.width).filter(|at| (0..=width).contains(at) && at.rem_euclid(period) * 2 < period) {
                let down = (i64::from(at) * i64::from(height) / i64::from(width)) as i32;
                for y in [y0 + down, y1 - down] {
                    self.fill(x0 + at, y - before, x0 + at, y + after, colour);
                }
            }
        }
    }

    fn label(&mut self, text: &str, mark: &Mark, [x0, y0, x1, y1]: [i32; 4], pen: i32) {
        let scale = pen.max(1);
        let wide = |letters: usize| font::ADVANCE * scale * letters as i32 + scale;
        let height = (font::HEIGHT + 2) * scale;
        let tag = mark.line == Line::Tag;
        // A tag is cut to its box, other names reach beyond theirs.
        let room = if tag { ((x1 - x0 - scale) / (font::ADVANCE * scale)).max(0) as usize } else { usize::MAX };
        let text: String = text.chars().take(room).collect();
        let width = wide(text.chars().count());
        let x = x0.clamp(0, (self.width as i32 - width).max(0));
        let above = y0 - height - 2 * pen;
        let y = if tag {
            y0
        } else if above >= 0 {
            above
        } else {
            y1 + 3 * pen
        };
        let (dark, bright) = (self.colour(DARK), self.colour(mark.colour));
        self.fill(x, y, x + width - 1, y + height - 1, dark);
        for (index, letter) in text.chars().enumerate() {
            let left = x + scale + index as i32 * font::ADVANCE * scale;
            for (column, row) in font::dots(letter) {
                let (dx, dy) = (left + column * scale, y + (row + 1) * scale);
                self.fill(dx, dy, dx + scale - 1, dy + scale - 1, bright);
            }
        }
    }

    /// A few letters in the middle of a box, with a dark rim so that they stand out from bone.
    fn sign(&mut self, text: &str, colour: Rgb, [x0, y0, x1, y1]: [i32; 4], pen: i32) {
        let scale = (pen - 1).max(1);
        let (dark, bright) = (self.colour(DARK), self.colour(colour));
        let width = (font::ADVANCE * text.chars().count() as i32 - 1) * scale;
        let (left, top) = (i32::midpoint(x0, x1) - width / 2, i32::midpoint(y0, y1) - font::HEIGHT * scale / 2);
        for (rim, shade) in [(1, dark), (0, bright)] {
            for (index, letter) in text.chars().enumerate() {
                for (column, row) in font::dots(letter) {
                    let (x, y) = (left + (index as i32 * font::ADVANCE + column) * scale, top + row * scale);
                    self.fill(x - rim, y - rim, x + scale - 1 + rim, y + scale - 1 + rim, shade);
                }
            }
        }
    }

    fn colour(&mut self, colour: Rgb) -> u8 {
        let index = self.palette.iter().position(|c| *c == colour).unwrap_or_else(|| {
            self.palette.push(colour);
            self.palette.len() - 1
        });
        u8::try_from(index + 1).unwrap_or(u8::MAX)
    }

    /// Fills a rectangle, edges included, as far as it lies in the picture.
    fn fill(&mut self, x0: i32, y0: i32, x1: i32, y1: i32, colour: u8) {
        let (width, height) = (self.width as i32, self.height as i32);
        if x1 < 0 || y1 < 0 || x0 >= width || y0 >= height {
            return;
        }
        for y in y0.max(0)..=y1.min(height - 1) {
            let start = y as usize * self.width as usize;
            self.pixels[start + x0.max(0) as usize..=start + x1.min(width - 1) as usize].fill(colour);
        }
    }

    /// Lays other boxes over these, their upper left at these pixels; what they let through is cleared.
    pub fn lay(&mut self, other: &Self, (left, top): (u32, u32)) {
        let colours: Vec<u8> = std::iter::once(0).chain(other.palette.iter().map(|colour| self.colour(*colour))).collect();
        let width = other.width.min(self.width.saturating_sub(left));
        for row in 0..other.height.min(self.height.saturating_sub(top)) {
            for column in 0..width {
                let from = other.pixels[(row * other.width + column) as usize];
                self.pixels[((top + row) * self.width + left + column) as usize] = colours.get(usize::from(from)).copied().unwrap_or(0);
            }
        }
    }

    /// The colour at a pixel, if there is one.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<Rgb> {
        let value = usize::from(*self.pixels.get(index)?);
        self.palette.get(value.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: Line, selected: bool) -> Mark {
        Mark { bbox: BBox::from([20.0, 20.0, 60.0, 60.0]), colour: Rgb(1, 2, 3), line, selected, label: Some("LH_mcp_2".to_owned()) }
    }

    fn drawn(mark: Mark) -> Layer {
        Layer::draw(&[mark], [0.0, 0.0, 100.0, 100.0], (200, 200), 2, true)
    }

    fn count(layer: &Layer) -> usize {
        layer.pixels.iter().filter(|p| **p != 0).count()
    }

    #[test]
    fn a_box_is_drawn_at_the_place_that_the_region_gives_it() {
        let layer = drawn(mark(Line::Solid, false));
        assert_eq!(layer.at(40 * 200 + 80), Some(Rgb(1, 2, 3)), "upper edge");
        assert_eq!(layer.at(80 * 200 + 40), Some(Rgb(1, 2, 3)), "left edge");
        assert_eq!(layer.at(80 * 200 + 80), None, "inside");
        assert_eq!(layer.at(0), None, "outside");
    }

    #[test]
    fn a_rejected_box_is_crossed_out() {
        let [crossed, corners] = [Line::Crossed, Line::Corners].map(|line| drawn(mark(line, false)));
        assert!(count(&crossed) > count(&corners));
        let inside = |layer: &Layer| (50..110).filter(|at| layer.at(at * 200 + at) == Some(Rgb(1, 2, 3))).count();
        assert!(inside(&crossed) > 20 && inside(&corners) < 15, "{} {}", inside(&crossed), inside(&corners));
    }

    #[test]
    fn a_sign_lies_in_the_middle_of_its_box() {
        let sign = |text: &str| drawn(Mark { label: Some(text.to_owned()), ..mark(Line::Sign, false) });
        let (one, three) = (sign("+"), sign("+++"));
        assert_eq!(one.at(80 * 200 + 80), Some(Rgb(1, 2, 3)), "the box goes from 40 to 120");
        assert!(count(&three) > 2 * count(&one) && one.at(40 * 200 + 80).is_none(), "a frame was drawn");
    }

    #[test]
    fn the_three_lines_differ_in_what_they_leave_open() {
        let [solid, dashed, corners] = [Line::Solid, Line::Dashed, Line::Corners].map(|line| drawn(mark(line, false)));
        assert!(count(&solid) > count(&dashed) && count(&dashed) > 0 && count(&corners) > 0);
        assert_eq!(corners.at(40 * 200 + 80), None, "corners leave the middle of an edge open");
        assert_eq!(corners.at(40 * 200 + 42), Some(Rgb(1, 2, 3)));
    }

    #[test]
    fn the_chosen_box_is_bolder_and_carries_its_name() {
        let (plain, chosen) = (drawn(mark(Line::Solid, false)), drawn(mark(Line::Solid, true)));
        assert!(count(&chosen) > count(&plain) + 500);
        assert!(chosen.palette.contains(&DARK));
    }

    #[test]
    fn boxes_far_outside_or_without_sense_are_drawn_as_far_as_they_are_seen() {
        for bbox in [[-1e9, -1e9, 1e9, 1e9], [90.0, 90.0, 10.0, 10.0], [f32::NAN, 0.0, 1.0, f32::INFINITY]] {
            let mark = Mark { bbox: BBox::from(bbox), ..mark(Line::Solid, true) };
            let layer = drawn(mark);
            assert_eq!(layer.pixels.len(), 40_000);
        }
    }
}
