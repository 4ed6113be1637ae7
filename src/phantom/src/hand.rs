//! A left hand from its 13 landmarks: five rays, the wrist, sesamoids and soft tissue.

use svh_core::Task;
use svh_core::layout::WristFrame;
use svh_core::shape::ShapeModel;

use crate::body::{Anatomy, Body, Flesh};
use crate::disease::End;
use crate::form::Head;
use crate::grades::LimbGrades;
use crate::plane::{Point, add, direction, len, lerp, mix, mul, right, sub};
use crate::ray::{Link, Ray, Spacing, onward};
use crate::seeded_rng::SeededRng;
use crate::solid::Part;
use crate::space::at_height;
use crate::wrist::{Wrist, round_bone};

/// Half-widths of base, waist and head of metacarpal, proximal, middle and end phalanx of the five rays, in palm widths.
const HALF: [[[f32; 3]; 4]; 5] = [
    [[0.105, 0.058, 0.096], [0.098, 0.052, 0.076], [0.0; 3], [0.080, 0.037, 0.052]],
    [[0.112, 0.049, 0.102], [0.103, 0.050, 0.077], [0.080, 0.040, 0.060], [0.062, 0.025, 0.040]],
    [[0.106, 0.049, 0.103], [0.101, 0.050, 0.080], [0.084, 0.042, 0.063], [0.064, 0.026, 0.042]],
    [[0.091, 0.041, 0.090], [0.094, 0.047, 0.076], [0.080, 0.039, 0.060], [0.061, 0.025, 0.040]],
    [[0.095, 0.045, 0.088], [0.082, 0.041, 0.066], [0.068, 0.033, 0.051], [0.052, 0.021, 0.034]],
];

/// Middle and end phalanx against the proximal one, by ray (the thumb has no middle one).
const LENGTH: [[f32; 2]; 5] = [[0.0, 0.78], [0.58, 0.43], [0.63, 0.42], [0.63, 0.44], [0.57, 0.49]];

/// Healthy space of a PIP joint in palm widths (index to little knuckle, some 56 mm): grown-ups' are 0.9 to 1.1 mm wide on films (Kwok et al. 2011).
const PIP_SPACE: f32 = 0.0178;

/// Bases of the metacarpals 2 to 5 in the wrist's frame.
const METACARPAL: [Point; 4] = [[0.235, -0.095], [-0.02, -0.105], [-0.255, -0.09], [-0.44, -0.055]];

const MCP: [&str; 5] = ["mcp_1", "mcp_2", "mcp_3", "mcp_4", "mcp_5"];
const PIP: [&str; 5] = ["mcp_ip", "pip_2", "pip_3", "pip_4", "pip_5"];

struct Hand<'a> {
    points: &'a [Point],
    frame: WristFrame,
    unit: f32,
    body: &'a Body,
    grades: &'a LimbGrades,
}

/// Builds a hand from landmarks in pixels of a left film.
pub fn build(points: &[Point], body: &Body, grades: &LimbGrades, dice: &mut SeededRng) -> Anatomy {
    let unit = len(sub(landmark(points, "mcp_2"), landmark(points, "mcp_5")));
    let hand = Hand { points, frame: WristFrame::of(points), unit, body, grades };
    let mut anatomy = Anatomy::default();
    let wrist = Wrist { frame: hand.frame, body, grades, unit };
    wrist.build(&mut anatomy, dice);
    // Most hands lie flat; some cannot.
    let flexion = dice.range(0.0, 1.0).powi(4);
    for ray in 0..5 {
        hand.ray(ray, flexion, &mut anatomy, dice);
    }
    wrist.narrow_all(&mut anatomy, &mut dice.fork("narrowing of the wrist"));
    hand.sesamoids(&mut anatomy, dice);
    hand.palm(&mut anatomy);
    hand.muscles(&mut anatomy, dice);
    anatomy
}

fn landmark(points: &[Point], name: &str) -> Point {
    ShapeModel::hand().index(name).and_then(|index| points.get(index)).copied().unwrap_or([0.0, 0.0])
}

impl Hand<'_> {
    fn metacarpal_base(&self, ray: usize) -> Point {
        if ray == 0 { landmark(self.points, "w1") } else { self.frame.at(METACARPAL[ray - 1][0], METACARPAL[ray - 1][1]) }
    }

    /// Half-widths of a bone. The palm's width gives the bases of the metacarpals their size; from there on grown-ups' bones are thicker, their shafts above
    /// all, and their bases flare: a head is some sixth narrower than the base that it meets.
    fn half(&self, ray: usize, bone: usize) -> [f32; 3] {
        let [base, waist, head] = HALF[ray][bone];
        let sturdy = self.body.sturdy;
        let narrow = 1.0 - 0.3 * (sturdy - 1.0);
        let waist = if bone == 0 { waist } else { waist * mix(1.0, sturdy, 1.3) };
        match bone {
            // Neighbouring heads all but touch already.
            0 => [base, waist, head * mix(1.0, sturdy, 0.5)],
            1 => [base * mix(1.0, sturdy, 0.6), waist, head * narrow * sturdy],
            _ => [base * sturdy, waist, head * narrow * sturdy],
        }
    }

    fn ray(&self, ray: usize, flexion: f32, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let (mcp, pip) = (landmark(self.points, MCP[ray]), landmark(self.points, PIP[ray]));
        let number = ray as u8 + 1;
        let axis = direction(mcp, pip);
        let length = len(sub(pip, mcp));
        // The thumb shows its side; fingers turn a little, and bend towards the film as far as the hand does not lie flat.
        let turn = if ray == 0 { dice.range(0.3, 1.4) } else { dice.clipped(0.13, 2.2) };
        let bent = if ray == 0 { 0.3 * flexion } else { flexion * dice.range(0.6, 1.2) };
        let pitch = [
            dice.clipped(0.07, 2.0),
            // Bases lie flat where the hand does: the ray runs along their surface, and the space is seen.
            dice.clipped(0.07, 2.0) - 0.35 * bent,
            dice.clipped(0.08, 2.0) - 0.7 * bent,
            dice.clipped(0.13, 2.0) - 0.8 * bent,
        ];
        let seen = |bone: usize| pitch[bone].cos() / 0.98;
        let bend = [dice.clipped(0.05, 2.0), dice.clipped(0.06, 2.0)];
        let [middle, end] = LENGTH[ray].map(|k| k * length * dice.range(0.94, 1.06));
        let (middle, end) = (middle * seen(2), end * seen(3));
        let turns: Vec<f32> = (0..4).map(|_| turn + dice.clipped(0.05, 2.0)).collect();
        let link = |part, bone: usize, head, cup, physis| Link {
            part,
            half: self.half(ray, bone),
            head,
            cup,
            physis,
            turn: turns[bone],
            pitch: pitch[bone],
        };
        let meta_physis = if ray == 0 { End::Base } else { End::Head };
        let meta = link(Part::Meta(number), 0, Head::Ball, if ray == 0 { 0.35 } else { -0.15 }, meta_physis);
        let proximal = link(Part::Proximal(number), 1, Head::Condyles, if ray == 0 { 0.6 } else { 0.95 }, End::Base);
        let distal = link(Part::Distal(number), 3, Head::Tuft, 0.5, End::Base);
        let spot = |name, centre, space| Spacing { name, centre, space };
        let base = spot("", self.metacarpal_base(ray), if ray == 0 { 0.030 } else { 0.014 });
        let knuckle = spot(MCP[ray], mcp, 0.034);
        let (links, spots) = if ray == 0 {
            let tip = onward(pip, axis, &[end], &bend[..1]);
            (vec![meta, proximal, distal], vec![base, knuckle, spot(PIP[ray], pip, 0.021), spot("", tip[0], 0.0)])
        } else {
            let chain = onward(pip, axis, &[middle, end], &bend);
            let second = link(Part::Middle(number), 2, Head::Condyles, 0.95, End::Base);
            let spots = vec![
                base,
                knuckle,
                spot(PIP[ray], pip, PIP_SPACE * self.body.pip_space),
                spot("", chain[0], 0.016),
                spot("", chain[1], 0.0),
            ];
            (vec![meta, proximal, second, distal], spots)
        };
        // The metacarpals stand in an arch.
        let height = [-0.12, 0.0, 0.04, 0.02, -0.03][ray] * self.unit;
        Ray { links: &links, joints: &spots, unit: self.unit, height, body: self.body, grades: self.grades, foot: false }
            .build(anatomy, dice);
        self.finger_flesh(ray, &spots, anatomy, dice);
        if ray == 0 {
            self.erode_first_base(anatomy, dice);
        }
    }

    fn erode_first_base(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let grade = self.grades.shown(Task::Erosion, "wrist_mc1");
        if let Some(bone) = anatomy.bone_mut(Part::Meta(1)) {
            crate::disease::erode_end(bone, End::Base, grade, &mut dice.fork("mc1"));
        }
    }

    fn finger_flesh(&self, ray: usize, spots: &[Spacing], anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let wide = self.unit
            * self.body.flesh
            * f32::midpoint(1.0, self.body.sturdy)
            * [1.12, 1.0, 1.02, 0.96, 0.86][ray]
            * dice.range(0.96, 1.04);
        let radii: &[f32] = if ray == 0 { &[0.17, 0.145, 0.115] } else { &[0.155, 0.136, 0.116, 0.098] };
        for (pair, r) in spots[1..].windows(2).zip(radii.windows(2)) {
            let b = if pair[1].name.is_empty() && pair[1].space == 0.0 {
                add(pair[1].centre, mul(direction(pair[0].centre, pair[1].centre), -0.035 * self.unit))
            } else {
                pair[1].centre
            };
            anatomy.flesh.push(Flesh { a: pair[0].centre, b, ra: r[0] * wide, rb: r[1] * wide, half: f32::midpoint(r[0], r[1]) * wide });
        }
        for spot in spots {
            let sick = self.grades.shown(Task::Narrowing, spot.name) + self.grades.shown(Task::Erosion, spot.name);
            let swelling = (f32::from(sick) / 9.0).sqrt() * dice.range(0.0, 0.22);
            if !spot.name.is_empty() && swelling > 0.02 {
                let r = 0.145 * wide * (1.0 + swelling);
                anatomy.flesh.push(Flesh { a: spot.centre, b: add(spot.centre, [0.0, 1.0]), ra: r, rb: r, half: r });
            }
        }
    }

    fn sesamoids(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        if self.body.maturity < 0.75 {
            return;
        }
        let mut add_one = |joint: &str, base: Point, aside: f32, size: f32, dice: &mut SeededRng| {
            let centre = landmark(self.points, joint);
            let axis = direction(centre, base);
            let at = add(add(centre, mul(axis, dice.range(0.02, 0.07) * self.unit)), mul(right(axis), aside * self.unit));
            let r = size * self.unit * dice.range(0.8, 1.2);
            let height = -dice.range(0.09, 0.13) * self.unit;
            anatomy.bones.push(round_bone("sesamoid", at_height(at, height), r, 0.012 * self.unit, self.body, dice));
        };
        let base = self.metacarpal_base(0);
        if dice.chance(0.85) {
            add_one("mcp_1", base, dice.range(0.09, 0.16), 0.028, dice);
        }
        if dice.chance(0.6) {
            add_one("mcp_1", base, dice.range(-0.05, 0.05), 0.026, dice);
        }
        // In the palmar plate of the thumb's end joint, over the space.
        if dice.chance(0.5) {
            let along = direction(landmark(self.points, "mcp_ip"), landmark(self.points, "mcp_1"));
            let to = add(landmark(self.points, "mcp_ip"), mul(along, self.unit));
            add_one("mcp_ip", to, dice.range(-0.02, 0.09), 0.019, dice);
        }
        if dice.chance(0.3) {
            add_one("mcp_5", self.metacarpal_base(4), dice.range(-0.05, 0.05), 0.022, dice);
        }
        if dice.chance(0.2) {
            add_one("mcp_2", self.metacarpal_base(1), dice.range(-0.06, 0.02), 0.022, dice);
        }
    }

    /// The muscles of the thumb's web: a round edge between thumb and index finger on most films.
    fn muscles(&self, anatomy: &mut Anatomy, dice: &mut SeededRng) {
        let (thumb, root) = (landmark(self.points, "mcp_1"), self.metacarpal_base(0));
        let (index, base) = (landmark(self.points, "mcp_2"), self.metacarpal_base(1));
        let a = lerp(lerp(root, thumb, dice.range(0.3, 0.7)), lerp(base, index, dice.range(0.3, 0.7)), dice.range(0.3, 0.6));
        let b = lerp(a, lerp(root, base, 0.5), dice.range(0.3, 0.7));
        let (ra, rb) = (dice.range(0.22, 0.36) * self.unit, dice.range(0.25, 0.4) * self.unit);
        anatomy.muscles.push(Flesh { a, b, ra, rb, half: dice.range(0.0, 0.032) * self.unit });
    }

    /// Palm, webs, wrist and forearm.
    fn palm(&self, anatomy: &mut Anatomy) {
        let u = self.unit * self.body.flesh;
        let mut put =
            |a: Point, b: Point, ra: f32, rb: f32, half: f32| anatomy.flesh.push(Flesh { a, b, ra: ra * u, rb: rb * u, half: half * u });
        for (ray, name) in MCP.iter().enumerate().skip(1) {
            put(landmark(self.points, name), self.metacarpal_base(ray), 0.17, 0.21, 0.21);
        }
        // The ball of the little finger.
        put(self.frame.at(-0.52, -0.25), self.frame.at(-0.42, 0.25), 0.18, 0.24, 0.20);
        let (thumb, root) = (landmark(self.points, "mcp_1"), self.metacarpal_base(0));
        put(thumb, root, 0.17, 0.22, 0.21);
        for ray in 1..4 {
            // Between the bones the palm is as thick as over them.
            put(landmark(self.points, MCP[ray]), landmark(self.points, MCP[ray + 1]), 0.16, 0.16, 0.19);
            for along in [0.2, 0.4, 0.6, 0.8] {
                let deep = |ray: usize| lerp(self.metacarpal_base(ray), landmark(self.points, MCP[ray]), along);
                put(deep(ray), deep(ray + 1), 0.2, 0.2, 0.21);
            }
            let web = |ray: usize| lerp(landmark(self.points, MCP[ray]), landmark(self.points, PIP[ray]), 0.27);
            put(web(ray), web(ray + 1), 0.115, 0.115, 0.15);
        }
        let index = landmark(self.points, "mcp_2");
        put(lerp(root, thumb, 0.62), lerp(self.metacarpal_base(1), index, 0.55), 0.16, 0.16, 0.19);
        put(lerp(root, thumb, 0.3), lerp(self.metacarpal_base(1), index, 0.3), 0.2, 0.2, 0.24);
        let at = |x, y| self.frame.at(x, y);
        for x in [-0.24, 0.0, 0.22] {
            put(at(x, 0.0), at(x * 0.9, 0.6), 0.26, 0.22, 0.25);
            put(at(x * 0.9, 0.6), at(x * 0.85 - 0.02, 2.0), 0.22, 0.24, 0.25);
            put(at(x * 0.85 - 0.02, 2.0), at(x - 0.04, 6.0), 0.24, 0.32, 0.32);
        }
    }
}
