//! Boxes as offsets from other boxes: what the network regresses.

use svh_core::BBox;

/// dw and dh above this would overflow the exponential: ln(1000 / 16).
const CLIP: f32 = 4.135_166_5;

/// Encodes and decodes with a weight for each of dx, dy, dw, dh.
#[derive(Clone, Copy, Debug)]
pub struct BoxCoder {
    weights: [f32; 4],
}

impl BoxCoder {
    /// The proposals' coder.
    pub const RPN: Self = Self { weights: [1.0, 1.0, 1.0, 1.0] };
    /// The box head's coder.
    pub const HEAD: Self = Self { weights: [10.0, 10.0, 5.0, 5.0] };

    /// What the network should say at `from` so that `target` results.
    #[must_use]
    pub fn encode(self, target: BBox, from: BBox) -> [f32; 4] {
        let [wx, wy, ww, wh] = self.weights;
        let (w, h, x, y) = parts(from);
        let (tw, th, tx, ty) = parts(target);
        [wx * (tx - x) / w, wy * (ty - y) / h, ww * (tw / w).ln(), wh * (th / h).ln()]
    }

    /// The box that these offsets make of `from`.
    #[must_use]
    pub fn decode(self, offsets: [f32; 4], from: BBox) -> BBox {
        let [wx, wy, ww, wh] = self.weights;
        let (w, h, x, y) = parts(from);
        let (cx, cy) = (offsets[0] / wx * w + x, offsets[1] / wy * h + y);
        let half_w = 0.5 * ((offsets[2] / ww).min(CLIP).exp() * w);
        let half_h = 0.5 * ((offsets[3] / wh).min(CLIP).exp() * h);
        BBox { x0: cx - half_w, y0: cy - half_h, x1: cx + half_w, y1: cy + half_h }
    }
}

/// Width, height, and centre as torchvision computes it (corner + half the side, which rounds differently from the mean of the corners).
fn parts(b: BBox) -> (f32, f32, f32, f32) {
    let (w, h) = (b.width(), b.height());
    (w, h, b.x0 + 0.5 * w, b.y0 + 0.5 * h)
}
