//! Cuts a turned, scaled, possibly flipped window out of a film, straight to the size that the network wants, and takes boxes along.

use rand::Rng;
use svh_core::{BBox, film::Film};

/// How much windows vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarpRange {
    /// The window's sides over the film's: least and most. Above 1 the film shrinks within a border.
    pub scale: [f32; 2],
    /// How far the window's aspect is stretched: a factor between 1 / this and this.
    pub aspect: f32,
    /// Degrees of turning, at most.
    pub turn: f32,
    /// How often films are flipped left to right.
    pub flip: f64,
    /// Distortion, as if the film were seen at a slant: how much nearer one corner of the window may be than its middle, as a fraction.
    pub slant: f32,
}

impl WarpRange {
    /// The films as they are.
    pub const NONE: Self = Self { scale: [1.0, 1.0], aspect: 1.0, turn: 0.0, flip: 0.0, slant: 0.0 };
}

/// The map from a window of `width` x `height` pixels to a film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Warp {
    /// Size of the result.
    pub size: [usize; 2],
    /// Film pixels a pixel of the result, before turning: x, y.
    step: [f32; 2],
    /// The window's centre on the film.
    centre: [f32; 2],
    sin_cos: (f32, f32),
    flip: bool,
    /// How much nearer a pixel of the window is, for each pixel that it lies right of and below the middle: a projective map.
    slant: [f32; 2],
}

impl Warp {
    /// Draws a window on a film; `sized` gives height and width of the result from the window's height and width.
    pub fn draw(film: &Film, range: &WarpRange, rng: &mut impl Rng, sized: impl Fn([i64; 2]) -> [i64; 2]) -> Self {
        let (w, h) = (film.width as f32, film.height as f32);
        let scale = between(rng, range.scale[0].ln(), range.scale[1].ln()).exp();
        let stretch = between(rng, -range.aspect.ln(), range.aspect.ln()).exp().sqrt();
        let window = [w * scale * stretch, h * scale / stretch];
        let [height, width] = sized([(window[1].round() as i64).max(1), (window[0].round() as i64).max(1)]);
        // The window may slide as far as it still covers the film, or stays within it.
        let slide = |rng: &mut _, side: f32, window: f32| side / 2.0 + between(rng, -0.5, 0.5) * (side - window).abs();
        let centre = [slide(rng, w, window[0]), slide(rng, h, window[1])];
        let angle = between(rng, -range.turn, range.turn).to_radians();
        let step = [window[0] / width as f32, window[1] / height as f32];
        let flip = rng.random_bool(range.flip);
        // Both edges together stay within the range.
        let slant = [width, height].map(|side| between(rng, -range.slant, range.slant) / side as f32);
        Self { size: [height as usize, width as usize], step, centre, sin_cos: angle.sin_cos(), flip, slant }
    }

    /// Whether left and right change places.
    #[must_use]
    pub(crate) const fn flips(&self) -> bool {
        self.flip
    }

    /// The window's pixels, 0 to 1, bilinear between the film's; `border` outside the film.
    #[must_use]
    pub fn pixels(&self, film: &Film, border: f32) -> Vec<f32> {
        let [height, width] = self.size;
        let mut out = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let [fx, fy] = self.to_film([x as f32 + 0.5, y as f32 + 0.5]);
                out.push(sample(film, fx - 0.5, fy - 0.5, border));
            }
        }
        out
    }

    /// Where a point of the window lies on the film.
    fn to_film(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let half = [self.size[1] as f32 / 2.0, self.size[0] as f32 / 2.0];
        let (x, y) = (if self.flip { half[0] - x } else { x - half[0] }, y - half[1]);
        let near = self.nearness(x, y);
        let (dx, dy) = (x / near * self.step[0], y / near * self.step[1]);
        let (sin, cos) = self.sin_cos;
        [self.centre[0] + cos * dx - sin * dy, self.centre[1] + sin * dx + cos * dy]
    }

    /// Where a point of the film lies in the window.
    fn to_window(self, [x, y]: [f32; 2]) -> [f32; 2] {
        let half = [self.size[1] as f32 / 2.0, self.size[0] as f32 / 2.0];
        let (dx, dy) = (x - self.centre[0], y - self.centre[1]);
        let (sin, cos) = self.sin_cos;
        let wx = (cos * dx + sin * dy) / self.step[0];
        let wy = (cos * dy - sin * dx) / self.step[1];
        // With u = p / (1 + g p): p = u / (1 - g u).
        let far = 2.0 - self.nearness(wx, wy);
        let (wx, wy) = (wx / far, wy / far);
        [half[0] + if self.flip { -wx } else { wx }, half[1] + wy]
    }

    /// How much nearer than the middle the window is at an offset from its middle, before flipping.
    fn nearness(self, x: f32, y: f32) -> f32 {
        1.0 + self.slant[0] * x + self.slant[1] * y
    }

    /// A box of the film in the window: the centre moves with the film, the sides keep their length (a joint's box is drawn upright
    /// whatever the limb's slant), then what lies outside is cut off. `None` where the centre lies outside.
    #[must_use]
    pub fn bbox(&self, b: BBox) -> Option<BBox> {
        let (cx, cy) = b.centre();
        let [x, y] = self.to_window([cx, cy]);
        let (w, h) = (self.size[1] as f32, self.size[0] as f32);
        // What is nearer is larger: by the root of the area that a spot of film has there.
        let offset = x - w / 2.0;
        let larger = self.nearness(if self.flip { -offset } else { offset }, y - h / 2.0).max(0.0).powf(1.5);
        let (half_w, half_h) = (larger * b.width() / self.step[0] / 2.0, larger * b.height() / self.step[1] / 2.0);
        let moved = BBox { x0: x - half_w, y0: y - half_h, x1: x + half_w, y1: y + half_h }.clipped(w, h);
        let inside = (0.0..w).contains(&x) && (0.0..h).contains(&y) && moved.width() >= 1.0 && moved.height() >= 1.0;
        inside.then_some(moved)
    }
}

/// A value between two limits, in either order.
pub fn between(rng: &mut impl Rng, from: f32, to: f32) -> f32 {
    from + (to - from) * rng.random::<f32>()
}

fn sample(film: &Film, x: f32, y: f32, border: f32) -> f32 {
    let (w, h) = (film.width as usize, film.height as usize);
    // Within half a pixel outside, the edge is repeated, as libtorch's scaling does.
    if x < -0.5 || y < -0.5 || x > w as f32 - 0.5 || y > h as f32 - 0.5 {
        return border;
    }
    let (x, y) = (x.clamp(0.0, (w - 1) as f32), y.clamp(0.0, (h - 1) as f32));
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = ((x0 + 1).min(w - 1), (y0 + 1).min(h - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let at = |x: usize, y: usize| f32::from(film.pixels[y * w + x]);
    let top = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * fx;
    let bottom = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * fx;
    (top + (bottom - top) * fy) / 65535.0
}

#[cfg(test)]
mod tests {
    use crate::data::order::rng_of;

    use super::*;

    /// A film with one bright spot.
    fn film(spot: [u32; 2]) -> Film {
        let mut pixels = vec![0; 120 * 90];
        for (dx, dy) in (0..3).flat_map(|dx| (0..3).map(move |dy| (dx, dy))) {
            pixels[((spot[1] + dy - 1) * 120 + spot[0] + dx - 1) as usize] = 65535;
        }
        Film::new(120, 90, pixels).unwrap()
    }

    #[test]
    fn boxes_follow_the_pixels_through_every_window() {
        let film = film([70, 30]);
        let around = BBox::square((70.5, 30.5), 9.0);
        let range = WarpRange { scale: [0.9, 1.3], aspect: 1.2, turn: 25.0, flip: 0.5, slant: 0.4 };
        let mut flipped = 0;
        for index in 0..40 {
            let warp = Warp::draw(&film, &range, &mut rng_of(1, 2, index), |[h, w]| [h * 2, w * 2]);
            let pixels = warp.pixels(&film, 0.0);
            let Some(found) = warp.bbox(around) else { continue };
            let total: f32 = pixels.iter().sum();
            let mean = |of: fn(usize, usize) -> f32| {
                let weighted: f32 = pixels.iter().enumerate().map(|(i, v)| v * of(i, warp.size[1])).sum();
                weighted / total + 0.5
            };
            let (x, y) = (mean(|i, w| (i % w) as f32), mean(|i, w| (i / w) as f32));
            let (cx, cy) = found.centre();
            assert!((cx - x).abs() < 0.7 && (cy - y).abs() < 0.7, "{index}: {cx} {cy} but {x} {y}");
            flipped += u32::from(warp.flips());
        }
        assert!((5..35).contains(&flipped));
    }

    #[test]
    fn without_variation_a_film_is_scaled_as_libtorch_scales_it() {
        let mut rng = rng_of(3, 0, 0);
        let film = Film::new(60, 45, (0..2700).map(|_| rng.random::<u16>()).collect()).unwrap();
        let warp = Warp::draw(&film, &WarpRange::NONE, &mut rng, |_| [30, 41]);
        let ours = tch::Tensor::from_slice(&warp.pixels(&film, 0.0)).reshape([1, 30, 41]);
        let theirs = crate::detector::transform::film_tensor(&film, tch::Device::Cpu).unwrap();
        let theirs = theirs.unsqueeze(0).upsample_bilinear2d([30, 41], false, None, None).squeeze_dim(0);
        assert!((ours - theirs).abs().max().double_value(&[]) < 1e-4);
    }

    #[test]
    fn a_slanted_box_is_as_large_as_what_it_holds() {
        // A film that is bright within the box, and a box that must hold as much of the window as is bright.
        let (bbox, mut pixels) = (BBox::from([80.0, 20.0, 104.0, 44.0]), vec![0; 120 * 90]);
        for (x, y) in (80..104).flat_map(|x| (20..44).map(move |y| (x, y))) {
            pixels[y * 120 + x] = 65535;
        }
        let film = Film::new(120, 90, pixels).unwrap();
        let range = WarpRange { slant: 0.5, ..WarpRange::NONE };
        for index in 0..20 {
            let warp = Warp::draw(&film, &range, &mut rng_of(4, 4, index), |[h, w]| [h * 3, w * 3]);
            let Some(found) = warp.bbox(bbox) else { continue };
            let bright: f32 = warp.pixels(&film, 0.0).iter().sum();
            let ratio = found.width() * found.height() / bright;
            assert!((0.93..1.07).contains(&ratio), "{index}: {ratio}");
        }
    }

    #[test]
    fn a_joint_outside_the_window_is_left_out() {
        let film = film([10, 10]);
        let warp = Warp::draw(&film, &WarpRange { scale: [0.5, 0.5], ..WarpRange::NONE }, &mut rng_of(5, 0, 1), |size| size);
        let corners = [(5.0, 5.0), (115.0, 5.0), (5.0, 85.0), (115.0, 85.0)].map(|at| warp.bbox(BBox::square(at, 6.0)));
        assert!(corners.iter().filter(|b| b.is_none()).count() >= 3, "half a film holds one corner at most");
    }
}
