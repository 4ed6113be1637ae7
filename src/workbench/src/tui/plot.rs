//! Curves and clouds of points on ratatui's `Canvas`; axes and legend are ours, because `Chart` spreads labels evenly, whatever their values, has no
//! dotted lines and knows no signs.

#[cfg(test)]
mod tests;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
    symbols::Marker,
    widgets::{
        Widget,
        canvas::{Canvas, Line, Painter, Points, Shape},
    },
};
use unicode_width::UnicodeWidthStr;

use super::{draw, theme::Theme};

/// Plots of this many lines have one for the title of the axis to the right.
const TALL: u16 = 15;

/// How a series is drawn; the kinds are told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An unbroken line.
    Line,
    /// A line of dots.
    Dotted,
    /// A sign at every point.
    Signs(char),
}

impl Kind {
    /// What stands before the name in the legend.
    fn sample(self) -> String {
        match self {
            Self::Line => "──".to_owned(),
            Self::Dotted => "┄┄".to_owned(),
            Self::Signs(sign) => sign.to_string(),
        }
    }
}

/// Points with a name.
#[derive(Clone, Debug)]
pub struct Series {
    /// The name in the legend; empty for what is explained elsewhere.
    pub name: String,
    /// The colour.
    pub style: Style,
    /// How it is drawn.
    pub kind: Kind,
    /// The points; those that are not numbers interrupt a line.
    pub points: Vec<(f64, f64)>,
}

/// One direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it is, with its unit.
    pub title: String,
    /// The least value shown.
    pub from: f64,
    /// The greatest value shown.
    pub to: f64,
    /// Nothing lies between whole numbers: steps, epochs, points.
    pub whole: bool,
}

impl Axis {
    /// An axis over all of these values, and `least` of them at least.
    pub fn over(title: impl Into<String>, values: impl Iterator<Item = f64>, least: (f64, f64)) -> Self {
        let (mut from, mut to) = least;
        for value in values.filter(|value| value.is_finite()) {
            (from, to) = (from.min(value), to.max(value));
        }
        if to <= from {
            to = from + 1.0;
        }
        Self { title: title.into(), from, to, whole: false }
    }

    /// The same axis with whole numbers only.
    #[must_use]
    pub fn of_whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// The place of a value, 0 to 1 within the axis.
    fn share(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    /// Round values within the axis, at most so many.
    fn ticks(&self, most: usize) -> Vec<f64> {
        let span = self.to - self.from;
        let rough = span / most.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough);
        if !step.is_finite() || step <= 0.0 {
            return Vec::new();
        }
        let step = if self.whole { step.max(1.0) } else { step };
        let first = (self.from / step - 1e-9).ceil();
        let values = (0..=most).map(|index| (first + index as f64) * step);
        values.filter(|value| *value <= self.to + step * 1e-9).map(|value| if value == 0.0 { 0.0 } else { value }).collect()
    }
}

/// A value on an axis, in as few letters as it takes.
fn tick(value: f64, step: f64) -> String {
    if value.abs() >= 10_000.0 {
        return format!("{}k", (value / 1000.0 * 10.0).round() / 10.0).replace('-', "−");
    }
    let decimals = if step >= 1.0 { 0 } else { (-step.log10().floor()).clamp(0.0, 6.0) as usize };
    format!("{value:.decimals$}").replace('-', "−")
}

/// A plot.
#[derive(Clone, Debug)]
pub struct Plot {
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// Later ones are drawn over earlier ones.
    pub series: Vec<Series>,
}

impl Plot {
    /// Draws the plot; nothing where there is no room for one.
    pub fn render(&self, area: Rect, theme: Theme, buffer: &mut Buffer) {
        if area.width < 16 || area.height < 5 {
            return;
        }
        self.head(draw::line(area, 0), theme, buffer);
        // The head, the axis, its ticks; its title beside them, or below where there is height for it.
        let around = if area.height >= TALL { 4 } else { 3 };
        let ticks = self.y.ticks(usize::from((area.height - around) / 2).max(2));
        let step = ticks.get(1).map_or(1.0, |second| second - ticks[0]);
        let labels: Vec<String> = ticks.iter().map(|value| tick(*value, step)).collect();
        let margin = labels.iter().map(|label| label.width()).max().unwrap_or(0) as u16 + 1;
        let field = Rect { x: area.x + margin + 1, y: area.y + 1, width: area.width - margin - 1, height: area.height - around };
        for row in 0..field.height {
            draw::left(buffer, Rect { x: field.x - 1, y: field.y + row, width: 1, height: 1 }, "│", theme.frame());
        }
        for (value, label) in ticks.iter().zip(&labels) {
            let row = field.y + row_of(self.y.share(*value), field.height);
            draw::right(buffer, Rect { x: area.x, y: row, width: margin - 1, height: 1 }, label, theme.muted());
            draw::left(buffer, Rect { x: field.x - 1, y: row, width: 1, height: 1 }, "┤", theme.frame());
        }
        self.foot(area, field, theme, buffer);
        self.points(field, buffer);
    }

    /// What goes upwards, and the legend.
    fn head(&self, line: Rect, theme: Theme, buffer: &mut Buffer) {
        let used = draw::left(buffer, line, &self.y.title, theme.muted());
        let named: Vec<&Series> = self.series.iter().filter(|series| !series.name.is_empty()).collect();
        let width = |series: &Series| (series.kind.sample().width() + series.name.width() + 3) as u16;
        let total: u16 = named.iter().map(|series| width(series)).sum();
        let mut x = line.right().saturating_sub(total).max(line.x + used + 2);
        for series in named {
            let rest = Rect { x: x.min(line.right()), width: line.right().saturating_sub(x), ..line };
            x +=
                draw::pieces(buffer, rest, &[(&series.kind.sample(), series.style), (" ", theme.text()), (&series.name, theme.text())]) + 2;
        }
    }

    /// The axis to the right with its ticks and its title.
    fn foot(&self, area: Rect, field: Rect, theme: Theme, buffer: &mut Buffer) {
        let axis = Rect { x: field.x - 1, y: field.bottom(), width: field.width + 1, height: 1 };
        let rule: String = std::iter::once('└').chain(std::iter::repeat_n('─', usize::from(field.width))).collect();
        draw::left(buffer, axis, &rule, theme.frame());
        let line = Rect { y: axis.y + 1, height: 1, ..area };
        let last = Rect { y: area.bottom() - 1, ..line };
        draw::right(buffer, last, &self.x.title, theme.muted());
        let title = if last == line { self.x.title.width() as u16 + 1 } else { 0 };
        let ticks = self.x.ticks(usize::from(field.width / 10).max(2));
        let step = ticks.get(1).map_or(1.0, |second| second - ticks[0]);
        let mut free = area.x;
        for value in ticks {
            let label = tick(value, step);
            let width = label.width() as u16;
            let column = field.x + column_of(self.x.share(value), field.width);
            let start = column.saturating_sub(width / 2).max(field.x.saturating_sub(1));
            // At the edge it moves to the left, as far as it still stands over its tick.
            let edge = area.right().saturating_sub(width + title);
            let start = if start > edge && edge + width > column { edge } else { start };
            if start >= free && start + width + title <= area.right() {
                draw::left(buffer, Rect { x: start, width, ..line }, &label, theme.muted());
                draw::left(buffer, Rect { x: column, width: 1, ..axis }, "┴", theme.frame());
                free = start + width + 1;
            }
        }
    }

    fn points(&self, field: Rect, buffer: &mut Buffer) {
        let lines = |gapped| self.series.iter().filter(move |series| series.kind == if gapped { Kind::Dotted } else { Kind::Line });
        Canvas::default()
            .marker(Marker::Braille)
            .x_bounds([self.x.from, self.x.to])
            .y_bounds([self.y.from, self.y.to])
            .paint(|canvas| {
                for series in lines(true).chain(lines(false)) {
                    let color = series.style.fg.unwrap_or(Color::Reset);
                    if let [only] = series.points[..] {
                        canvas.draw(&Points { coords: &[only], color });
                    }
                    let known = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
                    for pair in series.points.windows(2).filter(|pair| pair.iter().all(known)) {
                        let line = Line { x1: pair[0].0, y1: pair[0].1, x2: pair[1].0, y2: pair[1].1, color };
                        if series.kind == Kind::Dotted { canvas.draw(&Dotted(line)) } else { canvas.draw(&line) }
                    }
                }
            })
            .render(field, buffer);
        // Signs go where a dot of theirs would be, which the canvas rounds down for its own texts.
        for series in &self.series {
            let Kind::Signs(sign) = series.kind else { continue };
            for (x, y) in series.points.iter().map(|(x, y)| (self.x.share(*x), self.y.share(*y))) {
                let inside = (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y);
                let dot = |share: f64, cells: u16, dots: u16| (share * f64::from(cells * dots - 1)).round() as u16 / dots;
                let at = (field.x + dot(x, field.width, 2), field.y + dot(1.0 - y, field.height, 4));
                if let Some(cell) = buffer.cell_mut(at).filter(|_| inside) {
                    cell.set_char(sign).set_style(series.style);
                }
            }
        }
    }
}

/// A line of which only every third dot is there, counted along the direction that it follows, so that short pieces of a curve fit together.
struct Dotted(Line);

impl Shape for Dotted {
    fn draw(&self, painter: &mut Painter) {
        let Line { x1, y1, x2, y2, color } = self.0;
        let (Some(from), Some(to)) = (painter.get_point(x1, y1), painter.get_point(x2, y2)) else { return };
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        for step in 0..=steps {
            let along = |from: usize, to: usize| (from as f64 + (to as f64 - from as f64) * step as f64 / steps as f64).round() as usize;
            let (x, y) = (along(from.0, to.0), along(from.1, to.1));
            let at = if from.0.abs_diff(to.0) >= from.1.abs_diff(to.1) { x } else { y };
            if at % 3 == 0 {
                painter.paint(x, y, color);
            }
        }
    }
}

fn row_of(share: f64, height: u16) -> u16 {
    let last = f64::from(height.saturating_sub(1));
    (last - share.clamp(0.0, 1.0) * last).round() as u16
}

fn column_of(share: f64, width: u16) -> u16 {
    (share.clamp(0.0, 1.0) * f64::from(width.saturating_sub(1))).round() as u16
}
