//! The kitty graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol): pictures are sent once under a number, then shown, hidden and
//! shown again for a few bytes. Boxes travel as a second, mostly transparent picture, so that choosing another joint does not send the film again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};

use super::{marks::Layer, raster::Gray};

/// Bytes of base64 in one command, as the protocol demands at most.
const CHUNK: usize = 4096;

/// What one film may cost as it goes over the line, in bytes.
pub(crate) const BUDGET: usize = 190_000;

/// Levels of gray that are tried until the film fits the budget; more than 64 cannot be told apart on a terminal.
const LEVELS: [u16; 4] = [64, 32, 16, 8];

/// The film as PNG, with as many grays as the budget allows.
#[must_use]
pub(crate) fn film_png(gray: &Gray) -> Vec<u8> {
    let fits = |png: &Vec<u8>| png.len() / 3 * 4 + png.len() / CHUNK * 20 < BUDGET;
    let mut tries = LEVELS.iter().map(|levels| png(&posterised(&gray.pixels, *levels), gray.width, gray.height, ExtendedColorType::L8));
    let first = tries.next().unwrap_or_default();
    if fits(&first) { first } else { tries.find(fits).unwrap_or(first) }
}

/// The boxes as PNG with transparency.
#[must_use]
pub(crate) fn marks_png(layer: &Layer) -> Vec<u8> {
    let mut rgba = vec![0; layer.pixels.len() * 4];
    for (index, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        if let Some(colour) = layer.at(index) {
            pixel.copy_from_slice(&[colour.0, colour.1, colour.2, 255]);
        }
    }
    png(&rgba, layer.width, layer.height, ExtendedColorType::Rgba8)
}

/// Film and boxes as one PNG with a palette, with as many grays as the budget allows.
#[must_use]
pub(crate) fn burnt_png(gray: &Gray, layer: &Layer) -> Vec<u8> {
    let fits = |png: &Vec<u8>| png.len() / 3 * 4 + png.len() / CHUNK * 40 < BUDGET;
    let mut tries = LEVELS.iter().map(|levels| indexed(gray, layer, *levels));
    let first = tries.next().unwrap_or_default();
    if fits(&first) { first } else { tries.find(fits).unwrap_or(first) }
}

/// Grays first, then the colours of the boxes.
fn indexed(gray: &Gray, layer: &Layer, levels: u16) -> Vec<u8> {
    let top = levels - 1;
    let step = |v: u8| ((u16::from(v) * top + 127) / 255) as u8;
    let pixels: Vec<u8> =
        gray.pixels.iter().zip(&layer.pixels).map(|(v, over)| if *over > 0 { over - 1 + levels as u8 } else { step(*v) }).collect();
    let grays = (0..levels).flat_map(|step| [(step * 255 / top) as u8; 3]);
    let palette: Vec<u8> = grays.chain(layer.palette.iter().flat_map(|colour| [colour.0, colour.1, colour.2])).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, gray.width, gray.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_filter(png::Filter::Up);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    // Writing into memory fails for sizes of 0 only; then there is nothing to show.
    if written.is_err() {
        bytes.clear();
    }
    bytes
}

/// Rounds grays to a number of levels from black to white.
pub(super) fn posterised(pixels: &[u8], levels: u16) -> Vec<u8> {
    let top = levels.max(2) - 1;
    let table: Vec<u8> = (0..256_u16).map(|v| (((v * top + 127) / 255) * 255 / top) as u8).collect();
    pixels.iter().map(|v| table[usize::from(*v)]).collect()
}

fn png(pixels: &[u8], width: u32, height: u32, colour: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Up);
    // Writing into memory fails for sizes of 0 only; then there is nothing to show.
    if encoder.write_image(pixels, width, height, colour).is_err() {
        bytes.clear();
    }
    bytes
}

/// Sends a PNG under a number without showing it; the terminal is told not to answer.
pub fn send(id: u32, png: &[u8], out: &mut Vec<u8>) {
    in_chunks(png, &format!("a=t,f=100,i={id},q=2"), out);
}

/// Sends a PNG without a number and shows it at the cursor, which moves on unless it is to stay.
pub(crate) fn send_and_show(png: &[u8], (columns, rows): (u16, u16), cursor_stays: bool, out: &mut Vec<u8>) {
    in_chunks(png, &format!("a=T,f=100,q=2,c={columns},r={rows},C={}", u8::from(cursor_stays)), out);
}

fn in_chunks(png: &[u8], keys: &str, out: &mut Vec<u8>) {
    let text = STANDARD.encode(png);
    let count = text.len().div_ceil(CHUNK);
    for (index, chunk) in text.as_bytes().chunks(CHUNK).enumerate() {
        let more = u8::from(index + 1 < count);
        let head = if index == 0 { format!("\x1b_G{keys},m={more};") } else { format!("\x1b_Gm={more};") };
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\x1b\\");
    }
}

/// Shows a picture that was sent, scaled to the cells, with its upper left at `column`, `row` (0-based), above those of lower `z`.
pub fn show(id: u32, (column, row): (u16, u16), (columns, rows): (u16, u16), z: i8, out: &mut Vec<u8>) {
    let text = format!("\x1b[{};{}H\x1b_Ga=p,i={id},p=1,c={columns},r={rows},z={z},C=1,q=2;\x1b\\", row + 1, column + 1);
    out.extend_from_slice(text.as_bytes());
}

/// Takes a picture off the screen; the terminal keeps its pixels.
pub fn hide(id: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b_Ga=d,d=i,i={id},q=2;\x1b\\").as_bytes());
}

/// Takes a picture off the screen and frees its pixels.
pub fn forget(id: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b_Ga=d,d=I,i={id},q=2;\x1b\\").as_bytes());
}

/// Takes every picture off the screen and frees its pixels.
pub(crate) fn forget_everything(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b_Ga=d,d=A,q=2;\x1b\\");
}

/// The question whether this protocol is spoken; answered `OK` under the number.
pub(crate) const QUESTION: &str = "\x1b_Gi=4211,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
