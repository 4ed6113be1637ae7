//! Films decoded ahead, while the networks are busy with the ones before.

use std::path::Path;
use std::sync::Arc;

use svh_core::protocol::FilmRequest;
use svh_core::{Film, FilmError};
use tch::Device;

use crate::data::Loader;
use crate::times::{self, Part};
use crate::{Error, Result};

/// How many decoded films may wait; a large one takes 200 MB.
const AHEAD: usize = 2;
/// Threads that decode, at most; a fast GPU waits for films.
const MOST_THREADS: usize = 4;

/// Calls `work` with every film in order, each decoded once by `open` and on another thread: `size` films at a time, with the number of the first. `work` stops the rest
/// with an error.
///
/// # Errors
/// What `work` returned.
pub(crate) fn each(
    films: &[FilmRequest],
    size: usize,
    open: fn(&Path) -> Result<Film, FilmError>,
    mut work: impl FnMut(usize, Vec<Result<Film, FilmError>>) -> Result<()>,
) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = (cores / 2).clamp(1, MOST_THREADS.min(films.len().max(1)));
    let paths: Arc<Vec<_>> = Arc::new(films.iter().map(|film| film.path.clone()).collect());
    let open = move |index: u64| Ok(times::of(Part::Decode, Device::Cpu, || open(&paths[index as usize])));
    // The loader goes at the end of this function, on every way out, which ends its threads.
    let mut decoded = Loader::new(0..films.len() as u64, threads, AHEAD, open)?;
    let mut first = 0;
    while first < films.len() {
        let count = size.clamp(1, films.len() - first);
        let group = times::of(Part::Wait, Device::Cpu, || decoded.by_ref().take(count).collect::<Result<Vec<_>>>())?;
        if group.len() < count {
            return Err(Error::Internal("the films were not all decoded".to_owned()));
        }
        work(first, group)?;
        first += count;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> FilmRequest {
        FilmRequest { path: path.into(), limb: None }
    }

    #[test]
    fn every_film_is_answered_in_order_and_an_error_ends_the_rest() {
        let films: Vec<_> = (0..9).map(|n| request(&format!("/nowhere/{n}"))).collect();
        for size in [1, 4, 20] {
            let mut seen = Vec::new();
            let all = each(&films, size, Film::open, |first, group| {
                for (place, film) in group.into_iter().enumerate() {
                    assert!(film.unwrap_err().to_string().contains(&format!("/nowhere/{}", first + place)));
                    seen.push(first + place);
                }
                Ok(())
            });
            assert!(all.is_ok() && seen == (0..9).collect::<Vec<_>>());
        }
        let mut last = 0;
        let stopped = each(&films, 1, Film::open, |index, _| {
            last = index;
            if index == 3 { Err(Error::Cancelled) } else { Ok(()) }
        });
        assert!(matches!(stopped, Err(Error::Cancelled)) && last == 3);
    }
}
