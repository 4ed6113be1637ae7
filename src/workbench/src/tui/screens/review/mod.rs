//! Reviews: what is worth a look, one joint after the other, beside its film; boxes and grades are corrected here, and read blindly.
//!
//! The film at hand is that of the film screen: what is looked at here is there as well, and the other way round.

mod changes;
mod detail;
mod edit;
mod keys;
mod layout;
mod lines;
mod list;
mod marks;
mod naming;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::{EDITING, KEYS};
pub use state::State;
pub use update::{act, back, built, enter, mouse, read, results_changed, settle, typed, unkept};
pub use view::{render, render_status, title};
