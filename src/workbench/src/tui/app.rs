//! The loop: receives events, changes the state, does what it asks for, draws at most thirty times a second and nothing when nothing changed.

use std::{
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::{Duration, Instant},
};
use svh_terminal::input::{Answer, Input, Terminal};
use svh_terminal::screen::{self, Guard, Output};

use crossterm::event;
use ratatui::{Terminal as Window, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use super::{
    action::{Action, Effect},
    cohorts::Cohorts,
    columns::Columns,
    event::Event,
    gpu::GpuWatcher,
    message::Message,
    navigation,
    open_cohort::OpenCohort,
    output,
    picture_maker::{PictureMaker, PictureRequest},
    signals,
    state::{Opening, State},
    theme::Look,
    update, view,
    worker::Worker,
};
use crate::{Options, config::Aliases};
use svh_terminal::{Painter, Pixels, Plan, probe, tmux::Tmux};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// How long the keys must rest before pixels take the place of blocks.
const REST: Duration = Duration::from_millis(100);
/// How fast moving signs move.
const TICK: Duration = Duration::from_millis(120);
/// A frame is shown as a whole by terminals that know how.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Opens the workbench on cohorts, the first of which is shown, and stays until the user leaves.
///
/// # Errors
/// Without a terminal, or when it goes away.
pub fn run(cohorts: Vec<PathBuf>, opening: Option<Opening>, settings: Settled, options: &Options) -> io::Result<()> {
    let guard = Guard::take()?;
    let ended = App::start(cohorts, opening, settings, options)?.run();
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

/// A variable of the environment.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What the user's settings say to the workbench.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Keys with another meaning.
    pub aliases: Aliases,
    /// The score from which boxes are accepted.
    pub threshold: Option<f32>,
    /// Colours.
    pub look: Look,
    /// The columns of tables.
    pub columns: Columns,
}

/// The running workbench.
struct App {
    /// The open cohorts.
    open: Vec<OpenCohort>,
    /// The place of the one that is shown.
    at: usize,
    settled: Settled,
    options: Options,
    window: Window<CrosstermBackend<Output>>,
    output: Output,
    events: Receiver<Event>,
    sender: Sender<Event>,
    pictures: Worker<PictureMaker>,
    /// Watches the GPUs until the end.
    _gpus: Worker<GpuWatcher>,
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
    /// The places of cohorts whose user has agreed to leave them, while the program ends.
    left: Vec<usize>,
}

impl App {
    fn start(cohorts: Vec<PathBuf>, opening: Option<Opening>, settled: Settled, options: &Options) -> io::Result<Self> {
        let (sender, events) = channel();
        let output = Output::default();
        let size = screen::size().unwrap_or((80, 24));
        let window = window(&output, size)?;
        let start = |at| OpenCohort::start(Cohorts::of(cohorts.clone(), at), &settled, options, size, sender.clone());
        let mut open = (0..cohorts.len()).map(start).collect::<io::Result<Vec<_>>>()?;
        for cohort in &mut open {
            cohort.state.know_cell(probe::cell_of_window());
        }
        open[0].state.opening = opening;
        signals::listen(sender.clone())?;
        listen(sender.clone())?;
        ask_tmux(sender.clone());
        let gpus = Worker::start("gpus", GpuWatcher::new(sender.clone()))?;
        gpus.ask(());
        Ok(Self {
            open,
            at: 0,
            settled,
            options: options.clone(),
            window,
            output,
            pictures: Worker::start("pictures", PictureMaker { events: sender.clone() })?,
            _gpus: gpus,
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
            left: Vec::new(),
        })
    }

    /// The state of the cohort that is shown.
    fn state(&self) -> &State {
        &self.open[self.at].state
    }

    fn state_mut(&mut self) -> &mut State {
        &mut self.open[self.at].state
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

    /// Whether the screen in front waits for the keys to rest.
    fn wants_rest(&self) -> bool {
        let state = self.state();
        state.is_uncovered() && state.front().wants_rest(state)
    }

    /// How long nothing needs to be done; `None`: until something happens.
    fn wait(&self) -> Option<Duration> {
        let mut next = None;
        let mut at = |time: Instant| next = Some(next.map_or(time, |next: Instant| next.min(time)));
        if let (true, Some(last)) = (self.changed, self.last_frame) {
            at(last + FRAME);
        }
        if self.state().is_busy() {
            at(self.last_tick + TICK);
        }
        if self.needs_pixels().is_some() || self.wants_rest() {
            at(self.last_key + REST);
        }
        next.map(|time| time.saturating_duration_since(Instant::now()))
    }

    /// The time has come for something that no event announces.
    fn tick(&mut self) -> io::Result<()> {
        if self.state().is_busy() && self.last_tick.elapsed() >= TICK {
            self.last_tick = Instant::now();
            self.state_mut().tick += 1;
            self.changed = true;
        }
        if self.last_key.elapsed() >= REST
            && let Some(plan) = self.needs_pixels().cloned()
        {
            let there = self.state().painter.has_film(&plan.base());
            self.asked = Some((plan.base(), plan.marks_key()));
            let protocol = self.state().painter.protocol();
            self.pictures.ask(PictureRequest { plan, protocol, film_is_there: there });
        }
        if self.last_key.elapsed() >= REST && self.wants_rest() {
            self.handle(Event::Rested)?;
        }
        Ok(())
    }

    /// The picture that the screen waits for and that has not been asked for yet.
    fn needs_pixels(&self) -> Option<&Plan> {
        let plan = self.wanted.as_ref()?;
        let asked = self.asked == Some((plan.base(), plan.marks_key()));
        (self.state().painter.protocol().is_pixels() && !asked && !self.state().painter.has_all(plan)).then_some(plan)
    }

    /// True where the program should end.
    fn handle(&mut self, event: Event) -> io::Result<bool> {
        let (place, event) = match event {
            Event::Of(place, event) => (place, *event),
            event => (self.at, event),
        };
        match event {
            Event::Killed(signal) => self.killed = Some(signal),
            Event::Resized => self.resized()?,
            Event::Pixels(pixels) => {
                self.changed = true;
                self.accept(pixels);
                return Ok(false);
            }
            Event::Input(Input::Event(event::Event::Key(_) | event::Event::Mouse(_))) => self.last_key = Instant::now(),
            _ => {}
        }
        self.happened(place, event)
    }

    /// Something happened to a cohort, shown or not. True where the program should end.
    fn happened(&mut self, place: usize, event: Event) -> io::Result<bool> {
        self.changed |= place == self.at;
        let protocol = self.state().painter.protocol();
        let effects = self.open[place].happened(event);
        if self.state().painter.protocol() != protocol {
            self.asked = None;
        }
        self.perform(place, effects)
    }

    /// Does what the state of a cohort asks for. True where the program should end.
    fn perform(&mut self, place: usize, effects: Vec<Effect>) -> io::Result<bool> {
        for effect in effects {
            let Some(effect) = self.open[place].perform(effect) else { continue };
            if self.perform_here(effect)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn accept(&mut self, pixels: Pixels) {
        let mut bytes = Vec::new();
        self.state_mut().painter.accept(pixels, &mut bytes);
        if !bytes.is_empty() {
            screen::pictures_were_sent(self.state().painter.farewell());
        }
        let _ = io::Write::write_all(&mut self.output, &bytes);
    }

    fn resized(&mut self) -> io::Result<()> {
        let size = screen::size().unwrap_or(self.state().size);
        self.state_mut().size = size;
        self.state_mut().know_cell(probe::cell_of_window());
        self.clear()
    }

    fn clear(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.state_mut().painter.cleared(&mut bytes);
        self.asked = None;
        bytes.extend_from_slice(b"\x1b[0m\x1b[2J");
        io::Write::write_all(&mut self.output, &bytes)?;
        // A new screen and not `Terminal::clear`, which asks the terminal for the cursor's place: the answer would go to our own reader.
        self.window = window(&self.output, self.state().size)?;
        Ok(())
    }

    /// Does what concerns the terminal or other cohorts.
    fn perform_here(&mut self, effect: Effect) -> io::Result<bool> {
        match effect {
            Effect::Quit => return self.leave(),
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
                let answers = &mut self.state_mut().answers;
                (answers.asked_through_tmux, answers.placeholders) = (false, false);
                ask_tmux(self.sender.clone());
            }
            Effect::AskTerminal(question) => screen::write(question.as_bytes())?,
            Effect::Copy(text) => screen::write(output::clipboard(&text).as_bytes())?,
            Effect::SwitchCohort(place) => {
                self.left.clear();
                return self.show(place);
            }
            Effect::OpenCohort(folder) => return self.open_another(&folder),
            _ => {}
        }
        Ok(false)
    }

    /// Ends, unless another cohort would lose something: then that one is shown with its question.
    fn leave(&mut self) -> io::Result<bool> {
        self.left.push(self.at);
        let next = (0..self.open.len()).find(|place| !self.left.contains(place) && self.open[*place].would_lose());
        let Some(place) = next.filter(|_| self.killed.is_none()) else { return Ok(true) };
        self.show(place)?;
        let effects = update::act(self.state_mut(), Action::Quit);
        self.perform(place, effects)
    }

    /// Shows an open cohort. What the terminal is like goes over to it, with the pictures that the terminal has.
    fn show(&mut self, place: usize) -> io::Result<bool> {
        if place == self.at || place >= self.open.len() {
            return Ok(false);
        }
        self.take_pictures_back()?;
        let old = self.state_mut();
        let (size, capabilities, answers, theme, gpus) =
            (old.size, old.capabilities.clone(), old.answers.clone(), old.theme, old.gpus.clone());
        let protocol = old.painter.protocol();
        let painter = std::mem::replace(&mut old.painter, Painter::new(protocol));
        self.open[self.at].rest();
        self.at = place;
        let state = self.state_mut();
        (state.size, state.capabilities, state.answers, state.theme, state.gpus) = (size, capabilities, answers, theme, gpus);
        state.painter = painter;
        state.registry.settle(state);
        let effects = navigation::enter(state);
        (self.asked, self.changed) = (None, true);
        self.clear()?;
        self.perform(place, effects)
    }

    /// Opens one more cohort and shows it; one that is open already is shown.
    fn open_another(&mut self, folder: &Path) -> io::Result<bool> {
        let Ok(real) = folder.canonicalize() else {
            let text = format!("{} cannot be opened; give the folder of a cohort or of films", folder.display());
            self.state_mut().message = Some(Message::error(text));
            return Ok(false);
        };
        let mut roots = self.state().cohorts.roots.clone();
        if let Some(place) = roots.iter().position(|root| root.canonicalize().is_ok_and(|root| root == real)) {
            return self.show(place);
        }
        if !real.is_dir() {
            let text = format!("{} is not a folder; give the folder of a cohort or of films", folder.display());
            self.state_mut().message = Some(Message::error(text));
            return Ok(false);
        }
        roots.push(folder.to_owned());
        let cohorts = Cohorts::of(roots.clone(), roots.len() - 1);
        let place = cohorts.at;
        let opened = OpenCohort::start(cohorts, &self.settled, &self.options, self.state().size, self.sender.clone())?;
        self.open.iter_mut().for_each(|cohort| cohort.state.cohorts.roots.clone_from(&roots));
        self.open.push(opened);
        self.show(place)
    }

    fn take_pictures_back(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.state_mut().painter.forget_all(&mut bytes);
        self.asked = None;
        screen::write(&bytes)
    }

    /// Draws a frame and leads the picture to where the frame wants it.
    fn draw(&mut self) -> io::Result<()> {
        if screen::size().is_some_and(|size| size != self.state().size) {
            self.resized()?;
        }
        self.changed = false;
        self.last_frame = Some(Instant::now());
        let mut wanted = None;
        let state = &self.open[self.at].state;
        self.window.draw(|frame| wanted = view::render(state, frame))?;
        let mut picture = Vec::new();
        self.state_mut().painter.paint(wanted.as_ref(), &mut picture);
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
