//! A table of counts as a figure: darker cells for larger shares of their row.

use plotters::{
    coord::Shift,
    element::{Rectangle, Text},
    prelude::{DrawingArea, DrawingBackend},
    style::{
        BLACK, Color, RGBColor, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    figure::Panel,
    style::{FRAME, FigureError, fault, font},
};

/// Draws the table.
pub fn draw<B: DrawingBackend>(
    panel: &Panel,
    (rows, columns): (&str, &str),
    names: &[String],
    counts: &[Vec<u64>],
    area: &DrawingArea<B, Shift>,
    scale: u32,
) -> Result<(), FigureError> {
    let (width, height) = area.dim_in_pixel();
    let (width, height, unit) = (width as i32, height as i32, scale as i32);
    let side = names.len().max(1) as i32;
    let (left, top) = (70 * unit, 56 * unit);
    let cell = ((width - left - 16 * unit) / side).min((height - top - 14 * unit) / side).max(1);
    let middle = Pos::new(HPos::Center, VPos::Center);
    let text = |text: String, at: (i32, i32), points: u32| Text::new(text, at, font(points, scale).pos(middle));
    area.draw(&text(panel.title.clone(), (width / 2, 12 * unit), 12)).map_err(fault)?;
    area.draw(&text(columns.to_owned(), (left + cell * side / 2, 30 * unit), 11)).map_err(fault)?;
    let turned = font(11, scale).pos(middle).transform(plotters::style::FontTransform::Rotate270);
    area.draw(&Text::new(rows.to_owned(), (18 * unit, top + cell * side / 2), turned)).map_err(fault)?;
    for (place, name) in names.iter().enumerate() {
        let offset = place as i32 * cell + cell / 2;
        area.draw(&text(name.clone(), (left + offset, 46 * unit), 10)).map_err(fault)?;
        area.draw(&text(name.clone(), (left - 18 * unit, top + offset), 10)).map_err(fault)?;
    }
    for (row, line) in counts.iter().enumerate() {
        let sum: u64 = line.iter().sum();
        for (column, count) in line.iter().enumerate() {
            let (x, y) = (left + column as i32 * cell, top + row as i32 * cell);
            let share = if sum == 0 { 0.0 } else { *count as f64 / sum as f64 };
            let shade = shade(share);
            area.draw(&Rectangle::new([(x, y), (x + cell, y + cell)], shade.filled())).map_err(fault)?;
            area.draw(&Rectangle::new([(x, y), (x + cell, y + cell)], FRAME.mix(0.4).stroke_width(scale))).map_err(fault)?;
            let ink = if share > 0.5 { WHITE } else { BLACK };
            let points = if side > 8 { 8 } else { 11 };
            let number = font(points, scale).pos(middle).color(&ink);
            area.draw(&Text::new(count.to_string(), (x + cell / 2, y + cell / 2), number)).map_err(fault)?;
        }
    }
    Ok(())
}

/// From white to a dark blue, by the share of the row.
fn shade(share: f64) -> RGBColor {
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
    RGBColor(mix(255, 0), mix(255, 76), mix(255, 130))
}
