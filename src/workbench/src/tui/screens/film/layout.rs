//! Where the film screen's parts lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use svh_core::{Limb, Task};

use crate::tui::{names, window};
use svh_terminal::Protocol;

/// The panel is never narrower, so that a foot's eleven grades of erosion fit.
const PANEL: u16 = 37;
/// Nor wider: the picture has better use for the cells.
const PANEL_MOST: u16 = 58;

/// The rectangles of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// What the picture may take; absent where pictures are off.
    pub picture: Option<Rect>,
    /// Joints and totals.
    pub panel: Rect,
}

/// Parts the window.
#[must_use]
pub fn layout(size: (u16, u16), protocol: Protocol) -> Layout {
    let body = window::body(size);
    if protocol == Protocol::Off {
        return Layout { picture: None, panel: body };
    }
    // A hand stands upright: rows give the width that its picture needs, the panel may have the rest.
    let needed = body.height * 17 / 10;
    let panel = body.width.saturating_sub(needed + 1).clamp(PANEL, PANEL_MOST).min(body.width);
    let picture = Rect { width: body.width.saturating_sub(panel + 1), ..body };
    Layout { picture: Some(picture), panel: Rect { x: picture.right() + 1, width: panel, ..body } }
}

/// One list of joints with its head and its sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct List {
    /// Whose joints.
    pub task: Task,
    /// The heads.
    pub heads: Rect,
    /// The joints.
    pub lines: Rect,
    /// The sum.
    pub sum: Rect,
}

/// The panel's parts from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The films of the patient.
    pub limbs: Rect,
    /// The task, and whose boxes are shown.
    pub task: Rect,
    /// The list of the task at hand, or both where there is room.
    pub lists: Vec<List>,
    /// The chosen joint in words.
    pub detail: Rect,
    /// The totals of all limbs; empty if they do not fit.
    pub totals: Rect,
}

/// Lines of the totals of all limbs: a gap, heads, four limbs, all.
const TOTALS: u16 = 7;
/// Lines that the chosen joint in words takes at most, but for its distribution.
const DETAIL: u16 = 8;

/// Parts the panel for the lists of a limb; `chosen` is the task at hand.
#[must_use]
pub fn panel(area: Rect, limb: Option<Limb>, chosen: Task) -> Panel {
    let joints = |task: Task| limb.map_or(0, |limb| names::ordered(task, limb).len()) as u16;
    let both: u16 = Task::ALL.iter().map(|task| joints(*task) + 3).sum();
    let tasks: Vec<Task> = if area.height > 3 + both + TOTALS + DETAIL { Task::ALL.to_vec() } else { vec![chosen] };
    let mut y = area.y;
    let mut rows = |height: u16| {
        let height = height.min(area.bottom().saturating_sub(y));
        let rect = Rect { y, height, ..area };
        y += height;
        rect
    };
    let (limbs, task) = (rows(1), rows(1));
    let needed: u16 = tasks.iter().map(|task| joints(*task) + 2).sum();
    let mut left = area.height.saturating_sub(2 + needed);
    let gap = u16::from(left > 2);
    let mut lists = Vec::new();
    for task in &tasks {
        rows(gap);
        left = left.saturating_sub(gap);
        let heads = rows(1);
        // One line is for the sum, and a list that does not fit scrolls.
        let lines = rows(joints(*task).min(area.bottom().saturating_sub(heads.bottom() + 1)));
        lists.push(List { task: *task, heads, lines, sum: rows(1) });
    }
    let totals = if left > TOTALS + 5 { TOTALS } else { 0 };
    let detail = rows(left.saturating_sub(totals));
    Panel { limbs, task, lists, detail, totals: rows(totals) }
}
