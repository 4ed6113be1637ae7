//! Everything that the screen shows, in one place. Only `update` changes it; views only read it.

use std::{path::PathBuf, sync::Arc};

use super::{
    data::{Catalogue, Row},
    desk::Desk,
    films::Films,
    jobs::Engine,
    keys::Place,
    message::Message,
    palette,
    prompt::Prompt,
    results::Results,
    screens::{self, confusion, errors, film, help, imbalance, patients, review, runs, totals},
    sheet::Sheet,
    subject::Subject,
    theme::Theme,
};
use crate::{
    Images,
    pictures::{
        Painter,
        abilities::{Abilities, Answers},
    },
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

/// Which screen is in front, below help, palette and prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Screen {
    /// The table of patients.
    Patients,
    /// One film.
    Film,
    /// Errors of the detectors.
    Errors,
    /// Totals of patients, reader beside model.
    Totals,
    /// Confusion matrices of grades.
    Confusion,
    /// Distributions of grades.
    Imbalance,
    /// Trainings and scorings.
    Runs,
    /// What is worth a look, and what readers say of it.
    Review,
}

impl Screen {
    /// The screens of the bar, in its order; a film is opened from one of them.
    pub const TABS: [Self; 7] = [Self::Patients, Self::Errors, Self::Totals, Self::Confusion, Self::Imbalance, Self::Runs, Self::Review];

    /// The name on the bar. The letter that leads there is in it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patients => "Patients",
            Self::Film => "Film",
            Self::Errors => "Errors",
            Self::Totals => "Totals",
            Self::Confusion => "Confusion",
            Self::Imbalance => "Imbalance",
            Self::Runs => "Runs",
            Self::Review => "Review",
        }
    }

    /// What is to be seen there, in a few words.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Patients => "films, labels, grades and totals of every patient",
            Self::Film => "one film with its boxes and grades",
            Self::Errors => "missed joints, false positives, wrong places, with their films",
            Self::Totals => "totals of reader and model, who is most wrong, and why",
            Self::Confusion => "which grades are taken for which, with figures and baselines",
            Self::Imbalance => "how often each grade occurs, truth beside prediction",
            Self::Runs => "trainings and scorings, finished and under way",
            Self::Review => "what is worth a look: proposals, doubtful boxes and grades, blind reading",
        }
    }
}

/// The state of the workbench.
#[derive(Debug)]
pub struct State {
    /// Columns and rows of the window.
    pub size: (u16, u16),
    /// The styles.
    pub theme: Theme,
    /// What the user wants of pictures.
    pub images: Images,
    /// What the terminal has answered so far.
    pub answers: Answers,
    /// What the terminal can do.
    pub abilities: Abilities,
    /// What of pictures is on the screen or ready for it.
    pub painter: Painter,
    /// The cohort's folder as it was named.
    pub root: PathBuf,
    /// The cohort.
    pub cohort: Cohort,
    /// What the model has said.
    pub results: Results,
    /// The reader and what was reviewed.
    pub desk: Desk,
    /// The engine and its jobs.
    pub engine: Engine,
    /// Films in memory.
    pub films: Films,
    /// The screen in front.
    pub screen: Screen,
    /// The screens that going back leads through, the next one last.
    pub trail: Vec<Screen>,
    /// The table.
    pub patients: patients::State,
    /// The film.
    pub film: film::State,
    /// The run that the screens of figures speak of.
    pub subject: Subject,
    /// The errors.
    pub errors: errors::State,
    /// The totals.
    pub totals: totals::State,
    /// The confusion matrices.
    pub confusion: confusion::State,
    /// The distributions.
    pub imbalance: imbalance::State,
    /// The runs.
    pub runs: runs::State,
    /// The reviews.
    pub review: review::State,
    /// The contact sheet in memory.
    pub sheet: Sheet,
    /// The palette, when it is open.
    pub palette: Option<palette::State>,
    /// The help, when it is open.
    pub help: Option<help::State>,
    /// A line being typed.
    pub prompt: Option<Prompt>,
    /// What just happened.
    pub message: Option<Message>,
    /// Counts the steps of moving signs.
    pub tick: usize,
    /// Quitting was asked for once while a job runs.
    pub quitting: bool,
}

impl State {
    /// The state before anything has been read or answered.
    #[must_use]
    pub fn new(root: PathBuf, images: Images, device: &str, size: (u16, u16), get: impl Fn(&str) -> Option<String>) -> Self {
        let abilities = Abilities::unasked(images, get);
        Self {
            size,
            theme: Theme::new(abilities.colours),
            images,
            answers: Answers::default(),
            painter: Painter::new(abilities.protocol),
            abilities,
            root,
            cohort: Cohort::Reading,
            results: Results::default(),
            desk: Desk::new("reader"),
            engine: Engine::new(device),
            films: Films::default(),
            screen: Screen::Patients,
            trail: Vec::new(),
            patients: patients::State::default(),
            film: film::State::default(),
            subject: Subject::default(),
            errors: errors::State::default(),
            totals: totals::State::default(),
            confusion: confusion::State::default(),
            imbalance: imbalance::State::default(),
            runs: runs::State::default(),
            review: review::State::default(),
            sheet: Sheet::default(),
            palette: None,
            help: None,
            prompt: None,
            message: None,
            tick: 0,
            quitting: false,
        }
    }

    /// Takes the size of a cell from the system, where it knows; a change of the font's size shows there.
    pub fn know_cell(&mut self, cell: Option<(u16, u16)>) {
        if let Some(cell) = cell {
            self.answers.cell = Some(cell);
            self.abilities.cell = cell;
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
        self.catalogue()?.row(index, &self.results, self.desk.reviews())
    }

    /// Where keys have their meaning just now.
    #[must_use]
    pub fn place(&self) -> Place {
        match self.help {
            Some(_) => Place::Help,
            None if self.screen == Screen::Review && self.review.edit.is_some() => Place::Editing,
            None => Place::On(self.screen),
        }
    }

    /// The cohort's name: its folder's.
    #[must_use]
    pub fn name(&self) -> String {
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
        matches!(self.cohort, Cohort::Reading) || !self.engine.jobs.is_empty() || self.subject.is_busy() || screens::is_waiting(self)
    }

    /// Columns and rows above the lines at the foot: what the screens have, plus the one status line that is always there.
    #[must_use]
    pub fn room(&self) -> (u16, u16) {
        (self.size.0, self.size.1.saturating_sub(super::frame::status_lines(self) - 1))
    }

    /// Whether the window is too small for the screens.
    #[must_use]
    pub const fn is_cramped(&self) -> bool {
        self.size.0 < SMALLEST.0 || self.size.1 < SMALLEST.1
    }
}
