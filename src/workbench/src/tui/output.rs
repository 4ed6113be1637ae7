//! What leaves the workbench at the user's wish: figures and lists as files, ids to the clipboard.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    action::{Effect, Writing},
    message::Message,
    prompt::{Prompt, Purpose, Typed},
    screens::{film, list},
    state::{Opening, State},
};
use crate::{
    figures::{self, Format},
    selection::{self, Target},
};

/// Asks where the figure of the screen is to go.
pub fn ask_figure(state: &mut State) -> Vec<Effect> {
    match state.front().figure(state) {
        Some((name, Ok(_))) => state.prompt = Some(Prompt::new(Purpose::Figure, &format!("{name}.svg"), 0)),
        Some((_, Err(error))) => state.message = Some(Message::info(error.to_string())),
        None => state.message = Some(Message::info("this screen shows no figure yet")),
    }
    Vec::new()
}

/// Copies what is at hand.
pub fn copy(state: &mut State) -> Vec<Effect> {
    if state.session.hides_visits() {
        state.message = Some(Message::info("ids are hidden in this order of reading; B ends it, which the log records"));
        return Vec::new();
    }
    let Some(text) = state.front().at_hand(state) else {
        state.message = Some(Message::info("nothing is chosen that has an id"));
        return Vec::new();
    };
    state.message = Some(Message::info(format!("copied: {text}")));
    vec![Effect::Copy(text)]
}

/// The sequence that gives a text to the terminal's clipboard (OSC 52). tmux takes it where `set-clipboard` is on or external.
#[must_use]
pub fn clipboard(text: &str) -> String {
    format!("\x1b]52;c;{}\x07", STANDARD.encode(text))
}

/// Whether the line at the foot asks for a file to write.
#[must_use]
pub fn is_asking(state: &State) -> bool {
    state.prompt.as_ref().is_some_and(|prompt| matches!(prompt.purpose, Purpose::Export | Purpose::Figure))
}

/// Something was typed into that line.
pub fn typed(state: &mut State, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    match typed {
        Typed::Cancel => {}
        Typed::Accept => return accept(state, prompt),
        _ => {
            prompt.edit(typed);
            state.prompt = Some(prompt);
        }
    }
    Vec::new()
}

fn accept(state: &mut State, prompt: Prompt) -> Vec<Effect> {
    let name = prompt.text.trim();
    if name.is_empty() {
        return Vec::new();
    }
    // Names are relative to the folder in which svh was started, as those of the command line are.
    let folder = std::env::current_dir().unwrap_or_default();
    let writing = if prompt.purpose == Purpose::Figure {
        let path = folder.join(name);
        if Format::of(&path).is_none() {
            state.message = Some(Message::error(figures::FigureError::Format(name.into()).to_string()));
            return Vec::new();
        }
        match state.front().figure(state) {
            Some((_, Ok(figure))) => Writing::Figure(figure, path),
            _ => return Vec::new(),
        }
    } else {
        match Target::of(name, &folder) {
            Ok(target) => Writing::Selection(list::tagged(state), target),
            Err(error) => {
                state.message = Some(Message::error(error.to_string()));
                return Vec::new();
            }
        }
    };
    vec![Effect::Write(Box::new(writing))]
}

/// Writes a file; in words what was written, or why not.
pub fn write(writing: &Writing, cohort: Option<&svh_core::Cohort>) -> Result<String, String> {
    match writing {
        Writing::Figure(figure, path) => {
            figures::save(figure, path).map(|()| format!("wrote {}", path.display())).map_err(|error| error.to_string())
        }
        Writing::Selection(list, target) => {
            let cohort = cohort.ok_or("the cohort has not been read yet")?;
            let count = list.items.len();
            let done = || format!("wrote {count} {} to {}", if count == 1 { "entry" } else { "entries" }, target.path().display());
            selection::write(list, target, cohort).map(|()| done()).map_err(|error| error.to_string())
        }
    }
}

/// Opens what the command line asks for, now that the cohort is there.
pub fn opening(state: &mut State) -> Vec<Effect> {
    let wanted = match state.opening.take() {
        None => return Vec::new(),
        Some(Opening::View(selection)) => return list::open(state, selection),
        Some(Opening::Goto(wanted)) => wanted,
    };
    let Some(patient) = state.catalogue().and_then(|catalogue| catalogue.cohort.position(&wanted.patient)) else {
        state.message = Some(Message::error(format!("the cohort has no patient {}", wanted.patient)));
        return Vec::new();
    };
    let films = state.catalogue().map(|catalogue| catalogue.films(patient)).unwrap_or_default();
    let first = films.iter().find_map(|(limb, _)| *limb);
    let Some(limb) = wanted.limb.or(first) else {
        state.message = Some(Message::error(format!("{} has no film", wanted.patient)));
        return Vec::new();
    };
    if !films.iter().any(|(other, _)| *other == Some(limb)) {
        state.message = Some(Message::error(format!("{} has no film of the {}", wanted.patient, limb.name())));
        return Vec::new();
    }
    let task = wanted.joint.map_or(svh_core::Task::Narrowing, |joint| joint.task);
    film::show(state, patient, limb, task, wanted.joint)
}
