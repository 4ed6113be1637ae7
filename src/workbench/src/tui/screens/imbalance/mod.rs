//! How often each grade occurs: by task, limb (figure 8.6.1 of the paper), joint group and joint; truth beside prediction; what a sampler would draw.

mod bars;
mod columns;
mod keys;
mod layout;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::KEYS;
pub use state::State;
pub use update::{act, enter, evaluated, mouse, settle};
pub use view::{render, summary};
