//! From the state to the picture that the frame wants.

use super::{layout::layout, marks::marks};
use crate::tui::{screens::film, state::State as Whole};
use svh_terminal::Plan;

/// The picture of the film at hand; `None` while it is being read, and where pictures are off.
#[must_use]
pub fn plan(state: &Whole) -> Option<Plan> {
    let current = film::current(state)?;
    let picture = current.picture()?;
    let area = layout(state.room(), state.painter.protocol()).picture?;
    Some(film::laid(state, picture, area, marks(state, &current)))
}

/// Pixels of the film from one row of cells to the next.
#[must_use]
pub fn down_a_cell(plan: &Plan) -> f32 {
    (plan.region[3] - plan.region[1]) / f32::from(plan.rect.height.max(1))
}
