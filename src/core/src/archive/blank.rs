//! Blanking of what lies far from the joints: letters that were burned in or stuck beside the limb.

use crate::Film;

/// How far beyond the joints pixels are kept, as a share of the longest way between joints: finger tips and the end of the forearm lie that far out.
const MARGIN: f32 = 0.35;

/// Gives every pixel far from the joints' boxes (pixels of the film, x0 y0 x1 y1) the median gray of those pixels. Without boxes nothing is changed, and the answer is false.
pub(super) fn far_from_joints(film: &mut Film, boxes: &[[f32; 4]]) -> bool {
    let corners = boxes.iter().flat_map(|[x0, y0, x1, y1]| [[*x0, *y0], [*x1, *y0], [*x0, *y1], [*x1, *y1]]).collect();
    let hull = hull(corners);
    if hull.len() < 3 {
        return false;
    }
    let longest = hull.iter().flat_map(|a| hull.iter().map(|b| distance(*a, *b))).fold(0.0, f32::max);
    let reach = longest * MARGIN;
    let is_far = |x: u32, y: u32| {
        let point = [x as f32 + 0.5, y as f32 + 0.5];
        !within(&hull, point) && edges(&hull).all(|(a, b)| to_segment(point, a, b) > reach)
    };
    let width = film.width.max(1);
    let places: Vec<usize> = (0..film.pixels.len()).filter(|place| is_far(*place as u32 % width, *place as u32 / width)).collect();
    let mut grays: Vec<u16> = places.iter().map(|place| film.pixels[*place]).collect();
    if grays.is_empty() {
        return true;
    }
    let middle = grays.len() / 2;
    let median = *grays.select_nth_unstable(middle).1;
    places.into_iter().for_each(|place| film.pixels[place] = median);
    true
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Twice the area of a triangle, positive where it turns to the left.
fn turn(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> f32 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// The convex hull, counterclockwise (Andrew's monotone chain).
fn hull(mut points: Vec<[f32; 2]>) -> Vec<[f32; 2]> {
    points.retain(|point| point.iter().all(|value| value.is_finite()));
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let chain = |points: &mut dyn Iterator<Item = [f32; 2]>| {
        let mut chain: Vec<[f32; 2]> = Vec::new();
        for point in points {
            while chain.len() > 1 && turn(chain[chain.len() - 2], chain[chain.len() - 1], point) <= 0.0 {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut points.iter().copied());
    hull.extend(chain(&mut points.iter().rev().copied()));
    hull
}

fn edges(hull: &[[f32; 2]]) -> impl Iterator<Item = ([f32; 2], [f32; 2])> + '_ {
    hull.iter().enumerate().map(|(at, a)| (*a, hull[(at + 1) % hull.len()]))
}

fn within(hull: &[[f32; 2]], point: [f32; 2]) -> bool {
    edges(hull).all(|(a, b)| turn(a, b, point) >= 0.0)
}

fn to_segment(point: [f32; 2], a: [f32; 2], b: [f32; 2]) -> f32 {
    let (along, length) = ([b[0] - a[0], b[1] - a[1]], distance(a, b).max(f32::MIN_POSITIVE));
    let share = ((point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]) / (length * length);
    let share = share.clamp(0.0, 1.0);
    distance(point, [a[0] + share * along[0], a[1] + share * along[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_a_corner_go_and_what_lies_at_the_joints_stays() {
        let mut film = Film::new(200, 200, vec![1000; 40_000]).unwrap();
        // Letters in a corner, and a bone between two joints and a little beyond.
        for (x, y) in [(5, 5), (6, 5), (190, 4)] {
            film.pixels[y * 200 + x] = 60_000;
        }
        for y in 70..150 {
            film.pixels[y * 200 + 100] = 40_000;
        }
        assert!(far_from_joints(&mut film, &[[90.0, 80.0, 110.0, 100.0], [90.0, 120.0, 110.0, 140.0]]));
        assert!(film.pixels.iter().all(|gray| *gray != 60_000));
        assert!((70..150).all(|y| film.pixels[y * 200 + 100] == 40_000));
        let before = film.clone();
        assert!(!far_from_joints(&mut film, &[]) && film == before);
    }
}
