//! Everything that the screen shows, in one place. Only `update` changes it; views only read it.

use std::{path::PathBuf, sync::Arc};

use super::{
    action::{Effect, ScreenId},
    active_run::state::ActiveRun,
    cohorts::Cohorts,
    columns::Columns,
    confirm::Confirm,
    data::{Catalogue, Row},
    enhanced::state::Enhanced,
    explain::state::Explanations,
    films::Films,
    gpu::Gpu,
    help::state::State as Help,
    jobs::Engine,
    keys::Place,
    message::Message,
    palette::state::State as Palette,
    prompt::Prompt,
    results::Results,
    review_session::ReviewSession,
    screen_trait::{Registry, Screen},
    screens::{
        changes::state::State as Changes, confusion::state::State as Confusion, curves::state::State as Curves,
        errors::state::State as Errors, film::state::State as Film, imbalance::state::State as Imbalance, list::state::State as List,
        patients::state::State as Patients, progression::state::State as Progression, review::state::State as Review,
        runs::state::State as Runs, totals::state::State as Totals,
    },
    sheet::request::Sheet,
    theme::{Look, Theme},
};
use crate::{
    config::Aliases,
    selection::{Goto, Selection},
};
use svh_terminal::{
    Painter, TerminalCapabilities,
    capabilities::{Answers, Wishes},
};

/// The smallest window that the screens fit into, in cells.
pub const SMALLEST: (u16, u16) = (60, 16);

/// The cohort on its way into memory.
#[derive(Clone, Debug)]
pub enum Cohort {
    /// It is being read.
    Reading,
    /// It is there.
    Ready(Arc<Catalogue>),
    /// It cannot be read, and why.
    Failed(String),
}

/// What the command line asks the workbench to open.
#[derive(Clone, Debug, PartialEq)]
pub enum Opening {
    /// A list from a file.
    View(Selection),
    /// A patient, a film or a joint.
    Goto(Goto),
}

/// The state of the workbench.
#[derive(Debug)]
pub struct State {
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// The styles.
    pub theme: Theme,
    /// How the user wants pictures painted.
    pub wishes: Wishes,
    /// The terminal's answers so far.
    pub answers: Answers,
    /// What the terminal can do.
    pub capabilities: TerminalCapabilities,
    /// What of pictures is on the screen or ready for it.
    pub painter: Painter,
    /// The cohort's folder as it was named.
    pub root: PathBuf,
    /// The cohort.
    pub cohort: Cohort,
    /// Results of the models: those of the run that all screens show.
    pub results: Results,
    /// What the engine has answered in this session.
    pub session_results: Results,
    /// The reader and what was reviewed.
    pub session: ReviewSession,
    /// The engine and its jobs.
    pub engine: Engine,
    /// Films in memory.
    pub films: Films,
    /// Films made easier to look at.
    pub enhanced: Enhanced,
    /// What is known of why joints have their grades.
    pub explanations: Explanations,
    /// Every screen, and the table of keys.
    pub registry: &'static Registry,
    /// The screen in front, below help, palette and prompts.
    pub screen: ScreenId,
    /// The screens that going back leads through, the next one last.
    pub trail: Vec<ScreenId>,
    /// The table.
    pub patients: Patients,
    /// The film.
    pub film: Film,
    /// The run that the screens of metrics show.
    pub active_run: ActiveRun,
    /// The errors.
    pub errors: Errors,
    /// The totals.
    pub totals: Totals,
    /// Change between visits.
    pub progression: Progression,
    /// The confusion matrices.
    pub confusion: Confusion,
    /// The distributions.
    pub imbalance: Imbalance,
    /// The runs.
    pub runs: Runs,
    /// The reviews.
    pub review: Review,
    /// The curves of detectors and scorers.
    pub curves: Curves,
    /// The list at hand.
    pub list: List,
    /// What changed between two runs.
    pub changes: Changes,
    /// The contact sheet in memory.
    pub sheet: Sheet,
    /// The palette, when it is open.
    pub palette: Option<Palette>,
    /// The help, when it is open.
    pub help: Option<Help>,
    /// A line being typed.
    pub prompt: Option<Prompt>,
    /// What just happened.
    pub message: Option<Message>,
    /// Counts the steps of moving signs.
    pub tick: usize,
    /// A question that a key has to answer first.
    pub confirm: Option<Confirm>,
    /// Keys that the user gave another meaning.
    pub aliases: Aliases,
    /// What the user's settings say of colours.
    pub look: Look,
    /// The columns of tables.
    pub columns: Columns,
    /// The cohorts that are open, this one among them.
    pub cohorts: Cohorts,
    /// What the GPUs are doing, as far as the system says.
    pub gpus: Vec<Gpu>,
    /// What to open once the cohort is there.
    pub opening: Option<Opening>,
}

impl State {
    /// The state before anything has been read or answered.
    #[must_use]
    pub fn new(
        registry: &'static Registry,
        root: PathBuf,
        wishes: impl Into<Wishes>,
        device: &str,
        size: (u16, u16),
        get: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let wishes = wishes.into();
        let capabilities = TerminalCapabilities::unasked(wishes, get);
        Self {
            size,
            theme: Theme::new(capabilities.colours, capabilities.background),
            wishes,
            answers: Answers::default(),
            painter: Painter::new(capabilities.protocol),
            capabilities,
            root: root.clone(),
            cohort: Cohort::Reading,
            results: Results::default(),
            session_results: Results::default(),
            session: ReviewSession::new("reader"),
            engine: Engine::new(device),
            films: Films::default(),
            enhanced: Enhanced::default(),
            explanations: Explanations::default(),
            registry,
            screen: registry.first(),
            trail: Vec::new(),
            patients: Patients::default(),
            film: Film::default(),
            active_run: ActiveRun::default(),
            errors: Errors::default(),
            totals: Totals::default(),
            progression: Progression::default(),
            confusion: Confusion::default(),
            imbalance: Imbalance::default(),
            curves: Curves::default(),
            list: List::default(),
            changes: Changes::default(),
            runs: Runs::default(),
            review: Review::default(),
            sheet: Sheet::default(),
            palette: None,
            help: None,
            prompt: None,
            message: None,
            tick: 0,
            confirm: None,
            aliases: Aliases::default(),
            look: Look::default(),
            columns: Columns::default(),
            cohorts: Cohorts::of(vec![root.clone()], 0),
            gpus: Vec::new(),
            opening: None,
        }
    }

    /// Takes the size of a cell from the system, where it knows; a change of the font's size shows there.
    pub fn know_cell(&mut self, cell: Option<(u16, u16)>) {
        if let Some(cell) = cell {
            self.answers.cell = Some(cell);
            self.capabilities.cell = cell;
        }
    }

    /// The cohort, once it is there.
    #[must_use]
    pub fn catalogue(&self) -> Option<&Arc<Catalogue>> {
        match &self.cohort {
            Cohort::Ready(catalogue) => Some(catalogue),
            _ => None,
        }
    }

    /// The patient at a place of the cohort.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        self.catalogue()?.row(index, &self.results, self.session.reviews())
    }

    /// Says something in the status line; there is nothing else to do.
    pub fn say(&mut self, text: impl Into<String>) -> Vec<Effect> {
        self.message = Some(Message::info(text));
        Vec::new()
    }

    /// The screen in front.
    #[must_use]
    pub fn front(&self) -> &'static dyn Screen {
        self.registry.screen(self.screen).1
    }

    /// Whether the screen in front shows metrics of the run in use.
    #[must_use]
    pub fn shows_run(&self) -> bool {
        self.registry.screen(self.screen).0.chain.contains(&Place::Run)
    }

    /// Where keys have their meaning just now.
    #[must_use]
    pub fn place(&self) -> Place {
        match self.help {
            Some(_) => Place::Help,
            None => self.front().place(self),
        }
    }

    /// The cohort's name: its folder's.
    #[must_use]
    pub fn name(&self) -> String {
        if let Some(name) = self.cohorts.label(self.cohorts.at) {
            return name;
        }
        let name = self.root.file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| self.root.display().to_string())
    }

    /// Whether the screen in front is seen: neither help nor palette lies over it.
    #[must_use]
    pub const fn is_uncovered(&self) -> bool {
        self.help.is_none() && self.palette.is_none() && !self.is_cramped()
    }

    /// Whether something moves on the screen without a key.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self.cohort, Cohort::Reading) || !self.engine.jobs.is_empty() || self.active_run.is_busy() || self.front().is_waiting(self)
    }

    /// Whether the window is too small for the screens.
    #[must_use]
    pub const fn is_cramped(&self) -> bool {
        self.size.0 < SMALLEST.0 || self.size.1 < SMALLEST.1
    }
}
