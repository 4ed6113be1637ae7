//! From a plan to pixels: the gray picture of a region at an exact size.

use svh_core::Window;

use super::{Picture, Region};

/// An 8-bit gray picture, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gray {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// `width * height` values.
    pub pixels: Vec<u8>,
}

impl Gray {
    /// The region of a film as `width * height` pixels; black where the region leaves the film.
    #[must_use]
    pub fn of(picture: &Picture, region: Region, window: Window, (width, height): (u32, u32)) -> Self {
        let mut gray = Self { width, height, pixels: vec![0; width as usize * height as usize] };
        let film = picture.size();
        let (Some(x), Some(y)) = (Axis::of(region[0], region[2], film.0, width), Axis::of(region[1], region[3], film.1, height)) else {
            return gray;
        };
        let Some(values) = picture.resized([x.from, y.from, x.span, y.span], (x.count, y.count)) else { return gray };
        let table = (window.gamma != 100).then(|| window.table());
        for (row, line) in values.chunks_exact(x.count as usize).enumerate() {
            let start = (y.first as usize + row) * width as usize + x.first as usize;
            let target = &mut gray.pixels[start..start + x.count as usize];
            for (pixel, value) in target.iter_mut().zip(line) {
                *pixel = table.as_ref().map_or_else(|| window.gray8(value.0), |table| table[usize::from(value.0)]);
            }
        }
        gray
    }

    /// Lays another picture over this one, its upper left at these pixels.
    pub fn lay(&mut self, other: &Self, (left, top): (u32, u32)) {
        let width = other.width.min(self.width.saturating_sub(left)) as usize;
        for row in 0..other.height.min(self.height.saturating_sub(top)) {
            let start = ((top + row) * self.width + left) as usize;
            let from = (row * other.width) as usize;
            self.pixels[start..start + width].copy_from_slice(&other.pixels[from..from + width]);
        }
    }
}

/// One direction: the pixels of the picture that the film covers, and what of the film they show.
struct Axis {
    /// First pixel of the picture.
    first: u32,
    /// Number of pixels of the picture.
    count: u32,
    /// First point of the film.
    from: f64,
    /// Length in the film.
    span: f64,
}

impl Axis {
    fn of(start: f32, end: f32, film: u32, pixels: u32) -> Option<Self> {
        let step = f64::from(end - start) / f64::from(pixels.max(1));
        if step.is_nan() || step <= 0.0 {
            return None;
        }
        let place = |point: f64| (((point - f64::from(start)) / step).round()).clamp(0.0, f64::from(pixels)) as u32;
        let (first, last) = (place(0.0), place(f64::from(film)));
        let from = (f64::from(start) + f64::from(first) * step).clamp(0.0, f64::from(film));
        let to = (f64::from(start) + f64::from(last) * step).clamp(0.0, f64::from(film));
        (last > first && to > from).then_some(Self { first, count: last - first, from, span: to - from })
    }
}

#[cfg(test)]
mod tests {
    use svh_core::Film;

    use super::*;

    fn halves() -> Picture {
        let pixels: Vec<u8> = (0..64).flat_map(|_| (0..100).map(|x| if x < 50 { 40 } else { 200 })).collect();
        Picture::new(Film::from_gray8(100, 64, &pixels).expect("6400 pixels"))
    }

    #[test]
    fn a_region_is_shown_where_it_lies() {
        let gray = Gray::of(&halves(), [0.0, 0.0, 100.0, 64.0], Window::FULL, (20, 10));
        // Beside the edge the resizer blends a little.
        assert_eq!((gray.pixels[0], gray.pixels[8], gray.pixels[11], gray.pixels[199]), (40, 40, 200, 200));
        assert!(gray.pixels[9] < 60 && gray.pixels[10] > 180);
    }

    #[test]
    fn outside_the_film_it_is_black() {
        let gray = Gray::of(&halves(), [-50.0, 0.0, 150.0, 64.0], Window::FULL, (40, 4));
        assert_eq!((gray.pixels[0], gray.pixels[9], gray.pixels[11], gray.pixels[28], gray.pixels[30]), (0, 0, 40, 200, 0));
    }

    #[test]
    fn a_close_look_enlarges() {
        let gray = Gray::of(&halves(), [48.0, 10.0, 52.0, 12.0], Window::FULL, (400, 200));
        assert!(gray.pixels[0] < 60 && gray.pixels[399] > 180);
    }

    #[test]
    fn a_region_beside_the_film_or_without_extent_is_black_and_no_panic() {
        for region in [[200.0, 0.0, 300.0, 64.0], [10.0, 10.0, 10.0, 10.0], [f32::NAN, 0.0, 1.0, 1.0]] {
            assert!(Gray::of(&halves(), region, Window::FULL, (8, 8)).pixels.iter().all(|v| *v == 0));
        }
    }
}
