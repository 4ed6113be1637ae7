//! Soft tissue: the smooth union of tapered capsules, its thickness rounded off towards the skin.

use crate::body::{Anatomy, Flesh};
use crate::field::Field;
use crate::plane::{mix, smooth, to_segment};
use crate::texture::CLOUDS;

/// Distance inside the skin and half thickness on a coarse grid.
struct Envelope {
    inside: Field,
    half: Field,
    step: usize,
}

fn envelope(flesh: &[Flesh], width: usize, height: usize, unit: f32) -> Envelope {
    let step = ((unit / 40.0) as usize).clamp(2, 24);
    let (columns, rows) = (width.div_ceil(step) + 2, height.div_ceil(step) + 2);
    let (mut inside, mut half) = (Field::new(columns, rows), Field::new(columns, rows));
    let blend = 0.045 * unit;
    for row in 0..rows {
        for column in 0..columns {
            let p = [(column * step) as f32, (row * step) as f32];
            let (mut union, mut weights, mut thickness) = (0.0_f32, 1e-6_f32, 0.0_f32);
            let mut best = f32::MIN;
            for part in flesh {
                let (r, t) = to_segment(p, part.a, part.b);
                let d = mix(part.ra, part.rb, t) - r;
                best = best.max(d);
                // Below e^-9 a part adds nothing that can be seen.
                if d > -9.0 * blend {
                    union += (d / blend).min(40.0).exp();
                    let weight = (d / (2.5 * blend)).clamp(-20.0, 20.0).exp();
                    weights += weight;
                    thickness += weight * part.half;
                }
            }
            let index = row * columns + column;
            inside.values[index] = if union > 1e-3 && best < 30.0 * blend { blend * union.ln() } else { best };
            half.values[index] = thickness / weights;
        }
    }
    Envelope { inside, half, step }
}

/// The attenuation of the soft tissue: thickness in units.
pub fn paint(anatomy: &Anatomy, width: usize, height: usize, unit: f32, phase: f32) -> Field {
    let envelope = envelope(&anatomy.flesh, width, height, unit);
    let mut field = Field::new(width, height);
    let step = envelope.step as f32;
    let scale = 340.0 / unit;
    for y in 0..height {
        for x in 0..width {
            let at = [x as f32 / step, y as f32 / step];
            let inside = envelope.inside.at(at);
            if inside <= 0.0 {
                continue;
            }
            let half = envelope.half.at(at);
            // Fingers are round; the palm is a slab with a rounded edge.
            let edge = half.min(0.20 * unit);
            let off = 1.0 - (inside / edge).min(1.0);
            let cloud = CLOUDS.at(x as f32 * scale * 0.22 + phase, y as f32 * scale * 0.22 - phase);
            let fat = mix(0.82, 1.0, smooth(0.01 * unit, 0.06 * unit, inside));
            field.values[y * width + x] = 2.0 * half * (1.0 - off * off).max(0.0).sqrt() * fat * (1.0 + 0.018 * cloud) / unit;
        }
    }
    for muscle in &anatomy.muscles {
        add_muscle(&mut field, muscle, unit);
    }
    field
}

/// Adds a muscle's thickness where there is soft tissue.
fn add_muscle(field: &mut Field, muscle: &Flesh, unit: f32) {
    let reach = muscle.ra.max(muscle.rb);
    let low = |k: usize| (muscle.a[k].min(muscle.b[k]) - reach).max(0.0) as usize;
    let high = |k: usize, most: usize| ((muscle.a[k].max(muscle.b[k]) + reach + 1.0).max(0.0) as usize).min(most);
    for y in low(1)..high(1, field.height) {
        for x in low(0)..high(0, field.width) {
            let (r, t) = to_segment([x as f32, y as f32], muscle.a, muscle.b);
            let d = mix(muscle.ra, muscle.rb, t) - r;
            let place = &mut field.values[y * field.width + x];
            if d > 0.0 && *place > 0.0 {
                *place += 2.0 * muscle.half * smooth(0.0, 0.05 * unit, d) / unit;
            }
        }
    }
}
