//! Trainings and scorings: which there are, how they stand, how far they are, and the course of the chosen one while it is written.

mod columns;
mod commands;
mod compare;
mod detail;
mod form;
mod keys;
mod layout;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::KEYS;
pub use state::State;
pub use update::{act, back, compared, enter, listed, mouse, press_in_form, settle, show, started, written};
pub use view::{render, summary};
