//! How the list is filled, filtered and sorted.

use svh_core::Task;

use super::{
    columns::Column,
    entries::{is_graded, reader_grade, recount, tags},
    layout::{here, settle},
};
use crate::{
    selection::{Item, Selection},
    tui::{action::Effect, keys::screens::LIST, message::Message, navigation, state::State as Whole, table::Table, tag_filter, tagging},
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
    state.list.table = Table::new(Column::Place, false);
    arrange(state);
    navigation::go(state, LIST.id)
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
pub const FILTER: &str = "tag:NAME, marked, reviewed, unreviewed, narrowing, LH, mcp_2, part of an id or of the description";

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
    let lines = here(state).table.lines;
    let places: Vec<usize> = (0..items.len()).filter(|place| passes(state, *place as u32, &state.list.filter)).collect();
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
    let mut table = state.list.table.clone();
    table.arrange_by(places, lines, |column, a, b| match column {
        Column::Place => a.cmp(&b),
        Column::What => items[a].what.cmp(&items[b].what),
        _ => key(column, &items[a]).unwrap_or(-1.0).total_cmp(&key(column, &items[b]).unwrap_or(-1.0)),
    });
    state.list.table = table;
    settle(state);
}
