//! Where on a film a joint may lie that nobody has labelled.
//!
//! The proposals of a detector of both tasks learn that what carries no box is background. On a film that was labelled for one task alone, the joints of the other
//! carry none either, and must not be learned as background.

use svh_core::BBox;

/// Where background cannot be told from a joint.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Unknown {
    /// Nowhere: the film was labelled for every task.
    #[default]
    Nowhere,
    /// In these regions, each around a joint.
    Within(Vec<BBox>),
    /// Anywhere: it cannot be told where the joints are.
    Anywhere,
}

impl Unknown {
    /// Whether an anchor without a label may be a joint all the same: it is not learned from then.
    #[must_use]
    pub(crate) fn covers(&self, anchor: &BBox) -> bool {
        let (x, y) = anchor.centre();
        match self {
            Self::Nowhere => false,
            Self::Within(regions) => regions.iter().any(|r| (r.x0..=r.x1).contains(&x) && (r.y0..=r.y1).contains(&y)),
            Self::Anywhere => true,
        }
    }
}
