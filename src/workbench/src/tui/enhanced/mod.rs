//! Films made easier to look at, worked out beside the loop and kept as long as they are the latest few.

pub mod state;

use std::{path::PathBuf, sync::Arc, sync::mpsc::Sender};

use svh_terminal::{Enhancement, Picture};

use super::{
    action::Effect,
    event::Event,
    films::Film,
    state::State,
    worker::{INTERNAL, Queue, Work},
};

/// A picture as it is to be shown: enhanced, as soon as that is there.
#[must_use]
pub fn shown(state: &State, picture: &Arc<Picture>) -> Arc<Picture> {
    let enhanced = state.enhanced.get(picture.id(), state.film.looking.enhancement);
    Arc::clone(enhanced.unwrap_or(picture))
}

/// Whether a picture waits to be enhanced.
#[must_use]
pub fn is_waiting(state: &State, picture: &Picture) -> bool {
    state.enhanced.waits_for(picture.id(), state.film.looking.enhancement)
}

/// Asks for films as they are to be shown, where they are not there yet.
pub fn ask(state: &mut State, paths: Vec<PathBuf>) -> Vec<Effect> {
    let enhancement = state.film.looking.enhancement;
    if enhancement.is_none() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    for path in paths {
        let Some(Film::Ready(picture, _)) = state.films.get(&path) else { continue };
        if state.enhanced.ask(picture.id(), enhancement) {
            effects.push(Effect::Enhance(path, enhancement));
        }
    }
    effects
}

/// Enhances films.
pub struct Enhancer {
    /// Where they go.
    pub events: Sender<Event>,
}

impl Work for Enhancer {
    type Job = (Arc<Picture>, Enhancement);
    const NEWEST_FIRST: bool = true;

    fn work(&mut self, (picture, enhancement): &Self::Job, _: &Queue<Self::Job>) {
        let made = Arc::new(picture.enhanced(*enhancement));
        let _ = self.events.send(Event::Enhanced(picture.id(), *enhancement, Some(made)));
    }

    fn panicked(&mut self, (picture, enhancement): Self::Job) {
        // The film stays as it is.
        let _ = self.events.send(Event::Enhanced(picture.id(), enhancement, None));
        let _ = self.events.send(Event::Internal(format!("the film could not be enhanced: {INTERNAL}")));
    }
}
