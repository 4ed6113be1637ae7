//! The table of patients: films and labels that exist, grades, sums of the reader and of the model; sorted, filtered, searched.

mod card;
mod columns;
mod filter;
mod keys;
mod layout;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use columns::Column;
pub use filter::Filter;
pub use keys::KEYS;
pub use state::State;
pub use update::{act, back, choose, click, loaded, rested, settle, typed, wants_films, wheel};
pub use view::{render, summary};
