//! Films decoded ahead, while the networks are busy with the ones before.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use svh_core::protocol::FilmRequest;
use svh_core::{Film, FilmError};

use crate::Result;

/// How many decoded films may wait beside the one that is being decoded; a large one takes 200 MB, and its decoding four times as much.
const AHEAD: usize = 0;

/// Calls `work` with every film in order, each decoded once by `open` and on another thread. `work` stops the rest with an error.
///
/// # Errors
/// What `work` returned.
pub fn each(
    films: &[FilmRequest],
    open: fn(&Path) -> Result<Film, FilmError>,
    mut work: impl FnMut(usize, Result<Film, FilmError>) -> Result<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(move || {
            for film in films {
                if sender.send(open(&film.path)).is_err() {
                    break;
                }
            }
        });
        // The receiver goes at the end of this function, on every way out, which ends the decoder.
        for (index, film) in receiver.into_iter().enumerate() {
            work(index, film)?;
        }
        Ok(())
    })
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
        let mut seen = Vec::new();
        let all = each(&films, Film::open, |index, film| {
            assert!(film.unwrap_err().to_string().contains(&format!("/nowhere/{index}")));
            seen.push(index);
            Ok(())
        });
        assert!(all.is_ok() && seen.len() == 9);
        let mut last = 0;
        let stopped = each(&films, Film::open, |index, _| {
            last = index;
            if index == 3 { Err(crate::Error::Cancelled) } else { Ok(()) }
        });
        assert!(matches!(stopped, Err(crate::Error::Cancelled)) && last == 3);
    }
}
