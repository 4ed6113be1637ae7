//! The wrist: eight carpals, their joints with each other and with the forearm ([`crate::forearm`]), and their disease.
//!
//! Outlines stand in the frame of [`svh_core::layout::WristFrame`]: x from the ulnar side of the fifth carpometacarpal joint (-0.5) to the first
//! (0.5), y towards the forearm; own tracings of the usual look of an adult's PA film.

use svh_core::Task;
use svh_core::layout::WristFrame;

use crate::body::{Anatomy, Body};
use crate::disease;
use crate::fusion::Fusion;
use crate::grades::LimbGrades;
use crate::plane::{Point, add, closed_curve, direction, len, mix, mul, right, sub, turned};
use crate::raysum::{Pale, Swell};
use crate::seeded_rng::SeededRng;
use crate::short_bone::{ShortBone, depth_inside};
use crate::solid::{Material, Part, Shape, Solid};
use crate::space::{Frame, Point3};

/// Name, half thickness in units of the frame, outline. Depths are estimates: 18 and 17 mm for an adult's capitate and lunate beside a frame of 55 mm, 12 to 15 for
/// most others.
type Carpal = (&'static str, f32, &'static [Point]);

#[rustfmt::skip]
const CARPALS: &[Carpal] = &[
    ("pisiform", 0.07, &[[-0.38, 0.20], [-0.31, 0.22], [-0.29, 0.29], [-0.32, 0.36], [-0.39, 0.38], [-0.45, 0.35], [-0.46, 0.27], [-0.43, 0.21]]),
    ("triquetrum", 0.105, &[[-0.45, 0.21], [-0.39, 0.16], [-0.32, 0.17], [-0.26, 0.23], [-0.19, 0.32], [-0.21, 0.37], [-0.29, 0.44], [-0.35, 0.45], [-0.43, 0.41], [-0.47, 0.31]]),
    ("hamate", 0.135, &[[-0.42, 0.01], [-0.39, -0.04], [-0.32, -0.07], [-0.24, -0.07], [-0.18, -0.04], [-0.15, 0.06], [-0.14, 0.17], [-0.14, 0.25], [-0.17, 0.29], [-0.22, 0.25], [-0.31, 0.19], [-0.39, 0.10]]),
    ("capitate", 0.16, &[[-0.15, -0.06], [-0.11, -0.09], [-0.01, -0.09], [0.08, -0.07], [0.14, -0.03], [0.15, 0.10], [0.14, 0.23], [0.11, 0.32], [0.05, 0.375], [-0.03, 0.375], [-0.10, 0.32], [-0.13, 0.23], [-0.14, 0.14], [-0.15, 0.04]]),
    ("trapezoid", 0.13, &[[0.13, 0.01], [0.17, -0.06], [0.25, -0.10], [0.33, -0.06], [0.35, 0.01], [0.31, 0.09], [0.23, 0.10], [0.15, 0.07]]),
    ("trapezium", 0.125, &[[0.30, -0.06], [0.36, -0.14], [0.43, -0.15], [0.47, -0.07], [0.50, 0.02], [0.54, 0.10], [0.51, 0.18], [0.44, 0.19], [0.35, 0.14], [0.30, 0.06]]),
    ("hook of the hamate", 0.03, &[[-0.29, -0.01], [-0.25, -0.03], [-0.21, 0.0], [-0.20, 0.05], [-0.23, 0.09], [-0.28, 0.08], [-0.30, 0.04]]),
    ("lunate", 0.15, &[[-0.25, 0.48], [-0.22, 0.41], [-0.15, 0.36], [-0.08, 0.385], [0.00, 0.395], [0.06, 0.41], [0.05, 0.49], [-0.01, 0.55], [-0.13, 0.57], [-0.21, 0.545]]),
    ("scaphoid", 0.125, &[[0.06, 0.44], [0.12, 0.38], [0.16, 0.28], [0.17, 0.18], [0.21, 0.13], [0.30, 0.14], [0.39, 0.23], [0.41, 0.30], [0.38, 0.36], [0.31, 0.41], [0.23, 0.48], [0.13, 0.53], [0.07, 0.51]]),
];

/// The space of a healthy adult's joint in units of the frame.
const SPACE: f32 = 0.034;

/// How far to either side of its middle a joint's space is set, in units of the frame.
const REACH: f32 = 0.065;

/// The least distance of two places where a space is set, in units of the frame: what is set twice cannot be met.
const APART: f32 = 0.045;

/// Shares of the axis at which a shaft begins and ends: none.
const NO_SHAFT: [f32; 4] = [2.0, 3.0, 4.0, 5.0];

/// Erosions of the graded bones: joint, bone, half-width of the bone in the frame, places; the first two are the usual ones.
type Site = (&'static str, &'static str, f32, &'static [Point]);

#[rustfmt::skip]
const SITES: &[Site] = &[
    ("wrist_nav", "scaphoid", 0.115, &[[0.41, 0.29], [0.34, 0.18], [0.17, 0.25], [0.25, 0.46], [0.10, 0.43], [0.27, 0.30]]),
    ("wrist_lunate", "lunate", 0.115, &[[-0.24, 0.47], [0.05, 0.46], [-0.16, 0.36], [-0.03, 0.55], [-0.10, 0.47]]),
    ("wrist_mul", "trapezium", 0.115, &[[0.52, 0.06], [0.49, 0.18], [0.35, -0.13], [0.36, 0.13], [0.42, 0.03]]),
    ("wrist_radius", "radius", 0.15, &[[0.455, 0.53], [-0.145, 0.66], [0.41, 0.44], [0.13, 0.57], [0.30, 0.56]]),
    ("wrist_ulna", "ulna", 0.13, &[[-0.44, 0.52], [-0.34, 0.57], [-0.19, 0.63], [-0.52, 0.66], [-0.36, 0.67]]),
];

/// A place where a joint's space closes: about where, how far the closing reaches, and between which bones.
struct Closing(Point, f32, [Part; 2]);

/// Narrowing: joint and the places where its space closes.
type Joint = (&'static str, &'static [Closing]);

const CAPITATE: Part = Part::Named("capitate");
const HAMATE: Part = Part::Named("hamate");
const LUNATE: Part = Part::Named("lunate");
const RADIUS_END: Part = Part::Named("radius");
const SCAPHOID: Part = Part::Named("scaphoid");
const TRAPEZIUM: Part = Part::Named("trapezium");
const TRAPEZOID: Part = Part::Named("trapezoid");

#[rustfmt::skip]
const JOINTS: &[Joint] = &[
    ("wrist_cmc3", &[Closing([-0.07, -0.10], 0.055, [Part::Meta(3), CAPITATE]), Closing([0.05, -0.09], 0.05, [Part::Meta(3), CAPITATE])]),
    ("wrist_cmc4", &[Closing([-0.24, -0.085], 0.065, [Part::Meta(4), HAMATE])]),
    ("wrist_cmc5", &[Closing([-0.39, -0.04], 0.065, [Part::Meta(5), HAMATE])]),
    ("wrist_mna", &[Closing([0.37, 0.155], 0.055, [SCAPHOID, TRAPEZIUM]), Closing([0.25, 0.115], 0.05, [SCAPHOID, TRAPEZOID])]),
    ("wrist_capnlun", &[Closing([-0.03, 0.38], 0.06, [CAPITATE, LUNATE]), Closing([0.10, 0.37], 0.05, [CAPITATE, SCAPHOID]), Closing([0.155, 0.25], 0.06, [CAPITATE, SCAPHOID]), Closing([0.06, 0.45], 0.04, [LUNATE, SCAPHOID])]),
    ("wrist_radcar", &[Closing([0.30, 0.455], 0.065, [SCAPHOID, RADIUS_END]), Closing([0.17, 0.53], 0.065, [SCAPHOID, RADIUS_END]), Closing([0.0, 0.585], 0.06, [LUNATE, RADIUS_END]), Closing([-0.10, 0.60], 0.05, [LUNATE, RADIUS_END])]),
];

/// The head of the capitate: a ball in the hollow of lunate and scaphoid, whose palmar and dorsal horns reach around it. On a film they lie over it, and the
/// joint shows as a thin line between two plates of bone, not as a dark gap.
struct CapitateHead {
    /// Its middle in the frame of the wrist.
    centre: Point,
    /// Which bones hold it, and the farthest that a point of their hollow lies from the middle.
    held: [(&'static str, f32); 2],
}

const HEAD: CapitateHead = CapitateHead { centre: [0.0, 0.22], held: [("lunate", 0.22), ("scaphoid", 0.205)] };

impl CapitateHead {
    fn held_by(&self, bone: &str) -> bool {
        self.held.iter().any(|(name, _)| *name == bone)
    }

    /// The way from a point of a bone's outline to the head, 1 long in the hollow and 0 elsewhere.
    fn towards(&self, bone: &str, p: Point) -> Point {
        let near = self.held.iter().any(|(name, reach)| *name == bone && len(sub(p, self.centre)) <= *reach);
        if near { direction(p, self.centre) } else { [0.0; 2] }
    }
}

/// The wrist in work.
pub struct Wrist<'a> {
    /// The frame on the film.
    pub frame: WristFrame,
    /// The patient.
    pub body: &'a Body,
    /// The limb's grades.
    pub grades: &'a LimbGrades,
    /// Palm width in pixels.
    pub unit: f32,
}

impl Wrist<'_> {
    /// Adds carpals, radius and ulna with their disease.
    pub fn build(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        for (name, half, outline) in CARPALS {
            if let Some(bone) = self.carpal(name, *half, outline, dice) {
                anatomy.bones.push(bone);
            }
        }
        let tilt = dice.clipped(0.05, 2.0);
        anatomy.bones.push(self.forearm(true, tilt, dice));
        anatomy.bones.push(self.forearm(false, tilt, dice));
        for (joint, bone, half, places) in SITES {
            let places: Vec<Point> = places.iter().map(|p| self.at(*p)).collect();
            let grade = self.grades.shown(Task::Erosion, joint);
            let mut own = dice.fork(joint);
            if let Some(bone) = anatomy.bone_mut(Part::Named(bone)) {
                disease::erode_at(bone, &places, half * self.x(), grade, &mut own);
            }
            self.fade(anatomy, places[0], grade, 5, &mut own);
        }
    }

    /// Gives every joint of the wrist the space of its grade, once the metacarpals are there too.
    pub fn narrow_all(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let mut swell = Vec::new();
        for joint in JOINTS {
            self.narrow(anatomy, &mut swell, *joint, &mut dice.fork(joint.0));
        }
        settle(&mut swell, 0.1 * self.x());
        anatomy.swell.extend(swell);
    }

    /// The place on the film of a point of the frame.
    pub(crate) fn at(&self, p: Point) -> Point {
        self.frame.at(p[0], p[1])
    }

    /// Pixels of one unit of the frame's x.
    pub(crate) fn x(&self) -> f32 {
        len(self.frame.x)
    }

    fn carpal(&self, name: &'static str, half: f32, outline: &[Point], dice: &mut SeededRng) -> Option<Solid> {
        let n = outline.len() as f32;
        let centre = mul(outline.iter().fold([0.0, 0.0], |sum, p| add(sum, *p)), 1.0 / n);
        let (turn, dx, dy) = (dice.clipped(0.08, 2.0), dice.clipped(0.012, 2.0), dice.clipped(0.012, 2.0));
        let mut size = dice.range(0.98, 1.12);
        // Carpals ossify between the first year and the twelfth: small and round at first.
        let grown = ((self.body.maturity - 0.05) / 0.7).clamp(0.0, 1.0);
        size *= mix(0.5, 1.0, grown.sqrt());
        if self.body.maturity < 0.5 && matches!(name, "pisiform" | "hook of the hamate")
            || self.body.maturity < 0.28 && matches!(name, "scaphoid" | "trapezoid")
        {
            return None;
        }
        let mean = outline.iter().map(|p| len(sub(*p, centre))).sum::<f32>() / n;
        let form: Vec<Point> = outline
            .iter()
            .map(|p| {
                let off = turned(mul(sub(*p, centre), size * dice.range(0.98, 1.02)), turn);
                let round = mul(off, size * mean / len(off).max(1e-3));
                add(mul(round, 1.0 - mix(0.5, 1.0, grown)), mul(off, mix(0.5, 1.0, grown)))
            })
            .collect();
        let middle = add(centre, [dx, dy]);
        // Sides slant: the outline near the palm is not the one near the back of the hand, and both reach over neighbours.
        let apart = if matches!(name, "pisiform" | "hook of the hamate") { 0.3 } else { grown };
        let mut uneven = dice.fork("outline");
        let mut level = |sign: f32, lean: Point, grow: f32, horn: f32| {
            let shaped = form.iter().zip(outline).map(|(p, drawn)| {
                let off = mul(*p, grow * uneven.range(0.97, 1.03));
                self.at(add(add(add(middle, mul(lean, sign)), off), mul(HEAD.towards(name, *drawn), horn)))
            });
            closed_curve(&shaped.collect::<Vec<_>>(), 3)
        };
        let surface = level(0.0, [0.0; 2], 1.0, 0.0);
        let mut sides = dice.fork("sides");
        let lean = [sides.clipped(0.018, 2.0) * apart, sides.clipped(0.018, 2.0) * apart];
        let mut around = dice.fork("horns");
        let horns = [0, 1].map(|_| grown * around.range(0.0, 0.16));
        let palmar = level(-1.0, lean, 1.0 + apart * sides.range(-0.03, 0.07), horns[0]);
        let dorsal = level(1.0, lean, 1.0 + apart * sides.range(-0.03, 0.07), horns[1]);
        let hollow = HEAD.held_by(name).then(|| surface.clone());
        let half = half * self.x() * size;
        let z = match name {
            "pisiform" => -1.8,
            "hook of the hamate" => -1.6,
            "trapezium" => -0.5,
            "scaphoid" => -0.2,
            _ => 0.0,
        } * 0.1
            * self.x();
        Some(self.block(name, surface, [palmar, dorsal], hollow, half, z, dice))
    }

    #[allow(clippy::too_many_arguments)] // one place, where they all are drawn
    fn block(
        &self,
        name: &'static str,
        outline: Vec<Point>,
        [palmar, dorsal]: [Vec<Point>; 2],
        hollow: Option<Vec<Point>>,
        half: f32,
        z: f32,
        dice: &mut SeededRng,
    ) -> Solid {
        let middle = mul(outline.iter().fold([0.0, 0.0], |sum, p| add(sum, *p)), 1.0 / outline.len().max(1) as f32);
        let rind = 0.0115 * self.unit * self.body.cortex * dice.range(0.2, 0.9);
        Solid {
            part: Part::Named(name),
            frame: Frame::upright([0.0, 0.0, z]),
            shape: Shape::Short(ShortBone {
                palmar,
                dorsal,
                hollow,
                half,
                steep: dice.range(0.35, 0.8),
                axis: (middle[1] + half, -2.0 * half),
            }),
            outline,
            material: Material {
                cortex: [rind; 3],
                spongy: [dice.range(0.22, 0.34) * self.body.spongy * if name == "pisiform" { 0.75 } else { 1.0 }; 2],
                shaft: NO_SHAFT,
                mineral: self.body.mineral,
            },
            cavities: Vec::new(),
            physes: Vec::new(),
            spots: Vec::new(),
        }
    }

    fn narrow(&self, anatomy: &mut Anatomy, swell: &mut Vec<Swell>, (joint, places): Joint, dice: &mut SeededRng) {
        let grade = self.grades.shown(Task::Narrowing, joint);
        let space = disease::space(grade, dice);
        let side = dice.index(places.len());
        let mut ankylosis = dice.fork("ankylosis");
        let done = ankylosis.range(0.55, 1.0);
        for (index, Closing(place, sigma, bones)) in places.iter().enumerate() {
            let left = match grade {
                1 if space.focal > 0.0 => {
                    if index == side {
                        0.25
                    } else {
                        0.9
                    }
                }
                // A wrist has no subluxation of its own on the film: the third grade is what is left of the space.
                3 => space.left.min(0.38),
                4 => -ankylosis.range(0.05, 0.25),
                _ => space.left,
            };
            // A small child lacks some carpals.
            let Some(facing) = Facing::of(&anatomy.bones, *bones) else { continue };
            let middle = facing.middle(self.at(*place));
            let along = mul(right(facing.across(middle)), REACH * self.x());
            let width = facing.width(middle);
            let line = [sub(middle, along), middle, add(middle, along)].map(|centre| facing.middle(centre));
            if grade == 4 {
                let across = facing.across(middle);
                let (half, depth) = (ankylosis.range(0.075, 0.115) * self.x(), ankylosis.range(0.04, 0.055) * self.x());
                anatomy.fusions.push(Fusion::through(line, across, half, depth, done * ankylosis.range(0.8, 1.0)));
            }
            for centre in line {
                let now = facing.width(centre);
                // Beyond the ends of the joint the bones part.
                let is_new = swell.iter().all(|s: &Swell| len(sub(s.centre, centre)) > APART * self.x());
                if is_new && now < 1.6 * width.max(0.0) + 0.03 * self.x() {
                    let by = facing.share() * (now - left * self.healthy_gap(now));
                    // Narrower than the closing reaches, so that neighbouring swellings do not have to undo each other.
                    swell.push(Swell { centre, sigma: 0.75 * sigma * self.x(), by });
                }
            }
        }
        self.fade(anatomy, self.at(places[0].0), grade, 4, dice);
    }

    /// The space of a healthy joint in pixels: the patient's own once grown up; in a child what the small bones leave.
    fn healthy_gap(&self, now: f32) -> f32 {
        let grown = ((self.body.maturity - 0.05) / 0.7).clamp(0.0, 1.0);
        mix(now.max(0.0), SPACE * self.x() * self.body.space, grown)
    }

    fn fade(&self, anatomy: &mut Anatomy, centre: Point, grade: u8, max: u8, dice: &mut SeededRng) {
        let (a, b) = (dice.range(0.04, 0.25), dice.range(0.18, 0.35));
        if grade > 0 {
            anatomy.pale.push(Pale { centre, sigma: b * self.x(), loss: a * (f32::from(grade) / f32::from(max)).sqrt() });
        }
    }
}

/// A small round bone: a sesamoid, at a height over the middle of the limb.
pub fn round_bone(name: &'static str, at: Point3, r: f32, rind: f32, body: &Body, dice: &mut SeededRng) -> Solid {
    let ring = (0..7).map(|k| {
        let way = turned([0.0, 1.0], k as f32 * 0.897);
        add([at[0], at[1]], mul(way, r * dice.range(0.85, 1.1)))
    });
    let outline = closed_curve(&ring.collect::<Vec<_>>(), 3);
    Solid {
        part: Part::Named(name),
        frame: Frame::upright([0.0, 0.0, at[2]]),
        shape: Shape::Short(ShortBone {
            palmar: outline.clone(),
            dorsal: outline.clone(),
            hollow: None,
            half: 0.9 * r,
            steep: 0.9,
            axis: (at[1] + r, -2.0 * r),
        }),
        outline,
        material: Material { cortex: [rind; 3], spongy: [0.32; 2], shaft: NO_SHAFT, mineral: body.mineral },
        cavities: Vec::new(),
        physes: Vec::new(),
        spots: Vec::new(),
    }
}

/// Two bones of a joint.
struct Facing<'a>([&'a Solid; 2]);

impl<'a> Facing<'a> {
    fn of(all: &'a [Solid], bones: [Part; 2]) -> Option<Self> {
        let find = |part: Part| all.iter().find(|bone| bone.part == part);
        Some(Self([find(bones[0])?, find(bones[1])?]))
    }

    /// The part of a change of the space that each bone that can swell has to move: a long bone keeps its form.
    fn share(&self) -> f32 {
        if self.0.iter().any(|bone| matches!(bone.shape, Shape::Long(_))) { 1.0 } else { 0.5 }
    }

    /// The middle of the space beside a place: on the way across, so that places along a space stay apart.
    fn middle(&self, mut place: Point) -> Point {
        let across = self.across(place);
        for _ in 0..4 {
            let [a, b] = self.0.map(|bone| depth_inside(place, &bone.outline));
            place = add(place, mul(across, 0.5 * (a - b)));
        }
        place
    }

    /// The direction from one bone to the other.
    fn across(&self, place: Point) -> Point {
        let [a, b] = self.0.map(|bone| nearest(place, &bone.outline));
        direction(a, b)
    }

    /// Pixels between the bones as the film shows them, negative where they overlap.
    fn width(&self, place: Point) -> f32 {
        let around_head = self.0.iter().any(|bone| bone.part == CAPITATE);
        -self.0.iter().map(|bone| reach(bone, place, around_head)).sum::<f32>()
    }
}

/// How far a bone's surface reaches over a place: with the wider of its levels, but for the radius, whose dorsal rim lies over the space of every wrist,
/// and for what holds the capitate's head, whose horns do.
fn reach(bone: &Solid, place: Point, around_head: bool) -> f32 {
    match &bone.shape {
        Shape::Short(ShortBone { hollow: Some(hollow), .. }) if around_head => depth_inside(place, hollow),
        Shape::Short(block) if bone.part != RADIUS_END => depth_inside(place, &block.palmar).max(depth_inside(place, &block.dorsal)),
        _ => depth_inside(place, &bone.outline),
    }
}

/// The point of an outline that is nearest; its points lie close together.
fn nearest(place: Point, outline: &[Point]) -> Point {
    let away = |p: &Point| len(sub(*p, place));
    outline.iter().copied().min_by(|p, q| away(p).total_cmp(&away(q))).unwrap_or(place)
}

/// Swellings reach over their neighbours' places: turns what each place is to move in all into what each swelling adds, by relaxation.
fn settle(swell: &mut [Swell], most: f32) {
    let wanted: Vec<f32> = swell.iter().map(|s| s.by).collect();
    for _ in 0..40 {
        for index in 0..swell.len() {
            let centre = swell[index].centre;
            let there: f32 = swell.iter().map(|s| s.at(centre)).sum();
            swell[index].by = (swell[index].by + 0.7 * (wanted[index] - there)).clamp(-most, most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_swellings_settle_to_what_each_place_is_to_move() {
        let wanted = [4.0, -1.0, 2.0, 0.5];
        let centres = [[0.0, 0.0], [9.0, 0.0], [14.0, 6.0], [60.0, 0.0]];
        let mut swell: Vec<Swell> = centres.iter().zip(wanted).map(|(centre, by)| Swell { centre: *centre, sigma: 8.0, by }).collect();
        settle(&mut swell, 40.0);
        for (centre, wanted) in centres.iter().zip(wanted) {
            let there: f32 = swell.iter().map(|s| s.at(*centre)).sum();
            assert!((there - wanted).abs() < 0.05, "{there} for {wanted}");
        }
    }
}
