//! Keys that the user gives another meaning: a table from the key that is pressed to the key whose meaning it gets, by screen.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::keymap::{Place, Registry};

/// The section of keys that mean the same on every screen.
pub const EVERYWHERE: &str = "Everywhere";

/// The keys by section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aliases(BTreeMap<String, Vec<(KeyEvent, KeyEvent)>>);

/// A key by its name: `n`, `Ctrl-R`, `Shift-Tab`, `Enter`, `F5`, `PageUp`, `Space`.
pub fn parse(name: &str) -> Option<KeyEvent> {
    let (held, last) = match name.rsplit_once('-') {
        Some((held, last)) if !held.is_empty() && !last.is_empty() => (held, last),
        _ => ("", name),
    };
    let mut modifiers = KeyModifiers::NONE;
    for word in held.split('-').filter(|word| !word.is_empty()) {
        modifiers |= match word {
            "Ctrl" => KeyModifiers::CONTROL,
            "Shift" => KeyModifiers::SHIFT,
            "Alt" => KeyModifiers::ALT,
            _ => return None,
        };
    }
    let mut letters = last.chars();
    let code = match (letters.next(), letters.next()) {
        (Some(letter), None) if modifiers.contains(KeyModifiers::CONTROL) => KeyCode::Char(letter.to_ascii_lowercase()),
        (Some(letter), None) => KeyCode::Char(letter),
        _ => match last {
            "Space" => KeyCode::Char(' '),
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            "Tab" => KeyCode::Tab,
            "Backspace" => KeyCode::Backspace,
            "Delete" => KeyCode::Delete,
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "Left" => KeyCode::Left,
            "Right" => KeyCode::Right,
            "PageUp" => KeyCode::PageUp,
            "PageDown" => KeyCode::PageDown,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            _ => KeyCode::F(last.strip_prefix('F')?.parse().ok().filter(|number| (1..=12).contains(number))?),
        },
    };
    Some(KeyEvent::new(code, modifiers))
}

/// The name of a key.
pub fn name(key: KeyEvent) -> String {
    let code = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(letter) if key.modifiers.contains(KeyModifiers::CONTROL) => letter.to_ascii_uppercase().to_string(),
        KeyCode::Char(letter) => letter.to_string(),
        KeyCode::BackTab => "Tab".to_owned(),
        KeyCode::PageUp => "PageUp".to_owned(),
        KeyCode::PageDown => "PageDown".to_owned(),
        KeyCode::F(number) => format!("F{number}"),
        other => format!("{other:?}"),
    };
    let letter = matches!(key.code, KeyCode::Char(_));
    let held = [(KeyModifiers::CONTROL, "Ctrl-"), (KeyModifiers::ALT, "Alt-"), (KeyModifiers::SHIFT, "Shift-")];
    let held: String = held
        .into_iter()
        .filter(|(held, _)| key.modifiers.contains(*held) && !(letter && *held == KeyModifiers::SHIFT))
        .map(|(_, name)| name)
        .collect();
    held + &code
}

/// What a key means at a place, in words.
fn meaning(registry: &Registry, place: Place, key: KeyEvent) -> Option<&'static str> {
    registry.keys.at(place).find(|binding| binding.keys.iter().any(|(bound, _)| *bound == key)).map(|binding| binding.help)
}

impl Aliases {
    /// Takes the sections of a file.
    ///
    /// # Errors
    /// A screen, a key or a meaning that is not there; two meanings for one key, both named.
    pub fn of(keys: &BTreeMap<String, BTreeMap<String, String>>, registry: &Registry) -> Result<Self, String> {
        let mut aliases = BTreeMap::new();
        let places: Vec<(&str, Place)> = registry.all().map(|id| (id.0, Place::On(id))).collect();
        for (section, pairs) in keys {
            let here: Vec<(&str, Place)> = if section == EVERYWHERE {
                places.iter().copied().chain([(EVERYWHERE, Place::Global)]).collect()
            } else {
                places.iter().copied().filter(|(name, _)| name == section).collect()
            };
            if here.is_empty() {
                let names: Vec<&str> = places.iter().map(|(name, _)| *name).chain([EVERYWHERE]).collect();
                return Err(format!("[keys.{section}] is not a screen; use one of {}", names.join(", ")));
            }
            let key = |name: &str| {
                parse(name).ok_or_else(|| format!("[keys.{section}]: `{name}` is not a key; write n, Ctrl-R, Shift-Tab, Enter, F5"))
            };
            let pairs: Vec<(KeyEvent, KeyEvent)> =
                pairs.iter().map(|(pressed, meant)| Ok((key(pressed)?, key(meant)?))).collect::<Result<_, String>>()?;
            let own = if section == EVERYWHERE { Place::Global } else { here[0].1 };
            for (pressed, meant) in &pairs {
                let wanted = meaning(registry, own, *meant).ok_or_else(|| {
                    format!("[keys.{section}]: `{}` means nothing there, so `{}` cannot mean the same", name(*meant), name(*pressed))
                })?;
                let is_free = pairs.iter().any(|(other, moved)| moved == pressed && other != pressed);
                if pressed == meant || is_free {
                    continue;
                }
                for (screen, place) in &here {
                    if let Some(taken) = meaning(registry, *place, *pressed).filter(|taken| *taken != wanted) {
                        return Err(format!(
                            "[keys.{section}]: `{key}` would mean both \"{taken}\" (on {screen}) and \"{wanted}\"; give the first another key too: `\"X\" = \"{key}\"`",
                            key = name(*pressed)
                        ));
                    }
                }
            }
            aliases.insert(section.clone(), pairs);
        }
        Ok(Self(aliases))
    }

    /// The key whose meaning a pressed key has at a place. A key whose meaning was given away has none.
    #[must_use]
    pub fn meant(&self, place: Place, key: KeyEvent) -> Option<KeyEvent> {
        let section = if let Place::On(id) = place { id.0 } else { EVERYWHERE };
        for pairs in [self.0.get(section), self.0.get(EVERYWHERE)].into_iter().flatten() {
            if let Some((_, meant)) = pairs.iter().find(|(pressed, _)| *pressed == key) {
                return Some(*meant);
            }
            if pairs.iter().any(|(_, meant)| *meant == key) {
                return None;
            }
        }
        Some(key)
    }
}
