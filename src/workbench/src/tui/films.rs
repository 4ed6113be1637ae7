//! The films that are in memory, the latest few of them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use svh_core::FilmLabels;

use svh_terminal::Picture;

/// Films that are kept however small they are.
const COUNT: usize = 12;
/// Pixels that are kept at most, but for the latest film; a pixel takes two bytes.
const PIXELS: u64 = 100_000_000;

/// A film on its way into memory.
#[derive(Clone, Debug)]
pub enum Film {
    /// It is being read.
    Reading,
    /// It is there, with the readers' boxes.
    Ready(Arc<Picture>, Arc<FilmLabels>),
    /// It cannot be read, and why.
    Failed(String),
}

/// Films by their files.
#[derive(Clone, Debug, Default)]
pub struct Films {
    films: HashMap<PathBuf, Film>,
    /// The files, the latest used last.
    order: Vec<PathBuf>,
}

impl Films {
    /// The film, if it was asked for.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Film> {
        self.films.get(path)
    }

    /// Says that a film is wanted; true where it has to be read.
    pub fn want(&mut self, path: &Path) -> bool {
        self.order.retain(|other| other != path);
        self.order.push(path.to_owned());
        if self.films.contains_key(path) {
            return false;
        }
        self.films.insert(path.to_owned(), Film::Reading);
        true
    }

    /// Takes what the reading has led to.
    pub fn add(&mut self, path: &Path, film: Film) {
        if !self.order.iter().any(|other| other == path) {
            self.order.push(path.to_owned());
        }
        self.films.insert(path.to_owned(), film);
        let pixels = |film: Option<&Film>| match film {
            Some(Film::Ready(picture, _)) => u64::from(picture.size().0) * u64::from(picture.size().1),
            _ => 0,
        };
        let mut total: u64 = self.films.values().map(|film| pixels(Some(film))).sum();
        while self.order.len() > 1 && (self.order.len() > COUNT || total > PIXELS) {
            let oldest = self.order.remove(0);
            total -= pixels(self.films.get(&oldest));
            self.films.remove(&oldest);
        }
    }

    /// Forgets a request that was dropped, so that the next one is made.
    pub fn forget(&mut self, path: &Path) {
        self.films.remove(path);
        self.order.retain(|other| other != path);
    }

    /// Forgets a failure, so that the next wish tries again.
    pub fn retry(&mut self, path: &Path) {
        if matches!(self.films.get(path), Some(Film::Failed(_))) {
            self.films.remove(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use svh_core::Film as Pixels;

    use super::*;

    fn ready(side: u32) -> Film {
        let film = Pixels::new(side, side, vec![0; (side * side) as usize]).unwrap();
        Film::Ready(Arc::new(Picture::new(film)), Arc::default())
    }

    #[test]
    fn the_oldest_films_make_room_and_the_latest_stays() {
        let mut films = Films::default();
        let path = |index: usize| PathBuf::from(format!("{index}.png"));
        for index in 0..COUNT + 3 {
            assert!(films.want(&path(index)));
            films.add(&path(index), ready(32));
        }
        assert!(films.get(&path(2)).is_none() && films.get(&path(3)).is_some());
        assert!(!films.want(&path(3)), "a film in memory is not read again");
        assert!(films.want(&path(0)));
    }

    #[test]
    fn a_film_that_failed_is_tried_again_on_demand_only() {
        let mut films = Films::default();
        films.want(Path::new("a"));
        films.add(Path::new("a"), Film::Failed("cut short".into()));
        assert!(!films.want(Path::new("a")));
        films.retry(Path::new("a"));
        assert!(films.want(Path::new("a")));
    }
}
