//! The terminal below the workbench: films as pictures in it, what it can do, and what comes from it. Nothing here knows joints, runs or screens.
//!
//! [`Picture`] is a film made ready for showing, [`View`] the part of it that is shown, [`Plan`] the wish of one frame. [`Painter`] turns plans into
//! bytes for kitty (inside tmux as [`placeholders`]), iTerm and sixel; [`blocks`] writes into the cells of a ratatui buffer and works everywhere. What is shown is for looking only: the
//! networks always read the original film.
//!
//! [`input`] decodes what the terminal sends into crossterm's events and the terminal's answers; [`screen`] takes the terminal over and gives it back.

pub mod blocks;
pub mod capabilities;
pub mod contrast;
#[cfg(test)]
pub mod decode;
mod enhance;
pub mod font;
pub mod input;
mod iterm;
mod kitty;
pub mod marks;
mod mosaic;
mod oneshot;
mod painter;
pub mod pixels;
mod placeholders;
pub mod plan;
pub mod probe;
pub mod raster;
pub mod screen;
mod sixel;
mod source;
#[cfg(test)]
mod tests;
pub mod tmux;
pub mod view;

pub use capabilities::{Colours, Images, Protocol, TerminalCapabilities};
pub use enhance::Enhancement;
pub use marks::{Line, Mark, Rgb};
pub use mosaic::{Blocks, Mosaic};
pub use oneshot::Shown;
pub use painter::Painter;
pub use pixels::Pixels;
pub use plan::{BaseKey, Inset, Plan};
pub use source::Picture;
pub use view::{Cells, Placement, Region, View};
