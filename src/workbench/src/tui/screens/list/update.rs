//! How the list is filled, and how it answers to keys and to the mouse.

use crossterm::event::{MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use svh_analysis::{Evaluation, FoundRow, GradedJoint};
use svh_core::Task;

use super::{
    columns::Column,
    grading,
    keys::ID,
    pass::{self, Step},
    tiles,
};
use crate::{
    selection::{Item, Selection},
    tui::{
        action::{Action, Effect},
        draw,
        message::Message,
        navigation,
        prompt::{Prompt, Purpose},
        screens::film,
        sheet::{self, Grid},
        state::State as Whole,
        table::{self, Pressed},
        tagging, window,
    },
};

/// Where the parts of the screen lie.
pub struct Layout {
    /// What the list is.
    pub head: Rect,
    /// The lines.
    pub table: table::Layout<Column>,
    /// The crops.
    pub grid: Grid,
}

/// The layout for the entries at hand.
#[must_use]
pub fn here(state: &Whole) -> Layout {
    let body = window::body(state.room());
    let inner = Rect { x: body.x + 2, width: body.width.saturating_sub(3), ..body };
    let rest = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..inner };
    let count = state.list.table.shown.len();
    let grid = Grid::of(rest, state.painter.protocol(), state.capabilities.cell, count);
    Layout { head: draw::line(inner, 0), table: table::Layout::of(Rect { x: body.x, width: body.width, ..rest }), grid }
}

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
    grading::recount(state);
    state.list.table.sort = Column::Place;
    state.list.table.reversed = false;
    state.list.table.cursor = 0;
    arrange(state);
    navigation::go(state, ID)
}

/// Boxes of a detector as entries.
#[must_use]
pub fn of_found(evaluation: &Evaluation, rows: &[FoundRow]) -> Vec<Item> {
    let item = |row: &FoundRow| {
        let film = evaluation.films().get(row.film)?;
        let what = match (row.kind, row.reference, row.model) {
            (Some(kind), ..) => kind.to_string(),
            (None, Some(reference), Some(found)) if reference == found => "right".to_owned(),
            (None, Some(reference), Some(found)) => format!("{} called {}", reference.label, found.label),
            (None, None, Some(_)) => "on the background".to_owned(),
            (None, ..) => "missed".to_owned(),
        };
        Some(Item {
            joint: row.model.or(row.reference),
            what,
            reference: row.reference_box,
            found: row.model_box,
            score: row.model_box.map(|_| row.score),
            iou: row.reference_box.and(row.model_box).map(|_| row.iou),
            ..Item::film(evaluation.patients().get(film.patient)?, film.limb)
        })
    };
    rows.iter().filter_map(item).collect()
}

/// Errors of a detector as entries.
#[must_use]
pub fn of_errors(evaluation: &Evaluation, rows: &[svh_analysis::ErrorRow]) -> Vec<Item> {
    let item = |row: &svh_analysis::ErrorRow| {
        let film = evaluation.films().get(row.film)?;
        Some(Item {
            joint: row.joint(),
            what: row.effect.map_or_else(|| row.kind.to_string(), |effect| format!("{}, total {effect:+}", row.kind)),
            reference: row.reference_box,
            found: row.model_box,
            score: row.model_box.map(|_| row.score),
            iou: row.reference_box.and(row.model_box).map(|_| row.iou),
            ..Item::film(evaluation.patients().get(film.patient)?, film.limb)
        })
    };
    rows.iter().filter_map(item).collect()
}

/// Graded joints as entries.
#[must_use]
pub fn of_graded(evaluation: &Evaluation, rows: &[GradedJoint]) -> Vec<Item> {
    let item = |row: &GradedJoint| {
        let place = evaluation.place(row.patient, row.joint);
        let what = match (row.expected, row.confidence) {
            (Some(expected), Some(confidence)) => format!("expected {expected:.2}, confidence {confidence:.2}"),
            (Some(expected), None) => format!("expected {expected:.2}"),
            _ => String::new(),
        };
        Some(Item {
            joint: Some(row.joint),
            what,
            reference: place.reference,
            found: place.model,
            reader: row.reference,
            model: row.model,
            ..Item::film(evaluation.patients().get(row.patient)?, row.joint.limb)
        })
    };
    rows.iter().filter_map(item).collect()
}

/// The tags of an entry and of what it is part of.
#[must_use]
pub fn tags<'a>(state: &'a Whole, item: &Item) -> Vec<&'a str> {
    state.session.tags().of_place(&item.patient, item.limb, item.joint, item.found)
}

/// The entries that pass the filter, in the order shown, with their tags: what is written.
#[must_use]
pub fn tagged(state: &Whole) -> Selection {
    let list = &state.list;
    let filtered = !list.filter.is_empty();
    let places = (0..list.selection.items.len()).filter(|place| !filtered || list.table.shown.contains(&(*place as u32)));
    let items = places.map(|place| &list.selection.items[place]).map(|item| {
        let tags = tags(state, item).into_iter().map(str::to_owned).collect();
        Item { tags, ..item.clone() }
    });
    Selection { title: list.selection.title.clone(), items: items.collect() }
}

/// Whether an entry passes the words of the filter: all must hold.
fn passes(state: &Whole, place: u32, words: &str) -> bool {
    let Some(item) = state.list.selection.items.get(place as usize) else { return false };
    words.split_whitespace().all(|word| {
        if let Some(tag) = tagging::filter_word(word) {
            return tagging::hold(&tags(state, item), tag);
        }
        let lower = word.to_lowercase();
        let joint = |of: &dyn Fn(&svh_core::Joint) -> bool| item.joint.is_some_and(of);
        match lower.as_str() {
            "marked" => state.list.marked.contains(&place),
            "reviewed" => grading::is_graded(state, item),
            "unreviewed" => !grading::is_graded(state, item),
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

/// The chosen entry.
#[must_use]
pub fn chosen(state: &Whole) -> Option<&Item> {
    state.list.selection.items.get(state.list.table.chosen()?)
}

/// The patient of the chosen entry, by the place in the cohort.
#[must_use]
pub fn patient(state: &Whole) -> Option<usize> {
    state.catalogue()?.cohort.position(&chosen(state)?.patient)
}

/// Sorts again. The order in which entries came is that of the first column.
pub fn arrange(state: &mut Whole) {
    let items = &state.list.selection.items;
    let mut shown: Vec<u32> = (0..items.len() as u32).filter(|place| passes(state, *place, &state.list.filter)).collect();
    let grade = |grade: Option<u8>| grade.map(f32::from);
    let key = |column: Column, item: &Item| match column {
        Column::Reader => grade(grading::reader_grade(state, item)),
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

/// Keeps the cursor on the screen.
pub fn settle(state: &mut Whole) {
    let lines = here(state).table.lines;
    state.list.table.settle(lines);
}

/// A key.
pub fn act(state: &mut Whole, action: Action) -> Vec<Effect> {
    let layout = here(state);
    if sheet::look(state, action) {
        return Vec::new();
    }
    match action {
        Action::NextView | Action::PreviousView => state.list.lines = !state.list.lines,
        Action::Open => return open_film(state),
        Action::Mark => {
            grading::mark(state);
            return Vec::new();
        }
        Action::Grade(grade) => return grading::grade(state, Some(grade)),
        Action::TypeGrade => grading::ask(state),
        Action::Filter => {
            let hint = tagging::kept_hint(state, FILTER);
            state.prompt = Some(Prompt::new(Purpose::Filter, &state.list.filter, 0).hinting(hint));
        }
        Action::AcceptMany => return grading::accept(state),
        Action::Undo | Action::Redo => return grading::take_back(state, action),
        Action::NextItem => return pass::turn(state, Step::Next),
        Action::PreviousItem => return pass::turn(state, Step::Previous),
        Action::SwitchTask => return pass::turn(state, Step::Task),
        _ if sheet::look(state, action) => return Vec::new(),
        Action::Export if state.list.selection.items.is_empty() => {}
        Action::Export => state.prompt = Some(Prompt::new(Purpose::Export, "", 0)),
        Action::Left | Action::Right | Action::Up | Action::Down | Action::PageUp | Action::PageDown if !state.list.lines => {
            let (row, page) = (usize::from(layout.grid.columns), layout.grid.count());
            let last = state.list.table.shown.len().saturating_sub(1);
            let cursor = &mut state.list.table.cursor;
            *cursor = match action {
                Action::Left => cursor.saturating_sub(1),
                Action::Right => *cursor + 1,
                Action::Up => cursor.saturating_sub(row),
                Action::Down => *cursor + row,
                Action::PageUp => cursor.saturating_sub(page),
                _ => *cursor + page,
            }
            .min(last);
        }
        _ if state.list.table.act(action, layout.table.lines) => {}
        _ if state.list.table.sort_act(action, &layout.table) => arrange(state),
        _ => {}
    }
    settle(state);
    Vec::new()
}

/// The next entry or the one before, and its film.
pub fn step(state: &mut Whole, forward: bool) -> Vec<Effect> {
    let last = state.list.table.shown.len().saturating_sub(1);
    let cursor = state.list.table.cursor;
    let next = if forward { (cursor + 1).min(last) } else { cursor.saturating_sub(1) };
    if next == cursor {
        state.message = Some(Message::end_of_list(forward));
        return Vec::new();
    }
    state.list.table.cursor = next;
    settle(state);
    open_film(state)
}

fn open_film(state: &mut Whole) -> Vec<Effect> {
    let Some((item, patient)) = chosen(state).cloned().zip(patient(state)) else {
        if let Some(item) = chosen(state) {
            state.message = Some(Message::info(format!("the cohort has no patient {}", item.patient)));
        }
        return Vec::new();
    };
    // A box may claim a joint of another limb; the film is that of the box.
    let joint = item.joint.filter(|joint| joint.limb == item.limb);
    let task = item.joint.map_or(Task::Narrowing, |joint| joint.task);
    film::show(state, patient, item.limb, task, joint)
}

/// The mouse.
pub fn mouse(state: &mut Whole, mouse: MouseEvent) -> Vec<Effect> {
    let layout = here(state);
    let wheel = matches!(mouse.kind, MouseEventKind::ScrollDown | MouseEventKind::ScrollUp);
    if state.list.lines {
        if wheel {
            state.list.table.wheel(mouse.kind == MouseEventKind::ScrollDown, layout.table.lines);
        } else if matches!(mouse.kind, MouseEventKind::Down(_)) {
            match state.list.table.press(mouse, &layout.table) {
                Pressed::Order => arrange(state),
                Pressed::Again => return open_film(state),
                Pressed::Line | Pressed::Nothing => {}
            }
        }
        return Vec::new();
    }
    if wheel {
        return act(state, if mouse.kind == MouseEventKind::ScrollDown { Action::Down } else { Action::Up });
    }
    if matches!(mouse.kind, MouseEventKind::Down(_)) {
        let hit = layout.grid.at(mouse.column, mouse.row).map(|index| layout.grid.first(state.list.table.cursor) + index);
        match hit.filter(|place| *place < state.list.table.shown.len()) {
            Some(place) if place == state.list.table.cursor => return open_film(state),
            Some(place) => state.list.table.cursor = place,
            None => {}
        }
    }
    Vec::new()
}

/// Whether crops are wanted that have not been asked for.
#[must_use]
pub fn wants_rest(state: &Whole) -> bool {
    if state.list.lines || state.screen != ID || !state.is_uncovered() {
        return false;
    }
    let grid = here(state).grid;
    sheet::is_unasked(state, &tiles::page(state, &grid).0, &grid)
}

/// The keys rest: the crops on the screen are read.
pub fn rested(state: &mut Whole) -> Vec<Effect> {
    let grid = here(state).grid;
    let tiles = tiles::page(state, &grid).0;
    sheet::ask(state, &tiles, &grid)
}
