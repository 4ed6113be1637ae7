//! Tests of the table of keys.

use std::collections::HashSet;

use super::*;
use crate::tui::{
    action::Action::{NextItem, Quit, Score},
    screens::{REGISTRY, changes, confusion, curves, errors, film, imbalance, list, patients, progression, review, runs, totals},
};

const PLACES: [Place; 22] = [
    Place::On(patients::ID),
    Place::On(film::ID),
    Place::On(errors::ID),
    Place::On(totals::ID),
    Place::On(confusion::ID),
    Place::On(imbalance::ID),
    Place::On(runs::ID),
    Place::On(curves::ID),
    Place::On(list::ID),
    Place::On(changes::ID),
    Place::Run,
    Place::Items,
    Place::Threshold,
    Place::Look,
    Place::On(review::ID),
    Place::On(progression::ID),
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
        for (key, _) in REGISTRY.keys.of(place).flat_map(|binding| binding.keys) {
            assert!(seen.insert(key), "{key:?} at {place:?}");
        }
    }
    assert_eq!(
        PLACES.iter().map(|place| REGISTRY.keys.of(*place).count()).sum::<usize>(),
        REGISTRY.keys.table().count(),
        "a place is left out above"
    );
}

#[test]
fn a_screen_may_give_a_shared_key_its_own_meaning_and_others_stay() {
    assert_eq!(REGISTRY.keys.action(Place::On(patients::ID), letter('n')), Some(NextItem));
    assert_eq!(REGISTRY.keys.action(Place::On(film::ID), letter('n')), Some(NextItem));
    assert_eq!(REGISTRY.keys.action(Place::On(film::ID), letter('q')), Some(Quit));
    assert_eq!(REGISTRY.keys.action(Place::Help, letter('1')), None);
    assert_eq!(REGISTRY.keys.action(Place::Help, letter('s')), None, "no patient is at hand in the help");
    assert_eq!(REGISTRY.keys.action(Place::On(film::ID), letter('s')), Some(Score));
}

#[test]
fn every_screen_is_one_key_away_from_everywhere() {
    for screen in REGISTRY.tabs() {
        let shown = REGISTRY.keys.letter_of(screen).unwrap();
        // A box in hand is put down first.
        for place in PLACES.into_iter().filter(|place| *place != Place::Editing) {
            assert_eq!(REGISTRY.keys.action(place, letter(shown)), Some(Action::Go(screen)), "{shown} at {place:?}");
        }
        assert!(screen.0.to_ascii_uppercase().contains(shown), "{shown} is not in {}", screen.0);
    }
}

#[test]
fn every_binding_tells_the_help_what_it_does() {
    assert!(REGISTRY.keys.table().all(|binding| !binding.help.is_empty() && !binding.keys.is_empty()));
}

#[test]
fn a_binding_whose_keys_all_mean_something_else_here_is_not_shown() {
    for place in PLACES {
        for binding in REGISTRY.keys.at(place) {
            assert!(binding.keys.iter().any(|(key, meant)| REGISTRY.keys.action(place, *key) == Some(*meant)));
        }
    }
}

/// What a key does, in a word, so that doing the same to a box, a run or a patient counts as the same.
fn meaning(action: Action) -> &'static str {
    use Action::*;
    match action {
        Up | Down | Left | Right | PageUp | PageDown | Top | Bottom | Nudge(..) | Pan(..) | NextJoint | PreviousJoint => "move",
        NextView | PreviousView | NextPage | PreviousPage | NextLimb | PreviousLimb | Resize => "the next view",
        Open | ZoomJoint | Accept | Take => "look closer or take",
        Back | Leave => "back",
        Beside | Mark => "mark",
        Jump | TypeThreshold => "type a line or a threshold",
        Detect | DetectAll => "detect",
        DeleteBox | DeleteRun => "delete",
        Fit => "the whole film",
        Balance(_) => "move",
        other => other.command().unwrap_or("nothing"),
    }
}

#[test]
fn a_key_means_one_thing_everywhere_digits_apart() {
    let mut meanings: Vec<(KeyEvent, &str, Place)> = Vec::new();
    for binding in REGISTRY.keys.table() {
        for (key, action) in binding.keys {
            let digit = matches!(key.code, KeyCode::Char(letter) if letter.is_ascii_digit());
            // Arrows lead to where they point; a screen's letter stands for the screen.
            let arrow = matches!(key.code, KeyCode::Left | KeyCode::Right | KeyCode::Up | KeyCode::Down);
            if digit || arrow || matches!(action, Action::Go(_)) {
                continue;
            }
            // Closer and further, up and down, more and less are the same key's two sides.
            let means = meaning(*action);
            if let Some((_, other, place)) = meanings.iter().find(|(other, ..)| other == key)
                && *other != means
            {
                panic!("{key:?} means \"{other}\" at {place:?} and \"{means}\" at {:?}", binding.place);
            }
            meanings.push((*key, means, binding.place));
        }
    }
    let digits = REGISTRY.keys.table().filter(|binding| binding.keys.iter().any(|(key, _)| key.code == KeyCode::Char('2')));
    assert!(digits.count() >= 3 && REGISTRY.keys.table().all(|binding| !binding.label.starts_with(['0', '1']) || !binding.hint.is_empty()));
}
