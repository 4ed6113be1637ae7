//! What the end-to-end tests share: the real programs, made-up films and cohorts, a terminal that is not one, and skips that are counted.

pub mod cohort;
pub mod films;
pub mod models;
pub mod program;
pub mod skip;
pub mod terminal;
