//! What all tables share: columns that give way by rank in narrow windows, a cursor, an order. ratatui's `Table` shrinks columns and does not drop
//! them, and does not tell where they lie, which the mouse must know; the scroll bar is ratatui's.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    widgets::{Scrollbar, ScrollbarOrientation, ScrollbarState, StatefulWidget},
};

use super::{action::Action, choice::beside, draw, theme::Theme};

/// Lines that one step of the wheel moves.
pub const WHEEL: usize = 3;

/// Words are not shortened further than to this many cells.
const LEAST: u16 = 4;

/// How a column looks, and what becomes of it where the window is narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The head.
    pub head: &'static str,
    /// The name in the user's settings.
    pub name: &'static str,
    /// The least width in cells, without the gap before it.
    width: u16,
    /// Cells that it may take beyond that where there are some to spare.
    grows: u16,
    /// Cells between this column and the one before.
    gap: u16,
    /// Metrics stand at the right edge, words at the left.
    is_metric: bool,
    /// Columns of the highest rank give way first; those of rank 0 stay.
    rank: u8,
}

impl Spec {
    /// A column of words with this head and so many cells.
    #[must_use]
    pub const fn words(head: &'static str, width: u16) -> Self {
        Self { head, name: head, width, grows: 0, gap: 1, is_metric: false, rank: 0 }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn metric(head: &'static str, width: u16) -> Self {
        Self { is_metric: true, ..Self::words(head, width) }
    }

    /// The same with another name in the user's settings.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same taking so many spare cells.
    #[must_use]
    pub const fn grows(self, grows: u16) -> Self {
        Self { grows, ..self }
    }

    /// The same so many cells after the column before.
    #[must_use]
    pub const fn gap(self, gap: u16) -> Self {
        Self { gap, ..self }
    }

    /// The same giving way at this rank.
    #[must_use]
    pub const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// A column of a table.
pub trait Column: Copy + PartialEq + 'static {
    /// All columns from left to right.
    const ALL: &'static [(Self, Spec)];
    /// Lines can be sorted by a column that has no room, too.
    const SORTS_HIDDEN: bool = false;
    /// Metrics are sorted from the largest at first.
    const METRICS_FALL: bool = true;

    /// How it looks.
    #[must_use]
    fn spec(self) -> Spec {
        Self::ALL.iter().find(|(column, _)| *column == self).map_or(const { Spec::words("", 0) }, |(_, spec)| *spec)
    }

    /// All columns alone.
    #[must_use]
    fn all() -> Vec<Self> {
        Self::ALL.iter().map(|(column, _)| *column).collect()
    }
}

/// A column with its left edge, counted from the table's, and its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<C> {
    /// The column.
    pub column: C,
    /// Its left edge.
    pub left: u16,
    /// Its width.
    pub width: u16,
}

/// Where a table's parts lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout<C> {
    /// The line of heads.
    pub heads: Rect,
    /// The lines; the last column of cells is the scroll bar's.
    pub lines: Rect,
    /// The columns that fit.
    pub columns: Vec<Place<C>>,
}

impl<C: Column> Layout<C> {
    /// Parts an area into heads and lines, and chooses the columns that fit.
    #[must_use]
    pub fn of(area: Rect) -> Self {
        Self::of_columns(area, &C::all())
    }

    /// The same with some columns in an order of one's own.
    #[must_use]
    pub fn of_columns(area: Rect, chosen: &[C]) -> Self {
        let heads = draw::line(area, 0);
        let lines = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
        Self { heads, lines, columns: columns(area.width, chosen) }
    }

    /// The cells of a column in a line.
    #[must_use]
    pub fn cell(&self, place: &Place<C>, line: Rect) -> Rect {
        Rect { x: line.x + place.left, width: place.width, ..line }
    }

    /// The column whose head is at a cell of the screen.
    fn head_at(&self, mouse: MouseEvent) -> Option<C> {
        let inside = self.heads.contains((mouse.column, mouse.row).into());
        let x = mouse.column.saturating_sub(self.heads.x);
        let at = |place: &&Place<C>| (place.left.saturating_sub(1)..place.left + place.width).contains(&x);
        self.columns.iter().filter(|_| inside).find(at).map(|place| place.column)
    }
}

fn columns<C: Column>(width: u16, chosen: &[C]) -> Vec<Place<C>> {
    // Two cells for the pointer on the left, one for the scroll bar and one before it on the right.
    let room = width.saturating_sub(4);
    let needed = |kept: &[(C, Spec)]| -> u16 { kept.iter().map(|(_, spec)| spec.width + spec.gap).sum() };
    let mut kept: Vec<(C, Spec)> = chosen.iter().map(|column| (*column, column.spec())).collect();
    while needed(&kept) > room {
        let yielding = kept.iter().enumerate().rev().filter(|(_, (_, spec))| spec.rank > 0);
        let Some((place, _)) = yielding.max_by_key(|(_, (_, spec))| spec.rank) else { break };
        kept.remove(place);
    }
    let mut spare = room.saturating_sub(needed(&kept));
    // What never gives way may still be too wide: words are shortened, the widest first. A figure that is cut reads as another figure.
    for _ in room..needed(&kept) {
        let words = kept.iter_mut().filter(|(_, spec)| !spec.is_metric && spec.width > LEAST);
        let Some((_, widest)) = words.max_by_key(|(_, spec)| spec.width) else { break };
        widest.width -= 1;
    }
    let mut left = 2;
    kept.into_iter()
        .map(|(column, spec)| {
            let more = spec.grows.min(spare);
            spare -= more;
            let place = Place { column, left: left + spec.gap, width: spec.width + more };
            left = place.left + place.width;
            place
        })
        .collect()
}

/// Which lines are shown in which order, and where the cursor is.
#[derive(Clone, Debug)]
pub struct Table<C> {
    /// The places of the lines shown, in their order.
    pub shown: Vec<u32>,
    /// The chosen line.
    pub cursor: usize,
    /// The first line on the screen.
    pub offset: usize,
    /// The column that the lines are sorted by.
    pub sort: C,
    /// From the largest to the smallest.
    pub reversed: bool,
}

/// The lines behind a line of another table, and where the cursor is among them.
#[derive(Clone, Debug)]
pub struct Opened<C, R> {
    /// The place of the line that they belong to.
    pub of: usize,
    /// What the lines are about.
    pub rows: Vec<R>,
    /// Their order on the screen and the cursor.
    pub table: Table<C>,
}

impl<C: Column, R> Opened<C, R> {
    /// What the chosen line is about.
    #[must_use]
    pub fn chosen(&self) -> Option<&R> {
        self.rows.get(self.table.chosen()?)
    }
}

/// What a key or a press of the mouse on a table asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Nothing.
    Nothing,
    /// The order has changed.
    Order,
    /// Another line is chosen.
    Line,
    /// The chosen line is to be opened: its key, or a press on it once more.
    Open,
}

impl Pressed {
    /// Does what is asked for: sorts the lines again, or opens the chosen one.
    pub fn apply<S, E>(self, state: &mut S, arrange: impl FnOnce(&mut S), open: impl FnOnce(&mut S) -> Vec<E>) -> Vec<E> {
        match self {
            Self::Order => arrange(state),
            Self::Open => return open(state),
            Self::Line | Self::Nothing => {}
        }
        Vec::new()
    }
}

impl<C: Column> Table<C> {
    /// An empty table with this order.
    #[must_use]
    pub const fn new(sort: C, reversed: bool) -> Self {
        Self { shown: Vec::new(), cursor: 0, offset: 0, sort, reversed }
    }

    /// The place of the chosen line.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.shown.get(self.cursor).map(|place| *place as usize)
    }

    /// A key that means the same on every table: it moves the cursor, changes the order, or opens the chosen line.
    pub fn key(&mut self, action: Action, layout: &Layout<C>) -> Pressed {
        match action {
            Action::Open => return Pressed::Open,
            Action::NextItem | Action::PreviousItem => drop(self.step(action == Action::NextItem, layout.lines)),
            _ if self.act(action, layout.lines) => {}
            _ if self.sort_act(action, layout) => return Pressed::Order,
            _ => return Pressed::Nothing,
        }
        Pressed::Line
    }

    /// Moves the cursor by a line; false at the end of the list.
    pub fn step(&mut self, forward: bool, lines: Rect) -> bool {
        let before = self.cursor;
        self.act(if forward { Action::Down } else { Action::Up }, lines);
        self.cursor != before
    }

    /// Moves the cursor; false where the action is not a movement.
    pub fn act(&mut self, action: Action, lines: Rect) -> bool {
        let page = usize::from(lines.height.max(2) - 1);
        match action {
            Action::Up => self.cursor = self.cursor.saturating_sub(1),
            Action::Down => self.cursor += 1,
            Action::PageUp => self.cursor = self.cursor.saturating_sub(page),
            Action::PageDown => self.cursor += page,
            Action::Top => self.cursor = 0,
            Action::Bottom => self.cursor = self.shown.len(),
            _ => return false,
        }
        self.settle(lines);
        true
    }

    /// Changes the order; false where the action is about something else. The lines are to be sorted again then.
    pub fn sort_act(&mut self, action: Action, layout: &Layout<C>) -> bool {
        match action {
            Action::SortNext => self.sort_beside(true, layout),
            Action::SortPrevious => self.sort_beside(false, layout),
            Action::SortReverse => self.reversed = !self.reversed,
            _ => return false,
        }
        true
    }

    /// By the column beside, among those that are seen.
    fn sort_beside(&mut self, forward: bool, layout: &Layout<C>) {
        let seen = || layout.columns.iter().map(|place| place.column).collect();
        let columns: Vec<C> = if C::SORTS_HIDDEN { C::all() } else { seen() };
        if !columns.is_empty() {
            self.sort_by(beside(&columns, self.sort, forward));
        }
    }

    /// By this column; metrics from the largest, words from the first; the same column once more reverses the order.
    pub fn sort_by(&mut self, column: C) {
        self.reversed = if self.sort == column { !self.reversed } else { C::METRICS_FALL && column.spec().is_metric };
        self.sort = column;
    }

    /// Moves the cursor by the wheel.
    fn wheel(&mut self, down: bool, lines: Rect) {
        self.cursor = if down { self.cursor + WHEEL } else { self.cursor.saturating_sub(WHEEL) };
        self.settle(lines);
    }

    /// The mouse over the table: its wheel moves the cursor, a press chooses or sorts.
    pub fn mouse(&mut self, mouse: MouseEvent, layout: &Layout<C>) -> Pressed {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.wheel(true, layout.lines),
            MouseEventKind::ScrollUp => self.wheel(false, layout.lines),
            MouseEventKind::Down(_) => return self.press(mouse, layout),
            _ => {}
        }
        Pressed::Nothing
    }

    /// Shows these lines in the order of a value; lines without one come last in either direction.
    pub fn arrange(&mut self, places: impl IntoIterator<Item = usize>, lines: Rect, value: impl Fn(C, usize) -> Option<f64>) {
        let (column, reversed) = (self.sort, self.reversed);
        let mut found: Vec<_> = places.into_iter().map(|place| (value(column, place), place as u32)).collect();
        found.sort_by(|(a, _), (b, _)| match (a, b) {
            (Some(a), Some(b)) if reversed => b.total_cmp(a),
            (Some(a), Some(b)) => a.total_cmp(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        self.show(found.into_iter().map(|(_, place)| place).collect(), lines);
    }

    /// Shows these lines in the order of a comparison.
    pub fn arrange_by(&mut self, places: impl IntoIterator<Item = usize>, lines: Rect, compare: impl Fn(C, usize, usize) -> Ordering) {
        let (column, reversed) = (self.sort, self.reversed);
        let mut shown: Vec<u32> = places.into_iter().map(|place| place as u32).collect();
        shown.sort_by(|a, b| {
            let order = compare(column, *a as usize, *b as usize);
            if reversed { order.reverse() } else { order }
        });
        self.show(shown, lines);
    }

    /// Forgets the lines and the cursor, before others are shown.
    pub fn clear(&mut self) {
        self.shown.clear();
        self.cursor = 0;
    }

    /// The line of a place, where it is shown.
    #[must_use]
    pub fn line_of(&self, place: usize) -> Option<usize> {
        self.shown.iter().position(|shown| *shown as usize == place)
    }

    /// Chooses the line of a place, where it is shown.
    pub fn choose(&mut self, place: usize, lines: Rect) {
        self.cursor = self.line_of(place).unwrap_or(self.cursor);
        self.settle(lines);
    }

    /// The first line from one on, round the end, whose place is a hit.
    pub fn find(&self, start: usize, forward: bool, hit: impl Fn(usize) -> bool) -> Option<usize> {
        let count = self.shown.len();
        let line = |step: usize| if forward { (start + step) % count } else { (start + count - step) % count };
        (0..count).map(line).find(|line| hit(self.shown[*line] as usize))
    }

    /// The next hit after the chosen line, or the one before it.
    pub fn find_beside(&self, forward: bool, hit: impl Fn(usize) -> bool) -> Option<usize> {
        let count = self.shown.len().max(1);
        self.find((self.cursor + if forward { 1 } else { count - 1 }) % count, forward, hit)
    }

    /// A press of the mouse.
    fn press(&mut self, mouse: MouseEvent, layout: &Layout<C>) -> Pressed {
        if let Some(column) = layout.head_at(mouse) {
            self.sort_by(column);
            return Pressed::Order;
        }
        if !layout.lines.contains((mouse.column, mouse.row).into()) {
            return Pressed::Nothing;
        }
        let line = self.offset + usize::from(mouse.row - layout.lines.y);
        if line >= self.shown.len() {
            return Pressed::Nothing;
        }
        let again = line == self.cursor;
        self.cursor = line;
        if again { Pressed::Open } else { Pressed::Line }
    }

    /// Keeps the cursor on the screen.
    pub fn settle(&mut self, lines: Rect) {
        let height = usize::from(lines.height.max(1));
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
        self.offset = self.offset.min(self.cursor).max((self.cursor + 1).saturating_sub(height));
        self.offset = self.offset.min(self.shown.len().saturating_sub(height));
    }

    /// Shows other lines; what was chosen stays chosen where it is still shown.
    pub fn show(&mut self, shown: Vec<u32>, lines: Rect) {
        let chosen = self.chosen();
        self.shown = shown;
        self.cursor = chosen.and_then(|place| self.line_of(place)).unwrap_or(self.cursor);
        self.settle(lines);
    }

    /// Draws the heads, with an arrow at the column that the lines are sorted by.
    pub fn heads(&self, layout: &Layout<C>, theme: Theme, buffer: &mut Buffer) {
        for place in &layout.columns {
            let (rect, spec) = (layout.cell(place, layout.heads), place.column.spec());
            let sorted = self.sort == place.column;
            let style = if sorted { theme.title() } else { theme.muted() };
            aligned(spec, buffer, rect, spec.head, style);
            if sorted {
                let head = unicode_width::UnicodeWidthStr::width(spec.head) as u16;
                let start = if spec.is_metric { rect.right().saturating_sub(head) } else { rect.x };
                let arrow = if self.reversed { "▼" } else { "▲" };
                draw::left(buffer, Rect { x: start.saturating_sub(1), width: 1, ..rect }, arrow, style);
            }
        }
    }

    /// Draws the lines that are seen; `cell` gives the text of a column of the line at a place.
    pub fn lines(&self, layout: &Layout<C>, theme: Theme, buffer: &mut Buffer, cell: impl Fn(usize, C) -> (String, Style)) {
        self.draw(layout, theme, buffer, |place, column, rect, buffer| {
            let (text, style) = cell(place, column);
            aligned(column.spec(), buffer, rect, &text, style);
        });
    }

    /// Draws the lines that are seen; `cell` draws a column of the line at a place.
    pub fn draw(&self, layout: &Layout<C>, theme: Theme, buffer: &mut Buffer, cell: impl Fn(usize, C, Rect, &mut Buffer)) {
        for index in 0..layout.lines.height {
            let at = self.offset + usize::from(index);
            let Some(place) = self.shown.get(at) else { break };
            let line = draw::line(layout.lines, index);
            for column in &layout.columns {
                cell(*place as usize, column.column, layout.cell(column, line), buffer);
            }
            if at == self.cursor {
                select(line, theme, buffer);
            }
        }
        scrollbar(self.shown.len(), self.offset, layout.lines, theme, buffer);
    }
}

/// Draws a text where its column's texts stand.
pub fn aligned(spec: Spec, buffer: &mut Buffer, rect: Rect, text: &str, style: Style) {
    if spec.is_metric {
        draw::right(buffer, rect, text, style);
    } else {
        draw::left(buffer, rect, text, style);
    }
}

/// Marks a line as the chosen one.
pub fn select(line: Rect, theme: Theme, buffer: &mut Buffer) {
    buffer.set_style(Rect { width: line.width.saturating_sub(1), ..line }, theme.selection());
    draw::left(buffer, line, "▌", theme.selection());
}

/// Draws where in a long list one is, at the right edge.
pub fn scrollbar(count: usize, offset: usize, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    if count <= height || height == 0 {
        return;
    }
    let mut state = ScrollbarState::new(count - height + 1).position(offset).viewport_content_length(height);
    let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight).begin_symbol(None).end_symbol(None);
    bar.track_symbol(Some("│")).thumb_symbol("┃").style(theme.frame()).render(area, buffer, &mut state);
}
