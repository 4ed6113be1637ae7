//! The terminal workbench: the table of patients and the film, drawn by ratatui, answered by the engine.
//!
//! `Event -> Action -> update(&mut State, ..) -> Vec<Effect>`; `render(&State, &mut Frame) -> Option<Plan>` is pure. One loop receives, plain
//! threads send: the terminal, signals, the engine's client, the readers of cohort and films, the maker of pictures.

mod action;
mod app;
mod data;
mod desk;
mod draw;
mod effects;
mod event;
mod figures;
mod films;
#[cfg(test)]
mod fixture;
mod frame;
mod header;
pub mod input;
mod jobs;
mod keys;
mod load;
mod message;
mod names;
mod navigation;
mod palette;
mod picture;
mod plot;
mod prompt;
mod result_recorder;
mod results;
mod reviewer;
mod screens;
mod sheet;
mod signals;
mod state;
pub mod still;
mod subject;
mod sums;
mod table;
pub mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod update;
mod view;
mod watch;
mod words;

pub use app::run;
pub(crate) use result_recorder::newest as newest_results;
pub use theme::{MODEL, TRUTH};
