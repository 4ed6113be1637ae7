//! Totals of patients, reader beside model: the most wrong first, as scatter and Bland-Altman plots, and the joints that make a difference.

mod agreement;
mod columns;
mod joints;
mod keys;
mod layout;
mod plots;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::KEYS;
pub use state::State;
pub use update::{act, back, enter, evaluated, mouse, patient, rested, settle, typed, wants_rest};
pub use view::{render, summary};
