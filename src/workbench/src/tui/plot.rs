//! Curves and clouds of points in braille, with axes that say what they are and in which unit.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
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
    /// The points; those that are no numbers part a line.
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
            if start >= free && start + width + title <= area.right() {
                draw::left(buffer, Rect { x: start, width, ..line }, &label, theme.muted());
                draw::left(buffer, Rect { x: column, width: 1, ..axis }, "┴", theme.frame());
                free = start + width + 1;
            }
        }
    }

    fn points(&self, field: Rect, buffer: &mut Buffer) {
        for series in &self.series {
            let mut dots = Dots::new(field);
            let place = |(x, y): (f64, f64)| dots.place(self.x.share(x), self.y.share(y));
            let places: Vec<Option<(i32, i32)>> =
                series.points.iter().map(|point| (point.0.is_finite() && point.1.is_finite()).then(|| place(*point))).collect();
            match series.kind {
                Kind::Signs(sign) => {
                    for (x, y) in places.into_iter().flatten() {
                        let (x, y) = (x.div_euclid(2), y.div_euclid(4));
                        let inside = x >= 0 && y >= 0 && x < i32::from(field.width) && y < i32::from(field.height);
                        if let Some(cell) = buffer.cell_mut((field.x + x.max(0) as u16, field.y + y.max(0) as u16)).filter(|_| inside) {
                            cell.set_char(sign).set_style(series.style);
                        }
                    }
                    continue;
                }
                Kind::Line | Kind::Dotted => {
                    let gap = if series.kind == Kind::Dotted { 3 } else { 1 };
                    if let [Some(only)] = places[..] {
                        dots.set(only.0, only.1);
                    }
                    for pair in places.windows(2) {
                        if let [Some(from), Some(to)] = pair {
                            dots.line(*from, *to, gap);
                        }
                    }
                }
            }
            dots.paint(series.style, buffer);
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

/// Dots of two by four a cell.
struct Dots {
    field: Rect,
    masks: Vec<u8>,
}

impl Dots {
    fn new(field: Rect) -> Self {
        Self { field, masks: vec![0; usize::from(field.width) * usize::from(field.height)] }
    }

    /// The dot of a point, given as shares; outside of the field where the point is.
    fn place(&self, x: f64, y: f64) -> (i32, i32) {
        let across = f64::from(self.field.width) * 2.0 - 1.0;
        let down = f64::from(self.field.height) * 4.0 - 1.0;
        let far = |value: f64| value.clamp(-1e5, 1e5).round() as i32;
        (far(x * across), far((1.0 - y) * down))
    }

    fn set(&mut self, x: i32, y: i32) {
        // Bits of the eight dots in Unicode's order, row by row.
        const BITS: [u8; 8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
        let (column, row) = (x.div_euclid(2), y.div_euclid(4));
        if column >= 0 && row >= 0 && column < i32::from(self.field.width) && row < i32::from(self.field.height) {
            let bit = BITS[(y.rem_euclid(4) * 2 + x.rem_euclid(2)) as usize];
            self.masks[row as usize * usize::from(self.field.width) + column as usize] |= bit;
        }
    }

    /// A straight line; of a dotted one only every `gap`th dot.
    fn line(&mut self, (x0, y0): (i32, i32), (x1, y1): (i32, i32), gap: i32) {
        let steps = (x1 - x0).abs().max((y1 - y0).abs()).max(1);
        for step in 0..=steps {
            let along = |from: i32, to: i32| from + ((to - from) as f64 * f64::from(step) / f64::from(steps)).round() as i32;
            let (x, y) = (along(x0, x1), along(y0, y1));
            // Counted along the axis that the line follows, so that short pieces of a curve fit together.
            let at = if (x1 - x0).abs() >= (y1 - y0).abs() { x } else { y };
            if at.rem_euclid(gap) == 0 {
                self.set(x, y);
            }
        }
    }

    fn paint(&self, style: Style, buffer: &mut Buffer) {
        for (index, mask) in self.masks.iter().enumerate().filter(|(_, mask)| **mask > 0) {
            let (column, row) = (index % usize::from(self.field.width), index / usize::from(self.field.width));
            let Some(cell) = buffer.cell_mut((self.field.x + column as u16, self.field.y + row as u16)) else { continue };
            // Dots of an earlier curve in the same cell stay.
            let before = cell.symbol().chars().next().map_or(0, |c| c as u32);
            let before = if (0x2800..0x2900).contains(&before) { before - 0x2800 } else { 0 };
            if let Some(letter) = char::from_u32(0x2800 + (before | u32::from(*mask))) {
                cell.set_char(letter).set_style(style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::Colours;

    fn text(plot: &Plot, width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        plot.render(area, Theme::new(Colours::None), &mut buffer);
        let line =
            |cells: &[ratatui::buffer::Cell]| cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned();
        buffer.content.chunks(usize::from(width)).map(line).collect()
    }

    fn plot(points: Vec<(f64, f64)>, kind: Kind) -> Plot {
        Plot {
            x: Axis { title: "step".into(), from: 0.0, to: 100.0, whole: true },
            y: Axis { title: "loss".into(), from: 0.0, to: 4.0, whole: false },
            series: vec![Series { name: "total".into(), style: Style::new(), kind, points }],
        }
    }

    #[test]
    fn ticks_are_round_and_lie_within_the_axis() {
        let of = |from, to, most| Axis { title: String::new(), from, to, whole: false }.ticks(most);
        assert_eq!(Axis { title: String::new(), from: 1.0, to: 3.0, whole: true }.ticks(10), [1.0, 2.0, 3.0]);
        assert_eq!(of(0.0, 100.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(of(-3.0, 3.0, 4), [-2.0, 0.0, 2.0]);
        assert_eq!(of(0.0, 0.013, 3), [0.0, 0.005, 0.01]);
        assert!(of(5.0, 5.0, 3).is_empty());
        assert_eq!((tick(-2.0, 2.0), tick(0.05, 0.05), tick(120_000.0, 20_000.0)), ("−2".into(), "0.05".into(), "120k".into()));
    }

    #[test]
    fn a_falling_line_goes_from_the_upper_left_to_the_lower_right() {
        let lines = text(&plot(vec![(0.0, 4.0), (100.0, 0.0)], Kind::Line), 40, 10);
        assert!(lines[0].starts_with("loss") && lines[0].ends_with("── total"), "{lines:#?}");
        assert!(lines[1].starts_with("4 ┤") || lines[1].starts_with(" 4 ┤"), "{lines:#?}");
        let braille = |line: &str| line.chars().position(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
        let (first, last) = (braille(&lines[1]).unwrap(), braille(&lines[7]).unwrap());
        assert!(first < 6 && last > 30, "{lines:#?}");
        assert!(lines[9].contains("0                50"), "{lines:#?}");
        assert!(lines[9].ends_with("step"));
    }

    #[test]
    fn a_dotted_line_has_gaps_and_a_missing_value_parts_a_line() {
        let dots = |kind, points| {
            text(&plot(points, kind), 60, 12)
                .concat()
                .chars()
                .map(|c| if ('\u{2800}'..='\u{28ff}').contains(&c) { (c as u32 - 0x2800).count_ones() } else { 0 })
                .sum::<u32>()
        };
        let line = vec![(0.0, 1.0), (50.0, 1.0), (100.0, 1.0)];
        let whole = dots(Kind::Line, line.clone());
        assert!(dots(Kind::Dotted, line) * 2 < whole);
        assert!(dots(Kind::Line, vec![(0.0, 1.0), (20.0, 1.0), (50.0, f64::NAN), (80.0, 1.0), (100.0, 1.0)]) * 3 / 2 < whole);
    }

    #[test]
    fn signs_stand_at_their_points_and_those_outside_are_left_out() {
        let lines = text(&plot(vec![(0.0, 0.0), (100.0, 4.0), (500.0, 2.0), (f64::NAN, 1.0)], Kind::Signs('×')), 40, 10);
        assert_eq!(lines[1..].concat().matches('×').count(), 2, "{lines:#?}");
        assert!(lines[1].ends_with('×'));
    }

    #[test]
    fn there_is_no_plot_where_there_is_no_room() {
        assert!(text(&plot(vec![], Kind::Line), 15, 10).concat().is_empty());
        assert!(text(&plot(vec![], Kind::Line), 40, 4).concat().is_empty());
    }
}
