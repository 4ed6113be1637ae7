//! How a contact sheet looks: crops, boxes, the chosen one's frame, a line of words below each.

use std::sync::Arc;

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_core::BBox;

use super::{
    grid::Grid,
    request::{Made, Tile},
    request_for,
};
use crate::tui::{draw, picture, state::State};
use svh_terminal::{Colours, Line, Mark, Plan, Protocol, Rgb, font};

/// The frame around the chosen crop.
const CHOSEN: Rgb = Rgb(240, 228, 66);

/// The frame of marked crops.
const MARKED: Rgb = Rgb(213, 94, 0);
/// Pixels of a line of words over a crop, for each pixel of the pen.
const TAG_HEIGHT: u16 = 9;

/// Words over a crop.
const TAG: Rgb = Rgb(220, 220, 220);

/// Draws the tiles of a page, the one at `chosen` framed; the plan is for the painter.
pub fn render(state: &State, tiles: &[Tile], grid: &Grid, chosen: usize, buffer: &mut Buffer) -> Option<Plan> {
    let made = request_for(state, tiles, grid).and_then(|request| state.sheet.of(&request));
    let plan = made.map(|made| plan(state, made, tiles, grid, chosen));
    if let Some(plan) = &plan {
        picture::lay(state, plan, buffer);
    }
    for (index, tile) in tiles.iter().enumerate() {
        let line = grid.line(index);
        if plan.is_none() {
            let [left, top, width, height] = grid.place(index);
            let area = Rect { x: grid.area.x + left, y: grid.area.y + top, width, height };
            let text = if state.painter.protocol() == Protocol::Off { "pictures are off" } else { "…" };
            draw::centre(buffer, draw::line(area, height / 2), text, state.theme.muted());
        }
        // The words lie over the picture's cells.
        buffer.set_style(line, Style::reset());
        let style = if index == chosen { state.theme.title() } else { state.theme.text() };
        let mut words = tile.caption.lines();
        for row in 0..line.height {
            let line = draw::line(line, row);
            draw::left(buffer, line, &" ".repeat(usize::from(line.width)), state.theme.text());
            draw::left(buffer, line, words.next().unwrap_or_default(), style);
        }
        if index == chosen {
            buffer.set_style(line, state.theme.selection());
        }
    }
    plan
}

fn plan(state: &State, made: &Made, tiles: &[Tile], grid: &Grid, chosen: usize) -> Plan {
    let request = &made.request;
    let pixel = (f32::from(request.pixel.0), f32::from(request.pixel.1));
    let mut marks = Vec::new();
    for (index, (tile, crop)) in tiles.iter().zip(&request.crops).enumerate() {
        let [left, top, width, height] = crop.place.map(f32::from);
        let area = [left * pixel.0, top * pixel.1, (left + width) * pixel.0, (top + height) * pixel.1 - f32::from(request.gap)];
        // A crop of the whole film has no boxes.
        let [x0, y0, x1, y1] = crop.region.unwrap_or([0.0, 0.0, 1.0, 1.0]);
        let x = |at: f32| (area[0] + (at - x0) / (x1 - x0) * (area[2] - area[0])).clamp(area[0], area[2] - 1.0);
        let y = |at: f32| (area[1] + (at - y0) / (y1 - y0) * (area[3] - area[1])).clamp(area[1], area[3] - 1.0);
        let look = state.sheet.look;
        let shown = |mark: &&Mark| !(if mark.line == Line::Solid { look.no_reader } else { look.no_model });
        marks.extend(tile.marks.iter().filter(shown).map(|mark| {
            let bbox = BBox { x0: x(mark.bbox.x0), y0: y(mark.bbox.y0), x1: x(mark.bbox.x1), y1: y(mark.bbox.y1) };
            // Blocks draw the frames of chosen boxes however small they are.
            Mark { bbox, label: None, selected: grid.caption > 0, ..mark.clone() }
        }));
        let bbox = BBox { x0: area[0], y0: area[1], x1: area[2] - 1.0, y1: area[3] - 1.0 };
        if grid.caption == 0 && !tile.tag.is_empty() {
            let pen = (request.pixel.1 / 10).max(1);
            let high = f32::from(TAG_HEIGHT * pen);
            let letters = ((bbox.x1 - bbox.x0) / (font::ADVANCE as f32 * f32::from(pen))) as usize;
            for (row, words) in tile.tag.lines().take(2).enumerate() {
                let y0 = if row == 0 { bbox.y0 } else { (bbox.y1 - high).max(bbox.y0) };
                let bbox = BBox { y0, ..bbox };
                marks.push(Mark { bbox, colour: TAG, line: Line::Tag, selected: false, label: Some(closer(words, letters)) });
            }
        }
        if tile.marked {
            let colour = if state.theme.colours() == Colours::None { Rgb(255, 255, 255) } else { MARKED };
            let inset = (pixel.0 / 4.0).max(1.0);
            let bbox = BBox { x0: bbox.x0 + inset, y0: bbox.y0 + inset, x1: bbox.x1 - inset, y1: bbox.y1 - inset };
            marks.push(Mark { bbox, colour, line: Line::Dashed, selected: true, label: None });
        }
        if index == chosen {
            let colour = if state.theme.colours() == Colours::None { Rgb(255, 255, 255) } else { CHOSEN };
            marks.push(Mark { bbox, colour, line: Line::Solid, selected: false, label: None });
        }
    }
    let (width, height) = made.picture.size();
    Plan {
        picture: Arc::clone(&made.picture),
        rect: grid.area,
        cell: state.capabilities.cell,
        region: [0.0, 0.0, width as f32, height as f32],
        window: state.sheet.look.window,
        marks,
        insets: Vec::new(),
    }
}

/// Words for so many letters: where they are too long, they lose spaces and then dashes, from the end on, so that "R3 M0 PIP 2" becomes "R3 M0 PIP2".
fn closer(words: &str, letters: usize) -> String {
    let mut words = words.to_owned();
    while words.chars().count() > letters
        && let Some(place) = words.rfind(' ').or_else(|| words.rfind('-'))
    {
        words.remove(place);
    }
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_over_a_small_crop_lose_spaces_before_letters() {
        let closer = |letters| super::closer("R3 M0 PIP 2", letters);
        assert_eq!([closer(11), closer(10), closer(8)], ["R3 M0 PIP 2", "R3 M0 PIP2", "R3M0PIP2"]);
        assert_eq!(super::closer("PHA001-LH", 8), "PHA001LH");
    }
}
