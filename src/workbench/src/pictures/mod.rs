//! Films as pictures in a terminal: what is shown, how it becomes pixels, and the four ways in which pixels reach the terminal.
//!
//! [`Picture`] is a film made ready for looking at, [`View`] the part of it that is looked at, [`Plan`] the wish of one frame. [`Painter`] turns
//! plans into bytes for kitty, iTerm and sixel; [`blocks`] writes into the cells of a ratatui buffer and works everywhere. What is shown is for
//! looking only: the networks always read the original film.

pub mod abilities;
pub mod blocks;
#[cfg(test)]
pub mod decode;
pub mod font;
pub mod iterm;
pub mod kitty;
pub mod marks;
pub mod once;
pub mod painter;
pub mod plan;
pub mod probe;
pub mod raster;
pub mod sixel;
pub mod source;
#[cfg(test)]
mod tests;
pub mod view;
pub mod worker;

pub use abilities::{Abilities, Colours, Protocol};
pub use marks::{Line, Mark, Rgb};
pub use once::Shown;
pub use painter::Painter;
pub use plan::{BaseKey, Plan};
pub use source::Picture;
pub use view::{Cells, Placement, Region, View};
pub use worker::{Pixels, Worker};
