//! The world: reading cohorts and films, talking to the engine, keeping results. Each on a thread of its own, all answering as events.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc::Sender},
};

use svh_core::{Cohort, Film, Limb, review::queue::Queue};

use super::{data::Catalogue, event::Event, keeper, results::Results};
use crate::pictures::Picture;

/// Reads a cohort, and then what its newest runs know.
pub fn read_cohort(root: PathBuf, events: Sender<Event>) {
    spawn("cohort", move || {
        let read = catch_unwind(|| {
            let cohort = Cohort::open(&root).map_err(|error| error.to_string())?;
            Ok(Catalogue::new(cohort))
        });
        let result = read.unwrap_or_else(|_| Err(format!("{} could not be read: svh made a mistake", root.display())));
        let catalogue = result.as_ref().ok().cloned();
        let _ = events.send(Event::Cohort(result.map(Box::new)));
        if let Some(catalogue) = catalogue {
            let results = catch_unwind(AssertUnwindSafe(|| keeper::read(&catalogue))).unwrap_or_default();
            let _ = events.send(Event::Results(Box::new(results)));
        }
    });
}

/// Starts a thread; where the system has none left the work is not done, which shows as waiting.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    let _ = std::thread::Builder::new().name(name.into()).spawn(work);
}

/// Works out what is worth a look.
pub fn build_queue(catalogue: Arc<Catalogue>, results: Results, events: Sender<Event>) {
    spawn("queue", move || {
        let built = catch_unwind(AssertUnwindSafe(|| queue(&catalogue, &results))).unwrap_or_default();
        let _ = events.send(Event::Queue(built));
    });
}

/// What is worth a look.
#[must_use]
pub fn queue(catalogue: &Catalogue, results: &Results) -> Arc<Queue> {
    let scored = |patient: &str| results.patient(patient).map(|scored| &scored.score);
    Arc::new(Queue::build(&catalogue.cohort, |path| results.film(path), scored))
}

/// A film to be read.
struct Wanted {
    catalogue: Arc<Catalogue>,
    patient: usize,
    limb: Option<Limb>,
    path: PathBuf,
}

/// The thread that reads films, the newest wish first.
pub struct Reader {
    wishes: Arc<(Mutex<Vec<Wanted>>, Condvar)>,
}

impl Reader {
    /// Starts the thread.
    #[must_use]
    pub fn start(events: Sender<Event>) -> Self {
        let wishes = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let inner = Arc::clone(&wishes);
        spawn("films", move || {
            loop {
                let wanted = next(&inner);
                let read = catch_unwind(AssertUnwindSafe(|| read_film(&wanted.catalogue, wanted.patient, wanted.limb, &wanted.path)));
                let result = read.unwrap_or_else(|_| Err(format!("{} could not be read: svh made a mistake", wanted.path.display())));
                if events.send(Event::Film(wanted.path, result)).is_err() {
                    return;
                }
            }
        });
        Self { wishes }
    }

    /// Asks for a film.
    pub fn ask(&self, catalogue: Arc<Catalogue>, patient: usize, limb: Option<Limb>, path: PathBuf) {
        let (wishes, signal) = &*self.wishes;
        wishes.lock().unwrap_or_else(PoisonError::into_inner).push(Wanted { catalogue, patient, limb, path });
        signal.notify_one();
    }
}

fn next(wishes: &(Mutex<Vec<Wanted>>, Condvar)) -> Wanted {
    let mut guard = wishes.0.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(wanted) = guard.pop() {
            return wanted;
        }
        guard = wishes.1.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}

/// A film with its boxes, or why not.
pub type Read = Result<(Arc<Picture>, Arc<svh_core::FilmLabels>), String>;

/// Reads a film and the boxes that people drew on it.
///
/// # Errors
/// One sentence about the file.
pub fn read_film(catalogue: &Catalogue, patient: usize, limb: Option<Limb>, path: &Path) -> Read {
    let film = Film::open(path).map_err(|error| error.to_string())?;
    let picture = Arc::new(Picture::new(film));
    let cohort = &catalogue.cohort;
    let labels = limb.zip(cohort.patients().get(patient)).map(|(limb, patient)| cohort.boxes(patient, limb)).unwrap_or_default();
    Ok((picture, Arc::new(labels)))
}
