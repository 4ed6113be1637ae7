//! Anchors: the boxes that proposals start from, a fixed set of shapes at every place of every level.

use svh_core::BBox;

use super::sizes::Sizes;

/// Anchors of one level, in the order y, x, shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Level {
    shapes: Vec<BBox>,
    rows: i64,
    columns: i64,
    stride: [i64; 2],
}

/// Anchors of all levels of a batch; all films of a batch share them because they share the padded size.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchors {
    levels: Vec<Level>,
}

impl Anchors {
    /// For feature maps of these sizes (rows, columns) over a padded input (height, width). Strides are whole: input / map, rounded down.
    #[must_use]
    pub fn new(sizes: &Sizes, maps: &[[i64; 2]], padded: [i64; 2]) -> Self {
        let level = |(size, map): (&f32, &[i64; 2])| Level {
            shapes: cell(*size, &sizes.anchor_ratios),
            rows: map[0],
            columns: map[1],
            stride: [padded[0] / map[0].max(1), padded[1] / map[1].max(1)],
        };
        Self { levels: sizes.anchor_sizes.iter().zip(maps).map(level).collect() }
    }

    /// How many anchors each level has.
    #[must_use]
    pub fn counts(&self) -> Vec<usize> {
        self.levels.iter().map(Level::len).collect()
    }

    /// One level.
    #[must_use]
    pub(crate) fn level(&self, index: usize) -> &Level {
        &self.levels[index]
    }

    /// All anchors, level after level.
    #[must_use]
    pub fn all(&self) -> Vec<BBox> {
        self.levels.iter().flat_map(|level| (0..level.len()).map(|index| level.at(index))).collect()
    }
}

impl Level {
    fn len(&self) -> usize {
        usize::try_from(self.rows * self.columns).unwrap_or(0) * self.shapes.len()
    }

    /// The anchor with this number.
    #[must_use]
    pub fn at(&self, index: usize) -> BBox {
        let (place, shape) = (index / self.shapes.len(), self.shapes[index % self.shapes.len()]);
        let columns = self.columns as usize;
        let x = (place % columns) as f32 * self.stride[1] as f32;
        let y = (place / columns) as f32 * self.stride[0] as f32;
        BBox { x0: x + shape.x0, y0: y + shape.y0, x1: x + shape.x1, y1: y + shape.y1 }
    }
}

/// The shapes around the origin: w = size / sqrt(ratio), h = size * sqrt(ratio), half sizes rounded half to even.
fn cell(size: f32, ratios: &[f32]) -> Vec<BBox> {
    let shape = |ratio: &f32| {
        let root = ratio.sqrt();
        let (w, h) = ((1.0 / root * size / 2.0).round_ties_even(), (root * size / 2.0).round_ties_even());
        BBox { x0: -w, y0: -h, x1: w, y1: h }
    };
    ratios.iter().map(shape).collect()
}
