//! The loop: receives events, changes the state, does what it asks for, draws at most thirty times a second and nothing when nothing changed.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    time::{Duration, Instant},
};
use svh_terminal::input::{Answer, Input, Terminal};
use svh_terminal::screen::{self, Guard, Output};

use crossterm::event;
use ratatui::{Terminal as Window, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use super::{
    action::Effect,
    cluster::Cluster,
    enhanced::Enhancer,
    event::Event,
    film_reader::{FilmReader, FilmRequest},
    films::Film,
    loader::{self, Loader},
    metrics::{self, Metrics},
    output,
    picture_maker::{PictureMaker, PictureRequest},
    result_recorder::ResultRecorder,
    review_session::ReviewSession,
    reviewer::{Disk, Lines, Reviewer},
    screens::REGISTRY,
    sheet::Sheets,
    signals,
    state::{Opening, State},
    update::update,
    view,
    watch::{self, Watcher},
    worker::Worker,
};
use crate::{
    Options,
    config::Aliases,
    engine::{Client, Settings},
    reader,
};
use svh_terminal::{Pixels, Plan, probe, tmux::Tmux};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// How long the keys must rest before pixels take the place of blocks.
const REST: Duration = Duration::from_millis(100);
/// How fast moving signs move.
const TICK: Duration = Duration::from_millis(120);
/// A frame is shown as a whole by terminals that know how.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Opens the workbench on a cohort and stays until the user leaves.
///
/// # Errors
/// Without a terminal, or when it goes away.
pub fn run(cohort: PathBuf, opening: Option<Opening>, settings: Settled, options: &Options) -> io::Result<()> {
    let guard = Guard::take()?;
    let ended = App::start(cohort, opening, settings, options)?.run();
    drop(guard);
    match ended {
        Ok(Some(signal)) => {
            signals::die(signal);
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What the user's settings say to the workbench.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Keys with another meaning.
    pub aliases: Aliases,
    /// The score from which boxes are accepted.
    pub threshold: Option<f32>,
}

/// The running workbench.
struct App {
    state: State,
    window: Window<CrosstermBackend<Output>>,
    output: Output,
    events: Receiver<Event>,
    sender: Sender<Event>,
    engine: Client,
    /// The folder of models, which runs tell of.
    models: Option<PathBuf>,
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
    pictures: Worker<PictureMaker>,
    /// The state has changed since the last frame.
    changed: bool,
    last_frame: Option<Instant>,
    last_tick: Instant,
    last_key: Instant,
    /// The picture that the last frame wanted.
    wanted: Option<Plan>,
    /// What the maker of pictures was asked for last.
    asked: Option<(svh_terminal::BaseKey, u64)>,
    /// A signal asks the program to end.
    killed: Option<i32>,
    /// The terminal has been asked what it can do.
    questioned: bool,
}

impl App {
    fn start(cohort: PathBuf, opening: Option<Opening>, settings: Settled, options: &Options) -> io::Result<Self> {
        let (sender, events) = channel();
        let output = Output::default();
        let size = screen::size().unwrap_or((80, 24));
        let window = window(&output, size)?;
        let mut state = State::new(&REGISTRY, cohort.clone(), options.wishes(), &options.device, size, environment);
        state.know_cell(probe::cell_of_window());
        state.opening = opening;
        state.aliases = settings.aliases;
        state.active_run.threshold = settings.threshold.unwrap_or(state.active_run.threshold);
        state.session = ReviewSession::new(&reader::name(options.reader.as_deref(), environment));
        state.session.order = options.reading_order;
        signals::listen(sender.clone())?;
        listen(sender.clone())?;
        ask_tmux(sender.clone());
        let settings = Settings::from_options(options);
        let reviews = Disk::new(&state.root, state.session.author());
        let loader = Worker::start("cohort", Loader { events: sender.clone() })?;
        loader.ask(loader::Job::Cohort(cohort));
        let messages = sender.clone();
        Ok(Self {
            state,
            window,
            output,
            models: settings.models.clone(),
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
            pictures: Worker::start("pictures", PictureMaker { events: sender.clone() })?,
            engine: Client::new(settings, move |message| drop(messages.send(Event::Engine(Box::new(message))))),
            events,
            sender,
            changed: true,
            last_frame: None,
            last_tick: Instant::now(),
            last_key: Instant::now(),
            wanted: None,
            asked: None,
            killed: None,
            questioned: false,
        })
    }

    /// Runs until the end; a signal that ended it comes back.
    fn run(&mut self) -> io::Result<Option<i32>> {
        loop {
            if self.is_time_to_draw() {
                self.draw()?;
            }
            let first = match self.wait() {
                Some(wait) => self.events.recv_timeout(wait),
                None => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match first {
                Ok(event) => {
                    // Everything that has come meanwhile belongs to the same frame.
                    let more: Vec<Event> = self.events.try_iter().take(1000).collect();
                    for event in std::iter::once(event).chain(more) {
                        if self.handle(event)? {
                            return Ok(self.killed);
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.tick()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }

    fn is_time_to_draw(&self) -> bool {
        self.changed && self.last_frame.is_none_or(|last| last.elapsed() >= FRAME)
    }

    /// How long nothing needs to be done; `None`: until something happens.
    fn wait(&self) -> Option<Duration> {
        let mut next = None;
        let mut at = |time: Instant| next = Some(next.map_or(time, |next: Instant| next.min(time)));
        if let (true, Some(last)) = (self.changed, self.last_frame) {
            at(last + FRAME);
        }
        if self.state.is_busy() {
            at(self.last_tick + TICK);
        }
        if self.needs_pixels().is_some() || self.state.front().wants_rest(&self.state) {
            at(self.last_key + REST);
        }
        next.map(|time| time.saturating_duration_since(Instant::now()))
    }

    /// The time has come for something that no event announces.
    fn tick(&mut self) -> io::Result<()> {
        if self.state.is_busy() && self.last_tick.elapsed() >= TICK {
            self.last_tick = Instant::now();
            self.state.tick += 1;
            self.changed = true;
        }
        if self.last_key.elapsed() >= REST
            && let Some(plan) = self.needs_pixels().cloned()
        {
            let there = self.state.painter.has_film(&plan.base());
            self.asked = Some((plan.base(), plan.marks_key()));
            let protocol = self.state.painter.protocol();
            self.pictures.ask(PictureRequest { plan, protocol, film_is_there: there });
        }
        if self.last_key.elapsed() >= REST && self.state.front().wants_rest(&self.state) {
            self.handle(Event::Rested)?;
        }
        Ok(())
    }

    /// The picture that the screen waits for and that has not been asked for yet.
    fn needs_pixels(&self) -> Option<&Plan> {
        let plan = self.wanted.as_ref()?;
        let asked = self.asked == Some((plan.base(), plan.marks_key()));
        (self.state.painter.protocol().is_pixels() && !asked && !self.state.painter.has_all(plan)).then_some(plan)
    }

    /// True where the program should end.
    fn handle(&mut self, event: Event) -> io::Result<bool> {
        self.changed = true;
        match event {
            Event::Killed(signal) => self.killed = Some(signal),
            Event::Resized => self.resized()?,
            Event::Pixels(pixels) => {
                self.accept(pixels);
                return Ok(false);
            }
            Event::Input(Input::Event(event::Event::Key(_) | event::Event::Mouse(_))) => self.last_key = Instant::now(),
            _ => {}
        }
        let protocol = self.state.painter.protocol();
        let effects = update(&mut self.state, event, environment);
        if let (None, Some(catalogue)) = (&self.recorder, self.state.catalogue()) {
            self.recorder = Some(ResultRecorder::start(catalogue.clone(), self.sender.clone()));
            self.watcher.ask(watch::Job::Watch(watch::places(&catalogue.cohort.runs_folder(), self.models.as_deref())));
        }
        if self.state.painter.protocol() != protocol {
            self.asked = None;
        }
        for effect in effects {
            if self.perform(effect)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn accept(&mut self, pixels: Pixels) {
        let mut bytes = Vec::new();
        self.state.painter.accept(pixels, &mut bytes);
        if !bytes.is_empty() {
            screen::pictures_were_sent(self.state.painter.farewell());
        }
        let _ = io::Write::write_all(&mut self.output, &bytes);
    }

    fn resized(&mut self) -> io::Result<()> {
        self.state.size = screen::size().unwrap_or(self.state.size);
        self.state.know_cell(probe::cell_of_window());
        self.clear()
    }

    fn clear(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.state.painter.cleared(&mut bytes);
        self.asked = None;
        bytes.extend_from_slice(b"\x1b[0m\x1b[2J");
        io::Write::write_all(&mut self.output, &bytes)?;
        // A new screen and not `Terminal::clear`, which asks the terminal for the cursor's place: the answer would go to our own reader.
        self.window = window(&self.output, self.state.size)?;
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> io::Result<bool> {
        match effect {
            Effect::Quit => return Ok(true),
            Effect::Suspend => {
                self.take_pictures_back()?;
                screen::give_back();
                signals::stop();
            }
            Effect::Clear => {
                screen::take_again()?;
                self.resized()?;
                // Inside a multiplexer another terminal may have been attached.
                self.questioned = false;
                (self.state.answers.asked_through_tmux, self.state.answers.placeholders) = (false, false);
                ask_tmux(self.sender.clone());
            }
            Effect::AskTerminal(question) => screen::write(question.as_bytes())?,
            Effect::ReadFilm { patient, limb, path } => {
                if let Some(catalogue) = self.state.catalogue().cloned() {
                    let given_up = self.films.ask(FilmRequest { catalogue, patient, limb, path });
                    given_up.iter().for_each(|film| self.state.films.forget(&film.path));
                }
            }
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
            Effect::Copy(text) => screen::write(output::clipboard(&text).as_bytes())?,
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
        Ok(false)
    }

    fn take_pictures_back(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.state.painter.forget_all(&mut bytes);
        self.asked = None;
        screen::write(&bytes)
    }

    /// Draws a frame and leads the picture to where the frame wants it.
    fn draw(&mut self) -> io::Result<()> {
        if screen::size().is_some_and(|size| size != self.state.size) {
            self.resized()?;
        }
        self.changed = false;
        self.last_frame = Some(Instant::now());
        let mut wanted = None;
        let state = &self.state;
        self.window.draw(|frame| wanted = view::render(state, frame))?;
        let mut picture = Vec::new();
        self.state.painter.paint(wanted.as_ref(), &mut picture);
        self.wanted = wanted;
        let mut frame = self.output.take();
        frame.extend_from_slice(&picture);
        if frame.is_empty() {
            return Ok(());
        }
        // What the terminal can do is asked once, in front of the first frame: a terminal that prints what it does not understand is painted over.
        let question = if std::mem::replace(&mut self.questioned, true) { String::new() } else { probe::question(environment) };
        screen::write(&[question.as_bytes(), BEGIN, &frame, END].concat())
    }
}

/// A screen of a fixed size: ratatui would otherwise follow the window on its own, between our look at the size and its own.
fn window(output: &Output, (width, height): (u16, u16)) -> io::Result<Window<CrosstermBackend<Output>>> {
    let viewport = Viewport::Fixed(Rect { x: 0, y: 0, width, height });
    Window::with_options(CrosstermBackend::new(output.clone()), TerminalOptions { viewport })
}

/// Asks tmux, where we are in one, without waiting for it.
fn ask_tmux(events: Sender<Event>) {
    if environment("TMUX").is_some_and(|value| !value.is_empty()) {
        std::thread::spawn(move || {
            let tmux = Tmux::ask(environment).unwrap_or_default();
            let _ = events.send(Event::Input(Input::Answer(Answer::Tmux(tmux))));
        });
    }
}

/// Starts the thread that reads the terminal.
fn listen(events: Sender<Event>) -> io::Result<()> {
    let source = Terminal::open()?;
    std::thread::Builder::new().name("terminal".into()).spawn(move || {
        // The end of the input and its failure mean the same: the terminal is gone.
        let _ = source.read(|input| events.send(Event::Input(input)).is_ok());
        let _ = events.send(Event::InputEnded);
    })?;
    Ok(())
}
