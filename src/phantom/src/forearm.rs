//! The ends of radius and ulna, in the frame of the wrist: own tracings of the usual look of an adult's PA film.

use crate::plane::{Point, closed_curve, mix, smooth};
use crate::seeded_rng::SeededRng;
use crate::short_bone::ShortBone;
use crate::solid::{Material, Part, Physis, Shape, Solid, Spot};
use crate::space::Frame;
use crate::wrist::Wrist;

/// From the styloid round the joint's surface and down the ulnar side; the shaft runs off the film.
#[rustfmt::skip]
const RADIUS: &[Point] = &[
    [0.40, 0.425], [0.455, 0.45], [0.465, 0.56], [0.42, 0.70], [0.34, 0.92], [0.285, 1.15], [0.235, 1.6], [0.22, 2.4], [0.22, 4.0], [0.22, 6.0],
    [-0.04, 6.0], [-0.04, 4.0], [-0.05, 2.4], [-0.085, 1.6], [-0.12, 1.15], [-0.145, 0.85], [-0.155, 0.70], [-0.135, 0.635], [-0.01, 0.615], [0.13, 0.565], [0.26, 0.495], [0.33, 0.465],
];

/// From the styloid, which stands towards the back of the hand, over the round head and down the radial side.
#[rustfmt::skip]
const ULNA: &[Point] = &[
    [-0.50, 0.51], [-0.475, 0.48], [-0.44, 0.475], [-0.415, 0.50], [-0.40, 0.555], [-0.33, 0.575], [-0.25, 0.57], [-0.20, 0.60], [-0.185, 0.66], [-0.22, 0.75], [-0.265, 0.92], [-0.285, 1.2], [-0.29, 2.0], [-0.26, 4.0], [-0.24, 6.0],
    [-0.40, 6.0], [-0.42, 4.0], [-0.455, 2.0], [-0.49, 1.2], [-0.51, 0.9], [-0.525, 0.72], [-0.52, 0.62], [-0.51, 0.56],
];

impl Wrist<'_> {
    /// The radius, or the ulna; `tilt` is how far the forearm leans aside, radians.
    pub(crate) fn forearm(&self, radius: bool, tilt: f32, dice: &mut SeededRng) -> Solid {
        let (name, tracing, half, pivot) = if radius { ("radius", RADIUS, 0.13, [0.10, 0.6]) } else { ("ulna", ULNA, 0.10, [-0.34, 0.6]) };
        let swing = |p: Point| {
            let far = (p[1] - pivot[1]).max(0.0);
            self.at([p[0] - far * tilt.tan(), p[1]])
        };
        let form: Vec<Point> = tracing.iter().map(|p| [p[0] * dice.range(0.985, 1.015), p[1] + dice.range(-0.008, 0.008)]).collect();
        let x = self.x();
        let ulna = (!radius).then(|| Ulna::draw(&mut dice.fork("ulna")));
        // The radius ends in a hollow, 1 to 3 mm deep between a dorsal and a palmar rim 18 mm apart, and it faces the palm by 2 to 20 degrees (the palmar tilt
        // of the textbooks), so that the dorsal rim reaches further. The plate at the bottom is a bright line behind both rims, which lie over the space.
        let (rim, palmar_rim) = if radius {
            let (depth, tilt) = (dice.range(0.015, 0.045), dice.range(0.005, 0.04));
            (depth + tilt, depth - tilt)
        } else {
            let rim = dice.range(0.0, 0.018);
            (rim, -0.35 * rim)
        };
        let aside = dice.clipped(0.015, 2.0);
        let level = |height: f32, rim: f32| {
            let shaped = form.iter().map(|p| {
                let p = ulna.as_ref().map_or(*p, |ulna| ulna.at(*p, height > 0.0));
                // The rims of the radius meet in its styloid.
                let end = (1.0 - smooth(0.62, 0.75, p[1])) * if radius { smooth(0.43, 0.30, p[0]) } else { 1.0 };
                swing([p[0] + 0.5 * height * aside, p[1] - rim * end])
            });
            closed_curve(&shaped.collect::<Vec<_>>(), 3)
        };
        let (palmar, dorsal) = (level(-0.35, palmar_rim), level(1.0, rim));
        let hollow = radius.then(|| level(0.3, 0.0));
        let whole = |p: &Point| swing(ulna.as_ref().map_or(*p, |ulna| ulna.at(*p, true)));
        let outline = closed_curve(&form.iter().map(whole).collect::<Vec<_>>(), 3);
        let cortex = self.body.cortex * x;
        let start = self.at([pivot[0], 6.0])[1];
        let top = self.at([pivot[0], if radius { 0.46 } else { 0.50 }])[1];
        let (physes, spots) = self.growth(radius, pivot, dice);
        Solid {
            part: Part::Named(name),
            frame: Frame::upright([0.0; 3]),
            shape: Shape::Short(ShortBone {
                palmar,
                dorsal,
                hollow,
                half: half * x * self.body.girth,
                steep: dice.range(0.7, 1.0),
                axis: (start, top - start),
            }),
            outline,
            material: Material {
                cortex: [0.045 * cortex, 0.045 * cortex, if radius { 0.014 } else { 0.011 } * cortex * dice.range(0.6, 1.4)],
                spongy: [dice.range(0.22, 0.34) * self.body.spongy, 0.09 * self.body.spongy],
                shaft: [-2.0, -1.0, 0.72, 0.94],
                mineral: self.body.mineral,
            },
            cavities: Vec::new(),
            physes,
            spots,
        }
    }

    /// The growth plate while there is one; then, in many radii, the thin dense line that is left of it.
    fn growth(&self, radius: bool, pivot: Point, dice: &mut SeededRng) -> (Vec<Physis>, Vec<Spot>) {
        let (x, maturity) = (self.x(), self.body.maturity);
        let (usual, jitter) = (if radius { 0.20 } else { 0.17 }, dice.range(0.9, 1.1));
        let (slope, bow, phase) = (dice.clipped(0.07, 2.0), dice.range(-0.3, 0.45) / x, dice.range(0.0, 6.0));
        let (open, scar) = (maturity < 0.93 || (maturity < 1.0 && dice.chance(0.6)), radius && dice.chance(0.4));
        let line = [dice.range(0.10, 0.2) * x, dice.range(0.005, 0.012) * x];
        let gain = dice.range(0.06, 0.3);
        // The middle of the bone at a depth below its end.
        let middle = |depth: f32| self.at([if radius { 0.16 } else { -0.35 }, pivot[1] + depth]);
        if open {
            // The younger, the flatter the epiphysis.
            let [middle, at] = middle(usual * jitter * mix(0.55, 1.0, maturity));
            let young = 1.0 - maturity;
            let physis = Physis {
                at,
                middle,
                width: x * (0.018 + 0.035 * young),
                at_base: true,
                shrink: x * (0.10 * (young - 0.25)).max(0.0),
                slope: slope + self.frame.x[1] / self.frame.x[0].abs().max(1e-3),
                bow,
                phase,
            };
            (vec![physis], Vec::new())
        } else if scar {
            (Vec::new(), vec![Spot { centre: middle(0.75 * usual * jitter), sigma: line, gain }])
        } else {
            (Vec::new(), Vec::new())
        }
    }
}

/// How one ulna differs from the usual: in units of the wrist's frame.
struct Ulna {
    /// How far its end lies behind the usual level against the radius.
    variance: f32,
    /// Length of the styloid against the usual.
    styloid: f32,
    /// How far the groove of the tendon parts the palmar from the dorsal outline.
    groove: f32,
}

impl Ulna {
    fn draw(dice: &mut SeededRng) -> Self {
        Self { variance: dice.clipped(0.028, 2.0), styloid: dice.range(0.45, 1.35), groove: dice.range(0.0, 0.055) }
    }

    /// A point of its outline, near the back of the hand or near the palm, where the styloid is missing.
    fn at(&self, [x, y]: Point, dorsal: bool) -> Point {
        const SHOULDER: f32 = 0.565;
        let near = 1.0 - smooth(0.8, 1.3, y);
        let long = if dorsal { self.styloid } else { 0.0 };
        let y = if y < SHOULDER { SHOULDER - (SHOULDER - y) * long } else { y };
        let inward = if dorsal { 0.0 } else { self.groove * near * smooth(-0.36, -0.46, x) };
        [x + inward, y + self.variance * near]
    }
}
