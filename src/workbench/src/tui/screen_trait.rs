//! What a screen is: everything that the loop asks of one. `screens/mod.rs` lists all screens; one is added there.

use crossterm::event::{KeyEvent, MouseEvent};
use std::fmt;

use ratatui::{buffer::Buffer, layout::Rect};
use svh_core::{
    Joint,
    tags::{Scope, Subject},
};

use super::{
    action::{Action, Effect, ScreenId},
    draw,
    keys::{Keymap, Place, Row, ScreenKeys},
    prompt::Typed,
    state::State,
};
use crate::figures::{Figure, FigureError};
use svh_terminal::Plan;

/// Something that concerns every screen, whether it is in front or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The cohort has been read.
    Cohort,
    /// Results of a run have been read.
    Results,
    /// The engine has answered for a film or a patient.
    Answered,
    /// The errors of the evaluation are those of another threshold.
    Errors,
    /// Something has another tag.
    Tags,
}

/// A screen. It keeps nothing itself: what it shows is in [`State`].
pub trait Screen: Sync {
    /// Draws it between the bar and the status line; the plan is for the painter.
    fn view(&self, state: &State, buffer: &mut Buffer) -> Option<Plan>;

    /// Does what a key of its table means.
    fn act(&self, state: &mut State, action: Action) -> Vec<Effect>;

    /// Keeps its cursors within what is shown: the window has another size, or the screen comes to the front.
    fn settle(&self, _: &mut State) {}

    /// It has come to the front, settled and with the run that it shows asked for.
    fn enter(&self, _: &mut State) -> Vec<Effect> {
        Vec::new()
    }

    /// Back within the screen: from a close look to the whole, from some lines to all. False where there is nothing to go back from.
    fn back(&self, _: &mut State) -> bool {
        false
    }

    /// The mouse between the bar and the status line.
    fn mouse(&self, _: &mut State, _: MouseEvent) -> Vec<Effect> {
        Vec::new()
    }

    /// Something was typed into the line at the foot.
    fn typed(&self, state: &mut State, _: &Typed) -> Vec<Effect> {
        state.prompt = None;
        Vec::new()
    }

    /// A key before it is looked up in the table of keys: for forms, which take every key. `None` where it is to be looked up.
    fn press(&self, _: &mut State, _: KeyEvent) -> Option<Vec<Effect>> {
        None
    }

    /// There is another evaluation, or none any more. Called for screens that are not in front, too.
    fn evaluated(&self, _: &mut State) -> Vec<Effect> {
        Vec::new()
    }

    /// Something has changed that concerns every screen. Called for screens that are not in front, too.
    fn changed(&self, _: &mut State, _: Change) -> Vec<Effect> {
        Vec::new()
    }

    /// The keys have rested for a moment.
    fn rested(&self, _: &mut State) -> Vec<Effect> {
        Vec::new()
    }

    /// Whether it wants [`Screen::rested`] to be called as soon as the keys rest. Only asked while nothing lies over it.
    fn wants_rest(&self, _: &State) -> bool {
        false
    }

    /// Whether it shows a sign that moves.
    fn is_waiting(&self, _: &State) -> bool {
        false
    }

    /// Whether it shows the film at hand.
    fn shows_film(&self) -> bool {
        false
    }

    /// The place in the cohort of the patient whom a request to the models is about.
    fn patient(&self, _: &State) -> Option<usize> {
        None
    }

    /// The joint at hand, where one is.
    fn joint(&self, _: &State) -> Option<&'static Joint> {
        None
    }

    /// What can have a tag of what is at hand or marked, as narrow as it can be named.
    fn subjects(&self, state: &State) -> Vec<Subject> {
        let id = self.patient(state).and_then(|place| Some(&state.catalogue()?.cohort.patients().get(place)?.id));
        id.map(|id| Subject::patient(id)).into_iter().collect()
    }

    /// What a tag is given to where it is not said: a film, though a joint of it is chosen. Otherwise what [`Screen::subjects`] names.
    fn tag_scope(&self) -> Option<Scope> {
        None
    }

    /// What a copy takes of what is chosen: the id of a patient, the place of a joint, the name of a run.
    fn at_hand(&self, state: &State) -> Option<String> {
        let place = self.patient(state)?;
        Some(state.catalogue()?.cohort.patients().get(place)?.id.clone())
    }

    /// What is shown as a figure for a paper, with a name for its file; `None` where nothing is.
    fn figure(&self, _: &State) -> Option<(&'static str, Result<Figure, FigureError>)> {
        None
    }

    /// Which part of the table of keys holds just now.
    fn place(&self, state: &State) -> Place {
        Place::On(state.screen)
    }

    /// The hints at the foot where they are not those of the table of keys.
    fn hints(&self, _: &State) -> Option<&'static [(&'static str, &'static str)]> {
        None
    }

    /// The keys of the part of the screen that is open, in place of those of the whole: crops of a cell, joints of a patient.
    fn part_hints(&self, _: &State) -> Option<&'static [(&'static str, &'static str)]> {
        None
    }

    /// Goes one item on in its list, or back, and opens the film of that item; `None` for a screen without a list, empty at the end of one.
    fn step(&self, _: &mut State, _forward: bool) -> Option<Vec<Effect>> {
        None
    }

    /// What stands in the status line without a message.
    fn summary(&self, _: &State) -> String {
        String::new()
    }

    /// Draws the status line, when no message is shown.
    fn status(&self, state: &State, line: Rect, buffer: &mut Buffer) {
        draw::left(buffer, line, &self.summary(state), state.theme.muted());
    }

    /// What the bar shows of the thing that it has open.
    fn title(&self, _: &State) -> Vec<String> {
        Vec::new()
    }
}

/// The screens that `screens/mod.rs` lists, and the table of keys.
pub struct Registry {
    screens: &'static [(&'static ScreenKeys, &'static dyn Screen)],
    /// The table of keys.
    pub keys: Keymap,
}

impl fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.screens.iter().map(|(keys, _)| keys.id.0)).finish()
    }
}

impl Registry {
    /// The registry of these screens, of which the first is the one that the workbench opens with; `shared` are the keys that no screen owns.
    #[must_use]
    pub fn new(screens: &'static [(&'static ScreenKeys, &'static dyn Screen)], shared: &'static [(Place, &'static [Row])]) -> Self {
        Self { screens, keys: Keymap::new(screens.iter().map(|(keys, _)| *keys).collect(), shared) }
    }

    /// The screen that the workbench opens with.
    #[must_use]
    pub fn first(&self) -> ScreenId {
        self.screens[0].0.id
    }

    /// The screen that the workbench opens with, whose list is that of all.
    #[must_use]
    pub fn first_screen(&self) -> &'static dyn Screen {
        self.screens[0].1
    }

    /// What a screen brings to the table of keys, and the screen.
    #[must_use]
    pub fn screen(&self, id: ScreenId) -> (&'static ScreenKeys, &'static dyn Screen) {
        *self.screens.iter().find(|(keys, _)| keys.id == id).unwrap_or(&self.screens[0])
    }

    /// The screens of the bar, in its order; others are opened from one of them.
    pub fn tabs(&self) -> impl Iterator<Item = ScreenId> {
        self.screens.iter().filter(|(keys, _)| keys.letter.is_some()).map(|(keys, _)| keys.id)
    }

    /// Every screen, those of the bar first.
    pub fn all(&self) -> impl Iterator<Item = ScreenId> {
        self.screens.iter().map(|(keys, _)| keys.id)
    }

    /// Settles every screen: the window has another size.
    pub fn settle(&self, state: &mut State) {
        self.screens.iter().for_each(|(_, screen)| screen.settle(state));
    }

    /// Tells every screen that there is another evaluation, or none any more.
    pub fn evaluated(&self, state: &mut State) -> Vec<Effect> {
        self.screens.iter().flat_map(|(_, screen)| screen.evaluated(state)).collect()
    }

    /// Tells every screen of a change.
    pub fn announce(&self, state: &mut State, change: Change) -> Vec<Effect> {
        self.screens.iter().flat_map(|(_, screen)| screen.changed(state, change)).collect()
    }
}
