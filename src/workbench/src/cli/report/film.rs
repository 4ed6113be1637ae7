//! A film with its boxes: the picture as a JPEG within the page, over it the boxes as SVG, so that they stay sharp and their names can be read and found.

use std::fmt::Write;
use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{DynamicImage, GrayImage, codecs::jpeg::JpegEncoder, imageops::FilterType};
use svh_core::{BBox, Film};

use super::html::text;

/// The longest side of a film on the page, in pixels: joints of a hand are some 60 pixels wide then.
const SIDE: u32 = 1100;
const QUALITY: u8 = 80;

/// A box on the film.
pub struct Drawn {
    /// Where, in pixels of the film.
    pub bbox: BBox,
    /// By a reader, or by the model.
    pub by_reader: bool,
    /// What it is, in full.
    pub title: String,
    /// What stands beside it: the grade.
    pub mark: String,
}

/// The figure of a film; in its place the reason where the film cannot be read.
pub fn figure(path: &Path, name: &str, boxes: &[Drawn]) -> String {
    let film = match Film::open(path) {
        Ok(film) => film,
        Err(error) => return format!("<figure><figcaption>{}: {}</figcaption></figure>\n", text(name), text(error)),
    };
    let (width, height) = (film.width, film.height);
    let Some(jpeg) = jpeg(&film) else {
        return format!("<figure><figcaption>{}: the film could not be encoded</figcaption></figure>\n", text(name));
    };
    let mut svg = format!(
        "<figure>\n<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n<image width=\"{width}\" height=\"{height}\" href=\"data:image/jpeg;base64,{}\"/>\n",
        text(name),
        STANDARD.encode(jpeg)
    );
    let size = width.max(height) / 55;
    for drawn in boxes {
        let BBox { x0, y0, x1, y1 } = drawn.bbox;
        let class = if drawn.by_reader { "reader" } else { "model" };
        let colour = if drawn.by_reader { "#56b4e9" } else { "#e69f00" };
        // The reader's grade to the left, the model's to the right, so that they do not cover each other.
        let (x, anchor) = if drawn.by_reader { (x0 - 3.0, "end") } else { (x1 + 3.0, "start") };
        let _ = writeln!(
            svg,
            "<g><title>{title}</title><rect class=\"box {class}\" x=\"{x0:.1}\" y=\"{y0:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"/>\
             <text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{mark}</text></g>",
            title = text(&drawn.title),
            w = x1 - x0,
            h = y1 - y0,
            y = f32::midpoint(y0, y1) + size as f32 / 3.0,
            mark = text(&drawn.mark),
        );
    }
    let _ = write!(svg, "</svg>\n<figcaption>{}</figcaption>\n</figure>\n", text(name));
    svg
}

/// The film as the workbench first shows it, shrunk.
fn jpeg(film: &Film) -> Option<Vec<u8>> {
    let gray = GrayImage::from_raw(film.width, film.height, film.to_gray8(film.auto_window()))?;
    let mut picture = DynamicImage::ImageLuma8(gray);
    if film.width.max(film.height) > SIDE {
        picture = picture.resize(SIDE, SIDE, FilterType::Triangle);
    }
    let mut bytes = Vec::new();
    picture.to_luma8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).ok()?;
    Some(bytes)
}
