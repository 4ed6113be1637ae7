//! What the end-to-end tests share: the real programs, made-up films and cohorts, and a terminal that is not one.

pub mod cohort;
pub mod films;
pub mod models;
pub mod program;
pub mod terminal;
