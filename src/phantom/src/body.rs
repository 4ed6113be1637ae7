//! What does not depend on a joint: the patient's build and age, and what a limb is made of when it is ready to be X-rayed.

use crate::fusion::Fusion;
use crate::plane::Point;
use crate::raysum::{Pale, Swell};
use crate::seeded_rng::SeededRng;
use crate::setting::Setting;
use crate::solid::{Part, Solid};

/// Build of a patient, the same for all four limbs.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    /// 0.15 (a child of about four) to 1 (grown up).
    pub maturity: f32,
    /// Width of bones against the usual.
    pub girth: f32,
    /// Thickness of the fingers' bones against an adolescent's, for the same palm: grown-ups' are thicker. The base of a middle phalanx is 12 to 14 mm wide
    /// beside a palm of 56 mm from index to little knuckle.
    pub sturdy: f32,
    /// Soft tissue against the usual.
    pub flesh: f32,
    /// Mineral of bone against the usual.
    pub mineral: f32,
    /// Density of spongy bone against the usual, besides `mineral`: age and disease thin it before the cortex.
    pub spongy: f32,
    /// Contrast of trabeculae against the usual.
    pub texture: f32,
    /// Thickness of the cortex against the usual.
    pub cortex: f32,
    /// Joint spaces of healthy joints against the usual.
    pub space: f32,
    /// Spaces of the fingers' interphalangeal joints against the person's others.
    pub pip_space: f32,
    /// Spurs at joints, 0 for none.
    pub spurs: f32,
}

impl Body {
    /// The build of a patient. A share are children, from small child to adolescent: they teach a detector that growth plates are not joints.
    pub fn draw(dice: &mut SeededRng, setting: Setting, child_share: f32) -> Self {
        let ranges = setting.ranges();
        let maturity = if dice.chance(1.0 - child_share) { 1.0 } else { dice.range(0.2, 0.97) };
        let old = maturity >= 1.0 && dice.chance(0.4);
        Self {
            maturity,
            girth: dice.band(ranges.girth),
            sturdy: 1.0 + dice.range(0.08, 0.52) * ((maturity - 0.6) / 0.4).clamp(0.0, 1.0),
            flesh: dice.band(ranges.flesh),
            mineral: dice.band(ranges.mineral) * if old { 0.92 } else { 1.0 },
            texture: dice.band(ranges.texture),
            cortex: dice.band(ranges.cortex),
            // Healthy spaces lose up to a fifth of their width with age.
            space: dice.range(0.88, 1.15) * (1.0 + 0.35 * (1.0 - maturity)) * if old { dice.range(0.80, 1.0) } else { 1.0 },
            spurs: if old { dice.range(0.0, 0.22) } else { 0.0 },
            spongy: if old { dice.range(0.65, 1.0) } else { dice.range(0.85, 1.15) },
            // Healthy spaces differ by person, not in every joint alike; how much is an estimate.
            pip_space: dice.clipped(0.14, 2.0).exp(),
        }
    }
}

/// A tapered capsule of soft tissue.
#[derive(Clone, Copy, Debug)]
pub struct Flesh {
    /// Centre of one end.
    pub a: Point,
    /// Centre of the other end.
    pub b: Point,
    /// Radius on the film at `a`, pixels.
    pub ra: f32,
    /// Radius on the film at `b`, pixels.
    pub rb: f32,
    /// Half the thickness of tissue, pixels.
    pub half: f32,
}

/// A limb in parts, in pixels of an unmirrored (left) film.
#[derive(Debug, Default)]
pub struct Anatomy {
    /// All bones.
    pub bones: Vec<Solid>,
    /// The soft tissue is the smooth union of these.
    pub flesh: Vec<Flesh>,
    /// Muscles whose edges show through: they add to the soft tissue.
    pub muscles: Vec<Flesh>,
    /// Ankyloses.
    pub fusions: Vec<Fusion>,
    /// Osteopenia.
    pub pale: Vec<Pale>,
    /// Narrowing between irregular bones.
    pub swell: Vec<Swell>,
}

impl Anatomy {
    /// The bone with this name.
    pub fn bone_mut(&mut self, part: Part) -> Option<&mut Solid> {
        self.bones.iter_mut().find(|bone| bone.part == part)
    }
}
