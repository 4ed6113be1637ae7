//! A left foot from its six landmarks, dorsoplantar: five rays, sesamoids, tarsus and soft tissue.

use svh_core::shape::ShapeModel;

use crate::body::{Anatomy, Body, Flesh};
use crate::disease::End;
use crate::form::Head;
use crate::grades::LimbGrades;
use crate::plane::{Point, add, closed_curve, direction, len, lerp, mix, mul, right, sub, turned};
use crate::ray::{Link, Ray, Spacing, onward};
use crate::seeded_rng::SeededRng;
use crate::short_bone::ShortBone;
use crate::solid::{Material, Part, Shape, Solid};
use crate::space::{Frame, at_height};
use crate::wrist::round_bone;
use svh_core::Task;

/// Half-widths of base, waist and head of metatarsal, proximal, middle and end phalanx of the five rays, in foot widths.
const HALF: [[[f32; 3]; 4]; 5] = [
    [[0.130, 0.074, 0.128], [0.120, 0.068, 0.098], [0.0; 3], [0.105, 0.060, 0.066]],
    [[0.088, 0.044, 0.072], [0.072, 0.034, 0.052], [0.052, 0.036, 0.046], [0.042, 0.024, 0.032]],
    [[0.080, 0.041, 0.068], [0.068, 0.031, 0.049], [0.049, 0.035, 0.044], [0.040, 0.023, 0.031]],
    [[0.080, 0.041, 0.066], [0.066, 0.031, 0.048], [0.048, 0.035, 0.043], [0.039, 0.023, 0.030]],
    [[0.100, 0.045, 0.066], [0.064, 0.032, 0.047], [0.047, 0.035, 0.042], [0.038, 0.023, 0.029]],
];

/// Proximal, middle and end phalanx of the lesser toes in foot widths, as seen from above: toes curl, so they look short.
const LENGTH: [[f32; 3]; 4] = [[0.355, 0.155, 0.125], [0.335, 0.130, 0.120], [0.310, 0.105, 0.115], [0.285, 0.085, 0.105]];

/// Bases of the metatarsals in the foot's frame.
const METATARSAL: [Point; 5] = [[0.335, 0.815], [0.135, 0.905], [-0.02, 0.87], [-0.165, 0.895], [-0.30, 0.95]];

/// Name, half thickness, outline: the tarsus in the foot's frame, toes up, big toe to the right.
type Tarsal = (&'static str, f32, &'static [Point]);

#[rustfmt::skip]
const TARSUS: &[Tarsal] = &[
    ("medial cuneiform", 0.12, &[[0.20, 0.86], [0.27, 0.825], [0.36, 0.815], [0.45, 0.84], [0.455, 0.93], [0.43, 1.04], [0.34, 1.065], [0.24, 1.055], [0.20, 0.96]]),
    ("middle cuneiform", 0.10, &[[0.045, 0.92], [0.12, 0.905], [0.20, 0.915], [0.20, 1.0], [0.185, 1.055], [0.11, 1.07], [0.055, 1.06]]),
    ("lateral cuneiform", 0.11, &[[-0.095, 0.885], [-0.02, 0.87], [0.05, 0.89], [0.055, 0.99], [0.04, 1.08], [-0.04, 1.10], [-0.10, 1.04]]),
    ("cuboid", 0.13, &[[-0.35, 0.985], [-0.27, 0.92], [-0.17, 0.90], [-0.105, 0.91], [-0.08, 1.04], [-0.085, 1.20], [-0.15, 1.285], [-0.26, 1.27], [-0.355, 1.20], [-0.39, 1.08]]),
    ("navicular", 0.13, &[[0.455, 1.09], [0.33, 1.085], [0.2, 1.075], [0.05, 1.09], [-0.04, 1.12], [-0.06, 1.19], [0.02, 1.225], [0.13, 1.205], [0.26, 1.22], [0.40, 1.275], [0.485, 1.22], [0.49, 1.14]]),
    ("talus", 0.16, &[[0.42, 1.32], [0.36, 1.26], [0.25, 1.235], [0.12, 1.225], [0.02, 1.25], [-0.03, 1.34], [-0.02, 1.46], [-0.08, 1.60], [-0.12, 1.85], [-0.05, 2.1], [0.15, 2.15], [0.33, 2.05], [0.36, 1.75], [0.36, 1.5]]),
    ("calcaneus", 0.16, &[[-0.34, 1.26], [-0.24, 1.30], [-0.12, 1.315], [-0.04, 1.40], [0.0, 1.6], [0.06, 1.9], [0.08, 2.3], [0.0, 2.6], [-0.18, 2.65], [-0.30, 2.4], [-0.36, 2.0], [-0.36, 1.6], [-0.40, 1.36]]),
    ("tibia", 0.16, &[[0.42, 1.55], [0.44, 1.75], [0.40, 2.1], [0.3, 2.5], [0.0, 2.6], [-0.12, 2.2], [-0.12, 1.75], [0.1, 1.62]]),
];

const MTP: [&str; 5] = ["mtp_1", "mtp_2", "mtp_3", "mtp_4", "mtp_5"];

struct Foot<'a> {
    points: &'a [Point],
    origin: Point,
    x: Point,
    y: Point,
    unit: f32,
    body: &'a Body,
    grades: &'a LimbGrades,
}

/// Builds a foot from landmarks in pixels of a left film.
pub fn build(points: &[Point], body: &Body, grades: &LimbGrades, dice: &mut SeededRng) -> Anatomy {
    let foot = Foot::new(points, body, grades);
    let mut anatomy = Anatomy::default();
    foot.tarsus(&mut anatomy, dice);
    let curl = dice.range(0.0, 1.0).powi(2);
    for ray in 0..5 {
        foot.ray(ray, curl, &mut anatomy, dice);
    }
    foot.sesamoids(&mut anatomy, dice);
    foot.sole(&mut anatomy);
    anatomy
}

fn landmark(points: &[Point], name: &str) -> Point {
    ShapeModel::foot().index(name).and_then(|index| points.get(index)).copied().unwrap_or([0.0, 0.0])
}

impl<'a> Foot<'a> {
    fn new(points: &'a [Point], body: &'a Body, grades: &'a LimbGrades) -> Self {
        let mean = &ShapeModel::foot().mean;
        let across = |points: &[Point]| sub(landmark(points, "mtp_1"), landmark(points, "mtp_5"));
        let middle = |points: &[Point]| mul(MTP.iter().fold([0.0, 0.0], |sum, name| add(sum, landmark(points, name))), 0.2);
        let (own, usual) = (across(points), across(mean));
        let unit = len(own);
        // The frame turns with the line of the heads, half of whose own variation is splay and not rotation.
        let turn = 0.8 * ((own[1]).atan2(own[0]) - usual[1].atan2(usual[0]));
        let scale = unit / len(usual);
        let (x, y) = (turned([scale, 0.0], turn), turned([0.0, scale], turn));
        let start = middle(mean);
        let origin = sub(middle(points), add(mul(x, start[0]), mul(y, start[1])));
        Self { points, origin, x, y, unit, body, grades }
    }

    fn at(&self, p: Point) -> Point {
        add(self.origin, add(mul(self.x, p[0]), mul(self.y, p[1])))
    }

    fn tarsus(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let grown = ((self.body.maturity - 0.02) / 0.6).clamp(0.0, 1.0).sqrt();
        for (name, half, outline) in TARSUS {
            let n = outline.len() as f32;
            let centre = mul(outline.iter().fold([0.0, 0.0], |sum, p| add(sum, *p)), 1.0 / n);
            let size = dice.range(1.01, 1.07) * mix(0.7, 1.0, grown);
            let (turn, shift) = (dice.clipped(0.04, 2.0), [dice.clipped(0.012, 2.0), dice.clipped(0.012, 2.0)]);
            let shaped =
                outline.iter().map(|p| self.at(add(add(centre, shift), turned(mul(sub(*p, centre), size * dice.range(0.98, 1.02)), turn))));
            let outline = closed_curve(&shaped.collect::<Vec<_>>(), 3);
            let mut sides = dice.fork("sides");
            let level = |sign: f32, grow: f32, lean: Point| {
                let middle = mul(outline.iter().fold([0.0, 0.0], |sum, p| add(sum, *p)), 1.0 / outline.len() as f32);
                outline.iter().map(|p| add(add(middle, mul(sub(*p, middle), grow)), mul(lean, sign * self.unit))).collect::<Vec<_>>()
            };
            let lean = [sides.clipped(0.02, 2.0), sides.clipped(0.02, 2.0)];
            let (palmar, dorsal) = (level(-1.0, sides.range(0.98, 1.10), lean), level(1.0, sides.range(0.98, 1.10), lean));
            // Hidden in the thick of the ankle: no crisp edge.
            let deep = matches!(*name, "talus" | "calcaneus" | "tibia");
            let rind = if deep { 0.003 } else { 0.010 * self.body.cortex * sides.range(0.6, 1.2) } * self.unit;
            let half = half * self.unit;
            let start = outline.iter().map(|p| p[1]).fold(f32::MIN, f32::max);
            anatomy.bones.push(Solid {
                part: Part::Named(name),
                frame: Frame::upright([0.0, 0.0, if deep { 0.0 } else { 0.15 * self.unit }]),
                shape: Shape::Short(ShortBone {
                    palmar,
                    dorsal,
                    hollow: None,
                    half,
                    steep: if deep { 1.0 } else { sides.range(0.4, 0.8) },
                    axis: (start, -2.0 * half),
                }),
                outline,
                material: Material {
                    cortex: [rind; 3],
                    spongy: [sides.range(0.24, 0.34); 2],
                    shaft: [2.0, 3.0, 4.0, 5.0],
                    mineral: self.body.mineral,
                },
                cavities: Vec::new(),
                physes: Vec::new(),
                spots: Vec::new(),
            });
        }
    }

    fn ray(&self, ray: usize, curl: f32, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let number = ray as u8 + 1;
        let mtp = landmark(self.points, MTP[ray]);
        let base = self.at(add(METATARSAL[ray], [dice.clipped(0.012, 2.0), dice.clipped(0.015, 2.0)]));
        // Metatarsals slope down to their heads, toes rise from there and curl; seen from above, each is shorter than it is.
        let slope = [0.30, 0.27, 0.24, 0.18, 0.10][ray] * dice.range(0.7, 1.3);
        let curl_by = if ray == 0 { 0.2 } else { 0.35 + 0.7 * curl };
        let pitch = [-slope, dice.range(0.05, 0.35), -curl_by * dice.range(0.2, 1.0), -curl_by * dice.range(0.0, 1.0)]
            .map(|p| p + dice.clipped(0.05, 2.0));
        let turn = [0.0, 0.12, 0.18, 0.24, 0.35][ray] * dice.range(0.4, 1.4) + dice.clipped(0.08, 2.0);
        let link = |part, bone: usize, head, cup, physis| Link { part, half: HALF[ray][bone], head, cup, physis, turn, pitch: pitch[bone] };
        let meta = link(Part::Meta(number), 0, Head::Ball, 0.1, if ray == 0 { End::Base } else { End::Head });
        let proximal = link(Part::Proximal(number), 1, Head::Condyles, if ray == 0 { 0.8 } else { 1.25 }, End::Base);
        let distal = link(Part::Distal(number), 3, Head::Tuft, 0.2, End::Base);
        let spot = |name, centre, space| Spacing { name, centre, space };
        let joint = spot(MTP[ray], mtp, if ray == 0 { 0.034 } else { 0.032 });
        let (links, spots) = if ray == 0 {
            let ip = landmark(self.points, "mtp_ip");
            let tip = onward(ip, direction(mtp, ip), &[0.30 * self.unit * dice.range(0.92, 1.08)], &[dice.clipped(0.08, 2.0)]);
            (vec![meta, proximal, distal], vec![spot("", base, 0.02), joint, spot("mtp_ip", ip, 0.022), spot("", tip[0], 0.0)])
        } else {
            // Toes drift with the big toe where it does (hallux valgus), and crowd each other.
            let big = direction(landmark(self.points, "mtp_1"), landmark(self.points, "mtp_ip"));
            let own = direction(base, mtp);
            let lean = dice.range(0.25, 0.6);
            let axis = direction([0.0, 0.0], add(mul(own, 1.0 - lean), mul(big, lean)));
            let curled = [1.0 - 0.12 * curl * dice.unit(), 1.0 - 0.45 * curl * dice.unit(), 1.0 - 0.3 * curl * dice.unit()];
            let lengths = [0, 1, 2].map(|k| LENGTH[ray - 1][k] * self.unit * curled[k] * dice.range(0.94, 1.06));
            let inward = [0.0, 0.0, 0.0, 0.10, 0.20][ray];
            let bend = [dice.clipped(0.06, 2.0), inward + dice.clipped(0.10, 2.0), 0.3 * inward + dice.clipped(0.12, 2.0)];
            let chain = onward(mtp, axis, &lengths, &bend);
            let middle = link(Part::Middle(number), 2, Head::Condyles, 0.35, End::Base);
            let spots = vec![spot("", base, 0.016), joint, spot("", chain[0], 0.016), spot("", chain[1], 0.012), spot("", chain[2], 0.0)];
            (vec![meta, proximal, middle, distal], spots)
        };
        let height = [0.12, 0.26, 0.24, 0.16, 0.06][ray] * self.unit;
        Ray { links: &links, joints: &spots, unit: self.unit, height, body: self.body, grades: self.grades, foot: true }
            .build(anatomy, dice);
        if ray == 4 {
            self.tuberosity(anatomy, dice);
        }
        self.toe_flesh(ray, &spots, anatomy, dice);
    }

    /// The tuberosity of the fifth metatarsal points outward and back.
    fn tuberosity(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let (back, out) = (dice.range(0.08, 0.15) * self.unit, dice.range(0.03, 0.07) * self.unit);
        let Some(bone) = anatomy.bone_mut(Part::Meta(5)) else { return };
        let (_, length) = bone.axis();
        let half = crate::disease::half_width(bone, End::Base);
        let material = bone.material;
        let frame = bone.frame;
        let flat_at = |p: [f32; 3]| crate::space::flat(frame.global(p));
        let ring: Vec<Point> = [
            [-0.2 * half, 0.18 * length, 0.0],
            [-0.95 * half, 0.20 * length, 0.0],
            [-half - 0.6 * out, 0.02 * length, 0.0],
            [-half - out, -0.7 * back, 0.0],
            [-0.8 * half - 0.5 * out, -back, 0.0],
            [-0.25 * half, -0.25 * back, 0.0],
            [0.3 * half, 0.06 * length, 0.0],
        ]
        .map(flat_at)
        .to_vec();
        let outline = closed_curve(&ring, 3);
        let height = frame.origin[2];
        let end = outline.iter().map(|p| p[1]).fold(f32::MIN, f32::max);
        anatomy.bones.push(Solid {
            part: Part::Named("tuberosity"),
            frame: Frame::upright([0.0, 0.0, height]),
            shape: Shape::Short(ShortBone {
                palmar: outline.clone(),
                dorsal: outline.clone(),
                hollow: None,
                half: 0.6 * half,
                steep: 1.0,
                axis: (end, -2.0 * half),
            }),
            outline,
            material: Material { shaft: [2.0, 3.0, 4.0, 5.0], ..material },
            cavities: Vec::new(),
            physes: Vec::new(),
            spots: Vec::new(),
        });
    }

    fn sesamoids(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let head = landmark(self.points, "mtp_1");
        let axis = direction(head, self.at(METATARSAL[0]));
        // In hallux valgus the head leaves its sesamoids behind: they appear displaced outward.
        let shift = dice.range(-0.015, 0.03);
        for aside in [-0.062, 0.062] {
            let at = add(head, add(mul(axis, dice.range(0.10, 0.16) * self.unit), mul(right(axis), (aside + shift) * self.unit)));
            let r = self.unit * dice.range(0.045, 0.058) * mix(0.5, 1.0, ((self.body.maturity - 0.4) / 0.4).clamp(0.0, 1.0));
            if self.body.maturity < 0.5 {
                continue;
            }
            let height = -dice.range(0.10, 0.16) * self.unit;
            anatomy.bones.push(round_bone("sesamoid", at_height(at, height), 1.05 * r, 0.012 * self.unit, self.body, dice));
        }
    }

    fn toe_flesh(&self, ray: usize, spots: &[Spacing], anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let u = self.unit * self.body.flesh * dice.range(0.96, 1.04);
        let (wide, radii): (f32, &[f32]) =
            if ray == 0 { (1.0, &[0.20, 0.175, 0.14]) } else { ([0.0, 1.0, 0.97, 0.95, 0.95][ray], &[0.135, 0.105, 0.105, 0.09]) };
        for (pair, r) in spots[1..].windows(2).zip(radii.windows(2)) {
            let last = pair[1].name.is_empty() && pair[1].space == 0.0;
            let b =
                if last { add(pair[1].centre, mul(direction(pair[0].centre, pair[1].centre), -0.04 * self.unit)) } else { pair[1].centre };
            anatomy.flesh.push(Flesh {
                a: pair[0].centre,
                b,
                ra: r[0] * u * wide,
                rb: r[1] * u * wide,
                half: f32::midpoint(r[0], r[1]) * u * wide,
            });
        }
        let sick = f32::from(self.grades.shown(Task::Erosion, MTP[ray])) / 10.0;
        let r = u * (0.14 + 0.03 * sick + if ray == 0 { 0.055 } else { 0.0 });
        anatomy.flesh.push(Flesh { a: spots[1].centre, b: add(spots[1].centre, [0.0, 1.0]), ra: r, rb: r, half: r });
    }

    /// Fore-, mid- and hindfoot.
    fn sole(&self, anatomy: &mut Anatomy) {
        let u = self.unit * self.body.flesh;
        let mut put =
            |a: Point, b: Point, ra: f32, rb: f32, half: f32| anatomy.flesh.push(Flesh { a, b, ra: ra * u, rb: rb * u, half: half * u });
        let base = |ray: usize| self.at(METATARSAL[ray]);
        for (ray, name) in MTP.iter().enumerate() {
            put(landmark(self.points, name), base(ray), if ray == 0 { 0.19 } else { 0.17 }, 0.2, 0.20);
        }
        for ray in 0..4 {
            let top = |ray: usize| {
                add(
                    landmark(self.points, MTP[ray]),
                    mul(direction(base(ray), landmark(self.points, MTP[ray])), if ray == 0 { 0.06 } else { 0.10 } * self.unit),
                )
            };
            put(top(ray), top(ray + 1), 0.12, 0.12, 0.17);
            put(
                lerp(base(ray), landmark(self.points, MTP[ray]), 0.5),
                lerp(base(ray + 1), landmark(self.points, MTP[ray + 1]), 0.5),
                0.14,
                0.14,
                0.22,
            );
        }
        put(base(0), self.at([0.32, 1.25]), 0.22, 0.22, 0.30);
        put(base(2), self.at([0.05, 1.3]), 0.24, 0.30, 0.33);
        put(base(4), self.at([-0.22, 1.4]), 0.22, 0.24, 0.28);
        put(self.at([0.2, 1.3]), self.at([0.1, 2.2]), 0.34, 0.38, 0.42);
        put(self.at([-0.2, 1.4]), self.at([-0.1, 2.4]), 0.26, 0.32, 0.38);
    }
}
