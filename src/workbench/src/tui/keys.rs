//! The one table of keys: what a key does on which screen, what the footer hints at, and what the help says.

use super::{
    action::Action::{self, *},
    input::Key,
};
use svh_core::Limb;

/// Where a key has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Global,
    /// The table of patients.
    Patients,
    /// One film.
    Film,
    /// The pages of help.
    Help,
}

/// Some keys and their meaning.
pub struct Binding {
    /// Where they mean it.
    pub place: Place,
    /// Keys and actions; those of one binding belong together, such as both directions.
    pub keys: &'static [(Key, Action)],
    /// The keys as they are written.
    pub label: &'static str,
    /// A word or two for the footer; empty for what only the help tells.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

const fn binding(place: Place, label: &'static str, hint: &'static str, help: &'static str, keys: &'static [(Key, Action)]) -> Binding {
    Binding { place, keys, label, hint, help }
}

/// Every key. The footer shows hints in this order as far as there is room.
pub const TABLE: &[Binding] = &[
    binding(
        Place::Patients,
        "↑↓",
        "choose",
        "choose a patient (also j k)",
        &[(Key::Up, Up), (Key::Down, Down), (Key::Char('k'), Up), (Key::Char('j'), Down)],
    ),
    binding(
        Place::Patients,
        "⏎",
        "open",
        "open the patient's films (also l, →)",
        &[(Key::Enter, Open), (Key::Right, Open), (Key::Char('l'), Open)],
    ),
    binding(Place::Patients, "/", "search", "search ids while typing; ⏎ keeps the place, Esc goes back", &[(Key::Char('/'), Search)]),
    binding(
        Place::Patients,
        "f",
        "filter",
        "show some patients only: ids, graded, scored, films<4, diff>10...",
        &[(Key::Char('f'), Filter)],
    ),
    binding(
        Place::Patients,
        "< >",
        "sort",
        "sort by the column to the left or right (also a click on its head)",
        &[(Key::Char('<'), SortPrevious), (Key::Char('>'), SortNext), (Key::Char(','), SortPrevious), (Key::Char('.'), SortNext)],
    ),
    binding(Place::Film, "↑↓", "joint", "choose a joint; its box is highlighted and named", &[(Key::Up, Up), (Key::Down, Down)]),
    binding(
        Place::Film,
        "⏎",
        "zoom",
        "look closely at the joint, and back (also z)",
        &[(Key::Enter, ZoomJoint), (Key::Char('z'), ZoomJoint)],
    ),
    binding(
        Place::Film,
        "Tab",
        "limb",
        "next film of the patient (Shift-Tab: the one before)",
        &[(Key::Tab, NextLimb), (Key::BackTab, PreviousLimb)],
    ),
    binding(Place::Film, "d", "detect", "find the joints of this film", &[(Key::Char('d'), Detect)]),
    binding(
        Place::Patients,
        "d",
        "detect",
        "find the joints of the patient's films",
        &[(Key::Char('d'), DetectAll), (Key::Char('D'), DetectAll)],
    ),
    binding(Place::Global, "s", "score", "find and grade the joints of the patient", &[(Key::Char('s'), Score)]),
    binding(Place::Film, "e", "task", "narrowing or erosion", &[(Key::Char('e'), SwitchTask)]),
    binding(
        Place::Film,
        "n N",
        "patient",
        "next and previous patient, in the order of the table",
        &[(Key::Char('n'), NextPatient), (Key::Char('N'), PreviousPatient)],
    ),
    binding(
        Place::Film,
        "t p",
        "boxes",
        "show or hide the reader's boxes (truth) and the model's (prediction)",
        &[(Key::Char('t'), ToggleTruth), (Key::Char('p'), ToggleModel)],
    ),
    binding(Place::Film, "i", "invert", "black for white", &[(Key::Char('i'), Invert)]),
    binding(Place::Patients, ":", "jump", "go to a line by number, or to an id by its beginning", &[(Key::Char(':'), Jump)]),
    binding(Place::Global, "g", "device", "the next device for the networks: auto, cpu, cuda:N", &[(Key::Char('g'), NextDevice)]),
    binding(
        Place::Patients,
        "n N",
        "",
        "next and previous patient that the search finds",
        &[(Key::Char('n'), NextMatch), (Key::Char('N'), PreviousMatch)],
    ),
    binding(Place::Patients, "r", "", "turn the order round", &[(Key::Char('r'), SortReverse)]),
    binding(
        Place::Patients,
        "PgUp PgDn",
        "",
        "a page up or down (also Ctrl-B, Ctrl-F)",
        &[(Key::PageUp, PageUp), (Key::PageDown, PageDown), (Key::Ctrl('b'), PageUp), (Key::Ctrl('f'), PageDown)],
    ),
    binding(
        Place::Patients,
        "Home End",
        "",
        "the first or last patient (also G for the last)",
        &[(Key::Home, Top), (Key::End, Bottom), (Key::Char('G'), Bottom)],
    ),
    binding(
        Place::Film,
        "1-4",
        "",
        "left hand, right hand, left foot, right foot",
        &[
            (Key::Char('1'), Limb(Limb::LeftHand)),
            (Key::Char('2'), Limb(Limb::RightHand)),
            (Key::Char('3'), Limb(Limb::LeftFoot)),
            (Key::Char('4'), Limb(Limb::RightFoot)),
        ],
    ),
    binding(
        Place::Film,
        "+ -",
        "",
        "closer and further away (also the wheel)",
        &[(Key::Char('+'), ZoomIn), (Key::Char('='), ZoomIn), (Key::Char('-'), ZoomOut), (Key::Char('_'), ZoomOut)],
    ),
    binding(
        Place::Film,
        "h j k l",
        "",
        "move the view (also Shift-arrows, ← →, or drag with the mouse)",
        &[
            (Key::Char('h'), Pan(-0.2, 0.0)),
            (Key::Char('l'), Pan(0.2, 0.0)),
            (Key::Char('k'), Pan(0.0, -0.2)),
            (Key::Char('j'), Pan(0.0, 0.2)),
            (Key::ShiftLeft, Pan(-0.2, 0.0)),
            (Key::ShiftRight, Pan(0.2, 0.0)),
            (Key::ShiftUp, Pan(0.0, -0.2)),
            (Key::ShiftDown, Pan(0.0, 0.2)),
            (Key::Left, Pan(-0.2, 0.0)),
            (Key::Right, Pan(0.2, 0.0)),
        ],
    ),
    binding(Place::Film, "0", "", "the whole film again", &[(Key::Char('0'), Fit)]),
    binding(Place::Film, "[ ]", "", "darker and brighter (level)", &[(Key::Char('['), Level(0.08)), (Key::Char(']'), Level(-0.08))]),
    binding(
        Place::Film,
        "{ }",
        "",
        "less and more contrast (window)",
        &[(Key::Char('{'), Contrast(1.2)), (Key::Char('}'), Contrast(1.0 / 1.2))],
    ),
    binding(Place::Film, "a", "", "the window that suits the film: 1st to 99.5th percentile", &[(Key::Char('a'), AutoWindow)]),
    binding(Place::Film, "D", "", "find the joints of all films of the patient", &[(Key::Char('D'), DetectAll)]),
    binding(Place::Global, "Esc", "", "give up a running job; else back (also Backspace)", &[(Key::Esc, Back), (Key::Backspace, Back)]),
    binding(
        Place::Help,
        "→ Tab",
        "next page",
        "next page",
        &[(Key::Right, NextPage), (Key::Tab, NextPage), (Key::Char('l'), NextPage), (Key::Char(' '), NextPage)],
    ),
    binding(
        Place::Help,
        "←",
        "previous page",
        "previous page",
        &[(Key::Left, PreviousPage), (Key::BackTab, PreviousPage), (Key::Char('h'), PreviousPage)],
    ),
    binding(
        Place::Help,
        "↑↓",
        "scroll",
        "scroll",
        &[(Key::Up, Up), (Key::Down, Down), (Key::Char('k'), Up), (Key::Char('j'), Down), (Key::PageUp, PageUp), (Key::PageDown, PageDown)],
    ),
    binding(
        Place::Global,
        "?",
        "help",
        "this help, the scoring scheme, the legend (also F1)",
        &[(Key::Char('?'), Help), (Key::F(1), Help)],
    ),
    binding(Place::Global, "q", "quit", "quit (also Ctrl-C)", &[(Key::Char('q'), Quit), (Key::Ctrl('c'), Quit)]),
    binding(Place::Global, "Ctrl-L", "", "paint the screen anew", &[(Key::Ctrl('l'), Redraw)]),
    binding(Place::Global, "Ctrl-Z", "", "stop for a while; `fg` goes on", &[(Key::Ctrl('z'), Suspend)]),
];

/// What a key means at a place: its own meaning there comes before the global one.
#[must_use]
pub fn action(place: Place, key: Key) -> Option<Action> {
    let find = |place| {
        let here = TABLE.iter().filter(move |binding| binding.place == place);
        here.flat_map(|binding| binding.keys).find(|(bound, _)| *bound == key).map(|(_, action)| *action)
    };
    find(place).or_else(|| find(Place::Global))
}

/// The bindings that hold at a place, its own and the global ones, in the order of the table.
pub fn at(place: Place) -> impl Iterator<Item = &'static Binding> {
    // Within the help, the global keys that need a patient have no meaning.
    let useless = move |binding: &Binding| place == Place::Help && matches!(binding.label, "s" | "g");
    TABLE.iter().filter(move |binding| (binding.place == place || binding.place == Place::Global) && !useless(binding))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_has_two_meanings_at_one_place() {
        for place in [Place::Global, Place::Patients, Place::Film, Place::Help] {
            let mut seen = HashSet::new();
            for (key, _) in TABLE.iter().filter(|binding| binding.place == place).flat_map(|binding| binding.keys) {
                assert!(seen.insert(key), "{key:?} at {place:?}");
            }
        }
    }

    #[test]
    fn a_place_may_give_a_global_key_its_own_meaning_and_others_stay() {
        assert_eq!(action(Place::Patients, Key::Char('n')), Some(NextMatch));
        assert_eq!(action(Place::Film, Key::Char('n')), Some(NextPatient));
        assert_eq!(action(Place::Film, Key::Char('q')), Some(Quit));
        assert_eq!(action(Place::Help, Key::Char('1')), None);
    }

    #[test]
    fn every_binding_tells_the_help_what_it_does() {
        assert!(TABLE.iter().all(|binding| !binding.help.is_empty() && !binding.keys.is_empty()));
    }
}
