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
pub use layout::{Layout, layout};
pub use marks::{of_joint, without_colours};
pub use plan::{film_point, laid, plan};
pub use state::{Current, Entry, State, current};
pub use update::{ZOOM, act, back, choose_box_at, drag_view, follow, mouse, open, put, read, show, zoom};
pub use view::{render, render_picture, render_status, title};
