//! Boxes as they are compared: of the classes of one task, or of anyone's COCO categories.

use svh_core::{BBox, Joint};

/// A box in pixels as COCO has it, corner and size, in the precision in which COCO's tools compare boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl From<[f64; 4]> for Rect {
    fn from([x, y, width, height]: [f64; 4]) -> Self {
        Self { x, y, width, height }
    }
}

impl From<Rect> for [f64; 4] {
    fn from(rect: Rect) -> Self {
        [rect.x, rect.y, rect.width, rect.height]
    }
}

impl From<BBox> for Rect {
    /// Exact: differences of single-precision numbers of like size fit into double precision.
    fn from(b: BBox) -> Self {
        let [x0, y0, x1, y1] = <[f32; 4]>::from(b).map(f64::from);
        Self { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }
    }
}

impl From<Rect> for BBox {
    fn from(r: Rect) -> Self {
        Self { x0: r.x as f32, y0: r.y as f32, x1: (r.x + r.width) as f32, y1: (r.y + r.height) as f32 }
    }
}

impl Rect {
    /// Area in square pixels; 0 for an inverted box.
    #[must_use]
    pub fn area(&self) -> f64 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// The area that two boxes share.
    #[must_use]
    pub fn shared(&self, other: &Self) -> f64 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        width.max(0.0) * height.max(0.0)
    }

    /// Intersection over union, 0 to 1.
    #[must_use]
    pub fn iou(&self, other: &Self) -> f64 {
        let both = self.shared(other);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

/// A class of boxes.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its number in files.
    pub id: u64,
    /// Its name in files.
    pub name: String,
    /// The joint that the name stands for, where it is one.
    pub joint: Option<&'static Joint>,
}

/// A box that is true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceBox {
    /// The film's place in its list.
    pub film: u32,
    /// The class's place in [`Sample::classes`].
    pub class: u16,
    /// Where.
    pub rect: Rect,
    /// Its area for COCO's small, medium and large, in square pixels: that of the file, or the box's.
    pub area: f64,
    /// A crowd region of COCO: boxes in it are neither right nor wrong, and it cannot be missed.
    pub crowd: bool,
}

/// A box that a detector found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundBox {
    /// The film's place in its list.
    pub film: u32,
    /// The class's place in [`Sample::classes`].
    pub class: u16,
    /// Where.
    pub rect: Rect,
    /// 0 to 1.
    pub score: f64,
    /// Whether something speaks against it (see [`svh_core::box_selection`]): it is kept only where nothing else of its class is.
    pub doubtful: bool,
    /// Whether the best-box rule may choose it.
    pub eligible: bool,
}

/// True and found boxes of some films, for one task or one COCO file.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The classes.
    pub classes: Vec<Class>,
    /// How many films there are.
    pub films: usize,
    /// The reference.
    pub reference: Vec<ReferenceBox>,
    /// What was found; equal scores rank in this order.
    pub found: Vec<FoundBox>,
}
