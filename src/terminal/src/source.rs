//! A film in memory, made ready to be looked at: the pixels for resizing, a reduced copy for quick looks, and the window that suits it.

use std::sync::atomic::{AtomicU64, Ordering};

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U16,
};
use svh_core::{Film, Window};

/// Longer side of the reduced copy, in pixels: enough for the blocks of any terminal.
const SMALL_SIDE: u32 = 1000;

/// A film ready for resizing.
pub struct Picture {
    id: u64,
    full: Level,
    small: Option<Level>,
    auto: Window,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}: {} x {})", self.id, self.full.width, self.full.height)
    }
}

/// One resolution of the film.
struct Level {
    width: u32,
    height: u32,
    pixels: Vec<U16>,
}

impl Picture {
    /// Takes over a film's pixels; a large one costs a few milliseconds, so call it beside the decoding.
    #[must_use]
    pub fn new(film: Film) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let auto = film.auto_window();
        let full = Level { width: film.width, height: film.height, pixels: film.pixels.into_iter().map(U16::new).collect() };
        let longest = full.width.max(full.height);
        let small = (longest > SMALL_SIDE).then(|| full.reduced(f64::from(SMALL_SIDE) / f64::from(longest)));
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), full, small: small.flatten(), auto }
    }

    /// Tells this picture from every other of this process.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Width and height of the upright film in pixels.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (self.full.width, self.full.height)
    }

    /// The window that shows bone and soft tissue of this film.
    #[must_use]
    pub const fn auto_window(&self) -> Window {
        self.auto
    }

    /// Resizes a part of the film, `x0 y0 width height` in pixels of the film, to `size`; the part must lie within the film.
    pub(super) fn resized(&self, part: [f64; 4], size: (u32, u32)) -> Option<Vec<U16>> {
        let step = (part[2] / f64::from(size.0)).min(part[3] / f64::from(size.1));
        let (level, scale) = match &self.small {
            // The reduced copy is good enough as long as it is still being made smaller.
            Some(small) if step * f64::from(small.width) >= f64::from(self.full.width) => {
                (small, f64::from(small.width) / f64::from(self.full.width))
            }
            _ => (&self.full, 1.0),
        };
        level.resized(part.map(|v| v * scale), size, if step < 1.0 { FilterType::CatmullRom } else { FilterType::Hamming })
    }
}

impl Level {
    fn reduced(&self, scale: f64) -> Option<Self> {
        let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
        let (width, height) = (side(self.width), side(self.height));
        let pixels = self.resized([0.0, 0.0, f64::from(self.width), f64::from(self.height)], (width, height), FilterType::Box)?;
        Some(Self { width, height, pixels })
    }

    fn resized(&self, part: [f64; 4], (width, height): (u32, u32), filter: FilterType) -> Option<Vec<U16>> {
        let source = TypedImageRef::<U16>::new(self.width, self.height, &self.pixels).ok()?;
        // Rounding may leave the part a hair outside, which the resizer refuses.
        let left = part[0].clamp(0.0, f64::from(self.width));
        let top = part[1].clamp(0.0, f64::from(self.height));
        let crop_width = part[2].min(f64::from(self.width) - left);
        let crop_height = part[3].min(f64::from(self.height) - top);
        if crop_width <= 0.0 || crop_height <= 0.0 || width == 0 || height == 0 {
            return None;
        }
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(left, top, crop_width, crop_height);
        let mut pixels = vec![U16::new(0); width as usize * height as usize];
        let mut target = TypedImage::<U16>::from_pixels_slice(width, height, &mut pixels).ok()?;
        Resizer::new().resize_typed(&source, &mut target, &options).ok()?;
        Some(pixels)
    }
}
