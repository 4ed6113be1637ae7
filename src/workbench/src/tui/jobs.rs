//! The engine as the screens see it: whether it runs, on which device, and what it is asked to do.

use std::path::PathBuf;

use svh_core::{
    ExplainFilm, ExplainQuery, Explanation, SimilarJoint,
    protocol::{Event, FilmRequest, ModelSummary, Request},
};

use crate::engine::Message;

/// Whether there is an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It is started with the first request.
    #[default]
    Off,
    /// It is being started.
    Starting,
    /// It runs.
    Ready,
    /// It ended or could not be started; the next request tries again.
    Gone,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Joints of films, for this patient.
    Detect(String),
    /// Grades of this patient.
    Score(String),
    /// Another device.
    Device(String),
    /// What the grade of this joint rests on.
    Explain(String),
    /// Reference joints that look like this joint.
    Similar(String),
}

/// A running request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// What it does.
    pub task: Task,
    /// Steps done.
    pub done: usize,
    /// Steps in all, 0 while unknown.
    pub total: usize,
    /// What the engine does just now.
    pub what: String,
    /// The user has given it up.
    pub cancelled: bool,
    /// Films that could not be read.
    pub failed: usize,
}

impl Job {
    /// What it does, in words.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.task {
            Task::Detect(patient) => format!("finding the joints of {patient}"),
            Task::Score(patient) => format!("grading {patient}"),
            Task::Device(device) => format!("moving to {device}"),
            Task::Explain(joint) => format!("explaining the grade of {joint}"),
            Task::Similar(joint) => format!("joints that look like {joint}"),
        }
    }
}

/// The engine, its devices and its jobs.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    /// Whether it is there.
    pub status: Status,
    /// The device that is asked for: `auto`, `cpu`, `cuda:0`.
    pub wanted: String,
    /// The device in use, while it runs.
    pub device: Option<String>,
    /// Every device there is, with its name in words, as far as an engine has told.
    pub devices: Vec<(String, String)>,
    /// The models found.
    pub models: Vec<ModelSummary>,
    /// The engine's version.
    pub version: Option<String>,
    /// libtorch's version.
    pub libtorch: Option<String>,
    /// The running requests, in their order.
    pub jobs: Vec<Job>,
    last_id: u64,
}

impl Engine {
    /// An engine that has not been started.
    #[must_use]
    pub fn new(device: &str) -> Self {
        Self { wanted: device.to_owned(), ..Self::default() }
    }

    fn add(&mut self, task: Task, steps: usize) -> u64 {
        self.last_id += 1;
        self.jobs.push(Job { id: self.last_id, task, done: 0, total: steps, what: String::new(), cancelled: false, failed: 0 });
        self.last_id
    }

    /// Asks for the joints of films.
    pub fn detect(&mut self, patient: &str, films: Vec<FilmRequest>) -> Request {
        let id = self.add(Task::Detect(patient.to_owned()), films.len());
        Request::Detect { id, films, raw: false, threshold: None, no_shape: false }
    }

    /// Asks for the grades of a patient.
    pub fn score(&mut self, patient: &str, films: Vec<FilmRequest>) -> Request {
        let id = self.add(Task::Score(patient.to_owned()), 0);
        Request::Score { id, patient: patient.to_owned(), films, no_shape: false }
    }

    /// Asks what the grade of a joint rests on; `name` is the joint's, in words.
    pub fn explain(&mut self, name: &str, query: ExplainQuery) -> (u64, Request) {
        let id = self.add(Task::Explain(name.to_owned()), 0);
        (id, Request::Explain { id, query })
    }

    /// Asks for reference joints that look like a joint.
    pub fn similar(&mut self, name: &str, query: ExplainQuery, references: Vec<ExplainFilm>, most: usize) -> (u64, Request) {
        let id = self.add(Task::Similar(name.to_owned()), references.len());
        (id, Request::Similar { id, query, references, most })
    }

    /// Cancels one request.
    pub fn cancel_one(&mut self, id: u64) -> Option<Request> {
        let job = self.jobs.iter_mut().find(|job| job.id == id && !job.cancelled)?;
        job.cancelled = true;
        Some(Request::Cancel { id })
    }

    /// Asks for the next device: the engine's own list once it is known, before that `auto` and `cpu`.
    pub fn next_device(&mut self) -> Request {
        let mut choices = vec!["auto".to_owned()];
        choices.extend(self.devices.iter().map(|(name, _)| name.clone()));
        if !choices.iter().any(|name| name == "cpu") {
            choices.push("cpu".to_owned());
        }
        let place = choices.iter().position(|name| *name == self.wanted).map_or(0, |place| (place + 1) % choices.len());
        self.wanted.clone_from(&choices[place]);
        let id = self.add(Task::Device(self.wanted.clone()), 0);
        Request::Device { id, device: self.wanted.clone() }
    }

    /// Cancels the first request that has not been cancelled.
    pub fn cancel(&mut self) -> Option<Request> {
        let job = self.jobs.iter_mut().find(|job| !job.cancelled && !matches!(job.task, Task::Device(_)))?;
        job.cancelled = true;
        Some(Request::Cancel { id: job.id })
    }

    /// The request that is worked on.
    #[must_use]
    pub fn current(&self) -> Option<&Job> {
        self.jobs.first()
    }

    /// Whether a request with the same task waits or runs already.
    #[must_use]
    pub fn is_busy_with(&self, task: &Task) -> bool {
        self.jobs.iter().any(|job| job.task == *task && !job.cancelled)
    }

    fn take(&mut self, id: u64) -> Option<Job> {
        let place = self.jobs.iter().position(|job| job.id == id)?;
        Some(self.jobs.remove(place))
    }

    /// Follows the engine; what is news to the rest of the workbench comes back.
    pub fn on_message(&mut self, message: Message) -> Update {
        match message {
            Message::Starting => self.status = Status::Starting,
            Message::Gone { message, .. } => {
                self.status = Status::Gone;
                self.device = None;
                let open = std::mem::take(&mut self.jobs);
                return if open.is_empty() { Update::None } else { Update::Failed(None, message) };
            }
            Message::Event(event) => return self.event(event),
        }
        Update::None
    }

    fn event(&mut self, event: Event) -> Update {
        match event {
            Event::Ready { version, libtorch, device, devices, models } => {
                self.version = Some(version);
                self.status = Status::Ready;
                self.device = Some(device);
                self.devices = devices;
                self.models = models;
                self.libtorch = Some(libtorch);
                Update::None
            }
            Event::Progress { id, done, total, what } => {
                if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) {
                    (job.done, job.total, job.what) = (done, total, what);
                }
                Update::None
            }
            Event::Film { result, .. } => Update::Film(result.film.clone().into(), Box::new(result)),
            Event::Patient { result, .. } => Update::Patient(Box::new(result)),
            Event::Explained { id, result } => Update::Explained(id, Box::new(result)),
            Event::Similar { id, result } => Update::Similar(id, result),
            Event::FilmFailed { id, message, .. } => {
                if let Some(job) = self.jobs.iter_mut().find(|job| job.id == id) {
                    job.failed += 1;
                }
                Update::FilmFailed(message)
            }
            Event::Done { id } => self.take(id).map_or(Update::None, Update::Done),
            Event::Failed { id: Some(id), message, .. } => {
                let Some(job) = self.take(id) else { return Update::None };
                // The engine stays where it was.
                if let (Task::Device(_), Some(device)) = (&job.task, &self.device) {
                    self.wanted.clone_from(device);
                }
                Update::Failed(Some(job), message)
            }
            Event::Failed { id: None, message, .. } => Update::Failed(None, message),
        }
    }
}

/// What the engine's message means to the rest.
#[derive(Debug)]
pub enum Update {
    /// Nothing but what [`Engine`] shows.
    None,
    /// The detections of a film.
    Film(PathBuf, Box<svh_core::FilmDetections>),
    /// The grades of a patient.
    Patient(Box<svh_core::PatientScore>),
    /// What the grade of the joint of this request rests on.
    Explained(u64, Box<Explanation>),
    /// The reference joints that look like the joint of this request.
    Similar(u64, Vec<SimilarJoint>),
    /// A film that could not be read, and why.
    FilmFailed(String),
    /// A request is finished.
    Done(Job),
    /// A request has failed, and why.
    Failed(Option<Job>, String),
}
