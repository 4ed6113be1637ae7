//! The parts of the table put together, and what is looked up in it.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Binding, Place, Row, letter, plain, several};
use crate::tui::action::{Action, ScreenId};

/// What a screen brings to the table of keys.
#[derive(Clone, Copy, Debug)]
pub struct ScreenKeys {
    /// The screen.
    pub id: ScreenId,
    /// The letter that leads there, one of its name; `None` for a screen that is opened from others only and has no place on the bar.
    pub letter: Option<char>,
    /// The heading over its keys in the help.
    pub heading: &'static str,
    /// What is to be seen there, in a few words.
    pub purpose: &'static str,
    /// The places whose keys hold on it: the earlier one's meaning comes first.
    pub chain: &'static [Place],
    /// Keys that lead there from everywhere, where it has no place on the bar.
    pub everywhere: &'static [Row],
    /// Its keys.
    pub rows: &'static [Row],
}

/// The table of keys.
pub struct Keymap {
    screens: Vec<(&'static ScreenKeys, Vec<Place>)>,
    /// In the order of hints.
    table: Vec<Binding>,
    letters: &'static str,
}

/// The function key of the first screen on the bar.
const FIRST_FUNCTION_KEY: u8 = 2;

impl Keymap {
    /// Puts the table together. What is made here lives as long as the program.
    #[must_use]
    pub fn new(screens: Vec<&'static ScreenKeys>, shared: &'static [(Place, &'static [Row])]) -> Self {
        let tabs = || screens.iter().filter_map(|screen| Some((screen.id, screen.letter?)));
        let letters: &'static str = tabs().map(|(_, letter)| letter).collect::<String>().leak();
        let go = go(&tabs().collect::<Vec<_>>(), letters);
        let at = |place: Place, rows: &'static [Row]| rows.iter().map(move |row| row.at(place));
        let own = screens.iter().flat_map(|screen| at(Place::On(screen.id), screen.rows).chain(at(Place::Global, screen.everywhere)));
        let table = own.chain([go]).chain(shared.iter().flat_map(|(place, rows)| at(*place, rows))).collect();
        let chain = |screen: &ScreenKeys| {
            let here = |place: &Place| if *place == Place::Here { Place::On(screen.id) } else { *place };
            screen.chain.iter().map(here).collect()
        };
        let screens = screens.into_iter().map(|screen| (screen, chain(screen))).collect();
        Self { screens, table, letters }
    }

    /// What a screen brought.
    fn screen(&self, id: ScreenId) -> Option<&(&'static ScreenKeys, Vec<Place>)> {
        self.screens.iter().find(|(screen, _)| screen.id == id)
    }

    /// The letters of the screens, in the order of the bar.
    #[must_use]
    pub const fn letters(&self) -> &'static str {
        self.letters
    }

    /// Every binding, in the order of hints.
    pub fn table(&self) -> impl Iterator<Item = &Binding> {
        self.table.iter()
    }

    /// The places whose keys hold at a place: the earlier one's meaning comes first.
    #[must_use]
    pub fn chain(&self, place: Place) -> &[Place] {
        match place {
            Place::On(id) => self.screen(id).map_or(&[Place::Global], |(_, chain)| chain),
            // Nothing leads away while a box is in hand.
            Place::Editing => &[Place::Editing],
            Place::Help => &[Place::Help, Place::Global],
            _ => &[Place::Global],
        }
    }

    /// The heading over a place's keys in the help.
    #[must_use]
    pub fn heading(&self, place: Place) -> &'static str {
        match place {
            Place::On(id) => self.screen(id).map_or(id.0, |(screen, _)| screen.heading),
            Place::Here => "Here",
            Place::Editing => "With a box in hand",
            Place::Run => "Where metrics of a run are shown",
            Place::Table => "In every table",
            Place::Items => "In every list",
            Place::Threshold => "Where boxes are accepted by their score",
            Place::View => "Where a film is shown",
            Place::Look => "Where pictures are shown",
            Place::Patient => "With a patient at hand",
            Place::Help => "In the help",
            Place::Global => "Everywhere",
        }
    }

    /// The keys of a place alone.
    pub fn of(&self, place: Place) -> impl Iterator<Item = &Binding> {
        self.table().filter(move |binding| binding.place == place)
    }

    /// What a key means at a place.
    #[must_use]
    pub fn action(&self, place: Place, key: KeyEvent) -> Option<Action> {
        let here =
            |place: &Place| self.of(*place).flat_map(|binding| binding.keys).find(|(bound, _)| *bound == key).map(|(_, action)| *action);
        self.chain(place).iter().find_map(here)
    }

    /// The bindings that hold at a place; those whose every key means something else here are left out.
    pub fn at(&self, place: Place) -> impl Iterator<Item = &Binding> {
        let all = self.chain(place).iter().flat_map(|part| self.of(*part));
        all.filter(move |binding| binding.keys.iter().any(|(key, meant)| self.action(place, *key) == Some(*meant)))
    }

    /// The first key that means this at a place.
    #[must_use]
    pub fn key_of(&self, place: Place, wanted: Action) -> Option<KeyEvent> {
        let keys = self.at(place).flat_map(|binding| binding.keys);
        keys.filter(|(key, meant)| *meant == wanted && self.action(place, *key) == Some(wanted)).map(|(key, _)| *key).next()
    }

    /// The letter that leads to a screen.
    #[must_use]
    pub fn letter_of(&self, id: ScreenId) -> Option<char> {
        self.screen(id)?.0.letter
    }
}

/// The keys that lead to the screens of the bar.
fn go(tabs: &[(ScreenId, char)], letters: &'static str) -> Binding {
    let by_letter = tabs.iter().map(|(id, shown)| (letter(*shown), Action::Go(*id)));
    let by_function = (FIRST_FUNCTION_KEY..).zip(tabs).map(|(number, (id, _))| (plain(KeyCode::F(number)), Action::Go(*id)));
    let keys: &'static [(KeyEvent, Action)] = by_letter.chain(by_function).collect::<Vec<_>>().leak();
    // The letter that leads there stands out as the only capital.
    let name = |(id, letter): &(ScreenId, char)| id.0.to_lowercase().replacen(letter.to_ascii_lowercase(), &letter.to_string(), 1);
    let names = tabs.iter().map(name).collect::<Vec<_>>().join(", ");
    let last = FIRST_FUNCTION_KEY as usize + tabs.len() - 1;
    let help = format!("the screen with that letter: {names} (also F{FIRST_FUNCTION_KEY} to F{last}; a click on its name)").leak();
    several(letters, "screens", help, keys).at(Place::Global)
}
