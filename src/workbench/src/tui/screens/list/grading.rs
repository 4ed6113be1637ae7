//! What is done to the entries of a list: marked, graded, accepted as they are shown, and taken back.

use svh_core::{
    BBox, Joint,
    review::{Before, Change, ReviewTarget},
};

use super::{
    arrange,
    entries::{is_graded, joint, reader_grade, recount},
    layout::{here, settle},
};
use crate::{
    selection::Item,
    tui::{
        action::{Action, Effect},
        bulk, format, names,
        prompt::{Prompt, Purpose, Typed},
        state::State as Whole,
    },
};

/// The entries that an action is about: the marked ones in their order, or the chosen one.
pub fn targets(state: &Whole) -> Vec<usize> {
    let list = &state.list;
    let marked: Vec<usize> = list.table.shown.iter().filter(|place| list.marked.contains(place)).map(|place| *place as usize).collect();
    if marked.is_empty() { list.table.chosen().into_iter().collect() } else { marked }
}

/// Marks the chosen entry or takes its mark away, and goes to the next.
pub fn mark(state: &mut Whole) {
    if let Some(place) = state.list.table.chosen().map(|place| place as u32) {
        if !state.list.marked.remove(&place) {
            state.list.marked.insert(place);
        }
        step_on(state);
    }
}

fn step_on(state: &mut Whole) {
    let last = state.list.table.shown.len().saturating_sub(1);
    state.list.table.cursor = (state.list.table.cursor + 1).min(last);
    settle(state);
}

/// Asks for a grade.
pub fn ask(state: &mut Whole) {
    state.prompt = Some(Prompt::new(Purpose::Grade, "", 0));
}

/// Something was typed into the line at the foot.
pub fn typed(state: &mut Whole, typed: &Typed) -> Vec<Effect> {
    let Some(mut prompt) = state.prompt.take() else { return Vec::new() };
    match typed {
        Typed::Cancel => return Vec::new(),
        Typed::Accept if prompt.purpose == Purpose::Filter => match arrange::filter(state, &prompt.text) {
            Ok(effects) => return effects,
            Err(reason) => state.prompt = Some(prompt.refused(reason)),
        },
        Typed::Accept => {
            let text = prompt.text.trim();
            let given = if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
            match given {
                Ok(given) => return grade(state, given),
                Err(_) => {
                    let reason = format!("`{text}` is not a grade");
                    state.prompt = Some(prompt.refused(reason));
                }
            }
        }
        _ => {
            prompt.edit(typed);
            state.prompt = Some(prompt);
        }
    }
    Vec::new()
}

/// The target of a change, and what was there before.
fn target(state: &Whole, item: &Item, joint: &'static Joint, bbox: Option<BBox>, size: Option<(u32, u32)>) -> (ReviewTarget, Before) {
    let path = state.catalogue().and_then(|catalogue| catalogue.cohort.film(catalogue.cohort.patient(&item.patient)?, item.limb));
    let film = path.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let before = Before { bbox, grade: reader_grade(state, item), saw: None };
    (ReviewTarget { patient: item.patient.clone(), film, joint, size }, before)
}

/// Grades the marked joints, or the chosen one, and goes to the next.
pub fn grade(state: &mut Whole, grade: Option<u8>) -> Vec<Effect> {
    let places = targets(state);
    let items = places.iter().filter_map(|place| state.list.selection.items.get(*place));
    let changes: Vec<_> = items
        .filter_map(|item| {
            let (target, before) = target(state, item, joint(item)?, item.reference, None);
            Some((target, Change::Grade { grade }, before))
        })
        .collect();
    if changes.is_empty() {
        return state.say("this entry has no joint to grade");
    }
    let too_high = changes.iter().find(|(target, ..)| grade.is_some_and(|grade| grade > target.joint.max_grade));
    if let Some((target, ..)) = too_high {
        let (name, most) = (names::short(target.joint), target.joint.max_grade);
        return state.say(format!("grade {} is out of range; {name} goes from 0 to {most}", grade.unwrap_or(0)));
    }
    let given = grade.map_or_else(|| "no grade".to_owned(), |grade| format!("grade {grade}"));
    let (effects, count) = done(state, changes);
    if state.message.is_none() {
        state.say(format!("{given}: {}", format::count_of(count, "joint", "joints")));
    }
    effects
}

/// Makes the changes; marks are gone, and the next entry is chosen.
fn done(state: &mut Whole, changes: Vec<(ReviewTarget, Change, Before)>) -> (Vec<Effect>, usize) {
    let many = !state.list.marked.is_empty();
    let (effects, count) = bulk::change_all(state, changes);
    state.list.marked.clear();
    recount(state);
    if !many {
        step_on(state);
    }
    (effects, count)
}

/// Accepts the marked crops, or all of the page, as they are shown, and goes to the next page.
pub fn accept(state: &mut Whole) -> Vec<Effect> {
    let (grid, cursor) = (here(state).grid, state.list.table.cursor);
    let page = if state.list.lines { usize::from(here(state).table.lines.height).max(1) } else { grid.count() };
    let first = if state.list.lines { state.list.table.offset } else { grid.first(cursor) };
    let (many, end) = (!state.list.marked.is_empty(), first + page);
    let places: Vec<usize> =
        if many { targets(state) } else { state.list.table.shown.iter().skip(first).take(page).map(|place| *place as usize).collect() };
    let changes: Vec<_> = places.iter().flat_map(|place| accepted(state, *place)).collect();
    let (boxes, grades) =
        changes.iter().fold(
            (0, 0),
            |(boxes, grades), (_, change, _)| {
                if matches!(change, Change::Accept { .. }) { (boxes + 1, grades) } else { (boxes, grades + 1) }
            },
        );
    let effects = bulk::change_all(state, changes).0;
    state.list.marked.clear();
    recount(state);
    let last = state.list.table.shown.len().saturating_sub(1);
    if !many {
        state.list.table.cursor = end.min(last);
        settle(state);
    }
    let mut text = match (grades, boxes) {
        (0, 0) => "nothing here waits to be accepted".to_owned(),
        (grades, 0) => format!("accepted {}", format::count_of(grades, "grade", "grades")),
        (0, boxes) => format!("accepted {}", format::count_of(boxes, "box", "boxes")),
        (grades, boxes) => {
            format!("accepted {} and {}", format::count_of(grades, "grade", "grades"), format::count_of(boxes, "box", "boxes"))
        }
    };
    if !many && end > last {
        text.push_str(if state.list.pass.is_some() {
            " · that was the last page; n is the next joint"
        } else {
            " · that was the last page"
        });
    }
    if state.message.is_none() {
        state.say(text);
    }
    effects
}

/// The changes that accepting an entry as it is shown comes to: the grade, and in a pass the box that a model proposed, unless a reader decided about them.
fn accepted(state: &Whole, place: usize) -> Vec<(ReviewTarget, Change, Before)> {
    let Some(item) = state.list.selection.items.get(place) else { return Vec::new() };
    let Some(joint) = joint(item) else { return Vec::new() };
    let mut changes = Vec::new();
    if let Some(grade) = item.reader.or(item.model).filter(|_| !is_graded(state, item)) {
        let (target, before) = target(state, item, joint, item.reference, None);
        changes.push((target, Change::Grade { grade: Some(grade) }, before));
    }
    let standing = state.list.pass.as_ref().and_then(|pass| pass.boxes.get(&place));
    if let Some((standing, bbox)) = standing.filter(|one| one.proposal.is_some()).and_then(|one| Some((one, one.bbox()?)))
        && !bulk::is_decided(state.session.reviews(), &item.patient, standing)
    {
        let (target, before) = target(state, item, standing.joint, standing.labelled, standing.size);
        changes.push((target, Change::Accept { bbox }, before));
    }
    changes
}

/// Takes back the latest change or bulk action, or brings it again.
pub fn take_back(state: &mut Whole, action: Action) -> Vec<Effect> {
    let again = action == Action::Redo;
    let Some((effects, of)) = bulk::take_back(state, again) else { return Vec::new() };
    recount(state);
    state.say(bulk::describe(&of, again, false));
    effects
}
