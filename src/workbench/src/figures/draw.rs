//! Figures through plotters.

use std::{io::Cursor, path::Path, sync::Once};

use plotters::{
    chart::{ChartBuilder, SeriesLabelPosition},
    coord::Shift,
    element::{Circle, PathElement, Rectangle, Text},
    prelude::{BitMapBackend, DrawingArea, DrawingBackend, IntoDrawingArea, SVGBackend},
    series::{DashedLineSeries, LineSeries},
    style::{
        Color, FontStyle, RGBColor, ShapeStyle, WHITE, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};
use svh_core::atomic;

use super::{
    figure::{Axis, Content, Figure, Layer, Panel, Scale},
    matrix,
    style::{FAMILY, FRAME, FigureError, fault, font},
};

/// Letters, figures and signs of DejaVu Sans; its licence lies beside it.
const FONT: &[u8] = include_bytes!("font/DejaVuSans.ttf");
/// Width and height of a panel in points.
const PANEL: (u32, u32) = (420, 320);
/// Lines over and below the panels, in points.
const HEAD: u32 = 34;
const FOOT: u32 = 24;
/// Pixels of a PNG for a point: 216 dots an inch at the size of the SVG.
const PIXELS: u32 = 3;
const GRID: RGBColor = RGBColor(226, 226, 226);

/// A picture's file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Vectors, with texts as texts.
    Svg,
    /// Pixels, for what takes no vectors.
    Png,
}

impl Format {
    /// The format that a file name asks for.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }
}

/// Draws a figure.
///
/// # Errors
/// A fault of the plotting crate.
pub fn render(figure: &Figure, format: Format) -> Result<Vec<u8>, FigureError> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // The font is part of the program.
        let _ = register_font(FAMILY, FontStyle::Normal, FONT);
        let _ = register_font(FAMILY, FontStyle::Bold, FONT);
    });
    let size = size(figure);
    match format {
        Format::Svg => {
            let mut text = String::new();
            draw(figure, &SVGBackend::with_string(&mut text, size).into_drawing_area(), 1)?;
            Ok(text.into_bytes())
        }
        Format::Png => {
            let (width, height) = (size.0 * PIXELS, size.1 * PIXELS);
            let mut pixels = vec![0; width as usize * height as usize * 3];
            draw(figure, &BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area(), PIXELS)?;
            let mut bytes = Cursor::new(Vec::new());
            let picture = image::RgbImage::from_raw(width, height, pixels).ok_or_else(|| FigureError::Draw("size".to_owned()))?;
            picture.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| FigureError::Draw(error.to_string()))?;
            Ok(bytes.into_inner())
        }
    }
}

/// Draws a figure into a file whose name says the format.
///
/// # Errors
/// A name that says none, and a file that cannot be written.
pub fn save(figure: &Figure, path: &Path) -> Result<(), FigureError> {
    let format = Format::of(path).ok_or_else(|| FigureError::Format(path.to_path_buf()))?;
    Ok(atomic::write(path, &render(figure, format)?)?)
}

fn size(figure: &Figure) -> (u32, u32) {
    let columns = figure.columns.clamp(1, figure.panels.len().max(1)) as u32;
    let rows = (figure.panels.len() as u32).div_ceil(columns).max(1);
    (columns * PANEL.0, HEAD + rows * PANEL.1 + FOOT)
}

fn draw<B: DrawingBackend>(figure: &Figure, area: &DrawingArea<B, Shift>, scale: u32) -> Result<(), FigureError> {
    area.fill(&WHITE).map_err(fault)?;
    let (width, height) = area.dim_in_pixel();
    let middle = Pos::new(HPos::Center, VPos::Center);
    let at = |y: u32| ((width / 2) as i32, y as i32);
    area.draw(&Text::new(figure.title.clone(), at(HEAD * scale / 2), font(15, scale).pos(middle))).map_err(fault)?;
    let caption = font(10, scale).pos(middle).color(&FRAME);
    area.draw(&Text::new(figure.caption.clone(), at(height - FOOT * scale / 2), caption)).map_err(fault)?;
    let columns = figure.columns.clamp(1, figure.panels.len().max(1));
    let rows = figure.panels.len().div_ceil(columns).max(1);
    let (_, rest) = area.split_vertically((HEAD * scale) as i32);
    let (panels, _) = rest.split_vertically((height - (HEAD + FOOT) * scale) as i32);
    for (panel, area) in figure.panels.iter().zip(panels.split_evenly((rows, columns))) {
        match &panel.content {
            Content::Plot { x, y, layers } => plot(panel, (x, y), layers, &area, scale)?,
            Content::Matrix { rows, columns, names, counts } => matrix::draw(panel, (rows, columns), names, counts, &area, scale)?,
        }
    }
    area.present().map_err(fault)
}

/// How a tick of an axis is written: a name where it has one.
fn tick(axis: &Axis, value: f64) -> String {
    match &axis.scale {
        Scale::Names(names) => {
            let place = value.round();
            let named = (value - place).abs() < 1e-6 && place >= 0.0;
            names.get(place as usize).filter(|_| named).cloned().unwrap_or_default()
        }
        Scale::Numbers(from, to) => {
            let decimals = if to - from >= 8.0 {
                0
            } else if to - from >= 0.8 {
                1
            } else {
                2
            };
            let text = format!("{value:.decimals$}").replace('-', "−");
            if text.trim_start_matches('−').chars().all(|letter| matches!(letter, '0' | '.')) { text.replace('−', "") } else { text }
        }
    }
}

fn labels(axis: &Axis) -> usize {
    match &axis.scale {
        Scale::Names(names) => names.len() + 1,
        Scale::Numbers(..) => 8,
    }
}

fn plot<B: DrawingBackend>(
    panel: &Panel,
    (x, y): (&Axis, &Axis),
    layers: &[Layer],
    area: &DrawingArea<B, Shift>,
    scale: u32,
) -> Result<(), FigureError> {
    let ((left, right), (low, high)) = (x.range(), y.range());
    let mut builder = ChartBuilder::on(area);
    builder.margin(8 * scale).margin_right(16 * scale).x_label_area_size(40 * scale).y_label_area_size(52 * scale);
    if !panel.title.is_empty() {
        builder.caption(&panel.title, font(12, scale));
    }
    let mut chart = builder.build_cartesian_2d(left..right, low..high).map_err(fault)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(ShapeStyle::from(&GRID).stroke_width(scale))
        .axis_style(ShapeStyle::from(&FRAME).stroke_width(scale))
        .label_style(font(10, scale))
        .axis_desc_style(font(11, scale))
        .x_labels(labels(x))
        .y_labels(labels(y))
        .x_label_formatter(&|value| tick(x, *value))
        .y_label_formatter(&|value| tick(y, *value))
        .x_desc(&x.title)
        .y_desc(&y.title)
        .draw()
        .map_err(fault)?;
    for layer in layers {
        match layer {
            Layer::Line { name, ink, dashed, points } => {
                let style = ShapeStyle::from(&ink.colour()).stroke_width(2 * scale);
                for (index, part) in points.split(|(x, y)| !(x.is_finite() && y.is_finite())).filter(|part| !part.is_empty()).enumerate() {
                    let points = part.iter().copied();
                    let drawn = if *dashed {
                        chart.draw_series(DashedLineSeries::new(points, 6 * scale as i32, 4 * scale as i32, style))
                    } else {
                        chart.draw_series(LineSeries::new(points, style))
                    };
                    let drawn = drawn.map_err(fault)?;
                    if index == 0 && !name.is_empty() {
                        let gap = if *dashed { 4 } else { 0 };
                        drawn.label(name).legend(move |(x, y)| sample(x, y, gap, scale, style));
                    }
                }
            }
            Layer::Dots { name, ink, filled, points } => {
                let style = ShapeStyle { color: ink.colour().to_rgba(), filled: *filled, stroke_width: scale };
                let dots = points.iter().map(|point| Circle::new(*point, 3 * scale as i32, style));
                let drawn = chart.draw_series(dots).map_err(fault)?;
                if !name.is_empty() {
                    drawn.label(name).legend(move |(x, y)| Circle::new((x + 9 * scale as i32, y), 3 * scale as i32, style));
                }
            }
            Layer::Bars { name, ink, bars } => {
                let style = ink.colour().mix(0.85).filled();
                let rectangles = bars.iter().map(|(from, to, height, _)| Rectangle::new([(*from, 0.0), (*to, *height)], style));
                let drawn = chart.draw_series(rectangles).map_err(fault)?;
                if !name.is_empty() {
                    let (wide, high) = (14 * scale as i32, 4 * scale as i32);
                    drawn.label(name).legend(move |(x, y)| Rectangle::new([(x, y - high), (x + wide, y + high)], style));
                }
                let centred = font(8, scale).pos(Pos::new(HPos::Center, VPos::Bottom));
                let texts = bars.iter().filter(|bar| !bar.3.is_empty());
                chart
                    .draw_series(
                        texts
                            .map(|(from, to, height, text)| Text::new(text.clone(), (f64::midpoint(*from, *to), *height), centred.clone())),
                    )
                    .map_err(fault)?;
            }
        }
    }
    if layers.iter().any(|layer| !layer.name().is_empty()) {
        chart
            .configure_series_labels()
            .position(corner(layers, (left, right), (low, high)))
            .margin(6 * scale)
            .legend_area_size(22 * scale)
            .label_font(font(10, scale))
            .background_style(WHITE.mix(0.85))
            .border_style(ShapeStyle::from(&GRID).stroke_width(scale))
            .draw()
            .map_err(fault)?;
    }
    Ok(())
}

/// The sample of a line in the legend, in two pieces where the line is dashed.
fn sample(x: i32, y: i32, gap: i32, scale: u32, style: ShapeStyle) -> PathElement<(i32, i32)> {
    let end = x + (18 - gap * 2) * scale as i32;
    PathElement::new(vec![(x, y), (end, y)], style)
}

/// The corner with the fewest points in it.
fn corner(layers: &[Layer], (left, right): (f64, f64), (low, high): (f64, f64)) -> SeriesLabelPosition {
    let mut counts = [0.0; 4];
    let mut count = |x: f64, y: f64, weight: f64| {
        let (x, y) = ((x - left) / (right - left), (y - low) / (high - low));
        let place = usize::from(x > 0.5) + 2 * usize::from(y > 0.5);
        let is_near = !(0.4..=0.6).contains(&x) && !(0.4..=0.6).contains(&y);
        counts[place] += if is_near { weight } else { weight / 2.0 };
    };
    for layer in layers {
        match layer {
            Layer::Line { points, .. } | Layer::Dots { points, .. } => {
                points.iter().for_each(|(x, y)| count(*x, *y, 1.0 / points.len().max(1) as f64));
            }
            // A bar fills all below its height.
            Layer::Bars { bars, .. } => bars.iter().for_each(|(from, to, height, _)| {
                let middle = f64::midpoint(*from, *to);
                (0..5).for_each(|step| count(middle, low + (height - low) * f64::from(step) / 4.0, 0.2));
            }),
        }
    }
    let corners = [
        (SeriesLabelPosition::UpperRight, counts[3]),
        (SeriesLabelPosition::LowerRight, counts[1]),
        (SeriesLabelPosition::UpperLeft, counts[2]),
        (SeriesLabelPosition::LowerLeft, counts[0]),
    ];
    corners.into_iter().fold((SeriesLabelPosition::UpperRight, f64::INFINITY), |best, one| if one.1 < best.1 { one } else { best }).0
}
