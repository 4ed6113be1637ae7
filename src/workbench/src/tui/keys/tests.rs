//! Tests of the table of keys.

use std::collections::HashSet;

use super::*;
use crate::tui::action::Action::{NextMatch, NextPatient, Quit, Score};

const PLACES: [Place; 15] = [
    Place::On(Screen::Patients),
    Place::On(Screen::Film),
    Place::On(Screen::Errors),
    Place::On(Screen::Totals),
    Place::On(Screen::Confusion),
    Place::On(Screen::Imbalance),
    Place::On(Screen::Runs),
    Place::Run,
    Place::On(Screen::Review),
    Place::Editing,
    Place::Table,
    Place::View,
    Place::Patient,
    Place::Help,
    Place::Global,
];

#[test]
fn no_key_has_two_meanings_at_one_place() {
    for place in PLACES {
        let mut seen = HashSet::new();
        for (key, _) in of(place).flat_map(|binding| binding.keys) {
            assert!(seen.insert(key), "{key:?} at {place:?}");
        }
    }
    assert_eq!(PLACES.iter().map(|place| of(*place).count()).sum::<usize>(), table().count(), "a place is left out above");
}

#[test]
fn a_screen_may_give_a_shared_key_its_own_meaning_and_others_stay() {
    assert_eq!(action(Place::On(Screen::Patients), Key::Char('n')), Some(NextMatch));
    assert_eq!(action(Place::On(Screen::Film), Key::Char('n')), Some(NextPatient));
    assert_eq!(action(Place::On(Screen::Film), Key::Char('q')), Some(Quit));
    assert_eq!(action(Place::Help, Key::Char('1')), None);
    assert_eq!(action(Place::Help, Key::Char('s')), None, "no patient is at hand in the help");
    assert_eq!(action(Place::On(Screen::Film), Key::Char('s')), Some(Score));
}

#[test]
fn every_screen_is_one_key_away_from_everywhere() {
    for screen in Screen::TABS {
        let letter = letter_of(screen).unwrap();
        // A box in hand is put down first.
        for place in PLACES.into_iter().filter(|place| *place != Place::Editing) {
            assert_eq!(action(place, Key::Char(letter)), Some(Action::Go(screen)), "{letter} at {place:?}");
        }
        assert!(screen.name().to_ascii_uppercase().contains(letter), "{letter} is not in {}", screen.name());
    }
}

#[test]
fn every_binding_tells_the_help_what_it_does() {
    assert!(table().all(|binding| !binding.help.is_empty() && !binding.keys.is_empty()));
}

#[test]
fn a_binding_whose_keys_all_mean_something_else_here_is_not_shown() {
    for place in PLACES {
        for binding in at(place) {
            assert!(binding.keys.iter().any(|(key, meant)| action(place, *key) == Some(*meant)));
        }
    }
}
