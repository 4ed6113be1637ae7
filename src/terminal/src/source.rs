//! A film in memory, made ready to be looked at: the pixels for resizing, a reduced copy for quick looks, and the window that suits it.

use std::sync::atomic::{AtomicU64, Ordering};

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U16,
};
use svh_core::{BBox, Film, Window};

use super::Enhancement;

/// Longer side of the reduced copy, in pixels: enough for the blocks of any terminal.
const SMALL_SIDE: u32 = 1000;

/// A film ready for resizing.
pub struct Picture {
    id: u64,
    full: Level,
    small: Option<Level>,
    auto: Window,
    spacing: Option<(f32, f32)>,
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
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), full, small: small.flatten(), auto, spacing: None }
    }

    /// The same with the millimetres between pixels, from left to right and from top to bottom.
    #[must_use]
    pub fn spaced(self, spacing: Option<(f32, f32)>) -> Self {
        Self { spacing, ..self }
    }

    /// Millimetres between pixels, where they are known.
    #[must_use]
    pub const fn spacing(&self) -> Option<(f32, f32)> {
        self.spacing
    }

    /// The same film made easier to look at; 50 to 500 ms of work.
    #[must_use]
    pub fn enhanced(&self, enhancement: Enhancement) -> Self {
        let pixels = self.full.pixels.iter().map(|value| value.0).collect();
        let film = Film { width: self.full.width, height: self.full.height, pixels };
        Self::new(enhancement.of(&film, self.auto)).spaced(self.spacing)
    }

    /// The part of the film that a box touches, and where its upper left lies; `None` for a box beside the film.
    #[must_use]
    pub fn part(&self, bbox: BBox) -> Option<(Film, (u32, u32))> {
        let (width, height) = self.size();
        let whole = bbox.clipped(width as f32, height as f32);
        let (x0, y0) = (whole.x0.floor().max(0.0) as u32, whole.y0.floor().max(0.0) as u32);
        let (x1, y1) = ((whole.x1.ceil() as u32).min(width), (whole.y1.ceil() as u32).min(height));
        if x0 >= x1 || y0 >= y1 {
            return None;
        }
        let row = |y: u32| &self.full.pixels[(y * width + x0) as usize..(y * width + x1) as usize];
        let pixels = (y0..y1).flat_map(row).map(|value| value.0).collect();
        Some((Film { width: x1 - x0, height: y1 - y0, pixels }, (x0, y0)))
    }

    /// The window that suits a box: from the 1st to the 99.5th percentile of what lies in it.
    #[must_use]
    pub fn window_of(&self, bbox: BBox) -> Option<Window> {
        Some(self.part(bbox)?.0.auto_window())
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
