//! Inline images of iTerm2 (iterm2.com/documentation-images.html), which WezTerm shows too: one JPEG with the boxes drawn in.
//!
//! viuer writes the same sequence, but only where variables of the local machine tell it to, which do not come along over SSH, and only as PNG,
//! which takes five times the bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};

use super::{marks::Layer, raster::Gray};

/// What one film may cost as it goes over the line, in bytes: with the blocks that are shown before it, less than 100 KB in all.
pub(crate) const BUDGET: usize = 70_000;

/// Qualities that are tried until the film fits the budget.
const QUALITIES: [u8; 5] = [80, 70, 60, 45, 30];

/// Film and boxes as JPEG, as good as the budget allows.
#[must_use]
pub fn jpeg(gray: &Gray, layer: &Layer) -> Vec<u8> {
    let coloured = layer.pixels.iter().any(|v| *v != 0);
    let pixels = if coloured { burnt(gray, layer) } else { gray.pixels.clone() };
    let colour = if coloured { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    let mut bytes = Vec::new();
    for quality in QUALITIES {
        bytes.clear();
        // Writing into memory fails for sizes that JPEG cannot express only; then there is nothing to show.
        if JpegEncoder::new_with_quality(&mut bytes, quality).encode(&pixels, gray.width, gray.height, colour).is_err() {
            bytes.clear();
        }
        if bytes.len() / 3 * 4 < BUDGET {
            break;
        }
    }
    bytes
}

/// The film with the boxes drawn in, as RGB.
pub(super) fn burnt(gray: &Gray, layer: &Layer) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(gray.pixels.len() * 3);
    for (index, value) in gray.pixels.iter().enumerate() {
        rgb.extend_from_slice(&layer.at(index).map_or([*value; 3], |c| [c.0, c.1, c.2]));
    }
    rgb
}

/// Shows a file of a picture, stretched over the cells, with its upper left at `column`, `row` (0-based).
pub fn show(file: &[u8], (column, row): (u16, u16), cells: (u16, u16), out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b[{};{}H", row + 1, column + 1).as_bytes());
    inline(file, cells, ";doNotMoveCursor=1", out);
}

/// Shows a file of a picture at the cursor, which moves on.
pub(crate) fn show_here(file: &[u8], cells: (u16, u16), out: &mut Vec<u8>) {
    inline(file, cells, "", out);
}

fn inline(file: &[u8], (columns, rows): (u16, u16), more: &str, out: &mut Vec<u8>) {
    let size = file.len();
    let head = format!("\x1b]1337;File=inline=1;size={size};width={columns};height={rows};preserveAspectRatio=0{more}:");
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(STANDARD.encode(file).as_bytes());
    out.push(7);
}
