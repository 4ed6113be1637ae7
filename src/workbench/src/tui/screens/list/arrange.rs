//! How the list is filled, filtered and sorted.

use svh_core::Task;

use super::{
    columns::Column,
    entries::{is_graded, reader_grade, recount, tags},
    keys::ID,
    layout::settle,
};
use crate::{
    selection::{Item, Selection},
    tui::{action::Effect, message::Message, navigation, state::State as Whole, tag_filter, tagging},
};

/// Shows a list.
pub fn open(state: &mut Whole, selection: Selection) -> Vec<Effect> {
    if selection.items.is_empty() {
        state.message = Some(Message::info(format!("{}: nothing", selection.title)));
        return Vec::new();
    }
    state.list.selection = selection;
    state.list.marked.clear();
    state.list.filter.clear();
    state.list.pass = None;
    recount(state);
    state.list.table.sort = Column::Place;
    state.list.table.reversed = false;
    state.list.table.cursor = 0;
    arrange(state);
    navigation::go(state, ID)
}

/// Whether an entry passes the words of the filter: all must hold.
fn passes(state: &Whole, place: u32, words: &str) -> bool {
    let Some(item) = state.list.selection.items.get(place as usize) else { return false };
    words.split_whitespace().all(|word| {
        if let Some(tag) = tag_filter::filter_word(word) {
            return tag_filter::hold(&tags(state, item), tag);
        }
        let lower = word.to_lowercase();
        let joint = |of: &dyn Fn(&svh_core::Joint) -> bool| item.joint.is_some_and(of);
        match lower.as_str() {
            "marked" => state.list.marked.contains(&place),
            "reviewed" => is_graded(state, item),
            "unreviewed" => !is_graded(state, item),
            "narrowing" | "erosion" => joint(&|joint| joint.task.name() == lower),
            "lh" | "rh" | "lf" | "rf" => item.limb.code().to_lowercase() == lower,
            _ => {
                item.patient.to_lowercase().contains(&lower)
                    || joint(&|joint| joint.joint == lower)
                    || item.what.to_lowercase().contains(&lower)
            }
        }
    })
}

/// What may be typed into the filter.
pub const FILTER: &str = "tag:NAME, marked, reviewed, unreviewed, narrowing, LH, mcp_2, part of an id or of what is said";

/// Takes a filter that was typed.
///
/// # Errors
/// A name that no filter is kept under.
pub fn filter(state: &mut Whole, text: &str) -> Result<Vec<Effect>, String> {
    let (words, effects) = tagging::recalled(state, text)?;
    state.list.filter = words;
    arrange(state);
    Ok(effects)
}

/// Sorts again. The order in which entries came is that of the first column.
pub fn arrange(state: &mut Whole) {
    let items = &state.list.selection.items;
    let mut shown: Vec<u32> = (0..items.len() as u32).filter(|place| passes(state, *place, &state.list.filter)).collect();
    let grade = |grade: Option<u8>| grade.map(f32::from);
    let key = |column: Column, item: &Item| match column {
        Column::Reader => grade(reader_grade(state, item)),
        Column::Model => grade(item.model),
        Column::Score => item.score,
        Column::Iou => item.iou,
        Column::Joint => item.joint.map(|joint| joint.index() as f32),
        Column::Task => item.joint.map(|joint| f32::from(u8::from(joint.task == Task::Erosion))),
        Column::Place | Column::What => None,
    };
    let column = state.list.table.sort;
    shown.sort_by(|a, b| {
        let (one, other) = (&items[*a as usize], &items[*b as usize]);
        let order = match column {
            Column::Place => a.cmp(b),
            Column::What => one.what.cmp(&other.what),
            _ => key(column, one).unwrap_or(-1.0).total_cmp(&key(column, other).unwrap_or(-1.0)),
        };
        if state.list.table.reversed { order.reverse() } else { order }
    });
    state.list.table.shown = shown;
    settle(state);
}
