//! The joints of the film with both grades, the model's distribution, and flags.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use svh_core::{MARKED_ABOVE, Origin};

use super::{
    current::{Current, Entry},
    layout::List,
};
use crate::tui::{draw, names, theme::Theme, totals::OPEN};

/// Where the list's columns begin, counted from its left edge.
struct Columns {
    reader: u16,
    model: u16,
    difference: u16,
    bars: u16,
    expected: u16,
    flags: u16,
}

impl Columns {
    /// `grades` is the number of grades of the scale, one cell each.
    const fn new(grades: u16) -> Self {
        let bars = 23;
        Self { reader: 14, model: 17, difference: 20, bars, expected: bars + grades + 1, flags: bars + grades + 5 }
    }
}

/// The first joint on the screen, so that the chosen one is seen, in the middle where there is a choice.
#[must_use]
pub fn first(chosen: usize, joints: usize, height: u16) -> usize {
    let height = usize::from(height);
    chosen.saturating_sub(height / 2).min(joints.saturating_sub(height))
}

/// Draws the heads; they name the task where two lists are shown.
pub fn heads(part: &List, current: &Current, theme: Theme, named: bool, buffer: &mut Buffer) {
    let most = current.joints(part.task).iter().map(|joint| joint.max_grade).max().unwrap_or(4);
    let columns = Columns::new(u16::from(most) + 1);
    let mut put = |x, text: &str, style| {
        draw::left(buffer, from(part.heads, x), text, style);
    };
    put(2, if named { part.task.name() } else { "joint" }, theme.muted());
    put(columns.reader, "R", theme.reader());
    put(columns.model, "M", theme.model());
    put(columns.difference, "±", theme.muted());
    put(columns.bars, &format!("0–{most}"), theme.muted());
    put(columns.expected, "exp", theme.muted());
}

/// Draws the joints; the chosen one stands out.
pub fn render(part: &List, current: &Current, theme: Theme, chosen: Option<usize>, buffer: &mut Buffer) {
    let (joints, area) = (current.joints(part.task), part.lines);
    let start = first(chosen.unwrap_or(0), joints.len(), area.height);
    for (index, joint) in joints.iter().enumerate().skip(start).take(usize::from(area.height)) {
        let line = draw::line(area, (index - start) as u16);
        joint_line(&current.entry(joint), theme, line, buffer);
        if chosen == Some(index) {
            buffer.set_style(line, theme.selection());
            draw::left(buffer, line, "▌", theme.selection());
        }
    }
}

const fn from(line: Rect, x: u16) -> Rect {
    Rect { x: line.x.saturating_add(x), y: line.y, width: line.width.saturating_sub(x), height: line.height }
}

fn joint_line(entry: &Entry, theme: Theme, line: Rect, buffer: &mut Buffer) {
    let columns = Columns::new(u16::from(entry.joint.max_grade) + 1);
    let boxed = entry.drawn.is_some() || entry.found.is_some();
    let mut put = |x, text: &str, style: Style| {
        draw::left(buffer, from(line, x), text, style);
    };
    put(2, &names::short(entry.joint), if boxed { theme.text() } else { theme.muted() });
    let grade = |grade: Option<u8>| grade.map_or_else(|| " ·".to_owned(), |grade| format!("{grade:2}"));
    put(columns.reader - 1, &grade(entry.grade), if entry.grade.is_some() { theme.reader() } else { theme.muted() });
    match (entry.score, entry.open) {
        (None, Some(_)) => put(columns.model - 1, &format!(" {OPEN}"), theme.doubt()),
        (score, _) => {
            put(columns.model - 1, &grade(score.map(|score| score.grade)), if score.is_some() { theme.model() } else { theme.muted() });
        }
    }
    match entry.difference() {
        Some(0) | None => {}
        Some(difference) => put(columns.difference - 1, &format!("{difference:+}").replace('-', "−"), theme.title()),
    }
    if let Some((shares, expected)) = entry.distribution() {
        for (index, share) in shares.iter().enumerate() {
            let chosen = entry.score.is_some_and(|score| index == usize::from(score.grade));
            let style = if chosen { theme.model().patch(theme.title()) } else { theme.muted() };
            put(columns.bars + index as u16, &draw::column(*share).to_string(), style);
        }
        put(columns.expected, &format!("{expected:.1}"), theme.muted());
    }
    put(columns.flags, &flags(entry), theme.doubt());
}

/// `~` for a box that the shape model placed, `?` for one that it finds unlikely, `p` for an unreviewed proposal of the label file, `u` for a
/// joint that looks unfamiliar.
fn flags(entry: &Entry) -> String {
    let found = entry.found.map(|found| (found.from == Origin::Inferred, found.implausible.is_some()));
    let (inferred, implausible) = entry.proposed.map(|proposal| (proposal.inferred, proposal.implausible)).or(found).unwrap_or_default();
    let unfamiliar = entry.unfamiliarity().is_some_and(|value| value > MARKED_ABOVE);
    let flags = [(entry.proposed.is_some(), 'p'), (inferred, '~'), (implausible, '?'), (unfamiliar, 'u')];
    flags.into_iter().filter_map(|(set, flag)| set.then_some(flag)).collect()
}
