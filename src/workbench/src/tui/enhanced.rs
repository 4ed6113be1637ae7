//! Films made easier to look at, worked out beside the loop and kept as long as they are the latest few.

use std::{path::PathBuf, sync::Arc, sync::mpsc::Sender};

use svh_terminal::{Enhancement, Picture};

use super::{
    action::Effect,
    event::Event,
    films::Film,
    state::State,
    worker::{INTERNAL, Queue, Work},
};

/// Enhanced films that are kept.
const KEPT: usize = 4;

/// The latest enhanced films, by the picture that each was made of.
#[derive(Clone, Debug, Default)]
pub struct Enhanced {
    made: Vec<(u64, Enhancement, Arc<Picture>)>,
    asked: Vec<(u64, Enhancement)>,
}

impl Enhanced {
    /// Takes one that was worked out.
    pub fn take(&mut self, of: u64, enhancement: Enhancement, picture: Option<Arc<Picture>>) {
        self.asked.retain(|asked| *asked != (of, enhancement));
        if let Some(picture) = picture {
            self.made.push((of, enhancement, picture));
        }
        if self.made.len() > KEPT {
            self.made.remove(0);
        }
    }

    fn get(&self, of: u64, enhancement: Enhancement) -> Option<&Arc<Picture>> {
        self.made.iter().find(|(id, done, _)| (*id, *done) == (of, enhancement)).map(|(.., picture)| picture)
    }
}

/// A picture as it is to be shown: enhanced, as soon as that is there.
#[must_use]
pub fn shown(state: &State, picture: &Arc<Picture>) -> Arc<Picture> {
    let enhanced = state.enhanced.get(picture.id(), state.film.looking.enhancement);
    Arc::clone(enhanced.unwrap_or(picture))
}

/// Whether a picture waits to be enhanced.
#[must_use]
pub fn is_waiting(state: &State, picture: &Picture) -> bool {
    state.enhanced.asked.contains(&(picture.id(), state.film.looking.enhancement))
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
        let asked = (picture.id(), enhancement);
        if state.enhanced.get(asked.0, enhancement).is_none() && !state.enhanced.asked.contains(&asked) {
            state.enhanced.asked.push(asked);
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
