//! One open cohort: its state, and the threads that work for it. What they find comes back marked with the cohort's place, so that cohorts that are open at the
//! same time cannot mix.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
};

use super::{
    action::Effect,
    app::{Settled, environment},
    cluster::Cluster,
    cohorts::Cohorts,
    enhanced::Enhancer,
    event::Event,
    film_reader::{FilmReader, FilmRequest},
    films::Film,
    jobs,
    loader::{self, Loader},
    metrics::{self, Metrics},
    result_recorder::ResultRecorder,
    review_session::ReviewSession,
    reviewer::{Disk, Lines, Reviewer},
    screens::REGISTRY,
    sheet::Sheets,
    state::State,
    update::update,
    watch::{self, Watcher},
    worker::Worker,
};
use crate::{
    Options,
    engine::{Client, Settings},
    reader,
};

/// A cohort with all that works for it.
pub struct OpenCohort {
    /// What is shown of it.
    pub state: State,
    engine: Client,
    settings: Settings,
    recorder: Option<ResultRecorder>,
    watcher: Worker<Watcher>,
    cluster: Worker<Cluster>,
    loader: Worker<Loader>,
    quick_metrics: Worker<Metrics>,
    slow_metrics: Worker<Metrics>,
    sheets: Worker<Sheets>,
    reviewer: Worker<Reviewer<Disk>>,
    films: Worker<FilmReader>,
    enhancer: Worker<Enhancer>,
    sender: Sender<Event>,
}

fn client(settings: Settings, events: Sender<Event>) -> Client {
    Client::new(settings, move |message| drop(events.send(Event::Engine(Box::new(message)))))
}

impl OpenCohort {
    /// Opens a cohort: reads it, and watches its runs, reviews and tags. `events` is the loop's.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(cohorts: Cohorts, settled: &Settled, options: &Options, size: (u16, u16), events: Sender<Event>) -> io::Result<Self> {
        let place = cohorts.at;
        let root = cohorts.roots.get(place).cloned().unwrap_or_default();
        let sender = marked(place, events)?;
        let mut state = State::new(&REGISTRY, root.clone(), options.wishes(), &options.device, size, environment);
        state.cohorts = cohorts;
        state.aliases = settled.aliases.clone();
        state.columns = settled.columns.clone();
        state.look = settled.look;
        state.theme = state.look.theme(state.capabilities.colours, state.capabilities.background);
        state.active_run.threshold = settled.threshold.unwrap_or(state.active_run.threshold);
        state.session = ReviewSession::new(&reader::name(options.reader.as_deref(), environment));
        state.session.order = options.reading_order;
        let settings = Settings::from_options(options);
        let reviews = Disk::new(&state.root, state.session.author());
        let loader = Worker::start("cohort", Loader { events: sender.clone() })?;
        loader.ask(loader::Job::Cohort(root));
        Ok(Self {
            state,
            recorder: None,
            watcher: Worker::start("runs", Watcher::new(sender.clone()))?,
            cluster: Worker::start("cluster", Cluster::new(sender.clone()))?,
            loader,
            quick_metrics: Worker::start("figures", Metrics { events: sender.clone() })?,
            slow_metrics: Worker::start("intervals", Metrics { events: sender.clone() })?,
            sheets: Worker::start("sheets", Sheets::new(sender.clone()))?,
            reviewer: Worker::start("reviews", Reviewer::new(reviews, sender.clone()))?,
            enhancer: Worker::start("enhancement", Enhancer { events: sender.clone() })?,
            films: Worker::start("films", FilmReader { events: sender.clone() })?,
            engine: client(settings.clone(), sender.clone()),
            settings,
            sender,
        })
    }

    /// Changes the state by what happened; what it asks for comes back.
    pub fn happened(&mut self, event: Event) -> Vec<Effect> {
        let effects = update(&mut self.state, event, environment);
        if let (None, Some(catalogue)) = (&self.recorder, self.state.catalogue()) {
            self.recorder = Some(ResultRecorder::start(catalogue.clone(), self.sender.clone()));
            self.watcher.ask(watch::Job::Watch(watch::places(&catalogue.cohort.runs_folder(), self.settings.models.as_deref())));
        }
        effects
    }

    /// Why leaving for good would lose something: changes that are not on disk, a running job.
    #[must_use]
    pub fn would_lose(&self) -> bool {
        self.state.session.unkept.is_some() || !self.state.engine.jobs.is_empty()
    }

    /// Another cohort is shown: an engine that does nothing is ended, as each holds its models in memory.
    pub fn rest(&mut self) {
        if self.state.engine.jobs.is_empty() && self.state.engine.status != jobs::Status::Off {
            self.engine = client(Settings { device: self.state.engine.wanted.clone(), ..self.settings.clone() }, self.sender.clone());
            (self.state.engine.status, self.state.engine.device) = (jobs::Status::Off, None);
        }
    }

    /// Does what the state asks for; what concerns the terminal or other cohorts comes back.
    pub fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Quit | Effect::Suspend | Effect::Clear | Effect::AskTerminal(_) | Effect::Copy(_) => return Some(effect),
            Effect::SwitchCohort(_) | Effect::OpenCohort(_) => return Some(effect),
            Effect::ReadFilm { patient, limb, path } => self.read_film(patient, limb, path),
            Effect::Enhance(path, enhancement) => {
                if let Some(Film::Ready(picture, _)) = self.state.films.get(&path) {
                    self.enhancer.ask((Arc::clone(picture), enhancement));
                }
            }
            Effect::Cluster(job) => drop(self.cluster.ask(job)),
            Effect::FollowRuns(folders) => drop(self.watcher.ask(watch::Job::Follow(folders))),
            Effect::Start(words) => drop(self.watcher.ask(watch::Job::Start(words))),
            Effect::CancelRun(folder) => drop(self.watcher.ask(watch::Job::Cancel(folder))),
            Effect::DeleteRun(folder) => drop(self.watcher.ask(watch::Job::Manage(folder, watch::Change::Delete))),
            Effect::RenameRun(folder, name) => drop(self.watcher.ask(watch::Job::Manage(folder, watch::Change::Rename(name)))),
            Effect::NoteRun(folder, note) => drop(self.watcher.ask(watch::Job::Manage(folder, watch::Change::Note(note)))),
            Effect::Ask(question) => {
                let worker = if metrics::is_slow(&question) { &self.slow_metrics } else { &self.quick_metrics };
                metrics::job(&self.state, question).map(|job| worker.ask(job));
            }
            Effect::Compose(request) => drop(self.sheets.ask(request)),
            Effect::ReadResults(folder) => {
                if let Some(catalogue) = self.state.catalogue() {
                    self.loader.ask(loader::Job::Results(Arc::clone(catalogue), folder));
                }
            }
            Effect::BuildQueue => {
                if let Some(catalogue) = self.state.catalogue() {
                    self.loader.ask(loader::Job::ReviewQueue(Arc::clone(catalogue), self.state.results.clone()));
                }
            }
            Effect::ReadBoxes(wanted) => {
                if let Some(catalogue) = self.state.catalogue() {
                    self.loader.ask(loader::Job::Boxes(Arc::clone(catalogue), self.state.results.clone(), wanted));
                }
            }
            Effect::Write(writing) => drop(self.loader.ask(loader::Job::Write(self.state.catalogue().cloned(), writing))),
            Effect::Review(reviews) => drop(self.reviewer.ask(Lines { reviews, tags: Vec::new() })),
            Effect::Tag(tags) => drop(self.reviewer.ask(Lines { reviews: Vec::new(), tags })),
            Effect::Send(request) => self.engine.send(request),
            Effect::KeepFilm(film) => {
                if let Some(recorder) = &self.recorder {
                    recorder.film(*film, &self.state.engine);
                }
            }
            Effect::KeepPatient(score) => {
                if let Some(recorder) = &self.recorder {
                    recorder.patient(*score, &self.state.engine);
                }
            }
        }
        None
    }

    fn read_film(&mut self, patient: usize, limb: Option<svh_core::Limb>, path: PathBuf) {
        if let Some(catalogue) = self.state.catalogue().cloned() {
            let given_up = self.films.ask(FilmRequest { catalogue, patient, limb, path });
            given_up.iter().for_each(|film| self.state.films.forget(&film.path));
        }
    }
}

/// A way to the loop on which everything is marked with the place of a cohort.
fn marked(place: usize, events: Sender<Event>) -> io::Result<Sender<Event>> {
    let (sender, inbox) = channel::<Event>();
    std::thread::Builder::new().name("events".into()).spawn(move || {
        for event in inbox {
            if events.send(Event::Of(place, Box::new(event))).is_err() {
                return;
            }
        }
    })?;
    Ok(sender)
}
