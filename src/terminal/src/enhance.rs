//! Films made easier to look at: contrast-limited adaptive histogram equalisation (CLAHE) and an unsharp mask. For the eye only: what networks and measures
//! read is the film.
//!
//! CLAHE is that of OpenCV on 8 bits (`createCLAHE`; K. Zuiderveld, "Contrast limited adaptive histogram equalization", 1994), on the grays of the window that
//! suits the film. The unsharp mask is scikit-image's. `tests/fixtures/enhance.py` makes what both are compared with.

use svh_core::{Film, Window};

/// Parts a side that have a histogram of their own.
const TILES: usize = 8;
/// How many times the mean a histogram's bin may hold.
const CLIP: f32 = 3.0;
/// The blur of the mask as a share of the film's longer side.
const RADIUS: f32 = 1.0 / 400.0;
/// How many times the difference from the blurred film is added.
const AMOUNT: f32 = 1.5;

/// What is done to a film before it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Enhancement {
    /// Local contrast is evened out.
    pub clahe: bool,
    /// Edges are raised.
    pub unsharp: bool,
}

impl Enhancement {
    /// Whether the film is shown as it is.
    #[must_use]
    pub const fn is_none(self) -> bool {
        !self.clahe && !self.unsharp
    }

    /// In a few words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match (self.clahe, self.unsharp) {
            (false, false) => "",
            (true, false) => "CLAHE",
            (false, true) => "sharpened",
            (true, true) => "CLAHE, sharpened",
        }
    }

    /// The film so enhanced; `window` is the one that suits it.
    #[must_use]
    pub fn of(self, film: &Film, window: Window) -> Film {
        let even = if self.clahe { Some(clahe(&film.to_gray8(window), (film.width, film.height), TILES, CLIP)) } else { None };
        let film = even.and_then(|gray| Film::from_gray8(film.width, film.height, &gray)).unwrap_or_else(|| film.clone());
        if self.unsharp { unsharp(&film, film.width.max(film.height) as f32 * RADIUS, AMOUNT) } else { film }
    }
}

/// CLAHE of an 8-bit picture with `tiles` parts a side; a bin of a part's histogram holds `clip` times the mean at most, and what is cut off is spread over all.
#[must_use]
pub fn clahe(gray: &[u8], (width, height): (u32, u32), tiles: usize, clip: f32) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    if width == 0 || height == 0 || gray.len() != width * height {
        return gray.to_vec();
    }
    let tile = (width.div_ceil(tiles), height.div_ceil(tiles));
    // Beyond the edge the picture is mirrored, the outermost pixel once.
    let mirrored = |at: usize, length: usize| if at < length { at } else { (2 * length - 2).saturating_sub(at).min(length - 1) };
    let tables: Vec<[u8; 256]> = (0..tiles * tiles)
        .map(|index| {
            let (left, top) = (index % tiles * tile.0, index / tiles * tile.1);
            let mut counts = [0_i64; 256];
            for y in top..top + tile.1 {
                let row = &gray[mirrored(y, height) * width..][..width];
                (left..left + tile.0).for_each(|x| counts[usize::from(row[mirrored(x, width)])] += 1);
            }
            equalised(counts, (tile.0 * tile.1) as f32, clip)
        })
        .collect();
    // Between the middles of four parts their tables are mixed.
    let mixed = |at: usize, tile: usize| {
        let place = at as f32 / tile as f32 - 0.5;
        let first = place.floor();
        let share = place - first;
        ((first.max(0.0)) as usize, ((first + 1.0) as usize).min(tiles - 1), share)
    };
    let columns: Vec<(usize, usize, f32)> = (0..width).map(|x| mixed(x, tile.0)).collect();
    let mut out = vec![0; gray.len()];
    for y in 0..height {
        let (upper, lower, down) = mixed(y, tile.1);
        for (x, (left, right, across)) in columns.iter().enumerate() {
            let value = usize::from(gray[y * width + x]);
            let at = |row: usize, column: usize| f32::from(tables[row * tiles + column][value]);
            let row = |row: usize| at(row, *left) * (1.0 - across) + at(row, *right) * across;
            out[y * width + x] = (row(upper) * (1.0 - down) + row(lower) * down).round_ties_even().clamp(0.0, 255.0) as u8;
        }
    }
    out
}

/// The table of a part: its clipped histogram, summed up.
fn equalised(mut counts: [i64; 256], pixels: f32, clip: f32) -> [u8; 256] {
    let most = ((clip * pixels / 256.0) as i64).max(1);
    let mut cut = 0;
    for count in &mut counts {
        cut += (*count - most).max(0);
        *count = (*count).min(most);
    }
    let (each, mut rest) = (cut / 256, cut % 256);
    counts.iter_mut().for_each(|count| *count += each);
    if rest > 0 {
        let step = (256 / rest).max(1) as usize;
        for count in counts.iter_mut().step_by(step) {
            if rest > 0 {
                *count += 1;
                rest -= 1;
            }
        }
    }
    let (scale, mut sum) = (255.0 / pixels, 0);
    counts.map(|count| {
        sum += count;
        (sum as f32 * scale).round_ties_even().clamp(0.0, 255.0) as u8
    })
}

/// The film plus `amount` times what a Gaussian blur of `sigma` pixels takes away.
#[must_use]
pub fn unsharp(film: &Film, sigma: f32, amount: f32) -> Film {
    let (width, height) = (film.width as usize, film.height as usize);
    let reach = (4.0 * sigma + 0.5) as usize;
    if width == 0 || height == 0 || reach == 0 {
        return film.clone();
    }
    let weights: Vec<f32> = (0..=reach).map(|at| (-0.5 * (at as f32 / sigma).powi(2)).exp()).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f32>();
    let weights: Vec<f32> = weights.into_iter().map(|weight| weight / sum).collect();
    // Rows are blurred into columns and columns into rows again, so that both passes run along memory.
    let values: Vec<f32> = film.pixels.iter().map(|v| f32::from(*v)).collect();
    let blurred = along(&along(&values, width, &weights), height, &weights);
    let sharp = values.iter().zip(&blurred).map(|(value, soft)| (value + amount * (value - soft)).round().clamp(0.0, 65535.0) as u16);
    Film { pixels: sharp.collect(), ..*film }
}

/// Blurs each row of `length` values; the answer is transposed. At the ends a row is mirrored, the outermost value twice.
fn along(values: &[f32], length: usize, weights: &[f32]) -> Vec<f32> {
    let rows = values.len() / length;
    let reach = weights.len() - 1;
    let mirrored = |at: isize| {
        let period = 2 * length as isize;
        let at = at.rem_euclid(period);
        if at < length as isize { at as usize } else { (period - 1 - at) as usize }
    };
    let mut out = vec![0.0; values.len()];
    let mut wide = vec![0.0; length + 2 * reach];
    for (row, line) in values.chunks_exact(length).enumerate() {
        for (at, value) in wide.iter_mut().enumerate() {
            *value = line[mirrored(at as isize - reach as isize)];
        }
        for at in 0..length {
            let middle = at + reach;
            let sides = (1..=reach).map(|step| weights[step] * (wide[middle - step] + wide[middle + step])).sum::<f32>();
            out[at * rows + row] = weights[0] * wide[middle] + sides;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture of `enhance.py`: soft blobs and a ramp with noise from an integer hash.
    fn picture(width: u32, height: u32) -> Vec<u8> {
        let value = |x: u32, y: u32| {
            let hash = (x.wrapping_mul(374_761_393)).wrapping_add(y.wrapping_mul(668_265_263));
            let hash = (hash ^ (hash >> 13)).wrapping_mul(1_274_126_177);
            let ramp = x * 90 / width + y * 60 / height;
            let blob = if (x / 16 + y / 16).is_multiple_of(3) { 70 } else { 0 };
            (ramp + blob + (hash >> 27)).min(255) as u8
        };
        (0..height).flat_map(|y| (0..width).map(move |x| value(x, y))).collect()
    }

    fn fixture(name: &str) -> Vec<u8> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        image::open(path).unwrap().to_luma8().into_raw()
    }

    #[test]
    fn clahe_is_opencv_s_but_for_rounding() {
        // Sides that the parts divide, and sides that they do not.
        for (size, clip) in [((128, 96), 3.0), ((150, 109), 2.0)] {
            let ours = clahe(&picture(size.0, size.1), size, 8, clip);
            let theirs = fixture(&format!("clahe_{}.png", size.0));
            let worst = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b)).max();
            let differing = ours.iter().zip(&theirs).filter(|(a, b)| a != b).count();
            assert!(worst <= Some(1) && differing * 200 <= ours.len(), "{worst:?} {differing} of {}", ours.len());
        }
    }

    #[test]
    fn the_unsharp_mask_is_scikit_image_s() {
        let film = Film::from_gray8(150, 109, &picture(150, 109)).unwrap();
        for (sigma, name) in [(1.5, "unsharp_15.png"), (4.0, "unsharp_40.png")] {
            let ours = unsharp(&film, sigma, 1.5).to_gray8(Window::FULL);
            let theirs = fixture(name);
            let worst = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(worst <= Some(1), "{name}: {worst:?}");
        }
    }

    #[test]
    fn a_film_is_only_changed_by_what_was_asked_for() {
        let film = Film::from_gray8(150, 109, &picture(150, 109)).unwrap();
        let as_it_is = Enhancement::default().of(&film, film.auto_window());
        assert_eq!(as_it_is, film);
        let both = Enhancement { clahe: true, unsharp: true };
        assert_ne!(both.of(&film, film.auto_window()), Enhancement { unsharp: false, ..both }.of(&film, film.auto_window()));
        // An even film stays even, and tiny ones do no harm.
        let flat = Film::new(40, 40, vec![7000; 1600]).unwrap();
        let shown = both.of(&flat, flat.auto_window());
        assert!(shown.pixels.iter().all(|v| *v == shown.pixels[0]));
        for (width, height) in [(1, 1), (3, 50), (0, 0)] {
            let tiny = Film::new(width, height, vec![9; (width * height) as usize]).unwrap();
            assert_eq!(both.of(&tiny, Window::FULL).pixels.len(), tiny.pixels.len());
        }
    }
}
