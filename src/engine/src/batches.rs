//! How many films or crops go through a network at once: as many as was asked for, or as the memory allows.

use std::sync::atomic::{AtomicUsize, Ordering};

use tch::Device;

use crate::{Error, Result};

/// The size of batches. It is halved when the memory does not suffice, and stays so: what was too much once would be too much at every film.
#[derive(Debug)]
pub struct Batches {
    /// What they are of, in the plural, for the message.
    what: &'static str,
    most: AtomicUsize,
}

impl Batches {
    /// Batches of at most `most` things.
    #[must_use]
    pub fn new(what: &'static str, most: usize) -> Self {
        Self { what, most: AtomicUsize::new(most.max(1)) }
    }

    /// The size at present.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// Another size from now on.
    pub fn set(&self, most: usize) {
        self.most.store(most.max(1), Ordering::Relaxed);
    }

    /// Works items off in order, a batch at a time; the results of all of them, in order. `work` gives one result an item.
    ///
    /// # Errors
    /// What `work` returns, but for a lack of memory with more than one item, after which the batch is tried again in halves.
    pub fn run<T, R>(&self, items: &[T], mut work: impl FnMut(&[T]) -> Result<Vec<R>>) -> Result<Vec<R>> {
        let mut results = Vec::with_capacity(items.len());
        while results.len() < items.len() {
            let rest = &items[results.len()..];
            let batch = &rest[..self.most().min(rest.len())];
            match work(batch) {
                Ok(done) if done.len() == batch.len() => results.extend(done),
                Ok(done) => return Err(Error::Internal(format!("{} results for {} {}", done.len(), batch.len(), self.what))),
                Err(error) if error.is_lack_of_memory() && batch.len() > 1 => {
                    self.set(batch.len() / 2);
                    eprintln!(
                        "svh-engine: there is not enough memory for {} {} at once; {} from now on",
                        batch.len(),
                        self.what,
                        self.most()
                    );
                }
                Err(error) => return Err(error),
            }
        }
        Ok(results)
    }
}

/// So many on the CPU, which gains nothing from more, and so many on a GPU, which does.
#[must_use]
pub(crate) const fn for_device(device: Device, cpu: usize, gpu: usize) -> usize {
    match device {
        Device::Cuda(_) => gpu,
        _ => cpu,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lack_of_memory() -> Error {
        Error::Torch(tch::TchError::Torch("CUDA out of memory. Tried to allocate 20.00 GiB.".to_owned()))
    }

    #[test]
    fn batches_are_halved_until_they_fit_and_stay_so_and_nothing_is_lost() {
        let batches = Batches::new("films", 16);
        let mut sizes = Vec::new();
        let mut work = |batch: &[usize]| {
            sizes.push(batch.len());
            if batch.len() > 5 { Err(lack_of_memory()) } else { Ok(batch.iter().map(|item| item * 10).collect()) }
        };
        let items: Vec<usize> = (0..21).collect();
        let done = batches.run(&items, &mut work).unwrap();
        assert_eq!(done, items.iter().map(|item| item * 10).collect::<Vec<_>>());
        batches.run(&items[..9], &mut work).unwrap();
        assert_eq!(sizes, [16, 8, 4, 4, 4, 4, 4, 1, 4, 4, 1]);
        assert_eq!(batches.most(), 4);
    }

    #[test]
    fn one_item_that_does_not_fit_and_every_other_error_are_told() {
        let batches = Batches::new("films", 4);
        let mut tries = 0;
        let refused = batches.run(&[1, 2, 3], |_: &[i32]| -> Result<Vec<()>> {
            tries += 1;
            Err(lack_of_memory())
        });
        assert!(refused.unwrap_err().is_lack_of_memory());
        assert_eq!((tries, batches.most()), (2, 1), "three at once, then one");
        batches.set(4);
        let failed = batches.run(&[1, 2, 3], |_: &[i32]| -> Result<Vec<()>> { Err(Error::Cancelled) });
        assert!(matches!(failed, Err(Error::Cancelled)) && batches.most() == 4);
        let short = batches.run(&[1, 2], |_: &[i32]| Ok(vec![1]));
        assert!(short.unwrap_err().to_string().contains("1 results for 2 films"));
        assert!(batches.run(&[] as &[i32], |_: &[i32]| -> Result<Vec<()>> { Err(Error::Cancelled) }).unwrap().is_empty());
    }
}
