//! The screens, each with its state, its update, its view and its tests.

pub mod film;
pub mod help;
pub mod patients;
