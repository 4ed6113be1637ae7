//! One film: the picture with boxes, the joints with grades of reader and model, the sums.

mod detail;
mod keys;
mod layout;
mod list;
mod marks;
mod plan;
mod state;
mod totals;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use keys::KEYS;
pub use plan::plan;
pub use state::{State, current};
pub use update::{act, back, mouse, open, read};
pub use view::{render, render_status, title};
