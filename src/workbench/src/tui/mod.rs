//! The terminal workbench: screens over a cohort and its runs, drawn by ratatui, answered by the engine.
//!
//! `Event -> Action -> update(&mut State, ..) -> Vec<Effect>`; `view::render(&State, &mut Frame) -> Option<Plan>` is pure. One loop (`app`) receives,
//! plain threads send: the terminal, signals, the engine's client, the readers of cohort and films, the maker of pictures.
//!
//! Layers, each of which knows only those before it:
//!
//! 1. `action`, `event`, `question`, `run`, `prompt`, `message`, `confirm`: what can be wanted, can happen, can be asked. They know no screen.
//! 2. `keys` (the table of keys), `table`, `plot`, `draw`, `theme`, and the state of each screen (`screens/*/state`).
//! 3. `state` (all of it in one place) and `screen_trait` (what a screen is).
//! 4. `navigation`, `active_run`, `threshold`, `explain`, `enhanced`, `picture`, `sheet`, `window`: what several screens do with the state.
//! 5. `screens/*`, and above them `screens`, which lists them.
//! 6. `bulk`, `help`, `palette`, `header`, `frame`, `view`, `update`: the same for every screen; then `app` and `headless`, which run it.
//!
//! A screen is added in `screens/mod.rs`, the list of all screens, which says what belongs to it.

mod action;
mod active_run;
pub mod app;
mod bulk;
mod changed;
mod choice;
mod cluster;
mod cohort_choice;
mod cohorts;
mod columns;
mod confirm;
mod data;
mod draw;
mod effects;
mod enhanced;
mod event;
mod explain;
mod film_reader;
mod films;
#[cfg(test)]
mod fixture;
mod format;
mod frame;
mod gpu;
mod header;
pub mod headless;
mod help;
mod jobs;
mod keys;
mod load;
mod loader;
mod message;
mod metrics;
pub(crate) mod names;
mod navigation;
mod open_cohort;
mod output;
mod palette;
mod picture;
mod picture_maker;
mod plot;
mod prompt;
mod question;
pub(crate) mod result_recorder;
mod results;
mod review_session;
mod reviewer;
mod run;
mod screen_trait;
mod screens;
mod sheet;
mod signals;
mod start_log;
mod state;
mod table;
mod tag_filter;
mod tagging;
#[cfg(test)]
mod tests;
pub mod theme;
mod threshold;
mod totals;
mod update;
mod view;
mod watch;
mod window;
mod worker;

pub use state::Opening;

/// What settings of looks are made to.
pub(crate) mod looks {
    pub use super::{
        columns::Columns,
        theme::{Hues, Look},
    };
}

/// What settings of keys are checked against.
pub(crate) mod keymap {
    #[cfg(test)]
    pub use super::action::ScreenId;
    pub use super::{keys::Place, screen_trait::Registry, screens::REGISTRY};
}
