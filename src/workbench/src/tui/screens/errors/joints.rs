//! False positives and missed joints by joint after the best-box rule: figures 8.5.1 (narrowing) and 8.5.2 (erosion) of the paper. Left limbs to the
//! left, right limbs to the right of the joints' names.

use ratatui::{buffer::Buffer, layout::Rect};
use svh_analysis::detection::{JointTally, Tally};
use svh_core::{Joint, Limb, Task};

use crate::tui::{draw, names, state::State as Whole, table, theme::Theme};

/// Both tasks stand beside each other from this width on.
const BOTH_FROM: u16 = 136;
/// Cells of a joint's name.
const NAME: u16 = 11;
/// Cells of a number beside a bar.
const NUMBER: u16 = 4;
/// Cells of the longest bar at most.
const BAR: u16 = 16;

/// A line: the same joint of both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Of the left limb.
    pub left: &'static Joint,
    /// Of the right limb.
    pub right: &'static Joint,
}

impl Pair {
    /// The one of them that is asked for.
    #[must_use]
    pub const fn side(&self, right: bool) -> &'static Joint {
        if right { self.right } else { self.left }
    }
}

/// The lines of a task, hands before feet.
#[must_use]
pub fn pairs(task: Task) -> Vec<Pair> {
    let of = |left: Limb, right: Limb| names::ordered(task, left).iter().zip(names::ordered(task, right));
    let all = of(Limb::LeftHand, Limb::RightHand).chain(of(Limb::LeftFoot, Limb::RightFoot));
    all.map(|(left, right)| Pair { left, right }).collect()
}

/// One block of the metric: a task's hands or feet.
#[derive(Clone, Copy, Debug)]
struct Block {
    task: Task,
    hands: bool,
    area: Rect,
}

/// Where the blocks lie: hands beside feet, both tasks where there is room, the chosen one's where there is not.
fn blocks(chosen: Task, area: Rect) -> Vec<Block> {
    let tasks: Vec<Task> = if area.width >= BOTH_FROM { Task::ALL.to_vec() } else { vec![chosen] };
    let each = area.width / (tasks.len() as u16 * 2);
    let halves = tasks.into_iter().flat_map(|task| [(task, true), (task, false)]);
    let place = |(index, (task, hands)): (usize, (Task, bool))| {
        let area = Rect { x: area.x + index as u16 * each, width: each.saturating_sub(2), ..area };
        Block { task, hands, area }
    };
    halves.enumerate().map(place).collect()
}

/// The lines of a block with their places among the task's lines.
fn lines(block: &Block) -> Vec<(usize, Pair)> {
    pairs(block.task).into_iter().enumerate().filter(|(_, pair)| pair.left.limb.is_hand() == block.hands).collect()
}

/// The joint at a cell of the screen: task, line and side.
#[must_use]
pub fn at(chosen: Task, area: Rect, column: u16, row: u16) -> Option<(Task, usize, bool)> {
    let block = blocks(chosen, area).into_iter().find(|block| block.area.contains((column, row).into()))?;
    let index = usize::from(row.checked_sub(block.area.y + HEAD)?);
    let (place, _) = *lines(&block).get(index)?;
    Some((block.task, place, column >= block.area.x + block.area.width / 2))
}

/// Lines above the joints of a block.
const HEAD: u16 = 3;

/// Draws the metric.
pub fn render(state: &Whole, area: Rect, buffer: &mut Buffer) {
    let tally = |joint: &Joint| state.active_run.tallies.get(joint.index()).map(|of: &JointTally| of.tally).unwrap_or_default();
    let most = state.active_run.tallies.iter().map(|of| of.tally.false_positives).max().unwrap_or(0).max(1);
    for block in blocks(state.errors.task, area) {
        heads(state, &block, &tally, buffer);
        let bar = ((block.area.width.saturating_sub(NAME + 2 * NUMBER + 8)) / 2).clamp(2, BAR);
        for (index, (place, pair)) in lines(&block).into_iter().enumerate() {
            let line = draw::line(block.area, HEAD + index as u16);
            if line.is_empty() {
                break;
            }
            let chosen = (state.errors.task == block.task && state.errors.joint.0 == place).then_some(state.errors.joint.1);
            row(state.theme, &pair, (tally(pair.left), tally(pair.right)), most, bar, chosen, line, buffer);
        }
    }
}

fn heads(state: &Whole, block: &Block, tally: &impl Fn(&Joint) -> Tally, buffer: &mut Buffer) {
    let theme = state.theme;
    let metric = if block.task == Task::Narrowing { "8.5.1" } else { "8.5.2" };
    let limb = if block.hands { "hands" } else { "feet" };
    let mut sum = Tally::default();
    lines(block).iter().flat_map(|(_, pair)| [pair.left, pair.right]).for_each(|joint| sum.merge(&tally(joint)));
    let title = format!("{}, {limb}", block.task.name());
    let used = draw::left(buffer, Rect { x: block.area.x + 1, ..draw::line(block.area, 0) }, &title, theme.title());
    if block.hands {
        let rest = Rect { x: block.area.x + 2 + used, width: block.area.width.saturating_sub(used + 2), ..draw::line(block.area, 0) };
        draw::left(buffer, rest, &format!("(paper: fig. {metric})"), theme.muted());
    }
    let totals = format!("{} false of {} boxes, {} missed", sum.false_positives, sum.kept, sum.missed);
    draw::left(buffer, Rect { x: block.area.x + 1, ..draw::line(block.area, 1) }, &totals, theme.muted());
    let line = draw::line(block.area, 2);
    let middle = line.x + line.width / 2;
    let (left, right) = if block.hands { ("left hand", "right hand") } else { ("left foot", "right foot") };
    draw::right(buffer, Rect { width: (middle - line.x).saturating_sub(NAME / 2 + 2), ..line }, left, theme.muted());
    draw::left(
        buffer,
        Rect { x: middle + NAME / 2 + 2, width: (line.width / 2).saturating_sub(NAME / 2 + 2), ..line },
        right,
        theme.muted(),
    );
}

#[allow(clippy::too_many_arguments)] // a line and its parts
fn row(theme: Theme, pair: &Pair, tallies: (Tally, Tally), most: u32, bar: u16, chosen: Option<bool>, line: Rect, buffer: &mut Buffer) {
    let middle = line.x + line.width / 2;
    let name = Rect { x: middle - NAME / 2, width: NAME, ..line };
    draw::centre(buffer, name, &names::short(pair.left), theme.text());
    let stroke = |tally: &Tally| draw::stroke(tally.false_positives as f32 / most as f32, usize::from(bar));
    let number = |tally: &Tally| if tally.false_positives > 0 { tally.false_positives.to_string() } else { "·".to_owned() };
    // Missed joints in brackets: no box of them counts, so they are in no bar.
    let missed = |tally: &Tally| if tally.missed > 0 { format!("({})", tally.missed) } else { String::new() };
    let of = |tally: &Tally| if tally.false_positives > 0 { theme.text() } else { theme.muted() };
    let (left, right) = tallies;
    let text = format!("{} {} ", missed(&left), number(&left));
    let end = Rect { x: line.x, width: name.x.saturating_sub(line.x + 1), ..line };
    let bars = stroke(&left).replace('╸', "╺").chars().rev().collect::<String>();
    draw::right(buffer, end, &bars, theme.model());
    draw::right(buffer, Rect { width: end.width.saturating_sub(bars.chars().count() as u16), ..end }, &text, of(&left));
    let start = Rect { x: name.right() + 1, width: line.right().saturating_sub(name.right() + 1), ..line };
    let bars = stroke(&right);
    draw::pieces(buffer, start, &[(&bars, theme.model()), (&format!(" {} {}", number(&right), missed(&right)), of(&right))]);
    match chosen {
        Some(true) => buffer.set_style(Rect { x: name.x, width: line.right().saturating_sub(name.x), ..line }, theme.selection()),
        Some(false) => table::select(Rect { width: name.right() + 1 - line.x, ..line }, theme, buffer),
        None => {}
    }
}
