//! Errors of the detectors: every one at the operating threshold with its film beside it, as a contact sheet of crops, and counted by joint.

mod beside;
mod columns;
mod filter;
mod joints;
mod keys;
mod kinds;
mod layout;
mod order;
mod state;
mod tiles;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::KEYS;
pub use order::arrange;
pub use state::State;
pub use update::{act, back, enter, evaluated, mouse, patient, rested, settle, typed, wants_rest};
pub use view::{render, render_status};
