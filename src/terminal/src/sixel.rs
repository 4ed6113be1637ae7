//! Sixel graphics (DEC STD 070): six rows of pixels a line, one colour at a time, 32 grays and the colours of the boxes.
//!
//! viuer writes sixel too, but first asks the terminal on its own and waits for ever where no answer comes, and beside our reader none comes.

use super::{kitty::posterised, marks::Layer, raster::Gray};

/// Grays in the palette.
const GRAYS: u16 = 32;

/// Film and boxes as one sixel picture, without the cursor movement before it.
#[must_use]
pub fn encode(gray: &Gray, layer: &Layer) -> Vec<u8> {
    let mut out = Vec::new();
    // Pixels that are not set keep what is there (P2 = 1); the raster is 1:1.
    out.extend_from_slice(format!("\x1bP0;1;0q\"1;1;{};{}", gray.width, gray.height).as_bytes());
    palette(layer, &mut out);
    let indices = indices(gray, layer);
    for (number, band) in indices.chunks(gray.width.max(1) as usize * 6).enumerate() {
        // A line feed after the last band could scroll the screen.
        if number > 0 {
            out.push(b'-');
        }
        lines(band, gray.width as usize, &mut out);
    }
    out.extend_from_slice(b"\x1b\\");
    out
}

fn palette(layer: &Layer, out: &mut Vec<u8>) {
    let mut define = |index: usize, rgb: [u8; 3]| {
        let [r, g, b] = rgb.map(|v| (u16::from(v) * 100 + 127) / 255);
        out.extend_from_slice(format!("#{index};2;{r};{g};{b}").as_bytes());
    };
    for step in 0..GRAYS {
        define(usize::from(step), [(step * 255 / (GRAYS - 1)) as u8; 3]);
    }
    for (index, colour) in layer.palette.iter().enumerate() {
        define(usize::from(GRAYS) + index, [colour.0, colour.1, colour.2]);
    }
}

/// The palette's index of every pixel.
fn indices(gray: &Gray, layer: &Layer) -> Vec<u8> {
    let grays = posterised(&gray.pixels, GRAYS).into_iter().map(|v| ((u16::from(v) * (GRAYS - 1) + 127) / 255) as u8);
    let over = layer.pixels.iter().map(|v| (*v > 0).then(|| v - 1 + GRAYS as u8));
    grays.zip(over).map(|(gray, over)| over.unwrap_or(gray)).collect()
}

/// Writes six rows, each colour in a pass of its own.
fn lines(band: &[u8], width: usize, out: &mut Vec<u8>) {
    let mut used = [false; 256];
    band.iter().for_each(|index| used[usize::from(*index)] = true);
    let colours = (0..=u8::MAX).filter(|index| used[usize::from(*index)]);
    for (pass, colour) in colours.enumerate() {
        if pass > 0 {
            out.push(b'$');
        }
        out.extend_from_slice(format!("#{colour}").as_bytes());
        let sixel =
            |x: usize| band.chunks(width).enumerate().fold(0, |bits, (row, line)| if line[x] == colour { bits | 1 << row } else { bits });
        let last = (0..width).rev().find(|x| sixel(*x) != 0).unwrap_or(0);
        let (mut run, mut count) = (sixel(0), 1);
        for x in 1..=last {
            let next = sixel(x);
            if next == run {
                count += 1;
            } else {
                repeat(run, count, out);
                (run, count) = (next, 1);
            }
        }
        repeat(run, count, out);
    }
}

fn repeat(bits: u8, count: usize, out: &mut Vec<u8>) {
    let symbol = b'?' + bits;
    if count > 3 {
        out.extend_from_slice(format!("!{count}").as_bytes());
        out.push(symbol);
    } else {
        out.extend(std::iter::repeat_n(symbol, count));
    }
}

/// Shows an encoded picture with its upper left at `column`, `row` (0-based).
pub fn show(encoded: &[u8], (column, row): (u16, u16), out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b[{};{}H", row + 1, column + 1).as_bytes());
    out.extend_from_slice(encoded);
}
