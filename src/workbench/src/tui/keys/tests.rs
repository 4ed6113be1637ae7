//! Tests of the table of keys.

use std::collections::HashSet;

use super::screens::*;
use super::*;
use crate::tui::{
    action::Action::{NextItem, Quit, Score},
    screens::REGISTRY,
};

/// Every place of the keymap: the screens and what they share.
fn places() -> impl Iterator<Item = Place> {
    use Place::{Editing, Global, Help, Items, Look, Patient, Run, Table, Threshold, View};
    REGISTRY.all().map(Place::On).chain([Run, Items, Threshold, Look, Editing, Table, View, Patient, Help, Global])
}

#[test]
fn no_key_has_two_meanings_at_one_place() {
    for place in places() {
        let mut seen = HashSet::new();
        for (key, _) in REGISTRY.keys.of(place).flat_map(|binding| binding.keys) {
            assert!(seen.insert(key), "{key:?} at {place:?}");
        }
    }
    assert_eq!(
        places().map(|place| REGISTRY.keys.of(place).count()).sum::<usize>(),
        REGISTRY.keys.table().count(),
        "a place is left out above"
    );
}

#[test]
fn a_screen_may_give_a_shared_key_its_own_meaning_and_others_stay() {
    assert_eq!(REGISTRY.keys.action(Place::On(PATIENTS.id), letter('n')), Some(NextItem));
    assert_eq!(REGISTRY.keys.action(Place::On(FILM.id), letter('n')), Some(NextItem));
    assert_eq!(REGISTRY.keys.action(Place::On(FILM.id), letter('q')), Some(Quit));
    assert_eq!(REGISTRY.keys.action(Place::Help, letter('1')), None);
    assert_eq!(REGISTRY.keys.action(Place::Help, letter('s')), None, "no patient is at hand in the help");
    assert_eq!(REGISTRY.keys.action(Place::On(FILM.id), letter('s')), Some(Score));
}

#[test]
fn every_screen_is_one_key_away_from_everywhere() {
    for screen in REGISTRY.tabs() {
        let shown = REGISTRY.keys.letter_of(screen).unwrap();
        // A box in hand is put down first.
        for place in places().filter(|place| *place != Place::Editing) {
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
    for place in places() {
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

/// What texts say that keys do, and what they must therefore mean: key, verb, where, action.
const MENTIONED: [(&str, &str, Place, Action); 33] = [
    ("K", "tags", Place::On(FILM.id), Action::Tag),
    ("s", "grades", Place::On(PATIENTS.id), Score),
    ("d", "finds", Place::On(FILM.id), Action::Detect),
    ("d", "lets", Place::On(FILM.id), Action::Detect),
    ("d", "starts", Place::On(FILM.id), Action::Detect),
    ("d", "runs", Place::On(REVIEW.id), Action::Detect),
    ("h", "asks", Place::On(FILM.id), Action::Explain),
    ("t", "switches", Place::On(FILM.id), Action::ToggleReader),
    ("p", "switches", Place::On(FILM.id), Action::ToggleModel),
    ("*", "lists", Place::On(FILM.id), Action::RawDetections),
    ("+", "looks", Place::On(FILM.id), Action::ZoomIn),
    (":", "types", Place::On(ERRORS.id), Action::Jump),
    (":", "types", Place::On(PROGRESSION.id), Action::TypeThreshold),
    ("J", "shows", Place::On(CURVES.id), Action::SwitchLimb),
    ("^R", "chooses", Place::On(ERRORS.id), Action::ChooseRun),
    ("R", "shows", Place::Global, Action::Go(RUNS.id)),
    ("R", "finds", Place::Global, Action::Go(RUNS.id)),
    ("V", "reviews", Place::Global, Action::Go(REVIEW.id)),
    ("q", "quits", Place::Global, Quit),
    ("u", "undoes", Place::On(REVIEW.id), Action::Undo),
    ("b", "draws", Place::On(REVIEW.id), Action::DrawBox),
    ("m", "edits", Place::On(REVIEW.id), Action::MoveBox),
    ("g", "types", Place::On(REVIEW.id), Action::TypeGrade),
    ("!", "flags", Place::On(REVIEW.id), Action::Flag),
    ("B", "ends", Place::On(REVIEW.id), Action::BlindReading),
    ("B", "reads", Place::On(REVIEW.id), Action::BlindReading),
    ("n", "goes", Place::On(REVIEW.id), NextItem),
    ("n", "is", Place::On(LIST.id), NextItem),
    ("Z", "makes", Place::On(LIST.id), Action::SameJoint),
    ("c", "resumes", Place::On(RUNS.id), Action::Resume),
    ("c", "submits", Place::On(RUNS.id), Action::Resume),
    ("n", "shows", Place::On(FILM.id), NextItem),
    ("X", "stops", Place::On(RUNS.id), Action::Cancel),
];

/// The pairs of a key and a verb in the texts of a source file: "c resumes it later".
fn mentioned(source: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let code = source.lines().take_while(|line| !line.contains("#[cfg(test)]")).filter(|line| !line.trim_start().starts_with("//"));
    for text in code.flat_map(|line| line.split('"').skip(1).step_by(2)) {
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(2) {
            let key = pair[0].trim_matches(['`', '(', ',', ';', '·']);
            let verb = pair[1].trim_end_matches(['.', ',', ';', ')']);
            let is_key = (key.chars().count() == 1 && !key.starts_with(|c: char| c.is_ascii_digit()) && !"aI–—⏎".contains(key))
                || (key.len() == 2 && key.starts_with('^'));
            if is_key && verb.len() > 1 && verb.ends_with('s') && verb.chars().all(|c| c.is_ascii_lowercase()) {
                found.push((key.to_owned(), verb.to_owned()));
            }
        }
    }
    found
}

#[test]
fn a_key_that_a_text_names_does_what_the_text_says() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui"))];
    let mut pairs = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            match path.file_name().unwrap().to_str().unwrap() {
                _ if path.is_dir() => folders.push(path),
                "tests.rs" | "fixture.rs" => {}
                name if name.ends_with(".rs") && !path.to_str().unwrap().contains("/tests/") => {
                    let found = mentioned(&std::fs::read_to_string(&path).unwrap());
                    pairs.extend(found.into_iter().map(|(key, verb)| (key, verb, path.clone())));
                }
                _ => {}
            }
        }
    }
    // Not keys: a sum of totals, and how long another key holds.
    pairs.retain(|(key, verb, _)| !matches!((key.as_str(), verb.as_str()), ("+", "eros") | ("h", "says")));
    assert!(pairs.len() > 30, "{pairs:?}");
    for (key, verb, path) in &pairs {
        assert!(MENTIONED.iter().any(|(named, does, ..)| named == key && does == verb), "\"{key} {verb}\" in {path:?}");
    }
    for (key, verb, place, action) in MENTIONED {
        assert!(pairs.iter().any(|(named, does, _)| named == key && does == verb), "no text says \"{key} {verb}\"");
        let pressed = key
            .strip_prefix('^')
            .map_or_else(|| letter(key.chars().next().unwrap()), |held| ctrl(held.to_ascii_lowercase().chars().next().unwrap()));
        assert_eq!(REGISTRY.keys.action(place, pressed), Some(action), "{key} {verb}");
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
