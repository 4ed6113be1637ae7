//! Where the parts of the reviews lie; shared by the view and by the mouse.

use ratatui::layout::Rect;

use crate::tui::screens::film;
use svh_terminal::Protocol;

/// The rectangles of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// What the picture may take; absent where pictures are off.
    pub picture: Option<Rect>,
    /// The list's name, how much is left, and its neighbours.
    pub head: Rect,
    /// The list's lines.
    pub lines: Rect,
    /// The joint at hand in words.
    pub detail: Rect,
}

/// Parts the window: the picture as on the film's screen, beside it the list over the joint.
#[must_use]
pub fn layout(size: (u16, u16), protocol: Protocol) -> Layout {
    let film::Layout { picture, panel } = film::layout(size, protocol);
    let head = Rect { height: panel.height.min(1), ..panel };
    let rest = panel.height - head.height;
    // The joint in words needs a dozen lines; the list takes what it can have beside that.
    let height = (rest * 2 / 5).max(rest.saturating_sub(26)).min(rest);
    let lines = Rect { y: head.bottom(), height, ..panel };
    let detail = Rect { y: lines.bottom(), height: rest - height, ..panel };
    Layout { picture, head, lines, detail }
}
