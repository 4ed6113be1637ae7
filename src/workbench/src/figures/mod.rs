//! Figures for papers: what a figure shows, and how it becomes an SVG or a PNG file. Drawn with plotters, in a font of our own, so that a server without
//! fonts writes the same picture.

mod build;
mod draw;
mod figure;
mod matrix;
mod palette;
mod style;

#[cfg(test)]
mod tests;

pub use build::{
    bland_altman, confusion, cumulative, distribution, f1, histogram, pr_curves, progression, reliability, scatter, scope, training_curves,
};
pub use draw::{Format, render, save};
pub use figure::Figure;
pub use style::FigureError;
