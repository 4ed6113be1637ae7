//! What the user can ask for, whatever key it is bound to, and the effects that the state cannot have itself.

use std::path::PathBuf;

use svh_core::{FilmDetections, Joint, Limb, PatientScore, Task, protocol::Request, review::Entry, tags::TagLine};

use svh_terminal::Enhancement;

use super::{question::Question, sheet::request::Request as Sheet};
use crate::{
    figures::Figure,
    selection::{Selection, Target},
    slurm,
};

/// Names a screen. Each screen declares its own; here nobody needs to know which there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScreenId(
    /// The name on the bar. The letter that leads there is in it.
    pub &'static str,
);

/// A wish of the user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// End the program.
    Quit,
    /// Stop the program for a while (Ctrl-Z).
    Suspend,
    /// Redraw the whole screen.
    Redraw,
    /// Back to where one came from; cancels a running job first.
    Back,
    /// Go to a screen.
    Go(ScreenId),
    /// Open the palette of commands.
    Palette,
    /// Open or close the help.
    Help,
    /// Another page of the help.
    NextPage,
    /// Another page of the help.
    PreviousPage,
    /// Another view of the same thing.
    NextView,
    /// Another view of the same thing.
    PreviousView,
    /// To the left: a cell, a crop, a joint.
    Left,
    /// To the right.
    Right,
    /// Start a run.
    Start,
    /// Stop a run.
    Cancel,
    /// Resume an interrupted run.
    Resume,
    /// Mark a run or a film to be shown beside another.
    Beside,
    /// Choose the run that the screens of metrics show.
    ChooseRun,
    /// Show another cohort, or open one.
    ChooseCohort,
    /// Move the score above which a box is accepted, by hundredths.
    Threshold(i16),
    /// Show only errors of the kind at this place, or no longer.
    ToggleKind(usize),
    /// Only accepted boxes, or all.
    ToggleKept,
    /// All limbs or one of them.
    SwitchLimb,
    /// Counts or shares.
    Normalise,
    /// Hide or show the diagonal.
    Diagonal,
    /// By count or by its logarithm.
    LogScale,
    /// Move the sampler's balance, by hundredths.
    Balance(i16),
    /// Take the best threshold.
    Best,
    /// What is shown as a list of its own.
    OpenList,
    /// What changed between the marked run and the chosen one.
    Changes,
    /// Write the list at hand to a file.
    Export,
    /// Save the figure of the screen.
    SaveFigure,
    /// Copy the id or the place at hand to the clipboard.
    Copy,
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
    /// The next item of the list, or of the list that one came from: the next match where one searches.
    NextItem,
    /// The one before.
    PreviousItem,
    /// The next gamma.
    Gamma,
    /// Even out local contrast, or no longer.
    Clahe,
    /// Sharpen, or no longer.
    Sharpen,
    /// The window that suits the joint's box.
    WindowOfBox,
    /// Show or hide the magnifier.
    Magnify,
    /// The film of the other side beside this one, or no longer.
    OtherSide,
    /// Estimate the width of the joint space, or no longer.
    JointSpace,
    /// Why the joint has its grade: an occlusion map, and reference joints that look like it.
    Explain,
    /// All detections of the film with what became of each, or the boxes of its joints.
    RawDetections,
    /// Delete a run.
    DeleteRun,
    /// Give a run another name.
    RenameRun,
    /// Note something about a run.
    NoteRun,
    /// Show some patients only.
    Filter,
    /// Go to a line by its number or to a patient by the beginning of the id.
    Jump,
    /// Sort by the next column.
    SortNext,
    /// Sort by the previous column.
    SortPrevious,
    /// Reverse the sort order.
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
    /// Invert.
    Invert,
    /// Show or hide the reader's boxes.
    ToggleReader,
    /// Show or hide the model's boxes.
    ToggleModel,
    /// Narrowing or erosion.
    SwitchTask,
    /// The next film of the patient.
    NextLimb,
    /// The previous film of the patient.
    PreviousLimb,
    /// The film of a limb.
    Limb(Limb),
    /// Accept the box or the grade as it stands, or lock a blind answer.
    Accept,
    /// Take the box in hand.
    MoveBox,
    /// Draw a box.
    DrawBox,
    /// Delete the box.
    DeleteBox,
    /// Give the box to another joint.
    Relabel,
    /// Grade the joint.
    Grade(u8),
    /// Type a grade.
    TypeGrade,
    /// Type the change above which a patient has progressed.
    TypeThreshold,
    /// Ask for a second look.
    Flag,
    /// Resolve flags.
    ClearFlag,
    /// Take the latest change back.
    Undo,
    /// Bring what was undone again.
    Redo,
    /// Accept many boxes at once: those of the film, those above a score, or what a contact sheet shows.
    AcceptMany,
    /// Tag what is at hand or marked.
    Tag,
    /// Mark what is chosen, for what is then done to all that are marked.
    Mark,
    /// The joint at hand on every film, as a contact sheet.
    SameJoint,
    /// Read without seeing reader or model, and see them again.
    BlindReading,
    /// Where two readers differ.
    Differences,
    /// The next joint of the film.
    NextJoint,
    /// The joint before.
    PreviousJoint,
    /// The film at hand on its own screen.
    OnFilm,
    /// Move or stretch the box in hand, in steps to the right and down.
    Nudge(i8, i8),
    /// From moving to stretching and back.
    Resize,
    /// Apply the change of the box in hand.
    Take,
    /// Cancel the change of the box in hand.
    Leave,
}

impl Action {
    /// The action as a command of the palette; `None` for mere movements, which are easier done by their keys.
    #[must_use]
    pub const fn command(self) -> Option<&'static str> {
        Some(match self {
            Self::Up | Self::Down | Self::PageUp | Self::PageDown | Self::Top | Self::Bottom | Self::Pan(..) => return None,
            Self::Left | Self::Right | Self::NextPage | Self::PreviousPage | Self::Palette | Self::Back | Self::Go(_) => return None,
            Self::Grade(_) | Self::NextJoint | Self::PreviousJoint | Self::Nudge(..) | Self::Resize | Self::Take | Self::Leave => {
                return None;
            }
            Self::AcceptMany => "accept many at once: a film, a page, by score",
            Self::Tag => "tag what is at hand, or all that are marked",
            Self::Mark => "mark this entry; bulk actions take all marked",
            Self::SameJoint => "this joint on every film, as a sheet to grade",
            Self::Accept => "accept the box or grade; lock a blind answer",
            Self::MoveBox => "move and resize the box",
            Self::DrawBox => "draw a box",
            Self::DeleteBox => "delete the box",
            Self::Relabel => "give the box to another joint",
            Self::TypeGrade => "type a grade",
            Self::TypeThreshold => "the change that counts as progression",
            Self::Flag => "flag: ask for a second look",
            Self::ClearFlag => "resolve this joint's flags",
            Self::Undo => "undo your latest change",
            Self::Redo => "redo what you have undone",
            Self::BlindReading => "blind reading on and off",
            Self::Differences => "where two readers differ",
            Self::OnFilm => "the film on its own screen",
            Self::Quit => "quit",
            Self::Suspend => "suspend (`fg` resumes)",
            Self::Redraw => "redraw the screen",
            Self::Help => "help: keys, scoring scheme, legend",
            Self::NextView => "the next view of this screen",
            Self::PreviousView => "the previous view of this screen",
            Self::Start => "start a scoring or a training",
            Self::Cancel => "stop the run",
            Self::Resume => "resume an interrupted run",
            Self::Beside => "mark it, to see another one beside it",
            Self::Gamma => "the next gamma",
            Self::Clahe => "CLAHE: even out local contrast, for display only",
            Self::Sharpen => "sharpen, for display only",
            Self::WindowOfBox => "the window that suits the joint's box",
            Self::Magnify => "magnifier",
            Self::OtherSide => "left beside right",
            Self::JointSpace => "estimate the width of the joint space",
            Self::ChooseRun => "choose the run that all screens show",
            Self::ChooseCohort => "another cohort: one that is open, or a folder",
            Self::Threshold(hundredths) => match hundredths {
                ..=-5 => "lower the threshold by 0.05",
                -4..0 => "lower the threshold by 0.01",
                0..5 => "raise the threshold by 0.01",
                5.. => "raise the threshold by 0.05",
            },
            Self::ToggleKind(index) => match index {
                0 => "only missed joints",
                1 => "only boxes on the background",
                2 => "only duplicates",
                3 => "only badly placed boxes",
                4 => "only joints of the other side",
                5 => "only joints of the other kind of limb",
                6 => "only neighbouring joints",
                7 => "only other confusions",
                8 => "only inferred joints",
                _ => "only errors of grades",
            },
            Self::ToggleKept => "only accepted boxes, or all errors",
            Self::SwitchLimb => "all limbs, or one of them",
            Self::Normalise => "counts, or shares of the row or the column",
            Self::Diagonal => "hide or show the diagonal",
            Self::LogScale => "bars by count or by its logarithm",
            Self::Balance(hundredths) => {
                if hundredths > 0 {
                    "a sampler that draws grades more evenly"
                } else {
                    "a sampler closer to how grades occur"
                }
            }
            Self::Best => "take the threshold of the best F1",
            Self::OpenList => "what is shown as a list, to be written to a file",
            Self::Explain => "why this grade: occlusion map, similar joints",
            Self::Changes => "what changed between the marked run and this one",
            Self::Export => "write the list to a file: CSV, JSON, COCO, VOC",
            Self::SaveFigure => "save this figure as SVG or PNG",
            Self::Copy => "copy the id or the place at hand",
            Self::NextDevice => "run the networks on the next device",
            Self::Detect => "find the joints of this film",
            Self::DetectAll => "find the joints of all films of the patient",
            Self::Score => "find and grade the joints of the patient",
            Self::Open => "open what is chosen",
            Self::Search => "search",
            Self::NextItem => "the next item of the list that you came from",
            Self::PreviousItem => "the previous item of the list that you came from",
            Self::RawDetections => "every detection of the film, and why it was rejected",
            Self::DeleteRun => "delete the run",
            Self::RenameRun => "rename the run",
            Self::NoteRun => "note something about the run",
            Self::Filter => "filter the table",
            Self::Jump => "go to a line or an id",
            Self::SortNext => "sort by the next column",
            Self::SortPrevious => "sort by the previous column",
            Self::SortReverse => "reverse the sort order",
            Self::ZoomIn => "zoom in",
            Self::ZoomOut => "zoom out",
            Self::Fit => "the whole film",
            Self::ZoomJoint => "zoom to the joint, or out to the whole film",
            Self::Level(share) => {
                if share > 0.0 {
                    "darker"
                } else {
                    "brighter"
                }
            }
            Self::Contrast(factor) => {
                if factor > 1.0 {
                    "less contrast"
                } else {
                    "more contrast"
                }
            }
            Self::AutoWindow => "the window that suits the film",
            Self::Invert => "invert",
            Self::ToggleReader => "show or hide the reader's boxes",
            Self::ToggleModel => "show or hide the model's boxes",
            Self::SwitchTask => "narrowing or erosion",
            Self::NextLimb => "next film of the patient",
            Self::PreviousLimb => "previous film of the patient",
            Self::Limb(limb) => limb.name(),
        })
    }
}

/// What the state wants done in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Stop the program for a while.
    Suspend,
    /// Redraw the whole screen.
    Clear,
    /// Ask the terminal something more.
    AskTerminal(String),
    /// Read a film and its boxes; answered by an event. The newest wish is served first.
    ReadFilm {
        /// The patient's place in the cohort.
        patient: usize,
        /// The limb, where the file name has it.
        limb: Option<Limb>,
        /// The film.
        path: PathBuf,
    },
    /// Follow the events of these runs, and of no others.
    FollowRuns(Vec<PathBuf>),
    /// Start this program once more with these words, detached; answered by an event.
    Start(Vec<String>),
    /// Ask the run in this folder to end.
    CancelRun(PathBuf),
    /// Ask Slurm for tasks, stop them or submit them; answered by events.
    Cluster(slurm::Request),
    /// Delete the run in this folder.
    DeleteRun(PathBuf),
    /// Give the run in this folder another name.
    RenameRun(PathBuf, String),
    /// Keep a note with the run in this folder.
    NoteRun(PathBuf, String),
    /// Work out a metric; answered by an event.
    Ask(Question),
    /// Compose a contact sheet; answered by events.
    Compose(Sheet),
    /// Prefer a run's results to those of others; answered by an event.
    ReadResults(PathBuf),
    /// Work out what is worth a look; answered by an event.
    BuildQueue,
    /// Write what the reader did: one line, or those of a bulk action.
    Review(Vec<Entry>),
    /// Write tags and kept filters.
    Tag(Vec<TagLine>),
    /// Read the boxes that a bulk action is about; answered by an event.
    ReadBoxes(Wanted),
    /// Make this film easier to look at; answered by an event.
    Enhance(PathBuf, Enhancement),
    /// Send a request to the engine.
    Send(Request),
    /// Keep the detections of a film on disk.
    KeepFilm(Box<FilmDetections>),
    /// Keep the grades of a patient on disk.
    KeepPatient(Box<PatientScore>),
    /// Write a file; answered by an event.
    Write(Box<Writing>),
    /// Show another open cohort, by its place.
    SwitchCohort(usize),
    /// Open the cohort in this folder beside those that are open, and show it.
    OpenCohort(PathBuf),
    /// Give a text to the terminal's clipboard.
    Copy(String),
}

/// A file that the user asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Writing {
    /// A figure, and where it goes.
    Figure(Figure, PathBuf),
    /// The list at hand.
    Selection(Selection, Target),
}

/// Which boxes a bulk action is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted {
    /// The proposals that are to be accepted: those of at least this score.
    Above(f32),
    /// One joint on every film, of both sides.
    Joint(&'static Joint),
}

impl Wanted {
    /// Whether it is about the boxes of a joint.
    #[must_use]
    pub fn is_about(self, other: &Joint) -> bool {
        match self {
            Self::Above(_) => true,
            Self::Joint(joint) => {
                let same = |task: Task| other.task == task && other.limb.is_hand() == joint.limb.is_hand() && other.joint == joint.joint;
                // A foot without erosion labels has its boxes of narrowing for both tasks.
                let taken_over = !joint.limb.is_hand() && joint.twin().is_some();
                same(joint.task) || (taken_over && same(Task::Narrowing))
            }
        }
    }
}
