//! The random choice of foreground and background boxes that enter a loss.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// How `count` of many are picked.
#[derive(Clone, Debug)]
pub enum Picker {
    /// At random.
    Random(Box<ChaCha8Rng>),
    /// The first: makes a loss comparable with another implementation's.
    First,
}

impl Picker {
    /// `count` distinct entries of `from`.
    fn pick(&mut self, mut from: Vec<usize>, count: usize) -> Vec<usize> {
        if let (Self::Random(rng), true) = (&mut *self, count < from.len()) {
            for place in 0..count {
                let other = rng.random_range(place..from.len());
                from.swap(place, other);
            }
        }
        from.truncate(count);
        from
    }
}

/// How many boxes a film, and the share of them that may be foreground.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sampler {
    /// Boxes a film.
    pub batch: usize,
    /// The most that may be foreground, as a share.
    pub positive: f32,
}

impl Sampler {
    /// Picks from the indices of foreground and of background boxes; background fills what foreground leaves. Both results are in ascending order.
    #[must_use]
    pub fn run(self, foreground: Vec<usize>, background: Vec<usize>, picker: &mut Picker) -> (Vec<usize>, Vec<usize>) {
        let most = (self.batch as f32 * self.positive) as usize;
        let positives = foreground.len().min(most);
        let mut chosen = picker.pick(foreground, positives);
        let mut rest = picker.pick(background, self.batch - positives);
        chosen.sort_unstable();
        rest.sort_unstable();
        (chosen, rest)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn background_fills_what_foreground_leaves() {
        let sampler = Sampler { batch: 8, positive: 0.5 };
        let mut picker = Picker::Random(Box::new(ChaCha8Rng::seed_from_u64(1)));
        let (fore, back) = sampler.run(vec![1, 2], (10..100).collect(), &mut picker);
        assert_eq!((fore, back.len()), (vec![1, 2], 6));
        let (fore, back) = sampler.run((0..50).collect(), (50..53).collect(), &mut picker);
        assert_eq!((fore.len(), back), (4, vec![50, 51, 52]));
        assert!(fore.windows(2).all(|pair| pair[0] < pair[1]), "no box twice");
    }
}
