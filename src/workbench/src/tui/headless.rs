//! The workbench without a terminal: keys go in, frames come out, films are read on the spot. For tests, measurements and screenshots.

use std::path::{Path, PathBuf};
use svh_terminal::input::Decoder;

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{Cohort, cohort::RUNS_FOLDER, protocol::Request};

use super::{
    action::Effect,
    data::Catalogue,
    event::Event,
    film_reader::read_film,
    films::Film,
    loader, metrics, output, result_recorder,
    reviewer::{Disk, Lines, Store},
    screens::REGISTRY,
    sheet::Composer,
    state::{Opening, State},
    update::update,
    view,
    watch::{self, Watch},
};
use crate::{Images, engine::Message};
use svh_terminal::{Pixels, Plan};

/// A workbench that is driven by hand.
pub struct Headless {
    pub(super) state: State,
    /// What the engine was asked.
    pub requests: Vec<Request>,
    /// What would have been started beside it.
    pub(crate) started: Vec<Vec<String>>,
    /// What was given to the clipboard.
    pub(crate) copied: Vec<String>,
    /// Which other cohort was to be shown or opened.
    pub(crate) elsewhere: Vec<Effect>,
    /// The program would have ended.
    pub(crate) ended: bool,
    environment: fn(&str) -> Option<String>,
    watch: Watch,
    composer: Composer,
    disk: Disk,
}

/// A terminal with 24-bit colours.
#[must_use]
fn true_colour(name: &str) -> Option<String> {
    (name == "COLORTERM").then(|| "truecolor".to_owned())
}

impl Headless {
    /// A window before the cohort has been read.
    #[must_use]
    pub(crate) fn new(root: &Path, images: Images, size: (u16, u16), environment: fn(&str) -> Option<String>) -> Self {
        let state = State::new(&REGISTRY, root.to_owned(), images, "auto", size, environment);
        let watch = Watch::new(watch::places(&root.join(RUNS_FOLDER), None));
        let disk = Disk::new(root, state.session.author());
        Self {
            state,
            requests: Vec::new(),
            started: Vec::new(),
            copied: Vec::new(),
            elsewhere: Vec::new(),
            ended: false,
            environment,
            watch,
            composer: Composer::default(),
            disk,
        }
    }

    /// A window with the cohort and what its runs know.
    #[must_use]
    pub fn open(root: &Path, images: Images, size: (u16, u16)) -> Self {
        Self::open_with(root, images, size, None)
    }

    /// The same with what the command line asks to open.
    #[must_use]
    pub(crate) fn open_with(root: &Path, images: Images, size: (u16, u16), opening: Option<Opening>) -> Self {
        let mut app = Self::new(root, images, size, true_colour);
        app.state.opening = opening;
        app.start(root);
        app
    }

    /// The same in a terminal that these variables describe.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn open_in(root: &Path, images: Images, size: (u16, u16), environment: fn(&str) -> Option<String>) -> Self {
        let mut app = Self::new(root, images, size, environment);
        app.start(root);
        app
    }

    fn start(&mut self, root: &Path) {
        let catalogue = Cohort::open(root).map(|cohort| Box::new(Catalogue::new(cohort))).map_err(|error| error.to_string());
        self.event(Event::Cohort(catalogue));
        self.look();
        self.look_at_reviews();
    }

    /// Puts another reader at the keyboard.
    #[cfg(test)]
    pub(crate) fn reader(&mut self, name: &str) {
        self.state.session = super::review_session::ReviewSession::new(name);
        self.disk = Disk::new(&self.state.root, self.state.session.author());
        self.look_at_reviews();
    }

    /// Looks at the reviews on disk.
    pub(crate) fn look_at_reviews(&mut self) {
        self.disk.look().into_iter().for_each(|event| self.event(event));
    }

    pub(super) fn event(&mut self, event: Event) {
        for effect in update(&mut self.state, event, self.environment) {
            match effect {
                Effect::Quit => self.ended = true,
                Effect::ReadFilm { patient, limb, path } => self.read(patient, limb, path),
                Effect::Enhance(path, enhancement) => {
                    if let Some(Film::Ready(picture, _)) = self.state.films.get(&path).cloned() {
                        let made = std::sync::Arc::new(picture.enhanced(enhancement));
                        self.event(Event::Enhanced(picture.id(), enhancement, Some(made)));
                    }
                }
                Effect::Start(words) => self.started.push(words),
                Effect::CancelRun(folder) => drop(svh_core::run::request_cancel(&folder)),
                Effect::Cluster(job) => {
                    if let Some(done) = crate::slurm::manage(&job) {
                        self.event(Event::Submitted(done));
                    }
                }
                Effect::DeleteRun(folder) => self.manage(&folder, watch::Change::Delete),
                Effect::RenameRun(folder, name) => self.manage(&folder, watch::Change::Rename(name)),
                Effect::NoteRun(folder, note) => self.manage(&folder, watch::Change::Note(note)),
                Effect::Ask(question) => {
                    if let Some(event) = metrics::answer(&self.state, question) {
                        self.event(event);
                    }
                }
                Effect::Compose(request) => {
                    let mut made = Vec::new();
                    self.composer.compose(&request, || false, |sheet| made.push(sheet));
                    made.into_iter().for_each(|sheet| self.event(Event::Sheet(Box::new(sheet))));
                }
                Effect::ReadResults(folder) => {
                    let results = self.state.catalogue().map(|catalogue| result_recorder::read_one(catalogue, &folder));
                    self.event(Event::RunResults(folder, Box::new(results.unwrap_or_default())));
                }
                Effect::FollowRuns(folders) => {
                    self.watch.follow(folders);
                    self.look();
                }
                Effect::BuildQueue => {
                    let queue = self.state.catalogue().map(|catalogue| loader::review_queue(catalogue, &self.state.results));
                    queue.into_iter().for_each(|queue| self.event(Event::Queue(queue)));
                }
                Effect::Write(writing) => {
                    let written = output::write(&writing, self.state.catalogue().map(|catalogue| &catalogue.cohort));
                    self.event(Event::Wrote(written));
                }
                Effect::Copy(text) => self.copied.push(text),
                Effect::SwitchCohort(_) | Effect::OpenCohort(_) => self.elsewhere.push(effect),
                Effect::ReadBoxes(wanted) => {
                    let boxes = self.state.catalogue().map(|catalogue| loader::boxes(catalogue, &self.state.results, wanted));
                    self.event(Event::Boxes(wanted, boxes.unwrap_or_default()));
                }
                Effect::Review(reviews) => self.write(Lines { reviews, tags: Vec::new() }),
                Effect::Tag(tags) => self.write(Lines { reviews: Vec::new(), tags }),
                Effect::Send(request) => self.requests.push(request),
                Effect::Suspend | Effect::Clear | Effect::AskTerminal(_) | Effect::KeepFilm(_) | Effect::KeepPatient(_) => {}
            }
        }
    }

    fn write(&mut self, lines: Lines) {
        let event = self.disk.write(lines);
        event.into_iter().for_each(|event| self.event(event));
    }

    fn manage(&mut self, folder: &Path, change: watch::Change) {
        self.event(Event::Managed(watch::manage(folder, &change)));
        self.look();
    }

    fn read(&mut self, patient: usize, limb: Option<svh_core::Limb>, path: PathBuf) {
        let Some(catalogue) = self.state.catalogue().cloned() else { return };
        let read = read_film(&catalogue, patient, limb, &path);
        self.event(Event::Film(path, read));
    }

    /// Looks at the runs on disk.
    pub(crate) fn look(&mut self) {
        if let Some(runs) = self.watch.look() {
            self.event(Event::Runs(runs));
        }
        for written in self.watch.written() {
            self.event(Event::Written(written));
        }
    }

    /// Types bytes as a terminal would send them.
    pub fn keys(&mut self, bytes: &str) {
        let mut decoder = Decoder::default();
        let mut found = decoder.feed(bytes.as_bytes());
        found.extend(decoder.settle());
        found.into_iter().for_each(|input| self.event(Event::Input(input)));
    }

    /// Lets the keys rest for a moment.
    pub fn rest(&mut self) {
        self.event(Event::Rested);
    }

    /// Lets the engine say something.
    pub fn engine(&mut self, message: Message) {
        self.event(Event::Engine(Box::new(message)));
    }

    /// Gives the window another size.
    #[cfg(test)]
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        self.state.size = size;
        self.event(Event::Resized);
    }

    /// The frame, and the picture that belongs over it.
    #[must_use]
    pub fn frame(&self) -> (Buffer, Option<Plan>) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.state.size.0, self.state.size.1));
        let plan = view::render_into(&self.state, &mut buffer);
        (buffer, plan)
    }

    /// Makes the pixels that the frame waits for and gives them to the painter; the bytes that the terminal would get.
    pub fn paint(&mut self) -> Vec<u8> {
        let (_, plan) = self.frame();
        let protocol = self.state.painter.protocol();
        let mut bytes = Vec::new();
        if let Some(plan) = plan.as_ref().filter(|plan| protocol.is_pixels() && !self.state.painter.has_all(plan)) {
            let there = self.state.painter.has_film(&plan.base());
            if let Some(pixels) = Pixels::of(plan, protocol, there) {
                self.state.painter.accept(pixels, &mut bytes);
            }
        }
        let (_, plan) = self.frame();
        self.state.painter.paint(plan.as_ref(), &mut bytes);
        bytes
    }

    /// The frame as text, one line a row.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let (buffer, _) = self.frame();
        let width = usize::from(buffer.area.width);
        let line =
            |cells: &[ratatui::buffer::Cell]| cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned();
        buffer.content.chunks(width).map(line).collect::<Vec<_>>().join("\n")
    }
}
