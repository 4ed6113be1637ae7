//! Quarter turns and mirroring of boxes, so that a film can be read upright and answered as it was given.

use svh_core::BBox;

/// How a film was changed before it was read: first turned clockwise, then mirrored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orientation {
    /// Degrees clockwise: 0, 90, 180 or 270.
    pub turned: u16,
    /// Flipped left to right after the turn.
    pub mirrored: bool,
}

impl Orientation {
    /// A box found on the changed film, on the film as given, whose size is `width` x `height`.
    #[must_use]
    pub(crate) fn undo(self, bbox: BBox, width: f32, height: f32) -> BBox {
        let turned_width = if self.turned.is_multiple_of(180) { width } else { height };
        let BBox { x0, y0, x1, y1 } = if self.mirrored { bbox.mirrored(turned_width) } else { bbox };
        match self.turned {
            90 => BBox { x0: y0, y0: height - x1, x1: y1, y1: height - x0 },
            180 => BBox { x0: width - x1, y0: height - y1, x1: width - x0, y1: height - y0 },
            270 => BBox { x0: width - y1, y0: x0, x1: width - y0, y1: x1 },
            _ => BBox { x0, y0, x1, y1 },
        }
    }

    /// A box of the film as given, whose size is `width` x `height`, on the changed film.
    #[must_use]
    pub(crate) fn apply(self, bbox: BBox, width: f32, height: f32) -> BBox {
        // The film as given is the changed one turned by the rest of a circle.
        let (width, height) = if self.turned.is_multiple_of(180) { (width, height) } else { (height, width) };
        let turned = Self { turned: (360 - self.turned % 360) % 360, mirrored: false }.undo(bbox, width, height);
        if self.mirrored { turned.mirrored(width) } else { turned }
    }
}

#[cfg(test)]
mod tests {
    use svh_core::{CropRule, Film};

    use super::*;

    #[test]
    fn a_box_on_a_turned_film_covers_the_same_pixels_on_the_film_as_given() {
        let film = Film::new(5, 3, (0..15).collect()).unwrap();
        for turned in [0, 90, 180, 270] {
            for mirrored in [false, true] {
                let upright = film.turned(i32::from(turned));
                let upright = if mirrored { upright.mirrored() } else { upright };
                let bbox = BBox::from([1.0, 0.0, 3.0, 1.0]);
                let back = Orientation { turned, mirrored }.undo(bbox, 5.0, 3.0);
                let sorted = |film: &Film, bbox| {
                    let mut pixels = film.crop(bbox, CropRule::Inside).unwrap().pixels;
                    pixels.sort_unstable();
                    pixels
                };
                assert_eq!(sorted(&upright, bbox), sorted(&film, back), "{turned} {mirrored}");
                assert_eq!(Orientation { turned, mirrored }.apply(back, 5.0, 3.0), bbox, "{turned} {mirrored}");
            }
        }
    }
}
