//! Confusion matrices by task and joint group, with figures, intervals and baselines beside them; a cell opens its crops.

mod crops;
mod figures;
mod keys;
mod layout;
mod matrix;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::KEYS;
pub use state::State;
pub use update::{act, back, enter, evaluated, mouse, patient, rested, settle, wants_rest};
pub use view::{render, summary};
