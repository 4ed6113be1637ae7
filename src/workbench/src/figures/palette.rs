//! The colours of figures: those of Okabe and Ito, told apart by colour-blind readers and, as every layer also has a form of its own, in gray.

use plotters::style::RGBColor;

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The reader, or the reference.
    Reader,
    /// The model.
    Model,
    /// What is right.
    Right,
    /// What is wrong.
    Wrong,
    /// Guides: the diagonal, limits, what would be chance.
    Guide,
    /// One of many curves, by its place.
    Curve(usize),
}

/// Blue, vermilion, bluish green, orange, sky blue, reddish purple, black.
const CURVES: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(204, 121, 167),
    RGBColor(0, 0, 0),
];

impl Ink {
    /// The colour on white.
    #[must_use]
    pub const fn colour(self) -> RGBColor {
        match self {
            Self::Reader => CURVES[0],
            Self::Model | Self::Wrong => CURVES[1],
            Self::Right => CURVES[2],
            Self::Guide => RGBColor(110, 110, 110),
            Self::Curve(place) => CURVES[place % CURVES.len()],
        }
    }
}
