//! Pictures made of characters inside the ratatui buffer: block characters in two colours a cell, or braille dots without colour.
//!
//! Grays are those of the 256-colour ramp, and with 24-bit colours one more between any two ([`Colours::picture_gray`]): `build/blocks.py` compares.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{
    Colours, Line, Mark, Plan, Rgb,
    marks::Layer,
    mosaic::{self, Mosaic, Parted},
    raster::Gray,
};

/// Samples a cell and direction at which boxes are drawn: their lines are as thick as a quadrant.
const LINES: (u32, u32) = (2, 2);
/// Dots of a braille character.
const DOTS: (u32, u32) = (2, 4);

/// Paints the plan into the cells of its rectangle.
pub fn paint(plan: &Plan, colours: Colours, mosaic: Mosaic, buffer: &mut Buffer) {
    let rect = plan.rect.intersection(buffer.area);
    if rect != plan.rect || rect.is_empty() {
        return;
    }
    let (samples, lines) = if colours == Colours::None { (DOTS, DOTS) } else { ((2, mosaic.rows() as u32), LINES) };
    let size = |per_cell: (u32, u32)| (u32::from(rect.width) * per_cell.0, u32::from(rect.height) * per_cell.1);
    let gray = Gray::of(&plan.picture, plan.region, plan.window, size(samples));
    let framed = |mark: &&Mark| !matches!(mark.line, Line::Tag | Line::Sign);
    let (small, large): (Vec<_>, Vec<_>) =
        plan.marks.iter().filter(framed).cloned().partition(|mark| !mark.selected && is_small(mark, plan));
    let layer = Layer::draw(&large, plan.region, size(lines), 1, false);
    for row in 0..rect.height {
        for column in 0..rect.width {
            let (symbol, style) = match colours {
                Colours::None => (braille(&gray, &layer, column, row), Style::new()),
                _ => two_coloured(&gray, &layer, (column, row), colours, mosaic),
            };
            let cell = &mut buffer[(rect.x + column, rect.y + row)];
            cell.reset();
            cell.set_char(symbol).set_style(style);
        }
    }
    for mark in &small {
        sign(mark, plan, colours, buffer);
    }
    plan.marks.iter().filter(|mark| mark.line == Line::Sign).for_each(|mark| letters(mark, plan, colours, buffer));
    label(plan, colours, buffer);
    plan.insets.iter().for_each(|inset| paint(&plan.of_inset(inset), colours, mosaic, buffer));
}

/// A frame of fewer cells hides what it is around.
const FRAME: (f32, f32) = (7.0, 3.5);

/// Columns and rows of the rectangle, as fractions from its upper left.
fn cell_of(plan: &Plan, x: f32, y: f32) -> (f32, f32) {
    let [x0, y0, x1, y1] = plan.region;
    ((x - x0) / (x1 - x0) * f32::from(plan.rect.width), (y - y0) / (y1 - y0) * f32::from(plan.rect.height))
}

fn is_small(mark: &Mark, plan: &Plan) -> bool {
    let ((left, top), (right, bottom)) = (cell_of(plan, mark.bbox.x0, mark.bbox.y0), cell_of(plan, mark.bbox.x1, mark.bbox.y1));
    right - left < FRAME.0 || bottom - top < FRAME.1
}

/// Puts a sign of one cell in the middle of a box that is too small for a frame.
fn sign(mark: &Mark, plan: &Plan, colours: Colours, buffer: &mut Buffer) {
    let centre = mark.bbox.centre();
    let (column, row) = cell_of(plan, centre.0, centre.1);
    let inside = column >= 0.0 && row >= 0.0 && column < f32::from(plan.rect.width) && row < f32::from(plan.rect.height);
    let position = (plan.rect.x + column as u16, plan.rect.y + row as u16);
    let Some(cell) = buffer.cell_mut(position).filter(|_| inside) else { return };
    let sign = match (mark.line, cell.symbol()) {
        // Both boxes in one cell.
        (Line::Corners, "□") => "⊠",
        (Line::Solid, _) => "□",
        (Line::Corners, _) => "×",
        (Line::Dashed, _) => "~",
        (Line::Crossed, _) => "/",
        (Line::Tag | Line::Sign, _) => return,
    };
    cell.set_symbol(sign).set_fg(colours.rgb(mark.colour));
    if colours != Colours::None {
        cell.set_bg(colours.gray(0));
    }
}

/// Writes a sign's letters in the middle of its box.
fn letters(mark: &Mark, plan: &Plan, colours: Colours, buffer: &mut Buffer) {
    let Some(text) = mark.label.as_deref() else { return };
    let centre = mark.bbox.centre();
    let (column, row) = cell_of(plan, centre.0, centre.1);
    let first = (column - text.chars().count() as f32 / 2.0).round();
    if !(0.0..f32::from(plan.rect.height)).contains(&row) {
        return;
    }
    for (index, letter) in text.chars().enumerate() {
        let column = first + index as f32;
        let inside = (0.0..f32::from(plan.rect.width)).contains(&column);
        let Some(cell) = buffer.cell_mut((plan.rect.x + column as u16, plan.rect.y + row as u16)).filter(|_| inside) else { continue };
        cell.set_char(letter).set_fg(colours.rgb(mark.colour));
        if colours != Colours::None {
            cell.set_bg(colours.gray(0));
        }
    }
}

/// One cell in two colours: a line and what is behind it, or the parting of its grays that loses least.
fn two_coloured(gray: &Gray, layer: &Layer, (column, row): (u16, u16), colours: Colours, mosaic: Mosaic) -> (char, Style) {
    let (column, row, width) = (usize::from(column), usize::from(row), gray.width as usize);
    let rows = mosaic.rows();
    let samples: Vec<u8> = (row * rows..(row + 1) * rows).flat_map(|y| &gray.pixels[y * width + column * 2..][..2]).copied().collect();
    let tints: [Option<Rgb>; 4] = std::array::from_fn(|bit| layer.at((row * 2 + bit / 2) * width + column * 2 + bit % 2));
    if let Some(tint) = tints.into_iter().flatten().next() {
        let lines = (0..4).filter(|bit| tints[*bit].is_some()).fold(0, |mask, bit| mask | 1 << bit);
        let quarter = |index: usize| index / 2 / (rows / 2) * 2 + index % 2;
        let behind = mean(samples.iter().enumerate().filter(|(index, _)| tints[quarter(*index)].is_none()).map(|(_, v)| *v));
        return (mosaic::glyph(2, lines), Style::new().fg(colours.rgb(tint)).bg(colours.gray(behind.unwrap_or(0))));
    }
    let Parted { glyph, front, back } = mosaic::part(&samples, mosaic);
    let (front, back) = (colours.picture_gray(front), colours.picture_gray(back));
    if front == back {
        return (' ', Style::new().bg(back));
    }
    (glyph, Style::new().fg(front).bg(back))
}

fn mean(values: impl Iterator<Item = u8>) -> Option<u8> {
    let (sum, count) = values.fold((0_u32, 0_u32), |(sum, count), v| (sum + u32::from(v), count + 1));
    (count > 0).then(|| ((sum + count / 2) / count) as u8)
}

/// Thresholds of an ordered 4 x 4 dither.
const BAYER: [u8; 16] = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];

/// One cell of two by four dots; a cell that a line crosses shows the line alone.
fn braille(gray: &Gray, layer: &Layer, column: u16, row: u16) -> char {
    // Bits of the eight dots in Unicode's order, row by row.
    const BITS: [u32; 8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
    let (mut film, mut line) = (0, 0);
    for (dot, bit) in BITS.into_iter().enumerate() {
        let (x, y) = (usize::from(column) * 2 + dot % 2, usize::from(row) * 4 + dot / 2);
        let index = y * gray.width as usize + x;
        let threshold = BAYER[(y % 4) * 4 + x % 4] * 16 + 8;
        if gray.pixels[index] > threshold {
            film |= bit;
        }
        if layer.at(index).is_some() {
            line |= bit;
        }
    }
    char::from_u32(0x2800 + if line > 0 { line } else { film }).unwrap_or(' ')
}

/// Writes the name of the chosen box above it, as text.
fn label(plan: &Plan, colours: Colours, buffer: &mut Buffer) {
    let Rect { x, y, width, height } = plan.rect;
    for mark in plan.marks.iter().filter(|mark| mark.selected) {
        let Some(text) = mark.label.as_deref() else { continue };
        let (column, top) = cell_of(plan, mark.bbox.x0, mark.bbox.y0);
        let (_, bottom) = cell_of(plan, mark.bbox.x0, mark.bbox.y1);
        let (column, above, below) = (column.floor(), top.floor() - 1.0, bottom.floor() + 1.0);
        let line = if above >= 0.0 { above } else { below };
        let room = usize::from(width);
        let text = format!(" {text} ");
        let last = room.saturating_sub(text.chars().count()) as f32;
        if line.is_nan() || line < 0.0 || line >= f32::from(height) || column.is_nan() {
            continue;
        }
        let style = match colours {
            Colours::None => Style::new().reversed(),
            _ => Style::new().fg(colours.gray(0)).bg(colours.rgb(mark.colour)).bold(),
        };
        buffer.set_stringn(x + column.clamp(0.0, last) as u16, y + line as u16, text, room, style);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ratatui::style::{Color, Modifier};
    use svh_core::{BBox, Film, Window};

    use super::*;
    use crate::{Line, Mark, Picture};

    fn plan(marks: Vec<Mark>) -> Plan {
        let pixels: Vec<u8> = (0..80).flat_map(|_| (0..80).map(|x| if x < 40 { 0 } else { 255 })).collect();
        let picture = Arc::new(Picture::new(Film::from_gray8(80, 80, &pixels).expect("6400 pixels")));
        Plan {
            picture,
            rect: Rect::new(0, 0, 8, 4),
            cell: (10, 20),
            region: [0.0, 0.0, 80.0, 80.0],
            window: Window::FULL,
            marks,
            insets: Vec::new(),
        }
    }

    fn painted(plan: &Plan, colours: Colours) -> Buffer {
        let mut buffer = Buffer::empty(plan.rect);
        paint(plan, colours, Mosaic::Quadrants, &mut buffer);
        buffer
    }

    #[test]
    fn black_and_white_halves_are_black_and_white_cells() {
        let buffer = painted(&plan(vec![]), Colours::Indexed);
        assert_eq!(buffer[(0, 0)].bg, Color::Indexed(16));
        assert_eq!(buffer[(7, 3)].bg, Color::Indexed(231));
    }

    #[test]
    fn an_edge_within_a_cell_parts_it() {
        let mut half_a_cell = plan(vec![]);
        half_a_cell.region = [5.0, 0.0, 85.0, 80.0];
        let buffer = painted(&half_a_cell, Colours::Indexed);
        assert_eq!(buffer[(3, 1)].symbol(), "▌", "{buffer:?}");
    }

    #[test]
    fn a_box_is_drawn_in_its_colour_and_the_chosen_one_is_named() {
        let mark = Mark {
            bbox: BBox::from([20.0, 45.0, 60.0, 75.0]),
            colour: Rgb(230, 159, 0),
            line: Line::Solid,
            selected: true,
            label: Some("MCP".into()),
        };
        let buffer = painted(&plan(vec![mark]), Colours::True);
        assert!(buffer.content.iter().any(|cell| cell.fg == Color::Rgb(230, 159, 0)));
        let text: String = (0..8).map(|x| buffer[(x, 1)].symbol()).collect();
        assert!(text.contains(" MCP "), "{text:?}");
    }

    #[test]
    fn a_box_too_small_for_a_frame_is_a_sign_that_tells_reader_from_model() {
        let mark = |line, x| Mark { bbox: BBox::square((x, 50.0), 10.0), colour: Rgb(86, 180, 233), line, selected: false, label: None };
        let marks = vec![mark(Line::Solid, 15.0), mark(Line::Corners, 35.0), mark(Line::Solid, 55.0), mark(Line::Corners, 56.0)];
        let buffer = painted(&plan(marks), Colours::True);
        let signs: String = (0..8).map(|x| buffer[(x, 2)].symbol()).filter(|symbol| "□×⊠~".contains(symbol)).collect();
        assert_eq!(signs, "□×⊠");
    }

    #[test]
    fn without_colours_dots_show_the_picture_and_no_cell_has_a_colour() {
        let buffer = painted(&plan(vec![]), Colours::None);
        assert_eq!((buffer[(0, 0)].symbol(), buffer[(7, 3)].symbol()), ("⠀", "⣿"));
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset && cell.modifier == Modifier::empty()));
    }

    #[test]
    fn a_rectangle_outside_the_buffer_is_left_alone() {
        let mut far = plan(vec![]);
        far.rect = Rect::new(5, 2, 8, 4);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 4));
        paint(&far, Colours::True, Mosaic::Quadrants, &mut buffer);
        assert_eq!(buffer, Buffer::empty(Rect::new(0, 0, 8, 4)));
    }
}
