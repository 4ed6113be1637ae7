//! A box in hand: moved, resized and drawn by arrows or by the mouse, within its film.

use svh_core::{BBox, Joint};

/// No box is smaller, in pixels of the film.
const LEAST: f32 = 4.0;

/// A box in hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edit {
    /// The joint.
    pub joint: &'static Joint,
    /// The box as it is now.
    pub bbox: BBox,
    /// Arrows change the size instead of the place.
    pub resize: bool,
    /// There was none before.
    pub new: bool,
    /// Where the mouse holds it.
    pub grab: Option<Grab>,
}

/// Where the mouse holds a box; points in pixels of the film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grab {
    /// Inside: the box follows, from this box and this point on.
    Inside(BBox, (f32, f32)),
    /// At edges: left, upper, right, lower.
    Edges([bool; 4]),
    /// Outside: a new box from this corner on.
    Corner((f32, f32)),
}

impl Edit {
    /// Moves the box, or its right and lower edges, by so many pixels of the film.
    pub fn nudge(&mut self, dx: f32, dy: f32, film: (u32, u32)) {
        self.bbox = if self.resize { stretched(self.bbox, dx, dy, film) } else { moved(self.bbox, dx, dy, film) };
    }

    /// The button goes down at a point; `reach` is how near an edge must be to be held.
    pub fn press(&mut self, point: (f32, f32), reach: f32) {
        let BBox { x0, y0, x1, y1 } = self.bbox;
        let near = |a: f32, b: f32| (a - b).abs() <= reach;
        let within = point.0 > x0 - reach && point.0 < x1 + reach && point.1 > y0 - reach && point.1 < y1 + reach;
        // A small box is all edge: its middle is for moving.
        let middle = (point.0 - f32::midpoint(x0, x1)).abs() < self.bbox.width() / 4.0
            && (point.1 - f32::midpoint(y0, y1)).abs() < self.bbox.height() / 4.0;
        let mut edges = [near(point.0, x0), near(point.1, y0), near(point.0, x1), near(point.1, y1)];
        if edges[0] && edges[2] {
            edges[if (point.0 - x0).abs() < (point.0 - x1).abs() { 2 } else { 0 }] = false;
        }
        if edges[1] && edges[3] {
            edges[if (point.1 - y0).abs() < (point.1 - y1).abs() { 3 } else { 1 }] = false;
        }
        self.grab = Some(match within {
            true if middle || !edges.contains(&true) => Grab::Inside(self.bbox, point),
            true => Grab::Edges(edges),
            false => Grab::Corner(point),
        });
    }

    /// The mouse moves with its button down.
    pub fn drag(&mut self, point: (f32, f32), film: (u32, u32)) {
        let Some(grab) = self.grab else { return };
        self.bbox = match grab {
            Grab::Inside(bbox, from) => moved(bbox, point.0 - from.0, point.1 - from.1, film),
            Grab::Edges(edges) => pulled(self.bbox, edges, point, film),
            Grab::Corner(from) => between(from, point, film),
        };
    }
}

fn limits((width, height): (u32, u32)) -> (f32, f32) {
    (width as f32, height as f32)
}

/// The box elsewhere, as far as the film goes.
fn moved(bbox: BBox, dx: f32, dy: f32, film: (u32, u32)) -> BBox {
    let (width, height) = limits(film);
    let dx = dx.clamp(-bbox.x0, (width - bbox.x1).max(-bbox.x0));
    let dy = dy.clamp(-bbox.y0, (height - bbox.y1).max(-bbox.y0));
    BBox { x0: bbox.x0 + dx, y0: bbox.y0 + dy, x1: bbox.x1 + dx, y1: bbox.y1 + dy }
}

/// The box with its right and lower edges elsewhere.
fn stretched(bbox: BBox, dx: f32, dy: f32, film: (u32, u32)) -> BBox {
    let (width, height) = limits(film);
    let least = |start: f32, end: f32| (start + LEAST).min(end);
    BBox { x1: (bbox.x1 + dx).clamp(least(bbox.x0, width), width), y1: (bbox.y1 + dy).clamp(least(bbox.y0, height), height), ..bbox }
}

/// The box with these edges at a point, the others where they are.
fn pulled(bbox: BBox, [left, upper, right, lower]: [bool; 4], point: (f32, f32), film: (u32, u32)) -> BBox {
    let (width, height) = limits(film);
    let mut now = bbox;
    if left {
        now.x0 = point.0.clamp(0.0, (bbox.x1 - LEAST).max(0.0));
    }
    if upper {
        now.y0 = point.1.clamp(0.0, (bbox.y1 - LEAST).max(0.0));
    }
    if right {
        now.x1 = point.0.clamp((bbox.x0 + LEAST).min(width), width);
    }
    if lower {
        now.y1 = point.1.clamp((bbox.y0 + LEAST).min(height), height);
    }
    now
}

/// The box from corner to corner.
fn between(from: (f32, f32), to: (f32, f32), film: (u32, u32)) -> BBox {
    let (width, height) = limits(film);
    let span = |a: f32, b: f32, end: f32| {
        let (low, high) = (a.min(b).clamp(0.0, end), a.max(b).clamp(0.0, end));
        if high - low >= LEAST { (low, high) } else { ((low.min(end - LEAST)).max(0.0), (low.min(end - LEAST)).max(0.0) + LEAST) }
    };
    let ((x0, x1), (y0, y1)) = (span(from.0, to.0, width), span(from.1, to.1, height));
    BBox { x0, y0, x1, y1 }
}

#[cfg(test)]
mod tests {
    use svh_core::{Task, joint};

    use super::*;

    const FILM: (u32, u32) = (200, 100);

    fn edit(sides: [f32; 4]) -> Edit {
        Edit { joint: joint::joints(Task::Narrowing).first().unwrap(), bbox: sides.into(), resize: false, new: false, grab: None }
    }

    fn sides(edit: &Edit) -> [f32; 4] {
        edit.bbox.into()
    }

    #[test]
    fn arrows_move_and_resize_and_stop_at_the_films_edge() {
        let mut one = edit([10.0, 10.0, 30.0, 40.0]);
        one.nudge(5.0, -3.0, FILM);
        assert_eq!(sides(&one), [15.0, 7.0, 35.0, 37.0]);
        one.nudge(-99.0, 99.0, FILM);
        assert_eq!(sides(&one), [0.0, 70.0, 20.0, 100.0], "the size stays");
        one.resize = true;
        one.nudge(10.0, 50.0, FILM);
        assert_eq!(sides(&one), [0.0, 70.0, 30.0, 100.0]);
        one.nudge(-99.0, -99.0, FILM);
        assert_eq!(sides(&one), [0.0, 70.0, 4.0, 74.0], "a box never turns inside out");
    }

    #[test]
    fn the_mouse_moves_from_inside_pulls_at_edges_and_draws_from_outside() {
        let mut one = edit([50.0, 20.0, 90.0, 60.0]);
        one.press((70.0, 40.0), 4.0);
        one.drag((75.0, 50.0), FILM);
        assert_eq!(sides(&one), [55.0, 30.0, 95.0, 70.0]);
        one.press((56.0, 31.0), 4.0);
        one.drag((40.0, 25.0), FILM);
        assert_eq!(sides(&one), [40.0, 25.0, 95.0, 70.0], "a corner is two edges");
        one.press((94.0, 45.0), 4.0);
        one.drag((10.0, 0.0), FILM);
        assert_eq!(sides(&one), [40.0, 25.0, 44.0, 70.0], "not beyond the other edge");
        one.press((150.0, 90.0), 4.0);
        one.drag((180.0, 120.0), FILM);
        assert_eq!(sides(&one), [150.0, 90.0, 180.0, 100.0]);
        one.drag((149.0, 95.0), FILM);
        assert_eq!(sides(&one), [149.0, 90.0, 153.0, 95.0], "towards any side, and never empty");
        one.drag((199.0, 99.0), FILM);
        one.press((300.0, 300.0), 4.0);
        one.drag((301.0, 301.0), FILM);
        assert_eq!(sides(&one), [196.0, 96.0, 200.0, 100.0]);
    }

    #[test]
    fn a_small_box_is_moved_by_its_middle_and_pulled_by_the_nearer_edge() {
        let mut one = edit([50.0, 50.0, 56.0, 56.0]);
        one.press((53.0, 53.0), 10.0);
        assert!(matches!(one.grab, Some(Grab::Inside(..))));
        one.press((55.5, 53.0), 10.0);
        let Some(Grab::Edges(edges)) = one.grab else { panic!("{:?}", one.grab) };
        assert!(edges[2] && !edges[0]);
    }
}
