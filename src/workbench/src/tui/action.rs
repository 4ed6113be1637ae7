//! What the user can want, independent of the key that says it; and what the state cannot do itself.

use std::path::PathBuf;

use svh_core::{FilmDetections, Limb, PatientScore, protocol::Request};

/// A wish of the user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// End the program.
    Quit,
    /// Stop the program for a while (Ctrl-Z).
    Suspend,
    /// Paint the whole screen anew.
    Redraw,
    /// Back to where one came from; gives up a running job first.
    Back,
    /// Open or close the help.
    Help,
    /// Another page of the help.
    NextPage,
    /// Another page of the help.
    PreviousPage,
    /// The next device for the networks.
    NextDevice,
    /// Find the joints of the film at hand.
    Detect,
    /// Find the joints of every film of the patient.
    DetectAll,
    /// Grade the patient.
    Score,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// The first line.
    Top,
    /// The last line.
    Bottom,
    /// Open what is chosen.
    Open,
    /// Search while typing.
    Search,
    /// The next line that the search finds.
    NextMatch,
    /// The previous line that the search finds.
    PreviousMatch,
    /// Show some patients only.
    Filter,
    /// Go to a line by its number or to a patient by the beginning of the id.
    Jump,
    /// Sort by the next column.
    SortNext,
    /// Sort by the previous column.
    SortPrevious,
    /// Turn the order round.
    SortReverse,
    /// Move the view, in shares of what is visible.
    Pan(f32, f32),
    /// Closer.
    ZoomIn,
    /// Further away.
    ZoomOut,
    /// The whole film.
    Fit,
    /// Look at the chosen joint, or at the whole film again.
    ZoomJoint,
    /// Brighter or darker, in shares of the window's width.
    Level(f32),
    /// More or less contrast: factor on the window's width.
    Contrast(f32),
    /// The window that suits the film.
    AutoWindow,
    /// Black for white.
    Invert,
    /// Boxes of the reader.
    ToggleTruth,
    /// Boxes of the model.
    ToggleModel,
    /// Narrowing or erosion.
    SwitchTask,
    /// The next film of the patient.
    NextLimb,
    /// The previous film of the patient.
    PreviousLimb,
    /// The film of a limb.
    Limb(Limb),
    /// The next patient.
    NextPatient,
    /// The previous patient.
    PreviousPatient,
}

/// What the state wants done in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Stop the program for a while.
    Suspend,
    /// Paint the whole screen anew.
    Clear,
    /// Read a film and its boxes; answered by an event. The newest wish is served first.
    ReadFilm {
        /// The patient's place in the cohort.
        patient: usize,
        /// The limb, where the name says it.
        limb: Option<Limb>,
        /// The film.
        path: PathBuf,
    },
    /// Send a request to the engine.
    Send(Request),
    /// Keep the detections of a film on disk.
    KeepFilm(Box<FilmDetections>),
    /// Keep the grades of a patient on disk.
    KeepPatient(Box<PatientScore>),
}
