//! The palette: every command that makes sense now with its key, every screen, patient and run, found by a few of their letters.

mod entries;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use entries::Entry;
pub use update::{mouse, open, press, typed};
pub use view::render;

/// What a palette offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offer {
    /// All there is.
    #[default]
    Everything,
    /// Runs, of which one is made the one in use.
    Runs,
}

/// The open palette.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What is offered.
    pub offer: Offer,
    /// What was typed.
    pub text: String,
    /// What fits it, the best first.
    pub hits: Vec<Entry>,
    /// The chosen one of them.
    pub cursor: usize,
    /// The first one on the screen.
    pub offset: usize,
    /// The patients that fit what was typed, whom a longer text can only make fewer.
    patients: Vec<u32>,
}
