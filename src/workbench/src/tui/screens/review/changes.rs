//! What a reader can do to the joint at hand. Every change is in the state at once and on its way to the disk.

use svh_core::{
    BBox, Task,
    review::{Before, Change, Entry, ReviewTarget, queue::Reason},
};

use super::{
    at::{At, at},
    edit::Edit,
    line::List,
    navigation::{self, after_change, arrange, bring, change_list, show, step_on},
};
use crate::tui::{
    action::Effect,
    bulk,
    data::Catalogue,
    names,
    prompt::{Prompt, Purpose},
    state::State as Whole,
};

/// Changes the joint at hand; `None`, with the reason said, where the change cannot count.
fn change(state: &mut Whole, target: &ReviewTarget, before: Before, change: Change) -> Option<Vec<Effect>> {
    match state.session.change(target, change, before) {
        Ok(entry) => {
            let place = bulk::place(&entry, state.session.hides_visits());
            state.say(format!("{place}: {}", entry.change.describe()));
            Some(vec![Effect::Review(vec![entry])])
        }
        Err(refusal) => {
            state.say(refusal.to_string());
            None
        }
    }
}

/// Changes the joint at hand if an answer is not to be given first; the list follows.
fn does(state: &mut Whole, of_box: bool, what: impl FnOnce(&At) -> Result<Change, String>) -> Option<Vec<Effect>> {
    let before = at(state)?.before();
    does_after(state, of_box, before, what)
}

/// As [`does`], of a change that was begun earlier, when this was there.
fn does_after(state: &mut Whole, of_box: bool, before: Before, what: impl FnOnce(&At) -> Result<Change, String>) -> Option<Vec<Effect>> {
    let at = at(state)?;
    if at.hidden {
        state.say("the reader's labels are hidden: type a grade or draw a box, and lock the answer with ⏎");
        return None;
    }
    let target = at.target(of_box);
    let what = what(&at);
    match what {
        Ok(what) => {
            let effects = change(state, &target, before, what)?;
            after_change(state);
            Some(effects)
        }
        Err(reason) => {
            state.say(reason);
            None
        }
    }
}

/// Accepts what the line is about, and moves to the next; locks the answer where it is hidden.
pub(super) fn accept(state: &mut Whole) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    if at.hidden {
        return lock(state);
    }
    if state.review.list == List::Blind {
        return step_on(state);
    }
    let line = state.review.line().filter(|line| line.is_at(at.patient as u32, at.joint())).copied();
    let of_grade = line.and_then(|line| line.why).is_some_and(|why| !why.is_of_box() && !matches!(why, Reason::Flagged | Reason::Conflict));
    let before = state.review.lines.len();
    let done = if of_grade {
        does(state, false, |at| match at.entry.grade {
            Some(grade) => Ok(Change::Grade { grade: Some(grade) }),
            None => Err("there is no grade to confirm; a digit gives one".to_owned()),
        })
    } else {
        does(state, true, |at| {
            at.proposal().map(|bbox| Change::Accept { bbox }).ok_or_else(|| "there is no box to accept; b draws one".to_owned())
        })
    };
    match done {
        // The next line has moved up where this one is settled.
        Some(effects) if state.review.lines.len() < before => [effects, show(state)].concat(),
        Some(effects) => [effects, step_on(state)].concat(),
        None => Vec::new(),
    }
}

fn lock(state: &mut Whole) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    let (target, draft, key) = (at.target(false), at.draft, (at.patient, at.joint().index()));
    let locked = Change::Lock { bbox: draft.bbox, grade: draft.grade, order: Some(state.session.order) };
    let Some(effects) = change(state, &target, Before::default(), locked) else { return Vec::new() };
    state.review.drafts.remove(&key);
    after_change(state);
    state.say("locked; here are the others' answers — ⏎ goes to the next");
    effects
}

/// Gives a grade, or none.
pub(super) fn grade(state: &mut Whole, grade: Option<u8>) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    let (joint, key) = (at.joint(), (at.patient, at.joint().index()));
    if at.hidden {
        if let Some(grade) = grade.filter(|grade| *grade > joint.max_grade) {
            return state.say(format!("grade {grade} is out of range; {} goes from 0 to {}", names::short(joint), joint.max_grade));
        }
        state.review.drafts.entry(key).or_default().grade = grade;
        return Vec::new();
    }
    let (lines, followed) = (state.review.lines.len(), state.review.line().copied());
    let effects = does(state, false, |_| Ok(Change::Grade { grade })).unwrap_or_default();
    // Where the line was about the grade it is settled, and the next one is at hand.
    let settled = state.review.lines.len() < lines && followed.is_some_and(|line| line.why.is_some());
    if settled { [effects, show(state)].concat() } else { effects }
}

/// Takes the box in hand.
pub(super) fn take_in_hand(state: &mut Whole) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    let drawn = if at.hidden { at.draft.bbox } else { at.proposal() };
    let Some(bbox) = drawn else { return state.say("this joint has no box; b draws one") };
    if at.size().is_none() {
        return state.say("the film is still being read");
    }
    let new = at.hidden || at.entry.drawn.is_none();
    let (joint, before) = (at.joint(), at.before());
    state.review.opened = Some(before);
    state.review.edit = Some(Edit { joint, bbox, resize: false, new, grab: None });
    Vec::new()
}

/// Begins a box in the middle of what is seen, of the size that boxes of this film have.
pub(super) fn draw(state: &mut Whole) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    if !at.hidden && at.entry.drawn.is_some() {
        return state.say("this joint has a box already; m edits it");
    }
    let Some((width, height)) = at.size() else { return state.say("the film is still being read") };
    let side = usual_side(&at).unwrap_or(width.min(height) as f32 / 12.0).min(width.min(height) as f32);
    let view = state.film.view;
    let centre = (view.centre.0 * width as f32, view.centre.1 * height as f32);
    let middle = |at: f32, end: u32| at.clamp(side / 2.0, end as f32 - side / 2.0);
    let bbox = BBox::square((middle(centre.0, width), middle(centre.1, height)), side);
    let (joint, before) = (at.joint(), at.before());
    state.review.opened = Some(before);
    state.review.edit = Some(Edit { joint, bbox, resize: false, new: true, grab: None });
    Vec::new()
}

/// The side that half of the film's boxes have at least. The sizes of boxes say nothing of the answer, so hidden ones count.
fn usual_side(at: &At) -> Option<f32> {
    let joints = Task::ALL.into_iter().flat_map(|task| at.current.joints(task));
    let boxes = joints.filter_map(|joint| {
        let entry = at.current.entry(joint);
        entry.drawn.or(entry.found.map(|found| found.bbox))
    });
    let mut sides: Vec<f32> = boxes.map(|bbox| f32::midpoint(bbox.width(), bbox.height()).round()).collect();
    sides.sort_by(f32::total_cmp);
    sides.get(sides.len() / 2).copied()
}

/// Takes the box in hand as it is.
pub(super) fn take(state: &mut Whole) -> Vec<Effect> {
    let Some(edit) = state.review.edit.take() else { return Vec::new() };
    let Some(at) = at(state) else { return Vec::new() };
    if at.hidden {
        let key = (at.patient, at.joint().index());
        state.review.drafts.entry(key).or_default().bbox = Some(edit.bbox);
        return state.say("the box is yours; ⏎ locks the answer");
    }
    let bbox = edit.bbox;
    let (now, lines) = (at.before(), state.review.lines.len());
    let before = state.review.opened.take().unwrap_or_else(|| now.clone());
    let done = does_after(state, true, before, |_| Ok(if edit.new { Change::Draw { bbox } } else { Change::Move { bbox } }));
    if done.is_none() {
        // The box stays in hand: it may be the other reader's change that is wrong, and this one is applied over it the next time.
        state.review.edit = Some(edit);
        state.review.opened = Some(now);
    }
    let effects = done.unwrap_or_default();
    if state.review.lines.len() < lines { [effects, show(state)].concat() } else { effects }
}

/// Takes the box away.
pub(super) fn delete(state: &mut Whole) -> Vec<Effect> {
    if let Some(at) = at(state).filter(|at| at.hidden) {
        let key = (at.patient, at.joint().index());
        state.review.drafts.entry(key).or_default().bbox = None;
        return Vec::new();
    }
    let lines = state.review.lines.len();
    let deleted = does(state, true, |at| match (at.entry.drawn, at.entry.found) {
        // A proposal that is not a joint: there is none, and that is settled.
        (None, None) => Err("this joint has no box".to_owned()),
        _ => Ok(Change::Delete),
    });
    let effects = deleted.unwrap_or_default();
    if state.review.lines.len() < lines { [effects, show(state)].concat() } else { effects }
}

/// Asks which joint the box belongs to.
pub(super) fn ask_label(state: &mut Whole) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    if at.hidden || at.proposal().is_none() {
        return state.say("there is no box to give to another joint");
    }
    state.review.opened = Some(at.before());
    state.prompt = Some(Prompt::new(Purpose::Relabel, "", 0));
    Vec::new()
}

/// Gives the box to the joint that a text means; where that one has a box, the two are exchanged.
pub(super) fn relabel(state: &mut Whole, text: &str) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    let others: Vec<_> = at.current.joints(at.joint().task).iter().copied().filter(|joint| *joint != at.joint()).collect();
    let Some(to) = super::joint_search::matches(text, &others).first().copied().filter(|_| !text.trim().is_empty()) else {
        return state.say(format!("no other joint of this film is called `{text}`"));
    };
    let swapped = at.current.entry(to).drawn;
    let holder = svh_core::review::holder_of_box(to, at.current.erosion_file);
    let now = at.before();
    let before = state.review.opened.take().unwrap_or(now);
    let effects = does_after(state, true, before, |at| match at.proposal() {
        Some(bbox) => Ok(Change::Relabel { to: holder.label.clone(), bbox, swapped }),
        None => Err("there is no box to give to another joint".to_owned()),
    });
    let Some(effects) = effects else { return Vec::new() };
    [effects, show(state)].concat()
}

/// Begins or ends blind reading: a state of the whole session, which the log records.
pub(super) fn read_blindly(state: &mut Whole, on: bool) -> Vec<Effect> {
    let order = state.session.order;
    // A reader who is not to know the visits must not begin with the film that is open, whose visit is known.
    let opened = if on && order.hides_visit() { navigation::resume(state) } else { Vec::new() };
    let logged = at(state).map(|at| at.target(false)).and_then(|target| change(state, &target, Before::default(), Change::Blind { on }));
    if logged.is_none() {
        return state.say("no film is at hand; open one in the table of patients, then V and B");
    }
    state.session.blind = on;
    let effects = change_list(state, if on { List::Blind } else { List::Film });
    let what = if on {
        let place = navigation::place_in_order(state).map_or_else(String::new, |(at, of)| format!(", film {at} of {of}"));
        format!("blind ({}){place}; other screens are closed; B ends it", order.name())
    } else {
        "blind reading has ended; the log says so".to_owned()
    };
    state.say(what);
    [opened, logged.unwrap_or_default(), effects].concat()
}

/// Asks for a note, or for a grade.
pub(super) fn ask(state: &mut Whole, purpose: Purpose) -> Vec<Effect> {
    if at(state).is_some() {
        state.prompt = Some(Prompt::new(purpose, "", 0));
    }
    Vec::new()
}

/// Asks for a second look. Blind readers may, too: a note shows nothing.
pub(super) fn flag(state: &mut Whole, note: &str) -> Vec<Effect> {
    let Some(at) = at(state) else { return Vec::new() };
    let (target, before) = (at.target(false), if at.hidden { Before::default() } else { at.before() });
    let effects = change(state, &target, before, Change::Flag { note: note.trim().to_owned() }).unwrap_or_default();
    after_change(state);
    effects
}

/// Settles the flags of the joint.
pub(super) fn clear_flags(state: &mut Whole) -> Vec<Effect> {
    let flags: Vec<String> =
        at(state).and_then(|at| at.review).map(|review| review.flags.iter().map(|flag| flag.id.clone()).collect()).unwrap_or_default();
    if flags.is_empty() {
        return state.say("this joint has no flag");
    }
    let lines = state.review.lines.len();
    let effects = does(state, false, |_| Ok(Change::ClearFlag { flags })).unwrap_or_default();
    if state.review.lines.len() < lines { [effects, show(state)].concat() } else { effects }
}

/// A grade that was typed; nothing takes the grade away.
pub(super) fn typed_grade(state: &mut Whole, text: &str) -> Vec<Effect> {
    match text.trim() {
        "" => grade(state, None),
        text => match text.parse() {
            Ok(value) => grade(state, Some(value)),
            Err(_) => state.say(format!("`{text}` is not a grade")),
        },
    }
}

/// Takes back the latest change, or brings it again, and goes to where it was.
pub(super) fn undo(state: &mut Whole, again: bool) -> Vec<Effect> {
    let Some((written, of)) = bulk::take_back(state, again) else { return Vec::new() };
    arrange(state);
    let effects = of.first().map_or_else(Vec::new, |first| go_to(state, first));
    let hidden = state.session.hides_visits();
    state.say(bulk::describe(&of, again, hidden));
    [written, effects].concat()
}

/// Brings the joint of a line of reviews to hand.
fn go_to(state: &mut Whole, entry: &Entry) -> Vec<Effect> {
    let place = state.catalogue().and_then(|catalogue: &std::sync::Arc<Catalogue>| catalogue.cohort.position(&entry.patient));
    let (Some(patient), Some(joint)) = (place, entry.joint()) else { return Vec::new() };
    bring(state, patient, joint)
}
