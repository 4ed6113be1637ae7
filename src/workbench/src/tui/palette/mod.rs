//! The palette: every command that makes sense now with its key, every screen, patient and run, found by a few of their letters.

mod entries;
pub mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use state::Offer;
pub use update::{Outcome, mouse, open, press, typed};
pub use view::render;
