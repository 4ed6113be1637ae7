//! Initialisation of parameters as `torch.nn.init` defines it, drawn from our own generator so that a seed and a name fix the values.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How a new tensor is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All the same.
    Constant(f32),
    /// Normal with mean 0.
    Normal {
        /// Standard deviation.
        std: f32,
    },
    /// Uniform between `-bound` and `bound`.
    Uniform {
        /// The bound.
        bound: f32,
    },
    /// `kaiming_uniform_(a)` over the fan-in: bound = sqrt(6 / ((1 + a^2) fan_in)). PyTorch's default for conv and linear has a = sqrt(5).
    KaimingUniform {
        /// The negative slope, squared.
        a_squared: f32,
    },
    /// `kaiming_normal_(mode="fan_out", nonlinearity="relu")`: std = sqrt(2 / fan_out).
    KaimingNormalFanOut,
}

impl Init {
    /// PyTorch's default for the weight of a convolution or a linear layer.
    pub(crate) const DEFAULT_WEIGHT: Self = Self::KaimingUniform { a_squared: 5.0 };

    /// PyTorch's default for the bias that goes with it: uniform within 1 / sqrt(fan_in).
    #[must_use]
    pub(crate) fn default_bias(fan_in: i64) -> Self {
        Self::Uniform { bound: 1.0 / (fan_in as f32).sqrt() }
    }

    /// Values for a tensor of this shape. The generator is seeded by seed and name, so the order of creation does not matter.
    #[must_use]
    pub fn values(self, shape: &[i64], seed: u64, name: &str) -> Vec<f32> {
        let count = usize::try_from(shape.iter().product::<i64>()).unwrap_or(0);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ fnv1a(name));
        match self {
            Self::Constant(value) => vec![value; count],
            Self::Normal { std } => normal(&mut rng, count, std),
            Self::Uniform { bound } => uniform(&mut rng, count, bound),
            Self::KaimingUniform { a_squared } => uniform(&mut rng, count, (6.0 / ((1.0 + a_squared) * fan_in(shape))).sqrt()),
            Self::KaimingNormalFanOut => normal(&mut rng, count, (2.0 / fan_out(shape)).sqrt()),
        }
    }
}

/// Inputs that feed one output: everything but the first dimension.
fn fan_in(shape: &[i64]) -> f32 {
    shape.iter().skip(1).product::<i64>() as f32
}

/// Outputs that one input feeds: the first dimension times the kernel.
fn fan_out(shape: &[i64]) -> f32 {
    (shape.first().copied().unwrap_or(1) * shape.iter().skip(2).product::<i64>()) as f32
}

fn uniform(rng: &mut ChaCha8Rng, count: usize, bound: f32) -> Vec<f32> {
    (0..count).map(|_| (rng.random::<f32>() * 2.0 - 1.0) * bound).collect()
}

/// Box-Muller; both values of a pair are used.
fn normal(rng: &mut ChaCha8Rng, count: usize, std: f32) -> Vec<f32> {
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt() * std;
        let (sin, cos) = (std::f32::consts::TAU * rng.random::<f32>()).sin_cos();
        values.extend([radius * cos, radius * sin]);
    }
    values.truncate(count);
    values
}

/// The 64-bit FNV-1a hash.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn std_of(values: &[f32]) -> f32 {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt()
    }

    #[test]
    fn spreads_are_those_of_the_formulas() {
        let shape = [64, 32, 3, 3];
        let he = Init::KaimingNormalFanOut.values(&shape, 1, "w");
        assert!((std_of(&he) / (2.0f32 / 576.0).sqrt() - 1.0).abs() < 0.02);
        let default = Init::DEFAULT_WEIGHT.values(&shape, 1, "w");
        let bound = 1.0 / 288.0f32.sqrt();
        assert!(default.iter().all(|v| v.abs() <= bound));
        assert!((std_of(&default) / (bound / 3.0f32.sqrt()) - 1.0).abs() < 0.02);
    }

    #[test]
    fn seed_and_name_alone_decide() {
        let draw = |seed, name| Init::Normal { std: 1.0 }.values(&[5], seed, name);
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }
}
