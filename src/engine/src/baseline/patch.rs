//! A joint as a small square of gray, turned so that its bones stand upright, right limbs seen as left ones.

use svh_core::{BBox, Film, Limb, Side};

/// Pixels of a side.
pub(crate) const SIDE: usize = 48;

/// `SIDE` x `SIDE` values, row by row from the farther to the nearer bone; the patch's 2nd percentile is 0, its 98th 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Patch(pub Vec<f32>);

impl Patch {
    /// The square around a box, turned so that `axis` points upward. What lies outside the film is black.
    #[must_use]
    pub(crate) fn cut(film: &Film, bbox: BBox, axis: (f32, f32), limb: Limb) -> Self {
        let (cx, cy) = bbox.centre();
        let step = bbox.width().max(bbox.height()) / SIDE as f32;
        let across = if limb.side() == Side::Left { 1.0 } else { -1.0 };
        let middle = (SIDE as f32 - 1.0) / 2.0;
        let value = |at: usize| {
            let (u, v) = ((at % SIDE) as f32 - middle, middle - (at / SIDE) as f32);
            let (u, v) = (u * across * step, v * step);
            // To the right of the axis as it is seen on the film, whose y grows downward.
            bilinear(film, cx + u * -axis.1 + v * axis.0, cy + u * axis.0 + v * axis.1)
        };
        Self(stretched((0..SIDE * SIDE).map(value).collect()))
    }

    /// A row's value at a column.
    #[must_use]
    pub fn at(&self, row: usize, column: usize) -> f32 {
        self.0[row * SIDE + column]
    }
}

/// Gray from 0 to 1 between pixel centres; 0 outside.
fn bilinear(film: &Film, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let pixel = |x: f32, y: f32| {
        let inside = x >= 0.0 && y >= 0.0 && x < film.width as f32 && y < film.height as f32;
        if inside { f32::from(film.row(y as u32)[x as usize]) / 65535.0 } else { 0.0 }
    };
    let (fx, fy) = (x - left, y - top);
    let row = |y: f32| pixel(left, y) * (1.0 - fx) + pixel(left + 1.0, y) * fx;
    row(top) * (1.0 - fy) + row(top + 1.0) * fy
}

fn stretched(mut values: Vec<f32>) -> Vec<f32> {
    let mut sorted = values.clone();
    sorted.sort_by(f32::total_cmp);
    let share = |share: f32| sorted[((sorted.len() - 1) as f32 * share).round() as usize];
    let (low, high) = (share(0.02), share(0.98));
    let gain = 1.0 / (high - low).max(1e-4);
    values.iter_mut().for_each(|value| *value = ((*value - low) * gain).clamp(0.0, 1.0));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finger_that_lies_across_the_film_stands_upright_and_a_right_one_is_mirrored() {
        // Bright to the right of the film's middle and a little brighter further down.
        let pixels = (0..100_u32).flat_map(|y| (0..100_u32).map(move |x| if x >= 50 { 40_000 + (y * 100) as u16 } else { 0 })).collect();
        let film = Film::new(100, 100, pixels).unwrap();
        let bbox = BBox::from([20.0, 20.0, 80.0, 80.0]);
        // The axis points to the right of the film: bright is above, and the film's lower part is on the right.
        let left = Patch::cut(&film, bbox, (1.0, 0.0), Limb::LeftHand);
        assert!(left.at(5, 20) > 0.5 && left.at(42, 20) == 0.0);
        assert!(left.at(5, 44) > left.at(5, 4));
        let right = Patch::cut(&film, bbox, (1.0, 0.0), Limb::RightHand);
        assert!((left.at(5, 44) - right.at(5, SIDE - 1 - 44)).abs() < 1e-4);
        // Upright as it is: nothing moves.
        let plain = Patch::cut(&film, bbox, (0.0, -1.0), Limb::LeftHand);
        assert!(plain.at(20, 40) > 0.5 && plain.at(20, 5) == 0.0);
    }
}
