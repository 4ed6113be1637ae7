//! An estimate of the width of a joint's space: where the gray between two bones that face each other falls off, on lines along the bones.
//!
//! It is a measure of the projection on the film, without any correction for magnification or position; nothing is graded by it.

use crate::{BBox, Film};

/// Lines along the bones.
const LINES: usize = 15;
/// Half of the middle part in which bones face each other, as a share of the box's longer side.
const ACROSS: f32 = 0.18;
/// How far along the bones the gap is looked for, from the box's middle, in the same shares.
const ALONG: f32 = 0.42;
/// How far from the middle the bottom of the gap may lie.
const MIDDLE: f32 = 0.14;
/// How far from the bottom the bones' edges may lie.
const REACH: f32 = 0.2;
/// A gap is at least so deep, as a share of the box's range of grays.
const DEPTH: f32 = 0.08;
/// Samples for a pixel of the film.
const FINE: f32 = 3.0;

/// A joint's space.
#[derive(Clone, Debug, PartialEq)]
pub struct JointSpace {
    /// Half-way between bone and gap on the side of the nearer bone and of the farther one, a pair for each line on which a gap was seen, pixels of the film.
    pub edges: Vec<[(f32, f32); 2]>,
}

impl JointSpace {
    /// Measures the space in a box on a film with bright bones. `axis` is the bones' direction as a unit vector. `None` where fewer than half of the lines
    /// show a gap: bones that have grown together or overlap, or a box beside the joint.
    #[must_use]
    pub fn measure(film: &Film, bbox: BBox, axis: (f32, f32)) -> Option<Self> {
        let side = bbox.width().max(bbox.height());
        if !side.is_finite() || side < 8.0 {
            return None;
        }
        let range = range(film, bbox)?;
        let lines: Vec<(f32, Vec<f32>)> = (0..LINES)
            .map(|line| {
                let across = (line as f32 / (LINES - 1) as f32 * 2.0 - 1.0) * ACROSS * side;
                (across, profile(film, bbox.centre(), axis, across, side))
            })
            .collect();
        // Where the gap lies on the whole: its bottom may run aslant.
        let tilted = (-6..=6).map(|tilt| (5.0 * tilt as f32).to_radians().tan());
        let (slope, middle, _) = tilted.map(|slope| deepest(&lines, slope, side)).max_by(|a, b| a.2.total_cmp(&b.2))?;
        let edges: Vec<[(f32, f32); 2]> = lines
            .iter()
            .filter_map(|(across, values)| {
                let near = middle + (slope * across * FINE).round() as i64;
                let [low, high] = gap(values, near, side, DEPTH * range)?;
                let point = |at: f32| {
                    let along = at / FINE - ALONG * side;
                    let (x, y) = bbox.centre();
                    (x + along * axis.0 - across * axis.1, y + along * axis.1 + across * axis.0)
                };
                Some([point(low), point(high)])
            })
            .collect();
        (2 * edges.len() > LINES).then_some(Self { edges })
    }

    /// The median distance of both edges, in units of `scale` a pixel from left to right and from top to bottom.
    #[must_use]
    pub fn width(&self, scale: (f32, f32)) -> f32 {
        let mut widths: Vec<f32> = self.widths(scale).collect();
        widths.sort_by(f32::total_cmp);
        widths.get(widths.len() / 2).copied().unwrap_or(0.0)
    }

    /// The least and the greatest distance.
    #[must_use]
    pub fn span(&self, scale: (f32, f32)) -> (f32, f32) {
        self.widths(scale).fold((f32::INFINITY, 0.0), |(least, most), width| (least.min(width), most.max(width)))
    }

    fn widths(&self, scale: (f32, f32)) -> impl Iterator<Item = f32> {
        self.edges.iter().map(move |[(x0, y0), (x1, y1)]| ((x1 - x0) * scale.0).hypot((y1 - y0) * scale.1))
    }
}

/// Grays of a box from dark to bright, without the outermost twentieths; `None` where the box leaves the film.
fn range(film: &Film, bbox: BBox) -> Option<f32> {
    let part = film.crop(bbox, crate::CropRule::Touched)?;
    let found = part.percentiles(&[0.05, 0.95]);
    Some(f32::from(found[1].saturating_sub(found[0]).max(1)))
}

/// Grays on a line along the bones, `across` beside the middle: the mean of three lines next to each other.
fn profile(film: &Film, (x, y): (f32, f32), axis: (f32, f32), across: f32, side: f32) -> Vec<f32> {
    let count = (2.0 * ALONG * side * FINE) as usize;
    let step = (side * 0.012).max(0.5);
    let value = |at: usize| {
        let along = at as f32 / FINE - ALONG * side;
        let beside = |shift: f32| {
            let across = across + shift;
            gray(film, x + along * axis.0 - across * axis.1, y + along * axis.1 + across * axis.0)
        };
        (beside(-step) + beside(0.0) + beside(step)) / 3.0
    };
    (0..count).map(value).collect()
}

/// Gray between pixel centres; that of the edge outside.
fn gray(film: &Film, x: f32, y: f32) -> f32 {
    let (x, y) = ((x - 0.5).clamp(0.0, film.width as f32 - 1.0), (y - 0.5).clamp(0.0, film.height as f32 - 1.0));
    let (left, top) = (x.floor(), y.floor());
    let pixel = |x: f32, y: f32| {
        let row = film.row((y as u32).min(film.height - 1));
        f32::from(row[(x as usize).min(row.len() - 1)])
    };
    let row = |y: f32| pixel(left, y) * (1.0 - (x - left)) + pixel(left + 1.0, y) * (x - left);
    row(top) * (1.0 - (y - top)) + row(top + 1.0) * (y - top)
}

/// The slope, the place of the deepest valley on the mean of all lines that are shifted by it, and its depth.
fn deepest(lines: &[(f32, Vec<f32>)], slope: f32, side: f32) -> (f32, i64, f32) {
    let count = lines.first().map_or(0, |(_, values)| values.len()) as i64;
    let mean = |at: i64| {
        let shifted =
            |(across, values): &(f32, Vec<f32>)| values[(at + (slope * across * FINE).round() as i64).clamp(0, count - 1) as usize];
        lines.iter().map(shifted).sum::<f32>() / lines.len() as f32
    };
    let values: Vec<f32> = (0..count).map(mean).collect();
    let reach = (MIDDLE * side * FINE) as i64;
    let places = (count / 2 - reach).max(0)..(count / 2 + reach).min(count);
    let depth = |at: i64| {
        let [before, after] = shoulders(&values, at, side);
        before.1.min(after.1) - values[at as usize]
    };
    places.map(|at| (slope, at, depth(at))).max_by(|a, b| a.2.total_cmp(&b.2)).unwrap_or((slope, count / 2, 0.0))
}

/// The brightest place and its gray on both sides of a place.
fn shoulders(values: &[f32], at: i64, side: f32) -> [(i64, f32); 2] {
    let reach = (REACH * side * FINE) as i64;
    let brightest = |places: std::ops::RangeInclusive<i64>| {
        let inside = places.filter(|place| (0..values.len() as i64).contains(place));
        inside.map(|place| (place, values[place as usize])).fold((at, f32::MIN), |best, one| if one.1 > best.1 { one } else { best })
    };
    [brightest(at - reach..=at), brightest(at..=at + reach)]
}

/// Both edges of the gap whose bottom is nearest to a place, in samples.
fn gap(values: &[f32], near: i64, side: f32, least: f32) -> Option<[f32; 2]> {
    let slack = (0.06 * side * FINE) as i64;
    let inside = |at: i64| (0..values.len() as i64).contains(&at);
    let places = || (near - slack..=near + slack).filter(|at| inside(*at));
    let floor = places().map(|at| values[at as usize]).min_by(f32::total_cmp)?;
    // A wide gap has a flat bottom, of which the middle is meant.
    let flat: Vec<i64> = places().filter(|at| values[*at as usize] <= floor + least / 4.0).collect();
    let bottom = flat[flat.len() / 2];
    let edge = |(shoulder, top): (i64, f32)| {
        if top - floor < least {
            return None;
        }
        let half = f32::midpoint(top, floor);
        let step = (shoulder - bottom).signum();
        let mut at = bottom;
        while at != shoulder && values[at as usize] < half {
            at += step;
        }
        // Between this sample and the one before.
        let (here, before) = (values[at as usize], values[(at - step) as usize]);
        let back = if here > before { (here - half) / (here - before) } else { 0.0 };
        Some(at as f32 - step as f32 * back)
    };
    let [before, after] = shoulders(values, bottom, side);
    Some([edge(before)?, edge(after)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two bright bones with a gap of this many pixels between them, whose edges are blurred and whose axis leans by an angle.
    fn joint(gap: f32, blur: f32, angle: f32) -> (Film, (f32, f32)) {
        let axis = (angle.to_radians().sin(), -angle.to_radians().cos());
        let value = |x: u32, y: u32| {
            let (dx, dy) = (x as f32 + 0.5 - 100.0, y as f32 + 0.5 - 100.0);
            let (along, across) = (dx * axis.0 + dy * axis.1, dx * -axis.1 + dy * axis.0);
            let edge = |distance: f32| 1.0 / (1.0 + (-distance / blur).exp());
            let bone = edge(along.abs() - gap / 2.0) * edge(45.0 - across.abs());
            (12_000.0 + 30_000.0 * bone) as u16
        };
        let pixels = (0..200).flat_map(|y| (0..200).map(move |x| value(x, y))).collect();
        (Film::new(200, 200, pixels).unwrap(), axis)
    }

    const BOX: BBox = BBox { x0: 40.0, y0: 42.0, x1: 160.0, y1: 162.0 };

    #[test]
    fn the_width_is_that_of_the_gap_whatever_its_direction() {
        for gap in [6.0, 10.0, 16.0] {
            for angle in [0.0, 25.0, -40.0, 90.0] {
                let (film, axis) = joint(gap, 1.0, angle);
                let space = JointSpace::measure(&film, BOX, axis).unwrap();
                assert!((space.width((1.0, 1.0)) - gap).abs() < 0.4, "{gap} {angle}: {}", space.width((1.0, 1.0)));
                let [(x0, y0), (x1, y1)] = space.edges[LINES / 2];
                let middle = (f32::midpoint(x0, x1), f32::midpoint(y0, y1));
                assert!((middle.0 - 100.0).hypot(middle.1 - 100.0) < 4.0, "{middle:?}");
            }
        }
    }

    #[test]
    fn an_axis_that_is_off_by_a_little_widens_the_gap_by_its_cosine_only() {
        let (film, _) = joint(10.0, 1.0, 0.0);
        let lean = 15.0_f32.to_radians();
        let space = JointSpace::measure(&film, BOX, (lean.sin(), -lean.cos())).unwrap();
        assert!((space.width((1.0, 1.0)) - 10.0 / lean.cos()).abs() < 0.6, "{}", space.width((1.0, 1.0)));
        // Pixels that are twice as high as wide.
        let upright = JointSpace::measure(&film, BOX, (0.0, -1.0)).unwrap();
        assert!((upright.width((0.1, 0.2)) - 2.0).abs() < 0.1);
        assert!(upright.span((1.0, 1.0)).1 - upright.span((1.0, 1.0)).0 < 0.5);
    }

    #[test]
    fn bones_without_a_gap_and_boxes_beside_the_film_have_no_width() {
        let (film, axis) = joint(0.0, 0.2, 0.0);
        assert_eq!(JointSpace::measure(&film, BOX, axis), None);
        let (film, axis) = joint(10.0, 1.0, 0.0);
        assert_eq!(JointSpace::measure(&film, BBox::from([900.0, 900.0, 990.0, 990.0]), axis), None);
        assert_eq!(JointSpace::measure(&film, BBox::from([10.0, 10.0, 12.0, 12.0]), axis), None);
        assert_eq!(JointSpace::measure(&film, BBox::from([f32::NAN; 4]), axis), None);
    }
}
