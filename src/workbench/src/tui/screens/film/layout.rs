//! Where the film screen's parts lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use crate::{pictures::Protocol, tui::frame};

/// The panel is never narrower, so that a foot's eleven grades of erosion fit.
const PANEL: u16 = 37;
/// Nor wider: the picture has better use for the cells.
const PANEL_MOST: u16 = 58;

/// The rectangles of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// What the picture may take; absent where pictures are off.
    pub picture: Option<Rect>,
    /// Joints and sums.
    pub panel: Rect,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16), protocol: Protocol) -> Layout {
    let body = frame::body(size);
    if protocol == Protocol::Off {
        return Layout { picture: None, panel: body };
    }
    // A hand stands upright: rows give the width that its picture needs, the panel may have the rest.
    let needed = body.height * 17 / 10;
    let panel = body.width.saturating_sub(needed + 1).clamp(PANEL, PANEL_MOST).min(body.width);
    let picture = Rect { width: body.width - panel - 1, ..body };
    Layout { picture: Some(picture), panel: Rect { x: picture.right() + 1, width: panel, ..body } }
}

/// The panel's parts from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Panel {
    /// The films of the patient.
    pub limbs: Rect,
    /// The task, and whose boxes are shown.
    pub task: Rect,
    /// The heads of the list.
    pub heads: Rect,
    /// The joints.
    pub list: Rect,
    /// The sum of the list.
    pub sum: Rect,
    /// The chosen joint in words.
    pub detail: Rect,
    /// The sums of all limbs; empty where there is no room.
    pub totals: Rect,
}

/// Lines of the sums of all limbs: a gap, heads, four limbs, all.
const TOTALS: u16 = 7;

/// Parts the panel for a list of this many joints.
#[must_use]
pub fn panel(area: Rect, joints: usize) -> Panel {
    let joints = u16::try_from(joints).unwrap_or(u16::MAX);
    let fixed = 4;
    let list = joints.min(area.height.saturating_sub(fixed)).max(1);
    let left = area.height.saturating_sub(fixed + list);
    let gap = u16::from(left > 2);
    let totals = if left > TOTALS + 5 { TOTALS } else { 0 };
    let mut y = area.y;
    let mut rows = |height: u16| {
        let height = height.min(area.bottom().saturating_sub(y));
        let rect = Rect { y, height, ..area };
        y += height;
        rect
    };
    let (limbs, task, _) = (rows(1), rows(1), rows(gap));
    let (heads, list, sum) = (rows(1), rows(list), rows(1));
    let detail = rows(left.saturating_sub(gap + totals));
    Panel { limbs, task, heads, list, sum, detail, totals: rows(totals) }
}
