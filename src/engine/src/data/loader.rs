//! Items made ahead by workers and handed out in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::{Error, Result};

/// An iterator over items that workers make; at most `ahead` finished items wait. Dropping it ends the workers after their current item.
pub struct Loader<T> {
    /// Gone first when dropped, so that no worker waits for room.
    receiver: Option<Receiver<(u64, Result<T>)>>,
    waiting: BTreeMap<u64, Result<T>>,
    next: u64,
    end: u64,
    stop: Arc<AtomicBool>,
    /// Keeps the workers alive.
    _pool: rayon::ThreadPool,
}

impl<T: Send + 'static> Loader<T> {
    /// Makes the items numbered `range` with `make` on `workers` threads.
    pub fn new(range: Range<u64>, workers: usize, ahead: usize, make: impl Fn(u64) -> Result<T> + Send + Sync + 'static) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers.max(1)).thread_name(|index| format!("films-{index}")).build();
        let pool = pool.map_err(|e| Error::Internal(format!("no threads for loading films: {e}")))?;
        let (sender, receiver) = sync_channel(ahead.max(1));
        let (stop, counter, make) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(range.start)), Arc::new(make));
        for _ in 0..workers.max(1) {
            let (sender, stop, counter, make) = (sender.clone(), Arc::clone(&stop), Arc::clone(&counter), Arc::clone(&make));
            let end = range.end;
            pool.spawn(move || work(&sender, &stop, &counter, end, &*make));
        }
        Ok(Self { receiver: Some(receiver), waiting: BTreeMap::new(), next: range.start, end: range.end, stop, _pool: pool })
    }
}

fn work<T>(sender: &SyncSender<(u64, Result<T>)>, stop: &AtomicBool, counter: &AtomicU64, end: u64, make: &impl Fn(u64) -> Result<T>) {
    while !stop.load(Ordering::Relaxed) {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            return;
        }
        // A panic would end the whole process (rayon), or leave the trainer waiting for this item.
        let made = catch_unwind(AssertUnwindSafe(|| make(number)));
        let item = made.unwrap_or_else(|_| Err(Error::Internal(format!("a loader broke down over item {number}; see its message above"))));
        if sender.send((number, item)).is_err() {
            return;
        }
    }
}

impl<T> Iterator for Loader<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        if self.next >= self.end {
            return None;
        }
        while !self.waiting.contains_key(&self.next) {
            match self.receiver.as_ref()?.recv() {
                Ok((number, item)) => drop(self.waiting.insert(number, item)),
                Err(_) => {
                    self.next = self.end;
                    return Some(Err(Error::Internal("the loaders stopped before the last item".into())));
                }
            }
        }
        let item = self.waiting.remove(&self.next);
        self.next += 1;
        item
    }
}

impl<T> Drop for Loader<T> {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.receiver.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_order_whatever_the_workers_do() {
        let slow_first = |n: u64| {
            std::thread::sleep(std::time::Duration::from_micros(if n.is_multiple_of(3) { 900 } else { 10 }));
            if n == 12 { Err(Error::Data("broken".into())) } else { Ok(n * 2) }
        };
        let loader = Loader::new(5..25, 3, 2, slow_first).unwrap();
        let items: Vec<_> = loader.map(|item| item.map_err(|e| e.to_string())).collect();
        let expected: Vec<_> = (5..25).map(|n| if n == 12 { Err("broken".to_owned()) } else { Ok(n * 2) }).collect();
        assert_eq!(items, expected);
    }

    #[test]
    fn a_panic_over_an_item_is_that_items_error() {
        let loader = Loader::new(0..6, 2, 2, |n| if n == 3 { panic!("item 3") } else { Ok(n) }).unwrap();
        let items: Vec<_> = loader.collect();
        assert_eq!(items.len(), 6);
        assert!(items.iter().enumerate().all(|(n, item)| item.is_err() == (n == 3)));
    }

    #[test]
    fn a_dropped_loader_stops_its_workers() {
        let made = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&made);
        let mut loader = Loader::new(0..1_000_000, 2, 1, move |n| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(n)
        })
        .unwrap();
        assert_eq!(loader.next().unwrap().unwrap(), 0);
        drop(loader);
        assert!(made.load(Ordering::Relaxed) < 100, "only what fits ahead is made");
    }
}
