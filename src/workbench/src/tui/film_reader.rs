//! Reading films with their boxes, the newest wish first.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Sender},
};

use svh_core::{Film, Limb};
use svh_terminal::Picture;

use super::{
    data::Catalogue,
    event::Event,
    worker::{INTERNAL, Queue, Work},
};

/// A film to be read.
pub struct FilmRequest {
    /// The cohort.
    pub catalogue: Arc<Catalogue>,
    /// The patient's place in it.
    pub patient: usize,
    /// The limb, where the file name has it.
    pub limb: Option<Limb>,
    /// The film.
    pub path: PathBuf,
}

/// Reads films.
pub struct FilmReader {
    /// Where they go.
    pub events: Sender<Event>,
}

impl Work for FilmReader {
    type Job = FilmRequest;
    const NEWEST_FIRST: bool = true;
    /// Films are asked for as fast as a key repeats, and kept by the dozen.
    const BOUND: usize = 16;

    fn work(&mut self, wanted: &FilmRequest, _: &Queue<FilmRequest>) {
        let read = read_film(&wanted.catalogue, wanted.patient, wanted.limb, &wanted.path);
        let _ = self.events.send(Event::Film(wanted.path.clone(), read));
    }

    fn panicked(&mut self, wanted: FilmRequest) {
        let reason = format!("{} could not be read: {INTERNAL}", wanted.path.display());
        let _ = self.events.send(Event::Film(wanted.path, Err(reason)));
    }
}

/// A film with its boxes, or why not.
pub type Read = Result<(Arc<Picture>, Arc<svh_core::FilmLabels>), String>;

/// Reads a film and the readers' boxes on it.
///
/// # Errors
/// One sentence about the file.
pub fn read_film(catalogue: &Catalogue, patient: usize, limb: Option<Limb>, path: &Path) -> Read {
    let film = Film::open(path).map_err(|error| error.to_string())?;
    let spacing = Film::spacing(path).map(|spacing| (spacing.x as f32, spacing.y as f32));
    let picture = Arc::new(Picture::new(film).spaced(spacing));
    let cohort = &catalogue.cohort;
    let labels = limb.zip(cohort.patients().get(patient)).map(|(limb, patient)| cohort.boxes(patient, limb)).unwrap_or_default();
    Ok((picture, Arc::new(labels)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_that_breaks_the_reading_has_failed_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("UAB001-LH.jpg"), "x").unwrap();
        let catalogue = Arc::new(Catalogue::new(svh_core::Cohort::open(folder.path()).unwrap()));
        let (events, inbox) = std::sync::mpsc::channel();
        let path = folder.path().join("UAB001-LH.jpg");
        FilmReader { events }.panicked(FilmRequest { catalogue, patient: 0, limb: None, path: path.clone() });
        let Ok(Event::Film(of, Err(reason))) = inbox.try_recv() else { panic!("no answer") };
        assert!(of == path && reason.ends_with("internal error, please report it"), "{reason}");
    }
}
