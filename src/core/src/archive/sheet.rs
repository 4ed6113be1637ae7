//! Contact sheets: every film small, so that a person sees burned-in text and wrong limbs at a glance.

use crate::Film;

/// Films beside each other.
pub(super) const COLUMNS: usize = 8;
/// Films below each other.
pub(super) const ROWS: usize = 6;
/// Pixels of a thumbnail's side.
const SIDE: u32 = 220;
const GAP: u32 = 6;

/// A film made small: width, pixels in 8-bit gray.
pub(super) struct Thumbnail(u32, Vec<u8>);

/// A film at the size of a thumbnail.
pub(super) fn thumbnail(film: &Film) -> Thumbnail {
    let scale = f64::from(film.width.max(film.height)) / f64::from(SIDE);
    let shown = |side: u32| ((f64::from(side) / scale) as u32).clamp(1, SIDE);
    let gray = film.to_gray8(film.auto_window());
    let (width, height) = (shown(film.width), shown(film.height));
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|at| area(&gray, film, at, scale)).collect();
    Thumbnail(width, pixels)
}

/// A sheet in 8-bit gray: width, height, pixels.
pub(super) fn compose(films: &[Thumbnail]) -> (u32, u32, Vec<u8>) {
    let (width, height) = (COLUMNS as u32 * (SIDE + GAP) + GAP, (films.len().div_ceil(COLUMNS) as u32) * (SIDE + GAP) + GAP);
    let mut sheet = vec![128_u8; width as usize * height as usize];
    for (place, Thumbnail(wide, pixels)) in films.iter().enumerate() {
        let (left, top) =
            ((place % COLUMNS) * (SIDE + GAP) as usize + GAP as usize, (place / COLUMNS) * (SIDE + GAP) as usize + GAP as usize);
        for (row, line) in pixels.chunks_exact(*wide as usize).enumerate() {
            let start = (top + row) * width as usize + left;
            sheet[start..start + line.len()].copy_from_slice(line);
        }
    }
    (width, height, sheet)
}

/// The mean of the pixels that a pixel of the thumbnail stands for.
fn area(gray: &[u8], film: &Film, (x, y): (u32, u32), scale: f64) -> u8 {
    let range = |at: u32, most: u32| {
        let from = ((f64::from(at) * scale) as u32).min(most - 1);
        from..((f64::from(at + 1) * scale) as u32).clamp(from + 1, most)
    };
    let (mut sum, mut count) = (0_u64, 0_u64);
    for row in range(y, film.height) {
        for column in range(x, film.width) {
            sum += u64::from(gray[row as usize * film.width as usize + column as usize]);
            count += 1;
        }
    }
    (sum / count.max(1)) as u8
}
