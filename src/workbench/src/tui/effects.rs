//! The world: reading cohorts and films, talking to the engine, keeping results. Each on a thread of its own, all answering as events.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc::Sender},
};

use svh_core::{Cohort, Film, Limb, review::queue::Queue};

use super::{data::Catalogue, event::Event, result_recorder, results::Results};
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
            let results = catch_unwind(AssertUnwindSafe(|| result_recorder::read(&catalogue))).unwrap_or_default();
            let _ = events.send(Event::Results(Box::new(results)));
        }
    });
}

/// Reads what one run says.
pub fn read_results(catalogue: Arc<Catalogue>, folder: PathBuf, events: Sender<Event>) {
    spawn("results", move || {
        let results = catch_unwind(AssertUnwindSafe(|| result_recorder::read_one(&catalogue, &folder))).unwrap_or_default();
        let _ = events.send(Event::RunResults(Box::new(results)));
    });
}

/// Starts this program once more with these words, so that it outlives this one and the terminal: in a process group of its own, which no hangup
/// reaches, without our input and output. What it says goes to `start.log` in the folder of runs. Says whether it began, and if it ends soon, why.
pub fn start(words: Vec<String>, runs: Option<PathBuf>, events: Sender<Event>) {
    spawn("start", move || {
        let result = launch(&words, runs.as_deref());
        let told = events.send(Event::Started(result.as_ref().map(|_| ()).map_err(Clone::clone)));
        let (Ok((mut child, log)), Ok(())) = (result, told) else { return };
        let ended = child.wait();
        if let Ok(status) = ended
            && !status.success()
        {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason").to_owned();
            let last = last.trim_start_matches("svh: ").to_owned();
            let _ = events.send(Event::Started(Err(format!("`svh {}` ended: {last}", words.first().map_or("", String::as_str)))));
        }
    });
}

fn launch(words: &[String], runs: Option<&Path>) -> Result<(std::process::Child, PathBuf), String> {
    use std::{
        os::unix::process::CommandExt,
        process::{Command, Stdio},
    };
    let not = |reason: &dyn std::fmt::Display| format!("the run could not be started: {reason}");
    let program = std::env::current_exe().map_err(|error| not(&error))?;
    // Where the cohort cannot be written to, its words go where temporary files do.
    let places = [runs.map(Path::to_path_buf), Some(std::env::temp_dir())];
    let open = |folder: PathBuf| {
        std::fs::create_dir_all(&folder).ok()?;
        let path = folder.join("start.log");
        Some((std::fs::File::create(&path).ok()?, path))
    };
    let (out, log) = places.into_iter().flatten().find_map(open).ok_or_else(|| not(&"no folder can be written to"))?;
    let copy = out.try_clone().map_err(|error| not(&error))?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(out).stderr(copy).process_group(0);
    Ok((command.spawn().map_err(|error| not(&error))?, log))
}

/// Asks the run in a folder to end.
pub fn cancel(folder: PathBuf, events: Sender<Event>) {
    spawn("cancel", move || {
        if let Err(error) = svh_core::run::request_cancel(&folder) {
            let _ = events.send(Event::Started(Err(error.to_string())));
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
