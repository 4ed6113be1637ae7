//! The letters and the frame that every kind of figure has, and why one could not be made.

use std::path::PathBuf;

use plotters::style::{BLACK, IntoFont, RGBColor};
use svh_core::atomic;
use thiserror::Error;

/// The name under which a viewer finds the font of the program, or one like it.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";
/// The frame of axes and bars.
pub(super) const FRAME: RGBColor = RGBColor(60, 60, 60);

/// A figure that could not be made.
#[derive(Debug, Error)]
pub enum FigureError {
    /// The file's name does not say what it is to be.
    #[error("{} names no format of figures; end it in .svg or .png", .0.display())]
    Format(PathBuf),
    /// There is nothing to show.
    #[error("{0}")]
    Empty(String),
    /// The figure could not be drawn.
    #[error("the figure could not be drawn ({0}): internal error, please report it")]
    Draw(String),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] atomic::WriteError),
}

/// What plotters says, in words.
pub(super) fn fault(error: impl std::fmt::Display) -> FigureError {
    FigureError::Draw(error.to_string())
}

/// A font of so many points.
pub(super) fn font(points: u32, scale: u32) -> plotters::style::TextStyle<'static> {
    (FAMILY, points * scale).into_font().color(&BLACK)
}
