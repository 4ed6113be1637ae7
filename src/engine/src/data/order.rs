//! In which order films are seen: a new shuffle each epoch, fixed by the seed, so that a training can go on at any step.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One film in the course of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How often all films were seen before.
    pub epoch: u64,
    /// Which film of the cohort.
    pub index: usize,
}

/// The film that is seen as number `count` (from 0) of a training over `films` films; `None` when there are none.
#[must_use]
pub fn place_of(seed: u64, count: u64, films: usize) -> Option<Place> {
    let epoch = count.checked_div(films as u64)?;
    let mut order: Vec<usize> = (0..films).collect();
    let mut rng = rng_of(seed, epoch, u64::MAX);
    for place in (1..films).rev() {
        order.swap(place, rng.random_range(0..=place));
    }
    Some(Place { epoch, index: order[(count % films as u64) as usize] })
}

/// A generator for one purpose: the same for the same three numbers, independent for others.
#[must_use]
pub fn rng_of(seed: u64, epoch: u64, index: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    for (bytes, value) in key.chunks_exact_mut(8).zip([seed, epoch, index, 0x7376_6800]) {
        bytes.copy_from_slice(&value.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_epoch_sees_every_film_once_in_another_order() {
        let epoch = |n: u64| (n * 20..(n + 1) * 20).map(|count| place_of(7, count, 20).unwrap()).collect::<Vec<_>>();
        let (first, second) = (epoch(0), epoch(1));
        assert_eq!(first.iter().map(|p| p.index).collect::<BTreeSet<_>>().len(), 20);
        assert!(second.iter().all(|p| p.epoch == 1));
        assert_ne!(first.iter().map(|p| p.index).collect::<Vec<_>>(), second.iter().map(|p| p.index).collect::<Vec<_>>());
        assert_eq!(place_of(7, 0, 0), None);
    }
}
