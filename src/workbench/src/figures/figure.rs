//! What a figure shows, before anything is drawn.

use super::palette::Ink;

/// A figure: panels side by side, in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What the figure is, over all panels.
    pub title: String,
    /// What its numbers rest on, below: run, patients, joints.
    pub caption: String,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels in a row.
    pub columns: usize,
}

/// One plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What it is about; may be empty where the figure has one panel.
    pub title: String,
    /// What is drawn.
    pub content: Content,
}

/// What a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Layers between two axes.
    Plot {
        /// From left to right.
        x: Axis,
        /// From bottom to top.
        y: Axis,
        /// Later ones are drawn over earlier ones.
        layers: Vec<Layer>,
    },
    /// A table of counts, rows from top to bottom.
    Matrix {
        /// What the rows are.
        rows: String,
        /// What the columns are.
        columns: String,
        /// The names of rows and columns.
        names: Vec<String>,
        /// The counts, row by row.
        counts: Vec<Vec<u64>>,
    },
}

/// One direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it is, with its unit.
    pub title: String,
    /// What lies along it.
    pub scale: Scale,
}

/// What lies along an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// Numbers from one to another.
    Numbers(f64, f64),
    /// Named places, one unit each: the first from -0.5 to 0.5.
    Names(Vec<String>),
}

impl Axis {
    /// An axis of numbers.
    pub fn numbers(title: impl Into<String>, from: f64, to: f64) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        Self { title: title.into(), scale: Scale::Numbers(from, to) }
    }

    /// An axis of names.
    pub fn names(title: impl Into<String>, names: Vec<String>) -> Self {
        Self { title: title.into(), scale: Scale::Names(names) }
    }

    /// Its ends.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        match &self.scale {
            Scale::Numbers(from, to) => (*from, *to),
            Scale::Names(names) => (-0.5, names.len().max(1) as f64 - 0.5),
        }
    }
}

/// Something drawn between the axes.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// A line through points.
    Line {
        /// The name in the legend; empty for none.
        name: String,
        /// The colour.
        ink: Ink,
        /// In dashes.
        dashed: bool,
        /// From left to right; points that are not numbers interrupt it.
        points: Vec<(f64, f64)>,
    },
    /// A dot at every point.
    Dots {
        /// The name in the legend.
        name: String,
        /// The colour.
        ink: Ink,
        /// Filled, or a ring.
        filled: bool,
        /// The points.
        points: Vec<(f64, f64)>,
    },
    /// Bars from zero.
    Bars {
        /// The name in the legend.
        name: String,
        /// The colour.
        ink: Ink,
        /// Left edge, right edge, height, what is written over it.
        bars: Vec<(f64, f64, f64, String)>,
    },
}

impl Layer {
    /// The name in the legend.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Line { name, .. } | Self::Dots { name, .. } | Self::Bars { name, .. } => name,
        }
    }
}
