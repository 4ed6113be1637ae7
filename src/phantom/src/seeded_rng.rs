//! Random numbers that depend on nothing but what they are for: one ChaCha stream for each seed, patient, limb and purpose.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A choice of ranges: one is drawn, then a value in it. Several ranges leave out what lies between them.
pub type Band = &'static [(f32, f32)];

/// A stream of random numbers.
pub struct SeededRng(ChaCha8Rng);

impl SeededRng {
    /// The stream of one purpose. The same four values give the same stream in every program.
    pub fn new(seed: u64, patient: u32, limb: u8, purpose: &str) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&patient.to_le_bytes());
        key[12] = limb;
        // FNV-1a keeps purposes apart; no security is asked of it.
        let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        key[16..24].copy_from_slice(&hash.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A stream of its own for a part: however much it draws, this stream goes on from the same place.
    pub fn fork(&mut self, purpose: &str) -> Self {
        Self::new(self.0.next_u64(), 0, 0, purpose)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform in [lo, hi).
    pub fn range(&mut self, lo: f32, hi: f32) -> f32 {
        lo + (hi - lo) * self.unit()
    }

    /// A value of a band.
    pub fn band(&mut self, band: Band) -> f32 {
        let (lo, hi) = band[self.index(band.len())];
        self.range(lo, hi)
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f32 {
        let u = (1.0 - self.unit()).max(1e-7);
        (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * self.unit()).cos()
    }

    /// Normal with this deviation, clipped at `clip` deviations.
    pub fn clipped(&mut self, deviation: f32, clip: f32) -> f32 {
        self.normal().clamp(-clip, clip) * deviation
    }

    /// True with this probability.
    pub fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// Uniform below `n` (at least 1).
    pub fn index(&mut self, n: usize) -> usize {
        (self.unit() * n as f32) as usize % n.max(1)
    }

    /// -1 or 1.
    pub fn sign(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// A position in the weights, drawn in proportion to them.
    pub fn weighted(&mut self, weights: &[f32]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f32>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }
}
