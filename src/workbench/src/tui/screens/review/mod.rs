//! Reviews: what is worth a look, one joint after the other, beside its film; boxes and grades are corrected here, and read blindly.
//!
//! The film at hand is that of the film screen: what is looked at here is there as well, and the other way round.

mod changes;
mod detail;
mod edit;
mod going;
mod keys;
mod layout;
mod lines;
mod list;
mod marks;
mod mouse;
mod naming;
mod news;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use going::settle;
pub use keys::{EDITING, KEYS};
pub use mouse::mouse;
pub use news::{built, enter, read, results_changed, unkept};
pub use state::State;
pub use update::{act, back, typed};
pub use view::{render, render_status, title};
