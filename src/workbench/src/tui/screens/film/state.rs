//! The state of the film screen.

use svh_analysis::ErrorRow;
use svh_core::{JointSpace, Task, Window};
use svh_terminal::{Enhancement, View};

use crate::tui::action::ScreenId;

/// Which film stands beside the one at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// That of the other side of the same patient.
    OtherSide,
    /// One that was marked, by the places of the patient and of the film.
    Marked(usize, usize),
}

/// What makes the film easier to look at.
#[derive(Clone, Debug)]
pub struct Looking {
    /// What is done to the film.
    pub enhancement: Enhancement,
    /// The window's gamma, hundredths.
    pub gamma: u16,
    /// The magnifier is shown.
    pub lens: bool,
    /// The point of the film under it, where one was clicked at.
    pub lens_at: Option<(f32, f32)>,
    /// The film beside.
    pub beside: Option<Beside>,
    /// By how much the view of that film lies beside the view of this one, in shares of its sides.
    pub link: (f32, f32),
    /// The joint space is measured.
    pub space: bool,
    /// What has been measured, or why nothing was.
    pub measured: Result<JointSpace, &'static str>,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            enhancement: Enhancement::default(),
            gamma: 100,
            lens: false,
            lens_at: None,
            beside: None,
            link: (0.0, 0.0),
            space: false,
            measured: Err(""),
        }
    }
}

/// What is looked at and how.
#[derive(Clone, Debug)]
pub struct State {
    /// The patient's place in the cohort.
    pub patient: usize,
    /// The film's place among the patient's films.
    pub film: usize,
    /// Narrowing or erosion.
    pub task: Task,
    /// The chosen joint's place in the list.
    pub joint: usize,
    /// The part of the film.
    pub view: View,
    /// The view follows the chosen joint.
    pub close: bool,
    /// Black and white as the user set them; absent for those that suit the film.
    pub window: Option<Window>,
    /// Invert.
    pub inverted: bool,
    /// The reader's boxes are shown.
    pub reader: bool,
    /// The model's boxes are shown.
    pub model: bool,
    /// The screen whose list the film was opened from; `None` for the table of patients.
    pub origin: Option<ScreenId>,
    /// The error that the film was opened at, until another joint is chosen.
    pub error: Option<ErrorRow>,
    /// It was opened from close by: going back leads to the list at once.
    pub opened_close: bool,
    /// Every detection is listed and drawn, not the joints' boxes alone.
    pub raw: bool,
    /// The chosen one of them.
    pub detection: usize,
    /// Why the chosen joint has its grade is shown.
    pub why: bool,
    /// What makes the film easier to look at.
    pub looking: Looking,
    /// Where the mouse was when it last moved with its button down.
    pub drag: Option<(u16, u16)>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            patient: 0,
            film: 0,
            task: Task::Narrowing,
            joint: 0,
            view: View::default(),
            close: false,
            window: None,
            inverted: false,
            reader: true,
            model: true,
            origin: None,
            error: None,
            opened_close: false,
            raw: false,
            detection: 0,
            why: false,
            looking: Looking::default(),
            drag: None,
        }
    }
}
