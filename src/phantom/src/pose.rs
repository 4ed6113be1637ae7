//! Where a limb lies on its film: film size, landmarks from the shape model, rotation, place, and disease that moves whole fingers.

use svh_core::layout::{self, WristFrame};
use svh_core::shape::ShapeModel;
use svh_core::{BBox, Limb, Task};

use crate::grades::LimbGrades;
use crate::plane::{Point, add, len, mul, sub, turned};
use crate::seeded_rng::SeededRng;
use crate::setting::Setting;

/// A film's size and the landmarks on it, as a left limb.
#[derive(Clone, Debug)]
pub struct Pose {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Landmarks in the order of the shape model, pixels.
    pub points: Vec<Point>,
}

/// How much of a limb a film shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// All joints.
    Whole,
    /// A square around the wrist, as in collections of wrists; fingers run off the film.
    Wrist,
}

/// Draws a pose. `max_side` shrinks the film so that its longer side is not above it.
pub fn draw(limb: Limb, view: View, setting: Setting, grades: &LimbGrades, max_side: Option<u32>, dice: &mut SeededRng) -> Pose {
    let model = if limb.is_hand() { ShapeModel::hand() } else { ShapeModel::foot() };
    let z: Vec<f32> = model.modes.iter().map(|_| dice.clipped(1.0, 2.3)).collect();
    let mut shape = model.shape(&z);
    if limb.is_hand() {
        deform(model, &mut shape, grades, dice);
    }
    let (height_share, aspect_share) = (dice.unit(), dice.unit());
    let mut height = model.image_height_px.at(height_share);
    let mut width = (height * model.aspect_w_over_h.at(aspect_share)).clamp(252.0, 2968.0);
    if let Some(side) = max_side {
        let shrink = (side as f32 / width.max(height)).min(1.0);
        (width, height) = (width * shrink, height * shrink);
    }
    let (width, height) = (width.round(), height.round());
    let mut size = model.centroid_size_over_height.at(dice.unit()) * height;
    let mut centre = [model.centroid_x_over_width.at(dice.unit()) * width, model.centroid_y_over_height.at(dice.unit()) * height];
    // The challenge's films are cropped to the limb; others show more of the plate and of the forearm.
    if dice.chance(0.3) {
        let smaller = dice.range(0.6, 0.95);
        size *= smaller;
        let room = 1.0 - smaller;
        centre = add(centre, [dice.range(-0.3, 0.3) * room * width, dice.range(-0.45, 0.1) * room * height]);
    }
    let turn = dice.band(setting.ranges().rotation) * model.in_plane_rotation_deg.at(dice.unit()).to_radians();
    let mut points: Vec<Point> = shape.iter().map(|p| add(centre, turned(mul(*p, size), turn))).collect();
    if view == View::Wrist {
        return wrist_view(points, max_side, dice);
    }
    let short = limb.is_hand() && dice.chance(0.25);
    fit(limb, &mut points, width, height);
    if short {
        // Films often end right behind the ulna's head, or in it.
        let (all, share) = (bounds(limb, &points), dice.range(-0.5, 1.0));
        let beyond = if share < 0.0 { 0.024 * share * height } else { 0.28 * share * forearm(&points) };
        let down = (height - 1.0 + beyond - all.y1).max(0.0);
        points.iter_mut().for_each(|p| p[1] += down);
    }
    Pose { width: width as u32, height: height as u32, points }
}

/// The same hand, moved and scaled so that its wrist fills a square film.
fn wrist_view(mut points: Vec<Point>, max_side: Option<u32>, dice: &mut SeededRng) -> Pose {
    let side = dice.range(420.0, 900.0).min(max_side.map_or(f32::MAX, |side| side as f32)).round();
    let frame = WristFrame::of(&points);
    let centre = frame.at(dice.range(-0.12, 0.12), dice.range(0.22, 0.45));
    let scale = side / (dice.range(1.6, 2.5) * len(frame.x));
    for p in &mut points {
        *p = add([0.5 * side; 2], mul(sub(*p, centre), scale));
    }
    Pose { width: side as u32, height: side as u32, points }
}

/// Fingers drift to the ulnar side and the carpus collapses as disease goes on.
fn deform(model: &ShapeModel, shape: &mut [Point], grades: &LimbGrades, dice: &mut SeededRng) {
    let index = |name: &str| model.index(name).unwrap_or(0);
    let drift = dice.unit();
    for ray in 2..=5 {
        let (mcp, pip) = (index(&format!("mcp_{ray}")), index(&format!("pip_{ray}")));
        let sick = f32::from(grades.shown(Task::Narrowing, &format!("mcp_{ray}"))) / 4.0;
        let turn = -0.5 * drift * sick.max(grades.burden());
        shape[pip] = add(shape[mcp], turned(sub(shape[pip], shape[mcp]), turn));
    }
    let carpus: u8 = ["wrist_radcar", "wrist_capnlun"].iter().map(|name| grades.shown(Task::Narrowing, name)).sum();
    let (w1, w2, w3) = (index("w1"), index("w2"), index("w3"));
    let middle = mul(add(shape[w1], shape[w3]), 0.5);
    let left = 1.0 - 0.2 * f32::from(carpus) / 8.0;
    shape[w2] = add(middle, mul(sub(shape[w2], middle), left));
    // The wrist is seldom much flatter or longer than usual: keep its frame sound for shapes far from the mean.
    let across = len(sub(shape[w1], shape[w3]));
    let down = len(sub(shape[w2], middle)).max(1e-4);
    let wanted = down.clamp(0.25 * across, 0.50 * across);
    shape[w2] = add(middle, mul(sub(shape[w2], middle), wanted / down));
}

/// What holds the boxes of all joints.
fn bounds(limb: Limb, points: &[Point]) -> BBox {
    let left = if limb.is_hand() { Limb::LeftHand } else { Limb::LeftFoot };
    let boxes = Task::ALL.into_iter().flat_map(|task| layout::boxes(left, task, points));
    boxes.fold(BBox::from([f32::MAX, f32::MAX, f32::MIN, f32::MIN]), |all, (_, b)| {
        BBox::from([all.x0.min(b.x0), all.y0.min(b.y0), all.x1.max(b.x1), all.y1.max(b.y1)])
    })
}

/// Height of the box of a hand's ulna.
fn forearm(points: &[Point]) -> f32 {
    layout::boxes(Limb::LeftHand, Task::Erosion, points)
        .iter()
        .find(|(joint, _)| joint.joint == "wrist_ulna")
        .map_or(0.0, |(_, b)| b.height())
}

/// Moves and, where it must, shrinks the limb so that every box lies on the film.
fn fit(limb: Limb, points: &mut [Point], width: f32, height: f32) {
    let all = bounds(limb, points);
    let shrink = (0.97 * width / all.width()).min(0.97 * height / all.height()).min(1.0);
    let centre = all.centre();
    for p in points.iter_mut() {
        *p = [centre.0 + (p[0] - centre.0) * shrink, centre.1 + (p[1] - centre.1) * shrink];
    }
    let all = bounds(limb, points);
    let push = |low: f32, high: f32, most: f32| if low < 1.0 { 1.0 - low } else { (most - 1.0 - high).min(0.0) };
    let move_by = [push(all.x0, all.x1, width), push(all.y0, all.y1, height)];
    for p in points.iter_mut() {
        *p = add(*p, move_by);
    }
}
