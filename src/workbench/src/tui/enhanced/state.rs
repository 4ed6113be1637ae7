//! The films that were made easier to look at.

use std::sync::Arc;

use svh_terminal::{Enhancement, Picture};

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

    /// The enhanced picture, as soon as it is there.
    #[must_use]
    pub fn get(&self, of: u64, enhancement: Enhancement) -> Option<&Arc<Picture>> {
        self.made.iter().find(|(id, done, _)| (*id, *done) == (of, enhancement)).map(|(.., picture)| picture)
    }

    /// Whether it is being worked out.
    #[must_use]
    pub fn waits_for(&self, of: u64, enhancement: Enhancement) -> bool {
        self.asked.contains(&(of, enhancement))
    }

    /// Notes that it is to be worked out; false where it is there or asked for already.
    pub fn ask(&mut self, of: u64, enhancement: Enhancement) -> bool {
        let new = self.get(of, enhancement).is_none() && !self.waits_for(of, enhancement);
        if new {
            self.asked.push((of, enhancement));
        }
        new
    }
}
